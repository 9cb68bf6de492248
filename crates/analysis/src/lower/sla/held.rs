//! What one policy of the target can hold of what is promised: in which hours its times count, in what unit they are written, and which
//! metrics stand in one policy.

use std::collections::BTreeMap;

use cutover_catalog::Catalog;
use cutover_catalog::capability::{LengthUnit, PolicyHours};
use cutover_catalog::catalog::PolicyForm;
use cutover_catalog::fact::Mark;
use cutover_diagnostics::Diagnostic;
use cutover_ir::quantity::{Duration, TimeBase};
use cutover_plan::model::{Calendar, Content, Ref};

use super::clock::Written;
use crate::context::Context;
use crate::lower::checks::listed;

/// Finds out what the target holds in the place of each promise that it cannot hold, and reports what nobody has accepted.
pub(super) fn settle(cx: &mut Context<'_>, calendar: Option<&Ref>, clocks: &mut [Written]) {
    let Some(catalog) = cx.world.target().and_then(|target| target.catalog) else { return };
    let Some(form) = &catalog.sla.policy else { return };
    let from = if form.from.is_empty() { &catalog.sla.from } else { &form.from };
    // An error never rests on something that nobody has shown.
    if catalog.mark_of(form.mark.or(catalog.sla.mark), from) == Mark::Unverified {
        return;
    }
    one_of(cx, catalog, form, clocks);
    let day = calendar.and_then(|calendar| day_length(cx, calendar));
    let business =
        clocks.iter().find(|clock| clock.business()).map(|clock| (clock.span, clock.clock.allowed));
    let mut found = Vec::new();
    for clock in clocks {
        let promised = clock.clock.allowed;
        let mut held = promised;
        let accepted = clock.clock.lossy.is_some();
        if let Some((other, _)) = business.filter(|_| form.hours == PolicyHours::One && !clock.business()) {
            held = Duration { base: TimeBase::Business, days: 0, seconds: promised.nominal_seconds() };
            if !accepted {
                found.push(
                    Diagnostic::error("sla/one-calendar", "one policy counts some times in opening hours and others day and night")
                        .primary(clock.span, "this clock counts day and night")
                        .secondary(other, "this one counts in opening hours only")
                        .note(format!(
                            "{}: {}; it would hold {} instead of {}",
                            catalog.title,
                            form.hours.describe(),
                            said(held),
                            said(promised)
                        ))
                        .help(format!(
                            "promise both in the same hours; or say that you know that this clock ends later in {}: add `lossy \"...\"` at the end of its line",
                            catalog.title
                        )),
                );
            }
        }
        if held.base == TimeBase::Business && held.days > 0 && !form.days {
            found.extend(days(catalog, form, clock, &mut held, day, accepted));
        }
        if let Some(unit) = form.unit {
            found.extend(whole(catalog, unit, clock, &mut held, accepted));
        }
        found.extend(longest(catalog, form, clock, held));
        clock.clock.held = (held != promised).then_some(held);
    }
    for finding in found {
        cx.push(finding);
    }
}

/// Days with opening hours, for a product that counts hours and minutes: so many hours as the days have, where all have the same.
fn days(
    catalog: &Catalog,
    form: &PolicyForm,
    clock: &Written,
    held: &mut Duration,
    day: Option<u64>,
    accepted: bool,
) -> Option<Diagnostic> {
    let unit = form.unit.unwrap_or(LengthUnit::Minute).describe();
    let label = format!("{} writes {unit}, and no days with opening hours", catalog.title);
    let Some(day) = day else {
        return Some(
            Diagnostic::error("sla/cannot-hold#days", "the target cannot hold this length of time")
                .primary(clock.span, label)
                .note("the days of this calendar are not open equally long, so that no number of hours is so many days")
                .help("write the business hours that the target shall count: `24 business hours`"),
        );
    };
    let promised = *held;
    *held =
        Duration { base: TimeBase::Business, days: 0, seconds: day.saturating_mul(u64::from(promised.days)) };
    (!accepted).then(|| {
        let written = said(*held);
        Diagnostic::error("sla/cannot-hold", "the target cannot hold this length of time")
            .primary(clock.span, label)
            .note(format!(
                "it would hold {written} instead of {}: a ticket that is made outside of opening hours is due at another time then",
                said(promised)
            ))
            .help(format!("write `{written}`; or keep the days and accept the difference: add `lossy \"...\"` at the end of the line"))
    })
}

