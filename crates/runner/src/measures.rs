//! What a metric comes to: by the journal, by the last comparison, by the target, or by somebody who looked. What nobody measured has no
//! value, and is never shown as 0.

use std::collections::BTreeSet;

use cutover_ir::measure::{Bound, Measure, Over};
use cutover_ir::predicate::Predicate;
use cutover_plan::model::LoadMode;
use cutover_transform::{Outcome, Program, Worker, referred};
use rusqlite::OptionalExtension as _;
use rusqlite::params;

use crate::beside::Beside;
use crate::context::Context;
use crate::flow::{Load, layout};
use crate::journal::State;
use crate::problem::Problem;
use crate::strays::Stray;
use crate::value::{Value, holds};
use crate::verify::Compared;

/// A value with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Measured {
    pub(crate) value: Value,
    /// Who told it, and when; nothing when this program measured it.
    pub(crate) told: Option<(String, i64)>,
}

/// What was found out for the measures at hand, beside what the journal says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts<'a> {
    /// What a comparison of source, sent and read-back found.
    pub(crate) found: Option<&'a Compared>,
    /// Messages that the target has sent so far, by its own counter.
    pub(crate) sent: Option<u64>,
    /// What the target's records say about work on it.
    pub(crate) in_use: Option<InUse>,
    /// What the target shows of due times, beside what was promised.
    pub(crate) due: Option<&'a crate::shown::Found>,
}

/// What records of a target that is worked on say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InUse {
    /// Unfinished records.
    pub(crate) backlog: u64,
    /// Median of their ages, in seconds.
    pub(crate) age: Option<u64>,
    /// Records that no run brought.
    pub(crate) volume: u64,
    /// Records that the target has a second time, where it can be asked.
    pub(crate) twice: Option<u64>,
    /// All of them.
    pub(crate) all: u64,
}

/// What a measure of an item comes to; `None` when nobody measured it.
pub(crate) fn measured(
    ctx: &Context<'_>,
    item: &str,
    measure: &Measure,
    facts: Facts<'_>,
) -> Result<Option<Measured>, Problem> {
    if let Some(value) = own(ctx, measure, facts)? {
        return Ok(Some(Measured { value, told: None }));
    }
    told(ctx, item, measure)
}

/// Whether the measure of an item holds, with the baseline that somebody told.
pub(crate) fn verdict(ctx: &Context<'_>, measure: &Measure, value: &Value) -> Result<Option<bool>, Problem> {
    let baseline = match &measure.bound {
        Bound::OfBaseline { baseline, .. } => last_told(ctx, &baseline_id(measure, baseline), None)?,
        _ => None,
    };
    Ok(holds(measure, value, baseline.as_ref().map(|told| &told.value)))
}

/// What a comparison looks at; other metrics count what happens.
const COMPARISONS: [&str; 10] = [
    "broken",
    "differing_fields",
    "duplicate",
    "duplicates",
    "lost",
    "lost_assignees",
    "misrouted",
    "missing",
    "shifted_statuses",
    "wrong_visibility",
];

/// Why a comparison says nothing, where it had nothing to compare and the plan was made from an account that had something.
pub(crate) fn compares_nothing(
    ctx: &Context<'_>,
    measure: &Measure,
    value: &Value,
) -> Result<Option<String>, Problem> {
    if !matches!(value, Value::Share { of: 0, .. }) || !COMPARISONS.contains(&measure.metric.as_str()) {
        return Ok(None);
    }
    let of = if measure.of.is_empty() { "records".to_owned() } else { measure.of.join(" and ") };
    Ok(match (&measure.scope, expected(ctx, |_, load| about(&measure.of, &load.map.source))) {
        (None, Some(0)) => None,
        (None, Some(expected)) => {
            Some(format!("nothing was compared, and the plan was made from {expected} {of}"))
        }
        _ => Some(format!("nothing was compared: there are no {of} of which it could be said")),
    })
}

/// How many records some loads were to bring, by the inventory from which the plan was made; nothing where it does not tell.
pub(crate) fn expected(ctx: &Context<'_>, which: impl Fn(&str, &Load) -> bool) -> Option<u64> {
    let mut all = 0_u64;
    for stage in &ctx.plan.stages {
        let id = stage.id.as_str();
        if ctx.loads.get(id).is_some_and(|load| load.mode == LoadMode::Create && which(id, load)) {
            all += stage.estimate.as_deref()?.count;
        }
    }
    Some(all)
}

