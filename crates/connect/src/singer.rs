//! The output of a Singer tap, saved or live.

mod index;
mod message;
mod run;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use cutover_records::{Item, Limits, Lines};

use crate::abilities::{Abilities, Account};
use crate::connector::Connector;
use crate::fault::Fault;
use crate::read::{Chunk, Cursor, Unread};
use index::{Index, Last};
use message::{Message, without_empty_fractions};

/// The output of a Singer tap: `SCHEMA`, `RECORD` and `STATE` messages, one JSON object a line.
///
/// A kind is a stream: the one of its name, or of its plural, or the one that [`Singer::stream`] says. A record that comes again, by the
/// `key_properties` of its stream, replaces the earlier one: only the last is read, where it stands. Numbers without a fraction lose the
/// empty one that many taps write (`"status": 3.0` is read as `3`). What is no message is told with its line, under the stream in whose
/// midst it stands.
///
/// A program that writes messages is run once, and its output saved first: whoever goes on reading after a crash reads the same lines.
#[derive(Debug)]
pub struct Singer {
    path: PathBuf,
    index: Index,
    streams: Vec<(String, String)>,
}

/// A tap to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    /// The program and its arguments: `tap-freshdesk --config config.json --state state.json`. Nothing of it goes through a shell.
    pub command: Vec<String>,
    /// Where its output is kept, readable for its owner only. When the file is there, the program ran already and does not run again.
    pub save: PathBuf,
}

/// A chunk is not filled further once it has so many bytes.
const BYTES: usize = 8 << 20;

impl Singer {
    /// A tap's output in a file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn saved(path: &Path) -> Result<Singer, Fault> {
        let file = File::open(path).map_err(|error| cannot_read(path, &error))?;
        let index = Index::of(file).map_err(|error| error.within(path))?;
        Ok(Singer { path: path.to_owned(), index, streams: Vec::new() })
    }

    /// A tap's output as it runs now: it is saved first, and then read as [`Singer::saved`] does.
    ///
    /// # Errors
    /// When the program cannot be run or does not end well, or its output cannot be kept. What it wrote until then is not used yet: a tap that
    /// broke off has not said everything. Called again, it goes on from the last state that it told.
    pub fn live(tap: &Tap) -> Result<Singer, Fault> {
        if !tap.save.exists() {
            run::run(tap)?;
        }
        Singer::saved(&tap.save)
    }

    /// Says that the records of a kind are those of a stream.
    pub fn stream(&mut self, kind: &str, stream: &str) {
        self.streams.push((kind.to_owned(), stream.to_owned()));
    }

    /// The last state that the tap told, as JSON: with it the tap goes on where it ended.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.index.state.as_deref()
    }

    /// The number of the stream of a kind.
    fn of_kind(&self, kind: &str) -> Result<usize, Fault> {
        let said = self.streams.iter().find(|(of, _)| of == kind).map(|(_, stream)| stream.clone());
        let plural = crate::files::set::plural(kind);
        let names = said.map_or_else(|| vec![kind.to_owned(), plural], |stream| vec![stream]);
        let found =
            names.iter().find_map(|name| self.index.streams.iter().position(|known| known.name == *name));
        found.ok_or_else(|| {
            let known: Vec<_> =
                self.index.streams.iter().take(12).map(|stream| stream.name.as_str()).collect();
            Fault::person(format!(
                "the tap's output has no stream `{}` for the kind `{kind}`; it has {}",
                names.join("` or `"),
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            ))
        })
    }
}

impl Connector for Singer {
    fn abilities(&mut self) -> Result<Abilities, Fault> {
        Ok(Abilities { read: true, ..Abilities::default() })
    }

    fn account(&mut self) -> Result<Account, Fault> {
        Ok(Account { name: None, at: self.path.display().to_string() })
    }

    fn count(&mut self, kind: &str) -> Result<Option<u64>, Fault> {
        let stream = self.of_kind(kind)?;
        self.index.count(stream).map(Some)
    }

