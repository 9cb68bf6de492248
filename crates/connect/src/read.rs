//! What is read: chunks of records.

use std::fmt;

/// Where reading goes on. Opaque to everybody but the connector that gave it; the runner keeps it in its journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Cursor {
    /// Where reading begins.
    #[must_use]
    pub const fn start() -> Cursor {
        Cursor(String::new())
    }

    /// Whether it is where reading begins.
    #[must_use]
    pub fn is_start(&self) -> bool {
        self.0.is_empty()
    }
}

/// Records that were read in one call: one text, cut where records end, so that a chunk can be used again without giving memory back.
#[derive(Clone, Debug, Default)]
pub struct Chunk {
    text: String,
    ends: Vec<usize>,
    unread: Vec<Unread>,
    others: Vec<String>,
    next: Option<Cursor>,
}

/// Something that stands where a record was expected and cannot be read as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Where it stands: `tickets.jsonl:17`, or the id by which the system knows it.
    pub at: String,
    /// A short name for counting: `not-utf8`, `record-too-long`.
    pub code: &'static str,
    /// What is wrong, in plain words, without the text itself.
    pub why: String,
}

impl Chunk {
    /// Adds a record: a JSON object. A line end inside of it is taken out, which changes nothing of its meaning.
    pub fn push(&mut self, record: &str) {
        if memchr_newline(record) {
            self.text.extend(record.split(['\n', '\r']));
        } else {
            self.text.push_str(record);
        }
        self.ends.push(self.text.len());
    }

    /// Adds something that could not be read.
    pub fn unread(&mut self, unread: Unread) {
        self.unread.push(unread);
    }

    /// Notes something that stands among the records of the kind and is none, and why: it is counted as left out.
    pub fn other(&mut self, why: String) {
        self.others.push(why);
    }

    /// Says where the next call goes on; `None` when there is nothing left.
    pub fn end(&mut self, next: Option<Cursor>) {
        self.next = next;
    }

    /// Empties the chunk and keeps its memory, unless a huge record made it large.
    pub fn clear(&mut self) {
        const KEPT: usize = 4 << 20;
        self.text.clear();
        self.text.shrink_to(KEPT);
        self.ends.clear();
        self.unread.clear();
        self.others.clear();
        self.next = None;
    }

    /// The records, each one JSON object without a line end.
    pub fn records(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.text.get(start..*end))
    }

    /// What could not be read.
    #[must_use]
    pub fn problems(&self) -> &[Unread] {
        &self.unread
    }

    /// What stands among the records and is none: why, one for each.
    #[must_use]
    pub fn others(&self) -> &[String] {
        &self.others
    }

    /// Where the next call goes on; `None` when there is nothing left.
    #[must_use]
    pub const fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    /// Number of records.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of the records.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.text.len()
    }
}

/// A line end cannot stand inside a JSON text, only between its parts.
fn memchr_newline(record: &str) -> bool {
    record.bytes().any(|byte| byte == b'\n' || byte == b'\r')
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::{Chunk, Cursor};

    #[test]
    fn records_come_back_as_they_went_in() {
        let mut chunk = Chunk::default();
        chunk.push("{\"id\":1}");
        chunk.push("{\r\n \"id\": 2\n}");
        chunk.end(Some(Cursor("2".to_owned())));
        let records: Vec<&str> = chunk.records().collect();
        assert_eq!(records, ["{\"id\":1}", "{ \"id\": 2}"]);
        chunk.clear();
        assert!(chunk.is_empty() && chunk.next().is_none());
    }
}
