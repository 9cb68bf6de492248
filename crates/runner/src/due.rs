//! When promised answers about a ticket are due: by the contract, by what the old desk showed, and by what is known of how the new one
//! counts. [`crate::shown`] compares that with what the new desk shows.

use std::collections::BTreeSet;

use cutover_calendar::{Calendar, Hours, Length, Reading};
use cutover_ir::eval::{Reason, Truth};
use cutover_ir::predicate::{Predicate, StatusClass};
use cutover_ir::time::Instant;
use cutover_ir::{Id, Type};
use cutover_plan::model::{ClockEffect, Content, Plan, Sla};
use cutover_plan::promises::{
    Statuses, allowed, decided, due_written, held_before, hours, kept, level_written, metric, standing,
    there, with_answer,
};
use cutover_preview::{
    Carried, Compared, Dialect, Form, Metric, Migration, Outcome, Preview, Promise, Shown, Side, Ticket,
    Written, dialect, shared,
};
use cutover_transform::{Cause, Outcome as Made};
use serde_json::Value;

use crate::context::Context;
use crate::flow::{Load, places, within};
use crate::prepare::Mapper;
use crate::problem::Problem;
use crate::work::Copied;

/// Names that fields with a due time have in the products; a test holds them to the catalogs. Of a kind that has several the first counts:
/// the others are dates of tasks.
const DUE: [&str; 7] =
    ["resolution_breach_at", "due_at", "due_by", "due", "due_date", "close_escalation_at", "solution_time"];
/// Names of fields with the due time of the first answer.
const FIRST_DUE: [&str; 5] = [
    "first_reply_breach_at",
    "fr_due_by",
    "first_response_due_at",
    "first_response_due",
    "first_response_escalation_at",
];
const CREATED: [&str; 2] = ["created_at", "created"];
const CHANGED: [&str; 3] = ["updated_at", "last_updated", "modified_at"];
const ANSWERED: [&str; 3] = ["first_responded_at", "first_response_at", "first_reply_at"];

/// The fields of a kind of a desk that say when its clocks are due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DueFields {
    pub(crate) due: Option<&'static str>,
    /// Of the first answer.
    pub(crate) first: Option<&'static str>,
}

impl DueFields {
    pub(crate) fn of(plan: &Plan, desk: &str, kind: &str) -> DueFields {
        let kind = plan.schemas.get(desk).and_then(|schema| schema.kinds.get(kind));
        let known = |name: &&'static str| kind.is_some_and(|kind| kind.fields.contains_key(*name));
        DueFields { due: DUE.iter().copied().find(known), first: FIRST_DUE.iter().copied().find(known) }
    }
}

/// A policy of the plan with the hours that it counts by, and the maps of the tickets to which it applies.
pub(crate) struct Promised<'p> {
    id: &'p Id,
    title: &'p str,
    sla: &'p Sla,
    hours: Hours,
    /// The hours by which the old desk counts and those of the new one, with what their calendars can hold.
    source: (Hours, Form),
    target: (Hours, Form),
    /// The map of tickets, within the policy's condition; by the kind of the source.
    load: Load,
    /// The same within each condition under which a clock of it is over, with that condition.
    over: Vec<(Predicate, Load)>,
}

/// The policies of a plan that can be computed.
pub(crate) fn promised<'p>(ctx: &Context<'p>) -> Result<Vec<Promised<'p>>, Problem> {
    let mut all = Vec::new();
    let Some(load) = ctx.loads.values().find(|load| status_of(ctx.plan, &load.map.source).is_some()) else {
        return Ok(all);
    };
    for (id, item) in &ctx.plan.items {
        let Content::Sla(sla) = &item.content else { continue };
        let calendar = sla.calendar.as_ref().and_then(|calendar| ctx.plan.items.get(&calendar.0));
        let Some(Content::Calendar(calendar)) = calendar.map(|item| &item.content) else { continue };
        let Some(hours) = hours(calendar) else { continue };
        let title = item.title.as_deref().unwrap_or_else(|| id.as_str().trim_start_matches("sla/"));
        let load = within(ctx.plan, load, sla.applies.as_ref(), &ctx.environment.source)?;
        let kept = |desk| kept(ctx.plan, desk, id, &hours);
        let (source, target) = (kept("source"), kept("target"));
        let mut over = Vec::new();
        for condition in conditions(sla) {
            let load = within(ctx.plan, &load, Some(&condition), &ctx.environment.source)?;
            over.push((condition, load));
        }
        all.push(Promised { id, title, sla, hours, source, target, load, over });
    }
    Ok(all)
}

