//! The space of records that some conditions tell apart, and sets of records in it.
//!
//! Each field is cut at the constants that the conditions compare it with; between two cuts no condition can tell values apart, so a
//! cell stands for all of them. A missing value is a cell of its own. Sets are nodes of a [`diagram`]: equality, overlap and gaps of
//! conditions are decided, not guessed. There are no findings in here.

mod cells;
pub mod diagram;
#[cfg(test)]
mod tests;
mod witness;

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass};
use cutover_ir::quantity::TimeBase;

pub use cells::{Cell, Range};
use diagram::{ALL, Diagram, NONE, Set, TooComplex};
pub use witness::Given;

/// Most cells of which all atoms together are asked: two thousand names of one field, each in a condition of its own. Time goes with
/// their square; numbers, dates and instants are found by search and cost next to nothing.
const CELLS: usize = 4_000_000;

/// What is known about the values of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Whether a record may have no value.
    pub optional: bool,
    /// What values look like.
    pub shape: Shape,
    /// Smallest and largest value that somebody has seen, in the steps of the shape, for witnesses that exist.
    pub seen: Option<(i128, i128)>,
}

/// What the values of a field look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Yes or no.
    Bool,
    /// One of these, or something else when `open`.
    Choice {
        /// The values that are known.
        options: Vec<Known>,
        /// Whether records may hold other ones.
        open: bool,
    },
    /// Whole numbers within bounds, both inclusive. Days of dates, nanoseconds of instants and seconds of durations are such.
    Whole {
        /// Smallest value.
        min: i128,
        /// Largest value.
        max: i128,
        /// What is counted.
        unit: Unit,
    },
    /// Several labels.
    Several {
        /// All that there can be; `None` when there may be any.
        options: Option<Vec<String>>,
    },
}

/// What a whole number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    One,
    /// 10^-18 of one, the finest that a decimal can tell.
    Tiny,
    /// Days since 1970-01-01.
    Day,
    /// Nanoseconds since 1970-01-01 UTC.
    Nano,
    /// Seconds of a length of time.
    Second,
}

/// A value of a choice that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// Whether work is left to do; for states.
    pub class: Option<StatusClass>,
    /// How many records hold it, where somebody has counted.
    pub seen: Option<u64>,
}

/// What one variable of the space asks of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// The value of a field.
    Value(String),
    /// The value of a field of lengths of time that are counted in this way.
    Length(String, TimeOf),
    /// Whether a field with several labels has this one.
    Label(String, Literal),
    /// Whether a field with several labels has none.
    NoLabel(String),
    /// Whether a word holds that only the running system can answer; of a field, or of the record.
    Word(String, String),
}

/// [`TimeBase`], with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeOf {
    /// By the stopwatch.
    Elapsed,
    /// By opening hours.
    Business,
    /// By the calendar, inside a promise.
    Calendar,
}

impl From<TimeBase> for TimeOf {
    fn from(base: TimeBase) -> TimeOf {
        match base {
            TimeBase::Elapsed => TimeOf::Elapsed,
            TimeBase::Business => TimeOf::Business,
            TimeBase::Calendar => TimeOf::Calendar,
        }
    }
}

#[derive(Debug)]
struct Variable {
    asked: Asked,
    cells: Vec<Cell>,
    /// How unusual a record with this cell is; witnesses avoid what costs much.
    costs: Vec<u32>,
}

/// The records that some conditions tell apart.
#[derive(Debug)]
pub struct Space {
    variables: Vec<Variable>,
    numbers: BTreeMap<Asked, u32>,
    diagram: Diagram,
    possible: Set,
    /// Cells that atoms were asked of so far.
    examined: usize,
}

