//! What is written to a folder survives what kills the program, and can be taken back to the last byte.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use cutover_ir::Type;
use cutover_plan::model::{FieldSchema, KindSchema, Schema};

use super::Shelf;
use crate::conformance::{Trial, broken_promises};
use crate::{
    Answer, Chunk, Connector, Content, Contents, Cursor, Draft, Fault, FileSet, Files, Hint, Part, Undone,
};

fn schema() -> Schema {
    let field = |of_type| FieldSchema {
        of_type,
        required: false,
        read_only: false,
        on_create_only: false,
        unique: false,
        account_id: None,
    };
    let kind = |fields: Vec<(&str, Type)>| KindSchema {
        fields: fields.into_iter().map(|(name, of)| (name.to_owned(), field(of))).collect(),
        key: Some("id".to_owned()),
        constraints: Vec::new(),
    };
    let comment = kind(vec![("ticket", Type::Ref("target/ticket".into())), ("body", Type::HTML)]);
    let ticket = kind(vec![("subject", Type::TEXT), ("file", Type::Attachment)]);
    Schema {
        kinds: BTreeMap::from([("comment".to_owned(), comment), ("ticket".to_owned(), ticket)]),
        ..Schema::default()
    }
}

fn draft(mark: &str, record: &str, parts: &[(&str, &str)]) -> Draft {
    let part = |(mark, record): &(&str, &str)| Part {
        kind: "comment".to_owned(),
        mark: (*mark).to_owned(),
        record: (*record).to_owned(),
    };
    Draft { mark: mark.to_owned(), record: record.to_owned(), parts: parts.iter().map(part).collect() }
}

/// All files of a folder with their text.
fn held(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let Ok(listed) = fs::read_dir(folder) else { return all };
    for entry in listed.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let text = fs::read_to_string(entry.path()).unwrap_or_else(|_| format!("{:?}", held(&entry.path())));
        all.insert(name, text);
    }
    all
}

type Tried = Result<(), Box<dyn std::error::Error>>;

