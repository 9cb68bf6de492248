//! Opening hours and holidays of a calendar, as inventories hold them: `mon, tue 09:00 to 17:00`, `2026-12-25`, `12-25`.

use cutover_ir::time::Date;

/// Days of the week, Monday first, as inventories call them.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Hours that are the same on some days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opening {
    /// On which days of the week, Monday first.
    pub days: [bool; 7],
    /// When it opens, in minutes since midnight: 0 to 1439.
    pub from: u16,
    /// When it closes, in minutes since midnight: 1 to 1440. Not after `from`, it is a time of the next day.
    pub to: u16,
}

/// A day on which it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closed {
    /// One day.
    On(Date),
    /// Month and day, every year.
    Yearly(u8, u8),
}

impl Opening {
    /// Reads `mon, tue 09:00 to 17:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Opening> {
        let (rest, to) = text.rsplit_once(" to ")?;
        let (days, from) = rest.trim_end().rsplit_once(' ')?;
        let mut on = [false; 7];
        for day in days.split(',') {
            let at = DAYS.iter().position(|name| *name == day.trim())?;
            *on.get_mut(at)? = true;
        }
        let (from, to) = (minutes(from)?, minutes(to.trim())?);
        (from < 1440 && to > 0).then_some(Opening { days: on, from, to })
    }
}

impl Closed {
    /// Reads `2026-12-25` or `12-25`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Closed> {
        if let Some(date) = Date::parse(text) {
            return Some(Closed::On(date));
        }
        // A leap year, so that 29 February is a day.
        let (_, month, day) = Date::parse(&format!("2000-{text}"))?.ymd();
        Some(Closed::Yearly(month, day))
    }

    /// Whether a date is such a day.
    #[must_use]
    pub fn is(self, date: Date) -> bool {
        match self {
            Closed::On(day) => day == date,
            Closed::Yearly(month, day) => matches!(date.ymd(), (_, m, d) if (m, d) == (month, day)),
        }
    }
}

/// `09:00` as minutes since midnight, 00:00 to 24:00.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 || !text.is_ascii() {
        return None;
    }
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u16>().ok())?;
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    (minute < 60 && (hour < 24 || (hour, minute) == (24, 0))).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::{Closed, Opening};
    use cutover_ir::time::Date;

    #[test]
    fn hours_are_read_or_refused() {
        let mon_wed = [true, false, true, false, false, false, false];
        let read = Opening::parse("mon, wed 09:00 to 17:30");
        assert_eq!(read, Some(Opening { days: mon_wed, from: 540, to: 1050 }));
        assert_eq!(
            Opening::parse("sun 22:00 to 06:00").map(|hours| (hours.from, hours.to)),
            Some((1320, 360))
        );
        assert_eq!(Opening::parse("sat 00:00 to 24:00").map(|hours| hours.to), Some(1440));
        for wrong in [
            "",
            "mon",
            "mon 9:00 to 17:00",
            "mon 09:00-17:00",
            "mon 24:00 to 06:00",
            "mon 09:00 to 00:00",
            "mon, 09:00 to 17:00",
            "funday 09:00 to 17:00",
            "mon 09:60 to 17:00",
        ] {
            assert_eq!(Opening::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn holidays_are_days_or_days_of_every_year() {
        let day = |text: &str| Date::parse(text).unwrap_or(Date::from_days(0));
        assert_eq!(Closed::parse("2026-12-25"), Some(Closed::On(day("2026-12-25"))));
        let yearly = Closed::parse("12-25");
        assert_eq!(yearly, Some(Closed::Yearly(12, 25)));
        assert!(yearly.is_some_and(|closed| closed.is(day("2030-12-25")) && !closed.is(day("2030-12-26"))));
        assert_eq!(Closed::parse("02-29"), Some(Closed::Yearly(2, 29)));
        for wrong in ["", "25.12.", "13-01", "12-32", "2026-02-29"] {
            assert_eq!(Closed::parse(wrong), None, "{wrong}");
        }
    }
}
