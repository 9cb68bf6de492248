//! Instants, lengths, classes and remarks in words.

use cutover_calendar::Zone;
use cutover_ir::time::Instant;
use cutover_plan::model::ClockAction;
use cutover_plan::text::numbers::number;
use cutover_preview::{Absent, Anchor, Class, Compared, Due, Reason};

use super::desk::{Counted, Desk};
use super::ticket::Row;
use super::totals::Totals;

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

/// What a class means for somebody who looks at the new desk.
pub(super) const fn class(class: Class) -> &'static str {
    match class {
        Class::Equal => "as promised",
        Class::Done => "nothing left to promise",
        Class::FalseLate => "will look late while it is not",
        Class::NoClock => "something was promised and nothing shows it",
        Class::HiddenBreach => "a broken promise will look kept",
    }
}

/// Why two due times differ.
pub(super) const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Anchor => "the clock begins at another instant",
        Reason::Unpaused => "pauses are not counted as they were",
        Reason::Window => "the desk looks at some days only",
        Reason::HolidayPart => "holidays are not whole local days",
        Reason::Dst => "the day of a clock change is read in another way",
        Reason::Rounding => "seconds are cut off",
        Reason::Hours => "the desks are open at different hours",
        Reason::Boundary => "the same moment in business time",
        Reason::Shown => "the old desk shows something else than its rules give",
        Reason::Remaining => "the time that was left was counted in other hours",
    }
}

/// The codes of the reasons why a due time is not the promised one.
pub(super) fn reasons(compared: &Compared) -> Vec<&'static str> {
    compared.reasons().into_iter().map(Reason::name).collect()
}

/// What was assumed about a clock because the table of tickets does not tell.
pub(super) fn assumptions(row: &Row<'_, '_>) -> Vec<String> {
    let mut said = Vec::new();
    if !row.depends.is_empty() {
        let fields: Vec<&str> = row.depends.iter().map(String::as_str).collect();
        said.push(format!(
            "This holds if the policy is the ticket's, which depends on {}: the table of tickets does not hold that",
            fields.join(", ")
        ));
    }
    if row.since_change {
        said.push("It waits, and nothing says since when: its last change counts".to_owned());
    }
    said
}

/// What a reader has to know of how it was computed.
pub(super) fn about(desk: &Desk<'_>) -> Vec<String> {
    let mut said = vec![format!(
        "Tickets count as imported when the window ends, {}, and first something happens to them when their desk opens after that.",
        utc(desk.night.imported)
    )];
    said.push("Both desks are taken to be open at the hours of the policy's calendar.".to_owned());
    if desk.source.one_due {
        said.push(format!(
            "{} shows one due time for all clocks of a ticket: it is compared with the earliest.",
            desk.product("source")
        ));
    }
    if desk.target.one_due {
        said.push(format!(
            "{} will show one due time for all clocks of a ticket, the earliest.",
            desk.product("target")
        ));
    }
    said.extend(
        desk.policies
            .iter()
            .flat_map(|policy| policy.clocks.iter().filter_map(|counted| other_anchor(desk, counted))),
    );
    for label in &desk.left_out {
        said.push(format!("Not computed: {label}, since no product is known to measure it alike."));
    }
    said
}

/// A clock that the spec lets begin at another moment than the new desk does.
fn other_anchor(desk: &Desk<'_>, counted: &Counted<'_>) -> Option<String> {
    let field = counted.clock.continuity.iter().find_map(|rule| recalculated_from(&rule.action))?;
    let there = desk.target.anchor_of_imported(counted.metric)?;
    let said = ["created_at", "last_contact_at"]
        .iter()
        .find(|means| desk.fields.get(**means).is_some_and(|own| own == field));
    let said = match said.copied() {
        Some("created_at") => Some(Anchor::Created),
        Some(_) => Some(Anchor::LastCustomer),
        None => None,
    };
    // Without history there, opened again is made.
    let same = said == Some(there) || (said == Some(Anchor::Created) && there == Anchor::Reopened);
    (!same).then(|| {
        format!(
            "`{}` begins at `{field}` by the spec; {} lets it begin {}, and that is what is computed.",
            counted.label,
            desk.product("target"),
            cutover_preview::begins(there)
        )
    })
}

/// The field from which a clock is counted again.
fn recalculated_from(action: &ClockAction) -> Option<&str> {
    match action {
        ClockAction::Recalculate { from } => Some(from),
        ClockAction::Suspend { then, .. } => recalculated_from(then),
        ClockAction::Inherit { .. } | ClockAction::Done => None,
    }
}

/// What was assumed about many clocks.
pub(super) fn remarks(desk: &Desk<'_>, totals: &Totals) -> Vec<String> {
    let mut said = Vec::new();
    for (field, count) in &totals.depends {
        said.push(format!(
            "{} run only if {field} has the right value, which the table of tickets does not hold: they are computed as if it had.",
            clocks(*count)
        ));
    }
    if !totals.depends.is_empty() && desk.policies.len() > 1 {
        said.push("A ticket counts under each policy that may be its own.".to_owned());
    }
    if totals.since_change > 0 {
        said.push(format!(
            "{} wait, and nothing says since when: their last change counts.",
            clocks(totals.since_change)
        ));
    }
    if let Some((line, why)) = &totals.first_unread {
        let lines = if totals.unread == 1 {
            "1 line is".to_owned()
        } else {
            format!("{} lines are", number(totals.unread))
        };
        said.push(format!("{lines} no ticket and left out; the first is line {line}: {why}."));
    }
    said.extend(about(desk));
    said
}

/// How many promises are broken before the import, and how many of them on the day of the inventory already.
pub(super) fn broken(totals: &Totals) -> String {
    let all = totals.summary.all.breached;
    match totals.already {
        already if already == all => format!("Broken already, whatever moves: {}", clocks(all)),
        already => format!(
            "Due before the import, whatever moves: {}; {} of them were due when the inventory was taken and are broken already",
            clocks(all),
            number(already)
        ),
    }
}

/// What is seen right after the import, before anything happens to a ticket.
pub(super) fn on_import(totals: &Totals) -> String {
    let counts = &totals.summary.all.on_import;
    let said = Class::ALL.iter().filter_map(|class| {
        let count = counts.get(class).copied().filter(|count| *count > 0)?;
        Some(format!("{} {}", number(count), class.name()))
    });
    format!("Right after the import: {}", said.collect::<Vec<_>>().join(", "))
}

/// `1 clock`, `2,000 clocks`.
pub(super) fn clocks(count: u64) -> String {
    if count == 1 { "1 clock".to_owned() } else { format!("{} clocks", number(count)) }
}
