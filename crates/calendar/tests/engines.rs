//! What other engines answer, from data that was captured from them: as a value of the rules, and beside it what we hold to be right.

mod text;

use cutover_calendar::{
    Answer, Calendar, Clock, Day, DueRules, Gap, HolidayExtent, Hours, Length, PauseRule, Pauses, Reading,
    SearchLimit, Walk,
};
use text::{add_dates, add_week, day, hours, instant, rows, stretch, weekday, written};

/// An engine of many products: skipped times are an hour later, and a holiday takes what begins on it.
const BIZ: DueRules = DueRules {
    reading: Reading { gap: Gap::Later, holidays: HolidayExtent::Begins },
    boundary: cutover_calendar::Boundary::NextOpening,
    pauses: PauseRule::Stop,
    pauses_in_minutes: false,
    rounding: cutover_calendar::Rounding::None,
    limit: SearchLimit::None,
    walk: Walk::Exact,
};

/// The rules of an engine of the data.
fn rules(engine: &str) -> Option<DueRules> {
    let pauses = |pauses| Some(DueRules { pauses, ..DueRules::default() });
    match engine {
        "biz" => Some(BIZ),
        "business-hours" => Some(DueRules {
            // A holiday is 24 hours and the second after them.
            reading: Reading { gap: Gap::Unchanged, holidays: HolidayExtent::Seconds(86_401) },
            // It gives up on the thirtieth day.
            limit: SearchLimit::Within(29 * 86_400),
            ..BIZ
        }),
        "windows" => Some(DueRules { walk: Walk::Windows(72), ..BIZ }),
        "pause-unknown" => pauses(PauseRule::Ignored),
        "pause-added-to-due" => pauses(PauseRule::AddedToDue),
        "pause-added-to-allowed" => pauses(PauseRule::AddedToAllowed),
        "pause-added-to-start" => pauses(PauseRule::AddedToStart),
        _ => None,
    }
}

