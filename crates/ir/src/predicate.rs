//! One predicate language for `where`, `require`, criteria, checks and triggers.
//!
//! A predicate is *decidable* (one record, closed comparisons: what scope, waves and SLA application need), *opaque*
//! (a word whose truth only the running system knows) or *measurable* (about a number that somebody measures).
//! The context demands a class. Two-valued: an atom on a missing value is false, `not` is classical,
//! so `p` and `not p` always partition.

use serde::{Deserialize, Serialize};

use crate::quantity::{Decimal, Duration};
use crate::time::{Date, Instant};

/// A predicate over one record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicate {
    /// Always true or always false.
    Const(bool),
    /// All of them; true when there are none.
    All(Vec<Predicate>),
    /// Any of them; false when there are none.
    Any(Vec<Predicate>),
    /// The opposite.
    Not(Box<Predicate>),
    /// One comparison.
    Atom(Atom),
}

/// One comparison of a field of the record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Atom {
    /// The field, as a path from the record's kind: `status`, `custom.region`, `requester.email`.
    pub field: String,
    /// The comparison.
    pub test: Test,
}

/// What is asked of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// `is`, `is one of`: the value equals one of these.
    OneOf(Vec<Literal>),
    /// `has`: the list or the tags hold this value.
    Has(Literal),
    /// `is empty`.
    Empty,
    /// `at least`.
    AtLeast(Literal),
    /// `at most`.
    AtMost(Literal),
    /// `more than`.
    MoreThan(Literal),
    /// `less than`.
    LessThan(Literal),
    /// `before`.
    Before(Literal),
    /// `since`.
    Since(Literal),
    /// `unfinished` / `finished`: the value's status class, as the catalog has it.
    Class(StatusClass),
    /// A catalogued word about the record, for example `merged`, `suspended`, `inactive(responder)`. Opaque to proofs that need its extent.
    Word(String),
}

/// The two classes into which every catalog sorts its statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusClass {
    /// Work is left to do.
    Unfinished,
    /// Solved, closed, rejected, merged, spam.
    Finished,
}

/// A constant in a predicate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// A text, or the name of an option.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(Decimal),
    /// A date.
    Date(Date),
    /// A point in time.
    Instant(Instant),
    /// A length of time.
    Duration(Duration),
}

/// How far a predicate can be reasoned about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Comparisons of fields with constants.
    Decidable,
    /// Holds a word that only the running system can answer.
    Opaque,
}

impl Predicate {
    /// The class of the predicate.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Predicate::Const(_) => Class::Decidable,
            Predicate::All(parts) | Predicate::Any(parts) => {
                parts.iter().map(Predicate::class).max().unwrap_or(Class::Decidable)
            }
            Predicate::Not(inner) => inner.class(),
            Predicate::Atom(atom) => match atom.test {
                Test::Word(_) => Class::Opaque,
                _ => Class::Decidable,
            },
        }
    }

    /// Calls `visit` on each atom, left to right.
    pub fn visit_atoms<'a>(&'a self, visit: &mut impl FnMut(&'a Atom)) {
        match self {
            Predicate::Const(_) => {}
            Predicate::All(parts) | Predicate::Any(parts) => {
                for part in parts {
                    part.visit_atoms(visit);
                }
            }
            Predicate::Not(inner) => inner.visit_atoms(visit),
            Predicate::Atom(atom) => visit(atom),
        }
    }
}
