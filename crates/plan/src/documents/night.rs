//! The page for the night: who does what at which time, and the way back, also on paper and without the tool.

use super::page::{Page, of_kind};
use crate::model::{Content, Inverse, NoAnswer, Operation, Placement, Plan, Stage, StageKind, Undo};
use crate::schedule::{Schedule, instant};
use crate::text::numbers::span;
use crate::text::{local, words};

pub(super) fn write(plan: &Plan, times: &Schedule) -> String {
    let title = format!("{}: the night", plan.migration.title);
    let mut page = Page::new(plan, &title, "Print it: it also works when nothing else does.");
    page.of_plan();
    people(&mut page);
    timeline(&mut page, times);
    triggers(&mut page);
    way_back(&mut page, times);
    addresses(&mut page);
    page.out
}

fn people(page: &mut Page<'_>) {
    let plan = page.plan;
    page.heading(2, "Who");
    page.table(&["Name", "Role", "Reach them at", "At hand"]);
    for person in plan.people.values() {
        page.row(&[
            &|page| _ = page.text(&person.name),
            &|page| _ = page.text(&words::humans(&person.roles)),
            &|page| _ = page.text(person.contact.as_deref().unwrap_or_default()),
            &|page| match (&person.available, &plan.migration.window) {
                (Some(available), Some(window)) => {
                    page.text(&local::minute(window, available.from)).raw(" to ");
                    page.text(&local::minute(window, available.to));
                    if let Some(next) = person.hands_over_to.as_ref().and_then(|who| plan.people.get(who)) {
                        page.raw(", then ").text(&next.name);
                    }
                }
                _ => _ = page.raw("not said"),
            },
        ]);
    }
}

fn timeline(page: &mut Page<'_>, times: &Schedule) {
    let plan = page.plan;
    page.heading(2, "What happens when");
    let Some(window) = &plan.migration.window else {
        page.raw("The plan has no window.\n");
        return;
    };
    page.raw("Times are local (")
        .text(&window.zone)
        .raw(") and estimated; a step begins when those before it are done. ");
    page.raw("The window ends at ")
        .text(&local::minute(window, window.end))
        .raw(", the work is done at about ");
    page.text(&local::minute(window, instant(window, times.needed))).raw(".\n");
    let mut stages: Vec<(&Stage, u64)> =
        plan.stages.iter().filter_map(|stage| Some((stage, times.times.get(&stage.id)?.start))).collect();
    // Stable: stages that begin together stay in the order of the plan.
    stages.sort_by_key(|(_, start)| *start);
    let mut day = String::new();
    for (stage, start) in stages {
        let (date, clock) = local::day_and_clock(window, instant(window, start));
        if date != day {
            page.raw("\n### ").text(&date).raw("\n\n").table(&[
                "",
                "About",
                "Who",
                "What",
                "Takes",
                "If it must be undone",
                "Item",
            ]);
            day = date;
        }
        let no_return = times.no_return.as_ref().is_some_and(|(_, id)| *id == stage.id);
        page.row(&[
            &|page| _ = page.raw("☐"),
            &|page| _ = page.raw(&clock),
            &|page| who(page, stage),
            &|page| {
                page.text(&stage.title);
                if no_return {
                    page.raw(" **← the point of no return: from here on, undoing is not clean**");
                }
            },
            &|page| {
                if let Some(estimate) = &stage.estimate {
                    page.raw(&span(estimate.seconds));
                }
            },
            &|page| match &stage.undo {
                Undo::NotNeeded => {}
                Undo::Inverse(inverse) => _ = page.raw(words::inverse(*inverse)),
                Undo::Irreversible { .. } => _ = page.raw("**cannot be taken back**"),
            },
            &|page| _ = page.id(&stage.id),
        ]);
    }
}

