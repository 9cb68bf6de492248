//! `clean/tag-collision`.

use std::collections::{BTreeMap, BTreeSet};

use cutover_catalog::Part;
use cutover_plan::model::{CleanAction, Content};

use super::common::{maps, names, only_field, source};
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "clean/tag-collision",
    level: Level::Warning,
    summary: "tags differ by their spelling only",
    what: "Tags of the old desk become one when case, blanks and hyphens are left aside, and nothing in the spec makes them one",
    why: "Two spellings are two tags to rules and reports: each catches half",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(system) = run.facts.world.source() else { return };
    let renamed = run.items("clean").any(|(_, item)| match &item.content {
        Content::Clean(clean) => clean.steps.iter().any(|step| {
            matches!(step.action, CleanAction::Rename { .. })
                && source(run.facts, &step.kind).is_some_and(|kind| kind.kind.part == Part::Tag)
        }),
        _ => false,
    });
    let Some(tickets) = system.tickets().filter(|_| !renamed) else { return };
    let Some((field, _)) = tickets.kind.by_canon("tags") else { return };
    // The row that carries them; one with a function has a rule for names already.
    let rows = maps(run).filter(|map| map.source == tickets.name).flat_map(|map| &map.rows);
    let Some(row) = rows.into_iter().find(|row| only_field(row) == Some(field)) else { return };
    if row.pipe.iter().any(|call| call.function != "add") {
        return;
    }
    let listed = system.kinds_of(Part::Tag).filter_map(|kind| system.objects(kind.name)).flatten();
    let profile = tickets.field(field).and_then(|field| field.profile);
    let seen = profile.into_iter().flat_map(|profile| profile.values.keys());
    let mut by_form: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for name in listed.map(|object| &*object.name).chain(seen) {
        by_form.entry(normal(name)).or_default().insert(name);
    }
    let twice: Vec<String> =
        by_form.values().filter(|names| names.len() > 1).map(|same| names(same.iter().copied())).collect();
    let Some(at) = run.facts.place(&row.id).filter(|_| !twice.is_empty()) else { return };
    let finding = run.found(at, several(twice.len()));
    let finding = twice.iter().take(5).fold(finding, |finding, same| finding.note(same.clone()));
    run.push(
        finding
            .help("give tags one form: `rename tags by trim, lower lossy \"spelling only\"` in `clean copy`"),
    );
}

fn normal(name: &str) -> String {
    let name = name.trim().to_lowercase();
    name.chars().map(|c| if c == ' ' || c == '_' { '-' } else { c }).collect()
}

fn several(count: usize) -> String {
    if count == 1 {
        "one tag has several spellings".to_owned()
    } else {
        format!("{count} tags have several spellings")
    }
}
