//! An area is checked or waived, not both.

use std::collections::BTreeMap;

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::Content;

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
    cx.draft.diagnostics.extend(found);
}
