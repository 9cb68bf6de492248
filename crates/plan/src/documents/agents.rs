//! The page for agents: what is different from the day after.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::map::{Map, Outcome, Row, Source, Translate};
use cutover_ir::predicate::Literal;

use super::page::{Page, of_kind};
use crate::model::{ClockEffect, Content, Operation, Plan, Selection, Sla, Verb};
use crate::schedule::{Schedule, instant};
use crate::text::numbers::{clock, count, len};
use crate::text::{local, words};

pub(super) fn write(plan: &Plan, times: &Schedule) -> String {
    let title = format!("{}: what changes for agents", plan.migration.title);
    let mut page = Page::new(plan, &title, "For everybody who answers customers.");
    night(&mut page, times);
    tickets(&mut page);
    values(&mut page);
    fields(&mut page);
    promises(&mut page);
    tools(&mut page);
    training(&mut page);
    page.out
}

fn night(page: &mut Page<'_>, times: &Schedule) {
    let plan = page.plan;
    page.heading(2, "When");
    let (old, new) = (words::product(plan, "source"), words::product(plan, "target"));
    if let Some(window) = &plan.migration.window {
        page.raw("- From ")
            .text(&local::minute(window, window.start))
            .raw(" to ")
            .text(&local::minute(window, window.end));
        page.raw(" (").text(&window.zone).raw(") we move from ").text(old).raw(" to ").text(new);
        let held = plan.stages.iter().filter(|stage| matches!(stage.operation, Operation::Hold { .. }));
        let from =
            held.filter_map(|stage| times.times.get(&stage.id)).map(|times| times.start).min().unwrap_or(0);
        page.raw(". From about ").text(&local::minute(window, instant(window, from)));
        page.raw(" on, please change nothing in either of them until you are told that the new desk is open. Then work in ");
        page.text(new).raw(" only.\n");
    }
    for (id, _, announce) in of_kind!(plan, Announce).filter(|(_, _, announce)| announce.audience == "agents")
    {
        if let Some(from) = &announce.from {
            page.raw("- You get a message from ").text(&words::moment(plan, from)).raw(" on.").ends_with(id);
        }
        if let Some(who) = &announce.escalations_to {
            let contact =
                plan.people.get(who).and_then(|person| person.contact.as_deref()).unwrap_or_default();
            page.raw("- Something is urgent and stuck: ask ")
                .person(who)
                .raw(" ")
                .text(contact)
                .ends_with(id);
        }
        if let Some(place) = &announce.anomalies_to {
            page.raw("- Something looks odd: report it in ").code(place).ends_with(id);
        }
    }
}

fn tickets(page: &mut Page<'_>) {
    let plan = page.plan;
    page.heading(2, "Your tickets");
    for (id, _, part) in
        of_kind!(plan, Scope).filter(|(_, _, part)| part.kind == "ticket" || part.kind == "conversation")
    {
        page.raw("- ");
        page.sentence(&words::selected(plan, &part.kind, &part.which));
        page.raw(match part.verb {
            Verb::Import => " are in the new desk",
            Verb::Recreate => " are made anew in the new desk",
            Verb::Archive => " are in the archive",
            Verb::Retire => " are left behind",
        });
        if let Some(until) = &part.until {
            page.raw(" until ").raw(&until.date.to_string());
        }
        page.raw(".").ends_with(id);
    }
    for (id, _, wave) in of_kind!(plan, Wave) {
        if let Some(reopened) = &wave.reopened_as {
            page.raw("- When a customer answers to one of the ").text(&words::selected(
                plan,
                &wave.kind,
                &wave.which,
            ));
            if reopened == "same_ticket" {
                page.raw(", that ticket is opened again.").ends_with(id);
            } else {
                page.raw(", it becomes a ").text(&words::human(reopened)).raw(".").ends_with(id);
            }
        }
    }
    for (id, item, read_only) in of_kind!(plan, ReadOnly) {
        page.raw("- ")
            .text(words::product(plan, &read_only.system))
            .raw(" can be read until ")
            .raw(&read_only.until.to_string());
        if let Some(owner) = &item.owner {
            page.raw("; ask ")
                .person(owner)
                .raw(", you get access within ")
                .text(&words::length(read_only.access_within));
        }
        page.raw(".").ends_with(id);
    }
}

