//! `people/idle`.

use std::collections::BTreeSet;

use cutover_ir::Id;
use cutover_plan::model::{Content, Recipient};

use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "people/idle",
    level: Level::Warning,
    summary: "a person of the team has nothing to do",
    what: "Somebody is named in `team` and owns, signs, decides and hears of nothing",
    why: "A role that is only filled on paper is the one that nobody plays in the night",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let plan = run.facts.plan;
    let mut busy: BTreeSet<&str> = BTreeSet::new();
    for item in plan.items.values() {
        busy.extend(item.owner.iter().chain(&item.signed_by).map(String::as_str));
        match &item.content {
            Content::Rollback(rollback) => {
                busy.extend(rollback.decided_by.iter().chain(&rollback.kept_by).map(String::as_str));
            }
            Content::Watch(watch) => busy.extend(watch.alert.iter().map(String::as_str)),
            Content::Hypercare(hypercare) => busy.extend(hypercare.defects_to.as_deref()),
            Content::Announce(announce) => busy.extend(announce.escalations_to.as_deref()),
            Content::Escalation(escalation) => {
                busy.extend(escalation.steps.iter().filter_map(|step| match &step.notify {
                    Recipient::Person(who) => Some(who.as_str()),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    for stage in &plan.stages {
        busy.extend(stage.owner.iter().chain(&stage.signed_by).map(String::as_str));
    }
    for who in plan.people.keys().filter(|who| !busy.contains(who.as_str())) {
        let Some(at) = run.facts.place(&Id::new(["person", who])) else { continue };
        let finding = run
            .found(at, "owns and signs nothing")
            .help("give them what their role is for, or leave them out");
        run.push(finding);
    }
}
