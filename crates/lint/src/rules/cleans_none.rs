//! `clean/selects-none`.

use cutover_plan::model::Content;

use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "clean/selects-none",
    level: Level::Warning,
    summary: "a step of the cleaning has nothing to do",
    what: "By the inventory no record meets the condition of a step of the cleaning",
    why: "Somebody believes that it tidies up; mostly its condition names a value that the account does not use",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (_, item) in run.items("clean") {
        let Content::Clean(clean) = &item.content else { continue };
        for step in &clean.steps {
            if step.scope.is_none() || run.facts.plan.figures.records.get(&step.id) != Some(&0) {
                continue;
            }
            let Some(at) = run.facts.place(&step.id) else { continue };
            let finding = run
                .found(at, "no record of the inventory is meant by it")
                .help("correct the condition, or remove the line");
            run.push(finding);
        }
    }
}
