//! An item of which a brace is lost has lost its lines: only the first finding about them helps.

use cutover_diagnostics::{Diagnostic, Label};

/// Findings about what stands in which block.
const STRUCTURE: [&str; 9] = [
    "syntax/bad-line",
    "syntax/clause-misplaced",
    "syntax/clause-twice",
    "syntax/extra-words",
    "syntax/missing-arrow",
    "syntax/missing-body",
    "syntax/stray-brace",
    "syntax/unknown-item",
    "syntax/unknown-statement",
];

/// Leaves of the findings of an item those that do not follow from a lost opening brace: from the block that is not opened on, or, where
/// only a closing brace is too many, behind the first line that fits nowhere.
pub(crate) fn thin(found: &mut Vec<Diagnostic>) {
    let place = |one: &Diagnostic| one.span().map_or(u32::MAX, |span| span.start);
    let structure = |one: &Diagnostic| STRUCTURE.contains(&one.code);
    let stray = found.iter().find(|one| one.code == "syntax/stray-brace").and_then(Diagnostic::span);
    let Some(stray) = stray else { return };
    let unopened = found.iter().filter(|one| one.code == "syntax/missing-body").map(place).min();
    let earliest = || found.iter().filter(|one| structure(one)).map(place).min();
    let from = unopened.or_else(earliest).unwrap_or(u32::MAX);
    let mut first = true;
    found.retain_mut(|one| {
        if !structure(one) || place(one) < from {
            return true;
        }
        if place(one) > from || !std::mem::take(&mut first) {
            return false;
        }
        if !matches!(one.code, "syntax/missing-body" | "syntax/stray-brace") {
            let text = "this closes more than is open: a `{` may be missing before".into();
            one.labels.push(Label { span: stray, text });
        }
        true
    });
}
