//! Sets against brute force: random conditions, all records of a small world, the reference evaluator.

use std::collections::BTreeMap;

use cutover_ir::eval::{Truth, truth};
use cutover_ir::host::Host;
use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass, Test};
use cutover_ir::quantity::Decimal;
use cutover_ir::time::Date;
use cutover_ir::value::{Record, Value};

use super::diagram::{NONE, Set, TooComplex};
use super::{Asked, Cell, Domain, Known, Shape, Space, Unit};

struct World;

impl Host for World {
    fn status_class(&self, _kind: &str, status: &str) -> Option<StatusClass> {
        Some(if matches!(status, "open" | "new") { StatusClass::Unfinished } else { StatusClass::Finished })
    }
}

fn domain(field: &str) -> Domain {
    let class = |name: &str| World.status_class("", name);
    let known = |name: &str| Known { name: name.to_owned(), class: class(name), seen: None };
    let (optional, shape) = match field {
        "status" => {
            (false, Shape::Choice { options: ["open", "new", "done", "shut"].map(known).into(), open: false })
        }
        "region" => (true, Shape::Choice { options: vec![known("eu"), known("us")], open: true }),
        "size" => (true, Shape::Whole { min: -3, max: 4, unit: Unit::One }),
        "day" => (true, Shape::Whole { min: 0, max: 5, unit: Unit::Day }),
        "vip" => (false, Shape::Bool),
        _ => (false, Shape::Several { options: None }),
    };
    Domain { optional, shape, seen: None }
}

fn records() -> Vec<Record> {
    let choice = |name: &str| Value::Choice(name.to_owned());
    let days = std::iter::once(Value::Missing).chain((0..=5).map(|day| Value::Date(Date::from_days(day))));
    let mut all = vec![Record::new()];
    for (field, values) in [
        ("status", ["open", "new", "done", "shut"].map(choice).to_vec()),
        ("region", vec![Value::Missing, choice("eu"), choice("us"), choice("other"), choice("elsewhere")]),
        ("size", std::iter::once(Value::Missing).chain((-3..=4).map(Value::Int)).collect()),
        ("day", days.collect()),
        ("vip", vec![Value::Bool(true), Value::Bool(false)]),
        (
            "tags",
            [&[][..], &["a"], &["b"], &["a", "b"], &["z"]]
                .map(|tags| Value::List(tags.iter().map(|tag| Value::Text((*tag).to_owned())).collect()))
                .to_vec(),
        ),
    ] {
        let grown = all.iter().flat_map(|record: &Record| {
            values.iter().map(|value| {
                let mut record = record.clone();
                record.insert(field.to_owned(), value.clone());
                record
            })
        });
        all = grown.collect();
    }
    all
}

/// A generator of the usual multiplicative kind; the seed is in each failure.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn signed(&mut self, from: i64, to: i64) -> i64 {
        let width = u64::try_from(to - from + 1).unwrap_or(1);
        from + i64::try_from(self.below(width)).unwrap_or(0)
    }

    fn condition(&mut self, depth: u32) -> Predicate {
        match if depth == 0 { 3 } else { self.below(6) } {
            0 => Predicate::All((0..=self.below(2)).map(|_| self.condition(depth - 1)).collect()),
            1 => Predicate::Any((0..=self.below(2)).map(|_| self.condition(depth - 1)).collect()),
            2 => Predicate::Not(Box::new(self.condition(depth - 1))),
            _ => Predicate::Atom(self.atom()),
        }
    }

    fn atom(&mut self) -> Atom {
        let text = |text: &str| Literal::Text(text.to_owned());
        let (field, test) = match self.below(6) {
            0 => {
                let names = ["open", "new", "done", "shut"];
                let values = names.iter().filter(|_| self.below(2) == 0).map(|name| text(name)).collect();
                (
                    "status",
                    if self.below(3) == 0 {
                        Test::Class(StatusClass::Unfinished)
                    } else {
                        Test::OneOf(values)
                    },
                )
            }
            1 => {
                let name = if self.below(2) == 0 { "eu" } else { "other" };
                ("region", if self.below(3) == 0 { Test::Empty } else { Test::OneOf(vec![text(name)]) })
            }
            2 => {
                // Halves too: no whole number is one.
                let limit = Literal::Number(Decimal::new(self.signed(-8, 10) * 5, 1));
                let test = match self.below(6) {
                    0 => Test::AtLeast(limit),
                    1 => Test::AtMost(limit),
                    2 => Test::MoreThan(limit),
                    3 => Test::LessThan(limit),
                    4 => Test::OneOf(vec![limit]),
                    _ => Test::Empty,
                };
                ("size", test)
            }
            3 => {
                let limit = Literal::Date(Date::from_days(i32::try_from(self.below(7)).unwrap_or(0)));
                ("day", if self.below(2) == 0 { Test::Before(limit) } else { Test::Since(limit) })
            }
            4 => ("vip", Test::OneOf(vec![Literal::Bool(self.below(2) == 0)])),
            _ => {
                let label = if self.below(2) == 0 { "a" } else { "b" };
                ("tags", if self.below(3) == 0 { Test::Empty } else { Test::Has(text(label)) })
            }
        };
        Atom { field: field.to_owned(), test }
    }
}

