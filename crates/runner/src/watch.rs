//! Looking after a run between and behind its commands: one bounded round, which a scheduler can call.

use cutover_connect::{Chunk, Cursor, Finding};
use cutover_ir::measure::{Bound, Comparison, Measure};
use cutover_ir::predicate::StatusClass;
use cutover_ir::quantity::Decimal;
use cutover_ir::time::Instant;
use cutover_plan::model::{Content, Operation, Stage, Watch};
use cutover_plan::text::words;

use crate::context::Context;
use crate::desk::Desk;
use crate::journal::State;
use crate::measures::{Facts, InUse, measured, verdict};
use crate::notify::{About, tell};
use crate::problem::Problem;
use crate::run::{answered, paused};
use crate::status::local;
use crate::trigger::{self, Unanswered};
use crate::value::Value;

/// What one round found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Seconds since 1970.
    pub at: i64,
    /// Triggers, and what watches look at.
    pub looked: Vec<Looked>,
    /// Who paused the run, and why.
    pub paused: Option<(String, String)>,
    /// By when somebody has to decide; and what happens when nobody does, once that is over.
    pub answer_by: Option<(i64, String)>,
    /// What watches alert about.
    pub alerts: Vec<String>,
    /// When each watch is over: id, time, whether it is.
    pub ends: Vec<(String, i64, bool)>,
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// Under what a person tells its value.
    pub id: String,
    /// What is measured, in words.
    pub what: String,
    /// What it comes to; nothing when nobody measured it.
    pub value: Option<String>,
    /// When it was measured, where that was not now.
    pub at: Option<String>,
    /// Whether it fired, or alerts.
    pub up: bool,
}

/// Looks once.
pub(crate) fn watch(ctx: &Context<'_>, desk: &mut Desk) -> Result<Round, Problem> {
    let unanswered = answered(ctx, desk)?;
    let mut round = Round { at: ctx.clock.now(), ..Round::default() };
    let in_use = if switched(ctx)? { Some(in_use(ctx, desk)?) } else { None };
    let facts = Facts { sent: trigger::sent(ctx, desk)?, in_use, ..Facts::default() };
    if paused(ctx)?.is_none() {
        trigger::look(ctx, "watch", facts)?;
    }
    for (id, item) in &ctx.plan.items {
        match &item.content {
            Content::Trigger(of) => triggers(ctx, id.as_str(), &of.fires, facts, &mut round)?,
            Content::Watch(of) => watched(ctx, id.as_str(), of, facts, &mut round)?,
            _ => {}
        }
    }
    round.paused = paused(ctx)?;
    if let Some(open) = trigger::open(ctx)?
        && let Some(by) = open.by
    {
        let then = match unanswered {
            Unanswered::No => "",
            Unanswered::Stays => "nobody decided: it stays paused",
            Unanswered::GoesOn => "nobody decided: it goes on, as the plan says",
            Unanswered::RollsBack => "nobody decided: it was taken back, as the plan says",
        };
        round.answer_by = Some((by, then.to_owned()));
    }
    let asked = round.looked.iter().filter(|looked| looked.value.is_none()).count();
    let text = format!(
        "{} measured, {asked} not measured, {} alerts",
        round.looked.len() - asked,
        round.alerts.len()
    );
    ctx.journal.event(round.at, "watched", "", "", &text)?;
    Ok(round)
}

fn triggers(
    ctx: &Context<'_>,
    id: &str,
    measure: &Measure,
    facts: Facts<'_>,
    round: &mut Round,
) -> Result<(), Problem> {
    let now = measured(ctx, id, measure, facts)?;
    // A trigger over the last records is judged behind each batch, and not over the whole.
    let up = match &now {
        Some(found) if !trigger::by_batch(measure) => verdict(ctx, measure, &found.value)? == Some(true),
        _ => false,
    };
    let (value, at) = match now {
        Some(found) => (Some(found.value.words()), found.told.map(|(who, at)| said(ctx, &who, at))),
        // What only a comparison can tell was looked at behind the last one.
        None => match ctx.journal.value(&format!("looked {id}"))? {
            Some(last) => {
                let (at, words) = last.split_once('|').unwrap_or(("", &last));
                let at = at.parse().ok().map(|at| local(ctx.plan, at));
                if trigger::is_told(ctx, measure, id)? { (None, None) } else { (Some(words.to_owned()), at) }
            }
            None => (None, None),
        },
    };
    round.looked.push(Looked { id: id.to_owned(), what: words::measure(ctx.plan, measure), value, at, up });
    Ok(())
}

