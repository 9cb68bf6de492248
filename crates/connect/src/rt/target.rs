//! Writing: check, send, read back.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ask::{Object, Told, encoded, id_of, items, number, quoted, text};
use super::fields::{Queue, Refusal, Wanted, column, differences};
use super::said::{Said, said};
use super::source::{held_values, person};
use super::{RequestTracker, after_fault};
use crate::fault::{Effect, Fault};
use crate::write::{Answer, Draft, Part, Undone};

/// Behind the mark of a ticket that has not all its parts yet.
const UNFINISHED: &str = " (unfinished)";

/// The code of a status that a new ticket cannot have.
const NOT_ON_CREATE: &str = "not-on-create";

/// Something that happened to a ticket.
struct Happened {
    id: u64,
    of: String,
    by: Option<String>,
}

/// A ticket that carries a mark.
#[derive(Clone)]
struct Marked {
    id: String,
    finished: bool,
}

impl RequestTracker {
    pub(super) fn write_tickets(&mut self, batch: &[Draft]) -> Result<Vec<Answer>, Fault> {
        let mut marked = self.marked(batch.iter().map(|draft| draft.mark.as_str()))?;
        let mut answers = Vec::with_capacity(batch.len());
        for draft in batch {
            match self.write_ticket(draft, marked.get(&draft.mark).cloned()) {
                Ok(answer) => {
                    if let Answer::Done { id, .. } = &answer
                        && self.desk.mark.is_some()
                    {
                        marked.insert(draft.mark.clone(), Marked { id: id.clone(), finished: true });
                    }
                    answers.push(answer);
                }
                Err(fault) => return after_fault(answers, fault, batch.len()),
            }
        }
        Ok(answers)
    }

    fn write_ticket(&mut self, draft: &Draft, marked: Option<Marked>) -> Result<Answer, Fault> {
        if let Some(Marked { id, finished: true }) = marked {
            return Ok(Answer::Known { id });
        }
        let Ok(record) = serde_json::from_str::<Object>(&draft.record) else {
            return Ok(Refusal::new("", "not-json", "the record is not one JSON object").answer());
        };
        let mut wanted = match self.wanted(&record, None)? {
            Ok(wanted) => wanted,
            Err(refusal) => return Ok(refusal.answer()),
        };
        let said = match said(&draft.parts, &mut wanted, self.desk.contents.as_ref())? {
            Ok(said) => said,
            Err(refusal) => return Ok(refusal.answer()),
        };
        let queue = text(&record, "queue").unwrap_or_default().to_owned();
        let mark = self.mark_field(&queue)?;
        // A due time is often taken away by the level of the queue and has to be set again.
        let unfinished = !said.is_empty() || wanted.values.contains_key("due");
        let (id, done) = match marked {
            Some(Marked { id, .. }) => {
                let done = own(&self.history(&id)?).filter(|happened| happened.of != "Create").count();
                (id, done)
            }
            None => match self.create_in_two(&wanted, mark.as_deref(), &draft.mark, unfinished)? {
                Ok(id) => (id, 0),
                Err(refusal) => return Ok(refusal.answer()),
            },
        };
        // From here on there is a ticket: whatever breaks off leaves something behind.
        self.complete(
            &id,
            &wanted,
            said.get(done..).unwrap_or_default(),
            mark.as_deref(),
            &draft.mark,
            &draft.parts,
        )
        .map_err(|fault| Fault { effect: Effect::Unknown, ..fault })
    }

