//! Numbers and lengths of time, as people write them.

use std::fmt::Write as _;

/// A number with commas between thousands: `12,480`.
#[must_use]
pub fn number(n: u64) -> String {
    let mut out = String::new();
    push_number(&mut out, n);
    out
}

/// Appends `12,480`.
pub fn push_number(out: &mut String, n: u64) {
    if n >= 1000 {
        push_number(out, n / 1000);
        // Writing to a String cannot fail.
        let _ = write!(out, ",{:03}", n % 1000);
    } else {
        let _ = write!(out, "{n}");
    }
}

/// `5 h 20 min`, `3 days 4 h`, `40 s`. Seconds are left out from ten minutes on, minutes from ten days on: an
/// estimate is not that exact. Rounded up.
#[must_use]
pub fn span(seconds: u64) -> String {
    if seconds < 60 {
        return format!("{seconds} s");
    }
    let seconds = if seconds >= 864_000 {
        seconds.div_ceil(3600).saturating_mul(3600)
    } else if seconds >= 600 {
        seconds.div_ceil(60) * 60
    } else {
        seconds
    };
    let (d, h, m, s) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let days = if d == 0 { String::new() } else { count(d, "day", "days") };
    let mut parts = Vec::new();
    if d > 0 {
        parts.push(days);
    }
    for (n, unit) in [(h, "h"), (m, "min"), (s, "s")] {
        if n > 0 {
            parts.push(format!("{n} {unit}"));
        }
    }
    parts.join(" ")
}

/// `1 day`, `12,480 tickets`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// A length as the number that people read.
pub fn len(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// `7:05` from minutes since midnight; 1440 is `24:00`.
pub fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::{clock, count, number, span};

    #[test]
    fn numbers_have_separators() {
        let numbers = [0, 999, 1000, 12_480, 1_000_007, u64::MAX].map(number);
        assert_eq!(numbers, ["0", "999", "1,000", "12,480", "1,000,007", "18,446,744,073,709,551,615"]);
        assert_eq!(count(1, "ticket", "tickets"), "1 ticket");
    }

    #[test]
    fn spans_are_as_exact_as_they_matter() {
        let spans = [0, 59, 60, 90, 1219, 3600, 19_200, 3601, 90_000, 950_000].map(span);
        assert_eq!(
            spans,
            [
                "0 s",
                "59 s",
                "1 min",
                "1 min 30 s",
                "21 min",
                "1 h",
                "5 h 20 min",
                "1 h 1 min",
                "1 day 1 h",
                "11 days"
            ]
        );
        assert_eq!(clock(545), "09:05");
        assert!(span(u64::MAX).contains("days"), "no overflow");
    }
}
