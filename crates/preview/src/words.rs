//! Instants and lengths in words.

use cutover_calendar::{Calendar, DAY_SECONDS, Length, WEEKDAYS};

/// Names of the months, January first.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `Monday 2 March 2026, 09:00`.
pub(crate) fn moment(calendar: &Calendar, instant: i64) -> String {
    format!("{}, {}", day(calendar, instant), time(calendar, instant))
}

/// `Monday 2 March 2026`.
pub(crate) fn day(calendar: &Calendar, instant: i64) -> String {
    let date = calendar.date(instant);
    let weekday = WEEKDAYS.get(date.weekday()).copied().unwrap_or_default();
    let mut letters = weekday.chars();
    let weekday: String =
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
    let Some((year, month, day)) = date.parts() else { return format!("{weekday}, day {}", date.0) };
    let month =
        usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default();
    format!("{weekday} {day} {month} {year}")
}

/// `09:00`, with seconds where there are some.
pub(crate) fn time(calendar: &Calendar, instant: i64) -> String {
    clock(calendar.time_of_day(instant))
}

/// When something ends that begins on the same date: midnight is `24:00`.
pub(crate) fn end(calendar: &Calendar, start: i64, end: i64) -> String {
    match calendar.time_of_day(end) {
        0 if calendar.date(end) == calendar.date(start).plus(1) => "24:00".to_owned(),
        _ if calendar.date(end) == calendar.date(start) => time(calendar, end),
        _ => moment(calendar, end),
    }
}

fn clock(second: u32) -> String {
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    if second == 0 { format!("{hour:02}:{minute:02}") } else { format!("{hour:02}:{minute:02}:{second:02}") }
}

/// `7 h 10 min`, `12,646 h`.
pub(crate) fn seconds(length: u64) -> String {
    let parts = [(length / 3600, "h"), (length / 60 % 60, "min"), (length % 60, "s")];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{} {unit}", grouped(*count)))
        .collect();
    if parts.is_empty() { "no time".to_owned() } else { parts.join(" ") }
}

/// A number with a comma between thousands.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A length with what it is counted in.
pub(crate) fn length(length: Length) -> String {
    match length {
        Length::Business(count) => format!("{} of business time", seconds(count)),
        Length::Calendar(count) => format!("{}, day and night", seconds(count)),
        Length::BusinessDays(1) => "1 day with opening hours".to_owned(),
        Length::BusinessDays(count) => format!("{count} days with opening hours"),
    }
}

/// `3 h earlier`, by the wall clock: days of 24 hours where there are many hours.
pub(crate) fn apart(from: i64, to: i64) -> String {
    let (days, rest) = Calendar::days_apart(from.min(to), from.max(to));
    let (days, rest) = if days < 3 { (0, days * DAY_SECONDS + rest) } else { (days, rest) };
    let rest = u64::try_from(rest).unwrap_or_default();
    let length = match (days, rest) {
        (0, _) => seconds(rest),
        (_, 0) => format!("{days} days"),
        _ => format!("{days} days {}", seconds(rest)),
    };
    format!("{length} {}", if to < from { "earlier" } else { "later" })
}
