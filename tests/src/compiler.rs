//! The one place where the tests call the compiler as a library, and laws that hold for every compilation.

use std::collections::BTreeSet;
use std::path::Path;

use cutover_diagnostics::render::{Options, full, summary};
use cutover_diagnostics::{Applicability, Diagnostic, Edit, FileId, Severity, SourceMap, sort_and_dedup};

use crate::corpus::{SPEC, compare};
use crate::program::copy;

/// What checking a project found.
#[derive(Debug)]
pub struct Checked {
    /// The files that were read.
    pub sources: SourceMap,
    /// The findings in their order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks the entry spec of a project.
#[must_use]
pub fn check(root: &Path, entry: &str) -> Checked {
    let compilation = cutover::compile(root, entry);
    let mut diagnostics = compilation.diagnostics;
    sort_and_dedup(&mut diagnostics);
    Checked { sources: compilation.sources, diagnostics }
}

/// Checks a copy of a project in which one file has another text.
///
/// # Errors
/// When the copy cannot be made.
pub fn check_with(root: &Path, entry: &str, changes: &[(String, String)]) -> Result<Checked, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    copy(root, folder.path()).map_err(|error| format!("{}: {error}", root.display()))?;
    for (path, text) in changes {
        let path = folder.path().join(path);
        if let Some(above) = path.parent() {
            std::fs::create_dir_all(above).map_err(|error| error.to_string())?;
        }
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(check(folder.path(), entry))
}

impl Checked {
    /// The findings as a case commits them: full format, no colour, summary; empty without findings.
    #[must_use]
    pub fn report(&self) -> String {
        if self.diagnostics.is_empty() {
            return String::new();
        }
        let options = Options { cap: usize::MAX, ..Options::default() };
        let findings = full(&self.sources, &self.diagnostics, &options);
        format!("{findings}{}\n", summary(&self.diagnostics))
    }

    /// The codes of the findings that are more than a remark, in order of code, each as often as it was found.
    #[must_use]
    pub fn codes(&self) -> Vec<&'static str> {
        let serious = self.diagnostics.iter().filter(|found| found.severity != Severity::Note);
        let mut codes: Vec<&'static str> = serious.map(|found| found.code).collect();
        codes.sort_unstable();
        codes
    }

    /// Errors.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|found| found.is_error())
    }

    /// The first of the worst findings; none when there are remarks at most.
    #[must_use]
    pub fn worst(&self) -> Option<&Diagnostic> {
        let worst = self.diagnostics.iter().map(|found| found.severity).min()?;
        self.diagnostics.iter().find(|found| found.severity == worst && worst != Severity::Note)
    }

    /// Compares the report with a committed file.
    ///
    /// # Errors
    /// When they differ.
    pub fn compare(&self, path: &Path) -> Result<(), String> {
        compare(path, &self.report())
    }

    /// Laws that every finding obeys: labels and edits fit their files, edits do not overlap, sentences have the house's form.
    ///
    /// # Errors
    /// The first breach.
    pub fn obeys_laws(&self) -> Result<(), String> {
        self.diagnostics.iter().try_for_each(|found| {
            self.fits(found)
                .and_then(|()| sentences(found))
                .map_err(|breach| format!("{}: {breach}", found.site))
        })
    }

    fn fits(&self, found: &Diagnostic) -> Result<(), String> {
        let edits = found.suggestions.iter().flat_map(|suggestion| &suggestion.edits);
        let spans = found.labels.iter().map(|label| label.span).chain(edits.map(|edit| edit.span));
        for span in spans {
            let text = self.sources.get(span.file).map(|file| file.text());
            if text.and_then(|text| text.get(span.range())).is_none() {
                return Err(format!("{span:?} does not fit its file"));
            }
        }
        for suggestion in &found.suggestions {
            let mut spans: Vec<_> = suggestion.edits.iter().map(|edit| edit.span).collect();
            spans.sort_unstable();
            if spans.iter().zip(spans.iter().skip(1)).any(|(a, b)| a.file == b.file && b.start < a.end) {
                return Err(format!("the edits of `{}` overlap", suggestion.title));
            }
        }
        Ok(())
    }

    /// Applies each safe suggestion of a project to a copy: the finding goes, and no error comes.
    ///
    /// # Errors
    /// The first suggestion that is not safe.
    pub fn safe_edits_help(&self, root: &Path) -> Result<(), String> {
        let errors = |checked: &Self| {
            let mut codes: Vec<_> = checked.errors().map(|found| found.code).collect();
            codes.sort_unstable();
            codes
        };
        for found in &self.diagnostics {
            for suggestion in found.suggestions.iter().filter(|one| one.applicability == Applicability::Safe)
            {
                let after = check_with(root, SPEC, &self.applied(&suggestion.edits))?;
                let count =
                    |all: &Self| all.diagnostics.iter().filter(|other| other.code == found.code).count();
                if count(&after) >= count(self) {
                    return Err(format!("{}: `{}` does not remove it", found.site, suggestion.title));
                }
                let before: BTreeSet<_> = errors(self).into_iter().collect();
                if let Some(new) = errors(&after).into_iter().find(|code| !before.contains(code)) {
                    return Err(format!("{}: `{}` leads to {new}", found.site, suggestion.title));
                }
            }
        }
        Ok(())
    }

    /// The files that edits change, with their new texts.
    fn applied(&self, edits: &[Edit]) -> Vec<(String, String)> {
        let files: BTreeSet<FileId> = edits.iter().map(|edit| edit.span.file).collect();
        let change = |file: FileId| {
            let mut of: Vec<&Edit> = edits.iter().filter(|edit| edit.span.file == file).collect();
            of.sort_by_key(|edit| edit.span);
            let mut text = self.sources.text(file).to_owned();
            for edit in of.into_iter().rev() {
                text.replace_range(edit.span.range(), &edit.replacement);
            }
            (self.sources.name(file).to_owned(), text)
        };
        files.into_iter().map(change).collect()
    }
}

/// Message and labels start small and end without a full stop.
fn sentences(found: &Diagnostic) -> Result<(), String> {
    let labels = found.labels.iter().map(|label| &label.text);
    for text in [&found.message].into_iter().chain(labels) {
        if text.ends_with('.') && !text.ends_with("...") {
            return Err(format!("a full stop ends `{text}`"));
        }
    }
    if !found.message.starts_with(|c: char| c.is_lowercase() || !c.is_alphabetic()) {
        return Err(format!("the message starts with a capital: `{}`", found.message));
    }
    if found.labels.is_empty() {
        return Err("it points at nothing".to_owned());
    }
    Ok(())
}
