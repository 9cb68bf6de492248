//! `inventory/stale`.

use cutover_ir::Id;

use super::common::{days, night};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "inventory/stale",
    level: Level::Warning,
    summary: "an account was looked at long before the window",
    what: "An inventory was taken more than three months before the window",
    why: "Every count, share and estimate rests on it, and people go on adding fields and rules",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt { name: "days", default: 90, says: "days between an inventory and the window" }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(night) = night(run) else { return };
    for (name, inventory) in &run.facts.plan.header.inventories {
        let Some(ago) = days(inventory.taken, night).filter(|ago| *ago > run.number("days")) else {
            continue;
        };
        let Some(at) = run.facts.place(&Id::new(["system", name])) else { continue };
        let finding = run
            .found(at, format!("taken on {}, {ago} days before the window", inventory.taken))
            .help("take it again near the window: `cutover inventory scan`, and commit what it writes");
        run.push(finding);
    }
}
