//! Triggers: what stops a run by itself, whom it tells, and what happens when nobody answers.

use std::collections::VecDeque;

use cutover_ir::measure::{Measure, Over};
use cutover_plan::model::{Content, NoAnswer, Operation, Rollback};

use crate::checks::holds;
use crate::context::{Context, Event};
use crate::desk::Desk;
use crate::journal::{Counts, State};
use crate::measures::{Facts, about, measured, verdict};
use crate::notify::{About, tell};
use crate::problem::Problem;
use crate::value::Value;
use crate::verify::Compared;

/// The counts of the kinds in a stage after each batch, as far back as a trigger looks.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// What each kind of the stage has after it: the records themselves, and what goes with them.
    after: VecDeque<(i64, Vec<(String, Counts)>)>,
    /// When the slower triggers were looked at last.
    looked: Option<i64>,
}

/// Batches that are remembered.
const BATCHES: usize = 1000;
/// Triggers that ask the target are looked at again after so many seconds.
const SELDOM: i64 = 30;

impl Watched {
    /// Pauses the run when a trigger fires. It looks at the last records that were tried, over which the trigger is taken; what was before
    /// this call of the program is not looked at again, so that somebody can let the run go on.
    pub(crate) fn look(&mut self, ctx: &Context<'_>, desk: &mut Desk, stage: &str) -> Result<(), Problem> {
        let counts = ctx.journal.counts(stage)?;
        let at = ctx.clock.now();
        let mut fired = None;
        'all: for (id, item) in &ctx.plan.items {
            let Content::Trigger(trigger) = &item.content else { continue };
            let measure = &trigger.fires;
            // Each kind for itself: what goes with tickets is lost as well, however many tickets go over.
            for (kind, now) in counts.iter().filter(|(kind, _)| about(&measure.of, kind)) {
                let Some(then) = self.then(measure, at, kind, now).filter(|_| by_batch(measure)) else {
                    continue;
                };
                let (failed, of) =
                    (failed(now).saturating_sub(failed(&then)), tried(now).saturating_sub(tried(&then)));
                if holds(measure, failed, of)
                    && is_worse(ctx, &format!("fired {id} {stage} {kind}"), failed, of)?
                {
                    fired = Some((id.to_string(), kind.clone(), failed, of));
                    break 'all;
                }
            }
        }
        if self.after.len() >= BATCHES {
            self.after.drain(..BATCHES / 2);
        }
        self.after.push_back((at, counts));
        if let Some((trigger, kind, failed, of)) = fired {
            let what = format!("{failed} of the last {of} records of {kind} failed in {stage}");
            return fire(ctx, &trigger, stage, &what);
        }
        if self.looked.is_none_or(|looked| at.saturating_sub(looked) >= SELDOM) {
            self.looked = Some(at);
            let facts = Facts { sent: sent(ctx, desk)?, ..Facts::default() };
            look(ctx, stage, facts)?;
        }
        Ok(())
    }

    /// The counts of a kind with which those of now are compared.
    fn then(&self, measure: &Measure, at: i64, kind: &str, now: &Counts) -> Option<Counts> {
        let of = |counts: &[(String, Counts)]| {
            counts.iter().find(|(of, _)| of == kind).map(|(_, counts)| *counts).unwrap_or_default()
        };
        match &measure.over {
            Some(Over::Time(window)) => {
                let window = i64::try_from(window.nominal_seconds()).unwrap_or(i64::MAX);
                // The last look before the window, or the first of this run.
                let before = self.after.iter().rev().find(|(then, _)| at.saturating_sub(*then) >= window);
                before.or_else(|| self.after.front()).map(|(_, then)| of(then))
            }
            over => {
                let least = match over {
                    Some(Over::Records(least)) => *least,
                    _ => 1,
                };
                let then = self.after.iter().rev().map(|(_, then)| of(then));
                then.into_iter().find(|then| tried(now).saturating_sub(tried(then)) >= least)
            }
        }
    }
}

