//! Triggers of the rollback: each looks at enough to be right, fires when things are bad, and is measured before it is needed.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::measure::{Bound, Comparison, Measure, Over};
use cutover_plan::model::{Content, Watch};

use crate::context::Context;
use crate::metrics::{self, Known, Metric, Unit};

/// Metrics of which more is better.
const BETTER_WHEN_HIGHER: &[&str] = &["first_contact_resolution", "import_success", "sla_compliance"];

/// Metrics that are neither better nor worse when there is more of them.
const NEUTRAL: &[&str] = &["volume"];

/// Metrics that say how things stand, and do not grow by being looked at longer.
const LEVELS: &[&str] = &["waiting_changes", "waiting_time"];

/// Checks each trigger.
pub fn check(cx: &mut Context<'_>) {
    let plan = &cx.draft.plan;
    let watch = plan.items.values().find_map(|item| match &item.content {
        Content::Watch(watch) if watch.system == "target" => Some(watch),
        _ => None,
    });
    let mut found = Vec::new();
    for (id, item) in &plan.items {
        let Content::Trigger(trigger) = &item.content else { continue };
        let Some(span) = cx.draft.places.get(id).copied() else { continue };
        let Some(metric) = metrics::find(&trigger.fires.metric) else { continue };
        found.extend(enough(&trigger.fires, metric, span));
        found.extend(direction(&trigger.fires, metric, span));
        found.extend(in_time(&trigger.fires, metric, watch, span));
    }
    cx.draft.diagnostics.extend(found);
}

/// A rate needs so many records that one failure does not fire; a count needs the time or the records that it is taken over.
fn enough(fires: &Measure, metric: &Metric, span: Span) -> Option<Diagnostic> {
    let rate = metric.unit == Unit::Percent && !matches!(fires.bound, Bound::OfBaseline { .. });
    match (&fires.over, rate) {
        (Some(Over::Records(records)), true) if *records > 0 => None,
        (_, true) => Some(
            Diagnostic::error("rollback/no-sample", "a rate fires on its first failure")
                .primary(span, "one failure of one record is 100%: of how many records is this a share?")
                .help("add the smallest number that means something: `over 1000 records`"),
        ),
        (None, false) if LEVELS.contains(&metric.name) => None,
        (None, false) => Some(
            Diagnostic::error("rollback/no-window", "a trigger does not say over how long it looks")
                .primary(span, "within which time, or on how many records?")
                .help("add `over 10 min`, or `over 1000 records`"),
        ),
        (Some(over), false) if is_nothing(over) => Some(
            Diagnostic::error("rollback/no-window#zero", "a trigger does not say over how long it looks")
                .primary(span, "over nothing there is nothing to see")
                .help("write `over 10 min`"),
        ),
        (Some(_), false) => None,
    }
}

fn is_nothing(over: &Over) -> bool {
    match over {
        Over::Records(records) => *records == 0,
        Over::Time(length) => length.nominal_seconds() == 0,
    }
}

fn direction(fires: &Measure, metric: &Metric, span: Span) -> Option<Diagnostic> {
    let upward = match fires.comparison {
        Comparison::MoreThan | Comparison::AtLeast => true,
        Comparison::LessThan | Comparison::AtMost => false,
        Comparison::Is => return None,
    };
    if NEUTRAL.contains(&metric.name) || upward != BETTER_WHEN_HIGHER.contains(&metric.name) {
        return None;
    }
    let (label, help) = if upward {
        ("more of this is better", "write `less than`")
    } else {
        ("less of this is better", "write `more than`")
    };
    Some(
        Diagnostic::error("rollback/fires-when-well", "a trigger fires while all is well")
            .primary(span, label)
            .note(format!("{}: {}", metric.name.replace('_', " "), metric.means))
            .help(format!("a trigger says when to go back, not when to go on: {help}")),
    )
}

/// What only the daily use of the new desk shows is measured by a watch, as often as it says.
fn in_time(fires: &Measure, metric: &Metric, watch: Option<&Watch>, span: Span) -> Option<Diagnostic> {
    if metric.known != Known::Operation {
        return None;
    }
    let Some(watch) = watch else {
        return Some(
            Diagnostic::error("rollback/not-measured", "nobody measures what a trigger waits for")
                .primary(span, "only daily work on the new desk shows this")
                .note(format!("{}: {}", metric.name.replace('_', " "), metric.means))
                .help("add `watch target ... every 10 min for 72 hours { report ... }`, or take a metric that the load shows: `failed_imports`, `misrouted`"),
        );
    };
    match &fires.over {
        Some(Over::Time(over)) if over.nominal_seconds() < watch.every.nominal_seconds() => Some(
            Diagnostic::error(
                "rollback/watched-too-seldom",
                "a trigger looks at less time than passes between two looks",
            )
            .primary(span, format!("it looks at {over}, the watch looks every {}", watch.every))
            .help("watch more often, or look at a longer time"),
        ),
        _ => None,
    }
}
