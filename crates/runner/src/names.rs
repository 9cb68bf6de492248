//! Names of the environment that nothing has: found out before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use cutover_plan::Plan;
use cutover_plan::model::{Content, Operation};

use crate::bind::{open_line, readable};
use crate::context::Context;
use crate::environment::{Binding, Environment};
use crate::flow::Load;
use crate::problem::Problem;
use crate::sample::value_at;
use crate::session::Opening;
use crate::work::Work;

/// Records in which a place is looked for.
const LOOKED: usize = 1_000;

/// Refuses names that the plan does not have: of kinds, fields, words, stores and tables.
pub(crate) fn check(plan: &Plan, environment: &Environment, binding: &Binding) -> Result<(), Problem> {
    let schema = plan.schemas.get("source");
    let mut kinds: BTreeSet<&str> =
        schema.iter().flat_map(|schema| schema.kinds.keys().map(String::as_str)).collect();
    for stage in &plan.stages {
        if let Operation::Export { kind, .. } = &stage.operation {
            kinds.insert(kind);
        }
    }
    for item in plan.items.values() {
        if let Content::Scope(part) = &item.content {
            kinds.insert(&part.kind);
        }
    }
    let known = |what: &str, kind: &str| {
        if kinds.contains(kind) {
            return Ok(());
        }
        Err(unknown(&format!("[source.{what}]"), "kind", kind, kinds.iter().copied()))
    };
    for kind in binding.kinds.keys() {
        known("kinds", kind)?;
    }
    for (kind, nested) in &binding.nested {
        known("nested", kind)?;
        nested.of.iter().try_for_each(|of| known("nested", of))?;
    }
    for kind in binding.only.keys() {
        known("only", kind)?;
    }
    for (kind, fields) in &binding.fields {
        known("fields", kind)?;
        let Some(shape) = schema.and_then(|schema| schema.kinds.get(kind)) else { continue };
        for field in fields.keys() {
            let own = shape.key.as_ref() == Some(field) || matches!(field.as_str(), "id" | "size");
            if !own && !shape.fields.contains_key(field) {
                let names = shape.fields.keys().map(String::as_str);
                return Err(unknown(&format!("[source.fields.{kind}]"), "field", field, names));
            }
        }
    }
    for word in binding.words.keys() {
        known("words", word.split_once('.').map_or(word.as_str(), |(kind, _)| kind))?;
    }
    // Names of stores stand in many places of a plan, always as whole texts.
    let whole = if environment.stores.is_empty() {
        String::new()
    } else {
        serde_json::to_string(plan).unwrap_or_default()
    };
    for store in environment.stores.keys() {
        if !whole.contains(&serde_json::Value::from(store.as_str()).to_string()) {
            return Err(Problem::new(format!(
                "`[stores]` of the environment names `{store}`, and the plan keeps nothing there"
            )));
        }
    }
    for table in environment.tables.keys() {
        if !plan.systems.contains_key(table) {
            let names = plan.systems.iter().filter(|(_, system)| system.keyed_by.is_some());
            return Err(unknown("[tables]", "table", table, names.map(|(name, _)| name.as_str())));
        }
    }
    Ok(())
}

/// Refuses secrets that nothing asks for, variables that are not set, and secrets that would go over an open line.
pub(crate) fn secrets(opening: &Opening<'_>, loads: &BTreeMap<String, Load>) -> Result<(), Problem> {
    let environment = opening.environment;
    let maps = loads.values().flat_map(|load| std::iter::once(&load.map).chain(&load.parts));
    let asked: BTreeSet<&str> = maps.flat_map(|map| map.program.secrets()).collect();
    let bindings = [Some(&environment.source), Some(&environment.target), environment.sandbox.as_ref()];
    let tokens = || bindings.iter().flatten().filter_map(|binding| binding.token.as_deref());
    let own = opening.bundle.plan.systems.values().flat_map(|system| &system.secrets);
    let known: BTreeSet<&str> =
        own.map(|secret| secret.name.as_str()).chain(asked.iter().copied()).chain(tokens()).collect();
    for name in environment.secrets.keys() {
        if !known.contains(name.as_str()) {
            return Err(unknown("[secrets]", "secret", name, known.iter().copied()));
        }
    }
    let notify = environment.notify.as_ref();
    let told = notify.iter().flat_map(|notify| notify.token.iter().chain(&notify.webhook_from));
    // The sandbox's is asked for when something is rehearsed.
    let live = [&environment.source, &environment.target].into_iter().filter(|binding| !binding.is_local());
    let needed = asked.into_iter().chain(live.filter_map(|binding| binding.token.as_deref()));
    let needed = needed.map(|name| environment.variable(name)).chain(told.map(String::as_str));
    let is_set = |variable: &str| (opening.secrets)(variable).is_some_and(|value| !value.is_empty());
    let missing: BTreeSet<&str> = needed.filter(|variable| !is_set(variable)).collect();
    if !missing.is_empty() {
        let list: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
        let (variables, are) = if list.len() == 1 { ("variable", "is") } else { ("variables", "are") };
        return Err(Problem::new(format!("the environment {variables} {} {are} not set", list.join(", ")))
            .help("each holds a secret of this run; nothing was written. `[secrets]` says where one has another name"));
    }
    if let Some(notify) = notify.filter(|notify| !notify.plain_http) {
        let hidden = notify.webhook_from.as_deref().and_then(|variable| (opening.secrets)(variable));
        let secret = notify.token.is_some() || hidden.is_some();
        if let Some(address) = notify.webhook.clone().or(hidden).filter(|address| secret && readable(address))
        {
            let shown =
                if notify.webhook.is_some() { address.as_str() } else { "the address of the webhook" };
            return Err(open_line("the secret of `[notify]`", shown));
        }
    }
    Ok(())
}