/// Pauses the run when so much of what an export read could not be read that a trigger on failures fires; whether one did.
pub(crate) fn behind_export(ctx: &Context<'_>, stage: &str) -> Result<bool, Problem> {
    for (id, item) in &ctx.plan.items {
        let Content::Trigger(trigger) = &item.content else { continue };
        let least = match &trigger.fires.over {
            Some(Over::Records(least)) => *least,
            _ => 1,
        };
        for (kind, counts) in ctx.journal.counts(stage)? {
            let of = tried(&counts);
            if by_batch(&trigger.fires)
                && about(&trigger.fires.of, &kind)
                && of >= least
                && holds(&trigger.fires, failed(&counts), of)
                && is_worse(ctx, &format!("fired {id} {stage} {kind}"), failed(&counts), of)?
            {
                let what =
                    format!("{} of {of} records of {kind} cannot be read, in {stage}", failed(&counts));
                fire(ctx, id.as_str(), stage, &what)?;
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether a share of a stage is larger than the largest that people have decided about; then it is the one that they decide about.
fn is_worse(ctx: &Context<'_>, name: &str, failed: u64, of: u64) -> Result<bool, Problem> {
    let decided = ctx.journal.value(name)?;
    let decided = decided.as_deref().and_then(|share| share.split_once(" of "));
    let decided =
        decided.and_then(|(failed, of)| Some((failed.parse::<u64>().ok()?, of.parse::<u64>().ok()?)));
    if let Some((then, then_of)) = decided
        && u128::from(failed) * u128::from(then_of.max(1)) <= u128::from(then) * u128::from(of.max(1))
    {
        return Ok(false);
    }
    ctx.journal.set_value(name, &format!("{failed} of {of}"))?;
    Ok(true)
}

/// Whether a trigger is looked at behind each batch, over the last records.
pub(crate) fn by_batch(measure: &Measure) -> bool {
    measure.metric == "failed_imports" && measure.scope.is_none() && measure.statistic.is_none()
}

/// Messages that the target has sent, when it counts them and has to be quiet.
pub(crate) fn sent(ctx: &Context<'_>, desk: &mut Desk) -> Result<Option<u64>, Problem> {
    for stage in &ctx.plan.stages {
        let over = matches!(stage.operation, Operation::Unsilence)
            && ctx.journal.stage(stage.id.as_str())?.state == State::Done;
        if over {
            return Ok(None);
        }
    }
    Ok(match desk.connector().silence()? {
        cutover_connect::Silence::Sent(sent) => Some(sent),
        _ => None,
    })
}

/// Looks at all triggers behind a comparison; whether one fired.
pub(crate) fn behind_comparison(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &str,
    found: &Compared,
) -> Result<bool, Problem> {
    look(ctx, stage, Facts { found: Some(found), sent: sent(ctx, desk)?, ..Facts::default() })
}

/// Looks at the triggers for which there are facts; whether one fired. One that fired stays quiet while its value is not worse than what
/// people have decided about.
pub(crate) fn look(ctx: &Context<'_>, stage: &str, facts: Facts<'_>) -> Result<bool, Problem> {
    for (id, item) in &ctx.plan.items {
        let Content::Trigger(trigger) = &item.content else { continue };
        if by_batch(&trigger.fires) {
            continue;
        }
        let Some(found) = measured(ctx, id.as_str(), &trigger.fires, facts)? else { continue };
        let by = found.told.as_ref().map_or_else(String::new, |(who, _)| format!(", says {who}"));
        ctx.journal.set_value(
            &format!("looked {id}"),
            &format!("{}|{}{by}", ctx.clock.now(), found.value.words()),
        )?;
        if verdict(ctx, &trigger.fires, &found.value)? != Some(true) {
            continue;
        }
        let name = format!("fired {id}");
        if ctx.journal.value(&name)?.is_some_and(|decided| !worse(&found.value, &decided)) {
            continue;
        }
        ctx.journal.set_value(&name, &found.value.words())?;
        let rule = cutover_plan::text::words::measure(ctx.plan, &trigger.fires);
        let what = format!("{} ({rule}){by}", found.value.words());
        fire(ctx, id.as_str(), stage, &what)?;
        return Ok(true);
    }
    Ok(false)
}

/// Whether the last value of a trigger came from a person: it is asked again when it is too old.
pub(crate) fn is_told(ctx: &Context<'_>, measure: &Measure, id: &str) -> Result<bool, Problem> {
    let told = ctx
        .journal
        .db
        .prepare_cached("SELECT 1 FROM event WHERE what = 'measured' AND subject = ?1")?
        .exists([id])?;
    Ok(told && !by_batch(measure))
}

/// Whether a value is larger than one that was written down in words.
fn worse(value: &Value, decided: &str) -> bool {
    let number = |words: &str| {
        let end = words.find(|c: char| !c.is_ascii_digit()).unwrap_or(words.len());
        words.get(..end).and_then(|digits| digits.parse::<u64>().ok())
    };
    match value {
        // Time goes on by itself; people know that it does.
        Value::Time(_) => false,
        value => number(&value.words()) > number(decided),
    }
}

/// Pauses the run and tells who decides.
fn fire(ctx: &Context<'_>, trigger: &str, stage: &str, what: &str) -> Result<(), Problem> {
    let rollback = rollback(ctx);
    let deciders = rollback.map(|rollback| rollback.decided_by.join(", "));
    let deciders = deciders.unwrap_or_else(|| "the people of the team".to_owned());
    let text = format!("{what}; {deciders} decide: resume, or roll back");
    let now = ctx.clock.now();
    ctx.journal.event(now, "pause", trigger, stage, &text)?;
    (ctx.tell)(&Event::Fired { trigger: trigger.to_owned(), stage: stage.to_owned(), text: text.clone() });
    let by = answer_by(ctx, now).map(|by| crate::status::local(ctx.plan, by));
    let to = rollback.map(|rollback| rollback.decided_by.clone()).unwrap_or_default();
    tell(ctx, About { what: "trigger-fired", stage, item: trigger, text: &text, answer_by: by }, &to)
}

/// The way back of the plan.
pub(crate) fn rollback<'p>(ctx: &Context<'p>) -> Option<&'p Rollback> {
    ctx.plan.items.values().find_map(|item| match &item.content {
        Content::Rollback(rollback) => Some(rollback),
        _ => None,
    })
}

/// By when somebody has to decide about what happened at a time.
pub(crate) fn answer_by(ctx: &Context<'_>, at: i64) -> Option<i64> {
    let within = rollback(ctx)?.within?;
    Some(at.saturating_add(i64::try_from(within.nominal_seconds()).unwrap_or(i64::MAX)))
}

/// A trigger that paused the run, and about which nobody has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) trigger: String,
    pub(crate) at: i64,
    pub(crate) by: Option<i64>,
}

/// The trigger that holds the run.
pub(crate) fn open(ctx: &Context<'_>) -> Result<Option<Open>, Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT what, who, at FROM event WHERE what IN ('pause', 'resume') ORDER BY seq DESC LIMIT 1",
    )?;
    let mut rows = get.query([])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (what, who, at): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let is_trigger =
        ctx.plan.items.get(who.as_str()).is_some_and(|item| matches!(item.content, Content::Trigger(_)));
    Ok((what == "pause" && is_trigger).then(|| Open { trigger: who, at, by: answer_by(ctx, at) }))
}

