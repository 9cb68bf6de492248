//! Whether the target can do with clocks what the spec asks of it.

use cutover_catalog::Catalog;
use cutover_catalog::capability::{Ability, ClockAnchor, InheritRemaining, SuspendHow};
use cutover_catalog::fact::{Fact, Mark};
use cutover_catalog::kind::Route;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_plan::model::{ClockAction, ClockRule, IMPORT, Inherited};
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
pub(super) fn check(cx: &mut Context<'_>, item: &Item, line: &Line, continuity: &[ClockRule]) {
    for rule in continuity {
        action(cx, item, line, &rule.action);
    }
}

fn action(cx: &mut Context<'_>, item: &Item, line: &Line, action: &ClockAction) {
    let Some(catalog) = cx.world.target().and_then(|target| target.catalog) else { return };
    let plan = plan(cx);
    let plan = plan.as_deref();
    let span =
        |keyword| line.clause(keyword).map_or_else(|| item.line_span(line), |clause| item.span(clause.range));
    match action {
        ClockAction::Inherit { keeps } => {
            let able = inherit(cx, catalog, plan, *keeps);
            report(cx, catalog, plan, span(ClauseKw::Inherit), Asked::Inherit, able);
        }
        ClockAction::Recalculate { from } => {
            let able = recalculate(cx, catalog, plan, from);
            report(cx, catalog, plan, span(ClauseKw::Recalculate), Asked::Recalculate, able);
        }
        ClockAction::Suspend { then, .. } => {
            let able = suspend(catalog, plan);
            report(cx, catalog, plan, span(ClauseKw::Suspend), Asked::Suspend, able);
            self::action(cx, item, line, then);
        }
        ClockAction::Done => {}
    }
}

/// The target's subscription.
fn plan(cx: &Context<'_>) -> Option<String> {
    cx.draft.plan.systems.get("target").and_then(|system| system.plan.clone())
}

fn inherit(cx: &Context<'_>, catalog: &Catalog, plan: Option<&str>, keeps: Inherited) -> Able {
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
            let created =
                anchors(catalog, plan).is_some_and(|anchors| anchors.contains(&ClockAnchor::Created));
            let why = match how {
                InheritRemaining::Never => "it has no way to give a clock the time that is left".to_owned(),
                InheritRemaining::ByCreated => {
                    "that is possible only by moving the time of creation, which falsifies history".to_owned()
                }
                InheritRemaining::ByPolicy if created => {
                    "its clocks count from the creation of the ticket, so the time left would be over at once"
                        .to_owned()
                }
                // What is left is written as a due time.
                InheritRemaining::ByDue => match inherit(cx, catalog, plan, Inherited::Due) {
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

fn recalculate(cx: &Context<'_>, catalog: &Catalog, plan: Option<&str>, from: &str) -> Able {
    let Some((fact, mark, note)) = known(catalog, catalog.capabilities.sla_recalculate.as_ref(), plan) else {
        return Able::Unknown;
    };
    let field = cx.world.source().and_then(|source| source.tickets()).and_then(|tickets| tickets.field(from));
    let anchor = match field.and_then(|field| field.field.canon.as_deref()) {
        _ if from == IMPORT => ClockAnchor::Import,
        Some("created_at") => ClockAnchor::Created,
        Some("last_contact_at") => ClockAnchor::LastReply,
        _ => ClockAnchor::Field,
    };
    if fact.anchors.contains(&anchor) || fact.anchors.contains(&ClockAnchor::History) {
        return Able::Yes(mark);
    }
    if fact.anchors.is_empty() {
        return Able::No { why: "no clock of it runs for a ticket that was imported".to_owned(), note, mark };
    }
    let counted: Vec<&str> = fact.anchors.iter().map(|anchor| anchor.describe()).collect();
    Able::No { why: format!("it counts from {}", counted.join(" or ")), note: None, mark }
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

fn anchors<'c>(catalog: &'c Catalog, plan: Option<&str>) -> Option<&'c [ClockAnchor]> {
    let fact = catalog.capabilities.sla_recalculate.as_ref()?.on(plan)?;
    Some(&fact.anchors)
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

fn report(cx: &mut Context<'_>, catalog: &Catalog, plan: Option<&str>, span: Span, asked: Asked, able: Able) {
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
            let help = alternatives(cx, catalog, plan, asked);
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
fn alternatives(cx: &Context<'_>, catalog: &Catalog, plan: Option<&str>, asked: Asked) -> String {
    let ways = possible(cx, catalog, plan, asked != Asked::Suspend);
    if ways.is_empty() {
        return format!(
            "{} offers no other way; `done if answered else` at least ends the clocks that are met",
            catalog.title
        );
    }
    format!("{} can do {}; before it may stand `done if answered else`", catalog.title, ways.join(" or "))
}

/// The ways in which a clock can go on in the target.
fn possible(cx: &Context<'_>, catalog: &Catalog, plan: Option<&str>, still: bool) -> Vec<String> {
    let anew = from(cx, anchors(catalog, plan).unwrap_or_default());
    let still = still && matches!(suspend(catalog, plan), Able::Yes(_));
    let inherited = [
        (matches!(inherit(cx, catalog, plan, Inherited::Due), Able::Yes(_)), "`inherit due`"),
        (matches!(inherit(cx, catalog, plan, Inherited::Remaining), Able::Yes(_)), "`inherit remaining`"),
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
fn from(cx: &Context<'_>, anchors: &[ClockAnchor]) -> Vec<(String, bool)> {
    let tickets = cx.world.source().and_then(|source| source.tickets());
    let named = |canon: &str| {
        let (name, _) = tickets?.kind.by_canon(canon)?;
        Some(name.to_owned())
    };
    let ways = anchors.iter().filter_map(|anchor| match anchor {
        ClockAnchor::Created => Some((named("created_at").unwrap_or_else(|| "created_at".to_owned()), false)),
        ClockAnchor::LastReply => Some((named("last_contact_at")?, false)),
        ClockAnchor::Import => Some((IMPORT.to_owned(), true)),
        _ => None,
    });
    ways.collect()
}

/// The ways in which a clock can go on, for help: those of the target, or all when it is not known.
pub(super) fn ways(cx: &Context<'_>) -> String {
    let plan = plan(cx);
    let target = cx.world.target().and_then(|target| target.catalog);
    let ways = target.map(|catalog| possible(cx, catalog, plan.as_deref(), true)).unwrap_or_default();
    if ways.is_empty() {
        return "`inherit due`, `recalculate from created_at` or `suspend until checks pass then recalculate from created_at`".to_owned();
    }
    ways.join(" or ")
}

/// The ways to count a clock anew, for help, behind some words: those of the target. Where it has none, the other ways.
pub(super) fn anew(cx: &Context<'_>, before: &str) -> String {
    let Some(catalog) = cx.world.target().and_then(|target| target.catalog) else {
        return said(before, "created_at", false);
    };
    let plan = plan(cx);
    let anew = from(cx, anchors(catalog, plan.as_deref()).unwrap_or_default());
    if anew.is_empty() {
        return ways(cx);
    }
    anew.iter().map(|(way, lossy)| said(before, way, *lossy)).collect::<Vec<_>>().join(" or ")
}

/// How a clock that stands still goes on, for help.
pub(super) fn still(cx: &Context<'_>) -> String {
    let catalog = cx.world.target().and_then(|target| target.catalog);
    let plan = plan(cx);
    let anchors = catalog.and_then(|catalog| anchors(catalog, plan.as_deref())).unwrap_or_default();
    let anew = from(cx, anchors).into_iter().next();
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
