//! The computation step by step, in words that can be read to a customer.

use cutover_calendar::{Calendar, Day, Length, Pauses};

use crate::outcome::{Absent, Class, Compared, Due, Outcome, PauseMistake, Reason, Shift};
use crate::prepare::{Preview, Run, asked};
use crate::ticket::{Anchor, Metric, Progress, Promise, Seen, Shown, Ticket};
use crate::words;

/// So many stretches of time are told one by one; of more, the first ones and the last.
const TOLD: usize = 8;

/// More stretches than these are not looked at.
const MOST: usize = 5_000;

impl Preview<'_> {
    /// Why a ticket is due when it is due: the contract's computation step by step, then both desks and what differs. A line a
    /// sentence, in the contract's zone.
    #[must_use]
    pub fn explain(&self, ticket: &Ticket, promise: &Promise, outcome: &Outcome) -> Vec<String> {
        let calendar = self.contract.calendar();
        let mut lines = vec![format!("All times are those of {}.", self.migration.contract.zone.name())];
        lines.push(format!(
            "Promised: {} within {}.",
            metric(promise.metric),
            words::length(promise.allowed)
        ));
        if outcome.contract == Due::None(Absent::Done) {
            if let Some(answered) = outcome.answered {
                let (at, due) = (words::moment(calendar, answered.at), words::moment(calendar, answered.due));
                let kept = match answered.late {
                    0 => "in time".to_owned(),
                    late => format!("{} too late", words::seconds(late)),
                };
                lines.push(format!("Answered {at}, promised by {due}: {kept}."));
            }
            lines.push("This clock is over: nothing is due any more.".to_owned());
            return lines;
        }
        if outcome.contract == Due::None(Absent::Undecided) {
            lines.push(
                "Whether this clock is over is not known, so nobody can say when it is due.".to_owned(),
            );
            self.desks(ticket, promise, outcome, &mut lines);
            return lines;
        }
        let Ok(run) = self.contract_run(ticket, promise) else {
            lines.push(not_begun(ticket, promise.metric));
            self.desks(ticket, promise, outcome, &mut lines);
            return lines;
        };
        let (anchor, begins) = (anchor(promise.metric.anchor()), words::moment(calendar, run.start));
        lines.push(format!("The clock begins {anchor}: {begins}."));
        if outcome.contract == Due::None(Absent::Untold) {
            lines.push(not_begun(ticket, promise.metric));
            self.desks(ticket, promise, outcome, &mut lines);
            return lines;
        }
        self.steps(ticket, &run, outcome.contract, &mut lines);
        if outcome.paused {
            lines.push(format!(
                "The clock stands still now; this holds when it goes on at {}.",
                words::moment(calendar, self.migration.first_event)
            ));
        }
        lines.push(format!("By the contract: {}.", due(calendar, outcome.contract)));
        if outcome.breached {
            lines.push("That has passed: the promise is broken already.".to_owned());
        } else if outcome.at_risk {
            lines.push(
                "That is before the import: the promise will be broken then if nobody acts.".to_owned(),
            );
        }
        self.desks(ticket, promise, outcome, &mut lines);
        lines
    }

    /// What both desks show.
    fn desks(&self, ticket: &Ticket, promise: &Promise, outcome: &Outcome, lines: &mut Vec<String>) {
        let calendar = self.contract.calendar();
        lines.push("For the desk, not for the customer:".to_owned());
        lines.push(match ticket.shown {
            Shown::Other(other) => format!(
                "By the old desk: it shows one due time for all clocks of a ticket, and that is another clock's, {}. By its rules this one: {}.",
                words::moment(calendar, other),
                due(calendar, outcome.source)
            ),
            _ => format!("By the old desk: {}.", due(calendar, outcome.source)),
        });
        if let (Due::None(Absent::NoDue), Due::At(computed)) = (outcome.source, outcome.source_computed) {
            lines.push(format!(
                "By its own rules that would be {}: either it promises nothing here, or somebody took the due time away.",
                words::moment(calendar, computed)
            ));
        }
        if let (Due::At(shown), Due::At(computed)) = (outcome.source, outcome.source_computed)
            && shown != computed
            && !outcome.paused
        {
            let own = words::moment(calendar, computed);
            lines.push(match self.mistake(ticket, promise) {
                Some(mistake) => format!(
                    "By its own rules that would be {own}. It shows what comes out when {}.",
                    mistaken(mistake)
                ),
                None => format!(
                    "By its own rules that would be {own}: either it waited before, or somebody set it by hand, or it promises something else."
                ),
            });
        }
        for (when, compared) in [
            ("right after the import", &outcome.after_import),
            ("after the first event", &outcome.after_event),
        ] {
            lines.push(format!(
                "By the new desk, {when}: {}; {}.",
                due(calendar, compared.due),
                said(compared)
            ));
            lines.extend(compared.shifts.iter().map(|shift| shifted(calendar, shift)));
        }
    }

    /// Which time counted, and which did not.
    fn steps(&self, ticket: &Ticket, run: &Run, due: Due, lines: &mut Vec<String>) {
        let calendar = self.contract.calendar();
        let still = |from: i64, to: i64| {
            let ended = |(begin, end): &(i64, Option<i64>)| *begin <= from && end.is_none_or(|end| to <= end);
            if ticket.stopped.iter().any(ended) { "solved, nothing counts" } else { "paused, nothing counts" }
        };
        let mut told: Vec<String> = Vec::new();
        if let (Due::At(due), Length::Business(allowed)) = (due, run.allowed) {
            let mut counted = 0_u64;
            for (from, to, runs) in stretches(calendar, run.start, due, &run.pauses) {
                let times =
                    format!("{} to {}", words::moment(calendar, from), words::end(calendar, from, to));
                if runs {
                    let here = u64::try_from(to - from).unwrap_or_default();
                    counted += here;
                    let left = left_in_words(allowed.saturating_sub(counted));
                    told.push(format!("{times}: {} count, {left} left.", words::seconds(here)));
                } else {
                    told.push(format!("{times}: {}.", still(from, to)));
                }
            }
            shortened(told, lines);
            return;
        }
        let without = Run { pauses: Pauses::default(), ..run.clone() };
        let plain = asked(&self.contract, &without);
        match (run.allowed, plain) {
            (Length::BusinessDays(days), Due::At(at)) => {
                told.extend(days_counted(calendar, run.start, at, days));
            }
            (Length::Calendar(_), Due::At(at)) => {
                told.push(format!("Every hour counts, day and night: to {}.", words::moment(calendar, at)));
            }
            _ => {}
        }
        let end = due.at().unwrap_or(i64::MAX);
        let still: Vec<String> = run
            .pauses
            .iter()
            .filter(|(from, to)| *to > run.start && *from < end)
            .map(|(from, to)| {
                format!(
                    "{} to {}: {}.",
                    words::moment(calendar, from),
                    words::moment(calendar, to),
                    still(from, to)
                )
            })
            .collect();
        let moved = !still.is_empty() && due != plain;
        told.extend(still);
        if moved && let Due::At(at) = due {
            let time = if matches!(run.allowed, Length::BusinessDays(_)) { "opening hours" } else { "time" };
            told.push(format!(
                "The {time} in which it stood still moves the end to {}.",
                words::moment(calendar, at)
            ));
        }
        shortened(told, lines);
    }
}

