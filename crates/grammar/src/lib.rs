//! The parser that pest derives from `grammar/cutover.pest`.
//!
//! A crate of its own, so that an edit elsewhere does not run the derive again. pest's types go no further than `cutover-syntax`.
#![expect(missing_docs, reason = "the derive documents neither its enum nor its function")]

/// The parser of one item.
#[derive(pest_derive::Parser)]
#[grammar = "../../grammar/cutover.pest"]
pub struct ItemParser;

pub use pest::iterators::Tokens;
pub use pest::{Parser, Token};

/// Whether a character beyond ASCII may stand in a word: a letter, a mark or a digit of any script.
#[must_use]
pub fn in_word(c: char) -> bool {
    pest::unicode::LETTER(c) || pest::unicode::MARK(c) || pest::unicode::DECIMAL_NUMBER(c)
}
