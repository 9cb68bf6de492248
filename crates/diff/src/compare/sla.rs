//! Promises: clocks, opening hours, escalations.

use std::collections::BTreeSet;

use cutover_ir::Id;
use cutover_ir::predicate::Predicate;
use cutover_plan::Plan;
use cutover_plan::model::{
    Calendar, Clock, ClockEffect, ClockState, Content, DueOffset, DueWritten, Escalation, EscalationStep,
    Holiday, Keeping, OpeningHours, Sla, System,
};
use cutover_plan::text::{numbers, words};

use super::context::{Context, Trio};
use super::item::due_dates;
use crate::DueDates;
use crate::change::Affected;
use crate::kind::Kind;
use crate::order::{self, Strength};

const ESCALATION: Trio = Trio(Kind::EscalationWeaker, Kind::EscalationStronger, Kind::EscalationWeaker);

/// A policy.
pub(super) fn sla(cx: &mut Context<'_>, old: &Sla, new: &Sla) {
    let Sla { applies, calendar, clocks, states, tolerance } = new;
    let id = cx.id.clone();
    cx.affected = due_dates(cx, &id);
    let tickets = |plan: &Plan, applies: &Option<Predicate>| {
        applies.as_ref().map_or_else(
            || "all tickets".to_owned(),
            |applies| format!("tickets where {}", words::predicate(plan, applies)),
        )
    };
    let (before, after) = (tickets(cx.old, &old.applies), tickets(cx.new, applies));
    cx.texts(Kind::PromiseScopeChanged, "", Some(before), Some(after));
    let hours = |cx: &Context<'_>, plan: &Plan, calendar: &Option<cutover_plan::model::Ref>| {
        calendar.as_ref().map(|calendar| cx.title(plan, &calendar.0))
    };
    let (before, after) = (hours(cx, cx.old, &old.calendar), hours(cx, cx.new, calendar));
    cx.texts(Kind::HoursChanged, "counted by", before, after);
    let find = |all: &'_ [Clock], name: &str| all.iter().find(|clock| clock.name == name).cloned();
    for was in &old.clocks {
        match find(clocks, &was.name) {
            Some(is) => clock(cx, was, &is),
            None => cx.say(
                Kind::PromiseRemoved,
                words::human(&was.name),
                format!("within {}", words::length(was.allowed)),
                None,
            ),
        }
    }
    for is in clocks.iter().filter(|is| find(&old.clocks, &is.name).is_none()) {
        let after = format!("within {}", words::length(is.allowed));
        cx.say(Kind::PromiseAdded, words::human(&is.name), None, after);
    }
    for effect in [ClockEffect::Runs, ClockEffect::Pauses, ClockEffect::Stops] {
        let part = match effect {
            ClockEffect::Runs => "runs in",
            ClockEffect::Pauses => "pauses in",
            ClockEffect::Stops => "stops in",
        };
        cx.texts(Kind::PausesChanged, part, statuses(&old.states, effect), statuses(states, effect));
    }
    cx.affected = Affected::None;
    // Without a tolerance every difference needs a reason, as with none at all.
    let allowed = |d: &Option<cutover_ir::quantity::Duration>| d.map_or(0, |d| d.nominal_seconds());
    let strength = order::smaller(allowed(&old.tolerance), allowed(tolerance));
    let said = |d: &Option<cutover_ir::quantity::Duration>| d.map(words::length);
    let trio = Trio(Kind::ToleranceWider, Kind::ToleranceNarrower, Kind::ToleranceWider);
    cx.strength(trio, strength, "", said(&old.tolerance), said(tolerance));
}

fn statuses(states: &[ClockState], effect: ClockEffect) -> Option<String> {
    let mut said: Vec<String> = states
        .iter()
        .filter(|state| state.effect == effect)
        .flat_map(|state| {
            let of = match state.of.as_slice() {
                [] => String::new(),
                of => format!(" ({})", words::list(&of.iter().map(|c| words::human(c)).collect::<Vec<_>>())),
            };
            state.statuses.iter().map(move |status| format!("“{status}”{of}"))
        })
        .collect();
    said.sort();
    (!said.is_empty()).then(|| words::list(&said))
}

