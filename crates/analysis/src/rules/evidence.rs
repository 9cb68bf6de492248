//! Evidence that proves nothing: the size of a file says that something is there, not that it is right.

use cutover_diagnostics::Diagnostic;
use cutover_ir::measure::Condition;
use cutover_plan::model::Content;

use crate::context::Context;

/// What people write when they looked at the size of a file.
const SIZES: &[&str] = &[
    "file size",
    "size of the file",
    "size of the export",
    "size of the backup",
    "archive size",
    "export size",
    "backup size",
    "megabytes",
    "gigabytes",
];

/// Reports checks and criteria whose only evidence is a size.
pub fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let pass = match &item.content {
            Content::Criterion(goal) => &goal.pass,
            Content::Check(check) => &check.pass,
            _ => continue,
        };
        if pass.is_empty() || !pass.iter().all(is_size) {
            continue;
        }
        let Some(span) = cx.draft.places.get(&id.child("evidence")).copied() else { continue };
        found.push(
            Diagnostic::error("checks/size-is-no-evidence", "the size of a file proves nothing")
                .primary(span, "a file of the right size can hold the wrong things")
                .help("count, compare or restore something: `missing tickets at most 0`"),
        );
    }
    cx.draft.diagnostics.extend(found);
}

fn is_size(condition: &Condition) -> bool {
    match condition {
        Condition::Measure(_) => false,
        Condition::Evidence(text) => {
            let text = text.to_lowercase();
            SIZES.iter().any(|words| text.contains(words))
        }
    }
}
