//! The connector against a real Request Tracker 5. `tests/heavy` starts one; by hand: `CUTOVER_RT_URL=http://127.0.0.1:18091
//! CUTOVER_RT_TOKEN=... cargo test -p cutover-connect --test request_tracker`. The account is that of tests/generators/rt.

#![cfg_attr(test, expect(clippy::indexing_slicing, reason = "JSON values answer null"))]

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cutover_connect::conformance::{Trial, broken_promises};
use cutover_connect::{
    Answer, Chunk, Connector, Cursor, Desk, Draft, Fault, Limit, Line, Part, RequestTracker, Secret, Silence,
    Undone,
};
use serde_json::{Value, json};

type Tried = Result<(), Box<dyn std::error::Error>>;
/// Columns of an export, and the fields that they are.
type Columns = &'static [(&'static str, &'static str)];

/// A desk that is reached as the environment says; `None`, with a word about it, when it says nothing.
fn desk() -> Option<Desk> {
    let Ok(address) = std::env::var("CUTOVER_RT_URL") else {
        #[expect(clippy::print_stderr, reason = "the harness has no word for a test that was skipped")]
        {
            eprintln!("note: skipped, no Request Tracker was tried: CUTOVER_RT_URL names none");
        }
        return None;
    };
    let token = Secret::from_env("CUTOVER_RT_TOKEN").ok()?;
    let custom = [
        ("custom.area", "Product Area"),
        ("custom.callback_at", "Callback at"),
        ("custom.platforms", "Platforms"),
    ];
    Some(Desk {
        address,
        token,
        mark: Some("Foreign id".to_owned()),
        custom: custom.iter().map(|(field, name)| ((*field).to_owned(), (*name).to_owned())).collect(),
        contents: None,
        records_mail: true,
        numbered: false,
        timeout: Duration::from_secs(60),
    })
}

fn open(desk: &Desk) -> Result<RequestTracker, Fault> {
    RequestTracker::new(desk.clone(), Line::new(Limit::Told, 100))
}

/// A number of this run, so that one server can be tried again and again.
fn run() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}

fn draft(mark: &str, record: &Value) -> Draft {
    Draft { mark: mark.to_owned(), record: record.to_string(), parts: Vec::new() }
}

fn said(mark: &str, of: &str, content: &str) -> Part {
    let record = json!({ "type": of, "content": content }).to_string();
    Part { kind: "comment".to_owned(), mark: mark.to_owned(), record }
}

fn all(desk: &Desk, kind: &str) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let mut connector = open(desk)?;
    let (mut chunk, mut cursor, mut out) = (Chunk::default(), Cursor::start(), Vec::new());
    loop {
        chunk.clear();
        connector.read(kind, &cursor, 100, &mut chunk)?;
        for record in chunk.records() {
            out.push(serde_json::from_str(record)?);
        }
        match chunk.next() {
            Some(next) => cursor = next.clone(),
            None => return Ok(out),
        }
    }
}

/// Whether a number is that of an id.
fn is(number: &Value, id: &str) -> bool {
    number.as_str() == Some(id)
}

/// People whom the tickets of the tests need.
fn people(desk: &Desk) -> Tried {
    let mut connector = open(desk)?;
    for name in ["ada@example.org", "grace@example.org"] {
        let answers = connector.write("user", &[draft(name, &json!({ "name": name, "email": name }))])?;
        assert!(matches!(answers.as_slice(), [Answer::Done { .. } | Answer::Known { .. }]), "{answers:?}");
    }
    Ok(())
}

