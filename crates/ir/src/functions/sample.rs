//! Values of examples, in a form that stands in static data.

use std::fmt;

use crate::predicate::Literal;
use crate::quantity::{Decimal, Duration};
use crate::time::{Date, Instant};
use crate::value::{Record, Value};

/// A value in an example.
#[derive(Clone, Copy, Debug)]
pub enum Sample {
    /// A missing value.
    Missing,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal number, written out.
    Decimal(&'static str),
    /// A text.
    Text(&'static str),
    /// A date, written `2026-12-05`.
    Date(&'static str),
    /// An instant in RFC 3339.
    Instant(&'static str),
    /// Elapsed seconds.
    Seconds(u64),
    /// An option.
    Choice(&'static str),
    /// A list.
    List(&'static [Sample]),
    /// An element of a list of fields: id and value.
    Entry(i64, &'static Sample),
}

/// What a function gives for some inputs.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The values that it takes.
    pub inputs: &'static [Sample],
    /// The arguments.
    pub args: &'static [Sample],
    /// The values that it gives; `None` when it rejects.
    pub outputs: Option<&'static [Sample]>,
}

/// `inputs` by `function(args)` gives `outputs`.
pub(super) const fn ex(
    inputs: &'static [Sample],
    args: &'static [Sample],
    outputs: &'static [Sample],
) -> Example {
    Example { inputs, args, outputs: Some(outputs) }
}

/// `inputs` are rejected.
pub(super) const fn no(inputs: &'static [Sample], args: &'static [Sample]) -> Example {
    Example { inputs, args, outputs: None }
}

impl Sample {
    /// The value of a record.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Sample::Missing => Value::Missing,
            Sample::Bool(b) => Value::Bool(*b),
            Sample::Int(n) => Value::Int(*n),
            Sample::Decimal(text) => Decimal::parse(text).map_or(Value::Missing, Value::Decimal),
            Sample::Text(text) => Value::Text((*text).to_owned()),
            Sample::Date(text) => Date::parse(text).map_or(Value::Missing, Value::Date),
            Sample::Instant(text) => Instant::parse(text).map_or(Value::Missing, Value::Instant),
            Sample::Seconds(n) => Value::Duration(Duration::elapsed(*n)),
            Sample::Choice(text) => Value::Choice((*text).to_owned()),
            Sample::List(items) => Value::List(items.iter().map(Sample::value).collect()),
            Sample::Entry(id, value) => Value::Record(Record::from([
                ("id".to_owned(), Value::Int(*id)),
                ("value".to_owned(), value.value()),
            ])),
        }
    }

    /// The constant, where the language has one for it.
    #[must_use]
    pub fn literal(&self) -> Option<Literal> {
        Some(match self {
            Sample::Bool(b) => Literal::Bool(*b),
            Sample::Int(n) => Literal::Number(Decimal::from(*n)),
            Sample::Decimal(text) => Literal::Number(Decimal::parse(text)?),
            Sample::Text(text) | Sample::Choice(text) => Literal::Text((*text).to_owned()),
            Sample::Date(text) => Literal::Date(Date::parse(text)?),
            Sample::Instant(text) => Literal::Instant(Instant::parse(text)?),
            Sample::Seconds(n) => Literal::Duration(Duration::elapsed(*n)),
            Sample::Missing | Sample::List(_) | Sample::Entry(..) => return None,
        })
    }
}

impl fmt::Display for Sample {
    /// As it is written in the reference: texts in quotes, missing as `nothing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sample::Missing => f.write_str("nothing"),
            Sample::Bool(b) => f.write_str(if *b { "yes" } else { "no" }),
            Sample::Int(n) => write!(f, "{n}"),
            Sample::Decimal(text) | Sample::Date(text) | Sample::Instant(text) => f.write_str(text),
            Sample::Text(text) | Sample::Choice(text) => write!(f, "{text:?}"),
            Sample::Seconds(n) => write!(f, "{}", Duration::elapsed(*n)),
            Sample::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Sample::Entry(id, value) => write!(f, "{id}: {value}"),
        }
    }
}
