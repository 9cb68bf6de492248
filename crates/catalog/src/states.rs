//! States of a kind.

use cutover_ir::predicate::StatusClass;
use serde::{Deserialize, Serialize};

use crate::Table;
use crate::fact::{Mark, Names};
use crate::field::Write;
use crate::kind::{is_default, is_false};

/// The states of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct States {
    /// The field that holds the state.
    pub field: Box<str>,
    /// Whether an account adds states of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub open: bool,
    /// States by name, in the order in which a ticket usually passes them.
    pub values: Table<State>,
    /// Sources, when they differ from the kind's.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
}

/// One state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct State {
    /// What it means in every product.
    pub category: StateCategory,
    /// Whether work is left to do.
    #[cfg_attr(schema, schemars(with = "crate::schema::ClassWord"))]
    pub class: StatusClass,
    /// The product's own value, where it differs: `4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<Box<str>>,
    /// What the customer sees instead, where that differs: on hold is seen as `Open`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_as: Option<Box<str>>,
    /// When an object can be put into it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub write: Write,
    /// Whether objects in it can be changed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub change: Change,
    /// Fields that must have a value in it.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub requires: Names,
    /// Whether SLA clocks run in it, where that does not depend on the metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// Sources, when they differ from the kind's.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

/// What a state means in every product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StateCategory {
    /// Nobody has looked at it.
    New,
    /// Somebody works on it.
    Open,
    /// Waits for the customer.
    Pending,
    /// Waits for somebody else.
    Hold,
    /// Done; the customer may reopen it.
    Solved,
    /// Done for good.
    Closed,
    /// Refused.
    Rejected,
    /// Unwanted mail.
    Spam,
    /// Joined to another one.
    Merged,
    /// Deleted.
    Removed,
}

impl StateCategory {
    /// The written form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            StateCategory::New => "new",
            StateCategory::Open => "open",
            StateCategory::Pending => "pending",
            StateCategory::Hold => "hold",
            StateCategory::Solved => "solved",
            StateCategory::Closed => "closed",
            StateCategory::Rejected => "rejected",
            StateCategory::Spam => "spam",
            StateCategory::Merged => "merged",
            StateCategory::Removed => "removed",
        }
    }

    /// The class that every product's states of this category have.
    #[must_use]
    pub const fn class(self) -> StatusClass {
        match self {
            StateCategory::New | StateCategory::Open | StateCategory::Pending | StateCategory::Hold => {
                StatusClass::Unfinished
            }
            _ => StatusClass::Finished,
        }
    }
}

/// Whether an object can be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Yes.
    #[default]
    Free,
    /// Only a few fields; the note says which.
    Limited,
    /// No.
    Frozen,
}

/// What an SLA clock does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Time counts.
    Runs,
    /// Time does not count; the rest is kept.
    Pauses,
    /// The clock is over.
    Stops,
}
