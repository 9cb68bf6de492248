//! Between the fields of the catalog and the columns of the server.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::RequestTracker;
use super::ask::{Object, encoded, id_of, number, text};
use super::source::{held_values, is_set, moment, people, person, whole};
use crate::fault::Fault;
use crate::write::Answer;

/// A queue, as far as tickets in it need to know.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    /// Custom fields of its tickets, by name.
    pub(super) custom: BTreeMap<String, Custom>,
}

/// A custom field.
#[derive(Clone, Debug)]
pub(super) struct Custom {
    pub(super) id: String,
    /// `Select`, `Freeform`, `DateTime`.
    of: String,
    many: bool,
    /// Its options, where it takes nothing else.
    options: Option<BTreeSet<String>>,
}

/// What a record should become: columns to be sent, and values to be found there afterwards.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) columns: Object,
    /// By id of the field.
    pub(super) custom: Object,
    /// By field of the catalog.
    pub(super) values: BTreeMap<String, Vec<String>>,
}

/// Why a record is not sent.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) field: String,
    pub(super) code: &'static str,
    pub(super) why: String,
}

/// How a column holds a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Whole,
    Time,
    Person,
    People,
    Tickets,
    /// Only sent, and not found in the record afterwards.
    Sent,
}

/// Fields of a ticket, their columns, and whether they can be set afterwards.
const TICKET: &[(&str, &str, Form, bool)] = &[
    ("id", "id", Form::Whole, false),
    ("subject", "Subject", Form::Text, true),
    ("queue", "Queue", Form::Text, true),
    ("owner", "Owner", Form::Person, true),
    ("requestor", "Requestor", Form::People, true),
    ("cc", "Cc", Form::People, true),
    ("admin_cc", "AdminCc", Form::People, true),
    ("status", "Status", Form::Text, true),
    ("priority", "Priority", Form::Whole, true),
    ("initial_priority", "InitialPriority", Form::Whole, false),
    ("final_priority", "FinalPriority", Form::Whole, false),
    ("sla", "SLA", Form::Text, true),
    ("created", "Created", Form::Time, false),
    ("due", "Due", Form::Time, true),
    ("starts", "Starts", Form::Time, true),
    ("started", "Started", Form::Time, true),
    ("resolved", "Resolved", Form::Time, true),
    ("time_worked", "TimeWorked", Form::Whole, true),
    ("time_estimated", "TimeEstimated", Form::Whole, true),
    ("time_left", "TimeLeft", Form::Whole, true),
    ("type", "Type", Form::Text, false),
    ("creator", "Creator", Form::Person, false),
    ("content", "Content", Form::Sent, false),
    ("member_of", "MemberOf", Form::Tickets, true),
    ("depends_on", "DependsOn", Form::Tickets, true),
    ("refers_to", "RefersTo", Form::Tickets, true),
];

/// Fields of a person.
const USER: &[(&str, &str, bool)] = &[
    ("name", "Name", false),
    ("email", "EmailAddress", false),
    ("real_name", "RealName", false),
    ("nick_name", "NickName", false),
    ("organization", "Organization", false),
    ("lang", "Lang", false),
    ("timezone", "Timezone", false),
    ("privileged", "Privileged", true),
    ("disabled", "Disabled", true),
    ("work_phone", "WorkPhone", false),
    ("mobile_phone", "MobilePhone", false),
    ("home_phone", "HomePhone", false),
    ("address", "Address1", false),
    ("comments", "Comments", false),
    ("signature", "Signature", false),
];

/// Longest subject in characters; the server cuts a longer one without a word.
const SUBJECT: usize = 200;

impl Refusal {
    pub(super) fn new(field: &str, code: &'static str, why: impl Into<String>) -> Refusal {
        Refusal { field: field.to_owned(), code, why: why.into() }
    }

    pub(super) fn answer(self) -> Answer {
        Answer::Refused { field: self.field, code: self.code.to_owned(), why: self.why }
    }
}

