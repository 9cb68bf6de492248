//! Reading, by the names of the catalog.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::ask::{Limit, Object, PAGE, encoded, id_of, items, number, text};
use super::{RequestTracker, fields, unknown_kind};
use crate::fault::Fault;
use crate::read::{Chunk, Cursor, Unread};

/// Columns of a ticket that search gives.
const TICKET: &str = "Subject,Status,Type,Priority,InitialPriority,FinalPriority,Owner,Creator,LastUpdatedBy,Requestor,Cc,AdminCc,SLA,\
    Created,LastUpdated,Starts,Started,Told,Due,Resolved,TimeWorked,TimeEstimated,TimeLeft,Queue,CustomFields,_hyperlinks";
/// What the server writes for a time that is not set.
const NEVER: &str = "1970-01-01T00:00:00Z";
/// Search hides deleted tickets. Behind the last one that it shows, so many numbers are asked for one by one.
const BEHIND: u64 = 20;

const SAID: &[&str] = &["Create", "Correspond", "Comment"];
const CHANGED: &[&str] = &[
    "Status",
    "Set",
    "CustomField",
    "AddWatcher",
    "DelWatcher",
    "AddLink",
    "DeleteLink",
    "Take",
    "Untake",
    "Steal",
    "Force",
    "Give",
    "SetWatcher",
];

