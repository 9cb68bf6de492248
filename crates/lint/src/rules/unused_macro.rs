//! `scope/unused-macro`.

use cutover_catalog::Part;

use super::common::unused;
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};
use cutover_plan::model::Stricter;

pub(super) const RULE: Rule = Rule {
    code: "scope/unused-macro",
    level: Level::Warning,
    summary: "prepared answers go over that nobody uses",
    what: "Macros are rebuilt that were not used for a long time, or never",
    why: "Each is rebuilt, read and tested by hand, and hides the useful ones from agents",
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
    unused(run, Part::Macro);
}
