//! Values as they are written: literals, names, quantities, moments, calls.
//!
//! What a value *is* depends on where it stands and is decided by the analysis; here is only how it is spelled.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::tree::{Item, Range, Term, TermKind};

/// A value and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Value<'a> {
    /// What is written.
    pub kind: ValueKind<'a>,
    /// Where, relative to the item.
    pub range: Range,
}

/// What is written.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind<'a> {
    /// `"Tier 1"`, unescaped.
    Text(Cow<'a, str>),
    /// `40`, `0.5`: digits and at most one point.
    Number(&'a str),
    /// `99.5%`, without the sign.
    Percent(&'a str),
    /// `2026-12-05`
    Date(&'a str),
    /// `09:30`, `09:30:15`, perhaps with an offset.
    Time(&'a str),
    /// `2026-12-05 20:00`, perhaps with an offset: `2026-10-25 02:30+01:00`.
    DateTime {
        /// The date.
        date: &'a str,
        /// The time with its offset.
        time: &'a str,
    },
    /// `90 min`, `1 business hour`.
    Quantity(Quantity<'a>),
    /// A name, perhaps with dots, as written.
    Name(&'a str),
    /// `window - 14 days`
    Moment {
        /// The name of the moment.
        anchor: &'a str,
        /// Whether the quantity comes after the moment.
        after: bool,
        /// How far.
        quantity: Quantity<'a>,
    },
    /// `inactive(responder)`, `lower(email)`
    Call {
        /// The name.
        name: &'a str,
        /// Where the name stands.
        name_range: Range,
        /// The arguments.
        args: Vec<Value<'a>>,
    },
    /// `("Urgent", "High")`
    List(Vec<Value<'a>>),
    /// `???`
    Hole,
    /// Something that is no value; reported elsewhere when it is an error of spelling.
    Bad,
}

/// A number with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity<'a> {
    /// The number.
    pub number: &'a str,
    /// `business` or `calendar`.
    pub base: Option<&'a str>,
    /// The unit, in the singular.
    pub unit: &'static str,
}

/// Units as people write them behind numbers, for whoever meant one of them.
pub(crate) const UNITS: &[&str] =
    &["seconds", "min", "minutes", "hour", "hours", "day", "days", "week", "weeks", "MB", "GB", "MiB", "GiB"];

/// The unit that a word names, in the singular.
#[must_use]
pub fn unit(word: &str) -> Option<&'static str> {
    Some(match word {
        "s" | "sec" | "second" | "seconds" => "second",
        "min" | "minute" | "minutes" => "minute",
        "h" | "hour" | "hours" => "hour",
        "day" | "days" => "day",
        "week" | "weeks" => "week",
        "MiB" => "MiB",
        "GiB" => "GiB",
        "MB" => "MB",
        "GB" => "GB",
        _ => return None,
    })
}

/// Reads the value that starts at `terms[0]`, and says how many terms it takes. `None` when there are no terms.
#[must_use]
pub fn read<'a>(item: &'a Item, terms: &[Term]) -> Option<(Value<'a>, usize)> {
    let first = *terms.first()?;
    let raw = item.raw(first);
    let word_at = |i: usize| terms.get(i).filter(|t| t.kind == TermKind::Word).map(|t| item.raw(*t));
    let single = |kind| (Value { kind, range: first.range }, 1);
    Some(match first.kind {
        TermKind::Text => single(ValueKind::Text(unquote(raw))),
        TermKind::Hole => single(ValueKind::Hole),
        TermKind::Open => read_list(item, terms),
        TermKind::Numeric => {
            let kind = numeric(raw);
            if let ValueKind::Date(date) = kind
                && let Some(next) = terms.get(1).filter(|t| t.kind == TermKind::Numeric)
                && let ValueKind::Time(time) = numeric(item.raw(*next))
            {
                return Some((
                    Value { kind: ValueKind::DateTime { date, time }, range: first.range.to(next.range) },
                    2,
                ));
            }
            if let ValueKind::Number(number) = kind
                && let Some((quantity, used)) = read_unit(number, word_at(1), word_at(2))
            {
                let last = terms.get(used).map_or(first.range, |t| t.range);
                return Some((
                    Value { kind: ValueKind::Quantity(quantity), range: first.range.to(last) },
                    used + 1,
                ));
            }
            single(kind)
        }
        TermKind::Word => {
            if let Some(sign) = terms.get(1).filter(|t| t.kind == TermKind::Sign)
                && let Some(number) = terms.get(2).filter(|t| t.kind == TermKind::Numeric)
                && let ValueKind::Number(digits) = numeric(item.raw(*number))
                && let Some((quantity, used)) = read_unit(digits, word_at(3), word_at(4))
            {
                let last = terms.get(used + 2).map_or(number.range, |t| t.range);
                let after = item.raw(*sign) == "+";
                let kind = ValueKind::Moment { anchor: raw, after, quantity };
                return Some((Value { kind, range: first.range.to(last) }, used + 3));
            }
            if let Some(open) = terms.get(1).filter(|t| t.kind == TermKind::Open)
                && open.range.start == first.range.end
            {
                let (list, used) = read_list(item, terms.get(1..).unwrap_or_default());
                let args = match list.kind {
                    ValueKind::List(args) => args,
                    _ => Vec::new(),
                };
                let kind = ValueKind::Call { name: raw, name_range: first.range, args };
                return Some((Value { kind, range: first.range.to(list.range) }, used + 1));
            }
            single(ValueKind::Name(raw))
        }
        TermKind::Sign => {
            // A number below zero has its sign right before it: `-1`.
            if raw == "-"
                && let Some(number) = terms.get(1).filter(|t| t.kind == TermKind::Numeric)
                && number.range.start == first.range.end
                && let ValueKind::Number(_) = numeric(item.raw(*number))
            {
                let range = first.range.to(number.range);
                return Some((Value { kind: ValueKind::Number(item.slice(range)), range }, 2));
            }
            single(ValueKind::Bad)
        }
        TermKind::Arrow | TermKind::Comma | TermKind::Close | TermKind::Error => single(ValueKind::Bad),
    })
}

fn read_unit<'a>(
    number: &'a str,
    first: Option<&'a str>,
    second: Option<&'a str>,
) -> Option<(Quantity<'a>, usize)> {
    let first = first?;
    if matches!(first, "business" | "calendar") {
        let unit = unit(second?)?;
        return Some((Quantity { number, base: Some(first), unit }, 2));
    }
    Some((Quantity { number, base: None, unit: unit(first)? }, 1))
}

/// The index behind the `)` that closes the `(` at index 0, or the number of terms when it is missing.
#[must_use]
pub fn closing(terms: &[Term]) -> usize {
    let mut depth = 0_usize;
    for (i, term) in terms.iter().enumerate() {
        match term.kind {
            TermKind::Open => depth += 1,
            TermKind::Close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i + 1;
                }
            }
            _ => {}
        }
    }
    terms.len()
}

/// Nested lists deeper than this are not values; nothing in the language nests even twice.
const MAX_NESTING: usize = 16;

fn read_list<'a>(item: &'a Item, terms: &[Term]) -> (Value<'a>, usize) {
    read_list_at(item, terms, 0)
}

