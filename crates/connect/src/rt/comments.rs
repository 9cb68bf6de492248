//! What is said on tickets that are there already, one by one, with its files.
//!
//! The server keeps no foreign id of a transaction by itself: a custom field of transactions holds the mark, which has the name of the one
//! of tickets.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};

use super::RequestTracker;
use super::ask::{Object, Told, encoded, id_of, items, number, quoted, text};
use super::fields::{Refusal, sent_time};
use super::said::spoken;
use super::source::{attachments, decoded, moment, person, whole};
use crate::fault::{Effect, Fault};
use crate::write::{Answer, Draft, Part};

/// Custom fields of what happens to tickets.
const OF_TRANSACTIONS: &str = "RT::Queue-RT::Ticket-RT::Transaction";

impl RequestTracker {
    pub(super) fn write_comments(&mut self, batch: &[Draft]) -> Result<Vec<Answer>, Fault> {
        let mark = self.comment_mark()?;
        let marks: Vec<&str> = batch.iter().map(|draft| draft.mark.as_str()).collect();
        let mut known = match &mark {
            Some(mark) => self.said_already(mark, &marks)?,
            None => BTreeMap::new(),
        };
        super::one_by_one(batch, |draft| {
            if let Some(id) = known.get(&draft.mark) {
                return Ok(Answer::Known { id: id.clone() });
            }
            let answer = self.write_comment(draft, mark.as_deref())?;
            if let Answer::Done { id, .. } = &answer {
                known.insert(draft.mark.clone(), id.clone());
            }
            Ok(answer)
        })
    }

    fn write_comment(&mut self, draft: &Draft, mark: Option<&str>) -> Result<Answer, Fault> {
        let Ok(mut record) = serde_json::from_str::<Object>(&draft.record) else {
            return Ok(Refusal::new("", "not-json", "the record is not one JSON object").answer());
        };
        let ticket = match record.remove("ticket") {
            Some(Value::String(id)) => id,
            Some(Value::Number(id)) => id.to_string(),
            _ => return Ok(Refusal::new("ticket", "missing", "what is said belongs to a ticket").answer()),
        };
        let Some(before) = self.ticket(&ticket)? else {
            return Ok(Refusal::new("ticket", "dangling", "there is no such ticket").answer());
        };
        let part = Part {
            kind: "comment".to_owned(),
            mark: draft.mark.clone(),
            record: Value::Object(record).to_string(),
        };
        let mut said = match spoken(&part, &draft.parts, self.desk.contents.as_ref())? {
            Ok(said) => said,
            Err(refusal) => return Ok(refusal.answer()),
        };
        if let Some(body) = said.body.as_object_mut() {
            if let Some(mark) = mark {
                body.insert("TxnCustomFields".to_owned(), json!({ mark: draft.mark }));
            }
            // What is said opens a ticket again that was over.
            body.insert("Status".to_owned(), text(&before, "Status").into());
        }
        if let Told::No(_, why) = self.ask.post(&format!("ticket/{ticket}/{}", said.path), &said.body)? {
            return Ok(Refusal::new("", "refused", format!("Request Tracker says: {why}")).answer());
        }
        let unsure = |fault: Fault| Fault { effect: Effect::Unknown, ..fault };
        self.as_before(&ticket, &before).map_err(unsure)?;
        let id = match mark {
            Some(mark) => self.said_already(mark, &[&draft.mark]).map_err(unsure)?.remove(&draft.mark),
            None => self.said_on(&ticket, 1).map_err(unsure)?.pop(),
        };
        let Some(id) = id else {
            return Err(Fault {
                effect: Effect::Unknown,
                ..Fault::person(format!(
                    "the custom field {} of transactions does not keep what comments are recognised by: it has to take one value of free text, \
                     and to be applied to the queue",
                    mark.unwrap_or_default()
                ))
            });
        };
        let parts = if draft.parts.is_empty() { Vec::new() } else { self.files_of(&id).map_err(unsure)? };
        Ok(Answer::Done { id, parts: if parts.len() == draft.parts.len() { parts } else { Vec::new() } })
    }

    /// Gives a ticket back the times that it had before something was said on it.
    fn as_before(&self, id: &str, before: &Object) -> Result<(), Fault> {
        let Some(now) = self.ticket(id)? else { return Ok(()) };
        let mut back = Object::new();
        if text(&now, "Status") != text(before, "Status") {
            back.insert("Status".to_owned(), text(before, "Status").into());
        }
        let mut times = Object::new();
        for column in ["Started", "Resolved", "Due"] {
            let had = moment(before, column);
            if had != moment(&now, column)
                && let Some((sent, _)) = had.and_then(sent_time)
            {
                times.insert(column.to_owned(), sent.into());
            }
        }
        // A status that ends a ticket dates it now, so that times come behind it.
        for change in [back, times] {
            if !change.is_empty() {
                self.ask.put(&format!("ticket/{id}"), &Value::Object(change))?;
            }
        }
        Ok(())
    }

