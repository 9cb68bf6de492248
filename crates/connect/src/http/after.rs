//! How long an answer asks to wait: seconds, or a moment.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Longer than a day is no wait but a mistake; somebody would have to look at it.
const MOST: u64 = 86_400;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The wait that `Retry-After` asks for. A moment is reckoned from the server's own `Date`, since the clocks of two machines differ; where it
/// sends none, from this machine's.
pub(super) fn retry_after(said: &str, date: Option<&str>) -> Option<Duration> {
    let said = said.trim();
    if let Ok(seconds) = said.parse::<u64>() {
        return Some(Duration::from_secs(seconds.min(MOST)));
    }
    let until = moment(said)?;
    let here = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let now = date.and_then(|date| moment(date.trim())).unwrap_or_else(here);
    Some(Duration::from_secs(until.saturating_sub(now).min(MOST)))
}

/// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, the one form in which a server may write a moment today.
fn moment(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let day: u64 = words.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let named = words.next()?;
    let month = 1 + MONTHS.iter().position(|month| *month == named)? as u64;
    let year: u64 = words.next()?.parse().ok().filter(|year| (1970..=9999).contains(year))?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if words.next()? != "GMT" || clock.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Days of a calendar whose years begin in March, so that a leap day is the last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::{moment, retry_after};
    use std::time::Duration;

    #[test]
    fn a_moment_is_a_wait() {
        assert_eq!(moment("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(moment("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(moment("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199));
        let wait = |said, date| retry_after(said, date).map(|wait| wait.as_secs());
        let date = Some("Mon, 23 Nov 2026 04:00:00 GMT");
        assert_eq!(wait("Mon, 23 Nov 2026 04:00:37 GMT", date), Some(37));
        assert_eq!(wait("Mon, 23 Nov 2026 03:00:00 GMT", date), Some(0), "it is over");
        assert_eq!(wait("Tue, 24 Nov 2099 03:00:00 GMT", date), Some(86_400));
        assert_eq!(wait(" 120 ", None), Some(120));
        // Without the server's own time, this machine's: the year 2000 is over everywhere.
        assert_eq!(retry_after("Sat, 01 Jan 2000 00:00:00 GMT", None), Some(Duration::ZERO));
        for wrong in [
            "",
            "soon",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994",
            "Sun, 99 Nov 1994 08:49:37 GMT",
            "-1",
        ] {
            assert_eq!(retry_after(wrong, date), None, "{wrong}");
        }
    }
}
