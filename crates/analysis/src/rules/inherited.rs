//! What the spec says of clocks comes true in the target: a due time that is taken over lasts, and a clock that counts by history has some.

use cutover_catalog::Catalog;
use cutover_catalog::capability::{Ability, ClockAnchor};
use cutover_catalog::fact::Mark;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::map::Map;
use cutover_plan::model::{ClockAction, Content};

use crate::clocks::inherited;
use crate::context::Context;
use crate::world::System;

/// Checks the clocks that go on in the target.
pub fn check(cx: &mut Context<'_>) {
    let Some((target, catalog)) = cx.world.target().and_then(|target| Some((target, target.catalog?))) else {
        return;
    };
    let plan = cx.draft.plan.systems.get(&*target.name).and_then(|system| system.plan.clone());
    let found: Vec<Diagnostic> = history(cx, catalog, plan.as_deref())
        .into_iter()
        .chain(overwritten(cx, target, catalog, plan.as_deref()))
        .collect();
    cx.draft.diagnostics.extend(found);
}

/// The clocks of the spec that go on in a way, with their places.
fn clocks(cx: &Context<'_>, way: fn(&ClockAction) -> bool) -> Vec<Span> {
    let mut spans = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let Content::Sla(sla) = &item.content else { continue };
        let those = sla.clocks.iter().filter(|clock| clock.continuity.iter().any(|rule| way(&rule.action)));
        spans.extend(those.filter_map(|clock| cx.draft.places.get(&id.child(&clock.name)).copied()));
    }
    spans.sort_unstable();
    spans
}

/// A product that counts by the history of a ticket counts nothing where an import brings none. Told once, at the first clock.
fn history(cx: &Context<'_>, catalog: &Catalog, plan: Option<&str>) -> Option<Diagnostic> {
    let fact = catalog.capabilities.sla_recalculate.as_ref()?;
    let by_history = fact.on(plan)?.anchors.contains(&ClockAnchor::History);
    let written = catalog.capabilities.status_history.as_ref().and_then(|fact| fact.on(plan));
    let brought = written.is_some_and(|how| *how != Ability::Never);
    if !by_history || brought || catalog.mark_of(fact.mark, &fact.from) == Mark::Unverified {
        return None;
    }
    let spans = clocks(cx, recalculates);
    let found = Diagnostic::warning("sla/no-history", "clocks stand still until somebody starts them")
        .primary(
            *spans.first()?,
            format!("{} counts by the history of a ticket, and imported tickets have none", catalog.title),
        );
    let found = match spans.len() {
        1 => found,
        more => found.note(format!("{more} clocks of the spec are counted again like this")),
    };
    let found = match fact.note.as_deref() {
        Some(note) => found.note(note.to_owned()),
        None => found,
    };
    Some(found.help("plan who starts the clocks after the import, and try it on one ticket of the sandbox first; then say so with `allow \"sla/no-history\"`"))
}

/// Due times that are taken over and that the target computes again, since the same load sets a service level.
fn overwritten(
    cx: &Context<'_>,
    target: &System<'_>,
    catalog: &Catalog,
    plan: Option<&str>,
) -> Vec<Diagnostic> {
    let row = || {
        let fact = catalog.capabilities.sla_inherit_due.as_ref()?;
        let confirmed = catalog.mark_of(fact.mark, &fact.from) != Mark::Unverified;
        let until = fact.on(plan).filter(|_| confirmed)?.until.as_deref()?;
        // Only a service level on the ticket makes the target compute again.
        let tickets = target.tickets()?;
        let (level, _) = tickets.kind.by_canon("sla")?;
        let maps = cx.draft.plan.items.values().filter_map(|item| match &item.content {
            Content::Map(map) if *map.target == *tickets.name => Some(map),
            _ => None,
        });
        Some((until, maps.filter_map(|map| written(map, level)).next()?))
    };
    let Some((until, row)) = row() else { return Vec::new() };
    let row = cx.draft.places.get(row).copied();
    let found = clocks(cx, inherits).into_iter().map(|span| {
        let found = Diagnostic::warning("sla/overwritten", "a due time that is taken over does not last")
            .primary(span, format!("{}: {until}", catalog.title));
        let found = match row {
            Some(row) => found.secondary(row, "this sets one"),
            None => found,
        };
        found.help("leave the service level of imported tickets empty and set it when their clocks are over, or write `recalculate`")
    });
    found.collect()
}

/// The row that writes a field.
fn written<'m>(map: &'m Map, field: &str) -> Option<&'m cutover_ir::Id> {
    map.rows.iter().find(|row| row.to.iter().any(|to| to == field)).map(|row| &row.id)
}

fn inherits(action: &ClockAction) -> bool {
    inherited(action).is_some()
}

fn recalculates(action: &ClockAction) -> bool {
    match action {
        ClockAction::Recalculate { .. } => true,
        ClockAction::Suspend { then, .. } => recalculates(then),
        ClockAction::Inherit { .. } | ClockAction::Done => false,
    }
}
