//! What is odd on purpose: a ledger of each planted piece of dirt, so that a run over the account can be held to it.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::people::{GONE_COMPANY, GONE_CONTACT, GONE_GROUP};

/// One piece of dirt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dirt {
    /// What it is: `no-requester`, `missing-file`.
    pub what: &'static str,
    /// The kind of the record in which it stands, as the catalog names it.
    pub kind: &'static str,
    /// The record's id.
    pub key: i64,
    /// The record that lists it: the comment of a file. The ticket of a file of its own.
    pub listed_by: Option<(&'static str, i64)>,
    /// The ticket to which it belongs, whether that is finished, and when it was created, in Unix seconds.
    pub ticket: Option<(i64, bool, i64)>,
}

/// The ledger of an account.
#[derive(Clone, Debug, Default)]
pub struct Planted {
    /// All dirt, in the order in which records are written.
    pub all: Vec<Dirt>,
    /// The ticket at hand.
    ticket: Option<(i64, bool, i64)>,
}

impl Planted {
    /// Says which ticket the next records belong to.
    pub(super) fn at(&mut self, id: i64, finished: bool, created: i64) {
        self.ticket = Some((id, finished, created));
    }

    /// Says that the next records belong to no ticket.
    pub(super) fn apart(&mut self) {
        self.ticket = None;
    }

    pub(super) fn add(
        &mut self,
        what: &'static str,
        kind: &'static str,
        key: i64,
        listed_by: Option<(&'static str, i64)>,
    ) {
        self.all.push(Dirt { what, kind, key, listed_by, ticket: self.ticket });
    }

    /// Notes what is odd about the references and texts of a record.
    pub(super) fn look(&mut self, kind: &'static str, record: &Value) {
        let number = |name: &str| record.get(name).and_then(Value::as_i64);
        let Some(key) = number("id") else { return };
        let gone = |name: &str, of: i64| number(name) == Some(of);
        let none = |name: &str| record.get(name).is_some_and(Value::is_null);
        let subject = record.get("subject").and_then(Value::as_str).unwrap_or_default();
        let person = match kind {
            "ticket" => "requester_id",
            "comment" => "user_id",
            _ => "contact_id",
        };
        let missing = match kind {
            "ticket" => "no-requester",
            "comment" => "no-author",
            _ => "no-contact",
        };
        for (what, is) in [
            (missing, none(person)),
            ("person-gone", gone(person, GONE_CONTACT)),
            ("company-gone", gone("company_id", GONE_COMPANY)),
            ("group-gone", gone("group_id", GONE_GROUP)),
            ("long-subject", subject.chars().count() > 150),
        ] {
            if is {
                self.add(what, kind, key, None);
            }
        }
    }

    /// Where the ledger of an account stands: beside its folder.
    #[must_use]
    pub fn path(folder: &Path) -> PathBuf {
        folder.with_extension("planted.jsonl")
    }

    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let mut out = BufWriter::new(File::create(Planted::path(folder))?);
        for dirt in &self.all {
            let (ticket, finished, created) =
                dirt.ticket.map_or((None, None, None), |(id, finished, created)| {
                    (Some(id), Some(finished), Some(super::super::instant(created)))
                });
            let listed = dirt.listed_by.map(|(kind, key)| json!({ "kind": kind, "key": key }));
            let line = json!({
                "what": dirt.what, "kind": dirt.kind, "key": dirt.key, "listed_by": listed,
                "ticket": ticket, "finished": finished, "created_at": created,
            });
            writeln!(out, "{line}")?;
        }
        out.flush()
    }

    /// Reads the ledger beside an account.
    ///
    /// # Errors
    /// When there is none, or a line is none of it.
    pub fn read(folder: &Path) -> Result<Vec<Value>, String> {
        let path = Planted::path(folder);
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        text.lines().map(|line| serde_json::from_str(line).map_err(|error| error.to_string())).collect()
    }
}
