//! Whether the desk takes a record.

use std::borrow::Cow;

use cutover_ir::Type;
use cutover_ir::eval::{Truth, truth};
use cutover_ir::host::Host;
use cutover_ir::predicate::StatusClass;
use cutover_ir::quantity::Decimal;
use cutover_ir::time::{Date, Instant};
use cutover_ir::value::{Record, Value};
use cutover_plan::model::{FieldSchema, KindSchema, Schema};
use rusqlite::ToSql;
use rusqlite::types::{Null, ToSqlOutput, ValueRef};
use serde_json::value::RawValue;

use super::make::Table;
use crate::fault::Fault;
use crate::fields::{self, Fields};
use crate::write::Answer;

/// Why the desk does not take a record.
pub(crate) struct Refusal {
    pub(crate) field: String,
    pub(crate) code: &'static str,
    pub(crate) why: String,
}

impl Refusal {
    pub(crate) fn new(field: &str, code: &'static str, why: &str) -> Refusal {
        Refusal { field: field.to_owned(), code, why: why.to_owned() }
    }

    pub(crate) fn answer(self) -> Answer {
        Answer::Refused { field: self.field, code: self.code.to_owned(), why: self.why }
    }
}

/// What is checked, and against what.
pub(crate) struct Checked<'s> {
    pub(crate) schema: &'s Schema,
    pub(crate) kind: &'s str,
    pub(crate) shape: &'s KindSchema,
    /// The table of the kind.
    pub(crate) table: &'s Table,
    /// Whether a reference to a kind leads to a record; `None` when the desk cannot know.
    pub(crate) leads: &'s Leads<'s>,
}

/// Whether a reference to a kind leads to a record: its text, and the number that it is.
pub(crate) type Leads<'s> = dyn Fn(&str, Option<i64>) -> Result<Option<bool>, Fault> + 's;

/// What stands in a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stored<'r> {
    Nothing,
    Integer(i64),
    Text(Cow<'r, str>),
}

impl ToSql for Stored<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Stored::Nothing => Null.to_sql(),
            Stored::Integer(number) => Ok(ToSqlOutput::Borrowed(ValueRef::Integer(*number))),
            Stored::Text(text) => Ok(ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))),
        }
    }
}

/// A value for each field of the kind, in their order.
type Row<'r> = Vec<Stored<'r>>;

/// What is taken, what is refused, or what kept it from being found out.
type Taken<T> = Result<Result<T, Refusal>, Fault>;

