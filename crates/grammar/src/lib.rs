//! The parser that pest derives from `grammar/cutover.pest`.
//!
//! A crate of its own, so that an edit elsewhere does not run the derive again. pest's types go no further than `cutover-syntax`.
#![expect(missing_docs, reason = "the derive documents neither its enum nor its function")]

/// The parser of one item.
#[derive(pest_derive::Parser)]
#[grammar = "../../grammar/cutover.pest"]
pub struct ItemParser;

pub use pest::Parser;
pub use pest::iterators::{Pair, Pairs};
