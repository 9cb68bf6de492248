//! `sla`: what becomes of each clock of a policy, and what each status does to it.
//!
//! Here are names, types and what the target can do. Due dates are computed elsewhere.

mod able;
mod ahead;
mod clock;
mod continuity;
mod held;
mod losses;
mod states;
mod windows;

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{AcceptedLoss, ClockAction, ClockEffect, Content, IMPORT, Ref, Sla};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line};

use crate::context::{Context, name_of};
use crate::lower::checks;
use crate::read::quantity::Meaning;
use crate::read::{common, names, predicate, quantity};
use clock::Written;

/// Lowers `sla`.
pub fn lower(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Sla).collect::<Vec<_>>() {
        sla(cx, item);
    }
}

fn sla(cx: &mut Context<'_>, item: &Item) {
    let Some(((name, _), head)) = name_of(item).zip(item.head()) else { return };
    let id = Id::new(["sla", &name]);
    let world = cx.world;
    let tickets = world.source().and_then(|source| source.tickets());
    let applies = head.clause(ClauseKw::Where).zip(tickets);
    let applies = applies.map(|(clause, kind)| {
        let asked = predicate::read(cx, kind, item, clause.terms);
        if let Some(word) = crate::select::opaque_word(kind, &asked) {
            cx.push(
                Diagnostic::error(
                    "sla/opaque",
                    "only the running system knows which tickets have this promise",
                )
                .primary(item.span_of(clause.terms), format!("`{word}` cannot be answered from a ticket"))
                .help("say by fields of the ticket, or of a table, whom the promise is made to"),
            );
        }
        asked
    });
    let calendar = calendar(cx, item, head);
    let mut clocks = clocks(cx, item, head, &id);
    held::settle(cx, calendar.as_ref(), &mut clocks);
    let states = states::read(cx, item, head, &clocks);
    for clock in &clocks {
        let of = |effect| states.of(&clock.clock.name, effect);
        pauses(cx, item, clock, &of(ClockEffect::Pauses), &of(ClockEffect::Stops));
    }
    let tolerance = tolerance(cx, item, &id);
    let plan_names: Vec<_> =
        clocks.iter().any(|clock| clock.business()).then_some("schedules").into_iter().collect();
    able::features(cx, item, head, &plan_names);
    let mut clocks: Vec<_> = clocks.into_iter().map(|written| written.clock).collect();
    clocks.sort_by(|a, b| a.name.cmp(&b.name));
    let content = Content::Sla(Sla { applies, calendar, clocks, states: states.lines, tolerance });
    let made = common::plan_item(cx, item, head, content);
    cx.draft.add(id, item.line_span(head), made);
}

fn calendar(cx: &mut Context<'_>, item: &Item, head: &Line) -> Option<Ref> {
    let clause = head.clause(ClauseKw::On)?;
    let term = item.get(clause.terms).first().copied()?;
    if term.kind == cutover_syntax::tree::TermKind::Hole {
        cx.draft.hole(item.span(term.range), "the calendar");
        return None;
    }
    let (name, _) = names::declared(cx, ItemKw::Calendar, item, term)?;
    Some(Ref(Id::new(["calendar", &name])))
}

fn clocks(cx: &mut Context<'_>, item: &Item, head: &Line, id: &Id) -> Vec<Written> {
    let mut clocks: Vec<Written> = Vec::new();
    let mut any = false;
    for line in item.body_lines().iter().filter(|line| line.statement == Some(StmtKw::Clock)) {
        any = true;
        let Some(read) = clock::read(cx, item, line, id) else { continue };
        if let Some(first) = clocks.iter().find(|other| other.clock.name == read.clock.name) {
            cx.push(
                Diagnostic::error("sla/clock-twice", "a policy has a clock twice")
                    .primary(read.span, "the second time")
                    .secondary(first.span, "the first time")
                    .help("keep one of them; tickets with another promise belong to another `sla` with its own `where`"),
            );
            continue;
        }
        let same = |other: &&Written| {
            read.clock.as_metric.is_some() && other.clock.as_metric == read.clock.as_metric
        };
        if let Some((first, metric)) = clocks.iter().find(same).zip(read.clock.as_metric.as_deref()) {
            cx.push(
                Diagnostic::error("sla/clock-twice#metric", "a policy has a clock twice")
                    .primary(read.span, format!("`{metric}` of the target measures this clock"))
                    .secondary(first.span, "and this one, which promises another time")
                    .help("a metric has one target time in a policy: choose another metric behind `as`, or keep one of the clocks"),
            );
        }
        clocks.push(read);
    }
    if !any && head.body.is_some() {
        cx.push(
            Diagnostic::error("sla/no-clock", "a policy has no clock")
                .primary(item.line_span(head), "nothing is promised")
                .help("add `clock first_response 1 business hour as first_reply_time ...`"),
        );
    }
    clocks
}

