//! Cuts the plain stretches of an item, what pest leaves between its leaves, into words, numbers, marks and line ends.
//!
//! Like the grammar this cannot fail: a character that begins nothing else is junk.

use cutover_grammar::in_word;

use crate::tree::TermKind;

/// What stands at some place of a plain stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaf {
    /// Part of the language.
    Term(TermKind),
    /// The end of a line: `\n`, `\r\n` or `\r`.
    Newline,
    /// `;`
    Semicolon,
    /// Blanks that look like a plain one, or like nothing.
    OddBlank,
    /// `=>` and other arrows.
    OtherArrow,
    /// Characters that are part of nothing.
    Junk,
}

/// The first leaf of `text` that begins at `at` or behind blanks there: what it is, its first byte and the first behind it.
/// `None` at the end of the text.
#[inline]
pub(crate) fn next(text: &str, mut at: usize) -> Option<(Leaf, usize, usize)> {
    let bytes = text.as_bytes();
    let begins_with = |at: usize, sign: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(sign));
    loop {
        let (leaf, end) = match *bytes.get(at)? {
            b' ' | b'\t' => {
                at += 1;
                continue;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => (Leaf::Term(TermKind::Word), word(text, at)),
            b'0'..=b'9' => (Leaf::Term(TermKind::Numeric), numeric(bytes, at + 1)),
            b'\n' => (Leaf::Newline, at + 1),
            b'\r' => (Leaf::Newline, at + 1 + usize::from(bytes.get(at + 1) == Some(&b'\n'))),
            b',' => (Leaf::Term(TermKind::Comma), at + 1),
            b'(' => (Leaf::Term(TermKind::Open), at + 1),
            b')' => (Leaf::Term(TermKind::Close), at + 1),
            b';' => (Leaf::Semicolon, at + 1),
            b'-' if begins_with(at, b"->") => (Leaf::Term(TermKind::Arrow), at + 2),
            b'-' if begins_with(at, b"-->") => (Leaf::OtherArrow, at + 3),
            b'-' | b'+' => (Leaf::Term(TermKind::Sign), at + 1),
            // pest closes each backtick or gives the name as a leaf of its own.
            b'`' => (Leaf::Term(TermKind::Word), segments(text, quoted(bytes, at).unwrap_or(at + 1))),
            0x0b | 0x0c => (Leaf::OddBlank, odd_blanks(text, at)),
            b'?' if begins_with(at, b"???") => (Leaf::Term(TermKind::Hole), at + 3),
            b'=' if begins_with(at, b"=>") => (Leaf::OtherArrow, at + 2),
            0x80.. => match char_at(text, at) {
                Some('\u{feff}') => {
                    at += '\u{feff}'.len_utf8();
                    continue;
                }
                Some('\u{2192}' | '\u{21d2}') => (Leaf::OtherArrow, at + 3),
                Some(c) if in_word(c) => (Leaf::Term(TermKind::Word), word(text, at)),
                Some(c) if is_odd(c) => (Leaf::OddBlank, odd_blanks(text, at)),
                _ => (Leaf::Junk, junk(text, at)),
            },
            _ => (Leaf::Junk, junk(text, at)),
        };
        return Some((leaf, at, end));
    }
}

fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// ASCII letters, digits and `_`.
static PLAIN_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
        {
            table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        }
        byte += 1;
    }
    table
};

/// The end of the ASCII letters, digits and `_` at `at`.
#[inline]
pub(crate) fn plain_word(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at)
        && PLAIN_WORD.get(usize::from(*byte)) == Some(&true)
    {
        at += 1;
    }
    at
}

/// The end of the word that begins at `at`, with its dots.
#[inline]
fn word(text: &str, at: usize) -> usize {
    let end = plain_word(text.as_bytes(), at);
    match text.as_bytes().get(end) {
        Some(b'.' | 0x80..) => segments(text, tail(text, end)),
        _ => end,
    }
}

/// The end of the letters and digits of any script at `at`.
fn tail(text: &str, mut at: usize) -> usize {
    loop {
        at = plain_word(text.as_bytes(), at);
        match char_at(text, at) {
            Some(c) if !c.is_ascii() && in_word(c) => at += c.len_utf8(),
            _ => return at,
        }
    }
}

