//! The construct table: one row a block, which says what may stand in it.
//!
//! Reading lines, checking their shape, the reference pages, completion and the formatter's clause order all come from this one
//! table; a new construct is a row here.

pub mod meaning;
mod rows;
mod rules;
mod statements;

pub use rows::CONSTRUCTS;
pub use rules::{ArgRule, BodyRule, ClauseRule, Construct, MemberRule, NameRule, StatementRule, Takes};

use crate::keywords::ItemKw;

/// The row of an item keyword.
#[must_use]
pub fn construct(keyword: ItemKw) -> Option<&'static Construct> {
    CONSTRUCTS.get(keyword as usize).filter(|row| row.keyword == keyword)
}

#[cfg(test)]
mod tests {
    use super::{CONSTRUCTS, construct};
    use crate::keywords::ItemKw;

    #[test]
    fn each_keyword_has_its_row_in_order() {
        assert_eq!(CONSTRUCTS.len(), ItemKw::ALL.len());
        for keyword in ItemKw::ALL {
            assert_eq!(construct(*keyword).map(|row| row.keyword), Some(*keyword));
        }
    }
}
