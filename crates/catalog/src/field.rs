//! Fields of a kind.

use std::fmt;

use cutover_ir::Visibility;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::fact::{Mark, Names};
use crate::kind::{is_default, is_false};
use crate::slim::Slim;
use crate::{FieldType, Table};

/// A field of a kind. Written as its type alone, or as a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema), schemars(transform = crate::schema::or_type))]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Field {
    /// The type.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// What people call it, where that differs from the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Slim>,
    /// The product's own name, where it differs: `requester_id`, `cf_region`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<Slim>,
    /// What the field means in every product: a name of [`crate::canon::FIELDS`] for the kind's part. Fields of two products correspond by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canon: Option<Slim>,
    /// Options of a choice. The options of a state field are its states.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
    /// Whether an account adds options of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub open: bool,
    /// When a value must be given.
    #[serde(default, skip_serializing_if = "is_default")]
    pub required: Required,
    /// When a value can be written.
    #[serde(default, skip_serializing_if = "is_default")]
    pub write: Write,
    /// Whether the product computes the value, so that nobody needs to decide what becomes of it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub derived: bool,
    /// Who sees the value.
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(schema, schemars(with = "crate::schema::VisibilityWord"))]
    pub visibility: Visibility,
    /// The value of this field that makes the whole object internal: `true` of `private`, `note` of `type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_when: Option<Slim>,
    /// The product's own flag says the opposite: `internal` here, `public` there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub negated: bool,
    /// Two objects cannot have the same value; the product enforces it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// The value that the product takes when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Slim>,
    /// Plans that have the field; every plan when empty.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub plans: Names,
    /// Sources, when they differ from the kind's.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Slim>,
}

impl Field {
    /// A plain field of a type.
    #[must_use]
    pub fn of(ty: FieldType) -> Self {
        Self {
            ty,
            title: None,
            api: None,
            canon: None,
            options: Options::default(),
            open: false,
            required: Required::Never,
            write: Write::Always,
            derived: false,
            visibility: Visibility::Public,
            internal_when: None,
            negated: false,
            unique: false,
            default: None,
            plans: Names::default(),
            from: Names::default(),
            mark: None,
            note: None,
        }
    }
}

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Field::of(self.ty.clone()) {
            return self.ty.serialize(serializer);
        }
        // The derived function of the same name writes the mapping form.
        Field::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Body;
        impl<'de> Visitor<'de> for Body {
            type Value = Field;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a type such as `text(150)`, or a mapping with `type`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Field, E> {
                FieldType::parse(text).map(Field::of).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field, A::Error> {
                // The derived function of the same name reads the mapping form.
                Field::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Body)
    }
}

/// When a value must be given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// It may stay empty. Conditions stand in [`crate::Catalog::constraints`].
    #[default]
    Never,
    /// The product refuses a new object without it.
    OnCreate,
    /// The product never lets it be empty.
    Always,
}

/// When a value can be written from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Write {
    /// At any time.
    #[default]
    Always,
    /// Only when the object is made.
    OnCreate,
    /// Only through the product's way of importing history (see [`crate::Capabilities::backdate`]).
    OnImport,
    /// Only in the product's database or configuration files.
    Database,
    /// Never.
    Never,
}

/// Options of a choice. Written as a list of names, or as a mapping from names to what is known of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options(pub Table<FieldOption>);

impl Options {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One option of a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FieldOption {
    /// The product's own value, where it differs: `4`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<Box<str>>,
    /// What the option means in every product: `urgent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canon: Option<Box<str>>,
    /// It can no longer be chosen; old objects may hold it.
    #[serde(skip_serializing_if = "is_false")]
    pub retired: bool,
    /// What a reader should know besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

impl Serialize for Options {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.values().all(is_default) {
            serializer.collect_seq(self.0.keys())
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rows;
        impl<'de> Visitor<'de> for Rows {
            type Value = Options;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of option names or a mapping of options")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Options, A::Error> {
                let mut rows = Vec::new();
                while let Some(name) = seq.next_element::<Box<str>>()? {
                    rows.push((name, FieldOption::default()));
                }
                Table::from_rows(rows)
                    .map(Options)
                    .map_err(|name| A::Error::custom(format_args!("option {name:?} stands twice")))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Options, A::Error> {
                Table::deserialize(MapAccessDeserializer::new(map)).map(Options)
            }
        }
        deserializer.deserialize_any(Rows)
    }
}
