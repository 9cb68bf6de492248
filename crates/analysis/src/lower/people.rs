//! `announce`, `train` and `inspect`: the people around the night.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::quantity::Decimal;
use cutover_plan::model::{Announce, Content, Inspect, Train};
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::tree::{Item, Line, Term, TermKind, Terms};
use cutover_syntax::value;

use crate::context::Context;
use crate::lower::around::each;
use crate::lower::words;
use crate::read::{common, list, moment, names, quantity};

/// Lowers `announce`, `train` and `inspect`.
pub fn lower(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Announce).collect::<Vec<_>>() {
        announce(cx, item);
    }
    for item in cx.of(ItemKw::Train).collect::<Vec<_>>() {
        train(cx, item);
    }
    each(cx, ItemKw::Inspect, inspect);
}

fn announce(cx: &mut Context<'_>, item: &Item) {
    let Some(head) = item.head() else { return };
    let audience = common::words(item, head.lead);
    if audience.is_empty() {
        return;
    }
    // A template that is missing is reported where files are read.
    let template = common::text_clause(item, head, ClauseKw::Template).and_then(|path| cx.asset(item, path));
    let from = head.clause(ClauseKw::From).and_then(|clause| {
        let from = moment::moment(cx, item, clause.terms)?;
        if audience == "customers"
            && let Some(window) = &cx.window
            && from.at >= window.start
        {
            let span = item.span_of(clause.terms);
            cx.push(
                Diagnostic::error("announce/late", "customers hear of the switch too late")
                    .primary(span, "not before the window begins")
                    .help("tell them days before: `from window - 3 days`"),
            );
        }
        Some(from)
    });
    let escalations_to = head.clause(ClauseKw::EscalationsTo).and_then(|clause| {
        let term = item.get(clause.terms).first().copied()?;
        names::person(cx, item, term)
    });
    let id = Id::new(["announce", &audience]);
    cx.draft.clauses(&id, item, head);
    let anomalies_to = common::text_clause(item, head, ClauseKw::AnomaliesTo);
    let content = Content::Announce(Announce { audience, template, from, escalations_to, anomalies_to });
    let mut made = common::plan_item(cx, item, head, content);
    made.title = None;
    cx.draft.add(id, item.line_span(head), made);
}

fn train(cx: &mut Context<'_>, item: &Item) {
    let Some(head) = item.head() else { return };
    let audience = common::words(item, head.lead);
    if audience.is_empty() {
        return;
    }
    let mut scenarios: Vec<String> = Vec::new();
    for line in item.body_lines() {
        scenarios.extend(list::words(
            cx,
            item,
            line.lead,
            "something agents are trained in",
            words::SCENARIOS,
        ));
    }
    scenarios.sort();
    scenarios.dedup();
    let (at_least, of_each) = match head.clause(ClauseKw::AtLeast) {
        Some(clause) => share(cx, item, item.get(clause.terms).to_vec().as_slice()),
        None => (None, None),
    };
    if let Some(clause) = head.clause(ClauseKw::Before) {
        before_window(cx, item, clause.terms);
    }
    let id = Id::new(["train", &audience]);
    if at_least.is_none() && !head.has(ClauseKw::AtLeast) {
        cx.draft.take_default(&id.child("at_least"), "how many agents must be trained", "all of them");
    }
    let content = Content::Train(Train { audience, at_least, of_each, scenarios });
    let mut made = common::plan_item(cx, item, head, content);
    made.title = None;
    cx.draft.add(id, item.line_span(head), made);
}

/// `90% of each group`.
fn share(cx: &mut Context<'_>, item: &Item, terms: &[Term]) -> (Option<Decimal>, Option<String>) {
    let Some((read, used)) = value::read(item, terms) else { return (None, None) };
    let percent = quantity::percent(cx, item, &read);
    if percent.is_some_and(|percent| percent <= Decimal::from(0) || percent > Decimal::from(100)) {
        cx.push(
            Diagnostic::error("types/not-meant#trained", quantity::NOT_MEANT)
                .primary(item.span(read.range), "a share of the people lies between 0% and 100%")
                .help("write how many of them must be trained before the window: `at least 90%`"),
        );
    }
    let behind = terms.get(used..).unwrap_or_default();
    let of_each = match behind {
        [] => None,
        [of, each, word] if item.raw(*of) == "of" && item.raw(*each) == "each" => {
            names::one_of(cx, item, *word, "a group of agents", &["group", "role", "team"])
        }
        _ => {
            if let Some(span) = list::span_of(item, behind) {
                cx.push(
                    Diagnostic::error("train/of-each", "these words have no place behind a share")
                        .primary(span, "not understood here")
                        .help("write `at least 90% of each group`"),
                );
            }
            None
        }
    };
    (percent, of_each)
}

/// Agents are trained, and texts read, before the window begins.
fn before_window(cx: &mut Context<'_>, item: &Item, terms: Terms) {
    let Some(by) = moment::moment(cx, item, terms) else { return };
    if cx.window.as_ref().is_some_and(|window| by.at > window.start) {
        let span = item.span_of(terms);
        cx.push(
            Diagnostic::error(
                "people/after-window",
                "something that must come before the switch comes after it",
            )
            .primary(span, "after the window begins")
            .help("write `before window`"),
        );
    }
}

fn inspect<'a>(cx: &mut Context<'a>, item: &'a Item, head: &'a Line, name: &str) {
    let Some(clause) = head.clause(ClauseKw::Of) else { return };
    let of = list::words(cx, item, clause.terms, "something that is read", words::INSPECTED);
    let mut forbid = Vec::new();
    if let Some(clause) = head.clause(ClauseKw::Forbid) {
        for part in list::parts(item, clause.terms) {
            match part {
                [text] if text.kind == TermKind::Text => forbid.push(common::text(item, *text).into_owned()),
                _ => {
                    let Some(span) = list::span_of(item, part) else { continue };
                    cx.push(
                        Diagnostic::error("inspect/forbid", "forbidden words are written in quotes")
                            .primary(span, "a text in quotes is expected")
                            .help("write `forbid \"acme-legacy\", \"old portal\"`"),
                    );
                }
            }
        }
    }
    if let Some(clause) = head.clause(ClauseKw::Before) {
        before_window(cx, item, clause.terms);
    }
    let made = common::plan_item(cx, item, head, Content::Inspect(Inspect { of, forbid }));
    cx.draft.add(Id::new(["inspect", name]), item.line_span(head), made);
}
