//! Fields as conditions name them: where a path leads, what its values can be, what always holds between fields.

use std::collections::BTreeSet;

use cutover_analysis::World;
use cutover_analysis::world::{FieldView, KindView};
use cutover_catalog::fact::Mark;
use cutover_catalog::kind::FieldTest;
use cutover_ir::Type;
use cutover_ir::predicate::{Atom, Literal, Predicate, Test};
use cutover_ir::quantity::Decimal;
use cutover_ir::time::{Date, Instant};

use crate::space::{Domain, Known, Shape, Unit};

/// A field that a path of a condition names.
pub(crate) struct Place<'w> {
    pub(crate) kind: &'w KindView<'w>,
    pub(crate) field: FieldView<'w>,
    /// Whether a record may have no value, because of the field or of a reference on the way.
    pub(crate) optional: bool,
}

/// Follows a path through references and tables.
pub(crate) fn place<'w>(world: &'w World<'w>, kind: &'w KindView<'w>, path: &str) -> Option<Place<'w>> {
    if let Some(field) = kind.field(path) {
        let missing = kind.count().zip(field.profile).is_some_and(|(count, profile)| profile.present < count);
        let of_type = kind.type_of(field);
        // What refers to a record that is gone has no value, whatever a product promises.
        let dangles = matches!(of_type.required(), Type::Ref(_));
        return Some(Place { kind, field, optional: of_type.is_optional() || missing || dangles });
    }
    let (first, rest) = path.split_once('.')?;
    if let Some(table) = world.table(first) {
        // A record whose key is not in the table has no row.
        return Some(Place { optional: true, ..place(world, table.kinds.first()?, rest)? });
    }
    let field = kind.field(first)?;
    let Type::Ref(name) = kind.type_of(field).required().clone() else { return None };
    let (_, name) = name.split_once('/')?;
    let to = world.system(&kind.system)?.kind(name.split('|').next()?)?;
    let optional = kind.type_of(field).is_optional();
    let found = place(world, to, rest)?;
    Some(Place { optional: found.optional || optional, ..found })
}

/// What the values of a path can be. What is not known may be any text.
pub(crate) fn domain<'w>(world: &'w World<'w>, kind: &'w KindView<'w>, path: &str) -> Domain {
    let Some(Place { kind, field, optional }) = place(world, kind, path) else {
        return Domain {
            optional: true,
            shape: Shape::Choice { options: Vec::new(), open: true },
            seen: None,
        };
    };
    let whole = |min: i128, max: i128, unit| Shape::Whole { min, max, unit };
    let far = i128::MAX / 4;
    let shape = match kind.type_of(field).required() {
        Type::Bool => Shape::Bool,
        Type::Int { min, max } => whole((*min).into(), (*max).into(), Unit::One),
        Type::Count => whole(0, far, Unit::One),
        Type::Decimal | Type::Percent => whole(-far, far, Unit::Tiny),
        Type::Date => whole(-far, far, Unit::Day),
        Type::Instant => whole(-far, far, Unit::Nano),
        Type::Duration => whole(0, far, Unit::Second),
        Type::Tags | Type::List(_) => Shape::Several { options: None },
        Type::Choices(_) => {
            let options = (!kind.options_open(field)).then(|| kind.options(field));
            Shape::Several { options: options.map(|names| names.into_iter().map(str::to_owned).collect()) }
        }
        Type::Choice(_) => choice(kind, field),
        _ => Shape::Choice { options: seen_values(field), open: true },
    };
    let seen = match &shape {
        Shape::Whole { unit, .. } => field.profile.and_then(|profile| {
            let number = |text: &Option<Box<str>>| text.as_deref().and_then(|text| number(text, *unit));
            number(&profile.min).zip(number(&profile.max))
        }),
        _ => None,
    };
    Domain { optional, shape, seen }
}

fn choice(kind: &KindView<'_>, field: FieldView<'_>) -> Shape {
    let is_state = kind.state_field().is_some_and(|states| *states.field == *field.path());
    let by_status =
        kind.profile.map(|profile| &profile.by_status).filter(|table| is_state && !table.is_empty());
    let values =
        by_status.or_else(|| field.profile.map(|profile| &profile.values)).filter(|table| !table.is_empty());
    let known = |name: &str| Known {
        name: name.to_owned(),
        class: if is_state { kind.state(name).map(|state| state.class) } else { None },
        seen: values.map(|values| values.get(name).copied().unwrap_or(0)),
    };
    let declared = names(kind, field);
    let listed: BTreeSet<&str> = declared.iter().map(String::as_str).collect();
    let more = values.into_iter().flat_map(|values| values.keys());
    let more = more.filter(|name| !listed.contains(*name)).map(known);
    // Where an account adds options, an inventory that lists the values says which there are.
    let told = values.is_some() && field.profile.is_none_or(|profile| profile.other_values == 0);
    Shape::Choice {
        options: declared.iter().map(|name| known(name)).chain(more).collect(),
        open: kind.options_open(field) && !told,
    }
}

fn names(kind: &KindView<'_>, field: FieldView<'_>) -> Vec<String> {
    let path = field.path();
    let of_kind = kind.field(&path).map(|field| kind.options(field)).unwrap_or_default();
    of_kind.into_iter().map(str::to_owned).collect()
}

