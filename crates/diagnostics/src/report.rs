//! Findings in the formats of other programs: forges, CI systems, code review tools.
//!
//! Each is a function `(sources, findings, context) -> text`; the same findings give the same bytes. What a host would cut off is cut
//! off here, the worst findings kept, and counted. Paths are relative to the folder that the host knows, see [`Context::folder`].

mod checkstyle;
mod fingerprint;
mod github;
mod gitlab;
mod junit;
mod rdjson;
mod sarif;
mod xml;

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;
use crate::sanitize::inert_line;
use crate::source::{Location, SourceMap};

pub use fingerprint::fingerprints;
pub use github::ANNOTATIONS;
pub use sarif::RESULTS;

/// A format that another program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// Workflow commands of GitHub Actions: annotations beside the lines.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// SARIF 2.1.0, as code scanning reads it.
    Sarif,
    /// JUnit's XML, one test case a finding.
    Junit,
    /// Checkstyle's XML.
    Checkstyle,
    /// Reviewdog's diagnostic format, as one JSON object.
    Rdjson,
}

/// What a report says of itself.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The project's folder as the host calls it, from the top of the repository: empty, or `migrations/acme`.
    pub folder: String,
    /// The version of the program.
    pub version: String,
    /// Gives the page of a code, in Markdown; none where the program has no pages.
    pub page: Option<fn(&str) -> Option<&'static str>>,
    /// The address of the folder with the program's documents, for links; none where nobody said it.
    pub docs: Option<String>,
}

/// The findings, in the order wanted, in a format for another program. Ends with a line break unless it is empty.
#[must_use]
pub fn report(kind: Report, sources: &SourceMap, diagnostics: &[Diagnostic], context: &Context) -> String {
    let all: Vec<Finding<'_>> = findings(sources, diagnostics, context);
    match kind {
        Report::Github => github::github(&all),
        Report::Gitlab => gitlab::gitlab(&all),
        Report::Sarif => sarif::sarif(&all, context),
        Report::Junit => junit::junit(&all),
        Report::Checkstyle => checkstyle::checkstyle(&all, context),
        Report::Rdjson => rdjson::rdjson(&all, sources, context),
    }
}

/// A finding with what all formats need of it.
struct Finding<'a> {
    diagnostic: &'a Diagnostic,
    /// From the top of the repository; empty for a finding without a place.
    path: String,
    start: Location,
    end: Location,
    fingerprint: String,
}

const NOWHERE: Location = Location { line: 1, column: 1, column_utf8: 1, column_utf16: 1 };

fn findings<'a>(
    sources: &'a SourceMap,
    diagnostics: &'a [Diagnostic],
    context: &Context,
) -> Vec<Finding<'a>> {
    let fingerprints = fingerprints(sources, diagnostics, context);
    diagnostics
        .iter()
        .zip(fingerprints)
        .map(|(diagnostic, fingerprint)| {
            let span = diagnostic.span();
            let at =
                |of: fn(&SourceMap, crate::Span) -> Location| span.map_or(NOWHERE, |span| of(sources, span));
            Finding {
                diagnostic,
                path: span.map(|span| path(sources.name(span.file), context)).unwrap_or_default(),
                start: at(SourceMap::location),
                end: at(SourceMap::end_location),
                fingerprint,
            }
        })
        .collect()
}

/// The path of a file from the top of the repository.
fn path(name: &str, context: &Context) -> String {
    let folder = context.folder.trim_matches('/');
    let name = inert_line(name);
    if folder.is_empty() || folder == "." {
        name.into_owned()
    } else {
        format!("{}/{name}", inert_line(folder))
    }
}

impl Finding<'_> {
    /// What is wrong, in one line.
    fn title(&self) -> Cow<'_, str> {
        inert_line(&self.diagnostic.message)
    }

    /// What is wrong, here, and what to do, in lines.
    fn text(&self) -> String {
        let label = self.diagnostic.labels.first().map_or("", |label| &label.text);
        let mut out = match label {
            "" => self.title().into_owned(),
            label => format!("{}: {}", self.title(), inert_line(label)),
        };
        for (word, texts) in [("note", &self.diagnostic.notes), ("help", &self.diagnostic.help)] {
            for text in texts {
                out.push_str(&format!("\n{word}: {}", crate::sanitize::inert_terminal(text)));
            }
        }
        for suggestion in &self.diagnostic.suggestions {
            out.push_str(&format!("\nhelp: {}", crate::sanitize::inert_terminal(&suggestion.title)));
        }
        out
    }
}

/// The findings that come first when only so many can be shown, the worst of them, in their order; and the number of the others.
fn worst<'a, 'f>(findings: &'a [Finding<'f>], cap: usize) -> (Vec<&'a Finding<'f>>, usize) {
    let mut ranked: Vec<(usize, &Finding<'_>)> = findings.iter().enumerate().collect();
    ranked.sort_by_key(|(at, finding)| (finding.diagnostic.severity, *at));
    ranked.truncate(cap);
    ranked.sort_by_key(|(at, _)| *at);
    let hidden = findings.len() - ranked.len();
    (ranked.into_iter().map(|(_, finding)| finding).collect(), hidden)
}
