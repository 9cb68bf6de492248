//! Values that borrow: a text stays where it stands in the record until a function changes it.

use std::borrow::Cow;

use cutover_ir::functions::value_of;
use cutover_ir::predicate::Literal;
use cutover_ir::time::Instant;
use cutover_ir::value::Value;

use crate::json::{escape_into, special, unescape};

/// A value on its way. Means the same as the [`Value`] that [`V::to_value`] gives.
#[derive(Clone, Debug)]
pub(crate) enum V<'a> {
    Missing,
    Bool(bool),
    Int(i64),
    /// A whole number of at most 18 digits, as [`Value::Int`] would be written.
    Digits(&'a str),
    Text(Sort, Text<'a>),
    Instant(Time),
    List(Vec<V<'a>>),
    /// What has no shape of its own here.
    Other(Box<Value>),
}

/// What a text is the text of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Text,
    Choice,
    Ref,
    Placeholder,
}

/// A text.
#[derive(Clone, Debug)]
pub(crate) enum Text<'a> {
    /// It stands in JSON as it is.
    Plain(&'a str),
    /// The body of a JSON text, with escapes.
    Escaped(&'a str),
    /// A new text; what has to be escaped is not.
    Owned(String),
}

/// A point in time that 64 bits of seconds can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) seconds: i64,
    pub(crate) nanos: u32,
}

const NANOS: i128 = 1_000_000_000;

impl<'a> Text<'a> {
    /// The characters.
    pub(crate) fn get(&self) -> Cow<'_, str> {
        match self {
            Text::Plain(text) => Cow::Borrowed(text),
            Text::Escaped(body) => Cow::Owned(unescape(body)),
            Text::Owned(text) => Cow::Borrowed(text),
        }
    }

    /// The characters, for as long as the record stands.
    pub(crate) fn into_cow(self) -> Cow<'a, str> {
        match self {
            Text::Plain(text) => Cow::Borrowed(text),
            Text::Escaped(body) => Cow::Owned(unescape(body)),
            Text::Owned(text) => Cow::Owned(text),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Text::Plain(text) | Text::Escaped(text) => text.is_empty(),
            Text::Owned(text) => text.is_empty(),
        }
    }

    /// At least as many as the text has characters: its bytes as they stand.
    pub(crate) fn at_most(&self) -> usize {
        match self {
            Text::Plain(text) | Text::Escaped(text) => text.len(),
            Text::Owned(text) => text.len(),
        }
    }

    /// Writes the body of a JSON text.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Text::Plain(body) | Text::Escaped(body) => out.extend_from_slice(body.as_bytes()),
            Text::Owned(text) => escape_into(text, out),
        }
    }
}

impl Time {
    /// `None` for what is further away than any calendar.
    pub(crate) fn of(instant: Instant) -> Option<Time> {
        let seconds = i64::try_from(instant.nanos().div_euclid(NANOS)).ok()?;
        let nanos = u32::try_from(instant.nanos().rem_euclid(NANOS)).ok()?;
        Some(Time { seconds, nanos })
    }

    pub(crate) fn instant(self) -> Instant {
        Instant::from_nanos(i128::from(self.seconds) * NANOS + i128::from(self.nanos))
    }

    /// The same as [`Instant::parse`].
    pub(crate) fn parse(text: &str) -> Option<Time> {
        Time::parse_fixed(text.as_bytes()).or_else(|| Time::of(Instant::parse(text)?))
    }

    /// `2026-12-05T20:00:00Z` or with `+01:00`, by the place of each digit. `None` for every other form.
    fn parse_fixed(text: &[u8]) -> Option<Time> {
        let (clock, offset) = text.split_first_chunk::<19>()?;
        let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1] = clock
        else {
            return None;
        };
        let year = two(*y0, *y1)? * 100 + two(*y2, *y3)?;
        let (month, day) = (two(*m0, *m1)?, two(*d0, *d1)?);
        let (hour, minute, second) = (two(*h0, *h1)?, two(*n0, *n1)?, two(*s0, *s1)?);
        let east = match offset {
            b"Z" => 0,
            [sign @ (b'+' | b'-'), a, b, b':', c, d] => {
                let (hours, minutes) = (two(*a, *b)?, two(*c, *d)?);
                if hours > 23 || minutes > 59 {
                    return None;
                }
                let east = hours * 3600 + minutes * 60;
                if *sign == b'+' { east } else { -east }
            }
            _ => return None,
        };
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let days =
            cutover_ir::time::Date::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)?.days();
        let seconds = i64::from(days) * 86_400 + i64::from(hour * 3600 + minute * 60 + second - east);
        Some(Time { seconds, nanos: 0 })
    }
}

