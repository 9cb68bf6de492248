//! `check` and `waive`: the pass / fail matrix, and the conditions in which goals and checks end.

use cutover_catalog::Part;
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::measure::{Condition, Measure, names as called};
use cutover_plan::model::{Check, Content, Waiver};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, Term, TermKind, Terms};
use cutover_syntax::value;

use crate::context::{Context, name_of};
use crate::count;
pub use crate::lower::words::REVIEW_AREAS as AREAS;
use crate::read::{common, list, measure, moment, names};

/// Metrics that count records of the source one by one, so that the old desk's number says what was looked at.
const COUNTED: &[&str] = &["broken", "lost", "missing"];

/// Lowers `check` and `waive`.
pub fn lower(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Check).collect::<Vec<_>>() {
        check(cx, item);
    }
    for item in cx.of(ItemKw::Waive).collect::<Vec<_>>() {
        waive(cx, item);
    }
}

fn check(cx: &mut Context<'_>, item: &Item) {
    let Some(((name, _), head)) = name_of(item).zip(item.head()) else { return };
    let id = Id::new(["check", &name]);
    let pass = conditions(cx, item, head, &id);
    let Some(area) = area(cx, item, head) else { return };
    let legacy = legacy(cx, &area, &pass);
    let content = Content::Check(Check { area, pass, legacy, generated: false });
    let made = common::plan_item(cx, item, head, content);
    cx.draft.add(id, item.line_span(head), made);
}

fn area(cx: &mut Context<'_>, item: &Item, head: &Line) -> Option<String> {
    let Some(clause) = head.clause(ClauseKw::Area) else {
        cx.push(
            Diagnostic::error("checks/no-area", "a check belongs to no review area")
                .primary(item.line_span(head), "which of the nine areas does it prove?")
                .help(format!("add `area` and one of {}", listed(AREAS))),
        );
        return None;
    };
    let term = item.get(clause.terms).first().copied()?;
    names::one_of(cx, item, term, "a review area", AREAS)
}

/// The conditions in the body of an item, each placed by its name among them: `id/missing`. Reports when there are none.
#[must_use]
pub fn conditions(cx: &mut Context<'_>, item: &Item, head: &Line, id: &Id) -> Vec<Condition> {
    let mut pass = Vec::new();
    for line in item.body_lines() {
        let read = match line.statement {
            Some(StmtKw::Evidence) => evidence(cx, item, line),
            _ => measure::read(cx, item, line.terms).map(|measure| Condition::Measure(Box::new(measure))),
        };
        let Some(condition) = read else { continue };
        pass.push((condition, item.line_span(line)));
    }
    // The order of the lines means nothing, so the plan does not keep it.
    pass.sort();
    let called = called(pass.iter().map(|(condition, _)| condition.measure()));
    for (name, (_, span)) in called.iter().zip(&pass) {
        cx.draft.place(id.child(name), *span);
    }
    if item.body_lines().is_empty() && head.body.is_some() {
        cx.push(
            Diagnostic::error("checks/no-condition", "nothing says when this passes")
                .primary(item.line_span(head), "too vague to manage: the braces are empty")
                .help("write what is measured, `missing tickets at most 0`, or what somebody shows, `evidence \"...\"`"),
        );
    }
    pass.into_iter().map(|(condition, _)| condition).collect()
}