    /// Adds what is said on a ticket, sees to it that it became what it should, and takes the note off its mark.
    fn complete(
        &mut self,
        id: &str,
        wanted: &Wanted,
        rest: &[Said],
        mark_field: Option<&str>,
        mark: &str,
        parts: &[Part],
    ) -> Result<Answer, Fault> {
        for said in rest {
            if let Told::No(_, why) = self.ask.post(&format!("ticket/{id}/{}", said.path), &said.body)? {
                let why = format!("{}: Request Tracker says: {why}", said.mark);
                return self.give_up(id, Refusal::new("comment", "refused", why));
            }
        }
        let mut ticket =
            self.ticket(id)?.ok_or_else(|| Fault::lost("the ticket that was created is not there"))?;
        let mut other = differences(wanted, &self.ticket_fields(&ticket)?);
        let mut said = Vec::new();
        if !other.is_empty() {
            said = self.correct(id, wanted, &other)?;
        }
        let finished = mark_field.is_none_or(|field| holds(&ticket, field, mark));
        if !finished {
            let field = mark_field.unwrap_or_default();
            self.ask.put(&format!("ticket/{id}"), &json!({ "CustomFields": { field: mark } }))?;
        }
        if !other.is_empty() || !finished {
            ticket =
                self.ticket(id)?.ok_or_else(|| Fault::lost("the ticket that was created is not there"))?;
            other = differences(wanted, &self.ticket_fields(&ticket)?);
        }
        if let Some(field) = other.first() {
            return self.give_up(id, not_kept(field, &said));
        }
        if let Some(field) = mark_field
            && !holds(&ticket, field, mark)
        {
            self.remove(id)?;
            return Err(Fault::person(format!(
                "the custom field {field} does not keep what tickets are recognised by: it has to take one value of free text"
            )));
        }
        let parts = if parts.is_empty() { Vec::new() } else { self.said_on(id, parts.len())? };
        Ok(Answer::Done { id: id.to_owned(), parts })
    }

    /// The transactions of a ticket's parts, in their order.
    pub(super) fn said_on(&self, id: &str, parts: usize) -> Result<Vec<String>, Fault> {
        let history = self.history(id)?;
        let ids: Vec<String> = own(&history).map(|happened| happened.id.to_string()).collect();
        // The first part may be what the ticket was created with.
        let skip = ids.len().saturating_sub(parts);
        Ok(ids.into_iter().skip(skip).collect())
    }

    /// Creates a ticket; one whose status a new ticket cannot have, in the status that its queue begins with. It is changed afterwards.
    fn create_in_two(
        &self,
        wanted: &Wanted,
        mark_field: Option<&str>,
        mark: &str,
        unfinished: bool,
    ) -> Result<Result<String, Refusal>, Fault> {
        match self.create(wanted, mark_field, mark, unfinished)? {
            Err(refusal) if refusal.code == NOT_ON_CREATE => {
                let mut first = wanted.clone();
                first.columns.remove("Status");
                self.create(&first, mark_field, mark, true)
            }
            done => Ok(done),
        }
    }

    fn create(
        &self,
        wanted: &Wanted,
        mark_field: Option<&str>,
        mark: &str,
        unfinished: bool,
    ) -> Result<Result<String, Refusal>, Fault> {
        let mut body = wanted.columns.clone();
        let mut custom = wanted.custom.clone();
        if let Some(field) = mark_field {
            let mark = if unfinished { format!("{mark}{UNFINISHED}") } else { mark.to_owned() };
            custom.insert(field.to_owned(), mark.into());
        }
        body.insert("CustomFields".to_owned(), Value::Object(custom));
        match self.ask.post("ticket", &Value::Object(body))? {
            Told::Yes(answer) => {
                let id = answer.as_object().and_then(id_of);
                id.map(Ok)
                    .ok_or_else(|| Fault::lost("Request Tracker answers success, but not with which ticket"))
            }
            Told::No(403, why) => {
                Ok(Err(Refusal::new("queue", "forbidden", format!("Request Tracker says: {why}"))))
            }
            Told::No(_, why) if why.contains("can not have status") => {
                let why = "a new ticket of this queue cannot have this status";
                Ok(Err(Refusal::new("status", NOT_ON_CREATE, why)))
            }
            Told::No(_, why) => Ok(Err(Refusal::new("", "refused", format!("Request Tracker says: {why}")))),
        }
    }