/// Why a clock has no end yet.
fn not_begun(ticket: &Ticket, metric: Metric) -> String {
    if metric.progress(ticket) == Progress::NotBegun {
        let who = if metric == Metric::Update {
            "no agent has written yet"
        } else {
            "the customer has not written yet"
        };
        return format!("There is no clock yet: {who}, and nothing is promised so far.");
    }
    let customer = metric == Metric::NextResponse && ticket.last_customer == Seen::Unknown;
    let what = match (customer, ticket.agent() == Seen::Unknown) {
        (true, true) => "when the customer last wrote, and whether an agent has answered since",
        (true, false) => "when the customer last wrote",
        (false, _) if metric == Metric::NextResponse => "whether an agent has answered since",
        (false, _) => "when an agent last wrote",
    };
    format!("It is not known whether this clock runs: the tickets were read without {what}.")
}

/// The days that count, each once.
fn days_counted(calendar: &Calendar, start: i64, end: i64, days: u32) -> Vec<String> {
    let first = calendar.date(start);
    let mut dates: Vec<(Day, i64)> = Vec::new();
    for (from, _) in calendar.open_between(start, end.saturating_add(1)).take(MOST) {
        let date = calendar.date(from);
        if date > first && dates.last().is_none_or(|(last, _)| *last < date) {
            dates.push((date, from));
        }
    }
    let counted = usize::try_from(days).unwrap_or(usize::MAX);
    let told = dates.iter().take(counted).enumerate();
    let mut lines: Vec<String> = told
        .map(|(at, (_, from))| format!("Day {} with opening hours: {}.", at + 1, words::day(calendar, *from)))
        .collect();
    lines.push(format!(
        "At the same time of day, or when it opens after that: {}.",
        words::moment(calendar, end)
    ));
    lines
}