/// Under what the value of a baseline is told: `baseline/october/first_response_time`.
pub(crate) fn baseline_id(measure: &Measure, baseline: &str) -> String {
    format!("baseline/{baseline}/{}", measure.metric)
}

/// What somebody told about an item, as long as it counts.
fn told(ctx: &Context<'_>, item: &str, measure: &Measure) -> Result<Option<Measured>, Problem> {
    // What is taken over ten minutes was not measured when the last look is older.
    let within = match measure.over {
        Some(Over::Time(window)) => Some(i64::try_from(window.nominal_seconds()).unwrap_or(i64::MAX)),
        _ => None,
    };
    last_told(ctx, item, within)
}

fn last_told(ctx: &Context<'_>, id: &str, within: Option<i64>) -> Result<Option<Measured>, Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT who, at, text FROM event WHERE what = 'measured' AND subject = ?1 ORDER BY seq DESC LIMIT 1",
    )?;
    let row: Option<(String, i64, String)> =
        get.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    Ok(row.and_then(|(who, at, text)| {
        if within.is_some_and(|within| ctx.clock.now().saturating_sub(at) > within) {
            return None;
        }
        let value = text.split_once(": ").map_or(text.as_str(), |(value, _)| value);
        Some(Measured { value: Value::parse(value)?, told: Some((who, at)) })
    }))
}

/// What this program can measure itself.
fn own(ctx: &Context<'_>, measure: &Measure, facts: Facts<'_>) -> Result<Option<Value>, Problem> {
    let scope = measure.scope.as_ref();
    let share = |count: u64, of: u64| Value::Share { count, of };
    match (measure.metric.as_str(), facts.in_use) {
        ("backlog_age", Some(used)) if measure.statistic.as_deref() == Some("median") && scope.is_none() => {
            return Ok(used.age.map(Value::Time));
        }
        _ if measure.statistic.is_some() => return Ok(None),
        ("backlog", Some(used)) if scope.is_none() => return Ok(Some(share(used.backlog, used.all))),
        ("volume", Some(used)) if scope.is_none() => return Ok(Some(share(used.volume, 0))),
        ("duplicate", Some(used)) if scope.is_none() => {
            return Ok(used.twice.map(|twice| share(twice, used.all)));
        }
        _ => {}
    }
    match measure.metric.as_str() {
        "outbound_mails" => {
            let window = match measure.over {
                Some(Over::Time(window)) => i64::try_from(window.nominal_seconds()).ok(),
                _ => None,
            };
            match facts.sent {
                Some(sent) => Ok(sent_within(ctx, sent, window)?.map(|count| share(count, 0))),
                None => Ok(None),
            }
        }
        "waiting_time" => waiting_time(ctx),
        // Nothing was compared where the target gives no due time back: somebody looks then.
        "unexplained_due_difference" => {
            let Some(found) = facts.due.filter(|found| found.read > 0) else { return Ok(None) };
            let kind = crate::due::kind(ctx);
            let holds = |key: &str| Ok(within(ctx, scope, vec![(kind.to_owned(), key.to_owned())])? > 0);
            Ok(Some(Value::Time(found.unexplained(holds)?)))
        }
        "waiting_changes" => Ok(ctx
            .journal
            .value("waiting changes")?
            .and_then(|count| count.parse().ok())
            .map(|count| Value::Share { count, of: 0 })),
        "failed_imports" | "import_success" if scope.is_none() => {
            let counts = crate::checks::counts(ctx, &measure.of)?;
            let of = counts.read.saturating_sub(counts.filtered);
            if of == 0 {
                return Ok(None);
            }
            let failed = counts.rejected + counts.uncertain;
            let count = if measure.metric == "import_success" { counts.written } else { failed };
            Ok(Some(Value::Share { count, of }))
        }
        metric => match facts.found {
            Some(found) => compared(ctx, measure, metric, found),
            None => Ok(None),
        },
    }
}

/// How long messages of customers have been waiting: the first one that was not delivered, or else since the first address was held, until
/// the last one was drained.
fn waiting_time(ctx: &Context<'_>) -> Result<Option<Value>, Problem> {
    let mut held = false;
    for stage in &ctx.plan.stages {
        held |= matches!(stage.operation, cutover_plan::model::Operation::Hold { .. })
            && ctx.journal.stage(stage.id.as_str())?.state == State::Done;
    }
    if !held {
        return Ok(None);
    }
    let since = crate::inbound::waiting_since(ctx)?;
    let seconds = since.map_or(0, |since| ctx.clock.now().saturating_sub(since));
    Ok(Some(Value::Time(u64::try_from(seconds).unwrap_or(0))))
}

