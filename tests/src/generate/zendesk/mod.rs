//! A Zendesk account as its export interfaces give it: incremental exports of tickets, users, organizations and ticket events,
//! and the lists of the configuration.
//!
//! # Layout
//! JSON, one page a file, a page's records under the kind's own name:
//!
//! | files | records under | beside them |
//! |---|---|---|
//! | `tickets-0001.json` … | `tickets` | `after_url`, `before_url`, `after_cursor`, `before_cursor`, `end_of_stream` |
//! | `users-0001.json` … | `users` | the same |
//! | `ticket_events-0001.json` … | `ticket_events` | `next_page`, `count`, `end_of_stream`, `end_time` (Unix seconds) |
//! | `organizations-0001.json` … | `organizations` | the same |
//! | `groups.json`, `group_memberships.json`, `organization_memberships.json`, `ticket_fields.json`, `user_fields.json`, `organization_fields.json`, `ticket_forms.json`, `custom_statuses.json`, `macros.json`, `triggers.json`, `automations.json`, `views.json`, `brands.json`, `sla_policies.json`, `tags.json`, `recipient_addresses.json` | the file's name | `next_page`, `previous_page`, `count` |
//! | `schedules.json` | `schedules` | nothing |
//! | `holidays.json` | `holidays`, each with the `schedule_id` that its own address would carry | nothing |
//!
//! Comments are the `child_events` with `event_type` `Comment` of a ticket event, whose `ticket_id` is the event's; attachments are inside
//! the comment. Times are ISO 8601 in UTC, `timestamp`, `end_time` and `generated_timestamp` are Unix seconds, dates are `YYYY-MM-DD`.
//! The real interface gives ticket events by time; here those of one ticket stand together, and tickets stand by their last update.
//!
//! # Dirt
//! What a time-based export repeats: each page of `ticket_events` and `organizations` begins with the last record of the page before.
//! Suspended users; deactivated ones; deleted ones who are still authors, assignees and requesters; one address in two cases; merged tickets
//! (`closed_by_merge`), deleted ones, scrubbed ones; problems and incidents, incidents of a problem that is gone; assignees missing where
//! Zendesk itself asks for one today; groups and organizations that no longer exist; option values that the field no longer has, numbers with a comma;
//! subjects longer than 150, with line breaks, with blanks at both ends; HTML; private comments; tags in two spellings.

mod configuration;
mod people;
mod tickets;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::TAKEN;

/// The number of tickets of the committed account.
pub const SIZE: usize = 600;
/// The seed of the committed account.
pub const SEED: u64 = 20_261_120;
/// Records of a page. Zendesk's own pages hold up to 1,000; small ones show that there is more than one.
const PAGE: usize = 200;

/// Where everything of an account comes from.
#[derive(Clone, Copy, Debug)]
struct Account {
    seed: u64,
    tickets: usize,
}

impl Account {
    /// Customers; agents come on top.
    fn customers(self) -> usize {
        self.tickets / 4 + 12
    }

    fn organizations(self) -> usize {
        self.tickets / 25 + 6
    }
}

/// Writes an account of so many tickets into a folder that exists. Files of an earlier, larger account are left alone.
///
/// # Errors
/// When something cannot be written.
pub fn write(folder: &Path, tickets: usize, seed: u64) -> io::Result<()> {
    let account = Account { seed, tickets };
    configuration::write(account, folder)?;
    people::write(account, folder)?;
    tickets::write(account, folder)
}

/// The address of a record.
fn url(kind: &str, id: i64) -> String {
    format!("https://pine.example.org/api/v2/{kind}/{id}.json")
}

/// A list of the configuration: everything on one page.
fn list(folder: &Path, kind: &str, records: Vec<Value>) -> io::Result<()> {
    let count = records.len();
    let mut page = Map::new();
    page.insert(kind.to_owned(), Value::Array(records));
    page.insert("next_page".to_owned(), Value::Null);
    page.insert("previous_page".to_owned(), Value::Null);
    page.insert("count".to_owned(), json!(count));
    save(&folder.join(format!("{kind}.json")), &Value::Object(page))
}

fn save(path: &Path, page: &Value) -> io::Result<()> {
    let mut text = serde_json::to_vec(page)?;
    text.push(b'\n');
    fs::write(path, text)
}

/// How an incremental export says where its next page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Paging {
    /// By an opaque cursor: no record comes twice.
    Cursor,
    /// By time: the last record of a page comes again as the first of the next.
    Time,
}

/// Cuts an incremental export into pages, as records come.
struct Pages {
    folder: PathBuf,
    kind: &'static str,
    paging: Paging,
    held: Vec<Value>,
    /// Records since the last page, without a repeated one.
    fresh: usize,
    written: usize,
    /// Time and id of the last record.
    end: (i64, i64),
}

impl Pages {
    fn new(folder: &Path, kind: &'static str, paging: Paging) -> Self {
        Pages { folder: folder.to_owned(), kind, paging, held: Vec::new(), fresh: 0, written: 0, end: (0, 0) }
    }

    /// Takes a record with its id and the time that the export goes by.
    fn push(&mut self, record: Value, id: i64, at: i64) -> io::Result<()> {
        if self.held.len() >= PAGE && self.fresh > 0 {
            self.page(false)?;
        }
        self.end = (at, id);
        self.fresh += 1;
        self.held.push(record);
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.page(true)
    }

    fn page(&mut self, last: bool) -> io::Result<()> {
        self.written += 1;
        self.fresh = 0;
        let (at, id) = self.end;
        let repeated = if self.paging == Paging::Time && !last { self.held.last().cloned() } else { None };
        let records = std::mem::replace(&mut self.held, repeated.into_iter().collect());
        let count = records.len();
        let mut page = Map::new();
        page.insert(self.kind.to_owned(), Value::Array(records));
        match self.paging {
            Paging::Cursor => {
                let cursor = base64(format!("{at}.0||{id}").as_bytes());
                page.insert(
                    "after_url".to_owned(),
                    json!(format!(
                        "https://pine.example.org/api/v2/incremental/{}/cursor.json?cursor={cursor}",
                        self.kind
                    )),
                );
                page.insert("before_url".to_owned(), Value::Null);
                page.insert("after_cursor".to_owned(), json!(cursor));
                page.insert("before_cursor".to_owned(), Value::Null);
                page.insert("end_of_stream".to_owned(), json!(last));
            }
            Paging::Time => {
                page.insert(
                    "next_page".to_owned(),
                    json!(format!(
                        "https://pine.example.org/api/v2/incremental/{}.json?start_time={at}",
                        self.kind
                    )),
                );
                page.insert("count".to_owned(), json!(count));
                page.insert("end_of_stream".to_owned(), json!(last));
                page.insert("end_time".to_owned(), json!(at.min(TAKEN)));
            }
        }
        save(&self.folder.join(format!("{}-{:04}.json", self.kind, self.written)), &Value::Object(page))
    }
}

/// Base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_usize, |bits, &byte| bits << 8 | usize::from(byte))
            << (8 * (3 - group.len()));
        for at in 0..4 {
            let letter = LETTERS.get(bits >> (18 - 6 * at) & 63).copied().unwrap_or(b'=');
            text.push(char::from(if at <= group.len() { letter } else { b'=' }));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_the_usual_one() {
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in cases {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
