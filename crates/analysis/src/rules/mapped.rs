//! Every kind whose objects are imported has a map.

use cutover_catalog::Part;
use cutover_catalog::kind::Route;
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Content, Verb};
use rustc_hash::FxHashSet;

use crate::context::Context;

/// Asks for the map of each kind that `scope` imports.
pub fn check(cx: &mut Context<'_>) {
    if cx.maps.remaining.is_some() {
        return;
    }
    let Some(source) = cx.world.source() else { return };
    let parts = cx.draft.plan.items.range(Id::new(["scope"])..);
    let parts = parts.take_while(|(id, _)| id.kind() == "scope");
    let mut seen = FxHashSet::default();
    let mut missing = Vec::new();
    for (id, item) in parts {
        let Content::Scope(part) = &item.content else { continue };
        if part.verb != Verb::Import || !seen.insert(part.kind.as_str()) || cx.maps.has_map(&part.kind) {
            continue;
        }
        // A label exists as soon as something has it.
        let kind = source.kind(&part.kind);
        let implied = kind.is_some_and(|k| {
            k.kind.part == Part::Tag && k.kind.load.as_ref().is_none_or(|load| load.how == Route::Implied)
        });
        if let Some(kind) = kind.filter(|_| !implied)
            && let Some(span) = cx.draft.places.get(id)
        {
            missing.push((kind.name, kind.plural.clone(), *span));
        }
    }
    for (name, plural, span) in missing {
        let to = cx.world.target().and_then(|t| t.kind(name)).map_or("...", |k| k.name);
        cx.push(
            Diagnostic::error("map/missing", "objects are imported and nothing says how")
                .primary(span, format!("no map says what becomes of {}", plural.replace('_', " ")))
                .help(format!("write `map {name} -> {to} {{ ... }}`, or `map remaining kinds by catalog` for all that the catalogs know")),
        );
    }
}
