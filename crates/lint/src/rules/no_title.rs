//! `goals/no-title`.

use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "goals/no-title",
    level: Level::Warning,
    summary: "a goal has no words",
    what: "An objective or a criterion has no title in quotes",
    why: "Whoever signs it reads a metric and a number, and not what the team wants",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, item) in run.items("objective").chain(run.items("criterion")) {
        let empty = item.title.as_deref().is_none_or(|title| title.trim().is_empty());
        let Some(at) = run.facts.place(id).filter(|_| empty) else { continue };
        let finding = run
            .found(at, "what is it, in a few words?")
            .help("write it behind the name: `objective replies \"Faster first response\"`");
        run.push(finding);
    }
}
