//! Texts with their escapes: out of JSON and into it.

use super::cursor::{hex, special};

/// The text that a valid body with escapes stands for.
pub(crate) fn unescape(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let mut used = 1;
        text.push(match after.as_bytes().first() {
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = hex(after.as_bytes(), 1).unwrap_or_default();
                used = 5;
                let code = if (0xD800..0xDC00).contains(&first) {
                    used = 11;
                    let low = hex(after.as_bytes(), 7).unwrap_or_default();
                    0x1_0000 + ((first & 0x3FF) << 10) + (low & 0x3FF)
                } else {
                    first
                };
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            Some(b'/') => '/',
            Some(b'\\') => '\\',
            _ => '"',
        });
        rest = after.get(used..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

/// Writes a text as the body of a JSON text.
pub(crate) fn escape_into(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let at = special(bytes, from);
        out.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        let Some(byte) = bytes.get(at) else { return };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => {
                out.extend_from_slice(b"\\u00");
                out.push(b'0' + (control >> 4));
                out.push(char::from_digit(u32::from(control & 15), 16).map_or(b'0', |digit| digit as u8));
            }
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{escape_into, unescape};

    #[test]
    fn escapes_go_both_ways() {
        let text: String = (0..0x250).filter_map(char::from_u32).chain("🖨\u{2028}".chars()).collect();
        let mut body = Vec::new();
        escape_into(&text, &mut body);
        let body = String::from_utf8(body).unwrap_or_default();
        assert_eq!(unescape(&body), text);
        assert_eq!(serde_json::from_str::<String>(&format!("\"{body}\"")).ok(), Some(text));
        assert_eq!(unescape(r#"\ud83d\uDDA8\/\b\f\r\u00e9\""#), "🖨/\u{8}\u{c}\r\u{e9}\"");
    }
}
