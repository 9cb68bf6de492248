//! What becomes of a clock by the maps: which statuses its tickets get, and whether the moments come along from which it counts.

use std::collections::BTreeMap;

use cutover_catalog::capability::{LengthUnit, PolicyHours};
use cutover_catalog::catalog::PolicyForm;
use cutover_catalog::fact::Mark;
use cutover_catalog::states::Clock as Effect;
use cutover_catalog::{Catalog, Part};
use cutover_ir::map::{Map, Outcome, Row, Source};
use cutover_ir::predicate::Literal;
use cutover_ir::quantity::{Duration, TimeBase};
use cutover_ir::{Id, Type};
use cutover_plan::model::{
    Calendar, Clock, ClockAction, ClockEffect, Content, DueWritten, Inherited, Plan, Sla,
};
use cutover_plan::promises::{self, DueField as Shows};

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
    /// The due time of first answers, in a field by which a clock goes that inherits it.
    pub first_response_due: DueWritten,
    /// The due time of other clocks.
    pub due: DueWritten,
    /// A service level, where the new desk counts nothing without one.
    pub level: bool,
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

/// The statuses of the old desk in which the new desk's clock is known to do something else than was promised, each with what was.
#[must_use]
pub fn differing<'a>(
    plan: &Plan,
    world: &World<'a>,
    sla: &Sla,
    clock: &Clock,
) -> Vec<(&'a str, ClockEffect, Moved)> {
    let states =
        world.source().and_then(|source| source.tickets()).into_iter().flat_map(|kind| kind.states());
    let differs = states.filter_map(|(status, _)| {
        let here = said(sla, clock, status)?;
        let there = moved(plan, world, clock, status)?;
        (there.mark != Mark::Unverified && there.effect != here).then_some((status, here, there))
    });
    differs.collect()
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
    Carried {
        created,
        messages: !accepted && comments().unwrap_or(true),
        first_response_due: due_written(plan, world, "first_response"),
        due: due_written(plan, world, "resolution"),
        level: !without_level(plan, world),
    }
}

/// Whether the new desk counts nothing of imported tickets, since it goes by their service level and no row writes one.
#[must_use]
pub fn without_level(plan: &Plan, world: &World<'_>) -> bool {
    let by_level = || {
        let catalog = world.target()?.catalog?;
        let subscription = plan.systems.get("target").and_then(|system| system.plan.as_deref());
        let fact = catalog.capabilities.sla_recalculate.as_ref()?;
        // An error never rests on something that nobody has shown.
        let shown = catalog.mark_of(fact.mark, &fact.from) != Mark::Unverified;
        Some(shown && fact.on(subscription)?.level)
    };
    by_level().unwrap_or_default() && level_field(world).is_some() && level_row(plan, world).is_none()
}

/// The field of the new desk's tickets that holds their service level.
#[must_use]
pub fn level_field<'w>(world: &'w World<'_>) -> Option<&'w str> {
    Some(world.target()?.tickets()?.kind.by_canon("sla")?.0)
}

/// The row that gives the new desk's tickets a service level.
#[must_use]
pub fn level_row<'p>(plan: &'p Plan, world: &World<'_>) -> Option<&'p Row> {
    let (tickets, field) = (world.target()?.tickets()?, level_field(world)?);
    let maps = plan.items.values().filter_map(|item| match &item.content {
        Content::Map(map) if *map.target == *tickets.name => Some(map),
        _ => None,
    });
    maps.flat_map(|map| &map.rows).find(|row| row.to.iter().any(|to| to == field))
}

/// Whether a clock inherits what is left of its promise, for some tickets at least.
#[must_use]
pub fn inherits(clock: &Clock) -> bool {
    clock.continuity.iter().any(|rule| inherited(&rule.action).is_some())
}

/// What a clock inherits by an action.
#[must_use]
pub fn inherited(action: &ClockAction) -> Option<Inherited> {
    match action {
        ClockAction::Inherit { keeps } => Some(*keeps),
        ClockAction::Suspend { then, .. } => inherited(then),
        ClockAction::Recalculate { .. } | ClockAction::Done => None,
    }
}

