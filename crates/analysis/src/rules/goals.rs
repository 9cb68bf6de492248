//! Objectives, criteria and their baselines: the past that they compare with is over, and somebody is there to measure.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::measure::{Bound, named};
use cutover_ir::quantity::Duration;
use cutover_plan::model::{Content, Goal};

use crate::context::Context;
use crate::metrics::{self, Known};

/// Checks goals and baselines.
pub fn check(cx: &mut Context<'_>) {
    let after = looked_after(cx);
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        match &item.content {
            Content::Baseline(baseline) => {
                found.extend(over(cx, id, baseline.to).or_else(|| no_past(cx, id, &baseline.system)));
            }
            Content::Objective(goal) => {
                found.extend(objective(cx, id, goal, after));
                found.extend(compared(cx, id, goal));
            }
            Content::Criterion(goal) => {
                found.extend(criterion(cx, id, goal));
                found.extend(compared(cx, id, goal));
            }
            _ => {}
        }
    }
    cx.draft.diagnostics.extend(found);
}

/// How long somebody owns what is left over.
fn looked_after(cx: &Context<'_>) -> Option<Duration> {
    match &cx.draft.plan.items.get(&Id::new(["ownership"]))?.content {
        Content::Ownership(ownership) => Some(ownership.rhythm.lasting),
        _ => None,
    }
}

fn span(cx: &Context<'_>, id: &Id, sub: &str) -> Option<Span> {
    let places = &cx.draft.places;
    places.get(&id.child(sub)).or_else(|| places.get(id)).copied()
}

fn over(cx: &Context<'_>, id: &Id, to: cutover_ir::time::Date) -> Option<Diagnostic> {
    let start = cx.window.as_ref()?.start.utc_date();
    (to >= start).then_some(())?;
    Some(
        Diagnostic::error(
            "baselines/not-over",
            "a baseline measures days on which the old desk is no longer used",
        )
        .primary(span(cx, id, "")?, format!("its last day is {to}, the window begins on {start}"))
        .help("take a month before the window"),
    )
}

fn objective(cx: &Context<'_>, id: &Id, goal: &Goal, after: Option<Duration>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (name, measure) in named(&goal.pass) {
        let Some(span) = span(cx, id, &name) else { continue };
        let Some(within) = measure.within else {
            found.push(
                Diagnostic::error("goals/no-term", "an objective has no term")
                    .primary(span, "by when must it be so?")
                    .help("add `within 30 days`, counted from the end of the window"),
            );
            continue;
        };
        if let Some(after) = after
            && within.nominal_seconds() > after.nominal_seconds()
        {
            found.push(
                Diagnostic::warning(
                    "goals/nobody-left",
                    "an objective is measured when nobody looks after the migration any more",
                )
                .primary(span, format!("within {within}, but the ownership ends after {after}"))
                .help("own it longer, or measure earlier"),
            );
        }
    }
    found
}

/// What only daily work shows needs a term, too: else nobody knows when to look.
fn criterion(cx: &Context<'_>, id: &Id, goal: &Goal) -> Vec<Diagnostic> {
    let open = named(&goal.pass).into_iter().filter(|(_, measure)| {
        let used = metrics::find(&measure.metric).is_some_and(|metric| metric.known == Known::Operation);
        used && measure.within.is_none()
    });
    let reported = open.filter_map(|(name, _)| {
        Some(
            Diagnostic::error("goals/no-term#criterion", "a criterion has no term")
                .primary(span(cx, id, &name)?, "only daily work on the new desk shows this: after how long?")
                .help("add `within 7 days`, counted from the end of the window"),
        )
    });
    reported.collect()
}

/// Before the window nobody works in the new desk.
fn no_past(cx: &Context<'_>, id: &Id, system: &str) -> Option<Diagnostic> {
    (system == "target").then_some(())?;
    Some(
        Diagnostic::error("baselines/no-past", "a baseline measures what has no past")
            .primary(span(cx, id, "")?, "before the window nobody works in the new desk")
            .help("measure the old desk: `of source`"),
    )
}

/// What is counted while records move was never counted before, so there is nothing to compare with.
fn compared(cx: &Context<'_>, id: &Id, goal: &Goal) -> Vec<Diagnostic> {
    let found = named(&goal.pass).into_iter().filter_map(|(name, measure)| {
        let Bound::OfBaseline { baseline, .. } = &measure.bound else { return None };
        let metric = metrics::find(&measure.metric).filter(|metric| metric.known != Known::Operation)?;
        let finding = Diagnostic::error("baselines/no-past#metric", "a baseline measures what has no past")
            .primary(
                span(cx, id, &name)?,
                format!("in `{baseline}` nothing was migrated, so this was never counted"),
            )
            .note(format!("{}: {}", metric.name.replace('_', " "), metric.means))
            .help("compare it with a number: `at most 0`");
        Some(match cx.draft.places.get(&Id::new(["baseline", baseline])) {
            Some(place) => finding.secondary(*place, "the past"),
            None => finding,
        })
    });
    found.collect()
}
