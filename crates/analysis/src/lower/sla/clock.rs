//! One clock of a policy: its metric, its target, the target's name of it.

use cutover_catalog::catalog::Metric;
use cutover_catalog::{Catalog, canon};
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::quantity::{Duration, TimeBase};
use cutover_plan::model::Clock;
use cutover_syntax::keywords::{ClauseKw, StmtKw};
use cutover_syntax::tree::{Item, Line, TermKind};
use cutover_syntax::value::plain_name;

use super::{able, continuity};
use crate::context::Context;
use crate::lower::checks::{behind, behind_value, listed, nothing_more};
use crate::read::quantity::Meaning;
use crate::read::{common, names, quantity};

/// A clock as it is written.
pub(super) struct Written {
    /// The clock.
    pub(super) clock: Clock,
    /// Its id: `sla/premium/resolution`.
    pub(super) id: Id,
    /// The whole line.
    pub(super) span: Span,
    /// The target's metric measures something else, for want of one that measures this.
    pub(super) otherwise: bool,
}

impl Written {
    /// The line that this clock was read from.
    pub(super) fn line<'i>(&self, item: &'i Item) -> Option<&'i Line> {
        item.body_lines()
            .iter()
            .find(|line| line.statement == Some(StmtKw::Clock) && item.line_span(line) == self.span)
    }

    /// Whether it counts opening hours.
    pub(super) fn business(&self) -> bool {
        self.clock.allowed.base == TimeBase::Business
    }
}

/// Reads a clock. `None` when it has no name or no target, which is reported.
pub(super) fn read(cx: &mut Context<'_>, item: &Item, line: &Line, sla: &Id) -> Option<Written> {
    let term = item.get(line.lead).first().copied()?;
    let name = names::one_of(cx, item, term, "a metric that clocks measure", canon::METRICS)?;
    let allowed = allowed(cx, item, line);
    let id = sla.child(&name);
    let as_metric = as_metric(cx, item, line, &name, &id);
    let continuity = continuity::read(cx, item, line, as_metric.as_deref());
    let allowed = allowed?;
    able::check(cx, item, line, as_metric.as_deref(), &continuity);
    let span = item.line_span(line);
    cx.draft.place(id.clone(), span);
    let clock = Clock {
        name,
        allowed,
        held: None,
        as_metric,
        unpaused: line.has(ClauseKw::Unpaused),
        continuity,
        lossy: common::text_clause(item, line, ClauseKw::Lossy),
    };
    let catalog = cx.world.target().and_then(|target| target.catalog);
    let otherwise = catalog.is_some_and(|catalog| none_alike(catalog, &clock.name));
    Some(Written { clock, id, span, otherwise })
}

