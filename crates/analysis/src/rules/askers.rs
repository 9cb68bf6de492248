//! Whoever asks comes with the ticket: people who are left behind by their age leave tickets of nobody.

use cutover_catalog::{Part, Shape};
use cutover_diagnostics::Diagnostic;
use cutover_ir::map::{Row, Source, WhenMissing};
use cutover_ir::predicate::Predicate;
use cutover_plan::model::{Content, Selection, Verb};

use crate::context::Context;
use crate::world::KindView;

/// Compares the parts of people that are left behind with the tickets that come.
pub fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for line in cx.decided.iter().filter(|line| matches!(line.verb, Verb::Retire | Verb::Archive)) {
        if line.kind.kind.part != Part::User {
            continue;
        }
        let Some(Content::Scope(part)) = cx.draft.plan.items.get(&line.id).map(|item| &item.content) else {
            continue;
        };
        let (Selection::Where(which) | Selection::Rest(which)) = &part.which else { continue };
        let Some(field) = aged(line.kind, which) else { continue };
        let Some((row, tickets)) = asker(cx, line.kind.name) else { continue };
        let finding = Diagnostic::warning(
            "references/askers-left-behind",
            "people are left behind, and tickets of theirs come along",
        )
        .primary(
            line.span,
            format!("whoever is old by `{field}` stays behind, with young tickets or without"),
        );
        let finding = match cx.draft.places.get(&row.id) {
            Some(at) => finding.secondary(*at, becomes(row)),
            None => finding,
        };
        found.push(
            finding
                .note("an answer to such a ticket reaches nobody, and the next mail of that customer comes from a stranger")
                .help(format!(
                    "import all who may have asked: `import {}  identified by ...`; part the {tickets} by age, and not the people",
                    line.kind.plural
                )),
        );
    }
    cx.draft.diagnostics.extend(found);
}

/// A time by which a condition parts people.
fn aged(kind: &KindView<'_>, which: &Predicate) -> Option<String> {
    let mut found = None;
    which.visit_atoms(&mut |atom| {
        let time = kind
            .field(&atom.field)
            .is_some_and(|view| matches!(view.field.ty.shape, Shape::Date | Shape::Instant));
        if time && found.is_none() {
            found = Some(atom.field.to_string());
        }
    });
    found
}

/// The row that says who asked, of a kind of ticket that comes and refers to these people; with the plural of its kind.
fn asker<'c>(cx: &'c Context<'_>, people: &str) -> Option<(&'c Row, &'c str)> {
    let source = cx.world.source()?;
    let tickets: Vec<&KindView<'_>> = source.kinds_of(Part::Ticket).collect();
    let asked = |kind: &KindView<'_>| {
        let (name, field) = kind.kind.by_canon("requester")?;
        field.ty.shape.references().iter().any(|to| **to == *people).then(|| name.to_owned())
    };
    let comes =
        |kind: &str| cx.decided.iter().any(|line| line.verb == Verb::Import && line.kind.name == kind);
    cx.draft.plan.items.values().find_map(|item| {
        let Content::Map(map) = &item.content else { return None };
        let kind = tickets.iter().find(|kind| *kind.name == *map.source && comes(kind.name))?;
        let field = asked(kind)?;
        let reads =
            |row: &&Row| row.from.iter().any(|from| matches!(from, Source::Field(path) if *path == field));
        Some((map.rows.iter().find(reads)?, source.kind(&map.source)?.plural.as_ref()))
    })
}

/// What becomes of a ticket whose asker is not there.
fn becomes(row: &Row) -> String {
    match &row.when_missing {
        Some(WhenMissing::Placeholder(name)) => format!("their tickets become those of “{name}”"),
        Some(WhenMissing::PlaceholderBy(_)) => "their tickets become those of a placeholder".to_owned(),
        Some(WhenMissing::Reject) => "their tickets are rejected".to_owned(),
        Some(WhenMissing::Empty) => "their tickets have nobody who asked".to_owned(),
        Some(WhenMissing::Constant(_)) | None => "their tickets refer to nobody".to_owned(),
    }
}
