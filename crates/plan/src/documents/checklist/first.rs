//! The first screen, always in the same order.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::Id;

use crate::documents::details;
use crate::documents::page::{Page, of_kind};
use crate::model::{
    LoadMode, Mark, Operation, Phase, Plan, ScopePart, Selection, Stage, StageKind, Undo, Verb,
};
use crate::schedule::{Schedule, irreversible};
use crate::text::numbers::{count, len, number, span};
use crate::text::{local, words};

pub(super) fn write(page: &mut Page<'_>, times: &Schedule) {
    page.heading(2, "At a glance");
    verdict(page);
    moves(page);
    no_return(page, times);
    time(page, times);
    promises(page);
    leans_on(page);
    signatures(page);
    super::look::write(page, times);
}

fn verdict(page: &mut Page<'_>) {
    let unfinished = page.plan.unfinished;
    page.raw("- **Verdict:** ");
    if unfinished.errors == 0 && unfinished.holes == 0 {
        page.raw("ready to be signed: no errors, no open decisions.\n");
    } else {
        let errors = count(u64::from(unfinished.errors), "error", "errors");
        let holes = count(u64::from(unfinished.holes), "open decision", "open decisions");
        page.raw("not ready: ").raw(&errors).raw(" and ").raw(&holes).raw(".\n");
    }
}

/// What moves, is rebuilt, archived, left behind, lost.
fn moves(page: &mut Page<'_>) {
    let plan = page.plan;
    let mut by_verb: BTreeMap<Verb, Vec<(&Id, &ScopePart)>> = BTreeMap::new();
    for (id, _, part) in of_kind!(plan, Scope) {
        by_verb.entry(part.verb).or_default().push((id, part));
    }
    for (verb, parts) in by_verb {
        let said = amounts(plan, &parts);
        page.raw("- **").raw(words::verb(verb)).raw(":** ");
        for (index, said) in said.iter().enumerate() {
            page.raw(if index > 0 { ", " } else { "" }).text(said);
        }
        page.raw(".\n");
    }
    page.raw("- **Is lost:** ");
    let (fields, others): (Vec<_>, Vec<_>) =
        plan.losses.iter().partition(|(id, _)| super::registers::is_dropped_field(id));
    // What is lost of records that move weighs more than a field that nobody wants.
    let biggest = others.iter().max_by_key(|(_, loss)| loss.records);
    let Some((id, biggest)) = biggest.or(fields.iter().max_by_key(|(_, loss)| loss.records)) else {
        page.raw("nothing that anybody knows of.\n");
        return;
    };
    page.raw(&count(len(others.len()), "accepted loss", "accepted losses"));
    if !fields.is_empty() {
        page.raw(" and ")
            .raw(&count(len(fields.len()), "field that is", "fields that are"))
            .raw(" left behind");
    }
    page.raw("; the biggest: ").prose(&biggest.what);
    super::registers::records(page, biggest);
    let fullest = fields.iter().max_by_key(|(_, loss)| loss.records);
    if let Some((_, fullest)) = fullest.filter(|(_, loss)| loss.records > biggest.records) {
        page.raw("; of what is left behind: ").prose(&fullest.what);
        super::registers::records(page, fullest);
    }
    page.ends_with(id);
}

/// How much of each kind, the largest first; what has no number comes last. Several lines about one kind are added up.
fn amounts(plan: &Plan, parts: &[(&Id, &ScopePart)]) -> Vec<String> {
    let mut by_kind: BTreeMap<&str, Vec<(&ScopePart, Option<u64>)>> = BTreeMap::new();
    for (id, part) in parts {
        let named = match &part.which {
            Selection::Named(names) => Some(len(names.len())),
            _ => None,
        };
        let records = plan.figures.records.get(*id).copied().or(named);
        by_kind.entry(&part.kind).or_default().push((part, records));
    }
    let mut said: Vec<(Option<u64>, String)> = Vec::new();
    for (kind, parts) in by_kind {
        let sum = parts.iter().try_fold(0_u64, |sum, (_, records)| Some(sum.saturating_add((*records)?)));
        match (sum, parts.as_slice()) {
            (Some(records), [(ScopePart { which: which @ Selection::Named(_), .. }, _)]) => {
                said.push((Some(records), words::selected(plan, kind, which)));
            }
            (Some(records), _) => {
                said.push((Some(records), count(records, &words::human(kind), &words::plural(kind))));
            }
            (None, parts) => said.extend(parts.iter().map(|(part, records)| {
                let text = match records {
                    Some(records) => count(*records, &words::human(kind), &words::plural(kind)),
                    None => match plan.figures.source.get(kind) {
                        Some(all) => {
                            let some = words::scoped(plan, part);
                            format!("{some} (of {})", number(*all))
                        }
                        None => words::scoped(plan, part),
                    },
                };
                (*records, text)
            })),
        }
    }
    said.sort_by_key(|(records, _)| std::cmp::Reverse(*records));
    said.into_iter().map(|(_, text)| text).collect()
}

