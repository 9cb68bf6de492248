//! A growing window over a byte stream that knows where it stands.

use std::io::{ErrorKind, Read, Result};

use crate::problem::Place;

/// Bytes read at once.
const CHUNK: usize = 256 << 10;

/// The part of the stream that is in memory: everything read and not yet consumed.
pub(crate) struct Window<R> {
    read: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    place: Place,
    ended: bool,
}

/// What the first bytes of a file say about its encoding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// Nothing that speaks against UTF-8; its byte-order mark is consumed.
    Utf8,
    /// A byte-order mark of UTF-16.
    Utf16,
}

impl<R: Read> Window<R> {
    pub(crate) fn new(read: R) -> Self {
        Window {
            read,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            place: Place { line: 1, offset: 0 },
            ended: false,
        }
    }

    /// What is in memory.
    pub(crate) fn data(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Place of the first byte of `data`.
    pub(crate) const fn place(&self) -> Place {
        self.place
    }

    /// Reads some more behind what is there. False at the end of the stream.
    pub(crate) fn fill(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.end < CHUNK / 2 {
            // Doubling keeps the copying of a long record linear.
            let length = (self.buffer.len() * 2).max(CHUNK);
            self.buffer.resize(length, 0);
        }
        loop {
            let Some(free) = self.buffer.get_mut(self.end..) else { return Ok(false) };
            match self.read.read(free) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(false);
                }
                Ok(n) => {
                    self.end += n;
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Moves past `count` bytes of `data`.
    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        let lines = memchr::memchr_iter(b'\n', self.data().get(..count).unwrap_or_default()).count();
        self.start += count;
        self.place.line += lines as u64;
        self.place.offset += count as u64;
    }

    /// Moves past one byte that is not a line end.
    pub(crate) fn step(&mut self) {
        if self.start < self.end {
            self.start += 1;
            self.place.offset += 1;
        }
    }

    /// The next byte, read if need be.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            if let Some(byte) = self.data().first() {
                return Ok(Some(*byte));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Looks at the first bytes of the file and consumes a UTF-8 byte-order mark.
    pub(crate) fn begin(&mut self) -> Result<Start> {
        while self.data().len() < 3 && self.fill()? {}
        match self.data() {
            [0xEF, 0xBB, 0xBF, ..] => {
                self.consume(3);
                Ok(Start::Utf8)
            }
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Ok(Start::Utf16),
            _ => Ok(Start::Utf8),
        }
    }

    /// Bytes of memory held.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.buffer.capacity()
    }
}
