//! Measured conditions, lowered with the metric, its unit and its arguments checked.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::measure::{Bound, Comparison, Measure, Over, Sample};
use cutover_ir::quantity::Decimal;
use cutover_syntax::keywords::ItemKw;
use cutover_syntax::measure as written;
use cutover_syntax::predicate::Comparison as Written;
use cutover_syntax::tree::{Item, Range, Term, TermKind, Terms};
use cutover_syntax::value::{Value, ValueKind, plain_name};

use crate::context::Context;
use crate::metrics::{self, METRICS, Metric, STATISTICS, Unit};
use crate::read::quantity::Meaning;
use crate::read::{names, predicate, quantity};
use crate::world::KindView;

/// Reads the measured condition in these terms.
#[must_use]
pub fn read(cx: &mut Context<'_>, item: &Item, terms: Terms) -> Option<Measure> {
    let list = item.get(terms).to_vec();
    if let Some(hole) = list.iter().find(|term| term.kind == TermKind::Hole) {
        cx.draft.hole(item.span(hole.range), "the condition");
        return None;
    }
    let m = written::read(item, &list);
    let span = item.span(m.range);
    let subject = subject(cx, item, &m)?;
    let metric = subject.metric;
    let mut measure = Measure {
        metric: metric.name.to_owned(),
        statistic: subject.statistic,
        of: subject.of,
        scope: None,
        sample: sample(cx, item, &m),
        comparison: Comparison::AtMost,
        bound: Bound::Number(Decimal::from(0)),
        over: over(cx, item, &m),
        within: m.within.as_ref().and_then(|v| quantity::duration_of(cx, item, v, Meaning::Civil)),
    };
    if let Some(pred) = &m.only
        && let Some(kind) = subject.kind.or_else(|| cx.world.source().and_then(|s| s.tickets()))
    {
        measure.scope = Some(predicate::lower(cx, kind, item, pred));
    }
    let Some((comparison, bound)) = m.op.zip(m.bound.as_ref()) else {
        cx.push(
            Diagnostic::error("metrics/no-number", "a condition has no number")
                .primary(span, "too vague to manage: what must the number be?")
                .help("compare it: `missing tickets at most 0`"),
        );
        return None;
    };
    measure.comparison = comparison_of(cx, item, comparison)?;
    measure.bound = bound_of(cx, item, bound, metric, m.of_baseline)?;
    if let Some(extra) = m.extra {
        cx.push(
            Diagnostic::error("metrics/extra-words", "these words have no place in a condition")
                .primary(item.span(extra), "not understood here")
                .help("a condition reads: metric, `of` what, `(where ...)`, comparison, number, `within` or `over`"),
        );
    }
    Some(measure)
}

/// The metric of some words, as in `report volume, backlog_age`.
#[must_use]
pub fn metric(cx: &mut Context<'_>, item: &Item, term: Term) -> Option<&'static Metric> {
    let span = item.span(term.range);
    let name = plain_name(item.raw(term)).into_owned();
    let found = metrics::find(&name);
    if found.is_none() {
        unknown(cx, span, &name);
    }
    found
}

fn unknown(cx: &mut Context<'_>, span: Span, name: &str) {
    let diagnostic = Diagnostic::error("metrics/unknown", "this metric is not in the library")
        .primary(span, "nothing measures this")
        .help("docs/language/metrics.md lists what can be measured");
    cx.push(names::did_you_mean(diagnostic, span, name, METRICS.iter().map(|m| m.name)));
}

struct Subject<'a> {
    metric: &'static Metric,
    statistic: Option<String>,
    of: Vec<String>,
    kind: Option<&'a KindView<'a>>,
}

