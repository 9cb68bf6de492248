//! Lineage: who reads a field that changes, where one text arrives twice, and reasons that promise what nothing in the spec does.

mod reasons;

use std::collections::BTreeMap;

use cutover_catalog::Part;
use cutover_catalog::kind::Required;
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::map::{Row, Source};
use cutover_plan::model::{Content, Verb};

use crate::Facts;
pub(crate) use reasons::promises_deletion;

pub(crate) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    consumers(facts, out);
    truths(facts, out);
    first_texts(facts, out);
    reasons::check(facts, out);
}

fn rows<'a>(facts: &Facts<'a>) -> impl Iterator<Item = (&'a str, &'a Row)> + use<'a> {
    facts
        .items()
        .filter_map(|(_, item)| match &item.content {
            Content::Map(map) => Some(map),
            _ => None,
        })
        .flat_map(|map| map.rows.iter().map(move |row| (map.source.as_str(), row)))
}

/// A field that something outside reads keeps its values, or somebody says what they mean from now on.
fn consumers(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let mut readers: BTreeMap<&str, Vec<&Id>> = BTreeMap::new();
    for (id, item) in facts.items() {
        if let Content::Consumer(consumer) = &item.content {
            for path in &consumer.reads {
                readers.entry(path).or_default().push(id);
            }
        }
    }
    if readers.is_empty() {
        return;
    }
    for (kind, row) in rows(facts) {
        // What is lost on the way is another finding, and has its reason.
        if row.pipe.is_empty() || row.meaning.is_some() || row.lossy.is_some() || !row.loss.is_exact() {
            continue;
        }
        let read = row.from.iter().find_map(|from| match from {
            Source::Field(path) => readers.get(format!("{kind}.{path}").as_str()).map(|ids| (path, ids)),
            _ => None,
        });
        let Some(((path, readers), place)) = read.zip(facts.place(&row.id)) else { continue };
        let diagnostic =
            Diagnostic::error("consumers/renamed", "a field that somebody outside reads gets other values")
                .primary(
                    place,
                    format!("`{path}` does not arrive as it was, and nobody says what it means now"),
                )
                .help("add `meaning \"...\"`, in words that whoever reads it will understand, and tell them");
        let at = readers.iter().filter_map(|reader| facts.place(reader));
        out.push(at.fold(diagnostic, |diagnostic, reader| diagnostic.secondary(reader, "this reads it")));
    }
}

/// What has one source of truth is not taken from another one.
fn truths(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    for (id, item) in facts.items() {
        let Content::Truth(truth) = &item.content else { continue };
        let Some(table) = facts.world.table(&truth.from) else { continue };
        let Some(name) = id.as_str().rsplit('/').next() else { continue };
        let other = rows(facts).find(|(_, row)| {
            let written = row.to.iter().any(|to| to.rsplit('.').next() == Some(name));
            written && row.from.iter().all(|from| matches!(from, Source::Field(_))) && !row.from.is_empty()
        });
        let Some(((_, row), truth_at)) = other.zip(facts.place(id)) else { continue };
        let Some(place) = facts.place(&row.id) else { continue };
        out.push(
            Diagnostic::error(
                "truth/other-source",
                "a value is taken from somewhere else than from its source of truth",
            )
            .primary(place, format!("`{name}` comes from the old desk here"))
            .secondary(truth_at, format!("`{}` is right about it", truth.from))
            .help(if table.kinds.iter().any(|kind| kind.field(name).is_some()) {
                format!("write `{}.{name} -> ...` with `when missing`, or change who is right", truth.from)
            } else {
                format!(
                    "`{0}` has no field `{name}`: write `truth {name} from source`, or take the inventory of `{0}` again when it has one by now",
                    truth.from
                )
            }),
        );
    }
}

/// Where the text of a ticket is its first comment, only one of the two is loaded.
fn first_texts(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some(source) = facts.world.source() else { return };
    let Some(kind) = source.tickets() else { return };
    let Some(comments) = source.kinds_of(Part::Comment).next() else { return };
    let imported = facts.items().find(|(_, item)| {
        matches!(&item.content, Content::Scope(part) if part.kind == comments.name && part.verb == Verb::Import)
    });
    let Some((line, _)) = imported else { return };
    // A catalog calls a field so when the product keeps the text there and among the comments: one text, seen at two places.
    let first = format!("{}.first", comments.name);
    let Some(target) = facts.world.target().and_then(|target| target.tickets()) else { return };
    let opens = |to: &String| {
        target.field(to).is_some_and(|field| field.field.canon.as_deref() == Some("description"))
    };
    for (of, row) in rows(facts) {
        // What a catalog pairs by itself is for whoever loads it to tell apart.
        let reads = !row.by_catalog
            && of == kind.name
            && row.from.iter().any(|from| matches!(from, Source::Field(path) if *path == first));
        if !reads || !row.to.iter().any(opens) {
            continue;
        }
        let Some(place) = facts.place(&row.id) else { continue };
        let required = row
            .to
            .iter()
            .filter(|to| opens(to))
            .find(|to| target.field(to).is_some_and(|field| field.field.required != Required::Never));
        let own = required.map_or(String::new(), |to| {
            format!(
                "; the new desk wants a first message: `\"Moved from the old desk\" -> {to} by text_to_html`"
            )
        });
        let diagnostic =
            Diagnostic::error("map/loaded-twice", "the first message of each ticket would arrive twice")
                .primary(place, format!("`{first}` is the first of the {}", comments.plural))
                .help(format!(
                    "load it once: `drop {first} because \"it is the first of the ticket's {}\"`{own}",
                    comments.plural
                ));
        out.push(match facts.place(line) {
            Some(line) => diagnostic.secondary(line, "which are imported too"),
            None => diagnostic,
        });
    }
}
