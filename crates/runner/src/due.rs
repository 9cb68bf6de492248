//! When promised answers about a ticket are due: by the contract, by what the old desk showed, and by the new desk. What the new desk shows
//! is read back where it can be, and each difference is told in business minutes with its reason.

use std::collections::BTreeSet;

use cutover_calendar::{Calendar, Hours, Pauses, Reading};
use cutover_ir::Type;
use cutover_ir::predicate::StatusClass;
use cutover_ir::time::Instant;
use cutover_plan::model::{ClockEffect, Content, Plan, Sla};
use cutover_plan::promises::{action, allowed, hours, metric};
use cutover_preview::{
    Action, Carried, Dialect, Due, Form, Metric, Migration, Outcome, Preview, Promise, Side, Ticket, dialect,
};
use cutover_transform::Outcome as Made;
use rusqlite::params;
use serde_json::Value;

use crate::context::Context;
use crate::desk::Desk;
use crate::flow::{Load, places, within};
use crate::prepare::Mapper;
use crate::problem::Problem;
use crate::work::Copied;

/// Names that fields with a due time have in the products.
const DUE: [&str; 4] = ["due_at", "due_by", "due", "solution_time"];
const FIRST_DUE: [&str; 3] = ["fr_due_by", "first_response_due_at", "first_response_due"];
const CREATED: [&str; 2] = ["created_at", "created"];
const CHANGED: [&str; 3] = ["updated_at", "last_updated", "modified_at"];
const ANSWERED: [&str; 3] = ["first_responded_at", "first_response_at", "first_reply_at"];
/// Rows of the journal that are read at once.
const PAGE: i64 = 1000;
/// Tickets that are named.
const NAMED: usize = 100;

/// A policy of the plan with the hours that it counts by, and the maps of the tickets to which it applies.
pub(crate) struct Promised<'p> {
    title: &'p str,
    sla: &'p Sla,
    hours: Hours,
    /// The map of tickets, within the policy's condition; by the kind of the source.
    load: Load,
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
        all.push(Promised { title, sla, hours, load });
    }
    Ok(all)
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

/// What a status does to a clock.
fn statuses<'p>(sla: &'p Sla, clock: &str, effect: ClockEffect) -> BTreeSet<&'p str> {
    let lines = sla.states.iter().filter(|line| line.effect == effect);
    let lines = lines.filter(|line| line.of.is_empty() || line.of.iter().any(|of| of == clock));
    lines.flat_map(|line| line.statuses.iter().map(String::as_str)).collect()
}

/// A clock of a ticket.
pub(crate) struct Running {
    /// Policy and clock.
    pub(crate) label: String,
    pub(crate) outcome: Outcome,
    ticket: Ticket,
    promise: Promise,
}

/// A policy, ready to be asked.
struct Asked<'h, 'p> {
    promised: &'h Promised<'p>,
    preview: Preview<'h>,
    /// The old desk shows one due time for all clocks.
    one_due: bool,
    mapper: Mapper<'h>,
    imported: i64,
}

/// All policies, ready to be asked about tickets.
pub(crate) struct Promises<'h, 'p> {
    ctx: &'h Context<'p>,
    asked: Vec<Asked<'h, 'p>>,
}

