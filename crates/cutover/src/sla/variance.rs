//! Due times that the old desk shows and that no rule of its own gives: over the table of unfinished tickets, whenever a spec is compiled.
//!
//! Every other difference between two clocks has its reason, and `cutover sla preview` tells it. This one has none: somebody set a due
//! time by hand, or the spec promises something else than the old desk does.

mod taken;
mod told;
mod without;

use std::collections::{BTreeMap, BTreeSet};

use cutover_analysis::Places;
use cutover_calendar::{Calendar, Length};
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::measure::{Bound, Comparison, Measure, named};
use cutover_ir::quantity::Decimal;
use cutover_plan::model::{Content, Plan, Promises};
use cutover_plan::text::numbers::number;
use cutover_preview::{Absent, Class, Due, PauseMistake, Reason, Shown, mistaken};

use super::desk::{Desk, NotComputed, promised};
use super::ticket::{Row, Unreadable, each};
use super::{table, words};
use crate::root::Root;
use crate::systems::Account;
use taken::TakenOver;
use without::Without;

/// After so many tickets it is asked whether somebody still waits for the answer.
const ASKED_EVERY: u64 = 1024;

/// So many statuses are named of which a policy says nothing.
const NAMED: usize = 5;

/// What is known of one clock.
#[derive(Default)]
struct Clock<'p> {
    /// Tickets whose due time can be compared.
    compared: u64,
    /// Those that are further away than the tolerance.
    apart: u64,
    /// Those with a promise that runs.
    running: u64,
    /// Those of these of which the old desk has no due time, and the one of them that is due first.
    without: Without<'p>,
    /// Those whose due time is to be taken over and of which the table does not hold it.
    untaken: u64,
    /// Those that wait or may have waited.
    waited: u64,
    /// Those of which nobody knows whether the policy is theirs.
    unsure: u64,
    /// Those of which nobody knows whether and when the clock begins.
    untold: u64,
    /// Those of which nobody knows whether the clock is over, and the fields that decide it.
    undecided: u64,
    decides: BTreeSet<String>,
    /// Those that are or were in a status of which the policy says nothing, and these statuses.
    unsaid: u64,
    statuses: BTreeSet<String>,
    /// Those that were opened again and are due too early in the new desk, which counts the time in between.
    reopened: u64,
    /// Those whose due time is to be taken over.
    taken: TakenOver<'p>,
    /// The time that the shortest promise of the policy allows, in seconds.
    shortest: u64,
    /// On which fields that depends.
    depends: BTreeSet<String>,
    /// Those whose due time comes out when pauses are counted in a wrong way.
    mistakes: BTreeMap<PauseMistake, u64>,
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

/// Whether something is promised about tickets of an account that was looked at.
pub(crate) fn any(plan: &Plan, accounts: &[Account]) -> bool {
    accounts.iter().any(|account| account.source().is_some() && account.inventory().is_some())
        && plan.items.values().any(|item| matches!(item.content, Content::Sla(_)))
}

/// What was found out over the table of unfinished tickets.
pub(crate) struct Checked {
    /// A finding for each clock of a policy, and for conditions that count what its tickets make. What could not be compared is told, so
    /// that nobody takes silence for good news.
    pub(crate) found: Vec<Diagnostic>,
    /// What becomes of the due times; `None` where nothing was computed.
    pub(crate) promises: Option<Promises>,
}

impl Checked {
    fn not_computed(plan: &Plan, places: &Places, why: &NotComputed) -> Self {
        Self { found: told::not_computed(plan, places, why).into_iter().collect(), promises: None }
    }
}

