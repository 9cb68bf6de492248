//! `escalation`: who is told when a clock runs out.

use cutover_catalog::Part;
use cutover_diagnostics::{Diagnostic, Span, suggest};
use cutover_ir::Id;
use cutover_ir::quantity::Duration;
use cutover_plan::model::{Content, DueOffset, Escalation, EscalationStep, Recipient};
use cutover_syntax::keywords::ItemKw;
use cutover_syntax::predicate::is_word;
use cutover_syntax::tree::{Item, Line, Term, TermKind};
use cutover_syntax::value;

use crate::context::{Context, name_of};
use crate::read::quantity::Meaning;
use crate::read::{common, list, names, quantity};

/// Lowers `escalation`.
pub fn lower(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Escalation).collect::<Vec<_>>() {
        escalation(cx, item);
    }
}

fn escalation(cx: &mut Context<'_>, item: &Item) {
    let Some(((name, _), head)) = name_of(item).zip(item.head()) else { return };
    let mut steps = Vec::new();
    for line in item.body_lines() {
        steps.extend(step(cx, item, line));
    }
    if item.body_lines().is_empty() && head.body.is_some() {
        cx.push(
            Diagnostic::error("escalations/nobody", "an escalation tells nobody")
                .primary(item.line_span(head), "the braces are empty")
                .help("add `notify group \"Tier 2\" 30 min before due`"),
        );
    }
    steps.sort_by_key(|step| seconds(&step.when));
    let made = common::plan_item(cx, item, head, Content::Escalation(Escalation { steps }));
    cx.draft.add(Id::new(["escalation", &name]), item.line_span(head), made);
}

/// Seconds from the due date, negative before it.
fn seconds(when: &DueOffset) -> i64 {
    let of = |duration: &Duration| i64::try_from(duration.nominal_seconds()).unwrap_or(i64::MAX);
    match when {
        DueOffset::Before(duration) => -of(duration),
        DueOffset::At => 0,
        DueOffset::After(duration) => of(duration),
    }
}

/// `notify group "Tier 2" 30 min before due`
fn step(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<EscalationStep> {
    let terms = item.get(line.lead).to_vec();
    let first = terms.first().copied()?;
    let named = terms.get(1).copied().filter(|term| term.kind == TermKind::Text);
    let (notify, used) = match (item.raw(first), named) {
        ("group", Some(name)) => (object(cx, item, name, Part::Group).map(Recipient::Group), 2),
        ("agent", Some(name)) => (object(cx, item, name, Part::Agent).map(Recipient::Agent), 2),
        _ if first.kind == TermKind::Text => {
            cx.push(
                Diagnostic::error("escalations/whom", "nobody knows who is told")
                    .primary(item.span(first.range), "a group or an agent?")
                    .help(
                        "write `group \"Tier 2\"`, `agent \"7001\"`, or a person of the team without quotes",
                    ),
            );
            (None, 1)
        }
        _ => (names::person(cx, item, first).map(Recipient::Person), 1),
    };
    let when = when(cx, item, line, terms.get(used..).unwrap_or_default());
    Some(EscalationStep { notify: notify?, when: when? })
}

fn when(cx: &mut Context<'_>, item: &Item, line: &Line, terms: &[Term]) -> Option<DueOffset> {
    if let [at, due] = terms
        && item.raw(*at) == "at"
        && item.raw(*due) == "due"
    {
        return Some(DueOffset::At);
    }
    if let [only] = terms
        && only.kind == TermKind::Hole
    {
        cx.draft.hole(item.span(only.range), "when somebody is told");
        return None;
    }
    let (length, used) = value::read(item, terms).unwrap_or((
        value::Value { kind: value::ValueKind::Bad, range: cutover_syntax::tree::Range { start: 0, end: 0 } },
        0,
    ));
    let words = terms.get(used..).unwrap_or_default();
    let side = words.first().filter(|_| words.len() == 2 && is_word(item, words.get(1), "due"));
    let side = side.map(|term| item.raw(*term)).filter(|word| matches!(*word, "before" | "after"));
    let Some(side) = side else {
        let span: Span = list::span_of(item, terms).unwrap_or_else(|| item.line_span(line));
        cx.push(
            Diagnostic::error("escalations/when", "nobody knows when somebody is told")
                .primary(span, "a moment around the due date is expected")
                .help("write `at due`, `30 min before due` or `1 hour after due`"),
        );
        return None;
    };
    let length = quantity::duration_of(cx, item, &length, Meaning::Civil)?;
    Some(if side == "before" { DueOffset::Before(length) } else { DueOffset::After(length) })
}

/// A group or an agent of the target by name. Where the inventory lists none, any name may be right.
fn object(cx: &mut Context<'_>, item: &Item, term: Term, part: Part) -> Option<String> {
    let name = common::text(item, term).into_owned();
    let Some(target) = cx.world.target() else { return Some(name) };
    // Products that have no agents of their own count them among the users.
    let parts = if part == Part::Agent { [part, Part::User] } else { [part, part] };
    let mut known: Vec<&str> = Vec::new();
    for kind in parts.iter().flat_map(|part| target.kinds_of(*part)) {
        known.extend(target.objects(kind.name).into_iter().flatten().map(|object| &*object.name));
    }
    if known.is_empty() || known.contains(&name.as_str()) {
        return Some(name);
    }
    let span = item.span(term.range);
    let what = if part == Part::Group { "group" } else { "agent" };
    let diagnostic = Diagnostic::error("escalations/unknown", "the new desk has nobody of this name")
        .primary(span, format!("the inventory of the target lists no {what} \"{name}\""));
    cx.push(match suggest::nearest(&name, known.iter().copied(), 1).first() {
        Some(near) => diagnostic.did_you_mean(span, format!("\"{near}\"")),
        None => diagnostic.help("take the inventory again once it is there, or correct the name"),
    });
    None
}
