//! What the inventory shows to be untidy has a line in `clean`: references that point at nothing, people who are there twice.

use cutover_catalog::Part;
use cutover_diagnostics::Diagnostic;
use cutover_ir::map::{Row, Source};
use cutover_plan::model::{CleanAction, CleanStep, Content, Verb};
use cutover_syntax::keywords::ItemKw;
use rustc_hash::FxHashSet;

use crate::context::Context;
use crate::lower::maps::words::grouped;
use crate::lower::scope::Decided;
use crate::rules::safeguards::open;
use crate::select;

/// Checks that what is untidy is tidied.
pub fn check(cx: &mut Context<'_>) {
    if cx.one(ItemKw::Clean).is_some_and(open) {
        return;
    }
    let mut found = Vec::new();
    let mut seen = FxHashSet::default();
    for line in cx.decided.iter().filter(|line| line.verb == Verb::Import && seen.insert(line.kind.name)) {
        orphans(cx, line, &mut found);
        duplicates(cx, line, &mut found);
    }
    cx.draft.diagnostics.extend(found);
}

fn steps<'c>(cx: &'c Context<'_>, kind: &'c str) -> impl Iterator<Item = &'c CleanStep> {
    let cleans = cx.draft.plan.items.values().filter_map(|item| match &item.content {
        Content::Clean(clean) => Some(&clean.steps),
        _ => None,
    });
    cleans.flatten().filter(move |step| step.kind == kind)
}

/// Whether some step of the cleaning decides about records for the sake of this field.
fn tidied(cx: &Context<'_>, kind: &str, field: &str) -> bool {
    steps(cx, kind).any(|step| {
        let decides = matches!(
            step.action,
            CleanAction::Reassign { .. }
                | CleanAction::Adopt { .. }
                | CleanAction::Drop
                | CleanAction::Keep { .. }
        );
        let asks = |scope| select::fields(scope).split(',').any(|asked| asked == field);
        decides && step.scope.as_ref().is_none_or(asks)
    })
}

/// The row that carries a field.
fn carried<'c>(cx: &'c Context<'_>, kind: &str, field: &str) -> Option<&'c Row> {
    let rows = cx.draft.plan.items.values().filter_map(|item| match &item.content {
        Content::Map(map) if map.source == kind => Some(&map.rows),
        _ => None,
    });
    let reads = |row: &&Row| row.from.iter().any(|from| matches!(from, Source::Field(path) if path == field));
    rows.flatten().find(reads)
}

/// References that point at nothing.
fn orphans(cx: &Context<'_>, line: &Decided<'_>, found: &mut Vec<Diagnostic>) {
    // Of tickets alone: what else refers to nothing goes over without the reference, and customers do not wait for it.
    let Some(profile) = line.kind.profile.filter(|_| line.kind.kind.part == Part::Ticket) else { return };
    for (field, count) in profile.orphans.iter().filter(|(_, count)| **count > 0) {
        let Some(row) = carried(cx, line.kind.name, field) else { continue };
        if row.by_catalog || row.when_missing.is_some() || tidied(cx, line.kind.name, field) {
            continue;
        }
        let Some(at) = cx.draft.places.get(&row.id).copied() else { continue };
        let what = line.kind.plural.replace('_', " ");
        found.push(
            Diagnostic::error("clean/orphans", "some records refer to something that is gone")
                .primary(at, format!("`{field}` of {} {what} points at nothing", grouped(*count)))
                .secondary(line.span, "they are imported")
                .help(format!(
                    "say who gets them: `adopt {} where {field} is empty as placeholder \"...\"` in `clean`, or `when missing empty` in the row",
                    line.kind.plural
                )),
        );
    }
}

/// People and companies that are there twice, and are told apart by what they share.
fn duplicates(cx: &Context<'_>, line: &Decided<'_>, found: &mut Vec<Diagnostic>) {
    if !matches!(line.kind.kind.part, Part::User | Part::Organization) {
        return;
    }
    let Some(profile) = line.kind.profile else { return };
    if steps(cx, line.kind.name).any(|step| matches!(step.action, CleanAction::Merge { .. })) {
        return;
    }
    let Some(Content::Scope(part)) = cx.draft.plan.items.get(&line.id).map(|item| &item.content) else {
        return;
    };
    let shared = profile.duplicates.iter().find(|(field, count)| {
        **count > 0 && (part.identified_by.is_empty() || part.identified_by.iter().any(|by| by == *field))
    });
    let Some((field, count)) = shared else { return };
    let what = line.kind.plural.replace('_', " ");
    found.push(
        Diagnostic::error("clean/duplicates", "some people or companies are there more than once")
            .primary(line.span, format!("{} {what} share their `{field}` with another one", grouped(*count)))
            .help(format!(
                "merge them on the way: `merge {} with same lower({field}) preferring newest ...` in `clean`",
                line.kind.plural
            )),
    );
}
