//! Whether the desk takes a record.

use std::collections::BTreeMap;

use cutover_ir::Type;
use cutover_ir::eval::{Truth, truth};
use cutover_ir::host::Host;
use cutover_ir::predicate::StatusClass;
use cutover_ir::quantity::Decimal;
use cutover_ir::time::{Date, Instant};
use cutover_ir::value::{Record, Value};
use cutover_plan::model::{FieldSchema, KindSchema, Schema};
use rusqlite::types::Value as Stored;
use serde_json::value::RawValue;

use crate::fault::Fault;
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
    /// References that are set when another record lists this one.
    pub(crate) bound_later: &'s [String],
    /// Whether a reference to a kind leads to a record; `None` when the desk cannot know.
    pub(crate) host: &'s Leads<'s>,
}

/// Whether a reference to a kind leads to a record.
pub(crate) type Leads<'s> = dyn Fn(&str, &str) -> Result<Option<bool>, Fault> + 's;

type Row<'s> = BTreeMap<&'s str, Stored>;

/// What is taken, what is refused, or what kept it from being found out.
type Taken<T> = Result<Result<T, Refusal>, Fault>;

impl<'s> Checked<'s> {
    /// The columns of a new record. `owner` is the record to which it belongs, which it does not name itself.
    pub(crate) fn new_record(
        &self,
        fields: &BTreeMap<String, &RawValue>,
        owner: Option<(&str, i64)>,
    ) -> Taken<Row<'s>> {
        let mut row = match self.values(fields, true)? {
            Ok(row) => row,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some((kind, id)) = owner
            && let Some(field) = super::make::belongs(self.shape, kind)
        {
            row.insert(field, Stored::Integer(id));
        }
        for (name, field) in &self.shape.fields {
            let later = self.bound_later.contains(name);
            if field.required && !field.read_only && !later && !row.contains_key(name.as_str()) {
                return Ok(Err(Refusal::new(name, "missing", "the desk takes no record without it")));
            }
        }
        if !self.shape.constraints.is_empty() {
            let record = self.record(fields);
            // Catalogs write yes and no as the words of the product's own rules.
            let spelled: Record =
                record.iter().map(|(name, value)| (name.clone(), in_words(value))).collect();
            for constraint in &self.shape.constraints {
                // A rule about a field that the bundle's part of the schema leaves out is not ours to judge.
                let mut known = true;
                constraint
                    .holds
                    .visit_atoms(&mut |atom| known &= self.shape.fields.contains_key(&atom.field));
                if !known {
                    continue;
                }
                let fails =
                    |record| truth(&constraint.holds, self.kind, record, false, self) == Truth::Known(false);
                if fails(&record) && fails(&spelled) {
                    let why = format!("the desk's rule `{}` does not hold", constraint.fact);
                    return Ok(Err(Refusal { field: String::new(), code: "constraint", why }));
                }
            }
        }
        Ok(Ok(row))
    }

    /// The columns of a change.
    pub(crate) fn change(&self, fields: &BTreeMap<String, &RawValue>) -> Taken<Row<'s>> {
        self.values(fields, false)
    }

    fn values(&self, fields: &BTreeMap<String, &RawValue>, new: bool) -> Taken<Row<'s>> {
        let mut row = Row::new();
        for (name, raw) in fields {
            let Some((name, field)) = self.shape.fields.get_key_value(name.as_str()) else {
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
                Ok(value) => row.insert(name, value),
                Err(refusal) => return Ok(Err(refusal)),
            };
        }
        Ok(Ok(row))
    }

    fn value(&self, name: &str, field: &FieldSchema, raw: &str, new: bool) -> Taken<Stored> {
        let of_type = field.of_type.required();
        let other = || {
            Ok(Err(Refusal {
                field: name.to_owned(),
                code: "other-type",
                why: format!("the desk expects {of_type} here"),
            }))
        };
        let text = || if raw.starts_with('"') { serde_json::from_str::<String>(raw).ok() } else { None };
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
                Some(number) => Stored::Text(number.to_string()),
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
                Stored::Text(raw.to_owned())
            }
            Type::Tags => match serde_json::from_str::<Vec<String>>(raw) {
                Ok(_) => Stored::Text(raw.to_owned()),
                Err(_) => return other(),
            },
            Type::Ref(kind) => {
                let kind = kind.split_once('/').map_or(&**kind, |(_, kind)| kind);
                let Some(text) = text().or_else(|| raw.parse::<i64>().ok().map(|id| id.to_string())) else {
                    return other();
                };
                match (self.host)(kind, &text)? {
                    Some(false) => {
                        return Ok(Err(Refusal::new(name, "dangling", "it leads to no record of the desk")));
                    }
                    Some(true) => Stored::Integer(text.parse().unwrap_or_default()),
                    None => Stored::Text(text),
                }
            }
            Type::List(item) => {
                let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw) else { return other() };
                let element = FieldSchema { of_type: (**item).clone(), ..field.clone() };
                for item in items {
                    if let Err(refusal) = self.value(name, &element, item.get(), new)? {
                        return Ok(Err(refusal));
                    }
                }
                Stored::Text(raw.to_owned())
            }
            Type::Attachment | Type::Opt(_) | Type::Poison | Type::Hole => Stored::Text(raw.to_owned()),
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

    /// The record as conditions see it.
    fn record(&self, fields: &BTreeMap<String, &RawValue>) -> Record {
        let written = fields.iter().filter_map(|(name, raw)| {
            let of_type = self.shape.fields.get(name)?.of_type.required();
            Some((name.clone(), value_of(of_type, raw.get())))
        });
        // What nobody ticks is not ticked.
        let boxes = self.shape.fields.iter().filter(|(_, field)| *field.of_type.required() == Type::Bool);
        let unticked = boxes.map(|(name, _)| (name.clone(), Value::Bool(false)));
        unticked.chain(written).collect()
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
