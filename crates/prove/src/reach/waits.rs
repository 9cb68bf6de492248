//! What waits: gates for what is known too late, the end of the old desk for things that the spec does not have, the point of no return for
//! nobody.

use cutover_analysis::metrics::{self, Known};
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::measure::Condition;
use cutover_plan::model::{
    Content, Decommission, Operation, Phase, Placement, TeamProfile, Undo, Verb, Wave,
};

use super::graph::Graph;
use crate::Facts;

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    for (id, item) in facts.items() {
        match &item.content {
            Content::Wave(wave) => gates(facts, id, wave, out),
            Content::Decommission(end) => {
                nothing(facts, id, end, out);
                out.extend(left_out(facts, id, end));
            }
            // A signer who is not known is reported.
            Content::GoLive(_)
                if item.signed_by.is_empty() && !facts.spots.contains(&id.child("signed by")) =>
            {
                out.extend(unsigned(facts, id))
            }
            _ => {}
        }
    }
}

/// A wave is gated by what is known once its records are compared, not by what daily work or somebody's look shows afterwards.
fn gates(facts: &Facts<'_>, id: &Id, wave: &Wave, out: &mut Vec<Diagnostic>) {
    for gate in &wave.gated_by {
        let (pass, criterion) = match facts.content(&gate.0) {
            Some(Content::Check(check)) => (&check.pass, false),
            Some(Content::Criterion(goal)) => (&goal.pass, true),
            _ => continue,
        };
        // A check on something that only daily work shows is wrong by itself, and reported there.
        let Some(why) = pass.iter().find_map(|condition| late(condition, criterion)) else { continue };
        let Some(at) = facts.clause(id, "gated by") else { continue };
        let name = gate.0.as_str().rsplit('/').next().unwrap_or_default();
        let finding =
            Diagnostic::error("reach/gate-too-late", "a wave waits for something that comes after it")
                .primary(at, format!("`{name}` {why}"));
        let finding = match facts.place(&gate.0) {
            Some(place) => finding.secondary(place, "what it waits for"),
            None => finding,
        };
        let finding = finding.note(match wave.placement {
            Placement::Before => "the wave is over before the window, in which customers come to the new desk",
            _ => "channels are switched once the wave has passed, and the wave passes once channels were switched",
        });
        out.push(finding.help(
            "gate a wave by what the comparison of its records shows, such as `missing tickets at most 0`",
        ));
    }
}

fn late(condition: &Condition, criterion: bool) -> Option<String> {
    match condition {
        Condition::Measure(measure) => {
            let used = metrics::find(&measure.metric).is_some_and(|metric| metric.known == Known::Operation);
            match measure.within {
                Some(within) if criterion => Some(format!("is known {within} after the window")),
                _ if used && criterion => Some("is known once customers use the new desk".to_owned()),
                _ => None,
            }
        }
        Condition::Evidence(_) => None,
    }
}

/// `after objectives` in a spec without objectives waits for nothing.
fn nothing(facts: &Facts<'_>, id: &Id, end: &Decommission, out: &mut Vec<Diagnostic>) {
    for word in &end.after {
        let there = facts.items().any(|(_, item)| match (&item.content, word.as_str()) {
            (Content::Check(_) | Content::Waiver(_), "checks")
            | (Content::Criterion(_), "criteria")
            | (Content::Objective(_), "objectives")
            | (Content::Hypercare(_), "hypercare")
            | (Content::Ownership(_), "ownership")
            | (Content::Watch(_), "watch")
            | (Content::Accept(_), "archives") => true,
            (Content::Scope(part), "archives") => part.store.is_some(),
            _ => false,
        });
        // Blocks that every migration has are asked for anyway.
        if there || matches!(word.as_str(), "hypercare" | "ownership" | "checks") {
            continue;
        }
        let Some(at) = facts.clause(id, "after") else { continue };
        out.push(
            Diagnostic::warning(
                "reach/waits-for-nothing",
                "the old desk waits for something that the spec does not have",
            )
            .primary(at, format!("there are no {word} here"))
            .help(format!(
                "declare them, or leave `{word}` out: who reads this believes that somebody waits for it"
            )),
        );
    }
}

/// The point of no return has a signature before it.
fn unsigned(facts: &Facts<'_>, id: &Id) -> Option<Diagnostic> {
    let graph = Graph::new(facts.plan);
    let night = |undo: &Undo| matches!(undo, Undo::Irreversible { .. });
    let first = graph.stages.iter().position(|stage| stage.phase == Phase::Night && night(&stage.undo))?;
    let stage = graph.stages.get(first)?;
    let Undo::Irreversible { because } = &stage.undo else { return None };
    let finding = Diagnostic::error("reach/unsigned", "nobody decides about the point of no return")
        .primary(
            facts.place(id)?,
            format!("“{}” cannot be taken back, and nobody signs before it", stage.title),
        )
        .note(format!("why it cannot be: {because}"));
    let compared = graph.stages.iter().rposition(|stage| {
        stage.phase == Phase::Night && matches!(stage.operation, Operation::Verify { .. })
    });
    let chain = compared.and_then(|compared| graph.chain(first, compared)).unwrap_or_default();
    let finding = graph.words(&chain).into_iter().fold(finding, Diagnostic::note);
    Some(finding.help("add `signed by` and the person who decides behind the owner of `go live`"))
}

/// What a full team writes down to be proven, the end of the old desk waits for in so many words.
fn left_out(facts: &Facts<'_>, id: &Id, end: &Decommission) -> Option<Diagnostic> {
    if !full(facts) || end.after.is_empty() {
        return None;
    }
    let mut there: Vec<(&str, &Id)> = facts
        .items()
        .filter_map(|(id, item)| match &item.content {
            Content::Check(_) => Some(("checks", id)),
            Content::Objective(_) => Some(("objectives", id)),
            Content::Hypercare(_) => Some(("hypercare", id)),
            Content::Scope(part) if part.verb == Verb::Archive => Some(("archives", id)),
            _ => None,
        })
        .filter(|(word, _)| !end.after.iter().any(|after| after == word))
        .collect();
    there.sort_by_key(|(word, _)| *word);
    there.dedup_by_key(|(word, _)| *word);
    let words: Vec<String> = there.iter().map(|(word, _)| format!("`{word}`")).collect();
    if words.is_empty() {
        return None;
    }
    let finding =
        Diagnostic::error("reach/end-unproven", "the old desk ends without waiting for what is to be proven")
            .primary(facts.clause(id, "after")?, format!("{} not named", listed(&words)));
    let finding = there.iter().fold(finding, |finding, (_, id)| match facts.place(id) {
        Some(place) => finding.secondary(place, "not waited for"),
        None => finding,
    });
    Some(finding.help(format!(
        "add {} behind `after`: when the old desk is gone, nobody can look any more",
        words.join(", ")
    )))
}

/// Without a team, which is reported, nobody knows how much is asked of it.
fn full(facts: &Facts<'_>) -> bool {
    facts.plan.migration.team == TeamProfile::Full && !facts.plan.people.is_empty()
}

fn listed(words: &[String]) -> String {
    match words {
        [one] => format!("{one} is"),
        words => format!("{} are", words.join(", ")),
    }
}