/// Kinds whose values agents work with.
const SEEN: [&str; 7] = ["ticket", "conversation", "chat", "agent", "user", "customer", "contact"];

/// Renamed statuses, queues, priorities, roles: each table that a map uses, once.
fn values(page: &mut Page<'_>) {
    let plan = page.plan;
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, _, map) in of_kind!(plan, Map).filter(|(_, _, map)| SEEN.contains(&map.source.as_str())) {
        for row in &map.rows {
            for call in row.pipe.iter().filter(|call| call.function == "translate") {
                if let (Some(Literal::Text(table)), Some(to)) = (call.args.first(), row.to.first()) {
                    used.entry(table).or_default().insert(to);
                }
            }
        }
    }
    let tables: Vec<_> = of_kind!(plan, Translate)
        .filter_map(|(id, _, table)| Some((id, table, used.get(id.as_str().strip_prefix("translate/")?)?)))
        .collect();
    if tables.is_empty() {
        return;
    }
    page.heading(2, "New names");
    for (id, table, fields) in tables {
        let fields: Vec<String> = fields.iter().map(|field| field_name(field)).collect();
        page.raw("**").sentence(&words::list(&fields)).raw("**").ends_with(id).raw("\n");
        names(page, table);
    }
}

fn names(page: &mut Page<'_>, table: &Translate) {
    let plan = page.plan;
    let same = |outcome: &Outcome, from: &str| match outcome {
        Outcome::Same => true,
        Outcome::Value(Literal::Text(to)) => to.to_lowercase() == from.to_lowercase(),
        _ => false,
    };
    let (kept, changed): (Vec<_>, Vec<_>) =
        table.rows.iter().partition(|row| same(&row.outcome, &row.pattern.text) && row.seen_as.is_none());
    if !changed.is_empty() {
        page.table(&["Until now", "From now on", "Customers see"]);
        for row in &changed {
            page.row(&[
                &|page| _ = page.text(&row.pattern.text),
                &|page| _ = page.text(&words::outcome(plan, &row.outcome)),
                &|page| _ = page.text(row.seen_as.as_deref().unwrap_or_default()),
            ]);
        }
        page.raw("\n");
    }
    if !kept.is_empty() {
        let names: Vec<&str> = kept.iter().map(|row| row.pattern.text.as_str()).collect();
        page.raw("As before: ").text(&words::list(&names)).raw(".\n\n");
    }
    match &table.rest {
        None => {}
        Some(Outcome::Same) => {
            page.raw("All others keep their name.\n\n");
        }
        Some(rest) => {
            page.raw("All others become: ").text(&words::outcome(plan, rest)).raw(".\n\n");
        }
    }
}

/// Fields of tickets that moved, are new, or are gone.
fn fields(page: &mut Page<'_>) {
    let plan = page.plan;
    let maps: Vec<&Map> = of_kind!(plan, Map)
        .map(|(_, _, map)| map)
        .filter(|map| map.source == "ticket" || map.source == "conversation")
        .collect();
    if maps.is_empty() {
        return;
    }
    page.heading(2, "Fields of a ticket");
    let mut any = false;
    for row in maps.iter().flat_map(|map| &map.rows).filter(|row| is_news(row)) {
        any = true;
        let to: Vec<String> = row.to.iter().map(|field| field_name(field)).collect();
        page.raw("- **").sentence(&words::list(&to)).raw("**: ");
        match row.from.first() {
            Some(Source::Field(from)) => page.raw("was ").text(&field_name(from)),
            Some(Source::Table(table, field)) => {
                page.raw("new, from ").text(&words::human(table)).raw(" (").text(&field_name(field)).raw(")")
            }
            Some(Source::Constant(value)) => page.raw("new, always ").text(&words::literal(plan, value)),
            None => page.raw("new"),
        };
        if let Some(meaning) = &row.meaning {
            page.raw(". ").text(meaning);
        }
        page.ends_with(&row.id);
    }
    for row in maps.iter().flat_map(|map| &map.rows).filter(|row| row.overflow.is_some()) {
        any = true;
        let to: Vec<String> = row.to.iter().map(|field| field_name(field)).collect();
        let overflow = row.overflow.as_deref().map(field_name).unwrap_or_default();
        page.raw("- A long ")
            .text(&words::list(&to))
            .raw(" is shortened; the rest is in ")
            .text(&overflow)
            .ends_with(&row.id);
    }
    for dropped in maps.iter().flat_map(|map| &map.dropped) {
        any = true;
        page.raw("- **")
            .sentence(&field_name(&dropped.field))
            .raw("** is gone: ")
            .text(&dropped.because)
            .ends_with(&dropped.id);
    }
    if !any {
        page.raw("All fields keep their names.\n");
    }
}

