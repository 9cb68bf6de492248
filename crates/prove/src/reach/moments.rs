//! Moments that the spec names against the order of the stages: nothing begins after it should be over for something that waits for it.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::time::Instant;
use cutover_plan::model::{Content, Operation, Placement, Plan, Stage, Window};
use cutover_plan::text::local;

use super::graph::Graph;
use crate::Facts;

const DAY: i64 = 86_400;

/// Until when a stage must be over, and the stage that asks for it.
#[derive(Clone, Copy)]
struct Bound {
    at: Instant,
    /// The stage whose own moment it is.
    of: usize,
}

pub(super) fn check(facts: &Facts<'_>, graph: &Graph<'_>, out: &mut Vec<Diagnostic>) {
    let plan = facts.plan;
    let Some(window) = &plan.migration.window else { return };
    let mut bounds: Vec<Option<Bound>> = (0..).zip(graph.stages).map(|(at, s)| own(window, at, s)).collect();
    // From the last stage to the first: whatever a stage waits for must be over when that stage must be.
    for at in (0..graph.stages.len()).rev() {
        let Some(bound) = bounds.get(at).copied().flatten() else { continue };
        for need in graph.needs(at) {
            if let Some(other) = bounds.get_mut(need)
                && other.is_none_or(|other| bound.at < other.at)
            {
                *other = Some(bound);
            }
        }
    }
    for (at, stage) in graph.stages.iter().enumerate() {
        let (Some(bound), Some(moment)) = (bounds.get(at).copied().flatten(), begins(plan, stage)) else {
            continue;
        };
        if moment.at > bound.at && !reported(window, stage, &moment) {
            out.extend(late(facts, window, graph, at, &moment, bound));
        }
    }
}

/// The moment by which a stage itself must be over.
fn own(window: &Window, of: usize, stage: &Stage) -> Option<Bound> {
    let by_place = match stage.placement {
        Placement::Before => Some(window.start),
        Placement::In => Some(window.end),
        Placement::After => None,
    };
    // What is due is over in time when it is over by then; the moment of an integration is a promise of somebody else and looked at below.
    let due = stage.due.as_deref().filter(|_| !promised(stage)).map(|moment| moment.at);
    let at = match (by_place, due) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    at.map(|at| Bound { at, of })
}

fn promised(stage: &Stage) -> bool {
    matches!(stage.operation, Operation::Integrate { .. })
}

/// Before when a stage cannot be over, and why.
struct Begins {
    at: Instant,
    words: &'static str,
}

fn begins(plan: &Plan, stage: &Stage) -> Option<Begins> {
    if promised(stage) {
        return stage.due.as_deref().map(|due| Begins { at: due.at, words: "this may take until" });
    }
    if let Operation::Measure { .. } = &stage.operation {
        let baseline = stage.items.iter().find_map(|item| match &plan.items.get(&item.0)?.content {
            Content::Baseline(baseline) => Some(baseline.to),
            _ => None,
        })?;
        // A day is measured when it is over, where the migration is.
        let over = (i64::from(baseline.days()) + 1).saturating_mul(DAY);
        let offsets = plan.migration.window.as_ref().map_or(&[][..], |window| window.offsets.as_slice());
        let offset = offsets.iter().rev().find(|offset| offset.from.seconds() <= over).or(offsets.first());
        let over = over.saturating_sub(offset.map_or(0, |offset| i64::from(offset.seconds)));
        return Some(Begins {
            at: Instant::from_seconds(over),
            words: "this is measured when it is over, on",
        });
    }
    stage.not_before.as_deref().map(|moment| Begins { at: moment.at, words: "this does not begin before" })
}

/// Moments that are wrong by themselves and reported where they are read.
fn reported(window: &Window, stage: &Stage, begins: &Begins) -> bool {
    match &stage.operation {
        Operation::Announce { audience, .. } => audience == "customers",
        Operation::Freeze => stage.not_before.as_deref().is_some_and(|moment| moment.at > window.start),
        // The past must be over before the window, whatever waits for it.
        Operation::Measure { .. } => begins.at > window.start,
        _ => false,
    }
}

fn late(
    facts: &Facts<'_>,
    window: &Window,
    graph: &Graph<'_>,
    at: usize,
    moment: &Begins,
    bound: Bound,
) -> Option<Diagnostic> {
    let stage = graph.stages.get(at)?;
    let asks = graph.stages.get(bound.of)?;
    let item = &stage.items.first()?.0;
    let place = facts
        .clause(item, "from")
        .filter(|_| stage.not_before.is_some())
        .or_else(|| facts.clause(item, "changed before").filter(|_| promised(stage)))
        .or_else(|| graph.place(facts, at))?;
    let clock = |at: Instant| local::minute(window, at);
    let mut finding = Diagnostic::error("reach/too-late", "something begins after it has to be over")
        .primary(place, format!("{} {}", moment.words, clock(moment.at)));
    let over = format!("must be over by {}", clock(bound.at));
    let other = if bound.of == at {
        facts.place(&Id::new(["migration", "window"])).map(|window| (window, over))
    } else {
        graph.place(facts, bound.of).map(|other| (other, format!("waits for it, and {over}")))
    };
    if let Some((other, label)) = other.filter(|(other, _)| *other != place) {
        finding = finding.secondary(other, label);
    }
    // Where its own place in the migration is what asks, whoever waits for it in the night shows why it has that place.
    let later = if bound.of == at { first_in_window(graph, at) } else { Some(bound.of) };
    match later.and_then(|later| graph.chain(later, at)) {
        Some(chain) => {
            for line in graph.words(&chain) {
                finding = finding.note(line);
            }
        }
        None => finding = finding.note(format!("“{}” must be over by {}", asks.title, clock(bound.at))),
    }
    Some(
        finding.help(format!("let it be over by {}, or let what waits for it happen later", clock(bound.at))),
    )
}

/// The first stage of the window that waits for a stage.
fn first_in_window(graph: &Graph<'_>, at: usize) -> Option<usize> {
    let mut after = vec![false; graph.stages.len()];
    for later in at + 1..graph.stages.len() {
        if graph.needs(later).any(|need| need == at || after.get(need).copied().unwrap_or(false)) {
            if graph.stages.get(later).is_some_and(|stage| stage.placement == Placement::In) {
                return Some(later);
            }
            if let Some(slot) = after.get_mut(later) {
                *slot = true;
            }
        }
    }
    None
}
