//! Goals are agreed on and the past is measured.

use cutover_ir::Id;
use cutover_plan::model::{Content, Operation, Pass, Phase, StageKind};

use crate::Sketch;
use crate::sketch::{carries, spaced, stage};

pub(super) fn add(sketch: &mut Sketch<'_>) {
    for (id, item) in sketch.items() {
        match &item.content {
            Content::Objective(_) => {
                let name = id.as_str().rsplit('/').next().unwrap_or_default();
                let title = item.title.clone().unwrap_or_else(|| spaced(name));
                let made = stage(
                    Id::new(["stage", "agree", name]),
                    Phase::Agree,
                    StageKind::Gate,
                    format!("Agree on the objective: {title}"),
                    Operation::Approve,
                );
                sketch.add(carries(made, id, item));
            }
            Content::Baseline(baseline) => {
                let name = id.as_str().rsplit('/').next().unwrap_or_default();
                let mut made = stage(
                    Id::new(["stage", "measure", name]),
                    Phase::Agree,
                    StageKind::Automatic,
                    format!("Measure the past: {} to {}", baseline.from, baseline.to),
                    Operation::Measure { system: baseline.system.clone(), metrics: metrics_of(sketch, id) },
                );
                made.pass = Pass::Evidence("the figures are kept with the run".to_owned());
                sketch.add(carries(made, id, item));
            }
            _ => {}
        }
    }
    let objectives = sketch.which(|s| s.operation == Operation::Approve && s.phase == Phase::Agree);
    let measured = sketch.which(|s| matches!(s.operation, Operation::Measure { .. }));
    sketch.need_all(&objectives, &measured, "an objective compares with the measured past");
}

/// The metrics that objectives, criteria, checks and watches compare with a baseline.
fn metrics_of(sketch: &Sketch<'_>, baseline: &Id) -> Vec<String> {
    use cutover_ir::measure::{Bound, Condition, Measure};
    let name = baseline.as_str().rsplit('/').next().unwrap_or_default();
    let mut found: Vec<String> = Vec::new();
    let mut look = |measure: &Measure| {
        if let Bound::OfBaseline { baseline, .. } = &measure.bound
            && baseline == name
        {
            found.push(measure.metric.clone());
        }
    };
    for (_, item) in sketch.items() {
        let conditions: &[Condition] = match &item.content {
            Content::Objective(goal) | Content::Criterion(goal) => &goal.pass,
            Content::Check(check) => &check.pass,
            Content::Watch(watch) => {
                watch.alerts.iter().for_each(&mut look);
                &[]
            }
            Content::Trigger(trigger) => {
                look(&trigger.fires);
                &[]
            }
            _ => &[],
        };
        for condition in conditions {
            if let Condition::Measure(measure) = condition {
                look(measure);
            }
        }
    }
    found.sort();
    found.dedup();
    found
}
