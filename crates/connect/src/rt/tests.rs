//! A Request Tracker that says yes and does nothing is found out.

#![expect(clippy::indexing_slicing, reason = "JSON values answer null")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Desk, RequestTracker};
use crate::conformance::{Trial, broken_promises};
use crate::fake::{Do, Fake, Got};
use crate::{
    Answer, Chunk, Connector, Cursor, Draft, Effect, Fault, Limit, Line, Part, Secret, Silence, Undone,
};

/// As much of a Request Tracker as tickets need, with its ways: it answers success to what it does not do.
#[derive(Default)]
struct Tracker {
    tickets: BTreeMap<u64, Ticket>,
    /// Columns that it takes and forgets.
    forgets: &'static [&'static str],
    transactions: u64,
}

#[derive(Default)]
struct Ticket {
    columns: Map<String, Value>,
    custom: Map<String, Value>,
    said: Vec<(u64, &'static str, &'static str, String)>,
    merged_into: Option<u64>,
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    /// The connection is closed, and nothing was done.
    Unheard,
    /// The connection is closed when everything is done.
    Unanswered,
    /// The answer breaks off.
    Half,
    /// The answer comes too late.
    Late,
    Failed,
    FailedAfterwards,
    TooMany,
}

/// What a run waits for an answer.
const PATIENCE: Duration = Duration::from_millis(150);

impl Tracker {
    fn answer(&mut self, got: &Got) -> (u16, String) {
        let decoded = decode(&got.target);
        let (path, query) = decoded.split_once('?').unwrap_or((&decoded, ""));
        let parts: Vec<&str> = path.trim_start_matches("/REST/2.0/").split('/').collect();
        let body: Value = serde_json::from_str(&got.body).unwrap_or(Value::Null);
        let (status, value) = match (got.method.as_str(), parts.as_slice()) {
            ("GET", ["rt"]) => (200, json!({ "Version": "5.0.3" })),
            ("GET", ["queue", "Support" | "3"]) => {
                let fields = json!([{ "id": "1", "name": "Foreign id" }, { "id": "2", "name": "Area" }]);
                (200, json!({ "id": 3, "Name": "Support", "TicketCustomFields": fields }))
            }
            ("GET", ["customfield", "1"]) => (200, json!({ "id": 1, "Type": "Freeform", "MaxValues": "1" })),
            ("GET", ["customfield", "2"]) => {
                (200, json!({ "id": 2, "Type": "Select", "MaxValues": "1", "Values": ["Login"] }))
            }
            ("GET", ["user", name @ "ada"]) => (200, json!({ "id": 7, "Name": name })),
            ("GET", ["tickets"]) => (200, self.search(query)),
            ("POST", ["transactions"]) => (200, json!({ "total": 0, "items": [] })),
            ("POST", ["ticket"]) => self.create(&body),
            ("POST", ["ticket", id, of]) => self.say(id, of, &body),
            ("PUT", ["ticket", id]) => self.change(id, &body),
            ("GET", ["ticket", id]) => match id.parse().ok().and_then(|id| self.shown(id)) {
                Some(shown) => (200, shown),
                None => (404, json!({ "message": "Not Found" })),
            },
            ("GET", ["ticket", id, "history"]) => (200, self.history(id)),
            ("GET", ["transaction", id]) => {
                let said = self
                    .tickets
                    .iter()
                    .flat_map(|(of, ticket)| ticket.said.iter().map(move |said| (of, said)));
                match said.into_iter().find(|(_, said)| said.0.to_string() == *id) {
                    Some((of, said)) => {
                        (200, json!({ "id": said.0, "Type": said.1, "Object": { "id": of.to_string() } }))
                    }
                    None => (404, Value::Null),
                }
            }
            _ => (404, json!({ "message": "Not Found" })),
        };
        (status, value.to_string())
    }

