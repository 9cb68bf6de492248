//! Letting a check pass that does not: who, why, until when, and how much of it.
//!
//! A waiver is about what was found. It lets pass what is no worse; what is found to be worse later is asked for again. One that is given
//! before anything was measured says itself how much it lets pass.

use std::collections::BTreeMap;

use cutover_ir::measure::Measure;
use cutover_ir::time::Instant;
use cutover_plan::model::{Content, Item};

use crate::checks::event;
use crate::context::Context;
use crate::measures::{asked, by_program};
use crate::problem::Problem;
use crate::value::{Value, no_worse};

/// What somebody lets pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiving<'a> {
    /// A check, a criterion, an objective or a rehearsal; or what a comparison is about, where there was nothing to compare.
    pub check: &'a str,
    /// Who lets it pass.
    pub by: &'a str,
    /// Why.
    pub why: &'a str,
    /// Until when, as RFC 3339 in UTC; for good without.
    pub until: Option<&'a str>,
    /// The worst that is let pass: `3`, `0.4%`, `45 min`, behind the metric where the check has several conditions (`missing=3`). Left out,
    /// what was found last.
    pub up_to: &'a [String],
}

/// What somebody lets pass, as the journal has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiver {
    by: String,
    until: Option<i64>,
    /// The worst that is let pass, by the id of a condition. `None` where nothing had been found.
    limits: BTreeMap<String, Option<Value>>,
}

/// Under what the journal keeps until when something is waived, up to what, and what was found last.
const UNTIL: &str = "waived until ";
const UP_TO: &str = "waived up to ";
const FOUND: &str = "found of ";
/// What is kept where nothing had been found.
const NOTHING: &str = "nothing";

/// Lets something pass; how much of it, in words.
pub(crate) fn waive(ctx: &Context<'_>, waiving: &Waiving<'_>) -> Result<String, Problem> {
    let Waiving { check, by, why, until, up_to } = *waiving;
    let Some(item) = ctx.plan.items.get(check) else {
        return Err(Problem::new(format!("the plan has no item `{check}`"))
            .help("`cutover report` lists the checks with what they came to"));
    };
    may(ctx, check, item, by)?;
    let until = match until {
        None => None,
        Some(said) => match Instant::parse(said).map(Instant::seconds) {
            Some(until) if until > ctx.clock.now() => Some(until),
            Some(_) => return Err(Problem::new(format!("{said} has passed"))),
            None => {
                return Err(Problem::new(format!("`{said}` is no instant"))
                    .help("write it like `--until 2027-01-17T06:00:00Z`"));
            }
        },
    };
    let limits = limits(ctx, check, up_to)?;
    ctx.journal.together(|| {
        ctx.journal.event(ctx.clock.now(), "waive", by, check, why)?;
        let until = until.map_or_else(String::new, |until| until.to_string());
        ctx.journal.set_value(&format!("{UNTIL}{check}"), &until)?;
        limits.iter().try_for_each(|(under, limit)| keep(ctx, UP_TO, under, limit.as_ref()))
    })?;
    Ok(Waiver { by: by.to_owned(), until, limits }.words(ctx))
}

/// Refuses what nobody can waive, and who may not.
fn may(ctx: &Context<'_>, check: &str, item: &Item, by: &str) -> Result<(), Problem> {
    let compares = |stage: &cutover_plan::model::Stage| compared(stage) == Some(check);
    let can = matches!(
        item.content,
        Content::Check(_) | Content::Criterion(_) | Content::Objective(_) | Content::Rehearsal(_)
    );
    if !can && !ctx.plan.stages.iter().any(compares) {
        return Err(Problem::new(format!("`{check}` is nothing that can be waived"))
            .help("checks, criteria, objectives and rehearsals are; what waits for a signature is signed"));
    }
    let decides = ctx.plan.items.values().any(|item| match &item.content {
        Content::Rollback(rollback) => rollback.decided_by.iter().any(|one| one == by),
        _ => false,
    });
    if item.owner.as_deref() != Some(by) && !item.signed_by.iter().any(|one| one == by) && !decides {
        return Err(Problem::new(format!("`{by}` cannot waive `{check}`"))
            .help(format!("its owner is {}", item.owner.as_deref().unwrap_or("nobody"))));
    }
    Ok(())
}

/// The item by which people let a comparison pass that had nothing to compare: its wave, or else the first of its maps.
pub(crate) fn compared(stage: &cutover_plan::model::Stage) -> Option<&str> {
    let cutover_plan::model::Operation::Verify { .. } = stage.operation else { return None };
    let of =
        |start: &str| stage.items.iter().map(|item| item.0.as_str()).find(|item| item.starts_with(start));
    of("wave/").or_else(|| of("map/"))
}