fn is_true(condition: &Predicate, record: &Record) -> bool {
    truth(condition, "ticket", record, false, &World) == Truth::Known(true)
}

/// Whether a record has what a cell stands for.
fn fits(record: &Record, asked: &Asked, cell: &Cell) -> bool {
    let value = record.get(asked.field()).cloned().unwrap_or(Value::Missing);
    let yes = match (asked, &value) {
        (Asked::Label(_, Literal::Text(label)), Value::List(tags)) => {
            tags.contains(&Value::Text(label.clone()))
        }
        (Asked::NoLabel(_), value) => value.is_empty(),
        (_, value) => *value == Value::Bool(true),
    };
    match cell {
        Cell::Missing => value == Value::Missing,
        Cell::Yes => yes,
        Cell::No => !yes,
        Cell::Option { name, class } => {
            // An option stands for all that are alike; the conditions here name two of the regions.
            let alike =
                |text: &str| text == name || class.is_some() && World.status_class("", text) == *class;
            value.as_text().is_some_and(alike)
        }
        Cell::Unlisted { .. } => value.as_text() == Some("elsewhere"),
        Cell::Range(range) => {
            let number = match value {
                Value::Int(number) => Some(i128::from(number)),
                Value::Date(date) => Some(i128::from(date.days())),
                _ => None,
            };
            number.is_some_and(|number| range.from <= number && number <= range.to)
        }
    }
}

fn agrees(seed: u64, all: &[Record]) -> Result<(), TooComplex> {
    let mut random = Random(seed);
    let conditions: Vec<Predicate> = (0..3).map(|_| random.condition(3)).collect();
    let axiom = Predicate::Any(vec![random.condition(1), random.condition(1)]);
    let asked: Vec<&Predicate> = conditions.iter().chain([&axiom]).collect();
    let axioms = [axiom.clone()];
    let mut space = Space::new(&asked, &axioms, &domain)?;
    let possible = space.possible();
    let sets: Vec<Set> = conditions.iter().map(|condition| space.set(condition)).collect::<Result<_, _>>()?;
    let there: Vec<&Record> = all.iter().filter(|record| is_true(&axiom, record)).collect();
    let [first, second, third] = sets.as_slice() else { return Ok(()) };
    let [one, two, three] = conditions.as_slice() else { return Ok(()) };
    let union = space.or(*first, *second)?;
    let union = space.or(union, *third)?;
    let gap = space.without(possible, union)?;
    let both = space.and(*first, *second)?;
    let both = space.and(both, possible)?;
    let in_gap = |record: &Record| ![one, two, three].iter().any(|condition| is_true(condition, record));
    let in_both = |record: &Record| is_true(one, record) && is_true(two, record);
    for (set, brute) in [(gap, &in_gap as &dyn Fn(&Record) -> bool), (both, &in_both)] {
        let any = there.iter().any(|record| brute(record));
        assert_eq!(set != NONE, any, "seed {seed}: {conditions:?} under {axiom:?}");
        let Some(witness) = space.witness(set) else { continue };
        let described: Vec<&&Record> =
            there.iter().filter(|r| witness.iter().all(|given| fits(r, &given.asked, &given.cell))).collect();
        // What a witness leaves out does not matter; options that are alike are told by the first one, so `fits` may be too wide for them.
        let exact = witness.iter().all(|given| !matches!(given.cell, Cell::Option { .. }));
        assert!(!described.is_empty(), "seed {seed}: nothing is like {witness:?}");
        assert!(described.iter().any(|record| brute(record)), "seed {seed}: {witness:?} is not in the set");
        if exact {
            let outside = described.iter().find(|record| !brute(record));
            assert_eq!(outside, None, "seed {seed}: {witness:?}");
        }
    }
    Ok(())
}