fn evidence(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<Condition> {
    let terms = item.get(line.lead).to_vec();
    let (first, rest) = terms.split_first()?;
    let span = item.span(first.range);
    nothing_more(cx, item, rest);
    match first.kind {
        TermKind::Text => {
            let text = common::text(item, *first).into_owned();
            if text.trim().is_empty() {
                cx.push(
                    Diagnostic::error("checks/no-evidence", "nobody knows what is to be shown")
                        .primary(span, "empty")
                        .help("say what somebody shows and keeps: `evidence \"each macro applied once in the sandbox\"`"),
                );
                return None;
            }
            Some(Condition::Evidence(text))
        }
        TermKind::Hole => {
            cx.draft.hole(span, "what is shown");
            None
        }
        _ => {
            cx.push(
                Diagnostic::error("checks/no-evidence#quotes", "nobody knows what is to be shown")
                    .primary(span, "evidence is described in quotes")
                    .help("write `evidence \"each macro applied once in the sandbox\"`"),
            );
            None
        }
    }
}

/// What the old desk shows, where the inventory tells.
fn legacy(cx: &Context<'_>, area: &str, pass: &[Condition]) -> Option<u64> {
    let source = cx.world.source()?;
    let measured = pass.iter().find_map(|condition| match condition {
        Condition::Measure(measure) => counted(cx, measure),
        Condition::Evidence(_) => None,
    });
    let macros = || source.kinds_of(Part::Macro).filter_map(|kind| kind.count()).reduce(|a, b| a + b);
    measured.or_else(|| if area == "macros" { macros() } else { None })
}

fn counted(cx: &Context<'_>, measure: &Measure) -> Option<u64> {
    let of = measure.of.first().filter(|_| COUNTED.contains(&measure.metric.as_str()))?;
    let kind = cx.world.source()?.kind(of)?;
    match &measure.scope {
        Some(scope) => count::matching(kind, scope),
        None => kind.count(),
    }
}

fn waive(cx: &mut Context<'_>, item: &Item) {
    let Some(head) = item.head() else { return };
    let Some(term) = item.get(head.lead).first().copied() else { return };
    let Some(term) = names::word(cx, item, term, "a review area") else { return };
    let Some(area) = names::one_of(cx, item, term, "a review area", AREAS) else { return };
    let until = head.clause(ClauseKw::Until).and_then(|clause| moment::moment(cx, item, clause.terms));
    let id = Id::new(["waive", &area]);
    let made = common::plan_item(cx, item, head, Content::Waiver(Waiver { area, until }));
    cx.draft.add(id, item.line_span(head), made);
}

/// Words in backticks with commas between.
#[must_use]
pub fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The first of the lines with a statement that may stand once; further ones are reported.
#[must_use]
pub fn once<'i>(cx: &mut Context<'_>, item: &'i Item, keyword: StmtKw) -> Option<&'i Line> {
    let mut lines = item.body_lines().iter().filter(|line| line.statement == Some(keyword));
    let first = lines.next()?;
    for second in lines {
        cx.push(
            Diagnostic::error("names/stands-once#statement", "this block says a thing twice")
                .primary(item.line_span(second), format!("a second `{keyword}`"))
                .secondary(item.line_span(first), "the first one")
                .help("keep one of them"),
        );
    }
    Some(first)
}

/// The terms behind the first `count` of some terms.
#[must_use]
pub fn behind(terms: Terms, count: u32) -> Terms {
    Terms { start: terms.start.saturating_add(count).min(terms.end), end: terms.end }
}

/// Reports terms that stand behind all that a statement takes. A hole among them is a decision that is open.
pub fn nothing_more(cx: &mut Context<'_>, item: &Item, terms: &[Term]) {
    if let Some(hole) = terms.iter().find(|term| term.kind == TermKind::Hole) {
        cx.draft.hole(item.span(hole.range), "this line");
        return;
    }
    // What is no part of the language is reported where it is read.
    if terms.iter().any(|term| term.kind == TermKind::Error) {
        return;
    }
    let Some(span) = list::span_of(item, terms) else { return };
    cx.push(
        Diagnostic::error("syntax/extra-words#statement", "some words have no place here")
            .primary(span, "nothing reads this")
            .help("remove it, or write the clause that it belongs to"),
    );
}

/// The terms behind the value that some terms begin with.
#[must_use]
pub fn behind_value<'i>(item: &'i Item, terms: &'i [Term]) -> &'i [Term] {
    let used = value::read(item, terms).map_or(0, |(_, used)| used);
    terms.get(used..).unwrap_or_default()
}
