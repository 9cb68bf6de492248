//! States that the catalog does not have: which of them are told by name. A state that few records have may be a cell of another column, and
//! somebody's words.

use std::collections::HashSet;

use cutover_catalog::Part;

use crate::finding::{Findings, Severity};
use crate::kind::KindAcc;
use crate::values::SHARED;
use crate::{unknown, value};

/// What stands for a state whose name is withheld.
pub(crate) const OTHER: &str = "other";

/// The names of states that may be told: declared ones, and those that enough records share.
pub(crate) fn told(kind: &KindAcc<'_>) -> HashSet<String> {
    let declared = kind.kind.states.iter().flat_map(|states| states.values.keys());
    let declared = declared.chain(kind.added_states.keys().map(String::as_str));
    let shared = kind.by_status.iter().filter(|(name, count)| **count >= SHARED && !value::is_private(name));
    declared.map(str::to_owned).chain(shared.map(|(name, _)| name.clone())).collect()
}

/// Reports states that the catalog does not have.
pub(crate) fn note(kind: &KindAcc<'_>, told: &HashSet<String>, findings: &mut Findings) {
    let unfinished = if kind.part == Part::Ticket { "; they stand among the unfinished ones" } else { "" };
    let unknown = || kind.by_status.iter().filter(|(name, _)| kind.state(name).is_none());
    for (name, count) in unknown().filter(|(name, _)| told.contains(*name)) {
        let states = kind.kind.states.iter().flat_map(|states| states.values.keys());
        let near = states.into_iter().find(|state| state.to_lowercase() == name.to_lowercase());
        let spelt = near.map(|near| format!(" (it has `{near}`)")).unwrap_or_default();
        let shown = unknown::shorten(name);
        findings.plain(
            Severity::Warning,
            "scan/unknown-state",
            ("", &format!("{}: {shown}", kind.name)),
            format!("`{shown}` of {} is no state of the catalog{spelt}: {count} {} it{unfinished}", kind.name, verb(*count)),
            "Add the state under `states` of the inventory, with its category and class, and scan onto the same file again.",
            *count,
        );
    }
    let rare: u64 = unknown().filter(|(name, _)| !told.contains(*name)).map(|(_, count)| count).sum();
    if rare > 0 {
        findings.plain(
            Severity::Warning,
            "scan/unknown-state#rare",
            ("", &format!("{}: {OTHER}", kind.name)),
            format!(
                "{rare} {} a state of {} that the catalog does not have and fewer than {SHARED} share: its name is not told{unfinished}",
                verb(rare),
                kind.name
            ),
            "Look at the column of the state in the export: either the account has the state, and it belongs under `states` of the inventory, or a row is shifted by a separator without quotes.",
            rare,
        );
    }
}

/// `1 object has`, `12 objects have`, as it follows the number.
fn verb(count: u64) -> &'static str {
    if count == 1 { "object has" } else { "objects have" }
}
