//! Something is said to be gone, and another line goes on with it.

use cutover_catalog::Part;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::map::Source;
use cutover_ir::{Id, Type};
use cutover_plan::model::{Content, Selection, Verb};

use crate::context::Context;

/// Parts of a desk by the words that trainings and inspections have for them.
const NAMED: &[(&str, Part)] = &[
    ("automations", Part::Automation),
    ("macros", Part::Macro),
    ("reports", Part::Report),
    ("views", Part::View),
];

/// Compares kinds that are left behind as a whole with what the rest of the spec says of them.
pub fn check(cx: &mut Context<'_>) {
    let Some(source) = cx.world.source() else { return };
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let Content::Scope(part) = &item.content else { continue };
        if part.verb != Verb::Retire || part.which != Selection::All {
            continue;
        }
        let (Some(kind), Some(at)) = (source.kind(&part.kind), cx.draft.places.get(id).copied()) else {
            continue;
        };
        // Another kind of the same part may come along: then nothing is gone.
        let others = cx.draft.plan.items.values().any(|item| match &item.content {
            Content::Scope(other) => {
                other.verb != Verb::Retire
                    && source.kind(&other.kind).is_some_and(|other| other.kind.part == kind.kind.part)
            }
            _ => false,
        });
        if others {
            continue;
        }
        let plural = kind.plural.replace('_', " ");
        if let Some((_, place)) = used(cx, kind.kind.part) {
            let finding = Diagnostic::error(
                "scope/retired-and-rebuilt",
                "something is left behind, and another line builds on it",
            );
            found.push(
                finding
                    .primary(at, format!("no {plural} any more"))
                    .secondary(place, "and here they go on")
                    .help("let them come along: `import`, or `recreate ... owner ...`; or take the other line out"),
            );
        }
    }
    cx.draft.diagnostics.extend(found);
}

/// The first item that goes on with a part of the desk.
fn used<'c>(cx: &'c Context<'_>, part: Part) -> Option<(&'c Id, Span)> {
    let word = NAMED.iter().find(|(_, named)| *named == part).map(|(word, _)| *word);
    let is = |list: &[String]| word.is_some_and(|word| list.iter().any(|said| said == word));
    let found = cx.draft.plan.items.iter().find(|(_, item)| match &item.content {
        Content::Inspect(inspect) => is(&inspect.of),
        Content::Train(train) => part == Part::Macro && is(&train.scenarios),
        Content::Check(check) => !check.generated && part == Part::Macro && check.area == "macros",
        _ => false,
    });
    let Some((id, _)) = found else { return carried(cx, part) };
    Some((id, cx.draft.places.get(id).copied()?))
}

/// The first row that carries values of tags or of fields of the account that are said to be gone.
fn carried<'c>(cx: &'c Context<'_>, part: Part) -> Option<(&'c Id, Span)> {
    if !matches!(part, Part::Tag | Part::CustomField) {
        return None;
    }
    let source = cx.world.source()?;
    cx.draft.plan.items.values().find_map(|item| {
        let Content::Map(map) = &item.content else { return None };
        let kind = source.kind(&map.source)?;
        let reads = |path: &str| match part {
            Part::CustomField => path.starts_with("custom."),
            _ => kind.field(path).is_some_and(|field| *kind.type_of(field).required() == Type::Tags),
        };
        let row = map
            .rows
            .iter()
            .find(|row| row.from.iter().any(|from| matches!(from, Source::Field(path) if reads(path))))?;
        Some((&row.id, cx.draft.places.get(&row.id).copied()?))
    })
}