fn clock(cx: &mut Context<'_>, old: &Clock, new: &Clock) {
    let Clock { name, allowed, held, as_metric, unpaused, continuity, lossy: _ } = new;
    let name = words::human(name);
    if old.allowed != *allowed {
        let longer = match order::longer(old.allowed, *allowed) {
            Strength::Weaker => Kind::PromiseShorter,
            // By another kind of time it may be later for some.
            _ => Kind::PromiseLonger,
        };
        cx.say(longer, name.clone(), words::length(old.allowed), words::length(*allowed));
    }
    if old.held != *held {
        let there = |clock: &Clock| words::length(clock.held.unwrap_or(clock.allowed));
        cx.texts(
            Kind::ClockChanged,
            &format!("{name}: held in the new desk"),
            Some(there(old)),
            Some(there(new)),
        );
    }
    let goes_on = |plan: &Plan, clock: &Clock| {
        let rules: Vec<String> = clock
            .continuity
            .iter()
            .map(|rule| match words::clock_condition(plan, rule) {
                Some(condition) => {
                    format!("if {condition}, {}", words::clock_action(&rule.action))
                }
                None => words::clock_action(&rule.action),
            })
            .collect();
        if rules.is_empty() { "nothing said".to_owned() } else { rules.join("; else ") }
    };
    if old.continuity != *continuity {
        let (was, is) = (goes_on(cx.old, old), goes_on(cx.new, new));
        cx.say(Kind::ClockChanged, name.clone(), was, is);
    }
    let pauses = |yes: bool| if yes { "not taken over" } else { "taken over" }.to_owned();
    if old.unpaused != *unpaused {
        let part = format!("{name}: earlier pauses");
        cx.say(Kind::ClockChanged, part, pauses(old.unpaused), pauses(*unpaused));
    }
    let part = format!("{name}: called in the new desk");
    let metric = |metric: &Option<String>| metric.as_ref().map(|metric| words::human(metric));
    cx.texts(Kind::ClockChanged, &part, metric(&old.as_metric), metric(as_metric));
    if old.lossy != new.lossy {
        cx.texts(Kind::ReasonChanged, &name, old.lossy.clone(), new.lossy.clone());
    }
}

/// How a desk keeps promises that it keeps otherwise than they were made.
pub(super) fn keeping(cx: &mut Context<'_>, system: &str, old: &System, new: &System) {
    // Without a window it is not known which of their days matter.
    if cx.old.migration.window.is_none() || cx.new.migration.window.is_none() {
        return;
    }
    let policies: BTreeSet<&Id> = old.keeping.keys().chain(new.keeping.keys()).collect();
    for policy in policies {
        let (was, is) = (old.keeping.get(policy), new.keeping.get(policy));
        // Of a policy that only one plan has, all is told.
        if was == is || !cx.old.items.contains_key(policy) || !cx.new.items.contains_key(policy) {
            continue;
        }
        cx.about(policy.clone(), cx.title(cx.new, policy));
        let part = format!("as the {} keeps it", if system == "source" { "old desk" } else { "new desk" });
        let (before, after) = (kept(was), kept(is));
        if before == after {
            cx.say(Kind::KeepingChanged, part, None, None);
        } else {
            cx.say(Kind::KeepingChanged, part, before, after);
        }
    }
}

fn kept(keeping: Option<&Keeping>) -> String {
    let Some(Keeping { hours, whole_days, step, held, unknown, dues, no_level, states }) = keeping else {
        return "as promised".to_owned();
    };
    let mut said = Vec::new();
    said.extend(hours.is_some().then(|| "by opening hours of its own".to_owned()));
    said.extend(whole_days.then(|| "no day has hours of its own".to_owned()));
    said.extend(step.map(|step| format!("in steps of {step} min")));
    said.extend(
        held.iter().map(|(clock, held)| format!("{}: {}", words::human(clock), words::length(*held))),
    );
    said.extend(unknown.iter().map(|clock| format!("{}: not known", words::human(clock))));
    said.extend(dues.iter().filter_map(|(clock, written)| {
        let what = match written {
            DueWritten::Old => return None,
            DueWritten::Unsure => "inherits what nobody can tell",
            DueWritten::Nothing => "inherits nothing",
        };
        Some(format!("{}: {what}", words::human(clock)))
    }));
    said.extend(no_level.then(|| "nothing is counted, for want of a service level".to_owned()));
    said.extend(states.iter().flat_map(|(clock, states)| {
        let there = |effect: &ClockEffect| match effect {
            ClockEffect::Runs => "runs",
            ClockEffect::Pauses => "stands still",
            ClockEffect::Stops => "is over",
        };
        states.iter().map(move |(status, effect)| {
            format!("{} in what “{status}” becomes: {}", words::human(clock), there(effect))
        })
    }));
    said.join("; ")
}

