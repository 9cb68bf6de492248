//! The part of the page for agents about promises: policies in the words of the new desk, how it counts, the first morning.

use cutover_ir::Id;
use cutover_preview::{Dialect, Keeps, PauseKnowledge, beginning};

use super::page::{Page, of_kind};
use super::statuses;
use crate::model::{Clock, ClockAction, Content, IMPORT, Inherited, Plan, Sla};
use crate::promises::metric;
use crate::text::numbers::{clock, count, len};
use crate::text::words;

/// What was promised, how the new desk counts, and what agents see on the first morning.
pub(super) fn write(page: &mut Page<'_>) {
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
        policy(page, id, sla);
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
    let system = page.plan.systems.get("target");
    let Some(dialect) = system.and_then(|system| cutover_preview::dialect(&system.platform)) else { return };
    rule_sheet(page, dialect);
    first_morning(page, dialect);
}

/// How the new desk counts, for people who will look at its due times and compare them with those that they knew.
fn rule_sheet(page: &mut Page<'_>, dialect: &Dialect) {
    let product = words::product(page.plan, "target");
    page.raw("How ").text(product).raw(" counts the time of its promises:\n\n");
    let defects = dialect.defects.iter().map(|defect| defect.what.to_owned());
    for line in dialect.sheet().into_iter().chain(defects) {
        page.raw("- ").text(&line).raw("\n");
    }
    page.raw("\n");
}

/// What looks different from what was promised as soon as people work in the new desk.
fn first_morning(page: &mut Page<'_>, dialect: &Dialect) {
    let plan = page.plan;
    let product = words::product(plan, "target");
    let clocks: Vec<&Clock> = of_kind!(plan, Sla).flat_map(|(_, _, sla)| &sla.clocks).collect();
    let of = |way: fn(&ClockAction) -> bool| {
        let those = clocks.iter().filter(|clock| clock.continuity.iter().any(|rule| way(last(&rule.action))));
        let mut names: Vec<String> = those.map(|clock| words::human(&clock.name)).collect();
        names.sort();
        names.dedup();
        names
    };
    let mut lines = Vec::new();
    match (dialect.on_import, dialect.on_event) {
        (true, _) => {}
        (false, true) => lines.push(
            "A ticket that moved shows no due time until something happens to it: an answer, a note, a change."
                .to_owned(),
        ),
        (false, false) => {
            lines.push("Tickets that moved show no due times: their clocks do not run.".to_owned())
        }
    }
    let mut unpaused: Vec<String> =
        clocks.iter().filter(|clock| clock.unpaused).map(|clock| words::human(&clock.name)).collect();
    unpaused.sort();
    unpaused.dedup();
    if !unpaused.is_empty() && dialect.pauses != PauseKnowledge::None {
        lines.push(format!(
            "A ticket that waited for somebody before the move may look late although its promise holds ({}): {product} does not know how long it waited.",
            words::list(&unpaused)
        ));
    }
    let anew = of(|action| matches!(action, ClockAction::Recalculate { from } if from == IMPORT));
    if !anew.is_empty() {
        lines.push(format!(
            "No ticket that moved looks late, also where its promise is broken ({}): {product} counts from the import.",
            words::list(&anew)
        ));
    }
    let kept = of(|action| matches!(action, ClockAction::Inherit { keeps: Inherited::Due }));
    if !kept.is_empty() && dialect.keeps == Keeps::UntilEvent {
        lines.push(format!(
            "Due times are those of the old desk until something happens to a ticket ({}).",
            words::list(&kept)
        ));
    }
    if lines.is_empty() {
        return;
    }
    page.raw("What you will see on the first morning:\n\n");
    for line in lines {
        page.raw("- ").text(&line).raw("\n");
    }
    page.raw("\n");
}

/// What becomes of a clock, with the moment from which the new desk counts it.
fn goes_on(plan: &Plan, clock: &Clock, action: &ClockAction) -> String {
    let begins = || {
        let dialect = cutover_preview::dialect(&plan.systems.get("target")?.platform)?;
        dialect.anchor_of_imported(metric(&clock.name)?).filter(|_| dialect.on_event)
    };
    match action {
        ClockAction::Suspend { until, then } => {
            format!("it stands still until {}, then {}", words::human(until), goes_on(plan, clock, then))
        }
        ClockAction::Recalculate { from } if from != IMPORT => match begins() {
            Some(anchor) => format!("its due date is computed anew from {}", beginning(anchor)),
            None => words::clock_action(action),
        },
        action => words::clock_action(action),
    }
}

/// How a clock goes on in the end.
fn last(action: &ClockAction) -> &ClockAction {
    match action {
        ClockAction::Suspend { then, .. } => last(then),
        action => action,
    }
}

fn policy(page: &mut Page<'_>, id: &Id, sla: &Sla) {
    let plan = page.plan;
    for of_clock in &sla.clocks {
        page.raw("- ")
            .sentence(&words::human(&of_clock.name))
            .raw(" within ")
            .text(&words::length(of_clock.allowed));
        if let Some(metric) = &of_clock.as_metric {
            page.raw(", measured as “").sentence(&words::human(metric)).raw("”");
        }
        if let Some(held) = of_clock.held {
            page.raw(", which holds ").text(&words::length(held)).raw(" in its place");
        }
        page.raw(".");
        for (index, rule) in of_clock.continuity.iter().enumerate() {
            page.raw(if index == 0 { " When we move: " } else { "; " });
            match words::clock_condition(plan, rule) {
                Some(condition) => page.raw("if ").text(&condition).raw(", "),
                None if index > 0 => page.raw("otherwise "),
                None => page,
            };
            let goes_on = goes_on(page.plan, of_clock, &rule.action);
            page.text(&goes_on);
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
    statuses::effects(page, id, sla);
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
