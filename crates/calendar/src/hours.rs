//! Opening hours as people write them, and how they are to be read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::day::{DAY_SECONDS, Day};
use crate::zone::Zone;

/// Names of the days of a week, in the order in which [`Hours`] holds them.
pub const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The most stretches that one day may have.
pub const MAX_STRETCHES: usize = 96;

/// The most days that may be special, be holidays or have breaks of their own.
pub const MAX_DAYS: usize = 20_000;

/// A stretch of a day, in seconds of the wall clock since midnight, half open. One that ends where it begins or before goes past
/// midnight into the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stretch {
    /// When it begins: 0 to 86,399.
    pub from: u32,
    /// When it ends: 1 to 86,400, which is midnight at the end of the day.
    pub to: u32,
}

impl Stretch {
    /// A stretch in minutes since midnight: `(540, 1020)` is 09:00 to 17:00.
    #[must_use]
    pub const fn minutes(from: u32, to: u32) -> Stretch {
        Stretch { from: from.saturating_mul(60), to: to.saturating_mul(60) }
    }

    /// From midnight to midnight.
    pub const DAY: Stretch = Stretch { from: 0, to: 86_400 };

    /// Its part on the day on which it begins, and its part on the next one.
    fn split(self) -> (Stretch, Option<Stretch>) {
        if self.from < self.to {
            return (self, None);
        }
        let tail = (self.to > 0).then_some(Stretch { from: 0, to: self.to });
        (Stretch { from: self.from, to: Stretch::DAY.to }, tail)
    }
}

/// When a place is open, in local terms. Plain data: [`crate::Calendar::new`] checks it and makes it quick to ask.
#[derive(Clone, Debug)]
pub struct Hours {
    /// The zone of every time of day below.
    pub zone: Zone,
    /// Open on each day of the week, Monday first. Stretches that overlap count once.
    pub week: [Vec<Stretch>; 7],
    /// Closed on each day of the week within those hours, Monday first. They say nothing about special days.
    pub breaks: [Vec<Stretch>; 7],
    /// Hours that replace those of the week on a date. No stretch at all closes the date.
    pub special: BTreeMap<Day, Vec<Stretch>>,
    /// Closed on a date, within whatever hours that date has.
    pub day_breaks: BTreeMap<Day, Vec<Stretch>>,
    /// Dates on which it is closed, whatever else is said about them.
    pub holidays: BTreeSet<Day>,
    /// The last date for which holidays and special days are known.
    pub known_until: Option<Day>,
}

impl Hours {
    /// Never open, in this zone: a beginning to be filled in.
    #[must_use]
    pub fn closed(zone: Zone) -> Hours {
        Hours {
            zone,
            week: Default::default(),
            breaks: Default::default(),
            special: BTreeMap::new(),
            day_breaks: BTreeMap::new(),
            holidays: BTreeSet::new(),
            known_until: None,
        }
    }

    /// Open on Monday to Friday between two minutes since midnight.
    #[must_use]
    pub fn weekdays(zone: Zone, from: u32, to: u32) -> Hours {
        let mut hours = Hours::closed(zone);
        for day in hours.week.iter_mut().take(5) {
            day.push(Stretch::minutes(from, to));
        }
        hours
    }

    /// Always open.
    #[must_use]
    pub fn always(zone: Zone) -> Hours {
        Hours { week: std::array::from_fn(|_| vec![Stretch::DAY]), ..Hours::closed(zone) }
    }
}

/// What is wrong with [`Hours`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A stretch begins or ends outside of a day, or has no length.
    Stretch(Stretch),
    /// One day has more than [`MAX_STRETCHES`] stretches.
    TooManyStretches,
    /// There are more than [`MAX_DAYS`] special days, holidays or days with breaks.
    TooManyDays,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Stretch(Stretch { from, to }) => {
                write!(f, "opening hours from second {from} to second {to} of a day are no stretch of a day")
            }
            Problem::TooManyStretches => write!(f, "a day has more than {MAX_STRETCHES} stretches of hours"),
            Problem::TooManyDays => write!(f, "there are more than {MAX_DAYS} special days"),
        }
    }
}

impl std::error::Error for Problem {}

/// What a time of day means that a wall clock skips.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Gap {
    /// The instant of the change, at which the wall clock shows a later time at once.
    #[default]
    Closed,
    /// The same time one hour later, and again until the wall clock shows it.
    Later,
    /// What it would have meant without the change: later by as much as is skipped.
    Unchanged,
}

/// What a holiday takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HolidayExtent {
    /// The local date, from its first instant to the first of the next.
    #[default]
    Date,
    /// So many seconds from the first instant of the date, however long the date is.
    Seconds(u32),
    /// Every stretch that begins on the date, as a whole.
    Begins,
}

/// How hours are turned into instants. The default is what this crate holds to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Reading {
    /// What skipped times of day mean.
    pub gap: Gap,
    /// What holidays take away.
    pub holidays: HolidayExtent,
}

/// [`Hours`] by date, checked: stretches within their day, sorted, apart from each other.
pub(crate) struct Dates<'a> {
    hours: &'a Hours,
    week: [Vec<Stretch>; 7],
    special: BTreeMap<Day, Vec<Stretch>>,
    /// What special hours leave to the morning of the next date.
    tails: BTreeMap<Day, Vec<Stretch>>,
}

