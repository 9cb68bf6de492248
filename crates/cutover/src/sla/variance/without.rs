//! Tickets to which a promise gives a due time, and of which the old desk has none.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_plan::text::numbers::number;

use super::super::desk::Desk;
use super::super::ticket::Row;
use super::super::words;
use super::told::tickets_do;

/// The tickets of a clock of which the old desk has no due time.
#[derive(Default)]
pub(super) struct Without<'p> {
    tickets: u64,
    /// The one of these that is due first.
    first: Option<First<'p>>,
}

/// When a ticket is due by the promise, and in the new desk where nothing is taken over.
struct First<'p> {
    due: i64,
    ticket: String,
    said: String,
    zone: &'p str,
    /// It was to be taken over.
    anew: Option<String>,
}

impl<'p> Without<'p> {
    /// Counts a ticket, where the old desk has no due time of it.
    pub(super) fn add(&mut self, row: &Row<'_, 'p>) {
        let Some(due) = row.outcome.contract.at().filter(|_| row.without()) else { return };
        self.tickets += 1;
        if self.first.as_ref().is_none_or(|first| due < first.due) {
            let zone = row.policy.zone;
            let anew = row.takes_over().then(|| words::due(zone, row.outcome.after_event.due));
            let (ticket, said) = (row.ticket.id.clone(), words::moment(zone, due));
            self.first = Some(First { due, ticket, said, zone: zone.name(), anew });
        }
    }

    /// What is said of them. `running` is how many tickets have this clock.
    pub(super) fn finding(&self, at: Span, running: u64, desk: &Desk<'_>) -> Option<Diagnostic> {
        let first = self.first.as_ref()?;
        let (old, new) = (desk.product("source"), desk.product("target"));
        let have = if self.tickets == 1 { "has" } else { "have" };
        let of = format!(
            "{} of {}",
            number(self.tickets),
            tickets_do(running, "with this clock", "with this clock")
        );
        let found = Diagnostic::warning(
            "sla/unexplained#none",
            "the old desk has no due time of tickets to which this promise gives one",
        )
        .primary(at, format!("{of} {have} no due time in {old}"))
        .note(format!("ticket {} is due {} by this clock ({})", first.ticket, first.said, first.zone));
        let found = match &first.anew {
            Some(anew) => found.note(format!(
                "of these nothing can be taken over: {new} counts by itself, ticket {}: {anew}",
                first.ticket
            )),
            None => found,
        };
        Some(found.help("where nothing was promised to them, say at the policy to which tickets it applies (`where`); else tell the desk which tickets get a due time that they did not have, and say so with `allow \"sla/unexplained\"`"))
    }
}
