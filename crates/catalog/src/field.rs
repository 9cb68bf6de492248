//! Fields of a kind.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

use cutover_ir::Visibility;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::fact::{Mark, Names};
use crate::kind::{is_default, is_false};
use crate::{FieldType, Table};

/// A field of a kind. Written as its type alone, or as a mapping ([`Written`]).
///
/// An account has tens of thousands of them, and of most nothing is known but the type: what few fields have stands apart in [`Rare`], whose
/// entries are read and set as if they were the field's own.
#[derive(Clone, Debug)]
pub struct Field {
    /// The type.
    pub ty: FieldType,
    /// Whether an account adds options of its own.
    pub open: bool,
    /// When a value must be given.
    pub required: Required,
    /// When a value can be written.
    pub write: Write,
    /// Whether the product computes the value, so that nobody needs to decide what becomes of it.
    pub derived: bool,
    /// Who sees the value.
    pub visibility: Visibility,
    /// The product's own flag says the opposite: `internal` here, `public` there.
    pub negated: bool,
    /// Two objects cannot have the same value; the product enforces it.
    pub unique: bool,
    rare: Option<Box<Rare>>,
}

/// What few fields have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rare {
    /// What people call it, where that differs from the name.
    pub title: Option<Box<str>>,
    /// The product's own name, where it differs: `requester_id`, `cf_region`.
    pub api: Option<Box<str>>,
    /// What the field means in every product: a name of [`crate::canon::FIELDS`] for the kind's part. Fields of two products correspond by it.
    pub canon: Option<Box<str>>,
    /// Options of a choice. The options of a state field are its states.
    pub options: Options,
    /// The value of this field that makes the whole object internal: `true` of `private`, `note` of `type`.
    pub internal_when: Option<Box<str>>,
    /// The value that the product takes when none is given.
    pub default: Option<Box<str>>,
    /// Plans that have the field; every plan when empty.
    pub plans: Names,
    /// Sources, when they differ from the kind's.
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    pub note: Option<Box<str>>,
}

/// Of most fields.
static NOTHING: LazyLock<Rare> = LazyLock::new(Rare::default);

impl Field {
    /// A plain field of a type.
    #[must_use]
    pub fn of(ty: FieldType) -> Self {
        Self {
            ty,
            open: false,
            required: Required::Never,
            write: Write::Always,
            derived: false,
            visibility: Visibility::Public,
            negated: false,
            unique: false,
            rare: None,
        }
    }
}

impl Deref for Field {
    type Target = Rare;

    fn deref(&self) -> &Rare {
        self.rare.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Field {
    fn deref_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        let own = |field: &Self| {
            let Self { ty: _, open, required, write, derived, visibility, negated, unique, rare: _ } = field;
            (*open, *required, *write, *derived, *visibility, *negated, *unique)
        };
        self.ty == other.ty && own(self) == own(other) && **self == **other
    }
}

impl Eq for Field {}

/// A field as a mapping.
#[derive(Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema), schemars(rename = "Field", transform = crate::schema::or_type))]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The type.
    #[serde(rename = "type")]
    ty: FieldType,
    /// What people call it, where that differs from the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<Box<str>>,
    /// The product's own name, where it differs: `requester_id`, `cf_region`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api: Option<Box<str>>,
    /// What the field means in every product: a name of [`crate::canon::FIELDS`] for the kind's part. Fields of two products correspond by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    canon: Option<Box<str>>,
    /// Options of a choice. The options of a state field are its states.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    options: Options,
    /// Whether an account adds options of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    open: bool,
    /// When a value must be given.
    #[serde(default, skip_serializing_if = "is_default")]
    required: Required,
    /// When a value can be written.
    #[serde(default, skip_serializing_if = "is_default")]
    write: Write,
    /// Whether the product computes the value, so that nobody needs to decide what becomes of it.
    #[serde(default, skip_serializing_if = "is_false")]
    derived: bool,
    /// Who sees the value.
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(schema, schemars(with = "crate::schema::VisibilityWord"))]
    visibility: Visibility,
    /// The value of this field that makes the whole object internal: `true` of `private`, `note` of `type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    internal_when: Option<Box<str>>,
    /// The product's own flag says the opposite: `internal` here, `public` there.
    #[serde(default, skip_serializing_if = "is_false")]
    negated: bool,
    /// Two objects cannot have the same value; the product enforces it.
    #[serde(default, skip_serializing_if = "is_false")]
    unique: bool,
    /// The value that the product takes when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<Box<str>>,
    /// Plans that have the field; every plan when empty.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    plans: Names,
    /// Sources, when they differ from the kind's.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<Box<str>>,
}

impl From<Written> for Field {
    fn from(written: Written) -> Self {
        let Written { ty, open, required, write, derived, visibility, negated, unique, .. } = written;
        let Written { title, api, canon, options, internal_when, default, plans, from, mark, note, .. } =
            written;
        let rare = Rare { title, api, canon, options, internal_when, default, plans, from, mark, note };
        let rare = (rare != *NOTHING).then(|| Box::new(rare));
        Self { ty, open, required, write, derived, visibility, negated, unique, rare }
    }
}

impl From<Field> for Written {
    fn from(field: Field) -> Self {
        let Field { ty, open, required, write, derived, visibility, negated, unique, rare } = field;
        let Rare { title, api, canon, options, internal_when, default, plans, from, mark, note } =
            rare.map(|rare| *rare).unwrap_or_default();
        Self {
            ty,
            title,
            api,
            canon,
            options,
            open,
            required,
            write,
            derived,
            visibility,
            internal_when,
            negated,
            unique,
            default,
            plans,
            from,
            mark,
            note,
        }
    }
}

#[cfg(schema)]
impl schemars::JsonSchema for Field {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Written::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Written::json_schema(generator)
    }
}

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Field::of(self.ty.clone()) {
            return self.ty.serialize(serializer);
        }
        Written::from(self.clone()).serialize(serializer)
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
                Written::deserialize(MapAccessDeserializer::new(map)).map(Field::from)
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
    /// Only by a change after the object was made: a new one cannot have it.
    OnUpdate,
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
