//! `freeze/short`.

use cutover_ir::Id;
use cutover_plan::model::{Content, Stricter};

use super::common::{DAY, instead};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "freeze/short",
    level: Level::Warning,
    summary: "rules may change until shortly before the switch",
    what: "The freeze of the old desk begins less than five days before the window",
    why: "What was rehearsed with other rules was not rehearsed",
    since: "0.1",
    fix: Fix::Unsafe,
    options: &[Opt { name: "days", default: 5, stricter: Stricter::Larger, says: "days before the window" }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(window) = &run.facts.plan.migration.window else { return };
    for (id, item) in run.items("freeze") {
        let Content::Freeze(freeze) = &item.content else { continue };
        let ahead = u64::try_from(window.start.seconds().saturating_sub(freeze.from.at.seconds()))
            .unwrap_or_default();
        if ahead >= run.number("days").saturating_mul(DAY) {
            continue;
        }
        let at = run.facts.spots.get(id.child("from").as_str()).copied();
        let Some(span) = at.or_else(|| run.facts.place(&Id::new(["freeze"]))) else { continue };
        let finding =
            run.found(span, format!("{} before the window", cutover_plan::text::numbers::span(ahead)));
        run.push(
            instead(finding, at, "window - 14 days")
                .help("freeze them before the rehearsal: `from window - 14 days`"),
        );
    }
}
