//! Values of records, as the reference evaluator and the runner see them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::quantity::{Decimal, Duration};
use crate::time::{Date, Instant};

/// A value of a field. A missing value is [`Value::Missing`], never an empty text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// There is no value.
    Missing,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Text: also HTML, e-mail addresses, URLs, phone numbers, file names.
    Text(String),
    /// A civil date.
    Date(Date),
    /// A point in time.
    Instant(Instant),
    /// A length of time.
    Duration(Duration),
    /// The name of one option, as the account spells it.
    Choice(String),
    /// The key of another object.
    Ref(String),
    /// A placeholder object of the target, by its name.
    Placeholder(String),
    /// Several values in order: lists, choices, tags.
    List(Vec<Value>),
    /// A nested record, for example an element of a list of fields.
    Record(Record),
}

/// A record: field path to value. Absent and [`Value::Missing`] mean the same.
pub type Record = BTreeMap<String, Value>;

impl Value {
    /// Whether the value is missing, an empty text or an empty list: what `is empty` asks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Missing => true,
            Value::Text(text) | Value::Choice(text) | Value::Ref(text) => text.is_empty(),
            Value::List(items) => items.is_empty(),
            _ => false,
        }
    }

    /// The text of a text-like value.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(t) | Value::Choice(t) | Value::Ref(t) | Value::Placeholder(t) => Some(t),
            _ => None,
        }
    }
}
