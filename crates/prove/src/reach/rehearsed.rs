//! No go-live before what goes live was tried: dashboards, clocks, rules, the way back.

use cutover_catalog::Part;
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Content, Operation, Rehearsal, TeamProfile, Verb};

use super::graph::Graph;
use crate::Facts;

/// Something that goes live, and the word by which a rehearsal tries it.
struct Tried {
    word: &'static str,
    /// Whether this migration has it; the id of what shows that.
    asked: fn(&Facts<'_>) -> Option<Id>,
    why: &'static str,
}

const TRIED: &[Tried] = &[
    Tried {
        word: "automations",
        asked: |facts| decided(facts, Part::Automation, Verb::Recreate),
        why: "rules that were built anew act on the first customer",
    },
    Tried {
        word: "due_times",
        asked: |facts| {
            let mut items = facts.items();
            items.find(|(_, item)| matches!(item.content, Content::Sla(_))).map(|(id, _)| id.clone())
        },
        why: "a clock that counts wrongly breaks promises from the first hour on",
    },
    Tried {
        word: "escalations",
        asked: |facts| {
            let mut items = facts.items();
            items.find(|(_, item)| matches!(item.content, Content::Escalation(_))).map(|(id, _)| id.clone())
        },
        why: "somebody hears of a promise in danger, or nobody does",
    },
    Tried {
        word: "notifications",
        asked: |_| Some(Id::new(["go_live"])),
        why: "the first mail of the new desk goes to a customer",
    },
    Tried {
        word: "reports",
        asked: |facts| {
            let judged = facts.items().any(|(_, item)| match &item.content {
                Content::Waiver(waiver) => waiver.area == "reporting",
                Content::Check(check) => check.area == "reporting",
                _ => false,
            });
            (!judged).then(|| Id::new(["go_live"]))
        },
        why: "dashboards that nobody looked at are believed in the morning",
    },
    Tried {
        word: "reversal",
        asked: |_| Some(Id::new(["rollback"])),
        why: "a way back that was never walked is none",
    },
    Tried {
        word: "routing",
        asked: |facts| {
            decided(facts, Part::Group, Verb::Import)
                .or_else(|| decided(facts, Part::Group, Verb::Recreate))
                .or_else(|| decided(facts, Part::Queue, Verb::Recreate))
        },
        why: "a ticket in the wrong queue waits until somebody stumbles over it",
    },
];

/// The first line that decides so about objects of a part of the desk; what is built switched off acts on nobody yet.
fn decided(facts: &Facts<'_>, part: Part, verb: Verb) -> Option<Id> {
    let source = facts.world.source()?;
    let found = facts.items().find(|(_, item)| match &item.content {
        Content::Scope(line) => {
            line.verb == verb
                && line.as_what.as_deref() != Some("off")
                && source.kind(&line.kind).is_some_and(|kind| kind.kind.part == part)
        }
        _ => false,
    });
    found.map(|(id, _)| id.clone())
}

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let id = Id::new(["rehearsal"]);
    let Some(Content::Rehearsal(rehearsal)) = facts.content(&id) else { return };
    // Of a full team more is asked, by the rules about its rehearsal.
    if facts.plan.migration.team == TeamProfile::Full {
        return;
    }
    // A rehearsal whose line about it could not be read tries nothing, and that is reported.
    if rehearsal.run.is_empty() {
        return;
    }
    let missing = TRIED.iter().filter(|tried| !runs(rehearsal, tried.word));
    let missing: Vec<(&Tried, Id)> =
        missing.filter_map(|tried| Some((tried, (tried.asked)(facts)?))).collect();
    if !missing.is_empty() {
        out.extend(report(facts, &id, &missing));
    }
}

fn runs(rehearsal: &Rehearsal, word: &str) -> bool {
    rehearsal.run.iter().any(|run| run == word)
}

fn report(facts: &Facts<'_>, rehearsal: &Id, missing: &[(&Tried, Id)]) -> Option<Diagnostic> {
    let at = facts.clause(rehearsal, "run")?;
    let words: Vec<String> = missing.iter().map(|(tried, _)| format!("`{}`", tried.word)).collect();
    let (are, list) = (if words.len() == 1 { "is" } else { "are" }, words.join(", "));
    let mut finding = Diagnostic::error("reach/not-rehearsed", "something goes live that was never tried")
        .primary(at, format!("{list} {are} not among what is tried"));
    for (tried, asked) in missing {
        if let Some(place) = facts.place(asked).filter(|other| *other != at) {
            finding = finding.secondary(place, format!("asks for `{}`", tried.word));
        }
        finding = finding.note(format!("{}: {}", tried.word, tried.why));
    }
    let graph = Graph::new(facts.plan);
    let number =
        |test: &dyn Fn(&Operation) -> bool| graph.stages.iter().position(|stage| test(&stage.operation));
    let switch = number(&|operation| matches!(operation, Operation::Switch { .. }));
    let rehearse = number(&|operation| matches!(operation, Operation::Rehearse { .. }));
    if let Some((switch, rehearse)) = switch.zip(rehearse)
        && let Some(chain) = graph.chain(switch, rehearse)
    {
        finding = graph.words(&chain).into_iter().fold(finding, Diagnostic::note);
    }
    Some(finding.help(format!("add {list} to the line `run`; without that line everything is tried")))
}
