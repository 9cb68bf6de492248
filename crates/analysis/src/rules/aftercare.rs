//! The weeks after the switch: lengths of time that fit each other.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_plan::model::{Content, Hypercare, Watch};

use crate::context::Context;

/// Checks `watch` and `hypercare`.
pub fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let Some(head) = cx.draft.places.get(id).copied() else { continue };
        match &item.content {
            Content::Watch(watch) => found.extend(rhythm(watch, head)),
            Content::Hypercare(hypercare) => found.extend(stable(cx, id, hypercare, head)),
            _ => {}
        }
    }
    cx.draft.diagnostics.extend(found);
}

fn rhythm(watch: &Watch, head: Span) -> Option<Diagnostic> {
    (watch.every.nominal_seconds() > watch.lasting.nominal_seconds()).then(|| {
        Diagnostic::error("watch/never", "a watch is over before its first look")
            .primary(head, format!("every {}, but only for {}", watch.every, watch.lasting))
            .help("watch longer, or look more often: `every 1 hour for 72 hours`")
    })
}

fn stable(cx: &Context<'_>, id: &Id, hypercare: &Hypercare, head: Span) -> Option<Diagnostic> {
    let stable = hypercare.stable_after?;
    let lasting = hypercare.rhythm.lasting;
    (stable.nominal_seconds() > lasting.nominal_seconds()).then(|| {
        Diagnostic::error(
            "hypercare/never-stable",
            "hypercare is over before the new desk can be called stable",
        )
        .primary(
            cx.draft.places.get(&id.child("stable")).copied().unwrap_or(head),
            format!("{stable} do not fit into {lasting}"),
        )
        .help("let hypercare last longer than the quiet days that it waits for")
    })
}
