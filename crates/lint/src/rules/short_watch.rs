//! `watch/short`.

use cutover_plan::model::{Content, Stricter};

use super::common::{HOUR, instead};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "watch/short",
    level: Level::Warning,
    summary: "the new desk is watched for too short a time",
    what: "The watch ends before the first working day is over",
    why: "After a night at the weekend the first real load comes two days later",
    since: "0.1",
    fix: Fix::Unsafe,
    options: &[Opt { name: "hours", default: 48, stricter: Stricter::Larger, says: "hours at least" }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, item) in run.items("watch") {
        let Content::Watch(watch) = &item.content else { continue };
        if watch.lasting.nominal_seconds() >= run.number("hours").saturating_mul(HOUR) {
            continue;
        }
        let at = run.facts.spots.get(id.child("for").as_str()).copied();
        let Some(span) = at.or_else(|| run.facts.place(id)) else { continue };
        let finding = run.found(span, "Monday may not have come by then");
        run.push(
            instead(finding, at, "72 hours").help("watch it for three days: `every 1 hour for 72 hours`"),
        );
    }
}
