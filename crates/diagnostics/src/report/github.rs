//! Annotations beside the lines of a pull request, as workflow commands.

use super::Finding;
use crate::diagnostic::Severity;
use crate::sanitize::inert_line;

/// How many annotations of one severity GitHub takes from one step. It drops the others without a word.
pub const ANNOTATIONS: usize = 10;

pub(super) fn github(findings: &[Finding<'_>]) -> String {
    let mut out = String::new();
    let mut rest = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let of = findings.iter().filter(|finding| finding.diagnostic.severity == severity);
        for (number, finding) in of.enumerate() {
            if number < ANNOTATIONS {
                out.push_str(&command(finding));
            } else {
                rest.push(finding);
            }
        }
    }
    if !rest.is_empty() {
        // Lines of the log. None may begin like a command, nor hold the older kind of one.
        out.push_str(&format!("- {} more, for which GitHub has no room beside the lines:\n", rest.len()));
        for finding in rest {
            let word = finding.diagnostic.severity.word();
            let line = format!(
                "- {}:{}:{}: {word}[{}]: {}\n",
                finding.path,
                finding.start.line,
                finding.start.column,
                finding.diagnostic.code,
                first_line(finding)
            );
            out.push_str(&line.replace("##[", "## ["));
        }
    }
    out
}

fn first_line(finding: &Finding<'_>) -> String {
    inert_line(finding.text().lines().next().unwrap_or_default()).into_owned()
}

fn command(finding: &Finding<'_>) -> String {
    let name = match finding.diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let (start, end) = (finding.start, finding.end);
    let mut place = String::new();
    if !finding.path.is_empty() {
        place = format!("file={},line={},endLine={}", property(&finding.path), start.line, end.line);
        // Columns of a range over several lines are refused.
        if start.line == end.line {
            place.push_str(&format!(",col={},endColumn={}", start.column, end.column));
        }
        place.push(',');
    }
    format!("::{name} {place}title={}::{}\n", property(finding.diagnostic.code), data(&finding.text()))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
