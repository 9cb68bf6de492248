//! Conditions over one record, with their fields found beforehand.

use cutover_ir::eval::{Truth, truth};
use cutover_ir::functions::same;
use cutover_ir::predicate::{Atom, Literal, Predicate, Test};
use cutover_ir::value::Record;

use crate::engine::{At, Stop};
use crate::value::V;

/// A compiled predicate.
#[derive(Debug)]
pub(crate) enum Condition {
    Const(bool),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Atom(Comparison),
}

/// A comparison, and the position of its field.
#[derive(Debug)]
pub(crate) struct Comparison {
    atom: Atom,
    field: usize,
    /// The first part of its path may name a table.
    table: bool,
    /// The field by which that table is asked.
    key: Option<usize>,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds<'c> {
    Yes,
    No,
    /// That depends on what nobody knows; the first field of it in alphabetical order.
    Unknown(&'c str),
}

impl From<bool> for Holds<'_> {
    fn from(holds: bool) -> Self {
        if holds { Holds::Yes } else { Holds::No }
    }
}

impl Condition {
    /// `field` gives the position of a field, `table` whether a path may lead into a table, and the field by which that is asked.
    pub(crate) fn new<'t>(
        predicate: &Predicate,
        field: &mut dyn FnMut(&str) -> usize,
        table: &dyn Fn(&str) -> Option<Option<&'t str>>,
    ) -> Condition {
        match predicate {
            Predicate::Const(holds) => Condition::Const(*holds),
            Predicate::All(parts) => {
                Condition::All(parts.iter().map(|part| Condition::new(part, field, table)).collect())
            }
            Predicate::Any(parts) => {
                Condition::Any(parts.iter().map(|part| Condition::new(part, field, table)).collect())
            }
            Predicate::Not(inner) => Condition::Not(Box::new(Condition::new(inner, field, table))),
            Predicate::Atom(atom) => {
                let table = table(&atom.field);
                Condition::Atom(Comparison {
                    field: field(&atom.field),
                    table: table.is_some(),
                    key: table.flatten().map(field),
                    atom: atom.clone(),
                })
            }
        }
    }

    /// Calls `visit` with the field of each comparison of values, and the field by which its table is asked, left to right, until it fails.
    pub(crate) fn fields(
        &self,
        visit: &mut dyn FnMut(usize, Option<usize>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        match self {
            Condition::Const(_) => Ok(()),
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().try_for_each(|part| part.fields(visit))
            }
            Condition::Not(inner) => inner.fields(visit),
            Condition::Atom(comparison) => match comparison.atom.test {
                Test::Word(_) => Ok(()),
                _ => visit(comparison.field, comparison.key),
            },
        }
    }

    /// Whether it holds for the record at hand, whose fields are readable.
    pub(crate) fn holds<'c>(&'c self, at: &At<'c, '_>) -> Holds<'c> {
        match self {
            Condition::Const(holds) => (*holds).into(),
            Condition::Not(inner) => match inner.holds(at) {
                Holds::Yes => Holds::No,
                Holds::No => Holds::Yes,
                unknown @ Holds::Unknown(_) => unknown,
            },
            Condition::All(parts) => combined(parts, Holds::No, Holds::Yes, at),
            Condition::Any(parts) => combined(parts, Holds::Yes, Holds::No, at),
            Condition::Atom(comparison) => comparison.holds(at),
        }
    }

    /// The field that makes it false: of the first part that is false, the first field.
    pub(crate) fn culprit<'c>(&'c self, at: &At<'c, '_>) -> &'c str {
        if let Condition::All(parts) = self
            && let Some(part) = parts.iter().find(|part| part.holds(at) == Holds::No)
        {
            return part.culprit(at);
        }
        self.first().unwrap_or_default()
    }

    fn first(&self) -> Option<&str> {
        match self {
            Condition::Const(_) => None,
            Condition::All(parts) | Condition::Any(parts) => parts.iter().find_map(Condition::first),
            Condition::Not(inner) => inner.first(),
            Condition::Atom(comparison) => Some(&comparison.atom.field),
        }
    }
}

fn combined<'c>(
    parts: &'c [Condition],
    decides: Holds<'c>,
    otherwise: Holds<'c>,
    at: &At<'c, '_>,
) -> Holds<'c> {
    let mut unknown: Option<&str> = None;
    for part in parts {
        match part.holds(at) {
            Holds::Unknown(field) => unknown = Some(unknown.map_or(field, |known| known.min(field))),
            holds if holds == decides => return decides,
            _ => {}
        }
    }
    unknown.map_or(otherwise, Holds::Unknown)
}

impl Comparison {
    fn holds<'c>(&'c self, at: &At<'c, '_>) -> Holds<'c> {
        let unknown = Holds::Unknown(&self.atom.field);
        if let Test::Word(word) = &self.atom.test {
            let answer = at.asking.host.word(&at.program.kind, &self.atom.field, word, &at.record());
            return answer.map_or(unknown, Holds::from);
        }
        if self.table && at.is_absent(self.field) {
            return self.asked(&at.record(), at);
        }
        let Ok(value) = at.field(self.field) else { return unknown };
        match (&self.atom.test, &value) {
            (Test::Empty, V::Missing) => Holds::Yes,
            (Test::Empty, V::Text(sort, text)) => {
                (text.is_empty() && *sort != crate::value::Sort::Placeholder).into()
            }
            (Test::Empty, V::List(items)) => items.is_empty().into(),
            (Test::Empty, V::Bool(_) | V::Int(_) | V::Digits(_) | V::Instant(_)) => Holds::No,
            (Test::OneOf(literals), V::Bool(flag)) => literals.contains(&Literal::Bool(*flag)).into(),
            (Test::OneOf(literals), V::Text(_, text)) => has_text(literals, &text.get()).into(),
            (Test::Has(literal), V::List(items)) => {
                let mut items = items.iter();
                items
                    .any(|item| match (item, literal) {
                        (V::Text(_, text), Literal::Text(wanted)) => *text.get() == **wanted,
                        (item, literal) => same(&item.to_value(), literal),
                    })
                    .into()
            }
            (Test::Class(class), V::Text(_, text)) => {
                match at.asking.status_class(&at.program.kind, &text.get()) {
                    Some(found) => (found == *class).into(),
                    None => unknown,
                }
            }
            _ => {
                let mut record = Record::new();
                if !at.is_absent(self.field) || !matches!(value, V::Missing) {
                    record.insert(self.atom.field.clone(), value.to_value());
                }
                self.asked(&record, at)
            }
        }
    }

    /// What the evaluator says.
    fn asked<'c>(&'c self, record: &Record, at: &At<'c, '_>) -> Holds<'c> {
        let predicate = Predicate::Atom(self.atom.clone());
        match truth(&predicate, &at.program.kind, record, false, at.asking.host) {
            Truth::Known(holds) => holds.into(),
            Truth::Unknown(_) => Holds::Unknown(&self.atom.field),
        }
    }
}

fn has_text(literals: &[Literal], text: &str) -> bool {
    literals.iter().any(|literal| matches!(literal, Literal::Text(wanted) if wanted == text))
}
