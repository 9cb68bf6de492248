//! The accounts that the examples start from: generated ones come out byte for byte, and each export is laid out as its page says.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use cutover_tests::generate::freshdesk::Planted;
use cutover_tests::generate::{freshdesk, zendesk};
use cutover_tests::workspace::root;
use serde_json::Value;

type Outcome = Result<(), Box<dyn Error>>;

/// The files of a folder but its page, by name.
fn contents(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Box<dyn Error>> {
    let mut found = BTreeMap::new();
    for entry in folder.read_dir()? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            for (inner, bytes) in contents(&entry.path())? {
                found.insert(format!("{name}/{inner}"), bytes);
            }
        } else if name != "README.md" {
            found.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(found)
}

/// The lines of a file of JSON lines.
fn lines(folder: &Path, file: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let text = fs::read_to_string(folder.join(file))?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// The texts of a column.
fn texts(lines: &[Value], column: &str) -> BTreeSet<String> {
    lines.iter().filter_map(|line| line.get(column)?.as_str()).map(str::to_owned).collect()
}

/// The integers of a column.
fn numbers(lines: &[Value], column: &str) -> BTreeSet<i64> {
    lines.iter().filter_map(|line| line.get(column)?.as_i64()).collect()
}

#[test]
fn the_zendesk_account_is_what_its_generator_writes() -> Outcome {
    let fresh = tempfile::tempdir()?;
    zendesk::write(fresh.path(), zendesk::SIZE, zendesk::SEED)?;
    let committed = root().join("examples/zendesk-to-zammad/export");
    if std::env::var_os("BLESS").is_some() {
        for name in contents(&committed)?.keys() {
            fs::remove_file(committed.join(name))?;
        }
        for (name, bytes) in contents(fresh.path())? {
            fs::write(committed.join(name), bytes)?;
        }
    }
    let (fresh, committed) = (contents(fresh.path())?, contents(&committed)?);
    assert_eq!(fresh.keys().collect::<Vec<_>>(), committed.keys().collect::<Vec<_>>());
    for (name, bytes) in &fresh {
        assert!(committed.get(name) == Some(bytes), "{name} differs; BLESS=1 rewrites it");
    }
    let size: usize = committed.values().map(Vec::len).sum();
    assert!(size < 2_000_000, "the committed account has {size} bytes");
    Ok(())
}

#[test]
fn pages_of_the_zendesk_account_end_and_repeat_as_zendesk_does() -> Outcome {
    let folder = tempfile::tempdir()?;
    zendesk::write(folder.path(), 450, 7)?;
    let pages = contents(folder.path())?;
    for (kind, repeats) in [("tickets", false), ("ticket_events", true)] {
        let mut last: Option<Value> = None;
        let mut ended = false;
        for (name, bytes) in pages.iter().filter(|(name, _)| name.starts_with(&format!("{kind}-"))) {
            assert!(!ended, "{name} comes after the end");
            let page: Value = serde_json::from_slice(bytes)?;
            ended = page.get("end_of_stream").and_then(Value::as_bool).ok_or("no end_of_stream")?;
            let records = page.get(kind).and_then(Value::as_array).ok_or("no records")?;
            let first = records.first().and_then(|record| record.get("id")).cloned();
            if let Some(last) = last {
                assert_eq!(first == Some(last), repeats, "{name}");
            }
            last = records.last().and_then(|record| record.get("id")).cloned();
        }
        assert!(ended, "{kind} never ends");
    }
    Ok(())
}

#[test]
fn a_tenth_of_the_freshdesk_account_has_a_tenth_of_everything() -> Outcome {
    let top = tempfile::tempdir()?;
    let folder = top.path().join("export");
    fs::create_dir(&folder)?;
    freshdesk::write(&folder, 10, freshdesk::SEED)?;
    let tickets = lines(&folder, "tickets.jsonl")?;
    let status = |ticket: &Value| ticket.get("status").and_then(Value::as_i64);
    let (finished, unfinished): (Vec<&Value>, Vec<&Value>) =
        tickets.iter().partition(|ticket| matches!(status(ticket), Some(4 | 5)));
    assert_eq!((unfinished.len(), finished.len()), (1_248, 3_000));
    assert_eq!(numbers(&tickets, "id").len(), tickets.len());

    let length = |ticket: &&Value| {
        ticket.get("subject").and_then(Value::as_str).map_or(0, |text| text.chars().count())
    };
    assert_eq!(unfinished.iter().map(length).filter(|&length| length > 150).count(), 4);
    assert_eq!(unfinished.iter().map(length).max(), Some(312));
    assert!(finished.iter().all(|ticket| length(ticket) <= 150));

    assert_eq!(lines(&folder, "transcripts.jsonl")?.len(), 821);
    assert_eq!(lines(&folder, "groups.jsonl")?.len(), 14);
    assert_eq!(
        tickets.iter().filter(|ticket| ticket.get("requester_id").is_some_and(Value::is_null)).count(),
        6
    );
    let contacts = lines(&folder, "contacts.jsonl")?;
    let addresses: Vec<&str> = contacts.iter().filter_map(|contact| contact.get("email")?.as_str()).collect();
    let people: BTreeSet<String> = addresses.iter().map(|address| address.to_lowercase()).collect();
    assert!(people.len() < addresses.len(), "nobody is there twice");

    // Files of attachments come with the export: all but one have the bytes that their record says, and one is cut off.
    let mut files = BTreeMap::new();
    for line in tickets.iter().chain(&lines(&folder, "conversations.jsonl")?) {
        for file in line.get("attachments").and_then(Value::as_array).into_iter().flatten() {
            let path = file.get("attachment_url").and_then(Value::as_str).unwrap_or_default();
            if path.starts_with("files/") {
                files.insert(path.to_owned(), file.get("size").and_then(Value::as_u64));
            }
        }
    }
    let there = contents(&folder)?;
    let size = |path: &String| there.get(path).map(|bytes| bytes.len() as u64);
    let missing = files.keys().filter(|path| size(path).is_none()).count();
    let short =
        files.iter().filter(|(path, said)| size(path).is_some_and(|size| Some(size) != **said)).count();
    assert!(files.len() > 400, "{} files", files.len());
    assert_eq!((missing, short), (1, 1));

    // The ledger beside the account tells each piece of dirt.
    let ledger = Planted::read(&folder)?;
    let planted = |what: &str| {
        ledger.iter().filter(|dirt| dirt.get("what").and_then(Value::as_str) == Some(what)).count()
    };
    for (what, count) in
        [("missing-file", 1), ("truncated-file", 1), ("no-requester", 6), ("long-subject", 4)]
    {
        assert_eq!(planted(what), count, "{what}");
    }
    assert_eq!(planted("same-address"), addresses.len() - people.len());

    let again = top.path().join("again");
    fs::create_dir(&again)?;
    freshdesk::write(&again, 10, freshdesk::SEED)?;
    assert!(contents(&again)? == contents(&folder)?, "the same seed gave other bytes");
    Ok(())
}

#[test]
fn the_request_tracker_export_is_laid_out_as_its_page_says() -> Outcome {
    let folder = root().join("examples/rt-to-zendesk/export");
    let page = fs::read_to_string(folder.join("README.md"))?;
    for file in contents(&folder)?.keys() {
        let start =
            page.find(&format!("\n`{file}` — ")).ok_or_else(|| format!("nothing is said about {file}"))?;
        let described = page.get(start + 1..).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
        let words: BTreeSet<&str> = described.split(|c: char| !c.is_alphanumeric()).collect();
        let mut columns: Option<BTreeSet<String>> = None;
        for line in lines(&folder, file)? {
            let held: BTreeSet<String> = line.as_object().ok_or("not an object")?.keys().cloned().collect();
            assert_eq!(
                columns.get_or_insert_with(|| held.clone()),
                &held,
                "{file}: lines differ in their columns"
            );
        }
        for column in columns.unwrap_or_default() {
            assert!(words.contains(column.as_str()), "{file}: nothing is said about {column}");
        }
    }
    Ok(())
}

#[test]
fn references_of_the_request_tracker_export_resolve() -> Outcome {
    let folder = root().join("examples/rt-to-zendesk/export");
    let users = texts(&lines(&folder, "users.jsonl")?, "Name");
    let queues = texts(&lines(&folder, "queues.jsonl")?, "Name");
    let tickets = lines(&folder, "tickets.jsonl")?;
    assert_eq!(tickets.len(), 390);
    assert!(texts(&tickets, "Queue").is_subset(&queues));
    for column in ["Owner", "Creator"] {
        assert!(texts(&tickets, column).is_subset(&users), "{column}");
    }
    let ids = numbers(&tickets, "id");
    for file in ["comments.jsonl", "history.jsonl", "attachments.jsonl"] {
        assert!(numbers(&lines(&folder, file)?, "Ticket").is_subset(&ids), "{file}");
    }
    let comments = numbers(&lines(&folder, "comments.jsonl")?, "id");
    assert!(numbers(&lines(&folder, "attachments.jsonl")?, "Transaction").is_subset(&comments));
    let (merged, linked): (Vec<Value>, Vec<Value>) = lines(&folder, "links.jsonl")?
        .into_iter()
        .partition(|link| link.get("Type").is_some_and(|kind| kind == "MergedInto"));
    assert_eq!(merged.len(), 10);
    assert!(numbers(&merged, "Ticket").is_disjoint(&ids));
    assert!(numbers(&linked, "Ticket").is_subset(&ids));
    assert!(numbers(&merged, "Target").is_subset(&ids) && numbers(&linked, "Target").is_subset(&ids));
    Ok(())
}