#[test]
fn it_keeps_the_promises_of_connectors() -> Tried {
    let folder = tempfile::tempdir()?;
    let top = folder.path().join("desk");
    let trial = Trial {
        writes: vec![
            (
                "ticket".to_owned(),
                vec![
                    draft(
                        "t:1",
                        r#"{"subject":"Größe \"x\"\n"}"#,
                        &[("c:1", r#"{"body":"one"}"#), ("c:2", r#"{"body":"two"}"#)],
                    ),
                    draft("t:2", r#"{"subject":"b","tags":["x"]}"#, &[]),
                    draft("t:3", "{}", &[("c:3", "{}")]),
                ],
            ),
            ("comment".to_owned(), vec![draft("c:9", r#"{"ticket":"1","body":"nine"}"#, &[])]),
        ],
        refused: vec![
            ("ticket".to_owned(), draft("t:4", r#"{"mark":"mine"}"#, &[])),
            ("ticket".to_owned(), draft("t:5", "{}", &[("c:5", "[]")])),
        ],
        change: Some(("ticket".to_owned(), r#"{"subject":"changed"}"#.to_owned())),
        ..Trial::default()
    };
    let mut make = || Ok(Box::new(Shelf::open(&top, &schema())?) as Box<dyn Connector>);
    assert_eq!(broken_promises(&mut make, &trial), Vec::<String>::new());
    assert_eq!(held(&top), BTreeMap::new());
    Ok(())
}

#[test]
fn the_connector_of_export_folders_reads_what_was_written() -> Tried {
    let folder = tempfile::tempdir()?;
    let mut shelf = Shelf::open(folder.path(), &schema())?;
    let drafts: Vec<Draft> = (0..1_200)
        .map(|at| {
            draft(&format!("t:{at}"), &format!(r#"{{"subject":"s{at}"}}"#), &[(&format!("c:{at}"), "{}")])
        })
        .collect();
    for batch in drafts.chunks(500) {
        shelf.write("ticket", batch)?;
    }
    assert_eq!((shelf.count("ticket")?, shelf.count("comment")?), (Some(1_200), Some(1_200)));
    drop(shelf);
    let mut files = Files::open(folder.path(), FileSet::default())?;
    let (mut chunk, mut cursor, mut comments) = (Chunk::default(), Cursor::start(), Vec::new());
    loop {
        chunk.clear();
        files.read("comment", &cursor, 500, &mut chunk)?;
        comments.extend(chunk.records().map(str::to_owned));
        match chunk.next() {
            Some(next) => cursor = next.clone(),
            None => break,
        }
    }
    assert_eq!(comments.len(), 1_200);
    let last = r#"{"id":"1200","mark":"c:1199","part_of":"ticket/1200","ticket":"1200"}"#;
    assert_eq!(comments.last().map(String::as_str), Some(last));
    Ok(())
}

/// A file can end anywhere when the program is killed: what is whole stays, and the same batch again makes up for the rest.
#[test]
fn a_batch_that_was_cut_off_anywhere_is_made_up_for() -> Tried {
    let batch = [
        draft("t:1", r#"{"subject":"one"}"#, &[("c:1", r#"{"body":"1"}"#)]),
        draft("t:2", r#"{"subject":"two"}"#, &[("c:2", r#"{"body":"2"}"#), ("c:3", r#"{"body":"3"}"#)]),
    ];
    let whole = tempfile::tempdir()?;
    Shelf::open(whole.path(), &schema())?.write("ticket", &batch)?;
    let expected = held(whole.path());
    let texts =
        ["comments.jsonl", "tickets.jsonl"].map(|name| expected.get(name).cloned().unwrap_or_default());
    let [comments, tickets] = &texts;
    // Comments reach the disk first, then tickets.
    for cut in 0..=comments.len() + tickets.len() {
        let folder = tempfile::tempdir()?;
        fs::write(
            folder.path().join("comments.jsonl"),
            comments.get(..cut.min(comments.len())).unwrap_or_default(),
        )?;
        if cut > comments.len() {
            fs::write(
                folder.path().join("tickets.jsonl"),
                tickets.get(..cut - comments.len()).unwrap_or_default(),
            )?;
        }
        let mut shelf = Shelf::open(folder.path(), &schema())?;
        let there = shelf.count("ticket")?.unwrap_or_default();
        let parts = shelf.count("comment")?.unwrap_or_default();
        assert_eq!(parts, [0, 1, 3].get(there as usize).copied().unwrap_or(9), "cut at {cut}");
        for (draft, answer) in batch.iter().zip(shelf.write("ticket", &batch)?) {
            assert!(
                matches!(answer, Answer::Done { .. } | Answer::Known { .. }),
                "{}: {answer:?}",
                draft.mark
            );
        }
        drop(shelf);
        let mut found = held(folder.path());
        for text in found.values_mut() {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            *text = lines.join("\n") + "\n";
        }
        assert_eq!(found, expected, "cut at {cut}");
    }
    Ok(())
}

#[test]
fn files_come_along_once_and_go_with_the_last_record() -> Tried {
    let folder = tempfile::tempdir()?;
    let (export, desk) = (folder.path().join("export"), folder.path().join("desk"));
    fs::create_dir(&export)?;
    fs::write(export.join("a"), "same bytes")?;
    fs::write(export.join("b"), "same bytes")?;
    let contents = Contents::open(&export)?;
    let look = |path: &str| contents.look(path).map(|content| content.value()).map_err(|no| no.to_string());
    let (a, b) = (look("a")?, look("b")?);
    let mut shelf = Shelf::open(&desk, &schema())?;
    shelf.contents(contents.clone());
    let drafts = [
        draft("t:1", &serde_json::json!({ "file": a }).to_string(), &[]),
        draft("t:2", &serde_json::json!({ "file": b }).to_string(), &[]),
    ];
    shelf.write("ticket", &drafts)?;
    let mut bytes = Vec::new();
    assert_eq!(shelf.content("ticket", "2", "file", &mut bytes)?, Some(true));
    assert_eq!(bytes, b"same bytes");
    assert_eq!(shelf.undo("ticket", "1")?, Undone::Removed);
    drop(shelf);
    let mut shelf = Shelf::open(&desk, &schema())?;
    shelf.contents(contents);
    assert_eq!(shelf.content("ticket", "2", "file", &mut Vec::new())?, Some(true));
    // A file that is another one by now is not taken for it.
    fs::write(export.join("c"), "other bytes")?;
    let mut other = Content::of(&a.to_string()).ok_or("a content")?;
    (other.path, other.sha256) = ("c".to_owned(), "0".repeat(64));
    let changed = draft("t:3", &serde_json::json!({ "file": other.value() }).to_string(), &[]);
    let answers = shelf.write("ticket", &[changed])?;
    assert!(
        matches!(answers.as_slice(), [Answer::Refused { code, .. }] if code == "changed-file"),
        "{answers:?}"
    );
    assert_eq!(shelf.undo("ticket", "2")?, Undone::Removed);
    drop(shelf);
    assert_eq!(held(&desk), BTreeMap::new());
    Ok(())
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() -> Tried {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("tickets.jsonl"), "{\"id\":17,\"subject\":\"an export\"}\n")?;
    let refused = Shelf::open(folder.path(), &schema()).err();
    assert_eq!(refused.map(|fault| fault.hint), Some(Hint::Person));
    let text = fs::read_to_string(folder.path().join("tickets.jsonl"))?;
    assert_eq!(text, "{\"id\":17,\"subject\":\"an export\"}\n");
    Ok(())
}

#[test]
fn two_loads_at_once_are_noticed() -> Tried {
    let folder = tempfile::tempdir()?;
    let mut shelf = Shelf::open(folder.path(), &schema())?;
    shelf.write("ticket", &[draft("t:1", "{}", &[])])?;
    let path = folder.path().join("tickets.jsonl");
    fs::OpenOptions::new().append(true).open(path)?.write_all(b"{\"id\":\"2\",\"mark\":\"t:2\"}\n")?;
    let fault: Option<Fault> = shelf.write("ticket", &[draft("t:3", "{}", &[])]).err();
    assert_eq!(fault.map(|fault| fault.hint), Some(Hint::Person));
    // Then it is looked at again.
    assert_eq!(shelf.find("ticket", "t:2")?, ["2"]);
    Ok(())
}
