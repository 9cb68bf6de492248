//! `window/no-slack`.

use cutover_ir::Id;
use cutover_plan::text::numbers::span;

use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};
use cutover_plan::model::Stricter;

pub(super) const RULE: Rule = Rule {
    code: "window/no-slack",
    level: Level::Warning,
    summary: "the window leaves no time for anything to go wrong",
    what: "By the estimates the night fills nearly the whole window",
    why: "Estimates are of days on which all goes well; one repeated load, and there is no time left",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "percent",
        default: 85,
        stricter: Stricter::Smaller,
        says: "percent of the window that may be needed",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(window) = &run.facts.plan.migration.window else { return };
    let length =
        u64::try_from(window.end.seconds().saturating_sub(window.start.seconds())).unwrap_or_default();
    let needed = run.facts.schedule.needed;
    if needed > length || needed.saturating_mul(100) <= length.saturating_mul(run.number("percent")) {
        return;
    }
    let Some(at) = run.facts.place(&Id::new(["migration", "window"])) else { return };
    let finding = run
        .found(at, format!("{} of {} are needed", span(needed), span(length)))
        .help("load finished tickets ahead in a wave of their own, or ask for a longer window");
    run.push(finding);
}
