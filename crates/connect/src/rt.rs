//! Request Tracker 5 over its REST 2 interface.

mod ask;
mod comments;
mod fields;
mod people;
mod said;
mod source;
mod target;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use crate::abilities::{Abilities, Account, Finding, Proof, Silence};
use crate::connector::Connector;
use crate::contents::Contents;
use crate::fault::Fault;
use crate::http::{Http, Line, Secret};
use crate::read::{Chunk, Cursor};
use crate::write::{Answer, Draft, Undone};
use ask::Ask;
use fields::Queue;
pub(crate) use source::base64;

/// How a Request Tracker is reached, and how its account is used.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Its address, without `/REST/2.0`: `https://rt.example.org`.
    pub address: String,
    /// The token of the person who migrates.
    pub token: Secret,
    /// The custom field of tickets that holds what a ticket was created from: its name or id. It has to be applied to all queues that are
    /// written to, and to take one value of free text. Where comments are written one by one, transactions have one of the same name, too. Without it nothing can be looked up, and a ticket whose answer was lost stays in doubt.
    pub mark: Option<String>,
    /// Fields of the plan, for example `custom.product_area`, and the name or id of the custom field that holds each. A field that is not
    /// named here has the name behind `custom.`.
    pub custom: BTreeMap<String, String>,
    /// Where the bytes of files stand that drafts name.
    pub contents: Option<Contents>,
    /// Whether the server records the mail that it sends, as `$RecordOutgoingEmail` says. Nobody can ask it, so that somebody has to know.
    pub records_mail: bool,
    /// Whether people are told apart by their numbers instead of their names, in drafts, answers and what is read: for a target whose people are
    /// written, so that nobody's name or address becomes an id that others keep.
    pub numbered: bool,
    /// Longest time for one request.
    pub timeout: Duration,
}

/// A live Request Tracker 5, as a source and as a target.
///
/// As a source it gives records by the names of its catalog, with `custom_fields` by their ids: people, queues and groups by name, nothing
/// where the system says 1970 or `Nobody`. Of the tickets that its search hides, merged ones are left out and deleted ones given.
///
/// As a target it takes fields by the names of the catalog. The system answers success to much that it does not do: unknown custom fields,
/// options, owners and times are dropped with 201, refused changes are told with 200. So each draft is checked before it is sent, each
/// ticket is read back, and one that did not become what it should is deleted again and refused. While a ticket has not all its parts, its
/// mark says so; whoever writes it again goes on where the last one stopped, and [`Connector::find`] does not see it.
#[derive(Debug)]
pub struct RequestTracker {
    ask: Ask,
    desk: Desk,
    /// Queues by name; what they hold changes rarely, and each use of it is checked by reading back.
    queues: BTreeMap<String, Queue>,
    /// Names of queues by their id, all of them, once somebody needed one.
    queue_names: BTreeMap<String, String>,
    /// Custom fields by id that take one value.
    single: BTreeMap<String, bool>,
    /// The custom field of transactions that holds the marks of what is said, once it was looked for.
    said_mark: Option<String>,
    /// Numbers of people who are known to be there, by name, and names by number.
    people: BTreeMap<String, String>,
    numbers: BTreeMap<String, String>,
}

/// Most people whose being there is remembered.
const PEOPLE: usize = 100_000;

impl RequestTracker {
    /// A desk. Nothing is called yet.
    ///
    /// # Errors
    /// When the address or the custom field of the marks cannot be used.
    pub fn new(desk: Desk, line: Line) -> Result<RequestTracker, Fault> {
        if let Some(mark) = &desk.mark
            && mark.contains(['{', '}', '\\', '\'', '"'])
        {
            return Err(Fault::person(format!(
                "the custom field `{mark}` cannot be searched: name it by its id"
            )));
        }
        let http = Http::new(&desk.address, "token", &desk.token, line, desk.timeout)?;
        Ok(RequestTracker {
            ask: Ask::new(http),
            desk,
            queues: BTreeMap::new(),
            queue_names: BTreeMap::new(),
            single: BTreeMap::new(),
            said_mark: None,
            people: BTreeMap::new(),
            numbers: BTreeMap::new(),
        })
    }
}

impl Connector for RequestTracker {
    fn abilities(&mut self) -> Result<Abilities, Fault> {
        Ok(Abilities {
            read: true,
            fetch: true,
            write: true,
            set: true,
            append: false,
            undo: true,
            finding: if self.desk.mark.is_some() { Finding::AtOnce } else { Finding::Never },
            batch: 20,
            proofs: if self.desk.records_mail { vec![Proof::Counter] } else { Vec::new() },
        })
    }

    fn account(&mut self) -> Result<Account, Fault> {
        // A Request Tracker has no name that REST would tell; the address says which one it is.
        self.ask
            .get("rt", &[])?
            .ok_or_else(|| Fault::person("the address answers, but not as a Request Tracker does"))?;
        Ok(Account { name: None, at: self.ask.at().to_owned() })
    }

    fn count(&mut self, kind: &str) -> Result<Option<u64>, Fault> {
        self.total(kind)
    }

