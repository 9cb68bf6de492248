//! Which record of a key is the last one: kept in a file of SQLite's, so that memory does not grow with the number of records.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;

use cutover_records::{Item, Limits, Lines};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::value::RawValue;

use super::cannot_read;
use super::message::Message;
use crate::embedded::broken;
use crate::fault::Fault;

/// The streams of a tap's output and where the last record of each key stands.
pub(crate) struct Index {
    pub(crate) streams: Vec<Stream>,
    /// The last state.
    pub(crate) state: Option<String>,
    db: Connection,
}

/// A stream.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) name: String,
    /// Properties that tell records apart; without any, no record replaces another.
    keys: Vec<String>,
    /// Records of a stream without keys.
    unkeyed: u64,
}

/// Whether a record is the last one of its key.
pub(crate) enum Last {
    Here,
    Later,
    NoKey,
}

pub(crate) enum Broken {
    Io(io::Error),
    Fault(Fault),
}

/// Most streams of an output.
const STREAMS: usize = 10_000;

impl Index {
    /// Reads an output once.
    pub(crate) fn of(read: impl Read) -> Result<Index, Broken> {
        // A database without a name is a file that SQLite removes at the end.
        let db = Connection::open("").map_err(broken)?;
        let made = db.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; PRAGMA cache_size = -8000;
             CREATE TABLE last (stream INTEGER, key TEXT, at INTEGER, PRIMARY KEY (stream, key)) WITHOUT ROWID;
             BEGIN",
        );
        made.map_err(broken)?;
        let mut index = Index { streams: Vec::new(), state: None, db };
        let mut lines = Lines::new(read, Limits::default());
        while let Some(item) = lines.next().map_err(Broken::Io)? {
            let Item::Record(record) = item else { continue };
            match Message::read(record.text) {
                Ok(Message::Schema { stream, keys }) => {
                    let number = index.stream(&stream)?;
                    if let Some(stream) = index.streams.get_mut(number) {
                        stream.keys = keys;
                    }
                }
                Ok(Message::Record { stream, record: text }) => {
                    let number = index.stream(&stream)?;
                    index.add(number, text, record.place.offset)?;
                }
                Ok(Message::State(state)) => index.state = Some(state.to_owned()),
                // Told when its stream is read.
                Ok(Message::Other) | Err(_) => {}
            }
        }
        index.db.execute_batch("COMMIT").map_err(broken)?;
        Ok(index)
    }

    /// The number of a stream.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.streams.iter().position(|stream| stream.name == name)
    }

    /// Records of a stream, repeated ones once.
    pub(crate) fn count(&self, stream: usize) -> Result<u64, Fault> {
        let sql = "SELECT count(*) FROM last WHERE stream = ?1";
        let keyed: i64 = self.db.query_row(sql, [stream as i64], |row| row.get(0)).map_err(broken)?;
        let unkeyed = self.streams.get(stream).map_or(0, |stream| stream.unkeyed);
        Ok(u64::try_from(keyed).unwrap_or(0) + unkeyed)
    }

    /// Whether the record that stands at `at` is the last one of its key.
    pub(crate) fn last(&self, stream: usize, record: &str, at: u64) -> Result<Last, Fault> {
        let Some(keys) = self.streams.get(stream).map(|stream| &stream.keys).filter(|keys| !keys.is_empty())
        else {
            return Ok(Last::Here);
        };
        let Some(key) = key(record, keys) else { return Ok(Last::NoKey) };
        let sql = "SELECT at FROM last WHERE stream = ?1 AND key = ?2";
        let mut find = self.db.prepare_cached(sql).map_err(broken)?;
        let last: Option<i64> =
            find.query_row(params![stream as i64, key], |row| row.get(0)).optional().map_err(broken)?;
        // A record that is not in the index came with another schema than the last one of its stream; it replaces nothing.
        Ok(if last.is_none_or(|last| last == at as i64) { Last::Here } else { Last::Later })
    }

    fn stream(&mut self, name: &str) -> Result<usize, Fault> {
        if let Some(number) = self.number(name) {
            return Ok(number);
        }
        if self.streams.len() >= STREAMS {
            return Err(Fault::never(format!("the tap's output has more than {STREAMS} streams")));
        }
        self.streams.push(Stream { name: name.to_owned(), keys: Vec::new(), unkeyed: 0 });
        Ok(self.streams.len() - 1)
    }

    fn add(&mut self, number: usize, record: &str, at: u64) -> Result<(), Fault> {
        let Some(stream) = self.streams.get_mut(number) else { return Ok(()) };
        if stream.keys.is_empty() {
            stream.unkeyed += 1;
            return Ok(());
        }
        let Some(key) = key(record, &stream.keys) else { return Ok(()) };
        let sql = "INSERT INTO last VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET at = excluded.at";
        let mut insert = self.db.prepare_cached(sql).map_err(broken)?;
        insert.execute(params![number as i64, key, at as i64]).map_err(broken)?;
        Ok(())
    }
}

/// The key of a record as a text; `None` when a property has no value.
fn key(record: &str, keys: &[String]) -> Option<String> {
    let fields: BTreeMap<std::borrow::Cow<'_, str>, &RawValue> = serde_json::from_str(record).ok()?;
    let mut out = String::new();
    for key in keys {
        let value = fields.get(key.as_str())?.get();
        if value == "null" {
            return None;
        }
        // A key that is written `7` once and `7.0` later is the same.
        out.push_str(&super::without_empty_fractions(value));
        out.push('\n');
    }
    Some(out)
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index").field("streams", &self.streams).finish_non_exhaustive()
    }
}

impl From<Fault> for Broken {
    fn from(fault: Fault) -> Broken {
        Broken::Fault(fault)
    }
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Broken {
        Broken::Fault(broken(error))
    }
}

impl Broken {
    pub(crate) fn within(self, path: &Path) -> Fault {
        match self {
            Broken::Io(error) => cannot_read(path, &error),
            Broken::Fault(fault) => fault,
        }
    }
}
