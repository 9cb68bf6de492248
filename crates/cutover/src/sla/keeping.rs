//! What a plan tells whoever runs it of how both desks keep the promises: their own opening hours, what their calendars and policies can
//! hold. It needs neither catalogs nor inventories then.

use std::collections::BTreeMap;

use cutover_analysis::{World, clocks};
use cutover_calendar::{Hours, Stretch, WEEKDAYS};
use cutover_ir::Id;
use cutover_ir::time::Date;
use cutover_plan::model::{Calendar, Content, DueWritten, Holiday, Keeping, OpeningHours, Plan};
use cutover_plan::promises::allowed;
use cutover_preview::Form;

use super::desk::{Promised, held_before, promised};
use super::hours::Own;
use crate::systems::Account;

/// Writes into the plan how each desk keeps each policy, where that is not as promised.
pub(crate) fn fill(plan: &mut Plan, accounts: &[Account]) {
    let world = &World::new(accounts.iter().map(Account::loaded).collect());
    let mut found = Vec::new();
    for promised in promised(plan, accounts) {
        let id = Id::new(["sla", promised.name]);
        let (source, target) = (promised.source.as_ref(), promised.target.as_ref());
        let mut before = of(&promised, source, promised.forms.0);
        for (clock, held) in promised.sla.clocks.iter().zip(held_before(plan, accounts, promised.sla)) {
            match held {
                Some(held) if allowed(held) == allowed(clock.allowed) => {}
                Some(held) => drop(before.held.insert(clock.name.clone(), held)),
                None => before.unknown.push(clock.name.clone()),
            }
        }
        found.push(("source", id.clone(), before));
        let mut there = of(&promised, target, promised.forms.1);
        for clock in promised.sla.clocks.iter().filter(|clock| clocks::inherits(clock)) {
            let written = clocks::due_written(plan, world, &clock.name);
            if written != DueWritten::Old {
                there.dues.insert(clock.name.clone(), written);
            }
        }
        there.no_level = clocks::without_level(plan, world);
        for clock in &promised.sla.clocks {
            let differs = clocks::differing(plan, world, promised.sla, clock).into_iter();
            let states: BTreeMap<_, _> =
                differs.map(|(status, _, there)| (status.to_owned(), there.effect)).collect();
            if !states.is_empty() {
                there.states.insert(clock.name.clone(), states);
            }
        }
        found.push(("target", id, there));
    }
    for (desk, policy, keeping) in found {
        if keeping != Keeping::default()
            && let Some(system) = plan.systems.get_mut(desk)
        {
            system.keeping.insert(policy, keeping);
        }
    }
}

/// Whether something is promised.
pub(crate) fn any(plan: &Plan) -> bool {
    plan.items.values().any(|item| matches!(item.content, Content::Sla(_)))
}

fn of(promised: &Promised<'_>, own: Option<&Own>, form: Form) -> Keeping {
    let hours = own.map_or(&promised.hours, |own| &own.hours);
    let (days, times) = form.holds(hours);
    Keeping {
        hours: own.filter(|own| !own.differs.is_empty()).map(|own| calendar(&own.hours)),
        whole_days: !days,
        step: (!times).then_some(form.step),
        ..Keeping::default()
    }
}

/// Opening hours as a plan writes them.
fn calendar(hours: &Hours) -> Calendar {
    let minutes = |stretch: &Stretch| (stretch.from / 60, stretch.to / 60);
    let mut week: Vec<OpeningHours> = Vec::new();
    for (name, day) in WEEKDAYS.iter().zip(&hours.week) {
        for (from, to) in day.iter().map(minutes) {
            match week.iter_mut().find(|open| (open.from, open.to) == (from, to)) {
                Some(open) => open.days.push((*name).to_owned()),
                None => week.push(OpeningHours { days: vec![(*name).to_owned()], from, to }),
            }
        }
    }
    let closed = hours.holidays.iter().map(|day| (*day, Vec::new()));
    let special = hours.special.iter().map(|(day, open)| (*day, open.iter().map(minutes).collect()));
    let mut holidays: Vec<Holiday> = closed
        .chain(special)
        .map(|(day, open)| Holiday { date: Date::from_days(day.0), name: None, open })
        .collect();
    holidays.sort_by_key(|holiday| holiday.date);
    holidays.dedup_by_key(|holiday| holiday.date);
    Calendar {
        zone: hours.zone.name().to_owned(),
        hours: week,
        holidays,
        known_until: hours.known_until.map(|day| Date::from_days(day.0)),
    }
}
