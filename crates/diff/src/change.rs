//! A change, and what it concerns.

use cutover_ir::Id;
use cutover_plan::bundle::Place;
use serde::Serialize;

use crate::kind::{Class, Effect, Kind};

/// One change in meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of which kind.
    pub kind: Kind,
    /// What changed: the id of an item, a row, a stage or a part of the plan; the newer one where it was renamed.
    pub id: Id,
    /// What it is called: a title, or a few words. From the spec, not escaped.
    pub subject: String,
    /// What of it, in plain words: `time allowed`. Empty when it is the thing itself.
    pub part: String,
    /// What it was; none when there was nothing.
    pub before: Option<String>,
    /// What it is; none when there is nothing any more.
    pub after: Option<String>,
    /// How many records it concerns.
    pub affected: Affected,
    /// Where it stands in the newer spec, or in the older one when it is gone.
    pub place: Option<Place>,
}

impl Change {
    /// How much it matters.
    #[must_use]
    pub fn class(&self) -> Class {
        self.kind.class()
    }

    /// Which way it moves the risk.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.kind.effect()
    }

    /// Changes are told in this order: weaker safeguards, gates, then by class and kind.
    pub(crate) fn rank(&self) -> (u8, Class, Kind) {
        let first = match (self.effect(), self.kind.is_gate()) {
            (Effect::WeakerSafeguard, _) => 0,
            (_, true) => 1,
            _ => 2,
        };
        (first, self.class(), self.kind)
    }
}

/// How many records a change concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Affected {
    /// It is not about records.
    None,
    /// It is, and nobody has counted them.
    NotComputed {
        /// What would be counted, in plain words: `records`.
        of: String,
    },
    /// So many.
    Records {
        /// How many.
        count: u64,
        /// Of what, in plain words: `conversations`.
        of: String,
        /// It may be fewer: so many records pass through what changed.
        at_most: bool,
    },
    /// So many unfinished tickets get another due date.
    DueDates {
        /// How many.
        count: u64,
        /// It may be fewer.
        at_most: bool,
    },
}

impl Affected {
    /// Nobody has counted the records.
    pub(crate) fn not_computed() -> Affected {
        Affected::NotComputed { of: "records".to_owned() }
    }
}
