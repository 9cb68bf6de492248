//! The findings that a team knows of and has not mended yet: a file in git that may only shrink.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cutover_diagnostics::report::{Context, fingerprints};
use cutover_diagnostics::{Diagnostic, SourceMap};

/// What the file says of itself.
const HEAD: &str = "# Findings that are known and not mended yet. Written by `cutover check --baseline FILE --update-baseline`.\n\
                    # It may only shrink. Each line: fingerprint, code, file as seen from here.\n";

/// Findings that are known, each by its fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    by_fingerprint: BTreeMap<String, String>,
}

impl Known {
    /// Reads a file.
    ///
    /// # Errors
    /// The number of the first line, from 1, that is not of the form.
    pub fn read(text: &str) -> Result<Known, usize> {
        let mut known = Known::default();
        for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end())) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some((fingerprint, rest)) = line.split_once(' ') else { return Err(number) };
            let hex = fingerprint.len() == 32 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !hex || !rest.contains('/') || !rest.contains(' ') {
                return Err(number);
            }
            known.by_fingerprint.insert(fingerprint.to_owned(), rest.to_owned());
        }
        Ok(known)
    }

    /// The findings of a compilation that may be known: all but errors, which forbid a plan whether they are known or not.
    #[must_use]
    pub fn of(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Known {
        let marks = fingerprints(sources, diagnostics, &context());
        let found = diagnostics.iter().zip(marks).filter(|(finding, _)| !finding.is_error());
        let found = found.map(|(finding, mark)| {
            let file = finding.span().map(|span| sources.name(span.file)).unwrap_or_default();
            // A line break in the name of a file would begin another line.
            (mark, format!("{} {}", finding.code, file.replace(char::is_control, "?")))
        });
        Known { by_fingerprint: found.collect() }
    }

    /// Takes the findings that are known out of `diagnostics`.
    pub fn leave_out(&self, sources: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
        let marks = fingerprints(sources, diagnostics, &context());
        let mut marks = marks.into_iter();
        diagnostics.retain(|finding| {
            let mark = marks.next().unwrap_or_default();
            finding.is_error() || !self.by_fingerprint.contains_key(&mark)
        });
    }

    /// How many of these are not among others.
    #[must_use]
    pub fn beyond(&self, others: &Known) -> usize {
        self.by_fingerprint.keys().filter(|mark| !others.by_fingerprint.contains_key(*mark)).count()
    }

    /// Without what is mended: what is not among those of today, though its file was `judged`.
    #[must_use]
    pub fn without_mended(&self, today: &Known, judged: &dyn Fn(&str) -> bool) -> Known {
        let stays = |mark: &String, rest: &str| {
            let file = rest.split_once(' ').map_or("", |(_, file)| file);
            today.by_fingerprint.contains_key(mark) || !judged(file)
        };
        let kept = self.by_fingerprint.iter().filter(|(mark, rest)| stays(mark, rest));
        Known { by_fingerprint: kept.map(|(mark, rest)| (mark.clone(), rest.clone())).collect() }
    }

    /// With what others hold.
    #[must_use]
    pub fn and(mut self, others: Known) -> Known {
        self.by_fingerprint.extend(others.by_fingerprint);
        self
    }

    /// Number of findings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_fingerprint.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_fingerprint.is_empty()
    }

    /// The file: sorted by code and file, so that a mended finding takes one line out.
    #[must_use]
    pub fn write(&self) -> String {
        let mut lines: Vec<(&str, &str)> =
            self.by_fingerprint.iter().map(|(mark, rest)| (rest.as_str(), mark.as_str())).collect();
        lines.sort_unstable();
        let mut text = HEAD.to_owned();
        for (rest, mark) in lines {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{mark} {rest}");
        }
        text
    }
}

/// Files are named as the sources name them: relative to the baseline's folder, so that all who ask say the same.
fn context() -> Context {
    Context::default()
}
