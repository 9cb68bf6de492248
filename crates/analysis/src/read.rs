//! Readers of what stands in clauses and lines: people, moments, quantities, kinds, fields, conditions.
//!
//! Each takes the context, the item and some terms; what cannot be read is reported once and gives `None` or a poison value.

pub mod common;
pub mod list;
pub mod measure;
pub mod moment;
pub mod names;
pub mod near_zone;
pub mod predicate;
pub mod quantity;
