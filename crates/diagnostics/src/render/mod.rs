//! Four ways to show findings. Each is a function `(sources, findings, options) -> text`.
//!
//! None depends on the width of a terminal, the environment or the clock: the same findings give the same bytes.

mod full;
mod json;
mod narrated;
mod short;
mod summary;
#[cfg(test)]
mod tests;
mod view;

use crate::diagnostic::Diagnostic;
use crate::source::SourceMap;

pub use full::full;
pub(crate) use json::json_text;
pub use json::{JSON_VERSION, json};
pub use narrated::narrated;
pub use short::short;
pub use summary::{Counts, summary};

/// A way to show findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Source lines with labels under them.
    Full,
    /// One line a finding: `file:line:column: severity[code]: message`.
    Short,
    /// One JSON object.
    Json,
    /// Sentences without drawings, for screen readers.
    Narrated,
}

/// What the renderers let the caller decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// ANSI colours, in the full and the short format.
    pub color: bool,
    /// How many findings are shown at most in the full, short and narrated formats; errors come before warnings, warnings before
    /// notes. One last line counts the others. JSON always has all.
    pub cap: usize,
    /// Whether JSON names the place in the program that found each finding ([`Diagnostic::site`]); for tests.
    pub sites: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { color: false, cap: 200, sites: false }
    }
}

/// Shows `diagnostics`, which are in the order wanted (see [`sort_and_dedup`](crate::sort_and_dedup)).
///
/// The text ends with a line break unless it is empty.
#[must_use]
pub fn render(format: Format, sources: &SourceMap, diagnostics: &[Diagnostic], options: &Options) -> String {
    match format {
        Format::Full => full(sources, diagnostics, options),
        Format::Short => short(sources, diagnostics, options),
        Format::Json => json(sources, diagnostics, options),
        Format::Narrated => narrated(sources, diagnostics, options),
    }
}

/// The findings that fit under the cap in their given order, and the line that counts the others.
fn capped<'a>(diagnostics: &'a [Diagnostic], options: &Options) -> (Vec<&'a Diagnostic>, Option<String>) {
    if diagnostics.len() <= options.cap {
        return (diagnostics.iter().collect(), None);
    }
    let mut ranked: Vec<(usize, &Diagnostic)> = diagnostics.iter().enumerate().collect();
    ranked.sort_by_key(|(_, diagnostic)| diagnostic.severity);
    let hidden: Vec<&Diagnostic> =
        ranked.iter().skip(options.cap).map(|(_, diagnostic)| *diagnostic).collect();
    let more = Counts::of(hidden.iter().copied());
    ranked.truncate(options.cap);
    ranked.sort_by_key(|(index, _)| *index);
    let line = format!("and {} more that are not shown: {}\n", hidden.len(), more.words());
    (ranked.into_iter().map(|(_, diagnostic)| diagnostic).collect(), Some(line))
}