/// The end of the further segments of a name, each behind a dot.
fn segments(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while bytes.get(at) == Some(&b'.') {
        let end = match bytes.get(at + 1) {
            Some(b'`') => quoted(bytes, at + 1),
            _ => Some(tail(text, at + 1)),
        };
        match end {
            Some(end) if end > at + 1 => at = end,
            _ => break,
        }
    }
    at
}

/// The end of the name in backticks at `at`, if it is closed.
fn quoted(bytes: &[u8], at: usize) -> Option<usize> {
    let inner = bytes.get(at + 1..)?;
    let len = inner.iter().position(|byte| matches!(byte, b'`' | b'\n' | b'\r'))?;
    (inner.get(len) == Some(&b'`')).then_some(at + len + 2)
}

/// The end of what begins with a digit before `at`.
fn numeric(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        let next = bytes.get(at + 1);
        let part = match byte {
            b'.' => next.is_some_and(u8::is_ascii_alphanumeric),
            b'-' | b'+' => next.is_some_and(u8::is_ascii_digit),
            b':' | b'_' => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        if !part {
            break;
        }
        at += 1;
    }
    at + usize::from(bytes.get(at) == Some(&b'%'))
}

/// The end of the odd blanks at `at`.
fn odd_blanks(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.find(|c| !is_odd(c)).unwrap_or(rest.len())
}

fn is_odd(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{85}' | '\u{0b}' | '\u{0c}' | '\u{2000}'
            ..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}'
    )
}

/// The end of the characters that are part of nothing, of which the first begins at `at`.
fn junk(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let mut chars = rest.char_indices();
    chars.next();
    let end = chars.find(|(offset, c)| match c {
        // Signs among others are as odd as these; an arrow is one again.
        '-' => rest.get(*offset..).is_some_and(|rest| rest.starts_with("->")),
        ' ' | '\t' | '\n' | '\r' | '"' | '`' | ',' | ';' | '(' | ')' | '#' | '{' | '}' | '_' => true,
        c => c.is_ascii_alphanumeric() || is_odd(*c),
    });
    at + end.map_or(rest.len(), |(offset, _)| offset)
}

#[cfg(test)]
mod tests {
    use super::{Leaf, next};
    use crate::tree::TermKind::{Arrow, Comma, Hole, Numeric, Sign, Word};

    fn leaves(text: &str) -> Vec<(Leaf, &str)> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some((leaf, start, end)) = next(text, at) {
            assert!(end > start, "{text}");
            found.push((leaf, text.get(start..end).unwrap_or("not at a character")));
            at = end;
        }
        found
    }

    #[test]
    fn plain_stretches() {
        for (text, expected) in [
            (
                "custom.`Legacy ID`.x, \u{e9}t\u{e9}",
                &[
                    (Leaf::Term(Word), "custom.`Legacy ID`.x"),
                    (Leaf::Term(Comma), ","),
                    (Leaf::Term(Word), "\u{e9}t\u{e9}"),
                ][..],
            ),
            ("a. b", &[(Leaf::Term(Word), "a"), (Leaf::Junk, "."), (Leaf::Term(Word), "b")]),
            (
                "99.5% 2026-12-05 02:30+01:00 5-x",
                &[
                    (Leaf::Term(Numeric), "99.5%"),
                    (Leaf::Term(Numeric), "2026-12-05"),
                    (Leaf::Term(Numeric), "02:30+01:00"),
                    (Leaf::Term(Numeric), "5"),
                    (Leaf::Term(Sign), "-"),
                    (Leaf::Term(Word), "x"),
                ],
            ),
            (
                "->-->=>\u{2192}???",
                &[
                    (Leaf::Term(Arrow), "->"),
                    (Leaf::OtherArrow, "-->"),
                    (Leaf::OtherArrow, "=>"),
                    (Leaf::OtherArrow, "\u{2192}"),
                    (Leaf::Term(Hole), "???"),
                ],
            ),
            ("\r\n\r;", &[(Leaf::Newline, "\r\n"), (Leaf::Newline, "\r"), (Leaf::Semicolon, ";")]),
            (
                "=-+?\u{20ac}->\u{a0}\u{200b}",
                &[
                    (Leaf::Junk, "=-+?\u{20ac}"),
                    (Leaf::Term(Arrow), "->"),
                    (Leaf::OddBlank, "\u{a0}\u{200b}"),
                ],
            ),
        ] {
            assert_eq!(leaves(text), expected, "{text}");
        }
    }
}