    fn search(&self, query: &str) -> Value {
        let shown = |id: &u64| {
            self.tickets.get(id).is_some_and(|t| {
                t.merged_into.is_none() && t.columns.get("Status") != Some(&json!("deleted"))
            })
        };
        let after: Option<u64> =
            query.split_once("id > ").and_then(|(_, rest)| rest.split('&').next()?.parse().ok());
        let page: usize = query
            .split_once("per_page=")
            .and_then(|(_, rest)| rest.split('&').next()?.parse().ok())
            .unwrap_or(20);
        let found: Vec<u64> = self
            .tickets
            .iter()
            .filter(|(id, ticket)| match after {
                Some(after) => **id > after,
                None => ticket
                    .custom
                    .get("1")
                    .and_then(Value::as_str)
                    .is_some_and(|mark| query.contains(&format!("'{mark}'"))),
            })
            .map(|(id, _)| *id)
            .filter(shown)
            .collect();
        let items: Vec<_> = found.iter().take(page).filter_map(|id| self.shown(*id)).collect();
        json!({ "total": found.len(), "count": items.len(), "items": items })
    }

    fn create(&mut self, body: &Value) -> (u16, Value) {
        if body["Status"] == "closed" || body["Status"] == "stalled" {
            return (400, json!({ "message": "New tickets can not have status 'closed' in this queue." }));
        }
        let id = self.tickets.keys().next_back().map_or(1, |last| last + 1);
        let mut columns = body.as_object().cloned().unwrap_or_default();
        let custom =
            columns.remove("CustomFields").and_then(|custom| custom.as_object().cloned()).unwrap_or_default();
        for forgotten in self.forgets {
            columns.remove(*forgotten);
        }
        self.transactions += 1;
        let said = vec![(self.transactions, "Create", "root", String::new())];
        self.tickets.insert(id, Ticket { columns, custom, said, merged_into: None });
        (201, json!({ "id": id.to_string(), "type": "ticket" }))
    }

    fn say(&mut self, id: &str, of: &str, body: &Value) -> (u16, Value) {
        let Some(ticket) = id.parse().ok().and_then(|id: u64| self.tickets.get_mut(&id)) else {
            return (404, Value::Null);
        };
        let content = body["Content"].as_str().unwrap_or_default().to_owned();
        if content == "refused" {
            return (400, json!({ "message": "Message could not be recorded" }));
        }
        self.transactions += 1;
        ticket.said.push((
            self.transactions,
            if of == "comment" { "Comment" } else { "Correspond" },
            "root",
            content,
        ));
        if of == "correspond" && ticket.columns.get("Status") == Some(&json!("resolved")) {
            ticket.columns.insert("Status".to_owned(), "open".into());
        }
        (201, json!(["Comments added"]))
    }

    fn change(&mut self, id: &str, body: &Value) -> (u16, Value) {
        let Some(ticket) = id.parse().ok().and_then(|id: u64| self.tickets.get_mut(&id)) else {
            return (404, Value::Null);
        };
        let mut changes = body.as_object().cloned().unwrap_or_default();
        if let Some(Value::Object(custom)) = changes.remove("CustomFields") {
            ticket.custom.extend(custom);
        }
        for (column, value) in changes {
            if column == "Status" && value == "closed" {
                return (
                    200,
                    json!(["Ticket 1: Status 'closed' isn't a valid status for tickets in this queue."]),
                );
            }
            if column == "Status"
                && value == "stalled"
                && ticket.columns.get("Status") != Some(&json!("open"))
            {
                return (200, json!(["Ticket 1: You can't change status from 'new' to 'stalled'."]));
            }
            if column == "Status" && value == "rejected" {
                return (200, json!(["Ticket 1: You can't change status from 'open' to 'rejected'."]));
            }
            if column == "Status" && value == "resolved" {
                ticket.columns.insert("Resolved".to_owned(), "2026-11-22 00:00:00".into());
            }
            if !self.forgets.contains(&column.as_str()) {
                ticket.columns.insert(column, value);
            }
        }
        (200, json!([]))
    }

