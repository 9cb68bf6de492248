//! Due times that are to be taken over and that the new desk does not take.

use cutover_calendar::Zone;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_plan::text::numbers::number;
use cutover_preview::{Dialect, Keeps};

use super::super::desk::Desk;
use super::super::ticket::Row;
use super::super::words;

/// The tickets of a clock whose due time is to be taken over.
#[derive(Default)]
pub(super) struct TakenOver<'p> {
    tickets: u64,
    /// Those whose due time the new desk does not take.
    refused: u64,
    /// The one of these that is due first.
    first: Option<First<'p>>,
}

/// When a ticket is due, and what the new desk shows in the place of that.
struct First<'p> {
    due: i64,
    ticket: String,
    there: String,
    zone: &'p Zone,
}

impl<'p> TakenOver<'p> {
    /// Counts a ticket.
    pub(super) fn add(&mut self, row: &Row<'_, 'p>) {
        self.tickets += 1;
        let Some(due) = row.refused() else { return };
        self.refused += 1;
        if self.first.as_ref().is_none_or(|first| due < first.due) {
            let zone = row.policy.zone;
            let there = words::due(zone, row.outcome.after_event.due);
            self.first = Some(First { due, ticket: row.ticket.id.clone(), there, zone });
        }
    }

    /// What is said of the tickets that the new desk counts by itself.
    pub(super) fn finding(&self, at: Span, desk: &Desk<'_>, target: &Dialect) -> Option<Diagnostic> {
        let first = self.first.as_ref()?;
        let (what, act) = match (target.keeps == Keeps::Future, target.keeps_running) {
            (true, true) => (
                "that has passed, or of a ticket that waits",
                "answer these tickets before the window, and end the wait of those that wait",
            ),
            (true, false) => ("that has passed", "answer these tickets before the window"),
            _ => (
                "of a ticket that waits",
                "give these tickets a status in which the clock runs before the window",
            ),
        };
        // What nobody has shown is no fact.
        let product = desk.product("target");
        let takes = if desk.takes_shown {
            format!("{product} takes no due time {what}")
        } else {
            format!("as far as known {product} takes no due time {what}")
        };
        let have = if self.refused == 1 { "has" } else { "have" };
        Some(
            Diagnostic::warning("sla/due-refused", "the target does not take all of the due times that are to be taken over")
                .primary(
                    at,
                    format!(
                        "{takes}: {} of {} unfinished tickets with this clock {have} one",
                        number(self.refused),
                        number(self.tickets)
                    ),
                )
                .note(format!(
                    "ticket {} is due {} in the old desk, and {} in {product} ({})",
                    first.ticket,
                    words::moment(first.zone, first.due),
                    first.there,
                    first.zone.name()
                ))
                .help(format!("{act}, or give the desk the list of them that `cutover sla preview` makes (reason `refused`), and say so with `allow \"sla/due-refused\"`")),
        )
    }
}
