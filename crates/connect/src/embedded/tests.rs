//! The embedded target keeps what is written, and refuses what its schema refuses.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use cutover_ir::Type;
use cutover_plan::model::{DomainOption, FieldSchema, KindSchema, Rate, Schema};
use rusqlite::Connection;

use super::{Ahead, Embedded, Loaded, Ready};
use crate::{Answer, Connector as _, Draft, Fault, Hint, Part, Silence, Undone};

fn field(of_type: Type) -> FieldSchema {
    FieldSchema {
        of_type,
        required: false,
        read_only: false,
        on_create_only: false,
        unique: false,
        account_id: None,
    }
}

fn kind(fields: Vec<(&str, FieldSchema)>) -> KindSchema {
    let fields = fields.into_iter().map(|(name, field)| (name.to_owned(), field)).collect();
    KindSchema { fields, key: Some("id".to_owned()), constraints: Vec::new() }
}

fn option(name: &str) -> DomainOption {
    DomainOption {
        name: name.to_owned(),
        value: None,
        class: None,
        immutable: false,
        not_on_create: false,
        seen_as: None,
    }
}

fn schema() -> Schema {
    let required = |of_type| FieldSchema { required: true, ..field(of_type) };
    let owned = |of_type| FieldSchema { required: true, on_create_only: true, ..field(of_type) };
    let user = kind(vec![
        ("id", FieldSchema { read_only: true, ..field(Type::INT) }),
        ("name", required(Type::TEXT)),
        ("email", FieldSchema { unique: true, ..field(Type::Email.optional()) }),
    ]);
    let ticket = kind(vec![
        ("subject", required(Type::Text { max: Some(5) })),
        ("status", required(Type::Choice("target/ticket.status".into()))),
        ("requester", required(Type::Ref("target/user".into()))),
        ("group", field(Type::Ref("target/group".into()).optional())),
        ("created_at", field(Type::Instant)),
        ("tags", field(Type::Tags)),
        ("custom.count", field(Type::Int { min: 0, max: 9 }.optional())),
    ]);
    let comment =
        kind(vec![("ticket", owned(Type::Ref("target/ticket".into()))), ("body", required(Type::HTML))]);
    let kinds = [("comment", comment), ("ticket", ticket), ("user", user)];
    let status = vec![
        option("open"),
        DomainOption { immutable: true, ..option("closed") },
        DomainOption { not_on_create: true, ..option("deleted") },
    ];
    Schema {
        kinds: kinds.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect(),
        domains: BTreeMap::from([("target/ticket.status".to_owned(), status)]),
        ..Schema::default()
    }
}

fn desk() -> Result<Embedded, Fault> {
    let db = Connection::open_in_memory().map_err(super::broken)?;
    let kinds = ["comment", "ticket", "user"].map(str::to_owned).to_vec();
    let loaded = Loaded { kinds, parts: vec![("comment".to_owned(), "ticket".to_owned())] };
    Embedded::new(Rc::new(db), "main", "acme", "memory", &schema(), loaded)
}

fn draft(mark: &str, record: &str) -> Draft {
    Draft { mark: mark.to_owned(), record: record.to_owned(), parts: Vec::new() }
}

fn ticket(rest: &str) -> String {
    format!("{{\"subject\":\"Hello\",\"status\":\"open\",\"requester\":\"1\"{rest}}}")
}