/// The conditions under which clocks of a policy are over, each for tickets that somebody has answered and for others.
fn conditions(sla: &Sla) -> BTreeSet<Predicate> {
    let rules = sla.clocks.iter().flat_map(|clock| &clock.continuity);
    let conditions = rules.filter_map(|rule| rule.condition.as_ref());
    conditions
        .flat_map(|condition| [true, false].map(|answered| with_answer(condition, Some(answered))))
        .collect()
}

/// The kind of tickets in the source.
pub(crate) fn kind<'p>(ctx: &Context<'p>) -> &'p str {
    let kinds = ctx.loads.values().map(|load| load.map.source.as_str());
    kinds.into_iter().find(|kind| status_of(ctx.plan, kind).is_some()).unwrap_or("ticket")
}

/// The field of a kind of the source that says how far a ticket is.
fn status_of<'p>(plan: &'p Plan, kind: &str) -> Option<&'p str> {
    let schema = plan.schemas.get("source")?;
    schema.kinds.get(kind)?.fields.iter().find_map(|(name, field)| match field.of_type.required() {
        Type::Choice(domain) => {
            let options = schema.domains.get(&**domain)?;
            options.iter().any(|option| option.class.is_some()).then_some(name.as_str())
        }
        _ => None,
    })
}

/// A clock of a ticket.
pub(crate) struct Running {
    /// Policy and clock.
    pub(crate) label: String,
    pub(crate) outcome: Outcome,
    pub(crate) promise: Promise,
    ticket: Ticket,
    /// The place of its policy among those that are asked.
    at: usize,
}

impl Running {
    /// Whether its time runs by day and night.
    pub(crate) const fn by_day_and_night(&self) -> bool {
        matches!(self.promise.allowed, Length::Calendar(_))
    }

    /// A clock that is due at an instant by its promise, for tests.
    #[cfg(test)]
    pub(crate) fn due(metric: Metric, at: i64) -> Running {
        use cutover_preview::{Class, Due};
        let as_promised =
            || Compared { due: Due::At(at), class: Class::Equal, difference: Some(0), shifts: Vec::new() };
        let allowed = Length::Business(60);
        Running {
            label: "A, b".to_owned(),
            outcome: Outcome {
                source: Due::At(at),
                source_computed: Due::At(at),
                contract: Due::At(at),
                after_import: as_promised(),
                after_event: as_promised(),
                breached: false,
                at_risk: false,
                answered: None,
                paused: false,
            },
            promise: Promise {
                metric,
                allowed,
                held: allowed,
                held_before: Some(allowed),
                action: cutover_preview::Action::Recalculate,
            },
            ticket: Ticket::default(),
            at: 0,
        }
    }
}

/// A policy, ready to be asked.
struct Asked<'h, 'p> {
    promised: &'h Promised<'p>,
    preview: Preview<'h>,
    /// How the old desk counts; none when nobody knows.
    source: Option<&'static Dialect>,
    mapper: Mapper<'h>,
    /// Those of the conditions under which a clock is over.
    over: Vec<(&'h Predicate, Mapper<'h>)>,
    imported: i64,
}

/// All policies, ready to be asked about tickets.
pub(crate) struct Promises<'h, 'p> {
    ctx: &'h Context<'p>,
    asked: Vec<Asked<'h, 'p>>,
    /// How the new desk counts; none when nobody knows.
    target: Option<&'static Dialect>,
}

