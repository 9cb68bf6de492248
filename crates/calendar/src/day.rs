//! Civil dates as numbers.

use crate::zone::Civil;

/// Seconds of a day on the wall.
pub const DAY_SECONDS: i64 = 86_400;

/// A date, as the number of days since 1970-01-01, without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The date of these numbers, when there is one: years 0 to 9999.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Day> {
        let date = jiff::civil::Date::new(year, month, day).ok().filter(|_| year >= 0)?;
        let days = date.since((jiff::Unit::Day, epoch())).ok()?.get_days();
        Some(Day(days))
    }

    /// Year, month and day of the month; `None` outside the years 0 to 9999.
    #[must_use]
    pub fn parts(self) -> Option<(i16, i8, i8)> {
        let date = epoch().checked_add(jiff::Span::new().try_days(self.0).ok()?).ok()?;
        (date.year() >= 0).then(|| (date.year(), date.month(), date.day()))
    }

    /// The day of the week: 0 is Monday, 6 is Sunday.
    #[must_use]
    pub fn weekday(self) -> usize {
        // The first of January 1970 was a Thursday.
        usize::try_from((i64::from(self.0) + 3).rem_euclid(7)).unwrap_or_default()
    }

    /// The number of the week that begins on the Monday of this date or before it.
    pub(crate) fn week(self) -> i64 {
        (i64::from(self.0) + 3).div_euclid(7)
    }

    /// Midnight on the wall, counted in seconds as if the wall showed UTC.
    pub(crate) fn wall(self) -> i64 {
        i64::from(self.0) * DAY_SECONDS
    }

    /// The date that a wall shows, from seconds counted as if it showed UTC.
    pub(crate) fn of_wall(wall: i64) -> Day {
        let days = wall.div_euclid(DAY_SECONDS);
        Day(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }))
    }

    /// The date so many days later.
    #[must_use]
    pub const fn plus(self, days: i32) -> Day {
        Day(self.0.saturating_add(days))
    }
}

impl From<Civil> for Day {
    /// The date of a time on a wall. A date that does not exist counts on from the last one that does.
    fn from(civil: Civil) -> Day {
        Day::new(civil.year, civil.month, civil.day)
            .or_else(|| Some(Day::new(civil.year, civil.month, 1)?.plus(i32::from(civil.day) - 1)))
            .unwrap_or(Day(0))
    }
}

fn epoch() -> jiff::civil::Date {
    jiff::civil::date(1970, 1, 1)
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn dates_are_numbers_and_back() {
        assert_eq!(Day::new(1970, 1, 1), Some(Day(0)));
        assert_eq!(Day::new(2026, 3, 2), Some(Day(20_514)));
        assert_eq!(Day::new(2026, 2, 29), None);
        assert_eq!(Day(20_514).parts(), Some((2026, 3, 2)));
        assert_eq!(Day(-25_567).parts(), Some((1900, 1, 1)));
        assert_eq!(Day(i32::MAX).parts(), None);
    }

    #[test]
    fn weeks_begin_on_monday() {
        assert_eq!(Day(20_514).weekday(), 0);
        assert_eq!(Day(20_513).weekday(), 6);
        assert_eq!(Day(-25_567).weekday(), 0);
        assert_eq!(Day(20_513).week() + 1, Day(20_514).week());
    }
}
