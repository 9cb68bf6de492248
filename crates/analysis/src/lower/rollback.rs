//! `rollback` and its triggers: who takes the migration back, when, and what is kept.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Content, Item as PlanItem, NoAnswer, Ref, Rollback, Trigger};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::predicate::Comparison;
use cutover_syntax::tree::{Item, Line, TermKind};
use cutover_syntax::value::plain_name;

use crate::context::Context;
use crate::lower::checks::{self, behind};
use crate::read::quantity::Meaning;
use crate::read::{common, list, measure, names, quantity};

/// What of the new desk can be kept when it is given up again.
pub const KEPT: &[&str] =
    &["changed tickets", "new tickets", "new users", "ratings", "replies", "transcripts"];

/// What can happen when nobody decides in time.
const OTHERWISE: &[(&str, NoAnswer)] =
    &[("stay paused", NoAnswer::StayPaused), ("roll back", NoAnswer::RollBack), ("go on", NoAnswer::GoOn)];

/// Lowers `rollback`.
pub fn lower(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::Rollback) else { return };
    let Some(head) = item.head() else { return };
    let id = Id::new(["rollback"]);
    let triggers = triggers(cx, item);
    let decided_by = deciders(cx, item, head);
    let otherwise = otherwise(cx, item, head, &id);
    let within = head.clause(ClauseKw::Within).and_then(|clause| {
        cx.draft.place(id.child("within"), item.span_of(clause.terms));
        let within = quantity::duration(cx, item, clause.terms, Meaning::Civil)?;
        if within.nominal_seconds() == 0 {
            cx.push(
                Diagnostic::error("types/not-meant#within", quantity::NOT_MEANT)
                    .primary(item.span_of(clause.terms), "nobody can decide in no time")
                    .help("write how long the deciders have before silence counts: `within 30 min`"),
            );
        }
        Some(within)
    });
    let (undo, before) = undo(cx, item);
    let kept = kept(cx, item);
    // A file that is missing is reported where files are read.
    let message = checks::once(cx, item, StmtKw::Message);
    if let Some(line) = message {
        if let Some(other) = item.get(line.lead).first().filter(|term| term.kind != TermKind::Text) {
            checks::nothing_more(cx, item, std::slice::from_ref(other));
        }
        checks::nothing_more(cx, item, item.get(line.lead).get(1..).unwrap_or_default());
        cx.draft.spots.insert(Id::new(["rollback", StmtKw::Message.text()]), item.span_of(line.lead));
    }
    let message =
        message.and_then(|line| common::first_text(item, line.lead)).and_then(|path| cx.asset(item, path));
    let content = Content::Rollback(Rollback {
        decided_by,
        otherwise,
        within,
        undo,
        before,
        keep: kept.what,
        store: kept.store,
        kept_by: kept.by,
        message,
        triggers,
    });
    let made = common::plan_item(cx, item, head, content);
    cx.draft.clauses(&id, item, head);
    cx.draft.add(id, item.line_span(head), made);
}

/// The decider and the deputies in their order; who stands twice is one person.
fn deciders(cx: &mut Context<'_>, item: &Item, head: &Line) -> Vec<String> {
    let Some(clause) = head.clause(ClauseKw::DecidedBy) else { return Vec::new() };
    let mut people: Vec<String> = Vec::new();
    for person in names::people(cx, item, clause.terms) {
        if !people.contains(&person) {
            people.push(person);
        }
    }
    people
}

fn otherwise(cx: &mut Context<'_>, item: &Item, head: &Line, id: &Id) -> NoAnswer {
    let Some(clause) = head.clause(ClauseKw::Else) else {
        cx.draft.take_default(
            &id.child("else"),
            "what happens when nobody decides about the rollback in time",
            "stay paused",
        );
        return NoAnswer::StayPaused;
    };
    let terms = item.get(clause.terms).to_vec();
    if let Some(hole) = terms.iter().find(|term| term.kind == TermKind::Hole) {
        cx.draft.hole(item.span(hole.range), "what happens when nobody answers");
        return NoAnswer::StayPaused;
    }
    let words: Vec<&str> = OTHERWISE.iter().map(|(words, _)| *words).collect();
    let said = list::phrase(cx, item, &terms, "what can happen when nobody answers", &words);
    let found = OTHERWISE.iter().find(|(words, _)| said.as_deref() == Some(*words));
    found.map_or(NoAnswer::StayPaused, |(_, answer)| *answer)
}

