//! Which values can reach a translation: options of the catalog and the account, names of objects, observed values.

use std::collections::BTreeSet;

use cutover_ir::Type;
use cutover_ir::functions::{self, TRANSLATE};
use cutover_ir::host::NoHost;
use cutover_ir::map::{Call, Outcome};
use cutover_ir::predicate::Literal;
use cutover_ir::value::Value;
use cutover_plan::model::Verb;
use rustc_hash::FxHashMap;

use crate::context::Context;
use crate::count;
use crate::lower::maps::facts::{Domain, Table};
use crate::read::predicate::Place;
use crate::select::Others;
use crate::world::KindView;

/// The values of a field, after the functions that come before the translation.
pub(super) fn of(cx: &Context<'_>, place: &Place<'_>, before: &[Call]) -> Domain {
    let mut domain = of_field(cx, place);
    let mut out = Domain { values: left_out(cx, place, &mut domain), closed: true, ..Domain::default() };
    if !before.is_empty() {
        through(cx, &mut domain, place, before);
        through(cx, &mut out, place, before);
    }
    domain.left_out = out.values.into_iter().map(|(value, _)| value).collect();
    domain
}

/// Takes out the values of which `scope` imports no object: spam that stays behind needs no translation.
fn left_out(cx: &Context<'_>, place: &Place<'_>, domain: &mut Domain) -> Vec<(String, Option<u64>)> {
    let single = matches!(place.ty.required(), Type::Choice(_) | Type::Bool);
    if !single || place.path != place.field.path() {
        return Vec::new();
    }
    let mut others = Others::default();
    let mut imports = Vec::new();
    for line in cx.decided.iter().filter(|line| std::ptr::eq(line.kind, place.kind)) {
        others.add(&line.chosen);
        match line.verb {
            Verb::Import => imports.push(&line.chosen),
            Verb::Recreate => return Vec::new(),
            Verb::Archive | Verb::Retire => {}
        }
    }
    if imports.is_empty() {
        return Vec::new();
    }
    let imports: Vec<_> = imports.into_iter().map(|chosen| others.selection(chosen)).collect();
    let (out, kept) = std::mem::take(&mut domain.values).into_iter().partition(|(value, _)| {
        let value = match (place.ty.required(), value.as_str()) {
            (Type::Bool, "yes") => "true",
            (Type::Bool, "no") => "false",
            (_, other) => other,
        };
        imports.iter().all(|which| count::excludes(place.kind, which, &place.path, value))
    });
    domain.values = kept;
    out
}

/// The values of a field.
pub(super) fn of_field(cx: &Context<'_>, place: &Place<'_>) -> Domain {
    let mut domain = Domain::default();
    let mut at: FxHashMap<String, usize> = FxHashMap::default();
    let mut add = |domain: &mut Domain, name: &str, count: Option<u64>| match at.get(name) {
        Some(known) => {
            if let Some((_, known)) = domain.values.get_mut(*known)
                && count.is_some()
            {
                *known = count;
            }
        }
        None => {
            at.insert(name.to_owned(), domain.values.len());
            domain.values.push((name.to_owned(), count));
        }
    };
    let ty = element(place.ty.required());
    match ty {
        Type::Bool => {
            add(&mut domain, "yes", None);
            add(&mut domain, "no", None);
            domain.closed = true;
        }
        Type::Choice(_) | Type::Choices(_) => {
            let options = place.kind.options(place.field);
            domain.closed = !options.is_empty() && !place.kind.options_open(place.field);
            for option in options {
                add(&mut domain, option, None);
            }
        }
        Type::Ref(name) => domain.closed = objects(cx, name, &mut |name| add(&mut domain, name, None)),
        _ => {}
    }
    observed(place, &mut |name, count| add(&mut domain, name, count));
    // Counts by status leave out no status, however rare.
    let listed = place.field.profile.is_some_and(|p| !p.values.is_empty() && p.other_values == 0)
        || by_status(place).is_some_and(|mut counts| counts.next().is_some());
    domain.counted = listed;
    if matches!(ty, Type::Choice(_) | Type::Choices(_) | Type::Ref(_)) {
        domain.closed |= listed;
    }
    domain
}

/// Whether free text stands in the field, of which nobody can list all values.
pub(super) fn is_free(place: &Place<'_>, before: &[Call]) -> bool {
    !before.is_empty()
        || !matches!(
            element(place.ty.required()),
            Type::Bool | Type::Choice(_) | Type::Choices(_) | Type::Ref(_) | Type::Poison | Type::Hole
        )
}

fn element(ty: &Type) -> &Type {
    match ty {
        Type::List(inner) => element(inner.required()),
        other => other,
    }
}

