//! `scope/inactive-agents`.

use cutover_catalog::Part;
use cutover_plan::model::{Selection, Verb};

use super::common::{chosen, parts};
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "scope/inactive-agents",
    level: Level::Warning,
    summary: "people who left get an account in the new desk",
    what: "All agents are imported, also those who are marked as inactive",
    why: "Each takes a licence, and an account that nobody uses is one that nobody watches",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, scope, kind) in parts(run, Part::Agent) {
        if scope.verb != Verb::Import || scope.which != Selection::All {
            continue;
        }
        let all = chosen(run, scope);
        let left = all.iter().filter(|agent| agent.inactive).count();
        let Some(at) = run.facts.place(id).filter(|_| left > 0) else { continue };
        let finding =
            run.found(at, format!("{left} of {} do not work there any more", all.len())).help(format!(
                "write `import {0} where active` and `retire {0} the rest because \"left the company\"`",
                kind.plural
            ));
        run.push(finding);
    }
}