/// Metric, statistic and what it is taken of.
fn subject<'a>(cx: &mut Context<'a>, item: &Item, m: &written::Measure<'_>) -> Option<Subject<'a>> {
    let span = m.words.first().zip(m.words.last()).map(|(a, b)| item.span(a.1.to(b.1)));
    let Some(span) = span else {
        cx.push(
            Diagnostic::error("metrics/missing", "a condition begins with what is measured")
                .primary(item.span(m.range), "no metric")
                .help("write `missing tickets at most 0`"),
        );
        return None;
    };
    let mut words: Vec<(&str, Range)> = m.words.clone();
    let statistic = words.first().filter(|(w, _)| STATISTICS.contains(w)).map(|(w, _)| (*w).to_owned());
    if statistic.is_some() {
        words.remove(0);
    }
    let joined =
        |words: &[(&str, Range)]| words.iter().map(|(w, _)| plain_name(w)).collect::<Vec<_>>().join("_");
    let mut of: Vec<(String, Range)> = m.of.iter().map(|(w, r)| (plain_name(w).into_owned(), *r)).collect();
    let mut found = metrics::find(&joined(&words));
    if found.is_none()
        && let Some(((noun, range), rest)) = words.split_last()
    {
        found = metrics::find(&joined(rest)).filter(|metric| metric.of);
        if found.is_some() {
            of.insert(0, (plain_name(noun).into_owned(), *range));
        }
    }
    let Some(metric) = found else {
        if !compared_oddly(cx, item, m, &|count| metrics::find(&joined(words.get(..count)?)), &words) {
            unknown(cx, span, &joined(&words));
        }
        return None;
    };
    if metric.statistic && statistic.is_none() {
        cx.push(
            Diagnostic::error("metrics/statistic", "this metric has one value a ticket")
                .primary(span, "over all tickets: which of them?")
                .help("say `median`, `mean`, `p90` or `p95` before it"),
        );
    }
    if !metric.statistic && statistic.is_some() {
        cx.push(
            Diagnostic::error("metrics/statistic#none", "this metric is one number already")
                .primary(span, "there is nothing to take a statistic of")
                .help("leave out `median`, `mean`, `p90` or `p95`"),
        );
    }
    let mut kind = None;
    for (name, range) in &of {
        kind = kind.or(subject_kind(cx, item, name, *range));
    }
    if metric.of && of.is_empty() {
        cx.push(
            Diagnostic::error("metrics/of-missing", "this metric is taken of something")
                .primary(span, "of what?")
                .help(format!("name it: `{} of tickets`", metric.name.replace('_', " "))),
        );
    }
    Some(Subject { metric, statistic, of: of.into_iter().map(|(name, _)| name).collect(), kind })
}

/// The comparisons of numbers, as they are written.
const COMPARISONS: &[&str] = &["at least", "at most", "is", "less than", "more than"];

/// Tells of words behind a metric that would compare it if they were spelled otherwise, and says whether there are some.
fn compared_oddly(
    cx: &mut Context<'_>,
    item: &Item,
    m: &written::Measure<'_>,
    metric: &dyn Fn(usize) -> Option<&'static Metric>,
    words: &[(&str, Range)],
) -> bool {
    if m.op.is_some() {
        return false;
    }
    let known = (1..words.len()).rev().find_map(|count| Some((count, metric(count)?)));
    let Some((count, metric)) = known else { return false };
    // What it is taken of comes first: `missing tickets`.
    let known = if metric.of && m.of.is_empty() { count + 1 } else { count };
    let rest = words.get(known..).unwrap_or_default();
    let Some((first, last)) = rest.first().zip(rest.last()) else { return false };
    let span = item.span(first.1.to(last.1));
    let said = rest.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" ");
    let diagnostic = Diagnostic::error("metrics/comparison#words", "a number is compared in another way")
        .primary(span, "compares nothing")
        .help("write `at most`, `at least`, `more than`, `less than` or `is`");
    cx.push(names::did_you_mean(diagnostic, span, &said, COMPARISONS.iter().copied()));
    true
}

/// What a metric is taken of: a kind of source or target, or a declared integration.
fn subject_kind<'a>(cx: &mut Context<'a>, item: &Item, name: &str, range: Range) -> Option<&'a KindView<'a>> {
    let world = cx.world;
    if let Some(kind) =
        world.source().and_then(|s| s.kind(name)).or_else(|| world.target().and_then(|t| t.kind(name)))
    {
        return Some(kind);
    }
    if cx.names.item(ItemKw::Integration, name).is_some() {
        return None;
    }
    let known = [world.source(), world.target()].into_iter().flatten().all(|s| s.catalog.is_some());
    if known {
        let span = item.span(range);
        let mut candidates: Vec<&str> = cx.names.all(ItemKw::Integration);
        candidates.extend(world.source().into_iter().flat_map(|s| s.kinds.iter().map(|k| k.plural.as_str())));
        let diagnostic = Diagnostic::error("names/unknown-subject", "nothing is called this")
            .primary(span, format!("neither a kind of objects nor an integration is called `{name}`"));
        let diagnostic = names::did_you_mean(diagnostic, span, name, candidates);
        cx.push(diagnostic);
    }
    None
}

