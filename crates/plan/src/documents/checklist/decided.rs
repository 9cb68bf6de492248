//! What the spec decides beside tasks, maps and scope, so that nothing in the plan is missing on the page.

use std::collections::BTreeSet;

use cutover_ir::Id;

use crate::documents::details;
use crate::documents::page::Page;
use crate::model::Content;

pub(super) fn write(page: &mut Page<'_>) {
    let plan = page.plan;
    let carried: BTreeSet<&Id> =
        plan.stages.iter().flat_map(|stage| &stage.items).map(|item| &item.0).collect();
    let mut first = true;
    for (id, item) in &plan.items {
        if carried.contains(id) || has_place(&item.content) {
            continue;
        }
        let Some(detail) = details::detail(plan, item) else { continue };
        if first {
            page.heading(2, "Also decided");
            first = false;
        }
        page.raw("- ");
        page.raw("**").text(&details::name(plan, id, item)).raw("**: ").text(&detail);
        if let Some(because) = &item.because {
            page.raw(": ").text(because);
        }
        if let Some(owner) = &item.owner {
            page.raw(" – ").person(owner);
        }
        page.ends_with(id);
    }
}

/// Whether this kind of item has a section of its own.
fn has_place(content: &Content) -> bool {
    matches!(
        content,
        Content::Scope(_)
            | Content::Map(_)
            | Content::Translate(_)
            | Content::Check(_)
            | Content::Waiver(_)
            | Content::Criterion(_)
            | Content::Objective(_)
            | Content::Trigger(_)
            | Content::Rollback(_)
            | Content::Accept(_)
    )
}
