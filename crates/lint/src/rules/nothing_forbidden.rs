//! `inspect/nothing-forbidden`.

use cutover_plan::model::Content;

use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "inspect/nothing-forbidden",
    level: Level::Warning,
    summary: "texts are read without knowing what must not be in them",
    what: "An inspection of texts forbids no words",
    why: "The old name, domain and links are found by a search, and overlooked by a reader",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let account =
        run.facts.plan.systems.get("source").map_or("the old name", |system| system.account.as_str());
    for (id, item) in run.items("inspect") {
        let Content::Inspect(inspect) = &item.content else { continue };
        let Some(at) = run.facts.place(id).filter(|_| inspect.forbid.is_empty()) else { continue };
        let finding = run
            .found(at, "which old words would be wrong there?")
            .help(format!("name them: `forbid \"{account}\"`, and the old address of the help centre"));
        run.push(finding);
    }
}
