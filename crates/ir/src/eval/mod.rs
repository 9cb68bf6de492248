//! The reference evaluator: what a map means, said as plainly as possible.
//!
//! Faster engines must agree with it on every record. It is naive on purpose: each row is looked at by itself, each function is looked up
//! by name, nothing is prepared.
//!
//! A record is evaluated in this order: scope (outside of it the record is *filtered*), requirements in the order of the map, rows in the
//! order of the map, then what rows hand to other fields (cut-off text, values kept in a tag). The first thing that fails rejects the
//! record, with the id of the rule, so that the journal can name the line of the spec.
//!
//! A value goes through a row like this: inputs, functions, `when missing` for each target that has no value then, the target's type.
//! Types are enforced: a text that is too long and was not cut is a rejection, never a silent cut.

mod conform;
mod row;
mod translate;
mod truth;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::Id;
use crate::functions::Refusal;
use crate::host::Host;
use crate::map::{Map, Program};
use crate::predicate::Predicate;
use crate::types::Type;
use crate::value::{Record, Value};

pub use conform::conform;
pub use row::{appended, tagged};
pub use truth::{Truth, truth};

/// What becomes of a record. Every record is exactly one of these, so that counts add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is written.
    Written(Written),
    /// It is outside the scope.
    Filtered,
    /// A rule rejects it.
    Rejected(Rejection),
}

/// A record of the target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Target path to value. Missing values are absent.
    pub fields: Record,
    /// Those of the fields that identify the record.
    pub key: BTreeSet<String>,
}

/// Which rule rejects a record, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The row or the requirement: `map/ticket/to/subject`, `map/ticket/require/requester`.
    pub rule: Id,
    /// The source field, or the first of them; the target field where a row has no source field.
    pub field: String,
    /// Why.
    pub reason: Reason,
}

/// Why a record is rejected. Holds no text of the record, since reports are read by many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A requirement does not hold.
    Requirement,
    /// Nobody can say whether a condition holds: the host does not know a word or a status class.
    Undecided,
    /// There is no value, and the target needs one, or the map says to reject.
    Missing,
    /// A function rejects the value.
    Refused {
        /// Its name.
        function: String,
        /// Why.
        refusal: Refusal,
    },
    /// No line of a translation table matches and there is no rest, or the line says to reject.
    NotTranslated {
        /// The table.
        table: String,
    },
    /// A text is longer than its field.
    TooLong {
        /// Its length in code points.
        length: u32,
        /// What fits.
        max: u32,
    },
    /// A number is outside the bounds of its field.
    OutOfRange {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
    /// The target has no such option.
    NoSuchOption {
        /// The domain of the target.
        domain: String,
    },
    /// The value is of another type than its field.
    WrongType {
        /// The field's type.
        expected: Type,
    },
    /// The program is not one that the analyser makes: what is wrong with it.
    Malformed(&'static str),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Requirement => f.write_str("a requirement of the map does not hold"),
            Reason::Undecided => f.write_str("it is not known whether a condition holds"),
            Reason::Missing => f.write_str("there is no value, and one is needed"),
            Reason::Refused { function, refusal } => write!(f, "the value {refusal} (`{function}`)"),
            Reason::NotTranslated { table } => write!(f, "no line of `{table}` gives a value for it"),
            Reason::TooLong { length, max } => write!(f, "the text has {length} characters, {max} fit"),
            Reason::OutOfRange { min, max } => write!(f, "the number is not from {min} to {max}"),
            Reason::NoSuchOption { domain } => write!(f, "the target has no such option in {domain}"),
            Reason::WrongType { expected } => write!(f, "the value is not of the type {expected}"),
            Reason::Malformed(what) => write!(f, "the map cannot be run: {what}"),
        }
    }
}

/// Evaluates a map over a record of which everything is known: an absent field is a missing one.
#[must_use]
pub fn eval_map(program: &Program, map: &Map, record: &Record, host: &dyn Host) -> Outcome {
    eval(program, map, &Predicate::Const(true), record, host)
}

/// Evaluates a map over a record that is in scope where `scope` holds.
#[must_use]
pub fn eval(program: &Program, map: &Map, scope: &Predicate, record: &Record, host: &dyn Host) -> Outcome {
    let cx = Context { program, map, record, open: false, host };
    match truth(scope, &map.source, record, false, host) {
        Truth::Known(true) => {}
        Truth::Known(false) => return Outcome::Filtered,
        Truth::Unknown(fields) => {
            let field = fields.into_iter().next().unwrap_or_default();
            return Outcome::Rejected(Rejection { rule: map.id.clone(), field, reason: Reason::Undecided });
        }
    }
    match cx.requirements() {
        Loaded::Yes => {}
        Loaded::No(rejection) => return Outcome::Rejected(rejection),
        Loaded::DependsOn(fields) => return Outcome::Rejected(cx.undecided(fields)),
    }
    let mut written = Written::default();
    let results = row::all(&cx);
    for (row, result) in map.rows.iter().zip(&results) {
        if let row::RowResult::Rejected(rejection) = result {
            return Outcome::Rejected(rejection.clone());
        }
        if row.key {
            written.key.extend(row.to.iter().cloned());
        }
    }
    for path in row::targets(&cx) {
        match row::target(&cx, &results, &path) {
            Expected::Known(Value::Missing) => {}
            Expected::Known(value) => {
                written.fields.insert(path, value);
            }
            Expected::Rejected(rejection) => return Outcome::Rejected(rejection),
            Expected::DependsOn(fields) => return Outcome::Rejected(cx.undecided(fields)),
        }
    }
    Outcome::Written(written)
}

