//! `rollback/slow`.

use cutover_ir::Id;
use cutover_plan::model::{Content, Stricter};

use super::common::instead;
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "rollback/slow",
    level: Level::Warning,
    summary: "a decision about the way back may take too long",
    what: "Whoever decides about the way back has more than an hour",
    why: "While they think, customers write into a desk that may be given up",
    since: "0.1",
    fix: Fix::Unsafe,
    options: &[Opt { name: "minutes", default: 60, stricter: Stricter::Smaller, says: "minutes to decide" }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let most = run.number("minutes");
    for (id, item) in run.items("rollback") {
        let Content::Rollback(rollback) = &item.content else { continue };
        let Some(within) =
            rollback.within.filter(|within| within.nominal_seconds() > most.saturating_mul(60))
        else {
            continue;
        };
        let at = run.facts.spots.get(id.child("within").as_str()).copied();
        let Some(span) = at.or_else(|| run.facts.place(&Id::new(["rollback", "within"]))) else { continue };
        let help = if rollback.decided_by.len() > 1 {
            "write a shorter time; a deputy is there: `within 30 min`"
        } else {
            "name a deputy, and a shorter time: `within 30 min`"
        };
        let finding = run.found(span, format!("{within} in which nobody goes forward or back"));
        run.push(instead(finding, at, &format!("{} min", most.min(30))).help(help));
    }
}