impl RequestTracker {
    /// How many records of a kind there are, as far as the server tells: deleted tickets, which can be read, are not counted.
    pub(super) fn total(&mut self, kind: &str) -> Result<Option<u64>, Fault> {
        let limits = |types: &[&'static str]| -> Vec<Limit<'static>> {
            let types = types.iter().map(|of| ("Type", "=", *of));
            std::iter::once(("ObjectType", "=", "RT::Ticket")).chain(types).collect()
        };
        let total = match kind {
            "ticket" => number(self.ask.tickets("id > 0", "id", 1)?.get("total")),
            "history" => Some(self.ask.total("transactions", &limits(CHANGED))?),
            // Each new ticket says something by itself, and parts of mails are no files: such totals would compare with nothing.
            "comment" | "attachment" => None,
            "user" | "queue" | "group" | "custom_field" => {
                let (of, limits) = listed(kind)?;
                let hidden = u64::from(kind == "user");
                Some(self.ask.total(of, &limits)?.saturating_sub(hidden))
            }
            _ => return Err(unknown_kind(kind)),
        };
        Ok(total)
    }

    /// Tickets in the order of their numbers. The cursor is the last number that is done.
    pub(super) fn read_tickets(&mut self, from: &Cursor, most: usize, into: &mut Chunk) -> Result<(), Fault> {
        let mut done = number_of(from)?;
        let most = most.clamp(1, PAGE);
        let page = self.ask.tickets(&format!("id > {done}"), TICKET, most)?;
        let found: BTreeMap<u64, &Object> =
            items(&page).filter_map(|ticket| Some((number(ticket.get("id"))?, ticket))).collect();
        let last = found.keys().next_back().copied();
        let end = last.unwrap_or(done + BEHIND);
        // Numbers that search left out are merged, deleted or were never given.
        while done < end {
            done += 1;
            if let Some(ticket) = found.get(&done) {
                let line = self.ticket_line(ticket)?;
                into.push(&line.to_string());
            } else if let Some(ticket) = self.ask.get(&format!("ticket/{done}"), &[])?
                && number(ticket.get("id")) == Some(done)
                && text(&ticket, "Status") == Some("deleted")
            {
                let line = self.ticket_line(&ticket)?;
                into.push(&line.to_string());
            }
            if into.len() >= most && done < end {
                into.end(Some(Cursor(done.to_string())));
                return Ok(());
            }
        }
        into.end((last.is_some() || !into.is_empty()).then(|| Cursor(done.to_string())));
        Ok(())
    }

    /// Links between tickets. The server gives them no ids: theirs are made of what tells them apart.
    pub(super) fn read_links(&mut self, from: &Cursor, most: usize, into: &mut Chunk) -> Result<(), Fault> {
        let mut done = number_of(from)?;
        let page = self.ask.tickets(&format!("id > {done}"), TICKET, most.clamp(1, PAGE))?;
        let found: BTreeMap<u64, &Object> =
            items(&page).filter_map(|ticket| Some((number(ticket.get("id"))?, ticket))).collect();
        let Some(last) = found.keys().next_back().copied() else {
            into.end(None);
            return Ok(());
        };
        let mut push = |base: u64, of: &str, target: &Value| {
            let target = target.as_str().map_or_else(|| target.to_string(), str::to_owned);
            let link =
                json!({ "id": format!("{base} {of} {target}"), "base": base, "type": of, "target": target });
            into.push(&link.to_string());
        };
        while done < last {
            done += 1;
            if let Some(ticket) = found.get(&done) {
                let fields = self.standard_fields(ticket)?;
                for (field, of) in
                    [("depends_on", "DependsOn"), ("member_of", "MemberOf"), ("refers_to", "RefersTo")]
                {
                    for target in fields.get(field).and_then(Value::as_array).into_iter().flatten() {
                        push(done, of, target);
                    }
                }
            } else if let Some(ticket) = self.ask.get(&format!("ticket/{done}"), &[])?
                && let Some(target) = number(ticket.get("id")).filter(|target| *target != done)
            {
                // A ticket that answers under another number was merged into that one.
                push(done, "MergedInto", &target.into());
            }
        }
        into.end(Some(Cursor(done.to_string())));
        Ok(())
    }

    fn ticket_line(&mut self, ticket: &Object) -> Result<Value, Fault> {
        let mut line = self.standard_fields(ticket)?;
        for (field, column) in [("told", "Told"), ("last_updated", "LastUpdated")] {
            line.insert(field.to_owned(), moment(ticket, column).into());
        }
        line.insert("last_updated_by".to_owned(), person(ticket.get("LastUpdatedBy")).into());
        line.insert("custom_fields".to_owned(), Value::Object(self.custom_fields(ticket)?));
        Ok(Value::Object(line))
    }

    /// Custom fields by id: a value, or a list where the field takes several. Only those that hold any.
    fn custom_fields(&mut self, record: &Object) -> Result<Object, Fault> {
        let mut held = BTreeMap::new();
        for (field, values) in held_values(record) {
            let Some(id) = id_of(field) else { continue };
            held.insert(id.clone(), self.one_or_all(&id, values)?);
        }
        Ok(held.into_iter().collect())
    }

    /// The value of a custom field that takes one, or the list of one that takes several.
    pub(super) fn one_or_all(&mut self, id: &str, values: Vec<String>) -> Result<Value, Fault> {
        Ok(if self.takes_one(id)? { values.into_iter().next().into() } else { values.into() })
    }

    fn takes_one(&mut self, id: &str) -> Result<bool, Fault> {
        if let Some(single) = self.single.get(id) {
            return Ok(*single);
        }
        let field = self.ask.get(&format!("customfield/{}", encoded(id)), &[])?.unwrap_or_default();
        let single = number(field.get("MaxValues")) == Some(1);
        self.single.insert(id.to_owned(), single);
        Ok(single)
    }

    pub(super) fn queue_name(&mut self, id: &str) -> Result<String, Fault> {
        if let Some(name) = self.queue_names.get(id) {
            return Ok(name.clone());
        }
        let queue = self.ask.get(&format!("queue/{}", encoded(id)), &[])?;
        let name = queue.as_ref().and_then(|queue| text(queue, "Name")).unwrap_or(id).to_owned();
        self.queue_names.insert(id.to_owned(), name.clone());
        Ok(name)
    }

    /// What was said on tickets, or what else happened to them, in the order of its numbers.
    pub(super) fn read_transactions(
        &mut self,
        kind: &str,
        from: &Cursor,
        most: usize,
        into: &mut Chunk,
    ) -> Result<(), Fault> {
        let said = kind == "comment";
        let page = self.transactions(if said { SAID } else { CHANGED }, from, most)?;
        let parts = if said { self.parts(&page)? } else { Parts::default() };
        let tickets = self.tickets_of(&page)?;
        for transaction in items(&page) {
            let Some(id) = number(transaction.get("id")) else { continue };
            let mut line = json!({
                "id": id, "ticket": tickets.get(&object_id(transaction)), "type": transaction.get("Type"),
                "author": person(transaction.get("Creator")), "created": moment(transaction, "Created"),
            });
            let Some(line) = line.as_object_mut() else { continue };
            if said {
                let body = parts.body(transaction);
                let content = body.map(|(part, _)| self.content(part)).transpose()?;
                line.insert("time_taken".to_owned(), whole(transaction.get("TimeTaken")).into());
                line.insert("attachments".to_owned(), parts.files(transaction).map(|(id, ..)| id).collect());
                line.insert("content_type".to_owned(), body.map(|(_, of)| of.to_owned()).into());
                match content.map(String::from_utf8) {
                    None => line.insert("content".to_owned(), Value::Null),
                    Some(Ok(content)) => line.insert("content".to_owned(), content.into()),
                    Some(Err(_)) => {
                        let why = "the text of what was said is not UTF-8".to_owned();
                        into.unread(Unread { at: format!("transaction/{id}"), code: "not-utf8", why });
                        continue;
                    }
                };
            } else {
                for (field, column) in [("field", "Field"), ("old", "OldValue"), ("new", "NewValue")] {
                    line.insert(field.to_owned(), text(transaction, column).into());
                }
            }
            into.push(&Value::Object(line.clone()).to_string());
        }
        into.end(after(&page));
        Ok(())
    }

    /// Files of what was said. The cursor is the last transaction that is done.
    pub(super) fn read_attachments(
        &mut self,
        from: &Cursor,
        most: usize,
        into: &mut Chunk,
    ) -> Result<(), Fault> {
        let mut from = from.clone();
        loop {
            // Files come with their bytes, so that a chunk holds few.
            let page = self.transactions(SAID, &from, most.min(20))?;
            let parts = self.parts(&page)?;
            let tickets = self.tickets_of(&page)?;
            for transaction in items(&page) {
                self.files(transaction, tickets.get(&object_id(transaction)), &parts, into)?;
            }
            let next = after(&page);
            match next {
                Some(next) if into.is_empty() => from = next,
                next => {
                    into.end(next);
                    return Ok(());
                }
            }
        }
    }

    fn files(
        &self,
        transaction: &Object,
        ticket: Option<&String>,
        parts: &Parts,
        into: &mut Chunk,
    ) -> Result<(), Fault> {
        for (id, of, name) in parts.files(transaction) {
            let Some(part) = self.ask.get(&format!("attachment/{id}"), &[])? else { continue };
            let content = text(&part, "Content").unwrap_or_default().replace(['\n', '\r'], "");
            let padding = content.bytes().rev().take_while(|byte| *byte == b'=').count();
            let size = (content.len() / 4 * 3).saturating_sub(padding);
            let line = json!({
                "id": id, "ticket": ticket, "transaction": number(transaction.get("id")),
                "filename": name, "content_type": of, "size": size, "created": moment(transaction, "Created"), "content": content,
            });
            into.push(&line.to_string());
        }
        Ok(())
    }

    fn transactions(&self, types: &[&str], from: &Cursor, most: usize) -> Result<Object, Fault> {
        let done = number_of(from)?.to_string();
        let mut limits = vec![("ObjectType", "=", "RT::Ticket"), ("id", ">", done.as_str())];
        limits.extend(types.iter().map(|of| ("Type", "=", *of)));
        let page = most.clamp(1, PAGE).to_string();
        let fields = "Type,Creator,Created,ObjectId,TimeTaken,Field,OldValue,NewValue,_hyperlinks";
        self.ask.search(
            "transactions",
            &limits,
            &[("fields", fields), ("orderby", "id"), ("per_page", &page)],
        )
    }

    /// The tickets on which something was said, by the number that stands there: of a ticket that was merged into another, that other one.
    fn tickets_of(&self, page: &Object) -> Result<BTreeMap<String, String>, Fault> {
        let mut tickets: BTreeMap<String, String> = BTreeMap::new();
        for transaction in items(page) {
            tickets.insert(object_id(transaction), String::new());
        }
        let query: Vec<String> = tickets.keys().map(|id| format!("id = {id}")).collect();
        if query.is_empty() {
            return Ok(tickets);
        }
        let found = self.ask.tickets(&query.join(" OR "), "id", PAGE)?;
        for id in items(&found).filter_map(id_of) {
            tickets.insert(id.clone(), id);
        }
        // Search shows neither merged nor deleted ones.
        for (id, ticket) in tickets.iter_mut().filter(|(_, ticket)| ticket.is_empty()) {
            let known = self.ask.get(&format!("ticket/{id}"), &[])?;
            *ticket = known.as_ref().and_then(id_of).unwrap_or_else(|| id.clone());
        }
        Ok(tickets)
    }

    /// What kind of part each attachment of these transactions is.
    fn parts(&self, page: &Object) -> Result<Parts, Fault> {
        let ids: Vec<u64> = items(page).flat_map(attachments).collect();
        let (Some(first), Some(last)) = (ids.iter().min(), ids.iter().max()) else {
            return Ok(Parts::default());
        };
        let mut parts = Parts::default();
        let mut done = first.saturating_sub(1);
        while done < *last {
            let from = done.to_string();
            // Not also an end: of two conditions on one column the server asks for one of both.
            let limits = [("id", ">", from.as_str())];
            let query = [("fields", "ContentType,Filename"), ("orderby", "id"), ("per_page", "100")];
            let found = self.ask.search("attachments", &limits, &query)?;
            let before = done;
            for part in items(&found) {
                let Some(id) = number(part.get("id")) else { continue };
                done = done.max(id);
                let of = text(part, "ContentType").unwrap_or("application/octet-stream").to_owned();
                parts.by_id.insert(id, (of, text(part, "Filename").map(str::to_owned)));
            }
            if done == before {
                break;
            }
        }
        Ok(parts)
    }

    /// Bytes of an attachment.
    pub(super) fn content(&self, id: u64) -> Result<Vec<u8>, Fault> {
        let part = self.ask.get(&format!("attachment/{id}"), &[])?.unwrap_or_default();
        decoded(text(&part, "Content").unwrap_or_default()).ok_or_else(|| {
            Fault::never(format!("what Request Tracker sends as attachment {id} is not base64"))
        })
    }

    /// People, queues, groups and fields, in the order of the server's own numbers. The cursor is how many are done.
    pub(super) fn read_listed(
        &mut self,
        kind: &str,
        from: &Cursor,
        most: usize,
        into: &mut Chunk,
    ) -> Result<(), Fault> {
        let mut done = number_of(from)?;
        let (of, limits) = listed(kind)?;
        loop {
            let page = (done / PAGE as u64 + 1).to_string();
            let query = [
                ("orderby", "id"),
                ("per_page", "100"),
                ("page", page.as_str()),
                ("find_disabled_rows", "1"),
            ];
            let found = self.ask.search(of, &limits, &query)?;
            let skip = usize::try_from(done % PAGE as u64).unwrap_or(0);
            let before = done;
            for item in items(&found).skip(skip).take(most.max(1)) {
                done += 1;
                let Some(id) = id_of(item).filter(|id| !(kind == "user" && id == "Nobody")) else { continue };
                // What is gone since the list was made was never there for who reads now.
                let Some(record) = self.ask.get(&path_of(kind, &id), &[])? else { continue };
                let line = match kind {
                    "user" => self.user_line(&record)?,
                    "queue" => queue_line(&record),
                    "group" => self.group_line(&record)?,
                    _ => field_line(&record),
                };
                into.push(&line.to_string());
            }
            let more = done > before && done < number(found.get("total")).unwrap_or(0);
            if !more || !into.is_empty() {
                into.end(more.then(|| Cursor(done.to_string())));
                return Ok(());
            }
        }
    }

    /// Something that has a name, by its name or id.
    pub(super) fn named(&self, kind: &str, name: &str) -> Result<Option<Object>, Fault> {
        let (of, mut limits) = listed(kind)?;
        if matches!(kind, "user" | "queue") || name.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.ask.get(&path_of(kind, name), &[]);
        }
        // These are only known by id to the server.
        limits.push(("Name", "=", name));
        let found = self.ask.search(of, &limits, &[("find_disabled_rows", "1")])?;
        let Some(id) = items(&found).find_map(id_of) else { return Ok(None) };
        self.ask.get(&path_of(kind, &id), &[])
    }