fn read_list_at<'a>(item: &'a Item, terms: &[Term], depth: usize) -> (Value<'a>, usize) {
    let end = closing(terms);
    let inner = terms.get(1..end).unwrap_or_default();
    let inner = match inner.split_last() {
        Some((last, rest)) if last.kind == TermKind::Close => rest,
        _ => inner,
    };
    let first = terms.first().map_or(Range { start: 0, end: 0 }, |t| t.range);
    let range = terms.get(end.saturating_sub(1)).map_or(first, |t| first.to(t.range));
    if depth > MAX_NESTING {
        return (Value { kind: ValueKind::Bad, range }, end.max(1));
    }
    let mut values = Vec::new();
    let mut at = 0;
    while let Some(term) = inner.get(at) {
        if term.kind == TermKind::Comma {
            at += 1;
            continue;
        }
        let rest = inner.get(at..).unwrap_or_default();
        let read = if term.kind == TermKind::Open {
            Some(read_list_at(item, rest, depth + 1))
        } else {
            read(item, rest)
        };
        let Some((value, used)) = read else { break };
        values.push(value);
        at += used.max(1);
    }
    (Value { kind: ValueKind::List(values), range }, end.max(1))
}

/// Reads values separated by commas until the terms end; a term that does not follow a comma ends the list, and its index is given.
#[must_use]
pub fn read_separated<'a>(item: &'a Item, terms: &[Term]) -> (SmallVec<[Value<'a>; 2]>, usize) {
    // A line has few values, and there are very many lines.
    let mut values = SmallVec::new();
    let mut at = 0;
    while let Some((value, used)) = read(item, terms.get(at..).unwrap_or_default()) {
        values.push(value);
        at += used;
        match terms.get(at) {
            Some(term) if term.kind == TermKind::Comma => at += 1,
            _ => break,
        }
    }
    (values, at)
}

/// What a term that begins with a digit is.
#[must_use]
pub fn numeric(raw: &str) -> ValueKind<'_> {
    let all = |text: &str, test: fn(u8) -> bool| !text.is_empty() && text.bytes().all(test);
    let digit = |b: u8| b.is_ascii_digit();
    let is_number = |text: &str| match text.split_once('.') {
        Some((whole, fraction)) => all(whole, digit) && all(fraction, digit),
        None => all(text, digit),
    };
    if is_number(raw) {
        return ValueKind::Number(raw);
    }
    if let Some(number) = raw.strip_suffix('%')
        && is_number(number)
    {
        return ValueKind::Percent(number);
    }
    let bytes = raw.as_bytes();
    let shape = |pattern: &str, text: &[u8]| {
        text.len() == pattern.len()
            && text
                .iter()
                .zip(pattern.bytes())
                .all(|(b, p)| if p == b'0' { b.is_ascii_digit() } else { *b == p })
    };
    if shape("0000-00-00", bytes) {
        return ValueKind::Date(raw);
    }
    let (clock, offset) = match raw.find(['+', '-', 'Z']) {
        Some(at) => bytes.split_at_checked(at).unwrap_or((bytes, b"")),
        None => (bytes, b"".as_slice()),
    };
    let clock_is = shape("00:00", clock) || shape("00:00:00", clock);
    let offset_is = offset.is_empty() || offset == b"Z" || shape("+00:00", offset) || shape("-00:00", offset);
    if clock_is && offset_is { ValueKind::Time(raw) } else { ValueKind::Bad }
}

