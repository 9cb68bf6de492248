//! CSV: rows of fields under a header.

use std::io::{Read, Result};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::problem::{Found, Place, Problem};
use crate::window::{Start, Window};
use crate::{Item, Limits};

/// Reads CSV as RFC 4180 has it, with LF, CRLF or CR line ends, blank lines ignored.
pub struct Table<R> {
    window: Window<R>,
    reader: Reader,
    limits: Limits,
    header: Vec<String>,
    fields: Vec<u8>,
    ends: Vec<usize>,
    /// Problems that stand before the row at hand.
    waiting: Vec<Found>,
    /// The row that was read and waits behind its problems.
    row: Option<(Place, usize)>,
    closed: bool,
}

/// A row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Where its first byte stands.
    pub place: Place,
    text: &'a str,
    ends: &'a [usize],
}

impl<'a> Row<'a> {
    /// The field of a column, if the row has it.
    #[must_use]
    pub fn field(&self, column: usize) -> Option<&'a str> {
        let end = *self.ends.get(column)?;
        let start = match column.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        self.text.get(start..end)
    }

    /// Fields of the row.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the row has no fields, which no row has.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// A record that was read into `fields` and `ends`.
enum Read1 {
    Row { place: Place, fields: usize, quotes: usize },
    TooLong { place: Place, bytes: u64 },
    TooManyFields { place: Place },
    End,
}

