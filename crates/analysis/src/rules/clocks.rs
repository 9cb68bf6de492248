//! The clocks of the new desk are those that were promised: they begin at moments that come along, and each status does to them what the
//! policy says.

use cutover_catalog::capability::ClockAnchor;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_plan::model::{
    Clock, ClockAction, ClockEffect, ClockRule, Content, DueWritten, IMPORT, Inherited, Sla,
};

use crate::clocks::{Carried, carried, differing, due_field, inherited, moved, said, ticket_map};
use crate::context::Context;

/// Checks all clocks.
pub fn check(cx: &mut Context<'_>) {
    let carried = carried(&cx.draft.plan, cx.world);
    let (mut found, mut lost) = (Vec::new(), Vec::new());
    for (id, item) in &cx.draft.plan.items {
        let Content::Sla(sla) = &item.content else { continue };
        for clock in &sla.clocks {
            let id = id.child(&clock.name);
            lost.extend(anchor(cx, &id, clock, carried));
            found.extend(due(cx, &id, clock));
            found.extend(messages(cx, &id, clock, carried));
            found.extend(classes(cx, &id, sla, clock));
        }
    }
    found.extend(anchors(cx, lost));
    cx.draft.diagnostics.extend(found);
}

/// Whether a clock counts from the moment at which tickets were made: its finding says then that this stays behind.
pub(crate) fn count_from_creation(cx: &Context<'_>) -> bool {
    let clocks = cx.draft.plan.items.iter().filter_map(|(id, item)| match &item.content {
        Content::Sla(sla) => Some(sla.clocks.iter().map(move |clock| (id.child(&clock.name), clock))),
        _ => None,
    });
    let carried = carried(&cx.draft.plan, cx.world);
    clocks.flatten().any(|(id, clock)| anchor(cx, &id, clock, carried).is_some())
}

/// A clock that counts from a moment which no row writes counts from the import instead: where it stands, and from what it counts.
fn anchor<'p>(cx: &'p Context<'_>, id: &Id, clock: &'p Clock, carried: Carried) -> Option<(Span, &'p str)> {
    let at = *cx.draft.places.get(id)?;
    let from = clock.continuity.iter().find_map(|rule| recalculated_from(&rule.action))?;
    let source = cx.world.source()?.tickets()?;
    let canon = source.field(from)?.field.canon.as_deref();
    // A product that cannot count from it is told so elsewhere: no row helps there.
    let plan = cx.draft.plan.systems.get("target").and_then(|system| system.plan.as_deref());
    let fact = cx.world.target()?.catalog?.capabilities.sla_recalculate.as_ref();
    let counts = fact.and_then(|fact| fact.on(plan)).is_none_or(|fact| {
        fact.anchors.iter().any(|anchor| !matches!(anchor, ClockAnchor::Import | ClockAnchor::Event))
    });
    (canon == Some("created_at") && !carried.created && counts).then_some((at, from))
}

/// All clocks that count from a moment that stays behind: it is one decision about one row, so it is told once.
fn anchors(cx: &Context<'_>, mut lost: Vec<(Span, &str)>) -> Option<Diagnostic> {
    lost.sort_unstable();
    let (at, from) = *lost.first()?;
    let product = cx.world.target()?.product();
    let (map, _, to) = ticket_map(&cx.draft.plan, cx.world)?;
    let (field, _) = to.kind.by_canon("created_at")?;
    let others = || lost.iter().skip(1).map(|(at, _)| *at);
    if let Some(accepted) = cx.draft.places.get(&Id::new(["accept", "created_at"])) {
        // Somebody signed that the dates are lost; what that does to promises is still news.
        let finding = Diagnostic::warning(
            "sla/anchor-lost#accepted",
            "a clock counts from a moment that does not come along",
        )
        .primary(
            at,
            format!("in {product} it counts from the import: a promise that is broken today looks kept"),
        );
        let finding = others().fold(finding, |finding, at| finding.secondary(at, "and so does this one"));
        return Some(finding.secondary(*accepted, "here the loss of the dates is accepted").help(format!(
            "tell the agents, and say so with `allow \"sla/anchor-lost\"`; or write `{from} -> {field}` in the map after all"
        )));
    }
    let finding =
        Diagnostic::error("sla/anchor-lost", "a clock counts from a moment that does not come along").primary(
            at,
            format!("counts from `{from}`; {product} counts from its own `{field}`, which would be the time of the import"),
        );
    let finding = others().fold(finding, |finding, at| finding.secondary(at, "and so does this one"));
    let dropped = map.dropped.iter().find(|dropped| dropped.field == from);
    let place = dropped.and_then(|dropped| cx.draft.places.get(&dropped.id));
    let finding = match (place, cx.draft.places.get(&map.id)) {
        (Some(place), _) => finding.secondary(*place, "here it is left behind"),
        (None, Some(place)) => finding.secondary(*place, format!("no row writes `{field}`")),
        (None, None) => finding,
    };
    Some(finding.help(format!(
        "write `{from} -> {field}` in the map: without it every broken promise will look kept"
    )))
}

