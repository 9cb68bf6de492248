//! One JSON object a line.

use std::io::{Read, Result};

use crate::problem::{Found, Place, Problem};
use crate::window::{Start, Window};
use crate::{Item, Limits, Record};

/// Reads JSONL: one record a line, LF or CRLF, blank lines ignored, the last line with or without a line end.
pub struct Lines<R> {
    window: Window<R>,
    limits: Limits,
    begun: bool,
    /// Bytes of the window to drop before the next record: the record given last, and its line end.
    given: usize,
}

/// What the search for a line end found.
enum Line {
    /// A line of that many bytes stands at the start of the window; `end` bytes of line end follow.
    Here { length: usize, end: usize },
    /// A line was longer than the limit and is consumed.
    Skipped { place: Place, bytes: u64 },
    /// Nothing is left.
    None,
}

impl<R: Read> Lines<R> {
    /// A reader of a byte stream.
    pub fn new(read: R, limits: Limits) -> Self {
        Lines { window: Window::new(read), limits, begun: false, given: 0 }
    }

    /// The next record or problem.
    ///
    /// # Errors
    /// When the stream cannot be read.
    #[expect(
        clippy::should_implement_trait,
        reason = "the record borrows from the reader, which an Iterator cannot say"
    )]
    pub fn next(&mut self) -> Result<Option<Item<Record<'_>>>> {
        if !self.begun {
            self.begun = true;
            if self.window.begin()? == Start::Utf16 {
                let place = self.window.place();
                while self.window.fill()? {
                    self.window.consume(usize::MAX);
                }
                self.window.consume(usize::MAX);
                return Ok(Some(Item::Problem(Found { problem: Problem::Utf16, place })));
            }
        }
        loop {
            self.window.consume(self.given);
            self.given = 0;
            match self.line()? {
                Line::None => return Ok(None),
                Line::Skipped { place, bytes } => {
                    return Ok(Some(Item::Problem(Found { problem: Problem::TooLong { bytes }, place })));
                }
                Line::Here { length, end } => {
                    self.given = length + end;
                    let line = self.window.data().get(..length).unwrap_or_default();
                    if !line.iter().all(u8::is_ascii_whitespace) {
                        return Ok(Some(self.give(length)));
                    }
                }
            }
        }
    }

    fn give(&self, length: usize) -> Item<Record<'_>> {
        let line = self.window.data().get(..length).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut place = self.window.place();
        match std::str::from_utf8(line) {
            Ok(text) => Item::Record(Record { text, place }),
            Err(error) => {
                place.offset += error.valid_up_to() as u64;
                Item::Problem(Found { problem: Problem::NotUtf8, place })
            }
        }
    }

    fn line(&mut self) -> Result<Line> {
        let place = self.window.place();
        let mut searched = 0;
        loop {
            let data = self.window.data();
            let found =
                memchr::memchr(b'\n', data.get(searched..).unwrap_or_default()).map(|at| searched + at);
            let length = found.unwrap_or(data.len());
            if length > self.limits.record_bytes {
                return self.skip(place);
            }
            if found.is_some() {
                return Ok(Line::Here { length, end: 1 });
            }
            searched = data.len();
            if !self.window.fill()? {
                return Ok(if searched == 0 { Line::None } else { Line::Here { length: searched, end: 0 } });
            }
        }
    }

    /// Moves past the rest of a line without keeping it.
    fn skip(&mut self, place: Place) -> Result<Line> {
        let mut bytes = 0;
        loop {
            let data = self.window.data();
            if let Some(at) = memchr::memchr(b'\n', data) {
                bytes += at as u64;
                self.window.consume(at + 1);
                return Ok(Line::Skipped { place, bytes });
            }
            bytes += data.len() as u64;
            self.window.consume(usize::MAX);
            if !self.window.fill()? {
                return Ok(Line::Skipped { place, bytes });
            }
        }
    }

    /// Bytes of memory held.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.window.held()
    }
}
