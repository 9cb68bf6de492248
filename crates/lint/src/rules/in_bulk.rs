//! `scope/rules-in-bulk`.

use cutover_catalog::Part;
use cutover_plan::model::{Selection, Stricter, Verb};

use super::common::{chosen, parts};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "scope/rules-in-bulk",
    level: Level::Warning,
    summary: "many rules are rebuilt by one line",
    what: "One line rebuilds more automations than somebody has looked at one by one",
    why: "Each rule is kept, replaced by something better, or left behind; nobody decides that for twenty at once",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "most",
        default: 10,
        stricter: Stricter::Smaller,
        says: "automations that one line may rebuild without naming them",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, scope, kind) in parts(run, Part::Automation) {
        if scope.verb != Verb::Recreate || matches!(scope.which, Selection::Named(_)) {
            continue;
        }
        let all = u64::try_from(chosen(run, scope).len()).unwrap_or(u64::MAX);
        let Some(at) = run.facts.place(id).filter(|_| all > run.number("most")) else { continue };
        let finding = run.found(at, format!("{all} of them, and none by name")).help(format!(
            "name those that are needed: `recreate {0} \"...\", \"...\"`, and `retire {0} the rest because \"...\"`",
            kind.plural
        ));
        run.push(finding);
    }
}
