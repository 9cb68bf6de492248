//! `watch`, `hypercare`, `ownership`: the weeks after the switch.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::measure::{Measure, names as called};
use cutover_ir::quantity::Duration;
use cutover_plan::model::{Content, Hypercare, Ownership, Rhythm, TeamProfile, Watch};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, TermKind};
use cutover_syntax::value;

use crate::context::Context;
use crate::lower::checks;
use crate::lower::words::EXCEPTIONS;
use crate::read::quantity::Meaning;
use crate::read::{common, list, measure, moment, names, quantity};

/// Lowers `watch`, `hypercare` and `ownership`.
pub fn lower(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Watch).collect::<Vec<_>>() {
        watch(cx, item);
    }
    hypercare(cx);
    ownership(cx);
}

fn watch(cx: &mut Context<'_>, item: &Item) {
    let Some(head) = item.head() else { return };
    let system = common::words(item, head.lead);
    if !matches!(system.as_str(), "source" | "target") {
        return;
    }
    let id = Id::new(["watch", &system]);
    cx.draft.clauses(&id, item, head);
    let (every, lasting) = (length(cx, item, head, ClauseKw::Every), length(cx, item, head, ClauseKw::For));
    let alert =
        head.clause(ClauseKw::Alert).map(|clause| names::people(cx, item, clause.terms)).unwrap_or_default();
    let mut report: Vec<String> = Vec::new();
    let (mut alerts, mut told) = (Vec::new(), Vec::new());
    for line in item.body_lines() {
        if line.statement == Some(StmtKw::Report) {
            for part in list::parts(item, line.lead) {
                let Some((term, rest)) = part.split_first() else { continue };
                if let Some(hole) = part.iter().find(|term| term.kind == TermKind::Hole) {
                    cx.draft.hole(item.span(hole.range), "what is reported");
                    continue;
                }
                checks::nothing_more(cx, item, rest);
                let term = *term;
                let Some(metric) = measure::metric(cx, item, term) else { continue };
                told.push((metric.name, item.span(term.range)));
                if !report.iter().any(|name| name == metric.name) {
                    report.push(metric.name.to_owned());
                }
            }
        } else if let Some(alarm) = measure::read(cx, item, line.terms) {
            alerts.push((alarm, item.line_span(line)));
        }
    }
    // The order of the lines means nothing, so the plan does not keep it.
    report.sort();
    alerts.sort();
    let called = called(alerts.iter().map(|(alarm, _)| Some(alarm)));
    for (name, (_, span)) in called.iter().zip(&alerts) {
        cx.draft.place(id.child(name), *span);
    }
    for (metric, span) in told {
        cx.draft.place(id.child(metric), span);
    }
    let alerts: Vec<Measure> = alerts.into_iter().map(|(alarm, _)| alarm).collect();
    if head.body.is_some() && item.body_lines().is_empty() {
        cx.push(
            Diagnostic::error("watch/nothing", "nothing is watched")
                .primary(item.line_span(head), "the braces are empty")
                .help("say what is reported, `report volume, backlog_age`, and what alerts somebody, `duplicate tickets more than 0`"),
        );
    }
    if !alerts.is_empty() && !head.has(ClauseKw::Alert) {
        cx.push(
            Diagnostic::error("watch/nobody-alerted", "nobody hears of an alert")
                .primary(item.line_span(head), "conditions alert, but whom?")
                .help("add `alert` and a person of the team"),
        );
    }
    let (Some(every), Some(lasting)) = (every, lasting) else { return };
    let content = Content::Watch(Watch { system, alert, every, lasting, report, alerts });
    let made = common::plan_item(cx, item, head, content);
    cx.draft.add(id, item.line_span(head), made);
}

fn length(cx: &mut Context<'_>, item: &Item, line: &Line, keyword: ClauseKw) -> Option<Duration> {
    let clause = line.clause(keyword)?;
    let length = quantity::duration(cx, item, clause.terms, Meaning::Civil)?;
    if length.nominal_seconds() == 0 {
        cx.push(
            Diagnostic::error("time/no-length", "a length of time is nothing")
                .primary(item.span_of(clause.terms), format!("`{keyword}` asks for some time"))
                .help("write a number above 0"),
        );
        return None;
    }
    Some(length)
}

