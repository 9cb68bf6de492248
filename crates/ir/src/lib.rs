//! What a plan is made of: ids, types, values, quantities, predicates, maps, the function library and the reference evaluator.
//!
//! This crate is a leaf. It reads no file, knows no clock, no environment and no time zone database.
//! Everything that the analyser proves and the runner executes is said in its terms.

pub mod eval;
pub mod functions;
pub mod host;
pub mod id;
pub mod map;
pub mod matching;
pub mod measure;
pub mod predicate;
pub mod quantity;
pub mod time;
pub mod types;
pub mod value;

pub use id::Id;
pub use types::{Loss, LossSet, Type, Visibility};
pub use value::Value;
