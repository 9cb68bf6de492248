//! `decommission/short-look-up`.

use cutover_plan::model::{Content, Stricter};

use super::common::days;
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "decommission/short-look-up",
    level: Level::Warning,
    summary: "the old desk is gone before somebody misses it",
    what: "The old desk can be read for less than six weeks after the switch",
    why: "Complaints, invoices and monthly reports ask for old tickets weeks later",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt { name: "days", default: 45, stricter: Stricter::Larger, says: "days after the window" }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(window) = &run.facts.plan.migration.window else { return };
    for (id, item) in run.items("read_only") {
        let Content::ReadOnly(read_only) = &item.content else { continue };
        let Some(left) = days(window.end.utc_date(), read_only.until) else { continue };
        let Some(at) = run.clause(id, "until").filter(|_| left < run.number("days")) else { continue };
        let finding = run
            .found(at, format!("{left} days after the window"))
            .help("keep it for two or three months; an archive does not show a ticket as agents know it");
        run.push(finding);
    }
}
