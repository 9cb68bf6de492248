//! Folders are read in pieces, from any cursor, and what cannot be read is told.

use std::fs;
use std::path::Path;

use super::{FileSet, Files};
use crate::{Chunk, Connector as _, Cursor, Fault};

fn folder(files: &[(&str, &str)]) -> std::io::Result<tempfile::TempDir> {
    let top = tempfile::tempdir()?;
    for (name, text) in files {
        let path = top.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        fs::write(path, text)?;
    }
    Ok(top)
}

/// All records and problems of a kind, read in chunks of `most`, each by a connector of its own when `afresh`.
fn all(top: &Path, set: &FileSet, kind: &str, most: usize, afresh: bool) -> Result<Vec<String>, Fault> {
    let mut files = Files::open(top, set.clone())?;
    let (mut chunk, mut cursor, mut out) = (Chunk::default(), Cursor::start(), Vec::new());
    for _ in 0..1000 {
        chunk.clear();
        files.read(kind, &cursor, most, &mut chunk)?;
        out.extend(chunk.records().map(str::to_owned));
        out.extend(chunk.problems().iter().map(|problem| format!("{} {}", problem.at, problem.code)));
        match chunk.next() {
            Some(next) => cursor = next.clone(),
            None => return Ok(out),
        }
        if afresh {
            files = Files::open(top, set.clone())?;
        }
    }
    Err(Fault::never("reading does not end"))
}

const LINES: &str = "{\"id\":1}\r\n\n{\"id\":2}\n{\"id\":3}\n";

#[test]
fn a_chunk_goes_on_where_the_last_one_ended_in_another_process_too() -> Result<(), Box<dyn std::error::Error>>
{
    let top = folder(&[
        ("tickets/1.jsonl", LINES),
        ("tickets/2.csv", "id,subject\n4,\"a \"\"b\"\"\nc\"\n5,\n"),
        ("tickets/3.json", "{\"tickets\":[{\"id\":6},\n {\"id\":7}],\"page\":1}"),
        ("notes.txt", "nothing"),
        ("users.jsonl", "{\"id\":\"u\"}"),
    ])?;
    let set = FileSet::default();
    let whole = all(top.path(), &set, "ticket", 100, false)?;
    assert_eq!(
        whole,
        [
            "{\"id\":1}",
            "{\"id\":2}",
            "{\"id\":3}",
            "{\"id\":\"4\",\"subject\":\"a \\\"b\\\"\\nc\"}",
            "{\"id\":\"5\",\"subject\":null}",
            "{\"id\":6}",
            "{\"id\":7}"
        ]
    );
    for most in 1..4 {
        assert_eq!(all(top.path(), &set, "ticket", most, false)?, whole, "{most} at once");
        assert_eq!(
            all(top.path(), &set, "ticket", most, true)?,
            whole,
            "{most} at once, each by another process"
        );
    }
    assert_eq!(all(top.path(), &set, "user", 1, true)?, ["{\"id\":\"u\"}"]);
    Ok(())
}

#[test]
fn what_is_no_record_is_told_with_its_line() -> Result<(), Box<dyn std::error::Error>> {
    let top = folder(&[])?;
    let mut bytes = b"{\"id\":1}\n".to_vec();
    bytes.extend_from_slice(b"{\"id\":\"\xff\"}\n\xfe\n{\"id\":2}\n");
    fs::write(top.path().join("ticket.jsonl"), bytes)?;
    let expected = ["{\"id\":1}", "ticket.jsonl:2 not-utf8", "ticket.jsonl:3 not-utf8", "{\"id\":2}"];
    for afresh in [false, true] {
        assert_eq!(all(top.path(), &FileSet::default(), "ticket", 1, afresh)?, expected);
    }
    Ok(())
}

#[test]
fn a_set_says_where_kinds_stand() -> Result<(), Box<dyn std::error::Error>> {
    let top = folder(&[
        ("dump/contacts.jsonl", "{\"id\":1}"),
        ("dump/pages.json", "{\"_embedded\":{\"conversations\":[{\"id\":2}]}}"),
        ("customer.csv", "id\n3\n"),
    ])?;
    let mut set = FileSet::default();
    set.put("customer", "dump/contacts.jsonl");
    set.put("conversation", "dump/pages.json");
    set.list_at("conversation", vec!["_embedded".to_owned(), "conversations".to_owned()]);
    assert_eq!(all(top.path(), &set, "customer", 9, false)?, ["{\"id\":1}"]);
    assert_eq!(all(top.path(), &set, "conversation", 9, false)?, ["{\"id\":2}"]);
    let mut wrong = FileSet::default();
    wrong.put("customer", "contacts.jsonl");
    let fault = Files::open(top.path(), wrong).err().map(|fault| fault.why).unwrap_or_default();
    assert!(fault.ends_with("has no file `contacts.jsonl` for the kind `customer`"), "{fault}");
    Ok(())
}

#[test]
fn a_kind_without_a_file_and_a_strange_cursor_are_faults() -> Result<(), Box<dyn std::error::Error>> {
    let top = folder(&[("tickets.jsonl", LINES)])?;
    let mut files = Files::open(top.path(), FileSet::default())?;
    let mut chunk = Chunk::default();
    let fault = files.read("category", &Cursor::start(), 1, &mut chunk).err().map(|fault| fault.why);
    assert!(fault.unwrap_or_default().ends_with("`categories.jsonl`, `categories.json` or `categories.csv`"));
    assert!(files.read("ticket", &Cursor("7".to_owned()), 1, &mut chunk).is_err());
    assert!(files.read("ticket", &Cursor("0:9:0:0".to_owned()), 1, &mut chunk).is_err());
    Ok(())
}
