//! Checks and criteria that a run can measure by itself.

use cutover_ir::measure::{Condition, Measure};
use cutover_plan::model::{Content, Ref};

use crate::context::Context;
use crate::journal::Counts;
use crate::measures::{Facts, compares_nothing, measured, one_of, verdict};
use crate::problem::Problem;
use crate::value::{Value, holds as holds_value};
use crate::waive;

/// What became of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) passed: bool,
    pub(crate) words: String,
    /// The item, where somebody has still to look at it.
    pub(crate) asks: Option<String>,
}

/// Measures checks and criteria; one that only people can look at passes when its owner says so, or when it is waived.
pub(crate) fn measure(ctx: &Context<'_>, checks: &[Ref], facts: Facts<'_>) -> Result<Vec<Checked>, Problem> {
    let mut all = Vec::new();
    for check in checks {
        let id = check.0.as_str();
        let waiver = waive::given(ctx, id)?;
        let (first, mut covered) = (all.len(), true);
        let conditions = match ctx.plan.items.get(id).map(|item| &item.content) {
            Some(Content::Check(check)) => check.pass.clone(),
            Some(Content::Criterion(goal) | Content::Objective(goal)) => goal.pass.clone(),
            _ => Vec::new(),
        };
        for condition in &conditions {
            let Condition::Measure(measure) = condition else {
                all.push(by_person(ctx, id)?);
                continue;
            };
            let under = one_of(id, conditions.len(), measure);
            let value = measured(ctx, &under, measure, facts)?;
            // What compared nothing says nothing: somebody looks why there is nothing.
            let nothing = match &value {
                Some(value) => compares_nothing(ctx, measure, &value.value)?,
                None => None,
            };
            let verdict = match &value {
                Some(value) if nothing.is_none() => verdict(ctx, measure, &value.value)?,
                _ => None,
            };
            let counted = value.as_ref().filter(|_| nothing.is_none()).map(|value| &value.value);
            waive::found(ctx, &under, counted)?;
            let beyond = match &waiver {
                Some(waiver) if verdict != Some(true) => waiver.beyond(&under, measure, counted),
                _ => None,
            };
            covered &= beyond.is_none();
            let beyond = beyond.map_or_else(String::new, |words| format!(", {words}"));
            let (Some(value), Some(passed)) = (value, verdict) else {
                let asked = by_person(ctx, id)?;
                let why = match nothing {
                    Some(why) if asked.asks.is_some() => format!(" ({why}{beyond})"),
                    _ => String::new(),
                };
                all.push(Checked { words: format!("{}{why}", asked.words), ..asked });
                continue;
            };
            let not = if passed { "passes" } else { "does not pass" };
            let by = value.told.map_or_else(String::new, |(who, _)| format!(", says {who}"));
            let sampled = match &measure.sample {
                Some(sample) => format!(" (all were looked at, and not only {})", sample.count),
                None => String::new(),
            };
            all.push(Checked {
                passed,
                asks: None,
                words: format!(
                    "{id} {not}: {} is {}{sampled}{by}{beyond}",
                    measure.metric,
                    value.value.words()
                ),
            });
        }
        // A waiver that nothing needs, or that does not reach so far, lets nothing pass.
        if let Some(waiver) = waiver.filter(|_| covered && all.iter().skip(first).any(|found| !found.passed))
        {
            // What it came to is told all the same.
            let found: Vec<String> = all
                .drain(first..)
                .filter_map(|found| found.words.split_once(": ").map(|(_, value)| value.to_owned()))
                .filter(|value| !value.contains(" has to look and say so"))
                .collect();
            let found = if found.is_empty() { String::new() } else { format!(": {}", found.join(", ")) };
            all.push(Checked {
                passed: true,
                words: format!("{id} is {}{found}", waiver.words(ctx)),
                asks: None,
            });
        }
    }
    // Several conditions that only people can look at are one question to them.
    let mut told = std::collections::BTreeSet::new();
    all.retain(|checked: &Checked| told.insert(checked.words.clone()));
    Ok(all)
}

fn by_person(ctx: &Context<'_>, id: &str) -> Result<Checked, Problem> {
    Ok(match event(ctx, "did", id)? {
        Some(by) => Checked { passed: true, words: format!("{id} passes, says {by}"), asks: None },
        None => Checked {
            passed: false,
            asks: Some(id.to_owned()),
            words: format!(
                "{id} is not measured by this program: {} has to look and say so, or waive it",
                ctx.plan.items.get(id).and_then(|item| item.owner.as_deref()).unwrap_or("somebody")
            ),
        },
    })
}

pub(crate) fn event(ctx: &Context<'_>, what: &str, id: &str) -> Result<Option<String>, Problem> {
    let mut get = ctx
        .journal
        .db
        // What was said about a load that is gone says nothing about the next one.
        .prepare_cached(
            "SELECT who FROM event WHERE what = ?1 AND subject = ?2
             AND seq > (SELECT coalesce(max(seq), 0) FROM event WHERE what = 'rollback' AND subject = 'everything')
             ORDER BY seq DESC LIMIT 1",
        )?;
    let mut rows = get.query([what, id])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

/// What load stages did with the kinds that a measure is about, and what no load stage saw because its export could not be read.
pub(crate) fn counts(ctx: &Context<'_>, of: &[String]) -> Result<Counts, Problem> {
    let about = |kind: &str| crate::measures::about(of, kind);
    let mut all = Counts::default();
    for stage in &ctx.plan.stages {
        let load = ctx.loads.contains_key(stage.id.as_str());
        let export = matches!(stage.operation, cutover_plan::model::Operation::Export { .. });
        if !load && !export {
            continue;
        }
        for (kind, counts) in ctx.journal.counts(stage.id.as_str())? {
            if !about(&kind) {
                continue;
            }
            if load {
                all.add(&counts);
            } else {
                all.read += counts.rejected;
                all.rejected += counts.rejected;
            }
        }
    }
    Ok(all)
}

/// Whether a share compares as a measure says.
pub(crate) fn holds(measure: &Measure, count: u64, of: u64) -> bool {
    holds_value(measure, &Value::Share { count, of }, None) == Some(true)
}
