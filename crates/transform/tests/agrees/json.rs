//! JSON as a tree that keeps its numbers exact, and random texts of it.

use std::collections::BTreeMap;

use cutover_ir::Type;
use cutover_ir::quantity::Decimal;
use cutover_ir::value::{Record, Value};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use crate::generate;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum J {
    Null,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Text(String, Style),
    List(Vec<J>),
    Object(Vec<(String, J)>),
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Style {
    /// Escapes where they are needed.
    Plain,
    /// Every character as `\uXXXX`.
    Escaped,
}

impl J {
    pub(crate) fn text(&self) -> String {
        match self {
            J::Null => "null".to_owned(),
            J::Bool(flag) => flag.to_string(),
            J::Int(_) | J::Decimal(_) => self.plain(),
            J::Text(text, Style::Plain) => serde_json::Value::from(text.as_str()).to_string(),
            J::Text(text, Style::Escaped) => escaped(text),
            J::List(items) => {
                format!("[{}]", items.iter().map(J::text).collect::<Vec<_>>().join(" , "))
            }
            J::Object(members) => {
                let members = members.iter().enumerate().map(|(at, (name, value))| {
                    // Names in both styles, blanks in some places.
                    let style = if name.len() % 2 == at % 2 { Style::Plain } else { Style::Escaped };
                    let blank = if at % 3 == 0 { " " } else { "" };
                    format!("{}{blank}:{blank}{}", J::Text(name.clone(), style).text(), value.text())
                });
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
        }
    }

    /// A number as it is written.
    pub(crate) fn plain(&self) -> String {
        match self {
            J::Int(number) => number.to_string(),
            J::Decimal(number) => number.to_string(),
            _ => String::new(),
        }
    }
}

fn escaped(text: &str) -> String {
    let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{units}\"")
}

/// What the engine writes for a record of the target.
pub(crate) fn of_record(record: &Record) -> serde_json::Value {
    record.iter().map(|(path, value)| (path.clone(), written(value))).collect()
}

fn written(value: &Value) -> serde_json::Value {
    match value {
        Value::Missing => serde_json::Value::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Int(number) => (*number).into(),
        Value::Decimal(number) => serde_json::from_str(&number.to_string()).unwrap(),
        Value::Text(text) | Value::Choice(text) | Value::Ref(text) => text.as_str().into(),
        Value::Placeholder(name) => serde_json::json!({ "placeholder": name }),
        Value::Date(date) => date.to_string().into(),
        Value::Instant(instant) => instant.to_string().into(),
        Value::Duration(duration) => duration.to_string().into(),
        Value::List(items) => items.iter().map(written).collect(),
        Value::Record(fields) => of_record(fields),
    }
}

/// JSON that reads as a value, where there is one.
pub(crate) fn of_value(value: &Value, style: Style) -> Option<J> {
    Some(match value {
        Value::Missing => J::Null,
        Value::Bool(flag) => J::Bool(*flag),
        Value::Int(number) => J::Int(*number),
        // Longer ones have no form that is read again.
        Value::Decimal(number) => match number.to_int() {
            Some(whole) => J::Int(whole),
            None => J::Decimal(Decimal::parse(&number.to_string())?),
        },
        Value::Text(text) | Value::Choice(text) | Value::Ref(text) | Value::Placeholder(text) => {
            J::Text(text.clone(), style)
        }
        Value::Date(date) => J::Text(date.to_string(), style),
        Value::Instant(instant) => J::Text(instant.to_string(), style),
        Value::Duration(duration) => J::Int(i64::try_from(duration.seconds).ok()?),
        Value::List(items) => J::List(items.iter().map(|item| of_value(item, style)).collect::<Option<_>>()?),
        Value::Record(fields) => {
            let members = fields.iter().map(|(name, member)| Some((name.clone(), of_value(member, style)?)));
            J::Object(members.collect::<Option<_>>()?)
        }
    })
}

fn style() -> BoxedStrategy<Style> {
    prop_oneof![3 => Just(Style::Plain), 1 => Just(Style::Escaped)].boxed()
}

fn of(values: BoxedStrategy<Value>) -> BoxedStrategy<J> {
    (values, style()).prop_map(|(value, style)| of_value(&value, style).unwrap_or(J::Null)).boxed()
}

/// Records with values that mostly are of the types of their paths.
pub(crate) fn records(types: &BTreeMap<String, Type>) -> BoxedStrategy<Vec<(String, J)>> {
    let typed = generate::typed();
    let value = |path: &str| {
        let fitting = types.get(path).and_then(|of_type| {
            typed.iter().find(|(known, _)| known == of_type).map(|(_, values)| values.clone())
        });
        let other = prop_oneof![
            6 => of(generate::values()),
            1 => select(vec!["2", "3", "a", "b c", "-7", "007", "1.5"])
                .prop_map(|text| J::Text(text.to_owned(), Style::Plain)),
        ];
        match fitting {
            Some(values) => prop_oneof![5 => of(values), 1 => Just(J::Null), 1 => other].boxed(),
            None => other.boxed(),
        }
    };
    let inner =
        (proptest::option::of(value("c.d")), proptest::option::of(value("c.e"))).prop_map(|(d, e)| {
            let members = [("d", d), ("e", e), ("role", Some(J::Text("a".to_owned(), Style::Plain)))];
            J::Object(
                members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
            )
        });
    let c = prop_oneof![6 => inner, 1 => Just(J::Null), 1 => of(generate::values())];
    let maybe = |values: BoxedStrategy<J>| proptest::option::weighted(0.8, values);
    let flat = proptest::option::weighted(0.1, value("c.d"));
    let all = (
        maybe(value("a")),
        maybe(value("b")),
        maybe(c.boxed()),
        maybe(value("tags")),
        maybe(value("status")),
        flat,
        any::<bool>(),
    );
    all.prop_map(|(a, b, c, tags, status, flat, back)| {
        // A path and its key at the same time would be two places of one field.
        let flat = if c.is_none() { flat } else { None };
        let members = [
            ("a", a),
            ("b", b),
            ("c", c),
            ("x", Some(J::Null)),
            ("tags", tags),
            ("status", status),
            ("c.d", flat),
        ];
        let mut members: Vec<_> =
            members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        if back {
            members.reverse();
        }
        members
    })
    .boxed()
}

/// Records of texts.
pub(crate) fn plain_records() -> BoxedStrategy<Vec<(String, J)>> {
    let value = || prop_oneof![5 => (generate::texts(), style()).prop_map(|(text, style)| J::Text(text, style)), 1 => Just(J::Null)];
    let inner = vec(value(), 1).prop_map(|mut values| J::Object(vec![("d".to_owned(), values.remove(0))]));
    (btree_map(select(vec!["a", "b"]).prop_map(str::to_owned), value(), 0..3), proptest::option::of(inner))
        .prop_map(|(members, inner)| {
            let mut members: Vec<_> = members.into_iter().collect();
            members.extend(inner.map(|inner| ("c".to_owned(), inner)));
            members
        })
        .boxed()
}
