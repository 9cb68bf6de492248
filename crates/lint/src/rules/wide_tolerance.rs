//! `sla/wide-tolerance`.

use cutover_plan::model::{Content, Stricter};

use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "sla/wide-tolerance",
    level: Level::Warning,
    summary: "a large shift of due times needs no reason",
    what: "The tolerance of a policy is longer than an hour, or as long as one of its promises",
    why: "A shift within the tolerance is not explained to anybody, so a broken promise passes as rounding",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "minutes",
        default: 60,
        stricter: Stricter::Smaller,
        says: "minutes that need no reason",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, item) in run.items("sla") {
        let Content::Sla(sla) = &item.content else { continue };
        let Some(tolerance) = sla.tolerance.map(cutover_ir::quantity::Duration::nominal_seconds) else {
            continue;
        };
        let shortest =
            sla.clocks.iter().map(|clock| clock.allowed.nominal_seconds()).min().unwrap_or(u64::MAX);
        if tolerance <= run.number("minutes").saturating_mul(60) && tolerance < shortest {
            continue;
        }
        let Some(at) = run.clause(id, "tolerance") else { continue };
        let finding = run
            .found(at, "every difference below this passes")
            .help("make it shorter, or `0 min`; due times that somebody set by hand are listed by `cutover sla preview` and accepted with `allow \"sla/unexplained\"` and a reason");
        run.push(finding);
    }
}
