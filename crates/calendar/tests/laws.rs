//! A calendar agrees with a walk minute by minute, and obeys the laws of business time.

mod common;

use common::{WALKED, hours, minutes};
use cutover_calendar::{
    Boundary, Calendar, Clock, DueRules, FIRST_INSTANT, Hours, LAST_INSTANT, Length, PauseRule, Pauses,
    Reading, Rounding, SearchLimit, Stretch, Walk, Zone,
};
use proptest::prelude::*;

/// Hours that never end: on Monday it is open in every week.
fn lasting() -> impl Strategy<Value = (Hours, i64)> {
    hours().prop_map(|(mut hours, from)| {
        hours.breaks = Default::default();
        let [monday, ..] = &mut hours.week;
        monday.push(Stretch::minutes(540, 1020));
        (hours, from)
    })
}

fn read(hours: &Hours) -> Result<Calendar, TestCaseError> {
    Calendar::new(hours, Reading::default()).map_err(|problem| TestCaseError::fail(problem.to_string()))
}

/// The instant of each minute at which something is open, from one minute on.
fn open_minutes(walk: &[bool], from: i64, since: i64) -> impl Iterator<Item = i64> + '_ {
    let at =
        move |(minute, open): (usize, &bool)| open.then(|| from + i64::try_from(minute).unwrap_or(0) * 60);
    walk.iter().enumerate().filter_map(at).filter(move |at| *at >= since)
}

/// Due instants by counting: the next opening and the close, when they lie within the walk.
fn counted(walk: &[bool], from: i64, start: i64, minutes: u64) -> (Option<i64>, Option<i64>) {
    let nth = |n: u64| open_minutes(walk, from, start).nth(usize::try_from(n).unwrap_or(usize::MAX));
    let close = if minutes == 0 { Some(start) } else { nth(minutes - 1).map(|last| last + 60) };
    (nth(minutes), close)
}

/// A walk is slow: fewer of them, and as many as `PROPTEST_CASES` asks for all the same.
fn few() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases / 4, ..default }
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn a_calendar_is_open_when_the_walk_says_so((hours, from) in hours()) {
        let calendar = read(&hours)?;
        let walk = minutes(&hours, from);
        let mut open = 0_u64;
        for (minute, expected) in (0_i64..).zip(&walk) {
            let at = from + minute * 60;
            prop_assert_eq!(calendar.is_open(at), *expected, "minute {} of {}", minute, from);
            prop_assert_eq!(calendar.is_open(at + 59), *expected);
            prop_assert_eq!(calendar.elapsed(from, at), open * 60);
            open += u64::from(*expected);
        }
        // Periods are the runs of open minutes.
        let end = from + WALKED * 1440 * 60;
        let mut runs: Vec<(i64, i64)> = Vec::new();
        for at in open_minutes(&walk, from, from) {
            match runs.last_mut() {
                Some((_, last)) if *last == at => *last += 60,
                _ => runs.push((at, at + 60)),
            }
        }
        prop_assert_eq!(calendar.open_between(from, end).collect::<Vec<_>>(), runs.clone());
        runs.reverse();
        let back = calendar.periods_before(end).take_while(|(_, to)| *to > from);
        prop_assert_eq!(back.map(|(start, to)| (start.max(from), to)).collect::<Vec<_>>(), runs);
    }

    #[test]
    fn due_instants_are_those_of_the_walk((hours, from) in hours(), starts in prop::collection::vec((0..WALKED * 1440, 0..4000_u64), 20)) {
        let calendar = read(&hours)?;
        let walk = minutes(&hours, from);
        for (minute, length) in starts {
            let start = from + minute * 60;
            let (next, close) = counted(&walk, from, start, length);
            let due = |boundary| calendar.due(start, Length::Business(length * 60), boundary);
            if next.is_some() {
                prop_assert_eq!(due(Boundary::NextOpening), next);
            }
            if close.is_some() {
                prop_assert_eq!(due(Boundary::Close), close);
            }
        }
    }

    #[test]
    fn a_clock_that_stands_still_is_a_walk_with_holes(
        (hours, from) in hours(),
        pauses in prop::collection::vec((0..WALKED * 1440, 1..3000_i64), 0..4),
        minute in 0..4000_i64,
        length in 0..3000_u64,
    ) {
        let calendar = read(&hours)?;
        let mut walk = minutes(&hours, from);
        for (begin, length) in &pauses {
            let paused = walk.iter_mut().skip(usize::try_from(*begin).unwrap_or(0));
            paused.take(usize::try_from(*length).unwrap_or(0)).for_each(|open| *open = false);
        }
        let held = pauses.iter().map(|(begin, length)| (from + begin * 60, Some(from + (begin + length) * 60)));
        let held = Pauses::new(held);
        let start = from + minute * 60;
        let (next, close) = counted(&walk, from, start, length);
        let due = |boundary| calendar.due_with(start, Length::Business(length * 60), boundary, &held);
        if next.is_some() {
            prop_assert_eq!(due(Boundary::NextOpening), next);
        }
        if close.is_some() {
            prop_assert_eq!(due(Boundary::Close), close);
        }
        let end = from + WALKED * 1440 * 60;
        let open = open_minutes(&walk, from, start).count();
        prop_assert_eq!(calendar.elapsed_with(start, end, &held), u64::try_from(open).unwrap_or(0) * 60);
    }

}

