//! The kit finds connectors that break a promise.

use std::fs;
use std::rc::Rc;

use cutover_ir::Type;
use cutover_plan::model::{FieldSchema, KindSchema, Schema};
use rusqlite::Connection;

use super::{Trial, broken_promises};
use crate::{
    Abilities, Account, Answer, Chunk, Connector, Cursor, Draft, Embedded, Fault, FileSet, Files, Finding,
    Loaded, Part, Singer,
};

fn reads(kind: &str, records: usize, problems: usize) -> Trial {
    Trial { reads: vec![(kind.to_owned(), records, problems)], ..Trial::default() }
}

#[test]
fn files_keep_their_promises() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("tickets"))?;
    fs::write(folder.path().join("tickets/1.jsonl"), b"{\"id\":1}\n\xff\n{\"id\":2}\r\n\xfe\n\n{\"id\":3}")?;
    fs::write(folder.path().join("tickets/2.csv"), "id,subject\n4,a\n5,\"b\nc\"\n")?;
    fs::write(folder.path().join("tickets/3.json"), "{\"tickets\":[{\"id\":6},{\"id\":7}]}")?;
    let path = folder.path().to_owned();
    let mut make = || Ok(Box::new(Files::open(&path, FileSet::default())?) as Box<dyn Connector>);
    assert_eq!(broken_promises(&mut make, &reads("ticket", 7, 2)), [""; 0]);
    Ok(())
}

#[test]
fn taps_keep_their_promises() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tap.jsonl");
    let mut text =
        "{\"type\":\"SCHEMA\",\"stream\":\"tickets\",\"schema\":{},\"key_properties\":[\"id\"]}\n".to_owned();
    for id in (0..40).chain(20..30) {
        text.push_str(&format!(
            "{{\"type\":\"RECORD\",\"stream\":\"tickets\",\"record\":{{\"id\":{id}.0}}}}\n"
        ));
        if id % 15 == 0 {
            text.push_str("{\"type\":\n");
        }
        if id % 4 == 0 {
            text.push_str("{\"type\":\"RECORD\",\"stream\":\"users\",\"record\":{}}\n");
        }
    }
    fs::write(&path, text)?;
    let mut make = || Ok(Box::new(Singer::saved(&path)?) as Box<dyn Connector>);
    assert_eq!(broken_promises(&mut make, &reads("ticket", 40, 3)), [""; 0]);
    Ok(())
}

fn schema() -> Schema {
    let field = |of_type: Type| FieldSchema {
        of_type,
        required: false,
        read_only: false,
        on_create_only: false,
        unique: false,
        account_id: None,
    };
    let mut schema = Schema::default();
    let reference = |kind: &str| Type::Ref(format!("target/{kind}").into());
    let text = || Type::Text { max: Some(20) };
    let mut user = KindSchema::default();
    user.fields.insert("name".to_owned(), field(text()));
    let mut ticket = KindSchema::default();
    ticket.fields.insert("subject".to_owned(), FieldSchema { required: true, ..field(text()) });
    ticket.fields.insert("requester".to_owned(), field(reference("user")));
    let mut comment = KindSchema::default();
    comment.fields.insert("body".to_owned(), field(text()));
    let of = FieldSchema { required: true, on_create_only: true, ..field(reference("ticket")) };
    comment.fields.insert("ticket".to_owned(), of);
    for (name, kind) in [("user", user), ("ticket", ticket), ("comment", comment)] {
        schema.kinds.insert(name.to_owned(), kind);
    }
    schema
}

fn draft(mark: &str, record: &str) -> Draft {
    Draft { mark: mark.to_owned(), record: record.to_owned(), parts: Vec::new() }
}

#[test]
fn the_embedded_desk_keeps_its_promises() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("desk.sqlite");
    let loaded = Loaded {
        kinds: ["user", "ticket", "comment"].map(str::to_owned).to_vec(),
        parts: vec![("comment".to_owned(), "ticket".to_owned())],
    };
    let schema = schema();
    let mut make = || {
        let db = Connection::open(&path).map_err(|error| Fault::person(error.to_string()))?;
        let desk = Embedded::new(Rc::new(db), "main", "acme", "desk.sqlite", &schema, loaded.clone())?;
        desk.quiet(true)?;
        Ok(Box::new(desk) as Box<dyn Connector>)
    };
    make()?.write("user", &[draft("u:0", r#"{"name":"Old"}"#)])?;
    let part = |mark: &str| Part {
        kind: "comment".to_owned(),
        mark: mark.to_owned(),
        record: r#"{"body":"hello"}"#.to_owned(),
    };
    let talk = Draft {
        parts: vec![part("c:1"), part("c:2")],
        ..draft("t:2", r#"{"subject":"Two","requester":"2"}"#)
    };
    let mut trial = reads("user", 1, 0);
    trial.writes = vec![
        ("user".to_owned(), vec![draft("u:1", r#"{"name":"Ada"}"#), draft("u:2", r#"{"name":"Bo"}"#)]),
        ("ticket".to_owned(), vec![draft("t:1", r#"{"subject":"One","requester":"2"}"#), talk]),
    ];
    trial.refused = vec![("ticket".to_owned(), draft("t:3", r#"{"subject":"Three","requester":"99"}"#))];
    trial.change = Some(("ticket".to_owned(), r#"{"subject":"New"}"#.to_owned()));
    assert_eq!(broken_promises(&mut make, &trial), [""; 0]);
    Ok(())
}

/// A connector that keeps nothing of what it promises.
struct Liar {
    calls: usize,
}

impl Connector for Liar {
    fn abilities(&mut self) -> Result<Abilities, Fault> {
        Ok(Abilities {
            read: true,
            fetch: true,
            write: true,
            undo: true,
            finding: Finding::AtOnce,
            batch: 2,
            ..Abilities::default()
        })
    }

    fn account(&mut self) -> Result<Account, Fault> {
        Ok(Account { name: None, at: String::new() })
    }

    fn count(&mut self, _: &str) -> Result<Option<u64>, Fault> {
        self.calls += 1;
        Ok(Some(self.calls as u64))
    }

    fn read(&mut self, _: &str, from: &Cursor, most: usize, into: &mut Chunk) -> Result<(), Fault> {
        into.push(&format!("{{\"id\":{most}}}"));
        into.end(from.is_start().then(|| Cursor("2".to_owned())));
        Ok(())
    }

    fn write(&mut self, _: &str, batch: &[Draft]) -> Result<Vec<Answer>, Fault> {
        Ok(batch.iter().map(|_| Answer::Done { id: "1".to_owned(), parts: Vec::new() }).collect())
    }
}

#[test]
fn a_connector_that_keeps_nothing_is_found_out() {
    let mut make = || Ok(Box::new(Liar { calls: 0 }) as Box<dyn Connector>);
    let mut trial = reads("ticket", 3, 0);
    trial.writes = vec![("ticket".to_owned(), vec![draft("t:1", "{}"), draft("t:2", "{}")])];
    let broken = broken_promises(&mut make, &trial);
    for promise in [
        "its account is nowhere: `at` is empty",
        "`read` answers for a kind that does not exist",
        "`write` answers for a kind that does not exist",
        "`count` counts records of a kind that does not exist",
        "reading `ticket` gives 2 records and 0 problems where 3 and 0 are",
        "`ticket` reads otherwise in chunks of 1",
        "it reads `ticket` from the place `no place`, which it cannot have given",
        "t:2 has no id of its own",
        "{ should be refused with a code and a reason: [Done { id: \"1\", parts: [] }]",
    ] {
        assert!(broken.iter().any(|found| found == promise), "{promise}\n{broken:#?}");
    }
}
