//! The way back: there is time for it.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Content, Inverse, Placement, Undo};
use cutover_plan::text::numbers::span;

use crate::Facts;

/// A trigger that fires at the last moment leaves time to decide and to undo before the window ends.
pub(crate) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let id = Id::new(["rollback"]);
    let (Some(window), Some(Content::Rollback(rollback))) =
        (&facts.plan.migration.window, facts.content(&id))
    else {
        return;
    };
    let (Some(within), Ok(length)) = (
        rollback.within.map(|within| within.nominal_seconds()),
        u64::try_from(window.end.seconds().saturating_sub(window.start.seconds())),
    ) else {
        return;
    };
    let night = facts.schedule;
    // A night that does not fit, or a decision that takes longer than it, is reported as such.
    let Some((last, _)) = night.no_return.as_ref().filter(|_| night.needed <= length && within < length)
    else {
        return;
    };
    // What was created is deleted record by record, at the rate at which it was written.
    let undone = facts.plan.stages.iter().filter(|stage| {
        stage.placement == Placement::In
            && matches!(stage.undo, Undo::Inverse(Inverse::DeleteCreated | Inverse::RestoreFields))
    });
    let undo: u64 = undone
        .filter_map(|stage| stage.estimate.as_deref())
        .map(|estimate| estimate.seconds)
        .fold(0, u64::saturating_add);
    let needed = last.saturating_add(within).saturating_add(undo);
    if needed <= length {
        return;
    }
    let Some(at) = facts.place(&id) else { return };
    let finding = Diagnostic::warning("rollback/no-time-left", "a way back that begins late is not over when the window ends")
        .primary(at, format!("the whole way back takes {}, the window {}", span(needed), span(length)))
        .note(format!(
            "the last moment at which it is clean comes after {}, the decision may take {}, and undoing takes about {}",
            span(*last),
            span(within),
            span(undo)
        ))
        .help("decide sooner, load more ahead of the window, or make the window longer");
    out.push(match facts.place(&Id::new(["migration", "window"])) {
        Some(place) => finding.secondary(place, "the window"),
        None => finding,
    });
}
