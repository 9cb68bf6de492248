//! `scope/stale-tag`.

use cutover_catalog::Part;
use cutover_plan::model::{CleanAction, Content, Stricter};

use super::common::{source, unused};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "scope/stale-tag",
    level: Level::Warning,
    summary: "tags go over that nobody uses any more",
    what: "Tags are imported that no ticket got for a long time, and no step of the cleaning drops them",
    why: "Tags drive rules and reports; a forgotten one is picked from a list by mistake",
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
    let dropped = run.items("clean").any(|(_, item)| match &item.content {
        Content::Clean(clean) => clean.steps.iter().any(|step| {
            step.action == CleanAction::Drop
                && source(run.facts, &step.kind).is_some_and(|kind| kind.kind.part == Part::Tag)
        }),
        _ => false,
    });
    if !dropped {
        unused(run, Part::Tag);
    }
}
