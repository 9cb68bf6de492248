//! Every field of an imported kind is carried or dropped with a reason.

use cutover_diagnostics::Diagnostic;
use cutover_plan::model::DefaultTaken;
use rustc_hash::FxHashSet;

use crate::context::Context;
use crate::lower::maps::facts::MapFact;
use crate::lower::maps::{undecidable, words};

/// Asks for the fields that no map of their kind decides.
pub fn check(cx: &mut Context<'_>) {
    let maps = std::mem::take(&mut cx.maps.maps);
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    for fact in &maps {
        if !seen.insert(fact.source.name) {
            continue;
        }
        let siblings: Vec<&MapFact<'_>> = match cx.maps.by_source.get(fact.source.name) {
            Some(all) => all.iter().filter_map(|at| maps.get(*at)).collect(),
            None => vec![fact],
        };
        // Where something is unknown, its line may well be the one that decides.
        if !siblings.iter().any(|map| map.broken) {
            one(cx, fact, &siblings);
        }
    }
    cx.maps.maps = maps;
}

fn one(cx: &mut Context<'_>, fact: &MapFact<'_>, siblings: &[&MapFact<'_>]) {
    let kind = fact.source;
    let mut open: Vec<(String, Option<u64>)> = Vec::new();
    for field in kind.fields() {
        let path = field.spelled();
        if undecidable(kind, field) || siblings.iter().any(|map| map.decided.contains_key(&*path)) {
            continue;
        }
        // What the catalogs leave behind stands among the dropped fields; fields that the account added are never among them.
        if siblings.iter().any(|map| map.by_catalog.is_some()) && !field.custom {
            continue;
        }
        let present = field.profile.map(|p| p.present);
        if present == Some(0) {
            let taken = DefaultTaken {
                what: format!("`{}.{path}` is not mapped", kind.name),
                value: "left behind, since no record of the inventory has a value".to_owned(),
            };
            cx.draft.defaults.push((fact.id.child("empty").child(&path), taken));
            continue;
        }
        open.push((path.into_owned(), present));
    }
    if open.is_empty() {
        return;
    }
    let shown: Vec<String> = open.iter().take(6).map(|(path, _)| format!("`{path}`")).collect();
    let more = open.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let verb = if open.len() == 1 { "is" } else { "are" };
    let mut diagnostic = Diagnostic::error("coverage/unmapped", "fields of the old system are not decided")
        .primary(fact.span, format!("{}{more} {verb} neither carried nor dropped", shown.join(", ")));
    for (path, present) in open.iter().take(6) {
        if let Some(present) = present {
            let all = words::of_all(kind);
            diagnostic =
                diagnostic.note(format!("`{path}` has a value in {} {all}", words::grouped(*present)));
        }
    }
    let example = open.first().map_or("", |(path, _)| path.as_str());
    cx.push(diagnostic.help(format!(
        "for each, write a row or `drop {example} because \"...\"`; `remaining fields by catalog` takes what the catalogs know"
    )));
}