/// The text of a string literal, quotes and escapes undone, after NFC: what looks equal is equal, whoever's keyboard wrote it.
#[must_use]
pub fn unquote(raw: &str) -> Cow<'_, str> {
    let inner = raw.strip_prefix('"').unwrap_or(raw);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if !inner.contains('\\') {
        return normal(inner);
    }
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some(other) => text.push(other),
            None => {}
        }
    }
    Cow::Owned(normal(&text).into_owned())
}

/// The segments of a name, backticks taken off, after NFC.
#[must_use]
pub fn segments(raw: &str) -> Vec<Cow<'_, str>> {
    let mut parts = Vec::with_capacity(2);
    let mut rest = raw;
    loop {
        if let Some(quoted) = rest.strip_prefix('`') {
            let (part, behind) = quoted.split_once('`').unwrap_or((quoted, ""));
            parts.push(normal(part));
            rest = behind;
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            let (part, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
            parts.push(normal(part));
            rest = behind;
        }
        match rest.strip_prefix('.') {
            Some(behind) => rest = behind,
            None => return parts,
        }
    }
}

/// A name without backticks, its segments joined by dots, after NFC: how names are compared.
#[must_use]
pub fn plain_name(raw: &str) -> Cow<'_, str> {
    if raw.is_ascii() && !raw.contains('`') {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(segments(raw).join("."))
}

fn normal(text: &str) -> Cow<'_, str> {
    use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{ValueKind, numeric, plain_name, unquote};

    #[test]
    fn numerics() {
        assert_eq!(numeric("99.5%"), ValueKind::Percent("99.5"));
        assert_eq!(numeric("2026-12-05"), ValueKind::Date("2026-12-05"));
        assert_eq!(numeric("02:30+01:00"), ValueKind::Time("02:30+01:00"));
        for bad in ["5min", "1.2.3", "2026-1-5", "9:00", "1_000", "12:30pm"] {
            assert_eq!(numeric(bad), ValueKind::Bad, "{bad}");
        }
    }

    #[test]
    fn names_and_texts() {
        assert_eq!(plain_name("custom.`Legacy ID`"), "custom.Legacy ID");
        assert_eq!(plain_name("`cafe\u{301}`"), "caf\u{e9}");
        assert_eq!(unquote(r#""a \"b\" \n""#), "a \"b\" \n");
    }
}