proptest! {
    #[test]
    fn business_time_is_a_length(
        (hours, from) in lasting(),
        second in 0..20_000_000_i64,
        a in 0..15_000_000_u64,
        b in 0..15_000_000_u64,
    ) {
        let calendar = read(&hours)?;
        let start = from + second;
        for boundary in [Boundary::NextOpening, Boundary::Close] {
            let due = |start, length| calendar.due(start, Length::Business(length), boundary);
            let Some(first) = due(start, a) else { return Err(TestCaseError::fail("due some day")) };
            // elapsed(start, due(start, a)) = a
            prop_assert_eq!(calendar.elapsed(start, first), a);
            // due(start, a + b) = due(due(start, a), b)
            if b > 0 || boundary == Boundary::NextOpening {
                prop_assert_eq!(due(start, a + b), due(first, b));
            }
            // Later begun and longer is never earlier.
            prop_assert!(due(start + 1, a) >= Some(first));
            prop_assert!(due(start, a + 1) > Some(first));
            prop_assert!(boundary == Boundary::Close || calendar.is_open(first));
        }
        // The way back from a due instant is as long.
        let back = calendar.began(start, Length::Business(a));
        prop_assert_eq!(back.map(|back| calendar.elapsed(back, start)), back.map(|_| a));
    }

    #[test]
    fn a_pause_moves_the_due_by_the_business_time_in_it(
        (hours, from) in lasting(),
        length in 1..4_000_000_u64,
        at in 0..100_u64,
        lasts in 1..3_000_000_i64,
    ) {
        let calendar = read(&hours)?;
        let due = |pauses: &Pauses| {
            calendar.due_with(from, Length::Business(length), Boundary::NextOpening, pauses)
        };
        let (Some(plain), Some(begins)) =
            (due(&Pauses::default()), calendar.due(from, Length::Business(length * at / 100), Boundary::Close))
        else {
            return Err(TestCaseError::fail("due some day"));
        };
        let pause = Pauses::new([(begins, Some(begins + lasts))]);
        let held = calendar.elapsed(begins, begins + lasts);
        let moved = due(&pause);
        prop_assert_eq!(moved.map(|moved| calendar.elapsed(plain, moved)), Some(held));
        // A pause that has no end has no due.
        prop_assert_eq!(due(&Pauses::new([(begins, None)])), None);
    }

    #[test]
    fn a_pause_moves_days_by_the_business_time_in_it(
        (hours, from) in lasting(),
        days in 1..400_u32,
        at in 0..100_u64,
        lasts in 1..3_000_000_i64,
    ) {
        let calendar = read(&hours)?;
        for boundary in [Boundary::NextOpening, Boundary::Close] {
            let due = |pauses: &Pauses| calendar.due_with(from, Length::BusinessDays(days), boundary, pauses);
            let Some(plain) = due(&Pauses::default()) else { return Err(TestCaseError::fail("due some day")) };
            prop_assert_eq!(Some(plain), calendar.due(from, Length::BusinessDays(days), boundary));
            let passed = calendar.elapsed(from, plain) * at / 100;
            let Some(begins) = calendar.due(from, Length::Business(passed), Boundary::Close) else {
                return Err(TestCaseError::fail("some time passes"));
            };
            let pause = Pauses::new([(begins, Some(begins + lasts))]);
            let moved = due(&pause);
            prop_assert_eq!(
                moved.map(|moved| calendar.elapsed(plain, moved)),
                Some(calendar.elapsed(begins, begins + lasts))
            );
            // What lies outside moves nothing, and what never ends has no due.
            prop_assert_eq!(due(&Pauses::new([(from - lasts, Some(from)), (plain, Some(plain + lasts))])), Some(plain));
            prop_assert_eq!(due(&Pauses::new([(begins, None)])), None);
        }
    }

    #[test]
    fn an_open_calendar_adds(zone in 0..common::ZONES.len(), start in 0..2_200_000_000_i64, length in 0..63_072_000_u64) {
        let Some(zone) = common::ZONES.get(zone).and_then(|name| Zone::named(name)) else { return Ok(()) };
        let calendar = read(&Hours::always(zone))?;
        let end = start + i64::try_from(length).unwrap_or(0);
        for boundary in [Boundary::NextOpening, Boundary::Close] {
            prop_assert_eq!(calendar.due(start, Length::Business(length), boundary), Some(end));
            prop_assert_eq!(calendar.due(start, Length::Calendar(length), boundary), Some(end));
        }
        prop_assert_eq!(calendar.began(end, Length::Business(length)), Some(start));
        prop_assert_eq!(calendar.closes(start), Some(LAST_INSTANT));
        prop_assert_eq!(calendar.opened(start), Some(FIRST_INSTANT));
    }

    #[test]
    fn any_numbers_are_answered((hours, _) in hours(), start in any::<i64>(), length in any::<u64>(), other in any::<i64>()) {
        let calendar = read(&hours)?;
        for boundary in [Boundary::NextOpening, Boundary::Close] {
            for length in [Length::Business(length), Length::Calendar(length), Length::BusinessDays(length as u32)] {
                let pauses = Pauses::new([(other, None), (start, Some(other))]);
                let _ = calendar.due_with(start, length, boundary, &pauses);
                let due = calendar.due(start, length, boundary);
                prop_assert!(due.is_none_or(|due| due >= start && due < LAST_INSTANT));
                let began = calendar.began(start, length);
                prop_assert!(began.is_none_or(|began| (FIRST_INSTANT..=start).contains(&began)));
            }
        }
        let boundary = Boundary::NextOpening;
        for pauses in [PauseRule::Stop, PauseRule::AddedToDue, PauseRule::AddedToAllowed, PauseRule::AddedToStart] {
            for walk in [Walk::Exact, Walk::Windows(72), Walk::Windows(0)] {
                let rounding = Rounding::MinuteUp;
                let limit = SearchLimit::Within(length);
                let rules =
                    DueRules { boundary, pauses, pauses_in_minutes: true, rounding, limit, walk, ..DueRules::default() };
                let Ok(clock) = Clock::new(&hours, rules) else { return Err(TestCaseError::fail("hours")) };
                let held = Pauses::new([(other, Some(start)), (start, Some(other))]);
                let due = clock.due(start, Length::Business(length), &held);
                prop_assert!(due.at().is_none_or(|due| (FIRST_INSTANT..=LAST_INSTANT + 60).contains(&due)));
                let soon = clock.due(start.rem_euclid(4_000_000_000), Length::Business(length % 10_000_000), &held);
                prop_assert!(soon.at().is_none_or(|due| (FIRST_INSTANT..=LAST_INSTANT + 60).contains(&due)));
            }
        }
        let elapsed = calendar.elapsed(start, other);
        prop_assert!(start < other || elapsed == 0);
        prop_assert!(calendar.open_between(start, other).take(5).all(|(from, to)| from < to));
    }
}

