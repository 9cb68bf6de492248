//! Cleaning, backup, export, tests of maps.

use std::collections::BTreeMap;

use cutover_ir::measure::Sample;
use cutover_ir::predicate::Predicate;
use cutover_ir::time::Instant;
use cutover_ir::value::Record;
use cutover_ir::{Id, quantity::Duration};
use serde::{Deserialize, Serialize};

use super::{Ref, Selection};

/// What is tidied up on the way. Nothing is ever written to the source. `clean`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clean {
    /// Steps, sorted by id.
    pub steps: Vec<CleanStep>,
}

/// One way of tidying up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CleanStep {
    /// `clean/<verb>/<kind>[/...]`.
    pub id: Id,
    /// Kind in the source catalog.
    pub kind: String,
    /// Which objects; none is all of the kind.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub scope: Option<Predicate>,
    /// What is done.
    pub action: CleanAction,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// What is done to objects on their way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CleanAction {
    /// Several objects become one.
    Merge {
        /// What they have in common: an expression such as `lower(email)`.
        same: String,
        /// Which one wins: `newest updated_at`.
        #[serde(skip_serializing_if = "Option::is_none")]
        preferring: Option<String>,
        /// Digest of the asset with the reviewed pairs.
        #[serde(skip_serializing_if = "Option::is_none")]
        listed_in: Option<String>,
    },
    /// They go to somebody else.
    Reassign {
        /// To whom: a group, an agent or a placeholder.
        to: Assignee,
    },
    /// What has no parent gets one.
    Adopt {
        /// The placeholder.
        by: String,
    },
    /// They stay as they are: `suspended`.
    Keep {
        /// In which state.
        state: String,
    },
    /// Their names follow one rule.
    Rename {
        /// Functions in order; a translation is named by its table.
        by: Vec<String>,
        /// Translations among them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tables: Vec<Ref>,
    },
    /// They are left behind.
    Drop,
    /// They are bound to the object that replaced them.
    Link {
        /// In which state: `closed`.
        state: String,
    },
}

/// Who gets something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Assignee {
    /// A group, by name.
    Group(String),
    /// An agent, by account id or name.
    Agent(String),
    /// A placeholder, by name.
    Placeholder(String),
}

/// A copy of everything that can be restored. `backup`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// Where it is: `vault:acme-backup`.
    pub store: String,
    /// What it holds: kinds, and `configuration`.
    pub parts: Vec<String>,
    /// What is restored to prove that it works.
    pub restore: Vec<Sample>,
    /// By when the restore is proven: an id of an item, for example the rehearsal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_before: Option<Ref>,
}

/// How the source is read. `export`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// Parts, in the order of their ids.
    pub parts: Vec<ExportPart>,
    /// What is verified of each part, in the closed list of the language.
    pub verify: Vec<String>,
    /// How many records people compare side by side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sample: Vec<Sample>,
}

/// Some objects of one kind, read in one go or in chunks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportPart {
    /// `export/<kind>[/...]`.
    pub id: Id,
    /// Kind in the source catalog.
    pub kind: String,
    /// Which objects.
    pub which: Selection,
    /// How it is cut in pieces that can be repeated alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunks: Option<ChunkRule>,
}

/// How an export is cut in pieces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChunkRule {
    /// `year`, `quarter`, `month`, `status`, ...
    pub by: String,
    /// The field that decides.
    pub field: String,
}

/// One piece of an export. Without a value and without any instant it holds what no other piece of the export holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chunk {
    /// Name of the piece: `2024-q3`.
    pub name: String,
    /// The field that decides.
    pub field: String,
    /// First instant, for pieces of time; the first piece has none, and holds records without a time too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// First instant that no longer belongs to it; the last piece has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Instant>,
    /// The value, for pieces by value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// An example that must hold for every value that it does not name. `test/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapTest {
    /// Records of the source and rows of tables, by kind or table.
    pub given: BTreeMap<String, Record>,
    /// Fields of the target record, by kind.
    pub expect: BTreeMap<String, Record>,
    /// The record must not be loaded at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rejected: bool,
    /// Due dates that must come out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub due: Vec<ExpectedDue>,
    /// The maps that it runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maps: Vec<Ref>,
}

/// A due date that a test expects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedDue {
    /// The clock: `first_response`.
    pub clock: String,
    /// When it must be due.
    pub at: Instant,
}

/// A loss of a whole thing that is accepted, with an archive. `accept/<what>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// What is lost, in the closed list of the language: `sla_history`.
    pub what: String,
    /// Where the old state is kept.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// For how long after the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasting: Option<Duration>,
}
