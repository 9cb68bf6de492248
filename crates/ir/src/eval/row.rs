//! Rows, and what they hand to other fields.

use std::collections::BTreeSet;

use crate::eval::{Context, Expected, Reason, Rejection, conform, field, translate};
use crate::functions::{self, TRANSLATE, value_of};
use crate::map::{Call, Outcome, Row, Source, WhenMissing};
use crate::types::Type;
use crate::value::Value;

/// What a row gives.
pub(super) enum RowResult {
    /// A value for each target, text for the overflow target, old values for the tags.
    Known {
        values: Vec<Value>,
        overflow: String,
        kept: Vec<String>,
    },
    Rejected(Rejection),
    /// Fields that are not given.
    DependsOn(BTreeSet<String>),
}

impl RowResult {
    pub(super) fn rejection(&self) -> Option<&Rejection> {
        match self {
            RowResult::Rejected(rejection) => Some(rejection),
            _ => None,
        }
    }
}

/// All rows of the map, in order.
pub(super) fn all(cx: &Context<'_>) -> Vec<RowResult> {
    cx.map.rows.iter().map(|row| eval_row(cx, row)).collect()
}

/// All target paths that rows write or hand something to.
pub(super) fn targets(cx: &Context<'_>) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for row in &cx.map.rows {
        paths.extend(row.to.iter().cloned());
        paths.extend(row.overflow.clone());
        if keeps_in_tag(cx, row) {
            paths.insert(tags_path(cx));
        }
    }
    paths
}

/// The value of one target path: of the row that writes it, with what other rows hand to it.
pub(super) fn target(cx: &Context<'_>, results: &[RowResult], path: &str) -> Expected {
    let mut value = Value::Missing;
    let mut wanted = None;
    let mut unknown = BTreeSet::new();
    for (row, result) in cx.map.rows.iter().zip(results) {
        let Some(at) = row.to.iter().position(|to| to == path) else { continue };
        if wanted.is_some() {
            return reject(row, Reason::Malformed("two rows write one field"));
        }
        wanted = Some(row.types.get(at).cloned().unwrap_or(Type::Poison));
        match result {
            RowResult::Known { values, .. } => value = values.get(at).cloned().unwrap_or(Value::Missing),
            RowResult::Rejected(rejection) => return Expected::Rejected(rejection.clone()),
            RowResult::DependsOn(fields) => unknown.extend(fields.iter().cloned()),
        }
    }
    let html = matches!(wanted.as_ref().map(Type::required), Some(Type::Html { .. }));
    let tags = tags_path(cx) == path;
    for (row, result) in cx.map.rows.iter().zip(results) {
        let overflows = row.overflow.as_deref() == Some(path);
        let keeps = tags && keeps_in_tag(cx, row);
        if !overflows && !keeps {
            continue;
        }
        match result {
            RowResult::Known { overflow, kept, .. } => {
                if overflows && !overflow.is_empty() {
                    value = match appended(value, overflow, html) {
                        Ok(value) => value,
                        Err(reason) => return reject(row, reason),
                    };
                }
                if keeps {
                    value = tagged(value, kept);
                }
                if let Some(wanted) = &wanted {
                    // What was handed over must fit, too.
                    value = match conform(value, wanted, cx.host) {
                        Ok(value) => value,
                        Err(_) if !unknown.is_empty() => Value::Missing,
                        Err(reason) => return reject(row, reason),
                    };
                }
            }
            RowResult::Rejected(rejection) => return Expected::Rejected(rejection.clone()),
            RowResult::DependsOn(fields) => unknown.extend(fields.iter().cloned()),
        }
    }
    if unknown.is_empty() {
        Expected::Known(value)
    } else {
        Expected::DependsOn(unknown.into_iter().collect())
    }
}

