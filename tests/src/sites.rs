//! The places in the program's sources that can emit a finding, read from the sources.
//!
//! Such a place names its code as a literal: `Diagnostic::error("family/name", …)`, or `"family/name#which"` where one code
//! is found at several places.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::texts;

/// What starts a finding.
const CONSTRUCTORS: [&str; 4] =
    ["Diagnostic::error(", "Diagnostic::warning(", "Diagnostic::remark(", "Diagnostic::new("];

/// Sites that no committed spec can reach, each with the file of the test that reaches it; that file names the code.
pub const ELSEWHERE: &[(&str, &str)] = &[
    // Links, devices, rights and huge files do not travel through version control.
    ("files/outside#link", "tests/tests/attack.rs"),
    ("files/too-large", "tests/tests/attack.rs"),
    ("files/too-large#spec", "tests/tests/attack.rs"),
    ("files/too-many", "tests/tests/attack.rs"),
    ("files/unreadable", "tests/tests/attack.rs"),
    // What no repository should hold: records, tables and lists beyond every limit.
    ("scan/record-too-long", "tests/tests/scanning.rs"),
    ("scan/skipped-file", "tests/tests/scanning.rs"),
    ("scan/too-many-columns", "tests/tests/scanning.rs"),
    ("scan/too-many-custom-fields", "tests/tests/scanning.rs"),
    ("scan/too-many-objects", "tests/tests/scanning.rs"),
    ("scan/too-many-unfinished", "tests/tests/scanning.rs"),
    // The graph is built so that it holds; a plan with an edge taken out breaks it.
    ("reach/order", "tests/tests/reach.rs"),
];

/// A site and where it stands: `path:line`, once for each time that the sources write it.
pub type Sites = BTreeMap<String, Vec<String>>;

/// All sites of the crates, and lines that name their code otherwise than as a literal.
///
/// A literal in the shape of a site counts when it follows a constructor, or when its family is one of `families`: then some
/// helper of the crate gives it to a constructor.
#[must_use]
pub fn sites(families: &BTreeSet<String>) -> (Sites, Vec<String>) {
    let mut sites = Sites::new();
    let mut unclear = Vec::new();
    let sources: Vec<(String, String)> = texts("crates")
        .into_iter()
        .filter(|(path, _)| path.split_once("/src/").is_some_and(|(_, file)| file.ends_with(".rs")))
        .collect();
    let tests: Vec<String> = sources.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    for (path, text) in sources {
        if !tests.iter().any(|module| is_of(&path, module)) {
            read(&path, &text, families, &mut sites, &mut unclear);
        }
    }
    (sites, unclear)
}

/// Whether no example of a page can show a code: no committed spec reaches it, or only one with bytes that a page cannot hold.
#[must_use]
pub fn beyond_examples(wanted: &str) -> bool {
    matches!(wanted, "files/not-utf8" | "scan/not-utf8") || ELSEWHERE.iter().any(|(site, _)| *site == wanted)
}

/// The code of a site.
#[must_use]
pub fn code(site: &str) -> &str {
    site.split_once('#').map_or(site, |(code, _)| code)
}

/// The modules that a file declares for tests only, each by its path without `.rs`.
fn test_modules(path: &str, text: &str) -> Vec<String> {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let folder = if matches!(name, "lib" | "main" | "mod") { folder } else { stem };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| matches!(pair, ["#[cfg(test)]", _]));
    let names = declared.filter_map(|pair| pair.get(1)?.strip_prefix("mod ")?.strip_suffix(';'));
    names.map(|name| format!("{folder}/{name}")).collect()
}