impl<'a> Dates<'a> {
    pub(crate) fn new(hours: &'a Hours) -> Result<Dates<'a>, Problem> {
        let days = hours.special.len().max(hours.day_breaks.len()).max(hours.holidays.len());
        if days > MAX_DAYS {
            return Err(Problem::TooManyDays);
        }
        for stretches in hours.week.iter().chain(&hours.breaks).chain(hours.special.values()) {
            checked(stretches)?;
        }
        for stretches in hours.day_breaks.values() {
            checked(stretches)?;
        }
        let open = weekly(&hours.week);
        let breaks = weekly(&hours.breaks);
        let mut week: [Vec<Stretch>; 7] = Default::default();
        for ((day, open), breaks) in week.iter_mut().zip(open).zip(breaks) {
            *day = without(open, &breaks);
        }
        let mut special: BTreeMap<Day, Vec<Stretch>> = BTreeMap::new();
        let mut tails: BTreeMap<Day, Vec<Stretch>> = BTreeMap::new();
        for (day, stretches) in &hours.special {
            let parts = stretches.iter().map(|stretch| stretch.split());
            tails.entry(day.plus(1)).or_default().extend(parts.clone().filter_map(|(_, tail)| tail));
            special.insert(*day, parts.map(|(head, _)| head).collect());
        }
        tails.retain(|_, stretches| !stretches.is_empty());
        Ok(Dates { hours, week, special, tails })
    }

    /// The weekly hours of a day of the week.
    pub(crate) fn of_weekday(&self, weekday: usize) -> &[Stretch] {
        self.week.get(weekday).map_or(&[], Vec::as_slice)
    }

    /// The hours of a date about which nothing is said but by its week.
    pub(crate) fn plain(&self, day: Day) -> Option<&[Stretch]> {
        let breaks = &self.hours.day_breaks;
        let said = self.special.contains_key(&day)
            || self.tails.contains_key(&day)
            || self.is_holiday(day)
            || (!breaks.is_empty() && (breaks.contains_key(&day) || breaks.contains_key(&day.plus(-1))));
        (!said).then(|| self.of_weekday(day.weekday()))
    }

    /// The hours of a date before holidays and breaks of its own are taken away.
    pub(crate) fn on(&self, day: Day) -> Vec<Stretch> {
        let own = self.special.get(&day).map_or(self.of_weekday(day.weekday()), Vec::as_slice);
        let tail = self.tails.get(&day).map_or(&[][..], Vec::as_slice);
        merged(own.iter().chain(tail).copied().collect())
    }

    /// The breaks of a date, beside those of every week.
    pub(crate) fn breaks_on(&self, day: Day) -> Vec<Stretch> {
        let of = |day: Day| self.hours.day_breaks.get(&day).map_or(&[][..], Vec::as_slice);
        let own = of(day).iter().map(|stretch| stretch.split().0);
        merged(own.chain(of(day.plus(-1)).iter().filter_map(|stretch| stretch.split().1)).collect())
    }

    pub(crate) fn is_holiday(&self, day: Day) -> bool {
        self.hours.holidays.contains(&day)
    }

    /// Dates that differ from their week.
    pub(crate) fn exceptions(&self) -> impl Iterator<Item = Day> {
        let special = self.special.keys().chain(self.tails.keys());
        let breaks = self.hours.day_breaks.keys().flat_map(|day| [*day, day.plus(1)]);
        // A holiday of a fixed length may reach into the next date.
        let holidays = self.hours.holidays.iter().flat_map(|day| [*day, day.plus(1)]);
        special.copied().chain(breaks).chain(holidays)
    }
}

fn checked(stretches: &[Stretch]) -> Result<(), Problem> {
    if stretches.len() > MAX_STRETCHES {
        return Err(Problem::TooManyStretches);
    }
    let wrong = |stretch: &&Stretch| {
        let end = i64::from(stretch.to);
        i64::from(stretch.from) >= DAY_SECONDS || end > DAY_SECONDS || stretch.from == stretch.to
    };
    stretches.iter().find(wrong).map_or(Ok(()), |stretch| Err(Problem::Stretch(*stretch)))
}

/// A week with every stretch on the day on which it lies.
fn weekly(days: &[Vec<Stretch>; 7]) -> [Vec<Stretch>; 7] {
    let mut week: [Vec<Stretch>; 7] = Default::default();
    for (at, stretches) in days.iter().enumerate() {
        for stretch in stretches {
            let (head, tail) = stretch.split();
            for (day, part) in [(at, Some(head)), ((at + 1) % 7, tail)] {
                if let Some(day) = week.get_mut(day) {
                    day.extend(part);
                }
            }
        }
    }
    week.map(merged)
}

/// Sorted, with what overlaps or meets put together.
fn merged(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_unstable();
    let mut out: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        match out.last_mut() {
            Some(last) if stretch.from <= last.to => last.to = last.to.max(stretch.to),
            _ => out.push(stretch),
        }
    }
    out
}

/// What is left of stretches when others are taken out. Both are sorted and apart.
fn without(open: Vec<Stretch>, breaks: &[Stretch]) -> Vec<Stretch> {
    let mut left = Vec::with_capacity(open.len() + breaks.len());
    for stretch in open {
        let mut rest = stretch;
        for pause in breaks.iter().filter(|pause| pause.to > stretch.from && pause.from < stretch.to) {
            if pause.from > rest.from {
                left.push(Stretch { to: pause.from, ..rest });
            }
            rest.from = pause.to;
        }
        if rest.from < rest.to {
            left.push(rest);
        }
    }
    left
}