    fn user_line(&mut self, record: &Object) -> Result<Value, Fault> {
        let mut line = self.user_fields(record);
        // The word of every catalog for it.
        line.insert("active".to_owned(), (!is_set(record, "Disabled")).into());
        line.insert("custom_fields".to_owned(), Value::Object(self.custom_fields(record)?));
        Ok(dated(line, record))
    }

    fn group_line(&self, group: &Object) -> Result<Value, Fault> {
        let mut members = Vec::new();
        for member in
            group.get("Members").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
        {
            let Some(id) = id_of(member) else { continue };
            let person = match text(member, "type") {
                Some("user") => self.ask.get(&format!("user/{}", encoded(&id)), &[])?,
                _ => None,
            };
            members.push(person.as_ref().and_then(|person| text(person, "Name")).map_or(id, str::to_owned));
        }
        members.sort();
        let mut line = fields::named(group);
        line.insert("members".to_owned(), members.into());
        Ok(dated(line, group))
    }
}

/// A record with its times.
fn dated(mut line: Object, record: &Object) -> Value {
    for (field, column) in [("created", "Created"), ("last_updated", "LastUpdated")] {
        line.insert(field.to_owned(), moment(record, column).into());
    }
    Value::Object(line)
}

/// What kind of part each attachment is.
#[derive(Default)]
struct Parts {
    by_id: BTreeMap<u64, (String, Option<String>)>,
}

