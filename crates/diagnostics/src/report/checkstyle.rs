//! Checkstyle's XML: findings by file.

use std::collections::BTreeMap;

use super::xml::escaped;
use super::{Context, Finding};
use crate::diagnostic::Severity;

pub(super) fn checkstyle(findings: &[Finding<'_>], context: &Context) -> String {
    let mut files: BTreeMap<&str, Vec<&Finding<'_>>> = BTreeMap::new();
    for finding in findings {
        files.entry(&finding.path).or_default().push(finding);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!("<checkstyle version=\"{}\">\n", escaped(&context.version)));
    for (path, findings) in files {
        out.push_str(&format!("  <file name=\"{}\">\n", escaped(path)));
        for finding in findings {
            out.push_str(&error(finding));
        }
        out.push_str("  </file>\n");
    }
    out.push_str("</checkstyle>\n");
    out
}

fn error(finding: &Finding<'_>) -> String {
    let severity = match finding.diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    };
    format!(
        "    <error line=\"{}\" column=\"{}\" severity=\"{severity}\" message=\"{}\" source=\"cutover.{}\"/>\n",
        finding.start.line,
        finding.start.column,
        escaped(&finding.text()),
        escaped(finding.diagnostic.code)
    )
}
