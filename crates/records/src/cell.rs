//! A single value, as JSON and CSV both have it.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::problem::Problem;

/// A value of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// The record does not have it.
    Missing,
    /// JSON's null, or an empty field of a table.
    Null,
    /// JSON's true or false.
    Bool(bool),
    /// A JSON number, as written.
    Number(&'a str),
    /// A text, or a field of a table.
    Text(Cow<'a, str>),
    /// A JSON list, as written.
    List(&'a str),
    /// A JSON object, as written.
    Object(&'a str),
    /// A text whose escapes name no character, as written (half of a surrogate pair).
    Unreadable(&'a str),
}

impl<'a> Cell<'a> {
    /// The cell of a JSON value.
    #[must_use]
    pub fn of_json(raw: Option<&'a RawValue>) -> Cell<'a> {
        raw.map_or(Cell::Missing, |raw| Cell::of_json_text(raw.get()))
    }

    /// The cell of a valid JSON text without blanks around it.
    #[must_use]
    pub fn of_json_text(text: &'a str) -> Cell<'a> {
        match text.as_bytes().first() {
            None => Cell::Missing,
            Some(b'n') => Cell::Null,
            Some(b't') => Cell::Bool(true),
            Some(b'f') => Cell::Bool(false),
            Some(b'[') => Cell::List(text),
            Some(b'{') => Cell::Object(text),
            Some(b'"') => {
                if memchr::memchr(b'\\', text.as_bytes()).is_none() {
                    let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
                    return Cell::Text(Cow::Borrowed(inner));
                }
                serde_json::from_str::<String>(text)
                    .map_or(Cell::Unreadable(text), |t| Cell::Text(Cow::Owned(t)))
            }
            Some(_) => Cell::Number(text),
        }
    }

    /// The cell of a table's field: an empty field is null.
    #[must_use]
    pub fn of_field(field: Option<&'a str>) -> Cell<'a> {
        match field {
            None => Cell::Missing,
            Some("") => Cell::Null,
            Some(text) => Cell::Text(Cow::Borrowed(text)),
        }
    }

    /// Whether there is nothing: missing, null, or a text without a character.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Cell::Missing | Cell::Null => true,
            Cell::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The same as [`Cell::plain`], for as long as the record lives.
    #[must_use]
    pub fn into_plain(self) -> Option<Cow<'a, str>> {
        match self {
            Cell::Missing | Cell::Null => None,
            Cell::Bool(true) => Some(Cow::Borrowed("true")),
            Cell::Bool(false) => Some(Cow::Borrowed("false")),
            Cell::Text(text) => Some(text),
            Cell::Number(text) | Cell::List(text) | Cell::Object(text) | Cell::Unreadable(text) => {
                Some(Cow::Borrowed(text))
            }
        }
    }

    /// The value as a person would write it: text without quotes, numbers and lists as written. None when there is nothing.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        match self {
            Cell::Missing | Cell::Null => None,
            Cell::Bool(true) => Some("true"),
            Cell::Bool(false) => Some("false"),
            Cell::Text(text) => Some(text),
            Cell::Number(text) | Cell::List(text) | Cell::Object(text) | Cell::Unreadable(text) => Some(text),
        }
    }
}

/// The items of a JSON list, each as written.
///
/// # Errors
/// When the text is not a JSON list.
pub fn list_items(text: &str) -> Result<Vec<&str>, Problem> {
    serde_json::from_str::<Vec<&RawValue>>(text)
        .map(|items| items.into_iter().map(RawValue::get).collect())
        .map_err(|error| Problem::NotJson { reason: error.to_string() })
}