/// Adds lines; of many, the first ones and the last.
fn shortened(mut told: Vec<String>, lines: &mut Vec<String>) {
    let more = told.len().saturating_sub(TOLD);
    if more < 2 {
        lines.append(&mut told);
        return;
    }
    let last = told.pop();
    lines.extend(told.drain(..TOLD - 1));
    lines.push(format!("{more} more stretches of time like these."));
    lines.extend(last);
}

fn left_in_words(left: u64) -> String {
    if left == 0 { "nothing is".to_owned() } else { format!("{} are", words::seconds(left)) }
}

/// Open time and pauses from one instant to another, in order: from, to, whether the clock runs.
fn stretches(calendar: &Calendar, start: i64, due: i64, pauses: &Pauses) -> Vec<(i64, i64, bool)> {
    let mut out: Vec<(i64, i64, bool)> = Vec::new();
    let within = |(from, to): (i64, i64)| (from.max(start), to.min(due));
    let held: Vec<(i64, i64)> = pauses.iter().map(within).filter(|(from, to)| from < to).collect();
    let mut held = held.into_iter().peekable();
    for (mut from, to) in calendar.open_between(start, due).take(MOST) {
        while let Some((begins, ends)) = held.peek().copied().filter(|(begins, _)| *begins < to) {
            if begins > from {
                out.push((from, begins, true));
            }
            if out.last() != Some(&(begins, ends, false)) {
                out.push((begins, ends, false));
            }
            from = from.max(ends);
            if ends > to {
                break;
            }
            held.next();
        }
        if from < to {
            out.push((from, to, true));
        }
    }
    out
}

fn due(calendar: &Calendar, due: Due) -> String {
    match due {
        Due::At(at) => {
            // Time that runs out at a close is due at the opening after it, too.
            let closed = calendar.last_close(at).filter(|close| *close < at && calendar.is_open(at));
            let both = closed.map(|close| {
                format!(", which in business time is also {}, when it closed", words::moment(calendar, close))
            });
            let known = if calendar.is_known(at) { "" } else { " (holidays are not known that far ahead)" };
            format!("due {}{}{known}", words::moment(calendar, at), both.unwrap_or_default())
        }
        Due::None(absent) => match absent {
            Absent::Done => "over, nothing is due".to_owned(),
            Absent::Suspended => "it is held still on purpose and nothing is due".to_owned(),
            Absent::NotYet => "nothing computed yet".to_owned(),
            Absent::NoClock => "no clock".to_owned(),
            Absent::Paused => "no due time while it is paused".to_owned(),
            Absent::GivenUp => "no due time, since it looks no further ahead".to_owned(),
            Absent::NeverOpen => "never due, since it is never open long enough".to_owned(),
            Absent::Unknown => "not known, since nobody knows how it counts".to_owned(),
            Absent::NotBegun => "no clock yet".to_owned(),
            Absent::Unread => "not known, since nobody knows what is written there".to_owned(),
            Absent::NoDue => "it has no due time of this ticket".to_owned(),
            Absent::Untold | Absent::Undecided => "not known".to_owned(),
        },
    }
}