/// Opening hours.
pub(super) fn calendar(cx: &mut Context<'_>, old: &Calendar, new: &Calendar) {
    let Calendar { zone, hours, holidays, known_until } = new;
    // Every promise that counts by them gets other due dates.
    cx.affected = counted_by(cx);
    cx.texts(Kind::HoursChanged, "zone", Some(old.zone.clone()), Some(zone.clone()));
    let open = |hours: &[OpeningHours]| {
        let said: Vec<String> = hours
            .iter()
            .map(|open| {
                let (from, to) = (numbers::clock(open.from), numbers::clock(open.to));
                format!("{} {from} to {to}", open.days.join(", "))
            })
            .collect();
        (!said.is_empty()).then(|| said.join("; "))
    };
    cx.texts(Kind::HoursChanged, "open", open(&old.hours), open(hours));
    let days = |all: &[Holiday], other: &[Holiday]| {
        let said: Vec<String> = all
            .iter()
            .filter(|day| !other.iter().any(|o| o.date == day.date && o.open == day.open))
            .map(|day| {
                let open: Vec<String> = day
                    .open
                    .iter()
                    .map(|(from, to)| format!("{} to {}", numbers::clock(*from), numbers::clock(*to)))
                    .collect();
                match open.as_slice() {
                    [] => day.date.to_string(),
                    open => format!("{} (open {})", day.date, open.join(", ")),
                }
            })
            .collect();
        (!said.is_empty()).then(|| words::list(&said))
    };
    cx.texts(
        Kind::HoursChanged,
        "special days",
        days(&old.holidays, holidays),
        days(holidays, &old.holidays),
    );
    cx.affected = Affected::None;
    let day = |date: &Option<cutover_ir::time::Date>| date.map(|date| date.to_string());
    cx.texts(Kind::HoursChanged, "holidays known until", day(&old.known_until), day(known_until));
}

/// How many due dates change of the policies that count by the calendar. A ticket under several of them is counted for each.
fn counted_by(cx: &Context<'_>) -> Affected {
    let mut sum = DueDates::default();
    let mut policies = 0;
    for (id, item) in &cx.new.items {
        let Content::Sla(sla) = &item.content else { continue };
        if sla.calendar.as_ref().is_none_or(|calendar| calendar.0 != cx.id) {
            continue;
        }
        policies += 1;
        let Some(count) = cx.counts.due_dates.get(id) else { return due_dates(cx, id) };
        sum.tickets = sum.tickets.saturating_add(count.tickets);
        sum.at_most |= count.at_most || policies > 1;
    }
    if policies == 0 {
        return Affected::None;
    }
    Affected::DueDates { count: sum.tickets, at_most: sum.at_most }
}

/// Who hears of a promise in danger. Steps are paired by who is told.
pub(super) fn escalation(cx: &mut Context<'_>, old: &Escalation, new: &Escalation) {
    let (was, is) = (cx.old, cx.new);
    let mut come: Vec<&EscalationStep> = new.steps.iter().filter(|s| !old.steps.contains(s)).collect();
    for step in old.steps.iter().filter(|step| !new.steps.contains(step)) {
        let before = said(was, step);
        match come.iter().position(|other| other.notify == step.notify) {
            Some(at) => {
                let other = come.remove(at);
                cx.strength(ESCALATION, sooner(&step.when, &other.when), "", before, said(is, other));
            }
            None => cx.say(Kind::EscalationWeaker, "", before, None),
        }
    }
    for step in come {
        cx.say(Kind::EscalationStronger, "", None, said(is, step));
    }
}

fn said(plan: &Plan, step: &EscalationStep) -> String {
    format!("{} is told {}", words::recipient(plan, &step.notify), words::due_offset(&step.when))
}

/// The sooner one is stronger.
fn sooner(old: &DueOffset, new: &DueOffset) -> Strength {
    let at = |offset: &DueOffset| match offset {
        DueOffset::Before(d) => -i128::from(d.nominal_seconds()),
        DueOffset::At => 0,
        DueOffset::After(d) => i128::from(d.nominal_seconds()),
    };
    order::smaller(at(old), at(new))
}