fn daily(cx: &mut Context<'_>, item: &Item) -> Option<u32> {
    let line = checks::once(cx, item, StmtKw::Daily)?;
    let (at, used) = value::read(item, item.get(line.lead))?;
    checks::nothing_more(cx, item, item.get(line.lead).get(used..).unwrap_or_default());
    moment::minutes(cx, item, &at)
}

fn hypercare(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::Hypercare) else { return };
    let Some(head) = item.head() else { return };
    let id = Id::new(["hypercare"]);
    cx.draft.clauses(&id, item, head);
    let lasting = length(cx, item, head, ClauseKw::For);
    let daily_at = daily(cx, item);
    let defects = checks::once(cx, item, StmtKw::Defects);
    let defects_to = defects.and_then(|line| {
        let term = item.get(line.clause(ClauseKw::To)?.terms).first().copied()?;
        names::person(cx, item, term)
    });
    let defects_within = defects.and_then(|line| length(cx, item, line, ClauseKw::Within));
    let stable_after = checks::once(cx, item, StmtKw::Stable).and_then(|line| {
        cx.draft.place(id.child("stable"), item.line_span(line));
        stable(cx, item, line)
    });
    let Some(lasting) = lasting else { return };
    let rhythm = Rhythm { lasting, daily_at };
    let content = Content::Hypercare(Hypercare { rhythm, defects_to, defects_within, stable_after });
    let made = common::plan_item(cx, item, head, content);
    cx.draft.add(id, item.line_span(head), made);
}

/// `stable after 5 days without exceptions`
fn stable(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<Duration> {
    let clause = line.clause(ClauseKw::After)?;
    let terms = item.get(clause.terms).to_vec();
    let (length, used) = value::read(item, &terms)?;
    let length = quantity::duration_of(cx, item, &length, Meaning::Civil)?;
    let rest = terms.get(used..).unwrap_or_default();
    if list::joined(item, rest) != "without exceptions" {
        let span = list::span_of(item, rest).unwrap_or_else(|| item.span_of(clause.terms));
        cx.push(
            Diagnostic::error("hypercare/stable", "nobody knows what stable means")
                .primary(span, "`without exceptions` is expected behind the length of time")
                .help("write `stable after 5 days without exceptions`: days in which nothing of what is owned went wrong"),
        );
        return None;
    }
    Some(length)
}

fn ownership(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::Ownership) else { return };
    let Some(head) = item.head() else { return };
    let id = Id::new(["ownership"]);
    let lasting = length(cx, item, head, ClauseKw::For);
    let daily_at = daily(cx, item);
    let mut classes: Vec<String> = Vec::new();
    for line in item.body_lines().iter().filter(|line| line.statement.is_none()) {
        let read = list::words(cx, item, line.lead, "a class of exceptions", EXCEPTIONS);
        classes.extend(read.into_iter().filter(|word| !classes.contains(word)).collect::<Vec<_>>());
    }
    let members = item.body_lines().iter().any(|line| line.statement.is_none());
    let hole = item.get(head.terms).iter().any(|term| term.kind == TermKind::Hole);
    if !members && !hole && cx.draft.plan.migration.team == TeamProfile::Small {
        classes = EXCEPTIONS.iter().map(|class| (*class).to_owned()).collect();
        let value = "all four classes: unresolved tickets, field errors, sync failures, reporting anomalies";
        cx.draft.take_default(&id.child("classes"), "which exceptions are owned after the switch", value);
    }
    classes.sort();
    let Some(lasting) = lasting else { return };
    let content = Content::Ownership(Ownership { rhythm: Rhythm { lasting, daily_at }, classes });
    let made = common::plan_item(cx, item, head, content);
    cx.draft.add(id, item.line_span(head), made);
}