impl<'h, 'p> Promises<'h, 'p> {
    /// Reads calendars and products; nothing where the plan promises nothing that can be computed.
    pub(crate) fn new(
        ctx: &'h Context<'p>,
        all: &'h [Promised<'p>],
    ) -> Result<Option<Promises<'h, 'p>>, Problem> {
        let plan = ctx.plan;
        let desk = |name: &str| -> Option<&'static Dialect> { dialect(&plan.systems.get(name)?.platform) };
        let (source, target) = (desk("source"), desk("target"));
        let Some(window) = &plan.migration.window else { return Ok(None) };
        let imported = window.end.seconds();
        let mut asked = Vec::new();
        for promised in all {
            let hours = &promised.hours;
            let broken = |problem: cutover_calendar::Problem| {
                Problem::new(format!("the opening hours of {}: {problem}", promised.title))
            };
            let calendar = Calendar::new(hours, Reading::default()).map_err(broken)?;
            let rows = &promised.load.map.filled;
            let writes = |names: &[&str]| rows.values().any(|to| names.contains(&to.as_str()));
            let created = writes(&CREATED);
            // All clocks but that of the first answer share a field.
            let written = |of: Metric| {
                let first = |metric| metric == Metric::FirstResponse;
                let clocks = promised.sla.clocks.iter();
                let mut clocks =
                    clocks.filter(|clock| metric(&clock.name).is_some_and(|own| first(own) == first(of)));
                clocks.next().map_or(Written::Old, |clock| due_written(plan, promised.id, &clock.name))
            };
            let side = |dialect, (hours, form): &'h (Hours, Form)| Side { dialect, hours, form: *form };
            let migration = Migration {
                source: source.map(|dialect| side(dialect, &promised.source)),
                target: target.map(|dialect| side(dialect, &promised.target)),
                contract: hours,
                known: ctx.clock.now().min(imported),
                imported,
                carried: Carried {
                    created,
                    messages: created,
                    first_response_due: written(Metric::FirstResponse),
                    due: written(Metric::Resolution),
                    level: level_written(plan, promised.id),
                },
                first_event: calendar.next_opening(imported).unwrap_or(imported),
                tolerance: promised.sla.tolerance.map_or(0, |tolerance| tolerance.nominal_seconds()),
            };
            asked.push(Asked {
                promised,
                preview: Preview::new(migration).map_err(broken)?,
                source,
                mapper: Mapper::new(&promised.load, ctx.host),
                over: promised
                    .over
                    .iter()
                    .map(|(condition, load)| (condition, Mapper::new(load, ctx.host)))
                    .collect(),
                imported,
            });
        }
        Ok((!asked.is_empty()).then_some(Promises { ctx, asked, target }))
    }

    /// Whether the new desk shows one due time for all clocks of a ticket.
    pub(crate) fn shows_one(&self) -> bool {
        self.target.is_some_and(|dialect| dialect.one_due)
    }

    /// A due time that the new desk shows of a clock, beside its promise.
    pub(crate) fn found(&self, running: &Running, shown: i64) -> Option<Compared> {
        let asked = self.asked.get(running.at)?;
        Some(asked.preview.found(&running.promise, &running.outcome, shown))
    }

    /// The kind of tickets in the source.
    pub(crate) fn kind(&self) -> &str {
        self.asked.first().map_or("", |asked| asked.promised.load.map.source.as_str())
    }

    /// The clocks that run for a ticket; none when it is under no policy, or its times cannot be read.
    pub(crate) fn of(&mut self, record: &Copied) -> Result<Vec<Running>, Problem> {
        let ctx = self.ctx;
        let mut all = Vec::new();
        for (at, asked) in self.asked.iter_mut().enumerate() {
            if !matches!(asked.mapper.outcome(record, ctx.work)?, Made::Written | Made::Rejected(_)) {
                continue;
            }
            let Ok(fields) = serde_json::from_str::<Value>(&record.text) else { continue };
            let first = all.len();
            for clock in &asked.promised.sla.clocks {
                let Some(metric) = metric(&clock.name) else { continue };
                let statuses = Statuses::of(asked.promised.sla, &clock.name);
                let of = (clock.name.as_str(), metric, &statuses);
                let Some((ticket, status)) = ticket(ctx, asked.promised, of, asked.source, &fields) else {
                    continue;
                };
                let mut failed = None;
                let holds = |condition: &Predicate| match holds(ctx, &mut asked.over, condition, record) {
                    Ok(truth) => truth,
                    Err(problem) => {
                        failed = Some(problem);
                        Truth::Unknown(BTreeSet::new())
                    }
                };
                let of = (clock, metric, &statuses);
                let action = decided(of, &ticket, (status.as_str(), []), asked.imported, holds).action;
                if let Some(problem) = failed {
                    return Err(problem);
                }
                let held = allowed(clock.held.unwrap_or(clock.allowed));
                let allowed = allowed(clock.allowed);
                let held_before = held_before(ctx.plan, asked.promised.id, clock);
                let promise = Promise { metric, allowed, held, held_before, action };
                let outcome = asked.preview.outcome(&ticket, &promise);
                let label = format!("{}, {}", asked.promised.title, clock.name.replace('_', " "));
                all.push(Running { label, outcome, promise, ticket, at });
            }
            if asked.source.is_some_and(|source| source.one_due)
                && let kind = &asked.promised.load.map.source
                && let Some(due) = DueFields::of(ctx.plan, "source", kind).due
                && let Some(due) = first_of(ctx, kind, &[due], &fields)
            {
                let live = all.get_mut(first..).unwrap_or_default();
                let outcomes: Vec<&Outcome> = live.iter().map(|running| &running.outcome).collect();
                let shown = shared(due, &outcomes);
                for (running, shown) in live.iter_mut().zip(shown) {
                    running.ticket.shown = shown;
                    running.outcome = asked.preview.outcome(&running.ticket, &running.promise);
                }
            }
        }
        Ok(all)
    }

    /// Why a ticket is due when it is due, in lines.
    pub(crate) fn explain(&mut self, record: &Copied) -> Result<Vec<String>, Problem> {
        let mut lines = Vec::new();
        for running in self.of(record)? {
            lines.push(format!("  due, {}:", running.label));
            if let Some(asked) = self.asked.get(running.at) {
                let told = asked.preview.explain(&running.ticket, &running.promise, &running.outcome);
                lines.extend(told.into_iter().map(|line| format!("    {line}")));
            }
        }
        Ok(lines)
    }
}