impl RequestTracker {
    /// What a ticket should become. `queue` is where it is already, when it exists.
    pub(super) fn wanted(
        &mut self,
        record: &Object,
        queue: Option<&str>,
    ) -> Result<Result<Wanted, Refusal>, Fault> {
        let exists = queue.is_some();
        let Some(name) = text(record, "queue").or(queue) else {
            return Ok(Err(Refusal::new("queue", "missing", "a ticket needs a queue")));
        };
        let Some(queue) = self.queue(name)? else {
            return Ok(Err(Refusal::new(
                "queue",
                "dangling",
                "there is no queue of this name that the token may see",
            )));
        };
        let mut wanted = Wanted::default();
        for (field, value) in record {
            if value.is_null() {
                continue;
            }
            if let Some(name) = field.strip_prefix("custom.") {
                let name = self.desk.custom.get(field).map_or(name, String::as_str);
                match custom(&queue, name, value) {
                    Ok((id, sent, values)) => {
                        wanted.custom.insert(id, sent);
                        wanted.values.insert(field.clone(), values);
                    }
                    Err((code, why)) => return Ok(Err(Refusal::new(field, code, why))),
                }
                continue;
            }
            let Some((_, column, form, later)) = TICKET.iter().find(|(name, ..)| name == field) else {
                return Ok(Err(Refusal::new(
                    field,
                    "unknown-field",
                    "a ticket takes no such field over REST 2",
                )));
            };
            if exists && !later {
                return Ok(Err(Refusal::new(field, "read-only", "it can only be given to a new ticket")));
            }
            let (mut sent, mut values) = match column_value(*form, value) {
                Ok(value) => value,
                Err((code, why)) => return Ok(Err(Refusal::new(field, code, why))),
            };
            if field == "subject" && values.iter().any(|subject| subject.chars().count() > SUBJECT) {
                let why = format!(
                    "a subject has at most {SUBJECT} characters; Request Tracker would cut it without a word"
                );
                return Ok(Err(Refusal::new(field, "too-long", why)));
            }
            if matches!(form, Form::Person | Form::People) {
                for person in &mut values {
                    let Some(name) = self.person_named(person)? else {
                        let why =
                            "there is no such person; Request Tracker would leave them out or make a new one";
                        return Ok(Err(Refusal::new(field, "dangling", why)));
                    };
                    *person = name;
                }
                values.sort();
                sent = match form {
                    Form::Person => values.first().map(String::as_str).into(),
                    _ => values.iter().map(String::as_str).collect(),
                };
            }
            wanted.columns.insert((*column).to_owned(), sent);
            if *form == Form::Sent {
                wanted.columns.insert("ContentType".to_owned(), "text/html".into());
            } else {
                wanted.values.insert(field.clone(), values);
            }
        }
        Ok(Ok(wanted))
    }

    /// A queue by its name; `None` when there is none.
    pub(super) fn queue(&mut self, name: &str) -> Result<Option<Queue>, Fault> {
        if let Some(queue) = self.queues.get(name) {
            return Ok(Some(queue.clone()));
        }
        let Some(found) = self.ask.get(&format!("queue/{}", encoded(name)), &[])? else { return Ok(None) };
        let mut custom = BTreeMap::new();
        let fields = found.get("TicketCustomFields").and_then(Value::as_array).into_iter().flatten();
        for field in fields.filter_map(Value::as_object) {
            let (Some(id), Some(name)) = (id_of(field), text(field, "name")) else { continue };
            let known = self.ask.get(&format!("customfield/{}", encoded(&id)), &[])?.unwrap_or_default();
            let of = text(&known, "Type").unwrap_or_default().to_owned();
            let many = number(known.get("MaxValues")) != Some(1);
            let options = known.get("Values").and_then(Value::as_array).filter(|_| of == "Select");
            let options =
                options.map(|all| all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect());
            custom.insert(name.to_owned(), Custom { id, of, many, options });
        }
        let queue = Queue { custom };
        self.queues.insert(name.to_owned(), queue.clone());
        Ok(Some(queue))
    }

    /// A ticket by the names of the catalog.
    pub(super) fn ticket_fields(&mut self, ticket: &Object) -> Result<Object, Fault> {
        let mut fields = self.standard_fields(ticket)?;
        for (held, values) in held_values(ticket) {
            let (Some(name), Some(id)) = (text(held, "name"), id_of(held)) else { continue };
            let said = self.desk.custom.iter().find(|(_, said)| *said == name || **said == id);
            let field = said.map_or_else(|| format!("custom.{name}"), |(field, _)| field.clone());
            fields.insert(field, self.one_or_all(&id, values)?);
        }
        Ok(fields)
    }

