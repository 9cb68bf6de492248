//! Texts that an editor holds open: versions, lines, and columns in UTF-16 units.

use std::sync::Arc;

use lsp_types::{Position, Range, TextDocumentContentChangeEvent};
use memchr::memchr2_iter;

/// How many bytes lie between two counts of UTF-16 units: the most that one question scans.
const STEP: usize = 1024;

/// A text with its lines.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    text: Arc<str>,
    /// Where each line begins. Editors end lines at `\n`, `\r\n` and a lone `\r`.
    starts: Vec<u32>,
    /// UTF-16 units before every 1,024th byte, unless each byte is one.
    units: Option<Vec<u32>>,
}

impl Text {
    pub(crate) fn new(text: impl Into<Arc<str>>) -> Text {
        let text = text.into();
        let mut starts = vec![0];
        let bytes = text.as_bytes();
        let ends = memchr2_iter(b'\n', b'\r', bytes);
        let ends = ends.filter(|at| bytes.get(*at) != Some(&b'\r') || bytes.get(at + 1) != Some(&b'\n'));
        starts.extend(ends.map(|at| offset(at + 1)));
        let units = (!text.is_ascii()).then(|| {
            let mut total = 0;
            let mut points = vec![0];
            for chunk in bytes.chunks(STEP) {
                total += units(chunk);
                points.push(total);
            }
            points
        });
        Text { text, starts, units }
    }

    pub(crate) fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The place of a byte; one inside of a character means its start.
    pub(crate) fn position(&self, at: u32) -> Position {
        let mut at = (at as usize).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let line = self.starts.partition_point(|start| *start as usize <= at).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0) as usize;
        Position {
            line: offset(line),
            character: self.units_before(at).saturating_sub(self.units_before(start)),
        }
    }

    pub(crate) fn range(&self, start: u32, end: u32) -> Range {
        Range { start: self.position(start), end: self.position(end) }
    }

    /// The byte at a place. Behind the end of a line means its end, behind the last line the end of the text, inside of a character
    /// its start.
    pub(crate) fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line) else { return self.text.len() };
        let start = *start as usize;
        let end = self.starts.get(line + 1).map_or(self.text.len(), |next| *next as usize);
        let whole = self.text.get(start..end).unwrap_or_default();
        let body = whole.trim_end_matches(['\n', '\r']);
        let wanted = position.character as usize;
        if self.units.is_none() {
            return start + wanted.min(body.len());
        }
        let mut passed = 0;
        for (at, c) in body.char_indices() {
            passed += c.len_utf16();
            if passed > wanted {
                return start + at;
            }
        }
        start + body.len()
    }

    fn units_before(&self, at: usize) -> u32 {
        let Some(points) = &self.units else { return offset(at) };
        let point = at / STEP;
        let rest = self.text.as_bytes().get(point * STEP..at).unwrap_or_default();
        points.get(point).copied().unwrap_or(0) + units(rest)
    }

    /// The text after changes, each told in terms of the text that the one before it has left.
    pub(crate) fn changed(&self, changes: Vec<TextDocumentContentChangeEvent>) -> Text {
        let mut now = self.clone();
        for change in changes {
            let Some(range) = change.range else {
                now = Text::new(change.text);
                continue;
            };
            let start = now.offset(range.start);
            let end = now.offset(range.end).max(start);
            let mut text = String::with_capacity(now.text.len() + change.text.len());
            text.push_str(now.text.get(..start).unwrap_or_default());
            text.push_str(&change.text);
            text.push_str(now.text.get(end..).unwrap_or_default());
            now = Text::new(text);
        }
        now
    }
}

/// UTF-16 units of the characters that begin in these bytes.
fn units(bytes: &[u8]) -> u32 {
    let unit = |byte: &u8| u32::from(byte & 0xC0 != 0x80) + u32::from(*byte >= 0xF0);
    bytes.iter().map(unit).sum()
}

pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Text;
    use lsp_types::{Position, Range, TextDocumentContentChangeEvent};

    #[test]
    fn columns_count_utf16_units_and_lines_end_as_editors_end_them() {
        let text = Text::new("a😀é\rb\r\nc\n");
        let place = |at| {
            let Position { line, character } = text.position(at);
            (line, character)
        };
        assert_eq!(
            [0, 1, 5, 7, 8, 9, 11, 13].map(place),
            [(0, 0), (0, 1), (0, 3), (0, 4), (1, 0), (1, 1), (2, 0), (3, 0)]
        );
        // Inside of a character is its start, in both directions.
        assert_eq!(place(3), (0, 1));
        assert_eq!(text.offset(Position::new(0, 2)), 1);
        assert_eq!(text.offset(Position::new(0, 99)), 7);
        assert_eq!(text.offset(Position::new(9, 0)), 13);
    }

    #[test]
    fn every_boundary_of_a_long_text_is_found_again() {
        let line = "ab😀é\u{301}\u{feff}€ ";
        let text = Text::new(format!("{}\n{}", line.repeat(300), line.repeat(300)));
        for (at, _) in text.text().char_indices() {
            let at = super::offset(at);
            assert_eq!(text.offset(text.position(at)), at as usize);
        }
    }

    #[test]
    fn changes_follow_each_other() {
        let change = |range, text: &str| TextDocumentContentChangeEvent {
            range,
            range_length: None,
            text: text.to_owned(),
        };
        let at = |line, from, to| Some(Range::new(Position::new(line, from), Position::new(line, to)));
        let text = Text::new("one\ntwo\n");
        let text = text.changed(vec![
            change(at(1, 0, 3), "2\n3"),
            change(at(2, 0, 1), "drei"),
            change(at(0, 3, 3), "!"),
        ]);
        assert_eq!(&**text.text(), "one!\n2\ndrei\n");
        assert_eq!(&**text.changed(vec![change(None, "x")]).text(), "x");
    }
}
