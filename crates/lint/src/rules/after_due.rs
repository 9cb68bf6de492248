//! `escalations/after-due`.

use cutover_plan::model::{Content, DueOffset};

use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "escalations/after-due",
    level: Level::Warning,
    summary: "nobody hears of a promise before it is broken",
    what: "No step of an escalation comes before the due time",
    why: "A warning at the due time only announces the breach",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, item) in run.items("escalation") {
        let Content::Escalation(escalation) = &item.content else { continue };
        let ahead = escalation.steps.iter().any(|step| matches!(step.when, DueOffset::Before(_)));
        let Some(at) = run.facts.place(id).filter(|_| !ahead && !escalation.steps.is_empty()) else {
            continue;
        };
        let finding = run
            .found(at, "its first step comes when it is too late")
            .help("add a step ahead: `notify group \"Tier 2\"  30 min before due`");
        run.push(finding);
    }
}
