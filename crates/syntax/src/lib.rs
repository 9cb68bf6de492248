//! From the text of a spec to a tree of items, lines and clauses.
//!
//! [`parse::parse`] cannot fail: a small scanner cuts the file into items, pest gives the terms of each item, tables of keywords
//! cut lines into clauses, and `shape` reports what does not fit the row of [`construct`]. No name is looked up here.

pub mod again;
pub mod construct;
mod habits;
mod hygiene;
pub mod keywords;
mod lines;
pub mod measure;
mod messages;
pub mod parse;
pub mod predicate;
mod shape;
mod slips;
pub mod split;
mod terms;
pub mod tree;
pub mod value;

pub use parse::parse;

#[cfg(test)]
mod tests;
