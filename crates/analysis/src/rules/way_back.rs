//! The rollback: by when somebody decides, what is undone, and what is kept of the new desk.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_plan::model::{Content, Rollback};
use cutover_syntax::keywords::{ItemKw, StmtKw};
use cutover_syntax::tree::TermKind;

use crate::context::Context;
use crate::metrics;

/// Checks the rollback.
pub fn check(cx: &mut Context<'_>) {
    let id = Id::new(["rollback"]);
    let Some(Content::Rollback(rollback)) = cx.draft.plan.items.get(&id).map(|item| &item.content) else {
        return;
    };
    let Some(head) = cx.draft.places.get(&id).copied() else { return };
    let keep = cx.draft.spots.get(&id.child("keep")).copied();
    let within = cx.draft.places.get(&id.child("within")).copied();
    let found: Vec<Diagnostic> = [
        deadline(cx, rollback, head, within),
        undo(rollback, head),
        kept(rollback, head, keep),
        early(cx, rollback, head),
    ]
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

fn kept(rollback: &Rollback, head: Span, keep: Option<Span>) -> Option<Diagnostic> {
    if rollback.store.is_none() && rollback.kept_by.is_none() && rollback.keep.is_empty() {
        return Some(
            Diagnostic::error(
                "rollback/nothing-kept",
                "what customers write to the new desk would be lost on the way back",
            )
            .primary(head, "nothing is kept of the time after the switch")
            .help("add `keep new tickets, replies in \"vault:acme-back\" owner dana after switch`"),
        );
    }
    let missing: Vec<&str> = ["new tickets", "replies"]
        .into_iter()
        .filter(|what| !rollback.keep.iter().any(|kept| kept == what))
        .collect();
    if missing.is_empty() || rollback.keep.is_empty() {
        return None;
    }
    Some(
        Diagnostic::error(
            "rollback/nothing-kept#some",
            "what customers write to the new desk would be lost on the way back",
        )
        .primary(keep.unwrap_or(head), format!("{} are not kept", missing.join(" and ")))
        .note("after the switch these cannot be sent again without reaching customers a second time, so they have to be kept")
        .help("write `keep new tickets, replies`"),
    )
}

/// Something can fire while records are loaded, before customers see anything.
fn early(cx: &Context<'_>, rollback: &Rollback, head: Span) -> Option<Diagnostic> {
    let mut fires = Vec::new();
    for trigger in &rollback.triggers {
        if let Some(Content::Trigger(trigger)) = cx.draft.plan.items.get(&trigger.0).map(|item| &item.content)
        {
            fires.push(metrics::find(&trigger.fires.metric)?);
        }
    }
    let late = |metric: &&metrics::Metric| metric.known == metrics::Known::Operation;
    // Without a trigger, and with one that could not be read, something else is reported.
    let item = cx.one(ItemKw::Rollback)?;
    let written = item.body_lines().iter().filter(|line| line.statement == Some(StmtKw::Trigger)).count();
    if fires.is_empty() || fires.len() != written || !fires.iter().all(late) {
        return None;
    }
    let wave = cx.draft.plan.items.iter().find(|(_, item)| matches!(item.content, Content::Wave(_)));
    let loads = wave.map(|(id, _)| id.clone()).unwrap_or_else(|| Id::new(["go_live"]));
    let finding = Diagnostic::error("rollback/only-late", "nothing can stop a load while it runs")
        .primary(head, "each trigger waits for customers to use the new desk, and then it is too late to go back cleanly")
        .help("add one that the load itself can fire: `trigger failures failed_imports more than 0.5% over 1000 records`");
    Some(match cx.draft.places.get(&loads) {
        Some(place) => finding.secondary(*place, "loaded with nothing that stops it"),
        None => finding,
    })
}