fn two(a: u8, b: u8) -> Option<i32> {
    let (a, b) = (a.wrapping_sub(b'0'), b.wrapping_sub(b'0'));
    (a < 10 && b < 10).then(|| i32::from(a) * 10 + i32::from(b))
}

impl<'a> V<'a> {
    /// A text of the map's own or of the record.
    pub(crate) fn text(text: String) -> V<'a> {
        V::Text(Sort::Text, Text::Owned(text))
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, V::Missing)
    }

    pub(crate) fn from_value(value: Value) -> V<'a> {
        match value {
            Value::Missing => V::Missing,
            Value::Bool(flag) => V::Bool(flag),
            Value::Int(number) => V::Int(number),
            Value::Text(text) => V::Text(Sort::Text, Text::Owned(text)),
            Value::Choice(text) => V::Text(Sort::Choice, Text::Owned(text)),
            Value::Ref(text) => V::Text(Sort::Ref, Text::Owned(text)),
            Value::Placeholder(text) => V::Text(Sort::Placeholder, Text::Owned(text)),
            Value::List(items) => V::List(items.into_iter().map(V::from_value).collect()),
            Value::Instant(instant) => match Time::of(instant) {
                Some(time) => V::Instant(time),
                None => V::Other(Box::new(value)),
            },
            Value::Decimal(_) | Value::Date(_) | Value::Duration(_) | Value::Record(_) => {
                V::Other(Box::new(value))
            }
        }
    }

    pub(crate) fn to_value(&self) -> Value {
        match self {
            V::Missing => Value::Missing,
            V::Bool(flag) => Value::Bool(*flag),
            V::Int(number) => Value::Int(*number),
            V::Digits(digits) => Value::Int(digits.parse().unwrap_or_default()),
            V::Text(sort, text) => {
                let text = text.get().into_owned();
                match sort {
                    Sort::Text => Value::Text(text),
                    Sort::Choice => Value::Choice(text),
                    Sort::Ref => Value::Ref(text),
                    Sort::Placeholder => Value::Placeholder(text),
                }
            }
            V::Instant(time) => Value::Instant(time.instant()),
            V::List(items) => Value::List(items.iter().map(V::to_value).collect()),
            V::Other(value) => (**value).clone(),
        }
    }
}

/// A constant of a map, ready to be written.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    value: Value,
    /// The body of the JSON text, when it is a text, and whether it has escapes.
    body: Option<(String, bool)>,
    /// The digits, when it is a whole number that is short enough.
    digits: Option<String>,
}

impl Constant {
    pub(crate) fn new(literal: &Literal) -> Constant {
        Constant::of(value_of(literal))
    }

    pub(crate) fn of(value: Value) -> Constant {
        let body = value.as_text().map(|text| {
            let mut body = Vec::new();
            escape_into(text, &mut body);
            (String::from_utf8(body).unwrap_or_default(), special(text.as_bytes(), 0) < text.len())
        });
        let digits = match &value {
            Value::Int(number) => Some(number.to_string()).filter(|digits| digits.len() <= 18),
            _ => None,
        };
        Constant { value, body, digits }
    }

    pub(crate) fn value(&self) -> &Value {
        &self.value
    }

    /// The constant as a value that borrows from it.
    pub(crate) fn v(&self) -> V<'_> {
        let sort = match &self.value {
            Value::Text(_) => Sort::Text,
            Value::Choice(_) => Sort::Choice,
            Value::Ref(_) => Sort::Ref,
            Value::Placeholder(_) => Sort::Placeholder,
            other => {
                return match &self.digits {
                    Some(digits) => V::Digits(digits),
                    None => V::from_value(other.clone()),
                };
            }
        };
        match &self.body {
            Some((body, true)) => V::Text(sort, Text::Escaped(body)),
            Some((body, false)) => V::Text(sort, Text::Plain(body)),
            None => V::from_value(self.value.clone()),
        }
    }
}
