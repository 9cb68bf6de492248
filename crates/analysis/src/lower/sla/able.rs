//! Whether the target can do with clocks what the spec asks of it.

use std::borrow::Cow;

use cutover_catalog::Catalog;
use cutover_catalog::capability::{Ability, ClockAnchor, InheritRemaining, SuspendHow};
use cutover_catalog::fact::{Fact, Mark};
use cutover_catalog::kind::Route;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_plan::model::{ClockAction, ClockRule, IMPORT, Inherited, LAST_AGENT, LAST_CUSTOMER};
use cutover_syntax::keywords::ClauseKw;
use cutover_syntax::tree::{Item, Line};

use crate::context::Context;

/// What a catalog says about an action.
enum Able {
    Yes(Mark),
    No { why: String, note: Option<String>, mark: Mark },
    Unknown,
}

/// Reports the actions of a clock that the target cannot do.
pub(super) fn check(
    cx: &mut Context<'_>,
    item: &Item,
    line: &Line,
    metric: Option<&str>,
    continuity: &[ClockRule],
) {
    for rule in continuity {
        action(cx, item, line, metric, &rule.action);
    }
}

fn action(cx: &mut Context<'_>, item: &Item, line: &Line, metric: Option<&str>, action: &ClockAction) {
    let Some(catalog) = cx.world.target().and_then(|target| target.catalog) else { return };
    let plan = plan(cx);
    let plan = plan.as_deref();
    let target = (catalog, plan);
    let span =
        |keyword| line.clause(keyword).map_or_else(|| item.line_span(line), |clause| item.span(clause.range));
    match action {
        ClockAction::Inherit { keeps } => {
            let able = inherit(cx, catalog, plan, metric, *keeps);
            report(cx, target, metric, span(ClauseKw::Inherit), Asked::Inherit, able);
        }
        ClockAction::Recalculate { from } => {
            let able = recalculate(cx, catalog, plan, metric, from);
            report(cx, target, metric, span(ClauseKw::Recalculate), Asked::Recalculate, able);
        }
        ClockAction::Suspend { then, .. } => {
            let able = suspend(catalog, plan);
            report(cx, target, metric, span(ClauseKw::Suspend), Asked::Suspend, able);
            self::action(cx, item, line, metric, then);
        }
        ClockAction::Done => {}
    }
}

/// The target's subscription.
fn plan(cx: &Context<'_>) -> Option<String> {
    cx.draft.plan.systems.get("target").and_then(|system| system.plan.clone())
}

fn inherit(
    cx: &Context<'_>,
    catalog: &Catalog,
    plan: Option<&str>,
    metric: Option<&str>,
    keeps: Inherited,
) -> Able {
    match keeps {
        Inherited::Due => {
            let Some((due, mark, _)) = known(catalog, catalog.capabilities.sla_inherit_due.as_ref(), plan)
            else {
                return Able::Unknown;
            };
            let why = match due.how {
                Ability::Never => "no clock of it goes by a due time that somebody wrote".to_owned(),
                // Tickets that come in that way bring their due times along.
                Ability::AdminFile if loaded(cx, Route::AdminFile) => return Able::Yes(mark),
                Ability::Database if loaded(cx, Route::Database) => return Able::Yes(mark),
                Ability::AdminFile | Ability::Database => {
                    format!("due times can be written only {}", due.how.describe())
                }
                _ => return Able::Yes(mark),
            };
            let note = due.when.as_deref().or(due.until.as_deref()).map(str::to_owned);
            Able::No { why, note, mark }
        }
        Inherited::Remaining => {
            let fact = catalog.capabilities.sla_inherit_remaining.as_ref();
            let Some((how, mark, note)) = known(catalog, fact, plan) else { return Able::Unknown };
            let past = |anchor: &ClockAnchor| {
                matches!(anchor, ClockAnchor::Created | ClockAnchor::LastCustomer | ClockAnchor::LastAgent)
            };
            let past =
                anchors(catalog, plan, metric).and_then(|(anchors, _)| anchors.iter().copied().find(past));
            let why = match how {
                InheritRemaining::Never => "it has no way to give a clock the time that is left".to_owned(),
                InheritRemaining::ByCreated => {
                    "that is possible only by moving the time of creation, which falsifies history".to_owned()
                }
                InheritRemaining::ByPolicy if past.is_some() => format!(
                    "its clocks count from {}, so the time left would be over at once",
                    past.map_or("the past", ClockAnchor::describe)
                ),
                // What is left is written as a due time.
                InheritRemaining::ByDue => match inherit(cx, catalog, plan, metric, Inherited::Due) {
                    Able::Yes(_) => return Able::Yes(mark),
                    other => return other,
                },
                InheritRemaining::ByPolicy => return Able::Yes(mark),
            };
            Able::No { why, note, mark }
        }
    }
}

