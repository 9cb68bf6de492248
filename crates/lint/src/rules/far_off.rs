//! `goals/far-off`.

use cutover_ir::measure::named;
use cutover_plan::model::{Content, Stricter};

use super::common::DAY;
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "goals/far-off",
    level: Level::Warning,
    summary: "a goal is judged when nobody asks any more",
    what: "An objective or a criterion has half a year or more to come true",
    why: "By then other things have changed, and nobody can tell what the migration did",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "days",
        default: 120,
        stricter: Stricter::Smaller,
        says: "days within which a goal should be judged",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let most = run.number("days").saturating_mul(DAY);
    for (id, item) in run.items("objective").chain(run.items("criterion")) {
        let (Content::Objective(goal) | Content::Criterion(goal)) = &item.content else { continue };
        for (name, measure) in named(&goal.pass) {
            let late = measure.within.is_some_and(|within| within.nominal_seconds() > most);
            let Some(at) = run.facts.place(&id.child(&name)).filter(|_| late) else { continue };
            let finding =
                run.found(at, "long after the old desk is closed").help("judge it earlier: `within 30 days`");
            run.push(finding);
        }
    }
}