#[test]
fn sets_agree_with_brute_force() {
    let all = records();
    for seed in 0..300 {
        assert_eq!(agrees(seed, &all), Ok(()), "seed {seed}");
    }
}

#[test]
fn a_label_excludes_none_and_a_missing_reference_has_no_fields() {
    let atom = |field: &str, test| Predicate::Atom(Atom { field: field.to_owned(), test });
    let all_of = |parts: Vec<Predicate>| Predicate::All(parts);
    let has = atom("tags", Test::Has(Literal::Text("a".to_owned())));
    let impossible = [
        all_of(vec![has, atom("tags", Test::Empty)]),
        all_of(vec![atom("region", Test::Empty), Predicate::Not(Box::new(atom("region.size", Test::Empty)))]),
    ];
    let by_last = |path: &str| domain(path.rsplit('.').next().unwrap_or(path));
    for condition in &impossible {
        let set = Space::new(&[condition], &[], &by_last).and_then(|mut space| {
            let set = space.set(condition)?;
            let possible = space.possible();
            space.and(set, possible)
        });
        assert_eq!(set, Ok(NONE), "{condition:?}");
    }
}

/// The conditions of the speed figures: so many disjoint parts, each about so many fields.
fn disjoint(parts: i64, fields: i64) -> Vec<Predicate> {
    let part = |at: i64| {
        let own = Literal::Text(format!("option {at}"));
        let mut atoms =
            vec![Predicate::Atom(Atom { field: "region".to_owned(), test: Test::OneOf(vec![own]) })];
        atoms.extend((1..fields).map(|field| {
            let limit = Literal::Number(Decimal::from((at * 7 + field * 3) % 20));
            let test = if (at + field) % 2 == 0 { Test::AtLeast(limit) } else { Test::LessThan(limit) };
            Predicate::Atom(Atom { field: format!("size{field}"), test })
        }));
        Predicate::All(atoms)
    };
    (0..parts).map(part).collect()
}

/// Conditions whose union has exponentially many nodes in the order in which they name the fields.
fn adversarial(seed: u64) -> Vec<Predicate> {
    let mut random = Random(seed);
    let atom = |random: &mut Random| {
        let limit = Literal::Number(Decimal::from(random.signed(-3, 4)));
        Predicate::Atom(Atom { field: format!("size{}", random.below(40)), test: Test::AtLeast(limit) })
    };
    (0..60).map(|_| Predicate::All((0..4).map(|_| atom(&mut random)).collect())).collect()
}

fn wide(path: &str) -> Domain {
    match domain(path.trim_end_matches(|c: char| c.is_ascii_digit())) {
        Domain { shape: Shape::Whole { unit, .. }, .. } => {
            Domain { optional: true, shape: Shape::Whole { min: -1000, max: 1000, unit }, seen: None }
        }
        other => other,
    }
}

fn union(parts: &[Predicate]) -> (Result<bool, TooComplex>, BTreeMap<&'static str, usize>) {
    let asked: Vec<&Predicate> = parts.iter().collect();
    let mut figures = BTreeMap::new();
    let answer = Space::new(&asked, &[], &wide).and_then(|mut space| {
        let sets: Result<Vec<Set>, _> = parts.iter().map(|part| space.set(part)).collect();
        let united =
            sets.and_then(|sets| crate::scope::shares::join(&mut space, &sets)).map(|joined| joined.union);
        figures.insert("nodes", space.diagram.size());
        let gap = united.and_then(|united| {
            let possible = space.possible();
            space.without(possible, united)
        });
        gap.map(|gap| gap != NONE)
    });
    (answer, figures)
}

#[test]
fn many_parts_are_decided_and_hard_ones_are_refused() {
    assert_eq!(union(&disjoint(40, 8)).0, Ok(true));
    assert!((0..20).any(|seed| union(&adversarial(seed)).0 == Err(TooComplex)));
}