/// What a comparison of source, sent and read-back says.
fn compared(
    ctx: &Context<'_>,
    measure: &Measure,
    metric: &str,
    found: &Compared,
) -> Result<Option<Value>, Problem> {
    let about = |kind: &str| about(&measure.of, kind);
    let scope = measure.scope.as_ref();
    let records = |strays: &mut dyn Iterator<Item = &Stray>| -> Result<u64, Problem> {
        let keys: BTreeSet<(&str, &str)> =
            strays.map(|stray| (stray.root_kind.as_str(), stray.root.as_str())).collect();
        let keys = keys.into_iter().map(|(kind, key)| (kind.to_owned(), key.to_owned())).collect();
        within(ctx, scope, keys)
    };
    let of_kinds: u64 = found.by_kind.iter().filter(|(kind, _)| about(kind)).map(|(_, count)| count).sum();
    // A word for records that is no kind of the old desk means all of them.
    let of_kinds = if of_kinds == 0 { found.records } else { of_kinds };
    let of = match scope {
        Some(scope) => population(ctx, scope, &measure.of)?.unwrap_or(of_kinds),
        None => of_kinds,
    };
    let of_kind = |test: &dyn Fn(&Stray) -> bool| {
        records(&mut found.strays.iter().filter(|stray| about(&stray.kind) && test(stray)))
    };
    Ok(Some(Value::Share {
        count: match metric {
            "missing" => {
                let counts = crate::checks::counts(ctx, &measure.of)?;
                let in_scope = counts.read.saturating_sub(counts.filtered);
                // What is in scope and not in the target is missing, whatever the reason.
                let gone = of_kind(&|stray| stray.missing())?;
                let behind = match scope {
                    None => counts.rejected + counts.uncertain,
                    Some(_) => within(ctx, scope, behind(ctx, &measure.of)?)?,
                };
                let of = if scope.is_some() { of } else { in_scope };
                return Ok(Some(Value::Share { count: gone + behind, of }));
            }
            "lost" => of_kind(&|stray| stray.missing())?,
            "broken" => records(
                &mut found.strays.iter().filter(|stray| about(&stray.kind) || about(&stray.root_kind)),
            )?,
            "differing_fields" if scope.is_none() => {
                let all = found.differing.iter().filter(|((kind, _), _)| about(kind));
                return Ok(Some(Value::Share { count: all.map(|(_, count)| count).sum(), of: found.fields }));
            }
            "differing_fields" => of_kind(&|stray| !stray.field.is_empty())?,
            "duplicate" | "duplicates" => {
                return Ok(Some(Value::Share { count: found.beyond, of }));
            }
            "lost_assignees" => of_kind(&|stray| stray.lost_assignee)?,
            "misrouted" => of_kind(&|stray| leads_to_group(ctx, stray))?,
            "shifted_statuses" => of_kind(&|stray| stray.shifted)?,
            "wrong_visibility" if shows_visibility(ctx) => {
                of_kind(&|stray| VISIBILITY.contains(&stray.field.as_str()))?
            }
            _ => return Ok(None),
        },
        of,
    }))
}

/// Fields that say who may see a message.
pub(crate) const VISIBILITY: [&str; 5] = ["internal", "private", "public", "is_public", "visibility"];
/// Fields that say who works on a record.
pub(crate) const ASSIGNEE: [&str; 5] = ["assignee", "owner", "responder", "assigned_to", "assignee_user"];

fn shows_visibility(ctx: &Context<'_>) -> bool {
    let maps = ctx.loads.values().flat_map(|load| std::iter::once(&load.map).chain(&load.parts));
    let target = ctx.plan.schemas.get("target");
    maps.into_iter().any(|map| {
        let shape = target.and_then(|schema| schema.kinds.get(&map.target));
        shape.is_some_and(|shape| VISIBILITY.iter().any(|field| shape.fields.contains_key(*field)))
    })
}

/// Whether a field that differs says to which group or queue a record belongs.
fn leads_to_group(ctx: &Context<'_>, stray: &Stray) -> bool {
    let shape = ctx.plan.schemas.get("target").and_then(|schema| schema.kinds.get(&stray.into));
    shape
        .and_then(|shape| shape.fields.get(&stray.field))
        .and_then(|field| referred(&field.of_type))
        .is_some_and(|kinds| kinds.iter().any(|kind| matches!(kind.as_str(), "group" | "queue" | "team")))
}

/// Whether a measure is about a kind, as the spec names kinds.
pub(crate) fn about(of: &[String], kind: &str) -> bool {
    of.is_empty() || of.iter().any(|of| cutover_connect::plural(kind) == *of || kind == of)
}

