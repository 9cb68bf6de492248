//! The page about customers: what they are told, and what they notice.

use super::page::{Page, of_kind};
use crate::model::Plan;
use crate::schedule::Schedule;
use crate::text::numbers::span;
use crate::text::{local, words};

pub(super) fn write(plan: &Plan, times: &Schedule) -> String {
    let title = format!("{}: what customers are told and what they notice", plan.migration.title);
    let mut page = Page::new(plan, &title, "For those who write to customers.");
    told(&mut page);
    notice(&mut page, times);
    if_undone(&mut page);
    page.out
}

fn told(page: &mut Page<'_>) {
    let plan = page.plan;
    page.heading(2, "What they are told");
    let mut any = false;
    for (id, item, announce) in
        of_kind!(plan, Announce).filter(|(_, _, announce)| announce.audience != "agents")
    {
        any = true;
        page.raw("- ");
        match &announce.from {
            Some(from) => page.raw("From ").text(&words::moment(plan, from)),
            None => page.raw("At a time that is still open"),
        };
        page.raw(", ").text(&words::human(&announce.audience)).raw(" get ");
        match announce.template.as_ref() {
            Some(template) => {
                let file = plan.assets.get(template).map_or(template.as_str(), |asset| asset.file.as_str());
                page.raw("the text in ").code(file)
            }
            None => page.raw("a message"),
        };
        if let Some(owner) = &item.owner {
            page.raw(". ").person(owner).raw(" sends it");
        }
        if !item.signed_by.is_empty() {
            let names = words::people(plan, &item.signed_by);
            page.raw(if item.owner.is_some() { "; " } else { ". " }).text(&names).raw(" approves it first");
        }
        page.raw(". What is sent cannot be called back.").ends_with(id);
    }
    if !any {
        page.raw("The plan announces nothing to customers.\n");
    }
}

fn notice(page: &mut Page<'_>, times: &Schedule) {
    let plan = page.plan;
    page.heading(2, "What they notice");
    if let Some(window) = &plan.migration.window
        && times.downtime > 0
    {
        let hold = plan
            .stages
            .iter()
            .filter(|stage| matches!(stage.operation, crate::model::Operation::Hold { .. }));
        let begins = hold.filter_map(|stage| times.times.get(&stage.id)).map(|times| times.start).min();
        page.raw("- Nobody answers for at least ").raw(&span(times.downtime));
        if let Some(begins) = begins {
            let clock = local::minute(window, crate::schedule::instant(window, begins));
            page.raw(", from about ").text(&clock).raw(" (").text(&window.zone).raw(")");
        }
        page.raw(".\n");
    }
    for (id, _, inbound) in of_kind!(plan, Inbound) {
        page.raw("- Mail to ").code(&inbound.address).raw(" arrives all the same");
        match &inbound.held_at {
            Some(place) => page.raw(": it waits at ").text(place).raw(" and is delivered afterwards"),
            None => page.raw(" once the new desk is open"),
        };
        page.raw(".").ends_with(id);
    }
    for (id, _, go_live) in of_kind!(plan, GoLive) {
        if go_live.silent.is_some() {
            page.raw("- The move itself sends them nothing; that is proven before it begins.").ends_with(id);
        }
        if !go_live.switch.is_empty() {
            page.raw("- They reach us as before through ")
                .text(&words::humans(&go_live.switch))
                .raw(".")
                .ends_with(id);
        }
    }
    for (id, _, wave) in of_kind!(plan, Wave) {
        if let Some(reopened) = &wave.reopened_as {
            page.raw("- Whoever answers to an old, finished conversation continues in a ")
                .text(&words::human(reopened));
            page.raw(".").ends_with(id);
        }
    }
    for row in of_kind!(plan, Translate).flat_map(|(_, _, table)| &table.rows) {
        if let Some(seen) = &row.seen_as {
            page.raw("- A ticket that is “")
                .text(&row.pattern.text)
                .raw("” is shown to them as “")
                .text(seen)
                .raw("”.");
            page.ends_with(&row.id);
        }
    }
    for (id, _, part) in of_kind!(plan, Scope).filter(|(_, _, part)| part.redirects_verified) {
        page.raw("- Old addresses of ")
            .text(&words::plural(&part.kind))
            .raw(" lead to the new ones.")
            .ends_with(id);
    }
}

fn if_undone(page: &mut Page<'_>) {
    let plan = page.plan;
    let Some((id, _, rollback)) = of_kind!(plan, Rollback).next() else { return };
    page.heading(2, "If we have to go back");
    match &rollback.message {
        Some(message) => {
            let file = plan.assets.get(message).map_or(message.as_str(), |asset| asset.file.as_str());
            page.raw("They are sent the text in ").code(file).raw(".")
        }
        None => page.raw("No text is prepared for that case. Somebody has to write one before the night."),
    };
    if !rollback.keep.is_empty() {
        page.raw(" Their ").text(&words::humans(&rollback.keep)).raw(" from the meantime are kept");
        if let Some(who) = &rollback.kept_by {
            page.raw("; ").person(who).raw(" sees to it");
        }
        page.raw(".");
    }
    page.ends_with(id);
}
