//! `scope/macro-by-rule`.

use std::collections::BTreeMap;

use cutover_catalog::Part;
use cutover_plan::model::Verb;

use super::common::{chosen, parts};
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "scope/macro-by-rule",
    level: Level::Warning,
    summary: "a prepared answer does what a rule does by itself",
    what: "A macro and an automation that are both rebuilt have the same name",
    why: "Agents press a button for what has happened already, or it happens twice",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let rebuilt = |verb: Verb| matches!(verb, Verb::Import | Verb::Recreate);
    let mut rules: BTreeMap<String, _> = BTreeMap::new();
    for (id, scope, _) in parts(run, Part::Automation) {
        if rebuilt(scope.verb) {
            rules.extend(chosen(run, scope).into_iter().map(|object| (plain(&object.name), id)));
        }
    }
    for (id, scope, kind) in parts(run, Part::Macro) {
        if !rebuilt(scope.verb) {
            continue;
        }
        for object in chosen(run, scope) {
            let Some(rule) = rules.get(&plain(&object.name)) else { continue };
            let Some(at) = run.facts.place(id) else { continue };
            let finding = run.found(at, format!("“{}” among them", object.name));
            let finding = match run.facts.place(rule) {
                Some(place) => finding.secondary(place, "a rule of this name goes over as well"),
                None => finding,
            };
            run.push(finding.help(format!(
                "keep one of the two: `retire {} \"{}\" because \"a rule does it\"`",
                kind.plural, object.name
            )));
        }
    }
}

/// A name without case, blanks and signs.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