fn said(ctx: &Context<'_>, who: &str, at: i64) -> String {
    format!("{}, by {who}", local(ctx.plan, at))
}

fn watched(
    ctx: &Context<'_>,
    id: &str,
    watch: &Watch,
    facts: Facts<'_>,
    round: &mut Round,
) -> Result<(), Problem> {
    let Some(since) = began(ctx, id)? else { return Ok(()) };
    let ends = since.saturating_add(i64::try_from(watch.lasting.nominal_seconds()).unwrap_or(i64::MAX));
    round.ends.push((id.to_owned(), ends, round.at >= ends));
    for metric in &watch.report {
        let measure = plain(metric);
        let under = format!("{id}/{metric}");
        let found = measured(ctx, &under, &measure, facts)?;
        round.looked.push(Looked {
            id: under,
            what: words::human(metric),
            value: found.as_ref().map(|found| found.value.words()),
            at: found.and_then(|found| found.told).map(|(who, at)| said(ctx, &who, at)),
            up: false,
        });
    }
    let mut up = Vec::new();
    for alert in &watch.alerts {
        let under = format!("{id}/{}", alert.metric);
        let found = measured(ctx, &under, alert, facts)?;
        let holds = match &found {
            Some(found) => verdict(ctx, alert, &found.value)?,
            None => None,
        };
        let what = words::measure(ctx.plan, alert);
        // A value without the baseline with which it is compared says nothing yet.
        let value = found.as_ref().filter(|_| holds.is_some()).map(|found| found.value.words());
        if holds == Some(true) {
            up.push(format!("{} ({what})", value.clone().unwrap_or_default()));
        }
        round.looked.push(Looked {
            id: if found.is_some() && holds.is_none() { needs(alert).unwrap_or(under) } else { under },
            what,
            value,
            at: found.and_then(|found| found.told).map(|(who, at)| said(ctx, &who, at)),
            up: holds == Some(true),
        });
    }
    if !up.is_empty() {
        let text = up.join("; ");
        ctx.journal.event(round.at, "alert", &watch.alert.join(", "), id, &text)?;
        tell(ctx, About { what: "alert", item: id, text: &text, ..About::default() }, &watch.alert)?;
        round.alerts.extend(up);
    }
    Ok(())
}

/// The baseline whose value is missing.
fn needs(measure: &Measure) -> Option<String> {
    match &measure.bound {
        Bound::OfBaseline { baseline, .. } => Some(crate::measures::baseline_id(measure, baseline)),
        _ => None,
    }
}

/// A metric by itself. Of times, the median.
fn plain(metric: &str) -> Measure {
    Measure {
        metric: metric.to_owned(),
        statistic: metric.ends_with("_age").then(|| "median".to_owned()),
        of: Vec::new(),
        scope: None,
        sample: None,
        comparison: Comparison::AtLeast,
        bound: Bound::Number(Decimal::from(0)),
        over: None,
        within: None,
    }
}

/// When what a watch waits for was over; `None` while it is not.
fn began(ctx: &Context<'_>, item: &str) -> Result<Option<i64>, Problem> {
    let of_watch = |stage: &&Stage| {
        matches!(stage.operation, Operation::Watch) && stage.items.iter().any(|of| of.0.as_str() == item)
    };
    let Some(stage) = ctx.plan.stages.iter().find(of_watch) else { return Ok(None) };
    let mut since = None;
    for need in &stage.needs {
        let row = ctx.journal.stage(need.stage.as_str())?;
        if row.state != State::Done {
            return Ok(None);
        }
        since = since.max(row.ended);
    }
    Ok(since)
}

/// Whether people work on the new desk: every channel was switched.
fn switched(ctx: &Context<'_>) -> Result<bool, Problem> {
    let mut any = false;
    for stage in &ctx.plan.stages {
        if matches!(stage.operation, Operation::Switch { .. }) {
            any = true;
            if ctx.journal.stage(stage.id.as_str())?.state != State::Done {
                return Ok(false);
            }
        }
    }
    Ok(any)
}