impl Space {
    /// The space of some conditions. `domain` knows fields by path. `axioms` hold of every record; those that name a field of which no
    /// condition speaks are left out, since they exclude nothing then.
    ///
    /// # Errors
    ///
    /// When the axioms alone are too complex.
    pub fn new(
        conditions: &[&Predicate],
        axioms: &[Predicate],
        domain: &dyn Fn(&str) -> Domain,
    ) -> Result<Space, TooComplex> {
        let mut order: Vec<&Atom> = Vec::new();
        for condition in conditions {
            condition.visit_atoms(&mut |atom| order.push(atom));
        }
        let fields: BTreeSet<&str> = order.iter().map(|atom| atom.field.as_str()).collect();
        let known = |axiom: &&Predicate| {
            let mut all = true;
            axiom.visit_atoms(&mut |atom| all &= fields.contains(atom.field.as_str()));
            all
        };
        let axioms: Vec<&Predicate> = axioms.iter().filter(known).collect();
        for axiom in &axioms {
            axiom.visit_atoms(&mut |atom| order.push(atom));
        }
        let domains: BTreeMap<&str, Domain> = fields.iter().map(|field| (*field, domain(field))).collect();
        let variables = cells::variables(&order, &domains);
        let numbers =
            (0..).zip(&variables).map(|(number, variable)| (variable.asked.clone(), number)).collect();
        let mut space = Space { variables, numbers, diagram: Diagram::default(), possible: ALL, examined: 0 };
        let mut possible = space.coherent(&domains)?;
        for axiom in axioms {
            let holds = space.set(axiom)?;
            possible = space.diagram.and(possible, holds)?;
        }
        space.possible = possible;
        Ok(space)
    }

    /// The records that there can be.
    #[must_use]
    pub fn possible(&self) -> Set {
        self.possible
    }

    /// The records of which a condition is true.
    ///
    /// # Errors
    ///
    /// When there are too many cases to tell apart.
    pub fn set(&mut self, condition: &Predicate) -> Result<Set, TooComplex> {
        match condition {
            Predicate::Const(true) => Ok(ALL),
            Predicate::Const(false) => Ok(NONE),
            Predicate::Not(inner) => {
                let inner = self.set(inner)?;
                self.diagram.not(inner)
            }
            Predicate::All(parts) => {
                let sets = parts.iter().map(|part| self.set(part)).collect::<Result<Vec<Set>, _>>()?;
                self.folded(sets, ALL, Diagram::and)
            }
            Predicate::Any(parts) => {
                let sets = parts.iter().map(|part| self.set(part)).collect::<Result<Vec<Set>, _>>()?;
                self.folded(sets, NONE, Diagram::or)
            }
            Predicate::Atom(atom) => self.of_atom(atom),
        }
    }

    /// Records in both.
    ///
    /// # Errors
    ///
    /// When there are too many cases to tell apart.
    pub fn and(&mut self, a: Set, b: Set) -> Result<Set, TooComplex> {
        self.diagram.and(a, b)
    }

    /// Records in one of them at least.
    ///
    /// # Errors
    ///
    /// When there are too many cases to tell apart.
    pub fn or(&mut self, a: Set, b: Set) -> Result<Set, TooComplex> {
        self.diagram.or(a, b)
    }

    /// Records in the first and not in the second.
    ///
    /// # Errors
    ///
    /// When there are too many cases to tell apart.
    pub fn without(&mut self, a: Set, b: Set) -> Result<Set, TooComplex> {
        let others = self.diagram.not(b)?;
        self.diagram.and(a, others)
    }

    /// The fields that make the conditions hard to tell apart, hardest first; at most three.
    #[must_use]
    pub fn culprits(&self) -> Vec<&str> {
        let weights = self.diagram.weights(self.variables.len());
        let mut fields: BTreeMap<&str, usize> = BTreeMap::new();
        for (variable, weight) in self.variables.iter().zip(weights) {
            *fields.entry(variable.asked.field()).or_default() += weight;
        }
        let mut fields: Vec<(&str, usize)> = fields.into_iter().collect();
        fields.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let most = fields.first().map_or(0, |(_, weight)| *weight);
        fields.into_iter().take(3).filter(|(_, weight)| weight * 5 >= most).map(|(field, _)| field).collect()
    }

    /// Halves, so that each level joins sets of like size.
    fn folded(
        &mut self,
        mut sets: Vec<Set>,
        neutral: Set,
        join: fn(&mut Diagram, Set, Set) -> Result<Set, TooComplex>,
    ) -> Result<Set, TooComplex> {
        while sets.len() > 1 {
            let mut joined = Vec::with_capacity(sets.len().div_ceil(2));
            for pair in sets.chunks(2) {
                joined.push(match pair {
                    [a, b] => join(&mut self.diagram, *a, *b)?,
                    [a] => *a,
                    _ => neutral,
                });
            }
            sets = joined;
        }
        Ok(sets.pop().unwrap_or(neutral))
    }

