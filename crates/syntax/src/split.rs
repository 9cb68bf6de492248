//! Cuts a file into items, line by line.
//!
//! An item begins at a line whose first word is an item keyword, whatever the braces say: item keywords are never user text
//! and strings do not span lines. So a lost brace stays inside its item, and memory and backtracking of the parser are bounded
//! by one item.

use memchr::memchr2;

use crate::keywords::ItemKw;
use crate::terms::plain_word;

/// The text of one item in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The keyword; `None` for text before the first item.
    pub keyword: Option<ItemKw>,
    /// First byte.
    pub start: usize,
    /// First byte behind.
    pub end: usize,
}

/// The pieces of a text, in order, without gaps. Empty text gives none.
#[must_use]
pub fn split(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut start = 0;
    while let Some(line) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let len = memchr2(b'\n', b'\r', line.as_bytes()).map_or(line.len(), |at| at + 1);
        let end = start + len;
        match (first_keyword(line.get(..len).unwrap_or(line)), pieces.last_mut()) {
            (Some(keyword), _) => pieces.push(Piece { keyword: Some(keyword), start, end }),
            (None, Some(last)) => last.end = end,
            (None, None) => pieces.push(Piece { keyword: None, start, end }),
        }
        start = end;
    }
    // Text before the first item that is only comments and blanks belongs to the first item.
    if let [first, second, ..] = pieces.as_mut_slice()
        && first.keyword.is_none()
        && text.get(first.start..first.end).is_some_and(is_trivia)
    {
        second.start = first.start;
        pieces.remove(0);
    }
    pieces
}

fn is_trivia(text: &str) -> bool {
    text.lines().all(|line| line.trim_start().is_empty() || line.trim_start().starts_with('#'))
}

fn first_keyword(line: &str) -> Option<ItemKw> {
    let blanks = line.bytes().position(|byte| !matches!(byte, b' ' | b'\t'))?;
    let line = line.get(blanks..)?;
    // A pasted blank before a keyword is a finding, not a reason to lose the item.
    let line = match line.bytes().next()? {
        b'a'..=b'z' => line,
        0x0b | 0x0c | 0x80.. => {
            line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'))
        }
        _ => return None,
    };
    // Most lines of a spec are lines of a body that begin with a name: leave early.
    if !ItemKw::may_start(line) {
        return None;
    }
    let (first, rest) = word(line);
    if !ItemKw::may_begin_with(first) {
        return None;
    }
    let behind = rest.trim_start_matches([' ', '\t']);
    let (second, _) = word(behind);
    // `map.x`, `map -> x` and `map, x` begin no item: there a keyword stands in the place of a name.
    if rest.starts_with('.') || behind.starts_with("->") || behind.starts_with(',') {
        return None;
    }
    ItemKw::at_line_start(first, second)
}

/// The word that the text begins with, and what follows.
fn word(text: &str) -> (&str, &str) {
    let mut end = plain_word(text.as_bytes(), 0);
    if text.as_bytes().get(end).is_some_and(|byte| !byte.is_ascii()) {
        end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    }
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::keywords::ItemKw;

    #[test]
    fn a_lost_brace_stays_in_its_item() {
        let text = "# head\nedition 1\nteam full {\n  maya \"M\"\n\nscope {\n}\n";
        let pieces = split(text);
        let keywords: Vec<_> = pieces.iter().map(|p| p.keyword).collect();
        assert_eq!(keywords, [Some(ItemKw::Edition), Some(ItemKw::Team), Some(ItemKw::Scope)]);
        assert_eq!(pieces.first().map(|p| p.start), Some(0));
        assert_eq!(pieces.last().map(|p| p.end), Some(text.len()));
    }

    #[test]
    fn text_before_the_first_item_is_a_piece_of_its_own() {
        let pieces = split("hello\nedition 1\n");
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces.first().map(|p| p.keyword), Some(None));
    }

    #[test]
    fn composite_keywords() {
        let keywords: Vec<_> =
            split("go live {\n}\nread only source\ngo on\n").iter().map(|p| p.keyword).collect();
        assert_eq!(keywords, [Some(ItemKw::GoLive), Some(ItemKw::ReadOnly)]);
    }
}