fn who(page: &mut Page<'_>, stage: &Stage) {
    if stage.kind == StageKind::Automatic {
        page.raw("the tool");
        if let Some(owner) = &stage.owner {
            page.raw(", watched by ").person(owner);
        }
    } else if let Some(owner) = &stage.owner {
        page.person(owner);
    }
    if !stage.signed_by.is_empty() {
        let names = words::people(page.plan, &stage.signed_by);
        page.raw("; then ").text(&names).raw(" signs");
    }
}

fn triggers(page: &mut Page<'_>) {
    let plan = page.plan;
    page.heading(2, "What stops us");
    let mut any = false;
    for (id, item, trigger) in of_kind!(plan, Trigger) {
        any = true;
        page.raw("- ");
        if let Some(title) = &item.title {
            page.raw("**").text(title).raw("**: ");
        }
        page.sentence(&words::measure(plan, &trigger.fires)).ends_with(id);
    }
    if !any {
        page.raw("The plan declares no trigger.\n");
    }
    for (id, _, rollback) in of_kind!(plan, Rollback) {
        page.raw("\n");
        let names: Vec<String> = rollback
            .decided_by
            .iter()
            .map(|who| {
                let contact =
                    plan.people.get(who).and_then(|person| person.contact.as_deref()).unwrap_or_default();
                format!("{} {contact}", words::person(plan, who)).trim_end().to_owned()
            })
            .collect();
        page.raw("Then everything pauses. Call, in this order: ").text(&names.join(", then ")).raw(".");
        if let Some(within) = rollback.within {
            page.raw(" They have ").text(&words::length(within)).raw(".");
        }
        page.raw(match rollback.otherwise {
            NoAnswer::StayPaused => " Nobody answers: stay paused.",
            NoAnswer::RollBack => " Nobody answers: go back.",
            NoAnswer::GoOn => " Nobody answers: the migration goes on.",
        });
        page.ends_with(id);
    }
}

/// The way back by hand, last step first.
fn way_back(page: &mut Page<'_>, times: &Schedule) {
    let plan = page.plan;
    page.heading(2, "The way back, by hand");
    page.raw("The tool undoes these steps from its journal and counts what it undoes. Without the tool, undo what has been done, in this order:\n\n");
    let no_return = times.no_return.as_ref().map(|(_, id)| id);
    for (id, _, rollback) in of_kind!(plan, Rollback).filter(|(_, _, rollback)| !rollback.keep.is_empty()) {
        page.raw("1. ☐ First of all, export what customers wrote into the new desk in the meantime (");
        page.text(&words::humans(&rollback.keep)).raw(")");
        if let Some(store) = &rollback.store {
            page.raw(" to ").code(store);
        }
        if let Some(who) = &rollback.kept_by {
            page.raw(" – ").person(who);
        }
        page.ends_with(id);
    }
    let tag = of_kind!(plan, GoLive).find_map(|(_, _, go_live)| go_live.silent.as_ref()?.tag.as_deref());
    let mut any = false;
    for stage in plan.stages.iter().rev().filter(|stage| stage.placement == Placement::In) {
        match &stage.undo {
            Undo::NotNeeded => continue,
            Undo::Inverse(inverse) => {
                page.raw("1. ☐ ").text(&by_hand(plan, stage, *inverse, tag));
            }
            Undo::Irreversible { because } => {
                page.raw("1. ☐ “").text(&stage.title).raw("” cannot be taken back: ").text(because);
                page.raw(". ").text(&forward(plan, stage));
                if no_return == Some(&stage.id) {
                    page.raw(" **This was the point of no return: if it was not reached, begin with the next line.**");
                }
            }
        }
        any = true;
        if let Some(owner) = &stage.owner {
            page.raw(" – ").person(owner);
        }
        page.ends_with(&stage.id);
    }
    if !any {
        page.raw("Nothing has to be undone.\n");
    }
}

