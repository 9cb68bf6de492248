//! Findings as one JSON object, for programs.

use std::borrow::Cow;

use serde::Serialize;

use super::{Counts, Options};
use crate::diagnostic::{Applicability, Diagnostic, Edit, Label, Severity, Suggestion};
use crate::sanitize::is_inert;
use crate::source::{Location, SourceMap};
use crate::span::{FileId, Span};

/// The version of the JSON shape. It grows when a reader of the old shape would misread the new one; new members alone do
/// not count.
pub const JSON_VERSION: u32 = 1;

/// All findings, uncapped and uncropped, as one object:
///
/// ```text
/// { "version": 1,
///   "diagnostics": [ {
///       "code": "family/name", "severity": "error" | "warning" | "note", "message": "…",
///       "labels": [ { "primary": true, "file": "spec.cutover", "start": PLACE, "end": PLACE, "text": "…" } ],
///       "notes": ["…"], "help": ["…"],
///       "suggestions": [ { "title": "…", "applicability": "safe" | "unsafe" | "display-only",
///                          "edits": [ { "file": "…", "start": PLACE, "end": PLACE, "replacement": "…" } ] } ] } ],
///   "summary": { "errors": 1, "warnings": 0, "notes": 0, "files": 1 } }
/// PLACE = { "offset": bytes from 0, "line": from 1, "column": characters from 1, "utf16": UTF-16 units from 1 }
/// ```
///
/// The primary label comes first. Characters that a terminal would act on are written as `\u` escapes. The text ends with
/// a line break.
#[must_use]
pub fn json(sources: &SourceMap, diagnostics: &[Diagnostic], options: &Options) -> String {
    let report = Report {
        version: JSON_VERSION,
        diagnostics: diagnostics.iter().map(|found| finding(sources, found, options)).collect(),
        summary: Counts::of(diagnostics),
    };
    json_text(&report)
}

/// A value as JSON of several lines, without a character that a terminal would act on. The text ends with a line break.
pub(crate) fn json_text(value: &impl Serialize) -> String {
    // Strings and numbers only: serialising cannot fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    escaped(text)
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    diagnostics: Vec<Finding<'a>>,
    summary: Counts,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a str>,
    severity: Severity,
    message: &'a str,
    labels: Vec<Mark<'a>>,
    notes: &'a [Cow<'static, str>],
    help: &'a [Cow<'static, str>],
    suggestions: Vec<WayOut<'a>>,
}

#[derive(Serialize)]
struct Mark<'a> {
    primary: bool,
    #[serde(flatten)]
    range: Range<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct WayOut<'a> {
    title: &'a str,
    applicability: Applicability,
    edits: Vec<Change<'a>>,
}

#[derive(Serialize)]
struct Change<'a> {
    #[serde(flatten)]
    range: Range<'a>,
    replacement: &'a str,
}

#[derive(Serialize)]
struct Range<'a> {
    file: &'a str,
    start: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    offset: u32,
    line: u32,
    column: u32,
    utf16: u32,
}

fn finding<'a>(sources: &'a SourceMap, found: &'a Diagnostic, options: &Options) -> Finding<'a> {
    Finding {
        code: found.code,
        site: options.sites.then_some(found.site),
        severity: found.severity,
        message: &found.message,
        labels: found.labels.iter().enumerate().map(|(at, label)| mark(sources, label, at == 0)).collect(),
        notes: &found.notes,
        help: &found.help,
        suggestions: found.suggestions.iter().map(|suggestion| way_out(sources, suggestion)).collect(),
    }
}

fn mark<'a>(sources: &'a SourceMap, label: &'a Label, primary: bool) -> Mark<'a> {
    Mark { primary, range: range(sources, label.span), text: &label.text }
}

fn way_out<'a>(sources: &'a SourceMap, suggestion: &'a Suggestion) -> WayOut<'a> {
    let change = |edit: &'a Edit| Change { range: range(sources, edit.span), replacement: &edit.replacement };
    WayOut {
        title: &suggestion.title,
        applicability: suggestion.applicability,
        edits: suggestion.edits.iter().map(change).collect(),
    }
}

fn range(sources: &SourceMap, span: Span) -> Range<'_> {
    Range {
        file: sources.name(span.file),
        start: place(sources, span.file, span.start),
        end: place(sources, span.file, span.end),
    }
}

fn place(sources: &SourceMap, file: FileId, offset: u32) -> Place {
    let Location { line, column, column_utf16, .. } = sources.location_at(file, offset);
    Place { offset, line, column, utf16: column_utf16 }
}

/// Writes what a terminal would act on as `\u` escapes. In JSON such characters stand in strings only; the line breaks
/// between members stay.
fn escaped(text: String) -> String {
    if text.chars().all(|c| is_inert(c) || c == '\n') {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if is_inert(c) || c == '\n' {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}
