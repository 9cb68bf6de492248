//! `scope/no-reason`.

use cutover_catalog::Part;
use cutover_plan::model::{Content, Verb};

use super::common::source;
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "scope/no-reason",
    level: Level::Off,
    summary: "something optional goes over and nobody says why",
    what: "Macros, views, rules, reports, tags, ratings or time entries are imported or rebuilt without `because`",
    why: "A team that cleans up asks of each old thing what it is for; what has no answer stays behind",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

/// What a desk works without.
const OPTIONAL: [Part; 10] = [
    Part::Automation,
    Part::CustomField,
    Part::Form,
    Part::Macro,
    Part::Rating,
    Part::Report,
    Part::Tag,
    Part::Template,
    Part::TimeEntry,
    Part::View,
];

fn check(run: &mut Run<'_, '_>) {
    for (id, item) in run.items("scope") {
        let Content::Scope(scope) = &item.content else { continue };
        let optional = source(run.facts, &scope.kind).is_some_and(|kind| OPTIONAL.contains(&kind.kind.part));
        if !optional || item.because.is_some() || !matches!(scope.verb, Verb::Import | Verb::Recreate) {
            continue;
        }
        let Some(at) = run.facts.place(id) else { continue };
        let finding = run.found(at, "what is it needed for?").help("add `because` and the reason");
        run.push(finding);
    }
}
