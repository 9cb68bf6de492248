//! Escaping: whatever a spec, an inventory or a catalog says is shown, and nothing of it works.
//!
//! All text from outside goes through this module on its way into a document or a drawing. Control characters, characters that
//! hide or reorder text, markup of Markdown and HTML, table pipes, mentions, references to issues, links that write
//! themselves, and directives of Mermaid and DOT lose their power; letters and ordinary punctuation stay as they are.

use crate::canonical::is_hidden;

/// An invisible character that joins two words: put inside `@name`, `#12` or `://`, it stops programs from making a link of it.
const JOINER: char = '\u{2060}';

/// Appends text for a paragraph, a list or a table cell of Markdown. It stays on its line.
pub fn markdown(out: &mut String, text: &str) {
    let text = text.trim();
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    push_line_start(out, text);
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    let mut blank = false;
    while let Some(c) = chars.next() {
        let after = chars.peek().copied();
        if c == '\n' || c == '\r' || c == '\t' {
            if !blank {
                out.push(' ');
            }
            (before, blank) = (' ', true);
            continue;
        }
        blank = c == ' ';
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // Within a word it means nothing, and field names are full of them.
            '_' if before.is_ascii_alphanumeric() && after.is_some_and(|c| c.is_ascii_alphanumeric()) => {
                out.push('_')
            }
            '_' => out.push_str("\\_"),
            '@' if !before.is_alphanumeric() => {
                out.push('@');
                out.push(JOINER);
            }
            '#' if after.is_some_and(char::is_alphanumeric) => {
                out.push('#');
                out.push(JOINER);
            }
            // `https://…` and `GH-12` become links without any markup.
            ':' if after == Some('/') => {
                out.push(':');
                out.push(JOINER);
            }
            '-' if (before == 'H' || before == 'h') && after.is_some_and(|c| c.is_ascii_digit()) => {
                out.push('-');
                out.push(JOINER);
            }
            '.' if (before == 'w' || before == 'W') && after.is_some_and(char::is_alphanumeric) => {
                out.push('.');
                out.push(JOINER);
            }
            c if c.is_control() || is_hidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
        before = c;
    }
}

/// Whether nothing in a text can mean anything: most texts are words with blanks between them.
fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b' ' | b',' | b';' | b'(' | b')' | b'\'' | b'%')
        })
}

/// Takes the power from what means something at the beginning of a line or of a list item.
fn push_line_start(out: &mut String, text: &str) {
    let mut rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() < text.len() {
        // `1.` and `1)`: the digit itself cannot be escaped, the mark after it is written as an entity by the caller's rules; a
        // joiner before the digits is enough.
        if rest.starts_with(['.', ')']) {
            rest = rest.get(1..).unwrap_or_default();
            if rest.is_empty() || rest.starts_with(char::is_whitespace) {
                out.push(JOINER);
            }
        }
    } else if text.starts_with(['#', '+', '-', '=']) {
        out.push('\\');
    }
}

