//! What can be known before the switch is measured before it: behind the switch it would only be told.

use cutover_analysis::metrics::{self, Known};
use cutover_ir::measure::{Condition, Measure};
use cutover_plan::model::{Content, Operation, Pass, Phase, Ref, StageKind};

use crate::Sketch;
use crate::sketch::stage;

/// Checks and criteria that rest on what was loaded belong to the last comparison before somebody decides. Behind the waiting mail all of
/// them are measured once more.
pub(super) fn add(sketch: &mut Sketch<'_>) {
    let early: Vec<(Ref, Option<String>)> = sketch
        .items()
        .filter(|(_, item)| match &item.content {
            Content::Check(check) => before_switch(&check.pass),
            Content::Criterion(goal) => before_switch(&goal.pass),
            _ => false,
        })
        .map(|(id, item)| (Ref(id.clone()), item.owner.clone()))
        .collect();
    let night = sketch.items().any(|(_, item)| matches!(item.content, Content::GoLive(_)));
    let loads = sketch.which(|s| matches!(s.operation, Operation::Load { .. }));
    if early.is_empty() || loads.is_empty() || !night {
        return;
    }
    let checks: Vec<Ref> = early.iter().map(|(check, _)| check.clone()).collect();
    let there = sketch
        .which(|s| s.phase == Phase::Night && matches!(s.operation, Operation::Verify { wave: None, .. }));
    let node = match there.first() {
        Some(node) => *node,
        // All records come in waves of their own comparison, or ahead.
        None => {
            let mut made = stage(
                sketch.free(&["stage", "verify", "night"]),
                Phase::Night,
                StageKind::Automatic,
                "Measure what can be known before the switch",
                Operation::Verify { checks: Vec::new(), wave: None },
            );
            made.owner = early.iter().find_map(|(_, owner)| owner.clone());
            sketch.add(made)
        }
    };
    let Some(made) = sketch.stage_mut(node) else { return };
    made.operation = Operation::Verify { checks: checks.clone(), wave: None };
    made.items.extend(checks.iter().cloned());
    made.items.sort();
    made.items.dedup();
    made.pass = Pass::Checks(checks);
    sketch.need_all(&[node], &loads, "a check is about everything that was loaded");
}

/// Whether all conditions have a value before customers come to the new desk. One that also asks for a person's look, or for a test
/// message, is measured whole afterwards.
fn before_switch(pass: &[Condition]) -> bool {
    let early = |measure: &Measure| {
        measure.within.is_none() && metrics::find(&measure.metric).is_some_and(metrics::Metric::before_switch)
    };
    !pass.is_empty()
        && pass.iter().all(|condition| match condition {
            Condition::Measure(measure) => early(measure),
            Condition::Evidence(_) => false,
        })
}

/// Whether a condition is known only once the new desk is in use, so that nothing of the night may wait for it.
pub(super) fn known_later(condition: &Condition) -> bool {
    match condition {
        Condition::Measure(measure) => {
            measure.within.is_some()
                || metrics::find(&measure.metric).is_some_and(|m| m.known == Known::Operation)
        }
        Condition::Evidence(_) => false,
    }
}
