//! `scope/selects-none`.

use cutover_plan::model::{Content, Selection};

use super::common::source;
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "scope/selects-none",
    level: Level::Warning,
    summary: "a line of the scope concerns nothing",
    what: "By the inventory no record meets the condition of a line of the scope",
    why: "A condition that is never true is mostly a word that the account does not use",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, item) in run.items("scope") {
        let Content::Scope(scope) = &item.content else { continue };
        let none = run.facts.plan.figures.records.get(id) == Some(&0);
        if !none || !matches!(scope.which, Selection::Where(_)) {
            continue;
        }
        let Some(count) =
            source(run.facts, &scope.kind).and_then(|kind| kind.count()).filter(|count| *count > 0)
        else {
            continue;
        };
        let Some(at) = run.clause(id, "where") else { continue };
        let finding = run
            .found(at, format!("true of none of the {count} in the inventory"))
            .help("correct the condition, or remove the line");
        run.push(finding);
    }
}
