//! How many records surely meet a condition, by what the inventory counted field by field.

use cutover_analysis::count;
use cutover_analysis::world::KindView;
use cutover_ir::Type;
use cutover_ir::eval::{Truth, truth};
use cutover_ir::host::NoHost;
use cutover_ir::predicate::{Atom, Predicate, Test};
use cutover_ir::quantity::Decimal;
use cutover_ir::time::{Date, Instant};
use cutover_ir::value::{Record, Value};

/// A number of records of which a condition is surely true; 0 where nothing is known.
pub(super) fn floor(kind: &KindView<'_>, condition: &Predicate) -> u64 {
    bound(kind, condition, true)
}

fn bound(kind: &KindView<'_>, condition: &Predicate, holds: bool) -> u64 {
    let whole = || if holds { condition.clone() } else { Predicate::Not(Box::new(condition.clone())) };
    if let Some(exact) = count::matching(kind, &whole()).or_else(|| count::by_presence(kind, &whole())) {
        return exact;
    }
    match condition {
        Predicate::Const(_) => 0,
        Predicate::Not(inner) => bound(kind, inner, !holds),
        Predicate::All(parts) if holds => all(kind, parts, holds),
        Predicate::Any(parts) if !holds => all(kind, parts, holds),
        Predicate::All(parts) | Predicate::Any(parts) => {
            parts.iter().map(|part| bound(kind, part, holds)).max().unwrap_or(0)
        }
        Predicate::Atom(atom) => of_atom(kind, atom, holds),
    }
}

/// What is left when each part may lack other records.
fn all(kind: &KindView<'_>, parts: &[Predicate], holds: bool) -> u64 {
    let Some(total) = kind.count() else { return 0 };
    together(total, parts.iter().map(|part| bound(kind, part, holds)))
}

/// The records that surely have several properties, of which so many have each.
pub(super) fn together(total: u64, each: impl Iterator<Item = u64>) -> u64 {
    each.fold(total, |left, here| left.saturating_sub(total.saturating_sub(here)))
}

/// By the smallest and the largest value that were seen: what is true of both ends of one comparison is true of all between.
fn of_atom(kind: &KindView<'_>, atom: &Atom, holds: bool) -> u64 {
    let Some(total) = kind.count() else { return 0 };
    let Some(profile) = kind.profile.and_then(|profile| profile.fields.get(atom.field.as_str())) else {
        return 0;
    };
    let Some(field) = kind.field(&atom.field) else { return 0 };
    // What no value has is asked in no comparison, so its opposite is true.
    let without = if holds { 0 } else { total.saturating_sub(profile.present) };
    let ty = kind.type_of(field);
    let ends = [&profile.min, &profile.max].map(|end| {
        let value = value_of(ty.required(), end.as_deref()?)?;
        let record = Record::from([(atom.field.clone(), value)]);
        match truth(&Predicate::Atom(atom.clone()), kind.name, &record, true, &NoHost) {
            Truth::Known(said) => Some(said == holds),
            Truth::Unknown(_) => None,
        }
    });
    let convex = matches!(
        atom.test,
        Test::AtLeast(_)
            | Test::AtMost(_)
            | Test::MoreThan(_)
            | Test::LessThan(_)
            | Test::Before(_)
            | Test::Since(_)
    );
    let readable = profile.present.saturating_sub(profile.unreadable);
    without
        + match ends {
            [Some(true), Some(true)] if convex => readable,
            [Some(true), _] | [_, Some(true)] => u64::from(readable > 0),
            _ => 0,
        }
}

fn value_of(ty: &Type, text: &str) -> Option<Value> {
    Some(match ty {
        Type::Int { .. } | Type::Count => Value::Int(text.parse().ok()?),
        Type::Decimal | Type::Percent => Value::Decimal(Decimal::parse(text)?),
        Type::Date => Value::Date(Date::parse(text)?),
        Type::Instant => Value::Instant(Instant::parse(text)?),
        _ => return None,
    })
}
