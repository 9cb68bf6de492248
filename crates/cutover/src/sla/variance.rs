//! Due times that the old desk shows and that no rule of its own gives: over the table of unfinished tickets, whenever a spec is compiled.
//!
//! Every other difference between two clocks has its reason, and `cutover sla preview` tells it. This one has none: somebody set a due
//! time by hand, or the spec promises something else than the old desk does.

use std::collections::{BTreeMap, BTreeSet};

use cutover_analysis::Places;
use cutover_calendar::{Calendar, Length};
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_plan::model::{Content, Plan};
use cutover_plan::text::numbers::number;
use cutover_preview::{Absent, Due};

use super::desk::{Desk, NotComputed, promised};
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
    /// Those that wait, or may have waited for nobody knows how long.
    waiting: u64,
    /// Those of which nobody knows whether the policy is theirs, and the fields on which that depends.
    unsure: u64,
    depends: BTreeSet<String>,
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

/// Whether there are promises, and an account that could have tickets.
pub(crate) fn any(plan: &Plan, accounts: &[Account]) -> bool {
    accounts.iter().any(|account| account.source().is_some() && account.inventory().is_some())
        && plan.items.values().any(|item| matches!(item.content, Content::Sla(_)))
}

/// The findings, a clock of a policy each. What could not be compared is said as well: silence means that all agree. `None` when `stop`
/// says that nobody waits.
pub(crate) fn check(
    root: &Root,
    accounts: &[Account],
    plan: &Plan,
    places: &Places,
    stop: &dyn Fn() -> bool,
) -> Option<Vec<Diagnostic>> {
    let promised = promised(plan);
    let ready = Desk::new(plan, accounts, &promised).and_then(|desk| Ok((desk, table(Ok(root), accounts)?)));
    let (desk, mut input) = match ready {
        Ok(ready) => ready,
        Err(why) => return Some(not_computed(plan, places, &why).into_iter().collect()),
    };
    let mut clocks = BTreeMap::<(&str, &str), Clock<'_>>::new();
    let mut stopped = false;
    // What could be read until the file broke off is told.
    let _broken = each::<Unreadable>(&mut *input, |line, ticket| {
        stopped = line % ASKED_EVERY == 0 && stop();
        let Ok(ticket) = ticket else { return Ok(!stopped) };
        if ticket.due_at.is_some() || ticket.first_response_due_at.is_some() {
            for row in desk.rows(&ticket) {
                if row.ticket.shown_due.is_none() || row.outcome.contract == Due::None(Absent::Done) {
                    continue;
                }
                let clock = clocks.entry((row.policy.name, &row.counted.clock.name)).or_default();
                if !row.depends.is_empty() {
                    clock.unsure += 1;
                    clock.depends.extend(row.depends);
                } else if let Some(difference) = apart(&row, ticket.states.is_empty()) {
                    clock.add(&row, difference);
                } else {
                    clock.waiting += 1;
                }
            }
        }
        Ok(!stopped)
    });
    if stopped {
        return None;
    }
    let mut found = Vec::new();
    for ((policy, clock), counted) in &clocks {
        let id = Id::new(["sla", *policy]);
        let Some(span) = places.get(&id.child(clock)).or_else(|| places.get(&id)).copied() else { continue };
        found.extend(counted.unexplained(span));
        found.extend(counted.not_compared(span));
    }
    Some(found)
}

/// Nothing is compared at all, and why.
fn not_computed(plan: &Plan, places: &Places, why: &NotComputed) -> Option<Diagnostic> {
    // What is wrong with the spec has its own finding.
    let help = match why {
        NotComputed::NoTickets | NotComputed::Empty => {
            "take the inventory of the old desk from an export that holds its tickets: `cutover inventory scan` writes the table"
        }
        NotComputed::Unreadable(..) => {
            "put the table where the inventory names it, or take the inventory again"
        }
        NotComputed::UnknownProduct(_) => "compare a few tickets by hand in the rehearsal",
        NotComputed::NoPolicy | NotComputed::NoWindow | NotComputed::Hours(..) => return None,
    };
    let (id, _) = plan.items.iter().find(|(_, item)| matches!(item.content, Content::Sla(_)))?;
    Some(
        Diagnostic::remark("sla/not-compared", "nobody knows whether due times move without a reason")
            .primary(places.get(id).copied()?, "not computed")
            .note(why.to_string())
            .help(help),
    )
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

/// `1 unfinished ticket`, `2,000 unfinished tickets`.
fn tickets(count: u64) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} unfinished ticket{s} with a due time", number(count))
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
    /// Due times that no reason explains.
    fn unexplained(&self, span: Span) -> Option<Diagnostic> {
        let worst = self.worst.as_ref()?;
        let by = words::difference(Some(worst.difference));
        let compared = match self.compared {
            1 => {
                "the one unfinished ticket that can be compared is further away than the tolerance".to_owned()
            }
            compared => format!(
                "{} of the {} unfinished tickets that can be compared are further away than the tolerance",
                number(self.apart),
                number(compared)
            ),
        };
        let finding = Diagnostic::warning(
            "sla/unexplained",
            "the old desk shows due times that this promise does not give",
        )
        .primary(span, compared)
        .note(format!(
            "ticket {} is furthest away: it shows {}, {by} than by this clock, which says {} ({})",
            worst.ticket, worst.shown, worst.computed, worst.zone
        ));
        let finding = match self.waiting {
            0 => finding,
            waiting => {
                finding.note(format!("not computed: {} more, which wait or may have waited", number(waiting)))
            }
        };
        Some(finding.help(format!(
            "correct the promise or the opening hours; where people set due times by hand, write a wider `tolerance` with `because`. `cutover sla explain SPEC {}` tells how that ticket is computed",
            worst.ticket
        )))
    }

    /// Due times of which none could be compared.
    fn not_compared(&self, span: Span) -> Option<Diagnostic> {
        let (what, note) = match (self.compared, self.unsure, self.waiting) {
            (0, 0, 0) | (1.., ..) => return None,
            (0, 0, waiting) => (
                format!("not computed: {}, all of which wait or may have waited", tickets(waiting)),
                "nothing is known of how long, since the table of unfinished tickets has no changes of status".to_owned(),
            ),
            (0, unsure, _) => {
                let fields: Vec<String> = self.depends.iter().map(|field| format!("`{field}`")).collect();
                let fields = fields.join(", ");
                (
                    format!("not computed: {}, since it depends on {fields} whether the policy is theirs", tickets(unsure)),
                    format!("the table of unfinished tickets does not hold {fields}"),
                )
            }
        };
        Some(
            Diagnostic::remark(
                "sla/not-compared#clock",
                "nobody knows whether due times move without a reason",
            )
            .primary(span, what)
            .note(note)
            .help(
                "`cutover sla preview` computes them as if it were so; compare some by hand in the rehearsal",
            ),
        )
    }

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
