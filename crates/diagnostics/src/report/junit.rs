//! JUnit's XML: errors are failed test cases, all else is told by cases that passed.

use super::Finding;
use super::xml::escaped;
use crate::diagnostic::Severity;

pub(super) fn junit(findings: &[Finding<'_>]) -> String {
    let failures = findings.iter().filter(|finding| finding.diagnostic.severity == Severity::Error).count();
    // A suite without a case is read as a run that did not happen.
    let tests = findings.len().max(1);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
    out.push_str(&format!("<testsuites name=\"cutover\" {counts}>\n  <testsuite name=\"cutover check\" {counts} skipped=\"0\">\n"));
    for finding in findings {
        out.push_str(&case(finding));
    }
    if findings.is_empty() {
        out.push_str("    <testcase name=\"no mistakes\" classname=\"cutover\"/>\n");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn case(finding: &Finding<'_>) -> String {
    let code = finding.diagnostic.code;
    let place = format!("{}:{}:{}", finding.path, finding.start.line, finding.start.column);
    let name = if finding.path.is_empty() { code.to_owned() } else { format!("{code} at {place}") };
    let class = if finding.path.is_empty() { "cutover" } else { &finding.path };
    let text = escaped(&format!("{place}\n{}", finding.text()));
    let inner = match finding.diagnostic.severity {
        Severity::Error => {
            format!(
                "<failure type=\"{}\" message=\"{}\">{text}</failure>",
                escaped(code),
                escaped(&finding.title())
            )
        }
        severity => format!("<system-out>{}: {text}</system-out>", severity.word()),
    };
    format!("    <testcase name=\"{}\" classname=\"{}\">{inner}</testcase>\n", escaped(&name), escaped(class))
}
