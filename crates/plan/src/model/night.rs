//! Waves, going live, and the people around it.

use cutover_ir::quantity::Decimal;
use cutover_ir::time::Instant;
use serde::{Deserialize, Serialize};

use super::{Moment, Placement, Ref, Selection};

/// Records that go over together. `wave/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wave {
    /// Its place among the waves, from 1.
    pub order: u32,
    /// Kind in the source catalog.
    pub kind: String,
    /// Which of the imported records.
    pub which: Selection,
    /// When it is loaded.
    pub placement: Placement,
    /// By when it is over, where that is before the window begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Moment>,
    /// Checks and criteria that must pass before the next wave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gated_by: Vec<Ref>,
    /// What happens when a customer answers to a record that can no longer change: `new linked ticket`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reopened_as: Option<String>,
}

/// The switch. `go_live`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoLive {
    /// The inbound addresses that are held first and drained last.
    pub hold: Vec<Ref>,
    /// What is loaded while they are held.
    pub load: LateLoad,
    /// How the target is kept quiet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silent: Option<Silence>,
    /// Channels and integrations that are switched over, as the spec names them.
    pub switch: Vec<String>,
    /// The waves that must be over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waves: Vec<Ref>,
    /// What it rests on: the scope, the maps, the cleaning, the promises, and the checks for which the silence waits. Whoever signs the switch
    /// signs for what is there afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carries: Vec<Ref>,
    /// The way back. Whoever signs the switch relies on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way_back: Option<Ref>,
    /// In which night. Whoever signs the switch signs for this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Night>,
    /// From where to where, and the tables that are looked up. Whoever signs the switch signs for these accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub desks: Vec<Desk>,
}

/// An account as a signature covers it: whoever signs for one desk has not signed for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// Name of the system.
    pub system: String,
    /// Name of the platform in the catalogs.
    pub platform: String,
    /// The account's name.
    pub account: String,
    /// The account's subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// For a table: the field whose value finds a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyed_by: Option<String>,
}

/// The window as people agree on it: without the offsets of its zone, which are more when a plan names later times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Night {
    /// First instant.
    pub start: Instant,
    /// Last instant.
    pub end: Instant,
    /// IANA name of the zone.
    pub zone: String,
}

/// What is loaded in the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LateLoad {
    /// Kind in the source catalog; none with `everything`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What of it.
    pub mode: LoadMode,
}

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadMode {
    /// All of them for the first time.
    Create,
    /// What changed since the first load replaces it.
    Replace,
    /// What changed since the first load is added to it.
    Append,
}

/// How the target is kept from writing to anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// The tag that keeps rules away from migrated records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// What proves it.
    pub proven_by: Vec<SilenceProof>,
    /// Until when: `checks pass`.
    pub until: String,
}

/// What proves that a target stays quiet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SilenceProof {
    /// It counts what it sends.
    Counter,
    /// All mail ends in a box that is looked at.
    Sink,
    /// The rules that could send are listed, and off.
    TriggersListed,
    /// A mailbox that must stay empty.
    Canary(String),
}

/// A message to people. `announce/<audience>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announce {
    /// `customers` or `agents`.
    pub audience: String,
    /// Digest of the asset with the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// When it goes out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// The person to whom agents escalate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalations_to: Option<String>,
    /// Where oddities are reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anomalies_to: Option<String>,
}

/// Learning the new desk. `train/<audience>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Train {
    /// `agents`.
    pub audience: String,
    /// How many must have done it, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Decimal>,
    /// Of each of these: `group`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_each: Option<String>,
    /// What they can do afterwards, in the closed list of the language.
    pub scenarios: Vec<String>,
}

/// Texts that are read for words that must be gone. `inspect/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inspect {
    /// What is read: `macros`, `templates`, `scorecards`.
    pub of: Vec<String>,
    /// What must not be there.
    pub forbid: Vec<String>,
}