fn no_return(page: &mut Page<'_>, times: &Schedule) {
    let plan = page.plan;
    let steps: Vec<_> = plan.stages.iter().filter(|stage| irreversible(stage)).collect();
    page.raw("- **Cannot be taken back:** ");
    if steps.is_empty() {
        page.raw("no step; rollback is clean to the end.\n");
        return;
    }
    for (index, stage) in steps.iter().enumerate() {
        page.raw(if index > 0 { "; " } else { "" }).text(&stage.title).raw(" (").id(&stage.id).raw(")");
    }
    page.raw(".");
    match (&times.no_return, &plan.migration.window) {
        (Some((at, id)), Some(window)) => {
            let clock = local::minute(window, crate::schedule::instant(window, *at));
            page.raw(" In the window, rollback is clean until ").text(&clock).ends_with(id);
        }
        _ => {
            page.raw(" In the window, rollback is clean to the end.\n");
        }
    }
}

fn time(page: &mut Page<'_>, times: &Schedule) {
    let plan = page.plan;
    let Some(window) = &plan.migration.window else { return };
    let long = u64::try_from(window.end.seconds().saturating_sub(window.start.seconds())).unwrap_or(0);
    page.raw("- **Time:** the window is ").text(&local::minute(window, window.start)).raw(" to ");
    page.text(&local::minute(window, window.end))
        .raw(", ")
        .text(&window.zone)
        .raw(" (")
        .raw(&span(long))
        .raw("); the night needs about ");
    page.raw(&span(times.needed));
    if times.needed > long {
        page.raw(", **which does not fit**");
    }
    let dominant = times
        .critical_path
        .iter()
        .filter_map(|id| times.times.get(id).map(|times| (times.end - times.start, id)))
        .max_by_key(|(seconds, _)| *seconds);
    if let Some((seconds, stage)) =
        dominant.and_then(|(seconds, id)| Some((seconds, plan.stages.iter().find(|stage| stage.id == *id)?)))
    {
        page.raw(", most of it for “")
            .text(&stage.title)
            .raw("” (")
            .raw(&span(seconds))
            .raw(", ")
            .id(&stage.id)
            .raw(")");
    }
    page.raw(".");
    if times.downtime > 0 {
        page.raw(" Customers wait for an answer for about ").raw(&span(times.downtime));
        if let Some(allowed) = plan.migration.downtime {
            page.raw("; ").raw(&span(allowed.nominal_seconds())).raw(" are allowed");
            if times.downtime > allowed.nominal_seconds() {
                page.raw(", **which does not fit**");
            }
        }
        page.raw(".");
    }
    second_load(page, times, long);
    page.raw("\n");
}

/// Whether what changes meanwhile has to be loaded a second time.
fn second_load(page: &mut Page<'_>, times: &Schedule, long: u64) {
    let plan = page.plan;
    let Some(night) = of_kind!(plan, GoLive).next().map(|(_, _, night)| night) else { return };
    if night.load.kind.is_none() && night.load.mode == LoadMode::Create {
        page.raw(
            " Everything is loaded while messages wait, so nothing changes in between and no second load is needed.",
        );
        return;
    }
    // At once, the loads ahead are work of the night, and the loads of what changed are not needed.
    let seconds = |test: &dyn Fn(&Stage) -> bool| {
        let some = plan.stages.iter().filter(|stage| test(stage));
        some.filter_map(|stage| stage.estimate.as_deref()).map(|e| e.seconds).fold(0_u64, u64::saturating_add)
    };
    let ahead = seconds(&|stage| stage.phase == Phase::Load);
    let again = seconds(
        &|stage| matches!(&stage.operation, Operation::Load { mode, .. } if *mode != LoadMode::Create),
    );
    let at_once = |now: u64| now.saturating_add(ahead).saturating_sub(again);
    let waits = at_once(times.downtime);
    let fits = at_once(times.needed) <= long
        && plan.migration.downtime.is_none_or(|allowed| waits <= allowed.nominal_seconds());
    if fits && ahead > 0 {
        page.raw(" All of it would also fit into the window at once, with a wait of about ")
            .raw(&span(waits))
            .raw(": then no second load would be needed.");
    }
}