/// Whether tickets get into the target in this way.
fn loaded(cx: &Context<'_>, route: Route) -> bool {
    let tickets = cx.world.target().and_then(|target| target.tickets());
    tickets.and_then(|tickets| tickets.kind.load.as_ref()).is_some_and(|load| load.how == route)
}

fn recalculate(
    cx: &Context<'_>,
    catalog: &Catalog,
    plan: Option<&str>,
    metric: Option<&str>,
    from: &str,
) -> Able {
    let Some((_, mark, note)) = known(catalog, catalog.capabilities.sla_recalculate.as_ref(), plan) else {
        return Able::Unknown;
    };
    let Some((anchors, own)) = anchors(catalog, plan, metric) else { return Able::Unknown };
    // What nobody has shown of the metric is not shown of the clock either.
    let mark = if own == Some(Mark::Unverified) { Mark::Unverified } else { mark };
    if anchors.contains(&written(cx, from)) || anchors.contains(&ClockAnchor::History) {
        return Able::Yes(mark);
    }
    if anchors.is_empty() {
        return Able::No { why: "no clock of it runs for a ticket that was imported".to_owned(), note, mark };
    }
    let counted: Vec<&str> = anchors.iter().map(|anchor| anchor.describe()).collect();
    let what = metric.filter(|_| own.is_some()).and_then(|metric| catalog.sla.metrics.get(metric));
    let what =
        what.map_or_else(|| "it".to_owned(), |metric| format!("“{}” of an imported ticket", metric.title));
    Able::No { why: format!("{what} counts from {}", counted.join(" or ")), note: None, mark }
}

/// From when a clock counts by the word of the spec: a word of the language, or a field of the source.
fn written(cx: &Context<'_>, from: &str) -> ClockAnchor {
    let tickets = cx.world.source().and_then(|source| source.tickets());
    let canon = tickets.and_then(|tickets| tickets.field(from)?.field.canon.as_deref());
    match (from, canon) {
        (IMPORT, _) => ClockAnchor::Import,
        (LAST_CUSTOMER, _) | (_, Some("last_customer_at")) => ClockAnchor::LastCustomer,
        (LAST_AGENT, _) | (_, Some("last_agent_at")) => ClockAnchor::LastAgent,
        (_, Some("created_at")) => ClockAnchor::Created,
        _ => ClockAnchor::Field,
    }
}

fn suspend(catalog: &Catalog, plan: Option<&str>) -> Able {
    let Some((fact, mark, note)) = known(catalog, catalog.capabilities.sla_suspend.as_ref(), plan) else {
        return Able::Unknown;
    };
    if fact.how.iter().any(|how| *how != SuspendHow::Never) {
        return Able::Yes(mark);
    }
    Able::No { why: "nothing keeps its clocks from running".to_owned(), note, mark }
}

/// From when the clocks of imported tickets can count: by the metric, with how far that can be trusted, where the catalog tells it of
/// the metric, else by what it tells of the product.
fn anchors<'c>(
    catalog: &'c Catalog,
    plan: Option<&str>,
    metric: Option<&str>,
) -> Option<(Cow<'c, [ClockAnchor]>, Option<Mark>)> {
    let all = &catalog.capabilities.sla_recalculate.as_ref()?.on(plan)?.anchors;
    let metric = metric.and_then(|metric| catalog.sla.metrics.get(metric));
    let own = metric.and_then(|metric| Some((metric, metric.anchor_of_imported()?)));
    // A team's catalog may say of the product what its metrics do not say yet.
    let told = |anchor| all.contains(&anchor) && !matches!(anchor, ClockAnchor::Field | ClockAnchor::History);
    let own = own.filter(|(_, anchor)| told(*anchor));
    let Some((metric, anchor)) = own else { return Some((Cow::Borrowed(all), None)) };
    let from = if metric.from.is_empty() { &catalog.sla.from } else { &metric.from };
    let mark = catalog.mark_of(metric.mark.or(catalog.sla.mark), from);
    Some((Cow::Owned(vec![anchor]), Some(mark)))
}

