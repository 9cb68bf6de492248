//! One line a finding, for search and for editors that read `file:line:column`.

use std::fmt::Write as _;

use super::{Options, capped};
use crate::diagnostic::{Diagnostic, Severity};
use crate::render::view::cut;
use crate::sanitize::inert_line;
use crate::source::SourceMap;

/// `file:line:column: severity[code]: message: label`, one line a finding. Columns count characters.
#[must_use]
pub fn short(sources: &SourceMap, diagnostics: &[Diagnostic], options: &Options) -> String {
    let (shown, more) = capped(diagnostics, options);
    let mut out = String::new();
    for diagnostic in shown {
        write_line(&mut out, sources, diagnostic, options.color);
    }
    out.push_str(&more.unwrap_or_default());
    out
}

fn write_line(out: &mut String, sources: &SourceMap, diagnostic: &Diagnostic, color: bool) {
    if let Some(span) = diagnostic.span() {
        let at = sources.location(span);
        let _ = write!(out, "{}:{}:{}: ", inert_line(sources.name(span.file)), at.line, at.column);
    }
    let head = format!("{}[{}]", diagnostic.severity.word(), diagnostic.code);
    let (on, off) = if color { (ansi(diagnostic.severity), "\u{1b}[0m") } else { ("", "") };
    let _ = write!(out, "{on}{head}{off}: {}", inert_line(&cut(&diagnostic.message)));
    if let Some(label) = diagnostic.labels.first().filter(|label| !label.text.is_empty()) {
        let _ = write!(out, ": {}", inert_line(&cut(&label.text)));
    }
    out.push('\n');
}

const fn ansi(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "\u{1b}[1;31m",
        Severity::Warning => "\u{1b}[1;33m",
        Severity::Note => "\u{1b}[1;32m",
    }
}
