//! Reviewdog's diagnostic format, with suggestions that a reviewer can take over.

use serde_json::{Value, json};

use super::{Context, Finding, path};
use crate::diagnostic::{Applicability, Severity, Suggestion};
use crate::render::json_text;
use crate::source::{Location, SourceMap};

pub(super) fn rdjson(findings: &[Finding<'_>], sources: &SourceMap, context: &Context) -> String {
    json_text(&json!({
        "source": { "name": "cutover" },
        "diagnostics": findings.iter().map(|finding| diagnostic(finding, sources, context)).collect::<Vec<_>>(),
    }))
}

fn diagnostic(finding: &Finding<'_>, sources: &SourceMap, context: &Context) -> Value {
    let severity = match finding.diagnostic.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Note => "INFO",
    };
    let suggestions: Vec<Value> = finding
        .diagnostic
        .suggestions
        .iter()
        .filter_map(|suggestion| replacement(suggestion, finding, sources, context))
        .collect();
    json!({
        "message": finding.text(),
        "location": { "path": if finding.path.is_empty() { "." } else { &finding.path }, "range": range(finding.start, finding.end) },
        "severity": severity,
        "code": { "value": finding.diagnostic.code },
        "suggestions": suggestions,
    })
}

/// A suggestion of one edit in the finding's own file; the format has no others.
fn replacement(
    suggestion: &Suggestion,
    finding: &Finding<'_>,
    sources: &SourceMap,
    context: &Context,
) -> Option<Value> {
    let [edit] = suggestion.edits.as_slice() else { return None };
    let shown = suggestion.applicability != Applicability::DisplayOnly;
    let here = path(sources.name(edit.span.file), context) == finding.path;
    (shown && here).then(|| {
        let range = range(sources.location(edit.span), sources.end_location(edit.span));
        json!({ "range": range, "text": edit.replacement })
    })
}

/// Columns count bytes, and the end is behind the range.
fn range(start: Location, end: Location) -> Value {
    json!({
        "start": { "line": start.line, "column": start.column_utf8 },
        "end": { "line": end.line, "column": end.column_utf8 },
    })
}
