//! Calendars by which promises are counted: holidays are known long enough, and the target can write them down.

use std::collections::BTreeMap;

use cutover_catalog::catalog::ZoneNames;
use cutover_catalog::fact::{Mark, Unit};
use cutover_catalog::zones;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::quantity::TimeBase;
use cutover_ir::time::Date;
use cutover_plan::model::{Calendar, Content};

use crate::context::Context;

const DAY: u64 = 86_400;

/// Checks each calendar that a policy counts by.
pub fn check(cx: &mut Context<'_>) {
    let items = &cx.draft.plan.items;
    // The policies that count by a calendar; the first one stands for all.
    let mut used: BTreeMap<&Id, &Id> = BTreeMap::new();
    for (id, item) in items {
        if let Content::Sla(sla) = &item.content
            && let Some(calendar) = &sla.calendar
        {
            used.entry(&calendar.0).or_insert(id);
        }
    }
    let mut found = Vec::new();
    for (id, policy) in used {
        let Some(Content::Calendar(calendar)) = items.get(id).map(|item| &item.content) else { continue };
        let Some(head) = cx.draft.places.get(id).copied() else { continue };
        let policy = cx.draft.places.get(policy).copied();
        found.extend(horizon(cx, id, calendar, head, policy));
        found.extend(form(cx, id, calendar, head));
        found.extend(zone(cx, calendar, head));
        found.extend(far(cx, calendar, head));
    }
    cx.draft.diagnostics.extend(found);
}

fn horizon(
    cx: &Context<'_>,
    id: &Id,
    calendar: &Calendar,
    head: Span,
    policy: Option<Span>,
) -> Option<Diagnostic> {
    let end = cx.window.as_ref()?.end.utc_date();
    let with = |diagnostic: Diagnostic| match policy {
        Some(policy) => diagnostic.secondary(policy, "due dates are counted by it"),
        None => diagnostic,
    };
    let Some(known) = calendar.known_until else {
        return Some(
            with(
                Diagnostic::warning("calendars/no-horizon", "nobody says until when the holidays are known")
                    .primary(head, "does a day without a holiday have none, or has nobody looked?"),
            )
            .help(format!(
                "add `horizon` and the last day whose holidays are listed: `horizon {}`",
                year_end(end)
            )),
        );
    };
    let span = cx.draft.places.get(&id.child("horizon")).copied().unwrap_or(head);
    if known < end {
        return Some(
            with(
                Diagnostic::error("calendars/horizon", "holidays are known for too short a time")
                    .primary(span, format!("the window ends on {end}")),
            )
            .help("due dates are counted over days of which nobody knows whether they are holidays; list them, and move the horizon"),
        );
    }
    let needed = needed(cx, id, calendar, end);
    (known < needed.day).then(|| {
        with(
            Diagnostic::error("calendars/horizon#soon", "holidays are known for too short a time")
                .primary(span, format!("clocks run until about {}", needed.day)),
        )
        .note(needed.why)
        .help(format!(
            "list the holidays until then, too, and move the horizon: `horizon {}`",
            year_end(end).max(needed.day.to_string())
        ))
    })
}

/// Until when clocks run that are counted by a calendar, and why so long.
struct Needed {
    day: Date,
    why: String,
}

/// A ticket that comes in on the last day of hypercare has the longest clock of the calendar's policies.
fn needed(cx: &Context<'_>, id: &Id, calendar: &Calendar, end: Date) -> Needed {
    let items = &cx.draft.plan.items;
    let care = match items.get("hypercare").map(|item| &item.content) {
        Some(Content::Hypercare(care)) => Some(care.rhythm.lasting),
        _ => None,
    };
    let weekly: u64 = calendar
        .hours
        .iter()
        .map(|hours| u64::from(hours.to.saturating_sub(hours.from)) * 60 * len(&hours.days))
        .sum();
    let clocks = items.values().filter_map(|item| match &item.content {
        Content::Sla(sla) if sla.calendar.as_ref().is_some_and(|calendar| calendar.0 == *id) => Some(sla),
        _ => None,
    });
    let longest = clocks
        .flat_map(|sla| &sla.clocks)
        .map(|clock| {
            let seconds = clock.allowed.nominal_seconds();
            // So many weeks as the opening hours of a week go into it.
            let civil = match clock.allowed.base {
                TimeBase::Business if weekly > 0 => seconds.saturating_mul(7 * DAY).div_ceil(weekly),
                _ => seconds,
            };
            (civil.div_ceil(DAY), clock.allowed)
        })
        .max_by_key(|(days, _)| *days);
    let care_days = care.map_or(0, |length| length.nominal_seconds().div_ceil(DAY));
    let days = care_days.saturating_add(longest.map_or(0, |(days, _)| days));
    let day = Date::from_days(end.days().saturating_add(i32::try_from(days).unwrap_or(i32::MAX)));
    let mut why = format!("the window ends on {end}");
    if let Some(care) = care {
        why.push_str(&format!(", hypercare lasts {care}"));
    }
    if let Some((days, allowed)) = longest {
        why.push_str(&format!(", and the longest clock is {allowed}, about {days} days by this calendar"));
    }
    Needed { day, why }
}