    fn shown(&self, id: u64) -> Option<Value> {
        let ticket = self.tickets.get(&id)?;
        if let Some(other) = ticket.merged_into {
            return self.shown(other);
        }
        let mut shown = json!({
            "id": id, "Type": "ticket", "Owner": { "id": "Nobody", "type": "user" }, "Creator": { "id": "root", "type": "user" },
            "Queue": { "id": "3", "type": "queue" }, "Subject": ticket.columns.get("Subject"), "Status": ticket.columns.get("Status"),
            "Priority": ticket.columns.get("Priority").unwrap_or(&json!("0")),
        });
        let names = ticket.columns.get("Requestor").and_then(Value::as_array).into_iter().flatten();
        shown["Requestor"] = names.map(|name| json!({ "id": name, "type": "user" })).collect();
        for column in ["Created", "Resolved", "Due"] {
            let time = ticket.columns.get(column).and_then(Value::as_str).unwrap_or("1970-01-01 00:00:00");
            shown[column] = format!("{}Z", time.replace(' ', "T")).into();
        }
        let custom = [("1", "Foreign id"), ("2", "Area")].map(|(id, name)| {
            let values: Vec<&Value> = ticket.custom.get(id).into_iter().collect();
            json!({ "id": id, "name": name, "values": values })
        });
        shown["CustomFields"] = custom.into_iter().collect();
        Some(shown)
    }

    fn history(&self, id: &str) -> Value {
        let ticket = id.parse().ok().and_then(|id: u64| self.tickets.get(&id));
        let said = ticket.map(|ticket| ticket.said.as_slice()).unwrap_or_default();
        let items: Vec<_> = said
            .iter()
            .map(|(id, of, by, _)| json!({ "id": id, "Type": of, "Creator": { "id": by, "type": "user" } }))
            .collect();
        json!({ "total": items.len(), "items": items })
    }
}

fn decode(target: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = target.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let hex: String = bytes.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&hex, 16).unwrap_or(b'?')
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8_lossy(&out).into_owned()
}

type Shared = Arc<Mutex<Tracker>>;

/// A tracker behind a server on which the given requests, counted from 0, go wrong.
fn serve(tracker: &Shared, trouble: Vec<(usize, Trouble)>) -> std::io::Result<Fake> {
    let tracker = Arc::clone(tracker);
    let mut requests = 0;
    Fake::start(move |got| {
        let mut tracker = tracker.lock().unwrap_or_else(PoisonError::into_inner);
        let now = trouble.iter().find(|(at, _)| *at == requests).map(|(_, trouble)| *trouble);
        requests += 1;
        match now {
            Some(Trouble::Unheard) => return Do::Close,
            Some(Trouble::Failed) => {
                return Do::Answer(500, &[], "{\"message\":\"Internal Server Error\"}".to_owned());
            }
            Some(Trouble::TooMany) => return Do::Answer(429, &[("Retry-After", "0")], String::new()),
            _ => {}
        }
        let (status, body) = tracker.answer(got);
        match now {
            Some(Trouble::Unanswered) => Do::Close,
            Some(Trouble::Half) => Do::BreakOff,
            Some(Trouble::Late) => Do::Late(PATIENCE * 2, status, body),
            Some(Trouble::FailedAfterwards) => Do::Answer(503, &[], String::new()),
            _ => Do::Answer(status, &[], body),
        }
    })
}

fn open(fake: &Fake) -> Result<RequestTracker, Fault> {
    open_for(fake, Duration::from_secs(20))
}

fn open_for(fake: &Fake, timeout: Duration) -> Result<RequestTracker, Fault> {
    let desk = Desk {
        address: fake.address.clone(),
        token: Secret::new("t"),
        mark: Some("Foreign id".to_owned()),
        custom: BTreeMap::new(),
        contents: None,
        records_mail: false,
        numbered: false,
        timeout,
    };
    RequestTracker::new(desk, Line::new(Limit::Told, 100))
}