/// A text with cut-off text below it, set apart by an empty line, or by a paragraph where texts are HTML.
///
/// # Errors
/// When the value is neither a text nor missing.
pub fn appended(value: Value, overflow: &str, html: bool) -> Result<Value, Reason> {
    let overflow =
        if html { format!("<p>{}</p>", functions::escaped(overflow)) } else { overflow.to_owned() };
    match value {
        Value::Missing => Ok(Value::Text(overflow)),
        Value::Text(text) if html => Ok(Value::Text(text + &overflow)),
        Value::Text(text) => Ok(Value::Text(format!("{text}\n\n{overflow}"))),
        _ => Err(Reason::Malformed("cut-off text goes to a field that holds no text")),
    }
}

/// Tags with the old values that are kept in a tag.
#[must_use]
pub fn tagged(value: Value, kept: &[String]) -> Value {
    if kept.is_empty() {
        return value;
    }
    let mut items = match value {
        Value::List(items) => items,
        _ => Vec::new(),
    };
    items.extend(kept.iter().filter_map(|old| functions::tag_name(old)).map(Value::Text));
    Value::List(functions::distinct(&items))
}

/// The target field that keeps old values: the first that a row fills with tags, else `tags`.
fn tags_path(cx: &Context<'_>) -> String {
    let mut pairs = cx.map.rows.iter().flat_map(|row| row.to.iter().zip(&row.types));
    let found = pairs.find(|(_, t)| *t.required() == Type::Tags);
    found.map_or_else(|| "tags".to_owned(), |(path, _)| path.clone())
}

fn keeps_in_tag(cx: &Context<'_>, row: &Row) -> bool {
    row.pipe
        .iter()
        .filter_map(table_name)
        .filter_map(|name| cx.program.translates.get(name))
        .any(|table| table.rows.iter().any(|line| line.kept_in_tag))
}

fn table_name(call: &Call) -> Option<&str> {
    match call.args.as_slice() {
        [crate::predicate::Literal::Text(name)] if call.function == TRANSLATE => Some(name),
        _ => None,
    }
}

fn eval_row(cx: &Context<'_>, row: &Row) -> RowResult {
    let mut inputs = Vec::with_capacity(row.from.len());
    let mut unknown = BTreeSet::new();
    for source in &row.from {
        match input(cx, source) {
            Input::Value(value) => inputs.push(value),
            Input::Unknown(path) => {
                unknown.insert(path);
            }
            Input::Malformed(what) => return RowResult::Rejected(rejection(row, Reason::Malformed(what))),
        }
    }
    if !unknown.is_empty() {
        return RowResult::DependsOn(unknown);
    }
    match run(cx, row, inputs) {
        Ok(result) => result,
        Err(reason) => RowResult::Rejected(rejection(row, reason)),
    }
}