fn dump(desk: &Embedded) -> Result<String, Fault> {
    let mut out = Vec::new();
    desk.dump(&mut out)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

#[test]
fn a_record_is_read_back_as_it_was_written_and_leaves_nothing_when_it_is_taken_back() -> Result<(), Fault> {
    let mut desk = desk()?;
    let first = desk.write("user", &[draft("contact:9", r#"{"name":"Ada","email":"ada@acme.example"}"#)])?;
    assert_eq!(first, [Answer::Done { id: "1".to_owned(), parts: vec![] }]);
    let before = dump(&desk)?;
    let record =
        ticket(r#","group":"Billing","created_at":"2026-01-02T03:04:05Z","tags":["a","b"],"custom.count":3"#);
    let part = |mark: &str, body: &str| Part {
        kind: "comment".to_owned(),
        mark: mark.to_owned(),
        record: format!("{{\"body\":\"{body}\"}}"),
    };
    let whole =
        Draft { parts: vec![part("c:1", "<p>1</p>"), part("c:2", "two")], ..draft("ticket:4", &record) };
    let answer = desk.write("ticket", std::slice::from_ref(&whole))?;
    let parts = vec!["1".to_owned(), "2".to_owned()];
    assert_eq!(answer, [Answer::Done { id: "1".to_owned(), parts }]);
    assert_eq!(desk.write("ticket", &[whole])?, [Answer::Known { id: "1".to_owned() }]);
    let back = desk.fetch("ticket", "1")?.unwrap_or_default();
    let expected = r#"{"id":"1","created_at":"2026-01-02T03:04:05Z","custom.count":3,"group":"Billing","requester":1,"status":"open","subject":"Hello","tags":["a","b"]}"#;
    assert_eq!(back, expected);
    assert_eq!(desk.fetch("comment", "2")?.as_deref(), Some(r#"{"id":"2","body":"two","ticket":1}"#));
    assert_eq!(desk.find("ticket", "ticket:4")?, ["1"]);
    assert_eq!(desk.count("comment")?, Some(2));
    assert_eq!(desk.undo("ticket", "1")?, Undone::Removed);
    assert_eq!(desk.undo("ticket", "1")?, Undone::Gone);
    assert_eq!(dump(&desk)?, before);
    Ok(())
}

#[test]
fn what_others_refer_to_stays() -> Result<(), Fault> {
    let mut desk = desk()?;
    desk.write("user", &[draft("u:1", r#"{"name":"Ada"}"#)])?;
    desk.write("ticket", &[draft("t:1", &ticket(""))])?;
    let kept = |why: &str| Undone::Kept { why: why.to_owned() };
    assert_eq!(desk.undo("user", "1")?, kept("a ticket that was loaded refers to it"));
    let new = "INSERT INTO comment (ticket, body) VALUES (1, 'a customer answers')";
    desk.db.execute(new, []).map_err(super::broken)?;
    assert_eq!(desk.undo("ticket", "1")?, kept("a comment that was written in the new desk refers to it"));
    desk.db.execute("DELETE FROM comment", []).map_err(super::broken)?;
    assert_eq!(desk.undo("ticket", "1")?, Undone::Removed);
    assert_eq!(desk.undo("user", "1")?, Undone::Removed);
    Ok(())
}

#[test]
fn the_desk_refuses_what_a_real_one_would() -> Result<(), Fault> {
    let mut desk = desk()?;
    desk.write("user", &[draft("u:1", r#"{"name":"Ada","email":"ada@acme.example"}"#)])?;
    let cases = [
        ("ticket", r#"{"subject":"Hello!","status":"open","requester":"1"}"#, "subject", "too-long"),
        ("ticket", r#"{"subject":"Hello","status":"new","requester":"1"}"#, "status", "unknown-option"),
        ("ticket", r#"{"subject":"Hello","status":"deleted","requester":"1"}"#, "status", "not-on-create"),
        ("ticket", r#"{"subject":"Hello","status":"open"}"#, "requester", "missing"),
        ("ticket", r#"{"subject":"Hello","status":"open","requester":"7"}"#, "requester", "dangling"),
        ("ticket", &ticket(r#","created_at":"yesterday""#), "created_at", "other-type"),
        ("ticket", &ticket(r#","custom.count":10"#), "custom.count", "other-type"),
        ("ticket", &ticket(r#","colour":"red""#), "colour", "unknown-field"),
        ("user", r#"{"id":"5","name":"Bo"}"#, "id", "read-only"),
        ("user", r#"{"name":"Bo","email":"bo at home"}"#, "email", "other-type"),
        ("user", r#"{"name":"Bo","email":"ada@acme.example"}"#, "email", "not-unique"),
        ("user", "{\"name\":", "", "not-json"),
    ];
    for (kind, record, field, code) in cases {
        let answers = desk.write(kind, &[draft("x:1", record)])?;
        let [Answer::Refused { field: at, code: found, .. }] = answers.as_slice() else {
            return Err(Fault::never(format!("{record} is taken: {answers:?}")));
        };
        assert_eq!((at.as_str(), found.as_str()), (field, code), "{record}");
    }
    assert_eq!(desk.count("ticket")?, Some(0));
    Ok(())
}

#[test]
fn closed_is_closed() -> Result<(), Fault> {
    let mut desk = desk()?;
    desk.write("user", &[draft("u:1", r#"{"name":"Ada"}"#)])?;
    let part =
        Part { kind: "comment".to_owned(), mark: "c:1".to_owned(), record: r#"{"body":"b"}"#.to_owned() };
    let record = r#"{"subject":"Hello","status":"closed","requester":"1"}"#;
    let answers = desk.write("ticket", &[Draft { parts: vec![part], ..draft("t:1", record) }])?;
    assert!(
        matches!(answers.as_slice(), [Answer::Done { .. }]),
        "a closed ticket comes with its comments: {answers:?}"
    );
    let code = |answer: &Answer| match answer {
        Answer::Refused { code, .. } => code.clone(),
        other => format!("{other:?}"),
    };
    let later = desk.write("comment", &[draft("c:2", r#"{"ticket":"1","body":"b"}"#)])?;
    assert_eq!(later.iter().map(code).collect::<Vec<_>>(), ["closed"]);
    assert_eq!(code(&desk.set("ticket", "1", r#"{"tags":[]}"#)?), "closed");
    Ok(())
}

#[test]
fn a_rate_is_kept_by_a_clock_and_messages_are_counted() -> Result<(), Fault> {
    let mut desk = desk()?;
    desk.write("user", &[draft("u:1", r#"{"name":"Ada"}"#)])?;
    desk.quiet(true)?;
    desk.write("ticket", &[draft("t:1", &ticket(""))])?;
    assert_eq!(desk.silence()?, Silence::Sent(0));
    desk.quiet(false)?;
    desk.write("ticket", &[draft("t:2", &ticket(""))])?;
    assert_eq!(desk.silence()?, Silence::Sent(1), "a desk that is not quiet writes to the requester");
    let now = Rc::new(Cell::new(0));
    let clock = Rc::clone(&now);
    desk.keep_rate(Rate { calls: 2, seconds: 60 }, Rc::new(move || clock.get()));
    desk.write("ticket", &[])?;
    desk.write("ticket", &[])?;
    now.set(20_000);
    let wait = desk.write("ticket", &[]).err().map(|fault| fault.hint);
    assert_eq!(wait, Some(Hint::Later(Some(std::time::Duration::from_secs(40)))));
    now.set(60_000);
    desk.write("ticket", &[])?;
    Ok(())
}

#[test]
fn a_file_of_another_account_is_refused() -> Result<(), Box<dyn std::error::Error>> {
    let file = tempfile::NamedTempFile::new()?;
    let open = |account: &str| -> Result<Embedded, Box<dyn std::error::Error>> {
        let db = Rc::new(Connection::open(file.path())?);
        Ok(Embedded::new(db, "main", account, "file", &schema(), Loaded::default())?)
    };
    open("acme")?;
    open("acme")?;
    let error = open("other").err().map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(error, "the desk's file is the account `acme`, not `other`");
    Ok(())
}

/// What was checked ahead changes nothing: the same answers, the same desk.
#[test]
fn a_record_that_was_checked_ahead_is_taken_and_refused_as_any_other() -> Result<(), Fault> {
    let (mut one, mut other) = (desk()?, desk()?);
    let schema = schema();
    let ahead = Ahead::new(&schema, one.loaded().clone());
    let part = |mark: &str, record: &str| Part {
        kind: "comment".to_owned(),
        mark: mark.to_owned(),
        record: record.to_owned(),
    };
    let users = vec![
        draft("contact:1", r#"{"name":"Ada","email":"ada@acme.example"}"#),
        draft("contact:2", r#"{"name":"B\u00e9la \"B\"","email":"ada@acme.example"}"#),
        draft("contact:3", r#"{"name":"Kai"}"#),
        draft("contact:1", r#"{"name":"Ada again"}"#),
        draft("contact:5", r#"{"email":"nobody@acme.example"}"#),
    ];
    let tickets = vec![
        Draft {
            parts: vec![part("c:1", r#"{"body":"<p>\u4e16</p>"}"#), part("c:2", r#"{"body":"b"}"#)],
            ..draft("t:1", &ticket(""))
        },
        Draft {
            parts: vec![part("c:3", r#"{"body":"x"}"#), part("c:3", r#"{"body":"twice"}"#)],
            ..draft("t:2", &ticket(""))
        },
        Draft { parts: vec![part("c:4", r#"{"wrong":"x"}"#)], ..draft("t:3", &ticket("")) },
        draft("t:4", &ticket(r#","group":"Billing","tags":["a"],"custom.count":3"#)),
        draft("t:5", &ticket(r#","custom.count":12"#)),
        draft("t:6", r#"{"subject":"Hello","status":"open","requester":"99"}"#),
        draft("t:7", r#"{"subject":"Hello","status":"closed","requester":"2"}"#),
        draft("t:8", r#"{"subject":"Much too long","status":"open","requester":"1"}"#),
        draft("t:1", &ticket("")),
    ];
    let comments = vec![
        draft("c:9", r#"{"ticket":"1","body":"later"}"#),
        draft("c:10", r#"{"ticket":"5","body":"to what is closed"}"#),
    ];
    let mut found_out = 0;
    for (kind, drafts) in [("user", users), ("ticket", tickets), ("comment", comments)] {
        let ready: Vec<Option<Ready>> = drafts.iter().map(|draft| ahead.ready(kind, draft)).collect();
        found_out += ready.iter().flatten().count();
        assert_eq!(one.write(kind, &drafts)?, other.write_ready(kind, &drafts, &ready)?, "{kind}");
    }
    assert_eq!(found_out, 10, "most are found out ahead");
    assert_eq!(dump(&one)?, dump(&other)?);
    assert_eq!(one.silence()?, other.silence()?);
    Ok(())
}

/// A desk with attachments, and a folder in which their bytes stand.
fn filed(contents: &std::path::Path) -> Result<Embedded, Fault> {
    let mut schema = schema();
    let attachment = kind(vec![("name", field(Type::TEXT)), ("file", field(Type::Attachment))]);
    schema.kinds.insert("attachment".to_owned(), attachment);
    let db = Connection::open_in_memory().map_err(super::broken)?;
    let loaded = Loaded { kinds: vec!["attachment".to_owned()], parts: Vec::new() };
    let mut desk = Embedded::new(Rc::new(db), "main", "acme", "memory", &schema, loaded)?;
    desk.contents(crate::Contents::open(contents).map_err(|error| Fault::person(error.to_string()))?);
    Ok(desk)
}

#[test]
fn bytes_of_files_are_kept_once_and_go_with_the_last_record() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    // More than one piece, and not a whole number of them.
    let bytes: Vec<u8> = (0..700_001_u32).map(|at| u8::try_from(at % 251).unwrap_or(0)).collect();
    for (name, bytes) in [("a", bytes.as_slice()), ("b", &bytes), ("empty", &[])] {
        std::fs::write(folder.path().join(name), bytes)?;
    }
    let contents = crate::Contents::open(folder.path())?;
    let mut desk = filed(folder.path())?;
    let empty = dump(&desk)?;
    let mut drafts = Vec::new();
    for name in ["a", "b", "empty"] {
        let content = contents.look(name).map_err(|no| no.to_string())?;
        let record = serde_json::json!({ "name": name, "file": content.value() }).to_string();
        drafts.push(draft(name, &record));
    }
    let answers = desk.write("attachment", &drafts)?;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Done { .. })), "{answers:?}");
    assert_eq!(dump(&desk)?.matches("\"content\":").count(), 2, "two files have the same bytes");
    for (id, expected) in [("1", bytes.as_slice()), ("2", &bytes), ("3", &[])] {
        let mut found = Vec::new();
        assert_eq!(desk.content("attachment", id, "file", &mut found)?, Some(true));
        assert!(found == expected, "{id}");
    }
    assert_eq!(desk.content("attachment", "1", "name", &mut Vec::new())?, Some(false));
    assert_eq!(desk.undo("attachment", "1")?, Undone::Removed);
    assert_eq!(desk.content("attachment", "2", "file", &mut Vec::new())?, Some(true));
    for id in ["2", "3"] {
        assert_eq!(desk.undo("attachment", id)?, Undone::Removed);
    }
    assert_eq!(dump(&desk)?, empty);
    // Bytes that are others by now are refused, and nothing of them stays.
    std::fs::write(folder.path().join("a"), "others")?;
    let answers = desk.write("attachment", &drafts)?;
    let codes: Vec<Option<&str>> = answers
        .iter()
        .map(|answer| match answer {
            Answer::Refused { code, .. } => Some(code.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(codes, [Some("changed-file"), None, None]);
    assert_eq!(dump(&desk)?.matches("\"content\":").count(), 2);
    Ok(())
}
