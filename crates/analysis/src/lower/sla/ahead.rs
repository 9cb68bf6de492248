//! A product that looks only so far ahead shows no due time for what takes longer by day and night. How long a time of opening hours takes
//! depends on when a ticket comes in and on the holidays that follow, so that all beginnings of a year are tried.

use cutover_calendar::{Boundary, Calendar as Clock, DAY_SECONDS, Day, Hours, Length, Reading, Zone};
use cutover_catalog::Catalog;
use cutover_catalog::catalog::PolicyForm;
use cutover_diagnostics::Diagnostic;
use cutover_ir::quantity::Duration;
use cutover_plan::model::Calendar;

use super::clock::Written;
use super::held::Counted;
use crate::clocks;
use crate::context::Context;

/// Tickets that came in so long before the window may move unfinished, and so long after it others come in.
const BEFORE: i64 = 60 * DAY_SECONDS;
const AFTER: i64 = 366 * DAY_SECONDS;

/// The beginning from which a length takes longest.
#[derive(Clone, Copy)]
struct Worst {
    from: i64,
    due: i64,
}

/// What becomes of a length of opening hours where the target looks so far ahead and no further.
pub(super) fn check(
    cx: &Context<'_>,
    catalog: &Catalog,
    form: &PolicyForm,
    clock: &Written,
    counted: &Counted<'_>,
) -> Option<Diagnostic> {
    let limit = form.within.as_ref()?;
    let within = i64::try_from(limit.base()).ok()?;
    if cannot_reach(counted.held, counted.open, within) {
        return None;
    }
    let window = cx.draft.plan.migration.window.as_ref()?;
    let period = (window.start.seconds() - BEFORE, window.end.seconds() + AFTER);
    let (hours, length) = (&counted.hours, counted.length);
    let zone = hours.zone.clone();
    let plain = Hours { holidays: Default::default(), special: Default::default(), ..hours.clone() };
    let (plain, hours) =
        (Clock::new(&plain, Reading::default()).ok()?, Clock::new(hours, Reading::default()).ok()?);
    let said = |worst: Worst| {
        let days = (worst.due - worst.from + DAY_SECONDS - 1) / DAY_SECONDS;
        format!(
            "what comes in on {} takes until {}: {days} days",
            moment(&zone, worst.from),
            moment(&zone, worst.due)
        )
    };
    let label =
        |takes: String| format!("{} looks {limit} ahead, and by this calendar {takes}", catalog.title);
    let none = "a ticket with such a clock shows no due time at all, also none of its shorter clocks";
    let help = "promise less, or leave this clock out and watch these tickets in a list";
    let over = |worst: &Worst| worst.due - worst.from > within;
    if let Some(worst) = worst(&plain, length, period).filter(over) {
        return Some(
            Diagnostic::error("sla/cannot-hold#within", "the target cannot hold this length of time")
                .primary(clock.span, label(said(worst)))
                .note(none)
                .help(help),
        );
    }
    let worst = worst(&hours, length, period).filter(over)?;
    Some(
        Diagnostic::warning("sla/cannot-hold#holidays", "the target cannot hold this length of time around holidays")
            .primary(clock.span, label(said(worst)))
            .note(none)
            .help(format!("{help}; or watch those that come in before such holidays, and say so with `allow \"sla/cannot-hold\"`")),
    )
}

/// Whether a length is over in time by any calendar with these hours: its weeks, a week at both ends, and a day for each day that is
/// another than others.
fn cannot_reach(held: Duration, open: &Calendar, within: i64) -> bool {
    let week: u64 = clocks::day_lengths(open).into_values().sum();
    if week == 0 {
        return true;
    }
    let weeks = if held.days > 0 { u64::from(held.days) } else { held.nominal_seconds() / week };
    let days = (weeks + 2) * 7 + u64::try_from(open.holidays.len()).unwrap_or(u64::MAX / 2);
    i64::try_from(days.saturating_mul(86_400)).is_ok_and(|longest| longest <= within)
}

/// The longest way of a length of time. It is longest for what comes in when the desk has just closed.
fn worst(clock: &Clock, length: Length, (from, to): (i64, i64)) -> Option<Worst> {
    let closes = clock.open_between(from, to).map(|(_, close)| close);
    let ways = closes.filter_map(|from| {
        let due = clock.due(from, length, Boundary::NextOpening)?;
        Some(Worst { from, due })
    });
    // Of several that are equally long the first.
    ways.min_by_key(|worst| worst.from - worst.due)
}

/// `Friday 2026-12-18 17:00`, by the clock on the wall.
pub(super) fn moment(zone: &Zone, at: i64) -> String {
    let Some(civil) = zone.civil_at(at) else { return String::new() };
    let (year, month, day) = (civil.year, civil.month, civil.day);
    let name =
        Day::new(year, month, day).and_then(|day| NAMES.get(day.weekday())).copied().unwrap_or_default();
    format!("{name} {year:04}-{month:02}-{day:02} {:02}:{:02}", civil.hour, civil.minute)
}

const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
