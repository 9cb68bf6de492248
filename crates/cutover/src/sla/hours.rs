//! The opening hours that each desk was given, by its inventory, beside those that were promised.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use cutover_analysis::Places;
use cutover_calendar::{Calendar, DAY_SECONDS, Day, Hours, Reading, Stretch, WEEKDAYS, Zone};
use cutover_catalog::Part;
use cutover_catalog::catalog::ZoneNames;
use cutover_catalog::inventory::Object;
use cutover_catalog::opening::{Closed, Opening};
use cutover_catalog::zones::rails_name;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::time::Date;
use cutover_plan::model::{Content, Plan};

use super::desk::hours;
use super::zones;
use crate::systems::Account;

/// Days of holidays that are told one by one.
const TOLD: usize = 3;

/// Without a horizon so many days after the window are compared.
const COMPARED: i32 = 400;

/// The longest time that is compared, in days.
const LONGEST: i32 = 1200;

/// What is said of a schedule that closes at 23:59.
const LAST_MINUTE: &str = "from 23:59 to midnight no clock runs: where the desk means the end of the day, write `24:00` in the inventory";

/// A schedule of a desk by which a policy counts there.
pub(crate) struct Own {
    /// Its name in the desk.
    pub(super) name: String,
    pub(super) hours: Hours,
    /// How it differs from what was promised, each as the end of a sentence; none: not at all.
    pub(super) differs: Vec<String>,
    /// What its inventory does not tell of it, which is taken as promised.
    pub(super) untold: Vec<&'static str>,
    /// The hours, ready to be asked.
    pub(super) calendar: Option<Calendar>,
}

/// The schedule of a desk that stands for a calendar of the spec: the one of its name, or the only one where the spec has one calendar.
/// What its inventory does not tell is as promised. `None` when no such schedule is known.
pub(super) fn own(plan: &Plan, accounts: &[Account], desk: &str, id: &Id, promised: &Hours) -> Option<Own> {
    let account = accounts.iter().find(|account| account.is(desk))?;
    let (catalog, inventory) = (account.catalog()?, account.inventory()?);
    let (kind, _) = catalog.kinds.iter().find(|(_, kind)| kind.part == Part::Schedule)?;
    let schedules = inventory.objects.get(kind)?;
    let item = plan.items.get(id)?;
    let name = id.as_str().strip_prefix("calendar/")?;
    let named = |object: &&Object| {
        let is = |wanted: &str| object.name.trim().eq_ignore_ascii_case(wanted.trim());
        item.title.as_deref().is_some_and(is) || is(name) || is(&name.replace('_', " "))
    };
    let calendars = plan.items.values().filter(|item| matches!(item.content, Content::Calendar(_))).count();
    let only = if calendars == 1 && schedules.len() == 1 { schedules.first() } else { None };
    let object = schedules.iter().find(named).or(only)?;
    let zone = object.time_zone.as_deref().or(inventory.time_zone.as_deref());
    let end = plan.migration.window.as_ref()?.end.utc_date();
    let year = end.ymd().0;
    // Holidays of every year matter for tickets that wait long, and for their due times.
    let own = of(object, zone, promised, year - 5..=year + 5)?;
    // Clocks count from before the window, too: at least from when the account was looked at.
    let from = inventory.taken.map_or(end, |taken| taken.min(end));
    let from = Day(from.days());
    let to = promised.known_until.unwrap_or(from.plus(COMPARED)).min(from.plus(LONGEST));
    // A horizon before the window is a mistake that is told elsewhere.
    let to = to.max(from);
    let untold = [
        (zone.is_none(), "time zone"),
        (object.hours.is_empty(), "opening hours"),
        (object.holidays.is_none(), "holidays"),
    ];
    Some(Own {
        name: object.name.to_string(),
        differs: differs(&own, zone, promised, from, to),
        untold: untold.into_iter().filter(|(missing, _)| *missing).map(|(_, what)| what).collect(),
        calendar: Calendar::new(&own, Reading::default()).ok(),
        hours: own,
    })
}

