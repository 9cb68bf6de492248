//! The plan: what a checked spec becomes, what people review and sign, and all that a runner needs.
//!
//! - [`model`] is the plan as typed data. Everything else is a function of it:
//! - [`digest`] seals it, [`canonical`] writes it, [`bundle`] puts it on disk and reads it back;
//! - [`host`] answers what maps ask while they are evaluated;
//! - [`map_tests`] runs the `test` blocks of a spec on its maps;
//! - [`schedule`] says when the stages of the window happen;
//! - [`documents`] are the pages for people, [`graph`] the drawings.

pub mod bundle;
pub mod canonical;
pub mod digest;
pub mod documents;
pub mod fates;
pub mod graph;
pub mod host;
pub mod map_tests;
pub mod model;
pub mod parallel;
pub mod promises;
pub mod schedule;
pub mod signoffs;
pub mod text;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

pub use model::Plan;
