//! `scope/unused-automation`.

use cutover_catalog::Part;

use super::common::unused;
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};
use cutover_plan::model::Stricter;

pub(super) const RULE: Rule = Rule {
    code: "scope/unused-automation",
    level: Level::Warning,
    summary: "rules go over that do nothing any more",
    what: "Automations are rebuilt that did not run for a long time, or never",
    why: "A dead rule may wake up in the new desk, where its condition means something else",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "days",
        default: 180,
        stricter: Stricter::Smaller,
        says: "days before the window without a run",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    unused(run, Part::Automation);
}
