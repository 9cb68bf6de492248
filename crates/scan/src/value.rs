//! Reading single values: times, numbers, booleans, and whether a value may be shown.

use std::borrow::Cow;
use std::collections::BTreeMap;

use cutover_catalog::catalog::{Encoding, TimeForm};
use cutover_ir::quantity::Decimal;
use cutover_ir::time::{Date, Instant};
use cutover_records::Cell;
use serde_json::value::RawValue;

/// Longest value that may be shown, in characters.
pub(crate) const SHOWN: usize = 64;

/// The value as the encoding means it: words for "no value" are null.
pub(crate) fn decoded<'a>(cell: Cell<'a>, encoding: &Encoding) -> Cell<'a> {
    match &cell {
        Cell::Text(text) if text.is_empty() || encoding.nulls.contains(text) => Cell::Null,
        _ => cell,
    }
}

/// The point in time that a value names.
pub(crate) fn instant(cell: &Cell<'_>, encoding: &Encoding) -> Option<Instant> {
    let text = cell.plain()?.trim();
    match encoding.times {
        TimeForm::Rfc3339 => Instant::parse(text).or_else(|| without_colon(text)),
        TimeForm::SqlUtc => Instant::parse(text).or_else(|| {
            // 2026-12-05 20:00:00.123456 is the longest that such columns hold.
            (text.len() <= 32).then(|| Instant::parse(&format!("{text}Z"))).flatten()
        }),
        TimeForm::UnixSeconds => epoch(text, 1_000_000_000),
        TimeForm::UnixMillis => epoch(text, 1_000_000),
    }
}

/// A time whose offset has no colon, as some products write it: `2026-12-05T20:00:00.000+0100`.
fn without_colon(text: &str) -> Option<Instant> {
    let (time, offset) = text.split_at_checked(text.len().checked_sub(4)?)?;
    let (hours, minutes) = offset.split_at_checked(2)?;
    (text.len() <= 32).then(|| Instant::parse(&format!("{time}{hours}:{minutes}"))).flatten()
}

/// What stands at a path in a JSON value, as written. Values that are no objects stand for themselves: such lists hold both.
pub(crate) fn member<'a>(text: &'a str, path: &[String]) -> Option<&'a str> {
    let mut at = text;
    for name in path {
        if !at.starts_with('{') {
            return Some(at);
        }
        let object = serde_json::from_str::<BTreeMap<Cow<'a, str>, &'a RawValue>>(at).ok()?;
        at = object.get(name.as_str())?.get();
    }
    Some(at)
}

fn epoch(text: &str, nanos: i128) -> Option<Instant> {
    let number = number_of(text)?;
    let instant = Instant::from_nanos(number.scaled(9).checked_mul(nanos)? / 1_000_000_000);
    // Outside of the years 1 to 9999 it is no time but another number.
    (instant.seconds() > -62_135_596_800 && instant.seconds() < 253_402_300_800).then_some(instant)
}

/// The day that a value names; of a point in time, its day in UTC.
pub(crate) fn date(cell: &Cell<'_>, encoding: &Encoding) -> Option<Date> {
    let text = cell.plain()?.trim();
    Date::parse(text).or_else(|| instant(cell, encoding).map(Instant::utc_date))
}

/// Yes or no.
pub(crate) fn boolean(cell: &Cell<'_>, encoding: &Encoding) -> Option<bool> {
    match cell {
        Cell::Bool(value) => Some(*value),
        Cell::Text(text) => {
            if let Some([yes, no]) = &encoding.booleans {
                if **yes == **text {
                    return Some(true);
                }
                if **no == **text {
                    return Some(false);
                }
            }
            let is = |word: &str| text.eq_ignore_ascii_case(word);
            match (is("true") || is("1"), is("false") || is("0")) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            }
        }
        Cell::Number("1") => Some(true),
        Cell::Number("0") => Some(false),
        _ => None,
    }
}

/// The number that a value names.
pub(crate) fn number(cell: &Cell<'_>) -> Option<Decimal> {
    match cell {
        Cell::Number(text) => number_of(text),
        Cell::Text(text) => number_of(text.trim()),
        _ => None,
    }
}

fn number_of(text: &str) -> Option<Decimal> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Decimal::from(whole));
    }
    Decimal::parse(text)
}

/// The items of a value that may be a list: JSON lists, texts with a separator, or one single value.
pub(crate) fn items<'a>(cell: &'a Cell<'a>, encoding: &Encoding) -> Vec<Cell<'a>> {
    match cell {
        Cell::Missing | Cell::Null => Vec::new(),
        Cell::List(text) => cutover_records::list_items(text)
            .unwrap_or_default()
            .into_iter()
            .map(Cell::of_json_text)
            .filter(|cell| !cell.is_empty())
            .collect(),
        Cell::Text(text) => {
            let listed = text.trim_start().starts_with('[');
            if let Ok(items) = cutover_records::list_items(if listed { text } else { "" }) {
                // Tables that were made from JSON hold lists as JSON.
                return items.into_iter().map(Cell::of_json_text).filter(|cell| !cell.is_empty()).collect();
            }
            match &encoding.lists {
                Some(separator) if !separator.is_empty() => text
                    .split(&**separator)
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(|part| Cell::Text(Cow::Borrowed(part)))
                    .collect(),
                _ => vec![cell.clone()],
            }
        }
        _ => vec![cell.clone()],
    }
}