/// Conditions that cross each other: labels and numbers in pairs that stand far apart in the order of the fields.
fn crossing(seed: u64) -> Vec<Predicate> {
    let mut random = Random(seed);
    let pairs = 4 + random.below(28);
    let one = |random: &mut Random, at: u64| {
        let atom = if random.below(3) == 0 {
            let limit = Literal::Number(Decimal::from(random.signed(-3, 4)));
            Atom { field: format!("size{at}"), test: Test::LessThan(limit) }
        } else {
            Atom { field: "tags".to_owned(), test: Test::Has(Literal::Text(format!("t{at}"))) }
        };
        let atom = Predicate::Atom(atom);
        if random.below(4) == 0 { Predicate::Not(Box::new(atom)) } else { atom }
    };
    let parts = (0..pairs).map(|at| {
        let both = [one(&mut random, at), one(&mut random, at + pairs)].to_vec();
        if random.below(5) == 0 { Predicate::Any(both) } else { Predicate::All(both) }
    });
    parts.collect()
}

#[test]
fn thousands_of_numbers_are_searched() {
    let atom = |test| Predicate::Atom(Atom { field: "size".to_owned(), test });
    let limit = |at: i64| Literal::Number(Decimal::from(at));
    let within = |at: i64| {
        Predicate::All(vec![atom(Test::AtLeast(limit(at * 7))), atom(Test::AtMost(limit(at * 7 + 3)))])
    };
    let parts = Predicate::Any((0..2_000).map(within).collect());
    let others = Predicate::Not(Box::new(parts.clone()));
    let domain = |_: &str| Domain {
        optional: true,
        shape: Shape::Whole { min: 0, max: 1_000_000, unit: Unit::One },
        seen: None,
    };
    let answer = Space::new(&[&parts, &others], &[], &domain).and_then(|mut space| {
        let (one, other) = (space.set(&parts)?, space.set(&others)?);
        let (both, either) = (space.and(one, other)?, space.or(one, other)?);
        let possible = space.possible();
        Ok((both, space.without(possible, either)?))
    });
    assert_eq!(answer, Ok((NONE, NONE)));
}

/// The bars of deciding conditions, optimised: `cargo test --release -p cutover-prove --lib -- --ignored --nocapture bars`.
#[test]
#[ignore = "times of an optimised build"]
#[expect(clippy::print_stdout, clippy::disallowed_types, reason = "figures for people who work on speed")]
fn bars() {
    let timed = |parts: &[Predicate]| {
        let run = || {
            let start = std::time::Instant::now();
            let answer = union(parts).0;
            (start.elapsed(), answer)
        };
        // The machine does other things as well: the best run is what it costs. Whoever is slow may try again.
        let mut best = run();
        for again in 0..12 {
            if again >= 2 && best.0 <= std::time::Duration::from_millis(40) {
                break;
            }
            let next = run();
            if next.0 < best.0 {
                best = next;
            }
        }
        best
    };
    let (time, answer) = timed(&disjoint(40, 8));
    println!("40 disjoint parts of 8 fields: {time:?}");
    assert_eq!(answer, Ok(true));
    let within = |milliseconds: u64| std::time::Duration::from_millis(milliseconds);
    assert!(time <= within(5), "{time:?}");
    for (family, made) in [("adversarial", adversarial as fn(u64) -> Vec<Predicate>), ("crossing", crossing)]
    {
        let runs: Vec<_> = (0..1_000).map(|seed| (timed(&made(seed)), seed)).collect();
        let refused = runs.iter().filter(|((_, answer), _)| answer.is_err()).count();
        let worst = runs.iter().map(|((time, _), seed)| (*time, *seed)).max();
        let mut times: Vec<_> = runs.iter().map(|((time, _), _)| *time).collect();
        times.sort_unstable();
        let median = times.get(times.len() / 2);
        println!(
            "{family}, 1,000 seeds: {refused} refused, median {median:?}, the longest (time, seed): {worst:?}"
        );
        assert!(worst.is_some_and(|(time, _)| time <= within(50)), "{family}: {worst:?}");
    }
}

/// `cargo test -p cutover-prove --profile profiling -- --ignored --nocapture speed`
#[test]
#[ignore = "prints figures"]
#[expect(clippy::print_stdout, clippy::disallowed_types, reason = "figures for people who work on speed")]
fn speed() {
    let timed = |name: &str, parts: &[Predicate]| {
        let start = std::time::Instant::now();
        let (answer, figures) = union(parts);
        println!("{name}: {:?}, {answer:?}, {figures:?}", start.elapsed());
    };
    timed("40 disjoint parts of 8 fields", &disjoint(40, 8));
    timed("40 disjoint parts of 8 fields, again", &disjoint(40, 8));
    timed("20,000 parts of one field", &disjoint(20_000, 1));
    for seed in 0..8 {
        timed(&format!("adversarial, seed {seed}"), &adversarial(seed));
    }
}