/// Up to what each condition is let pass: what somebody said, or what was found last.
fn limits(
    ctx: &Context<'_>,
    check: &str,
    up_to: &[String],
) -> Result<BTreeMap<String, Option<Value>>, Problem> {
    let own = |id: &str| id.strip_prefix(check).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let conditions: Vec<(String, &Measure)> = asked(ctx).into_iter().filter(|(id, _)| own(id)).collect();
    let mut limits = BTreeMap::new();
    for said in up_to {
        let (metric, value) = match said.split_once('=') {
            Some((metric, value)) => (Some(metric.trim()), value),
            None => (None, said.as_str()),
        };
        let mut meant =
            conditions.iter().filter(|(_, measure)| metric.is_none_or(|name| measure.metric == name));
        let (Some((under, measure)), None) = (meant.next(), meant.next()) else {
            let metrics: Vec<&str> = conditions.iter().map(|(_, measure)| measure.metric.as_str()).collect();
            return Err(match metrics.as_slice() {
                [] => Problem::new(format!(
                    "nothing of `{check}` is measured, so nothing can be waived up to a value"
                ))
                .help("leave `--up-to` out"),
                metrics => {
                    Problem::new(format!("`{said}` does not say which condition of `{check}` it is about"))
                        .help(format!(
                            "name it: `--up-to {}=3`; it has {}",
                            metrics.first().unwrap_or(&""),
                            metrics.join(", ")
                        ))
                }
            });
        };
        let Some(limit) = Value::parse(value) else {
            return Err(Problem::new(format!("`{value}` is no value"))
                .help("write a number, a share such as `0.4%`, or a time such as `45 min`"));
        };
        if no_worse(measure, &limit, &limit).is_none() || !fits(measure, &limit) {
            return Err(Problem::new(format!("`{value}` cannot be compared with what `{under}` asks for"))
                .help("write it as the check does: a number, a share such as `0.4%`, or a time such as `45 min`"));
        }
        limits.insert(under.clone(), Some(limit));
    }
    for (under, measure) in conditions {
        if limits.contains_key(&under) {
            continue;
        }
        match ctx.journal.value(&format!("{FOUND}{under}"))? {
            Some(found) => {
                limits.insert(under, Value::read(&found));
            }
            None if by_program(ctx, measure) => {
                return Err(Problem::new(format!(
                    "`{under}` has not been measured yet, so nobody knows how much that lets pass"
                ))
                .help("say what is let pass at most, `--up-to 3`, or `--up-to 0.4%` where the check asks for a share; or waive it once the run has measured it"));
            }
            // What people look at may be let pass unseen; what they measure later is looked at again.
            None => {
                limits.insert(under, None);
            }
        }
    }
    Ok(limits)
}

/// Whether a value is of the sort with which a measure is compared.
fn fits(measure: &Measure, value: &Value) -> bool {
    use cutover_ir::measure::Bound;
    matches!(
        (&measure.bound, value),
        (Bound::Percent(_), Value::Percent(_))
            | (Bound::Duration(_), Value::Time(_))
            | (Bound::OfBaseline { .. }, _)
            | (Bound::Number(_), Value::Number(_))
    )
}

fn keep(ctx: &Context<'_>, what: &str, under: &str, value: Option<&Value>) -> Result<(), Problem> {
    let kept = value.map_or_else(|| NOTHING.to_owned(), Value::kept);
    ctx.journal.set_value(&format!("{what}{under}"), &kept)
}

/// Notes what a condition came to, for who waives it.
pub(crate) fn found(ctx: &Context<'_>, under: &str, value: Option<&Value>) -> Result<(), Problem> {
    keep(ctx, FOUND, under, value)
}

/// What somebody lets pass; nothing when nobody does, or the time is over.
pub(crate) fn given(ctx: &Context<'_>, id: &str) -> Result<Option<Waiver>, Problem> {
    let Some(by) = event(ctx, "waive", id)? else { return Ok(None) };
    let until = until(ctx, id)?;
    if until.is_some_and(|until| ctx.clock.now() >= until) {
        return Ok(None);
    }
    Ok(Some(Waiver { by, until, limits: kept(ctx, id)? }))
}

/// Until when something is waived; nothing when that is for good.
pub(crate) fn until(ctx: &Context<'_>, id: &str) -> Result<Option<i64>, Problem> {
    let until = ctx.journal.value(&format!("{UNTIL}{id}"))?;
    Ok(until.and_then(|until| until.parse().ok()))
}

/// Up to what something is waived, in words; empty where nothing of it had been measured.
pub(crate) fn up_to(ctx: &Context<'_>, id: &str) -> Result<String, Problem> {
    Ok(words_of(&kept(ctx, id)?))
}

fn kept(ctx: &Context<'_>, id: &str) -> Result<BTreeMap<String, Option<Value>>, Problem> {
    let mut limits = BTreeMap::new();
    for (under, _) in asked(ctx) {
        if under.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            && let Some(limit) = ctx.journal.value(&format!("{UP_TO}{under}"))?
        {
            limits.insert(under, Value::read(&limit));
        }
    }
    Ok(limits)
}

fn words_of(limits: &BTreeMap<String, Option<Value>>) -> String {
    let all: Vec<String> = limits.values().flatten().map(Value::words).collect();
    all.join(" and ")
}

impl Waiver {
    /// Why a value is not let pass; nothing when it is. A value that nobody could measure is let pass by whoever knew that.
    pub(crate) fn beyond(&self, under: &str, measure: &Measure, value: Option<&Value>) -> Option<String> {
        let by = &self.by;
        match (self.limits.get(under), value) {
            // A journal from before waivers had limits.
            (None, _) | (Some(None), None) => None,
            (Some(None), Some(_)) => Some(format!("and it had not been measured when {by} waived it")),
            (Some(Some(limit)), Some(value)) if no_worse(measure, value, limit) == Some(true) => None,
            (Some(Some(limit)), _) => Some(format!("and {by} waived it up to {}", limit.words())),
        }
    }

    /// In words: who, up to what, until when.
    pub(crate) fn words(&self, ctx: &Context<'_>) -> String {
        let limit = words_of(&self.limits);
        let limit = if limit.is_empty() { limit } else { format!(" up to {limit}") };
        let until = self
            .until
            .map_or_else(String::new, |until| format!(" until {}", crate::status::local(ctx.plan, until)));
        format!("waived by {}{limit}{until}", self.by)
    }
}
