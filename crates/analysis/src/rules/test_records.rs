//! Tests whose record the spec leaves out: a ticket that is not imported, a due date by a policy that does not apply.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::eval::{Truth, truth};
use cutover_ir::host::Host;
use cutover_ir::predicate::{Predicate, StatusClass};
use cutover_plan::model::{Content, MapTest, Selection, Verb};

use crate::context::Context;
use crate::world::KindView;

/// Compares the given records of each test with the lines that choose records.
pub fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let Content::Test(test) = &item.content else { continue };
        let Some(at) = cx.draft.places.get(id).copied() else { continue };
        found.extend(left_out(cx, test, at));
        found.extend(no_policy(cx, test, at));
    }
    cx.draft.diagnostics.extend(found);
}

/// The given record of a kind that no line imports.
fn left_out(cx: &Context<'_>, test: &MapTest, at: Span) -> Option<Diagnostic> {
    let source = cx.world.source().filter(|_| !test.rejected)?;
    test.given.keys().find_map(|name| {
        let kind = source.kind(name)?;
        let lines = cx.draft.plan.items.iter().filter_map(|(id, item)| match &item.content {
            Content::Scope(part) if part.kind == kind.name => Some((id, part)),
            _ => None,
        });
        let mut takes = None;
        let mut comes = false;
        for (id, part) in lines {
            let chosen = match &part.which {
                Selection::All => Some(true),
                Selection::Where(condition) | Selection::Rest(condition) => holds(test, kind, condition),
                Selection::Named(_) | Selection::RestNamed(_) => None,
            };
            match (part.verb, chosen) {
                (Verb::Import, Some(true) | None) => comes = true,
                (Verb::Archive | Verb::Retire | Verb::Recreate, Some(true)) => {
                    takes = cx.draft.places.get(id).copied()
                }
                _ => {}
            }
        }
        let other = takes.filter(|_| !comes)?;
        Some(
            Diagnostic::error("test/left-out", "a test tries a record that is not imported")
                .primary(
                    at,
                    format!(
                        "`scope` leaves such a {} out, so no map ever sees it",
                        kind.title().to_lowercase()
                    ),
                )
                .secondary(other, "it is chosen here")
                .help("give a record that is imported, or expect it to be `rejected`"),
        )
    })
}

/// A due date that no policy promises to the given ticket.
fn no_policy(cx: &Context<'_>, test: &MapTest, at: Span) -> Option<Diagnostic> {
    let tickets = cx.world.source()?.tickets()?;
    test.due.iter().find_map(|due| {
        let mut excluded = None;
        for (id, item) in &cx.draft.plan.items {
            let Content::Sla(sla) = &item.content else { continue };
            if !sla.clocks.iter().any(|clock| clock.name == due.clock) {
                continue;
            }
            match sla.applies.as_ref().map(|applies| holds(test, tickets, applies)) {
                Some(Some(false)) => excluded = excluded.or(cx.draft.places.get(id).copied()),
                _ => return None,
            }
        }
        let finding = Diagnostic::error("test/no-promise", "a test expects a due date that nobody promises")
            .primary(at, format!("no policy with a clock `{}` applies to this ticket", due.clock));
        Some(match excluded {
            Some(policy) => finding
                .secondary(policy, "this one has the clock, and its `where` leaves the ticket out")
                .help("give the ticket what the policy asks for, or expect no due date"),
            None => finding.help("declare the clock in an `sla`, or expect no due date"),
        })
    })
}

/// Whether a condition holds of the given record. `None` when that depends on a field that the test does not give.
fn holds(test: &MapTest, kind: &KindView<'_>, condition: &Predicate) -> Option<bool> {
    let mut record = test.given.get(kind.name).cloned().unwrap_or_default();
    // What an outside table holds for the record stands under the table's name.
    for (table, fields) in test.given.iter().filter(|(table, _)| *table != kind.name) {
        for (field, value) in fields {
            record.entry(format!("{table}.{field}")).or_insert_with(|| value.clone());
        }
    }
    match truth(condition, kind.name, &record, true, &States(kind)) {
        Truth::Known(known) => Some(known),
        Truth::Unknown(_) => None,
    }
}

/// Knows which statuses are finished. What words mean depends on more than the record.
struct States<'a>(&'a KindView<'a>);

impl Host for States<'_> {
    fn status_class(&self, _kind: &str, status: &str) -> Option<StatusClass> {
        self.0.state(status).map(|state| state.class)
    }
}
