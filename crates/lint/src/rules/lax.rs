//! `rollback/lax`.

use cutover_ir::measure::{Bound, Over};
use cutover_ir::quantity::Decimal;
use cutover_plan::model::{Content, Stricter};

use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "rollback/lax",
    level: Level::Warning,
    summary: "a trigger fires when it is too late, or by chance",
    what: "A trigger waits for a large share of failures, or counts a share over very few records",
    why: "At one record in ten the night is lost already; over twenty records one failure is five percent",
    since: "0.1",
    fix: Fix::None,
    options: &[
        Opt {
            name: "percent",
            default: 5,
            stricter: Stricter::Smaller,
            says: "percent at which a trigger should have fired",
        },
        Opt {
            name: "records",
            default: 100,
            stricter: Stricter::Larger,
            says: "records over which a share is counted at least",
        },
    ],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let most = i64::try_from(run.number("percent")).unwrap_or(i64::MAX);
    for (id, item) in run.items("trigger") {
        let Content::Trigger(trigger) = &item.content else { continue };
        let Bound::Percent(percent) = trigger.fires.bound else { continue };
        let Some(at) = run.facts.place(id) else { continue };
        let finding = if percent > Decimal::from(most) {
            run.found(at, format!("{percent}% are lost before anybody is asked"))
                .help("ask earlier: `more than 0.5% over 1000 records`")
        } else if matches!(trigger.fires.over, Some(Over::Records(records)) if records < run.number("records"))
        {
            run.found(at, "so few records say nothing about a share")
                .help("count over more: `over 1000 records`")
        } else {
            continue;
        };
        run.push(finding);
    }
}
