//! From JSON to values, by the type that the plan gives a field.
//!
//! What an export writes differently without meaning anything else is taken: an id as number or text, a number in quotes, an option by the
//! value that its API uses, a reference as the object that it leads to. Everything else of another type is a reason to reject the record:
//! a value that the map reads is never dropped because of its shape.

use cutover_ir::Type;
use cutover_ir::quantity::{Decimal, Duration};
use cutover_ir::time::Date;
use cutover_ir::value::Value;
use cutover_plan::model::DomainOption;
use rustc_hash::FxHashMap;

use crate::json::{Cursor, Kind, Raw, unescape};
use crate::value::{Sort, Text, Time, V};

/// How a field is read.
#[derive(Debug)]
pub(crate) enum Read {
    /// As JSON has it: nothing is known of the field.
    Natural,
    Text,
    Choice(Option<Domain>),
    Ref,
    Int,
    Decimal,
    Bool,
    Date,
    Instant,
    /// Seconds.
    Duration,
    List(Box<Read>),
    Attachment,
}

/// From the values that an API uses to the names of options.
#[derive(Debug)]
pub(crate) struct Domain {
    names: FxHashMap<Box<str>, Option<Box<str>>>,
}

impl Domain {
    fn new(options: &[DomainOption]) -> Domain {
        let mut names: FxHashMap<Box<str>, Option<Box<str>>> = FxHashMap::default();
        for option in options {
            if let Some(value) = &option.value {
                let name = Some(option.name.as_str().into());
                // One value for two options says nothing, unless one of them is called so: `agent` is `Agent`, and not `Light agent`.
                let called = |name: &str| name.eq_ignore_ascii_case(value);
                let own = called(&option.name);
                names
                    .entry(value.as_str().into())
                    .and_modify(|known| {
                        if own {
                            known.clone_from(&name);
                        } else if !known.as_deref().is_some_and(called) {
                            *known = None;
                        }
                    })
                    .or_insert(name);
            }
        }
        // A name is a name, also where it is another option's value.
        for option in options {
            names.remove(option.name.as_str());
        }
        Domain { names }
    }

    fn name(&self, text: &str) -> Option<&str> {
        self.names.get(text)?.as_deref()
    }
}

impl Read {
    /// `options` gives the options of a domain.
    pub(crate) fn of<'o>(t: &Type, options: &dyn Fn(&str) -> Option<&'o [DomainOption]>) -> Read {
        let choice = |domain: &str| Read::Choice(options(domain).map(Domain::new));
        match t.required() {
            Type::Bool => Read::Bool,
            Type::Int { .. } | Type::Count => Read::Int,
            Type::Decimal | Type::Percent => Read::Decimal,
            Type::Text { .. } | Type::Html { .. } | Type::Email | Type::Url | Type::Phone => Read::Text,
            Type::Date => Read::Date,
            Type::Instant => Read::Instant,
            Type::Duration => Read::Duration,
            Type::Choice(domain) => choice(domain),
            Type::Choices(domain) => Read::List(Box::new(choice(domain))),
            Type::Tags => Read::List(Box::new(Read::Text)),
            Type::Ref(_) => Read::Ref,
            Type::List(item) => Read::List(Box::new(Read::of(item, options))),
            Type::Attachment => Read::Attachment,
            Type::Never | Type::Poison | Type::Hole | Type::Opt(_) => Read::Natural,
        }
    }

    /// What is expected, in words.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Read::Natural => "text, a number, yes or no, or a list",
            Read::Text => "text",
            Read::Choice(_) => "an option",
            Read::Ref => "a reference",
            Read::Int => "a whole number",
            Read::Decimal => "a number",
            Read::Bool => "yes or no",
            Read::Date => "a date",
            Read::Instant => "a point in time with its offset",
            Read::Duration => "a number of seconds",
            Read::List(_) => "a list",
            Read::Attachment => "a file",
        }
    }

    /// The value of a place; `None` when it is of another type.
    pub(crate) fn value<'a>(&'a self, raw: Raw<'a>) -> Option<V<'a>> {
        match (raw.kind, self) {
            (Kind::Absent | Kind::Null, _) => return Some(V::Missing),
            (Kind::Behind, _) => return None,
            (Kind::Text, Read::Text) => return Some(V::Text(Sort::Text, Text::Plain(raw.text))),
            (Kind::Escaped, Read::Text) => return Some(V::Text(Sort::Text, Text::Escaped(raw.text))),
            _ => {}
        }
        match self {
            Read::Natural => natural(raw),
            Read::Text => spelled(raw).map(|text| V::Text(Sort::Text, text)),
            Read::Choice(domain) => {
                let text = spelled(raw)?;
                let name = domain.as_ref().and_then(|domain| domain.name(&text.get()));
                Some(match name {
                    Some(name) => V::Text(Sort::Choice, Text::Owned(name.to_owned())),
                    None => V::Text(Sort::Choice, text),
                })
            }
            Read::Ref => match raw.kind {
                Kind::Object => spelled(member(raw.text, "id")?).map(|text| V::Text(Sort::Ref, text)),
                _ => spelled(raw).map(|text| V::Text(Sort::Ref, text)),
            },
            Read::Int => whole(raw),
            Read::Decimal => number(raw),
            Read::Bool => match raw.kind {
                Kind::True => Some(V::Bool(true)),
                Kind::False => Some(V::Bool(false)),
                _ => None,
            },
            Read::Date => {
                let date = Date::parse(&text(raw)?.into_cow())?;
                Some(V::Other(Box::new(Value::Date(date))))
            }
            Read::Instant => match raw.kind {
                Kind::Text => Time::parse(raw.text).map(V::Instant),
                Kind::Escaped => Time::parse(&unescape(raw.text)).map(V::Instant),
                _ => None,
            },
            Read::Duration => match whole(raw)?.to_value() {
                Value::Int(seconds) => {
                    let seconds = u64::try_from(seconds).ok()?;
                    Some(V::Other(Box::new(Value::Duration(Duration::elapsed(seconds)))))
                }
                _ => None,
            },
            Read::List(item) => list(raw, item),
            Read::Attachment => match raw.kind {
                Kind::Object => natural(raw),
                _ => text(raw).map(|text| V::Text(Sort::Ref, text)),
            },
        }
    }
}