impl<'h, 'p> Promises<'h, 'p> {
    /// Reads calendars and products; nothing where the plan promises nothing that can be computed.
    pub(crate) fn new(
        ctx: &'h Context<'p>,
        all: &'h [Promised<'p>],
    ) -> Result<Option<Promises<'h, 'p>>, Problem> {
        let plan = ctx.plan;
        let desk = |name: &str| -> Option<&'static Dialect> { dialect(&plan.systems.get(name)?.platform) };
        let source = desk("source");
        let (Some(target), Some(window)) = (desk("target"), &plan.migration.window) else { return Ok(None) };
        let imported = window.end.seconds();
        let mut asked = Vec::new();
        for promised in all {
            let hours = &promised.hours;
            let broken = |problem: cutover_calendar::Problem| {
                Problem::new(format!("the opening hours of {}: {problem}", promised.title))
            };
            let calendar = Calendar::new(hours, Reading::default()).map_err(broken)?;
            let rows = &promised.load.map.filled;
            let created = rows.values().any(|to| CREATED.contains(&to.as_str()));
            let migration = Migration {
                source: source.map(|dialect| Side { dialect, hours, form: Form::FREE }),
                target: Side { dialect: target, hours, form: Form::FREE },
                contract: hours,
                known: ctx.clock.now().min(imported),
                imported,
                carried: Carried { created, messages: created, ..Carried::ALL },
                first_event: calendar.next_opening(imported).unwrap_or(imported),
                tolerance: promised.sla.tolerance.map_or(0, |tolerance| tolerance.nominal_seconds()),
            };
            asked.push(Asked {
                promised,
                preview: Preview::new(migration).map_err(broken)?,
                one_due: source.is_some_and(|source| source.one_due),
                mapper: Mapper::new(&promised.load, ctx.host),
                imported,
            });
        }
        Ok((!asked.is_empty()).then_some(Promises { ctx, asked }))
    }

    /// The kind of tickets in the source.
    pub(crate) fn kind(&self) -> &str {
        self.asked.first().map_or("", |asked| asked.promised.load.map.source.as_str())
    }

    /// The clocks that run for a ticket; none when it is under no policy, or its times cannot be read.
    pub(crate) fn of(&mut self, record: &Copied) -> Result<Vec<Running>, Problem> {
        let ctx = self.ctx;
        let mut all = Vec::new();
        for asked in &mut self.asked {
            if !matches!(asked.mapper.outcome(record, ctx.work)?, Made::Written | Made::Rejected(_)) {
                continue;
            }
            let Ok(fields) = serde_json::from_str::<Value>(&record.text) else { continue };
            let first = all.len();
            for clock in &asked.promised.sla.clocks {
                let Some(metric) = metric(&clock.name) else { continue };
                let Some((ticket, stopped)) =
                    ticket(ctx, asked.promised, &clock.name, metric, asked.one_due, &fields)
                else {
                    continue;
                };
                let answered = ticket.first_response.is_some();
                let rule = clock.continuity.iter().find(|rule| match rule.condition.as_deref() {
                    None => true,
                    Some("answered") => answered,
                    Some(_) => false,
                });
                let action = match rule {
                    _ if stopped => Action::Done,
                    Some(rule) => action(&rule.action, asked.imported),
                    None => Action::Recalculate,
                };
                let held = allowed(clock.held.unwrap_or(clock.allowed));
                let allowed = allowed(clock.allowed);
                let promise = Promise { metric, allowed, held, held_before: Some(allowed), action };
                let outcome = asked.preview.outcome(&ticket, &promise);
                let label = format!("{}, {}", asked.promised.title, clock.name.replace('_', " "));
                all.push(Running { label, outcome, ticket, promise });
            }
            if asked.one_due
                && let Some(shown) = first_of(ctx, &asked.promised.load.map.source, &DUE, &fields)
                && let Some(earliest) = all
                    .get_mut(first..)
                    .unwrap_or_default()
                    .iter_mut()
                    .filter(|running| running.outcome.source_computed.at().is_some())
                    .min_by_key(|running| running.outcome.source_computed.at())
            {
                earliest.ticket.shown_due = Some(shown);
                earliest.outcome = asked.preview.outcome(&earliest.ticket, &earliest.promise);
            }
        }
        Ok(all)
    }

    /// Why a ticket is due when it is due, in lines.
    pub(crate) fn explain(&mut self, record: &Copied) -> Result<Vec<String>, Problem> {
        let mut lines = Vec::new();
        for running in self.of(record)? {
            lines.push(format!("  due, {}:", running.label));
            let asked = self.asked.iter().find(|asked| running.label.starts_with(asked.promised.title));
            if let Some(asked) = asked {
                let told = asked.preview.explain(&running.ticket, &running.promise, &running.outcome);
                lines.extend(told.into_iter().map(|line| format!("    {line}")));
            }
        }
        Ok(lines)
    }
}

