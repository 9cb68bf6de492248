//! Any table is read, in pieces of every size, and what is no record is told.

use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::{Database, Held};
use crate::conformance::{Trial, broken_promises};
use crate::{Chunk, Connector, Cursor, Fault, Hint};

type Tried = Result<(), Box<dyn std::error::Error>>;
/// Records, and what is wrong with others.
type Found = (Vec<Value>, Vec<&'static str>);

fn made(path: &Path) -> Result<(), rusqlite::Error> {
    Connection::open(path)?.execute_batch(
        "CREATE TABLE Contacts (id INTEGER PRIMARY KEY, email TEXT, active INTEGER, tags TEXT, score REAL, photo BLOB);
         INSERT INTO Contacts VALUES (3, 'a@x.example', 1, '[\"x\",\"y\"]', 1.5, x'68656c6c6f'), (1, 'ü\"\n', 0, '[1', NULL, NULL),
           (2, CAST(x'ff' AS TEXT), 1, NULL, NULL, NULL);
         CREATE TABLE ticket (queue TEXT, number INTEGER, subject TEXT, PRIMARY KEY (queue, number)) WITHOUT ROWID;
         INSERT INTO ticket VALUES ('b', 1, 'b1'), ('a', 10, 'a10'), ('a', 9, 'a9'), ('''; DROP', 1, 'quoted');
         CREATE TABLE notes (rowid TEXT, text TEXT);
         INSERT INTO notes VALUES ('z', 'first'), ('a', 'second');
         CREATE VIEW macros AS SELECT 1 AS id;",
    )
}

fn open(path: &Path) -> Result<Database, Fault> {
    let mut database = Database::open(path)?;
    database.table("customer", "contacts");
    database.holds("customer", "active", Held::Flag);
    database.holds("customer", "tags", Held::Json);
    Ok(database)
}

fn all(database: &mut Database, kind: &str) -> Result<Found, Box<dyn std::error::Error>> {
    let (mut chunk, mut cursor, mut out, mut bad) =
        (Chunk::default(), Cursor::start(), Vec::new(), Vec::new());
    loop {
        chunk.clear();
        database.read(kind, &cursor, 2, &mut chunk)?;
        for record in chunk.records() {
            out.push(serde_json::from_str(record)?);
        }
        bad.extend(chunk.problems().iter().map(|unread| unread.code));
        match chunk.next() {
            Some(next) => cursor = next.clone(),
            None => return Ok((out, bad)),
        }
    }
}

#[test]
fn it_keeps_the_promises_of_connectors() -> Tried {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("old.sqlite");
    made(&path)?;
    let reads = [("customer", 2, 1), ("ticket", 4, 0), ("note", 2, 0)];
    let trial = Trial {
        reads: reads.iter().map(|(kind, records, bad)| ((*kind).to_owned(), *records, *bad)).collect(),
        ..Trial::default()
    };
    let mut make = || Ok(Box::new(open(&path)?) as Box<dyn Connector>);
    assert_eq!(broken_promises(&mut make, &trial), Vec::<String>::new());
    Ok(())
}

#[test]
fn rows_become_records() -> Tried {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("old.sqlite");
    made(&path)?;
    let mut database = open(&path)?;
    let (customers, bad) = all(&mut database, "customer")?;
    let expected = [
        json!({ "id": 1, "email": "ü\"\n", "active": false, "tags": "[1", "score": null, "photo": null }),
        json!({ "id": 3, "email": "a@x.example", "active": true, "tags": ["x", "y"], "score": 1.5, "photo": "aGVsbG8=" }),
    ];
    assert_eq!((customers.as_slice(), bad.as_slice()), (expected.as_slice(), ["not-utf8"].as_slice()));
    let (tickets, _) = all(&mut database, "ticket")?;
    let subjects: Vec<&str> = tickets.iter().filter_map(|ticket| ticket.get("subject")?.as_str()).collect();
    assert_eq!(subjects, ["quoted", "a9", "a10", "b1"]);
    let (notes, _) = all(&mut database, "note")?;
    assert_eq!(notes, [json!({ "rowid": "z", "text": "first" }), json!({ "rowid": "a", "text": "second" })]);
    Ok(())
}

#[test]
fn what_cannot_be_read_is_said() -> Tried {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("old.sqlite");
    made(&path)?;
    let mut database = open(&path)?;
    let mut chunk = Chunk::default();
    let fault = database.read("macro", &Cursor::start(), 1, &mut chunk).err();
    // A view has no order in which one could go on.
    assert_eq!(fault.map(|fault| fault.hint), Some(Hint::Person));
    for cursor in ["x", "[]", "[1,2,3]", "[true]", "[\"q\"]"] {
        let fault = database.read("customer", &Cursor(cursor.to_owned()), 1, &mut chunk).err();
        assert_eq!(fault.map(|fault| fault.hint), Some(Hint::Never), "{cursor}");
    }
    std::fs::write(folder.path().join("no.sqlite"), "this is no database at all, only text")?;
    for name in ["no.sqlite", "none.sqlite"] {
        let fault = Database::open(&folder.path().join(name)).err();
        assert_eq!(fault.map(|fault| fault.hint), Some(Hint::Person), "{name}");
    }
    assert!(!folder.path().join("none.sqlite").exists());
    Ok(())
}