/// Compares what the old desk shows with what is promised. `None` when `stop` says that nobody waits.
pub(crate) fn check(
    root: &Root,
    accounts: &[Account],
    plan: &Plan,
    places: &Places,
    stop: &dyn Fn() -> bool,
) -> Option<Checked> {
    let promised = promised(plan, accounts);
    let ready = Desk::new(plan, accounts, &promised);
    let ready = ready.and_then(|desk| Ok((desk, table(Ok(root), accounts)?)));
    let (desk, mut input) = match ready {
        Ok(ready) => ready,
        Err(why) => return Some(Checked::not_computed(plan, places, &why)),
    };
    let mut clocks = BTreeMap::<(&str, &str), Clock<'_>>::new();
    let mut counts = Made::default();
    let (mut stopped, mut tickets, mut unread, mut first) = (false, 0_u64, 0_u64, None);
    // What could be read until the file broke off is told.
    let _broken = each::<Unreadable>(&mut *input, |line, ticket| {
        stopped = line % ASKED_EVERY == 0 && stop();
        let ticket = match ticket {
            Ok(ticket) => ticket,
            Err(why) => {
                unread += 1;
                first.get_or_insert((line, why));
                return Ok(!stopped);
            }
        };
        tickets += 1;
        let rows = desk.rows(&ticket);
        counts.add(&rows, desk.source.is_some());
        for row in &rows {
            if row.takes_over() {
                clocks.entry((row.policy.name, &row.counted.clock.name)).or_default().taken.add(row);
            }
            if let Some(status) = &row.unsaid {
                let clock = clocks.entry((row.policy.name, &row.counted.clock.name)).or_default();
                clock.unsaid += 1;
                if clock.statuses.len() < NAMED && !clock.statuses.contains(status) {
                    clock.statuses.insert(status.clone());
                }
                continue;
            }
            if !row.undecided.is_empty() {
                let clock = clocks.entry((row.policy.name, &row.counted.clock.name)).or_default();
                clock.undecided += 1;
                clock.decides.extend(row.undecided.iter().cloned());
                continue;
            }
            if row.outcome.contract == Due::None(Absent::Untold) {
                clocks.entry((row.policy.name, &row.counted.clock.name)).or_default().untold += 1;
                continue;
            }
            if opened_again(row) {
                clocks.entry((row.policy.name, &row.counted.clock.name)).or_default().reopened += 1;
            }
            if row.outcome.contract == Due::None(Absent::Done) {
                continue;
            }
            let clock = clocks.entry((row.policy.name, &row.counted.clock.name)).or_default();
            clock.running += 1;
            clock.untaken += u64::from(row.untaken());
            match (row.ticket.shown, apart(row, ticket.states.is_empty())) {
                (Shown::Untold | Shown::Other(_), _) => {}
                _ if !row.depends.is_empty() => {
                    clock.unsure += 1;
                    clock.depends.extend(row.depends.iter().cloned());
                }
                (Shown::Nothing, _) => clock.without.add(row),
                (Shown::At(_), Some(difference)) => clock.add(row, difference),
                (Shown::At(_), None) => clock.waited += 1,
            }
        }
        Ok(!stopped)
    });
    if stopped {
        return None;
    }
    if tickets == 0 {
        return Some(Checked::not_computed(plan, places, &NotComputed::Empty(unread, first)));
    }
    let at = |policy: &str, clock: &str| {
        let id = Id::new(["sla", policy]);
        places.get(&id.child(clock)).or_else(|| places.get(&id)).copied()
    };
    let unexplained = clocks.iter().filter_map(|((policy, clock), counted)| {
        let span = at(policy, clock)?;
        let worst = counted.worst.as_ref()?;
        let by = words::difference(Some(worst.difference));
        let finding =
            Diagnostic::warning("sla/unexplained", "the old desk shows due times that this promise does not give")
                .primary(span, counted.label());
        let finding = counted.mistakes.iter().fold(finding, |finding, (mistake, tickets)| {
            let those = if *tickets == 1 { "1 of them shows".to_owned() } else { format!("{} of them show", number(*tickets)) };
            finding.note(format!("{those} what comes out when {}", mistaken(*mistake)))
        });
        Some(
            finding
                .note(format!(
                    "ticket {} is furthest away: it shows {}, {by} than by this clock, which says {} ({})",
                    worst.ticket, worst.shown, worst.computed, worst.zone
                ))
                .help(format!(
                    "correct the promise or the opening hours; where people set due times by hand, {}. `cutover sla explain SPEC {}` tells how that ticket is computed",
                    counted.way_out(),
                    worst.ticket
                )),
        )
    });
    let refused = clocks.iter().filter_map(|((policy, clock), counted)| {
        counted.taken.finding(at(policy, clock)?, &desk, desk.target?)
    });
    let without = clocks.iter().filter_map(|((policy, clock), counted)| {
        counted.without.finding(at(policy, clock)?, counted.running, &desk)
    });
    let reopened = clocks.iter().filter(|(_, counted)| counted.reopened > 0).filter_map(|((policy, clock), counted)| {
        let tickets = told::tickets_do(counted.reopened, "was opened again and is", "were opened again and are");
        Some(
            Diagnostic::remark("sla/pauses-lost#reopened", "a clock is counted anew with the time in which tickets were solved")
                .primary(at(policy, clock)?, format!("{tickets} due too early: {} does not know when they were solved", desk.product("target")))
                .help("say that you know: add `unpaused` behind the metric and `lossy \"...\"` at the end of the line; agents are told then"),
        )
    });
    let unknown = [("source", desk.source), ("target", desk.target)]
        .into_iter()
        .filter(|(_, dialect)| dialect.is_none())
        .filter_map(|(system, _)| told::not_known(plan, places, system, desk.product(system)));
    let not_compared = clocks.iter().flat_map(|((policy, clock), counted)| {
        at(policy, clock).map(|at| told::not_compared(counted, at)).unwrap_or_default()
    });
    let found = unexplained.chain(without).chain(not_compared).chain(refused).chain(reopened).chain(unknown);
    // Of a new desk whose way to count is not known, nothing is said that it will show.
    let promises = desk.target.is_some().then(|| counts.promises());
    let broken = promises.iter().flat_map(|_| broken(plan, places, &counts));
    Some(Checked { found: found.chain(broken).collect(), promises })
}