/// The records that load stages left behind.
fn behind(ctx: &Context<'_>, of: &[String]) -> Result<Vec<(String, String)>, Problem> {
    let mut all = Vec::new();
    for (sql, stages_only) in [
        ("SELECT kind, key, stage FROM reject WHERE key <> ''", true),
        ("SELECT kind, key, stage FROM record WHERE state = 'uncertain'", false),
    ] {
        let mut get = ctx.journal.db.prepare_cached(sql)?;
        let rows = get.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })?;
        for row in rows {
            let (kind, key, stage) = row?;
            let counts = !stages_only || ctx.loads.contains_key(&stage) || stage.starts_with("stage/export/");
            if counts && about(of, &kind) {
                all.push((kind, key));
            }
        }
    }
    Ok(all)
}

/// How many of these records a condition on the source's records holds for. One that the copy does not have counts: nobody can say that
/// it is not meant.
fn within(ctx: &Context<'_>, scope: Option<&Predicate>, keys: Vec<(String, String)>) -> Result<u64, Problem> {
    let Some(scope) = scope else { return Ok(keys.len() as u64) };
    let mut count = 0;
    let mut kinds: Vec<&String> = keys.iter().map(|(kind, _)| kind).collect();
    kinds.sort();
    kinds.dedup();
    for kind in kinds {
        let Some(load) = load_of(ctx, kind) else {
            count += keys.iter().filter(|(of, _)| of == kind).count() as u64;
            continue;
        };
        let layout = layout(ctx.plan, &ctx.environment.source, kind)?;
        let Some(program) = Program::of_plan_within(ctx.plan, &load.map.id, &layout, Some(scope)) else {
            continue;
        };
        let mut worker = Worker::new(&program, ctx.host);
        let mut out = Vec::new();
        for (_, key) in keys.iter().filter(|(of, _)| of == kind) {
            let Some((record, _)) = ctx.work.by_key(kind, key)? else {
                count += 1;
                continue;
            };
            out.clear();
            ctx.host.at(&record.text);
            let outcome = Beside::with(ctx.work, |others| worker.record(&record.text, others, &mut out))?;
            count += u64::from(!matches!(outcome, Outcome::Filtered(_)));
        }
    }
    Ok(count)
}

/// How many records of the copy a condition holds for, of those in the plan's scope; `None` where no load is about such records.
fn population(ctx: &Context<'_>, scope: &Predicate, of: &[String]) -> Result<Option<u64>, Problem> {
    let mut kinds: Vec<&str> = ctx.loads.values().map(|load| load.map.source.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut count = None;
    for kind in kinds.into_iter().filter(|kind| about(of, kind)) {
        let Some(load) = load_of(ctx, kind).filter(|_| ctx.work.has(kind).is_ok_and(|has| has)) else {
            continue;
        };
        let layout = layout(ctx.plan, &ctx.environment.source, kind)?;
        let Some(program) = Program::of_plan_within(ctx.plan, &load.map.id, &layout, Some(scope)) else {
            continue;
        };
        let mut worker = Worker::new(&program, ctx.host);
        let (mut page, mut after, mut out, mut found) = (Vec::new(), 0, Vec::new(), 0_u64);
        loop {
            ctx.work.page(kind, after, PAGE, &mut page)?;
            let Some(last) = page.last().map(|record| record.ord) else { break };
            for record in &page {
                out.clear();
                ctx.host.at(&record.text);
                let outcome = Beside::with(ctx.work, |others| worker.record(&record.text, others, &mut out))?;
                found += u64::from(!matches!(outcome, Outcome::Filtered(_)));
            }
            after = last;
        }
        count = Some(count.unwrap_or(0) + found);
    }
    Ok(count)
}

/// Records that are read at once.
const PAGE: usize = 2000;

fn load_of<'c>(ctx: &Context<'c>, kind: &str) -> Option<&'c Load> {
    ctx.loads.values().find(|load| load.map.source == kind)
}

/// Whether this program finds out by itself what a measure comes to, in each run and whatever the target.
pub(crate) fn by_program(ctx: &Context<'_>, measure: &Measure) -> bool {
    if measure.statistic.is_some() || matches!(measure.bound, Bound::OfBaseline { .. }) {
        return false;
    }
    match measure.metric.as_str() {
        "failed_imports" | "import_success" => measure.scope.is_none(),
        "outbound_mails" => {
            ctx.environment.target.connector == "sqlite" || ctx.environment.target.records_mail
        }
        "waiting_time" | "waiting_changes" | "missing" | "lost" | "broken" | "differing_fields"
        | "duplicate" | "duplicates" | "lost_assignees" | "misrouted" | "shifted_statuses" => true,
        "wrong_visibility" => shows_visibility(ctx),
        _ => false,
    }
}

