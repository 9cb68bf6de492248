//! The line that closes a run: `2 errors, 1 warning in 3 files`.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Severity};
use crate::span::FileId;

/// How many findings there are of each severity, and in how many files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Findings that forbid a plan.
    pub errors: usize,
    /// Findings that somebody should look at.
    pub warnings: usize,
    /// Findings that are good to know.
    pub notes: usize,
    /// Files that a primary label points into.
    pub files: usize,
}

impl Counts {
    /// Counts findings.
    pub fn of<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Self {
        let mut counts = Self::default();
        let mut files: BTreeSet<FileId> = BTreeSet::new();
        for diagnostic in diagnostics {
            match diagnostic.severity {
                Severity::Error => counts.errors += 1,
                Severity::Warning => counts.warnings += 1,
                Severity::Note => counts.notes += 1,
            }
            files.extend(diagnostic.span().map(|span| span.file));
        }
        counts.files = files.len();
        counts
    }

    /// `2 errors, 1 warning`; empty without findings.
    #[must_use]
    pub fn words(&self) -> String {
        let parts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let parts: Vec<String> =
            parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| plural(n, word)).collect();
        parts.join(", ")
    }
}

/// `2 errors, 1 warning in 3 files`, or `no findings`. No line break at the end.
#[must_use]
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let counts = Counts::of(diagnostics);
    match (diagnostics.is_empty(), counts.files) {
        (true, _) => "no findings".to_owned(),
        (false, 0) => counts.words(),
        (false, files) => format!("{} in {}", counts.words(), plural(files, "file")),
    }
}

fn plural(n: usize, word: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{n} {word}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    #[test]
    fn counts_by_severity_and_by_file_of_the_primary_label() {
        let found = [
            Diagnostic::error("a/b", "one").primary(Span::at(FileId(0), 0), ""),
            Diagnostic::error("a/b", "two")
                .primary(Span::at(FileId(1), 0), "")
                .secondary(Span::at(FileId(2), 0), ""),
            Diagnostic::warning("a/c", "three").primary(Span::at(FileId(1), 0), ""),
        ];
        assert_eq!(summary(&found), "2 errors, 1 warning in 2 files");
        assert_eq!(summary(&[]), "no findings");
        assert_eq!(summary(&[Diagnostic::remark("a/d", "four")]), "1 note");
    }
}
