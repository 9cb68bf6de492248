//! An area is checked or waived, not both; and what moves is seldom waived.

use std::collections::BTreeMap;

use cutover_catalog::Part;
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Content, Item, Verb};

use crate::context::Context;

/// Reports waivers of areas that a check of the spec proves.
pub fn check(cx: &mut Context<'_>) {
    let items = &cx.draft.plan.items;
    let mut checked: BTreeMap<&str, &Id> = BTreeMap::new();
    for (id, item) in items {
        if let Content::Check(check) = &item.content
            && !check.generated
        {
            checked.entry(&check.area).or_insert(id);
        }
    }
    let mut found = Vec::new();
    for (id, item) in items {
        let Content::Waiver(waiver) = &item.content else { continue };
        let places = &cx.draft.places;
        let first = checked.get(waiver.area.as_str()).and_then(|check| places.get(*check));
        if let Some((span, first)) = places.get(id).copied().zip(first.copied()) {
            found.push(
                Diagnostic::error("checks/waived-and-checked", "an area is checked and waived")
                    .primary(span, "waived here")
                    .secondary(first, "checked here")
                    .help("keep the check, or remove it with its reason in the waiver"),
            );
        }
    }
    found.extend(moved(cx));
    cx.draft.diagnostics.extend(found);
}

/// Waivers of areas whose things come along: nobody will look at what arrived.
fn moved(cx: &Context<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let Content::Waiver(waiver) = &item.content else { continue };
        // Somebody looks at it all the same, which is told as such.
        let checks =
            |item: &Item| matches!(&item.content, Content::Check(check) if check.area == waiver.area);
        if cx.draft.plan.items.values().any(checks) {
            continue;
        }
        let comes = |(_, item): &(&Id, &Item)| comes_along(cx, &waiver.area, item);
        let Some((thing, item)) = cx.draft.plan.items.iter().find(comes) else { continue };
        let Some((at, thing)) = cx.draft.places.get(id).copied().zip(cx.draft.places.get(thing).copied())
        else {
            continue;
        };
        let (what, check) = match &item.content {
            Content::Scope(part) => {
                let plural =
                    cx.world.source().and_then(|source| source.kind(&part.kind)).map(|kind| &kind.plural);
                let plural = plural.map_or(part.kind.as_str(), String::as_str);
                let what = match part.verb {
                    Verb::Recreate => format!("{plural} are built anew here"),
                    _ => format!("{plural} come along here"),
                };
                let condition = match waiver.area.as_str() {
                    "chat" => format!("broken {plural} in 50 sampled {plural} at most 0"),
                    _ => "unknown_placeholders at most 0".to_owned(),
                };
                (what, condition)
            }
            _ => (
                "this writes into the desk".to_owned(),
                "evidence \"a change made on each side arrives on the other\"".to_owned(),
            ),
        };
        found.push(
            Diagnostic::warning("checks/waived-though-moved", "an area is waived, and what it looks at moves")
                .primary(at, format!("nobody will look at `{}`", waiver.area))
                .secondary(thing, what)
                .help(format!(
                    "check it, `check NAME \"...\"  area {}  owner PERSON {{ {check} }}`, or leave behind what nobody needs; a waiver is \
                     for what does not move",
                    waiver.area
                )),
        );
    }
    found
}

/// Whether an item brings something into the new desk, or lets something write there, that a check of an area looks at.
fn comes_along(cx: &Context<'_>, area: &str, item: &Item) -> bool {
    let wanted = match area {
        "chat" => Part::Transcript,
        "macros" => Part::Macro,
        "integrations" => {
            return matches!(&item.content, Content::Integration(one) if matches!(one.how.as_str(), "both ways" | "writes only"));
        }
        _ => return false,
    };
    let Content::Scope(part) = &item.content else { return false };
    matches!(part.verb, Verb::Import | Verb::Recreate)
        && cx
            .world
            .source()
            .and_then(|source| source.kind(&part.kind))
            .is_some_and(|kind| kind.kind.part == wanted && kind.count() != Some(0))
}