/// What a clock needs of a ticket, and whether its status ends it; nothing where it is not known when it was made.
fn ticket(
    ctx: &Context<'_>,
    promised: &Promised<'_>,
    clock: &str,
    metric: Metric,
    one_due: bool,
    fields: &Value,
) -> Option<(Ticket, bool)> {
    let kind = promised.load.map.source.as_str();
    let at = |names: &[&str]| first_of(ctx, kind, names, fields);
    let created = at(&CREATED)?;
    let status = status_of(ctx.plan, kind)
        .and_then(|field| value(ctx, kind, field, fields))
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        .unwrap_or_default();
    let (status, class) = option(ctx.plan, kind, &status);
    let changed = at(&CHANGED);
    let waits = statuses(promised.sla, clock, ClockEffect::Pauses).contains(status.as_str());
    let ticket = Ticket {
        created,
        changed,
        first_response: at(&ANSWERED).filter(|answered| *answered >= created),
        solved: class == Some(StatusClass::Finished),
        // An export tells the status of now: a ticket that waits got it when it last changed.
        paused: if waits { vec![(changed.unwrap_or(created).max(created), None)] } else { Vec::new() },
        shown_due: match metric {
            Metric::FirstResponse if !one_due => at(&FIRST_DUE),
            Metric::Resolution if !one_due => at(&DUE),
            _ => None,
        },
        ..Ticket::default()
    };
    Some((ticket, statuses(promised.sla, clock, ClockEffect::Stops).contains(status.as_str())))
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
    places(ctx.plan, &ctx.environment.source, kind, field).iter().find_map(|place| {
        let found =
            fields.get(place).or_else(|| place.split('.').try_fold(fields, |value, part| value.get(part)));
        found.filter(|value| !value.is_null())
    })
}

/// What was found about the due times of the tickets of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Clocks that were computed, of tickets that are in the new desk.
    pub(crate) computed: u64,
    /// Of these, over: nothing is due any more.
    pub(crate) over: u64,
    /// As promised, when the new desk has counted.
    pub(crate) equal: u64,
    /// Due earlier than promised: they will look late while they are not.
    pub(crate) early: u64,
    /// Due later than promised: a broken promise will look kept.
    pub(crate) late: u64,
    /// Nothing shows the promise.
    pub(crate) unseen: u64,
    /// An export of tickets does not tell when it begins.
    pub(crate) untold: u64,
    /// Due times that the new desk showed and that were compared.
    pub(crate) read: u64,
    /// Differences between what the new desk shows and what was promised: ticket, clock, seconds of business time, reason.
    pub(crate) differ: Vec<(String, String, i64, String)>,
    /// How many there are.
    pub(crate) differing: u64,
    /// The largest difference without a reason, in seconds of business time.
    pub(crate) unexplained: u64,
}

