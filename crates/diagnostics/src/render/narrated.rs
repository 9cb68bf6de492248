//! Findings as sentences without drawings, for screen readers and braille displays: miette's narrated style over our
//! excerpts.

use std::fmt;

use miette::{
    LabeledSpan, MietteError, MietteSpanContents, NarratableReportHandler, SourceCode, SourceSpan,
    SpanContents,
};
use unicode_width::UnicodeWidthStr as _;

use super::full::remarks;
use super::view::{View, ViewFile, ViewLabel, cut};
use super::{Options, capped};
use crate::diagnostic::{Diagnostic, Severity};
use crate::sanitize::inert_terminal;
use crate::source::SourceMap;

/// Each finding as sentences: message, severity, the lines with the position of each label, help, code.
#[must_use]
pub fn narrated(sources: &SourceMap, diagnostics: &[Diagnostic], options: &Options) -> String {
    let (shown, more) = capped(diagnostics, options);
    let handler = NarratableReportHandler::new().with_context_lines(0);
    let mut out = String::new();
    for diagnostic in shown {
        let view = View::new(sources, diagnostic);
        // It fails when a span does not fit its source; the view makes both.
        let _ = handler.render_report(&mut out, &Narrated::new(&view, diagnostic));
        out.push('\n');
    }
    out.push_str(&more.unwrap_or_default());
    out
}

/// One finding in miette's terms: the primary label's file is its source, the others are related findings.
struct Narrated<'a> {
    message: String,
    severity: miette::Severity,
    code: Option<&'a str>,
    help: Option<String>,
    source: Option<FileSource<'a>>,
    labels: Vec<LabeledSpan>,
    others: Vec<Narrated<'a>>,
}

struct FileSource<'a>(&'a ViewFile);

impl<'a> Narrated<'a> {
    fn new(view: &'a View, diagnostic: &'a Diagnostic) -> Self {
        let severity = match diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        };
        let remarks = remarks(diagnostic, view.hidden);
        let mut files = view.files.iter().enumerate();
        let first = files.next();
        Self {
            message: inert_terminal(&cut(&diagnostic.message)).into_owned(),
            severity,
            code: Some(diagnostic.code),
            help: (!remarks.is_empty()).then(|| remarks.join("\n")),
            source: first.map(|(_, file)| FileSource(file)),
            labels: first.map_or_else(Vec::new, |(at, file)| labels(view, at, file)),
            others: files.map(|(at, file)| Self::elsewhere(view, at, file)).collect(),
        }
    }

    /// The labels of another file than the primary one's.
    fn elsewhere(view: &'a View, at: usize, file: &'a ViewFile) -> Self {
        Self {
            message: format!("see also {}", file.name),
            severity: miette::Severity::Advice,
            code: None,
            help: None,
            source: Some(FileSource(file)),
            labels: labels(view, at, file),
            others: Vec::new(),
        }
    }
}

fn labels(view: &View, at: usize, file: &ViewFile) -> Vec<LabeledSpan> {
    view.labels.iter().filter(|label| label.file == at).map(|label| spoken(file, label)).collect()
}

/// A label on its first line only: what it says, where it goes on to, and the column in the file where the excerpt
/// has another.
fn spoken(file: &ViewFile, label: &ViewLabel) -> LabeledSpan {
    let line = file.lines.get(file.line_index(label.range.start)).map_or(0..0, |line| line.range.clone());
    let end = label.range.end.min(line.end.saturating_sub(1)).max(label.range.start);
    let mut text = label.text.clone();
    let mut add = |more: String| {
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(&more);
    };
    if label.last_line > label.start.line {
        add(format!("goes on to line {}", label.last_line));
    }
    let column = file.text.get(line.start..label.range.start).map_or(0, |before| before.width()) + 1;
    if column != label.start.column as usize {
        add(format!("column {} of the file", label.start.column));
    }
    LabeledSpan::new((!text.is_empty()).then_some(text), label.range.start, end - label.range.start)
}

impl fmt::Display for Narrated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Narrated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Narrated<'_> {}

impl miette::Diagnostic for Narrated<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        (!self.others.is_empty()).then(|| {
            Box::new(self.others.iter().map(|other| other as &dyn miette::Diagnostic))
                as Box<dyn Iterator<Item = &dyn miette::Diagnostic>>
        })
    }
}

/// The lines that a span touches, answered from the excerpt: no scan from the start of the file.
impl SourceCode for FileSource<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let file = self.0;
        let first = file.line_index(span.offset());
        let last = file.line_index(span.offset() + span.len());
        let (Some(first_line), Some(last_line)) = (file.lines.get(first), file.lines.get(last)) else {
            return Err(MietteError::OutOfBounds);
        };
        // Without the last line break: miette takes one at the end of a snippet for the end of the file, and then ties the
        // labels of all later lines to the snippet's last line.
        let range = first_line.range.start..last_line.range.end.saturating_sub(1);
        let data = file.text.get(range.clone()).ok_or(MietteError::OutOfBounds)?;
        Ok(Box::new(MietteSpanContents::new_named(
            file.name.clone(),
            data.as_bytes(),
            (range.start, range.len()).into(),
            first_line.number.saturating_sub(1),
            0,
            last - first + 1,
        )))
    }
}
