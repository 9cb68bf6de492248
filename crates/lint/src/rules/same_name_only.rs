//! `map/same-name-only`.

use super::common::{maps, only_field, source};
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "map/same-name-only",
    level: Level::Warning,
    summary: "two fields are taken for one because of their name",
    what: "A custom field goes to one of the same name and another type, as it is and without `meaning`",
    why: "Fields of one name are used differently in two accounts; the type is the first sign of it",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(target) = run.facts.world.target() else { return };
    for map in maps(run) {
        let (Some(from), Some(to)) = (source(run.facts, &map.source), target.kind(&map.target)) else {
            continue;
        };
        for row in &map.rows {
            let Some(name) = only_field(row).filter(|name| row.to.as_slice() == [*name]) else { continue };
            if !name.starts_with("custom.") || row.meaning.is_some() || !row.pipe.is_empty() {
                continue;
            }
            let (Some(old), Some(new)) = (from.field(name), to.field(name)) else { continue };
            if kind(&old.field.ty.to_string()) == kind(&new.field.ty.to_string()) {
                continue;
            }
            let Some(at) = run.facts.place(&row.id) else { continue };
            let finding = run
                .found(at, format!("two fields named `{name}`, with different kinds of values"))
                .note(format!("there it is `{}`, here `{}`", old.field.ty, new.field.ty))
                .help("ask who uses it in both accounts, and say what it means: `meaning \"...\"`");
            run.push(finding);
        }
    }
}

/// A type without its limits, and whether or not it may be missing.
fn kind(ty: &str) -> &str {
    ty.split(['(', '?']).next().unwrap_or(ty)
}
