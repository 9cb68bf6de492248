//! What each status of the old desk does to a clock, its counterpart in the new desk does as well.

use cutover_catalog::Catalog;
use cutover_catalog::catalog::Metric;
use cutover_catalog::fact::Mark;
use cutover_catalog::states::Clock as Does;
use cutover_diagnostics::Diagnostic;
use cutover_ir::map::Outcome;
use cutover_ir::predicate::Literal;
use cutover_plan::model::{Clock, ClockEffect, Content, Sla};

use crate::context::Context;
use crate::lower::maps::facts::Table;
use crate::world::KindView;

/// Differences that a finding tells one by one.
const SHOWN: usize = 3;

/// Compares the policies of the spec with the metrics by which the target measures them.
pub fn check(cx: &mut Context<'_>) {
    let world = cx.world;
    let Some((source, target)) = world.source().zip(world.target()) else { return };
    let Some((catalog, from)) = target.catalog.zip(source.tickets()) else { return };
    let mut found = Vec::new();
    if let Some((to, table)) = states(cx, from) {
        for (id, item) in &cx.draft.plan.items {
            let Content::Sla(sla) = &item.content else { continue };
            for clock in &sla.clocks {
                let Some(metric) = metric(catalog, clock) else { continue };
                let differences = differences(sla, clock, metric, to, table);
                let Some(span) = cx.draft.places.get(&id.child(&clock.name)).copied() else { continue };
                let Some(first) = differences.first() else { continue };
                let mark = catalog.mark_of(
                    metric.mark,
                    if metric.from.is_empty() { &catalog.sla.from } else { &metric.from },
                );
                let summary = "the new desk counts other hours of some tickets than this clock";
                // What nobody has confirmed is tried in the rehearsal.
                let finding = if mark == Mark::Unverified {
                    Diagnostic::remark("sla/class-differs#unconfirmed", summary)
                } else {
                    Diagnostic::warning("sla/class-differs", summary)
                };
                let finding = finding.primary(span, first.clone());
                let more = differences.iter().skip(1).take(SHOWN - 1);
                let finding = more.fold(finding, |finding, difference| finding.note(difference.clone()));
                let finding = match differences.len().saturating_sub(SHOWN) {
                    0 => finding,
                    1 => finding.note("and one more status"),
                    more => finding.note(format!("and {more} more statuses")),
                };
                let better = better(sla, clock, catalog, to, table);
                found.push(finding.help(match better {
                    Some(better) => format!("`as {better}` counts each status as it is counted here"),
                    None => "set the new desk up so, or tell agents and customers what counts from now on; then say so with `allow \"sla/class-differs\"`".to_owned(),
                }));
            }
        }
    }
    cx.draft.diagnostics.extend(found);
}

/// The target's kind of tickets, and the translation that gives them their status.
fn states<'c>(cx: &'c Context<'_>, from: &KindView<'_>) -> Option<(&'c KindView<'c>, Option<&'c Table>)> {
    cx.maps.maps.iter().filter(|map| map.source.name == from.name && !map.broken).find_map(|map| {
        let field = &map.target.state_field()?.field;
        let row = map.rows.iter().find(|row| row.to.iter().any(|to| to.path() == **field))?;
        let table = row.table.as_ref().and_then(|used| cx.maps.tables.get(&used.name));
        Some((map.target, table))
    })
}

fn metric<'c>(catalog: &'c Catalog, clock: &Clock) -> Option<&'c Metric> {
    let named = clock.as_metric.as_deref()?;
    catalog.sla.metrics.iter().find(|(name, _)| *name == named).map(|(_, metric)| metric)
}

/// What each difference is, in words, in the order of the statuses.
fn differences(
    sla: &Sla,
    clock: &Clock,
    metric: &Metric,
    to: &KindView<'_>,
    table: Option<&Table>,
) -> Vec<String> {
    let mut all = Vec::new();
    for line in sla.states.iter().filter(|line| line.of.is_empty() || line.of.contains(&clock.name)) {
        for status in &line.statuses {
            // A status that does two things is told as such.
            let twice = sla.states.iter().any(|other| {
                other.effect != line.effect
                    && (other.of.is_empty() || other.of.contains(&clock.name))
                    && other.statuses.contains(status)
            });
            if twice {
                continue;
            }
            let new = match table {
                None => status.as_str(),
                Some(table) => match table.outcome(status) {
                    Some(Outcome::Value(Literal::Text(text))) => text.as_str(),
                    Some(Outcome::Same) => status.as_str(),
                    _ => continue,
                },
            };
            let Some(state) = to.state(new) else { continue };
            // An account may say of a state what it does to all clocks.
            let Some(there) = state.clock.or_else(|| metric.clock(state.category)) else { continue };
            let same = matches!(
                (line.effect, there),
                (ClockEffect::Runs, Does::Runs)
                    | (ClockEffect::Pauses, Does::Pauses)
                    | (ClockEffect::Stops, Does::Stops)
            );
            if !same {
                let here = match line.effect {
                    ClockEffect::Runs => "runs",
                    ClockEffect::Pauses => "pauses",
                    ClockEffect::Stops => "stops",
                };
                let there = match there {
                    Does::Runs => "runs",
                    Does::Pauses => "pauses",
                    Does::Stops => "stops",
                };
                all.push(format!(
                    "\"{status}\" {here} this clock; it becomes \"{new}\", in which “{}” {there}",
                    metric.title
                ));
            }
        }
    }
    all.sort();
    all
}

/// A metric of the target that means the same and differs nowhere.
fn better<'c>(
    sla: &Sla,
    clock: &Clock,
    catalog: &'c Catalog,
    to: &KindView<'_>,
    table: Option<&Table>,
) -> Option<&'c str> {
    let taken = |name: &str| sla.clocks.iter().any(|other| other.as_metric.as_deref() == Some(name));
    catalog
        .sla
        .metrics
        .iter()
        .filter(|(name, metric)| {
            let canon = metric.canon.as_deref().unwrap_or_default();
            crate::lower::sla::measures(canon) == crate::lower::sla::measures(&clock.name) && !taken(name)
        })
        .find(|(_, metric)| differences(sla, clock, metric, to, table).is_empty())
        .map(|(name, _)| name)
}