impl Checked<'_> {
    /// The values of a new record. `owner` is the record to which it belongs, which it does not name itself.
    pub(crate) fn new_record<'r>(&self, fields: &Fields<'r>, owner: Option<(&str, i64)>) -> Taken<Row<'r>> {
        let mut row = match self.values(fields, true)? {
            Ok(row) => row,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some((kind, id)) = owner
            && let Some(at) = self.table.owner_slot(kind)
            && let Some(slot) = row.get_mut(at)
        {
            *slot = Stored::Integer(id);
        }
        for at in &self.table.required {
            if row.get(*at) == Some(&Stored::Nothing) {
                let name = self.table.fields.get(*at).map_or("", |(name, _)| name);
                return Ok(Err(Refusal::new(name, "missing", "the desk takes no record without it")));
            }
        }
        if !self.table.rules.is_empty() {
            let record = self.record(fields);
            let mut spelled = None;
            for constraint in self.table.rules.iter().filter_map(|rule| self.shape.constraints.get(*rule)) {
                let fails =
                    |record| truth(&constraint.holds, self.kind, record, false, self) == Truth::Known(false);
                if !fails(&record) {
                    continue;
                }
                // Catalogs write yes and no as the words of the product's own rules.
                let in_words =
                    || record.iter().map(|(name, value)| (name.clone(), in_words(value))).collect();
                if fails(spelled.get_or_insert_with(in_words)) {
                    let why = format!("the desk's rule `{}` does not hold", constraint.fact);
                    return Ok(Err(Refusal { field: String::new(), code: "constraint", why }));
                }
            }
        }
        Ok(Ok(row))
    }

    /// The values of a change: a value for each field that it has.
    pub(crate) fn change<'r>(&self, fields: &Fields<'r>) -> Taken<Row<'r>> {
        self.values(fields, false)
    }

    fn values<'r>(&self, fields: &Fields<'r>, new: bool) -> Taken<Row<'r>> {
        let mut row = Row::new();
        row.resize(self.table.fields.len(), Stored::Nothing);
        let places = self.table.places(fields);
        for ((name, raw), place) in fields.0.iter().zip(places.iter()) {
            let Some((at, (name, field))) = place.and_then(|at| Some((at, self.table.fields.get(at)?)))
            else {
                return Ok(Err(Refusal::new(name, "unknown-field", "the desk has no such field")));
            };
            if field.read_only {
                return Ok(Err(Refusal::new(name, "read-only", "the desk writes this field itself")));
            }
            if !new && field.on_create_only {
                return Ok(Err(Refusal::new(
                    name,
                    "on-create-only",
                    "it can only be written with a new record",
                )));
            }
            match self.value(name, field, raw.get(), new)? {
                Ok(value) => {
                    if let Some(slot) = row.get_mut(at) {
                        *slot = value;
                    }
                }
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        Ok(Ok(row))
    }

    fn value<'r>(&self, name: &str, field: &FieldSchema, raw: &'r str, new: bool) -> Taken<Stored<'r>> {
        let of_type = field.of_type.required();
        let other = || {
            Ok(Err(Refusal {
                field: name.to_owned(),
                code: "other-type",
                why: format!("the desk expects {of_type} here"),
            }))
        };
        let text = || fields::text(raw);
        let stored = match of_type {
            Type::Bool => match raw {
                "true" => Stored::Integer(1),
                "false" => Stored::Integer(0),
                _ => return other(),
            },
            Type::Int { min, max } => match raw.parse::<i64>() {
                Ok(number) if (*min..=*max).contains(&number) => Stored::Integer(number),
                _ => return other(),
            },
            Type::Count | Type::Duration => match raw.parse::<i64>() {
                Ok(number) if number >= 0 => Stored::Integer(number),
                _ => return other(),
            },
            Type::Decimal | Type::Percent => match Decimal::parse(raw.trim_matches('"')) {
                Some(number) => Stored::Text(number.to_string().into()),
                None => return other(),
            },
            Type::Text { max } | Type::Html { max } => {
                let Some(text) = text() else { return other() };
                let most = max.map_or(usize::MAX, |max| max as usize);
                if text.len() > most && text.chars().count() > most {
                    let why = format!("the desk takes at most {most} characters here");
                    return Ok(Err(Refusal { field: name.to_owned(), code: "too-long", why }));
                }
                Stored::Text(text)
            }
            Type::Email => match text() {
                Some(text) if is_address(&text) => Stored::Text(text),
                _ => return other(),
            },
            Type::Url | Type::Phone => match text() {
                Some(text) => Stored::Text(text),
                None => return other(),
            },
            Type::Date => match text() {
                Some(text) if Date::parse(&text).is_some() => Stored::Text(text),
                _ => return other(),
            },
            Type::Instant => match text() {
                Some(text) if Instant::parse(&text).is_some() => Stored::Text(text),
                _ => return other(),
            },
            Type::Choice(domain) => {
                let Some(text) = text() else { return other() };
                if let Err((code, why)) = self.option(domain, &text, new) {
                    return Ok(Err(Refusal::new(name, code, why)));
                }
                Stored::Text(text)
            }
            Type::Choices(domain) => {
                let Ok(items) = serde_json::from_str::<Vec<String>>(raw) else { return other() };
                for item in &items {
                    if let Err((code, why)) = self.option(domain, item, new) {
                        return Ok(Err(Refusal::new(name, code, why)));
                    }
                }
                Stored::Text(raw.into())
            }
            Type::Tags => match serde_json::from_str::<Vec<String>>(raw) {
                Ok(_) => Stored::Text(raw.into()),
                Err(_) => return other(),
            },
            Type::Ref(kind) => {
                let kind = kind.split_once('/').map_or(&**kind, |(_, kind)| kind);
                let text = match text() {
                    Some(text) => text,
                    None if raw.parse::<i64>().is_ok() => raw.into(),
                    None => return other(),
                };
                let number = text.parse::<i64>().ok();
                match (self.leads)(kind, number)? {
                    Some(false) => {
                        return Ok(Err(Refusal::new(name, "dangling", "it leads to no record of the desk")));
                    }
                    Some(true) => Stored::Integer(number.unwrap_or_default()),
                    None => Stored::Text(text),
                }
            }
            Type::List(item) => {
                if raw == "[]" {
                    return Ok(Ok(Stored::Text(raw.into())));
                }
                let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw) else { return other() };
                let element = FieldSchema { of_type: (**item).clone(), ..field.clone() };
                for item in items {
                    if let Err(refusal) = self.value(name, &element, item.get(), new)? {
                        return Ok(Err(refusal));
                    }
                }
                Stored::Text(raw.into())
            }
            Type::Attachment | Type::Opt(_) | Type::Poison | Type::Hole => Stored::Text(raw.into()),
            Type::Never => return other(),
        };
        Ok(Ok(stored))
    }

    fn option(&self, domain: &str, name: &str, new: bool) -> Result<(), (&'static str, &'static str)> {
        let Some(options) = self.schema.domains.get(domain) else { return Ok(()) };
        match options.iter().find(|option| option.name == name) {
            None => Err(("unknown-option", "the desk has no such option")),
            Some(option) if new && option.not_on_create => {
                Err(("not-on-create", "a new record cannot have this option"))
            }
            Some(_) => Ok(()),
        }
    }

    /// The record as conditions see it: what they ask for.
    fn record(&self, fields: &Fields<'_>) -> Record {
        let asked = self.shape.fields.iter().filter(|(name, _)| self.table.asked.contains(*name));
        asked
            .filter_map(|(name, field)| {
                let of_type = field.of_type.required();
                let value = match fields.get(name) {
                    Some(raw) => value_of(of_type, raw.get()),
                    // What nobody ticks is not ticked.
                    None if *of_type == Type::Bool => Value::Bool(false),
                    None => return None,
                };
                Some((name.clone(), value))
            })
            .collect()
    }
}

