//! A field that somebody reads is not dropped, and there is one.

use cutover_catalog::inventory::Object;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::map::{Map, Row, Source};
use cutover_plan::model::{Content, Verb};
use rustc_hash::FxHashMap;

use crate::context::Context;
use crate::lower::maps::facts::MapFact;
use crate::select::Chosen;

/// Compares dropped fields with those that consumers and service levels read.
pub fn check(cx: &mut Context<'_>) {
    let unknown = unknown(cx);
    cx.draft.diagnostics.extend(unknown);
    let dropped = dropped(cx);
    if dropped.is_empty() {
        return;
    }
    let tickets = cx.world.source().and_then(|s| s.tickets()).map_or("ticket", |k| k.name);
    let mut readers: Vec<(&Id, String, &'static str)> = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        match &item.content {
            Content::Consumer(consumer) => {
                readers.extend(
                    consumer.reads.iter().map(|path| (id, path.clone(), "something outside reads it")),
                );
            }
            Content::Sla(sla) => {
                if let Some(applies) = &sla.applies {
                    applies.visit_atoms(&mut |atom| {
                        readers.push((
                            id,
                            format!("{tickets}.{}", atom.field),
                            "a service level depends on it",
                        ));
                    });
                }
            }
            _ => {}
        }
    }
    let mut findings = Vec::new();
    for (id, path, why) in readers {
        let Some((span, field)) = dropped.get(path.as_str()) else { continue };
        let reader = cx.draft.places.get(id).copied();
        let diagnostic =
            Diagnostic::error("coverage/dropped-but-read", "a field that somebody reads is left behind")
                .primary(*span, format!("`{field}` is left behind here"))
                .help("carry the field, or change whoever reads it first");
        findings.push(match reader {
            Some(reader) => diagnostic.secondary(reader, why),
            None => diagnostic.note(why),
        });
    }
    findings.extend(rebuilt(cx, &dropped));
    for finding in findings {
        cx.push(finding);
    }
}

/// Macros, templates and rules that come along, each with the line that says so.
fn coming<'c>(cx: &'c Context<'_>) -> Vec<(&'c Object, Span)> {
    let mut found = Vec::new();
    let Some(source) = cx.world.source() else { return found };
    for line in cx.decided.iter().filter(|line| matches!(line.verb, Verb::Recreate | Verb::Import)) {
        for object in source.objects(line.kind.name).unwrap_or_default() {
            if object.uses.is_empty() {
                continue;
            }
            // Of those that a line names, only these come; of the others, those that no line names.
            let named = |chosen: &Chosen| matches!(chosen, Chosen::Named(name) if *name == *object.name);
            let comes = match &line.chosen {
                Chosen::Named(_) => named(&line.chosen),
                _ => {
                    !cx.decided.iter().any(|other| other.kind.name == line.kind.name && named(&other.chosen))
                }
            };
            if comes {
                found.push((object, line.span));
            }
        }
    }
    found
}

/// Those that name a field which is left behind.
fn rebuilt(cx: &Context<'_>, dropped: &FxHashMap<String, (Span, String)>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (object, line) in coming(cx) {
        let Some((span, field)) = object.uses.iter().find_map(|path| dropped.get(path)) else { continue };
        found.push(
            Diagnostic::error(
                "coverage/dropped-but-read#rebuilt",
                "something that comes along names a field that is left behind",
            )
            .primary(*span, format!("`{field}` is left behind here"))
            .secondary(line, format!("\"{}\" names it", object.name))
            .help("carry the field, or write the text anew without it"),
        );
    }
    found
}

/// Those that name a field which the account does not have: their placeholder shows nothing today, and nobody can say what it becomes.
fn unknown(cx: &Context<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let Some(source) = cx.world.source() else { return found };
    let there = |path: &str| {
        let (kind, field) = path.split_once('.').unwrap_or((path, ""));
        source.kind(kind).is_some_and(|kind| kind.field(field).is_some())
    };
    for (object, line) in coming(cx) {
        let Some(path) = object.uses.iter().find(|path| !there(path)) else { continue };
        found.push(
            Diagnostic::error(
                "coverage/unknown-placeholder",
                "something that comes along names a field that there is not",
            )
            .primary(line, format!("\"{}\" names `{path}`", object.name))
            .note(format!("{} has no such field", source.product()))
            .help("write its text anew without the field, or correct the field's name in the inventory"),
        );
    }
    found
}

/// Fields that every map of their kind leaves behind, as `kind.field`.
fn dropped(cx: &Context<'_>) -> FxHashMap<String, (Span, String)> {
    let mut found = FxHashMap::default();
    for fact in &cx.maps.maps {
        let Some(map) = planned(cx, fact) else { continue };
        for dropped in &map.dropped {
            let span = fact
                .decided
                .get(dropped.field.as_str())
                .or(fact.by_catalog.as_ref())
                .copied()
                .unwrap_or(fact.span);
            let reads = |row: &Row| {
                row.from.iter().any(|from| matches!(from, Source::Field(path) if *path == dropped.field))
            };
            let carried = cx.maps.by_source.get(fact.source.name).is_some_and(|all| {
                let maps = all.iter().filter_map(|at| cx.maps.maps.get(*at));
                maps.filter_map(|fact| planned(cx, fact)).any(|map| map.rows.iter().any(reads))
            });
            if !carried {
                found
                    .insert(format!("{}.{}", fact.source.name, dropped.field), (span, dropped.field.clone()));
            }
        }
    }
    found
}

/// A map as it stands in the plan.
fn planned<'c>(cx: &'c Context<'_>, fact: &MapFact<'_>) -> Option<&'c Map> {
    match cx.draft.plan.items.get(&fact.id).map(|item| &item.content) {
        Some(Content::Map(map)) => Some(map),
        _ => None,
    }
}
