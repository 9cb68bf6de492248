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

/// What an ASCII character can begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    Letter,
    Digit,
    Line,
    Sign,
    Single(Leaf),
    Quoted,
    Odd,
    Junk,
    High,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Junk; 256];
    let mut at = 0_usize;
    while at < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "less than 256")]
        let byte = at as u8;
        #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
        {
            classes[at] = match byte {
                b' ' | b'\t' => Class::Blank,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => Class::Letter,
                b'0'..=b'9' => Class::Digit,
                b'\n' | b'\r' => Class::Line,
                b'-' | b'+' => Class::Sign,
                b',' => Class::Single(Leaf::Term(TermKind::Comma)),
                b'(' => Class::Single(Leaf::Term(TermKind::Open)),
                b')' => Class::Single(Leaf::Term(TermKind::Close)),
                b';' => Class::Single(Leaf::Semicolon),
                b'`' => Class::Quoted,
                0x0b | 0x0c => Class::Odd,
                0x80.. => Class::High,
                _ => Class::Junk,
            };
        }
        at += 1;
    }
    classes
};

fn class(byte: u8) -> Class {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(Class::Junk)
}

/// The first leaf of `text` that begins at `at` or behind blanks there: what it is, its first byte and the first behind it.
/// `None` at the end of the text.
pub(crate) fn next(text: &str, mut at: usize) -> Option<(Leaf, usize, usize)> {
    let bytes = text.as_bytes();
    loop {
        let byte = *bytes.get(at)?;
        let (leaf, end) = match class(byte) {
            Class::Blank => {
                at += 1;
                continue;
            }
            Class::Letter => (Leaf::Term(TermKind::Word), word(text, at)),
            Class::Digit => (Leaf::Term(TermKind::Numeric), numeric(bytes, at + 1)),
            Class::Line => {
                let two = byte == b'\r' && bytes.get(at + 1) == Some(&b'\n');
                (Leaf::Newline, at + 1 + usize::from(two))
            }
            Class::Single(leaf) => (leaf, at + 1),
            Class::Sign if rest(bytes, at).starts_with(b"->") => (Leaf::Term(TermKind::Arrow), at + 2),
            Class::Sign if rest(bytes, at).starts_with(b"-->") => (Leaf::OtherArrow, at + 3),
            Class::Sign => (Leaf::Term(TermKind::Sign), at + 1),
            // pest closes each backtick or gives the name as a leaf of its own.
            Class::Quoted => {
                (Leaf::Term(TermKind::Word), segments(text, quoted(bytes, at).unwrap_or(at + 1)))
            }
            Class::Odd => (Leaf::OddBlank, odd_blanks(text, at)),
            Class::Junk if rest(bytes, at).starts_with(b"???") => (Leaf::Term(TermKind::Hole), at + 3),
            Class::Junk if rest(bytes, at).starts_with(b"=>") => (Leaf::OtherArrow, at + 2),
            Class::Junk => (Leaf::Junk, junk(text, at)),
            Class::High => match char_at(text, at) {
                Some('\u{feff}') => {
                    at += '\u{feff}'.len_utf8();
                    continue;
                }
                Some('\u{2192}' | '\u{21d2}') => (Leaf::OtherArrow, at + 3),
                Some(c) if in_word(c) => (Leaf::Term(TermKind::Word), word(text, at)),
                Some(c) if is_odd(c) => (Leaf::OddBlank, odd_blanks(text, at)),
                _ => (Leaf::Junk, junk(text, at)),
            },
        };
        return Some((leaf, at, end));
    }
}

fn rest(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or_default()
}

fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// The end of the word that begins at `at`, with its dots.
fn word(text: &str, at: usize) -> usize {
    segments(text, tail(text, at))
}

/// The end of the letters and digits at `at`.
fn tail(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        match bytes.get(at) {
            Some(byte) if matches!(class(*byte), Class::Letter | Class::Digit) => at += 1,
            Some(0x80..) => match char_at(text, at) {
                Some(c) if in_word(c) => at += c.len_utf8(),
                _ => return at,
            },
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
    let end = chars.find(|(offset, c)| match u8::try_from(*c) {
        Ok(byte @ ..0x80) => match class(byte) {
            Class::Junk => false,
            // Signs among others are as odd as these; an arrow is one again.
            Class::Sign => rest.get(*offset..).is_some_and(|rest| rest.starts_with("->")),
            _ => true,
        },
        _ => is_odd(*c),
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
