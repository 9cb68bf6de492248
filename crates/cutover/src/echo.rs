//! Findings that only repeat what reading the text has already found.

use std::collections::BTreeSet;

use cutover_diagnostics::{Diagnostic, FileId, SourceMap, Span};

/// Findings about something that is not there: while a line could not be read, it may stand in that line. Families with the
/// names in them; no names stand for all.
const ABSENCES: &[(&str, &[&str])] = &[
    ("capability", &["unsupported"]),
    ("coverage", &["required-unset", "unmapped"]),
    ("golive", &["incomplete", "no-drain"]),
    ("inbound", &["undeclared"]),
    ("integrations", &["none", "undeclared"]),
    ("map", &["by-catalog", "missing"]),
    ("people", &["no-team", "role-open"]),
    ("required", &[]),
    ("rollback", &["no-sample"]),
    ("scope", &["gap", "undecided"]),
    ("translate", &["option-missing", "unused"]),
];

fn is_absence(code: &str) -> bool {
    let (family, name) = code.split_once('/').unwrap_or((code, ""));
    ABSENCES.iter().any(|(one, names)| *one == family && (names.is_empty() || names.contains(&name)))
}

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
        !is_absence(finding.code) && !finding.span().is_some_and(|span| lines.contains(&line(span)))
    });
}
