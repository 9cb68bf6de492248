//! Values of the account that are not what their field holds are known to somebody before a map meets them.

use std::collections::BTreeMap;

use cutover_diagnostics::{Diagnostic, Span};

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
}