impl Found {
    /// In one line of plain words.
    pub(crate) fn words(&self) -> String {
        let mut text = format!(
            "{} promises of tickets in the new desk: {} over, {} as promised",
            self.computed, self.over, self.equal
        );
        for (count, what) in [
            (self.early, "will look late while they are not"),
            (self.late, "will look kept when they are broken"),
            (self.unseen, "are shown by nothing there"),
            (self.untold, "count from messages, of which the tickets tell nothing"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        if self.read == 0 {
            text.push_str("; the new desk gives no due time back, so none was compared");
        } else {
            text.push_str(&format!("; {} due times were read back, {} differ", self.read, self.differing));
        }
        text
    }
}

/// Computes the promises about all tickets that are in the new desk, and compares the due times that it shows.
pub(crate) fn measure(ctx: &Context<'_>, desk: &mut Desk) -> Result<Option<Found>, Problem> {
    let all = promised(ctx)?;
    let Some(mut promises) = Promises::new(ctx, &all)? else { return Ok(None) };
    let kind = promises.kind().to_owned();
    if !ctx.work.has(&kind)? {
        return Ok(None);
    }
    let mut found = Found::default();
    let mut after = 0;
    loop {
        let mut get = ctx.journal.db.prepare_cached(
            "SELECT seq, key, into_kind, target FROM record
             WHERE seq > ?1 AND kind = ?2 AND state = 'done' AND owner IS NULL ORDER BY seq LIMIT ?3",
        )?;
        let rows = get.query_map(params![after, kind, PAGE], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
            ))
        })?;
        let rows: Vec<(i64, String, String, String)> = rows.collect::<Result<_, _>>()?;
        let Some((last, ..)) = rows.last() else { return Ok(Some(found)) };
        after = *last;
        for (_, key, into, target) in rows {
            let Some((record, _)) = ctx.work.by_key(&kind, &key)? else { continue };
            let running = promises.of(&record)?;
            if running.is_empty() {
                continue;
            }
            let shown = shown(desk, &into, &target)?;
            for running in running {
                found.count(&running.outcome);
                let resolution = running.promise.metric == Metric::Resolution;
                if let (true, Some(shown), Due::At(promised)) = (resolution, shown, running.outcome.contract)
                {
                    let hours =
                        promises.asked.iter().find(|asked| running.label.starts_with(asked.promised.title));
                    let Some(hours) = hours.map(|asked| &asked.promised.hours) else { continue };
                    found.compare(hours, (&key, &running), promised, shown)?;
                }
            }
        }
    }
}

/// The due time that the new desk shows of a ticket.
fn shown(desk: &mut Desk, into: &str, target: &str) -> Result<Option<i64>, Problem> {
    let Some(text) = desk.connector().fetch(into, target)? else { return Ok(None) };
    let Ok(fields) = serde_json::from_str::<Value>(&text) else { return Ok(None) };
    Ok(DUE.iter().find_map(|name| Some(Instant::parse(fields.get(name)?.as_str()?)?.seconds())))
}

impl Found {
    fn count(&mut self, outcome: &Outcome) {
        use cutover_preview::Class;
        self.computed += 1;
        *match outcome.after_event.class {
            Class::Equal => &mut self.equal,
            Class::Done | Class::NotBegun => &mut self.over,
            Class::Unknown => &mut self.untold,
            Class::FalseLate => &mut self.early,
            Class::HiddenBreach => &mut self.late,
            Class::NoClock => &mut self.unseen,
        } += 1;
    }

    /// Compares what the new desk shows with what was promised.
    fn compare(
        &mut self,
        hours: &Hours,
        (key, running): (&str, &Running),
        promised: i64,
        shown: i64,
    ) -> Result<(), Problem> {
        self.read += 1;
        if shown == promised {
            return Ok(());
        }
        let apart = business(hours, promised, shown)?;
        let compared = [&running.outcome.after_import, &running.outcome.after_event];
        let reason = if apart == 0 {
            "boundary".to_owned()
        } else if let Some(expected) = compared.iter().find(|compared| compared.due == Due::At(shown)) {
            let reasons: Vec<&str> =
                expected.reasons().into_iter().map(cutover_preview::Reason::name).collect();
            reasons.join(", ")
        } else if running.outcome.source == Due::At(shown) {
            "shown so by the old desk".to_owned()
        } else {
            String::new()
        };
        if reason.is_empty() {
            self.unexplained = self.unexplained.max(apart.unsigned_abs());
        }
        self.differing += 1;
        if self.differ.len() < NAMED {
            self.differ.push((key.to_owned(), running.label.clone(), apart, reason));
        }
        Ok(())
    }
}

/// Business time from one instant to another, negative when it goes back: in seconds.
fn business(hours: &Hours, from: i64, to: i64) -> Result<i64, Problem> {
    let calendar = Calendar::new(hours, Reading::default())
        .map_err(|problem| Problem::new(format!("opening hours cannot be read: {problem}")))?;
    let none = Pauses::new(std::iter::empty());
    let seconds = calendar.elapsed_with(from.min(to), from.max(to), &none);
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    Ok(if from <= to { seconds } else { -seconds })
}
