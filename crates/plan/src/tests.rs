//! The plan made by hand, written out and read with a user's eyes: `snapshots/` holds what it becomes. `BLESS=1` writes them anew.

mod bundles;
mod graphs;
mod hostile;
mod schema;
mod speed;

use std::path::{Path, PathBuf};

fn snapshots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots")
}

/// Whether expectations are to be written anew.
#[expect(clippy::disallowed_methods, reason = "the one switch that tests have")]
fn bless() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// Compares a text with its snapshot.
fn expect(name: &str, text: &str) {
    let path = snapshots().join(name);
    if bless() {
        assert!(std::fs::create_dir_all(snapshots()).and_then(|()| std::fs::write(&path, text)).is_ok());
        return;
    }
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    let line = old.lines().zip(text.lines()).take_while(|(a, b)| a == b).count();
    assert!(
        old == text,
        "{name} differs in line {}:\n  was {:?}\n  is  {:?}\nBLESS=1 writes it anew",
        line + 1,
        old.lines().nth(line),
        text.lines().nth(line)
    );
}

#[test]
fn documents() {
    let plan = crate::fixture::acme();
    for (name, text) in crate::documents::all(&plan) {
        expect(name, &text);
    }
}

#[test]
fn an_empty_plan_has_documents_too() {
    let plan = crate::Plan::default();
    for (name, text) in crate::documents::all(&plan) {
        assert!(text.starts_with("# "), "{name}");
    }
}

#[test]
fn an_unfinished_plan_says_so() {
    let mut plan = crate::fixture::acme();
    plan.unfinished = crate::model::Unfinished { errors: 3, holes: 1 };
    assert!(crate::documents::checklist(&plan).contains("not ready: 3 errors and 1 open decision."));
}

#[test]
fn no_snapshot_is_left_over() {
    let expected = [
        "agents.md",
        "checklist.md",
        "customers.md",
        "focus.mmd",
        "graph.dot",
        "graph.mmd",
        "night.md",
        "plan.json",
    ];
    let entries = std::fs::read_dir(snapshots()).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    assert_eq!(names, expected);
}
