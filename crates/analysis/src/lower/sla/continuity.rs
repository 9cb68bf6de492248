//! What becomes of a running clock: `done if answered else suspend until checks pass then recalculate from created_at`.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Type;
use cutover_ir::predicate::{Atom, Predicate, Test};
use cutover_plan::model::{ANSWERED, ClockAction, ClockRule, IMPORT, Inherited, LAST_AGENT, LAST_CUSTOMER};
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::predicate::{Pred, PredKind, read as read_predicate};
use cutover_syntax::tree::{Clause, Item, Line, TermKind};
use cutover_syntax::value::{ValueKind, plain_name};

use super::able;
use crate::context::Context;
use crate::read::{list, names, predicate};
use crate::world::KindView;

/// Help for a clock whose course is open.
fn help(cx: &Context<'_>, metric: Option<&str>) -> String {
    format!("write {}; before it may stand `done if answered else`", able::ways(cx, metric))
}

/// Reads the continuity of a clock. Empty when there is none, which is reported.
pub(super) fn read(cx: &mut Context<'_>, item: &Item, line: &Line, metric: Option<&str>) -> Vec<ClockRule> {
    let decided =
        line.clauses.iter().filter(|clause| !matches!(clause.keyword, ClauseKw::As | ClauseKw::Lossy));
    let hole = decided.flat_map(|clause| item.get(clause.terms)).find(|term| term.kind == TermKind::Hole);
    if let Some(hole) = hole {
        cx.draft.hole(item.span(hole.range), "what becomes of running clocks");
        return Vec::new();
    }
    let clauses: Vec<Clause> = line
        .clauses
        .iter()
        .copied()
        .filter(|clause| !matches!(clause.keyword, ClauseKw::As | ClauseKw::Unpaused | ClauseKw::Lossy))
        .collect();
    if clauses.is_empty() {
        if let Some(hole) = item.get(line.terms).iter().find(|term| term.kind == TermKind::Hole) {
            cx.draft.hole(item.span(hole.range), "what becomes of running clocks");
            return Vec::new();
        }
        let help = help(cx, metric);
        cx.push(
            Diagnostic::error("sla/no-continuity", "nobody says what becomes of clocks that run")
                .primary(
                    item.line_span(line),
                    "tickets with a promise move; which promise do they arrive with?",
                )
                .help(help),
        );
        return Vec::new();
    }
    let mut rules = Vec::new();
    let mut rest = clauses.as_slice();
    if let [first, behind @ ..] = rest
        && first.keyword == ClauseKw::DoneIf
    {
        rules.extend(done_if(cx, item, first));
        rest = behind;
        match rest {
            [word, behind @ ..] if word.keyword == ClauseKw::Else => rest = behind,
            _ => {
                let ways = able::ways(cx, metric);
                cx.push(
                    Diagnostic::error("sla/no-else", "nobody says what becomes of the other clocks")
                        .primary(item.span(first.range), "and when that is not so?")
                        .help(format!("add `else` and one of {ways}")),
                );
                return rules;
            }
        }
    }
    if let Some((action, behind)) = action(cx, item, line, metric, rest) {
        rules.push(ClockRule { word: None, condition: None, action });
        if let Some(extra) = behind.first() {
            odd(cx, item, metric, extra);
        }
    }
    rules
}

/// Words of a continuity that lead nowhere.
fn odd(cx: &mut Context<'_>, item: &Item, metric: Option<&str>, clause: &Clause) {
    let help = help(cx, metric);
    cx.push(
        Diagnostic::error("sla/continuity", "these words do not say what becomes of a clock")
            .primary(item.span(clause.range), format!("`{}` does not belong here", clause.keyword))
            .help(help),
    );
}

fn done_if(cx: &mut Context<'_>, item: &Item, clause: &Clause) -> Option<ClockRule> {
    let terms = item.get(clause.terms).to_vec();
    let (condition, _) = read_predicate(item, &terms);
    let rule = |word, condition| ClockRule { word, condition, action: ClockAction::Done };
    if is_answered(&condition) {
        return Some(rule(Some(ANSWERED.to_owned()), None));
    }
    let tickets = cx.world.source().and_then(|source| source.tickets())?;
    let condition = lowered(cx, tickets, item, &condition);
    // Whether it can ever hold is proven.
    cx.draft.awaited.push((item.span_of(clause.terms), condition.clone()));
    Some(rule(None, Some(condition)))
}

/// A condition over the ticket, in which the word for clocks may stand beside other conditions.
fn lowered<'a>(cx: &mut Context<'a>, tickets: &'a KindView<'a>, item: &Item, pred: &Pred<'_>) -> Predicate {
    let mut each = |parts: &[Pred<'_>]| parts.iter().map(|part| lowered(cx, tickets, item, part)).collect();
    match &pred.kind {
        PredKind::And(parts) => Predicate::All(each(parts)),
        PredKind::Or(parts) => Predicate::Any(each(parts)),
        PredKind::Not(inner) => Predicate::Not(Box::new(lowered(cx, tickets, item, inner))),
        _ if is_answered(pred) => {
            Predicate::Atom(Atom { field: String::new(), test: Test::Word(ANSWERED.to_owned()) })
        }
        _ => predicate::lower(cx, tickets, item, pred),
    }
}