/// What of the due time of the old desk gets to the new one. What no catalog tells counts as written.
#[must_use]
pub fn due_written(plan: &Plan, world: &World<'_>, clock: &str) -> DueWritten {
    due_field(plan, world, clock).map_or(DueWritten::Old, |field| field.written)
}

/// Whether somebody has shown which due times the new desk takes.
#[must_use]
pub fn takes_shown(world: &World<'_>) -> bool {
    let catalog = world.target().and_then(|target| target.catalog);
    let fact = catalog.and_then(|catalog| Some((catalog, catalog.capabilities.sla_inherit_due.as_ref()?)));
    fact.is_some_and(|(catalog, fact)| catalog.mark_of(fact.mark, &fact.from) != Mark::Unverified)
}

/// A field by which a clock of the new desk goes that inherits what is left of its promise, and what the map writes there.
#[derive(Clone, Debug)]
pub struct DueField<'p, 'c> {
    /// The fields of the target that could hold it; the first is the usual one.
    pub fields: Vec<&'c str>,
    /// The row that writes one of them: the best of several.
    pub row: Option<&'p Row>,
    /// What of the old due time gets there.
    pub written: DueWritten,
    /// The meanings of fields in which the old desk shows when the clock is due; none where it has no such field.
    pub shown: &'static [&'static str],
}

/// What a row writes of the due time of the old desk. `None` when the target has no field for it, or nothing is known.
#[must_use]
pub fn due_field<'p, 'c>(plan: &'p Plan, world: &World<'c>, clock: &str) -> Option<DueField<'p, 'c>> {
    let first_response = clock == "first_response";
    let (map, from, to) = ticket_map(plan, world)?;
    let catalog = world.target()?.catalog?;
    let subscription = plan.systems.get("target").and_then(|system| system.plan.as_deref());
    let fact = catalog.capabilities.sla_inherit_due.as_ref()?.on(subscription)?;
    let fields: Vec<(&str, bool)> = fact
        .fields
        .iter()
        .filter_map(|name| {
            Some((name, to.field(name)?.field.canon.as_deref() == Some("first_response_due_at")))
        })
        .collect();
    // Where one field serves all clocks, it serves these.
    let own = fields.iter().any(|(_, of_first)| *of_first == first_response);
    let fields: Vec<&str> = fields
        .into_iter()
        .filter(|(_, of_first)| !own || *of_first == first_response)
        .map(|(name, _)| name)
        .collect();
    if fields.is_empty() {
        return None;
    }
    let rows = map.rows.iter().filter(|row| row.to.iter().any(|to| fields.contains(&to.as_str())));
    let shown = shown_as(plan, clock);
    let best = rows.map(|row| (written(row, from, shown), row)).min_by_key(|(written, _)| *written);
    let (written, row) = best.map_or((DueWritten::Nothing, None), |(written, row)| (written, Some(row)));
    Some(DueField { fields, row, written, shown })
}

/// The meanings of fields in which the old desk shows when a clock is due.
fn shown_as(plan: &Plan, clock: &str) -> &'static [&'static str] {
    let product = plan.systems.get("source").map_or("", |system| system.platform.as_str());
    match promises::due_field(product, clock) {
        Some(Shows::FirstResponse) => &["first_response_due_at"],
        Some(Shows::Other) => &["due_at", "sla_due_at"],
        None => &[],
    }
}

/// What a row writes of the due time of the old desk.
fn written(row: &Row, from: &KindView<'_>, shown: &[&str]) -> DueWritten {
    let of = |source: &Source| match source {
        Source::Field(path) => match from.field(path) {
            Some(view) => match view.field.canon.as_deref() {
                Some(canon) if shown.contains(&canon) => DueWritten::Old,
                // What a field of the account's own holds, its name does not tell.
                None if view.custom && may_hold_a_moment(&from.type_of(view)) => DueWritten::Unsure,
                // Another moment in its place, such as that of the creation, is no promise.
                _ => DueWritten::Nothing,
            },
            None => DueWritten::Unsure,
        },
        Source::Table(..) => DueWritten::Unsure,
        Source::Constant(_) => DueWritten::Nothing,
    };
    let mut each: Vec<DueWritten> = row.from.iter().map(of).collect();
    each.sort_unstable();
    each.dedup();
    let moved = row.pipe.iter().any(|call| !KEEP_A_MOMENT.contains(&call.function.as_str()));
    match each.as_slice() {
        [DueWritten::Old] if moved => DueWritten::Unsure,
        [one] => *one,
        [] => DueWritten::Nothing,
        // One of several, and nobody knows which.
        _ => DueWritten::Unsure,
    }
}

