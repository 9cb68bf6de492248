//! `translate`: which value becomes which.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::functions;
use cutover_ir::map::{Outcome, Pattern, Translate, TranslateRow};
use cutover_ir::predicate::Literal;
use cutover_ir::quantity::Decimal;
use cutover_ir::time::Date;
use cutover_plan::model::Content;
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::tree::{Item, Line, TermKind, Terms};
use cutover_syntax::value::{self, Value, ValueKind};
use rustc_hash::FxHashMap;

use crate::context::{Context, name_of};
use crate::lower::maps::facts::{Table, fold};
use crate::read::common;

/// Lowers every `translate`.
pub fn lower(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Translate).collect::<Vec<_>>() {
        table(cx, item);
    }
}

struct Read {
    row: TranslateRow,
    span: Span,
    value: Span,
}

fn table(cx: &mut Context<'_>, item: &Item) {
    let Some((name, span)) = name_of(item) else { return };
    let taken = functions::find(&name).is_some();
    if taken {
        cx.push(
            Diagnostic::error("translate/name-taken", "a translation has the name of a function")
                .primary(span, format!("`{name}` is a function of the language"))
                .help("give the translation another name; `by` could not tell the two apart"),
        );
    }
    let id = Id::new(["translate", &name]);
    let mut reads: Vec<Read> = Vec::new();
    let mut rest: Option<(Outcome, Span, Option<String>)> = None;
    let mut broken = false;
    let mut holes = Vec::new();
    for line in item.body_lines() {
        if line.result.is_none() {
            broken = true;
            continue;
        }
        let Some(outcome) = outcome(cx, item, line) else {
            holes.extend(hole(item, line));
            broken = true;
            continue;
        };
        if is_rest(item, line.lead) {
            if let Some((_, first, _)) = &rest {
                let twice = twice(item.line_span(line), *first, "all other values are decided a second time");
                cx.push(twice);
                continue;
            }
            rest = Some((outcome, item.line_span(line), common::text_clause(item, line, ClauseKw::Lossy)));
            continue;
        }
        broken |= !lines(cx, item, line, &id, &outcome, &mut reads);
    }
    broken |= !same_sort(cx, &reads, rest.as_ref());
    let rows = sorted(cx, reads);
    if let Some((_, rest_span, _)) = &rest {
        shadowed(cx, &rows, *rest_span);
    }
    let (mut made, mut spans, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for read in rows {
        cx.draft.place(read.row.id.clone(), read.span);
        made.push(read.row);
        spans.push(read.span);
        values.push(read.value);
    }
    let (rest, rest_span, rest_lossy) = match rest {
        Some((outcome, span, lossy)) => (Some(outcome), Some(span), lossy),
        None => (None, None, None),
    };
    if let Some(span) = rest_span {
        cx.draft.place(id.child("the rest"), span);
    }
    let translate = Translate { id: id.clone(), rows: made, rest };
    let Some(head) = item.head() else { return };
    let plan_item = common::plan_item(cx, item, head, Content::Translate(translate.clone()));
    cx.draft.add(id, span, plan_item);
    let mut table = Table::new(translate, span, spans, values);
    table.rest_span = rest_span;
    table.rest_lossy = rest_lossy;
    table.broken = broken;
    table.holes = holes;
    // `by` cannot name it.
    table.used_elsewhere = taken;
    cx.maps.tables.entry(name).or_insert(table);
}

/// The value of a line that is not decided yet, with the old value for which it is wanted.
fn hole(item: &Item, line: &Line) -> Option<(Span, String)> {
    let value = item.get(line.result?).iter().find(|term| term.kind == TermKind::Hole)?;
    let old = item.get(line.lead).iter().find(|term| term.kind == TermKind::Text);
    let old = old.map(|term| common::text(item, *term).into_owned());
    Some((item.span(value.range), old.unwrap_or_default()))
}

fn is_rest(item: &Item, lead: Terms) -> bool {
    matches!(item.get(lead), [a, b] if item.raw(*a) == "the" && item.raw(*b) == "rest")
}

/// The rows of a line: one for each pattern. Whether all of them could be read.
fn lines(
    cx: &mut Context<'_>,
    item: &Item,
    line: &Line,
    id: &Id,
    outcome: &Outcome,
    reads: &mut Vec<Read>,
) -> bool {
    let mut terms = item.get(line.lead);
    let any_case = matches!(terms, [a, b, ..] if item.raw(*a) == "any" && item.raw(*b) == "case");
    if any_case {
        terms = terms.get(2..).unwrap_or_default();
    }
    let kept_in_tag = kept_in_tag(cx, item, line);
    let seen_as = common::text_clause(item, line, ClauseKw::SeenAs);
    let lossy = common::text_clause(item, line, ClauseKw::Lossy);
    let value = line.result.map_or_else(|| item.line_span(line), |result| item.span_of(result));
    let mut whole = true;
    for term in terms.iter().filter(|t| t.kind != TermKind::Comma) {
        let span = item.span(term.range);
        match term.kind {
            TermKind::Text => {
                let text = common::text(item, *term).into_owned();
                let wildcard = text.contains('*');
                let key = if any_case { format!("any case {text}") } else { text.clone() };
                let row = TranslateRow {
                    id: id.child(&key),
                    pattern: Pattern { text, wildcard, any_case },
                    outcome: outcome.clone(),
                    seen_as: seen_as.clone(),
                    kept_in_tag,
                    lossy: lossy.clone(),
                };
                reads.push(Read { row, span, value });
            }
            TermKind::Hole => {
                cx.draft.hole(span, "the value");
                whole = false;
            }
            TermKind::Error => whole = false,
            TermKind::Numeric | TermKind::Word => {
                whole = false;
                let raw = item.raw(*term);
                cx.push(
                    Diagnostic::error("translate/pattern", "a value of the old system is written in quotes")
                        .primary(span, "not in quotes")
                        .help("values that people typed into a product are quoted, numbers too")
                        .replace(span, format!("\"{}\"", raw.trim_matches('`'))),
                );
            }
            _ => whole = false,
        }
    }
    whole
}

fn kept_in_tag(cx: &mut Context<'_>, item: &Item, line: &Line) -> bool {
    let Some(term) = line.clause(ClauseKw::KeptIn).and_then(|c| item.get(c.terms).first()) else {
        return false;
    };
    crate::read::names::one_of(cx, item, *term, "where an old value is kept", &["tag"]).is_some()
}

/// What stands behind the arrow.
fn outcome(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<Outcome> {
    let terms = item.get(line.result?);
    let words: Vec<&str> = terms.iter().filter(|t| t.kind == TermKind::Word).map(|t| item.raw(*t)).collect();
    match words.as_slice() {
        ["same", "name"] => return Some(Outcome::Same),
        ["empty"] => return Some(Outcome::Empty),
        ["reject"] => return Some(Outcome::Reject),
        _ => {}
    }
    let (values, _) = value::read_separated(item, terms);
    let [value] = values.as_slice() else {
        let (Some(first), Some(last)) = (values.get(1), values.last()) else { return None };
        cx.push(
            Diagnostic::error("translate/several-values", "a value becomes one value")
                .primary(item.span(first.range.to(last.range)), "more than one value behind the arrow")
                .help("patterns are listed before the arrow: `\"a\", \"b\" -> \"c\"`"),
        );
        return None;
    };
    literal(cx, item, value).map(Outcome::Value)
}

/// A constant that a translation gives.
fn literal(cx: &mut Context<'_>, item: &Item, value: &Value<'_>) -> Option<Literal> {
    let span = item.span(value.range);
    let found = constant(value);
    if found.is_some() {
        return found;
    }
    match value.kind {
        ValueKind::Hole => cx.draft.hole(span, "the new value"),
        ValueKind::Bad => {}
        _ => {
            let diagnostic = Diagnostic::error("translate/value", "this is no value of the new system")
                .primary(span, "a text in quotes, a number, a date, `yes` or `no` is expected")
                .help("or one of the words `same name`, `empty`, `reject`");
            cx.push(match value.kind {
                ValueKind::Name(name) => diagnostic.replace(span, format!("\"{}\"", name.trim_matches('`'))),
                _ => diagnostic,
            });
        }
    }
    None
}

/// The constant that a value is, whatever field it is for.
#[must_use]
pub fn constant(value: &Value<'_>) -> Option<Literal> {
    match &value.kind {
        ValueKind::Text(text) => Some(Literal::Text(text.to_string())),
        ValueKind::Number(text) => Decimal::parse(text).map(Literal::Number),
        ValueKind::Date(text) => Date::parse(text).map(Literal::Date),
        ValueKind::Name("yes") => Some(Literal::Bool(true)),
        ValueKind::Name("no") => Some(Literal::Bool(false)),
        _ => None,
    }
}

fn twice(span: Span, first: Span, label: &'static str) -> Diagnostic {
    Diagnostic::error("translate/duplicate", "a translation decides a value twice")
        .primary(span, label)
        .secondary(first, "the first time")
        .help("keep one of them; the order of lines has no meaning")
}

/// All values of a table are of one sort. Whether they are.
fn same_sort(cx: &mut Context<'_>, reads: &[Read], rest: Option<&(Outcome, Span, Option<String>)>) -> bool {
    let rest = rest.map(|(outcome, span, _)| (outcome, *span));
    let mut all = reads.iter().map(|read| (&read.row.outcome, read.value)).chain(rest);
    let mut first: Option<(&Literal, Span)> = None;
    let odd = all.find_map(|(outcome, span)| {
        let Outcome::Value(literal) = outcome else { return None };
        match first {
            None => {
                first = Some((literal, span));
                None
            }
            Some((known, at)) => (std::mem::discriminant(known) != std::mem::discriminant(literal))
                .then_some((literal, span, at)),
        }
    });
    let Some((literal, span, at)) = odd else { return true };
    cx.push(
        Diagnostic::error("translate/mixed-values", "a translation gives values of different sorts")
            .primary(span, format!("this is {}", sort(literal)))
            .secondary(at, format!("this is {}", first.map_or("another", |(known, _)| sort(known))))
            .help("a field holds one sort of values; write all of them alike"),
    );
    false
}

fn sort(literal: &Literal) -> &'static str {
    match literal {
        Literal::Text(_) => "a text",
        Literal::Bool(_) => "yes or no",
        Literal::Number(_) => "a number",
        Literal::Date(_) => "a date",
        Literal::Instant(_) => "a point in time",
        Literal::Duration(_) => "a length of time",
    }
}

/// Rows in the order of the plan: exact ones by text, then patterns, longest first. Repeated ones are reported and left out.
fn sorted(cx: &mut Context<'_>, reads: Vec<Read>) -> Vec<Read> {
    let mut seen: FxHashMap<(bool, String), Span> = FxHashMap::default();
    let mut kept: Vec<Read> = Vec::with_capacity(reads.len());
    for read in reads {
        let pattern = &read.row.pattern;
        let text = if pattern.any_case { fold(&pattern.text) } else { pattern.text.clone() };
        let key = (pattern.any_case, single_stars(text));
        if let Some(first) = seen.get(&key) {
            cx.push(twice(read.span, *first, "decided a second time"));
            continue;
        }
        seen.insert(key, read.span);
        kept.push(read);
    }
    kept.sort_by(|a, b| {
        let key = |r: &Read| {
            (
                r.row.pattern.wildcard,
                std::cmp::Reverse(if r.row.pattern.wildcard { r.row.pattern.text.len() } else { 0 }),
            )
        };
        key(a).cmp(&key(b)).then_with(|| a.row.pattern.cmp(&b.row.pattern))
    });
    kept
}

/// `**` means what `*` means.
fn single_stars(mut text: String) -> String {
    while text.contains("**") {
        text = text.replace("**", "*");
    }
    text
}

/// `"*"` leaves nothing for `the rest`.
fn shadowed(cx: &mut Context<'_>, rows: &[Read], rest: Span) {
    let Some(all) =
        rows.iter().find(|r| !r.row.pattern.text.is_empty() && r.row.pattern.text.chars().all(|c| c == '*'))
    else {
        return;
    };
    cx.push(
        Diagnostic::error("translate/shadowed", "a line of a translation is never reached")
            .primary(rest, "nothing is left for this line")
            .secondary(all.span, "this pattern matches every value")
            .help("keep `the rest` and remove the pattern, or the other way round"),
    );
}
