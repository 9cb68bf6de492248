//! The plan: what a checked spec becomes, what people review and sign, and all that a runner needs.
//!
//! - [`model`] is the plan as typed data.
//! - Everything else is a function of it: canonical text, digests, the bundle on disk, the documents, the drawings.

pub mod model;

pub use model::Plan;
