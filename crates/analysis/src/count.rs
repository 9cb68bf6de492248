//! How many records a selection concerns, where the inventory tells exactly.

use cutover_ir::Type;
use cutover_ir::predicate::{Literal, Predicate, Test};
use cutover_plan::model::Selection;

use crate::world::KindView;

/// Number of objects of a kind that a selection concerns. `None` when the inventory does not tell.
#[must_use]
pub fn of(kind: &KindView<'_>, which: &Selection) -> Option<u64> {
    let all = kind.count();
    match which {
        Selection::All => all,
        Selection::Where(condition) | Selection::Rest(condition) => matching(kind, condition),
        Selection::Named(names) => u64::try_from(names.len()).ok(),
        Selection::RestNamed(names) => all?.checked_sub(u64::try_from(names.len()).ok()?),
    }
}

/// Number of objects of which a condition is true.
#[must_use]
pub fn matching(kind: &KindView<'_>, condition: &Predicate) -> Option<u64> {
    let mut asked: Option<&str> = None;
    let mut one = true;
    condition.visit_atoms(&mut |atom| {
        one &= !matches!(atom.test, Test::Word(_)) && asked.is_none_or(|field| field == atom.field);
        asked = Some(&atom.field);
    });
    if !one {
        return None;
    }
    let total = kind.count()?;
    let Some(field) = asked else { return Some(if holds(kind, condition, None)? { total } else { 0 }) };
    // What refers to a record that is gone has no value either; how many those are is not asked of figures.
    let refers =
        kind.field(field).is_some_and(|field| matches!(kind.type_of(field).required(), Type::Ref(_)));
    if !refers && let Some(count) = by_presence(kind, condition) {
        return Some(count);
    }
    let mut count = 0;
    let mut seen = 0;
    for (value, records) in distribution(kind, field)? {
        seen += records;
        if holds(kind, condition, Some(value))? {
            count += records;
        }
    }
    // Values that are not listed are unknown; records without a value are not.
    let empty = total.checked_sub(seen)?;
    if empty > 0 && holds(kind, condition, None)? {
        count += empty;
    }
    Some(count)
}

/// Number of objects of which a condition is true that asks of one field only whether it is empty. What refers to nothing that exists has
/// no value.
#[must_use]
pub fn by_presence(kind: &KindView<'_>, condition: &Predicate) -> Option<u64> {
    let total = kind.count()?;
    let mut asked: Option<&str> = None;
    let mut presence = true;
    condition.visit_atoms(&mut |atom| {
        presence &= atom.test == Test::Empty && asked.is_none_or(|field| field == atom.field);
        asked = Some(&atom.field);
    });
    let field = asked?;
    let profile = kind.profile.filter(|_| presence)?;
    let orphans = profile.orphans.get(field).copied();
    let present = profile.fields.get(field)?.present.min(total).saturating_sub(orphans.unwrap_or_default());
    // Where each refers to something and nobody has asked whether that exists, nobody knows.
    let refers = matches!(kind.type_of(kind.field(field)?).required(), Type::Ref(_));
    if refers && orphans.is_none() && present == total {
        return None;
    }
    let with = if holds(kind, condition, Some(""))? { present } else { 0 };
    let without = if holds(kind, condition, None)? { total - present } else { 0 };
    Some(with + without)
}

/// Numbers of records by value of a field, when the inventory lists every value.
fn distribution<'a>(kind: &KindView<'a>, field: &str) -> Option<Vec<(&'a str, u64)>> {
    let profile = kind.profile?;
    if kind.state_field().is_some_and(|states| *states.field == *field) && !profile.by_status.is_empty() {
        return Some(profile.by_status.iter().map(|(name, count)| (name, *count)).collect());
    }
    let measures = profile.fields.get(field)?;
    if measures.values.is_empty() || measures.other_values > 0 || measures.unreadable > 0 {
        return None;
    }
    let listed: u64 = measures.values.values().sum();
    (listed == measures.present).then(|| measures.values.iter().map(|(name, count)| (name, *count)).collect())
}

