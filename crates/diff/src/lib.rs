//! The change in meaning between two plans: not which lines differ, but what happens otherwise, to how many, and whether a safeguard is weaker.
//!
//! - [`compare()`] takes two plans, drafts with mistakes too, and gives a [`Diff`];
//! - [`Kind`] is the closed list of what can change, each with its [`Class`] and its [`Effect`] on risk;
//! - [`render`] shows a diff in a terminal, as a comment on a pull request, and as JSON.

mod change;
mod compare;
mod kind;
mod order;
pub mod render;
mod subset;

use std::collections::BTreeMap;

use cutover_ir::Id;
use cutover_plan::Plan;
use cutover_plan::bundle::Places;

pub use change::{Affected, Change};
pub use compare::compare;
pub use kind::{Class, Effect, Kind};

/// A plan that is compared, and where its ids stand in its spec.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The plan. It need not be sealed, and may have mistakes.
    pub plan: &'a Plan,
    /// Where its ids stand. May be empty.
    pub places: &'a Places,
}

/// Numbers that neither plan holds. What is not in here is told as "not computed", never as 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Unfinished tickets that get another due date, by the id of the policy: `sla/premium`.
    pub due_dates: BTreeMap<Id, DueDates>,
    /// Records that have a value, by the id of the translation's row: `translate/statuses/Open`.
    pub values: BTreeMap<Id, u64>,
    /// What is wrong with the newer plan and was not with the older one, each in its fixed sentence.
    pub mistakes: Vec<String>,
}

/// Unfinished tickets that get another due date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DueDates {
    /// How many.
    pub tickets: u64,
    /// Of some it is not known whether the policy is theirs: it may be fewer.
    pub at_most: bool,
}

/// What changed, in the order in which it is told: weaker safeguards first, then gates, then by class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// The changes.
    pub changes: Vec<Change>,
}

impl Diff {
    /// Whether nothing changed in meaning.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many changes are of a class.
    #[must_use]
    pub fn of_class(&self, class: Class) -> usize {
        self.changes.iter().filter(|change| change.class() == class).count()
    }

    /// How many changes have an effect.
    #[must_use]
    pub fn of_effect(&self, effect: Effect) -> usize {
        self.changes.iter().filter(|change| change.effect() == effect).count()
    }
}

#[cfg(test)]
mod tests;