    fn read(&mut self, kind: &str, from: &Cursor, most: usize, into: &mut Chunk) -> Result<(), Fault> {
        match kind {
            "ticket" => self.read_tickets(from, most, into),
            "comment" | "history" => self.read_transactions(kind, from, most, into),
            "attachment" => self.read_attachments(from, most, into),
            "link" => self.read_links(from, most, into),
            "user" | "queue" | "group" | "custom_field" => self.read_listed(kind, from, most, into),
            _ => Err(unknown_kind(kind)),
        }
    }

    fn fetch(&mut self, kind: &str, id: &str) -> Result<Option<String>, Fault> {
        let record = match kind {
            "ticket" => match self.whole_ticket(id)? {
                Some(ticket) => Some(self.numbered_people(ticket)?),
                None => None,
            },
            "comment" => self.comment(id)?,
            "attachment" => self.file(id)?,
            "user" => self.named(kind, id)?.map(|user| self.user_fields(&user)),
            "queue" | "group" | "custom_field" => self.named(kind, id)?.map(|found| fields::named(&found)),
            _ => return Err(unknown_kind(kind)),
        };
        Ok(record.map(|record| serde_json::Value::Object(record).to_string()))
    }

    fn content(
        &mut self,
        kind: &str,
        id: &str,
        field: &str,
        into: &mut dyn Write,
    ) -> Result<Option<bool>, Fault> {
        if kind != "attachment" || field != "content" {
            return Ok(Some(false));
        }
        self.file_bytes(id, into).map(Some)
    }

    fn write(&mut self, kind: &str, batch: &[Draft]) -> Result<Vec<Answer>, Fault> {
        match kind {
            "ticket" => self.write_tickets(batch),
            "user" => one_by_one(batch, |draft| self.write_user(draft)),
            "comment" => self.write_comments(batch),
            _ => Err(Fault::never(format!("Request Tracker takes no `{kind}` over REST 2"))),
        }
    }

    fn set(&mut self, kind: &str, id: &str, fields: &str) -> Result<Answer, Fault> {
        match kind {
            "ticket" => self.set_ticket(id, fields),
            "user" => self.set_user(id, fields),
            _ => Err(Fault::never(format!("Request Tracker changes no `{kind}` over REST 2"))),
        }
    }

    fn find(&mut self, kind: &str, mark: &str) -> Result<Vec<String>, Fault> {
        match kind {
            "ticket" => self.find_ticket(mark),
            // People are told apart by name: who writes one again is told that it is known.
            "user" => Ok(Vec::new()),
            "comment" => self.find_comment(mark),
            // A file is there with what it belongs to, or not at all.
            "attachment" => Ok(Vec::new()),
            _ => Err(unknown_kind(kind)),
        }
    }

    fn undo(&mut self, kind: &str, id: &str) -> Result<Undone, Fault> {
        match kind {
            "ticket" => self.undo_ticket(id),
            "user" => self.undo_user(id),
            "comment" | "attachment" => {
                Ok(Undone::Kept { why: "Request Tracker keeps what was said on a ticket".to_owned() })
            }
            _ => Err(unknown_kind(kind)),
        }
    }

    fn unready(&mut self, places: &[&str]) -> Result<Vec<String>, Fault> {
        self.queues_without_marks(places)
    }

    fn known_by_mark(&self, kind: &str) -> bool {
        kind != "user"
    }

    fn silence(&mut self) -> Result<Silence, Fault> {
        let sent = self
            .ask
            .total("transactions", &[("Type", "=", "EmailRecord"), ("Type", "=", "CommentEmailRecord")])?;
        // A server that records nothing also shows none.
        Ok(if sent == 0 && !self.desk.records_mail { Silence::Unknown } else { Silence::Sent(sent) })
    }
}

/// Writes drafts that come one by one; what was done before a fault is answered.
fn one_by_one(
    batch: &[Draft],
    mut write: impl FnMut(&Draft) -> Result<Answer, Fault>,
) -> Result<Vec<Answer>, Fault> {
    let mut answers = Vec::with_capacity(batch.len());
    for draft in batch {
        match write(draft) {
            Ok(answer) => answers.push(answer),
            Err(fault) => return after_fault(answers, fault, batch.len()),
        }
    }
    Ok(answers)
}

/// The answers to a batch in whose midst a fault came.
fn after_fault(mut answers: Vec<Answer>, fault: Fault, drafts: usize) -> Result<Vec<Answer>, Fault> {
    let in_doubt = fault.effect == crate::fault::Effect::Unknown;
    // Alone, the fault says more than an answer could.
    if answers.is_empty() && (drafts <= 1 || !in_doubt) {
        return Err(fault);
    }
    answers.push(if in_doubt { Answer::Unknown { why: fault.why } } else { Answer::Untried });
    answers.resize(drafts, Answer::Untried);
    Ok(answers)
}

fn unknown_kind(kind: &str) -> Fault {
    Fault::never(format!("Request Tracker shows no records of the kind `{kind}` over REST 2"))
}
