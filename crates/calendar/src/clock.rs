//! Questions that a calendar answers.

use crate::calendar::{Calendar, FIRST_INSTANT, LAST_INSTANT};
use crate::day::{DAY_SECONDS, Day};

/// A length of time, with what it is counted in. The three are no sums of one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Length {
    /// Seconds while it is open.
    Business(u64),
    /// Seconds, day and night.
    Calendar(u64),
    /// The same time of day, so many dates with hours later; when it is closed then, the next opening.
    BusinessDays(u32),
}

/// What is due when time runs out exactly at closing time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Boundary {
    /// The next opening, which is when the next second of business time begins.
    #[default]
    NextOpening,
    /// The close, which is when the last second of business time ends.
    Close,
}

impl Calendar {
    /// When a length of time is over that begins at `start`; with no length at all, when it is open next.
    ///
    /// `None` when it is not over before [`LAST_INSTANT`], which a calendar that is never open says at once.
    #[must_use]
    pub fn due(&self, start: i64, length: Length, boundary: Boundary) -> Option<i64> {
        if !(FIRST_INSTANT..LAST_INSTANT).contains(&start) {
            return None;
        }
        match length {
            Length::Business(seconds) => {
                let end = self.position(start).checked_add(i64::try_from(seconds).ok()?)?;
                match boundary {
                    Boundary::NextOpening => self.open_at(end),
                    // Nothing to wait for is over at once, open or not.
                    Boundary::Close if seconds == 0 => Some(start),
                    Boundary::Close => self.closed_at(end),
                }
            }
            Length::Calendar(seconds) => {
                let end = start.checked_add(i64::try_from(seconds).ok()?)?;
                (end < LAST_INSTANT).then_some(end)
            }
            Length::BusinessDays(0) => self.next_opening(start),
            Length::BusinessDays(days) => {
                let day = self.days_later(self.date(start), days)?;
                self.next_opening(self.instant(day, self.time_of_day(start)))
            }
        }
    }

    /// The date with hours that comes so many such dates after another.
    fn days_later(&self, day: Day, days: u32) -> Option<Day> {
        let wanted = self.days_with_hours(day.plus(1)) + i64::from(days);
        // The first date up to which, itself included, there are as many as are wanted.
        let found = first_day(day.plus(1), |day| self.days_with_hours(day.plus(1)) >= wanted);
        (found < Day::of_wall(LAST_INSTANT)).then_some(found)
    }

    /// The date with hours that comes so many such dates before another.
    fn days_earlier(&self, day: Day, days: u32) -> Option<Day> {
        let wanted = self.days_with_hours(day) - i64::from(days);
        let after = first_day(Day::of_wall(FIRST_INSTANT), |day| self.days_with_hours(day) > wanted);
        let found = after.plus(-1);
        (found < day && found >= Day::of_wall(FIRST_INSTANT)).then_some(found)
    }

    /// The last instant from which a length of time ends at `end`: the way back. When it would begin exactly at an opening, it is
    /// that opening; with no length at all, it is `end`, or the last close before it.
    ///
    /// `None` when it would begin before [`FIRST_INSTANT`].
    #[must_use]
    pub fn began(&self, end: i64, length: Length) -> Option<i64> {
        if !(FIRST_INSTANT..LAST_INSTANT).contains(&end) {
            return None;
        }
        match length {
            Length::Business(0) | Length::BusinessDays(0) => self.last_close(end),
            Length::Business(seconds) => {
                self.open_at(self.position(end).checked_sub(i64::try_from(seconds).ok()?)?)
            }
            Length::Calendar(seconds) => {
                let start = end.checked_sub(i64::try_from(seconds).ok()?)?;
                (start >= FIRST_INSTANT).then_some(start)
            }
            Length::BusinessDays(days) => {
                let day = self.days_earlier(self.date(end), days)?;
                self.last_close(self.instant(day, self.time_of_day(end)))
            }
        }
    }

    /// How long it is open from one instant to another, in seconds; zero when the second is not after the first.
    #[must_use]
    pub fn elapsed(&self, from: i64, to: i64) -> u64 {
        let within = |instant: i64| self.position(instant.clamp(FIRST_INSTANT, LAST_INSTANT));
        u64::try_from(within(to) - within(from)).unwrap_or_default()
    }

    /// This instant when it is open, else the next at which it opens.
    #[must_use]
    pub fn next_opening(&self, instant: i64) -> Option<i64> {
        self.open_at(self.position(instant))
    }

    /// This instant when it was open up to it, else the last at which it closed.
    #[must_use]
    pub fn last_close(&self, instant: i64) -> Option<i64> {
        self.closed_at(self.position(instant))
    }

    /// Whether it is never open.
    #[must_use]
    pub const fn is_never_open(&self) -> bool {
        self.total() == 0
    }

    /// Open time from one instant to another, in order: beginning and end of each stretch, cut at both ends.
    pub fn open_between(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.periods_after(from)
            .take_while(move |(start, _)| *start < to)
            .map(move |(start, end)| (start, end.min(to)))
    }

    /// Open time from an instant on, in order: beginning and end of each stretch; the first is cut at the instant.
    pub fn periods_after(&self, instant: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        let mut next = Some(instant.max(FIRST_INSTANT));
        std::iter::from_fn(move || {
            let start = self.next_opening(next?)?;
            next = self.closes(start);
            Some((start, next?))
        })
    }

    /// Open time before an instant, the latest first: beginning and end of each stretch; the first is cut at the instant.
    pub fn periods_before(&self, instant: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        let mut next = Some(instant.min(LAST_INSTANT));
        std::iter::from_fn(move || {
            let end = self.last_close(next?)?;
            next = self.opened(end - 1);
            Some((next?, end))
        })
    }

    /// How many days of 24 hours lie between two instants, and what is left in seconds: for words.
    #[must_use]
    pub const fn days_apart(from: i64, to: i64) -> (i64, i64) {
        let apart = to.saturating_sub(from);
        (apart.div_euclid(DAY_SECONDS), apart.rem_euclid(DAY_SECONDS))
    }
}

/// The first date from one on for which something holds that holds for all later ones too; the end of time when there is none.
fn first_day(from: Day, holds: impl Fn(Day) -> bool) -> Day {
    let (mut low, mut high) = (from.0, Day::of_wall(LAST_INSTANT).0.max(from.0));
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(Day(middle)) { high = middle } else { low = middle + 1 }
    }
    Day(low)
}
