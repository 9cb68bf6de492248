//! The findings of the parser, one function each.

use std::borrow::Cow;

use cutover_diagnostics::{Applicability, Diagnostic, Span};

use crate::parse::MAX_FINDINGS;
use crate::tree::{Item, Range};

pub(crate) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error("syntax/too-deep", "brackets are nested too deeply")
        .primary(span, "the 129th bracket that is open at once")
        .help("nothing in the language needs more than three; a closing bracket is probably missing above")
}

/// Says of the last finding that is kept of a file that more were found.
pub(crate) fn last_of_many(finding: Diagnostic) -> Diagnostic {
    finding.note(format!("this file has more mistakes; the first {MAX_FINDINGS} are kept"))
}

pub(crate) fn parser_gave_up(span: Span) -> Diagnostic {
    Diagnostic::error("syntax/parser-gave-up", "this part of the file is too complex to read")
        .primary(span, "the parser reached its limit here")
        .help("split it into smaller parts")
}

pub(crate) fn missing_brace(item: &Item, open: Range) -> Diagnostic {
    // The gap is at the end of the last line that has any terms.
    let end = item.terms.last().map_or(open.end, |t| t.range.end).max(open.end);
    let end = Range { start: end, end };
    Diagnostic::error("syntax/missing-brace", "a block is not closed")
        .primary(item.span(open), "this brace has no partner")
        .secondary(item.span(end), "`}` is expected at the latest after this line")
        .help("close the block with `}` on a line of its own")
        .suggest("close the block", vec![edit(item.span(end), "\n}")], Applicability::Unsafe)
}

pub(crate) fn edit(span: Span, replacement: impl Into<String>) -> cutover_diagnostics::Edit {
    cutover_diagnostics::Edit { span, replacement: replacement.into() }
}

pub(crate) fn bad_number(item: &Item, at: Range) -> Diagnostic {
    let raw = item.slice(at);
    let digits = raw.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = raw.split_at_checked(digits).unwrap_or((raw, ""));
    let diagnostic = Diagnostic::error("syntax/bad-number", "this is neither a number nor a date nor a time")
        .primary(item.span(at), "cannot be read");
    if crate::value::unit(rest).is_some() {
        return diagnostic.help("a number and its unit are two words").suggest(
            "put a blank between number and unit",
            vec![edit(item.span(at), format!("{number} {rest}"))],
            Applicability::Safe,
        );
    }
    if digits == 1 && rest.starts_with(':') {
        return diagnostic.help("a time has two digits for the hour").suggest(
            "write two digits",
            vec![edit(item.span(at), format!("0{raw}"))],
            Applicability::Safe,
        );
    }
    diagnostic.help(
        "write `40`, `99.5%`, `2026-12-05`, `09:30` or `90 min`; names that begin with a digit are quoted",
    )
}

pub(crate) fn unterminated_text(item: &Item, at: Range) -> Diagnostic {
    let end = Range { start: at.end, end: at.end };
    Diagnostic::error("syntax/unterminated-text", "a quoted text is not closed")
        .primary(item.span(at), "this text runs to the end of the line")
        .help("close it with `\"` on the same line; a quote inside a text is written `\\\"`")
        .suggest("close the text", vec![edit(item.span(end), "\"")], Applicability::Unsafe)
}

pub(crate) fn unterminated_name(item: &Item, at: Range) -> Diagnostic {
    Diagnostic::error("syntax/unterminated-name", "a name in backticks is not closed")
        .primary(item.span(at), "this name runs to the end of the line")
        .help("close it with a backtick on the same line")
}

pub(crate) fn smart_quotes(item: &Item, at: Range) -> Diagnostic {
    let inner: String = item
        .slice(at)
        .chars()
        .filter(|c| {
            !matches!(
                c,
                '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' | '\u{ab}' | '\u{bb}' | '"'
            )
        })
        .collect();
    Diagnostic::error("syntax/smart-quotes", "these are typographic quotes")
        .primary(item.span(at), "a text stands between straight quotes")
        .help("word processors and chat programs change quotes; write `\"`")
        .suggest(
            "write straight quotes",
            vec![edit(item.span(at), format!("\"{}\"", inner.trim_end()))],
            Applicability::Safe,
        )
}