/// Whether a condition on one field is true of a value. `None` when that cannot be said of a value's text.
fn holds(kind: &KindView<'_>, condition: &Predicate, value: Option<&str>) -> Option<bool> {
    Some(match condition {
        Predicate::Const(known) => *known,
        Predicate::All(parts) => {
            let mut all = true;
            for part in parts {
                all &= holds(kind, part, value)?;
            }
            all
        }
        Predicate::Any(parts) => {
            let mut any = false;
            for part in parts {
                any |= holds(kind, part, value)?;
            }
            any
        }
        Predicate::Not(inner) => !holds(kind, inner, value)?,
        Predicate::Atom(atom) => match (&atom.test, value) {
            (Test::Empty, value) => value.is_none(),
            (Test::Word(_), _) => return None,
            (_, None) => false,
            (Test::OneOf(values), Some(value)) => {
                let mut any = false;
                for wanted in values {
                    any |= match wanted {
                        Literal::Text(text) => text == value,
                        Literal::Bool(flag) => value == if *flag { "true" } else { "false" },
                        _ => return None,
                    };
                }
                any
            }
            (Test::Class(class), Some(value)) => kind.state(value)?.class == *class,
            _ => return None,
        },
    })
}

/// Whether a selection surely has no object whose `field` is `value`, whatever else the object holds.
#[must_use]
pub fn excludes(kind: &KindView<'_>, which: &Selection, field: &str, value: &str) -> bool {
    excludes_if(kind, which, field, value, None)
}

/// [`excludes`], of objects that are nothing out of the ordinary: a word of the catalog such as `spam` is not true of them, unless the value says so.
#[must_use]
pub fn excludes_ordinary(kind: &KindView<'_>, which: &Selection, field: &str, value: &str) -> bool {
    excludes_if(kind, which, field, value, Some(false))
}

fn excludes_if(kind: &KindView<'_>, which: &Selection, field: &str, value: &str, word: Option<bool>) -> bool {
    match which {
        Selection::Where(condition) | Selection::Rest(condition) => {
            sure(kind, condition, field, value, word) == Some(false)
        }
        Selection::All | Selection::Named(_) | Selection::RestNamed(_) => false,
    }
}

/// What a condition says of all objects whose `field` is `value`, and of which a word says `word` where the value does not tell. `None` when other
/// fields decide.
fn sure(
    kind: &KindView<'_>,
    condition: &Predicate,
    field: &str,
    value: &str,
    word: Option<bool>,
) -> Option<bool> {
    // `all` of parts is decided by one that is false, `any` by one that is true.
    let joined = |parts: &[Predicate], decisive: bool| {
        let mut known = true;
        for part in parts {
            match sure(kind, part, field, value, word) {
                Some(said) if said == decisive => return Some(decisive),
                said => known &= said.is_some(),
            }
        }
        known.then_some(!decisive)
    };
    match condition {
        Predicate::Const(said) => Some(*said),
        Predicate::All(parts) => joined(parts, false),
        Predicate::Any(parts) => joined(parts, true),
        Predicate::Not(inner) => sure(kind, inner, field, value, word).map(|said| !said),
        Predicate::Atom(atom) if atom.field == field => holds(kind, condition, Some(value)),
        Predicate::Atom(atom) => match &atom.test {
            Test::Word(name) => word_sure(kind, name, field, value).or(word),
            _ => None,
        },
    }
}

/// What a word of the catalog says of them, where it stands for tests of that field.
fn word_sure(kind: &KindView<'_>, word: &str, field: &str, value: &str) -> Option<bool> {
    let entry = kind.kind.words.get(word).filter(|entry| !entry.when.is_empty())?;
    let mut known = true;
    for (name, test) in entry.when.iter() {
        let said = (name == field && !test.is.is_empty()).then(|| test.is.iter().any(|one| one == value));
        if said == Some(false) {
            return said;
        }
        // A test with more parts than the list of values is not known to hold.
        known &= said.is_some()
            && test.present != Some(false)
            && test.not_before.is_none()
            && test.future.is_none();
    }
    known.then_some(true)
}