fn len<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}

fn year_end(date: Date) -> String {
    format!("{}-12-31", date.ymd().0.saturating_add(1))
}

/// What the target's own calendars cannot express.
fn form(cx: &Context<'_>, id: &Id, calendar: &Calendar, head: Span) -> Option<Diagnostic> {
    let catalog = cx.world.target()?.catalog?;
    let form = catalog.sla.calendar.as_ref()?;
    let product = &catalog.title;
    let part = calendar.holidays.iter().find(|day| !day.open.is_empty());
    if let Some(day) = part.filter(|_| !form.part_holidays) {
        let at = cx.draft.places.get(&id.child(&day.date.to_string())).copied().unwrap_or(head);
        return Some(
            Diagnostic::warning(
                "calendars/part-holiday",
                "the target cannot write down a day with hours of its own",
            )
            .primary(at, format!("in {product} a holiday is a whole day"))
            .help("due dates around it differ: decide whether the day is open or closed there"),
        );
    }
    let step = form.step.as_ref().filter(|step| step.unit == Unit::Minutes && step.number > 1)?;
    let odd = calendar.hours.iter().any(|hours| {
        [hours.from, hours.to].iter().any(|minute| !u64::from(*minute).is_multiple_of(step.number))
    });
    odd.then(|| {
        Diagnostic::warning("calendars/step", "the target cannot write down these opening hours")
            .primary(head, format!("{product} knows hours in steps of {step}"))
            .help(
                "due dates differ by minutes: round the hours, or accept it in the `tolerance` of the policy",
            )
    })
}

/// The target spells zones in its own way; one for which it has no name has to be replaced by one with the same clocks.
fn zone(cx: &Context<'_>, calendar: &Calendar, head: Span) -> Option<Diagnostic> {
    let catalog = cx.world.target()?.catalog?;
    let form = catalog.sla.calendar.as_ref().filter(|form| form.zones == ZoneNames::Rails)?;
    let window = cx.window.as_ref()?;
    let own = cutover_calendar::Zone::named(&calendar.zone)?;
    if form.mark == Some(Mark::Unverified) || zones::rails_name(&calendar.zone).is_some() {
        return None;
    }
    // Clocks are counted for at most this long.
    let until = window.end.seconds().saturating_add(i64::try_from(2 * 366 * DAY).unwrap_or(i64::MAX));
    let from = window.start.seconds();
    let offsets = own.offsets(from, until);
    let same = zones::rails_zones().iter().find(|(iana, _)| {
        cutover_calendar::Zone::named(iana).is_some_and(|zone| zone.offsets(from, until) == offsets)
    });
    let product = &catalog.title;
    let finding = Diagnostic::warning("calendars/zone-name", "the target has no name for a time zone")
        .primary(head, format!("{product} cannot be set to \"{}\"", calendar.zone));
    Some(match same {
        Some((iana, name)) => finding.help(format!(
            "write `zone \"{iana}\"`, which {product} calls \"{name}\": its clocks go the same way"
        )),
        None => finding.help(
            "choose a zone that it knows, and accept the difference in the `tolerance` of the policies",
        ),
    })
}

/// Holidays that lie further ahead than the target can write down.
fn far(cx: &Context<'_>, calendar: &Calendar, head: Span) -> Option<Diagnostic> {
    let catalog = cx.world.target()?.catalog?;
    let form = catalog.sla.calendar.as_ref().filter(|form| form.mark != Some(Mark::Unverified))?;
    let horizon = form.horizon.as_ref()?;
    let days = match horizon.unit {
        Unit::Days => horizon.number,
        Unit::Years => horizon.number.saturating_mul(366),
        _ => return None,
    };
    let end = cx.window.as_ref()?.end.utc_date();
    let last = end.days().saturating_add(i32::try_from(days).unwrap_or(i32::MAX));
    let beyond = calendar.holidays.iter().filter(|day| day.date.days() > last);
    let first = beyond.clone().map(|day| day.date).min()?;
    Some(
        Diagnostic::warning("calendars/too-far", "the target cannot write down all holidays")
            .primary(head, format!("{} knows holidays for {horizon}, and {first} is later", catalog.title))
            .help("give them to the person who owns the calendar after the migration, or leave them out"),
    )
}
