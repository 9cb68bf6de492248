//! `waves/structure-and-surface`.

use cutover_catalog::Part;
use cutover_plan::model::{Content, Verb};

use super::common::{source, translation};
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "waves/structure-and-surface",
    level: Level::Warning,
    summary: "structure and surface change at the same time",
    what: "Fields or statuses change their values, and templates or brands are rebuilt in the same migration without `as off`",
    why: "Agents who meet new words in a new look cannot say which of the two went wrong",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let structure = super::common::maps(run).flat_map(|map| &map.rows).find(|row| translation(row).is_some());
    let Some(structure) = structure else { return };
    for (id, item) in run.items("scope") {
        let Content::Scope(scope) = &item.content else { continue };
        let surface = source(run.facts, &scope.kind)
            .is_some_and(|kind| matches!(kind.kind.part, Part::Template | Part::Brand));
        if !surface || scope.as_what.is_some() || !matches!(scope.verb, Verb::Import | Verb::Recreate) {
            continue;
        }
        let Some(at) = run.facts.place(id) else { continue };
        let finding = run.found(at, "what people see changes");
        let finding = match run.facts.place(&structure.id) {
            Some(place) => finding.secondary(place, "and what lies below, in the same night"),
            None => finding,
        };
        run.push(finding.help(
            "keep the old look first: rebuild it `as off`, and switch it on when the first weeks are over",
        ));
    }
}
