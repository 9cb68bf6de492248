//! `allow/no-end`.

use cutover_ir::Id;

use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "allow/no-end",
    level: Level::Off,
    summary: "a finding is silenced for ever",
    what: "An `allow` has no `until`",
    why: "The reason of today is forgotten tomorrow; a date asks again",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let open = run.facts.plan.suppressions.iter().filter(|(_, allowed)| allowed.until.is_none());
    let ids: Vec<&Id> = open.map(|(id, _)| id).collect();
    for id in ids {
        // What `cutover.toml` turns off stands at no place of the spec.
        let Some(at) = run.facts.places.get(id).copied() else { continue };
        let finding = run
            .found(at, "until when?")
            .help("add the day on which somebody looks again: `until 2027-01-31`");
        run.push(finding);
    }
}
