//! Predicates over one record: two-valued where everything is known, and honest where it is not.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::eval::field;
use crate::functions;
use crate::host::Host;
use crate::predicate::{Atom, Literal, Predicate, Test};
use crate::quantity::Decimal;
use crate::value::{Record, Value};

/// Whether a predicate holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It does, or it does not, whatever is not known.
    Known(bool),
    /// That depends on these fields.
    Unknown(BTreeSet<String>),
}

/// Whether a predicate holds for a record of a kind. With `open`, an absent field may have any value; without, it is missing.
///
/// An atom on a missing value is false, `not` is classical: on a record that is wholly known, and with a host that knows
/// the words and status classes, each predicate is true or false and its `not` is the other.
#[must_use]
pub fn truth(predicate: &Predicate, kind: &str, record: &Record, open: bool, host: &dyn Host) -> Truth {
    match predicate {
        Predicate::Const(value) => Truth::Known(*value),
        Predicate::Not(inner) => match truth(inner, kind, record, open, host) {
            Truth::Known(value) => Truth::Known(!value),
            unknown @ Truth::Unknown(_) => unknown,
        },
        Predicate::All(parts) => combined(parts, false, kind, record, open, host),
        Predicate::Any(parts) => combined(parts, true, kind, record, open, host),
        Predicate::Atom(atom) => of_atom(atom, kind, record, open, host),
    }
}

/// One part of value `decides` decides the whole; otherwise all must be known.
fn combined(
    parts: &[Predicate],
    decides: bool,
    kind: &str,
    record: &Record,
    open: bool,
    host: &dyn Host,
) -> Truth {
    let mut unknown = BTreeSet::new();
    for part in parts {
        match truth(part, kind, record, open, host) {
            Truth::Known(value) if value == decides => return Truth::Known(decides),
            Truth::Known(_) => {}
            Truth::Unknown(fields) => unknown.extend(fields),
        }
    }
    if unknown.is_empty() { Truth::Known(!decides) } else { Truth::Unknown(unknown) }
}

fn of_atom(atom: &Atom, kind: &str, record: &Record, open: bool, host: &dyn Host) -> Truth {
    let unknown = || Truth::Unknown(BTreeSet::from([atom.field.clone()]));
    if let Test::Word(word) = &atom.test {
        // A word about the record as a whole is what is not known.
        let asked = if atom.field.is_empty() { word } else { &atom.field };
        let unknown = || Truth::Unknown(BTreeSet::from([asked.clone()]));
        return host.word(kind, &atom.field, word, record).map_or_else(unknown, Truth::Known);
    }
    let from_table = || {
        let (table, name) = atom.field.split_once('.')?;
        host.table(table, name, record)
    };
    let value = match field(record, &atom.field).cloned().or_else(from_table) {
        Some(value) => value,
        None if open => return unknown(),
        None => Value::Missing,
    };
    let holds = match &atom.test {
        Test::Empty => value.is_empty(),
        Test::OneOf(literals) => literals.iter().any(|literal| functions::same(&value, literal)),
        Test::Has(literal) => match &value {
            Value::List(items) => items.iter().any(|item| functions::same(item, literal)),
            _ => false,
        },
        Test::AtLeast(limit) | Test::Since(limit) => order(&value, limit).is_some_and(Ordering::is_ge),
        Test::AtMost(limit) => order(&value, limit).is_some_and(Ordering::is_le),
        Test::MoreThan(limit) => order(&value, limit).is_some_and(Ordering::is_gt),
        Test::LessThan(limit) | Test::Before(limit) => order(&value, limit).is_some_and(Ordering::is_lt),
        Test::Class(class) => match value.as_text() {
            Some(status) => match host.status_class(kind, status) {
                Some(found) => found == *class,
                None => return unknown(),
            },
            None => false,
        },
        Test::Word(_) => return unknown(),
    };
    Truth::Known(holds)
}

/// The order of a value and a constant of the same sort. There is none between dates and points in time, nor between
/// durations of different bases.
fn order(value: &Value, limit: &Literal) -> Option<Ordering> {
    match (value, limit) {
        (Value::Int(a), Literal::Number(b)) => Some(Decimal::from(*a).cmp(b)),
        (Value::Decimal(a), Literal::Number(b)) => Some(a.cmp(b)),
        (Value::Date(a), Literal::Date(b)) => Some(a.cmp(b)),
        (Value::Instant(a), Literal::Instant(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Literal::Duration(b)) if a.base == b.base => {
            Some(a.nominal_seconds().cmp(&b.nominal_seconds()))
        }
        _ => None,
    }
}

/// The field that makes a false predicate false: of the first part that is false, the first field.
pub(super) fn culprit(
    predicate: &Predicate,
    kind: &str,
    record: &Record,
    open: bool,
    host: &dyn Host,
) -> String {
    if let Predicate::All(parts) = predicate {
        let fails = |part: &&Predicate| truth(part, kind, record, open, host) == Truth::Known(false);
        if let Some(part) = parts.iter().find(fails) {
            return culprit(part, kind, record, open, host);
        }
    }
    let mut first = None;
    predicate.visit_atoms(&mut |atom| {
        first.get_or_insert(&atom.field);
    });
    first.cloned().unwrap_or_default()
}
