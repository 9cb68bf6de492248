//! Due times that the old desk shows and that no rule of its own gives: over the table of unfinished tickets, whenever a spec is compiled.
//!
//! Every other difference between two clocks has its reason, and `cutover sla preview` tells it. This one has none: somebody set a due
//! time by hand, or the spec promises something else than the old desk does.

use std::collections::BTreeMap;

use cutover_analysis::Places;
use cutover_calendar::{Calendar, Length};
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Content, Plan};
use cutover_plan::text::numbers::number;
use cutover_preview::{Absent, Due};

use super::desk::{Desk, promised};
use super::ticket::{Row, Unreadable, each};
use super::{table, words};
use crate::root::Root;
use crate::systems::Account;

/// After so many tickets it is asked whether somebody still waits for the answer.
const ASKED_EVERY: u64 = 1024;

/// What is known of one clock.
#[derive(Default)]
struct Clock<'p> {
    /// Tickets whose due time can be compared.
    compared: u64,
    /// Those that are further away than the tolerance.
    apart: u64,
    worst: Option<Worst<'p>>,
}

/// The ticket that is furthest away.
struct Worst<'p> {
    /// How much later it is shown, in seconds of the promise's kind of time.
    difference: i64,
    ticket: String,
    shown: String,
    computed: String,
    zone: &'p str,
}

/// Whether there are promises and tickets at all.
pub(crate) fn any(plan: &Plan, accounts: &[Account]) -> bool {
    accounts.iter().any(|account| account.unfinished().is_some())
        && plan.items.values().any(|item| matches!(item.content, Content::Sla(_)))
}

/// The findings, a clock of a policy each. Where nothing can be computed there are none: `cutover sla preview` says why. `None` when
/// `stop` says that nobody waits.
pub(crate) fn check(
    root: &Root,
    accounts: &[Account],
    plan: &Plan,
    places: &Places,
    stop: &dyn Fn() -> bool,
) -> Option<Vec<Diagnostic>> {
    let promised = promised(plan);
    let Ok(desk) = Desk::new(plan, accounts, &promised) else { return Some(Vec::new()) };
    let Ok(mut input) = table(Ok(root), accounts) else { return Some(Vec::new()) };
    let mut clocks = BTreeMap::<(&str, &str), Clock<'_>>::new();
    let mut stopped = false;
    // What could be read until the file broke off is told.
    let _broken = each::<Unreadable>(&mut *input, |line, ticket| {
        stopped = line % ASKED_EVERY == 0 && stop();
        let Ok(ticket) = ticket else { return Ok(!stopped) };
        if ticket.due_at.is_some() || ticket.first_response_due_at.is_some() {
            for row in desk.certain_rows(&ticket) {
                let Some(difference) = apart(&row, ticket.states.is_empty()) else { continue };
                clocks.entry((row.policy.name, &row.counted.clock.name)).or_default().add(&row, difference);
            }
        }
        Ok(!stopped)
    });
    if stopped {
        return None;
    }
    let found = clocks.iter().filter_map(|((policy, clock), counted)| {
        let id = Id::new(["sla", *policy]);
        let span = *places.get(&id.child(clock)).or_else(|| places.get(&id))?;
        let worst = counted.worst.as_ref()?;
        let by = words::difference(Some(worst.difference));
        Some(
            Diagnostic::warning("sla/unexplained", "the old desk shows due times that this promise does not give")
                .primary(
                    span,
                    format!(
                        "{} of {} unfinished tickets with a due time are further away than the tolerance",
                        number(counted.apart),
                        number(counted.compared)
                    ),
                )
                .note(format!(
                    "ticket {} is furthest away: it shows {}, {by} than by this clock, which says {} ({})",
                    worst.ticket, worst.shown, worst.computed, worst.zone
                ))
                .help(format!(
                    "correct the promise or the opening hours; where people set due times by hand, write a wider `tolerance` with `because`. `cutover sla explain SPEC {}` tells how that ticket is computed",
                    worst.ticket
                )),
        )
    });
    Some(found.collect())
}

/// How much later a ticket's due time is shown than the old desk's rules give, in seconds of the promise's kind of time; `None` when
/// that cannot be known.
fn apart(row: &Row<'_, '_>, no_history: bool) -> Option<i64> {
    // There is nothing left of it, or nobody knows how long it is going to wait.
    if row.outcome.contract == Due::None(Absent::Done) || row.ticket.is_paused() {
        return None;
    }
    let (shown, computed) = (row.ticket.shown_due?, row.outcome.source_computed.at()?);
    let difference = distance(&row.policy.calendar, row.promise.allowed, computed, shown);
    // It may have waited before, which moves a due time back.
    (difference < 0 || !no_history || row.counted.pauses.is_empty()).then_some(difference)
}

fn distance(calendar: &Calendar, allowed: Length, from: i64, to: i64) -> i64 {
    let (a, b) = (from.min(to), from.max(to));
    let apart = match allowed {
        Length::Business(_) | Length::BusinessDays(_) => calendar.elapsed(a, b),
        Length::Calendar(_) => u64::try_from(b.saturating_sub(a)).unwrap_or_default(),
    };
    let apart = i64::try_from(apart).unwrap_or(i64::MAX);
    if to < from { -apart } else { apart }
}

impl<'p> Clock<'p> {
    fn add<'r: 'p>(&mut self, row: &Row<'r, 'p>, difference: i64) {
        self.compared += 1;
        let tolerance = row.policy.sla.tolerance.map_or(0, cutover_ir::quantity::Duration::nominal_seconds);
        if difference.unsigned_abs() <= tolerance {
            return;
        }
        self.apart += 1;
        let (Some(shown), Some(computed)) = (row.ticket.shown_due, row.outcome.source_computed.at()) else {
            return;
        };
        let furthest = self
            .worst
            .as_ref()
            .is_none_or(|worst| difference.unsigned_abs() > worst.difference.unsigned_abs());
        if furthest {
            let zone = row.policy.zone;
            self.worst = Some(Worst {
                difference,
                ticket: row.ticket.id.clone(),
                shown: words::moment(zone, shown),
                computed: words::moment(zone, computed),
                zone: zone.name(),
            });
        }
    }
}
