//! What one policy of the target can hold of what is promised: in which hours its times count, in what unit they are written, and which
//! metrics stand in one policy.

use cutover_calendar::{Hours, Length};
use cutover_catalog::capability::{LengthUnit, PolicyHours};
use cutover_catalog::catalog::PolicyForm;
use cutover_catalog::inventory::Object;
use cutover_catalog::opening::Opening;
use cutover_catalog::{Catalog, Part};
use cutover_diagnostics::Diagnostic;
use cutover_ir::quantity::{Duration, TimeBase};
use cutover_plan::model::{Calendar, Content, Ref};
use cutover_plan::promises;

use super::clock::Written;
use super::{ahead, windows};
use crate::clocks;
use crate::context::Context;
use crate::lower::checks::listed;

/// Finds out what the target holds in the place of each promise that it cannot hold, and reports what nobody has accepted.
pub(super) fn settle(cx: &mut Context<'_>, calendar: Option<&Ref>, policy: &mut [Written]) {
    let Some(catalog) = cx.world.target().and_then(|target| target.catalog) else { return };
    // An error never rests on something that nobody has shown.
    let Some(form) = clocks::policy_form(catalog) else { return };
    one_of(cx, catalog, form, policy);
    let open = calendar.and_then(|calendar| open_hours(cx, calendar));
    let shortest = open.and_then(|open| clocks::day_lengths(open).into_values().min());
    let day = (open.and_then(clocks::day_length), shortest);
    let closed = (form.hours == PolicyHours::Calendar).then(|| never_always_open(cx)).flatten();
    let business =
        policy.iter().find(|clock| clock.business()).map(|clock| (clock.span, clock.clock.allowed));
    let mut found = Vec::new();
    for clock in policy {
        let promised = clock.clock.allowed;
        let mut held = promised;
        let accepted = clock.clock.lossy.is_some();
        if let Some((other, _)) = business.filter(|_| form.hours != PolicyHours::Each && !clock.business()) {
            held = clocks::in_opening_hours(promised);
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
        if let Some(calendars) = closed.as_ref().filter(|_| business.is_none()) {
            held = clocks::in_opening_hours(promised);
            found.extend((!accepted).then(|| always_open(catalog, clock, calendars, held)));
        }
        if held.base == TimeBase::Business && held.days > 0 && !form.days {
            found.extend(days(catalog, form, clock, &mut held, day, accepted));
        }
        if let Some(unit) = form.unit {
            found.extend(whole(catalog, unit, clock, &mut held, accepted));
        }
        found.extend(longest(catalog, form, clock, held));
        if let Some(counted) = open.and_then(|open| counted(form, held, open)) {
            found.extend(ahead::check(cx, catalog, form, clock, &counted));
            found.extend(windows::check(cx, catalog, form, clock, &counted));
        }
        clock.clock.held = (held != promised).then_some(held);
    }
    for finding in found {
        cx.push(finding);
    }
}

/// A length of opening hours with the hours by which it is counted, for a product that cannot count all of them.
pub(super) struct Counted<'a> {
    pub(super) held: Duration,
    pub(super) open: &'a Calendar,
    pub(super) length: Length,
    pub(super) hours: Hours,
}

fn counted<'a>(form: &PolicyForm, held: Duration, open: &'a Calendar) -> Option<Counted<'a>> {
    let some = form.within.is_some() || form.windows.is_some();
    let hours = (some && held.base == TimeBase::Business).then(|| promises::hours(open))??;
    Some(Counted { held, open, length: promises::allowed(held), hours })
}

/// Days with opening hours, for a product that counts hours and minutes: so many hours as the days have, where all have the same, else
/// as the shortest has.
fn days(
    catalog: &Catalog,
    form: &PolicyForm,
    clock: &Written,
    held: &mut Duration,
    day: (Option<u64>, Option<u64>),
    accepted: bool,
) -> Option<Diagnostic> {
    let unit = form.unit.unwrap_or(LengthUnit::Minute).describe();
    let label = format!("{} writes {unit}, and no days with opening hours", catalog.title);
    let promised = *held;
    let (day, shortest) = day;
    let Some(day) = day else {
        // By the shortest day, so that nobody is warned too late.
        *held = clocks::in_hours(promised, shortest?);
        return (!accepted).then(|| {
            let written = said(*held);
            Diagnostic::error("sla/cannot-hold#days", "the target cannot hold this length of time")
                .primary(clock.span, label)
                .note("the days of this calendar are not open equally long, so that no number of hours is so many days")
                .help(format!(
                    "write the business hours that were promised; or keep the days and accept that the target holds `{written}`, by the shortest of them: add `lossy \"...\"` at the end of the line"
                ))
        });
    };
    *held = clocks::in_hours(promised, day);
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
    let promised = *held;
    *held = clocks::in_units(promised, unit);
    (!accepted && *held != promised).then(|| {
        let written = said(*held);
        Diagnostic::error("sla/cannot-hold#unit", "the target cannot hold this length of time")
            .primary(clock.span, format!("{} counts whole {}", catalog.title, unit.describe()))
            .note(format!(
                "it would hold {written} instead of {}: what is over is cut off, so that nobody is warned too late",
                said(promised)
            ))
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

/// The calendars of the target, as far as its inventory tells their hours, where none of them is open day and night.
fn never_always_open(cx: &Context<'_>) -> Option<Vec<String>> {
    let target = cx.world.target()?;
    let kind = target.kinds_of(Part::Schedule).next()?;
    let all = target.objects(kind.name)?;
    let known = !all.is_empty() && all.iter().all(|one| !one.hours.is_empty());
    let always = |one: &Object| {
        let mut days = [false; 7];
        for opening in one.hours.iter().filter_map(Opening::parse) {
            let whole = opening.from == 0 && opening.to == 24 * 60;
            for (day, on) in days.iter_mut().zip(opening.days) {
                *day |= on && whole;
            }
        }
        days.iter().all(|day| *day) && one.holidays.as_ref().is_none_or(|days| days.is_empty())
    };
    (known && !all.iter().any(always)).then(|| all.iter().map(|one| one.name.to_string()).collect())
}

/// A policy that counts day and night, for a target whose policies count by a calendar and that has none for it.
fn always_open(catalog: &Catalog, clock: &Written, calendars: &[String], held: Duration) -> Diagnostic {
    let names: Vec<&str> = calendars.iter().map(String::as_str).collect();
    Diagnostic::error("sla/one-calendar#always", "a policy counts day and night, and no calendar of the target does")
        .primary(clock.span, "this clock counts day and night")
        .note(format!(
            "{}: {}; of its calendars, {}, none is open day and night: it would hold {} instead of {}",
            catalog.title,
            PolicyHours::Calendar.describe(),
            listed(&names),
            said(held),
            said(clock.clock.allowed)
        ))
        .help(format!(
            "make a calendar in {} that is open day and night without holidays, and take its inventory anew; or accept it: add `lossy \"...\"` at the end of the line",
            catalog.title
        ))
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

/// The calendar of a policy.
fn open_hours<'c>(cx: &'c Context<'_>, calendar: &Ref) -> Option<&'c Calendar> {
    match &cx.draft.plan.items.get(&calendar.0)?.content {
        Content::Calendar(calendar) => Some(calendar),
        _ => None,
    }
}

/// A length of time as the language writes it: `40 business hours`.
fn said(length: Duration) -> String {
    let base = if length.base == TimeBase::Business { "business" } else { "calendar" };
    if length.days > 0 {
        return format!("{} {base} day{}", length.days, if length.days == 1 { "" } else { "s" });
    }
    super::clock::said(length, base)
}
