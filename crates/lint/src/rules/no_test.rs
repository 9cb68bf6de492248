//! `test/none`.

use cutover_ir::Id;
use cutover_plan::model::TeamProfile;

use super::common::{maps, translation};
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "test/none",
    level: Level::Warning,
    summary: "no example shows what the maps make",
    what: "The spec of a full team translates values and has no `test`",
    why: "An example in the reader's words finds the mistake that a table of values hides",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    if run.facts.plan.migration.team != TeamProfile::Full || run.items("test").next().is_some() {
        return;
    }
    let row = maps(run).flat_map(|map| &map.rows).find(|row| translation(row).is_some());
    let Some(at) =
        row.and_then(|row| run.facts.place(&row.id)).or_else(|| run.facts.place(&Id::new(["migration"])))
    else {
        return;
    };
    let finding = run
        .found(at, "what becomes of a ticket here?")
        .help("add a test: `test urgent \"an urgent ticket arrives whole\" { given ticket { ... }; expect ticket { ... } }`");
    run.push(finding);
}