/// Whether a condition is true of a record of the source.
fn holds(
    ctx: &Context<'_>,
    over: &mut [(&Predicate, Mapper<'_>)],
    condition: &Predicate,
    record: &Copied,
) -> Result<Truth, Problem> {
    let unknown = |field: String| Truth::Unknown(BTreeSet::from([field]));
    let Some((_, mapper)) = over.iter_mut().find(|(of, _)| *of == condition) else {
        return Ok(unknown(String::new()));
    };
    let asks = |field: &str| {
        let mut asks = false;
        condition.visit_atoms(&mut |atom| asks |= atom.field == field);
        asks
    };
    Ok(match mapper.outcome(record, ctx.work)? {
        Made::Filtered(_) => Truth::Known(false),
        Made::Rejected(reject) if reject.cause == Cause::Rule(Reason::Undecided) => unknown(reject.field),
        Made::Rejected(reject)
            if matches!(reject.cause, Cause::OtherType { .. } | Cause::Twice) && asks(&reject.field) =>
        {
            unknown(reject.field)
        }
        // Whether a map takes it is another question.
        Made::Written | Made::Rejected(_) => Truth::Known(true),
    })
}

/// What a clock needs of a ticket, and its status; nothing where it is not known when it was made.
fn ticket(
    ctx: &Context<'_>,
    promised: &Promised<'_>,
    (clock, metric, statuses): (&str, Metric, &Statuses<'_>),
    source: Option<&Dialect>,
    fields: &Value,
) -> Option<(Ticket, String)> {
    let kind = promised.load.map.source.as_str();
    let at = |names: &[&str]| first_of(ctx, kind, names, fields);
    let created = at(&CREATED)?;
    let status = status_of(ctx.plan, kind)
        .and_then(|field| value(ctx, kind, field, fields))
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        .unwrap_or_default();
    let (status, class) = option(ctx.plan, kind, &status);
    let changed = at(&CHANGED);
    let fields_of = DueFields::of(ctx.plan, "source", kind);
    let shown = |field: Option<&'static str>| match field.and_then(|name| at(&[name])) {
        Some(at) => Shown::At(at),
        None if told_empty(ctx, kind, field, fields) => Shown::Nothing,
        None => Shown::Untold,
    };
    let waits = statuses.effect(&status) == Some(ClockEffect::Pauses);
    let ticket = Ticket {
        created,
        changed,
        first_response: at(&ANSWERED).filter(|answered| *answered >= created),
        there: there(ctx.plan, promised.id, clock, statuses, &status).map(standing),
        solved: class == Some(StatusClass::Finished),
        // An export tells the status of now: a ticket that waits got it when it last changed.
        paused: if waits { vec![(changed.unwrap_or(created).max(created), None)] } else { Vec::new() },
        shown: Shown::of(source, metric, shown(fields_of.first), shown(fields_of.due)),
        ..Ticket::default()
    };
    Some((ticket, status))
}

/// The name of a status, as the product spells it, and its class.
fn option(plan: &Plan, kind: &str, status: &str) -> (String, Option<StatusClass>) {
    let options = plan.schemas.get("source").and_then(|schema| {
        let field = status_of(plan, kind)?;
        match schema.kinds.get(kind)?.fields.get(field)?.of_type.required() {
            Type::Choice(domain) => schema.domains.get(&**domain),
            _ => None,
        }
    });
    let found = options
        .into_iter()
        .flatten()
        .find(|option| option.name == status || option.value.as_deref() == Some(status));
    found.map_or_else(|| (status.to_owned(), None), |option| (option.name.clone(), option.class))
}

/// The first of some fields that holds an instant.
fn first_of(ctx: &Context<'_>, kind: &str, names: &[&str], fields: &Value) -> Option<i64> {
    let known = cutover_calendar::FIRST_INSTANT..cutover_calendar::LAST_INSTANT;
    names.iter().find_map(|name| {
        let at = Instant::parse(value(ctx, kind, name, fields)?.as_str()?)?.seconds();
        known.contains(&at).then_some(at)
    })
}

fn value<'v>(ctx: &Context<'_>, kind: &str, field: &str, fields: &'v Value) -> Option<&'v Value> {
    stands(ctx, kind, field, fields).find(|value| !value.is_null())
}

/// Whether a record has a field, and nothing in it.
fn told_empty(ctx: &Context<'_>, kind: &str, field: Option<&str>, fields: &Value) -> bool {
    field.is_some_and(|field| {
        let mut found = stands(ctx, kind, field, fields).peekable();
        found.peek().is_some() && found.all(Value::is_null)
    })
}

/// What stands in a record where a field may stand.
fn stands<'v>(
    ctx: &Context<'_>,
    kind: &str,
    field: &str,
    fields: &'v Value,
) -> impl Iterator<Item = &'v Value> {
    let places = places(ctx.plan, &ctx.environment.source, kind, field);
    places.into_iter().filter_map(move |place| {
        fields.get(&*place).or_else(|| place.split('.').try_fold(fields, |value, part| value.get(part)))
    })
}

#[cfg(test)]
mod tests {
    use cutover_catalog::Catalog;

    use super::*;

    #[test]
    fn due_times_are_found_in_every_product_that_has_them() {
        let mut seen = 0;
        for listed in cutover_catalog::builtin::list() {
            let Some(catalog) = Catalog::builtin(listed.name) else { continue };
            for (kind, of) in catalog.kinds.iter() {
                for (canon, names) in [("due_at", &DUE[..]), ("first_response_due_at", &FIRST_DUE[..])] {
                    let Some((field, _)) = of.by_canon(canon) else { continue };
                    assert!(names.contains(&field), "{}: {field} of {kind} is {canon}", listed.name);
                    seen += 1;
                }
                // The date of a task is none.
                if let Some((task, _)) = of.by_canon("task_due_at") {
                    let first = DUE.iter().find(|name| of.fields.get(name).is_some());
                    assert_ne!(first, Some(&task), "{}: {kind}", listed.name);
                    seen += 1;
                }
            }
        }
        assert!(seen > 8, "{seen}");
    }
}