/// What a map does to every record that agrees with the given fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial {
    /// Whether such a record is loaded at all.
    pub loaded: Loaded,
    /// The asked target paths.
    pub fields: BTreeMap<String, Expected>,
}

/// Whether every record that agrees with the given fields is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// No requirement fails for any of them.
    Yes,
    /// A requirement fails for all of them, or a row whose inputs are all given rejects.
    No(Rejection),
    /// Some may fail a requirement: it asks for these fields, which are not given.
    DependsOn(Vec<String>),
}

/// The value of a target path for every record that agrees with the given fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The same for all of them; [`Value::Missing`] where nothing is written.
    Known(Value),
    /// All of them are rejected by the row that writes it.
    Rejected(Rejection),
    /// It depends on these fields, which are not given.
    DependsOn(Vec<String>),
}

/// Evaluates a map over all records that agree with `given`: a field that it does not hold may have any value. A field that is
/// given as [`Value::Missing`] is missing.
///
/// A test must hold for every value of what it does not give. So a *requirement* that asks for a field that is not given makes
/// [`Partial::loaded`] depend on it: the author adds the field, as a reader of the test wants to see a record that can be loaded.
/// A *row* that is not asked for does not matter as long as its inputs are not given: it may reject some records for reasons of
/// its own (a text that is too long), which is not what the test is about; where all its inputs are given and it rejects them,
/// the record is certainly not loaded, and that is said. The value of an asked path that reads a field that is not given always
/// depends on it, also through `when missing`, through text that another row cuts off, and through values kept in a tag.
#[must_use]
pub fn eval_partial(
    program: &Program,
    map: &Map,
    given: &Record,
    paths: &BTreeSet<String>,
    host: &dyn Host,
) -> Partial {
    let cx = Context { program, map, record: given, open: true, host };
    let results = row::all(&cx);
    let mut loaded = cx.requirements();
    if !matches!(loaded, Loaded::No(_))
        && let Some(rejection) = results.iter().find_map(row::RowResult::rejection)
    {
        loaded = Loaded::No(rejection.clone());
    }
    let fields = paths.iter().map(|path| (path.clone(), row::target(&cx, &results, path))).collect();
    Partial { loaded, fields }
}

/// What every step of the evaluation needs.
struct Context<'a> {
    program: &'a Program,
    map: &'a Map,
    record: &'a Record,
    /// Whether an absent field may have any value.
    open: bool,
    host: &'a dyn Host,
}

impl Context<'_> {
    fn requirements(&self) -> Loaded {
        let mut open = BTreeSet::new();
        for requirement in &self.map.require {
            match truth(&requirement.predicate, &self.map.source, self.record, self.open, self.host) {
                Truth::Known(true) => {}
                Truth::Known(false) => {
                    let field = truth::culprit(
                        &requirement.predicate,
                        &self.map.source,
                        self.record,
                        self.open,
                        self.host,
                    );
                    let rule = requirement.id.clone();
                    return Loaded::No(Rejection { rule, field, reason: Reason::Requirement });
                }
                Truth::Unknown(fields) if self.open => open.extend(fields),
                Truth::Unknown(fields) => {
                    let field = fields.into_iter().next().unwrap_or_default();
                    let rule = requirement.id.clone();
                    return Loaded::No(Rejection { rule, field, reason: Reason::Undecided });
                }
            }
        }
        if open.is_empty() { Loaded::Yes } else { Loaded::DependsOn(open.into_iter().collect()) }
    }

    fn undecided(&self, fields: Vec<String>) -> Rejection {
        let field = fields.into_iter().next().unwrap_or_default();
        Rejection { rule: self.map.id.clone(), field, reason: Reason::Undecided }
    }
}

/// The value at a path: `organization.name` is the entry of that name, or `name` in the record `organization`. `None` when the
/// path leads nowhere; a part that is missing makes what is behind it missing.
#[must_use]
pub fn field<'a>(record: &'a Record, path: &str) -> Option<&'a Value> {
    if let Some(value) = record.get(path) {
        return Some(value);
    }
    path.match_indices('.').find_map(|(at, _)| match record.get(path.get(..at)?)? {
        Value::Missing => Some(&Value::Missing),
        Value::Record(inner) => field(inner, path.get(at + 1..)?),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
