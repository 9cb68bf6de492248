//! `integrations/late-change`.

use cutover_plan::model::{Content, Stricter};

use super::common::DAY;
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "integrations/late-change",
    level: Level::Warning,
    summary: "a connected system is changed shortly before the switch",
    what: "A connected system may be changed until less than three days before the window",
    why: "Two things are new then, and nobody can tell which of them fails",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt { name: "days", default: 3, stricter: Stricter::Larger, says: "days before the window" }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(window) = &run.facts.plan.migration.window else { return };
    for (id, item) in run.items("integration") {
        let Content::Integration(integration) = &item.content else { continue };
        let Some(before) = &integration.changed_before else { continue };
        let ahead = window.start.seconds().saturating_sub(before.at.seconds());
        let least = i64::try_from(run.number("days").saturating_mul(DAY)).unwrap_or(i64::MAX);
        let Some(at) = run.clause(id, "changed before").filter(|_| (0..least).contains(&ahead)) else {
            continue;
        };
        let ahead = u64::try_from(ahead).unwrap_or_default();
        let finding = run
            .found(at, format!("{} before the window", cutover_plan::text::numbers::span(ahead)))
            .help("change it a week ahead: `changed before window - 7 days`");
        run.push(finding);
    }
}