/// Whether agents find a value in another place than before.
fn is_news(row: &Row) -> bool {
    let ours = ["id", "external_id"];
    match row.from.as_slice() {
        [Source::Field(from)] => {
            row.to.as_slice() != [from.as_str()]
                && !row.key
                && !row.to.iter().any(|to| ours.contains(&to.as_str()))
        }
        _ => !row.key,
    }
}

/// `custom.old_number` as `old number`.
fn field_name(path: &str) -> String {
    words::human(path.strip_prefix("custom.").unwrap_or(path)).replace('.', " ")
}

fn promises(page: &mut Page<'_>) {
    let plan = page.plan;
    if of_kind!(plan, Sla).next().is_none() {
        return;
    }
    page.heading(2, "Promises to customers");
    for (id, item, sla) in of_kind!(plan, Sla) {
        let name = id.as_str().rsplit('/').next().unwrap_or_default();
        page.raw("**").text(item.title.as_deref().unwrap_or(name)).raw("**");
        match &sla.applies {
            Some(p) => page.raw(", for tickets where ").text(&words::predicate(plan, p)),
            None => page.raw(", for all tickets"),
        };
        page.ends_with(id).raw("\n");
        policy(page, sla);
    }
    for (id, item, escalation) in of_kind!(plan, Escalation) {
        let name = id.as_str().rsplit('/').next().unwrap_or_default();
        page.raw("**").text(item.title.as_deref().unwrap_or(name)).raw("**: ");
        for (index, step) in escalation.steps.iter().enumerate() {
            page.raw(if index > 0 { ", then " } else { "" });
            page.text(&words::recipient(plan, &step.notify))
                .raw(" is told ")
                .text(&words::due_offset(&step.when));
        }
        page.ends_with(id).raw("\n");
    }
    rule_sheet(page);
}

/// How the new desk counts, for people who will look at its due times and compare them with those that they knew.
fn rule_sheet(page: &mut Page<'_>) {
    let system = page.plan.systems.get("target");
    let Some(dialect) = system.and_then(|system| cutover_preview::dialect(&system.platform)) else { return };
    let product = words::product(page.plan, "target");
    page.raw("How ").text(product).raw(" counts the time of its promises:\n\n");
    let defects = dialect.defects.iter().map(|defect| defect.what.to_owned());
    for line in dialect.sheet().into_iter().chain(defects) {
        page.raw("- ").text(&line).raw("\n");
    }
    page.raw("\n");
}

fn policy(page: &mut Page<'_>, sla: &Sla) {
    for of_clock in &sla.clocks {
        page.raw("- ")
            .sentence(&words::human(&of_clock.name))
            .raw(" within ")
            .text(&words::length(of_clock.allowed))
            .raw(".");
        for (index, rule) in of_clock.continuity.iter().enumerate() {
            page.raw(if index == 0 { " When we move: " } else { "; " });
            match &rule.condition {
                Some(condition) => page.raw("if ").text(&words::human(condition)).raw(", "),
                None if index > 0 => page.raw("otherwise "),
                None => page,
            };
            page.text(&words::clock_action(&rule.action));
        }
        page.raw(if of_clock.continuity.is_empty() { "" } else { "." });
        if of_clock.unpaused {
            page.raw(" Earlier pauses are not counted");
            if let Some(lossy) = &of_clock.lossy {
                page.raw(" (").text(lossy).raw(")");
            }
            page.raw(".");
        }
        page.raw("\n");
    }
    for state in &sla.states {
        let statuses: Vec<String> = state.statuses.iter().map(|status| format!("“{status}”")).collect();
        page.raw("- In ").text(&words::list(&statuses)).raw(" the time ");
        page.raw(match state.effect {
            ClockEffect::Runs => "runs",
            ClockEffect::Pauses => "stands still",
            ClockEffect::Stops => "is over",
        });
        if !state.of.is_empty() {
            page.raw(" for the ").text(&words::humans(&state.of));
        }
        page.raw(".\n");
    }
    if let Some((id, Content::Calendar(calendar))) = sla
        .calendar
        .as_ref()
        .and_then(|reference| Some((&reference.0, &page.plan.items.get(&reference.0)?.content)))
    {
        page.raw("- Business hours are ");
        for (index, hours) in calendar.hours.iter().enumerate() {
            page.raw(if index > 0 { "; " } else { "" });
            page.text(&days(&hours.days)).raw(" ").raw(&clock(hours.from)).raw("–").raw(&clock(hours.to));
        }
        page.raw(" (").text(&calendar.zone).raw(")");
        if !calendar.holidays.is_empty() {
            page.raw(", except on ").raw(&count(len(calendar.holidays.len()), "holiday", "holidays"));
        }
        page.ends_with(id);
    }
    page.raw("\n");
}