    fn others(&mut self, kinds: &[&str]) -> Result<Vec<String>, Fault> {
        let read: Vec<usize> = kinds.iter().filter_map(|kind| self.of_kind(kind).ok()).collect();
        let mut others = Vec::new();
        for (number, stream) in self.index.streams.iter().enumerate() {
            if !read.contains(&number) {
                others.push(match self.index.count(number)? {
                    1 => format!("the stream {}, 1 record", stream.name),
                    count => format!("the stream {}, {count} records", stream.name),
                });
            }
        }
        Ok(others)
    }

    fn read(&mut self, kind: &str, from: &Cursor, most: usize, into: &mut Chunk) -> Result<(), Fault> {
        let stream = self.of_kind(kind)?;
        let At { offset: start, line, skip } = At::of(from)?;
        let io = |error: std::io::Error| cannot_read(&self.path, &error);
        let mut file = File::open(&self.path).map_err(io)?;
        file.seek(SeekFrom::Start(start)).map_err(io)?;
        let mut lines = Lines::new(file, Limits::default());
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // In which stream's midst a line stands that is no message; at a cursor it is ours, because a line of ours stands before it.
        let mut midst = if start == 0 { 0 } else { stream };
        for _ in 0..skip {
            lines.next().map_err(io)?;
        }
        let mut at = At { offset: start, line, skip };
        loop {
            if into.len() + into.problems().len() >= most || into.bytes() >= BYTES {
                return Ok(());
            }
            let Some(item) = lines.next().map_err(io)? else { break };
            match item {
                Item::Problem(found) => {
                    at.skip += 1;
                    if midst != stream {
                        continue;
                    }
                    let (number, why) = (line + found.place.line - 1, found.problem.to_string());
                    into.unread(Unread { at: format!("{name}:{number}"), code: found.problem.code(), why });
                }
                Item::Record(record) => {
                    let offset = start + record.place.offset;
                    let number = line + record.place.line - 1;
                    // Behind the record; its line end makes an empty line of the same number.
                    at = At { offset: offset + record.text.len() as u64, line: number, skip: 0 };
                    let here = |code, why: &str| Unread {
                        at: format!("{name}:{number}"),
                        code,
                        why: why.to_owned(),
                    };
                    match Message::read(record.text) {
                        Err(wrong) if midst == stream => into.unread(here(wrong.code, wrong.why)),
                        Err(_) => continue,
                        Ok(Message::Schema { stream: of, .. }) => {
                            midst = self.index.number(&of).unwrap_or(midst);
                            continue;
                        }
                        Ok(Message::Other | Message::State(_)) => continue,
                        Ok(Message::Record { stream: of, record }) => {
                            midst = self.index.number(&of).unwrap_or(midst);
                            if midst != stream {
                                continue;
                            }
                            match self.index.last(stream, record, offset)? {
                                Last::Here => into.push(&without_empty_fractions(record)),
                                Last::Later => continue,
                                Last::NoKey => into.unread(here(
                                    "no-key",
                                    "the record lacks a value for a key of its stream, so that it cannot be told from others",
                                )),
                            }
                        }
                    }
                }
            }
            into.end(Some(at.cursor()));
        }
        into.end(None);
        Ok(())
    }
}

/// A place in the output.
#[derive(Clone, Copy)]
struct At {
    offset: u64,
    line: u64,
    /// Lines behind the offset that are done, and of which nobody knows where they end.
    skip: u64,
}

impl At {
    fn cursor(self) -> Cursor {
        Cursor(format!("{}:{}:{}", self.offset, self.line, self.skip))
    }

    fn of(cursor: &Cursor) -> Result<At, Fault> {
        if cursor.is_start() {
            return Ok(At { offset: 0, line: 1, skip: 0 });
        }
        let numbers: Option<Vec<u64>> = cursor.0.split(':').map(|number| number.parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[offset, line, skip]) if line > 0 => Ok(At { offset, line, skip }),
            _ => Err(Fault::never("the place at which reading should go on is not one of a tap's output")),
        }
    }
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Fault {
    Fault::person(format!("cannot read {}: {error}", path.display()))
}
