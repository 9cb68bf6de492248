//! What a clock loses on its way, and the one reason for it that reviewers read.

use cutover_diagnostics::Diagnostic;
use cutover_plan::model::AcceptedLoss;
use cutover_plan::text::words::length;
use cutover_syntax::keywords::ClauseKw;
use cutover_syntax::tree::Item;

use super::clock::Written;
use crate::context::Context;

/// Writes the losses of a clock whose author gave a reason into the register, and tells when that one reason stands for several of them.
pub(super) fn record(cx: &mut Context<'_>, item: &Item, clock: &Written, forgotten: bool) {
    let Some(because) = &clock.clock.lossy else { return };
    let lost = losses(clock, forgotten);
    let name = &clock.clock.name;
    let what = match lost.as_slice() {
        [] => format!("the old course of the clock `{name}`"),
        lost if clock.clock.unpaused || forgotten => lost.join(", and "),
        lost => format!("{} (clock `{name}`)", lost.join(", and ")),
    };
    let loss = AcceptedLoss { what, because: because.clone(), records: None, of: None, kept_in: None };
    cx.draft.plan.losses.insert(clock.id.clone(), loss);
    let clause = clock.line(item).and_then(|line| line.clause(ClauseKw::Lossy));
    if let (Some(clause), 2..) = (clause, lost.len()) {
        let whole = item.range(clause.terms).map_or(clause.range, |range| clause.range.to(range));
        let finding = Diagnostic::remark("sla/several-losses", "one reason stands for several losses")
            .primary(item.span(whole), format!("it accepts {} losses of this clock", lost.len()));
        cx.push(lost.into_iter().fold(finding, Diagnostic::note).help(
            "read the reason for each of them: agents and reviewers are told this one only. Name all of them in it, or write what the target can do",
        ));
    }
}

/// What is lost, each in plain words.
fn losses(clock: &Written, forgotten: bool) -> Vec<String> {
    let (name, written) = (&clock.clock.name, &clock.clock);
    let mut lost = Vec::new();
    if forgotten {
        lost.push(format!("the time that has passed on the clock `{name}`"));
    } else if written.unpaused {
        lost.push(format!("earlier pauses of the clock `{name}`"));
    }
    if let (true, Some(metric)) = (clock.otherwise, &written.as_metric) {
        lost.push(format!("how `{name}` ends, since `{metric}` measures something else"));
    }
    if let Some(held) = written.held {
        let (promised, held) = (length(written.allowed), length(held));
        lost.push(format!("the promise of {promised}, of which the new desk holds {held}"));
    }
    lost
}
