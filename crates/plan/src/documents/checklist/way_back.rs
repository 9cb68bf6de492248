//! The rollback page.

use crate::documents::page::{Page, of_kind};
use crate::model::{NoAnswer, Placement, Rollback, Undo};
use crate::schedule::Schedule;
use crate::text::{local, words};

pub(super) fn write(page: &mut Page<'_>, times: &Schedule) {
    let plan = page.plan;
    page.heading(2, "The way back");
    let Some((id, _, rollback)) = of_kind!(plan, Rollback).next() else {
        page.raw("The plan declares no rollback.\n");
        return;
    };
    decision(page, rollback);
    page.ends_with(id);
    page.raw("\nWhat stops the night:\n\n").table(&["Trigger", "Fires when", "Item"]);
    for (id, item, trigger) in of_kind!(plan, Trigger) {
        page.row(&[
            &|page| {
                let name = id.as_str().rsplit('/').next().unwrap_or_default();
                page.text(item.title.as_deref().unwrap_or(&words::human(name)));
            },
            &|page| _ = page.text(&words::measure(plan, &trigger.fires)),
            &|page| _ = page.id(id),
        ]);
    }
    page.raw("\nUndone in this order, the last step first:\n\n");
    let clean = times.no_return.as_ref().map(|(_, id)| id);
    for stage in plan.stages.iter().rev().filter(|stage| stage.placement != Placement::After) {
        match &stage.undo {
            Undo::Inverse(inverse) => {
                page.raw("1. ")
                    .text(&stage.title)
                    .raw(": ")
                    .raw(words::inverse(*inverse))
                    .ends_with(&stage.id);
            }
            Undo::Irreversible { because } => {
                page.raw("1. ").text(&stage.title).raw(": **cannot be taken back**, ").text(because);
                if clean == Some(&stage.id) {
                    page.raw(" (**the point of no return**)");
                }
                page.ends_with(&stage.id);
            }
            Undo::NotNeeded => {}
        }
    }
    if let (Some((at, id)), Some(window)) = (&times.no_return, &plan.migration.window) {
        let clock = local::minute(window, crate::schedule::instant(window, *at));
        page.raw("\nUntil ").text(&clock).raw(" each step of the window can be undone. After it, ");
        page.text(&kept(rollback)).raw(".").ends_with(id);
    }
    if let Some(message) = &rollback.message {
        let name = plan.assets.get(message).map_or(message.as_str(), |asset| asset.file.as_str());
        page.raw("\nCustomers are then sent ").code(name).raw(".\n");
    }
}

/// Who decides, and what happens when nobody does.
pub(super) fn decision(page: &mut Page<'_>, rollback: &Rollback) {
    let plan = page.plan;
    let names: Vec<&str> = rollback.decided_by.iter().map(|who| words::person(plan, who)).collect();
    match names.as_slice() {
        [] => {
            page.raw("Nobody is named to decide.");
        }
        [first, deputies @ ..] => {
            page.text(first).raw(" decides");
            if !deputies.is_empty() {
                page.raw("; if not at hand, ").text(&words::list(deputies)).raw(" does");
            }
            page.raw(".");
        }
    }
    if let Some(within) = rollback.within {
        page.raw(" An answer is due within ").text(&words::length(within)).raw("; without one, ");
    } else {
        page.raw(" Without an answer, ");
    }
    page.raw(match rollback.otherwise {
        NoAnswer::StayPaused => "everything stays paused.",
        NoAnswer::RollBack => "everything is undone.",
        NoAnswer::GoOn => "the migration **goes on**.",
    });
}

/// What is kept of the new desk when it is left again.
fn kept(rollback: &Rollback) -> String {
    if rollback.keep.is_empty() {
        return "what came into the new desk is not brought back".to_owned();
    }
    let place = rollback.store.as_deref().map_or_else(String::new, |store| format!(" in {store}"));
    format!("{} of the new desk are kept{place} and brought back by hand", words::humans(&rollback.keep))
}