pub(crate) fn other_arrow(item: &Item, at: Range) -> Diagnostic {
    Diagnostic::error("syntax/wrong-arrow", "the arrow is written `->`")
        .primary(item.span(at), "this is another arrow")
        .suggest("write `->`", vec![edit(item.span(at), "->")], Applicability::Safe)
}

pub(crate) fn stray_brace(item: &Item, at: Range) -> Diagnostic {
    Diagnostic::error("syntax/stray-brace", "a closing brace has no opening brace")
        .primary(item.span(at), "nothing is open here")
        .help("remove it, or open the block with `{` on the line that names it")
        .suggest("remove the brace", vec![edit(item.span(at), "")], Applicability::Unsafe)
}

pub(crate) fn junk(item: &Item, at: Range) -> Diagnostic {
    let raw = item.slice(at);
    let diagnostic = Diagnostic::error("syntax/unexpected-character", "this is not part of the language");
    if raw
        .chars()
        .all(|c| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{2060}'))
    {
        return diagnostic
            .primary(item.span(at), "a blank that is not a plain blank, perhaps pasted")
            .suggest("write a plain blank", vec![edit(item.span(at), " ")], Applicability::Safe);
    }
    let help = match raw {
        "=" | "==" => {
            "a mapping is written `source -> target`, a comparison with words: `status is \"open\"`"
        }
        "!=" => "write `is not`",
        "<" | "<=" => "write `less than` or `at most`",
        ">" | ">=" => "write `more than` or `at least`",
        "&&" | "&" => "write `and`",
        "||" | "|" => "write `or`",
        "!" => "write `not`",
        ":" => "no colon is needed between a name and its value",
        "'" => "a text stands between straight double quotes: `\"`",
        "//" | "/" | "/*" | "*/" | "--" => "a comment begins with `#`",
        "[" | "]" => "a list is written without brackets, or in parentheses after `is one of`",
        "@" => "an address stands in quotes: `\"help@acme.example\"`",
        _ => "remove it, or put the text in quotes if it is a name that somebody typed into a product",
    };
    diagnostic.primary(item.span(at), "not expected here").help(help)
}

pub(crate) fn bidi(span: Span, c: char) -> Diagnostic {
    Diagnostic::error(
        "syntax/bidi-control",
        "an invisible character changes the order in which text is shown",
    )
    .primary(span, format!("U+{:04X} stands here", u32::from(c)))
    .help("a reviewer would read something else than the compiler does; remove it")
    .suggest("remove the character", vec![edit(span, "")], Applicability::Safe)
}

pub(crate) fn confusable(span: Span, keyword: &str) -> Diagnostic {
    Diagnostic::error(
        "syntax/confusable-keyword",
        "a word looks like a keyword but is spelled with other letters",
    )
    .primary(span, format!("looks like `{keyword}`, but holds letters of another alphabet"))
    .help("write it with Latin letters")
    .suggest("write the keyword", vec![edit(span, keyword)], Applicability::Safe)
}

/// `a`, `b` and `c`, in code marks.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|w| format!("`{w}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The nearest of some words, for "did you mean".
pub(crate) fn nearest<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    words
        .into_iter()
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Adds "did you mean" with its edit.
pub(crate) fn did_you_mean(diagnostic: Diagnostic, span: Span, near: Option<&str>) -> Diagnostic {
    match near {
        Some(near) => diagnostic.help(Cow::Owned(format!("did you mean `{near}`?"))).suggest(
            format!("write `{near}`"),
            vec![edit(span, near)],
            Applicability::Unsafe,
        ),
        None => diagnostic,
    }
}
