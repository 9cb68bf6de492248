//! What records must fit: the used part of each product's catalog and each account's inventory.

use std::collections::BTreeMap;

use cutover_ir::Type;
use cutover_ir::predicate::{Predicate, StatusClass};
use cutover_ir::quantity::Decimal;
use serde::{Deserialize, Serialize};

use super::Rate;

/// The shape of one system's records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// Kinds that the plan touches, by name.
    pub kinds: BTreeMap<String, KindSchema>,
    /// Option domains of the fields of these kinds, by the name that their types use.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub domains: BTreeMap<String, Vec<DomainOption>>,
    /// Limits by name, for example `comments_per_ticket`, `attachment_bytes`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, u64>,
    /// Rates by name, for example `import`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rates: BTreeMap<String, Rate>,
    /// Capabilities by name with the case that holds: `dedupe` is `enforced`, `silence` is `triggers_listed`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub capabilities: BTreeMap<String, String>,
}

/// The shape of one kind of object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindSchema {
    /// Fields that the plan touches, and all required ones, by path.
    pub fields: BTreeMap<String, FieldSchema>,
    /// The field that identifies an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Conditions over several fields that the system enforces, each with its words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<Constraint>,
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSchema {
    /// Its type; texts with their limit, choices with their domain, references with their kind.
    #[serde(rename = "type")]
    pub of_type: Type,
    /// A record without it is refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// The system writes it; nobody else can.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    /// It can only be written when the record is created.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_create_only: bool,
    /// No two records have the same value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unique: bool,
    /// The account's own id of the field, where its API needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
}

/// An option of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainOption {
    /// The name, as the product spells it.
    pub name: String,
    /// The value that its API takes, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// For statuses: the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<StatusClass>,
    /// For statuses: a record in it can no longer change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub immutable: bool,
    /// For statuses: a new record cannot have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_on_create: bool,
    /// What customers see, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_as: Option<String>,
}

/// A condition that a system enforces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// Id of the catalog fact.
    pub fact: String,
    /// What must hold of each record.
    pub holds: Predicate,
}

/// A catalog fact that the plan rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Name of the system to which it belongs: `target`.
    pub system: String,
    /// What it says, in plain words.
    pub says: String,
    /// Its value.
    pub value: FactValue,
    /// Where it comes from: a page, a manual, a measurement.
    pub source: String,
    /// How far it can be relied on.
    pub mark: Mark,
    /// The subscription to which it applies, when it depends on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
}

/// The value of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactValue {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(Decimal),
    /// A word or a text.
    Text(String),
    /// Several of them.
    List(Vec<String>),
}

/// How far a fact can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Tried on a real account.
    Verified,
    /// The product's own documentation says so.
    Documented,
    /// Somebody else says so.
    ThirdParty,
    /// Nobody confirmed it.
    Unverified,
}
