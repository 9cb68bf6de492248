//! A folder of export files: JSON Lines, JSON pages and CSV.

mod open;
pub(crate) mod set;

use std::path::{Path, PathBuf};

pub use set::{FileSet, plural};

use crate::abilities::{Abilities, Account};
use crate::connector::Connector;
use crate::fault::Fault;
use crate::read::{Chunk, Cursor};
use open::{Got, Open};

/// A folder of export files, to read from.
///
/// Where the records of a kind stand is said by a [`FileSet`], or found by name: `ticket.jsonl`, `tickets.csv`, a folder `tickets/` with
/// any number of files. Files of a kind are read in the order of their names. A row of a CSV file becomes an object of texts, an empty
/// field `null`.
#[derive(Debug)]
pub struct Files {
    top: PathBuf,
    set: FileSet,
    open: Option<(String, At, Open)>,
}

/// A place in the files of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct At {
    /// Which file.
    file: usize,
    /// Records and problems behind that offset that are behind us.
    items: u64,
    /// Bytes of it that are behind us; 0 in a file that can only be entered at its start.
    offset: u64,
    /// The line at that place.
    line: u64,
}

impl Files {
    /// A folder. What `set` does not name is looked for by the name of its kind.
    ///
    /// # Errors
    /// When the folder cannot be listed, or a link leads out of it.
    pub fn open(top: &Path, set: FileSet) -> Result<Files, Fault> {
        let set = set.complete(top)?;
        Ok(Files { top: top.to_owned(), set, open: None })
    }

    /// The files of a kind, in the order in which they are read; empty when there are none.
    #[must_use]
    pub fn of_kind(&self, kind: &str) -> &[PathBuf] {
        self.set.of_kind(kind)
    }

    /// The reader at that place: the one that stands there already, or a new one.
    fn reader(&mut self, kind: &str, at: At) -> Result<Option<Open>, Fault> {
        if let Some((open, place, reader)) = self.open.take()
            && open == kind
            && place == at
        {
            return Ok(Some(reader));
        }
        let Some(path) = self.set.of_kind(kind).get(at.file) else { return Ok(None) };
        Open::at(path, self.set.list(kind), &at).map(Some)
    }
}

impl Connector for Files {
    fn abilities(&mut self) -> Result<Abilities, Fault> {
        Ok(Abilities { read: true, ..Abilities::default() })
    }

    fn account(&mut self) -> Result<Account, Fault> {
        Ok(Account { name: None, at: self.top.display().to_string() })
    }

    fn others(&mut self, kinds: &[&str]) -> Result<Vec<String>, Fault> {
        Ok(self.set.others(kinds).into_iter().map(|name| format!("the file {name}")).collect())
    }

    fn read(&mut self, kind: &str, from: &Cursor, most: usize, into: &mut Chunk) -> Result<(), Fault> {
        let mut at = At::of(from)?;
        if self.set.of_kind(kind).is_empty() {
            let plural = plural(kind);
            return Err(Fault::person(format!(
                "the folder {} has no file for the kind `{kind}`: it would be `{plural}.jsonl`, `{plural}.json` or `{plural}.csv`",
                self.top.display()
            )));
        }
        loop {
            let Some(mut reader) = self.reader(kind, at)? else {
                into.end(None);
                return Ok(());
            };
            while into.len() + into.problems().len() < most && into.bytes() < BYTES {
                match reader.next(into)? {
                    Got::Record { offset, line } => at = At { items: 0, offset, line, ..at },
                    Got::Item => at.items += 1,
                    Got::End => {
                        at = At { file: at.file + 1, ..At::default() };
                        break;
                    }
                }
            }
            let inside = at.items > 0 || at.offset > 0;
            if inside {
                self.open = Some((kind.to_owned(), at, reader));
            }
            // The caller learns at once when there is nothing left, except where the file would have to be looked at for it.
            if at.file >= self.set.of_kind(kind).len() {
                into.end(None);
                return Ok(());
            }
            if inside || !into.is_empty() || !into.problems().is_empty() {
                into.end(Some(at.cursor()));
                return Ok(());
            }
        }
    }
}

/// A chunk is not filled further once it has so many bytes.
const BYTES: usize = 8 << 20;

impl At {
    fn cursor(self) -> Cursor {
        Cursor(format!("{}:{}:{}:{}", self.file, self.items, self.offset, self.line))
    }

    fn of(cursor: &Cursor) -> Result<At, Fault> {
        if cursor.is_start() {
            return Ok(At::default());
        }
        let numbers: Option<Vec<u64>> = cursor.0.split(':').map(|part| part.parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[file, items, offset, line]) => match usize::try_from(file) {
                Ok(file) => Ok(At { file, items, offset, line }),
                Err(_) => Err(no_cursor()),
            },
            _ => Err(no_cursor()),
        }
    }
}

fn no_cursor() -> Fault {
    Fault::never("the place at which reading should go on is not one of a folder of files")
}

#[cfg(test)]
mod tests;