/// What a person does when the tool cannot.
fn by_hand(plan: &Plan, stage: &Stage, inverse: Inverse, tag: Option<&str>) -> String {
    let (old, new) = (words::product(plan, "source"), words::product(plan, "target"));
    let kind = match &stage.operation {
        Operation::Load { target, .. } => words::plural(target),
        Operation::Link { kind, .. } => words::plural(kind),
        _ => "records".to_owned(),
    };
    match inverse {
        Inverse::DeleteCreated => match tag {
            Some(tag) if kind == "tickets" => {
                format!(
                    "In {new}, search for {kind} with the tag “{tag}”, select all that the search shows and delete them, those loaded before the window too"
                )
            }
            _ => format!("In {new}, delete the {kind} that were made since the window began"),
        },
        Inverse::RestoreFields => {
            format!(
                "In {new}, nothing has to be done for “{}” if the {kind} themselves are deleted",
                stage.title
            )
        }
        Inverse::SwitchOff => format!("In {new}, switch off what “{}” made", stage.title),
        Inverse::SwitchOn => format!("In {old}, switch the rules on again that were switched off"),
        Inverse::SwitchBack => match &stage.operation {
            Operation::Switch { channel } => format!("Lead {} back to {old}", words::human(channel)),
            _ => format!("Lead it back to {old}"),
        },
        Inverse::DeliverToSource => {
            format!("Let {} deliver the waiting mail to {old}", held_at(plan, stage))
        }
        Inverse::AllowWrites => format!("In {old}, give agents their write permission back"),
        Inverse::Unsilence => format!("In {new}, switch the rules on again that were switched off"),
        Inverse::Silence => format!("In {new}, switch the rules off that can send messages"),
        Inverse::SuspendClocks => format!("In {new}, switch the SLA policies off"),
        Inverse::Correct => "Send a second message that corrects the first".to_owned(),
        Inverse::Unfreeze => format!("In {old}, rules may be changed again"),
    }
}

fn held_at(plan: &Plan, stage: &Stage) -> String {
    let Operation::Hold { inbound } = &stage.operation else { return "the gateway".to_owned() };
    let places: Vec<String> = inbound
        .iter()
        .filter_map(|reference| match &plan.items.get(&reference.0)?.content {
            Content::Inbound(inbound) => Some(match &inbound.held_at {
                Some(place) => format!("{place} ({})", inbound.address),
                None => inbound.address.clone(),
            }),
            _ => None,
        })
        .collect();
    if places.is_empty() { "the gateway".to_owned() } else { words::list(&places) }
}

/// What is done about a step that cannot be taken back.
fn forward(plan: &Plan, stage: &Stage) -> String {
    let (old, new) = (words::product(plan, "source"), words::product(plan, "target"));
    match &stage.operation {
        Operation::Switch { channel } => {
            let channel = words::human(channel);
            format!("Lead {channel} back to {old}, and answer by hand what came into {new} since.")
        }
        Operation::Drain { .. } => format!("Forward the mail that was delivered to {new} to {old} by hand."),
        Operation::Announce { .. } => "Send a second message.".to_owned(),
        _ => "Ask who decides.".to_owned(),
    }
}

fn addresses(page: &mut Page<'_>) {
    let plan = page.plan;
    page.heading(2, "Accounts and addresses");
    for system in plan.systems.values().filter(|system| system.role != crate::model::SystemRole::Table) {
        page.raw("- ").text(match system.role {
            crate::model::SystemRole::Source => "Old desk",
            crate::model::SystemRole::Target => "New desk",
            _ => "Sandbox",
        });
        page.raw(": ").text(&system.product).raw(", account ").code(&system.account).raw("\n");
    }
    for (id, item, inbound) in of_kind!(plan, Inbound) {
        page.raw("- ").code(&inbound.address);
        if let Some(place) = &inbound.held_at {
            page.raw(" waits at ").text(place);
        }
        if let Some(owner) = &item.owner {
            page.raw(" – ").person(owner);
        }
        page.ends_with(id);
    }
}