fn promises(page: &mut Page<'_>) {
    let policies = len(of_kind!(page.plan, Sla).count());
    page.raw("- **Promises to customers:** ");
    match page.plan.figures.promises {
        Some(promises) => {
            page.raw("of ")
                .raw(&count(promises.tickets, "unfinished ticket", "unfinished tickets"))
                .raw(" with a clock that runs, ")
                .number(promises.changed)
                .raw(" will be due at another time than the old desk shows, ")
                .number(promises.false_late)
                .raw(" would look late without being late, and ")
                .number(promises.hidden_breaches)
                .raw(" would look on time though they are late");
            if promises.unsure > 0 {
                page.raw(". ");
                match promises.unsure {
                    all if all == promises.tickets => page.raw("All of them"),
                    some => page.number(some).raw(" of them"),
                };
                page.raw(" may be under no promise at all: the table of tickets lacks what a policy asks for, so they are counted as if they were under it");
            }
            page.raw(". Each of them: `cutover sla preview`.\n");
        }
        None if policies == 0 => {
            page.raw("the spec declares no SLA.\n");
        }
        None => {
            page.raw(&count(policies, "SLA policy", "SLA policies"))
                .raw(" declared; how many due dates change has not been computed.\n");
        }
    }
}

/// Defaults, silenced findings, accepted losses, unverified facts, and how old the inventories are.
fn leans_on(page: &mut Page<'_>) {
    let plan = page.plan;
    let unverified = plan.facts.values().filter(|fact| fact.mark == Mark::Unverified).count();
    page.raw("- **It rests on:** ");
    page.raw(&count(len(plan.defaults.len()), "default", "defaults")).raw(" taken, ");
    page.raw(&count(len(plan.suppressions.len()), "silenced finding", "silenced findings")).raw(", ");
    let losses = plan.losses.keys().filter(|id| !super::registers::is_dropped_field(id)).count();
    page.raw(&count(len(losses), "accepted loss", "accepted losses")).raw(", ");
    page.raw(&count(len(unverified), "fact", "facts")).raw(" that nobody verified ([lists](#what-is-lost)).");
    if !plan.header.inventories.is_empty() {
        page.raw(" Inventories: ");
        for (index, (system, inventory)) in plan.header.inventories.iter().enumerate() {
            page.raw(if index > 0 { ", " } else { "" })
                .text(system)
                .raw(" of ")
                .raw(&inventory.taken.to_string());
        }
        page.raw(".");
    }
    page.raw("\n");
}

/// Who signs what, and when it is due.
fn signatures(page: &mut Page<'_>) {
    let plan = page.plan;
    let mut by_person: BTreeMap<&str, Vec<&crate::model::Stage>> = BTreeMap::new();
    for stage in &plan.stages {
        for who in &stage.signed_by {
            by_person.entry(who).or_default().push(stage);
        }
    }
    // What is signed without being asked for by a stage: accepted losses, waivers, retired rules.
    let asked: BTreeSet<(&Id, &str)> = plan
        .stages
        .iter()
        .flat_map(|stage| stage.items.iter().map(move |item| (item, stage)))
        .flat_map(|(item, stage)| stage.signed_by.iter().map(move |who| (&item.0, who.as_str())))
        .collect();
    let mut others: BTreeMap<&str, Vec<&Id>> = BTreeMap::new();
    for (id, item) in &plan.items {
        for who in item.signed_by.iter().filter(|who| !asked.contains(&(id, who.as_str()))) {
            others.entry(who).or_default().push(id);
        }
    }
    let mut people: Vec<&str> = by_person.keys().chain(others.keys()).copied().collect();
    people.sort_unstable();
    people.dedup();
    if people.is_empty() {
        page.raw("- **Signatures:** nobody has to sign.\n");
        return;
    }
    page.raw("- **Signatures:** who has signed is on record elsewhere; this is who must:\n");
    for who in people {
        page.raw("  - **").person(who).raw("**: ");
        let mut first = true;
        for stage in by_person.get(who).into_iter().flatten() {
            page.raw(if first { "" } else { "; " }).text(&stage.title);
            when(page, stage);
            page.raw(" (").id(&stage.id).raw(")");
            first = false;
        }
        for id in others.get(who).into_iter().flatten() {
            page.raw(if first { "" } else { "; " });
            if let Some(item) = plan.items.get(*id) {
                page.text(&details::name(plan, id, item));
            }
            page.raw(" (").id(id).raw(")");
            first = false;
        }
        page.raw("\n");
    }
}

fn when(page: &mut Page<'_>, stage: &crate::model::Stage) {
    if let Some(due) = stage.due.as_deref().or(stage.not_before.as_deref()) {
        let plan = page.plan;
        page.raw(if stage.due.is_some() { ", by " } else { ", from " }).text(&words::moment(plan, due));
    } else if stage.kind != StageKind::Watch {
        page.raw(", ").raw(words::placement(stage.placement));
    }
    if matches!(stage.undo, Undo::Irreversible { .. }) {
        page.raw(", cannot be taken back");
    }
}
