//! Statuses of tickets by the names that they have in the new desk, and what they do to the clocks of a promise.

use std::collections::BTreeMap;

use cutover_ir::eval::{Truth, truth};
use cutover_ir::map::{Map, Outcome, Row, Source};
use cutover_ir::predicate::Literal;
use cutover_ir::value::{Record, Value};
use cutover_ir::{Id, Type};

use super::page::{Page, of_kind};
use crate::host::PlanHost;
use crate::model::{Clock, ClockEffect, Content, DomainOption, Plan, Selection, Sla, Verb};
use crate::text::words;

/// What each status does to the clocks of a policy: what was promised, and what the new desk does where that is something else.
pub(super) fn effects(page: &mut Page<'_>, policy: &Id, sla: &Sla) {
    let plan = page.plan;
    let product = words::product(plan, "target");
    let keeping = plan.systems.get("target").and_then(|system| system.keeping.get(policy));
    for state in &sla.states {
        let of = |clock: &&Clock| state.of.is_empty() || state.of.contains(&clock.name);
        // Clocks of which the new desk does the same in these statuses are told together.
        let mut groups: Vec<(BTreeMap<&str, ClockEffect>, Vec<String>)> = Vec::new();
        for clock in sla.clocks.iter().filter(of) {
            let there = keeping.and_then(|keeping| keeping.states.get(&clock.name)).into_iter().flatten();
            let there = there.filter(|(status, _)| state.statuses.contains(status));
            let there: BTreeMap<&str, ClockEffect> =
                there.map(|(status, effect)| (status.as_str(), *effect)).collect();
            match groups.iter_mut().find(|(other, _)| *other == there) {
                Some((_, clocks)) => clocks.push(clock.name.clone()),
                None => groups.push((there, vec![clock.name.clone()])),
            }
        }
        let all = state.of.is_empty() && groups.len() == 1;
        for (there, clocks) in &groups {
            let clocks = if all { String::new() } else { format!(" for the {}", words::humans(clocks)) };
            let alike: Vec<&str> = state
                .statuses
                .iter()
                .map(String::as_str)
                .filter(|status| !there.contains_key(status))
                .collect();
            let promised = match state.effect {
                ClockEffect::Runs => "runs",
                ClockEffect::Pauses => "stands still",
                ClockEffect::Stops => "is over",
            };
            line(page, &alike, &format!("the time {promised}{clocks}"));
            for (effect, does) in [
                (ClockEffect::Runs, "counts on"),
                (ClockEffect::Pauses, "stands still"),
                (ClockEffect::Stops, "is over"),
            ] {
                let others: Vec<&str> =
                    there.iter().filter(|(_, there)| **there == effect).map(|(status, _)| *status).collect();
                let promised = if state.effect == ClockEffect::Runs { "runs on" } else { promised };
                line(
                    page,
                    &others,
                    &format!("the promise {promised}{clocks}, but the clock of {product} {does}"),
                );
            }
        }
    }
}

fn line(page: &mut Page<'_>, statuses: &[&str], what: &str) {
    let statuses = renamed(page.plan, statuses);
    if !statuses.is_empty() {
        page.raw("- In ").text(&words::list(&statuses)).raw(" ").text(what).raw(".\n");
    }
}

/// Statuses by the names that they have in the new desk, each with what it was called: `“pending” (until now “Waiting”, “Pending”)`. A
/// status that is none there is left out.
fn renamed(plan: &Plan, statuses: &[&str]) -> Vec<String> {
    let mut names: Vec<(String, Vec<&str>)> = Vec::new();
    for &status in statuses {
        let Some(now) = becomes(plan, status) else { continue };
        match names.iter_mut().find(|(name, _)| *name == now) {
            Some((_, old)) => old.push(status),
            None => names.push((now, vec![status])),
        }
    }
    let told = names.into_iter().map(|(now, old)| match old.as_slice() {
        [same] if **same == now => format!("“{now}”"),
        old => {
            let old: Vec<String> = old.iter().map(|old| format!("“{old}”")).collect();
            format!("“{now}” (until now {})", words::list(&old))
        }
    });
    told.collect()
}

