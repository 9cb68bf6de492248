//! `map/unread-field`.

use std::collections::BTreeSet;

use cutover_plan::model::Content;

use super::common::{maps, only_field};
use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "map/unread-field",
    level: Level::Warning,
    summary: "a field goes over that nothing reads",
    what: "A custom field is mapped that no view, rule, macro, report or declared consumer reads, by an inventory that tells",
    why: "What no list, rule or report uses is kept up by habit only",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(inventory) = run.facts.world.source().and_then(|source| source.inventory) else { return };
    let objects = inventory.objects.values().flatten();
    let mut read: BTreeSet<&str> = objects.flat_map(|object| object.uses.iter()).collect();
    // An inventory that names no use at all was made by something that does not look for them.
    if read.is_empty() {
        return;
    }
    for (_, item) in run.items("consumer") {
        if let Content::Consumer(consumer) = &item.content {
            read.extend(consumer.reads.iter().map(String::as_str));
        }
    }
    for map in maps(run) {
        for row in &map.rows {
            let Some(name) = only_field(row).filter(|name| name.starts_with("custom.")) else { continue };
            let path = format!("{}.{name}", map.source);
            if read.contains(path.as_str()) {
                continue;
            }
            let Some(at) = run.facts.place(&row.id) else { continue };
            let finding = run.found(at, "in no view, rule, macro or report of the old desk").help(format!(
                "drop it, or name who reads it: `consumer finance \"Finance report\" reads {path}`"
            ));
            run.push(finding);
        }
    }
}
