//! The weeks after the switch.

use cutover_ir::quantity::Duration;
use cutover_ir::time::Date;
use serde::{Deserialize, Serialize};

use super::{Desk, Moment, Ref, Rhythm};

/// The first days, with everybody close by. `hypercare`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hypercare {
    /// How long, and when it is talked about.
    pub rhythm: Rhythm,
    /// Who gets defects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defects_to: Option<String>,
    /// How soon they are looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defects_within: Option<Duration>,
    /// How long nothing may go wrong before it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stable_after: Option<Duration>,
}

/// Who owns what is left over. `ownership`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ownership {
    /// How long, and when it is talked about.
    pub rhythm: Rhythm,
    /// What is owned: `unresolved_tickets`, `field_errors`, `sync_failures`, `reporting_anomalies`.
    pub classes: Vec<String>,
}

/// The old desk as a place to look things up. `read_only/<system>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadOnly {
    /// Name of the system.
    pub system: String,
    /// How soon somebody gets access.
    pub access_within: Duration,
    /// Last day.
    pub until: Date,
}

/// The end of the old desk. `decommission/<system>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decommission {
    /// Name of the system.
    pub system: String,
    /// What must be over, as the spec says it: `checks`, `objectives`, `hypercare`, `archives`.
    pub after: Vec<String>,
    /// The items that these words stand for.
    pub needs: Vec<Ref>,
    /// How long the old desk can be read before. Whoever signs its end signs for that as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Ref>,
    /// Which account comes to its end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub desks: Vec<Desk>,
}

/// What was learned. `lessons`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lessons {
    /// The file in the project.
    pub file: String,
    /// From when on it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
}
