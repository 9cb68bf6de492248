//! Values of the account that are not what their field holds are known to somebody before a map meets them.

use std::collections::{BTreeMap, BTreeSet};

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::predicate::Test;
use cutover_plan::model::{Content, Selection};

use crate::context::Context;
use crate::lower::maps::words::grouped;

/// What the inventory counted of a field: unreadable values, values, and what the field holds in words.
struct Counted {
    span: Span,
    unreadable: u64,
    present: u64,
    plural: String,
    holds: String,
}

/// Asks of each field that a row reads whether the inventory counted values in it that cannot be read. One field is one finding,
/// at the first row that reads it.
pub fn check(cx: &mut Context<'_>) {
    let mut found: BTreeMap<(&str, String), Counted> = BTreeMap::new();
    for map in &cx.maps.maps {
        for (kind, field, span) in &map.unreadable {
            let Some(profile) = field.profile else { continue };
            found.entry((kind.name, field.path())).or_insert_with(|| Counted {
                span: *span,
                unreadable: profile.unreadable,
                present: profile.present,
                plural: kind.plural.replace('_', " "),
                holds: kind.type_of(*field).required().to_string(),
            });
        }
    }
    let findings = found.into_iter().map(|((_, path), counted)| {
        let Counted { span, unreadable, present, plural, holds } = counted;
        let of = format!("of {} values of `{path}` in {plural}", grouped(present.max(unreadable)));
        Diagnostic::warning("types/unreadable", "a field has values that are not what it holds")
            .primary(span, format!("{} {of} cannot be read", grouped(unreadable)))
            .note(format!("`{path}` holds: {holds}"))
            .note("a record with such a value is rejected when the map runs, and waits in the list of rejects")
            .help(format!(
                "correct them in the old desk and take the inventory again, drop `{path}`, or say that they may wait: `allow \"types/unreadable\" because \"...\"`"
            ))
    });
    cx.draft.diagnostics.extend(findings);
    let parted = parted(cx);
    cx.draft.diagnostics.extend(parted);
}

/// A line of the scope or a wave that goes by such a field: of a record whose value cannot be read nobody knows where it belongs.
fn parted(cx: &Context<'_>) -> Vec<Diagnostic> {
    let Some(source) = cx.world.source() else { return Vec::new() };
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for (id, item) in &cx.draft.plan.items {
        let (kind, which, what) = match &item.content {
            Content::Scope(part) => (&part.kind, &part.which, "this line of the scope"),
            Content::Wave(wave) => (&wave.kind, &wave.which, "this wave"),
            _ => continue,
        };
        let Selection::Where(condition) = which else { continue };
        let Some((kind, at)) = source.kind(kind).zip(cx.draft.places.get(id).copied()) else { continue };
        condition.visit_atoms(&mut |atom| {
            let Some(field) = kind.field(&atom.field) else { return };
            let Some(profile) = field.profile.filter(|profile| profile.unreadable > 0) else { return };
            if matches!(atom.test, Test::Empty) || !told.insert((id, field.path())) {
                return;
            }
            let plural = kind.plural.replace('_', " ");
            let (unreadable, path) = (grouped(profile.unreadable), field.path());
            found.push(
                Diagnostic::warning("types/unreadable#parts", "records are parted by a field that cannot be read everywhere")
                    .primary(at, format!("{unreadable} {plural} have a value in `{path}` that cannot be read: nobody knows whether {what} holds them"))
                    .note(format!("`{path}` holds: {}", kind.type_of(field).required()))
                    .help(
                        "part them by another field, correct the values in the old desk and take the inventory again, or say who looks after them: \
                         `allow \"types/unreadable\" because \"...\"`",
                    ),
            );
        });
    }
    found
}