/// The time allowed, with its base.
fn allowed(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<Duration> {
    let terms = behind(line.lead, 1);
    if terms.is_empty() {
        cx.push(
            Diagnostic::error("sla/no-target", "a clock has no target")
                .primary(item.span_of(line.lead), "how long may it take?")
                .help("write the time behind the metric: `first_response 1 business hour`"),
        );
        return None;
    }
    nothing_more(cx, item, behind_value(item, item.get(terms)));
    let length = quantity::duration(cx, item, terms, Meaning::Sla)?;
    let span = item.span_of(terms);
    if length.base == TimeBase::Elapsed {
        let hours = format!("`{}`", said(length, "business"));
        let other = format!("`{}`", said(length, "calendar"));
        cx.push(
            Diagnostic::error("sla/no-base", "a promise does not say which hours count")
                .primary(span, "opening hours only, or all hours?")
                .help(format!("write {hours} or {other}")),
        );
        return None;
    }
    if length.nominal_seconds() == 0 {
        cx.push(
            Diagnostic::error("sla/no-target#zero", "a clock has no target")
                .primary(span, "a clock that allows no time is always late")
                .help("write the time that is promised; a policy that promises nothing has no such clock"),
        );
        return None;
    }
    Some(length)
}

/// A length of time with a base in the words of the language.
pub(super) fn said(length: Duration, base: &str) -> String {
    let (number, unit) = match length.seconds {
        s if s % 3600 == 0 => (s / 3600, "hour"),
        s if s % 60 == 0 => (s / 60, "min"),
        s => (s, "s"),
    };
    let plural = if unit == "hour" && number != 1 { "s" } else { "" };
    format!("{number} {base} {unit}{plural}")
}

/// The target's name of the metric: what `as` says, or the one metric that means the same.
fn as_metric(cx: &mut Context<'_>, item: &Item, line: &Line, name: &str, id: &Id) -> Option<String> {
    let target = cx.world.target()?;
    let catalog = target.catalog?;
    let metrics = &catalog.sla.metrics;
    if let Some(clause) = line.clause(ClauseKw::As) {
        let term = item.get(clause.terms).first().copied()?;
        let span = item.span(term.range);
        if term.kind == TermKind::Hole {
            cx.draft.hole(span, "the target's name of the metric");
            return None;
        }
        let said = plain_name(item.raw(term)).into_owned();
        // A catalog that knows nothing of clocks proves nothing.
        if metrics.is_empty() {
            return Some(said);
        }
        if let Some((_, metric)) = metrics.iter().find(|(metric, _)| *metric == said) {
            if other(cx, catalog, span, name, metric) {
                return None;
            }
            nearest(cx, catalog, (item, line), span, name, metric);
            return Some(said);
        }
        let list: Vec<&str> = metrics.keys().collect();
        let diagnostic = Diagnostic::error("sla/unknown-metric", "the target measures nothing of this name")
            .primary(span, format!("{} has no such metric", target.product()))
            .note(format!("it has {}", listed(&list)));
        cx.push(names::did_you_mean(diagnostic, span, &said, list));
        return None;
    }
    if metrics.is_empty() {
        return None;
    }
    let same: Vec<&str> = metrics
        .iter()
        .filter(|(_, metric)| metric.canon.as_deref() == Some(name))
        .map(|(metric, _)| metric)
        .collect();
    if let [only] = same.as_slice() {
        cx.draft.take_default(
            &id.child("as"),
            &format!("which metric of the target measures `{name}`"),
            *only,
        );
        return Some((*only).to_owned());
    }
    let list: Vec<&str> = if same.is_empty() { metrics.keys().collect() } else { same };
    cx.push(
        Diagnostic::error("sla/no-metric", "nobody says by which metric the target measures a clock")
            .primary(
                item.line_span(line),
                format!("{} has no single metric that means `{name}`", target.product()),
            )
            .help(format!("add `as` and one of {}", listed(&list))),
    );
    None
}

/// What a metric measures in the end: clocks of work, of waiting and of the whole time differ in their pauses only.
fn measures(canon: &str) -> &str {
    match canon {
        "agent_work" | "requester_wait" => "resolution",
        "pausable_update" => "update",
        other => other,
    }
}

/// Whether the target has metrics, and none of them measures this clock.
fn none_alike(catalog: &Catalog, name: &str) -> bool {
    let is = |metric: &Metric| metric.canon.as_deref().is_none_or(|canon| measures(canon) == measures(name));
    !catalog.sla.metrics.is_empty() && !catalog.sla.metrics.iter().any(|(_, metric)| is(metric))
}

/// Reports a metric of the target that means something else, where it has none that means this and nobody has accepted that.
fn nearest(
    cx: &mut Context<'_>,
    catalog: &Catalog,
    (item, line): (&Item, &Line),
    span: Span,
    name: &str,
    metric: &Metric,
) {
    if !none_alike(catalog, name) || common::text_clause(item, line, ClauseKw::Lossy).is_some() {
        return;
    }
    cx.push(
        Diagnostic::error("sla/other-metric#nearest", "the target's metric measures something else than this clock")
            .primary(span, format!("“{}” does not measure a {}", metric.title, name.replace('_', " ")))
            .note(format!("{} has no metric that does", catalog.title))
            .help("leave this clock out and watch these tickets in a list; or accept that it ends with something else: add `lossy \"...\"` at the end of the line"),
    );
}

/// Reports a metric of the target that means something else, where the target has one that means this. Which comes nearest where it has
/// none is for people to decide.
fn other(cx: &mut Context<'_>, catalog: &Catalog, span: Span, name: &str, metric: &Metric) -> bool {
    let is = |metric: &Metric| metric.canon.as_deref().is_some_and(|canon| measures(canon) == measures(name));
    let same: Vec<&str> =
        catalog.sla.metrics.iter().filter(|(_, metric)| is(metric)).map(|(name, _)| name).collect();
    if same.is_empty() || metric.canon.is_none() || is(metric) {
        return false;
    }
    cx.push(
        Diagnostic::error("sla/other-metric", "the target's metric measures something else than this clock")
            .primary(span, format!("“{}” does not measure a {}", metric.title, name.replace('_', " ")))
            .help(format!("write `as` and one of {}", listed(&same))),
    );
    true
}
