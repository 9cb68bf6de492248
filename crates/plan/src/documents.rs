//! What people read: the checklist for reviewers, and pages for agents, customers and the night. Functions of the plan alone.
//!
//! Each line names its item, and everything that a spec says is escaped by [`crate::text::escape`].

mod agents;
mod checklist;
mod customers;
mod details;
mod night;
mod page;
mod promises;
mod status;
mod statuses;

pub use details::{clean_step, detail, name};

use crate::model::Plan;
use crate::schedule::schedule;

/// Name of the file for reviewers.
pub const CHECKLIST: &str = "checklist.md";
/// Name of the page for agents.
pub const AGENTS: &str = "agents.md";
/// Name of the page about customers.
pub const CUSTOMERS: &str = "customers.md";
/// Name of the page for the night.
pub const NIGHT: &str = "night.md";

/// What each page says of itself: by it one is known again.
pub const MADE: &str = "Made by cutover from the plan";

/// Name of the page with the signatures. It is no part of a bundle: a signature makes no plan stale.
pub const STATUS: &str = "status.md";

/// The text of `status.md`: the checklist with what was signed of it.
#[must_use]
pub fn status(plan: &Plan, sign_offs: &[crate::signoffs::SignOff]) -> String {
    status::write(plan, sign_offs)
}

/// The text of `agents.md`.
#[must_use]
pub fn agents(plan: &Plan) -> String {
    agents::write(plan, &schedule(plan))
}

/// The text of `checklist.md`.
#[must_use]
pub fn checklist(plan: &Plan) -> String {
    checklist::write(plan, &schedule(plan))
}

/// The text of `customers.md`.
#[must_use]
pub fn customers(plan: &Plan) -> String {
    customers::write(plan, &schedule(plan))
}

/// The text of `night.md`.
#[must_use]
pub fn night(plan: &Plan) -> String {
    night::write(plan, &schedule(plan))
}

/// All documents with the names of their files.
#[must_use]
pub fn all(plan: &Plan) -> [(&'static str, String); 4] {
    let times = schedule(plan);
    [
        (AGENTS, agents::write(plan, &times)),
        (CHECKLIST, checklist::write(plan, &times)),
        (CUSTOMERS, customers::write(plan, &times)),
        (NIGHT, night::write(plan, &times)),
    ]
}
