//! Numbers of records that somebody wants to look at, against how many there are.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::measure::{Condition, Measure, Over, Sample, named};
use cutover_plan::model::{Content, Verb};
use cutover_plan::text::numbers::number;
use rustc_hash::FxHashSet;

use crate::context::Context;

/// An account with fewer is looked at as a whole, whatever number is written.
const WHOLE: u64 = 100;

/// Checks samples, restore tests and rates.
pub(super) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let measures: &[Condition] = match &item.content {
            Content::Objective(goal) | Content::Criterion(goal) => &goal.pass,
            Content::Check(check) if !check.generated => &check.pass,
            Content::Trigger(trigger) => {
                let at = span(cx, id, "");
                found.extend(at.and_then(|at| sampled(cx, &trigger.fires, at)));
                found.extend(at.and_then(|at| rate(cx, &trigger.fires, at)));
                continue;
            }
            Content::Rehearsal(rehearsal) => {
                let at = span(cx, id, "sample");
                found.extend(
                    at.and_then(|at| rehearsal.sample.iter().find_map(|sample| larger(cx, sample, at))),
                );
                continue;
            }
            Content::Backup(backup) => {
                let at = span(cx, id, "restore");
                found.extend(
                    at.and_then(|at| backup.restore.iter().find_map(|sample| larger(cx, sample, at))),
                );
                continue;
            }
            Content::Export(export) => {
                let at = span(cx, id, "sample");
                found
                    .extend(at.and_then(|at| export.sample.iter().find_map(|sample| larger(cx, sample, at))));
                continue;
            }
            _ => continue,
        };
        for (name, measure) in named(measures) {
            found.extend(span(cx, id, &name).and_then(|at| sampled(cx, measure, at)));
        }
    }
    cx.draft.diagnostics.extend(found);
}

fn span(cx: &Context<'_>, id: &Id, sub: &str) -> Option<Span> {
    let within = id.child(sub);
    let draft = &cx.draft;
    draft.spots.get(&within).or_else(|| draft.places.get(&within)).or_else(|| draft.places.get(id)).copied()
}

fn sampled(cx: &Context<'_>, measure: &Measure, at: Span) -> Option<Diagnostic> {
    larger(cx, measure.sample.as_ref()?, at)
}

/// A sample of more records than the account has.
fn larger(cx: &Context<'_>, sample: &Sample, at: Span) -> Option<Diagnostic> {
    let kind = cx.world.source()?.kind(&sample.of)?;
    let count = kind.count().filter(|count| *count >= WHOLE && *count < sample.count)?;
    let plural = kind.plural.replace('_', " ");
    Some(
        Diagnostic::warning("checks/sample-too-large", "more records are asked for than there are")
            .primary(at, format!("{} of {} {plural} in the inventory", number(sample.count), number(count)))
            .help(format!("ask for fewer; {} are all of them", number(count))),
    )
}

/// A rate over so many records that are never loaded: the trigger waits for them and never fires.
fn rate(cx: &Context<'_>, fires: &Measure, at: Span) -> Option<Diagnostic> {
    let Some(Over::Records(least)) = fires.over else { return None };
    let mut seen = FxHashSet::default();
    let mut all: u64 = 0;
    for line in cx.decided.iter().filter(|line| line.verb == Verb::Import && seen.insert(line.kind.name)) {
        all = all.saturating_add(line.kind.count()?);
    }
    if all == 0 || all >= least {
        return None;
    }
    Some(
        Diagnostic::error("rollback/never-reached", "a trigger waits for more records than there are")
            .primary(at, format!("all kinds that are imported have {} records", number(all)))
            .help("a rate needs a number of records that is reached early in the night: `over 1000 records`"),
    )
}
