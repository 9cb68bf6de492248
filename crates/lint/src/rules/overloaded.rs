//! `people/overloaded`.

use std::collections::BTreeMap;

use cutover_ir::Id;
use cutover_plan::model::{Placement, TeamProfile};

use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "people/overloaded",
    level: Level::Warning,
    summary: "one person carries the night",
    what: "In a full team one person owns nearly all steps of the window that have an owner",
    why: "When they are ill, or asleep, there is no night",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt { name: "percent", default: 90, says: "percent of the steps that one person may own" }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let plan = run.facts.plan;
    if plan.migration.team != TeamProfile::Full {
        return;
    }
    let mut owned: BTreeMap<&str, u64> = BTreeMap::new();
    for stage in plan.stages.iter().filter(|stage| stage.placement == Placement::In) {
        if let Some(owner) = &stage.owner {
            *owned.entry(owner).or_default() += 1;
        }
    }
    let all: u64 = owned.values().sum();
    let Some((who, most)) = owned.iter().max_by_key(|(_, steps)| **steps) else { return };
    if all < 6 || most.saturating_mul(100) <= all.saturating_mul(run.number("percent")) {
        return;
    }
    let Some(at) = run.facts.place(&Id::new(["person", who])) else { return };
    let finding = run
        .found(at, format!("owns {most} of {all} steps of the window"))
        .help("give some of them to others: the checks, the switch of a channel, the mail that is held");
    run.push(finding);
}
