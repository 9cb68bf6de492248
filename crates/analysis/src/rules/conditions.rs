//! Conditions of goals, checks, triggers and watches: each can turn out both ways, and its metric has a value in time.

use cutover_catalog::Part;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::measure::{self, Bound, Comparison, Condition, Measure, Over};
use cutover_ir::quantity::Decimal;
use cutover_plan::model::Content;

use crate::context::Context;
use crate::count;
use crate::lower::maps::words::grouped;
use crate::metrics::{self, Known, Metric, Unit};

/// Checks each condition.
pub fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let conditions: &[Condition] = match &item.content {
            Content::Objective(goal) | Content::Criterion(goal) => &goal.pass,
            Content::Check(check) => &check.pass,
            Content::Trigger(trigger) => {
                found.extend(span(cx, id, "").and_then(|at| counted(cx, &trigger.fires, at, true)));
                found.extend(
                    fixed(&trigger.fires)
                        .zip(span(cx, id, ""))
                        .map(|(fixed, span)| fires(&trigger.fires, fixed, span)),
                );
                continue;
            }
            Content::Watch(watch) => {
                for (name, measure) in measure::each(&watch.alerts) {
                    let at = span(cx, id, &name);
                    found.extend(fixed(measure).zip(at).map(|(fixed, span)| fires(measure, fixed, span)));
                    found.extend(at.and_then(|at| counted(cx, measure, at, true)));
                }
                found.extend(watched(
                    cx,
                    id,
                    watch.report.iter().chain(watch.alerts.iter().map(|m| &m.metric)),
                ));
                continue;
            }
            _ => continue,
        };
        for (name, measure) in measure::named(conditions) {
            let Some(at) = span(cx, id, &name) else { continue };
            found.extend(fixed(measure).map(|fixed| passes(measure, fixed, at)));
            found.extend(counted(cx, measure, at, false));
            if let Content::Check(_) = item.content {
                found.extend(late(measure, at));
            }
        }
    }
    cx.draft.diagnostics.extend(found);
}

fn span(cx: &Context<'_>, id: &Id, sub: &str) -> Option<Span> {
    let places = &cx.draft.places;
    places.get(&id.child(sub)).or_else(|| places.get(id)).copied()
}

/// `Some` when a condition is true or false whatever is measured.
fn fixed(measure: &Measure) -> Option<bool> {
    let metric = metrics::find(&measure.metric)?;
    let (zero, full) = match &measure.bound {
        Bound::Number(number) => (*number == Decimal::from(0), false),
        Bound::Percent(share) if metric.unit == Unit::Percent => {
            (*share == Decimal::from(0), *share >= Decimal::from(100))
        }
        Bound::Duration(length) => (length.nominal_seconds() == 0, false),
        Bound::Percent(_) | Bound::OfBaseline { .. } => return None,
    };
    match measure.comparison {
        Comparison::AtLeast if zero => Some(true),
        Comparison::LessThan if zero => Some(false),
        Comparison::AtMost if full => Some(true),
        Comparison::MoreThan if full => Some(false),
        _ => None,
    }
}

/// An example of a bound that says something, in the unit of what is measured.
fn example(measure: &Measure, number: &str, length: &str) -> String {
    match &measure.bound {
        Bound::Duration(_) => format!("such as `{length}`"),
        Bound::Percent(_) => {
            "between the two: near 100% with `at least` where more is better, near 0% with `at most` where less is better".to_owned()
        }
        Bound::Number(_) | Bound::OfBaseline { .. } => format!("such as `{number}`"),
    }
}

fn passes(measure: &Measure, always: bool, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error("checks/fixed", "a condition says nothing");
    let example = example(measure, "at most 0", "at most 30 min");
    if always {
        diagnostic
            .primary(span, "whatever is measured, this passes")
            .help(format!("set a bound that a bad migration would miss, {example}"))
    } else {
        diagnostic
            .primary(span, "whatever is measured, this fails")
            .help(format!("set a bound that can be met, {example}"))
    }
}

fn fires(measure: &Measure, always: bool, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error("checks/fixed#fires", "a condition says nothing");
    let example = match &measure.bound {
        Bound::Percent(_) => "such as `more than 1%` where less is better".to_owned(),
        _ => example(measure, "more than 0", "more than 30 min"),
    };
    if always {
        diagnostic
            .primary(span, "this fires at once, whatever is measured")
            .help(format!("set a bound that a good migration keeps, {example}"))
    } else {
        diagnostic
            .primary(span, "this never fires, whatever is measured")
            .help(format!("set a bound that can be passed, {example}"))
    }
}

