//! The findings of the parser, one function each.

use cutover_diagnostics::{Applicability, Diagnostic, Span, suggest};

use crate::habits;
use crate::parse::MAX_FINDINGS;
use crate::slips;
use crate::tree::{Item, Range, Term, TermKind};
use crate::value::{self, ValueKind};

pub(crate) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error("syntax/too-deep", "brackets are nested too deeply")
        .primary(span, "the 129th bracket that is open at once")
        .help("nothing in the language needs more than three; a closing bracket is probably missing above")
}

/// Says of the last finding that is kept of a file that more were found.
pub(crate) fn last_of_many(finding: Diagnostic) -> Diagnostic {
    finding.note(format!("this file has more mistakes; the first {MAX_FINDINGS} are kept"))
}

/// Says of the last finding that is kept of a run of lines which begin no block how many more there are.
pub(crate) fn last_of_run(finding: Diagnostic, more: usize) -> Diagnostic {
    let more = if more == 1 {
        "one more line below begins".to_owned()
    } else {
        format!("{more} more lines below begin")
    };
    finding.note(format!(
        "{more} no block either; a table or a text of another kind does not belong into a spec"
    ))
}

pub(crate) fn missing_brace(item: &Item, open: Range) -> Diagnostic {
    // The gap is at the end of the last line that has any terms.
    let end = item.terms.last().map_or(open.end, |t| t.range.end).max(open.end);
    let end = Range { start: end, end };
    Diagnostic::error("syntax/missing-brace", "a block is not closed")
        .primary(item.span(open), "this brace has no partner")
        .secondary(item.span(end), "`}` is expected at the latest after this line")
        .suggest(
            "close the block with `}` on a line of its own",
            vec![edit(item.span(end), "\n}")],
            Applicability::Unsafe,
        )
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
    if value::unit(rest).is_some() {
        return diagnostic.suggest(
            "put a blank between number and unit",
            vec![edit(item.span(at), format!("{number} {rest}"))],
            Applicability::Safe,
        );
    }
    if let Some(time) = slips::time(raw) {
        let title = "write the time with two digits for the hour, from 00:00 to 23:59";
        return diagnostic.suggest(title, vec![edit(item.span(at), time)], Applicability::Safe);
    }
    if let Some(date) = slips::date(raw) {
        let title = "write the date as year, month, day";
        return diagnostic.suggest(title, vec![edit(item.span(at), date)], Applicability::Unsafe);
    }
    if let Some((date, time)) = raw.split_once(['T', '_'])
        && let Some(time) = time.get(..5).filter(|_| matches!(value::numeric(time), ValueKind::Time(_)))
        && matches!(value::numeric(date), ValueKind::Date(_))
    {
        return diagnostic
            .help("times are those of the zone that stands behind `in`, without an offset of their own")
            .suggest(
                "put a blank between date and time",
                vec![edit(item.span(at), format!("{date} {time}"))],
                Applicability::Unsafe,
            );
    }
    if raw.bytes().all(|b| b.is_ascii_digit() || b"/.-".contains(&b)) {
        return diagnostic.help("write a date as year, month, day: `2026-12-05`");
    }
    diagnostic.help(
        "write `40`, `99.5%`, `2026-12-05`, `09:30` or `90 min`; a name that begins with a digit stands in quotes",
    )
}

pub(crate) fn comma_in_number(item: &Item, at: Range, fixed: String) -> Diagnostic {
    Diagnostic::error("syntax/bad-number#comma", "a number holds a comma")
        .primary(item.span(at), "read as two values")
        .help("a fraction is written with a point, `0.5%`, and thousands without a sign, `1500`")
        .suggest(format!("write `{fixed}`"), vec![edit(item.span(at), fixed)], Applicability::Unsafe)
}

pub(crate) fn unterminated_text(item: &Item, at: Range) -> Diagnostic {
    let end = item.slice(at).trim_end().len();
    let end = at.start + u32::try_from(end).unwrap_or(0);
    let end = Range { start: end, end };
    let diagnostic = Diagnostic::error("syntax/unterminated-text", "a quoted text is not closed")
        .primary(item.span(at), "this text runs to the end of the line");
    // Quotes pair from the left, so the one that was forgotten may stand before this one.
    let line = item.slice(Range { start: 0, end: at.start }).rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let earlier = item.terms.iter().rev().take_while(|term| term.range.start as usize >= line);
    let suspect = earlier.filter(|term| term.kind == TermKind::Text).find(|term| {
        let text = item.raw(**term);
        let next = item.slice(Range { start: term.range.end, end: at.end }).chars().next();
        text.ends_with(" \"") || next.is_some_and(char::is_alphanumeric)
    });
    match suspect {
        Some(text) => diagnostic
            .secondary(item.span(text.range), "or this text was meant to end earlier")
            .help("each text is closed with `\"` on its own line; a quote inside a text is written `\\\"`"),
        None => diagnostic
            .help("a text ends on the line where it begins; a quote inside a text is written `\\\"`")
            .suggest("close the text", vec![edit(item.span(end), "\"")], Applicability::Unsafe),
    }
}