/// Whether a file is a module's own or one of its parts.
fn is_of(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// Reads one source file up to the tests in it, which stand last.
fn read(path: &str, text: &str, families: &BTreeSet<String>, sites: &mut Sites, unclear: &mut Vec<String>) {
    let mut awaited = false;
    for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        if line.starts_with("mod tests {") {
            return;
        }
        if line.starts_with("//") {
            continue;
        }
        let place = format!("{path}:{number}");
        // What a finding's code is compared with is emitted elsewhere.
        let literals = literals(line.split("matches!(").next().unwrap_or(line));
        for literal in &literals {
            let family = literal.split_once('/').map(|(family, _)| family);
            if is_site(literal)
                && (awaited || emits(line) || family.is_some_and(|family| families.contains(family)))
            {
                sites.entry(literal.clone()).or_default().push(place.clone());
            }
        }
        for constructor in CONSTRUCTORS {
            for (_, arguments) in split_all(line, constructor) {
                let first = arguments.split([',', ')']).next().unwrap_or("").trim();
                let name = first.rsplit("::").next().unwrap_or("");
                let constant =
                    name.len() > 1 && !name.starts_with('"') && !name.chars().any(char::is_lowercase);
                if constant {
                    unclear.push(format!("{place}: write the code as a literal, not as {first}"));
                }
            }
        }
        // The formatter may break the line before the literal.
        awaited = CONSTRUCTORS.iter().any(|constructor| line.ends_with(constructor))
            || (awaited && literals.is_empty());
    }
}

fn emits(line: &str) -> bool {
    CONSTRUCTORS.iter().any(|constructor| line.contains(constructor))
}

/// `names/unknown-field` or `names/unknown-field#in-map`.
fn is_site(text: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let (code, which) = text.split_once('#').unwrap_or((text, "a"));
    code.split_once('/').is_some_and(|(family, name)| word(family) && word(name)) && word(which)
}

/// The string literals of a line, escaped quotes left out.
fn literals(line: &str) -> Vec<String> {
    let line = line.replace("\\\"", "").replace("'\"'", "");
    line.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Each occurrence of `needle` with the text after it.
fn split_all<'a>(text: &'a str, needle: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    text.match_indices(needle).map(move |(at, _)| (at, text.get(at + needle.len()..).unwrap_or("")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (Vec<String>, Vec<String>) {
        let (mut sites, mut unclear) = (Sites::new(), Vec::new());
        read("a.rs", text, &BTreeSet::from(["scope".to_owned()]), &mut sites, &mut unclear);
        let sites = sites.into_iter().map(|(site, at)| format!("{site} {}", at.join(" "))).collect();
        (sites, unclear)
    }

    #[test]
    fn a_literal_after_a_constructor_is_a_site() {
        let text = "Diagnostic::error(\"names/unknown-field#map\", \"a sentence\")\n\
                    Diagnostic::new(\n    Severity::Error, \"x\");\nDiagnostic::warning(\n    \"map/loss\",\n";
        assert_eq!(found(text).0, ["map/loss a.rs:5", "names/unknown-field#map a.rs:1"]);
    }

    #[test]
    fn other_literals_count_by_family_and_every_time() {
        let text = "gap(\"scope/gap\");\nlet mime = \"text/plain\";\n// gap(\"scope/comment\")\ngap(\"scope/gap\");\n\
                    #[cfg(test)]\nmod tests { gap(\"scope/test\") }\n";
        assert_eq!(found(text).0, ["scope/gap a.rs:1 a.rs:4"]);
    }

    #[test]
    fn comparing_emits_nothing() {
        let text = "let gap = matches!(code, \"scope/gap\");\ngap(\"scope/overlap\");";
        assert_eq!(found(text).0, ["scope/overlap a.rs:2"]);
    }

    #[test]
    fn modules_for_tests_have_no_sites() {
        let text = "mod a;\n#[cfg(test)]\nmod b;\n#[cfg(test)]\nmod tests {";
        assert_eq!(test_modules("crates/x/src/lib.rs", text), ["crates/x/src/b"]);
        assert_eq!(test_modules("crates/x/src/c.rs", text), ["crates/x/src/c/b"]);
        assert!(
            is_of("crates/x/src/b.rs", "crates/x/src/b") && is_of("crates/x/src/b/d.rs", "crates/x/src/b")
        );
        assert!(!is_of("crates/x/src/bc.rs", "crates/x/src/b"));
    }

    #[test]
    fn constants_hide_a_site() {
        let (sites, unclear) = found(
            "Diagnostic::error(codes::GAP, x);\nDiagnostic::error(GAP, x);\nDiagnostic::error(code, x);\n",
        );
        assert!(sites.is_empty());
        let told =
            |line: usize, name: &str| format!("a.rs:{line}: write the code as a literal, not as {name}");
        assert_eq!(unclear, [told(1, "codes::GAP"), told(2, "GAP")]);
    }
}