impl Parts {
    fn of<'a>(&'a self, transaction: &'a Object) -> impl Iterator<Item = (u64, &'a str, Option<&'a str>)> {
        let mut ids: Vec<u64> = attachments(transaction).collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|id| {
            let (of, name) = self.by_id.get(&id)?;
            Some((id, of.as_str(), name.as_deref()))
        })
    }

    /// Files: neither the text nor what only holds others.
    fn files<'a>(&'a self, transaction: &'a Object) -> impl Iterator<Item = (u64, &'a str, Option<&'a str>)> {
        let body = self.body(transaction).map(|(id, _)| id);
        self.of(transaction).filter(move |(id, of, _)| Some(*id) != body && !of.starts_with("multipart/"))
    }

    /// The text of a transaction: the first part that is one and no file. An empty multipart precedes each text that has files beside it.
    fn body<'a>(&'a self, transaction: &'a Object) -> Option<(u64, &'a str)> {
        self.of(transaction)
            .find(|(_, of, name)| of.starts_with("text/") && name.is_none())
            .map(|(id, of, _)| (id, of))
    }
}

/// The number of the ticket of a transaction, as it stands there.
fn object_id(transaction: &Object) -> String {
    number(transaction.get("ObjectId")).unwrap_or(0).to_string()
}

