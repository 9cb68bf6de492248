//! “Look here”: at most five lines, the riskiest first.

use crate::documents::page::{Page, of_kind};
use crate::model::{Check, Mark, NoAnswer, Placement};
use crate::schedule::{Schedule, irreversible};
use crate::text::numbers::{count, len, number, span};
use crate::text::words;

/// Most lines shown.
const LINES: usize = 5;

pub(super) fn write(page: &mut Page<'_>, times: &Schedule) {
    let mut risks = risks(page, times);
    // Sorting is stable, so equal risks stay in the order in which they were found.
    risks.sort_by_key(|risk| std::cmp::Reverse(risk.weight));
    let more = risks.len().saturating_sub(LINES);
    page.raw("\n**Look here first**\n\n");
    if risks.is_empty() {
        page.raw("Nothing stands out.\n");
        return;
    }
    for risk in risks.into_iter().take(LINES) {
        page.raw("1. ").prose(&risk.says).raw(" · ").code(&risk.at).raw("\n");
    }
    if more > 0 {
        let text = format!("\n{} more of lower risk are in the lists below.\n", number(len(more)));
        page.raw(&text);
    }
}

struct Risk {
    weight: u64,
    says: String,
    at: String,
}

fn risks(page: &Page<'_>, times: &Schedule) -> Vec<Risk> {
    let plan = page.plan;
    let mut risks = Vec::new();
    let mut add = |weight, says: String, at: &str| risks.push(Risk { weight, says, at: at.to_owned() });
    if let Some(window) = &plan.migration.window {
        let long = u64::try_from(window.end.seconds().saturating_sub(window.start.seconds())).unwrap_or(0);
        if times.needed > long {
            add(
                1000,
                format!("The work needs {} and the window has {}.", span(times.needed), span(long)),
                "migration",
            );
        } else if times.needed.saturating_mul(5) > long.saturating_mul(4) {
            add(
                700,
                format!("Only {} of the window are left for surprises.", span(long - times.needed)),
                "migration",
            );
        }
    }
    if let Some(allowed) = plan.migration.downtime
        && times.downtime > allowed.nominal_seconds()
    {
        let (is, may) = (span(times.downtime), span(allowed.nominal_seconds()));
        add(950, format!("Customers wait {is} for an answer; {may} are allowed."), "migration");
    }
    for (id, _, rollback) in of_kind!(plan, Rollback) {
        match rollback.otherwise {
            NoAnswer::GoOn => add(
                900,
                "When a trigger fires and nobody answers, the migration goes on.".to_owned(),
                id.as_str(),
            ),
            NoAnswer::RollBack => {
                add(
                    500,
                    "When a trigger fires and nobody answers, everything is undone without asking."
                        .to_owned(),
                    id.as_str(),
                );
            }
            NoAnswer::StayPaused => {}
        }
    }
    if let Some((_, id)) = &times.no_return
        && let Some(stage) = plan.stages.iter().find(|stage| stage.id == *id)
        && let crate::model::Undo::Irreversible { because } = &stage.undo
    {
        add(600, format!("The point of no return is “{}”: {because}.", stage.title), id.as_str());
    }
    for stage in plan
        .stages
        .iter()
        .filter(|stage| irreversible(stage) && stage.placement == Placement::In && stage.signed_by.is_empty())
    {
        let gated = stage
            .items
            .iter()
            .filter_map(|item| plan.items.get(&item.0))
            .any(|item| !item.signed_by.is_empty());
        if !gated {
            add(
                650,
                format!("“{}” cannot be taken back and nobody signs it.", stage.title),
                stage.id.as_str(),
            );
        }
    }
    for (id, loss) in &plan.losses {
        let share = match (loss.records, loss.of) {
            (Some(records), Some(of)) if of > 0 => records.saturating_mul(100) / of,
            _ => 0,
        };
        if share > 0 || loss.records.is_none() {
            let records = loss.records.map_or_else(
                || "of an unknown number of records".to_owned(),
                |n| count(n, "record", "records"),
            );
            let base = if super::registers::is_dropped_field(id) { 50 } else { 200 };
            add(base + share.min(100), format!("Lost: {}, {records}.", loss.what), id.as_str());
        }
    }
    for (id, fact) in plan.facts.iter().filter(|(_, fact)| fact.mark == Mark::Unverified) {
        add(400, format!("Nobody verified this, and the plan leans on it: {}.", fact.says), id);
    }
    for (id, item, integration) in of_kind!(plan, Integration) {
        if integration.high_risk {
            let name = item.title.clone().unwrap_or_else(|| words::human(&integration.kind));
            add(
                350,
                format!("The integration “{name}” is marked as high risk ({}).", integration.how),
                id.as_str(),
            );
        }
    }
    for (id, item, waiver) in of_kind!(plan, Waiver) {
        let because = item.because.as_deref().unwrap_or("no reason is given");
        add(300, format!("{} is not checked: {because}.", words::area(&waiver.area)), id.as_str());
    }
    let generated = of_kind!(plan, Check).filter(|(_, _, check): &(_, _, &Check)| check.generated).count();
    if generated > 0 {
        add(
            100,
            format!(
                "{} generated, because the spec asks for none.",
                count(len(generated), "check was", "checks were")
            ),
            "check",
        );
    }
    risks
}
