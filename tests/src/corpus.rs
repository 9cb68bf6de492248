//! The conformance corpus under `specs/`: its cases as folders, and files that are compared or rewritten.
//!
//! `specs/README.md` says what a case is; this module finds them and refuses what belongs to none.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::workspace::{files, relative, root};

/// The entry spec of a case.
pub const SPEC: &str = "spec.cutover";
/// The findings of a case as text: the full format without colour, and the summary.
pub const EXPECTED: &str = "expected.txt";
/// In a recovery case: the spec without its errors.
pub const FIXED: &str = "fixed.cutover";

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    /// Its folder below `specs/`, with `/`: `invalid/names/unknown-field/in-map`.
    pub name: String,
    /// What it shows.
    pub kind: Kind,
    /// Its folder.
    pub folder: PathBuf,
}

/// What a case shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A spec without errors.
    Valid,
    /// A spec whose worst finding has this code.
    Invalid {
        /// `family/name`, from the folder.
        code: String,
    },
    /// A spec with several errors, all found in one run.
    Recovery,
}

/// All cases, sorted, and the files that belong to none.
#[must_use]
pub fn cases() -> (Vec<Case>, Vec<String>) {
    let mut cases = Vec::new();
    let mut lost = Vec::new();
    for part in ["valid", "invalid", "recovery"] {
        let paths: Vec<String> = files(&format!("specs/{part}")).iter().map(|path| relative(path)).collect();
        let folders: BTreeSet<&str> =
            paths.iter().filter_map(|path| path.strip_suffix("/spec.cutover")).collect();
        for folder in &folders {
            match kind(folder) {
                Some(kind) => cases.push(Case {
                    name: folder.trim_start_matches("specs/").to_owned(),
                    kind,
                    folder: root().join(folder),
                }),
                None => lost.push(format!("{folder}: a case stands at specs/valid/CASE, specs/valid/fresh/CASE, specs/recovery/CASE or specs/invalid/FAMILY/NAME/CASE")),
            }
        }
        let homeless = |path: &&String| !folders.iter().any(|folder| is_below(path, folder));
        lost.extend(paths.iter().filter(homeless).map(|path| format!("{path}: no case has this file")));
        let nested = |folder: &&&str| folders.iter().any(|other| other != *folder && is_below(folder, other));
        lost.extend(folders.iter().filter(nested).map(|folder| format!("{folder}: a case inside a case")));
    }
    cases.sort();
    (cases, lost)
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// What a folder shows by its place.
fn kind(folder: &str) -> Option<Kind> {
    let parts: Vec<&str> = folder.split('/').collect();
    match parts.as_slice() {
        ["specs", "valid", _] | ["specs", "valid", "fresh", _] => Some(Kind::Valid),
        ["specs", "recovery", _] => Some(Kind::Recovery),
        ["specs", "invalid", family, name, _] => Some(Kind::Invalid { code: format!("{family}/{name}") }),
        _ => None,
    }
}

/// Compares a file with what it should hold; an empty text means that there is no file. With `BLESS=1` the file is
/// written, or removed, instead.
///
/// # Errors
/// When it differs (with both texts around the first difference), or cannot be written.
pub fn compare(path: &Path, actual: &str) -> Result<(), String> {
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == actual && (path.exists() != actual.is_empty()) {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        let done = if actual.is_empty() { std::fs::remove_file(path) } else { std::fs::write(path, actual) };
        return done.map_err(|error| format!("{}: {error}", path.display()));
    }
    Err(format!("{} differs; BLESS=1 rewrites it\n{}", relative(path), difference(&expected, actual)))
}

/// The lines of both texts, from two before the first that differs.
fn difference(expected: &str, actual: &str) -> String {
    let same = expected.lines().zip(actual.lines()).take_while(|(a, b)| a == b).count();
    let from = |text: &str| {
        let lines: Vec<&str> = text.lines().skip(same.saturating_sub(2)).take(20).collect();
        lines.join("\n")
    };
    format!("--- committed, line {}\n{}\n--- now\n{}\n", same + 1, from(expected), from(actual))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_what_its_folder_says() {
        assert_eq!(kind("specs/valid/minimal"), Some(Kind::Valid));
        let code = "names/unknown-field".to_owned();
        assert_eq!(kind("specs/invalid/names/unknown-field/in-map"), Some(Kind::Invalid { code }));
        assert_eq!(kind("specs/invalid/names/unknown-field"), None);
        assert_eq!(kind("specs/valid/a/b"), None);
    }

    #[test]
    fn a_file_that_differs_is_shown_from_the_difference_on() {
        let text = difference("a\nb\nc\nd\n", "a\nb\nc\nx\n");
        assert_eq!(text, "--- committed, line 4\nb\nc\nd\n--- now\nb\nc\nx\n");
    }
}