/// `monday to friday` for a run of days.
fn days(days: &[String]) -> String {
    match days {
        [first, .., last] if days.len() > 2 && in_a_row(days) => {
            format!("{} to {}", words::capital(first), words::capital(last))
        }
        _ => words::list(&days.iter().map(|day| words::capital(day)).collect::<Vec<_>>()),
    }
}

fn in_a_row(days: &[String]) -> bool {
    const WEEK: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let at = |day: &String| WEEK.iter().position(|known| known == day);
    days.is_sorted_by(|a, b| matches!((at(a), at(b)), (Some(a), Some(b)) if a + 1 == b))
}

fn tools(page: &mut Page<'_>) {
    let plan = page.plan;
    let kinds = ["macro", "saved_reply", "view", "automation", "workflow"];
    let parts: Vec<_> =
        of_kind!(plan, Scope).filter(|(_, _, part)| kinds.contains(&part.kind.as_str())).collect();
    if parts.is_empty() {
        return;
    }
    page.heading(2, "Macros, views and rules");
    for (id, item, part) in parts {
        page.raw("- ");
        page.sentence(&words::selected(plan, &part.kind, &part.which));
        let one = matches!(&part.which, Selection::Named(names) if names.len() == 1);
        page.raw(match (part.verb, one) {
            (Verb::Import, true) => " moves as it is",
            (Verb::Import, false) => " move as they are",
            (Verb::Recreate, true) => " is built anew",
            (Verb::Recreate, false) => " are built anew",
            (Verb::Archive, true) => " is archived",
            (Verb::Archive, false) => " are archived",
            (Verb::Retire, true) => " is gone",
            (Verb::Retire, false) => " are gone",
        });
        if let Some(what) = &part.as_what {
            page.raw(if what == "off" { ", switched off for now" } else { ", as " });
            if what != "off" {
                page.text(&words::human(what));
            }
        }
        if let Some(because) = &item.because {
            page.raw(": ").text(because);
        }
        page.ends_with(id);
    }
}

fn training(page: &mut Page<'_>) {
    let plan = page.plan;
    let trainings: Vec<_> = of_kind!(plan, Train).collect();
    if trainings.is_empty() {
        return;
    }
    page.heading(2, "What you will practise");
    for (id, item, train) in trainings {
        if let Some(owner) = &item.owner {
            page.person(owner).raw(" leads the exercises");
        } else {
            page.raw("There are exercises");
        }
        if let Some(window) = &plan.migration.window {
            page.raw(", before ").text(&local::minute(window, window.start));
        }
        page.ends_with(id).raw("\n");
        for scenario in &train.scenarios {
            page.raw("- [ ] ").text(&exercise(scenario)).raw("\n");
        }
    }
}

/// What an exercise is about.
fn exercise(scenario: &str) -> String {
    match scenario {
        "receive" => "Receive a new ticket and answer it".to_owned(),
        "merge_duplicate" => "Merge a duplicate".to_owned(),
        "escalate" => "Escalate a complaint".to_owned(),
        "chat_handoff" => "Take over a chat".to_owned(),
        "macros" => "Use the macros".to_owned(),
        "sla_status" => "See how much time a ticket has left".to_owned(),
        "both_systems" => "Follow a conversation that began in the old desk".to_owned(),
        other => words::capital(&words::human(other)),
    }
}
