//! What is known in two places: a value that two systems hold, a field that somebody reads outside.

use std::collections::BTreeSet;

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::map::{Row, Source};
use cutover_plan::model::{Content, Item};
use cutover_syntax::keywords::ItemKw;

use crate::context::Context;
use crate::lower::maps::facts::MapFact;
use crate::rules::safeguards::open;
use crate::world::KindView;

/// Checks what is known in two places.
pub fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for fact in cx.maps.maps.iter().filter(|fact| !fact.broken) {
        tables(cx, fact, &mut found);
    }
    changed(cx, &mut found);
    cx.draft.diagnostics.extend(found);
}

/// A value that is looked up in a table, while the old desk holds one of the same name.
fn tables(cx: &Context<'_>, fact: &MapFact<'_>, found: &mut Vec<Diagnostic>) {
    let Some(Content::Map(map)) = cx.draft.plan.items.get(&fact.id).map(|item| &item.content) else { return };
    for row in &map.rows {
        let table = row.from.iter().find_map(|from| match from {
            Source::Table(table, field) => Some((table, field)),
            _ => None,
        });
        let Some((table, field)) = table else { continue };
        let Some(at) = cx.draft.places.get(&row.id).copied() else { continue };
        let mut names: BTreeSet<&str> = row.to.iter().map(|to| last(to)).collect();
        names.insert(last(field));
        let truth = names.iter().find_map(|name| {
            let id = Id::new(["truth", name]);
            match cx.draft.plan.items.get(&id).map(|item| &item.content) {
                Some(Content::Truth(truth)) => Some((id, truth)),
                _ => None,
            }
        });
        match truth {
            // An integration may be right about what a table of another name holds: only the desk itself contradicts.
            Some((id, truth)) if truth.from == "source" => {
                let finding = Diagnostic::error(
                    "truth/other-system",
                    "a field is taken from a system that is not right about it",
                )
                .primary(at, format!("this takes it from `{table}`"))
                .help("map the field of the old desk, or say that the other system is right");
                found.push(match cx.draft.places.get(&id) {
                    Some(said) => finding.secondary(*said, "the old desk is right, says this"),
                    None => finding,
                });
            }
            Some(_) => {}
            None => {
                let Some(held) = held(fact.source, &names) else { continue };
                let name = last(field);
                found.push(
                    Diagnostic::error(
                        "truth/two-sources",
                        "two systems hold a field, and nobody says which one is right",
                    )
                    .primary(
                        at,
                        format!("`{table}` holds it, and so does `{held}` of each {}", fact.source.title()),
                    )
                    .help(format!(
                        "say who is right: `truth {name} from {table}`, or map the field of the old desk"
                    )),
                );
            }
        }
    }
}

/// The last word of a path: `tier` of `custom.tier`.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// A field of the kind with one of these names.
fn held(kind: &KindView<'_>, names: &BTreeSet<&str>) -> Option<String> {
    kind.fields().find(|field| names.contains(field.name)).map(|field| field.path())
}

/// Whoever reads a field learns that its values mean something else.
fn changed(cx: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let items = &cx.draft.plan.items;
    let looked = |item: &Item| matches!(&item.content, Content::Inspect(inspect) if inspect.of.iter().any(|of| of == "scorecards" || of == "reports"));
    if items.values().any(looked) || cx.of(ItemKw::Inspect).any(open) {
        return;
    }
    for (id, item) in items {
        let Content::Consumer(consumer) = &item.content else { continue };
        let changes = consumer.reads.iter().find_map(|path| {
            let (kind, field) = path.split_once('.')?;
            let maps = items.values().filter_map(|item| match &item.content {
                Content::Map(map) if map.source == kind => Some(map),
                _ => None,
            });
            let mut rows = maps.flat_map(|map| &map.rows);
            let reads =
                |row: &Row| row.from.iter().any(|from| matches!(from, Source::Field(path) if path == field));
            rows.find(|row| reads(row) && !row.loss.is_exact()).map(|row| (path, row))
        });
        let (Some((path, row)), Some(at)) = (changes, cx.draft.places.get(id).copied()) else { continue };
        let finding = Diagnostic::error("consumers/changed", "somebody reads a field whose values change, and nobody looks at what they see then")
            .primary(at, format!("this reads `{path}`"))
            .help("look at reports and score cards before the night: `inspect readers of reports, scorecards forbid \"...\" owner ... before window`, with the words that are gone");
        found.push(match cx.draft.places.get(&row.id) {
            Some(row) => finding.secondary(*row, "its values change here"),
            None => finding,
        });
    }
}
