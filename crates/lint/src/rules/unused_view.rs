//! `scope/unused-view`.

use cutover_catalog::Part;

use super::common::unused;
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};
use cutover_plan::model::Stricter;

pub(super) const RULE: Rule = Rule {
    code: "scope/unused-view",
    level: Level::Warning,
    summary: "lists go over that nobody opens",
    what: "Views are rebuilt that were not opened for a long time, or never",
    why: "Agents look for their list among those that nobody needs",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "days",
        default: 365,
        stricter: Stricter::Smaller,
        says: "days before the window without use",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    unused(run, Part::View);
}