#[test]
fn a_real_request_tracker_keeps_the_promises_of_connectors() -> Tried {
    let Some(desk) = desk() else { return Ok(()) };
    people(&desk)?;
    let run = run();
    let mut reads = Vec::new();
    for kind in ["queue", "group", "custom_field", "user"] {
        reads.push((kind.to_owned(), all(&desk, kind)?.len(), 0));
    }
    let plain = json!({
        "queue": "Onboarding", "subject": "Größe  \"quoted\" \\ it's", "status": "resolved", "requestor": ["ada@example.org", "grace@example.org"],
        "created": "2019-03-04T05:06:07Z", "started": "2019-03-05T05:06:07Z", "resolved": "2019-03-06T05:06:07Z", "priority": -1, "time_worked": 7,
        "custom.Region": "it's \\ EMEA", "custom.Contract end": "2027-01-31", "due": "2019-04-01T00:00:00Z", "content": "<p>Hello</p>",
    });
    let rich = json!({
        "queue": "Onboarding", "subject": "With parts", "status": "resolved", "requestor": ["ada@example.org"], "cc": ["grace@example.org"],
        "resolved": "2020-03-06T05:06:07Z", "custom.area": "Login", "creator": "grace@example.org",
    });
    let mut rich = draft(&format!("ticket:{run}-2"), &rich);
    rich.parts = vec![
        said("c:0", "Create", "<p>first</p>"),
        said("c:1", "Comment", "private"),
        said("c:2", "Correspond", "public"),
    ];
    let login = format!("person-{run}@example.org");
    let refuse = |record: Value| ("ticket".to_owned(), draft(&format!("ticket:{run}-9"), &record));
    let ticket = |more: Value| {
        let mut record = json!({ "queue": "Support", "subject": "x", "status": "new" });
        if let (Some(record), Some(more)) = (record.as_object_mut(), more.as_object()) {
            record.extend(more.clone());
        }
        record
    };
    let trial = Trial {
        reads,
        writes: vec![
            (
                "user".to_owned(),
                vec![draft(
                    &login,
                    &json!({ "name": login, "email": login, "real_name": "Ö", "privileged": false }),
                )],
            ),
            ("ticket".to_owned(), vec![draft(&format!("ticket:{run}-1"), &plain), rich]),
        ],
        refused: vec![
            refuse(ticket(json!({ "queue": "Nowhere" }))),
            refuse(ticket(json!({ "status": "closed" }))),
            refuse(ticket(json!({ "owner": "nobody.at.all" }))),
            refuse(ticket(json!({ "custom.area": "No such option" }))),
            refuse(ticket(json!({ "custom.Contract end": "2027-01-31" }))),
            refuse(ticket(json!({ "created": "2019-03-04" }))),
            refuse(ticket(json!({ "subject": "x".repeat(201) }))),
            refuse(ticket(json!({ "colour": "red" }))),
            refuse(ticket(json!({ "requestor": ["unheard.of@example.org"] }))),
        ],
        change: Some((
            "ticket".to_owned(),
            json!({ "subject": "Changed", "custom.Region": "US", "priority": 5 }).to_string(),
        )),
        ..Trial::default()
    };
    let mut make = || Ok(Box::new(open(&desk)?) as Box<dyn Connector>);
    assert_eq!(broken_promises(&mut make, &trial), [""; 0]);
    Ok(())
}

