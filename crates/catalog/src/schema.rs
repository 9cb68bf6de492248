//! JSON Schemas of catalogs and inventories, made from the types that read them.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::fact::{Amount, Names, Rate};
use crate::kind::{FieldOption, Options};
use crate::{Catalog, FieldType, Inventory, Table};

/// Schema of a team's catalog, as JSON text with a final newline.
#[must_use]
pub fn catalog() -> String {
    text_of::<Catalog>("Catalog of a helpdesk product")
}

/// Schema of an inventory, as JSON text with a final newline.
#[must_use]
pub fn inventory() -> String {
    text_of::<Inventory>("Inventory of an account")
}

fn text_of<T: JsonSchema>(title: &str) -> String {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    schema.insert("title".into(), Value::String(title.into()));
    // A schema is JSON already, so that writing it cannot fail.
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// A field is written as its type alone, or as a mapping.
pub(crate) fn or_type(schema: &mut Schema) {
    or_text(schema, "The type of the field alone.");
}

/// An object is written as its name alone, or as a mapping.
pub(crate) fn or_name(schema: &mut Schema) {
    or_text(schema, "The name of the object alone.");
}

fn or_text(schema: &mut Schema, description: &str) {
    let mapping = std::mem::take(schema);
    *schema = json_schema!({ "anyOf": [{ "type": "string", "description": description }, mapping] });
}

impl<V: JsonSchema> JsonSchema for Table<V> {
    fn schema_name() -> Cow<'static, str> {
        format!("TableOf{}", V::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<V>();
        json_schema!({ "type": "object", "additionalProperties": value })
    }
}

impl JsonSchema for Options {
    fn schema_name() -> Cow<'static, str> {
        "Options".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let option = generator.subschema_for::<FieldOption>();
        json_schema!({
            "description": "A list of option names, or a mapping from names to what is known of each.",
            "anyOf": [
                { "type": "array", "items": { "type": "string" }, "uniqueItems": true },
                { "type": "object", "additionalProperties": option },
            ]
        })
    }
}

impl JsonSchema for Names {
    fn schema_name() -> Cow<'static, str> {
        "Names".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "One name, or a list of names.",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }]
        })
    }
}

/// A type that is written as text: name, what it is, a pattern of its written form.
macro_rules! text_form {
    ($type:ty, $name:literal, $description:literal, $pattern:literal, $types:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "description": $description, "type": $types, "pattern": $pattern })
            }
        }
    };
}

text_form!(
    FieldType,
    "FieldType",
    "A type such as `text(150)`, `choice`, `ref user`, `list ref attachment`; a trailing `?` says that the value may be missing.",
    r"^(list )*((text|html)(\([0-9]+\))?|int(\(-?[0-9]+\.\.-?[0-9]+\))?|ref [a-z][a-z0-9_]*( *\| *[a-z][a-z0-9_]*)*|bool|decimal|email|url|phone|date|instant|duration|percent|count|choice|choices|tags|attachment) ?\??$",
    "string"
);
text_form!(
    Amount,
    "Amount",
    "A number, or a number and a unit: `5000`, `50 MB`, `28 days`.",
    r"^[0-9_]+( (characters|bytes|kB|MB|KiB|MiB|s|min|h|days|years))?$",
    ["string", "integer"]
);
text_form!(
    Rate,
    "Rate",
    "How often: `400 per min`, `40 per 20 s`, `unlimited`.",
    r"^(unlimited|[0-9_]+ per ([0-9]+ )?(s|min|h|day|days))$",
    "string"
);

/// A closed list of words of the crate of types, which knows no schemas.
macro_rules! word_form {
    ($type:ident, $words:expr) => {
        pub(crate) struct $type;

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "enum": $words })
            }
        }
    };
}

word_form!(VisibilityWord, ["public", "internal", "private"]);
word_form!(ClassWord, ["unfinished", "finished"]);
