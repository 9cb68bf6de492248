//! Local times from the offsets that the plan holds.

use cutover_ir::time::{Date, Instant};

use crate::model::Window;

/// `2026-12-05 20:00`, in the window's zone.
pub fn minute(window: &Window, at: Instant) -> String {
    let (date, clock) = parts(window, at);
    format!("{date} {clock}")
}

/// `2026-12-05 20:00`, or `2026-12-05` at midnight, in the window's zone.
pub(crate) fn day_or_minute(window: &Window, at: Instant) -> String {
    let (date, clock) = parts(window, at);
    if clock == "00:00" && at.seconds() % 60 == 0 { date.to_string() } else { format!("{date} {clock}") }
}

/// `Sat 2026-12-05` and `20:00`, in the window's zone.
pub(crate) fn day_and_clock(window: &Window, at: Instant) -> (String, String) {
    let (date, clock) = parts(window, at);
    (format!("{} {date}", weekday(date)), clock)
}

fn parts(window: &Window, at: Instant) -> (Date, String) {
    let offset = window.offsets.iter().rev().find(|offset| offset.from <= at).or(window.offsets.first());
    let local = at.seconds().saturating_add(offset.map_or(0, |offset| i64::from(offset.seconds)));
    let second = local.rem_euclid(86_400);
    let date = Instant::from_seconds(local).utc_date();
    (date, format!("{:02}:{:02}", second / 3600, second / 60 % 60))
}

/// `Sat`.
pub(crate) fn weekday(date: Date) -> &'static str {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    usize::try_from(date.days().rem_euclid(7))
        .ok()
        .and_then(|index| DAYS.get(index))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use cutover_ir::time::Instant;

    use super::{day_and_clock, minute};
    use crate::model::{Offset, Window};

    #[test]
    fn a_night_with_two_offsets() {
        let at = |text: &str| Instant::parse(text).unwrap_or(Instant::from_seconds(0));
        let window = Window {
            start: at("2026-10-24T20:00:00Z"),
            end: at("2026-10-25T06:00:00Z"),
            zone: "Europe/Berlin".to_owned(),
            offsets: vec![
                Offset { from: at("2026-03-29T01:00:00Z"), seconds: 7200 },
                Offset { from: at("2026-10-25T01:00:00Z"), seconds: 3600 },
            ],
        };
        assert_eq!(minute(&window, at("2026-10-25T00:30:00Z")), "2026-10-25 02:30");
        assert_eq!(minute(&window, at("2026-10-25T01:30:00Z")), "2026-10-25 02:30");
        assert_eq!(
            minute(&window, at("2026-01-01T00:00:00Z")),
            "2026-01-01 02:00",
            "the first offset reaches back"
        );
        assert_eq!(
            day_and_clock(&window, at("2026-10-25T05:00:00Z")),
            ("Sun 2026-10-25".to_owned(), "06:00".to_owned())
        );
    }
}