#[test]
fn tickets_in_every_status_are_given_as_they_are_read_back() -> Tried {
    let Some(desk) = desk() else { return Ok(()) };
    people(&desk)?;
    let run = run();
    let mut connector = open(&desk)?;
    let record = json!({
        "queue": "Support", "subject": "An SLA wants its own due time", "status": "solved", "requestor": ["ada@example.org"],
        "created": "2021-02-03T04:05:06Z", "due": "2031-02-03T04:05:06Z", "resolved": "2021-03-03T04:05:06Z",
        "custom.area": "API", "custom.platforms": ["Windows", "macOS"], "custom.callback_at": "2026-05-05T10:00:00Z",
    });
    let mut whole = draft(&format!("ticket:{run}"), &record);
    whole.parts = vec![said("c:1", "Correspond", "<b>public</b>"), said("c:2", "Comment", "private")];
    let answers = connector.write("ticket", std::slice::from_ref(&whole))?;
    let [Answer::Done { id, parts }] = answers.as_slice() else { return Err(format!("{answers:?}").into()) };
    let back: BTreeMap<String, Value> =
        serde_json::from_str(&connector.fetch("ticket", id)?.unwrap_or_default())?;
    for (field, value) in record.as_object().into_iter().flatten() {
        assert_eq!(back.get(field), Some(value), "{field}");
    }
    let comments: Vec<Value> = parts
        .iter()
        .filter_map(|id| serde_json::from_str(&connector.fetch("comment", id).ok()??).ok())
        .collect();
    let shown: Vec<_> = comments.iter().map(|c| (c["type"].as_str(), c["content"].as_str())).collect();
    assert_eq!(shown, [(Some("Correspond"), Some("<b>public</b>")), (Some("Comment"), Some("private"))]);
    // The same as a source shows it.
    let read = all(&desk, "ticket")?.into_iter().find(|ticket| is(&ticket["id"], id)).unwrap_or_default();
    assert_eq!(read["queue"], "Support");
    assert_eq!(read["requestor"], json!(["ada@example.org"]));
    assert_eq!(read["resolved"], "2021-03-03T04:05:06Z");
    assert_eq!(read["custom_fields"]["3"], json!(["Windows", "macOS"]));
    assert_eq!(read["owner"], Value::Null);
    let said: Vec<_> =
        all(&desk, "comment")?.into_iter().filter(|comment| is(&comment["ticket"], id)).collect();
    let internal: Vec<_> = said.iter().map(|comment| comment["type"] == "Comment").collect();
    assert_eq!(internal, [false, false, true], "what created it, what the customer sees, what agents see");
    // A step that the lifecycle does not have is answered 200 and not taken.
    let answer = connector.set("ticket", id, r#"{"status":"new"}"#)?;
    assert!(
        matches!(&answer, Answer::Refused { field, code, .. } if field == "status" && code == "not-kept"),
        "{answer:?}"
    );
    // The lifecycle of this queue has no status `deleted`.
    assert!(matches!(connector.undo("ticket", id)?, Undone::Kept { .. }));
    assert!(matches!(connector.silence()?, Silence::Sent(_)));
    Ok(())
}

#[test]
fn files_come_with_what_was_said() -> Tried {
    let Some(desk) = desk() else { return Ok(()) };
    people(&desk)?;
    let run = run();
    let mut connector = open(&desk)?;
    let record = json!({ "queue": "Onboarding", "subject": "Files", "status": "new" });
    let mut whole = draft(&format!("ticket:{run}"), &record);
    let file = json!({ "filename": "Übersicht.bin", "content_type": "application/octet-stream", "content": "AAECAwT//g==" });
    whole.parts = vec![Part {
        record:
            json!({ "type": "Comment", "content": "see the file", "attachments": [file], "time_taken": 3 })
                .to_string(),
        ..said("c:1", "Comment", "")
    }];
    // Without the custom field of the marks no ticket is written.
    let fault = connector
        .write(
            "ticket",
            &[Draft {
                record: json!({ "queue": "Returns", "status": "requested" }).to_string(),
                ..whole.clone()
            }],
        )
        .err();
    assert!(fault.is_some_and(|fault| fault.why.contains("is not applied to the queue `Returns`")));
    let mut desk = desk;
    desk.mark = None;
    let mut connector = open(&desk)?;
    let answers = connector.write("ticket", &[whole])?;
    let [Answer::Done { id, .. }] = answers.as_slice() else { return Err(format!("{answers:?}").into()) };
    let files: Vec<_> =
        all(&desk, "attachment")?.into_iter().filter(|file| is(&file["ticket"], id)).collect();
    let [file] = files.as_slice() else { return Err(format!("{files:?}").into()) };
    assert_eq!(
        (&file["filename"], &file["size"], &file["content"]),
        (&json!("Übersicht.bin"), &json!(7), &json!("AAECAwT//g=="))
    );
    assert_eq!(connector.undo("ticket", id)?, Undone::Removed);
    let deleted = all(&desk, "ticket")?.into_iter().find(|ticket| is(&ticket["id"], id)).unwrap_or_default();
    assert_eq!(deleted["status"], "deleted", "search hides it, reading does not");
    Ok(())
}

/// What another program exported from the account of `examples/rt-to-zendesk`, column by column; `CUTOVER_RT_ACCOUNT` names a server that holds it.
#[test]
fn a_whole_account_is_read_as_another_program_exports_it() -> Tried {
    const KINDS: &[(&str, &str, Columns)] = &[
        (
            "ticket",
            "tickets",
            &[
                ("id", "id"),
                ("Queue", "queue"),
                ("Subject", "subject"),
                ("Status", "status"),
                ("Priority", "priority"),
                ("InitialPriority", "initial_priority"),
                ("FinalPriority", "final_priority"),
                ("Owner", "owner"),
                ("Creator", "creator"),
                ("LastUpdatedBy", "last_updated_by"),
                ("Requestors", "requestor"),
                ("Cc", "cc"),
                ("AdminCc", "admin_cc"),
                ("SLA", "sla"),
                ("Created", "created"),
                ("LastUpdated", "last_updated"),
                ("Starts", "starts"),
                ("Started", "started"),
                ("Told", "told"),
                ("Due", "due"),
                ("Resolved", "resolved"),
                ("TimeWorked", "time_worked"),
                ("TimeEstimated", "time_estimated"),
                ("TimeLeft", "time_left"),
                ("CustomFields", "custom_fields"),
            ],
        ),
        (
            "comment",
            "comments",
            &[
                ("id", "id"),
                ("Ticket", "ticket"),
                ("Type", "type"),
                ("Creator", "author"),
                ("Created", "created"),
                ("TimeTaken", "time_taken"),
                ("ContentType", "content_type"),
                ("Content", "content"),
            ],
        ),
        (
            "attachment",
            "attachments",
            &[
                ("id", "id"),
                ("Ticket", "ticket"),
                ("Transaction", "transaction"),
                ("Filename", "filename"),
                ("ContentType", "content_type"),
                ("Size", "size"),
                ("Created", "created"),
                ("Content", "content"),
            ],
        ),
        (
            "history",
            "history",
            &[
                ("id", "id"),
                ("Ticket", "ticket"),
                ("Type", "type"),
                ("Field", "field"),
                ("OldValue", "old"),
                ("NewValue", "new"),
                ("Creator", "author"),
                ("Created", "created"),
            ],
        ),
        (
            "user",
            "users",
            &[
                ("Name", "id"),
                ("RealName", "real_name"),
                ("EmailAddress", "email"),
                ("Organization", "organization"),
                ("Privileged", "privileged"),
                ("Disabled", "disabled"),
                ("CustomFields", "custom_fields"),
            ],
        ),
        (
            "queue",
            "queues",
            &[
                ("Name", "id"),
                ("Description", "description"),
                ("Lifecycle", "lifecycle"),
                ("Disabled", "disabled"),
            ],
        ),
        (
            "group",
            "groups",
            &[
                ("Name", "id"),
                ("Description", "description"),
                ("Members", "members"),
                ("Disabled", "disabled"),
            ],
        ),
    ];
    let Some(mut desk) = desk() else { return Ok(()) };
    let Ok(address) = std::env::var("CUTOVER_RT_ACCOUNT") else { return Ok(()) };
    desk.address = address;
    desk.token = Secret::from_env("CUTOVER_RT_ACCOUNT_TOKEN")?;
    let fields = all(&desk, "custom_field")?;
    let name = |id: &str| fields.iter().find(|field| field["id"] == id).map(|field| plain(&field["name"]));
    let exported =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/rt-to-zendesk/export");
    let mut wrong = Vec::new();
    for (kind, file, columns) in KINDS {
        let text = std::fs::read_to_string(exported.join(format!("{file}.jsonl")))?;
        let mut expected = Vec::new();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line)?;
            expected.push(columns.iter().map(|(column, _)| plain(&line[column])).collect::<Vec<_>>());
        }
        let mut found = Vec::new();
        for record in all(&desk, kind)? {
            let value = |field: &str| match &record[field] {
                Value::Object(held) => {
                    let named = held.iter().map(|(id, value)| (name(id).unwrap_or_default(), value.clone()));
                    plain(&Value::Object(named.collect::<BTreeMap<_, _>>().into_iter().collect()))
                }
                value => plain(value),
            };
            found.push(columns.iter().map(|(_, field)| value(field)).collect::<Vec<_>>());
        }
        // Another program leaves out what large files hold.
        for (found, expected) in found.iter_mut().zip(&expected).filter(|_| *kind == "attachment") {
            if expected.last().is_some_and(String::is_empty) {
                found.pop();
                found.push(String::new());
            }
        }
        expected.sort();
        found.sort();
        let other: Vec<_> =
            expected.iter().zip(&found).filter(|(expected, found)| expected != found).take(3).collect();
        if expected.len() != found.len() || !other.is_empty() {
            wrong.push(format!("{kind}: {} exported, {} read; {other:#?}", expected.len(), found.len()));
        }
    }
    assert_eq!(wrong, [""; 0]);
    Ok(())
}

/// A value as text; nothing, an empty text and an empty list are the same.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => String::new(),
        Value::Object(held) if held.is_empty() => String::new(),
        value => value.to_string(),
    }
}