/// A clock keeps its due time, or the time that is left, in a field into which no row brings it: the new desk counts by itself then.
fn due(cx: &Context<'_>, id: &Id, clock: &Clock) -> Option<Diagnostic> {
    let at = *cx.draft.places.get(id)?;
    let keeps = clock.continuity.iter().find_map(|rule| inherited(&rule.action))?;
    let field = due_field(&cx.draft.plan, cx.world, &clock.name)?;
    let product = cx.world.target()?.product();
    let (map, from, _) = ticket_map(&cx.draft.plan, cx.world)?;
    let old = field.shown.iter().find_map(|canon| from.kind.by_canon(canon)).map(|(name, _)| name);
    let row = field.row.and_then(|row| cx.draft.places.get(&row.id));
    let fields = alternatives(&field.fields);
    let (finding, here) = match (field.written, keeps) {
        (DueWritten::Old, Inherited::Due) => return None,
        (DueWritten::Old, Inherited::Remaining) => {
            let copied = Diagnostic::warning(
                "sla/anchor-lost#copied",
                "a clock keeps the time that is left, and the map brings the old due time",
            );
            let label =
                format!("the time that is left ends there only where {product} is open at the same hours");
            let help = "write `inherit due`, which is what comes true; `cutover sla preview` computes it so";
            let copied = copied.primary(at, label).help(help);
            return Some(match row {
                Some(row) => copied.secondary(*row, "this writes the old due time as it is"),
                None => copied,
            });
        }
        (DueWritten::Unsure, _) => {
            let unsure = Diagnostic::warning(
                "sla/anchor-lost#unsure",
                "nobody can tell whether a due time comes along",
            );
            let label = format!(
                "{product} goes by {fields}, and what is written there is no due time that the old desk is known to have"
            );
            let help = match old {
                Some(old) => format!(
                    "look at ten tickets whether it is the due time of this clock, and say so with `allow \"sla/anchor-lost\"`; the old desk's own stands in `{old}`"
                ),
                None => "look at ten tickets whether it is the due time of this clock, and say so with `allow \"sla/anchor-lost\"`".to_owned(),
            };
            let unsure = unsure.primary(at, label).help(help);
            return Some(match row {
                Some(row) => unsure.secondary(*row, "this writes it"),
                None => unsure,
            });
        }
        (DueWritten::Nothing, _) if old.is_none() => {
            let none = Diagnostic::error(
                "sla/anchor-lost#none",
                "a clock keeps a due time that the old desk does not show",
            );
            let label = format!(
                "{} shows no due time of this clock, so that none can be taken over; {product} would count by itself",
                cx.world.source()?.product()
            );
            let none = none.primary(at, label).help(format!(
                "let the clock be counted anew; where a field of the account's own holds its due time, write that one into {fields}"
            ));
            return Some(match row {
                Some(row) => none.secondary(*row, "this writes another moment"),
                None => none,
            });
        }
        (DueWritten::Nothing, Inherited::Due) => (
            Diagnostic::error("sla/anchor-lost#due", "a clock keeps a due time that does not come along"),
            format!(
                "{product} goes by {fields}, and no row carries the due time there; it would count by itself"
            ),
        ),
        (DueWritten::Nothing, Inherited::Remaining) => (
            Diagnostic::error(
                "sla/anchor-lost#remaining",
                "a clock keeps the time that is left, and nothing brings it along",
            ),
            format!(
                "{product} holds what is left as a due time in {fields}, and no row carries one there; it would count by itself"
            ),
        ),
    };
    let finding = finding.primary(at, here);
    let dropped = map.dropped.iter().find(|dropped| old == Some(&*dropped.field));
    let place = dropped.and_then(|dropped| cx.draft.places.get(&dropped.id));
    let finding = match (row, place, cx.draft.places.get(&map.id)) {
        (Some(row), ..) => finding.secondary(*row, "this writes something else there"),
        (None, Some(place), _) => finding.secondary(*place, "here it is left behind"),
        (None, None, Some(place)) => finding.secondary(*place, "here it could be written"),
        (None, None, None) => finding,
    };
    let to = field.fields.first().copied().unwrap_or_default();
    let old = old.unwrap_or_default();
    Some(finding.help(format!("write `{old} -> {to}` in the map, or let the clock be counted anew")))
}