#[test]
fn a_calendar_without_hours_answers_at_once() {
    let Some(zone) = Zone::named("Europe/Berlin") else { return assert_eq!("a zone", "") };
    let clock = Clock::new(&Hours::closed(zone), DueRules::default());
    let Ok(clock) = clock else { return assert_eq!("a calendar", "") };
    let calendar = clock.calendar();
    assert!(calendar.is_never_open());
    assert_eq!(calendar.next_opening(0), None);
    assert_eq!(calendar.due(0, Length::Business(1), Boundary::Close), None);
    assert_eq!(calendar.due(0, Length::BusinessDays(1), Boundary::Close), None);
    assert_eq!(calendar.began(0, Length::BusinessDays(1)), None);
    assert_eq!(calendar.elapsed(0, 1_000_000_000), 0);
    assert_eq!(calendar.periods_after(0).next(), None);
    assert_eq!(calendar.periods_before(0).next(), None);
    assert_eq!(clock.due(0, Length::Business(60), &Pauses::default()).at(), None);
}

#[test]
fn time_that_runs_out_as_a_pause_begins_is_due_at_either_end_of_it() {
    let Some(zone) = Zone::named("Etc/UTC") else { return assert_eq!("a zone", "") };
    let calendar = Calendar::new(&Hours::weekdays(zone, 540, 1020), Reading::default());
    let Ok(calendar) = calendar else { return assert_eq!("a calendar", "") };
    // Monday 2 March 2026 at 09:00; waiting from 10:00 to 12:00.
    let monday = 1_772_442_000;
    let pauses = Pauses::new([(monday + 3_600, Some(monday + 3 * 3_600))]);
    for length in [Length::Business(3_600), Length::Calendar(3_600)] {
        let due = |boundary| calendar.due_with(monday, length, boundary, &pauses);
        assert_eq!(due(Boundary::Close), Some(monday + 3_600), "{length:?}");
        assert_eq!(due(Boundary::NextOpening), Some(monday + 3 * 3_600), "{length:?}");
        let longer = match length {
            Length::Business(_) => Length::Business(3_601),
            _ => Length::Calendar(3_601),
        };
        for boundary in [Boundary::Close, Boundary::NextOpening] {
            let due = calendar.due_with(monday, longer, boundary, &pauses);
            assert_eq!(due, Some(monday + 3 * 3_600 + 1));
        }
    }
}