/// The value of a fact on a plan, how far it can be trusted, and its note.
fn known<'c, T>(
    catalog: &Catalog,
    fact: Option<&'c Fact<T>>,
    plan: Option<&str>,
) -> Option<(&'c T, Mark, Option<String>)> {
    let fact = fact?;
    let note = fact.note.as_deref().map(str::to_owned);
    Some((fact.on(plan)?, catalog.mark_of(fact.mark, &fact.from), note))
}

/// What the spec asks of the target.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Inherit,
    Recalculate,
    Suspend,
}

fn report(
    cx: &mut Context<'_>,
    (catalog, plan): (&Catalog, Option<&str>),
    metric: Option<&str>,
    span: Span,
    asked: Asked,
    able: Able,
) {
    let product = &catalog.title;
    match able {
        Able::Yes(Mark::Unverified) => {
            cx.push(probe(span, format!("{product} probably can do this, but nobody has shown it")))
        }
        Able::Yes(_) => {}
        Able::Unknown => cx.push(probe(span, format!("nobody has shown that {product} can do this"))),
        // An error never rests on something that nobody has shown.
        Able::No { why, mark: Mark::Unverified, .. } => {
            cx.push(probe(span, format!("as far as known {product} cannot do this: {why}")));
        }
        Able::No { why, note, .. } => {
            let label = format!("{product}: {why}");
            let diagnostic = Diagnostic::error("sla/target-cannot", "the target cannot do this with a clock")
                .primary(span, label);
            let diagnostic = match note {
                Some(note) => diagnostic.note(note),
                None => diagnostic,
            };
            let help = alternatives(cx, catalog, plan, metric, asked);
            cx.push(diagnostic.help(help));
        }
    }
}

fn probe(span: Span, label: String) -> Diagnostic {
    Diagnostic::warning("sla/needs-probe", "what the target does with clocks has to be tried")
        .primary(span, label)
        .help("try it with one ticket in the sandbox before the rehearsal")
}

/// What the target can do instead. What it cannot do at all is not offered again.
fn alternatives(
    cx: &Context<'_>,
    catalog: &Catalog,
    plan: Option<&str>,
    metric: Option<&str>,
    asked: Asked,
) -> String {
    let ways = possible(cx, catalog, plan, metric, asked != Asked::Suspend);
    if ways.is_empty() {
        return format!(
            "{} offers no other way; `done if answered else` at least ends the clocks that are met",
            catalog.title
        );
    }
    format!("{} can do {}; before it may stand `done if answered else`", catalog.title, ways.join(" or "))
}

/// The ways in which a clock can go on in the target.
fn possible(
    cx: &Context<'_>,
    catalog: &Catalog,
    plan: Option<&str>,
    metric: Option<&str>,
    still: bool,
) -> Vec<String> {
    let anew = from(cx, catalog, plan, metric);
    let still = still && matches!(suspend(catalog, plan), Able::Yes(_));
    let inherited = [
        (matches!(inherit(cx, catalog, plan, metric, Inherited::Due), Able::Yes(_)), "`inherit due`"),
        (
            matches!(inherit(cx, catalog, plan, metric, Inherited::Remaining), Able::Yes(_)),
            "`inherit remaining`",
        ),
    ];
    let mut ways: Vec<String> =
        inherited.iter().filter(|(able, _)| *able).map(|(_, way)| (*way).to_owned()).collect();
    ways.extend(anew.iter().map(|(way, lossy)| said("", way, *lossy)));
    // One such way shows how the others look.
    let held = anew.first().filter(|_| still);
    ways.extend(held.map(|(way, lossy)| said("suspend until checks pass then ", way, *lossy)));
    ways
}

fn said(before: &str, way: &str, lossy: bool) -> String {
    let why = if lossy { " with `lossy \"...\"`" } else { "" };
    format!("`{before}recalculate from {way}`{why}")
}

