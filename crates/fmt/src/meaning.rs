//! What may not change: the tree without positions, the comments, the findings.

use cutover_diagnostics::Diagnostic;
use cutover_syntax::keywords::ItemKw;
use cutover_syntax::tree::{Item, Line, SourceFile, Terms};

use crate::order;
use crate::words;

/// An item without its layout. Two items that are equal here say the same.
pub(crate) fn of_item(item: &Item) -> String {
    let mut out = item.keyword.map_or("", ItemKw::text).to_owned();
    for line in &item.lines {
        of_line(item, line, &mut out);
    }
    out
}

fn of_line(item: &Item, line: &Line, out: &mut String) {
    if let Some(statement) = line.statement {
        out.push_str(statement.text());
    }
    out.push('\u{1}');
    of_terms(item, line.lead, out);
    if let Some(result) = line.result {
        out.push('\u{2}');
        of_terms(item, result, out);
    }
    for at in order::canonical(&line.clauses) {
        let Some(clause) = line.clauses.get(at) else { continue };
        out.push('\u{3}');
        out.push_str(clause.keyword.text());
        of_terms(item, clause.terms, out);
    }
    if let Some(body) = &line.body {
        out.push('{');
        for line in &body.lines {
            of_line(item, line, out);
        }
        out.push(if body.close.is_some() { '}' } else { '\u{4}' });
    }
    out.push('\n');
}

fn of_terms(item: &Item, terms: Terms, out: &mut String) {
    let terms = item.get(terms);
    for (at, term) in terms.iter().enumerate() {
        out.push(if words::holds(item, terms, at) { '\u{5}' } else { '\u{6}' });
        out.push_str(item.raw(*term));
    }
}

/// All comments in order, without the blanks at their ends.
pub(crate) fn comments(file: &SourceFile) -> impl Iterator<Item = &str> {
    file.items.iter().flat_map(|item| item.comments.iter().map(|range| item.slice(*range).trim_end()))
}

/// What was found, without places, in an order of its own.
pub(crate) fn findings(text: &str, diagnostics: &[Diagnostic]) -> Vec<(&'static str, String)> {
    let mut found: Vec<(&str, String)> = diagnostics
        .iter()
        .map(|finding| {
            let span = finding.labels.first().map(|label| label.span.range());
            let label = span.and_then(|range| text.get(range)).unwrap_or_default();
            (finding.site, label.split_whitespace().collect::<Vec<_>>().join(" "))
        })
        .collect();
    found.sort_unstable();
    found
}
