//! What must hold, what fires, and what is done then.

use cutover_ir::measure::{Condition, Measure, Sample};
use cutover_ir::quantity::Duration;
use serde::{Deserialize, Serialize};

use super::{Desk, Moment, Ref};

/// What success means. `criterion/<name>`, `objective/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// All of these hold.
    pub pass: Vec<Condition>,
    /// Baselines with which it compares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub baselines: Vec<Ref>,
}

/// A row of the pass / fail matrix. `check/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// One of the nine review areas: `exports`, `mapping`, `owners`, `sla_timers`, `chat`, `macros`, `permissions`, `integrations`, `reporting`.
    pub area: String,
    /// All of these hold.
    pub pass: Vec<Condition>,
    /// What the old desk shows, where the inventory tells: the matrix's column Legacy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legacy: Option<u64>,
    /// The check was generated because the spec asks for none in this area.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub generated: bool,
}

/// A review area that is not checked. `waive/<area>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The area, or the check.
    pub area: String,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// The way back. `rollback`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// Who decides: first the decider, then the deputies.
    pub decided_by: Vec<String>,
    /// What happens when nobody answers.
    pub otherwise: NoAnswer,
    /// How long an answer may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// What is undone: `everything`, or kinds.
    pub undo: Vec<String>,
    /// The stage kind before which undoing is clean: `switch`.
    pub before: String,
    /// What is kept of the new desk after that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
    /// Where it is kept.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// Who keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_by: Option<String>,
    /// Digest of the asset that customers are sent when it is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Its triggers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Ref>,
}

/// What happens when nobody decides in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoAnswer {
    /// Everything waits.
    StayPaused,
    /// Everything is undone.
    RollBack,
    /// It goes on.
    GoOn,
}

/// What stops the night. `trigger/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// What fires it.
    pub fires: Measure,
}

/// Looking after the new desk once it works. `watch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// Name of the system.
    pub system: String,
    /// Who is alerted.
    pub alert: Vec<String>,
    /// How often.
    pub every: Duration,
    /// How long.
    pub lasting: Duration,
    /// Metrics that are reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub report: Vec<String>,
    /// What alerts.
    pub alerts: Vec<Measure>,
}

/// A trial in the sandbox, the way back included. `rehearsal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rehearsal {
    /// Name of the system.
    pub system: String,
    /// How many records.
    pub sample: Vec<Sample>,
    /// Fields over which the sample is spread.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spread_over: Vec<String>,
    /// Records that must be among them: so many of each kind of oddity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<Sample>,
    /// What is tried, in the closed list of the language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<String>,
    /// The tests of the maps that run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<Ref>,
    /// In which account. Whoever signs the trial signs for one in there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub desks: Vec<Desk>,
}