/// Numbers of the attachments of a transaction; the server only gives their addresses.
pub(super) fn attachments(transaction: &Object) -> impl Iterator<Item = u64> {
    let links = transaction.get("_hyperlinks").and_then(Value::as_array).into_iter().flatten();
    links
        .filter_map(Value::as_object)
        .filter(|link| text(link, "ref") == Some("attachment"))
        .filter_map(|link| text(link, "_url")?.rsplit('/').next()?.parse().ok())
}

/// Where a record stands.
fn path_of(kind: &str, id: &str) -> String {
    format!("{}/{}", kind.replace('_', ""), encoded(id))
}

/// Where a page of a list that is read by number ends.
fn after(page: &Object) -> Option<Cursor> {
    let last = items(page).filter_map(|item| number(item.get("id"))).max()?;
    let more = number(page.get("total")).unwrap_or(0) > items(page).count() as u64;
    more.then(|| Cursor(last.to_string()))
}

fn number_of(cursor: &Cursor) -> Result<u64, Fault> {
    if cursor.is_start() {
        return Ok(0);
    }
    let wrong = || Fault::never("the place at which reading should go on is not one of a Request Tracker");
    cursor.0.parse().map_err(|_| wrong())
}

/// The collection of a kind, and the conditions that leave out what belongs to the system itself.
fn listed(kind: &str) -> Result<(&'static str, Vec<Limit<'static>>), Fault> {
    match kind {
        "user" => Ok(("users", vec![("id", ">", "0")])),
        "queue" => Ok(("queues", vec![("id", ">", "0")])),
        "group" => Ok(("groups", vec![("Domain", "=", "UserDefined")])),
        "custom_field" => Ok(("customfields", vec![("id", ">", "0")])),
        _ => Err(unknown_kind(kind)),
    }
}