/// What a status of the old desk is called in the new one, by the row that writes the new one. `None` when it is none there: no line
/// says what becomes of it, or no ticket in it moves.
fn becomes(plan: &Plan, status: &str) -> Option<String> {
    // Where no catalog tells which field holds the status, each keeps its name.
    let Some((map, old, row)) = row(plan) else { return Some(status.to_owned()) };
    let table = match (row.from.as_slice(), row.pipe.as_slice()) {
        ([Source::Field(from)], []) if from == old => {
            return exists(plan, status).then(|| status.to_owned());
        }
        ([Source::Field(from)], [call]) if from == old && call.function == "translate" => call.args.first(),
        // What becomes of a status is not one name.
        _ => return Some(status.to_owned()),
    };
    let Some(Literal::Text(table)) = table else { return None };
    let Content::Translate(table) = &plan.items.get(&Id::new(["translate", table]))?.content else {
        return None;
    };
    let line = table.rows.iter().find(|row| row.pattern.matches(status)).map(|row| &row.outcome);
    // A line for all others is not about a status in which no ticket moves.
    let rest = || table.rest.as_ref().filter(|_| moves(plan, &map.source, old, status));
    match line.or_else(rest)? {
        Outcome::Value(Literal::Text(value)) => Some(value.clone()),
        Outcome::Same => Some(status.to_owned()),
        _ => None,
    }
}

/// The row that writes the status of the new desk's tickets, with its map and the field that holds the status in the old desk.
fn row(plan: &Plan) -> Option<(&Map, &str, &Row)> {
    let maps = of_kind!(plan, Map).map(|(_, _, map)| map);
    maps.filter_map(|map| {
        let (old, _) = state(plan, "source", &map.source)?;
        let (new, _) = state(plan, "target", &map.target)?;
        Some((map, old, map.rows.iter().find(|row| row.to.iter().any(|to| to == new))?))
    })
    .next()
}

/// The field of a kind that holds the status, with its options: the one whose options have classes.
fn state<'p>(plan: &'p Plan, system: &str, kind: &str) -> Option<(&'p str, &'p [DomainOption])> {
    let schema = plan.schemas.get(system)?;
    let fields = &schema.kinds.get(kind)?.fields;
    fields.iter().find_map(|(name, field)| {
        let Type::Choice(domain) = field.of_type.required() else { return None };
        let options = schema.domains.get(&**domain)?;
        options.iter().any(|option| option.class.is_some()).then_some((&**name, &**options))
    })
}

/// Whether the new desk has a status of this name, for all that is known.
fn exists(plan: &Plan, status: &str) -> bool {
    let kinds = plan.schemas.get("target").into_iter().flat_map(|schema| schema.kinds.keys());
    let mut states = kinds.filter_map(|kind| state(plan, "target", kind)).peekable();
    states.peek().is_none() || states.any(|(_, options)| options.iter().any(|known| known.name == status))
}

/// Whether a ticket in a status can be among those that move.
fn moves(plan: &Plan, kind: &str, field: &str, status: &str) -> bool {
    let mut record = Record::new();
    record.insert(field.to_owned(), Value::Choice(status.to_owned()));
    let host = PlanHost::new(plan);
    let mut parts = of_kind!(plan, Scope)
        .map(|(_, _, part)| part)
        .filter(|part| part.kind == kind && matches!(part.verb, Verb::Import | Verb::Recreate));
    parts.any(|part| match &part.which {
        Selection::Where(which) | Selection::Rest(which) => {
            truth(which, kind, &record, true, &host) != Truth::Known(false)
        }
        Selection::All | Selection::Named(_) | Selection::RestNamed(_) => true,
    })
}
