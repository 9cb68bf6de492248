//! What each status of the source does to each clock of a policy: every one says exactly one thing.

use std::collections::BTreeMap;

use cutover_diagnostics::{Diagnostic, Span};
use cutover_plan::model::{ClockEffect, ClockState};
use cutover_syntax::keywords::{ClauseKw, StmtKw};
use cutover_syntax::tree::{Item, Line, TermKind};

use super::clock::Written;
use crate::context::Context;
use crate::read::{common, list, names, predicate};
use crate::world::KindView;

/// The lines of a policy about statuses, and what they come to.
pub(super) struct States {
    /// The lines.
    pub(super) lines: Vec<ClockState>,
    /// What each status does, by clock and status.
    classed: BTreeMap<(String, String), (ClockEffect, Span)>,
}

impl States {
    /// The statuses that do something to a clock.
    pub(super) fn of(&self, clock: &str, wanted: ClockEffect) -> Vec<&str> {
        let of = self.classed.iter().filter(|((name, _), (effect, _))| name == clock && *effect == wanted);
        of.map(|((_, status), _)| status.as_str()).collect()
    }
}

/// Reads `runs`, `pauses` and `stops`, and reports statuses that say nothing or two things.
pub(super) fn read(cx: &mut Context<'_>, item: &Item, head: &Line, clocks: &[Written]) -> States {
    let mut states = States { lines: Vec::new(), classed: BTreeMap::new() };
    let tickets = cx.world.source().and_then(|source| source.tickets());
    let mut sound = true;
    for line in item.body_lines() {
        let effect = match line.statement {
            Some(StmtKw::Runs) => ClockEffect::Runs,
            Some(StmtKw::Pauses) => ClockEffect::Pauses,
            Some(StmtKw::Stops) => ClockEffect::Stops,
            _ => continue,
        };
        let Some(of) = of(cx, item, line, clocks) else {
            sound = false;
            continue;
        };
        let mut statuses = Vec::new();
        for part in list::parts(item, line.lead) {
            match status(cx, item, part, tickets) {
                Some(found) => statuses.push(found),
                None => sound = false,
            }
        }
        for (status, span) in &statuses {
            class(cx, &mut states, clocks, &of, status, (effect, *span));
        }
        let mut statuses: Vec<String> = statuses.into_iter().map(|(status, _)| status).collect();
        statuses.sort();
        states.lines.push(ClockState { effect, statuses, of });
    }
    // The order of the lines means nothing, so the plan does not keep it.
    states.lines.sort_by(|a, b| (a.effect, &a.of, &a.statuses).cmp(&(b.effect, &b.of, &b.statuses)));
    if sound && let Some(tickets) = tickets {
        missing(cx, item, head, &states, clocks, tickets);
    }
    states
}

/// The clocks that a line is about; empty is all of them. `None` when one of them is unknown.
fn of(cx: &mut Context<'_>, item: &Item, line: &Line, clocks: &[Written]) -> Option<Vec<String>> {
    let Some(clause) = line.clause(ClauseKw::Of) else { return Some(Vec::new()) };
    // A clock that could not be read is reported where it stands.
    let written = item.body_lines().iter().filter(|line| line.statement == Some(StmtKw::Clock)).count();
    if written != clocks.len() {
        return None;
    }
    let known: Vec<&str> = clocks.iter().map(|clock| clock.clock.name.as_str()).collect();
    let mut found = Vec::new();
    for part in list::parts(item, clause.terms) {
        let term = part.first().copied()?;
        found.push(names::one_of(cx, item, term, "a clock of this policy", &known)?);
    }
    found.sort();
    found.dedup();
    Some(found)
}

/// A status of the source in quotes.
fn status(
    cx: &mut Context<'_>,
    item: &Item,
    part: &[cutover_syntax::tree::Term],
    tickets: Option<&KindView<'_>>,
) -> Option<(String, Span)> {
    let span = list::span_of(item, part)?;
    let [term] = part else { return odd(cx, span) };
    match term.kind {
        TermKind::Text => {}
        TermKind::Hole => {
            cx.draft.hole(span, "the status");
            return None;
        }
        _ => return odd(cx, span),
    }
    let name = common::text(item, *term).into_owned();
    if let Some(field) = tickets.and_then(|kind| kind.state_field())
        && let Some(kind) = cx.world.source().and_then(|source| source.tickets())
        && let Some(place) = predicate::place(cx, kind, &field.field, span)
    {
        predicate::option(cx, &place, &name, span)?;
    }
    Some((name, span))
}

fn odd(cx: &mut Context<'_>, span: Span) -> Option<(String, Span)> {
    cx.push(
        Diagnostic::error("sla/status-name", "a status stands in quotes")
            .primary(span, "statuses of the source are expected, with commas between")
            .help("write them as the product does: `pauses \"Pending\", \"Waiting on third party\"`"),
    );
    None
}

/// Notes what a status does to the clocks of a line, and reports when it is said already.
fn class(
    cx: &mut Context<'_>,
    states: &mut States,
    clocks: &[Written],
    of: &[String],
    status: &str,
    (effect, span): (ClockEffect, Span),
) {
    let mut first: Option<(Span, &str)> = None;
    for clock in clocks.iter().filter(|clock| of.is_empty() || of.contains(&clock.clock.name)) {
        let key = (clock.clock.name.clone(), status.to_owned());
        match states.classed.get(&key) {
            Some((_, at)) => first = first.or(Some((*at, &clock.clock.name))),
            None => {
                states.classed.insert(key, (effect, span));
            }
        }
    }
    if let Some((at, clock)) = first {
        cx.push(
            Diagnostic::error("sla/status-twice", "a status does two things to one clock")
                .primary(span, format!("the second time for the clock `{clock}`"))
                .secondary(at, "the first time")
                .help("a status runs, pauses or stops a clock; `of` says of which clock a line is"),
        );
    }
}

/// Reports the statuses that say nothing, those of clocks that lack the same ones together.
fn missing(
    cx: &mut Context<'_>,
    item: &Item,
    head: &Line,
    states: &States,
    clocks: &[Written],
    tickets: &KindView<'_>,
) {
    let all: Vec<&str> = tickets.states().map(|(name, _)| name).collect();
    let mut lacking: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
    for clock in clocks {
        let name = clock.clock.name.as_str();
        let open = all
            .iter()
            .copied()
            .filter(|status| !states.classed.contains_key(&(name.to_owned(), (*status).to_owned())));
        let open: Vec<&str> = open.collect();
        if !open.is_empty() {
            lacking.entry(open).or_default().push(name);
        }
    }
    for (statuses, names) in lacking {
        let list = statuses.iter().map(|status| format!("\"{status}\"")).collect::<Vec<_>>().join(", ");
        let of =
            if names.len() == clocks.len() { String::new() } else { format!(" of {}", names.join(", ")) };
        cx.push(
            Diagnostic::error("sla/status-missing", "nobody says what a status does to a clock")
                .primary(item.line_span(head), format!("nothing is said about {list}{of}"))
                .help(format!(
                    "add it to a line: `runs {list}{of}`, `pauses {list}{of}` or `stops {list}{of}`"
                )),
        );
    }
}
