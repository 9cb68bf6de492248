//! A file that is being read.

use std::fmt;
use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use cutover_records::{Elements, Found, Item, Limits, Lines, Row, Table};

use super::At;
use super::set::{Format, format};
use crate::fault::Fault;
use crate::read::{Chunk, Unread};

/// A file that is being read.
pub(crate) struct Open {
    path: PathBuf,
    reader: Reader,
    /// Where the reader entered the file.
    base: At,
}

enum Reader {
    Lines(Box<Lines<File>>),
    Pages(Box<Elements<File>>),
    /// With the columns, quoted as keys.
    Table(Box<Table<File>>, Vec<String>),
}

/// What came next.
pub(crate) enum Got {
    /// A record behind which the file can be entered, and where that is.
    Record { offset: u64, line: u64 },
    /// A problem, or a record of a file that can only be entered at its start.
    Item,
    /// Nothing is left.
    End,
}

impl Open {
    pub(crate) fn at(path: &Path, list: Vec<String>, at: &At) -> Result<Open, Fault> {
        let io = |error: std::io::Error| cannot_read(path, &error);
        let mut file = File::open(path).map_err(io)?;
        let limits = Limits::default();
        let base = At { line: at.line.max(1), ..*at };
        let reader = match format(path) {
            Some(Format::Table) => {
                let table = Table::open(file, b',', limits).map_err(io)?;
                let header = table.header().iter().map(|column| quoted(column)).collect();
                Reader::Table(Box::new(table), header)
            }
            Some(Format::Pages) => Reader::Pages(Box::new(Elements::new(file, list, limits))),
            Some(Format::Lines) | None => {
                file.seek(SeekFrom::Start(at.offset)).map_err(io)?;
                Reader::Lines(Box::new(Lines::new(file, limits)))
            }
        };
        let mut open = Open { path: path.to_owned(), reader, base };
        let mut scratch = Chunk::default();
        for _ in 0..at.items {
            scratch.clear();
            if let Got::End = open.next(&mut scratch)? {
                return Err(Fault::never(format!(
                    "{} is shorter than it was when it was read before",
                    path.display()
                )));
            }
        }
        Ok(open)
    }

    /// Adds the next record or problem to the chunk.
    pub(crate) fn next(&mut self, into: &mut Chunk) -> Result<Got, Fault> {
        let path = &self.path;
        let base = self.base;
        let io = |error: std::io::Error| cannot_read(path, &error);
        match &mut self.reader {
            Reader::Lines(lines) => match lines.next().map_err(io)? {
                None => return Ok(Got::End),
                Some(Item::Record(record)) => {
                    into.push(record.text);
                    let offset = base.offset + record.place.offset + record.text.len() as u64;
                    return Ok(Got::Record {
                        offset,
                        line: (base.line + record.place.line).saturating_sub(1),
                    });
                }
                Some(Item::Problem(found)) => into.unread(unread(path, base, &found)),
            },
            Reader::Pages(pages) => match pages.next().map_err(io)? {
                None => return Ok(Got::End),
                Some(Item::Record(record)) => into.push(record.text),
                Some(Item::Problem(found)) => into.unread(unread(path, base, &found)),
            },
            Reader::Table(table, header) => match table.next().map_err(io)? {
                None => return Ok(Got::End),
                Some(Item::Record(row)) => into.push(&object(header, &row)),
                Some(Item::Problem(found)) if found.problem.loses_record() => {
                    into.unread(unread(path, base, &found));
                }
                // The row itself comes next, as far as it could be read.
                Some(Item::Problem(_)) => {}
            },
        }
        Ok(Got::Item)
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open").field("path", &self.path).field("base", &self.base).finish_non_exhaustive()
    }
}

fn unread(path: &Path, base: At, found: &Found) -> Unread {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let line = (base.line + found.place.line).saturating_sub(1);
    Unread { at: format!("{name}:{line}"), code: found.problem.code(), why: found.problem.to_string() }
}

/// A row as an object of texts.
fn object(header: &[String], row: &Row<'_>) -> String {
    let mut text = String::with_capacity(256);
    text.push('{');
    for (at, column) in header.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(column);
        text.push(':');
        match row.field(at) {
            None | Some("") => text.push_str("null"),
            Some(field) => text.push_str(&quoted(field)),
        }
    }
    text.push('}');
    text
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Fault {
    Fault::person(format!("cannot read {}: {error}", path.display()))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
