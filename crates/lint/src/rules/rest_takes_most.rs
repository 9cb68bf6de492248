//! `translate/rest-takes-most`.

use std::collections::BTreeSet;

use cutover_ir::Id;
use cutover_ir::map::Outcome;
use cutover_plan::model::{Content, Stricter};
use cutover_plan::text::numbers::number;

use super::common::{maps, names, only_field, source, translation};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "translate/rest-takes-most",
    level: Level::Warning,
    summary: "most records become the same value",
    what: "The line `the rest` of a translation gives one value to a large share of the records",
    why: "A rest is for what nobody needs any more; what many records hold deserves a line of its own",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "percent",
        default: 40,
        stricter: Stricter::Smaller,
        says: "percent of the records that the rest may take",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let percent = run.number("percent");
    let mut told = BTreeSet::new();
    for map in maps(run) {
        let Some(kind) = source(run.facts, &map.source) else { continue };
        for row in &map.rows {
            let (Some(field), Some(name)) = (only_field(row), translation(row)) else { continue };
            let id = Id::new(["translate", name]);
            let Some(Content::Translate(table)) = run.facts.plan.items.get(&id).map(|item| &item.content)
            else {
                continue;
            };
            if !matches!(table.rest, Some(Outcome::Value(_))) || told.contains(&id) {
                continue;
            }
            let Some(profile) = kind.field(field).and_then(|field| field.profile) else { continue };
            let left = |value: &str| !table.rows.iter().any(|row| row.pattern.matches(value));
            let rest: Vec<(&str, u64)> = profile
                .values
                .iter()
                .filter(|(value, _)| left(value))
                .map(|(value, n)| (value, *n))
                .collect();
            let taken: u64 = rest.iter().map(|(_, count)| count).sum();
            if rest.len() < 2 || taken.saturating_mul(100) <= profile.present.saturating_mul(percent) {
                continue;
            }
            let Some(at) = run.facts.place(&id.child("the rest")) else { continue };
            let finding = run
                .found(at, format!("{} of {} records", number(taken), number(profile.present)))
                .note(names(rest.iter().map(|(value, _)| *value)))
                .help("give the frequent ones lines of their own");
            run.push(finding);
            told.insert(id);
        }
    }
}