/// Lengths are multiples of the unit; what is over is not held, so that nobody is warned too late.
fn whole(
    catalog: &Catalog,
    unit: LengthUnit,
    clock: &Written,
    held: &mut Duration,
    accepted: bool,
) -> Option<Diagnostic> {
    let (seconds, step) = (held.nominal_seconds(), unit.seconds());
    if seconds.is_multiple_of(step) || held.base == TimeBase::Business && held.days > 0 {
        return None;
    }
    let promised = *held;
    *held = Duration { days: 0, seconds: (seconds / step).max(1) * step, ..promised };
    (!accepted).then(|| {
        let written = said(*held);
        Diagnostic::error("sla/cannot-hold#unit", "the target cannot hold this length of time")
            .primary(clock.span, format!("{} counts whole {}", catalog.title, unit.describe()))
            .note(format!("it would hold {written} instead of {}", said(promised)))
            .help(format!(
                "write `{written}`, or accept the difference: add `lossy \"...\"` at the end of the line"
            ))
    })
}

fn longest(catalog: &Catalog, form: &PolicyForm, clock: &Written, held: Duration) -> Option<Diagnostic> {
    let most = form.most.as_ref()?;
    (held.nominal_seconds() > most.base()).then(|| {
        Diagnostic::error("sla/cannot-hold#most", "the target cannot hold this length of time")
            .primary(clock.span, format!("{} holds at most {most}", catalog.title))
            .help("promise less, or leave this clock out and watch these tickets in a list")
    })
}

/// Two clocks by metrics of which a policy holds one.
fn one_of(cx: &mut Context<'_>, catalog: &Catalog, form: &PolicyForm, clocks: &[Written]) {
    for group in &form.one_of {
        let names: Vec<&str> = group.iter().collect();
        let mut those = clocks.iter().filter_map(|clock| {
            let metric = clock.clock.as_metric.as_deref()?;
            names.contains(&metric).then_some((clock, metric))
        });
        let Some((first, metric)) = those.next() else { continue };
        // Two clocks by one metric are told elsewhere.
        let Some((second, other)) = those.find(|(_, other)| *other != metric) else { continue };
        cx.push(
            Diagnostic::error("sla/exclusive-metrics", "one policy of the target cannot hold both clocks")
                .primary(second.span, format!("measured by `{other}`"))
                .secondary(first.span, format!("and this one by `{metric}`"))
                .note(format!("a policy of {} has one of {}", catalog.title, listed(&names)))
                .help("keep the clock that was promised to customers, and watch the other one in a list of tickets"),
        );
    }
}

/// How long each day with opening hours is open, in seconds, where all are open equally long.
fn day_length(cx: &Context<'_>, calendar: &Ref) -> Option<u64> {
    let Content::Calendar(Calendar { hours, .. }) = &cx.draft.plan.items.get(&calendar.0)?.content else {
        return None;
    };
    let mut open: BTreeMap<&str, u64> = BTreeMap::new();
    for stretch in hours {
        let end = if stretch.to > stretch.from { stretch.to } else { stretch.to + 24 * 60 };
        for day in &stretch.days {
            *open.entry(day).or_default() += u64::from(end - stretch.from) * 60;
        }
    }
    let mut lengths = open.into_values();
    let first = lengths.next()?;
    lengths.all(|length| length == first).then_some(first)
}

/// A length of time as the language writes it: `40 business hours`.
fn said(length: Duration) -> String {
    let base = if length.base == TimeBase::Business { "business" } else { "calendar" };
    if length.days > 0 {
        return format!("{} {base} day{}", length.days, if length.days == 1 { "" } else { "s" });
    }
    super::clock::said(length, base)
}
