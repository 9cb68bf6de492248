//! `map/cuts-many`.

use cutover_catalog::inventory::Longer;
use cutover_ir::predicate::Literal;
use cutover_plan::text::numbers::number;

use super::common::{maps, only_field, source};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};
use cutover_plan::model::Stricter;

pub(super) const RULE: Rule = Rule {
    code: "map/cuts-many",
    level: Level::Warning,
    summary: "many texts lose their end",
    what: "A row cuts a large share of its texts, and their ends go nowhere",
    why: "One long text in a thousand is an accident; one in ten is how people work",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "percent",
        default: 5,
        stricter: Stricter::Smaller,
        says: "percent of the records whose text may be cut",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let percent = run.number("percent");
    for map in maps(run) {
        let Some(kind) = source(run.facts, &map.source) else { continue };
        for row in &map.rows {
            let cut = row.pipe.first().filter(|call| call.function == "cut" && row.overflow.is_none());
            let Some(Literal::Number(to)) = cut.and_then(|call| call.args.first()) else { continue };
            let Some(to) = to.to_int().and_then(|to| u64::try_from(to).ok()) else { continue };
            let Some(profile) = only_field(row).and_then(|name| kind.field(name)?.profile) else { continue };
            let (Longer::Exactly(longer) | Longer::AtLeast(longer)) = profile.longer_than(to) else {
                continue;
            };
            if longer.saturating_mul(100) <= profile.present.saturating_mul(percent) {
                continue;
            }
            let Some(at) = run.facts.place(&row.id) else { continue };
            let share = format!("{} of {} are longer than {to}", number(longer), number(profile.present));
            let finding = run.found(at, share).help(
                "keep the ends where there is room: `overflow to comment.first`, or map to a longer field",
            );
            run.push(finding);
        }
    }
}
