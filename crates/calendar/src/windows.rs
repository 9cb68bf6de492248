//! Adding hours window by window, the way a widely used program does it, faults included.
//!
//! The walk looks at a few days at a time, one stretch of hours a day. It adds whole days until it has more than was asked for and
//! then goes back by what is too much. Where a window ends exactly, or holds nothing, or a part of a day is closed, the answer is
//! not what anybody would compute by hand; that is the point of having it here.

use crate::day::{DAY_SECONDS, Day};
use crate::hours::{Gap, Hours, Stretch};
use crate::wall::Wall;

/// More windows than this are never looked at: the program that walks like this would still be walking.
const MAX_WINDOWS: usize = 4_000;

/// Occurrences of one rule that are looked at in a window.
const MAX_OCCURRENCES: usize = 5;

/// When so many seconds of hours are over, in windows of so many hours. `None` when there are no hours at all.
pub(crate) fn due(hours: &Hours, wall: &Wall, start: i64, wanted: u64, window: u32) -> Option<i64> {
    let wanted = i64::try_from(wanted).ok()?;
    if wanted == 0 {
        return Some(start);
    }
    if hours.week.iter().chain(hours.special.values()).all(Vec::is_empty) {
        return None;
    }
    let (mut at, mut sum) = (start, 0_i64);
    let mut seen: Vec<Day> = Vec::new();
    for _ in 0..MAX_WINDOWS {
        if sum >= wanted {
            break;
        }
        let mut begins = at;
        if seen.contains(&wall.date(at)) {
            begins = wall.instant(wall.shows(at) + DAY_SECONDS, Gap::Later);
        }
        let ends = wall.date(begins + i64::from(window) * 3_600);
        let first = wall.date(begins);
        let days = (0..).map(|days| first.plus(days)).take_while(|day| *day <= ends);
        let work: Vec<(Day, Stretch)> =
            days.filter_map(|day| Some((day, on(hours, day)?))).take(MAX_OCCURRENCES).collect();
        seen = work.iter().map(|(day, _)| *day).collect();
        if work.is_empty() {
            break;
        }
        for (day, stretch) in work {
            let from = i64::from(stretch.from);
            let to = last_second(stretch);
            let set = |second: i64| wall.instant(day.wall() + second, Gap::Later);
            let now = time_of_day(wall, at);
            let mut partial = false;
            if day == wall.date(at) {
                if now > to {
                    continue;
                }
                partial = now >= from;
            }
            let mut lead = 0;
            if let Some(closed) = closed_on(hours, day, begins, wall) {
                let (closes, opens) = (i64::from(closed.from), last_second(closed));
                at = set(opens);
                if opens - closes + 1 >= DAY_SECONDS {
                    continue;
                }
                partial = true;
                lead = (closes - from).max(0);
            }
            sum += if partial { to - time_of_day(wall, at) + lead } else { to - from };
            at = set(to);
            if sum > wanted {
                at -= sum - wanted;
                break;
            }
        }
    }
    Some(at)
}

/// The hours of a date: only the first stretch is seen.
fn on(hours: &Hours, day: Day) -> Option<Stretch> {
    let stretches = hours.special.get(&day).or_else(|| hours.week.get(day.weekday()))?;
    stretches.first().copied().map(on_one_day)
}

/// What is closed on a date: a holiday, or else the first break. What is over for good when the window begins is not seen.
fn closed_on(hours: &Hours, day: Day, begins: i64, wall: &Wall) -> Option<Stretch> {
    let holiday = hours.holidays.contains(&day).then_some(Stretch::DAY);
    let dated = holiday.or_else(|| hours.day_breaks.get(&day)?.first().copied()).map(on_one_day);
    let dated = dated.filter(|closed| wall.instant(day.wall() + last_second(*closed), Gap::Later) >= begins);
    dated.or_else(|| hours.breaks.get(day.weekday())?.first().copied().map(on_one_day))
}

/// Nothing goes past midnight.
fn on_one_day(stretch: Stretch) -> Stretch {
    if stretch.to <= stretch.from { Stretch { to: Stretch::DAY.to, ..stretch } } else { stretch }
}

/// The end of a stretch as it is entered: a day ends at 23:59:59.
fn last_second(stretch: Stretch) -> i64 {
    i64::from(stretch.to).min(DAY_SECONDS - 1)
}

fn time_of_day(wall: &Wall, instant: i64) -> i64 {
    wall.shows(instant).rem_euclid(DAY_SECONDS)
}