fn alternatives(fields: &[&str]) -> String {
    fields.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

/// A clock of answers and updates begins with a message, and one without its time is as old as the import.
fn messages(cx: &Context<'_>, id: &Id, clock: &Clock, carried: Carried) -> Option<Diagnostic> {
    let of_messages = matches!(&*clock.name, "next_response" | "update" | "pausable_update");
    let from = |rule: &ClockRule| recalculated_from(&rule.action).is_some_and(|from| from != IMPORT);
    let again = clock.continuity.iter().any(from);
    let at = *cx.draft.places.get(id)?;
    let product = cx.world.target()?.product();
    (of_messages && again && !carried.messages).then(|| {
        Diagnostic::warning("sla/anchor-lost#messages", "a clock counts from a moment that does not come along")
            .primary(
                at,
                format!("counts from the last message, and in {product} all messages are as old as the import"),
            )
            .help("write the time of comments in their map; where that cannot be, say so with `allow \"sla/anchor-lost\"` and tell the agents")
    })
}

/// Statuses in which the new desk's clock does something else than was promised, those of a clock together.
fn classes(cx: &Context<'_>, id: &Id, sla: &Sla, clock: &Clock) -> Option<Diagnostic> {
    let at = *cx.draft.places.get(id)?;
    let metric = clock.as_metric.as_deref()?;
    let differs = differing(&cx.draft.plan, cx.world, sla, clock);
    let mut differs = differs.into_iter().map(|(status, here, there)| {
        format!(
            "\"{status}\" {} this clock; it becomes \"{}\", {}",
            does(here),
            there.becomes,
            there_does(there.effect, metric)
        )
    });
    let first = differs.next()?;
    let catalog = cx.world.target()?.catalog?;
    let better = better(cx, sla, clock);
    let finding = Diagnostic::warning(
        "sla/class-differs",
        "a status does something else to the new desk's clock than was promised",
    )
    .primary(at, first);
    let finding = differs.fold(finding, Diagnostic::note);
    Some(finding.help(match better.as_slice() {
        [] => format!(
            "no metric of {} does what is promised in every status: translate the status into another one, or tell agents and customers, and say so with `allow \"sla/class-differs\"`",
            catalog.title
        ),
        metrics => format!("{} {} in every status: write `as {}`", listed(metrics), if metrics.len() == 1 { "does that" } else { "do that" }, metrics.first().copied().unwrap_or_default()),
    }))
}

/// The metrics of the same kind that do what is promised in every status.
fn better<'c>(cx: &Context<'c>, sla: &Sla, clock: &Clock) -> Vec<&'c str> {
    let Some((source, catalog)) = cx
        .world
        .source()
        .and_then(|source| source.tickets())
        .zip(cx.world.target().and_then(|target| target.catalog))
    else {
        return Vec::new();
    };
    let metrics = &catalog.sla.metrics;
    let kind = |canon: Option<&str>| match canon {
        // Clocks of work and of waiting are clocks of the solution; they differ in their pauses.
        Some("resolution" | "agent_work" | "requester_wait") => Some("resolution"),
        Some("update" | "pausable_update") => Some("update"),
        Some("first_response") => Some("first_response"),
        Some("next_response") => Some("next_response"),
        _ => None,
    };
    let wanted = kind(Some(&clock.name));
    let alike =
        metrics.iter().filter(|(_, metric)| wanted.is_some() && kind(metric.canon.as_deref()) == wanted);
    let fits = alike.filter(|(name, _)| {
        let clock = Clock { as_metric: Some((*name).to_owned()), ..clock.clone() };
        source.states().all(|(status, _)| {
            let there = moved(&cx.draft.plan, cx.world, &clock, status).map(|there| there.effect);
            there.is_none() || there == said(sla, &clock, status)
        })
    });
    fits.map(|(name, _)| name).collect()
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

const fn does(effect: ClockEffect) -> &'static str {
    match effect {
        ClockEffect::Runs => "runs",
        ClockEffect::Pauses => "pauses",
        ClockEffect::Stops => "stops",
    }
}

fn there_does(effect: ClockEffect, metric: &str) -> String {
    match effect {
        ClockEffect::Runs => format!("in which `{metric}` runs on"),
        ClockEffect::Pauses => format!("in which `{metric}` stands still"),
        ClockEffect::Stops => format!("in which `{metric}` is over"),
    }
}

/// The field from which a clock is counted again.
fn recalculated_from(action: &ClockAction) -> Option<&str> {
    match action {
        ClockAction::Recalculate { from } => Some(from),
        ClockAction::Suspend { then, .. } => recalculated_from(then),
        ClockAction::Inherit { .. } | ClockAction::Done => None,
    }
}