/// Notes a value that somebody measured.
pub(crate) fn note(
    ctx: &Context<'_>,
    id: &str,
    by: &str,
    value: &str,
    evidence: &str,
) -> Result<(), Problem> {
    if Value::parse(value).is_none() {
        return Err(Problem::new(format!("`{value}` is no value"))
            .help("write a number, a share such as `0.4%`, or a time such as `45 min`"));
    }
    let asked = asked(ctx);
    if !asked.iter().any(|(known, _)| known == id) {
        let known: Vec<&str> = asked.iter().map(|(id, _)| id.as_str()).collect();
        return Err(Problem::new(format!("the plan measures nothing under `{id}`"))
            .help(format!("it measures {}", known.join(", "))));
    }
    if let Some((_, measure)) = asked.iter().find(|(known, _)| known == id)
        && by_program(ctx, measure)
    {
        return Err(Problem::new(format!("this program measures `{id}` itself"))
            .help("`cutover watch` and the verification show what it comes to; who may decide that can `cutover waive` a check"));
    }
    let text =
        if evidence.is_empty() { value.trim().to_owned() } else { format!("{}: {evidence}", value.trim()) };
    ctx.journal.event(ctx.clock.now(), "measured", by, id, &text)
}

/// Everything that the plan measures, by the id under which a person tells its value.
pub(crate) fn asked<'p>(ctx: &Context<'p>) -> Vec<(String, &'p Measure)> {
    use cutover_ir::measure::Condition;
    use cutover_plan::model::Content;
    let mut all = Vec::new();
    for (id, item) in &ctx.plan.items {
        let conditions: &[Condition] = match &item.content {
            Content::Check(check) => &check.pass,
            Content::Criterion(goal) | Content::Objective(goal) => &goal.pass,
            Content::Trigger(trigger) => {
                all.push((id.to_string(), &trigger.fires));
                continue;
            }
            Content::Watch(watch) => {
                all.extend(watch.alerts.iter().map(|alert| (format!("{id}/{}", alert.metric), alert)));
                continue;
            }
            _ => continue,
        };
        for condition in conditions {
            if let Condition::Measure(measure) = condition {
                all.push((one_of(id.as_str(), conditions.len(), measure), measure));
            }
        }
    }
    let baselines: Vec<(String, &Measure)> = all
        .iter()
        .filter_map(|(_, measure)| match &measure.bound {
            Bound::OfBaseline { baseline, .. } => Some((baseline_id(measure, baseline), *measure)),
            _ => None,
        })
        .collect();
    all.extend(baselines);
    all
}

/// The id of one of several conditions of an item: that of the item, when it has one only.
pub(crate) fn one_of(item: &str, conditions: usize, measure: &Measure) -> String {
    if conditions < 2 { item.to_owned() } else { format!("{item}/{}", measure.metric) }
}

/// How many messages a target has sent within a time: samples of its counter are kept in the journal.
pub(crate) fn sent_within(ctx: &Context<'_>, sent: u64, window: Option<i64>) -> Result<Option<u64>, Problem> {
    // Before it was made quiet, it may send what it likes.
    let Some(before) = ctx.journal.value("sent before")?.and_then(|sent| sent.parse::<u64>().ok()) else {
        return Ok(None);
    };
    let now = ctx.clock.now();
    ctx.journal
        .db
        .execute_batch("CREATE TABLE IF NOT EXISTS sent (at INTEGER PRIMARY KEY, count INTEGER NOT NULL)")?;
    ctx.journal
        .db
        .prepare_cached("INSERT OR REPLACE INTO sent VALUES (?1, ?2)")?
        .execute(params![now, i64::try_from(sent).unwrap_or(i64::MAX)])?;
    let Some(window) = window else { return Ok(Some(sent.saturating_sub(before))) };
    // The last sample that is older than the window; what was sent before the load is not counted.
    let mut get = ctx.journal.db.prepare_cached("SELECT max(count) FROM sent WHERE at <= ?1")?;
    let then: Option<i64> = get.query_row([now.saturating_sub(window)], |row| row.get(0))?;
    let then = then.and_then(|then| u64::try_from(then).ok()).unwrap_or(before).max(before);
    Ok(Some(sent.saturating_sub(then)))
}
