//! Instants, lengths and classes in words.

use std::collections::BTreeMap;

use cutover_calendar::Zone;
use cutover_ir::time::Instant;
use cutover_plan::text::numbers::number;
use cutover_preview::{Absent, Class, Compared, Counts, Due, Reason};

use super::desk::Desk;

/// `2026-12-07 09:00`, by the wall clock of a zone.
pub(crate) fn moment(zone: &Zone, at: i64) -> String {
    let Some(civil) = zone.civil_at(at) else { return utc(at) };
    let (date, minute) = ((civil.year, civil.month, civil.day), (civil.hour, civil.minute));
    let second = if civil.second == 0 { String::new() } else { format!(":{:02}", civil.second) };
    format!("{:04}-{:02}-{:02} {:02}:{:02}{second}", date.0, date.1, date.2, minute.0, minute.1)
}

/// RFC 3339 in UTC.
pub(super) fn utc(at: i64) -> String {
    Instant::from_seconds(at).to_string()
}

/// A due time by the wall clock, or why there is none.
pub(super) fn due(zone: &Zone, due: Due) -> String {
    match due {
        Due::At(at) => moment(zone, at),
        Due::None(absent) => self::absent(absent).to_owned(),
    }
}

/// Why there is no due time.
pub(super) const fn absent(absent: Absent) -> &'static str {
    match absent {
        Absent::Done => "over",
        Absent::Suspended => "held still",
        Absent::NotYet => "not yet computed",
        Absent::NoClock => "no clock",
        Absent::Paused => "none while it waits",
        Absent::GivenUp => "none, too far ahead",
        Absent::NeverOpen => "never, it is not open long enough",
        Absent::Unknown | Absent::Untold | Absent::Undecided | Absent::Unread => "not known",
        Absent::NotBegun => "no clock yet",
        Absent::NoDue => "none",
    }
}

/// Why there is no due time, for programs.
pub(super) const fn absent_code(absent: Absent) -> &'static str {
    match absent {
        Absent::Done => "done",
        Absent::Suspended => "suspended",
        Absent::NotYet => "not-yet",
        Absent::NoClock => "no-clock",
        Absent::Paused => "paused",
        Absent::GivenUp => "given-up",
        Absent::NeverOpen => "never-open",
        Absent::Unknown => "unknown",
        Absent::NotBegun => "not-begun",
        Absent::Untold => "untold",
        Absent::Undecided => "undecided",
        Absent::Unread => "unread",
        Absent::NoDue => "no-due",
    }
}

/// `5 h 20 min later`; exact, and empty when there is nothing to compare.
pub(super) fn difference(difference: Option<i64>) -> String {
    let Some(difference) = difference else { return String::new() };
    let length = difference.unsigned_abs();
    let parts = [(length / 3600, "h"), (length / 60 % 60, "min"), (length % 60, "s")];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{} {unit}", number(*count)))
        .collect();
    match difference {
        0 => "the same".to_owned(),
        1.. => format!("{} later", parts.join(" ")),
        _ => format!("{} earlier", parts.join(" ")),
    }
}

/// A policy and its clock, as people say them: `Premium – first response`.
pub(super) fn label(desk: &Desk<'_>, label: &str) -> String {
    let mut clocks =
        desk.policies.iter().flat_map(|policy| policy.clocks.iter().map(move |counted| (policy, counted)));
    clocks.find(|(_, counted)| counted.label == label).map_or_else(
        || label.to_owned(),
        |(policy, counted)| format!("{} – {}", policy.title, clock(&counted.clock.name)),
    )
}

/// The classes that a table shows: those that are seldom only where there are some.
pub(super) fn columns(all: &Counts) -> Vec<Class> {
    let some = |class: &Class| {
        let known = !matches!(class, Class::NotBegun | Class::Unknown);
        known || all.classes.contains_key(class) || all.on_import.contains_key(class)
    };
    Class::ALL.into_iter().filter(some).collect()
}

/// What is said where no clock differs after the first event.
pub(super) fn none_differs(all: &Counts) -> String {
    let of = |classes: &BTreeMap<Class, u64>, class| classes.get(&class).copied().unwrap_or_default();
    if of(&all.classes, Class::Equal) == 0 {
        return "There is no clock to compare with what was promised.".to_owned();
    }
    let said = "After the first event no clock differs from what was promised";
    match of(&all.on_import, Class::NoClock) {
        0 => format!("{said}."),
        1 => format!("{said}; until then 1 shows nothing."),
        many => format!("{said}; until then {} show nothing.", number(many)),
    }
}

/// The name of a clock as people say it: `first response`.
pub(super) fn clock(name: &str) -> String {
    name.replace('_', " ")
}

/// What a class means for somebody who looks at the new desk.
pub(super) const fn class(class: Class) -> &'static str {
    match class {
        Class::Equal => "as promised",
        Class::Done => "nothing left to promise",
        Class::NotBegun => "nobody has written yet from whose message it counts",
        Class::Unknown => {
            "nobody can tell: it is not known whether it runs or is over, how the new desk counts, or what is written there"
        }
        Class::FalseLate => "will look late while it is not",
        Class::NoClock => "something was promised and nothing shows it",
        Class::HiddenBreach => "a broken promise will look kept",
    }
}

/// Why two due times differ.
pub(super) const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Anchor => "the clock begins at another instant",
        Reason::Held => "the new desk holds another length of time than was promised",
        Reason::Unpaused => "pauses are not counted as they were",
        Reason::Window => "the desk looks at some days only, and at one stretch of hours a day",
        Reason::HolidayPart => "holidays are not whole local days, or no day can have hours of its own",
        Reason::Dst => "the day of a clock change is read in another way",
        Reason::Rounding => "seconds are cut off",
        Reason::Step => "the desk's calendars know opening hours in steps only",
        Reason::Hours => "the desks are open at different hours",
        Reason::Boundary => "the same moment in business time",
        Reason::Shown => "the old desk shows something else than its rules give",
        Reason::Earliest => "one due time is shown for all clocks, that of another clock",
        Reason::Refused => {
            "the new desk does not take the old due time, which has passed or is that of a ticket that waits"
        }
    }
}

/// The codes of the reasons why a due time is not the promised one.
pub(super) fn reasons(compared: &Compared) -> Vec<&'static str> {
    compared.reasons().into_iter().map(Reason::name).collect()
}

/// `1 clock`, `2,000 clocks`.
pub(super) fn clocks(count: u64) -> String {
    if count == 1 { "1 clock".to_owned() } else { format!("{} clocks", number(count)) }
}