fn unknown<'n>(place: &str, what: &str, name: &str, names: impl Iterator<Item = &'n str>) -> Problem {
    let mut near: Vec<(usize, &str)> = names.map(|other| (distance(name, other), other)).collect();
    near.sort_unstable();
    let problem = Problem::new(format!(
        "`{place}` of the environment names `{name}`, and the plan reads no {what} of that name"
    ));
    match near.first() {
        None => problem.help(format!("the plan reads no {what} there at all")),
        Some((distance, other)) if *distance <= 2 || distance * 3 <= other.len() => {
            problem.help(format!("did you mean `{other}`?"))
        }
        Some(_) => {
            let list: Vec<String> = near.iter().take(8).map(|(_, other)| format!("`{other}`")).collect();
            problem.help(format!("it reads {}", list.join(", ")))
        }
    }
}

/// How many letters have to be changed, added or left out.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) =
        (one.chars().take(64).collect(), other.chars().take(64).collect());
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut next = vec![at + 1];
        for ((before, above), second) in row.iter().zip(row.iter().skip(1)).zip(&other) {
            let left = next.last().copied().unwrap_or(0);
            next.push((before + usize::from(letter != second)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// Refuses a place that the environment names and that stands in none of the first records that were read.
pub(crate) fn found_nowhere(
    ctx: &Context<'_>,
    work: &Work,
    binding: &Binding,
    kind: &str,
) -> Result<(), Problem> {
    let mut places: Vec<(String, &str)> = Vec::new();
    for (field, place) in binding.fields.get(kind).into_iter().flatten() {
        places.push((format!("`[source.fields.{kind}]` says of `{field}`"), place));
    }
    for (word, place) in &binding.words {
        let place = place.strip_prefix("not ").map_or(place.as_str(), str::trim);
        if word.split_once('.').is_some_and(|(of, _)| of == kind) {
            places.push((format!("`[source.words]` says of `{word}`"), place));
        }
    }
    if places.is_empty() {
        return Ok(());
    }
    let (mut page, mut looked, mut last) = (Vec::new(), 0, 0);
    while looked < LOOKED && !places.is_empty() {
        work.page(kind, last, LOOKED - looked, &mut page)?;
        let Some(end) = page.last() else { break };
        last = end.ord;
        looked += page.len();
        for record in &page {
            let Ok(record) = serde_json::from_str::<serde_json::Value>(&record.text) else { continue };
            places.retain(|(_, place)| value_at(&record, place).is_none());
        }
    }
    let (Some((said, place)), true) = (places.first(), looked > 0) else { return Ok(()) };
    let mut names: Vec<String> = Vec::new();
    if let Some(first) = page.first()
        && let Ok(serde_json::Value::Object(record)) = serde_json::from_str(&first.text)
    {
        names = record.iter().take(20).map(|(name, _)| format!("`{name}`")).collect();
    }
    let of = ctx.plan.systems.get("source").map_or("the source", |system| system.product.as_str());
    Err(Problem::new(format!(
        "{said} that it stands at `{place}`, and it stands there in none of {looked} records of {of}"
    ))
    .help(format!("the last ones that were looked at have {}", names.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn names_that_are_near_are_near() {
        for (one, other, expected) in [
            ("subjct", "subject", 1),
            ("", "abc", 3),
            ("same", "same", 0),
            ("usr", "user", 1),
            ("ab", "ba", 2),
        ] {
            assert_eq!((distance(one, other), distance(other, one)), (expected, expected), "{one} {other}");
        }
    }
}