    /// Sets again what did not become what it should: what was said opens a ticket again, and a level replaces its due time.
    fn correct(&self, id: &str, wanted: &Wanted, other: &[String]) -> Result<Vec<String>, Fault> {
        let path = format!("ticket/{id}");
        let mut said = Vec::new();
        // Whether nothing of it is refused.
        let mut put = |body: Value| -> Result<bool, Fault> {
            let Told::Yes(answer) = self.ask.put(&path, &body)? else { return Ok(false) };
            let lines = answer.as_array().into_iter().flatten();
            let lines: Vec<String> = lines.filter_map(|line| line.as_str().map(str::to_owned)).collect();
            let taken = !lines.iter().any(|line| line.contains("can't"));
            said.extend(lines);
            Ok(taken)
        };
        if other.iter().any(|field| field == "due") && !wanted.values.contains_key("sla") {
            // The queue gave it a level that nobody asked for.
            put(json!({ "SLA": "" }))?;
        }
        if let Some(status) =
            wanted.columns.get("Status").filter(|_| other.iter().any(|field| field == "status"))
            && !put(json!({ "Status": status }))?
            && *status != "open"
        {
            // Many lifecycles lead everywhere from where work begins, and not from where a ticket does.
            put(json!({ "Status": "open" }))?;
            put(json!({ "Status": status }))?;
        }
        // A status that ends a ticket dates it now, so that times come behind it.
        let mut columns = Object::new();
        for field in
            ["started", "resolved", "due", "starts"].into_iter().chain(other.iter().map(String::as_str))
        {
            if let Some(column) = column(field).filter(|column| *column != "Status")
                && let Some(value) = wanted.columns.get(column)
            {
                columns.insert(column.to_owned(), value.clone());
            }
        }
        if !columns.is_empty() {
            put(Value::Object(columns))?;
        }
        if other.iter().any(|field| field.starts_with("custom.")) {
            put(json!({ "CustomFields": wanted.custom }))?;
        }
        Ok(said)
    }

    /// Takes back a ticket that did not become what it should.
    fn give_up(&self, id: &str, refusal: Refusal) -> Result<Answer, Fault> {
        if self.remove(id)? {
            return Ok(refusal.answer());
        }
        Ok(Answer::Unknown {
            why: format!(
                "ticket {id} did not become what it should ({}: {}) and cannot be deleted: its lifecycle has no status `deleted`",
                refusal.field, refusal.why
            ),
        })
    }

    fn remove(&self, id: &str) -> Result<bool, Fault> {
        self.ask.put(&format!("ticket/{id}"), &json!({ "Status": "deleted" }))?;
        let ticket = self.ask.get(&format!("ticket/{id}"), &[])?;
        Ok(ticket.is_none_or(|ticket| text(&ticket, "Status") == Some("deleted")))
    }

