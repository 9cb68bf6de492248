//! A second way to say when it is open, for tests: minute by minute, with nothing clever in it.

use cutover_calendar::{Day, Hours, Stretch, Zone};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

/// Zones with hour, half hour and two hour changes, at noon and at midnight, a skipped date, and none at all.
pub(crate) const ZONES: &[&str] = &[
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "America/St_Johns",
    "America/Havana",
    "Asia/Beirut",
    "Europe/Dublin",
    "America/Sao_Paulo",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Etc/UTC",
];

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// How many days a test walks.
pub(crate) const WALKED: i64 = 9;

/// Whether it is open at each minute from an instant on, for [`WALKED`] days.
///
/// A time of day is the first instant at which the wall shows it or a later one. So it is open when it is open at the latest time
/// that the wall has shown so far.
pub(crate) fn minutes(hours: &Hours, from: i64) -> Vec<bool> {
    let mut latest = i64::MIN;
    let mut open = Vec::new();
    // The longest way back that a clock was ever set is a day.
    for minute in -2 * 1440..WALKED * 1440 {
        let instant = from + minute * 60;
        latest = latest.max(instant + i64::from(hours.zone.offset_at(instant)));
        if minute >= 0 {
            open.push(is_open(hours, latest));
        }
    }
    open
}

/// Whether it is open when the wall shows this, in seconds as if it showed UTC.
fn is_open(hours: &Hours, wall: i64) -> bool {
    let day = Day(i32::try_from(wall.div_euclid(DAY)).unwrap_or_default());
    let (yesterday, second) = (day.plus(-1), wall.rem_euclid(DAY));
    let on = |stretches: Option<&Vec<Stretch>>, second: i64| {
        stretches.is_some_and(|stretches| {
            stretches.iter().any(|stretch| {
                let (from, to) = (i64::from(stretch.from), i64::from(stretch.to));
                let to = if to <= from { to + DAY } else { to };
                from <= second && second < to
            })
        })
    };
    let both = |today, before| on(today, second) || on(before, second + DAY);
    let weekly = both(hours.week.get(day.weekday()), hours.week.get(yesterday.weekday()))
        && !both(hours.breaks.get(day.weekday()), hours.breaks.get(yesterday.weekday()));
    let own = match hours.special.get(&day) {
        Some(own) => on(Some(own), second),
        None => weekly,
    };
    let tail = on(hours.special.get(&yesterday), second + DAY);
    let closed = both(hours.day_breaks.get(&day), hours.day_breaks.get(&yesterday));
    (own || tail) && !closed && !hours.holidays.contains(&day)
}

fn zone() -> impl Strategy<Value = Zone> {
    select(ZONES).prop_filter_map("a zone of the bundled data", Zone::named)
}

/// An instant between 1990 and 2040 on a whole minute, often near a change of the clock.
fn instant(zone: &Zone) -> impl Strategy<Value = i64> + use<> {
    let zone = zone.clone();
    (10_519_200_i64..36_816_480, any::<bool>(), -5 * 1440_i64..1440).prop_map(
        move |(minute, near, before)| {
            let at = minute * 60;
            let changes = zone.offsets(at, at + 300 * DAY);
            match changes.get(1) {
                Some((change, _)) if near => change + before * 60,
                _ => at,
            }
        },
    )
}

fn stretch() -> impl Strategy<Value = Stretch> {
    let coarse = (0..24_u32, 1..=24_u32).prop_map(|(from, to)| Stretch::minutes(from * 60, to * 60));
    let fine = (0..1440_u32, 1..=1440_u32).prop_map(|(from, to)| Stretch::minutes(from, to));
    let night = (0..16_u32, 1..=16_u32).prop_map(|(from, to)| Stretch::minutes(from * 15, to * 15));
    prop_oneof![coarse, fine, night, Just(Stretch::DAY)]
        .prop_filter("a stretch has a length", |stretch| stretch.from != stretch.to)
}

fn week(most: usize) -> impl Strategy<Value = [Vec<Stretch>; 7]> {
    let day = move || vec(stretch(), 0..=most);
    [day(), day(), day(), day(), day(), day(), day()]
}

/// Hours, and an instant near their special days.
pub(crate) fn hours() -> impl Strategy<Value = (Hours, i64)> {
    zone().prop_flat_map(|zone| {
        let at = instant(&zone);
        let dated = || btree_map(-2..14_i32, vec(stretch(), 0..3), 0..3);
        (Just(zone), at, week(2), week(1), dated(), dated(), btree_set(-2..14_i32, 0..3)).prop_map(
            |(zone, at, week, breaks, special, day_breaks, holidays)| {
                let first = Day(i32::try_from(at.div_euclid(DAY)).unwrap_or_default());
                let hours = Hours {
                    zone,
                    week,
                    breaks,
                    special: special.into_iter().map(|(day, open)| (first.plus(day), open)).collect(),
                    day_breaks: day_breaks.into_iter().map(|(day, open)| (first.plus(day), open)).collect(),
                    holidays: holidays.into_iter().map(|day| first.plus(day)).collect(),
                    known_until: None,
                };
                (hours, at)
            },
        )
    })
}