    /// The fields of a ticket that the product has.
    pub(super) fn standard_fields(&mut self, ticket: &Object) -> Result<Object, Fault> {
        let mut fields = Map::new();
        for (field, column, form, _) in TICKET {
            let value: Value = match form {
                Form::Whole if *field == "id" => id_of(ticket).into(),
                Form::Text if *field == "queue" => {
                    let queue = ticket.get("Queue").and_then(Value::as_object);
                    let id = queue.and_then(id_of).unwrap_or_default();
                    self.queue_name(&id)?.into()
                }
                Form::Text => text(ticket, column).into(),
                Form::Whole => whole(ticket.get(*column)).into(),
                Form::Time => moment(ticket, column).into(),
                Form::Person => person(ticket.get(*column)).into(),
                Form::People => people(ticket.get(*column)).into(),
                Form::Tickets => linked(ticket, column).into(),
                Form::Sent => Value::Null,
            };
            if !value.is_null() {
                fields.insert((*field).to_owned(), value);
            }
        }
        Ok(fields)
    }
}

/// A person by the names of the catalog.
pub(super) fn user(user: &Object) -> Object {
    let mut fields = Map::new();
    fields.insert("id".to_owned(), text(user, "Name").into());
    for (field, column, flag) in USER {
        if *flag {
            fields.insert((*field).to_owned(), is_set(user, column).into());
        } else if let Some(value) = text(user, column) {
            fields.insert((*field).to_owned(), value.into());
        }
    }
    fields
}

/// A queue or group by the names of the catalog.
pub(super) fn named(found: &Object) -> Object {
    let mut fields = Map::new();
    fields.insert("id".to_owned(), text(found, "Name").into());
    for (field, column) in [("name", "Name"), ("description", "Description"), ("lifecycle", "Lifecycle")] {
        if let Some(value) = text(found, column) {
            fields.insert(field.to_owned(), value.into());
        }
    }
    fields.insert("disabled".to_owned(), is_set(found, "Disabled").into());
    fields
}

/// What a person should become.
pub(super) fn wanted_user(record: &Object) -> Result<Wanted, Refusal> {
    let mut wanted = Wanted::default();
    for (field, value) in record.iter().filter(|(_, value)| !value.is_null()) {
        let Some((_, column, flag)) = USER.iter().find(|(name, ..)| name == field) else {
            return Err(Refusal::new(field, "unknown-field", "a person takes no such field over REST 2"));
        };
        match (value, flag) {
            (Value::Bool(on), true) => wanted.columns.insert((*column).to_owned(), u8::from(*on).into()),
            (Value::String(_), false) => wanted.columns.insert((*column).to_owned(), value.clone()),
            _ => return Err(Refusal::new(field, "other-type", "the value is of another type")),
        };
        wanted.values.insert(field.clone(), flat(value));
    }
    Ok(wanted)
}

/// Fields that a record holds otherwise than it should.
pub(super) fn differences(wanted: &Wanted, found: &Object) -> Vec<String> {
    let other = |field: &str, values: &Vec<String>| {
        let found = found.get(field).map(flat).unwrap_or_default();
        let of_a_day = |value: &str| value.get(..10).map(str::to_owned);
        // A date is shown with a time by some versions.
        let same_days = values.len() == found.len()
            && values
                .iter()
                .zip(&found)
                .all(|(value, found)| value.len() == 10 && of_a_day(found).as_ref() == Some(value));
        found != *values && !(field.starts_with("custom.") && same_days)
    };
    wanted
        .values
        .iter()
        .filter(|(field, values)| other(field, values))
        .map(|(field, _)| field.clone())
        .collect()
}

/// The column of a field of tickets.
pub(super) fn column(field: &str) -> Option<&'static str> {
    TICKET.iter().find(|(name, ..)| *name == field).map(|(_, column, ..)| *column)
}

/// A value as texts that can be compared, in an order of their own.
fn flat(value: &Value) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::String(text) => text.replace("\r\n", "\n"),
        other => other.to_string(),
    };
    let mut all = match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().map(one).collect(),
        value => vec![one(value)],
    };
    all.sort();
    all
}

