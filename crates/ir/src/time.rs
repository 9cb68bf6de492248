//! Dates and instants as plain numbers. No zones here: a local time becomes an instant in the `calendar` crate.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A civil date of the proleptic Gregorian calendar, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

/// A point in time with nanoseconds, as nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i128);

const NANOS: i128 = 1_000_000_000;

impl Date {
    /// The date, when it exists. Years 0 to 9999.
    #[must_use]
    pub fn new(year: i32, month: u8, day: u8) -> Option<Date> {
        if !(0..=9999).contains(&year) || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month)
        {
            return None;
        }
        // Days from civil, after Howard Hinnant's public-domain description of the algorithm.
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let yoe = y.rem_euclid(400);
        let m = i32::from(month);
        let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + i32::from(day) - 1;
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        Some(Date(era * 146_097 + doe - 719_468))
    }

    /// Year, month and day.
    #[must_use]
    pub fn ymd(self) -> (i32, u8, u8) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i32::from(month <= 2);
        (year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The date that many days after 1970-01-01.
    #[must_use]
    pub const fn from_days(days: i32) -> Date {
        Date(days)
    }

    /// Reads `2026-12-05`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 || !text.is_ascii()
        {
            return None;
        }
        Date::new(digits(year)?, u8::try_from(digits(month)?).ok()?, u8::try_from(digits(day)?).ok()?)
    }
}

fn digits(text: &str) -> Option<i32> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn days_in(year: i32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl Instant {
    /// The instant that many seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Instant {
        Instant(seconds as i128 * NANOS)
    }

    /// The instant that many nanoseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_nanos(nanos: i128) -> Instant {
        Instant(nanos)
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn nanos(self) -> i128 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        i64::try_from(self.0.div_euclid(NANOS)).unwrap_or(i64::MAX)
    }

    /// Reads an RFC 3339 time with offset: `2026-12-05T20:00:00+01:00`, `2026-12-05 20:00:00.25Z`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Instant> {
        if !text.is_ascii() {
            return None;
        }
        let date = Date::parse(text.get(..10)?)?;
        let separator = *text.as_bytes().get(10)?;
        if !matches!(separator, b'T' | b't' | b' ') {
            return None;
        }
        let clock = text.get(11..19)?;
        let mut parts = clock.split(':');
        let (h, m, s) = (digits(parts.next()?)?, digits(parts.next()?)?, digits(parts.next()?)?);
        if clock.len() != 8 || parts.next().is_some() || h > 23 || m > 59 || s > 60 {
            return None;
        }
        let mut rest = text.get(19..)?;
        let mut nanos: i128 = 0;
        if let Some(fraction) = rest.strip_prefix('.') {
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let digits = fraction.get(..length)?;
            if length == 0 {
                return None;
            }
            let nine = digits.get(..length.min(9))?;
            nanos = nine.parse::<i128>().ok()?
                * 10_i128.pow(9_u32.saturating_sub(u32::try_from(nine.len()).ok()?));
            rest = fraction.get(length..)?;
        }
        let offset = offset_seconds(rest)?;
        let seconds = i64::from(date.days()) * 86_400 + i64::from(h * 3600 + m * 60 + s) - i64::from(offset);
        Some(Instant(i128::from(seconds) * NANOS + nanos))
    }

    /// The UTC date.
    #[must_use]
    pub fn utc_date(self) -> Date {
        Date(i32::try_from(self.seconds().div_euclid(86_400)).unwrap_or(0))
    }
}

fn offset_seconds(text: &str) -> Option<i32> {
    if text == "Z" || text == "z" {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (h, m) = text.get(1..)?.split_once(':')?;
    if h.len() != 2 || m.len() != 2 {
        return None;
    }
    let (h, m) = (digits(h)?, digits(m)?);
    (h < 24 && m < 60).then_some(sign * (h * 3600 + m * 60))
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = self.ymd();
        write!(f, "{y:04}-{m:02}-{d:02}")
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC: `2026-12-05T19:00:00Z`, with a fraction only when there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.seconds().rem_euclid(86_400);
        write!(f, "{}T{:02}:{:02}:{:02}", self.utc_date(), second / 3600, second / 60 % 60, second % 60)?;
        let nanos = self.0.rem_euclid(NANOS);
        if nanos != 0 {
            let text = format!("{nanos:09}");
            write!(f, ".{}", text.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

macro_rules! as_text {
    ($type:ty, $what:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                <$type>::parse(&text).ok_or_else(|| serde::de::Error::custom(concat!("not ", $what)))
            }
        }
    };
}
as_text!(Date, "a date like 2026-12-05");
as_text!(Instant, "a point in time like 2026-12-05T19:00:00Z");

#[cfg(test)]
mod tests {
    use super::{Date, Instant};

    #[test]
    fn dates_round_trip_over_four_centuries() {
        let mut expected = Date::new(1800, 1, 1).map(Date::days);
        for year in 1800..2200 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Some(date) = Date::new(year, month, day) {
                        assert_eq!(Some(date.days()), expected);
                        assert_eq!(date.ymd(), (year, month, day));
                        expected = expected.map(|d| d + 1);
                    }
                }
            }
        }
        assert_eq!(Date::new(1970, 1, 1).map(Date::days), Some(0));
        assert_eq!(Date::new(2023, 2, 29), None);
    }

    #[test]
    fn instants_have_offsets() {
        let text = |t: &str| Instant::parse(t).map(|i| i.to_string());
        assert_eq!(text("2026-12-05T20:00:00+01:00").as_deref(), Some("2026-12-05T19:00:00Z"));
        assert_eq!(text("1969-12-31 23:59:59.250Z").as_deref(), Some("1969-12-31T23:59:59.25Z"));
        assert_eq!(text("2026-12-05T20:00:00"), None);
        assert_eq!(text("2026-13-05T20:00:00Z"), None);
    }
}