/// How a class is said.
fn said(compared: &Compared) -> String {
    match (compared.class, compared.difference) {
        (Class::Equal, Some(0) | None) => "as promised".to_owned(),
        (Class::Equal, Some(_)) => "as promised, within the tolerance".to_owned(),
        (Class::Done, _) => "over".to_owned(),
        (Class::NotBegun, _) => "nothing is promised yet".to_owned(),
        (Class::Unknown, _) => "nobody can tell whether that is as promised".to_owned(),
        (Class::FalseLate, None) => "but nothing was promised".to_owned(),
        (Class::FalseLate, Some(apart)) => {
            format!("{} too early: it will look late while it is not", words::seconds(apart.unsigned_abs()))
        }
        (Class::NoClock, _) => "nobody sees the promise there".to_owned(),
        (Class::HiddenBreach, apart) => {
            let apart = words::seconds(apart.unwrap_or_default().unsigned_abs());
            format!("{apart} too late: a broken promise will look kept")
        }
    }
}

fn shifted(calendar: &Calendar, shift: &Shift) -> String {
    let why = reason(shift.reason);
    match (shift.from, shift.to) {
        (Due::At(from), Due::At(to)) => {
            format!(
                "  {why}: without that it is {}, {}.",
                words::apart(from, to),
                words::moment(calendar, to)
            )
        }
        (_, to) => format!("  {why}: without that it is {}.", due(calendar, to)),
    }
}

/// A reason as the beginning of a sentence.
pub(crate) const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Anchor => "its clock begins at another instant",
        Reason::Held => "its policy holds another length of time than was promised",
        Reason::Unpaused => "pauses are not counted as they were",
        Reason::Window => "it looks at some days only, and at one stretch of hours a day",
        Reason::HolidayPart => {
            "its holidays are not whole local days, or no day of it can have hours of its own"
        }
        Reason::Dst => "it reads the day of a clock change in another way",
        Reason::Rounding => "it knows no seconds",
        Reason::Step => "its calendars know opening hours in steps only",
        Reason::Hours => "it is open at other hours",
        Reason::Boundary => "the same moment in business time, on the other side of closed hours",
        Reason::Shown => "the old desk shows another due time than its rules give",
        Reason::Refused => {
            "it does not take the old due time, which has passed or is that of a ticket that waits"
        }
        Reason::Earliest => {
            "it shows one due time for all clocks of a ticket, and another clock ends earlier"
        }
    }
}

/// How pauses are counted wrongly, as the end of a sentence: `when ...`.
#[must_use]
pub const fn mistaken(mistake: PauseMistake) -> &'static str {
    match mistake {
        PauseMistake::Unknown => "the time that a ticket waited is not counted",
        PauseMistake::AddedToDue => {
            "the time that a ticket waited, nights and weekends too, is added to the due time"
        }
        PauseMistake::AddedToAllowed => {
            "the time that a ticket waited, nights and weekends too, is added to the time allowed"
        }
        PauseMistake::AddedToStart => {
            "the time that a ticket waited, nights and weekends too, is added to its beginning"
        }
        PauseMistake::LostWithPolicy => {
            "the time that a ticket waited before its level of service was changed is forgotten"
        }
    }
}

fn metric(metric: Metric) -> &'static str {
    match metric {
        Metric::FirstResponse => "a first answer",
        Metric::NextResponse => "an answer to the customer's last message",
        Metric::Update => "news for the customer",
        Metric::Resolution => "a solution",
    }
}

/// When a clock begins, as the end of a sentence.
#[must_use]
pub const fn begins(anchor: Anchor) -> &'static str {
    self::anchor(anchor)
}

const fn anchor(anchor: Anchor) -> &'static str {
    match anchor {
        Anchor::Created => "when the ticket was made",
        Anchor::LastCustomer => "when the customer last wrote",
        Anchor::LastAgent => "when an agent last wrote",
        Anchor::Reopened => "when the ticket was opened again, or else made",
        Anchor::Import => "at the import",
    }
}
