//! Maps: how the records of one kind become the records of another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Id;
use crate::predicate::{Literal, Predicate};
use crate::types::{LossSet, Type};

/// A typed map from a source kind to a target kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    /// `map/<source kind>`, or `map/<source kind>/<target kind>` when one source kind has several maps.
    pub id: Id,
    /// Kind in the source catalog.
    pub source: String,
    /// Kind in the target catalog.
    pub target: String,
    /// Rows, sorted by id.
    pub rows: Vec<Row>,
    /// Source fields that are dropped, with the reason, sorted by path.
    pub dropped: Vec<Dropped>,
    /// What every record must satisfy, each with its id; others are rejected.
    pub require: Vec<Requirement>,
}

/// One row: source fields through functions into target fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// `map/ticket/to/subject`.
    pub id: Id,
    /// Where the input comes from. One path a value; several are joined by the first function that takes several.
    pub from: Vec<Source>,
    /// Target field paths. More than one only after a function that gives several.
    pub to: Vec<String>,
    /// Functions in order.
    pub pipe: Vec<Call>,
    /// What to do when there is no value after the functions; it is not passed through them. Without it a missing value stays
    /// missing, or rejects where the target requires one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_missing: Option<WhenMissing>,
    /// The row's value identifies the record in the target.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub key: bool,
    /// Where the part of a cut text goes that did not fit: below what that field holds, set apart by an empty line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overflow: Option<String>,
    /// Types of the target fields, in the order of `to`.
    pub types: Vec<Type>,
    /// What the row loses.
    #[serde(default, skip_serializing_if = "LossSet::is_exact_ref")]
    pub loss: LossSet,
    /// Why that loss is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lossy: Option<String>,
    /// What the value means to the business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// Whether the row was taken from the catalogs' correspondence rather than written out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_catalog: bool,
}

impl LossSet {
    /// [`LossSet::is_exact`] by reference, for serde.
    #[must_use]
    pub fn is_exact_ref(&self) -> bool {
        self.is_exact()
    }
}

/// An input of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A field of the source record, by path.
    Field(String),
    /// A field of a declared table, looked up by the table's key: table name, field.
    Table(String, String),
    /// A constant.
    Constant(Literal),
}

/// A function of the library, or a translation table, with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Call {
    /// Name in the library, or `translate` with the table's name as first argument.
    pub function: String,
    /// Arguments, constants all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Literal>,
}

/// What stands in for a missing value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenMissing {
    /// The target field stays empty.
    Empty,
    /// This constant.
    Constant(Literal),
    /// A placeholder object of this name.
    Placeholder(String),
    /// A placeholder chosen by a translation table of roles: for the source field `author`, the role in `author.role`; the table's
    /// rest where that is not known either.
    PlaceholderBy(String),
    /// The record is rejected.
    Reject,
}

/// A source field that is left behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// `map/ticket/drop/custom.legacy_id`.
    pub id: Id,
    /// The field's path.
    pub field: String,
    /// Why.
    pub because: String,
}

/// A condition that each record must meet to be loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// `map/ticket/require/<fields>`.
    pub id: Id,
    /// The condition.
    pub predicate: Predicate,
}

/// A translation: which value becomes which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translate {
    /// `translate/<name>`.
    pub id: Id,
    /// Rows in canonical order: exact patterns sorted by text, then patterns with wildcards, longest first.
    pub rows: Vec<TranslateRow>,
    /// What all other values become.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<Outcome>,
}

/// One line of a translation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranslateRow {
    /// `translate/<name>/<pattern>`.
    pub id: Id,
    /// The value, or a pattern: `vip*`.
    pub pattern: Pattern,
    /// What it becomes.
    pub outcome: Outcome,
    /// What customers see instead, where the target can say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_as: Option<String>,
    /// The old value is also kept in a tag: in the form that the function `tag_name` gives it, in the first target field of tags.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept_in_tag: bool,
    /// Why a loss is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lossy: Option<String>,
}

/// What a translation line matches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pattern {
    /// The text; `*` stands for any characters when `wildcard` is set.
    pub text: String,
    /// Whether `*` is a wildcard.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wildcard: bool,
    /// Whether upper and lower case are the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any_case: bool,
}

/// What a value becomes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// This value.
    Value(Literal),
    /// The value itself, in the target's domain: `same name`.
    Same,
    /// No value.
    Empty,
    /// The record is rejected.
    Reject,
}

/// All that is needed to run maps: the tables they name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Maps by source kind.
    pub maps: BTreeMap<String, Map>,
    /// Translations by name.
    pub translates: BTreeMap<String, Translate>,
}