pub(crate) fn bad_escape(item: &Item, at: Range) -> Diagnostic {
    let span = item.span(at);
    Diagnostic::error("syntax/bad-escape", "a backslash stands before the wrong character")
        .primary(span, "means nothing")
        .help("a text knows `\\\"`, `\\\\`, `\\n` (new line) and `\\t` (tab)")
        .suggest(
            "write the backslash twice, if you mean a backslash",
            vec![edit(span.before(), "\\")],
            Applicability::Unsafe,
        )
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
    Diagnostic::error("syntax/smart-quotes", "a text stands between straight quotes")
        .primary(item.span(at), "these are typographic quotes")
        .help("word processors and chat programs change quotes by themselves")
        .suggest(
            "write straight quotes",
            vec![edit(item.span(at), format!("\"{}\"", inner.trim_end()))],
            Applicability::Safe,
        )
}

pub(crate) fn single_quotes(item: &Item, at: Range) -> Diagnostic {
    let inner = item.slice(at).trim_matches('\'');
    Diagnostic::error("syntax/smart-quotes#single", "a text stands between double quotes")
        .primary(item.span(at), "these are single quotes")
        .suggest(
            "write double quotes",
            vec![edit(item.span(at), format!("\"{inner}\""))],
            Applicability::Safe,
        )
}

pub(crate) fn other_arrow(item: &Item, at: Range) -> Diagnostic {
    Diagnostic::error("syntax/wrong-arrow", "an arrow is written `->`")
        .primary(item.span(at), "this is another arrow")
        .suggest("write `->`", vec![edit(item.span(at), "->")], Applicability::Safe)
}

pub(crate) fn stray_brace(item: &Item, at: Range) -> Diagnostic {
    Diagnostic::error("syntax/stray-brace", "a closing brace has no opening brace")
        .primary(item.span(at), "nothing is open here")
        .help("remove it, or open the block with `{` on the line that names it")
        .suggest("remove the brace", vec![edit(item.span(at), "")], Applicability::Unsafe)
}

pub(crate) fn sign_for_arrow(item: &Item, at: Range) -> Diagnostic {
    Diagnostic::error("syntax/wrong-arrow#sign", "an arrow is written `->`")
        .primary(item.span(at), "not an arrow")
        .suggest("write `->`", vec![edit(item.span(at), "->")], Applicability::Safe)
}

pub(crate) fn odd_blank(item: &Item, at: Range) -> Diagnostic {
    let invisible = |c: char| matches!(c, '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{2060}');
    let diagnostic = Diagnostic::error("syntax/odd-blank", "a blank is not a plain blank");
    if item.slice(at).chars().all(invisible) {
        return diagnostic.primary(item.span(at), "an invisible character, perhaps pasted").suggest(
            "remove the character",
            vec![edit(item.span(at), "")],
            Applicability::Safe,
        );
    }
    diagnostic.primary(item.span(at), "looks like a blank, perhaps pasted").suggest(
        "write a plain blank",
        vec![edit(item.span(at), " ")],
        Applicability::Safe,
    )
}

pub(crate) fn not_decided(item: &Item, at: Range) -> Diagnostic {
    Diagnostic::error("syntax/not-decided", "an open decision is written `???`")
        .primary(item.span(at), "stands for something that is still to be decided")
        .help("with `???` everything else is checked, and each open decision is listed")
        .suggest("write `???`", vec![edit(item.span(at), "???")], Applicability::Unsafe)
}

pub(crate) fn other_comment(item: &Item, at: Range) -> Diagnostic {
    let end = Range { start: at.start, end: at.start + 2 };
    Diagnostic::error("syntax/other-comment", "a comment begins with `#`")
        .primary(item.span(end), "the mark of another language")
        .suggest("write `#`", vec![edit(item.span(end), "#")], Applicability::Safe)
}

pub(crate) fn colon(item: &Item, at: Range) -> Diagnostic {
    Diagnostic::error("syntax/colon", "no colon stands between a name and its value")
        .primary(item.span(at), "not needed")
        .suggest("remove the colon", vec![edit(item.span(at), "")], Applicability::Safe)
}

