//! `baselines/short`.

use cutover_plan::model::{Content, Stricter};

use super::common::days;
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "baselines/short",
    level: Level::Warning,
    summary: "a past is too short to compare with",
    what: "A baseline covers fewer than two weeks",
    why: "One odd week, a holiday or an outage decides then whether the migration was a success",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "days",
        default: 14,
        stricter: Stricter::Larger,
        says: "days that a baseline should cover",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for (id, item) in run.items("baseline") {
        let Content::Baseline(baseline) = &item.content else { continue };
        let Some(covered) = days(baseline.from, baseline.to).map(|days| days + 1) else { continue };
        let Some(at) = run.clause(id, "from").filter(|_| covered < run.number("days")) else { continue };
        let text = if covered == 1 { "1 day".to_owned() } else { format!("{covered} days") };
        let finding = run.found(at, text).help("measure a whole month: `from 2026-10-01 to 2026-10-31`");
        run.push(finding);
    }
}