fn draft(mark: &str, record: &Value) -> Draft {
    Draft { mark: mark.to_owned(), record: record.to_string(), parts: Vec::new() }
}

fn said(of: &str, content: &str) -> Part {
    let record = json!({ "type": of, "content": content }).to_string();
    Part { kind: "comment".to_owned(), mark: format!("c:{content}"), record }
}

fn drafts() -> Vec<Draft> {
    let record = |subject: &str| json!({ "queue": "Support", "subject": subject, "status": "resolved", "requestor": ["ada"], "resolved": "2020-01-02T03:04:05Z", "custom.Area": "Login" });
    let mut talk = draft("ticket:2", &record("two"));
    talk.parts = vec![said("Correspond", "one"), said("Comment", "two"), said("Correspond", "three")];
    vec![draft("ticket:1", &record("one")), talk, draft("ticket:3", &record("three"))]
}

/// Writes as a run does: what is in doubt is looked up by another process, and only written again when it is not there.
fn run(fake: &Fake) -> Result<BTreeMap<String, String>, Fault> {
    let mut ids = BTreeMap::new();
    for _ in 0..30 {
        let pending: Vec<Draft> =
            drafts().into_iter().filter(|draft| !ids.contains_key(&draft.mark)).collect();
        if pending.is_empty() {
            return Ok(ids);
        }
        let mut connector = open_for(fake, PATIENCE)?;
        let mut doubtful = Vec::new();
        match connector.write("ticket", &pending) {
            Ok(answers) => {
                for (draft, answer) in pending.iter().zip(answers) {
                    match answer {
                        Answer::Done { id, .. } | Answer::Known { id } => {
                            ids.insert(draft.mark.clone(), id);
                        }
                        Answer::Unknown { .. } => doubtful.push(draft.mark.clone()),
                        Answer::Untried => {}
                        Answer::Refused { .. } => return Err(Fault::never(format!("{answer:?}"))),
                    }
                }
            }
            Err(fault) if fault.effect == Effect::Unknown => {
                doubtful.extend(pending.iter().map(|draft| draft.mark.clone()))
            }
            Err(_) => {}
        }
        for mark in doubtful {
            if let Ok(found) = open_for(fake, PATIENCE)?.find("ticket", &mark)
                && let [id] = found.as_slice()
            {
                ids.insert(mark, id.clone());
            }
        }
    }
    Err(Fault::never("it never ends"))
}

/// What is there: mark, status, time, what was said. Sorted.
fn there(tracker: &Shared) -> Vec<String> {
    let tracker = tracker.lock().unwrap_or_else(PoisonError::into_inner);
    let mut all: Vec<String> = tracker
        .tickets
        .values()
        .filter(|ticket| ticket.columns.get("Status") != Some(&json!("deleted")))
        .map(|ticket| {
            let said: Vec<_> =
                ticket.said.iter().skip(1).map(|(_, of, _, content)| format!("{of} {content}")).collect();
            let column =
                |name: &str| ticket.columns.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let mark = ticket.custom.get("1").and_then(Value::as_str).unwrap_or_default();
            format!("{mark}: {} {} [{}]", column("Status"), column("Resolved"), said.join(", "))
        })
        .collect();
    all.sort();
    all
}

