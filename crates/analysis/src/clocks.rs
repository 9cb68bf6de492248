//! What becomes of a clock by the maps: which statuses its tickets get, and whether the moments come along from which it counts.

use cutover_catalog::fact::Mark;
use cutover_catalog::states::Clock as Effect;
use cutover_catalog::{Catalog, Part};
use cutover_ir::Id;
use cutover_ir::map::{Map, Outcome, Source};
use cutover_ir::predicate::Literal;
use cutover_plan::model::{Clock, ClockEffect, Content, Plan, Sla};

use crate::world::{KindView, World};

/// A status of the old desk as the new one sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What it becomes.
    pub becomes: String,
    /// What the new desk's clock does in it.
    pub effect: ClockEffect,
    /// How far that can be trusted.
    pub mark: Mark,
}

/// Whether the moments come along from which the new desk counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// When tickets were made.
    pub created: bool,
    /// When their messages were written.
    pub messages: bool,
}

/// What a policy says that a status does to one of its clocks.
#[must_use]
pub fn said(sla: &Sla, clock: &Clock, status: &str) -> Option<ClockEffect> {
    let mut lines = sla.states.iter().filter(|line| line.of.is_empty() || line.of.contains(&clock.name));
    lines.find(|line| line.statuses.iter().any(|one| one == status)).map(|line| line.effect)
}

/// What a status becomes, and what the new desk's clock does then. `None` when the map or the catalog does not tell.
#[must_use]
pub fn moved(plan: &Plan, world: &World<'_>, clock: &Clock, status: &str) -> Option<Moved> {
    let target = world.target()?;
    let (catalog, tickets) = (target.catalog?, target.tickets()?);
    let becomes = becomes(plan, world, status)?;
    let category = tickets.state(&becomes)?.category;
    let metric = catalog.sla.metrics.get(clock.as_metric.as_deref()?)?;
    let effect = match metric.clock(category)? {
        Effect::Runs => ClockEffect::Runs,
        Effect::Pauses => ClockEffect::Pauses,
        Effect::Stops => ClockEffect::Stops,
    };
    Some(Moved { becomes, effect, mark: trust(catalog, metric) })
}

fn trust(catalog: &Catalog, metric: &cutover_catalog::catalog::Metric) -> Mark {
    let from = if metric.from.is_empty() { &catalog.sla.from } else { &metric.from };
    catalog.mark_of(metric.mark.or(catalog.sla.mark), from)
}

/// What a status of the old desk becomes by the row of the map that writes the new one. `None` when no such row tells.
fn becomes(plan: &Plan, world: &World<'_>, status: &str) -> Option<String> {
    let (map, from, to) = ticket_map(plan, world)?;
    let (old, new) = (&*from.state_field()?.field, &*to.state_field()?.field);
    let row = map.rows.iter().find(|row| row.to.iter().any(|to| to == new))?;
    let [Source::Field(field)] = row.from.as_slice() else { return None };
    if field != old {
        return None;
    }
    let call = match row.pipe.as_slice() {
        [] => return Some(status.to_owned()),
        [call] if call.function == "translate" => call,
        _ => return None,
    };
    let Some(Literal::Text(table)) = call.args.first() else { return None };
    let Content::Translate(table) = &plan.items.get(&Id::new(["translate", table]))?.content else {
        return None;
    };
    let line = table.rows.iter().find(|row| row.pattern.matches(status)).map(|row| &row.outcome);
    match line.or(table.rest.as_ref())? {
        Outcome::Value(Literal::Text(value)) => Some(value.clone()),
        Outcome::Same => Some(status.to_owned()),
        _ => None,
    }
}

/// The map that makes the new desk's tickets out of those of the old one, and both kinds.
#[must_use]
pub fn ticket_map<'p, 'w, 'a>(
    plan: &'p Plan,
    world: &'w World<'a>,
) -> Option<(&'p Map, &'w KindView<'a>, &'w KindView<'a>)> {
    let (from, to) = (world.source()?.tickets()?, world.target()?.tickets()?);
    Some((map_of(plan, from, to)?, from, to))
}

fn map_of<'p>(plan: &'p Plan, from: &KindView<'_>, to: &KindView<'_>) -> Option<&'p Map> {
    plan.items.values().find_map(|item| match &item.content {
        Content::Map(map) if map.source == from.name && map.target == to.name => Some(map),
        _ => None,
    })
}

/// Whether tickets and messages keep their times. What no map tells counts as kept.
#[must_use]
pub fn carried(plan: &Plan, world: &World<'_>) -> Carried {
    let created = ticket_map(plan, world).is_none_or(|(map, _, to)| writes_creation(map, to));
    let accepted = plan
        .items
        .values()
        .any(|item| matches!(&item.content, Content::Accept(accept) if accept.what == "comment_times"));
    let comments = || {
        let from = world.source()?.kinds_of(Part::Comment).next()?;
        let to = world.target()?.kinds_of(Part::Comment).next()?;
        Some(writes_creation(map_of(plan, from, to)?, to))
    };
    Carried { created, messages: !accepted && comments().unwrap_or(true) }
}

/// Whether a map writes the field that says when a record was made, where there is one.
fn writes_creation(map: &Map, to: &KindView<'_>) -> bool {
    let Some((field, _)) = to.kind.by_canon("created_at") else { return true };
    map.rows.iter().any(|row| row.to.iter().any(|to| to == field))
}