/// Compares all at once, so that one run shows everything.
fn report(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn cell(row: &[String], at: usize) -> &str {
    row.get(at).map_or("", String::as_str)
}

/// `480m`, `1 day`, and what is paused.
fn length(text: &str) -> Option<(Length, Pauses)> {
    let (length, paused) = text.split_once(" paused ").unwrap_or((text, ""));
    let length = match length.strip_suffix('m') {
        Some(minutes) => Length::Business(minutes.parse::<u64>().ok()? * 60),
        None => Length::BusinessDays(length.strip_suffix(" day")?.parse().ok()?),
    };
    let pauses = paused.split_whitespace().map(|pause| {
        let (from, to) = pause.split_once('/')?;
        Some((instant(from)?, Some(instant(to)?)))
    });
    Some((length, Pauses::new(pauses.collect::<Option<Vec<_>>>()?)))
}

fn answered(clock: &Clock, row: &[String], inclusive: bool) -> Option<String> {
    let from = instant(cell(row, 8))?;
    if cell(row, 7) == "elapsed" {
        // One engine counts the last second too.
        let to = instant(cell(row, 9))? + i64::from(inclusive);
        return Some(clock.calendar().elapsed(from, to).to_string());
    }
    let (length, pauses) = length(cell(row, 9))?;
    Some(clock.due(from, length, &pauses).at().map_or_else(|| "none".to_owned(), written))
}

#[test]
fn engines_answer_as_they_were_seen_to() {
    let mut wrong = Vec::new();
    let rows = rows(include_str!("data/engines.csv"));
    for row in &rows {
        let read = || {
            let mut hours = hours(cell(row, 2), cell(row, 3), cell(row, 4))?;
            add_dates(&mut hours.special, cell(row, 5))?;
            add_dates(&mut hours.day_breaks, cell(row, 6))?;
            let theirs = Clock::new(&hours, rules(cell(row, 1))?).ok()?;
            let ours = Clock::new(&hours, DueRules::default()).ok()?;
            let inclusive = cell(row, 1) == "business-hours";
            Some((answered(&theirs, row, inclusive)?, answered(&ours, row, false)?))
        };
        let Some((theirs, ours)) = read() else {
            wrong.push(format!("{}: cannot be read", row.join(",")));
            continue;
        };
        if theirs != cell(row, 10) || ours != cell(row, 11) {
            wrong.push(format!("{}\n  theirs {theirs}, ours {ours}", row.join(",")));
        }
        // A difference has a reason, and a reason is for a difference.
        if (cell(row, 10) == cell(row, 11)) != cell(row, 12).is_empty() {
            wrong.push(format!("{}: the reason", row.join(",")));
        }
    }
    report(&wrong);
    assert_eq!(rows.len(), 91);
}

/// Hours as the JSON of the captured cases writes them.
fn biz_hours(row: &[String]) -> Option<Hours> {
    let mut hours = hours(cell(row, 5), "", cell(row, 4))?;
    let json = |at: usize| serde_json::from_str::<serde_json::Value>(cell(row, at)).ok();
    let stretches = |times: &serde_json::Value| {
        let pairs = times.as_object()?.iter();
        pairs.map(|(from, to)| stretch(from, to.as_str()?)).collect::<Option<Vec<_>>>()
    };
    for (name, times) in json(1)?.as_object()? {
        *hours.week.get_mut(weekday(name)?)? = stretches(times)?;
    }
    for (date, times) in json(2)?.as_object()? {
        hours.special.insert(day(date)?, stretches(times)?);
    }
    for (date, times) in json(3)?.as_object()? {
        hours.day_breaks.insert(day(date)?, stretches(times)?);
    }
    Some(hours)
}

/// The answer to a captured question.
fn biz_answer(calendar: &Calendar, hours: &Hours, row: &[String]) -> Option<String> {
    let at = instant(cell(row, 6))?;
    let argument = cell(row, 7);
    let length = || {
        let (count, unit) = argument.split_once(' ')?;
        let count: u64 = count.parse().ok()?;
        Some(match unit {
            "seconds" => Length::Business(count),
            "minutes" => Length::Business(count * 60),
            "hours" => Length::Business(count * 3600),
            "days" => Length::BusinessDays(u32::try_from(count).ok()?),
            _ => return None,
        })
    };
    let periods = |periods: &mut dyn Iterator<Item = (i64, i64)>| {
        // Periods of no length are none, so as many are compared as are left of the captured ones.
        let count = cell(row, 9).split_whitespace().count();
        let periods: Vec<String> =
            periods.take(count).map(|(from, to)| format!("{}/{}", written(from), written(to))).collect();
        periods.join(" ")
    };
    let date: Day = calendar.date(at);
    Some(match cell(row, 0) {
        "after" => written(calendar.due(at, length()?, cutover_calendar::Boundary::NextOpening)?),
        "before" => written(calendar.began(at, length()?)?),
        "in_hours" => calendar.is_open(at).to_string(),
        "on_holiday" => hours.holidays.contains(&date).to_string(),
        "on_break" => {
            let second = calendar.time_of_day(at);
            let breaks = hours.day_breaks.get(&date).map_or(&[][..], Vec::as_slice);
            breaks.iter().any(|pause| (pause.from..pause.to).contains(&second)).to_string()
        }
        "periods_after" => periods(&mut calendar.periods_after(at)),
        "periods_before" => periods(&mut calendar.periods_before(at)),
        "within_seconds" => calendar.elapsed(at, instant(argument)?).to_string(),
        _ => return None,
    })
}

#[test]
fn the_captured_cases_of_an_engine_hold() {
    let mut wrong = Vec::new();
    let rows = rows(include_str!("data/biz.csv"));
    for row in &rows {
        let read = |reading: Reading| {
            let hours = biz_hours(row)?;
            biz_answer(&Calendar::new(&hours, reading).ok()?, &hours, row)
        };
        let (Some(theirs), Some(ours)) = (read(BIZ.reading), read(Reading::default())) else {
            wrong.push(format!("{}: cannot be read", row.join(",")));
            continue;
        };
        let has_length = |period: &&str| period.split_once('/').is_none_or(|(from, to)| from != to);
        let expected: Vec<&str> = cell(row, 8).split_whitespace().filter(has_length).collect();
        if theirs != expected.join(" ") || ours != cell(row, 9) {
            wrong.push(format!("{}\n  theirs {theirs}\n  ours   {ours}", row.join(",")));
        }
        if (cell(row, 8) == cell(row, 9)) != cell(row, 10).is_empty() {
            wrong.push(format!("{}: the reason", row.join(",")));
        }
    }
    report(&wrong);
    assert_eq!(rows.len(), 137);
}

/// Questions of another seed, from the file that `BUSINESS_HOURS_CASES` names.
#[expect(clippy::disallowed_methods, reason = "a longer run of a test is asked for from outside")]
fn other_questions() -> Option<String> {
    let path = std::env::var("BUSINESS_HOURS_CASES").ok()?;
    let text = std::fs::read_to_string(&path);
    assert!(text.is_ok(), "{path} cannot be read");
    text.ok()
}

/// Answers of a real engine to random questions; `none` is its -1.
#[test]
fn random_questions_are_answered_as_an_engine_answered_them() {
    let mut wrong = Vec::new();
    let (mut same, mut given_up, mut ours_differ) = (0, 0, 0);
    let Some(rules) = rules("business-hours") else { return assert_eq!("the rules of the engine", "") };
    let other = other_questions();
    let rows = rows(other.as_deref().unwrap_or(include_str!("data/business-hours.csv")));
    for row in &rows {
        let read = || {
            let mut hours = hours(cell(row, 0), cell(row, 1), cell(row, 3))?;
            add_week(&mut hours.breaks, cell(row, 2))?;
            let (start, seconds) = (cell(row, 4).parse().ok()?, cell(row, 5).parse().ok()?);
            let due = |rules| {
                let clock = Clock::new(&hours, rules).ok()?;
                Some(clock.due(start, Length::Business(seconds), &Pauses::default()))
            };
            Some((due(rules)?, due(DueRules::default())?))
        };
        let Some((theirs, ours)) = read() else {
            wrong.push(format!("{}: cannot be read", row.join(",")));
            continue;
        };
        let expected = cell(row, 6);
        match (theirs, expected) {
            // On the date that Samoa skipped the engine ends with an error.
            (_, "dies") if cell(row, 0) == "Pacific/Apia" => {}
            (Answer::GivenUp | Answer::Never, "-1") => given_up += 1,
            (Answer::At(at), expected) if expected.parse() == Ok(at) => same += 1,
            _ => wrong.push(format!("{}\n  {theirs:?}", row.join(","))),
        }
        ours_differ += usize::from(ours != theirs);
    }
    report(&wrong);
    if other.is_some() {
        return assert!(same > rows.len() / 2, "{same} the same of {}", rows.len());
    }
    assert!(same > 2_000 && given_up > 50, "{same} the same, {given_up} given up");
    // Were nothing different, the rules of the engine would have been of no use.
    assert!(ours_differ > given_up && ours_differ < 400, "{ours_differ} of ours differ");
}
