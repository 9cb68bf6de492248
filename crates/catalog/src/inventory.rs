//! Inventories: what one account holds.

use cutover_ir::time::{Date, Instant};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::Table;
use crate::fact::Names;
use crate::kind::{Field, Kind, State, is_default, is_false};

/// What one account of a product holds. It names no customer: agents stand by account id, values only where they are options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Inventory {
    /// Version of this form: 1.
    pub format: u32,
    /// The catalog's name.
    pub platform: Box<str>,
    /// The account: `acme-legacy`.
    pub account: Box<str>,
    /// The account's plan: a name of [`crate::Catalog::plans`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Box<str>>,
    /// The day on which it was taken.
    #[serde(deserialize_with = "crate::fact::day", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(schema, schemars(with = "Option<String>"))]
    pub taken: Option<Date>,
    /// How it was made, as words: "scan of the export of 2026-11-20".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_from: Option<Box<str>>,
    /// Time zone of the account, by IANA name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Box<str>>,
    /// Kinds and fields of the account itself, on the generic platforms.
    #[serde(skip_serializing_if = "Table::is_empty")]
    // Boxed: a kind is large, and an account may declare thousands.
    pub schema: Table<Box<Kind>>,
    /// Custom fields by kind, then by name (without `custom.`).
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub custom_fields: Table<Table<Field>>,
    /// Options that the account added to fields of the catalog, by kind, then by field.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub options: Table<Table<crate::kind::Options>>,
    /// States that the account added, by kind.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub states: Table<Table<State>>,
    /// Configuration and people by kind: groups, agents, macros, automations, policies, calendars, inbound addresses, integrations.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub objects: Table<Vec<Object>>,
    /// What can sign in: tokens and webhooks that were seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<Object>,
    /// Counts and measures by kind.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub profile: Table<Profile>,
    /// The table of unfinished tickets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<Sidecar>,
}

/// One named object of the account. Written as its name alone, or as a mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema), schemars(transform = crate::schema::or_name))]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Object {
    /// Its name. Of a person: the account id, unless names were asked for.
    pub name: Box<str>,
    /// The account's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Box<str>>,
    /// Switched off, or left the company.
    #[serde(default, skip_serializing_if = "is_false")]
    pub inactive: bool,
    /// The day of its last use.
    #[serde(deserialize_with = "crate::fact::day", default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(schema, schemars(with = "Option<String>"))]
    pub last_used: Option<Date>,
    /// How many records use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
    /// Role of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Box<str>>,
    /// Names of the groups it belongs to or serves.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub groups: Names,
    /// Type of it: `mail`, `webhook`, `trigger`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub ty: Option<Box<str>>,
    /// Address of an inbound channel of the company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Box<str>>,
    /// Time zone of a calendar: its IANA name, or what the product calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Box<str>>,
    /// Opening hours of a calendar, such as `mon, tue 09:00 to 17:00`. None: not known.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub hours: Names,
    /// Days on which a calendar is closed: `2026-12-25`, or `12-25` for every year. Left out: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holidays: Option<Names>,
    /// Whether a rule writes to customers by itself: an auto-reply, a reminder, a bot. Left out: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<bool>,
    /// Fields that its text or its conditions name, each with its kind: `ticket.custom.legacy_id`.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub uses: Names,
}

impl Serialize for Object {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == (Object { name: self.name.clone(), ..Object::default() }) {
            return serializer.serialize_str(&self.name);
        }
        // The derived function of the same name writes the mapping form.
        Object::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Body;
        impl<'de> Visitor<'de> for Body {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name, or a mapping with `name`")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Object, E> {
                Ok(Object { name: name.into(), ..Object::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object, A::Error> {
                // The derived function of the same name reads the mapping form.
                Object::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Body)
    }
}

/// Counts and measures of the objects of a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// Number of objects.
    pub count: u64,
    /// Number of objects by state.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub by_status: Table<u64>,
    /// Measures by field; custom fields as `custom.name`.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub fields: Table<FieldProfile>,
    /// By reference field: number of objects whose reference points at nothing.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub orphans: Table<u64>,
    /// By field: number of objects that share their value with another one.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub duplicates: Table<u64>,
    /// By kind of the objects held by one of these: the largest number, `comment: 412`.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub most: Table<u64>,
    /// Sum of sizes in bytes, for files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// The day of the last use or change.
    #[serde(deserialize_with = "crate::fact::day", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(schema, schemars(with = "Option<String>"))]
    pub last_used: Option<Date>,
}

/// Measures of one field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FieldProfile {
    /// Number of objects that have a value.
    pub present: u64,
    /// Length in characters of the longest value; of files, the size in bytes of the largest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<u64>,
    /// Numbers of values by length: `[[150, 12439], [200, 20]]` are 12,439 values of at most 150 and 20 of 151 to 200.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lengths: Vec<(u64, u64)>,
    /// Number of different values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distinct: Option<u64>,
    /// Numbers of objects by value, of values that may be shown.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub values: Table<u64>,
    /// Number of objects whose value is not among `values`.
    #[serde(skip_serializing_if = "is_default")]
    pub other_values: u64,
    /// Number of values that cannot be read as the field's type.
    #[serde(skip_serializing_if = "is_default")]
    pub unreadable: u64,
    /// Smallest number, or earliest day or instant, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Box<str>>,
    /// Largest number, or latest day or instant, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Box<str>>,
}

