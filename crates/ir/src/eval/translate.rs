//! Translation tables.

use crate::eval::Reason;
use crate::functions::{plain, value_of};
use crate::map::{Outcome, Translate, TranslateRow};
use crate::value::Value;

/// A translated value, and the old values that are to be kept in a tag.
pub(super) struct Translated {
    pub(super) value: Value,
    pub(super) kept: Vec<String>,
}

/// Applies a table to a value; to a list element by element, where an element that becomes empty is left out.
pub(super) fn apply(table: &Translate, name: &str, value: &Value) -> Result<Translated, Reason> {
    let mut kept = Vec::new();
    let value = match value {
        Value::List(items) => {
            let mut translated = Vec::with_capacity(items.len());
            for item in items {
                match apply_one(table, name, item, &mut kept)? {
                    Value::Missing => {}
                    value => translated.push(value),
                }
            }
            Value::List(translated)
        }
        single => apply_one(table, name, single, &mut kept)?,
    };
    Ok(Translated { value, kept })
}

fn apply_one(table: &Translate, name: &str, value: &Value, kept: &mut Vec<String>) -> Result<Value, Reason> {
    if *value == Value::Missing {
        return Ok(Value::Missing);
    }
    let no = || Reason::NotTranslated { table: name.to_owned() };
    let text = plain(value).ok_or_else(no)?;
    let row = table.row(&text);
    if row.is_some_and(|row| row.kept_in_tag) {
        kept.push(text);
    }
    match row.map(|row| &row.outcome).or(table.rest.as_ref()) {
        Some(Outcome::Value(literal)) => Ok(value_of(literal)),
        Some(Outcome::Same) => Ok(value.clone()),
        Some(Outcome::Empty) => Ok(Value::Missing),
        Some(Outcome::Reject) | None => Err(no()),
    }
}

impl Translate {
    /// The line that decides a value's text, `None` where the rest does. Exact lines come before patterns, then lines that
    /// mind the case before those that do not, then longer before shorter ones; so the order of lines means nothing.
    #[must_use]
    pub fn row(&self, text: &str) -> Option<&TranslateRow> {
        let matching = self.rows.iter().filter(|row| row.pattern.matches(text));
        matching.min_by_key(|row| {
            let pattern = &row.pattern;
            let length = pattern.text.chars().filter(|c| *c != '*').count();
            (pattern.wildcard, pattern.any_case, std::cmp::Reverse(length), &pattern.text)
        })
    }

    /// What a value's text becomes; `None` when no line and no rest says so.
    #[must_use]
    pub fn outcome(&self, text: &str) -> Option<&Outcome> {
        self.row(text).map(|row| &row.outcome).or(self.rest.as_ref())
    }
}