#[test]
fn whatever_goes_wrong_with_any_request_each_ticket_is_there_once_and_whole()
-> Result<(), Box<dyn std::error::Error>> {
    let expected = [
        "ticket:1: resolved 2020-01-02 03:04:05 []",
        "ticket:2: resolved 2020-01-02 03:04:05 [Correspond one, Comment two, Correspond three]",
        "ticket:3: resolved 2020-01-02 03:04:05 []",
    ];
    let tracker = Shared::default();
    let fake = serve(&tracker, Vec::new())?;
    run(&fake)?;
    assert_eq!(there(&tracker), expected, "without trouble");
    let requests = fake.got().len();
    assert!(requests > 12, "{requests} requests");
    let troubles = [
        Trouble::Unheard,
        Trouble::Unanswered,
        Trouble::Half,
        Trouble::Late,
        Trouble::Failed,
        Trouble::FailedAfterwards,
        Trouble::TooMany,
    ];
    for at in 0..requests {
        for (number, trouble) in troubles.into_iter().enumerate() {
            // Each request goes wrong alone, and together with the one that a second try makes of it.
            let more = troubles.get((number + at) % troubles.len()).copied().unwrap_or(trouble);
            for all in [vec![(at, trouble)], vec![(at, trouble), (at + 3, more)]] {
                if all.len() > 1 && matches!(more, Trouble::Late) {
                    continue;
                }
                let tracker = Shared::default();
                let fake = serve(&tracker, all.clone())?;
                let ids = run(&fake).map_err(|fault| format!("{all:?}: {fault}"))?;
                assert_eq!(ids.len(), 3, "{all:?}");
                assert_eq!(there(&tracker), expected, "{all:?}");
            }
        }
    }
    Ok(())
}

#[test]
fn a_ticket_that_does_not_become_what_it_should_is_taken_back_and_refused()
-> Result<(), Box<dyn std::error::Error>> {
    let refused =
        |forgets: &'static [&'static str], change: Value| -> Result<(String, String, Vec<String>), Fault> {
            let tracker = Arc::new(Mutex::new(Tracker { forgets, ..Tracker::default() }));
            let fake = serve(&tracker, Vec::new()).map_err(|error| Fault::never(error.to_string()))?;
            let mut record = json!({ "queue": "Support", "subject": "x", "status": "open", "priority": 7 });
            if let (Some(record), Some(change)) = (record.as_object_mut(), change.as_object()) {
                record.extend(change.clone());
            }
            match open(&fake)?.write("ticket", &[draft("ticket:1", &record)])?.as_slice() {
                [Answer::Refused { field, code, .. }] => Ok((field.clone(), code.clone(), there(&tracker))),
                other => Err(Fault::never(format!("{other:?}"))),
            }
        };
    let cases = [
        (&["Priority"][..], json!({}), "priority", "not-kept"),
        (&["Created"], json!({ "created": "2019-01-01T00:00:00Z" }), "created", "not-kept"),
        (&[], json!({ "status": "closed" }), "status", "not-kept"),
        (&[], json!({ "custom.Area": "Nope" }), "custom.Area", "unknown-option"),
        (&[], json!({ "custom.Colour": "red" }), "custom.Colour", "unknown-field"),
        (&[], json!({ "owner": "grace" }), "owner", "dangling"),
        (&[], json!({ "created": "2019-01-01" }), "created", "other-type"),
        (&[], json!({ "subject": "ä".repeat(201) }), "subject", "too-long"),
        (&[], json!({ "priority": "high" }), "priority", "other-type"),
    ];
    for (forgets, change, field, code) in cases {
        let expected = (field.to_owned(), code.to_owned(), Vec::new());
        assert_eq!(refused(forgets, change.clone())?, expected, "{change}");
    }
    let tracker = Shared::default();
    let fake = serve(&tracker, Vec::new())?;
    // What a new ticket cannot have it gets afterwards, by way of where work begins.
    let stalled = draft("ticket:1", &json!({ "queue": "Support", "subject": "x", "status": "stalled" }));
    let answers = open(&fake)?.write("ticket", &[stalled])?;
    assert!(matches!(answers.as_slice(), [Answer::Done { .. }]), "{answers:?}");
    let status = tracker
        .lock()
        .map(|tracker| tracker.tickets.get(&1).and_then(|ticket| ticket.columns.get("Status").cloned()));
    assert_eq!(status.ok().flatten(), Some(json!("stalled")));
    let tracker = Shared::default();
    let fake = serve(&tracker, Vec::new())?;
    let mut whole = draft("ticket:1", &json!({ "queue": "Support", "subject": "x", "status": "open" }));
    whole.parts = vec![said("Comment", "fine"), said("Comment", "refused")];
    let answers = open(&fake)?.write("ticket", &[whole])?;
    assert!(
        matches!(answers.as_slice(), [Answer::Refused { why, .. }] if why.starts_with("c:refused: ")),
        "{answers:?}"
    );
    assert_eq!(there(&tracker), [""; 0], "whole or not at all");
    Ok(())
}

