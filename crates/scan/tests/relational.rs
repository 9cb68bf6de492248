//! A scan of a dirty relational sample, against counts that are made in another way: all rows in memory, sets of texts.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cutover_catalog::Catalog;
use cutover_scan::{ScanOptions, ScanOutcome, Severity, scan};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/zendesk-relational")
}

fn outcome(folder: &Path) -> ScanOutcome {
    let catalog = Catalog::builtin("zendesk").expect("a catalog");
    let options = ScanOptions { account: "sample".to_owned(), ..ScanOptions::default() };
    let outcome = scan(folder, &catalog, &options, &mut ()).expect("a scan");
    assert_eq!(cutover_catalog::inventory_rules::broken(&outcome.inventory, &catalog), []);
    outcome
}

/// Rows of a file, by column.
fn rows(file: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(sample().join(file)).expect("a file");
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|row| header.iter().cloned().zip(row.expect("a row").iter().map(str::to_owned)).collect())
        .collect()
}

fn keys(file: &str) -> BTreeSet<String> {
    rows(file).into_iter().map(|mut row| row.remove("id").unwrap()).collect()
}

#[test]
fn orphans_are_those_that_a_set_finds() {
    let found = outcome(&sample());
    // kind, field, file, column, file of what it refers to
    let references = [
        ("ticket", "requester", "ticket_data.csv", "requester_id", "user_data.csv"),
        ("ticket", "submitter", "ticket_data.csv", "submitter_id", "user_data.csv"),
        ("ticket", "assignee", "ticket_data.csv", "assignee_id", "user_data.csv"),
        ("ticket", "group", "ticket_data.csv", "group_id", "group_data.csv"),
        ("ticket", "organization", "ticket_data.csv", "organization_id", "organization_data.csv"),
        ("ticket", "brand", "ticket_data.csv", "brand_id", "brand_data.csv"),
        ("ticket", "problem", "ticket_data.csv", "problem_id", "ticket_data.csv"),
        ("comment", "ticket", "ticket_comment_data.csv", "ticket_id", "ticket_data.csv"),
        ("comment", "author", "ticket_comment_data.csv", "user_id", "user_data.csv"),
        ("history", "ticket", "ticket_field_history_data.csv", "ticket_id", "ticket_data.csv"),
        ("user", "organization", "user_data.csv", "organization_id", "organization_data.csv"),
        ("transcript", "ticket", "ticket_chat_data.csv", "ticket_id", "ticket_data.csv"),
    ];
    let mut total = 0;
    for (kind, field, file, column, target) in references {
        let known = keys(target);
        let wanted =
            rows(file).iter().filter(|row| !row[column].is_empty() && !known.contains(&row[column])).count();
        let got = found.inventory.profile.get(kind).and_then(|p| p.orphans.get(field)).copied().unwrap_or(0);
        assert_eq!(got, wanted as u64, "{kind}.{field}");
        total += wanted;
    }
    assert!(total > 80, "the sample is dirty: {total}");
}

#[test]
fn rows_that_add_to_nothing_are_found() {
    let found = outcome(&sample());
    for (subject, file, column, target) in [
        ("ticket.tags", "ticket_tag_data.csv", "ticket_id", "ticket_data.csv"),
        ("user.tags", "user_tag_data.csv", "user_id", "user_data.csv"),
        ("organization.tags", "organization_tag_data.csv", "organization_id", "organization_data.csv"),
    ] {
        let known = keys(target);
        let wanted = rows(file).iter().filter(|row| !known.contains(&row[column])).count();
        let finding = found.findings.iter().find(|f| f.code == "scan/orphan-row" && f.subject == subject);
        assert_eq!(finding.map(|f| f.count), Some(wanted as u64), "{subject}");
    }
}

#[test]
fn counts_and_states_are_those_of_the_rows() {
    let found = outcome(&sample());
    assert_eq!(found.layout, "relational_csv");
    let tickets = found.inventory.profile.get("ticket").unwrap();
    let mut states: BTreeMap<String, u64> = BTreeMap::new();
    for row in rows("ticket_data.csv") {
        *states.entry(row["status"].clone()).or_insert(0) += 1;
    }
    let got: BTreeMap<String, u64> =
        tickets.by_status.iter().map(|(name, count)| (name.to_owned(), *count)).collect();
    assert_eq!(got, states);
    let longest = rows("ticket_data.csv").iter().map(|row| row["subject"].chars().count()).max();
    assert_eq!(tickets.fields.get("subject").unwrap().longest, longest.map(|n| n as u64));
    let users = found.inventory.profile.get("user").unwrap();
    // All ten users have the same address.
    assert_eq!(users.duplicates.get("email"), Some(&10));
    assert_eq!(found.inventory.taken.map(|day| day.to_string()).as_deref(), Some("2023-02-26"));
}

#[test]
fn files_that_no_layout_knows_are_findings() {
    let found = outcome(&sample());
    let unknown: BTreeSet<&str> =
        found.findings.iter().filter(|f| f.code == "scan/unknown-file").map(|f| f.file.as_str()).collect();
    assert!(unknown.contains("audit_log_data.csv"));
    assert!(!unknown.contains("NOTICE"), "words about a folder are no data");
    assert!(!unknown.contains("ticket_data.csv"));
    assert!(found.findings.is_sorted_by_key(|f| f.severity == Severity::Note));
}

#[test]
fn no_person_is_named() {
    let found = outcome(&sample());
    let text = serde_json::to_string(&found.inventory).unwrap();
    for secret in ["@", "Arthur", "Earnest", "subject1", "description1", "body1"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn the_order_of_files_on_disk_changes_nothing() {
    let mut names: Vec<_> =
        std::fs::read_dir(sample()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let write = |names: &[std::ffi::OsString]| {
        let dir = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::copy(sample().join(name), dir.path().join(name)).unwrap();
        }
        let found = outcome(dir.path());
        (serde_json::to_string(&found.inventory).unwrap(), found.findings)
    };
    let one = write(&names);
    names.reverse();
    assert_eq!(one, write(&names));
}
