//! GitLab's code quality report: an array of issues.

use serde::Serialize;

use super::Finding;
use crate::diagnostic::Severity;
use crate::render::json_text;

pub(super) fn gitlab(findings: &[Finding<'_>]) -> String {
    json_text(&findings.iter().map(issue).collect::<Vec<_>>())
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Place<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

fn issue<'a>(finding: &'a Finding<'_>) -> Issue<'a> {
    Issue {
        // One line; the rest is a click away in the terminal.
        description: finding.text().lines().next().unwrap_or_default().to_owned(),
        check_name: finding.diagnostic.code,
        fingerprint: &finding.fingerprint,
        severity: match finding.diagnostic.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Note => "info",
        },
        // An issue without a path is refused.
        location: Place {
            path: if finding.path.is_empty() { "." } else { &finding.path },
            lines: Lines { begin: finding.start.line, end: finding.end.line },
        },
    }
}
