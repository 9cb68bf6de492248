//! `inventory/stale`.

use cutover_ir::Id;

use super::common::{days, night};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};
use cutover_plan::model::Stricter;

pub(super) const RULE: Rule = Rule {
    code: "inventory/stale",
    level: Level::Warning,
    summary: "an account was looked at long before the window",
    what: "An inventory was taken more than half a year before the window",
    why: "Every count, share and estimate rests on it, and people go on adding fields and rules",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "days",
        default: 180,
        stricter: Stricter::Smaller,
        says: "days between an inventory and the window",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(night) = night(run) else { return };
    let limit = run.number("days");
    let old = run.facts.plan.header.inventories.iter().filter_map(|(name, inventory)| {
        let ago = days(inventory.taken, night).filter(|ago| *ago > limit)?;
        let at = run.facts.place(&Id::new(["system", name]))?;
        Some((at, format!("taken on {}, {ago} days before the window", inventory.taken)))
    });
    let mut old: Vec<_> = old.collect();
    old.sort();
    let mut old = old.into_iter();
    let Some((at, label)) = old.next() else { return };
    let finding = old.fold(run.found(at, label), |finding, (at, label)| finding.secondary(at, label));
    run.push(
        finding.help("take it again near the window: `cutover inventory scan`, and commit what it writes"),
    );
}
