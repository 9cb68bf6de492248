//! `map/stands-in-often`.

use cutover_ir::map::WhenMissing;
use cutover_plan::text::numbers::number;

use super::common::{maps, only_field, source};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};
use cutover_plan::model::Stricter;

pub(super) const RULE: Rule = Rule {
    code: "map/stands-in-often",
    level: Level::Warning,
    summary: "most records get a value that stands in",
    what: "A value or person behind `when missing` is given to most records",
    why: "A stand-in for a few is a repair; for most it is a false statement in every report",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "percent",
        default: 50,
        stricter: Stricter::Smaller,
        says: "percent of the records that may get it",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let percent = run.number("percent");
    for map in maps(run) {
        let Some(kind) = source(run.facts, &map.source) else { continue };
        let Some(count) = kind.count().filter(|count| *count > 0) else { continue };
        for row in &map.rows {
            if !matches!(row.when_missing, Some(WhenMissing::Constant(_) | WhenMissing::Placeholder(_))) {
                continue;
            }
            let Some(profile) = only_field(row).and_then(|name| kind.field(name)?.profile) else { continue };
            let missing = count.saturating_sub(profile.present);
            if missing.saturating_mul(100) <= count.saturating_mul(percent) {
                continue;
            }
            let Some(at) = run.clause(&row.id, "when missing") else { continue };
            let finding = run
                .found(at, format!("{} of {} have no value of their own", number(missing), number(count)))
                .help("leave it empty (`when missing empty`), or find the value elsewhere");
            run.push(finding);
        }
    }
}