/// Functions that write a moment in another way and leave it where it is.
const KEEP_A_MOMENT: &[&str] =
    &["trim", "not_blank", "parse_instant", "local_time", "utc", "in_zone", "epoch_seconds", "text"];

fn may_hold_a_moment(ty: &Type) -> bool {
    matches!(
        ty.required(),
        Type::Instant | Type::Date | Type::Text { .. } | Type::Int { .. } | Type::Poison | Type::Hole
    )
}

/// What one policy of a product holds in the place of a length of time, where other times of the policy count in opening hours or not.
/// `day` is how long each day with opening hours is open, in seconds, where all are open equally long. `None` when nobody knows it.
#[must_use]
pub fn held(form: &PolicyForm, promised: Duration, mixed: bool, day: Option<u64>) -> Option<Duration> {
    let mut held = promised;
    if mixed && form.hours != PolicyHours::Each && held.base != TimeBase::Business {
        held = in_opening_hours(held);
    }
    if held.base == TimeBase::Business && held.days > 0 && !form.days {
        held = in_hours(held, day?);
    }
    Some(form.unit.map_or(held, |unit| in_units(held, unit)))
}

/// A length of time in opening hours, of the length that it has by day and night.
pub(crate) fn in_opening_hours(length: Duration) -> Duration {
    Duration { base: TimeBase::Business, days: 0, seconds: length.nominal_seconds() }
}

/// Days with opening hours as the hours that they have.
pub(crate) fn in_hours(length: Duration, day: u64) -> Duration {
    Duration { base: TimeBase::Business, days: 0, seconds: day.saturating_mul(u64::from(length.days)) }
}

/// Whole units, at least one; what is over is not held, so that nobody is warned too late.
pub(crate) fn in_units(length: Duration, unit: LengthUnit) -> Duration {
    let (seconds, step) = (length.nominal_seconds(), unit.seconds());
    if seconds.is_multiple_of(step) || length.base == TimeBase::Business && length.days > 0 {
        return length;
    }
    Duration { days: 0, seconds: (seconds / step).max(1) * step, ..length }
}

/// What is known for sure of what one policy of a product can hold.
#[must_use]
pub fn policy_form(catalog: &Catalog) -> Option<&PolicyForm> {
    let form = catalog.sla.policy.as_ref()?;
    let from = if form.from.is_empty() { &catalog.sla.from } else { &form.from };
    (catalog.mark_of(form.mark.or(catalog.sla.mark), from) != Mark::Unverified).then_some(form)
}

/// For how long each day of the week is open, in seconds; days that are never open are left out.
pub(crate) fn day_lengths(calendar: &Calendar) -> BTreeMap<&str, u64> {
    let mut open: BTreeMap<&str, u64> = BTreeMap::new();
    for stretch in &calendar.hours {
        let end = if stretch.to > stretch.from { stretch.to } else { stretch.to + 24 * 60 };
        for day in &stretch.days {
            *open.entry(day).or_default() += u64::from(end - stretch.from) * 60;
        }
    }
    open
}

/// How long each day with opening hours is open, in seconds, where all are open equally long.
#[must_use]
pub fn day_length(calendar: &Calendar) -> Option<u64> {
    let mut lengths = day_lengths(calendar).into_values();
    let first = lengths.next()?;
    lengths.all(|length| length == first).then_some(first)
}

/// Whether a map writes the field that says when a record was made, where there is one.
fn writes_creation(map: &Map, to: &KindView<'_>) -> bool {
    let Some((field, _)) = to.kind.by_canon("created_at") else { return true };
    map.rows.iter().any(|row| row.to.iter().any(|to| to == field))
}
