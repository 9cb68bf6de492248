//! Runs a plan's map over a stream of records.
//!
//! A map is compiled once, [`Program`]: the fields that it reads become slots, translation tables are interned, functions become steps.
//! Each record is one pass over its bytes: what the map does not read is checked and skipped, a text that no function changes is copied as
//! it stands. What comes out is what the reference evaluator of `ir` says; a property test holds the two together.
//!
//! [`run`] reads JSON Lines, writes JSON Lines in the order of the input with any number of threads, and counts: records read are records
//! written, rejected and filtered. Memory does not grow with the input.

mod condition;
mod engine;
mod json;
mod layout;
mod lookup;
mod op;
mod others;
mod program;
mod read;
mod reject;
mod row;
mod run;
mod shape;
mod surroundings;
mod table;
mod value;
mod want;
mod write;

pub use layout::{Layout, Path, PathError};
pub use lookup::{Exports, IN_MEMORY, Lookup, LookupError};
pub use others::{NoOthers, Other, Others, Unread, referred};
pub use program::{Parts, Program};
pub use reject::{Cause, Counts, Found, Reject};
pub use run::{Failure, Options, Outcome, Worker, run};
pub use surroundings::Surroundings;
