//! A scan of the export of a real Request Tracker, against the lines of its files.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cutover_catalog::Catalog;
use cutover_scan::{ScanOptions, ScanOutcome, scan};
use serde_json::Value;

fn export() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/rt-to-zendesk/export")
}

fn lines(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(export().join(file)).expect("a file");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn outcome() -> (ScanOutcome, String) {
    let options = ScanOptions { account: "rt".to_owned(), ..ScanOptions::default() };
    let mut outcome =
        scan(&export(), &Catalog::builtin("rt").expect("a catalog"), &options, &mut ()).expect("a scan");
    let mut table = Vec::new();
    outcome.unfinished.write_to(&mut table).unwrap();
    (outcome, String::from_utf8(table).unwrap())
}

#[test]
fn every_line_is_counted_and_every_column_known() {
    let (outcome, _) = outcome();
    for (kind, file) in [
        ("ticket", "tickets.jsonl"),
        ("comment", "comments.jsonl"),
        ("user", "users.jsonl"),
        ("queue", "queues.jsonl"),
    ] {
        assert_eq!(outcome.inventory.profile.get(kind).unwrap().count, lines(file).len() as u64, "{kind}");
    }
    let columns: Vec<_> = outcome.findings.iter().filter(|f| f.code == "scan/unknown-column").collect();
    assert!(columns.is_empty(), "{columns:?}");
}

#[test]
fn lifecycles_tell_which_tickets_are_unfinished() {
    let (outcome, table) = outcome();
    let mut over = BTreeSet::new();
    let mut alive = BTreeSet::new();
    for lifecycle in lines("lifecycles.jsonl") {
        let names = |key: &str| {
            lifecycle[key]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        over.extend(names("Inactive"));
        alive.extend(names("Initial"));
        alive.extend(names("Active"));
    }
    assert!(over.is_disjoint(&alive));
    let mut unfinished: BTreeMap<String, usize> = BTreeMap::new();
    for ticket in lines("tickets.jsonl") {
        let status = ticket["Status"].as_str().unwrap().to_owned();
        if alive.contains(&status) {
            *unfinished.entry(status).or_insert(0) += 1;
        }
    }
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for line in table.lines() {
        let ticket: Value = serde_json::from_str(line).unwrap();
        *told.entry(ticket["status"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(told, unfinished);
    assert!(!outcome.findings.iter().any(|f| f.code == "scan/unknown-state"));
}

#[test]
fn no_customer_is_in_the_outcome() {
    let (outcome, table) = outcome();
    let text = serde_json::to_string(&outcome.inventory).unwrap();
    let own: BTreeSet<String> = lines("queues.jsonl")
        .iter()
        .flat_map(|queue| [queue["CorrespondAddress"].clone(), queue["CommentAddress"].clone()])
        .filter_map(|address| address.as_str().map(str::to_owned))
        .collect();
    let mut seen = 0;
    for user in lines("users.jsonl") {
        for key in ["EmailAddress", "RealName"] {
            let Some(value) = user[key].as_str().filter(|value| !own.contains(*value)) else { continue };
            // Also names are told by the part of the text that only a name could be.
            assert!(!table.contains(value), "{value}");
            assert!(!text.contains(&format!("\"{value}\"")), "{value}");
            seen += 1;
        }
    }
    assert!(seen > 40);
    for ticket in lines("tickets.jsonl") {
        if let Some(subject) = ticket["Subject"].as_str().filter(|subject| subject.len() > 12) {
            assert!(!text.contains(subject) && !table.contains(subject), "{subject}");
        }
    }
}

#[test]
fn a_change_of_the_level_of_service_is_told_with_its_ticket() {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(export()).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let history = folder.path().join("history.jsonl");
    let mut text = std::fs::read_to_string(&history).unwrap();
    // Set twice; that a level was given for the first time is no change of one.
    for (ticket, at, old, new) in [
        (5, "2026-10-01T08:00:00Z", "standard", "urgent"),
        (5, "2026-10-03T09:30:00Z", "urgent", "standard"),
        (6, "2026-10-03T09:30:00Z", "", "standard"),
    ] {
        text.push_str(&format!(
            "{{\"id\":9{ticket},\"Ticket\":{ticket},\"Type\":\"Set\",\"Creator\":\"chiara\",\"Created\":\"{at}\",\"Field\":\"SLA\",\"OldValue\":\"{old}\",\"NewValue\":\"{new}\"}}\n"
        ));
    }
    std::fs::write(&history, text).unwrap();
    let options = ScanOptions { account: "desk.example.org".to_owned(), ..ScanOptions::default() };
    let mut outcome =
        scan(folder.path(), &Catalog::builtin("rt").unwrap(), &options, &mut ()).expect("a scan");
    let mut table = Vec::new();
    outcome.unfinished.write_to(&mut table).unwrap();
    let table = String::from_utf8(table).unwrap();
    let told: Vec<Value> = table
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line.get("policy_since").is_some())
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    // Ticket 5, by its pseudonym.
    assert_eq!(told[0]["ticket"], "44536037b6f41665780d");
    assert_eq!(told[0]["policy_since"], "2026-10-03T09:30:00Z");
}
