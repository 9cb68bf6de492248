//! What people read: the checklist for reviewers, and pages for agents, customers and the night. Functions of the plan alone.
//!
//! Each line names its item, and everything that a spec says is escaped by [`crate::text::escape`].

mod agents;
mod checklist;
mod customers;
mod details;
mod night;
mod page;

use crate::model::Plan;

/// Name of the file for reviewers.
pub const CHECKLIST: &str = "checklist.md";
/// Name of the page for agents.
pub const AGENTS: &str = "agents.md";
/// Name of the page about customers.
pub const CUSTOMERS: &str = "customers.md";
/// Name of the page for the night.
pub const NIGHT: &str = "night.md";

pub use agents::agents;
pub use checklist::checklist;
pub use customers::customers;
pub use night::night;

/// All documents with the names of their files.
#[must_use]
pub fn all(plan: &Plan) -> [(&'static str, String); 4] {
    [(AGENTS, agents(plan)), (CHECKLIST, checklist(plan)), (CUSTOMERS, customers(plan)), (NIGHT, night(plan))]
}