enum Input {
    Value(Value),
    Unknown(String),
    Malformed(&'static str),
}

fn input(cx: &Context<'_>, source: &Source) -> Input {
    match source {
        Source::Constant(literal) => Input::Value(value_of(literal)),
        Source::Field(path) => match field(cx.record, path) {
            Some(value) => Input::Value(value.clone()),
            None if cx.open => Input::Unknown(path.clone()),
            None => Input::Value(Value::Missing),
        },
        // A test gives the fields of tables beside those of the record; otherwise the host looks them up.
        Source::Table(table, name) => {
            let path = format!("{table}.{name}");
            match field(cx.record, &path).cloned().or_else(|| cx.host.table(table, name, cx.record)) {
                Some(value) => Input::Value(value),
                None if cx.open => Input::Unknown(path),
                None => Input::Malformed("a table that it reads is not there"),
            }
        }
    }
}

fn run(cx: &Context<'_>, row: &Row, inputs: Vec<Value>) -> Result<RowResult, Reason> {
    let mut values = inputs;
    let mut overflow = String::new();
    let mut kept = Vec::new();
    for call in &row.pipe {
        if call.function == TRANSLATE {
            let name = table_name(call).ok_or(Reason::Malformed("a table without a name"))?;
            let table =
                cx.program.translates.get(name).ok_or(Reason::Malformed("a table that is not there"))?;
            for value in &mut values {
                let translated = translate::apply(table, name, value)?;
                *value = translated.value;
                kept.extend(translated.kept);
            }
            continue;
        }
        let function =
            functions::find(&call.function).ok_or(Reason::Malformed("a function that is not there"))?;
        if row.overflow.is_some() && call.function == "cut" {
            overflow.insert_str(0, &cut_off(&values, call));
        }
        values = function
            .call(&values, &call.args, cx.host)
            .map_err(|refusal| Reason::Refused { function: call.function.clone(), refusal })?;
    }
    if values.len() != row.to.len() || row.types.len() != row.to.len() {
        return Err(Reason::Malformed("a row gives more or fewer values than it has targets"));
    }
    for (value, wanted) in values.iter_mut().zip(&row.types) {
        if *value == Value::Missing
            && let Some(rule) = &row.when_missing
        {
            match stand_in(cx, row, rule)? {
                StandIn::Value(found) => *value = found,
                StandIn::Unknown(path) => return Ok(RowResult::DependsOn(BTreeSet::from([path]))),
            }
        }
        *value = conform(std::mem::replace(value, Value::Missing), wanted, cx.host)?;
        if row.key && *value == Value::Missing {
            return Err(Reason::Missing);
        }
    }
    Ok(RowResult::Known { values, overflow, kept })
}

/// What a cut takes away.
fn cut_off(values: &[Value], call: &Call) -> String {
    let limit = functions::length_arg(&call.args, 0);
    let rests = values.iter().filter_map(|value| match value {
        Value::Text(text) => Some(functions::cut_at(text, limit).1),
        _ => None,
    });
    rests.collect()
}

enum StandIn {
    Value(Value),
    Unknown(String),
}

fn stand_in(cx: &Context<'_>, row: &Row, rule: &WhenMissing) -> Result<StandIn, Reason> {
    Ok(StandIn::Value(match rule {
        WhenMissing::Empty => Value::Missing,
        WhenMissing::Constant(literal) => value_of(literal),
        WhenMissing::Placeholder(name) => Value::Placeholder(name.clone()),
        WhenMissing::Reject => return Err(Reason::Missing),
        WhenMissing::PlaceholderBy(name) => {
            let table =
                cx.program.translates.get(name).ok_or(Reason::Malformed("a table that is not there"))?;
            let path = role_path(row);
            let role = match field(cx.record, &path) {
                Some(value) => value.as_text().unwrap_or_default(),
                None if cx.open => return Ok(StandIn::Unknown(path)),
                None => "",
            };
            match table.outcome(role) {
                Some(Outcome::Value(literal)) => match value_of(literal) {
                    Value::Text(name) => Value::Placeholder(name),
                    _ => return Err(Reason::NotTranslated { table: name.clone() }),
                },
                Some(Outcome::Empty) => Value::Missing,
                Some(Outcome::Same | Outcome::Reject) | None => {
                    return Err(Reason::NotTranslated { table: name.clone() });
                }
            }
        }
    }))
}

/// Where a placeholder's table finds the role of somebody who is not there: `author.role` for the field `author`.
fn role_path(row: &Row) -> String {
    format!("{}.role", source_field(row).unwrap_or_default())
}

fn source_field(row: &Row) -> Option<String> {
    row.from.iter().find_map(|source| match source {
        Source::Field(path) => Some(path.clone()),
        Source::Table(table, name) => Some(format!("{table}.{name}")),
        Source::Constant(_) => None,
    })
}

fn rejection(row: &Row, reason: Reason) -> Rejection {
    let field = source_field(row).or_else(|| row.to.first().cloned()).unwrap_or_default();
    Rejection { rule: row.id.clone(), field, reason }
}

fn reject(row: &Row, reason: Reason) -> Expected {
    Expected::Rejected(rejection(row, reason))
}
