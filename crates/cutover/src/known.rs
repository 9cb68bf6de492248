//! The findings that a team knows of and has not mended yet: a file in git that may only shrink.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cutover_diagnostics::report::{Context, fingerprints};
use cutover_diagnostics::{Diagnostic, FileId, SourceMap};

/// What the file says of itself.
const HEAD: &str = "# Findings that are known and not mended yet. Written by `cutover check --baseline FILE --update-baseline`.\n\
                    # It may only shrink. Each line: fingerprint, code, file as seen from here.\n";

/// How many pairs of a file that is gone and one that came are compared.
const MOST_TRIES: usize = 5_000;

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
            (mark, rest(finding.code, file))
        });
        Known { by_fingerprint: found.collect() }
    }

    /// With the findings of files that are gone under the names that these have now: a file of another name whose findings are the same ones,
    /// by code, block and words, is a file that was renamed. Each finding is taken over once.
    #[must_use]
    pub fn moved(
        mut self,
        sources: &SourceMap,
        diagnostics: &[Diagnostic],
        gone: &dyn Fn(&str) -> bool,
    ) -> Known {
        let marks = fingerprints(sources, diagnostics, &context());
        let mut fresh: BTreeMap<FileId, bool> = BTreeMap::new();
        for (finding, mark) in diagnostics.iter().zip(&marks) {
            if let Some(span) = finding.span() {
                *fresh.entry(span.file).or_default() |=
                    !finding.is_error() && !self.by_fingerprint.contains_key(mark);
            }
        }
        let named: BTreeSet<&str> =
            self.by_fingerprint.values().filter_map(|rest| Some(rest.split_once(' ')?.1)).collect();
        let lost: Vec<String> =
            named.into_iter().filter(|file| !file.is_empty() && gone(file)).map(str::to_owned).collect();
        let mut tries = 0;
        for file in fresh.into_iter().filter_map(|(file, fresh)| fresh.then_some(file)) {
            let name = sources.name(file);
            let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
            // A folder that was moved keeps the names of its files.
            let mut lost: Vec<&String> = lost.iter().collect();
            lost.sort_by_key(|old| last(old) != last(name));
            let findings: Vec<Diagnostic> = diagnostics
                .iter()
                .filter(|finding| finding.span().is_some_and(|span| span.file == file))
                .cloned()
                .collect();
            let today = fingerprints(sources, &findings, &context());
            for old in lost {
                tries += 1;
                if tries > MOST_TRIES {
                    return self;
                }
                let before =
                    sources.renamed(|other| if other == name { old.clone() } else { other.to_owned() });
                let before = fingerprints(&before, &findings, &context());
                let mut taken = false;
                for ((old, new), finding) in before.iter().zip(&today).zip(&findings) {
                    if self.by_fingerprint.contains_key(new) || self.by_fingerprint.remove(old).is_none() {
                        continue;
                    }
                    self.by_fingerprint.insert(new.clone(), rest(finding.code, name));
                    taken = true;
                }
                if taken {
                    break;
                }
            }
        }
        self
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

/// What a line says behind the fingerprint. A line break in the name of a file would begin another line.
fn rest(code: &str, file: &str) -> String {
    format!("{code} {}", file.replace(char::is_control, "?"))
}

/// Files are named as the sources name them: relative to the baseline's folder, so that all who ask say the same.
fn context() -> Context {
    Context::default()
}