type Wrong = (&'static str, String);

/// A value as it is sent, and as it is found afterwards.
fn column_value(form: Form, value: &Value) -> Result<(Value, Vec<String>), Wrong> {
    let other = || ("other-type", "the value is of another type".to_owned());
    match (form, value) {
        (Form::Text | Form::Person | Form::Sent, Value::String(_))
        | (Form::Whole, Value::Number(_))
        | (Form::People | Form::Tickets, Value::Array(_)) => Ok((value.clone(), flat(value))),
        // The id of a ticket is a text everywhere else.
        (Form::Whole, Value::String(text)) if text.parse::<i64>().is_ok() => Ok((value.clone(), flat(value))),
        (Form::Time, Value::String(time)) => {
            let (sent, found) = sent_time(time).ok_or_else(other)?;
            Ok((sent.into(), vec![found]))
        }
        _ => Err(other()),
    }
}

/// A custom field's id, its value as it is sent, and as it is found afterwards.
fn custom(queue: &Queue, name: &str, value: &Value) -> Result<(String, Value, Vec<String>), Wrong> {
    let by_id = || queue.custom.values().find(|custom| custom.id == name);
    let Some(custom) = queue.custom.get(name).or_else(by_id) else {
        return Err((
            "unknown-field",
            format!(
                "the custom field `{name}` is not applied to the ticket's queue; Request Tracker would drop the value"
            ),
        ));
    };
    let mut values = flat(value);
    if values.len() > 1 && !custom.many {
        return Err(("other-type", format!("the custom field `{name}` takes one value")));
    }
    if let Some(options) = &custom.options
        && values.iter().any(|value| !options.contains(value))
    {
        return Err((
            "unknown-option",
            format!("the custom field `{name}` has no such option; Request Tracker would drop the value"),
        ));
    }
    let sent = if custom.of == "DateTime" {
        let times: Option<Vec<_>> = values.iter().map(|time| sent_time(time)).collect();
        let times = times.ok_or_else(|| ("other-type", "the value is no time".to_owned()))?;
        values = times.iter().map(|(_, found)| found.clone()).collect();
        times.into_iter().map(|(sent, _)| Value::from(sent)).collect::<Vec<_>>()
    } else {
        values.iter().map(|value| Value::from(value.as_str())).collect()
    };
    let sent = if custom.many { sent.into() } else { sent.into_iter().next().unwrap_or(Value::Null) };
    Ok((custom.id.clone(), sent, values))
}

/// A time as the server understands it, and as it shows it. It understands no other form, and dates a ticket 1970 without a word;
/// 1970 itself is how it says that there is no time.
pub(super) fn sent_time(time: &str) -> Option<(String, String)> {
    let shape = time.get(..19)?;
    let pattern = "dddd-dd-ddTdd:dd:dd";
    let fits = shape.bytes().zip(pattern.bytes()).all(|(found, wanted)| match wanted {
        b'd' => found.is_ascii_digit(),
        b'T' => matches!(found, b'T' | b't' | b' '),
        wanted => found == wanted,
    });
    // A fraction of a second has no place there.
    let rest = time.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let utc = matches!(rest, "Z" | "z" | "+00:00");
    let (date, clock) = (shape.get(..10)?, shape.get(11..)?);
    (fits && utc && date > "1970-01-01").then(|| (format!("{date} {clock}"), format!("{date}T{clock}Z")))
}

/// Tickets to which a ticket is linked; only their addresses tell.
fn linked(ticket: &Object, column: &str) -> Option<Vec<String>> {
    let wanted = match column {
        "MemberOf" => "parent",
        "DependsOn" => "depends-on",
        _ => "refers-to",
    };
    let links = ticket.get("_hyperlinks").and_then(Value::as_array)?.iter().filter_map(Value::as_object);
    let found =
        links.filter(|link| text(link, "ref") == Some(wanted) && text(link, "type") == Some("ticket"));
    let mut ids: Vec<String> = found.filter_map(id_of).collect();
    ids.sort();
    (!ids.is_empty()).then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::sent_time;

    #[test]
    fn only_times_that_would_not_become_1970_are_sent() {
        let sent = |time| sent_time(time).map(|(sent, _)| sent);
        assert_eq!(sent("2019-03-04T05:06:07Z").as_deref(), Some("2019-03-04 05:06:07"));
        assert_eq!(sent("2019-03-04T05:06:07.123Z").as_deref(), Some("2019-03-04 05:06:07"));
        for wrong in [
            "2019-03-04",
            "2019-03-04T05:06:07+02:00",
            "1970-01-01T00:00:00Z",
            "04.03.2019 05:06:07Z",
            "",
            "äöü",
        ] {
            assert_eq!(sent(wrong), None, "{wrong}");
        }
    }
}