/// What was said of a schedule, and what was promised where nothing was said. `None` when its zone is none, which is reported where the
/// inventory is read.
fn of(object: &Object, zone: Option<&str>, promised: &Hours, years: RangeInclusive<i32>) -> Option<Hours> {
    let mut own = promised.clone();
    if let Some(name) = zone {
        own.zone = zones::zone(name)?;
    }
    if !object.hours.is_empty() {
        own.week = Default::default();
        own.breaks = Default::default();
        for opening in object.hours.iter().filter_map(Opening::parse) {
            for (day, _) in own.week.iter_mut().zip(opening.days).filter(|(_, on)| *on) {
                day.push(Stretch::minutes(opening.from.into(), opening.to.into()));
            }
        }
    }
    if let Some(holidays) = &object.holidays {
        own.holidays = BTreeSet::new();
        own.special = BTreeMap::new();
        own.day_breaks = BTreeMap::new();
        for closed in holidays.iter().filter_map(Closed::parse) {
            match closed {
                Closed::On(date) => drop(own.holidays.insert(Day(date.days()))),
                Closed::Yearly(month, day) => own.holidays.extend(
                    years.clone().filter_map(|year| Date::new(year, month, day)).map(|date| Day(date.days())),
                ),
            }
        }
    }
    Some(own)
}

/// The hours of a day by the promise and by the desk.
type Both<'a> = (&'a [Stretch], &'a [Stretch]);