fn seen_values(field: FieldView<'_>) -> Vec<Known> {
    let values = field.profile.into_iter().flat_map(|profile| profile.values.iter());
    values.map(|(name, count)| Known { name: name.to_owned(), class: None, seen: Some(*count) }).collect()
}

/// A value of an inventory in the steps of its unit.
fn number(text: &str, unit: Unit) -> Option<i128> {
    match unit {
        Unit::One | Unit::Second => text.parse().ok(),
        Unit::Tiny => Some(Decimal::parse(text)?.scaled(Decimal::MAX_SCALE)),
        Unit::Day => Some(Date::parse(text)?.days().into()),
        Unit::Nano => Instant::parse(text).map(Instant::nanos).or_else(|| {
            let day = i64::from(Date::parse(text)?.days());
            Some(Instant::from_seconds(day * 86_400).nanos())
        }),
    }
}

/// A condition in which words that a catalog explains by fields are replaced by these.
pub(crate) fn explained(kind: &KindView<'_>, condition: &Predicate) -> Predicate {
    let all = |parts: &[Predicate]| parts.iter().map(|part| explained(kind, part)).collect();
    match condition {
        Predicate::Const(value) => Predicate::Const(*value),
        Predicate::All(parts) => Predicate::All(all(parts)),
        Predicate::Any(parts) => Predicate::Any(all(parts)),
        Predicate::Not(inner) => Predicate::Not(Box::new(explained(kind, inner))),
        Predicate::Atom(atom) => word(kind, atom).unwrap_or_else(|| condition.clone()),
    }
}

fn word(kind: &KindView<'_>, atom: &Atom) -> Option<Predicate> {
    let Test::Word(word) = &atom.test else { return None };
    let entry = kind.kind.words.get(word).filter(|entry| !entry.when.is_empty())?;
    entry
        .when
        .iter()
        .map(|(field, test)| tested(kind, field, test))
        .collect::<Option<Vec<_>>>()
        .map(Predicate::All)
}

/// What holds of every record of a kind, as far as somebody has confirmed it: rules between fields, and what states need.
pub(crate) fn axioms(world: &World<'_>, kind: &KindView<'_>) -> Vec<Predicate> {
    let Some(catalog) = world.system(&kind.system).and_then(|system| system.catalog) else {
        return Vec::new();
    };
    let not = |condition: Predicate| Predicate::Not(Box::new(condition));
    let mut found = Vec::new();
    for (_, rule) in catalog.constraints.iter().filter(|(_, rule)| *rule.kind == *kind.name) {
        if catalog.mark_of(rule.mark, &rule.from) == Mark::Unverified {
            continue;
        }
        let when: Option<Vec<Predicate>> =
            rule.when.iter().map(|(field, test)| tested(kind, field, test)).collect();
        let Some(when) = when else { continue };
        for must in rule.must.iter().filter_map(|(field, test)| tested(kind, field, test)) {
            found.push(Predicate::Any(vec![not(Predicate::All(when.clone())), must]));
        }
        if !rule.one_of.is_empty() {
            let some = rule.one_of.iter().map(|field| not(empty(field))).collect();
            found.push(Predicate::Any(vec![not(Predicate::All(when)), Predicate::Any(some)]));
        }
    }
    let Some(states) = kind.state_field() else { return found };
    for (name, state) in kind.states() {
        if catalog.mark_within(kind.kind, state.mark, &state.from) == Mark::Unverified {
            continue;
        }
        let is = Test::OneOf(vec![Literal::Text(name.to_owned())]);
        let is = Predicate::Atom(Atom { field: states.field.to_string(), test: is });
        for needed in state.requires.iter() {
            found.push(Predicate::Any(vec![not(is.clone()), not(empty(needed))]));
        }
    }
    found
}

fn empty(field: &str) -> Predicate {
    Predicate::Atom(Atom { field: field.to_owned(), test: Test::Empty })
}

/// A test of a catalog as a condition. `None` when it is about other fields, or about the moment of writing.
fn tested(kind: &KindView<'_>, field: &str, test: &FieldTest) -> Option<Predicate> {
    if test.not_before.is_some() || test.future.is_some() || test.writable.is_some() {
        return None;
    }
    let atom = |test| Predicate::Atom(Atom { field: field.to_owned(), test });
    let mut all = Vec::new();
    if !test.is.is_empty() {
        let ty = kind.field(field).map(|found| kind.type_of(found));
        let text = |name: &str| Literal::Text(name.to_owned());
        all.push(match ty.as_ref().map(Type::required)? {
            Type::Bool => {
                atom(Test::OneOf(test.is.iter().map(|name| Literal::Bool(name == "true")).collect()))
            }
            Type::Tags | Type::Choices(_) | Type::List(_) => {
                Predicate::Any(test.is.iter().map(|name| atom(Test::Has(text(name)))).collect())
            }
            Type::Choice(_) | Type::Text { .. } => atom(Test::OneOf(test.is.iter().map(text).collect())),
            _ => return None,
        });
    }
    match test.present {
        Some(true) => all.push(Predicate::Not(Box::new(empty(field)))),
        Some(false) => all.push(empty(field)),
        None => {}
    }
    Some(Predicate::All(all))
}