/// A clock that begins anew at the import forgets how old tickets are.
fn forgotten(cx: &mut Context<'_>, clock: &Written) -> bool {
    let forgets = clock.clock.continuity.iter().any(|rule| begins_at_import(&rule.action));
    if forgets && clock.clock.lossy.is_none() {
        cx.push(
            Diagnostic::error("sla/import-loss", "promises begin anew at the import and nobody says why that is fine")
                .primary(clock.span, "a ticket that is late looks on time, and everybody waits once more")
                .help("add `lossy \"...\"` with the reason that reviewers will read, and keep the old due times where agents see them"),
        );
    }
    forgets
}

fn begins_at_import(action: &ClockAction) -> bool {
    match action {
        ClockAction::Recalculate { from } => from == IMPORT,
        ClockAction::Suspend { then, .. } => begins_at_import(then),
        ClockAction::Inherit { .. } | ClockAction::Done => false,
    }
}

/// Earlier pauses of a clock that is counted anew.
fn pauses(cx: &mut Context<'_>, item: &Item, clock: &Written, statuses: &[&str], ends: &[&str]) {
    let forgotten = forgotten(cx, clock);
    losses::record(cx, item, clock, forgotten);
    let unpaused = clock.line(item).and_then(|line| line.clause(ClauseKw::Unpaused));
    // A status that ends a clock and is left again is as good as a pause; which tickets come back, nobody knows beforehand.
    let reopened = statuses.is_empty() && !ends.is_empty() && unpaused.is_some();
    let statuses = if reopened { ends } else { statuses };
    if statuses.is_empty() {
        if let Some(clause) = unpaused {
            cx.push(
                Diagnostic::error("sla/unpaused-nothing", "a clock that never pauses has no pauses to lose")
                    .primary(item.span(clause.range), "no status pauses or ends this clock")
                    .help("remove `unpaused`, or say which statuses pause the clock"),
            );
        }
        return;
    }
    let list: Vec<String> = statuses.iter().map(|status| format!("\"{status}\"")).collect();
    let note = match (reopened, list.len()) {
        (true, _) => format!("the time in {} counts when a ticket is opened again", list.join(", ")),
        (false, 1) => format!("{} pauses this clock", list.join(", ")),
        (false, _) => format!("{} pause this clock", list.join(", ")),
    };
    match unpaused {
        Some(clause) if clock.clock.lossy.is_none() => cx.push(
            Diagnostic::error(
                "sla/unpaused-loss",
                "earlier pauses are lost and nobody says why that is fine",
            )
            .primary(
                item.span(clause.range),
                if reopened {
                    "tickets that were opened again get an earlier due date"
                } else {
                    "tickets that waited for the customer get an earlier due date"
                },
            )
            .note(note)
            .help("add `lossy \"...\"` with the reason that reviewers will read"),
        ),
        None if able::forgets_pauses(cx)
            && !forgotten
            && clock.clock.continuity.iter().any(|rule| recalculates(&rule.action)) =>
        {
            let product = cx.world.target().map_or("the target", |target| target.product()).to_owned();
            cx.push(
                Diagnostic::error("sla/pauses-lost", "a clock is counted anew without its earlier pauses")
                    .primary(clock.span, format!("{product} does not know when this clock stood still"))
                    .note(note)
                    .help("say that you know: add `unpaused` behind the metric and `lossy \"...\"` at the end of the line"),
            );
        }
        _ => {}
    }
}

fn recalculates(action: &ClockAction) -> bool {
    match action {
        ClockAction::Recalculate { .. } => true,
        ClockAction::Suspend { then, .. } => recalculates(then),
        ClockAction::Inherit { .. } | ClockAction::Done => false,
    }
}

fn tolerance(cx: &mut Context<'_>, item: &Item, id: &Id) -> Option<cutover_ir::quantity::Duration> {
    let Some(line) = checks::once(cx, item, StmtKw::Tolerance) else {
        cx.draft.take_default(
            &id.child("tolerance"),
            "how far a due date may move without a reason",
            "0 min",
        );
        return None;
    };
    checks::nothing_more(cx, item, checks::behind_value(item, item.get(line.lead)));
    let length = quantity::duration(cx, item, line.lead, Meaning::Civil)?;
    let because = common::text_clause(item, line, ClauseKw::Because).filter(|_| length.nominal_seconds() > 0);
    if let Some(because) = because {
        let id = id.child("tolerance");
        cx.draft.place(id.clone(), item.line_span(line));
        let what = format!(
            "due dates may move by {} without another reason",
            item.range(line.lead).map_or("some time", |range| item.slice(range))
        );
        let loss = AcceptedLoss { what, because, records: None, of: None, kept_in: None };
        cx.draft.plan.losses.insert(id, loss);
    }
    if length.nominal_seconds() > 0 && !line.has(ClauseKw::Because) {
        cx.push(
            Diagnostic::error("reason/missing#tolerance", "a reason is missing")
                .primary(item.line_span(line), "due dates may move by this much and nobody says why")
                .help("add `because \"...\"`, or write `tolerance 0 min`"),
        );
    }
    Some(length)
}