/// Whether a condition is the word that every product knows: somebody answered the customer.
fn is_answered(pred: &Pred<'_>) -> bool {
    matches!(&pred.kind, PredKind::Word(word) if matches!(word.kind, ValueKind::Name(ANSWERED)))
}

/// The action that some clauses begin with, and what follows it.
fn action<'c>(
    cx: &mut Context<'_>,
    item: &Item,
    line: &Line,
    metric: Option<&str>,
    clauses: &'c [Clause],
) -> Option<(ClockAction, &'c [Clause])> {
    let Some((first, rest)) = clauses.split_first() else {
        let help = help(cx, metric);
        cx.push(
            Diagnostic::error("sla/continuity#end", "these words do not say what becomes of a clock")
                .primary(item.line_span(line), "the sentence is not complete")
                .help(help),
        );
        return None;
    };
    match first.keyword {
        ClauseKw::Inherit => {
            let term = item.get(first.terms).first().copied()?;
            let word = names::one_of(cx, item, term, "what a clock can inherit", &["due", "remaining"])?;
            let keeps = if word == "due" { Inherited::Due } else { Inherited::Remaining };
            Some((ClockAction::Inherit { keeps }, rest))
        }
        ClauseKw::Recalculate => {
            let Some((from, rest)) = rest.split_first().filter(|(next, _)| next.keyword == ClauseKw::From)
            else {
                let help = able::anew(cx, metric, "");
                cx.push(
                    Diagnostic::error("sla/no-anchor", "nobody says from when a clock is counted anew")
                        .primary(item.span(first.range), "from when?")
                        .help(format!("write {help}")),
                );
                return None;
            };
            Some((ClockAction::Recalculate { from: anchor(cx, item, from)? }, rest))
        }
        ClauseKw::Suspend => suspend(cx, item, line, metric, first, rest),
        _ => {
            odd(cx, item, metric, first);
            None
        }
    }
}

fn suspend<'c>(
    cx: &mut Context<'_>,
    item: &Item,
    line: &Line,
    metric: Option<&str>,
    first: &Clause,
    rest: &'c [Clause],
) -> Option<(ClockAction, &'c [Clause])> {
    let Some((until, rest)) = rest.split_first().filter(|(next, _)| next.keyword == ClauseKw::Until) else {
        let help = able::still(cx, metric);
        cx.push(
            Diagnostic::error("sla/suspended-for-ever", "a clock stands still and nobody says until when")
                .primary(item.span(first.range), "a suspended clock says how it resumes")
                .help(format!("write {help}")),
        );
        return None;
    };
    let until = gate(cx, item, until);
    let Some((_, rest)) = rest.split_first().filter(|(next, _)| next.keyword == ClauseKw::Then) else {
        let help = able::anew(cx, metric, "then ");
        cx.push(
            Diagnostic::error(
                "sla/suspended-for-ever#then",
                "a clock stands still and nobody says how it goes on",
            )
            .primary(item.span(first.range), "and then?")
            .help(format!("add {help}")),
        );
        return None;
    };
    let (then, rest) = action(cx, item, line, metric, rest)?;
    Some((ClockAction::Suspend { until: until?, then: Box::new(then) }, rest))
}

/// `checks pass`, `criteria pass`, or the name of a check and `pass`.
fn gate(cx: &mut Context<'_>, item: &Item, clause: &Clause) -> Option<String> {
    let terms = item.get(clause.terms).to_vec();
    if let [only] = terms.as_slice()
        && only.kind == TermKind::Hole
    {
        cx.draft.hole(item.span(only.range), "until when clocks stand still");
        return None;
    }
    if let [name, pass] = terms.as_slice()
        && item.raw(*pass) == "pass"
    {
        let word = plain_name(item.raw(*name)).into_owned();
        if !matches!(word.as_str(), "checks" | "criteria") {
            names::declared(cx, ItemKw::Check, item, *name)?;
        }
        return Some(format!("{word} pass"));
    }
    let span = list::span_of(item, &terms).unwrap_or_else(|| item.span(clause.range));
    cx.push(
        Diagnostic::error("sla/until-what", "clocks wait for something that nobody can see")
            .primary(span, "a gate is expected here")
            .help("write `until checks pass`, or the name of one check and `pass`"),
    );
    None
}

/// The field of the ticket from which a clock counts.
fn anchor(cx: &mut Context<'_>, item: &Item, clause: &Clause) -> Option<String> {
    let term = item.get(clause.terms).first().copied()?;
    let span = item.span(term.range);
    if term.kind == TermKind::Hole {
        cx.draft.hole(span, "from when clocks count");
        return None;
    }
    let path = plain_name(item.raw(term)).into_owned();
    if [IMPORT, LAST_CUSTOMER, LAST_AGENT].contains(&path.as_str()) {
        return Some(path);
    }
    let Some(tickets) = cx.world.source().and_then(|source| source.tickets()) else { return Some(path) };
    let place = predicate::place(cx, tickets, &path, span)?;
    if !matches!(place.ty.required(), Type::Instant | Type::Poison | Type::Hole) {
        cx.push(
            Diagnostic::error("sla/anchor-type", "a clock counts from a moment")
                .primary(span, "this field holds no moment")
                .note(format!("`{}` holds: {}", place.path, place.ty.required()))
                .help("take a field with a date and a time: `recalculate from created_at`"),
        );
        return None;
    }
    Some(place.path.into_owned())
}
