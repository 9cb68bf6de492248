//! Promises: clocks and escalations, as declared.

use std::collections::BTreeMap;

use cutover_ir::predicate::Predicate;
use cutover_ir::quantity::Duration;
use serde::{Deserialize, Serialize};

use super::{Calendar, Ref};

/// A policy. `sla/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sla {
    /// To which tickets it applies; none is all of them.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub applies: Option<Predicate>,
    /// The opening hours by which business time is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Ref>,
    /// Its clocks, sorted by name.
    pub clocks: Vec<Clock>,
    /// What each status does to the clocks.
    pub states: Vec<ClockState>,
    /// Largest difference of a due date that needs no reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Duration>,
}

/// A clock of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// The metric: `first_response`.
    pub name: String,
    /// Time allowed, with its base.
    pub allowed: Duration,
    /// The time that the target's policy holds in its place, where it cannot hold what is promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Duration>,
    /// The target's name of the metric: `first_reply_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_metric: Option<String>,
    /// Earlier pauses are not taken over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unpaused: bool,
    /// What becomes of running clocks, first match first; the last has no condition.
    pub continuity: Vec<ClockRule>,
    /// Why a loss is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lossy: Option<String>,
}

/// How a desk keeps the promises of a policy, where that is not as they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keeping {
    /// The opening hours by which it counts, where its account tells others than those that were promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Calendar>,
    /// No day of its calendars can have the opening hours of its own that were promised.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole_days: bool,
    /// Its calendars know opening hours in steps of so many minutes, and those that were promised are others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
    /// Of the old desk: times that its policy holds in the place of those that were promised, by clock.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub held: BTreeMap<String, Duration>,
    /// Of the old desk: clocks of which nobody knows which time it holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// Of the new desk: what gets there for clocks that inherit what is left of their promise, where that is not the old due time.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dues: BTreeMap<String, DueWritten>,
    /// Of the new desk: it counts by the service level of a ticket, and no ticket that moves gets one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_level: bool,
    /// Of the new desk: what its clock does in what a status of the old one becomes, where that is not what was promised; by clock and
    /// status of the old desk.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<String, BTreeMap<String, ClockEffect>>,
}

/// What the map writes of the due time of the old desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueWritten {
    /// The due time itself.
    Old,
    /// Something of which nobody knows whether it is the due time: a field of the account's own, a column of a table.
    Unsure,
    /// Nothing of it.
    Nothing,
}

/// What becomes of a running clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockRule {
    /// For which tickets, as a word of the language: `answered`; none is all others, unless there is a condition.
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// For which tickets, as a condition over the ticket in the source. [`ANSWERED`] in it is the word of the language.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Predicate>,
    /// What happens.
    pub action: ClockAction,
}

/// The word that is true of a ticket that somebody has answered.
pub const ANSWERED: &str = "answered";

/// The beginning of a clock that counts from the import, in the place of a field.
pub const IMPORT: &str = "import";

/// The beginning of a clock that counts from what the customer wrote last, or from the first of several messages in a row.
pub const LAST_CUSTOMER: &str = "last_customer_message";

/// The beginning of a clock that counts from what an agent wrote last.
pub const LAST_AGENT: &str = "last_agent_message";

/// The ways in which a clock goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClockAction {
    /// A promise of the old desk is taken over.
    Inherit {
        /// What of it.
        keeps: Inherited,
    },
    /// It is computed anew.
    Recalculate {
        /// From this field of the ticket, or [`IMPORT`].
        from: String,
    },
    /// It stands still, and then goes on.
    Suspend {
        /// Until when: `checks pass`.
        until: String,
        /// What happens then.
        then: Box<ClockAction>,
    },
    /// It is over.
    Done,
}

/// What a clock takes over from the old desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inherited {
    /// The due date.
    Due,
    /// The time that is left.
    Remaining,
}

/// What some statuses do to a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockState {
    /// What they do.
    pub effect: ClockEffect,
    /// Statuses of the source.
    pub statuses: Vec<String>,
    /// Clocks concerned; empty is all of the policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
}

/// What a status does to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockEffect {
    /// The clock runs.
    Runs,
    /// It stands still.
    Pauses,
    /// It is over.
    Stops,
}

/// Who hears of a promise in danger. `escalation/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// Steps, earliest first.
    pub steps: Vec<EscalationStep>,
}

/// One message of an escalation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationStep {
    /// Who is told.
    pub notify: Recipient,
    /// When.
    pub when: DueOffset,
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Recipient {
    /// A group of the target, by name.
    Group(String),
    /// A person of the team, by identifier.
    Person(String),
    /// An agent, by account id or name.
    Agent(String),
}

/// A moment relative to the due date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DueOffset {
    /// So long before.
    Before(Duration),
    /// At the due date.
    At,
    /// So long after.
    After(Duration),
}