/// Whether a ticket looks late in the new desk since it was opened again, by a clock of which nobody has accepted that.
fn opened_again(row: &Row<'_, '_>) -> bool {
    let clock = &row.counted.clock;
    !clock.unpaused
        && clock.lossy.is_none()
        && row.ticket.paused.is_empty()
        && !row.ticket.stopped.is_empty()
        && row.outcome.after_event.class == Class::FalseLate
        && row.outcome.after_event.shifts.iter().any(|shift| shift.reason == Reason::Unpaused)
}

/// Tickets that look other than they are, by what the spec itself says of their clocks.
#[derive(Default)]
struct Made {
    /// Tickets with a clock that still runs.
    running: u64,
    /// Those that are due at another time in the new desk than the old one shows.
    changed: u64,
    /// Those for which it depends on what the table does not hold whether any policy is theirs.
    unsure: u64,
    false_late: Count,
    hidden: Count,
}

#[derive(Default)]
struct Count {
    tickets: u64,
    /// For some of them it is not known whether the policy is theirs.
    at_most: bool,
    /// The clock of the first.
    clock: Option<(String, String)>,
}

impl Made {
    fn add(&mut self, rows: &[Row<'_, '_>], known: bool) {
        let over = [Due::None(Absent::Done), Due::None(Absent::NotBegun)];
        let running = || rows.iter().filter(|row| !over.contains(&row.outcome.contract));
        if running().next().is_some() {
            self.running += 1;
            let unread = |row: &Row<'_, '_>| row.outcome.after_event.due == Due::None(Absent::Unread);
            // Of a desk whose way to count is not known, only what it shows can change.
            let moved = |row: &Row<'_, '_>| {
                let told = known || !matches!(row.ticket.shown, Shown::Untold | Shown::Other(_));
                told && !unread(row) && row.outcome.after_event.due != row.outcome.source
            };
            self.changed += u64::from(running().any(moved));
            // Of a clock that counts from a message, is over by a field, or takes over a due time of which the table does not tell nothing
            // is known either.
            let untold = |row: &Row<'_, '_>| row.outcome.contract.is_untold() || unread(row);
            self.unsure += u64::from(running().all(|row| !row.depends.is_empty() || untold(row)));
        }
        self.false_late.add(rows, Class::FalseLate);
        self.hidden.add(rows, Class::HiddenBreach);
    }

    fn promises(&self) -> Promises {
        Promises {
            tickets: self.running,
            changed: self.changed,
            false_late: self.false_late.tickets,
            hidden_breaches: self.hidden.tickets,
            unsure: self.unsure,
        }
    }
}

impl Count {
    fn add(&mut self, rows: &[Row<'_, '_>], class: Class) {
        let mut those = rows.iter().filter(|row| row.outcome.after_event.class == class).peekable();
        let Some(first) = those.peek() else { return };
        self.clock.get_or_insert_with(|| (first.policy.name.to_owned(), first.counted.clock.name.clone()));
        self.tickets += 1;
        self.at_most |= those.all(|row| !row.depends.is_empty());
    }
}

