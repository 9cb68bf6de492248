//! Input in blocks of whole lines.

use std::io::{ErrorKind, Read};

use super::Failure;

/// How much is read at a time. Small enough to stay in a processor's second cache with what is written of it.
pub(super) const SIZE: usize = 64 << 10;

/// Some whole lines, or one that is too long.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    /// The number of the first line.
    pub(super) line: u64,
    /// The place of the first byte in the input.
    pub(super) offset: u64,
    /// Instead of lines: the length of a line that was skipped unread.
    pub(super) skipped: Option<u64>,
}

/// A stream in blocks.
pub(super) struct Blocks<R> {
    input: R,
    /// The beginning of a line whose end is not read yet.
    carry: Vec<u8>,
    line: u64,
    offset: u64,
    begun: bool,
    ended: bool,
    limit: usize,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(input: R, limit: usize) -> Blocks<R> {
        Blocks { input, carry: Vec::new(), line: 1, offset: 0, begun: false, ended: false, limit }
    }

    /// Fills a block; false at the end of the input.
    pub(super) fn next(&mut self, block: &mut Block) -> Result<bool, Failure> {
        block.bytes.clear();
        block.bytes.shrink_to(SIZE * 4);
        block.skipped = None;
        block.bytes.append(&mut self.carry);
        (block.line, block.offset) = (self.line, self.offset);
        loop {
            let searched = block.bytes.len();
            if !self.ended {
                self.read(&mut block.bytes)?;
            }
            if !self.begun {
                self.begun = true;
                if block.bytes.starts_with(b"\xff\xfe") || block.bytes.starts_with(b"\xfe\xff") {
                    return Err(Failure::Utf16);
                }
                if block.bytes.starts_with(b"\xef\xbb\xbf") {
                    block.bytes.drain(..3);
                    self.offset += 3;
                    block.offset = self.offset;
                }
            }
            if self.ended {
                self.offset += block.bytes.len() as u64;
                self.line += lines(&block.bytes);
                return Ok(!block.bytes.is_empty());
            }
            let new = block.bytes.get(searched..).unwrap_or_default();
            if let Some(at) = memchr::memrchr(b'\n', new) {
                self.carry.extend_from_slice(block.bytes.get(searched + at + 1..).unwrap_or_default());
                block.bytes.truncate(searched + at + 1);
                self.offset += block.bytes.len() as u64;
                self.line += lines(&block.bytes);
                return Ok(true);
            }
            if block.bytes.len() > self.limit {
                block.skipped = Some(self.skip(block.bytes.len() as u64)?);
                block.bytes.clear();
                return Ok(true);
            }
        }
    }

    /// Appends up to [`SIZE`] bytes; notes the end of the input.
    fn read(&mut self, bytes: &mut Vec<u8>) -> Result<(), Failure> {
        let mut filled = bytes.len();
        let wanted = filled + SIZE;
        bytes.resize(wanted, 0);
        while filled < wanted && !self.ended {
            match self.input.read(bytes.get_mut(filled..).unwrap_or_default()) {
                Ok(0) => self.ended = true,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::Input(error)),
            }
        }
        bytes.truncate(filled);
        Ok(())
    }

    /// Moves past the rest of a line without keeping it; its whole length.
    fn skip(&mut self, mut length: u64) -> Result<u64, Failure> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            if !self.ended {
                self.read(&mut bytes)?;
            }
            if let Some(at) = memchr::memchr(b'\n', &bytes) {
                length += at as u64;
                self.carry.extend_from_slice(bytes.get(at + 1..).unwrap_or_default());
                self.offset += length + 1;
                self.line += 1;
                return Ok(length);
            }
            length += bytes.len() as u64;
            if self.ended {
                self.offset += length;
                self.line += 1;
                return Ok(length);
            }
        }
    }
}

fn lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}