    /// A ticket; `None` when there is none, it is deleted, or merged into another.
    pub(super) fn ticket(&self, id: &str) -> Result<Option<Object>, Fault> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        let ticket = self.ask.get(&format!("ticket/{id}"), &[])?;
        Ok(ticket.filter(|ticket| {
            id_of(ticket).as_deref() == Some(id) && text(ticket, "Status") != Some("deleted")
        }))
    }

    /// The id of the custom field of marks, which has to be applied to the queue.
    fn mark_field(&mut self, queue: &str) -> Result<Option<String>, Fault> {
        let Some(name) = self.desk.mark.clone() else { return Ok(None) };
        let fields = self.queue(queue)?.unwrap_or(Queue { custom: BTreeMap::new() }).custom;
        let found = fields.get(&name).or_else(|| fields.values().find(|field| field.id == name));
        found.map(|field| Some(field.id.clone())).ok_or_else(|| {
            Fault::person(format!(
                "the custom field `{name}`, by which tickets are recognised, is not applied to the queue `{queue}`: apply it, or name another"
            ))
        })
    }

    /// Queues in which a ticket could not be recognised again, in a sentence each. One that is not there is somebody else's finding.
    pub(super) fn queues_without_marks(&mut self, queues: &[&str]) -> Result<Vec<String>, Fault> {
        let mut lacks = Vec::new();
        for queue in queues {
            if self.queue(queue)?.is_some()
                && let Err(fault) = self.mark_field(queue)
            {
                lacks.push(fault.why);
            }
        }
        Ok(lacks)
    }

    /// Tickets that carry one of these marks.
    fn marked<'a>(&self, marks: impl Iterator<Item = &'a str>) -> Result<BTreeMap<String, Marked>, Fault> {
        let mut found = BTreeMap::new();
        let Some(field) = &self.desk.mark else { return Ok(found) };
        let marks: Vec<&str> = marks.collect();
        for some in marks.chunks(20) {
            let conditions: Vec<_> = some
                .iter()
                .flat_map(|mark| [(*mark).to_owned(), format!("{mark}{UNFINISHED}")])
                .map(|mark| format!("CF.{{{field}}} = {}", quoted(&mark)))
                .collect();
            let page = self.ask.tickets(&conditions.join(" OR "), "CustomFields", super::ask::PAGE)?;
            for ticket in items(&page) {
                let Some(id) = id_of(ticket) else { continue };
                for value in values_of(ticket, field) {
                    let (mark, finished) = match value.strip_suffix(UNFINISHED) {
                        Some(mark) => (mark.to_owned(), false),
                        None => (value, true),
                    };
                    // The oldest finished one counts; they come in the order of their numbers.
                    let known = found.get(&mark).is_some_and(|known: &Marked| known.finished || !finished);
                    if !known {
                        found.insert(mark, Marked { id: id.clone(), finished });
                    }
                }
            }
        }
        Ok(found)
    }

    pub(super) fn find_ticket(&self, mark: &str) -> Result<Vec<String>, Fault> {
        let Some(field) = &self.desk.mark else { return Err(Fault::cannot("look up what it wrote")) };
        let page = self.ask.tickets(
            &format!("CF.{{{field}}} = {}", quoted(mark)),
            "CustomFields",
            super::ask::PAGE,
        )?;
        // The server compares without regard to case.
        let exact = items(&page).filter(|ticket| values_of(ticket, field).iter().any(|value| value == mark));
        let mut ids: Vec<u64> = exact.filter_map(|ticket| number(ticket.get("id"))).collect();
        ids.sort_unstable();
        Ok(ids.iter().map(u64::to_string).collect())
    }

    pub(super) fn set_ticket(&mut self, id: &str, fields: &str) -> Result<Answer, Fault> {
        let Ok(record) = serde_json::from_str::<Object>(fields) else {
            return Ok(Refusal::new("", "not-json", "the change is not one JSON object").answer());
        };
        let Some(before) = self.ticket(id)? else {
            return Ok(Refusal::new("", "gone", "there is no such ticket").answer());
        };
        let queue = before.get("Queue").and_then(Value::as_object).and_then(id_of).unwrap_or_default();
        let queue = self.queue_name(&queue)?;
        let wanted = match self.wanted(&record, Some(&queue))? {
            Ok(wanted) => wanted,
            Err(refusal) => return Ok(refusal.answer()),
        };
        let mut body = wanted.columns.clone();
        if !wanted.custom.is_empty() {
            body.insert("CustomFields".to_owned(), Value::Object(wanted.custom.clone()));
        }
        let said = match self.ask.put(&format!("ticket/{id}"), &Value::Object(body))? {
            Told::Yes(said) => said,
            Told::No(_, why) => {
                return Ok(Refusal::new("", "refused", format!("Request Tracker says: {why}")).answer());
            }
        };
        let Some(after) = self.ticket(id)? else {
            return Err(Fault::lost("the ticket that was changed is not there"));
        };
        let found = self.ticket_fields(&after)?;
        let said: Vec<_> = said
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|line| line.as_str().map(str::to_owned))
            .collect();
        Ok(match differences(&wanted, &found).first() {
            Some(field) => not_kept(field, &said).answer(),
            None => Answer::Done { id: id.to_owned(), parts: Vec::new() },
        })
    }

    pub(super) fn undo_ticket(&self, id: &str) -> Result<Undone, Fault> {
        let Some(ticket) = self.ask.get(&format!("ticket/{}", encoded(id)), &[])? else {
            return Ok(Undone::Gone);
        };
        if text(&ticket, "Status") == Some("deleted") {
            return Ok(Undone::Gone);
        }
        let kept = |why: &str| Ok(Undone::Kept { why: why.to_owned() });
        if id_of(&ticket).as_deref() != Some(id) {
            return kept("somebody merged it into another ticket");
        }
        let history = self.history(id)?;
        let me =
            history.iter().find(|happened| happened.of == "Create").and_then(|happened| happened.by.clone());
        if history.iter().any(|happened| is_said(happened) && happened.by != me) {
            return kept("somebody answered in the new desk");
        }
        if self.remove(id)? {
            Ok(Undone::Removed)
        } else {
            kept("the lifecycle of its queue has no status `deleted`")
        }
    }

    /// What happened to a ticket, in order.
    fn history(&self, id: &str) -> Result<Vec<Happened>, Fault> {
        let mut all = Vec::new();
        for page in 1.. {
            let page = page.to_string();
            let query = [("fields", "Type,Creator"), ("per_page", "100"), ("page", page.as_str())];
            let found = self.ask.get(&format!("ticket/{id}/history"), &query)?.unwrap_or_default();
            let before = all.len();
            all.extend(items(&found).filter_map(|item| {
                let of = text(item, "Type")?.to_owned();
                Some(Happened { id: number(item.get("id"))?, of, by: person(item.get("Creator")) })
            }));
            if all.len() == before || all.len() as u64 >= number(found.get("total")).unwrap_or(0) {
                break;
            }
        }
        all.sort_by_key(|happened| happened.id);
        Ok(all)
    }

    /// A ticket with what it was created with, by the names of the catalog.
    pub(super) fn whole_ticket(&mut self, id: &str) -> Result<Option<Object>, Fault> {
        let Some(ticket) = self.ticket(id)? else { return Ok(None) };
        let mut fields = self.ticket_fields(&ticket)?;
        let created = self.history(id)?.into_iter().find(|happened| happened.of == "Create");
        let said = created.map(|created| self.comment(&created.id.to_string())).transpose()?.flatten();
        if let Some(content) = said.and_then(|mut said| said.remove("content")) {
            fields.insert("content".to_owned(), content);
        }
        Ok(Some(fields))
    }
}