/// From what a clock can be counted anew, by what the target does, and whether that has to be accepted in writing.
fn from(
    cx: &Context<'_>,
    catalog: &Catalog,
    plan: Option<&str>,
    metric: Option<&str>,
) -> Vec<(String, bool)> {
    let tickets = cx.world.source().and_then(|source| source.tickets());
    let named = |canon: &str, otherwise: &str| {
        let field = tickets.and_then(|tickets| tickets.kind.by_canon(canon));
        field.map_or_else(|| otherwise.to_owned(), |(name, _)| name.to_owned())
    };
    let Some((anchors, _)) = anchors(catalog, plan, metric) else { return Vec::new() };
    let ways = anchors.iter().filter_map(|anchor| match anchor {
        ClockAnchor::Created => Some((named("created_at", "created_at"), false)),
        ClockAnchor::LastCustomer => Some((named("last_customer_at", LAST_CUSTOMER), false)),
        ClockAnchor::LastAgent => Some((named("last_agent_at", LAST_AGENT), false)),
        ClockAnchor::Import => Some((IMPORT.to_owned(), true)),
        _ => None,
    });
    ways.collect()
}

/// The ways in which a clock can go on, for help: those of the target, or all when it is not known.
pub(super) fn ways(cx: &Context<'_>, metric: Option<&str>) -> String {
    let plan = plan(cx);
    let target = cx.world.target().and_then(|target| target.catalog);
    let ways = target.map(|catalog| possible(cx, catalog, plan.as_deref(), metric, true)).unwrap_or_default();
    if ways.is_empty() {
        return "`inherit due`, `recalculate from created_at` or `suspend until checks pass then recalculate from created_at`".to_owned();
    }
    ways.join(" or ")
}

/// The ways to count a clock anew, for help, behind some words: those of the target. Where it has none, the other ways.
pub(super) fn anew(cx: &Context<'_>, metric: Option<&str>, before: &str) -> String {
    let Some(catalog) = cx.world.target().and_then(|target| target.catalog) else {
        return said(before, "created_at", false);
    };
    let plan = plan(cx);
    let anew = from(cx, catalog, plan.as_deref(), metric);
    if anew.is_empty() {
        return ways(cx, metric);
    }
    anew.iter().map(|(way, lossy)| said(before, way, *lossy)).collect::<Vec<_>>().join(" or ")
}

/// How a clock that stands still goes on, for help.
pub(super) fn still(cx: &Context<'_>, metric: Option<&str>) -> String {
    let catalog = cx.world.target().and_then(|target| target.catalog);
    let plan = plan(cx);
    let anew = catalog.and_then(|catalog| from(cx, catalog, plan.as_deref(), metric).into_iter().next());
    let (way, lossy) = anew.unwrap_or_else(|| ("created_at".to_owned(), false));
    said("suspend until checks pass then ", &way, lossy)
}

/// Whether the target counts a clock anew without knowing its earlier pauses. Unknown counts as yes: the spec then says it.
pub(super) fn forgets_pauses(cx: &Context<'_>) -> bool {
    let Some(catalog) = cx.world.target().and_then(|target| target.catalog) else { return false };
    let plan = plan(cx);
    let fact = catalog.capabilities.sla_recalculate.as_ref().and_then(|fact| fact.on(plan.as_deref()));
    fact.is_none_or(|fact| !fact.pauses_known)
}

/// Reports features that clocks need and that the target's subscription lacks.
pub(super) fn features(cx: &mut Context<'_>, item: &Item, head: &Line, more: &[&str]) {
    let Some(catalog) = cx.world.target().and_then(|target| target.catalog) else { return };
    let Some(said) = plan(cx) else { return };
    let Some((name, plan)) = catalog.plans.iter().find(|(name, _)| **name == said) else { return };
    for feature in ["sla"].iter().chain(more) {
        // A feature that no plan names is on every plan.
        let on: Vec<&str> = catalog
            .plans
            .iter()
            .filter(|(_, plan)| plan.features.contains(feature))
            .map(|(name, _)| name)
            .collect();
        if on.is_empty() || plan.features.contains(feature) {
            continue;
        }
        let what = if *feature == "sla" { "policies with clocks" } else { "opening hours" };
        let list: Vec<String> = on.iter().map(|plan| format!("\"{plan}\"")).collect();
        cx.push(
            Diagnostic::error("sla/not-on-plan", "the target's subscription has no clocks like these")
                .primary(item.line_span(head), format!("{} on \"{name}\" has no {what}", catalog.title))
                .help(format!(
                    "they come with {}; another plan costs money, so settle it before anything else",
                    list.join(", ")
                )),
        );
        return;
    }
}
