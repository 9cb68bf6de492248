//! Numbers with a unit. Quantities of different units never mix.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An exact decimal: `mantissa / 10^scale`, kept without trailing zeros, so that equal numbers are equal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i64,
    scale: u8,
}

impl Decimal {
    /// The most digits behind the point that a decimal has.
    pub const MAX_SCALE: u8 = 18;

    /// `mantissa / 10^scale`. Digits behind the eighteenth are cut off.
    #[must_use]
    pub fn new(mut mantissa: i64, mut scale: u8) -> Decimal {
        while scale > Decimal::MAX_SCALE {
            mantissa /= 10;
            scale -= 1;
        }
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Decimal { mantissa, scale }
    }

    /// Reads `12`, `-0.5`, `99.50`. At most 15 digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Decimal> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty()
            || whole.len() + fraction.len() > 15
            || (digits.contains('.') && fraction.is_empty())
            || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let mantissa: i64 = format!("{whole}{fraction}").parse().ok()?;
        Some(Decimal::new(sign * mantissa, u8::try_from(fraction.len()).ok()?))
    }

    /// The value times `10^digits`, rounded down: `99.5` with 3 digits is 99500.
    #[must_use]
    pub fn scaled(self, digits: u8) -> i128 {
        let mantissa = i128::from(self.mantissa);
        if digits >= self.scale {
            mantissa.saturating_mul(10_i128.saturating_pow(u32::from(digits - self.scale)))
        } else {
            mantissa.div_euclid(10_i128.saturating_pow(u32::from(self.scale - digits)))
        }
    }

    /// The digits, without the point.
    #[must_use]
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// How many of the digits stand behind the point.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// The whole number, when it is one.
    #[must_use]
    pub fn to_int(self) -> Option<i64> {
        (self.scale == 0).then_some(self.mantissa)
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Decimal::new(value, 0)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let scale = self.scale.max(other.scale);
        self.scaled(scale).cmp(&other.scaled(scale))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.mantissa);
        }
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let unit = 10_u64.pow(u32::from(self.scale));
        let (whole, fraction) = (self.mantissa.unsigned_abs() / unit, self.mantissa.unsigned_abs() % unit);
        write!(f, "{sign}{whole}.{fraction:0width$}", width = usize::from(self.scale))
    }
}

impl Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Decimal::parse(&text).ok_or_else(|| serde::de::Error::custom("not a decimal number"))
    }
}

/// What the hours of a duration are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeBase {
    /// Time as a stopwatch counts it. What every duration outside an SLA means.
    Elapsed,
    /// Opening hours of a calendar only.
    Business,
    /// Said to be calendar time inside an SLA.
    Calendar,
}

/// A length of time in seconds, with its base. A civil day outside an SLA is kept as [`Duration::days`], since its length depends on the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Duration {
    /// What is counted.
    pub base: TimeBase,
    /// Whole civil days.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub days: u32,
    /// Seconds.
    #[serde(default, skip_serializing_if = "is_zero_seconds")]
    pub seconds: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero_seconds(n: &u64) -> bool {
    *n == 0
}

impl Duration {
    /// That many seconds by the stopwatch.
    #[must_use]
    pub const fn elapsed(seconds: u64) -> Duration {
        Duration { base: TimeBase::Elapsed, days: 0, seconds }
    }

    /// That many civil days.
    #[must_use]
    pub const fn civil_days(days: u32) -> Duration {
        Duration { base: TimeBase::Elapsed, days, seconds: 0 }
    }

    /// Seconds, a civil day counted as 24 hours: for estimates and comparisons, not for moving an instant.
    #[must_use]
    pub const fn nominal_seconds(self) -> u64 {
        self.days as u64 * 86_400 + self.seconds
    }
}

impl fmt::Display for Duration {
    /// `14 days`, `5 h 20 min`, `8 business hours`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.base {
            TimeBase::Elapsed => "",
            TimeBase::Business => "business ",
            TimeBase::Calendar => "calendar ",
        };
        if self.base != TimeBase::Elapsed && self.days == 0 {
            let (n, unit) = match self.seconds {
                s if s % 3600 == 0 => (s / 3600, "hour"),
                s if s % 60 == 0 => (s / 60, "minute"),
                s => (s, "second"),
            };
            return write!(f, "{n} {word}{unit}{}", if n == 1 { "" } else { "s" });
        }
        let mut parts = Vec::new();
        if self.days > 0 {
            parts.push(format!("{} {word}day{}", self.days, if self.days == 1 { "" } else { "s" }));
        }
        let (h, m, s) = (self.seconds / 3600, self.seconds / 60 % 60, self.seconds % 60);
        for (n, unit) in [(h, "h"), (m, "min"), (s, "s")] {
            if n > 0 {
                parts.push(format!("{n} {unit}"));
            }
        }
        if parts.is_empty() {
            parts.push("0 s".to_owned());
        }
        f.write_str(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Decimal, Duration, TimeBase};

    #[test]
    fn equal_decimals_are_equal() {
        assert_eq!(Decimal::parse("99.50"), Decimal::parse("99.5"));
        assert!(Decimal::parse("0.5") < Decimal::parse("0.51"));
        assert_eq!(Decimal::parse("-0.05").map(|d| d.to_string()).as_deref(), Some("-0.05"));
        assert_eq!(Decimal::parse("1."), None);
        assert_eq!(Decimal::parse("1234567890123456"), None);
    }

    #[test]
    fn extreme_decimals_have_a_value() {
        assert_eq!(Decimal::new(i64::MIN, u8::MAX), Decimal::from(0));
        assert_eq!(Decimal::new(5, 18).to_string(), "0.000000000000000005");
        assert_eq!(Decimal::new(99_995, 1).scaled(0), 9_999);
        assert_eq!(Decimal::from(1).scaled(u8::MAX), i128::MAX);
    }

    #[test]
    fn durations_read_like_a_person_says_them() {
        assert_eq!(Duration::elapsed(19_200).to_string(), "5 h 20 min");
        assert_eq!(Duration::civil_days(14).to_string(), "14 days");
        assert_eq!(
            Duration { base: TimeBase::Business, days: 0, seconds: 3600 }.to_string(),
            "1 business hour"
        );
    }
}