/// Metrics that count records, each at most once, so that there are no more than the account holds: with the parts of the desk that they
/// count where the condition names no kind.
const OF_RECORDS: &[(&str, &[Part])] = &[
    ("broken", &[]),
    ("false_late", &[Part::Ticket]),
    ("hidden_breaches", &[Part::Ticket]),
    ("lost", &[]),
    ("lost_assignees", &[Part::Ticket]),
    ("misrouted", &[Part::Ticket]),
    ("missing", &[]),
    ("shifted_statuses", &[Part::Ticket]),
    ("wrong_visibility", &[Part::Comment, Part::Transcript]),
];

/// A tolerance of more records than there are forgives everything.
fn counted(cx: &Context<'_>, measure: &Measure, span: Span, fires: bool) -> Option<Diagnostic> {
    let (_, parts) = OF_RECORDS.iter().find(|(name, _)| *name == measure.metric)?;
    let Bound::Number(bound) = measure.bound else { return None };
    let source = cx.world.source()?;
    let kinds = if measure.of.is_empty() {
        parts.iter().flat_map(|part| source.kinds_of(*part)).collect::<Vec<_>>()
    } else {
        measure.of.iter().map(|of| source.kind(of)).collect::<Option<Vec<_>>>()?
    };
    let mut all = 0_u64;
    for kind in &kinds {
        let count = match &measure.scope {
            Some(condition) => count::matching(kind, condition).or_else(|| kind.count())?,
            None => kind.count()?,
        };
        all = all.saturating_add(count);
    }
    let sampled = measure.sample.as_ref().map(|sample| sample.count);
    let over = match measure.over {
        Some(Over::Records(records)) => Some(records),
        _ => None,
    };
    let looked = sampled.into_iter().chain(over).chain([all]).min()?;
    let most = Decimal::from(i64::try_from(looked).ok()?);
    let never = match measure.comparison {
        Comparison::AtMost => !fires && bound >= most,
        Comparison::LessThan => !fires && bound > most,
        Comparison::MoreThan => fires && bound >= most,
        Comparison::AtLeast | Comparison::Is => fires && bound > most,
    };
    // Where there is nothing, nothing can be wrong.
    if !never || looked == 0 {
        return None;
    }
    let plurals = kinds.iter().map(|kind| kind.plural.replace('_', " ")).collect::<Vec<_>>().join(" and ");
    let looked = grouped(looked);
    let how = if sampled.is_some() || over.is_some() { "are looked at" } else { "are in the account" };
    let end = if fires { "this never fires" } else { "this passes whatever goes wrong" };
    Some(
        Diagnostic::error("checks/fixed#counted", "a condition says nothing")
            .primary(span, format!("{end}: {looked} {plurals} {how}"))
            .help("set a bound well below that, which a bad migration would miss: most teams write 0"),
    )
}

/// A check passes before the migration is final; what only the daily use of the new desk shows comes too late for it.
fn late(measure: &Measure, span: Span) -> Option<Diagnostic> {
    let metric = metrics::find(&measure.metric).filter(|metric| metric.known == Known::Operation)?;
    Some(
        Diagnostic::error("checks/known-too-late", "a check asks for something that is known too late")
            .primary(span, "only daily work on the new desk shows this")
            .note(means(metric))
            .help("make it a `criterion`, or watch it: `watch target`"),
    )
}

/// A watch sees what the new desk shows; what is only compared once is not there to be watched.
fn watched<'m>(cx: &Context<'_>, id: &Id, metrics: impl Iterator<Item = &'m String>) -> Vec<Diagnostic> {
    let mut names: Vec<&str> = metrics.map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let compared = names.into_iter().filter_map(metrics::find).filter(|metric| metric.known == Known::Verify);
    let reported = compared.filter_map(|metric| {
        Some(
            Diagnostic::error("watch/not-seen", "a watch asks for something that it cannot see")
                .primary(span(cx, id, metric.name)?, "this is known only while old and new desk are compared")
                .note(means(metric))
                .help("ask for it in a `check`"),
        )
    });
    reported.collect()
}

fn means(metric: &Metric) -> String {
    format!("{}: {}", metric.name.replace('_', " "), metric.means)
}
