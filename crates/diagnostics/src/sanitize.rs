//! Makes text harmless for a terminal: what a file says must not move the cursor, change colours or reorder a line.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Columns between two tab stops wherever a tab is shown.
pub const TAB_WIDTH: usize = 4;

/// Whether a terminal shows this character as itself and does nothing else.
///
/// Not inert are control characters (C0, DEL, C1), line separators, bidi controls and marks, and format characters that
/// are invisible. The joiners U+200C and U+200D are inert: scripts and emoji need them.
#[must_use]
pub const fn is_inert(c: char) -> bool {
    !matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Whether the character reorders text or marks its direction (Unicode's bidi controls): an error in a spec.
#[must_use]
pub const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text of several lines for a terminal: line breaks stay, a tab becomes spaces, every other character that is not
/// inert is written as `\u{1b}`.
#[must_use]
pub fn inert_terminal(text: &str) -> Cow<'_, str> {
    replace(text, true)
}

/// Text of one line for a terminal: like [`inert_terminal`], and a line break is written as `\u{a}`.
#[must_use]
pub fn inert_line(text: &str) -> Cow<'_, str> {
    replace(text, false)
}

/// Appends the visible form of a character that is not inert.
pub(crate) fn push_escape(out: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{}", c.escape_unicode());
}

fn replace(text: &str, keep_breaks: bool) -> Cow<'_, str> {
    if text.chars().all(|c| is_inert(c) || (keep_breaks && c == '\n')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' if keep_breaks => out.push(c),
            '\r' if keep_breaks && chars.peek() == Some(&'\n') => {}
            '\t' => out.extend([' '; TAB_WIDTH]),
            c if is_inert(c) => out.push(c),
            c => push_escape(&mut out, c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_not_copied() {
        assert!(matches!(inert_terminal("Grüße 日本 👩\u{200d}🔧\nzwei"), Cow::Borrowed(_)));
    }

    #[test]
    fn controls_become_visible() {
        assert_eq!(inert_terminal("a\u{1b}[31mb\u{202e}c\u{9b}"), "a\\u{1b}[31mb\\u{202e}c\\u{9b}");
        assert_eq!(inert_line("a\r\nb\tc"), "a\\u{d}\\u{a}b    c");
        assert_eq!(inert_terminal("a\r\nb\rc"), "a\nb\\u{d}c");
    }

    #[test]
    fn every_bidi_control_is_escaped() {
        for c in ('\0'..=char::MAX).filter(|&c| is_bidi_control(c) || c.is_control()) {
            assert!(!is_inert(c), "{c:?}");
        }
    }
}