impl Host for Checked<'_> {
    fn status_class(&self, kind: &str, status: &str) -> Option<StatusClass> {
        let Type::Choice(domain) = self.schema.kinds.get(kind)?.fields.get("status")?.of_type.required()
        else {
            return None;
        };
        self.schema.domains.get(&**domain)?.iter().find(|option| option.name == status)?.class
    }
}

fn value_of(of_type: &Type, raw: &str) -> Value {
    let text = || serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned());
    match of_type {
        Type::Bool => Value::Bool(raw == "true"),
        Type::Int { .. } | Type::Count => raw.parse().map_or(Value::Missing, Value::Int),
        Type::Decimal | Type::Percent => {
            Decimal::parse(raw.trim_matches('"')).map_or(Value::Missing, Value::Decimal)
        }
        Type::Date => Date::parse(&text()).map_or(Value::Missing, Value::Date),
        Type::Instant => Instant::parse(&text()).map_or(Value::Missing, Value::Instant),
        Type::Choice(_) => Value::Choice(text()),
        Type::Ref(_) => Value::Ref(text()),
        Type::Tags | Type::Choices(_) | Type::List(_) => serde_json::from_str::<Vec<serde_json::Value>>(raw)
            .map_or(Value::Missing, |items| {
                Value::List(
                    items
                        .into_iter()
                        .map(|item| {
                            Value::Text(item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                        })
                        .collect(),
                )
            }),
        _ => Value::Text(text()),
    }
}

fn in_words(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => Value::Text(flag.to_string()),
        other => other.clone(),
    }
}

/// One `@` with something on both sides and no blank: what any desk asks of an address at least.
fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.chars().any(char::is_whitespace)
    })
}