/// Records of one call.
const CHUNK: usize = 1000;

/// What the target's records with a status say.
fn in_use(ctx: &Context<'_>, desk: &mut Desk) -> Result<InUse, Problem> {
    let mut used = InUse::default();
    let Some(schema) = ctx.plan.schemas.get("target") else { return Ok(used) };
    let now = ctx.clock.now();
    let mut ages: Vec<u64> = Vec::new();
    for (kind, shape) in schema.kinds.iter().filter(|(kind, _)| ctx.written.contains(*kind)) {
        let status = shape.fields.iter().find_map(|(name, field)| match field.of_type.required() {
            cutover_ir::Type::Choice(domain) => {
                let options = schema.domains.get(&**domain)?;
                options.iter().any(|option| option.class.is_some()).then_some((name.as_str(), options))
            }
            _ => None,
        });
        let Some((status, options)) = status else { continue };
        let mut all = 0;
        let (mut chunk, mut cursor) = (Chunk::default(), Cursor::start());
        loop {
            chunk.clear();
            desk.connector().read(kind, &cursor, CHUNK, &mut chunk)?;
            for record in chunk.records() {
                all += 1;
                let fields: serde_json::Value = serde_json::from_str(record).unwrap_or_default();
                let text = |name: &str| fields.get(name).and_then(serde_json::Value::as_str);
                let value = text(status);
                let option = options.iter().find(|option| {
                    value == Some(option.name.as_str())
                        || (value.is_some() && value == option.value.as_deref())
                });
                if option.and_then(|option| option.class) != Some(StatusClass::Unfinished) {
                    continue;
                }
                used.backlog += 1;
                if let Some(created) = text("created_at").or_else(|| text("created")).and_then(Instant::parse)
                {
                    ages.push(u64::try_from(now.saturating_sub(created.seconds())).unwrap_or(0));
                }
            }
            match chunk.next() {
                Some(next) => cursor = next.clone(),
                None => break,
            }
        }
        used.all += all;
        let written: i64 = ctx
            .journal
            .db
            .prepare_cached("SELECT count(*) FROM record WHERE into_kind = ?1 AND state = 'done'")?
            .query_row([kind], |row| row.get(0))?;
        let before = ctx.journal.value(&format!("before {kind}"))?;
        let before: u64 = before.and_then(|before| before.parse().ok()).unwrap_or(0);
        used.volume += all.saturating_sub(u64::try_from(written).unwrap_or(0)).saturating_sub(before);
        twice(ctx, desk, kind, &mut used)?;
    }
    let middle = ages.len() / 2;
    if middle < ages.len() {
        used.age = Some(*ages.select_nth_unstable(middle).1);
    }
    Ok(used)
}

/// Counts records that the target has a second time. Only a desk in this program is asked for each record: another one would spend its
/// rate on that, which its people need.
fn twice(ctx: &Context<'_>, desk: &mut Desk, kind: &str, used: &mut InUse) -> Result<(), Problem> {
    if !desk.is_embedded() || desk.abilities.finding == Finding::Never {
        return Ok(());
    }
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT kind, key FROM record WHERE into_kind = ?1 AND state = 'done' ORDER BY seq",
    )?;
    let mut rows = get.query([kind])?;
    let mut count = used.twice.unwrap_or(0);
    while let Some(row) = rows.next()? {
        let (of, key): (String, String) = (row.get(0)?, row.get(1)?);
        let found = desk.connector().find(kind, &format!("{of}:{key}"))?;
        count += (found.len() as u64).saturating_sub(1);
    }
    used.twice = Some(count);
    Ok(())
}
/// What nobody measured and only people can: under what they tell it, and what it is.
pub(crate) fn asked(ctx: &Context<'_>) -> Result<Vec<(String, String)>, Problem> {
    let mut all = Vec::new();
    for (id, item) in &ctx.plan.items {
        let Content::Trigger(of) = &item.content else { continue };
        let value: Option<Value> =
            measured(ctx, id.as_str(), &of.fires, Facts::default())?.map(|found| found.value);
        if value.is_none() && ctx.journal.value(&format!("looked {id}"))?.is_none() {
            all.push((id.to_string(), words::measure(ctx.plan, &of.fires)));
        }
    }
    Ok(all)
}
