//! Holds JSON to a JSON Schema: as much of drafts 4 and 7 as the schemas under `tests/schemas` use. A word that is not known is an
//! error, so that nothing is passed over.

use serde_json::Value;

/// Words that ask nothing of a value. Formats are remarks in these drafts.
const REMARKS: &[&str] =
    &["$schema", "$id", "id", "title", "description", "default", "definitions", "format"];

/// Everything in which a value differs from what a schema asks.
#[must_use]
pub fn differences(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "$", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Some(words) = schema.as_object() else {
        if schema == &Value::Bool(false) {
            found.push(format!("{at}: nothing may stand here"));
        }
        return;
    };
    for (word, asked) in words {
        let fits = match (word.as_str(), asked) {
            (word, _) if REMARKS.contains(&word) => true,
            ("$ref", Value::String(path)) => {
                let target = path.strip_prefix('#').and_then(|path| root.pointer(path));
                if let Some(target) = target {
                    check(root, target, value, at, found);
                }
                target.is_some()
            }
            ("type", Value::String(name)) => is_of(value, name),
            ("type", Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).any(|name| is_of(value, name))
            }
            ("enum", Value::Array(values)) => values.contains(value),
            ("minimum", limit) => value.as_f64().is_none_or(|number| Some(number) >= limit.as_f64()),
            ("maximum", limit) => value.as_f64().is_none_or(|number| Some(number) <= limit.as_f64()),
            ("minLength", limit) => {
                value.as_str().is_none_or(|text| Some(text.chars().count() as u64) >= limit.as_u64())
            }
            ("minItems", limit) => {
                value.as_array().is_none_or(|items| Some(items.len() as u64) >= limit.as_u64())
            }
            ("uniqueItems", Value::Bool(false)) => true,
            ("uniqueItems", Value::Bool(true)) => value.as_array().is_none_or(|items| {
                items.iter().enumerate().all(|(at, item)| !items.iter().take(at).any(|other| other == item))
            }),
            ("required", Value::Array(names)) => value.as_object().is_none_or(|members| {
                names.iter().filter_map(Value::as_str).all(|name| members.contains_key(name))
            }),
            ("items", schema) => {
                for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, schema, item, &format!("{at}[{number}]"), found);
                }
                true
            }
            ("properties", Value::Object(properties)) => {
                for (name, schema) in properties {
                    if let Some(member) = value.get(name) {
                        check(root, schema, member, &format!("{at}.{name}"), found);
                    }
                }
                true
            }
            ("additionalProperties", schema) => {
                let known = words.get("properties").and_then(Value::as_object);
                for (name, member) in value.as_object().into_iter().flatten() {
                    if !known.is_some_and(|known| known.contains_key(name)) {
                        check(root, schema, member, &format!("{at}.{name}"), found);
                    }
                }
                true
            }
            ("anyOf", Value::Array(schemas)) => fitting(root, schemas, value) > 0,
            ("oneOf", Value::Array(schemas)) => fitting(root, schemas, value) == 1,
            _ => false,
        };
        if !fits {
            found.push(format!("{at}: `{word}` asks {asked} of {value}"));
        }
    }
}

fn fitting(root: &Value, schemas: &[Value], value: &Value) -> usize {
    let fits = |schema: &&Value| {
        let mut found = Vec::new();
        check(root, schema, value, "", &mut found);
        found.is_empty()
    };
    schemas.iter().filter(fits).count()
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}
