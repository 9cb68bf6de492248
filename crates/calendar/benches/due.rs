//! How many due dates a second: the calendar, and a walk day by day that computes the same.
//!
//! `cargo bench -p cutover-calendar`. Monday to Friday 09:00 to 17:00 with twelve holidays; from a minute to two business years.
#![expect(clippy::disallowed_types, clippy::print_stdout, reason = "it measures and shows")]

use std::collections::BTreeSet;
use std::time::Instant;

use cutover_calendar::{Boundary, Calendar, DAY_SECONDS, Day, Hours, Length, Reading, Stretch, Zone};

/// Lengths in business seconds: a minute, an hour, a day, a week, a quarter, two years.
const LENGTHS: &[(&str, u64)] = &[
    ("1 minute", 60),
    ("1 hour", 3_600),
    ("1 day", 28_800),
    ("1 week", 144_000),
    ("1 quarter", 1_872_000),
    ("2 years", 14_976_000),
];

fn main() {
    let Some(zone) = Zone::named("America/New_York") else { return };
    let mut hours = Hours::weekdays(zone, 540, 1020);
    let dates = [
        (1, 1),
        (1, 19),
        (2, 16),
        (4, 3),
        (5, 25),
        (6, 19),
        (7, 3),
        (9, 7),
        (11, 11),
        (11, 26),
        (12, 24),
        (12, 25),
    ];
    hours.holidays = dates.iter().filter_map(|(month, day)| Day::new(2026, *month, *day)).collect();
    let begun = Instant::now();
    let Ok(calendar) = Calendar::new(&hours, Reading::default()) else { return };
    println!("a calendar is ready after {:?}", begun.elapsed());
    measured("12 holidays", &hours, &calendar);
    // Ten years of special days: what is searched grows, and the search hardly does.
    for day in 0..3_650 {
        let first = Day::new(2020, 1, 1).unwrap_or(Day(0));
        hours.special.insert(first.plus(day), vec![Stretch::minutes(540, 1020)]);
    }
    let Ok(calendar) = Calendar::new(&hours, Reading::default()) else { return };
    let starts = starts();
    let begun = Instant::now();
    let due = |start: &i64| calendar.due(*start, Length::Business(28_800), Boundary::NextOpening);
    let sum = starts.iter().filter_map(due).fold(0_i64, i64::wrapping_add);
    let rate = starts.len() as f64 / begun.elapsed().as_secs_f64() / 1e6;
    println!("3,650 special days, 1 day: {rate:6.2} million a second ({sum})");
    if rate < 1.0 {
        println!("slower than a million a second");
        std::process::exit(1);
    }
}

/// Starts that jump about in 2026, so that nothing is in a cache by accident.
fn starts() -> Vec<i64> {
    (0..1_000_000_i64).map(|n| 1_767_225_600 + n * 7_919_977 % 31_536_000).collect()
}

/// Prints the rates, and ends the program when they are too low or an instant is another one.
fn measured(what: &str, hours: &Hours, calendar: &Calendar) {
    println!("{what}:");
    let mut sound = true;
    let starts = starts();
    for (name, length) in LENGTHS {
        let begun = Instant::now();
        let due = |start: &i64| calendar.due(*start, Length::Business(*length), Boundary::NextOpening);
        let sum = starts.iter().filter_map(due).fold(0_i64, i64::wrapping_add);
        let fast = begun.elapsed();
        let few = starts.get(..2_000).unwrap_or_default();
        let begun = Instant::now();
        let walked = few.iter().fold(0_i64, |sum, start| sum.wrapping_add(walk(hours, *start, *length)));
        let slow = begun.elapsed();
        let same = few.iter().filter_map(due).fold(0_i64, i64::wrapping_add);
        let rate = |count: usize, time: std::time::Duration| count as f64 / time.as_secs_f64() / 1e6;
        println!(
            "{name:>10}: {:6.2} million a second, day by day {:8.4}; {} ({sum})",
            rate(starts.len(), fast),
            rate(few.len(), slow),
            if same == walked { "the same instants" } else { "NOT THE SAME" },
        );
        sound &= same == walked && rate(starts.len(), fast) >= 1.0;
    }
    if !sound {
        println!("slower than a million a second, or other instants");
        std::process::exit(1);
    }
}

/// The due instant, one date after the other.
fn walk(hours: &Hours, start: i64, mut left: u64) -> i64 {
    let offset = |at: i64| i64::from(hours.zone.offset_at(at));
    let mut day = Day(i32::try_from((start + offset(start)).div_euclid(DAY_SECONDS)).unwrap_or_default());
    let holidays: &BTreeSet<Day> = &hours.holidays;
    loop {
        if !holidays.contains(&day) {
            for stretch in hours.week.get(day.weekday()).into_iter().flatten() {
                // No clock changes within these hours, so the offset of noon is that of the day.
                let midnight = i64::from(day.0) * DAY_SECONDS;
                let shift = offset(midnight + 12 * 3_600);
                let from = (midnight + i64::from(stretch.from) - shift).max(start);
                let to = midnight + i64::from(stretch.to) - shift;
                let open = u64::try_from(to - from).unwrap_or_default();
                if from < to && left < open {
                    return from + i64::try_from(left).unwrap_or_default();
                }
                left -= open.min(left);
            }
        }
        day = day.plus(1);
    }
}