/// How many values are longer than a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Longer {
    /// Exactly so many.
    Exactly(u64),
    /// At least so many; the inventory has no finer count.
    AtLeast(u64),
    /// Nothing is known about lengths.
    Unknown,
}

impl FieldProfile {
    /// How many values are longer than `length`.
    #[must_use]
    pub fn longer_than(&self, length: u64) -> Longer {
        if self.longest.is_some_and(|longest| longest <= length) {
            return Longer::Exactly(0);
        }
        if self.lengths.is_empty() {
            return if self.longest.is_some() { Longer::AtLeast(1) } else { Longer::Unknown };
        }
        let mut below = 0;
        let mut longer = 0;
        let mut exact = true;
        for (bound, count) in &self.lengths {
            if below >= length {
                longer += count;
            } else if *bound > length {
                exact = *count == 0;
            }
            below = *bound;
        }
        match (exact, longer) {
            (true, longer) => Longer::Exactly(longer),
            // The longest value is longer than `length`, and no bound tells how many others are.
            (false, longer) => Longer::AtLeast(longer.max(1)),
        }
    }
}

/// A file beside the inventory with one line for each unfinished ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Sidecar {
    /// Path relative to the inventory.
    pub file: Box<str>,
    /// Number of lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// SHA-256 of the file, as 64 lower-case hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Box<str>>,
}

/// A moment of which a table tells, or tells that there was none, or tells nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// Nothing is told: the member is left out.
    #[default]
    Unknown,
    /// There was none: the member is `null`.
    Never,
    /// At this instant.
    At(Instant),
}

impl Told {
    /// Whether nothing is told.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Told::Unknown)
    }

    /// The moment, where there was one.
    #[must_use]
    pub const fn at(self) -> Option<Instant> {
        match self {
            Told::At(at) => Some(at),
            Told::Unknown | Told::Never => None,
        }
    }

    /// This moment, or else what is told of another one.
    #[must_use]
    pub const fn or(self, other: Told) -> Told {
        match (self, other) {
            (Told::At(_), _) | (Told::Never, Told::Unknown) => self,
            _ => other,
        }
    }

    /// The later one of this moment and another.
    #[must_use]
    pub fn or_later(self, at: Instant) -> Told {
        Told::At(self.at().map_or(at, |known| known.max(at)))
    }
}

impl Serialize for Told {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.at().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Instant>::deserialize(deserializer)?.map_or(Told::Never, Told::At))
    }
}

/// One line of the table of unfinished tickets: what clocks and counts need, no text and no person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnfinishedTicket {
    /// A pseudonym of the ticket, the same in every inventory of one project.
    pub ticket: Box<str>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Instant>,
    /// Its state.
    pub status: Box<str>,
    /// Its priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Box<str>>,
    /// Its group or queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Box<str>>,
    /// When somebody first answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response_at: Option<Instant>,
    /// When the customer last wrote; `null` says never, and left out says that nobody has looked.
    #[serde(default, skip_serializing_if = "Told::is_unknown")]
    pub last_customer_at: Told,
    /// When an agent last wrote to the customer; `null` says never, and left out says that nobody has looked.
    #[serde(default, skip_serializing_if = "Told::is_unknown")]
    pub last_agent_at: Told,
    /// When its resolution is due in the old system; `null` says that it has no due time there, and left out says that nobody has looked.
    #[serde(default, skip_serializing_if = "Told::is_unknown")]
    pub due_at: Told,
    /// When its first response is due in the old system, in the same way.
    #[serde(default, skip_serializing_if = "Told::is_unknown")]
    pub first_response_due_at: Told,
    /// The name of its service level in the old system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<Box<str>>,
    /// When its service level was last changed to another one; left out when that never happened, or nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_since: Option<Instant>,
    /// Values of choice fields that predicates may name, by field.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub fields: Table<Box<str>>,
    /// Changes of state: when, to what. In order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<(Instant, Box<str>)>,
}