/// Text for one line of a terminal: whatever would move a cursor, hide or reorder becomes a visible mark.
#[must_use]
pub fn plain(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() || is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// Appends text as code of Markdown, outside of tables: an id, a field, a value.
pub fn code(out: &mut String, text: &str) {
    push_code(out, text, false);
}

/// Appends text as code of Markdown within a cell of a table.
pub fn code_in_table(out: &mut String, text: &str) {
    push_code(out, text, true);
}

fn push_code(out: &mut String, text: &str, table: bool) {
    if text.is_empty() {
        return;
    }
    // The usual id is copied as it stands.
    if text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'|' && b != b'`') {
        out.push('`');
        out.push_str(text);
        out.push('`');
        return;
    }
    // A fence is longer than any run of back quotes within.
    let mut longest = 0;
    let mut run = 0;
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    for _ in 0..=longest {
        out.push('`');
    }
    let padded = text.starts_with('`') || text.ends_with('`');
    if padded {
        out.push(' ');
    }
    for c in text.chars() {
        match c {
            '|' if table => out.push_str("\\|"),
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || is_hidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    if padded {
        out.push(' ');
    }
    for _ in 0..=longest {
        out.push('`');
    }
}

/// Appends text within the double quotes of a DOT attribute.
pub fn dot(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            // `&amp;` and its like are entities in DOT.
            '&' => out.push_str("&amp;"),
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || is_hidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// Appends text as the content or an attribute of XML. Characters that XML forbids, or that hide or reorder, become a visible mark.
pub fn xml(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || is_hidden(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                out.push('\u{fffd}')
            }
            c => out.push(c),
        }
    }
}

/// Appends text within the double quotes of a Mermaid label. Everything that could be markup or a directive is written by its number.
pub fn mermaid(out: &mut String, text: &str) {
    use std::fmt::Write as _;
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || is_hidden(c) => out.push('\u{fffd}'),
            c if c.is_alphanumeric()
                || matches!(c, ' ' | ',' | '.' | '-' | '/' | '(' | ')' | '\'' | '?' | '!')
                || !c.is_ascii() =>
            {
                out.push(c);
            }
            c => {
                // Writing to a String cannot fail.
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{code, code_in_table, dot, markdown, mermaid};

    fn with(escape: fn(&mut String, &str), text: &str) -> String {
        let mut out = String::new();
        escape(&mut out, text);
        out
    }

    #[test]
    fn ordinary_text_stays_readable() {
        for text in [
            "Zendesk's limit: 150, not 255 (really).",
            "custom.old_due_at",
            "first_response_time",
            "maya@acme.example",
            "Überfällig – 期限切れ 100 %",
            "+49 30 555 0101".trim_start_matches('+'),
            "a - b",
        ] {
            assert_eq!(with(markdown, text), text);
        }
    }

    #[test]
    fn markup_is_inert_in_markdown() {
        let cases = [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("&copy; &#64;", "&amp;copy; &amp;#\u{2060}64;"),
            ("**bold** `code` ~~x~~ $m$", "\\*\\*bold\\*\\* \\`code\\` \\~\\~x\\~\\~ \\$m\\$"),
            ("[x](http://evil)", "\\[x\\](http:\u{2060}//evil)"),
            ("![i](x)", "!\\[i\\](x)"),
            ("a | b", "a \\| b"),
            ("see #123 and owner/repo#4", "see #\u{2060}123 and owner/repo#\u{2060}4"),
            ("ask @maya, (@li)", "ask @\u{2060}maya, (@\u{2060}li)"),
            ("GH-12", "GH-\u{2060}12"),
            ("www.evil.example", "www.\u{2060}evil.example"),
            ("_so_", "\\_so\\_"),
            ("# title", "\\# title"),
            ("- item", "\\- item"),
            ("+ item", "\\+ item"),
            ("1. item", "\u{2060}1. item"),
            ("12) item", "\u{2060}12) item"),
            ("1.5 items", "1.5 items"),
            ("=====", "\\====="),
            ("    indented", "indented"),
            ("two\n\n# lines", "two # lines"),
            ("a\r\n| - | - |", "a \\| - \\| - \\|"),
            ("\u{1b}[31mred\u{7}", "\u{fffd}\\[31mred\u{fffd}"),
            ("\u{202e}evil\u{2066}", "\u{fffd}evil\u{fffd}"),
            ("x\u{200b}y\u{2028}z", "x\u{fffd}y\u{fffd}z"),
            ("\\| \\<b>", "\\\\\\| \\\\&lt;b&gt;"),
        ];
        for (text, expected) in cases {
            assert_eq!(with(markdown, text), expected, "{text:?}");
        }
    }

    #[test]
    fn code_keeps_to_itself() {
        assert_eq!(with(code, "map/ticket/to/subject"), "`map/ticket/to/subject`");
        assert_eq!(with(code, "a`b``c"), "```a`b``c```");
        assert_eq!(with(code, "`x`"), "`` `x` ``");
        assert_eq!(with(code, "a|b\n<i>"), "`a|b <i>`");
        assert_eq!(with(code_in_table, "a|b"), "`a\\|b`");
        assert_eq!(with(code, "\u{1b}[2J"), "`\u{fffd}[2J`");
        assert_eq!(with(code, ""), "");
    }

    #[test]
    fn drawings_are_inert() {
        assert_eq!(with(dot, "a\"]; x [label=\"\\N\n&lt;"), "a\\\"]; x [label=\\\"\\\\N &amp;lt;");
        assert_eq!(
            with(mermaid, "\"]\nclick n0 \"javascript:x\" %%{init: {}}%% #35; `md` <b> @"),
            "#34;#93; click n0 #34;javascript#58;x#34; #37;#37;#123;init#58; #123;#125;#125;#37;#37; #35;35#59; #96;md#96; #60;b#62; #64;"
        );
        assert_eq!(with(mermaid, "Größe 漢字 (ok)"), "Größe 漢字 (ok)");
    }
}