/// Whether a value could lead to a person or a place: an address, a number to call, a link; or is too long to be a choice,
/// or has several lines.
pub(crate) fn is_private(text: &str) -> bool {
    if text.chars().count() > SHOWN
        || text.chars().any(char::is_control)
        || text.contains('@')
        || text.contains('\u{FF20}')
    {
        return true;
    }
    let lower = text.to_lowercase();
    if lower.contains("://") || lower.contains("www.") || lower.contains("tel:") || lower.contains("mailto") {
        return true;
    }
    // Seven digits with nothing but the signs of telephone numbers between them.
    let mut digits = 0;
    for c in text.chars() {
        if c.is_numeric() {
            digits += 1;
            if digits >= 7 {
                return true;
            }
        } else if !matches!(c, ' ' | '\u{a0}' | '-' | '\u{2010}'..='\u{2015}' | '.' | '/' | '(' | ')' | '+') {
            digits = 0;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use cutover_catalog::catalog::{Encoding, TimeForm};
    use cutover_records::Cell;

    use super::{boolean, instant, is_private, items, member, number};

    fn text(text: &str) -> Cell<'_> {
        Cell::Text(Cow::Borrowed(text))
    }

    #[test]
    fn times_in_all_forms() {
        let read = |form, value| {
            let encoding = Encoding { times: form, ..Encoding::default() };
            instant(&text(value), &encoding).map(|instant| instant.to_string())
        };
        let noon = Some("2026-12-05T12:00:00Z".to_owned());
        assert_eq!(read(TimeForm::Rfc3339, "2026-12-05T13:00:00+01:00"), noon);
        assert_eq!(read(TimeForm::Rfc3339, "2026-12-05 12:00:00"), None);
        assert_eq!(read(TimeForm::Rfc3339, "2026-12-05T13:00:00.000+0100"), noon);
        assert_eq!(read(TimeForm::Rfc3339, "2026-12-05T12:00:00.0000"), None);
        assert_eq!(read(TimeForm::SqlUtc, "2026-12-05 12:00:00"), noon);
        assert_eq!(read(TimeForm::SqlUtc, "2026-12-05T12:00:00Z"), noon);
        assert_eq!(read(TimeForm::UnixSeconds, "1796472000"), noon);
        assert_eq!(read(TimeForm::UnixMillis, "1796472000000"), noon);
        assert_eq!(read(TimeForm::UnixSeconds, "1796472000000"), None);
        assert_eq!(read(TimeForm::UnixSeconds, "9223372036854775807"), None);
    }

    #[test]
    fn booleans_numbers_and_lists() {
        let words = Encoding {
            booleans: Some(["ja".into(), "nein".into()]),
            lists: Some(",".into()),
            ..Encoding::default()
        };
        assert_eq!(boolean(&text("ja"), &words), Some(true));
        assert_eq!(boolean(&text("nein"), &words), Some(false));
        assert_eq!(boolean(&text("FALSE"), &words), Some(false));
        assert_eq!(boolean(&text("maybe"), &words), None);
        assert_eq!(number(&Cell::Number("-1.50")).map(|n| n.to_string()).as_deref(), Some("-1.5"));
        assert_eq!(number(&text("1e5")), None);
        assert_eq!(items(&text("a, b,,c"), &words), [text("a"), text("b"), text("c")]);
        assert_eq!(items(&text(r#"["x, y",null,"",2]"#), &words), [text("x, y"), Cell::Number("2")]);
        assert_eq!(items(&text("[a]"), &Encoding::default()), [text("[a]")]);
    }

    #[test]
    fn members_of_objects_and_what_is_no_object() {
        let path = ["type".to_owned(), "name".to_owned()];
        assert_eq!(member(r#"{"id":1,"type":{"n\u0061me":"a b"}}"#, &path), Some("\"a b\""));
        assert_eq!(member("\"plain\"", &path), Some("\"plain\""));
        assert_eq!(member(r#"{"id":1}"#, &path), None);
    }

    #[test]
    fn values_that_lead_to_people_are_private() {
        for value in [
            "a@b.example",
            "http://x",
            "WWW.x.example",
            "+49 30 555-0101",
            "call (030) 555 01.01",
            "two\nlines",
            "x".repeat(65).as_str(),
        ] {
            assert!(is_private(value), "{value}");
        }
        for value in ["Tier 1", "hardware/printer", "2024", "CT-123456", "v1.2.3", "emea", ""] {
            assert!(!is_private(value), "{value}");
        }
    }
}
