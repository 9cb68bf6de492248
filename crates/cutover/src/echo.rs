//! Findings that only repeat what reading the text has already found.

use std::collections::BTreeSet;

use cutover_diagnostics::{Diagnostic, FileId, SourceMap, Span};

/// Findings about something that is not there. While a line could not be read, it may stand in that line.
const ABSENCES: &[&str] = &[
    "capability/unsupported",
    "coverage/required-unset",
    "coverage/unmapped",
    "golive/incomplete",
    "golive/no-drain",
    "inbound/undeclared",
    "integrations/none",
    "integrations/undeclared",
    "map/by-catalog",
    "map/missing",
    "people/no-team",
    "people/role-open",
    "rollback/no-sample",
    "scope/gap",
    "scope/undecided",
    "translate/option-missing",
    "translate/unused",
];

/// The families of which every finding is about an absence.
const ABSENT_FAMILIES: &[&str] = &["required/"];

/// Drops from `found` what follows from the errors of reading in `read`: all findings of a line that could not be read, and
/// those about something that seems to be missing. They come back as soon as the text can be read, if there is a reason.
pub(crate) fn drop_echoes(sources: &SourceMap, read: &[Diagnostic], found: &mut Vec<Diagnostic>) {
    let line = |span: Span| (span.file, sources.location(span).line);
    let broken = read.iter().filter(|finding| finding.is_error() && finding.code.starts_with("syntax/"));
    let lines: BTreeSet<(FileId, _)> = broken.filter_map(Diagnostic::span).map(line).collect();
    if lines.is_empty() {
        return;
    }
    found.retain(|finding| {
        let absence = ABSENCES.contains(&finding.code)
            || ABSENT_FAMILIES.iter().any(|family| finding.code.starts_with(family));
        !absence && !finding.span().is_some_and(|span| lines.contains(&line(span)))
    });
}