fn triggers(cx: &mut Context<'_>, item: &Item) -> Vec<Ref> {
    let mut refs = Vec::new();
    for line in item.body_lines().iter().filter(|line| line.statement == Some(StmtKw::Trigger)) {
        let Some(name) = trigger_name(cx, item, line) else { continue };
        let id = Id::new(["trigger", &name]);
        let Some(fires) = measure::read(cx, item, behind(line.lead, 1)) else { continue };
        cx.draft.add(id.clone(), item.line_span(line), PlanItem::new(Content::Trigger(Trigger { fires })));
        refs.push(Ref(id));
    }
    refs.sort();
    refs.dedup();
    refs
}

/// The name of a trigger, which stands before its condition.
fn trigger_name(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<String> {
    let terms = item.get(line.lead).to_vec();
    let first = terms.first().copied()?;
    if first.kind == TermKind::Hole {
        cx.draft.hole(item.span(first.range), "the trigger");
        return None;
    }
    let rest = terms.get(1..).unwrap_or_default();
    // Behind the name stands a metric, so a comparison there shows that the metric was taken for the name.
    if first.kind == TermKind::Word && Comparison::at(item, rest).is_none() && !rest.is_empty() {
        return Some(plain_name(item.raw(first)).into_owned());
    }
    cx.push(
        Diagnostic::error("rollback/trigger-name", "a trigger has no name, or no condition")
            .primary(item.line_span(line), "a name and a condition are expected")
            .help("write a name that people can call out that night: `trigger failures failed_imports more than 0.5% over 1000 records`"),
    );
    None
}

/// What is undone, and until when that is clean.
fn undo(cx: &mut Context<'_>, item: &Item) -> (Vec<String>, String) {
    let Some(line) = checks::once(cx, item, StmtKw::Undo) else { return (Vec::new(), String::new()) };
    let mut undone = Vec::new();
    let world = cx.world;
    for part in list::parts(item, line.lead) {
        let Some(term) = part.first().copied() else { continue };
        if item.raw(term) == "everything" {
            undone.push("everything".to_owned());
        } else if let Some(target) = world.target()
            && let Some(kind) = names::kind(cx, target, item, term)
        {
            undone.push(kind.plural.clone());
        }
    }
    undone.sort();
    undone.dedup();
    let before = line.clause(ClauseKw::Before).and_then(|clause| item.get(clause.terms).first().copied());
    let Some(term) = before else {
        cx.push(
            Diagnostic::error("rollback/until-when", "nobody knows until when the way back is clean")
                .primary(item.line_span(line), "before what?")
                .help("write `undo everything before switch`: afterwards customers write to the new desk"),
        );
        return (undone, "switch".to_owned());
    };
    let what = "a step after which nothing can be undone cleanly";
    let before = names::one_of(cx, item, term, what, &["switch"]);
    (undone, before.unwrap_or_else(|| "switch".to_owned()))
}

#[derive(Default)]
struct Kept {
    what: Vec<String>,
    store: Option<String>,
    by: Option<String>,
}

fn kept(cx: &mut Context<'_>, item: &Item) -> Kept {
    let Some(line) = checks::once(cx, item, StmtKw::Keep) else { return Kept::default() };
    cx.draft.spots.insert(Id::new(["rollback", "keep"]), item.line_span(line));
    let mut what = list::words(cx, item, line.lead, "what can be kept of the new desk", KEPT);
    what.sort();
    let after = line.clause(ClauseKw::After).and_then(|clause| item.get(clause.terms).first().copied());
    if let Some(term) = after.and_then(|term| names::word(cx, item, term, "the step")) {
        // What is written before the switch is undone; only what comes after it can be kept.
        let _ = names::one_of(
            cx,
            item,
            term,
            "the step after which customers write to the new desk",
            &["switch"],
        );
    }
    Kept { what, store: common::place(item, line), by: common::owner(cx, item, line) }
}
