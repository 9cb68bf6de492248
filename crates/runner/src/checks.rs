//! Checks and criteria that a run can measure by itself.

use cutover_ir::measure::{Bound, Comparison, Condition, Measure};
use cutover_ir::quantity::Decimal;
use cutover_plan::model::{Content, Ref};

use crate::context::Context;
use crate::journal::Counts;
use crate::problem::Problem;
use crate::verify::Compared;

/// What became of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) passed: bool,
    pub(crate) words: String,
}

/// Measures checks and criteria; one that only people can look at passes when its owner says so, or when it is waived.
pub(crate) fn measure(ctx: &Context<'_>, checks: &[Ref], found: &Compared) -> Result<Vec<Checked>, Problem> {
    let mut all = Vec::new();
    for check in checks {
        let id = check.0.as_str();
        if let Some(by) = event(ctx, "waive", id)? {
            all.push(Checked { passed: true, words: format!("{id} is waived by {by}") });
            continue;
        }
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
            match value(ctx, measure, found)? {
                None => all.push(by_person(ctx, id)?),
                Some((count, of)) => {
                    let passed = holds(measure, count, of);
                    let not = if passed { "passes" } else { "does not pass" };
                    all.push(Checked {
                        passed,
                        words: format!("{id} {not}: {} is {count} of {of}", measure.metric),
                    });
                }
            }
        }
    }
    Ok(all)
}

fn by_person(ctx: &Context<'_>, id: &str) -> Result<Checked, Problem> {
    Ok(match event(ctx, "did", id)? {
        Some(by) => Checked { passed: true, words: format!("{id} passes, says {by}") },
        None => Checked {
            passed: false,
            words: format!(
                "{id} is not measured by this program: somebody has to look and say so, or waive it"
            ),
        },
    })
}

fn event(ctx: &Context<'_>, what: &str, id: &str) -> Result<Option<String>, Problem> {
    let mut get = ctx
        .journal
        .db
        .prepare_cached("SELECT who FROM event WHERE what = ?1 AND subject = ?2 ORDER BY seq DESC LIMIT 1")?;
    let mut rows = get.query([what, id])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

/// The number that a metric comes to, and out of how many; `None` where this program does not measure it.
fn value(ctx: &Context<'_>, measure: &Measure, found: &Compared) -> Result<Option<(u64, u64)>, Problem> {
    if measure.scope.is_some() || measure.statistic.is_some() {
        return Ok(None);
    }
    let counts = counts(ctx, &measure.of)?;
    let in_scope = counts.read.saturating_sub(counts.filtered);
    Ok(match measure.metric.as_str() {
        // What is in scope and not in the target is missing, whatever the reason.
        "missing" => Some((found.missing + counts.rejected + counts.uncertain, in_scope)),
        "differing_fields" => Some((found.differing.values().sum(), found.fields)),
        "failed_imports" => Some((counts.rejected + counts.uncertain, in_scope)),
        "imported" | "imported_records" => Some((counts.written, in_scope)),
        "duplicates" | "duplicated" => Some((found.beyond, found.records)),
        _ => None,
    })
}

/// What load stages did with the kinds that a measure is about, and what no load stage saw because its export could not be read.
pub(crate) fn counts(ctx: &Context<'_>, of: &[String]) -> Result<Counts, Problem> {
    let about =
        |kind: &str| of.is_empty() || of.iter().any(|of| cutover_connect::plural(kind) == *of || kind == of);
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

pub(crate) fn holds(measure: &Measure, count: u64, of: u64) -> bool {
    let number = |count: u64| Decimal::from(i64::try_from(count).unwrap_or(i64::MAX));
    let (value, bound) = match &measure.bound {
        Bound::Number(bound) => (Some(number(count)), Some(*bound)),
        Bound::Percent(bound) => {
            // Compared as whole numbers: count / of against percent is count * 100 against percent * of.
            let scaled = times(bound, of);
            (Some(number(count.saturating_mul(100))), scaled)
        }
        Bound::Duration(_) | Bound::OfBaseline { .. } => (None, None),
    };
    let (Some(value), Some(bound)) = (value, bound) else { return false };
    match measure.comparison {
        Comparison::AtMost => value <= bound,
        Comparison::AtLeast => value >= bound,
        Comparison::MoreThan => value > bound,
        Comparison::LessThan => value < bound,
        Comparison::Is => value == bound,
    }
}

/// A decimal times a whole number, by its digits.
fn times(decimal: &Decimal, by: u64) -> Option<Decimal> {
    let text = decimal.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits: i128 = format!("{whole}{part}").parse().ok()?;
    let product = digits.checked_mul(i128::from(by))?;
    let scale = 10_i128.checked_pow(u32::try_from(part.len()).ok()?)?;
    let (quotient, rest) = (product / scale, product % scale);
    Decimal::parse(&if rest == 0 {
        quotient.to_string()
    } else {
        format!("{quotient}.{rest:0width$}", width = part.len())
    })
}
