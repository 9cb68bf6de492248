//! Everything that the program or its tests are built from has a licence of the list in deny.toml.
//!
//! cargo-deny does the same and more where it is installed; this holds wherever the tests run.

use std::collections::BTreeSet;

use cutover_tests::workspace::{packages, root};

#[test]
fn every_dependency_has_a_licence_that_we_allow() {
    let allowed = allowed();
    assert!(allowed.contains("MIT"), "deny.toml has another shape than this test reads");
    let packages = packages();
    let Ok(packages) = packages else {
        assert_eq!(packages.err(), None);
        return;
    };
    let refused = packages.by_id.values().filter_map(|package| {
        let licence = package.licence.as_deref().unwrap_or("none stated");
        (!satisfied(licence, &allowed)).then(|| format!("{}: {licence}", package.name))
    });
    let refused: Vec<_> = refused.collect();
    assert!(refused.is_empty(), "licences that deny.toml does not allow:\n  {}\n", refused.join("\n  "));
}

/// The strings of `allow = [ … ]` in the section `[licenses]` of deny.toml.
fn allowed() -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("deny.toml")).unwrap_or_default();
    let section = text.split("\n[licenses]\n").nth(1).unwrap_or_default();
    let list =
        section.split("\nallow = [").nth(1).and_then(|rest| rest.split(']').next()).unwrap_or_default();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether an SPDX expression can be satisfied with the allowed licences. `/` between two names is the old way to write `OR`.
fn satisfied(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let result = any(&mut words, allowed);
    result && words.peek().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let mut result = all(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        result |= all(words, allowed);
    }
    result
}

fn all(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let mut result = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        result &= one(words, allowed);
    }
    result
}

fn one(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let Some(word) = words.next() else { return false };
    if word == "(" {
        let result = any(words, allowed);
        return words.next_if_eq(&")").is_some() && result;
    }
    let mut name = word.to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        name = format!("{name} WITH {}", words.next().unwrap_or_default());
    }
    allowed.contains(&name)
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    let allowed = BTreeSet::from(["MIT".to_owned(), "Apache-2.0".to_owned(), "Unicode-3.0".to_owned()]);
    for fine in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT/GPL-2.0",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "GPL-3.0 OR (MIT AND Apache-2.0)",
    ] {
        assert!(satisfied(fine, &allowed), "{fine}");
    }
    for refused in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(GPL-2.0 OR GPL-3.0) AND MIT",
        "Apache-2.0 WITH LLVM-exception",
        "",
        "(MIT",
        "none stated",
    ] {
        assert!(!satisfied(refused, &allowed), "{refused}");
    }
}