/// Checks and triggers that count what the clocks of the spec bring about.
fn broken(plan: &Plan, places: &Places, made: &Made) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (id, item) in &plan.items {
        let (measures, fires): (Vec<(String, &Measure)>, bool) = match &item.content {
            Content::Trigger(trigger) => (vec![(String::new(), &trigger.fires)], true),
            Content::Criterion(goal) | Content::Objective(goal) => (named(&goal.pass), false),
            Content::Check(check) => (named(&check.pass), false),
            _ => continue,
        };
        for (name, measure) in measures {
            let (count, look) = match measure.metric.as_str() {
                "false_late" => (&made.false_late, "look late and are not"),
                "hidden_breaches" => (&made.hidden, "are late and look on time"),
                _ => continue,
            };
            let Bound::Number(bound) = measure.bound else { continue };
            let tickets = Decimal::from(i64::try_from(count.tickets).unwrap_or(i64::MAX));
            let contradicts = match (measure.comparison, fires) {
                (Comparison::AtMost | Comparison::Is, false) | (Comparison::MoreThan, true) => {
                    tickets > bound
                }
                (Comparison::LessThan, false) | (Comparison::AtLeast, true) => tickets >= bound,
                _ => false,
            };
            let place = places.get(&id.child(&name)).or_else(|| places.get(id)).copied();
            let Some(at) = place.filter(|_| contradicts && measure.scope.is_none()) else { continue };
            let most = if count.at_most { "up to " } else { "" };
            let tickets = if count.tickets == 1 {
                "1 ticket".to_owned()
            } else {
                format!("{} tickets", number(count.tickets))
            };
            let finding = Diagnostic::warning(
                "sla/count-contradicts",
                "a condition does not allow what the clocks of the spec bring about",
            )
            .primary(
                at,
                format!(
                    "{most}{tickets} {look} after the first event, as computed from the table of tickets: {}",
                    if fires { "this fires" } else { "this cannot be met" }
                ),
            );
            let clock = count
                .clock
                .as_ref()
                .and_then(|(policy, clock)| places.get(&Id::new(["sla", policy]).child(clock)).copied());
            let finding = match clock {
                Some(clock) => finding.secondary(clock, "this clock makes them"),
                None => finding,
            };
            found.push(finding.help(
                "allow as many as are computed, which `cutover sla preview` lists, or let the clock keep its promise",
            ));
        }
    }
    found
}

/// How much later a ticket's due time is shown than the old desk's rules give, in seconds of the promise's kind of time; `None` when
/// that cannot be known.
fn apart(row: &Row<'_, '_>, no_history: bool) -> Option<i64> {
    // There is nothing left of it, or nobody knows how long it is going to wait.
    if row.outcome.contract == Due::None(Absent::Done) || row.ticket.is_paused() {
        return None;
    }
    let (shown, computed) = (row.ticket.shown.at()?, row.outcome.source_computed.at()?);
    let difference = distance(&row.policy.calendar, row.promise.allowed, computed, shown);
    // It may have waited before, which moves a due time back.
    (difference < 0 || !no_history || !row.counted.pauses()).then_some(difference)
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

/// A tolerance that is longer lets broken promises pass.
const ROUNDING: u64 = 3600;

impl Clock<'_> {
    /// What to do about due times that are right although nothing gives them.
    fn way_out(&self) -> String {
        let apart = self.worst.as_ref().map_or(0, |worst| worst.difference.unsigned_abs());
        if apart <= ROUNDING && apart < self.shortest {
            return format!("write `tolerance {} min  because \"...\"`", apart.div_ceil(60));
        }
        "say so with `allow \"sla/unexplained\"` and a reason, and give the desk a list of these tickets"
            .to_owned()
    }

    /// `2 of the 4 unfinished tickets that can be compared are further away than the tolerance`.
    fn label(&self) -> String {
        let of = match self.compared {
            1 => "the unfinished ticket that can be compared is".to_owned(),
            all => format!(
                "{} of {} unfinished tickets that can be compared are",
                number(self.apart),
                number(all)
            ),
        };
        let rest = match self.waited {
            0 => String::new(),
            1 => "; 1 more waits or may have waited and is not computed".to_owned(),
            more => format!("; {} more wait or may have waited and are not computed", number(more)),
        };
        format!("{of} further away than the tolerance{rest}")
    }
}

impl<'p> Clock<'p> {
    fn add(&mut self, row: &Row<'_, 'p>, difference: i64) {
        self.compared += 1;
        let tolerance = row.policy.sla.tolerance.map_or(0, cutover_ir::quantity::Duration::nominal_seconds);
        if difference.unsigned_abs() <= tolerance {
            return;
        }
        self.apart += 1;
        let promises = row.policy.sla.clocks.iter().map(|clock| clock.allowed.nominal_seconds());
        self.shortest = promises.min().unwrap_or_default();
        if let Some(mistake) = row.policy.preview.mistake(&row.ticket, &row.promise) {
            *self.mistakes.entry(mistake).or_default() += 1;
        }
        let (Some(shown), Some(computed)) = (row.ticket.shown.at(), row.outcome.source_computed.at()) else {
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
