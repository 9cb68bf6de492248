//! `docs/schema/plan.schema.json`: made from the types themselves, so that it cannot say something else than they do.
//!
//! The types are asked to read from a reader that has no data and notes what it is asked for. `BLESS=1` writes the schema anew.

mod trace;

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::model::*;
use trace::{Def, Shape, Trace};

fn schema() -> Value {
    let mut trace = Trace::default();
    trace.of::<cutover_ir::predicate::Literal>();
    trace.of::<cutover_ir::predicate::Test>();
    trace.of::<cutover_ir::predicate::Predicate>();
    trace.of::<cutover_ir::Type>();
    trace.of::<cutover_ir::Value>();
    trace.of::<cutover_ir::measure::Bound>();
    trace.of::<cutover_ir::measure::Over>();
    trace.of::<cutover_ir::measure::Condition>();
    trace.of::<cutover_ir::map::Source>();
    trace.of::<cutover_ir::map::WhenMissing>();
    trace.of::<cutover_ir::map::Outcome>();
    trace.of::<FactValue>();
    trace.of::<CleanAction>();
    trace.of::<ClockAction>();
    trace.of::<Selection>();
    trace.of::<Content>();
    trace.of::<Pass>();
    trace.of::<Undo>();
    trace.of::<Operation>();
    trace.of::<ChosenLevel>();
    trace.of::<ChosenNumber>();
    trace.of::<Plan>();
    let defs: Map<String, Value> =
        trace.defs.iter().map(|(name, def)| (name.clone(), definition(&trace, name, def))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("plan.json of cutover, format {FORMAT}"),
        "$ref": "#/$defs/Plan",
        "$defs": defs,
    })
}

fn definition(trace: &Trace, name: &str, def: &Def) -> Value {
    match def {
        Def::Struct(fields) => object(trace, name, fields),
        Def::Enum(variants) => {
            let units: Vec<&String> = variants
                .iter()
                .filter(|(_, shape)| matches!(shape, Shape::Unit))
                .map(|(name, _)| name)
                .collect();
            let mut options = Vec::new();
            if !units.is_empty() {
                options.push(json!({ "enum": units }));
            }
            for (variant, shape) in variants.iter().filter(|(_, shape)| !matches!(shape, Shape::Unit)) {
                let inner = match shape {
                    Shape::Fields(fields) => object(trace, &format!("{name}::{variant}"), fields),
                    other => value(other),
                };
                options.push(json!({
                    "type": "object", "properties": { variant: inner }, "required": [variant], "additionalProperties": false
                }));
            }
            match options.as_slice() {
                [only] => only.clone(),
                _ => json!({ "oneOf": options }),
            }
        }
    }
}

fn object(trace: &Trace, name: &str, fields: &[(String, Shape)]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let mut sorted: Vec<&(String, Shape)> = fields.iter().collect();
    sorted.sort_by_key(|(field, _)| field.as_str());
    for (field, shape) in sorted {
        properties.insert(field.clone(), value(shape));
        if trace.required.contains(&(name.to_owned(), field.clone())) {
            required.push(field.clone());
        }
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn value(shape: &Shape) -> Value {
    match shape {
        Shape::Unknown | Shape::Unit => json!({}),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Integer => json!({ "type": "integer" }),
        Shape::Natural => json!({ "type": "integer", "minimum": 0 }),
        Shape::Text => json!({ "type": "string" }),
        Shape::Decimal => json!({ "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$" }),
        Shape::Date => json!({ "type": "string", "format": "date" }),
        Shape::Instant => json!({ "type": "string", "format": "date-time" }),
        Shape::Named(name) => json!({ "$ref": format!("#/$defs/{name}") }),
        Shape::List(inner) => json!({ "type": "array", "items": value(inner) }),
        Shape::Tuple(parts) => {
            let parts: Vec<Value> = parts.iter().map(value).collect();
            json!({ "type": "array", "prefixItems": parts, "minItems": parts.len(), "maxItems": parts.len() })
        }
        Shape::Map(inner) => json!({ "type": "object", "additionalProperties": value(inner) }),
        Shape::Fields(_) => unreachable!("only variants have fields without a name"),
    }
}

/// Whether a value fits a schema made of the words used above.
fn fits(root: &Value, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
    let fail = |what: &str| Err(format!("{path}: {what}"));
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let definition = root.pointer(name.trim_start_matches('#')).ok_or(format!("no {name}"))?;
        return fits(root, definition, value, path);
    }
    if let Some(options) = schema.get("oneOf").and_then(Value::as_array) {
        let fitting = options.iter().filter(|option| fits(root, option, value, path).is_ok()).count();
        return if fitting == 1 { Ok(()) } else { fail(&format!("{fitting} of the options fit {value}")) };
    }
    if let Some(names) = schema.get("enum").and_then(Value::as_array) {
        return if names.contains(value) { Ok(()) } else { fail("no such option") };
    }
    match (schema.get("type").and_then(Value::as_str), value) {
        (Some("object"), Value::Object(members)) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            for name in schema
                .get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                if !members.contains_key(name) {
                    return fail(&format!("{name} is missing"));
                }
            }
            for (name, member) in members {
                let inner = properties
                    .and_then(|properties| properties.get(name))
                    .or(schema.get("additionalProperties"));
                match inner {
                    Some(Value::Bool(false)) | None => return fail(&format!("{name} is unknown")),
                    Some(inner) => fits(root, inner, member, &format!("{path}/{name}"))?,
                }
            }
            Ok(())
        }
        (Some("array"), Value::Array(list)) => {
            let parts = schema.get("prefixItems").and_then(Value::as_array);
            for (index, element) in list.iter().enumerate() {
                let inner = parts.and_then(|parts| parts.get(index)).or(schema.get("items"));
                fits(root, inner.unwrap_or(&Value::Null), element, &format!("{path}/{index}"))?;
            }
            Ok(())
        }
        (Some("string"), Value::String(_)) | (Some("boolean"), Value::Bool(_)) => Ok(()),
        (Some("integer"), Value::Number(n)) if n.is_i64() || n.is_u64() => Ok(()),
        (found, value) => fail(&format!("{value} is not {found:?}")),
    }
}

#[test]
fn the_schema_is_that_of_the_types() {
    let made = schema();
    let text = format!("{made:#}\n");
    assert!(!text.contains("{}"), "every part is known");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/plan.schema.json");
    if super::bless() {
        assert!(path.parent().is_some_and(|folder| std::fs::create_dir_all(folder).is_ok()));
        assert!(std::fs::write(&path, &text).is_ok());
    }
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(old == text, "docs/schema/plan.schema.json is not that of the types; BLESS=1 writes it anew");
}

#[test]
fn acme_fits_the_schema() {
    let schema = schema();
    let text = crate::bundle::encode(&mut crate::fixture::acme()).unwrap_or_default();
    let plan: Value = serde_json::from_str(&text).unwrap_or_default();
    assert_eq!(fits(&schema, &schema, &plan, ""), Ok(()));
    // The checker itself finds what is wrong.
    let wrong = |from: &str, to: &str| {
        let plan: Value = serde_json::from_str(&text.replacen(from, to, 1)).unwrap_or_default();
        fits(&schema, &schema, &plan, "").is_err()
    };
    assert!(wrong("\"title\": \"Acme", "\"titel\": \"Acme"));
    assert!(wrong("\"verb\":\"import\"", "\"verb\":\"imports\""));
    assert!(wrong("61204", "\"61204\""));
}
