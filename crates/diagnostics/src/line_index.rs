//! From byte offsets to lines and columns, at a constant cost for each question.

use crate::source::{BOM, Location};

/// How many bytes lie between two checkpoints: the most that one question has to scan.
const STEP: usize = 1024;

/// The lines of a text, and for a text that is not ASCII the number of characters before every 1,024th byte, so that
/// a column on a line of megabytes costs no more than one on a short line.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
    checkpoints: Option<Vec<Count>>,
    len: u32,
}

/// Characters and UTF-16 units that start before some byte.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    chars: u32,
    utf16: u32,
}

impl Count {
    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            // Continuation bytes start no character; a four-byte character is two UTF-16 units.
            self.chars += u32::from(byte & 0xC0 != 0x80);
            self.utf16 += u32::from(byte & 0xC0 != 0x80) + u32::from(byte >= 0xF0);
        }
    }
}

impl LineIndex {
    /// Reads the text once. A line ends after `\n`; the `\r` of a `\r\n` belongs to the line break.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
        // Each byte once, whatever the lengths of lines; `match_indices` begins anew behind each break.
        let mut starts = Vec::with_capacity(text.len() / 24 + 1);
        starts.push(0);
        let bytes = (1_u32..).zip(text.bytes());
        starts.extend(bytes.filter(|(_, byte)| *byte == b'\n').map(|(next, _)| next));
        let checkpoints = (!text.is_ascii()).then(|| {
            let mut total = Count::default();
            let mut points = vec![total];
            for chunk in text.as_bytes().chunks(STEP) {
                total.add(chunk);
                points.push(total);
            }
            points
        });
        Self { starts, checkpoints, len }
    }

    /// Number of lines; the one after a last line break counts, so it is at least 1.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// The line (from 0) that holds `offset`.
    #[must_use]
    pub fn line_of(&self, offset: u32) -> u32 {
        let after = self.starts.partition_point(|&start| start <= offset);
        u32::try_from(after.saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The offset of a line's first byte (lines from 0); the end of the text for lines that do not exist.
    #[must_use]
    pub fn line_start(&self, line: u32) -> u32 {
        self.starts.get(line as usize).copied().unwrap_or(self.len)
    }

    /// A line's bytes without its line break and without a byte order mark (lines from 0).
    #[must_use]
    pub fn line_range(&self, text: &str, line: u32) -> std::ops::Range<u32> {
        let start = self.line_start(line);
        let next = self.line_start(line.saturating_add(1));
        let slice = text.get(start as usize..next as usize).unwrap_or("");
        let body = slice.strip_suffix('\n').map_or(slice, |line| line.strip_suffix('\r').unwrap_or(line));
        let end = start.saturating_add(u32::try_from(body.len()).unwrap_or(u32::MAX));
        start.saturating_add(bom_bytes(text, line))..end
    }

    /// Line and columns of `offset` in `text`, which must be the text that the index was made of.
    #[must_use]
    pub fn location(&self, text: &str, offset: u32) -> Location {
        let offset = floor_char(text, offset.min(self.len));
        let line = self.line_of(offset);
        let start = self.line_start(line).saturating_add(bom_bytes(text, line)).min(offset);
        let bytes = offset - start;
        let (chars, utf16) = match &self.checkpoints {
            None => (bytes, bytes),
            Some(points) => {
                let (from, to) = (count(points, text, start), count(points, text, offset));
                (to.chars - from.chars, to.utf16 - from.utf16)
            }
        };
        Location {
            line: line.saturating_add(1),
            column: chars.saturating_add(1),
            column_utf8: bytes.saturating_add(1),
            column_utf16: utf16.saturating_add(1),
        }
    }
}

/// What starts before `offset`: the nearest checkpoint and the bytes since.
fn count(points: &[Count], text: &str, offset: u32) -> Count {
    let offset = offset as usize;
    let point = offset / STEP;
    let mut total = points.get(point).copied().unwrap_or_default();
    total.add(text.as_bytes().get(point * STEP..offset).unwrap_or(&[]));
    total
}

/// The size of the byte order mark when `line` is the first and has one.
fn bom_bytes(text: &str, line: u32) -> u32 {
    if line == 0 && text.starts_with(BOM) { 3 } else { 0 }
}

/// The start of the character that `offset` lies in.
fn floor_char(text: &str, offset: u32) -> u32 {
    (0..4).map(|back| offset.saturating_sub(back)).find(|&at| text.is_char_boundary(at as usize)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str, offset: u32) -> (u32, u32, u32, u32) {
        let Location { line, column, column_utf8, column_utf16 } =
            LineIndex::new(text).location(text, offset);
        (line, column, column_utf8, column_utf16)
    }

    /// The same by counting from the start.
    fn counted(text: &str, offset: u32) -> (u32, u32, u32, u32) {
        let (mut line, mut chars, mut bytes, mut units) = (1, 1, 1, 1);
        for (start, c) in text.char_indices() {
            if start + c.len_utf8() > offset as usize {
                break;
            }
            if c == '\n' {
                (line, chars, bytes, units) = (line + 1, 1, 1, 1);
            } else if !(start == 0 && c == BOM) {
                (chars, bytes, units) =
                    (chars + 1, bytes + c.len_utf8() as u32, units + c.len_utf16() as u32);
            }
        }
        (line, chars, bytes, units)
    }

    #[test]
    fn columns_are_counted_in_characters_bytes_and_units() {
        let text = "a\né😀x";
        assert_eq!(at(text, 0), (1, 1, 1, 1));
        assert_eq!(at(text, 8), (2, 3, 7, 4));
        assert_eq!(at(text, 99), (2, 4, 8, 5));
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        assert_eq!(at("\u{feff}edition", 0), (1, 1, 1, 1));
        assert_eq!(at("\u{feff}edition", 3), (1, 1, 1, 1));
        assert_eq!(at("\u{feff}edition", 4), (1, 2, 2, 2));
    }

    #[test]
    fn lines_end_before_their_break() {
        let text = "\u{feff}a\r\nb\rc\n";
        let index = LineIndex::new(text);
        let lines: Vec<_> = (0..4).map(|line| index.line_range(text, line)).collect();
        assert_eq!(lines, [3..4, 6..9, 10..10, 10..10]);
        assert_eq!(index.line_count(), 3);
    }

    proptest! {
        #[test]
        fn agrees_with_counting(text in "(\u{feff})?([a-cé日😀\r\n\t]|\r\n){0,60}", offset in 0_u32..200) {
            prop_assert_eq!(at(&text, offset), counted(&text, offset));
        }

        #[test]
        fn agrees_with_counting_across_checkpoints(unit in "[aé日😀\n]{1,7}", offset in 0_u32..9_000) {
            let text = unit.repeat(700);
            prop_assert_eq!(at(&text, offset), counted(&text, offset));
        }
    }
}
