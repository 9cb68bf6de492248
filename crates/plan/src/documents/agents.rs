//! The page for agents: what is different from the day after.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::map::{Map, Outcome, Row, Source, Translate};
use cutover_ir::predicate::Literal;

use super::page::{Page, of_kind};
use super::promises;
use crate::model::{Operation, Plan, Selection, Verb};
use crate::schedule::{Schedule, instant};
use crate::text::{local, words};

pub(super) fn write(plan: &Plan, times: &Schedule) -> String {
    let title = format!("{}: what changes for agents", plan.migration.title);
    let mut page = Page::new(plan, &title, "For everybody who answers customers.");
    night(&mut page, times);
    tickets(&mut page);
    values(&mut page);
    fields(&mut page);
    promises::write(&mut page);
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
        page.sentence(&words::scoped(plan, part));
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
            if words::human(reopened) == "same ticket" {
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
                // A blank at an end would not be seen.
                &|page| {
                    let text = &row.pattern.text;
                    let quoted = if text.trim() == text { text.clone() } else { format!("“{text}”") };
                    page.text(&quoted);
                },
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
        page.sentence(&words::scoped(plan, part));
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