fn sample(cx: &mut Context<'_>, item: &Item, m: &written::Measure<'_>) -> Option<Sample> {
    let (count, noun) = m.sample.as_ref()?;
    let count = quantity::count(cx, item, count)?;
    let of = noun.map(|(name, range)| {
        let _ = subject_kind(cx, item, &plain_name(name), range);
        plain_name(name).into_owned()
    });
    Some(Sample { count, of: of.unwrap_or_default() })
}

fn over(cx: &mut Context<'_>, item: &Item, m: &written::Measure<'_>) -> Option<Over> {
    let (value, noun) = m.over.as_ref()?;
    if let Some((name, range)) = noun.filter(|(name, _)| *name != "records") {
        let _ = subject_kind(cx, item, &plain_name(name), range);
    }
    if matches!(value.kind, ValueKind::Number(_)) {
        if noun.is_none() {
            // `over 10 min` without its unit would be another trigger.
            cx.push(
                Diagnostic::error("metrics/over-what", "nobody knows over what is counted")
                    .primary(item.span(value.range), "so many records, or so long?")
                    .help("write `over 200 records`, or `over 10 min`"),
            );
        }
        return quantity::count(cx, item, value).map(Over::Records);
    }
    quantity::duration_of(cx, item, value, Meaning::Civil).map(Over::Time)
}

fn comparison_of(cx: &mut Context<'_>, item: &Item, (op, range): (Written, Range)) -> Option<Comparison> {
    Some(match op {
        Written::AtMost => Comparison::AtMost,
        Written::AtLeast => Comparison::AtLeast,
        Written::MoreThan => Comparison::MoreThan,
        Written::LessThan => Comparison::LessThan,
        Written::Is => Comparison::Is,
        _ => {
            cx.push(
                Diagnostic::error("metrics/comparison", "a number is compared in another way")
                    .primary(item.span(range), "does not compare numbers")
                    .help("write `at most`, `at least`, `more than`, `less than` or `is`"),
            );
            return None;
        }
    })
}

fn bound_of(
    cx: &mut Context<'_>,
    item: &Item,
    value: &Value<'_>,
    metric: &Metric,
    baseline: Option<(&str, Range)>,
) -> Option<Bound> {
    let span = item.span(value.range);
    if let Some((_, range)) = baseline {
        let percent = quantity::percent(cx, item, value)?;
        let term = Term { kind: TermKind::Word, range };
        let (baseline, _) = names::declared(cx, ItemKw::Baseline, item, term)?;
        return Some(Bound::OfBaseline { percent, baseline });
    }
    if matches!(value.kind, ValueKind::Hole) {
        cx.draft.hole(span, "the number");
        return None;
    }
    let made = match (metric.unit, &value.kind) {
        (Unit::Count, ValueKind::Number(text)) => Decimal::parse(text).map(Bound::Number),
        (Unit::Percent, ValueKind::Percent(text)) => Decimal::parse(text).map(Bound::Percent),
        (Unit::Duration, ValueKind::Quantity(q)) => quantity::of_quantity(*q).map(Bound::Duration),
        _ => None,
    };
    if let Some(Bound::Percent(share)) = &made
        && *share > Decimal::from(100)
    {
        cx.push(
            Diagnostic::error("types/not-meant#share", quantity::NOT_MEANT)
                .primary(span, format!("`{}` is a share, which is never above 100%", metric.name))
                .note(format!("{}: {}", metric.name, metric.means))
                .help("write a share between 0% and 100%: `99.5%`"),
        );
        return None;
    }
    if made.is_none() {
        let (expected, example) = match metric.unit {
            Unit::Count => ("a number", "0"),
            // What is a share of successes is best high, one of failures low.
            Unit::Percent if metric.name.contains("failed") => ("a percentage", "0.5%"),
            Unit::Percent => ("a percentage", "99.5%"),
            Unit::Duration => ("a length of time, or a percentage of a baseline", "60 s"),
        };
        cx.push(
            Diagnostic::error("metrics/unit", "a metric is compared with the wrong unit")
                .primary(span, format!("{expected} is expected here: `{example}`"))
                .note(format!("{}: {}", metric.name, metric.means)),
        );
    }
    made
}