/// Something with signs in it that is a text without its quotes.
pub(crate) fn bare_text(item: &Item, at: Range) -> Diagnostic {
    let quoted = format!("\"{}\"", item.slice(at).trim_matches('\''));
    Diagnostic::error("syntax/unquoted", "a text stands in quotes")
        .primary(item.span(at), "the quotes are missing")
        .suggest(format!("write `{quoted}`"), vec![edit(item.span(at), quoted)], Applicability::Unsafe)
}

pub(crate) fn junk(item: &Item, at: Range) -> Diagnostic {
    let raw = item.slice(at);
    let diagnostic = Diagnostic::error("syntax/unexpected-character", "this is not part of the language")
        .primary(item.span(at), "not expected here");
    if let Some(word) = habits::sign(raw) {
        let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let before = item.slice(Range { start: 0, end: at.start }).chars().next_back();
        let after = item.slice(Range { start: at.end, end: item.source.len }).chars().next();
        // Dates have words of their own.
        let behind = item.slice(Range { start: at.end, end: item.source.len }).trim_start();
        let date = behind.get(..5).is_some_and(|year| year.ends_with('-') && year.starts_with(['1', '2']));
        let word = match raw {
            "<" | "<=" if date => "before",
            ">" | ">=" if date => "since",
            _ => word,
        };
        let left = if blank(before) { "" } else { " " };
        let right = if blank(after) { "" } else { " " };
        return diagnostic.help("conditions are written in words").suggest(
            format!("write `{word}`"),
            vec![edit(item.span(at), format!("{left}{word}{right}"))],
            Applicability::Unsafe,
        );
    }
    let before = item.slice(Range { start: 0, end: at.start });
    let number = before.trim_end_matches(' ');
    if raw == "%" && number.ends_with(|c: char| c.is_ascii_digit()) && number.len() < before.len() {
        let blank = Range { start: u32::try_from(number.len()).unwrap_or(at.start), end: at.start };
        return diagnostic.suggest(
            "write `%` right behind its number",
            vec![edit(item.span(blank), "")],
            Applicability::Safe,
        );
    }
    diagnostic.help(match raw {
        "'" => "a text stands between double quotes: `\"`",
        "[" | "]" | "[]" => {
            "a list is written with commas and without brackets; `is one of` takes parentheses"
        }
        _ => "remove it, or put the whole text in quotes if somebody typed it into a product",
    })
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
    suggest::nearest(word, words, 1).first().copied()
}

/// What helps behind a number.
pub(crate) const UNITS: &str =
    "units are `seconds`, `min`, `hours`, `days`, `weeks`, and `MB`, `GB`, `MiB`, `GiB`";

/// The unit that was probably meant by a word right behind a number: what to say, and what to write.
pub(crate) fn unit_meant(item: &Item, word: Term) -> Option<(String, &'static str)> {
    let before = item.slice(Range { start: 0, end: word.range.start });
    let number = before.rsplit(' ').find(|part| !part.is_empty()).unwrap_or_default();
    if word.kind != TermKind::Word || !matches!(value::numeric(number), ValueKind::Number(_)) {
        return None;
    }
    let raw = item.raw(word);
    let units = || value::UNITS.iter().copied();
    match habits::meant(habits::UNITS, raw, units()).or_else(|| nearest(raw, units())) {
        Some(near) => Some((format!("write `{near}`"), near)),
        None if matches!(raw, "characters" | "chars" | "letters") => {
            Some(("leave the word out: lengths are counted in characters".to_owned(), ""))
        }
        None => None,
    }
}

/// Adds "did you mean" with its edit.
pub(crate) fn did_you_mean(diagnostic: Diagnostic, span: Span, near: Option<&str>) -> Diagnostic {
    match near {
        Some(near) => diagnostic.suggest(
            format!("did you mean `{near}`?"),
            vec![edit(span, near)],
            Applicability::Unsafe,
        ),
        None => diagnostic,
    }
}

/// Something that is spelled like a keyword and stands where a name is wanted.
pub(crate) fn keyword_as_name(item: &Item, at: Range) -> Diagnostic {
    let raw = item.slice(at);
    Diagnostic::error("syntax/keyword-as-name", "a keyword stands in the place of a name")
        .primary(item.span(at), format!("`{raw}` is a word of the language"))
        .suggest(
            "write the name in backticks",
            vec![edit(item.span(at), format!("`{raw}`"))],
            Applicability::Unsafe,
        )
}
