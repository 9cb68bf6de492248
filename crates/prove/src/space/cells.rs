//! Variables and their cells: fields cut at the constants with which they are compared.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::predicate::{Atom, Literal, StatusClass, Test};
use cutover_ir::quantity::Decimal;

use super::{Asked, Domain, Known, Shape, Unit, Variable};

/// A set of values that no condition tells apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// There is no value.
    Missing,
    /// Yes; the label is there; the word holds.
    Yes,
    /// The opposite.
    No,
    /// This value, or one of several that are alike; the first one is the most usual.
    Option {
        /// The name.
        name: String,
        /// Whether work is left to do; for states.
        class: Option<StatusClass>,
    },
    /// A value that nobody has listed.
    Unlisted {
        /// Whether work is left to do; for states.
        class: Option<StatusClass>,
    },
    /// Whole numbers.
    Range(Range),
}

/// Whole numbers from `from` to `to`, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub from: i128,
    /// The last.
    pub to: i128,
    /// What they count.
    pub unit: Unit,
    /// One that is there in the account or near the border: what a person would name.
    pub pick: i128,
    /// Whether nothing bounds it below, or above.
    pub open: (bool, bool),
}

const TINY: i128 = 1_000_000_000_000_000_000;

/// The variables of all atoms. Fields that more conditions ask stand first; else in the order of the conditions.
pub(super) fn variables(atoms: &[&Atom], domains: &BTreeMap<&str, Domain>) -> Vec<Variable> {
    let mut by_asked: BTreeMap<Asked, (usize, usize, Vec<&Atom>)> = BTreeMap::new();
    for (at, atom) in atoms.iter().enumerate() {
        let Some(domain) = domains.get(atom.field.as_str()) else { continue };
        for asked in created(atom, domain) {
            let entry = by_asked.entry(asked).or_insert_with(|| (0, at, Vec::new()));
            entry.0 += 1;
            entry.2.push(atom);
        }
    }
    let mut found: Vec<(usize, usize, Variable)> = Vec::new();
    for (asked, (count, first, atoms)) in by_asked {
        let Some(domain) = domains.get(asked_field(&asked)) else { continue };
        let (cells, costs) = cut(&asked, &atoms, domain).into_iter().unzip();
        found.push((count, first, Variable { asked, cells, costs }));
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    found.into_iter().map(|(_, _, variable)| variable).collect()
}

fn asked_field(asked: &Asked) -> &str {
    match asked {
        Asked::Word(field, _) => field,
        other => other.field(),
    }
}

/// The variables that an atom needs.
fn created(atom: &Atom, domain: &Domain) -> Vec<Asked> {
    let field = || atom.field.clone();
    match (&atom.test, &domain.shape) {
        (Test::Word(word), _) => vec![Asked::Word(field(), word.clone())],
        (Test::Has(label), _) => vec![Asked::Label(field(), label.clone()), Asked::NoLabel(field())],
        (_, Shape::Several { .. }) => vec![Asked::NoLabel(field())],
        (Test::OneOf(values), Shape::Whole { unit: Unit::Second, .. }) => {
            let bases: BTreeSet<_> = values.iter().filter_map(base).collect();
            bases.into_iter().map(|base| Asked::Length(field(), base)).collect()
        }
        (test, Shape::Whole { unit: Unit::Second, .. }) => {
            let base = limit(test).and_then(base).unwrap_or(super::TimeOf::Elapsed);
            vec![Asked::Length(field(), base)]
        }
        _ => vec![Asked::Value(field())],
    }
}

/// The variables that an atom asks; a length that is compared in no way is missing in all of them.
pub(super) fn asked(atom: &Atom, there: &dyn Fn(&Asked) -> bool) -> Vec<Asked> {
    let field = || atom.field.clone();
    let all = match &atom.test {
        Test::Word(word) => vec![Asked::Word(field(), word.clone())],
        Test::Has(label) => vec![Asked::Label(field(), label.clone())],
        Test::OneOf(values) if values.iter().any(|value| base(value).is_some()) => {
            let bases: BTreeSet<_> = values.iter().filter_map(base).collect();
            bases.into_iter().map(|base| Asked::Length(field(), base)).collect()
        }
        test => match limit(test).and_then(base) {
            Some(base) => vec![Asked::Length(field(), base)],
            None => vec![
                Asked::Value(field()),
                Asked::NoLabel(field()),
                Asked::Length(field(), super::TimeOf::Elapsed),
            ],
        },
    };
    all.into_iter().filter(|asked| there(asked)).collect()
}

fn base(literal: &Literal) -> Option<super::TimeOf> {
    match literal {
        Literal::Duration(duration) => Some(duration.base.into()),
        _ => None,
    }
}

fn limit(test: &Test) -> Option<&Literal> {
    match test {
        Test::AtLeast(l)
        | Test::AtMost(l)
        | Test::MoreThan(l)
        | Test::LessThan(l)
        | Test::Before(l)
        | Test::Since(l) => Some(l),
        _ => None,
    }
}

/// The cells of a variable, each with its cost.
fn cut(asked: &Asked, atoms: &[&Atom], domain: &Domain) -> Vec<(Cell, u32)> {
    let mut cells = Vec::new();
    match asked {
        Asked::Word(..) | Asked::Label(..) | Asked::NoLabel(_) => {
            cells.push((Cell::No, 1));
            cells.push((Cell::Yes, 2));
            return cells;
        }
        Asked::Value(_) | Asked::Length(..) => {}
    }
    match &domain.shape {
        Shape::Bool | Shape::Several { .. } => cells.extend([(Cell::No, 1), (Cell::Yes, 1)]),
        Shape::Choice { options, open } => choice(options, *open, atoms, &mut cells),
        Shape::Whole { min, max, unit } => whole(*min, *max, *unit, domain.seen, atoms, &mut cells),
    }
    if domain.optional {
        cells.push((Cell::Missing, 3));
    }
    cells
}

fn choice(options: &[Known], open: bool, atoms: &[&Atom], cells: &mut Vec<(Cell, u32)>) {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let mut by_class = false;
    for atom in atoms {
        match &atom.test {
            Test::OneOf(values) => named.extend(values.iter().filter_map(text)),
            Test::Class(_) => by_class = true,
            _ => {}
        }
    }
    let counted = options.iter().any(|option| option.seen.is_some());
    let cost = |seen: Option<u64>| match seen {
        Some(1..) => 1,
        None if !counted => 2,
        _ => 5,
    };
    let classes = |class: Option<StatusClass>| match class {
        Some(class) => vec![Some(class)],
        // Nobody says whether work is left: it may be or not.
        None if by_class => vec![Some(StatusClass::Unfinished), Some(StatusClass::Finished)],
        None => vec![None],
    };
    let known: BTreeMap<&str, &Known> = options.iter().map(|option| (option.name.as_str(), option)).collect();
    for name in &named {
        let option = known.get(name);
        for class in classes(option.and_then(|option| option.class)) {
            let cost = cost(option.and_then(|option| option.seen));
            cells.push((Cell::Option { name: (*name).to_owned(), class }, cost));
        }
    }
    // Options that no condition names are alike, but for their class.
    let mut alike: Vec<(Option<StatusClass>, &Known)> = Vec::new();
    for option in options.iter().filter(|option| !named.contains(option.name.as_str())) {
        for class in classes(option.class.filter(|_| by_class)) {
            match alike.iter_mut().find(|(of, _)| *of == class) {
                Some((_, best)) if option.seen > best.seen => *best = option,
                Some(_) => {}
                None => alike.push((class, option)),
            }
        }
    }
    cells.extend(
        alike
            .into_iter()
            .map(|(class, option)| (Cell::Option { name: option.name.clone(), class }, cost(option.seen))),
    );
    if open {
        cells.extend(classes(None).into_iter().map(|class| (Cell::Unlisted { class }, 6)));
    }
}

fn whole(
    min: i128,
    max: i128,
    unit: Unit,
    seen: Option<(i128, i128)>,
    atoms: &[&Atom],
    cells: &mut Vec<(Cell, u32)>,
) {
    // A cut stands before a number.
    let mut cuts: BTreeSet<i128> = BTreeSet::new();
    for atom in atoms {
        for (from, to) in intervals(&atom.test, unit) {
            cuts.extend(from);
            cuts.extend(to);
        }
    }
    let mut from = min;
    let bounds: Vec<i128> = cuts.into_iter().filter(|cut| *cut > min && *cut <= max).collect();
    let mut ends: Vec<i128> = bounds.iter().map(|cut| cut - 1).collect();
    ends.push(max);
    for to in ends {
        let open = (from == min, to == max);
        let pick = pick(from, to, unit, open);
        let (pick, cost) = match seen {
            Some((low, high)) if low <= to && from <= high => (pick.clamp(low.max(from), high.min(to)), 1),
            Some(_) => (pick, 4),
            None => (pick, 2),
        };
        cells.push((Cell::Range(Range { from, to, unit, pick, open }), cost));
        from = to.saturating_add(1);
    }
}

/// A number of a range that a person would name: near the border that a condition draws.
fn pick(from: i128, to: i128, unit: Unit, open: (bool, bool)) -> i128 {
    const DAY: i128 = 86_400_000_000_000;
    let steps: &[i128] = match unit {
        Unit::One | Unit::Day => &[1],
        Unit::Tiny => &[TINY, TINY / 100],
        Unit::Nano => &[DAY, DAY / 24, DAY / 1440, DAY / 86_400],
        Unit::Second => &[3600, 60, 1],
    };
    match open {
        (true, true) => 0.clamp(from, to),
        // Below a border: a day before it, an hour, as much as fits.
        (_, false) => {
            steps.iter().map(|step| to.saturating_add(1) - step).find(|at| *at >= from).unwrap_or(to)
        }
        (false, true) => from,
    }
}

/// Which cells of a variable of numbers an atom is true of: from, and up to but without; in order. Found by search, since a field may
/// be cut at thousands of constants. `None` when its cells are no numbers.
pub(super) fn spans(atom: &Atom, variable: &Variable) -> Option<Vec<(usize, usize)>> {
    let Some(Cell::Range(Range { unit, .. })) = variable.cells.first() else { return None };
    let last = variable.cells.len().saturating_sub(1);
    // No value is the last cell, where there is one.
    let missing = variable.cells.get(last).is_some_and(|cell| *cell == Cell::Missing);
    let numbers = variable.cells.get(..if missing { last } else { last + 1 })?;
    if atom.test == Test::Empty {
        return Some(if missing { vec![(last, last + 1)] } else { Vec::new() });
    }
    let base = match variable.asked {
        Asked::Length(_, base) => Some(base),
        _ => None,
    };
    let before = |wanted: &dyn Fn(&Range) -> bool| {
        numbers.partition_point(|cell| matches!(cell, Cell::Range(range) if wanted(range)))
    };
    let mut spans: Vec<(usize, usize)> = intervals_of(&atom.test, *unit, base)
        .into_iter()
        .map(|(from, to)| {
            let start = from.map_or(0, |from| before(&|range| range.from < from));
            (start, to.map_or(numbers.len(), |to| before(&|range| range.to < to)))
        })
        .filter(|(start, end)| start < end)
        .collect();
    spans.sort_unstable();
    Some(spans)
}

/// Which cells of a variable an atom is true of.
pub(super) fn holds(atom: &Atom, variable: &Variable) -> Vec<bool> {
    variable.cells.iter().map(|cell| cell_holds(atom, cell, &variable.asked)).collect()
}

fn cell_holds(atom: &Atom, cell: &Cell, asked: &Asked) -> bool {
    match (&atom.test, cell) {
        (Test::Empty, Cell::Missing) => true,
        (Test::Empty, Cell::Option { name, .. }) => name.is_empty(),
        (Test::Empty, Cell::Yes) => matches!(asked, Asked::NoLabel(_)),
        (Test::Word(_) | Test::Has(_), cell) => *cell == Cell::Yes,
        (Test::OneOf(values), Cell::Yes) => values.contains(&Literal::Bool(true)),
        (Test::OneOf(values), Cell::No) => values.contains(&Literal::Bool(false)),
        (Test::OneOf(values), Cell::Option { name, .. }) => {
            values.iter().filter_map(text).any(|value| value == name)
        }
        (Test::Class(class), Cell::Option { class: of, .. } | Cell::Unlisted { class: of }) => {
            *of == Some(*class)
        }
        (test, Cell::Range(range)) => {
            let base = match asked {
                Asked::Length(_, base) => Some(*base),
                _ => None,
            };
            intervals_of(test, range.unit, base).into_iter().any(|(from, to)| {
                from.is_none_or(|from| from <= range.from) && to.is_none_or(|to| range.to < to)
            })
        }
        _ => false,
    }
}

fn text(literal: &Literal) -> Option<&str> {
    match literal {
        Literal::Text(text) => Some(text),
        _ => None,
    }
}

/// The numbers of which a test is true: from, and up to but without.
fn intervals(test: &Test, unit: Unit) -> Vec<(Option<i128>, Option<i128>)> {
    intervals_of(test, unit, None)
}

fn intervals_of(test: &Test, unit: Unit, base: Option<super::TimeOf>) -> Vec<(Option<i128>, Option<i128>)> {
    let fits = |literal: &&Literal| base.is_none() || self::base(literal) == base;
    let one = |literal: &Literal| Some(literal).filter(fits).and_then(|literal| number(literal, unit));
    match test {
        Test::AtLeast(limit) | Test::Since(limit) => {
            one(limit).map(|(_, ceiling)| (Some(ceiling), None)).into_iter().collect()
        }
        Test::MoreThan(limit) => one(limit).map(|(floor, _)| (Some(floor + 1), None)).into_iter().collect(),
        Test::AtMost(limit) => one(limit).map(|(floor, _)| (None, Some(floor + 1))).into_iter().collect(),
        Test::LessThan(limit) | Test::Before(limit) => {
            one(limit).map(|(_, ceiling)| (None, Some(ceiling))).into_iter().collect()
        }
        Test::OneOf(values) => values
            .iter()
            .filter_map(one)
            .filter(|(floor, ceiling)| floor == ceiling)
            .map(|(floor, _)| (Some(floor), Some(floor + 1)))
            .collect(),
        _ => Vec::new(),
    }
}

/// A constant as a whole number of the unit: the largest one that is not above it, the smallest one that is not below.
fn number(literal: &Literal, unit: Unit) -> Option<(i128, i128)> {
    let exact = |value: i128| Some((value, value));
    match (literal, unit) {
        (Literal::Number(number), Unit::Tiny) => exact(number.scaled(Decimal::MAX_SCALE)),
        (Literal::Number(number), Unit::One) => {
            let floor = number.scaled(0);
            Some((floor, if number.to_int().is_some() { floor } else { floor + 1 }))
        }
        // An id that is a number stands in quotes.
        (Literal::Text(text), Unit::One) => text.parse().ok().and_then(exact),
        (Literal::Date(date), Unit::Day) => exact(date.days().into()),
        (Literal::Instant(instant), Unit::Nano) => exact(instant.nanos()),
        (Literal::Duration(duration), Unit::Second) => exact(duration.nominal_seconds().into()),
        _ => None,
    }
}
