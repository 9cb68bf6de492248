//! Runs the tests of a spec whenever it is compiled: a plan whose own examples fail is not ready to be signed.

use cutover_analysis::Places;
use cutover_diagnostics::Diagnostic;
use cutover_plan::map_tests::{Verdict, run_tests};
use cutover_plan::model::{Content, Plan};

use crate::dues::{DueOutcome, DueVerdict};

/// Whether a plan has tests at all.
pub(crate) fn any(plan: &Plan) -> bool {
    plan.items.values().any(|item| matches!(item.content, Content::Test(_)))
}

/// The findings of the tests. The plan must have its schemas.
pub(crate) fn check(plan: &Plan, places: &Places) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for outcome in run_tests(plan) {
        let Some(span) = places.get(&outcome.id).copied() else { continue };
        match outcome.verdict {
            Verdict::Passed => {}
            Verdict::Failed(differences) => {
                let mut diagnostic = Diagnostic::error("test/failed", "a test of the spec fails")
                    .primary(span, "what it expects is not what the maps make")
                    .help("`cutover test` shows what came out; correct the test or the map");
                for difference in differences {
                    let field = if difference.field.is_empty() { "the record" } else { &difference.field };
                    diagnostic = diagnostic.note(format!("{field}, by `{}`", difference.map));
                }
                found.push(diagnostic);
            }
            Verdict::Needs(fields) => {
                let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
                found.push(
                    Diagnostic::error("test/open", "a test leaves open what it needs")
                        .primary(span, format!("what comes out depends on {}", fields.join(", ")))
                        .help(
                            "name a value for each in `given`: a field that is not named may hold anything",
                        ),
                );
            }
        }
    }
    found
}

/// The findings of the due times that tests expect.
pub(crate) fn check_dues(outcomes: &[DueOutcome], places: &Places) -> Vec<Diagnostic> {
    let found = outcomes.iter().filter_map(|outcome| {
        let span = places.get(&outcome.test).copied()?;
        let clock = outcome.clock.replace('_', " ");
        match &outcome.verdict {
            DueVerdict::Met => None,
            DueVerdict::Beyond(known) => Some(
                Diagnostic::warning(
                    "calendars/horizon#test",
                    "a test expects a due time behind the last day whose holidays are known",
                )
                .primary(span, format!("the {clock} is due then if no day behind {known} is a holiday"))
                .help("list the holidays until then, too, and move the horizon of the calendar; or expect an earlier due time"),
            ),
            DueVerdict::Missed(what) => Some(
                Diagnostic::error("test/failed#due", "a test of the spec fails")
                    .primary(span, format!("the {clock} is not due when it expects"))
                    .note(what.clone())
                    .help("correct the time behind `expect due`, what is given, or the clock of the policy"),
            ),
            DueVerdict::Needs(fields) => {
                let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
                Some(
                    Diagnostic::error("test/open#due", "a test leaves open what it needs")
                        .primary(span, format!("when the {clock} is due depends on {}", fields.join(", ")))
                        .help("name a value for each in `given`: it decides who is promised what, and from when"),
                )
            }
            DueVerdict::Untold(what) => Some(
                Diagnostic::error("test/open#message", "a test leaves open what it needs")
                    .primary(span, format!("when the {clock} is due depends on {what}"))
                    .note("the tickets of the old desk hold no such moment: it stands in their messages")
                    .help("expect the due time of a clock that begins with the ticket; `cutover sla preview` computes this one for each ticket"),
            ),
        }
    });
    found.collect()
}
