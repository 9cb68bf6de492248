//! Findings as an editor shows them, and their ways out.

use std::collections::{BTreeMap, HashMap};

use cutover_diagnostics::{Applicability, Diagnostic, FileId, Severity, Suggestion};
use lsp_types::{
    CodeAction, CodeActionKind, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString,
    Range, TextEdit, Uri, WorkspaceEdit,
};

use crate::text::Text;

/// The files of a project as an editor knows them.
pub(crate) struct Files {
    files: BTreeMap<FileId, (Uri, Text)>,
}

impl Files {
    pub(crate) fn new(files: BTreeMap<FileId, (Uri, Text)>) -> Files {
        Files { files }
    }

    pub(crate) fn get(&self, file: FileId) -> Option<&(Uri, Text)> {
        self.files.get(&file)
    }

    fn location(&self, span: cutover_diagnostics::Span) -> Option<Location> {
        let (uri, text) = self.get(span.file)?;
        Some(Location { uri: uri.clone(), range: text.range(span.start, span.end) })
    }

    /// Edits by file. `None` when one is of a file that the editor does not know.
    #[expect(
        clippy::mutable_key_type,
        reason = "the type that the protocol's library gives; its hash ignores what can change"
    )]
    pub(crate) fn edit(
        &self,
        edits: impl IntoIterator<Item = (cutover_diagnostics::Span, String)>,
    ) -> Option<WorkspaceEdit> {
        let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
        for (span, new_text) in edits {
            let Location { uri, range } = self.location(span)?;
            changes.entry(uri).or_default().push(TextEdit { range, new_text });
        }
        Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
    }
}

/// A finding for an editor; `None` when it stands nowhere in a file.
pub(crate) fn shown(finding: &Diagnostic, files: &Files) -> Option<(FileId, lsp_types::Diagnostic)> {
    let label = finding.labels.first()?;
    let Location { range, .. } = files.location(label.span)?;
    let mut message = finding.message.to_string();
    if !label.text.is_empty() {
        message.push_str(": ");
        message.push_str(&label.text);
    }
    for note in &finding.notes {
        message.push('\n');
        message.push_str(note);
    }
    for help in &finding.help {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    for suggestion in &finding.suggestions {
        message.push_str("\nhelp: ");
        message.push_str(&suggestion.title);
    }
    let related = finding.labels.iter().skip(1).filter_map(|label| {
        Some(DiagnosticRelatedInformation {
            location: files.location(label.span)?,
            message: label.text.to_string(),
        })
    });
    let related: Vec<DiagnosticRelatedInformation> = related.collect();
    let severity = match finding.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::INFORMATION,
    };
    let shown = lsp_types::Diagnostic {
        range,
        severity: Some(severity),
        code: Some(NumberOrString::String(finding.code.to_owned())),
        source: Some("cutover".to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        ..lsp_types::Diagnostic::default()
    };
    Some((label.span.file, shown))
}

/// The ways out of the findings that touch a range of a file, and one that takes all safe ones of the file.
pub(crate) fn actions(findings: &[Diagnostic], files: &Files, file: FileId, range: Range) -> Vec<CodeAction> {
    let mut actions = Vec::new();
    let here = |finding: &&Diagnostic| finding.span().is_some_and(|span| span.file == file);
    for finding in findings.iter().filter(here) {
        let Some((_, diagnostic)) = shown(finding, files) else { continue };
        if diagnostic.range.end < range.start || range.end < diagnostic.range.start {
            continue;
        }
        for Suggestion { title, edits, applicability } in &finding.suggestions {
            let edits = edits.iter().map(|edit| (edit.span, edit.replacement.clone()));
            let Some(edit) = files.edit(edits) else { continue };
            actions.push(CodeAction {
                title: title.to_string(),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![diagnostic.clone()]),
                edit: Some(edit),
                is_preferred: Some(*applicability == Applicability::Safe),
                ..CodeAction::default()
            });
        }
    }
    let safe = safe(findings.iter().filter(here), file);
    if let (false, Some(edit)) = (safe.is_empty(), files.edit(safe)) {
        actions.push(CodeAction {
            title: "make all safe corrections in this file".to_owned(),
            kind: Some(CodeActionKind::SOURCE_FIX_ALL),
            edit: Some(edit),
            ..CodeAction::default()
        });
    }
    actions
}

/// The safe edits of a file, without those that touch an earlier one.
fn safe<'d>(
    findings: impl Iterator<Item = &'d Diagnostic>,
    file: FileId,
) -> Vec<(cutover_diagnostics::Span, String)> {
    let mut taken: Vec<(cutover_diagnostics::Span, String)> = Vec::new();
    let suggestions = findings.filter_map(|finding| {
        finding.suggestions.iter().find(|one| one.applicability == Applicability::Safe)
    });
    let mut groups: Vec<&Suggestion> =
        suggestions.filter(|one| one.edits.iter().all(|edit| edit.span.file == file)).collect();
    groups.sort_by_key(|group| group.edits.iter().map(|edit| edit.span.start).min());
    let mut end = 0;
    for group in groups {
        let start = group.edits.iter().map(|edit| edit.span.start).min().unwrap_or(0);
        let last = group.edits.iter().map(|edit| edit.span.end).max().unwrap_or(0);
        if !taken.is_empty() && start <= end {
            continue;
        }
        end = last;
        taken.extend(group.edits.iter().map(|edit| (edit.span, edit.replacement.clone())));
    }
    taken
}