impl<R: Read> Table<R> {
    /// Opens a table and reads its header. An empty file has an empty header.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub fn open(read: R, delimiter: u8, limits: Limits) -> Result<Self> {
        let mut table = Table {
            window: Window::new(read),
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            limits,
            header: Vec::new(),
            fields: vec![0; 4096],
            ends: vec![0; 64],
            waiting: Vec::new(),
            row: None,
            closed: false,
        };
        table.read_header()?;
        Ok(table)
    }

    /// The columns, as written.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The column of that name; the first one when the header has it twice.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    fn read_header(&mut self) -> Result<()> {
        let start = self.window.begin()?;
        let place = self.window.place();
        if start == Start::Utf16 {
            return self.close(Problem::Utf16, place);
        }
        match self.read()? {
            Read1::End => self.closed = true,
            Read1::TooLong { place, bytes } => self.close(Problem::TooLong { bytes }, place)?,
            Read1::TooManyFields { place } => self.close(Problem::TooManyColumns, place)?,
            Read1::Row { place, fields, quotes } => {
                if !self.is_text(fields) {
                    return self.close(Problem::NotUtf8, place);
                }
                if quotes % 2 == 1 {
                    self.waiting.push(Found { problem: Problem::UnevenQuotes, place });
                }
                let row = self.view(place, fields);
                let header: Vec<String> =
                    (0..row.len()).map(|at| row.field(at).unwrap_or_default().to_owned()).collect();
                let mut seen = std::collections::BTreeSet::new();
                for name in &header {
                    if !seen.insert(name) {
                        let problem = Problem::DuplicateColumn { name: name.clone() };
                        self.waiting.push(Found { problem, place });
                    }
                }
                self.waiting.reverse();
                self.header = header;
            }
        }
        Ok(())
    }

    /// Gives up the file: its one problem is given, nothing else.
    fn close(&mut self, problem: Problem, place: Place) -> Result<()> {
        self.closed = true;
        self.waiting.push(Found { problem, place });
        self.window.consume(usize::MAX);
        while self.window.fill()? {
            self.window.consume(usize::MAX);
        }
        Ok(())
    }

    /// The next row or problem. The problems of a row come before it.
    ///
    /// # Errors
    /// When the stream cannot be read.
    #[expect(
        clippy::should_implement_trait,
        reason = "the row borrows from the reader, which an Iterator cannot say"
    )]
    pub fn next(&mut self) -> Result<Option<Item<Row<'_>>>> {
        loop {
            if let Some(found) = self.waiting.pop() {
                return Ok(Some(Item::Problem(found)));
            }
            if let Some((place, fields)) = self.row.take() {
                return Ok(Some(Item::Record(self.view(place, fields))));
            }
            if self.closed {
                return Ok(None);
            }
            match self.read()? {
                Read1::End => self.closed = true,
                Read1::TooLong { place, bytes } => {
                    self.waiting.push(Found { problem: Problem::TooLong { bytes }, place });
                }
                Read1::TooManyFields { place } => {
                    let (expected, found) = (self.header.len(), self.limits.columns);
                    self.waiting.push(Found { problem: Problem::ExtraFields { expected, found }, place });
                }
                Read1::Row { place, fields, quotes } => self.judge(place, fields, quotes),
            }
        }
    }

    fn judge(&mut self, place: Place, found: usize, quotes: usize) {
        if !self.is_text(found) {
            self.waiting.push(Found { problem: Problem::NotUtf8, place });
            return;
        }
        let expected = self.header.len();
        if found < expected {
            self.waiting.push(Found { problem: Problem::MissingFields { expected, found }, place });
        }
        if found > expected {
            self.waiting.push(Found { problem: Problem::ExtraFields { expected, found }, place });
        }
        if quotes % 2 == 1 {
            self.waiting.push(Found { problem: Problem::UnevenQuotes, place });
        }
        self.row = Some((place, found));
    }

    fn view(&self, place: Place, fields: usize) -> Row<'_> {
        let ends = self.ends.get(..fields).unwrap_or_default();
        let bytes = self.fields.get(..ends.last().copied().unwrap_or(0)).unwrap_or_default();
        // Checked by `is_text` before; an empty text here would only be a row that was not checked.
        Row { place, text: std::str::from_utf8(bytes).unwrap_or_default(), ends }
    }

    fn is_text(&self, fields: usize) -> bool {
        let ends = self.ends.get(..fields).unwrap_or_default();
        let bytes = self.fields.get(..ends.last().copied().unwrap_or(0)).unwrap_or_default();
        std::str::from_utf8(bytes).is_ok_and(|text| ends.iter().all(|end| text.is_char_boundary(*end)))
    }

    /// Moves past line ends, so that a record's place is that of its first byte.
    fn blank(&mut self) -> Result<bool> {
        loop {
            match self.window.peek()? {
                Some(b'\n') => self.window.consume(1),
                Some(b'\r') => self.window.step(),
                Some(_) => return Ok(true),
                None => return Ok(false),
            }
        }
    }

    fn read(&mut self) -> Result<Read1> {
        if !self.blank()? {
            return Ok(Read1::End);
        }
        let place = self.window.place();
        let (mut used, mut ended, mut quotes) = (0, 0, 0);
        let (mut too_long, mut too_many) = (false, false);
        loop {
            let data = self.window.data();
            let free = self.fields.get_mut(used..).unwrap_or_default();
            let free_ends = self.ends.get_mut(ended..).unwrap_or_default();
            let (result, read, wrote, wrote_ends) = self.reader.read_record(data, free, free_ends);
            let taken = data.get(..read).unwrap_or_default();
            quotes += memchr::memchr_iter(b'"', taken).count();
            // The line end that closes a record is not of its length.
            let line_end = usize::from(
                matches!(result, ReadRecordResult::Record) && matches!(taken.last(), Some(b'\n' | b'\r')),
            );
            self.window.consume(read);
            used += wrote;
            ended += wrote_ends;
            let bytes = self.window.place().offset - place.offset - line_end as u64;
            if bytes > self.limits.record_bytes as u64 {
                too_long = true;
            }
            match result {
                ReadRecordResult::InputEmpty => {
                    // At the end of the stream the reader is called once more with nothing, which closes the last record.
                    self.window.fill()?;
                }
                ReadRecordResult::OutputFull if too_long || too_many => used = 0,
                ReadRecordResult::OutputFull => {
                    let length = (self.fields.len() * 2).min(self.limits.record_bytes + 1).max(used + 1);
                    self.fields.resize(length, 0);
                }
                ReadRecordResult::OutputEndsFull if too_long || too_many => ended = 0,
                ReadRecordResult::OutputEndsFull if ended > self.limits.columns => {
                    too_many = true;
                    ended = 0;
                }
                ReadRecordResult::OutputEndsFull => {
                    let length = (self.ends.len() * 2).min(self.limits.columns + 1).max(ended + 1);
                    self.ends.resize(length, 0);
                }
                ReadRecordResult::Record if too_long => return Ok(Read1::TooLong { place, bytes }),
                ReadRecordResult::Record if too_many || ended > self.limits.columns => {
                    return Ok(Read1::TooManyFields { place });
                }
                ReadRecordResult::Record => return Ok(Read1::Row { place, fields: ended, quotes }),
                ReadRecordResult::End => return Ok(Read1::End),
            }
        }
    }

    /// Bytes of memory held.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.window.held() + self.fields.capacity() + self.ends.capacity() * 8
    }
}