/// How a desk's hours differ from those that were promised, as ends of sentences that begin with its schedule.
fn differs(own: &Hours, zone: Option<&str>, promised: &Hours, from: Day, to: Day) -> Vec<String> {
    let mut said = Vec::new();
    let at = |day: Day| i64::from(day.0) * DAY_SECONDS;
    if own.zone.offsets(at(from), at(to)) != promised.zone.offsets(at(from), at(to)) {
        let zone = zone.unwrap_or(own.zone.name());
        said.push(format!("counts in {zone}, the promise in {}", promised.zone.name()));
    }
    let (Some(here), Some(there)) = (week(promised), week(own)) else { return said };
    // Days that differ alike are told together, Monday first.
    let mut weekly: Vec<(Both<'_>, Vec<&str>)> = Vec::new();
    for ((promised, own), name) in here.iter().zip(&there).zip(WEEKDAYS).filter(|((a, b), _)| a != b) {
        match weekly.iter_mut().find(|(alike, _)| *alike == (&**promised, &**own)) {
            Some((_, days)) => days.push(name),
            None => weekly.push(((promised, own), vec![name])),
        }
    }
    for ((promised, own), days) in weekly {
        let days = days.iter().map(|day| format!("{day}s")).collect::<Vec<_>>().join(", ");
        let own = if own.is_empty() { "closed".to_owned() } else { format!("open {}", times(own)) };
        let promised = if promised.is_empty() { "nothing".to_owned() } else { times(promised) };
        said.push(format!("is {own} on {days}; promised is {promised}"));
    }
    let mut dates: BTreeSet<Day> = promised.holidays.iter().chain(&own.holidays).copied().collect();
    dates.extend(promised.special.keys().chain(own.special.keys()).copied());
    let (mut open, mut closed, mut other) = (Vec::new(), Vec::new(), Vec::new());
    for day in dates.range(from..=to) {
        let (promised, own) = (on(promised, &here, *day), on(own, &there, *day));
        // What differs every week is told already.
        if promised == own || (promised.1, own.1) == (false, false) {
            continue;
        }
        let told = Date::from_days(day.0).to_string();
        match (promised.0.is_empty(), own.0.is_empty()) {
            (true, false) => open.push(told),
            (false, true) => closed.push(told),
            (false, false) if promised.0 != own.0 => other.push(told),
            _ => {}
        }
    }
    for (days, how) in [
        (open, "is open on days that are holidays by the promise"),
        (closed, "is closed on days that count by the promise"),
        (other, "is open at other hours than promised"),
    ] {
        if let Some(listed) = listed(&days) {
            said.push(format!("{how}: {listed}"));
        }
    }
    said
}

/// `2026-12-25, 2026-12-26 and 4 more`.
fn listed(days: &[String]) -> Option<String> {
    let first = days.get(..days.len().min(TOLD)).filter(|days| !days.is_empty())?.join(", ");
    let more = days.len().saturating_sub(TOLD);
    Some(if more == 0 { first } else { format!("{first} and {more} more") })
}

/// The hours of a date, and whether they are others than those of its day of the week.
fn on(hours: &Hours, week: &[Vec<Stretch>; 7], day: Day) -> (Vec<Stretch>, bool) {
    if hours.holidays.contains(&day) {
        return (Vec::new(), true);
    }
    let special = hours.special.get(&day);
    let weekly = || week.get(day.weekday()).cloned().unwrap_or_default();
    (special.cloned().unwrap_or_else(weekly), special.is_some())
}

/// The hours of a week without its exceptions, each on the day on which it lies, breaks taken out.
fn week(hours: &Hours) -> Option<[Vec<Stretch>; 7]> {
    let plain = Hours {
        week: hours.week.clone(),
        breaks: hours.breaks.clone(),
        ..Hours::closed(Zone::named("Etc/UTC")?)
    };
    let calendar = Calendar::new(&plain, Reading::default()).ok()?;
    // 5 January 1970 was a Monday.
    let days: [i64; 7] =
        std::array::from_fn(|day| (4 + i64::try_from(day).unwrap_or_default()) * DAY_SECONDS);
    Some(days.map(|midnight| {
        let second = |at: i64| u32::try_from(at - midnight).unwrap_or_default();
        let open = calendar.open_between(midnight, midnight + DAY_SECONDS);
        open.map(|(from, to)| Stretch { from: second(from), to: second(to) }).collect()
    }))
}

/// `09:00 to 12:00, 13:00 to 17:00`.
fn times(stretches: &[Stretch]) -> String {
    let clock = |second: u32| format!("{:02}:{:02}", second / 3600, second / 60 % 60);
    let said = stretches.iter().map(|one| format!("{} to {}", clock(one.from), clock(one.to)));
    said.collect::<Vec<_>>().join(", ")
}

/// Calendars of policies that the new desk counts by other hours, as far as its inventory tells.
pub(crate) fn check(plan: &Plan, accounts: &[Account], places: &Places) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let catalog = accounts.iter().find(|account| account.is("target")).and_then(Account::catalog);
    let form = catalog.and_then(|catalog| catalog.sla.calendar.as_ref());
    let by_name = form.is_some_and(|form| form.zones == ZoneNames::Rails);
    let target = plan.systems.get("target").map_or("the target", |system| system.product.as_str());
    for (policy, item) in &plan.items {
        let Content::Sla(sla) = &item.content else { continue };
        let Some(id) = sla.calendar.as_ref().map(|calendar| &calendar.0) else { continue };
        let business =
            sla.clocks.iter().any(|clock| clock.allowed.base == cutover_ir::quantity::TimeBase::Business);
        if !business || !seen.insert(id) {
            continue;
        }
        let Some(Content::Calendar(calendar)) = plan.items.get(id).map(|item| &item.content) else {
            continue;
        };
        // A zone that the new desk cannot be set to is told by another rule.
        if by_name && rails_name(&calendar.zone).is_none() {
            continue;
        }
        let (Some(promised), Some(at)) = (hours(calendar), places.get(id).copied()) else { continue };
        let Some(own) = own(plan, accounts, "target", id, &promised) else {
            found.extend(unnamed(plan, accounts, &promised, at));
            continue;
        };
        let last_minute = own.hours.week.iter().flatten().any(|open| open.to == 23 * 3600 + 59 * 60);
        let mut differs = own.differs.into_iter();
        let Some(first) = differs.next() else { continue };
        let finding = Diagnostic::warning(
            "sla/hours-differ",
            "the new desk counts promises by other hours than the spec",
        )
        .primary(at, format!("“{}” of {target} {first}", own.name));
        let finding = differs.fold(finding, |finding, more| finding.note(format!("it {more}")));
        let finding = if last_minute { finding.note(LAST_MINUTE) } else { finding };
        let finding = match places.get(policy) {
            Some(policy) => finding.secondary(*policy, "due times are counted by it"),
            None => finding,
        };
        found.push(finding.help(
            "set the schedule to what is promised before the rehearsal, and correct the inventory; where the new hours are meant, promise them here and tell the customers",
        ));
    }
    found
}

