//! What is loaded ahead of the window: it fits between the moment from which it may begin and the window.

use std::collections::BTreeMap;

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::time::Instant;
use cutover_plan::model::{Operation, Placement, Stage, Window};
use cutover_plan::text::local;
use cutover_plan::text::numbers::span;

use super::place;
use crate::Facts;

/// When a stage is over at the earliest, and the stage whose moment that rests on.
#[derive(Clone, Copy)]
struct Over<'a> {
    at: i64,
    since: &'a Stage,
}

pub(super) fn check(facts: &Facts<'_>, window: &Window, out: &mut Vec<Diagnostic>) {
    let mut over: BTreeMap<&Id, Over<'_>> = BTreeMap::new();
    let mut lane: Option<Over<'_>> = None;
    for stage in facts.plan.stages.iter().filter(|stage| stage.placement == Placement::Before) {
        let own = stage.not_before.as_deref().map(|moment| Over { at: moment.at.seconds(), since: stage });
        let needs = stage.needs.iter().filter_map(|need| over.get(&need.stage).copied());
        let calls = matches!(
            stage.operation,
            Operation::Load { .. } | Operation::Link { .. } | Operation::Verify { .. }
        );
        let start = needs.chain(own).chain(lane.filter(|_| calls)).max_by_key(|over| over.at);
        // What nothing holds back can begin as early as it has to.
        let Some(start) = start else { continue };
        let seconds = stage.estimate.as_deref().map_or(0, |estimate| estimate.seconds);
        let end = Over { at: start.at.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX)), ..start };
        if calls {
            lane = Some(end);
        }
        over.insert(&stage.id, end);
        let due = stage.due.as_deref().map_or(window.start, |due| due.at.min(window.start));
        // A beginning that is too late by itself is reported where moments are compared.
        if calls && end.at > due.seconds() && start.since.not_before.as_deref().is_some_and(|m| m.at < due) {
            out.extend(late(facts, window, stage, end, due));
            return;
        }
    }
}

fn late(
    facts: &Facts<'_>,
    window: &Window,
    stage: &Stage,
    end: Over<'_>,
    due: Instant,
) -> Option<Diagnostic> {
    let begin = end.since.not_before.as_deref()?.at;
    let seconds = |from: i64, to: i64| u64::try_from(to.saturating_sub(from)).unwrap_or(0);
    let needs = seconds(begin.seconds(), end.at);
    let has = seconds(begin.seconds(), due.seconds());
    let finding = Diagnostic::error("window/ahead-too-long", "what is loaded ahead is not over in time")
        .primary(
            place(facts, stage)?,
            format!(
                "“{}” is over at about {} at the earliest",
                stage.title,
                local::minute(window, Instant::from_seconds(end.at))
            ),
        );
    let finding = match end.since.items.first().and_then(|item| facts.clause(&item.0, "from")) {
        Some(at) => finding.secondary(
            at,
            format!("nothing is loaded before “{}”, on {}", end.since.title, local::minute(window, begin)),
        ),
        None => finding,
    };
    Some(
        finding
            .note(format!(
                "the loads need {} from then on, and there are {} until {}",
                span(needs),
                span(has),
                local::minute(window, due)
            ))
            .help("begin earlier, load less ahead, or allow a faster `pace`"),
    )
}
