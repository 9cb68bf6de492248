//! Ends of lines. Git writes `\r\n` where a team's computers want it, and the plan must not depend on whose computer made it.

use std::borrow::Cow;

/// A text with `\n` at the end of each line.
pub(crate) fn plain(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.windows(2).any(|two| two == b"\r\n") || std::str::from_utf8(text).is_err() {
        return Cow::Borrowed(text);
    }
    let mut rest = text.iter().copied().peekable();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = rest.next() {
        if byte != b'\r' || rest.peek() != Some(&b'\n') {
            plain.push(byte);
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn only_ends_of_lines_change() {
        for (text, expected) in
            [("a\r\nb\r\n", "a\nb\n"), ("a\rb\n\r", "a\rb\n\r"), ("", ""), ("\r\r\n", "\r\n")]
        {
            assert_eq!(plain(text.as_bytes()), expected.as_bytes(), "{text:?}");
        }
        // What is no text stays as it is.
        assert_eq!(plain(b"\xff\r\n").as_ref(), b"\xff\r\n");
    }
}
