//! `map/empty-field`.

use cutover_plan::text::numbers::number;

use super::common::{instead, maps, only_field, source};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};
use cutover_plan::model::Stricter;

pub(super) const RULE: Rule = Rule {
    code: "map/empty-field",
    level: Level::Warning,
    summary: "a field goes over that nobody fills",
    what: "A custom field is mapped although next to no record has a value in it",
    why: "It is asked for in the new form, tested and explained, and holds nothing",
    since: "0.1",
    fix: Fix::Unsafe,
    options: &[
        Opt {
            name: "records",
            default: 100,
            stricter: Stricter::Smaller,
            says: "records from which on it matters",
        },
        Opt {
            name: "percent",
            default: 0,
            stricter: Stricter::Larger,
            says: "percent of the records that may have a value",
        },
    ],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let (least, percent) = (run.number("records"), run.number("percent"));
    for map in maps(run) {
        let Some(kind) = source(run.facts, &map.source) else { continue };
        let Some(count) = kind.count().filter(|count| *count >= least) else { continue };
        for row in &map.rows {
            let Some(name) = only_field(row).filter(|name| name.starts_with("custom.")) else { continue };
            let Some(profile) = kind.field(name).and_then(|field| field.profile) else { continue };
            if profile.present.saturating_mul(100) > count.saturating_mul(percent) {
                continue;
            }
            let at = run.facts.places.get(&row.id).copied();
            let Some(span) = at.or_else(|| run.facts.place(&row.id)) else { continue };
            let finding = run
                .found(span, format!("{} of {} have a value", number(profile.present), number(count)))
                .help(format!("leave it behind: `drop {name} because \"nobody fills it\"`"));
            let drop = format!("drop {name}  because \"nobody fills it\"");
            run.push(instead(finding, at.filter(|_| !row.by_catalog), &drop));
        }
    }
}