/// Schedules of the new desk of which none has the calendar's name, where each counts by other hours: policies count by one of them.
fn unnamed(plan: &Plan, accounts: &[Account], promised: &Hours, at: Span) -> Option<Diagnostic> {
    let account = accounts.iter().find(|account| account.is("target"))?;
    let (catalog, inventory) = (account.catalog()?, account.inventory()?);
    let (kind, _) = catalog.kinds.iter().find(|(_, kind)| kind.part == Part::Schedule)?;
    let schedules = inventory.objects.get(kind).filter(|schedules| !schedules.is_empty())?;
    let end = plan.migration.window.as_ref()?.end.utc_date();
    let (year, from) = (end.ymd().0, Day(end.days()));
    let mut told = Vec::new();
    for object in schedules {
        let zone = object.time_zone.as_deref().or(inventory.time_zone.as_deref());
        let own = of(object, zone, promised, year - 5..=year + 5)?;
        let first = differs(&own, zone, promised, from, from.plus(COMPARED)).into_iter().next()?;
        told.push(format!("“{}” {first}", object.name));
    }
    let finding = Diagnostic::warning(
        "sla/hours-differ#unnamed",
        "no schedule of the new desk has the name of this calendar, and each counts by other hours",
    )
    .primary(at, "which of them stands for this calendar?");
    let more = told.len().saturating_sub(TOLD);
    let finding = told.into_iter().take(TOLD).fold(finding, Diagnostic::note);
    let finding =
        if more == 0 { finding } else { finding.note(format!("{more} more count by other hours, too")) };
    Some(finding.help(
        "make a schedule of this name with these hours there, or give the calendar here the name of the one that is meant, and correct the inventory",
    ))
}

#[cfg(test)]
mod tests {
    use cutover_calendar::{Day, Hours, Zone};
    use cutover_catalog::inventory::Object;

    use super::{differs, of};

    fn told(schedule: &str, zone: Option<&str>) -> Vec<String> {
        let Some(berlin) = Zone::named("Europe/Berlin") else { return vec!["no zone".to_owned()] };
        let mut promised = Hours::weekdays(berlin, 540, 1020);
        promised.holidays.extend(Day::new(2026, 12, 25));
        let Ok(object) = serde_json::from_str::<Object>(schedule) else {
            return vec!["no schedule".to_owned()];
        };
        let Some(own) = of(&object, zone, &promised, 2026..=2027) else { return vec!["no zone".to_owned()] };
        let (Some(from), Some(to)) = (Day::new(2026, 12, 1), Day::new(2027, 12, 31)) else {
            return Vec::new();
        };
        differs(&own, zone, &promised, from, to)
    }

    #[test]
    fn differences_are_told_and_the_same_hours_are_none() {
        let none: Vec<String> = Vec::new();
        assert_eq!(told(r#"{"name":"Office"}"#, None), none);
        assert_eq!(told(r#"{"name":"Office"}"#, Some("Berlin")), none);
        // Another name of the same time.
        assert_eq!(told(r#"{"name":"Office"}"#, Some("Europe/Vienna")), none);
        assert_eq!(
            told(r#"{"name":"Office"}"#, Some("Lisbon")),
            ["counts in Lisbon, the promise in Europe/Berlin"]
        );
        let same = r#"{"name":"Office","hours":["mon, tue, wed, thu, fri 09:00 to 12:00","mon, tue, wed, thu, fri 12:00 to 17:00"],"holidays":["12-25"]}"#;
        // 25 December 2027 is a Saturday.
        assert_eq!(told(same, None), none);
        assert_eq!(told(r#"{"name":"Office"}"#, Some("Foobar")), ["no zone"]);
        let other = r#"{"name":"Office","hours":["mon, tue, wed 09:00 to 18:00","thu 09:00 to 17:00"],"holidays":["2026-12-24"]}"#;
        assert_eq!(
            told(other, None),
            [
                "is open 09:00 to 18:00 on mondays, tuesdays, wednesdays; promised is 09:00 to 17:00",
                "is closed on fridays; promised is 09:00 to 17:00",
                "is closed on days that count by the promise: 2026-12-24",
            ]
        );
        let open = r#"{"name":"Office","holidays":[]}"#;
        assert_eq!(told(open, None), ["is open on days that are holidays by the promise: 2026-12-25"]);
    }
}