    /// The id of the custom field that holds the marks of what is said; `None` where there are no marks at all.
    fn comment_mark(&mut self) -> Result<Option<String>, Fault> {
        let Some(name) = self.desk.mark.clone() else { return Ok(None) };
        if let Some(known) = &self.said_mark {
            return Ok(Some(known.clone()));
        }
        let limits = [("LookupType", "=", OF_TRANSACTIONS)];
        let query = [("fields", "Name,LookupType"), ("per_page", "100")];
        let found = self.ask.search("customfields", &limits, &query)?;
        let of_that_name =
            |item: &&Object| text(item, "Name") == Some(&name) || id_of(item).as_deref() == Some(&name);
        let Some(id) = items(&found).find(of_that_name).and_then(id_of) else {
            return Err(Fault::person(format!(
                "there is no custom field `{name}` of transactions, by which comments are recognised: make one that takes one value of free text, \
                 and apply it to all queues"
            )));
        };
        self.said_mark = Some(id.clone());
        Ok(Some(id))
    }

    /// What was said already, of these marks.
    fn said_already(&self, field: &str, marks: &[&str]) -> Result<BTreeMap<String, String>, Fault> {
        let mut found = BTreeMap::new();
        for some in marks.chunks(20) {
            let conditions: Vec<_> =
                some.iter().map(|mark| format!("CF.{{{field}}} = {}", quoted(mark))).collect();
            let page = self.ask.transactions(&conditions.join(" OR "), "CustomFields", super::ask::PAGE)?;
            let mut all: Vec<(u64, &Object)> =
                items(&page).filter_map(|item| Some((number(item.get("id"))?, item))).collect();
            all.sort_by_key(|(id, _)| *id);
            for (id, item) in all {
                for value in super::target::values_of(item, field) {
                    // The server compares without regard to case.
                    if some.contains(&value.as_str()) {
                        found.entry(value).or_insert_with(|| id.to_string());
                    }
                }
            }
        }
        Ok(found)
    }

    pub(super) fn find_comment(&mut self, mark: &str) -> Result<Vec<String>, Fault> {
        let Some(field) = self.comment_mark()? else { return Err(Fault::cannot("look up what it wrote")) };
        Ok(self.said_already(&field, &[mark])?.into_values().collect())
    }

    /// The files of what was said, in their order.
    fn files_of(&self, transaction: &str) -> Result<Vec<String>, Fault> {
        let found = self.ask.get(&format!("transaction/{}", encoded(transaction)), &[])?.unwrap_or_default();
        let mut ids: Vec<u64> = attachments(&found).collect();
        ids.sort_unstable();
        let mut files = Vec::new();
        for id in ids {
            let part =
                self.ask.get(&format!("attachment/{id}"), &[("fields", "Filename")])?.unwrap_or_default();
            if text(&part, "Filename").is_some() {
                files.push(id.to_string());
            }
        }
        Ok(files)
    }

    /// A file, by the names of the catalog.
    pub(super) fn file(&self, id: &str) -> Result<Option<Object>, Fault> {
        let Some(found) = self.ask.get(&format!("attachment/{}", encoded(id)), &[])? else { return Ok(None) };
        let content = text(&found, "Content").unwrap_or_default().replace(['\n', '\r'], "");
        let of = text(&found, "ContentType").map(|of| of.split(';').next().unwrap_or(of).trim());
        let transaction = found.get("TransactionId").and_then(|of| match of {
            Value::Object(of) => id_of(of),
            of => number(Some(of)).map(|of| of.to_string()),
        });
        let fields = json!({
            "id": id, "transaction": transaction, "filename": text(&found, "Filename"), "content_type": of, "content": content,
            "created": moment(&found, "Created"),
        });
        let Value::Object(mut fields) = fields else { return Ok(None) };
        fields.retain(|_, value| !value.is_null());
        Ok(Some(fields))
    }

    /// Writes the bytes of a file; whether there are any.
    pub(super) fn file_bytes(&self, id: &str, into: &mut dyn Write) -> Result<bool, Fault> {
        let Some(found) = self.ask.get(&format!("attachment/{}", encoded(id)), &[])? else {
            return Ok(false);
        };
        let wrong = || Fault::never(format!("what Request Tracker sends as attachment {id} is not base64"));
        let bytes = decoded(text(&found, "Content").unwrap_or_default()).ok_or_else(wrong)?;
        let failed = |error: std::io::Error| Fault::person(format!("a file cannot be written: {error}"));
        into.write_all(&bytes).map_err(failed)?;
        Ok(true)
    }

    /// What was said, by the names of the catalog.
    pub(super) fn comment(&mut self, id: &str) -> Result<Option<Object>, Fault> {
        let Some(found) = self.ask.get(&format!("transaction/{}", encoded(id)), &[])? else {
            return Ok(None);
        };
        let ticket = found.get("Object").and_then(Value::as_object).and_then(id_of);
        let (mut content, mut subject) = (None, None);
        for part in attachments(&found) {
            let known = self.ask.get(&format!("attachment/{part}"), &[])?.unwrap_or_default();
            if text(&known, "ContentType").is_some_and(|of| of.starts_with("text/"))
                && text(&known, "Filename").is_none()
            {
                content = String::from_utf8(self.content(part)?).ok();
                subject = text(&known, "Subject").map(str::to_owned);
                // The server ends a text with a line end that nobody sent.
                if let Some(content) = &mut content
                    && content.ends_with('\n')
                {
                    content.pop();
                }
                break;
            }
        }
        let fields = json!({
            "id": id, "ticket": ticket, "type": text(&found, "Type"), "author": person(found.get("Creator")), "content": content, "subject": subject,
            "time_taken": whole(found.get("TimeTaken")), "created": moment(&found, "Created"),
        });
        let Value::Object(mut fields) = fields else { return Ok(None) };
        fields.retain(|_, value| !value.is_null());
        Ok(Some(fields))
    }
}
