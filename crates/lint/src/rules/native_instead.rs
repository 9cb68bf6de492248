//! `scope/native-instead`.

use cutover_catalog::Part;
use cutover_plan::model::Verb;

use super::common::{chosen, names, parts};
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "scope/native-instead",
    level: Level::Warning,
    summary: "a rule is rebuilt that the new desk may not need",
    what: "An automation that escalates or watches due times is rebuilt as it is, although the new desk has policies for that",
    why: "What a product does by itself is maintained by its maker; a copy of the old rule does it a second time",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

/// Words in the name of a rule that does what policies of times do.
const WATCHES_TIME: [&str; 6] = ["overdue", "sla", "breach", "due date", "response time", "late"];

fn check(run: &mut Run<'_, '_>) {
    let Some(target) = run.facts.world.target() else { return };
    let plan = run.facts.plan.systems.get("target").and_then(|system| system.plan.as_deref());
    let has = |kind: &cutover_analysis::world::KindView<'_>| {
        kind.kind.plans.is_empty() || plan.is_none_or(|plan| kind.kind.plans.contains(plan))
    };
    if !target.kinds_of(Part::SlaPolicy).any(has) {
        return;
    }
    for (id, scope, _) in parts(run, Part::Automation) {
        if scope.verb != Verb::Recreate || scope.as_what.is_some() {
            continue;
        }
        let objects = chosen(run, scope);
        let watches: Vec<&str> =
            objects.iter().map(|object| &*object.name).filter(|name| is_watch(name)).collect();
        let Some(at) = run.facts.place(id).filter(|_| !watches.is_empty()) else { continue };
        let finding = run
            .found(at, format!("{} has policies that watch times by themselves", target.product()))
            .note(names(watches.iter().copied()))
            .help("let an `sla` and its `escalation` do it and retire the rule, or say as what it is rebuilt: `as native trigger`");
        run.push(finding);
    }
}

fn is_watch(name: &str) -> bool {
    let name = format!(" {} ", name.to_lowercase());
    WATCHES_TIME.iter().any(|word| name.contains(&format!(" {word} ")))
}