fn queue_line(queue: &Object) -> Value {
    let mut line = fields::named(queue);
    for (field, column) in
        [("correspond_address", "CorrespondAddress"), ("comment_address", "CommentAddress")]
    {
        line.insert(field.to_owned(), text(queue, column).into());
    }
    line.insert("sla_disabled".to_owned(), is_set(queue, "SLADisabled").into());
    dated(line, queue)
}

fn field_line(field: &Object) -> Value {
    let single = number(field.get("MaxValues")) == Some(1);
    let of = format!("{}{}", text(field, "Type").unwrap_or_default(), if single { "" } else { "Multiple" });
    let mut line = fields::named(field);
    line.insert("id".to_owned(), id_of(field).into());
    line.insert("type".to_owned(), of.into());
    line.insert("max_values".to_owned(), number(field.get("MaxValues")).into());
    line.insert("lookup_type".to_owned(), text(field, "LookupType").into());
    line.insert("values".to_owned(), field.get("Values").cloned().unwrap_or_else(|| json!([])));
    dated(line, field)
}

/// Custom fields that hold something, with their values.
pub(super) fn held_values(record: &Object) -> impl Iterator<Item = (&Object, Vec<String>)> {
    let fields = record.get("CustomFields").and_then(Value::as_array).into_iter().flatten();
    fields.filter_map(Value::as_object).filter_map(|field| {
        let values = field.get("values").and_then(Value::as_array)?.iter();
        let values: Vec<String> = values.filter_map(|value| value.as_str().map(str::to_owned)).collect();
        (!values.is_empty()).then_some((field, values))
    })
}

/// The name in a reference to a person; `None` for nobody.
pub(super) fn person(reference: Option<&Value>) -> Option<String> {
    id_of(reference?.as_object()?).filter(|name| name != "Nobody")
}

/// The names in a list of references, sorted.
pub(super) fn people(references: Option<&Value>) -> Vec<String> {
    let mut names: Vec<_> = references
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|one| person(Some(one)))
        .collect();
    names.sort();
    names
}

/// A time; `None` when it is not set.
pub(super) fn moment<'a>(record: &'a Object, column: &str) -> Option<&'a str> {
    text(record, column).filter(|at| *at != NEVER)
}

pub(super) fn whole(value: Option<&Value>) -> i64 {
    match value {
        Some(Value::Number(number)) => number.as_i64().unwrap_or(0),
        Some(Value::String(text)) => text.parse().unwrap_or(0),
        _ => 0,
    }
}

pub(super) fn is_set(record: &Object, column: &str) -> bool {
    whole(record.get(column)) == 1 || record.get(column) == Some(&Value::Bool(true))
}

/// Bytes of a base64 text, line ends ignored.
pub(super) fn decoded(base64: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(base64.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in base64.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' | b'\n' | b'\r' => continue,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xFF_FFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xFF).ok()?);
        }
    }
    Some(out)
}

/// Bytes as a base64 text.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let at = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let six = usize::try_from(bits >> (18 - 6 * digit) & 63).unwrap_or(0);
            let letter = ALPHABET.get(six).copied().unwrap_or(b'A');
            out.push(if digit > three.len() as u32 { '=' } else { char::from(letter) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{base64, decoded};

    #[test]
    fn bytes_survive_base64() {
        assert_eq!(base64(b"hello"), "aGVsbG8=");
        for length in 0..70_u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            assert_eq!(decoded(&base64(&bytes)), Some(bytes));
        }
        assert_eq!(decoded("a GV"), None);
        assert_eq!(decoded("aGVs\nbG8=").as_deref(), Some(b"hello".as_slice()));
    }
}