fn observed(place: &Place<'_>, add: &mut impl FnMut(&str, Option<u64>)) {
    let ticks = *element(place.ty.required()) == Type::Bool;
    if let Some(profile) = place.field.profile {
        for (value, count) in profile.values.iter() {
            // Inventories say `true` where specs and translations say `yes`.
            let value = match value {
                "true" if ticks => "yes",
                "false" if ticks => "no",
                other => other,
            };
            add(value, Some(*count));
        }
    }
    for (value, count) in by_status(place).into_iter().flatten() {
        add(value, Some(*count));
    }
}

/// How many records have which status, where the field holds the status.
fn by_status<'a>(place: &Place<'a>) -> Option<impl Iterator<Item = (&'a str, &'a u64)>> {
    let is_state = place.kind.state_field().is_some_and(|states| *states.field == *place.field.path());
    let profile = place.kind.profile.filter(|_| is_state)?;
    Some(profile.by_status.iter())
}

/// Names of the objects that a reference can point to. Whether all are listed.
fn objects(cx: &Context<'_>, reference: &str, add: &mut impl FnMut(&str)) -> bool {
    let Some((system, kinds)) = reference.split_once('/') else { return false };
    let Some(system) = cx.world.system(system) else { return false };
    let mut listed = true;
    for kind in kinds.split('|') {
        match system.kind(kind).and_then(|view: &KindView<'_>| system.objects(view.name)) {
            Some(objects) => {
                for object in objects {
                    add(&object.name);
                }
            }
            None => listed = false,
        }
    }
    listed
}

/// Applies functions and translations to the known values, where that can be computed here. Behind a translation that gives constants
/// nothing else can arrive, whatever came before.
fn through(cx: &Context<'_>, domain: &mut Domain, place: &Place<'_>, before: &[Call]) {
    let start = |text: &str| match place.ty.required() {
        Type::Choice(_) => Value::Choice(text.to_owned()),
        Type::Bool => Value::Bool(text == "yes"),
        _ => Value::Text(text.to_owned()),
    };
    let mut merged: Vec<(String, Option<u64>)> = Vec::with_capacity(domain.values.len());
    let mut at: FxHashMap<String, usize> = FxHashMap::default();
    // From the last translation that gives constants only, all is known.
    let fresh = |(at, call): (usize, &Call)| Some((at, constants(table_of(cx, call)?)?));
    let last = before.iter().enumerate().rev().find_map(fresh).filter(|_| !domain.closed);
    let anew = last.is_some();
    domain.counted &= !anew;
    if domain.counted {
        domain.values.iter_mut().for_each(|(_, count)| *count = count.or(Some(0)));
    }
    let (known, before) = match last {
        Some((at, given)) => {
            domain.closed = true;
            let given: Vec<(String, Option<u64>)> = given.into_iter().map(|text| (text, None)).collect();
            (given, before.get(at + 1..).unwrap_or_default())
        }
        None => (std::mem::take(&mut domain.values), before),
    };
    let start = |text: &str| if anew { Value::Text(text.to_owned()) } else { start(text) };
    'values: for (text, count) in &known {
        let mut now = vec![start(text)];
        for call in before {
            if let Some(table) = table_of(cx, call) {
                let text =
                    now.first().and_then(Value::as_text).and_then(|text| Some((text, table.outcome(text)?)));
                match text {
                    Some((_, Outcome::Value(Literal::Text(given)))) => now = vec![Value::Text(given.clone())],
                    Some((same, Outcome::Same)) => now = vec![Value::Text(same.to_owned())],
                    // It is rejected there, or told there.
                    Some((_, Outcome::Reject)) | None => continue 'values,
                    Some(_) => {
                        *domain = Domain::default();
                        return;
                    }
                }
                continue;
            }
            let next = functions::find(&call.function).and_then(|f| f.call(&now, &call.args, &NoHost).ok());
            let Some(next) = next else {
                *domain = Domain::default();
                return;
            };
            now = next;
        }
        let Some(text) = now.first().and_then(Value::as_text) else { continue };
        match at.get(text) {
            Some(known) => {
                if let Some((_, sum)) = merged.get_mut(*known) {
                    *sum = sum.zip(*count).map(|(a, b)| a.saturating_add(b));
                }
            }
            None => {
                at.insert(text.to_owned(), merged.len());
                merged.push((text.to_owned(), *count));
            }
        }
    }
    domain.values = merged;
}

/// The translation that a call names.
fn table_of<'c>(cx: &'c Context<'_>, call: &Call) -> Option<&'c Table> {
    let Some(Literal::Text(name)) = call.args.first().filter(|_| call.function == TRANSLATE) else {
        return None;
    };
    cx.maps.tables.get(name)
}

/// What a translation gives, when that are constants only.
fn constants(table: &Table) -> Option<BTreeSet<String>> {
    let outcomes = table.translate.rows.iter().map(|row| &row.outcome).chain(table.translate.rest.as_ref());
    let given = outcomes.filter(|outcome| **outcome != Outcome::Reject).map(|outcome| match outcome {
        Outcome::Value(Literal::Text(text)) => Some(text.clone()),
        _ => None,
    });
    given.collect()
}
