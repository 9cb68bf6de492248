//! The rollback: by when somebody decides, what is undone, and what is kept of the new desk.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_plan::model::{Content, Rollback};
use cutover_syntax::keywords::ItemKw;
use cutover_syntax::tree::TermKind;

use crate::context::Context;

/// Checks the rollback.
pub fn check(cx: &mut Context<'_>) {
    let id = Id::new(["rollback"]);
    let Some(Content::Rollback(rollback)) = cx.draft.plan.items.get(&id).map(|item| &item.content) else {
        return;
    };
    let Some(head) = cx.draft.places.get(&id).copied() else { return };
    let within = cx.draft.places.get(&id.child("within")).copied();
    let found: Vec<Diagnostic> =
        [deadline(cx, rollback, head, within), undo(rollback, head), kept(rollback, head)]
            .into_iter()
            .flatten()
            .collect();
    cx.draft.diagnostics.extend(found);
}

fn deadline(cx: &Context<'_>, rollback: &Rollback, head: Span, span: Option<Span>) -> Option<Diagnostic> {
    let Some(within) = rollback.within else {
        // A hole may stand for the time.
        let item = cx.one(ItemKw::Rollback)?;
        let open = item.get(item.head()?.terms).iter().any(|term| term.kind == TermKind::Hole);
        return (span.is_none() && !open).then(|| {
            Diagnostic::error("rollback/no-deadline", "nobody has to decide about the rollback by any time")
                .primary(head, "how long may an answer take?")
                .help("add `within 30 min`; after that the words behind `else` hold")
        });
    };
    let window = cx.window.as_ref()?;
    let length = u64::try_from(window.end.seconds() - window.start.seconds()).ok()?;
    if within.nominal_seconds() < length {
        return None;
    }
    Some(
        Diagnostic::error("rollback/deadline-too-long", "the decision may take longer than the night")
            .primary(span?, "the window is over before somebody must have answered")
            .help("people and mail wait meanwhile; write `within 30 min`"),
    )
}

fn undo(rollback: &Rollback, head: Span) -> Option<Diagnostic> {
    rollback.before.is_empty().then(|| {
        Diagnostic::error("rollback/no-undo", "nobody says what is undone")
            .primary(head, "what does going back mean?")
            .help("add `undo everything before switch`")
    })
}

fn kept(rollback: &Rollback, head: Span) -> Option<Diagnostic> {
    (rollback.store.is_none() && rollback.kept_by.is_none() && rollback.keep.is_empty()).then(|| {
        Diagnostic::error(
            "rollback/nothing-kept",
            "what customers write to the new desk would be lost on the way back",
        )
        .primary(head, "nothing is kept of the time after the switch")
        .help("add `keep new tickets, replies in \"vault:acme-back\" owner dana after switch`")
    })
}