/// What the plan says happens when nobody decided in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// Nothing is open, or there is time left.
    No,
    /// It stays paused.
    Stays,
    /// It goes on.
    GoesOn,
    /// Everything is taken back.
    RollsBack,
}

/// Looks whether the time for an answer is over, and tells the deciders once when it is.
pub(crate) fn unanswered(ctx: &Context<'_>) -> Result<Unanswered, Problem> {
    let Some(Open { trigger, at, by: Some(by) }) = open(ctx)? else { return Ok(Unanswered::No) };
    if ctx.clock.now() < by {
        return Ok(Unanswered::No);
    }
    let Some(rollback) = rollback(ctx) else { return Ok(Unanswered::No) };
    let name = format!("unanswered {trigger}");
    let (result, words) = match rollback.otherwise {
        NoAnswer::StayPaused => (Unanswered::Stays, "it stays paused"),
        NoAnswer::GoOn => (Unanswered::GoesOn, "it goes on, as the plan says"),
        NoAnswer::RollBack => (Unanswered::RollsBack, "everything is taken back, as the plan says"),
    };
    if ctx.journal.value(&name)?.as_deref() != Some(at.to_string().as_str()) {
        ctx.journal.set_value(&name, &at.to_string())?;
        let text = format!("nobody decided by {}: {words}", crate::status::local(ctx.plan, by));
        ctx.journal.event(ctx.clock.now(), "unanswered", &trigger, "", &text)?;
        let about =
            About { what: "trigger-unanswered", stage: "", item: &trigger, text: &text, answer_by: None };
        tell(ctx, about, &rollback.decided_by)?;
    }
    Ok(result)
}

fn tried(counts: &Counts) -> u64 {
    counts.written + counts.rejected + counts.uncertain
}

fn failed(counts: &Counts) -> u64 {
    counts.rejected + counts.uncertain
}