/// What kind of value JSON says it is.
fn natural<'a>(raw: Raw<'a>) -> Option<V<'a>> {
    match raw.kind {
        Kind::Absent | Kind::Null => Some(V::Missing),
        Kind::Behind => None,
        Kind::True => Some(V::Bool(true)),
        Kind::False => Some(V::Bool(false)),
        Kind::Number => number_or_whole(raw.text),
        Kind::Text | Kind::Escaped => text(raw).map(|text| V::Text(Sort::Text, text)),
        Kind::List => {
            let mut items = Vec::new();
            let read = each(raw.text, |item| {
                items.push(natural(item)?);
                Some(())
            });
            read.map(|()| V::List(items))
        }
        Kind::Object => record(raw.text, &Read::Natural).map(|record| V::Other(Box::new(record))),
    }
}

/// An object; its member `value` is read as the elements of the list in which it stands.
fn record(text: &str, value: &Read) -> Option<Value> {
    let mut fields = cutover_ir::value::Record::new();
    members(text, |name, raw| {
        let read = if name == "value" { value } else { &Read::Natural };
        // A key that stands twice has no one value.
        let read = read.value(raw)?.to_value();
        fields.insert(name.to_owned(), read).is_none().then_some(())
    })?;
    Some(Value::Record(fields))
}

fn list<'a>(raw: Raw<'a>, item: &'a Read) -> Option<V<'a>> {
    if raw.kind != Kind::List {
        return None;
    }
    // Most lists are short; one that is not grows.
    let mut items = Vec::with_capacity(8);
    each(raw.text, |element| {
        items.push(match (element.kind, item) {
            // Fields with id and value: the list has the type of its values.
            (Kind::Object, read) if !matches!(read, Read::Ref | Read::Attachment) => {
                V::Other(Box::new(record(element.text, read)?))
            }
            (_, read) => read.value(element)?,
        });
        Some(())
    })?;
    Some(V::List(items))
}

fn text(raw: Raw<'_>) -> Option<Text<'_>> {
    match raw.kind {
        Kind::Text => Some(Text::Plain(raw.text)),
        Kind::Escaped => Some(Text::Escaped(raw.text)),
        _ => None,
    }
}

/// A text, or a number as it is written.
fn spelled(raw: Raw<'_>) -> Option<Text<'_>> {
    match raw.kind {
        Kind::Number => Some(Text::Plain(raw.text)),
        _ => text(raw),
    }
}

/// A whole number, in quotes or not.
fn whole(raw: Raw<'_>) -> Option<V<'_>> {
    match raw.kind {
        Kind::Number => digits(raw.text),
        Kind::Text => {
            let number: i64 = raw.text.parse().ok()?;
            (number.to_string() == raw.text).then_some(V::Int(number))
        }
        _ => None,
    }
}

/// The digits of a JSON number that is whole; `-0` is 0.
fn digits(text: &str) -> Option<V<'_>> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if text.len() <= 18 && text != "-0" { Some(V::Digits(text)) } else { text.parse().ok().map(V::Int) }
}

fn number_or_whole(text: &str) -> Option<V<'_>> {
    digits(text).or_else(|| Some(V::Other(Box::new(Value::Decimal(Decimal::parse(text)?)))))
}

/// A decimal, in quotes or not.
fn number(raw: Raw<'_>) -> Option<V<'_>> {
    let text = match raw.kind {
        Kind::Number | Kind::Text => raw.text,
        _ => return None,
    };
    let decimal = match text.parse::<i64>() {
        Ok(whole) if raw.kind == Kind::Number => Decimal::from(whole),
        _ => Decimal::parse(text)?,
    };
    Some(V::Other(Box::new(Value::Decimal(decimal))))
}

/// Calls `visit` on each element of a valid list, until it gives `None`.
pub(crate) fn each<'a>(text: &'a str, mut visit: impl FnMut(Raw<'a>) -> Option<()>) -> Option<()> {
    let mut cursor = Cursor::new(text);
    cursor.open().ok()?;
    cursor.blanks();
    while cursor.byte() != b']' {
        visit(cursor.value().ok()?)?;
        cursor.blanks();
        if cursor.byte() == b',' {
            cursor.step();
            cursor.blanks();
        }
    }
    Some(())
}

/// Calls `visit` on each member of a valid object, until it gives `None`.
fn members<'a>(text: &'a str, mut visit: impl FnMut(&str, Raw<'a>) -> Option<()>) -> Option<()> {
    let mut cursor = Cursor::new(text);
    cursor.open().ok()?;
    cursor.blanks();
    while cursor.byte() != b'}' {
        let (key, escaped) = cursor.key().ok()?;
        cursor.blanks();
        let value = cursor.value().ok()?;
        if escaped {
            visit(&unescape(key), value)?
        } else {
            visit(key, value)?
        }
        cursor.blanks();
        if cursor.byte() == b',' {
            cursor.step();
            cursor.blanks();
        }
    }
    Some(())
}

/// The first member of that name; a null when there is none.
pub(crate) fn member<'a>(text: &'a str, name: &str) -> Option<Raw<'a>> {
    let mut found = None;
    members(text, |key, raw| {
        if key == name && found.is_none() {
            found = Some(raw);
        }
        Some(())
    })?;
    found
}
