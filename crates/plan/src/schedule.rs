//! When the stages of the window happen, by the plan's own estimates.

use std::collections::BTreeMap;

use cutover_ir::Id;
use cutover_ir::time::Instant;
use rustc_hash::FxHashMap;

use crate::model::{Operation, Placement, Plan, Stage, Undo, Window};

/// The times of the stages in the window, in seconds from its start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Start and end of each stage in the window. Asked for, never walked through, so it has no order.
    pub times: FxHashMap<Id, Times>,
    /// How long everything in the window takes together.
    pub needed: u64,
    /// How long customers get no answer: from the first held message to the end of the last drain.
    pub downtime: u64,
    /// When the first step that cannot be taken back begins.
    pub no_return: Option<(u64, Id)>,
    /// The chain of stages that decides how long it takes, first to last.
    pub critical_path: Vec<Id>,
}

/// Start and end of a stage, in seconds from the start of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it can begin.
    pub start: u64,
    /// When it is over.
    pub end: u64,
}

/// Places each stage of the window as early as it can be: after what it needs, not before its own moment, and one after the
/// other where stages share the calls that a system allows.
#[must_use]
pub fn schedule(plan: &Plan) -> Schedule {
    let mut result = Schedule::default();
    let Some(window) = &plan.migration.window else { return result };
    let mut free: BTreeMap<&str, (u64, Option<&Id>)> = BTreeMap::new();
    let mut before: FxHashMap<&Id, &Id> = FxHashMap::default();
    let mut last: Option<(&Id, u64)> = None;
    let mut hold: Option<u64> = None;
    let mut drained = None;
    for stage in plan.stages.iter().filter(|stage| stage.placement == Placement::In) {
        let mut start = (0, None);
        for need in &stage.needs {
            if let Some(times) = result.times.get(&need.stage)
                && (start.1.is_none() || times.end > start.0)
            {
                start = (times.end.max(start.0), Some(&need.stage));
            }
        }
        if let Some(lane) = lane(&stage.operation)
            && let Some((until, by)) = free.get(lane)
            && *until > start.0
        {
            start = (*until, *by);
        }
        if let Some(moment) = &stage.not_before {
            let after =
                u64::try_from(moment.at.seconds().saturating_sub(window.start.seconds())).unwrap_or(0);
            if after > start.0 {
                start = (after, None);
            }
        }
        let end = start.0.saturating_add(stage.estimate.as_deref().map_or(0, |estimate| estimate.seconds));
        if let Some(lane) = lane(&stage.operation) {
            free.insert(lane, (end, Some(&stage.id)));
        }
        if let Some(decides) = start.1 {
            before.insert(&stage.id, decides);
        }
        result.times.insert(stage.id.clone(), Times { start: start.0, end });
        if last.is_none_or(|(_, latest)| end >= latest) {
            last = Some((&stage.id, end));
        }
        match stage.operation {
            Operation::Hold { .. } => hold = Some(hold.map_or(start.0, |first| first.min(start.0))),
            Operation::Drain { .. } => drained = drained.max(Some(end)),
            _ => {}
        }
        if irreversible(stage) && result.no_return.as_ref().is_none_or(|(first, _)| start.0 < *first) {
            result.no_return = Some((start.0, stage.id.clone()));
        }
    }
    if let Some((id, end)) = last {
        result.needed = end;
        let mut at = Some(id);
        while let Some(id) = at {
            result.critical_path.push(id.clone());
            at = before.get(id).copied();
        }
        result.critical_path.reverse();
    }
    if let Some(first) = hold {
        result.downtime = drained.unwrap_or(result.needed).saturating_sub(first);
    }
    result
}

/// The instant so many seconds after the start of the window.
#[must_use]
pub fn instant(window: &Window, seconds: u64) -> Instant {
    Instant::from_seconds(window.start.seconds().saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX)))
}

/// Whether a stage cannot be taken back.
pub(crate) fn irreversible(stage: &Stage) -> bool {
    matches!(stage.undo, Undo::Irreversible { .. })
}

/// What a stage shares with others: the calls that one system allows.
fn lane(operation: &Operation) -> Option<&'static str> {
    match operation {
        Operation::Export { .. } => Some("source"),
        Operation::Load { .. } | Operation::Link { .. } | Operation::Verify { .. } => Some("target"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::schedule;

    #[test]
    fn the_night_of_acme() {
        let plan = crate::fixture::acme();
        let schedule = schedule(&plan);
        let path: Vec<&str> =
            schedule.critical_path.iter().filter_map(|id| id.as_str().strip_prefix("stage/")).collect();
        // The organizations are on it although no ticket needs them: they use the calls that tickets wait for.
        let expected = "preflight silence load/organization load/ticket/live hold/help load/ticket/changed verify/live switch/email drain/help";
        assert_eq!(path.join(" "), expected);
        assert!(schedule.needed > 0 && schedule.downtime <= schedule.needed);
        let Some((at, id)) = &schedule.no_return else { unreachable!("acme has a point of no return") };
        assert_eq!(id.as_str(), "stage/switch/chat");
        assert!(*at > 0);
        // Loads share the target's calls, so they follow each other.
        let loads: Vec<_> =
            schedule.times.iter().filter(|(id, _)| id.as_str().starts_with("stage/load/")).collect();
        for (a, first) in &loads {
            for (b, second) in &loads {
                assert!(
                    a == b || first.end <= second.start || second.end <= first.start,
                    "{a} and {b} overlap"
                );
            }
        }
    }
}
