//! Calendars by which promises are counted: holidays are known long enough, and the target can write them down.

use std::collections::BTreeMap;

use cutover_catalog::fact::Unit;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::time::Date;
use cutover_plan::model::{Calendar, Content};

use crate::context::Context;

/// Days after the window in which clocks of tickets that were moved still run.
const RUNNING_DAYS: i32 = 30;

/// Checks each calendar that a policy counts by.
pub fn check(cx: &mut Context<'_>) {
    let items = &cx.draft.plan.items;
    // The policies that count by a calendar; the first one stands for all.
    let mut used: BTreeMap<&Id, &Id> = BTreeMap::new();
    for (id, item) in items {
        if let Content::Sla(sla) = &item.content
            && let Some(calendar) = &sla.calendar
        {
            used.entry(&calendar.0).or_insert(id);
        }
    }
    let mut found = Vec::new();
    for (id, policy) in used {
        let Some(Content::Calendar(calendar)) = items.get(id).map(|item| &item.content) else { continue };
        let Some(head) = cx.draft.places.get(id).copied() else { continue };
        let policy = cx.draft.places.get(policy).copied();
        found.extend(horizon(cx, id, calendar, head, policy));
        found.extend(form(cx, calendar, head));
    }
    cx.draft.diagnostics.extend(found);
}

fn horizon(
    cx: &Context<'_>,
    id: &Id,
    calendar: &Calendar,
    head: Span,
    policy: Option<Span>,
) -> Option<Diagnostic> {
    let end = cx.window.as_ref()?.end.utc_date();
    let with = |diagnostic: Diagnostic| match policy {
        Some(policy) => diagnostic.secondary(policy, "due dates are counted by it"),
        None => diagnostic,
    };
    let Some(known) = calendar.known_until else {
        return Some(
            with(
                Diagnostic::warning("calendars/no-horizon", "nobody says until when the holidays are known")
                    .primary(head, "does a day without a holiday have none, or has nobody looked?"),
            )
            .help(format!(
                "add `horizon` and the last day whose holidays are listed: `horizon {}`",
                year_end(end)
            )),
        );
    };
    let span = cx.draft.places.get(&id.child("horizon")).copied().unwrap_or(head);
    if known < end {
        return Some(
            with(
                Diagnostic::error("calendars/horizon", "holidays are known for too short a time")
                    .primary(span, format!("the window ends on {end}")),
            )
            .help("due dates are counted over days of which nobody knows whether they are holidays; list them, and move the horizon"),
        );
    }
    if known.days() < end.days().saturating_add(RUNNING_DAYS) {
        return Some(
            with(
                Diagnostic::warning("calendars/horizon#soon", "holidays are known for too short a time")
                    .primary(span, format!("clocks run on after the window, which ends on {end}")),
            )
            .help("list the holidays of the month after the window, too, and move the horizon"),
        );
    }
    None
}

fn year_end(date: Date) -> String {
    format!("{}-12-31", date.ymd().0.saturating_add(1))
}

/// What the target's own calendars cannot express.
fn form(cx: &Context<'_>, calendar: &Calendar, head: Span) -> Option<Diagnostic> {
    let catalog = cx.world.target()?.catalog?;
    let form = catalog.sla.calendar.as_ref()?;
    let product = &catalog.title;
    if !form.part_holidays && calendar.holidays.iter().any(|day| !day.open.is_empty()) {
        return Some(
            Diagnostic::warning(
                "calendars/part-holiday",
                "the target cannot write down a day with hours of its own",
            )
            .primary(head, format!("in {product} a holiday is a whole day"))
            .help("due dates around it differ: decide whether the day is open or closed there"),
        );
    }
    let step = form.step.as_ref().filter(|step| step.unit == Unit::Minutes && step.number > 1)?;
    let odd = calendar.hours.iter().any(|hours| {
        [hours.from, hours.to].iter().any(|minute| !u64::from(*minute).is_multiple_of(step.number))
    });
    odd.then(|| {
        Diagnostic::warning("calendars/step", "the target cannot write down these opening hours")
            .primary(head, format!("{product} knows hours in steps of {step}"))
            .help(
                "due dates differ by minutes: round the hours, or accept it in the `tolerance` of the policy",
            )
    })
}
