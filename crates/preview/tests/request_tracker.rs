//! A real Request Tracker 5 set these due instants; its dialect gives the same.

use cutover_calendar::{Day, Hours, Length, Stretch, Zone};
use cutover_preview::{
    Action, Carried, Due, Form, Metric, Migration, Preview, Promise, Seen, Side, Ticket, dialect,
};

/// Holidays of the account: two of them are the days on which clocks change.
const HOLIDAYS: [(i8, i8); 8] = [(1, 1), (3, 8), (5, 25), (7, 3), (9, 7), (11, 1), (11, 26), (12, 25)];

/// The account's business hours of a name.
fn hours(name: &str) -> Option<Hours> {
    let zone = Zone::named("America/New_York")?;
    let mut hours = match name {
        "Default" => Hours::weekdays(zone, 540, 1020),
        "Always" => Hours::always(zone),
        "Night" => {
            let mut hours = Hours::closed(zone);
            for day in hours.week.iter_mut().take(4) {
                day.push(Stretch::minutes(1320, 360));
            }
            hours
        }
        _ => return None,
    };
    hours.holidays = HOLIDAYS.iter().filter_map(|(month, day)| Day::new(2026, *month, *day)).collect();
    Some(hours)
}

/// What the dialect shows for a row, and what Request Tracker showed.
fn compared(row: &str) -> Option<(Option<i64>, Option<i64>)> {
    let mut cells = row.split(',');
    let name = cells.next()?;
    let cells: Vec<&str> = cells.collect();
    let [response, keep, resolve, ignores, created, acted, outside, from, to, due] = cells[..] else {
        return None;
    };
    let number = |text: &str| text.parse::<i64>().ok();
    let (hours, rt) = (hours(name)?, dialect("rt")?);
    let acted = number(acted)?;
    let outside = outside == "1";
    // Only a level that ignores a status knows of the pause.
    let paused = number(from).filter(|_| ignores == "1").map(|from| (from, number(to)));
    let ticket = Ticket {
        created: number(created)?,
        last_customer: if outside { Seen::At(acted) } else { Seen::Never },
        last_agent: if outside { Seen::Never } else { Seen::At(acted) },
        paused: paused.into_iter().collect(),
        ..Ticket::default()
    };
    let side = Side { dialect: rt, hours: &hours, form: Form::FREE };
    let later = acted + 40 * 86_400;
    let migration = Migration {
        source: Some(side),
        target: Some(side),
        contract: &hours,
        known: later,
        imported: later,
        carried: Carried::ALL,
        first_event: later,
        tolerance: 0,
    };
    let preview = Preview::new(migration).ok()?;
    let due_of = |metric, minutes: &str| {
        let allowed = Length::Business(minutes.parse::<u64>().ok()? * 60);
        let promise = Promise {
            metric,
            allowed,
            held: allowed,
            held_before: Some(allowed),
            action: Action::Recalculate,
        };
        Some(preview.outcome(&ticket, &promise).source)
    };
    let answer =
        if outside { due_of(Metric::NextResponse, response)? } else { due_of(Metric::Update, keep)? };
    let shown = rt.shown(&[answer, due_of(Metric::Resolution, resolve)?]);
    Some((shown.first().copied().and_then(Due::at), number(due)))
}

/// Tickets of another seed, from the file that `RT_DUE_CASES` names.
#[expect(clippy::disallowed_methods, reason = "a longer run of a test is asked for from outside")]
fn other_tickets() -> Option<String> {
    let path = std::env::var("RT_DUE_CASES").ok()?;
    let text = std::fs::read_to_string(&path);
    assert!(text.is_ok(), "{path} cannot be read");
    text.ok()
}

#[test]
fn due_instants_are_those_of_a_real_request_tracker() {
    let other = other_tickets();
    let text = other.as_deref().unwrap_or(include_str!("data/rt.csv"));
    let mut wrong = Vec::new();
    let (mut same, mut none) = (0, 0);
    for row in text.lines().skip(1) {
        match compared(row) {
            Some((ours, theirs)) if ours == theirs => {
                same += 1;
                none += usize::from(theirs.is_none());
            }
            other => wrong.push(format!("{row}: {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(same >= 120, "only {same} tickets");
    assert!(none > 20, "{none} without a due instant: too few to show when there is none");
}