    fn of_atom(&mut self, atom: &Atom) -> Result<Set, TooComplex> {
        let mut any = NONE;
        for asked in cells::asked(atom, &|asked| self.numbers.contains_key(asked)) {
            let Some((number, variable)) = self
                .numbers
                .get(&asked)
                .and_then(|number| Some((*number, self.variables.get(*number as usize)?)))
            else {
                continue;
            };
            let spans = cells::spans(atom, variable);
            self.examined += spans.as_ref().map_or(variable.cells.len(), |spans| 1 + spans.len());
            if self.examined > CELLS {
                return Err(TooComplex);
            }
            let set = match spans {
                Some(spans) => self.diagram.spans(number, variable.cells.len(), &spans)?,
                None => self.diagram.atom(number, cells::holds(atom, variable))?,
            };
            any = self.diagram.or(any, set)?;
        }
        Ok(any)
    }

    /// What holds because of what values are: a label excludes having none; what a missing reference leads to is missing too.
    fn coherent(&mut self, domains: &BTreeMap<&str, Domain>) -> Result<Set, TooComplex> {
        let mut rules: Vec<(Asked, Asked)> = Vec::new();
        let mut complete: BTreeMap<String, Vec<Asked>> = BTreeMap::new();
        for variable in &self.variables {
            match &variable.asked {
                asked @ Asked::Label(field, _) => {
                    rules.push((asked.clone(), Asked::NoLabel(field.clone())));
                    complete.entry(field.clone()).or_default().push(asked.clone());
                }
                Asked::Value(field) | Asked::Length(field, _) | Asked::NoLabel(field) => {
                    let around = field.match_indices('.').filter_map(|(at, _)| field.get(..at));
                    for outer in around.map(|outer| Asked::Value(outer.to_owned())) {
                        if self.numbers.contains_key(&outer) {
                            rules.push((variable.asked.clone(), outer));
                        }
                    }
                }
                Asked::Word(..) => {}
            }
        }
        let mut possible = ALL;
        for (one, other) in rules {
            // Not both: a label and none; a value behind a reference and no reference.
            let (Some(one), Some(none)) = (self.present(&one)?, self.absent(&other)?) else { continue };
            let both = self.diagram.and(one, none)?;
            possible = {
                let not = self.diagram.not(both)?;
                self.diagram.and(possible, not)?
            };
        }
        for (field, labels) in complete {
            let all = domains.get(field.as_str()).map(|domain| &domain.shape);
            let Some(Shape::Several { options: Some(options) }) = all else { continue };
            if options.len() > labels.len() {
                continue;
            }
            let mut some = self.absent(&Asked::NoLabel(field.clone()))?.unwrap_or(ALL);
            for label in &labels {
                let has = self.present(label)?.unwrap_or(NONE);
                some = self.diagram.or(some, has)?;
            }
            possible = self.diagram.and(possible, some)?;
        }
        Ok(possible)
    }

    /// Records with a value, or with the label.
    fn present(&mut self, asked: &Asked) -> Result<Option<Set>, TooComplex> {
        let Some(absent) = self.absent(asked)? else { return Ok(None) };
        self.diagram.not(absent).map(Some)
    }

    /// Records without a value, or without the label; those that have no label at all.
    fn absent(&mut self, asked: &Asked) -> Result<Option<Set>, TooComplex> {
        let Some(number) = self.numbers.get(asked).copied() else { return Ok(None) };
        let Some(variable) = self.variables.get(number as usize) else { return Ok(None) };
        let wanted = match asked {
            Asked::NoLabel(_) => Cell::Yes,
            Asked::Label(..) => Cell::No,
            _ => Cell::Missing,
        };
        let cells: Vec<bool> = variable.cells.iter().map(|cell| *cell == wanted).collect();
        self.diagram.atom(number, cells).map(Some)
    }
}

impl Asked {
    /// The field, or the word where none is asked.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Asked::Value(field)
            | Asked::Length(field, _)
            | Asked::Label(field, _)
            | Asked::NoLabel(field) => field,
            Asked::Word(field, word) => {
                if field.is_empty() {
                    word
                } else {
                    field
                }
            }
        }
    }
}
