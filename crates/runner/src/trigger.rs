//! Triggers: what stops a load by itself.

use cutover_ir::measure::Over;
use cutover_plan::model::Content;

use crate::checks::holds;
use crate::context::Context;
use crate::journal::Counts;
use crate::problem::Problem;

/// The counts of a kind in a stage after each batch, as far back as a trigger looks.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    after: Vec<Counts>,
}

/// Batches that are remembered.
const BATCHES: usize = 1000;

impl Watched {
    /// Pauses the run when a trigger fires. It looks at the last records that were tried, over which the trigger is taken; what was before
    /// this call of the program is not looked at again, so that somebody can let the run go on.
    pub(crate) fn look(&mut self, ctx: &Context<'_>, stage: &str, kind: &str) -> Result<(), Problem> {
        let counts = ctx.journal.counts(stage)?;
        let now = counts.iter().find(|(of, _)| of == kind).map(|(_, counts)| *counts).unwrap_or_default();
        let fired = ctx.plan.items.iter().find_map(|(id, item)| {
            let Content::Trigger(trigger) = &item.content else { return None };
            let measure = &trigger.fires;
            if measure.metric != "failed_imports" || measure.scope.is_some() {
                return None;
            }
            let least = match measure.over {
                Some(Over::Records(least)) => least,
                Some(Over::Time(_)) | None => 1,
            };
            let since = |then: &&Counts| tried(&now).saturating_sub(tried(then)) >= least;
            let then = self.after.iter().rev().find(since)?;
            let (failed, of) = (failed(&now) - failed(then), tried(&now) - tried(then));
            holds(measure, failed, of).then(|| (id.to_string(), failed, of))
        });
        if self.after.len() >= BATCHES {
            self.after.drain(..BATCHES / 2);
        }
        self.after.push(now);
        let Some((trigger, failed, of)) = fired else { return Ok(()) };
        let deciders = ctx.plan.items.values().find_map(|item| match &item.content {
            Content::Rollback(rollback) => Some(rollback.decided_by.join(", ")),
            _ => None,
        });
        let text = format!(
            "{failed} of the last {of} records failed in {stage}; {} decide: resume, or roll back",
            deciders.unwrap_or_else(|| "the people of the team".to_owned())
        );
        ctx.journal.event(ctx.clock.now(), "pause", &trigger, stage, &text)
    }
}

fn tried(counts: &Counts) -> u64 {
    counts.written + counts.rejected + counts.uncertain
}

fn failed(counts: &Counts) -> u64 {
    counts.rejected + counts.uncertain
}