pub(super) fn not_kept(field: &str, said: &[String]) -> Refusal {
    // What the server says about a field names its values; what it refuses does not.
    let refused = said
        .iter()
        .find(|line| line.contains("can't") || line.contains("isn't a valid") || line.contains("Invalid"));
    let why = if refused.is_some_and(|line| line.contains("status")) {
        "Request Tracker answers success but does not change the status: its lifecycle has no such step"
            .to_owned()
    } else {
        format!("Request Tracker answers success but `{field}` does not hold what was sent")
    };
    Refusal::new(field, "not-kept", why)
}

/// Values of a custom field that is named by name or id.
pub(super) fn values_of(ticket: &Object, field: &str) -> Vec<String> {
    held_values(ticket)
        .filter(|(held, _)| text(held, "name") == Some(field) || id_of(held).as_deref() == Some(field))
        .flat_map(|(_, values)| values)
        .collect()
}

fn holds(ticket: &Object, field: &str, mark: &str) -> bool {
    values_of(ticket, field).iter().any(|value| value == mark)
}

fn is_said(happened: &Happened) -> bool {
    matches!(happened.of.as_str(), "Create" | "Correspond" | "Comment")
}

/// What the caller said, by whom the ticket was created.
fn own(history: &[Happened]) -> impl Iterator<Item = &Happened> {
    let me =
        history.iter().find(|happened| happened.of == "Create").and_then(|happened| happened.by.as_deref());
    history.iter().filter(move |happened| is_said(happened) && happened.by.as_deref() == me)
}
