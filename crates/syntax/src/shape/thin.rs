//! An item of which a brace is lost has lost its lines: only the first finding about them helps.

use cutover_diagnostics::{Diagnostic, Label};

/// Findings about what stands in which block, all of the family `syntax`.
const STRUCTURE: [&str; 9] = [
    "bad-line",
    "clause-misplaced",
    "clause-twice",
    "extra-words",
    "missing-arrow",
    MISSING_BODY,
    STRAY_BRACE,
    "unknown-item",
    "unknown-statement",
];

const MISSING_BODY: &str = "missing-body";
const STRAY_BRACE: &str = "stray-brace";

/// The name of a finding in its family, which is `syntax`.
fn name(one: &Diagnostic) -> &'static str {
    one.code.strip_prefix("syntax/").unwrap_or_default()
}

/// Leaves of the findings of an item those that do not follow from a lost opening brace: from the block that is not opened on, or, where
/// only a closing brace is too many, behind the first line that fits nowhere.
pub(crate) fn thin(found: &mut Vec<Diagnostic>) {
    let place = |one: &Diagnostic| one.span().map_or(u32::MAX, |span| span.start);
    let structure = |one: &Diagnostic| STRUCTURE.contains(&name(one));
    let stray = found.iter().find(|one| name(one) == STRAY_BRACE).and_then(Diagnostic::span);
    let Some(stray) = stray else { return };
    let unopened = found.iter().filter(|one| name(one) == MISSING_BODY).map(place).min();
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
        if !matches!(name(one), MISSING_BODY | STRAY_BRACE) {
            let text = "this closes more than is open: a `{` may be missing before".into();
            one.labels.push(Label { span: stray, text });
        }
        true
    });
}