#[test]
fn the_promises_of_connectors_are_kept() -> Result<(), Box<dyn std::error::Error>> {
    let tracker = Shared::default();
    let fake = serve(&tracker, Vec::new())?;
    {
        let mut tracker = tracker.lock().unwrap_or_else(PoisonError::into_inner);
        for id in [1, 2, 3, 5, 6, 9] {
            let status = if matches!(id, 2 | 9) { "deleted" } else { "open" };
            let columns = json!({ "Subject": format!("ticket {id}"), "Status": status })
                .as_object()
                .cloned()
                .unwrap_or_default();
            tracker
                .tickets
                .insert(id, Ticket { columns, merged_into: (id == 3).then_some(1), ..Ticket::default() });
        }
    }
    let mut connector = open(&fake)?;
    let mut chunk = Chunk::default();
    connector.read("ticket", &Cursor::start(), 100, &mut chunk)?;
    let ids: Vec<Value> = chunk
        .records()
        .filter_map(|record| Some(serde_json::from_str::<Value>(record).ok()?["id"].clone()))
        .collect();
    assert_eq!(ids, ["1", "2", "5", "6"], "deleted ones are there, merged ones are not");
    // The last one is deleted, too: only asking shows it.
    connector.read("ticket", &chunk.next().cloned().unwrap_or_default(), 100, &mut chunk)?;
    assert!(chunk.records().any(|record| record.contains("\"id\":\"9\"")));
    tracker.lock().unwrap_or_else(PoisonError::into_inner).tickets.clear();
    let trial = Trial {
        reads: vec![("ticket".to_owned(), 0, 0)],
        writes: vec![("ticket".to_owned(), drafts())],
        refused: vec![("ticket".to_owned(), draft("ticket:9", &json!({ "queue": "Nowhere" })))],
        change: Some(("ticket".to_owned(), "{\"subject\":\"new\",\"priority\":4}".to_owned())),
        ..Trial::default()
    };
    let mut make = || Ok(Box::new(open(&fake)?) as Box<dyn Connector>);
    assert_eq!(broken_promises(&mut make, &trial), [""; 0]);
    Ok(())
}

#[test]
fn a_mark_twice_in_a_batch_is_one_ticket_and_an_answered_ticket_stays()
-> Result<(), Box<dyn std::error::Error>> {
    let tracker = Shared::default();
    let fake = serve(&tracker, Vec::new())?;
    let mut connector = open(&fake)?;
    let twice = draft("ticket:1", &json!({ "queue": "Support", "subject": "x", "status": "open" }));
    let answers = connector.write("ticket", &[twice.clone(), twice])?;
    let known = Answer::Known { id: "1".to_owned() };
    assert_eq!(answers, [Answer::Done { id: "1".to_owned(), parts: Vec::new() }, known]);
    let answer = connector.set("ticket", "1", "{\"status\":\"rejected\"}")?;
    assert!(
        matches!(&answer, Answer::Refused { field, code, why } if field == "status" && code == "not-kept" && why.contains("no such step"))
    );
    {
        let mut tracker = tracker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ticket) = tracker.tickets.get_mut(&1) {
            ticket.said.push((99, "Correspond", "ada", "thanks".to_owned()));
        }
    }
    assert_eq!(
        connector.undo("ticket", "1")?,
        Undone::Kept { why: "somebody answered in the new desk".to_owned() }
    );
    assert_eq!(connector.undo("ticket", "77")?, Undone::Gone);
    assert_eq!(connector.silence()?, Silence::Unknown, "a counter that may not exist never shows 0");
    Ok(())
}
