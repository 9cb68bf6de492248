//! `baselines/old`.

use cutover_plan::model::{Content, Stricter};

use super::common::{days, night};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "baselines/old",
    level: Level::Warning,
    summary: "a past is too long ago to compare with",
    what: "A baseline ended more than four months before the window",
    why: "Team, products and load have changed since; the new desk is praised or blamed for that",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "days",
        default: 120,
        stricter: Stricter::Smaller,
        says: "days between the end of the baseline and the window",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(night) = night(run) else { return };
    for (id, item) in run.items("baseline") {
        let Content::Baseline(baseline) = &item.content else { continue };
        let Some(ago) = days(baseline.to, night).filter(|ago| *ago > run.number("days")) else { continue };
        let Some(at) = run.clause(id, "to") else { continue };
        let finding = run
            .found(at, format!("{ago} days before the window"))
            .help("take the last full month before the window, or the same month of last year beside it");
        run.push(finding);
    }
}
