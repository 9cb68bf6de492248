//! All specs of the repository, broken ones too.
#![expect(clippy::disallowed_methods, reason = "tests read the repository")]

use std::path::{Path, PathBuf};

use cutover_fmt::{Refusal, format};

/// All specs of the repository that are text.
fn specs() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders = vec![root.join("specs"), root.join("examples")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "cutover")
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 400, "only {} specs", found.len());
    found
}

#[test]
fn once_is_enough() {
    let mut failed = Vec::new();
    for (path, text) in specs() {
        match format(&text) {
            Ok(once) => {
                if format(&once).as_ref() != Ok(&once) {
                    failed.push(format!("{}: a second time differs", path.display()));
                }
            }
            Err(Refusal::TooManyMistakes) => {}
            Err(Refusal::OtherMeaning) => failed.push(format!("{}: refused", path.display())),
        }
    }
    assert_eq!(failed, Vec::<String>::new());
}

/// All comments of a text, in order.
fn comments(text: &str) -> Vec<String> {
    let (file, _) = cutover_syntax::parse(cutover_diagnostics::FileId(0), &text.into());
    let of = |item: &cutover_syntax::tree::Item| -> Vec<String> {
        item.comments.iter().map(|range| item.slice(*range).trim_end().to_owned()).collect()
    };
    file.items.iter().flat_map(of).collect()
}

/// Where a term, a brace or a comment of a text begins or ends.
fn places(text: &str) -> Vec<usize> {
    let (file, _) = cutover_syntax::parse(cutover_diagnostics::FileId(0), &text.into());
    let mut places = vec![0, text.len()];
    for item in &file.items {
        for range in item.terms.iter().map(|term| term.range).chain(item.comments.iter().copied()) {
            places
                .extend([item.source.base + range.start, item.source.base + range.end].map(|at| at as usize));
        }
    }
    places.extend(text.match_indices(['{', '}', ';', '\n']).map(|(at, sign)| at + sign.len()));
    places.sort_unstable();
    places.dedup();
    places
}

#[test]
fn a_comment_at_any_place_survives() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("examples/acme/acme.cutover")).unwrap_or_default();
    let places = places(&text);
    assert!(places.len() > 2_000, "{} places", places.len());
    let mut failed = Vec::new();
    // The whole file for each place would take minutes; a comment changes nothing but its item.
    let (file, _) = cutover_syntax::parse(cutover_diagnostics::FileId(0), &text.as_str().into());
    for item in &file.items {
        let start = item.source.base as usize;
        let end = start + item.source.len as usize;
        let whole = text.get(start..end).unwrap_or_default();
        for place in places.iter().filter(|place| (start..=end).contains(place)) {
            let Some((head, tail)) = whole.split_at_checked(place - start) else { continue };
            let with = format!("{head} # put in here\n{tail}");
            let expected = comments(&with);
            let Ok(once) = format(&with) else {
                failed.push(format!("refused: {with}"));
                continue;
            };
            if comments(&once) != expected || format(&once).as_ref() != Ok(&once) {
                failed.push(format!("{with}\n=====\n{once}\n====\n{:?}", format(&once)));
            }
        }
    }
    assert_eq!(failed.len(), 0, "{}", failed.first().map_or("", String::as_str));
}

/// Other layouts of one spec, as the corpus has them, and a spec whose layout is canonical all have the same canonical text.
#[test]
fn layouts_of_one_spec_become_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/valid");
    let read = |case: &str| std::fs::read_to_string(root.join(case).join("spec.cutover")).unwrap_or_default();
    let minimal = format(&read("minimal"));
    for case in [
        "tabs",
        "crlf",
        "cr-only",
        "unindented",
        "deeply-indented",
        "blanks-at-line-ends",
        "single-blanks",
        "semicolons-at-line-ends",
        "byte-order-mark",
        "no-final-newline",
        "continuation-lines",
        "brace-on-the-next-line",
        "arrow-on-the-next-line",
    ] {
        assert_eq!(format(&read(case)), minimal, "{case}");
    }
}
