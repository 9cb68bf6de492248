//! What a full team says about the people around the switch: agents know whom to call, the first weeks have a rhythm.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Content, TeamProfile};
use cutover_syntax::keywords::ItemKw;

use crate::context::Context;
use crate::lower::checks::listed;
use crate::rules::safeguards::open;

/// Checks announcements to agents and the rhythm of the first weeks.
pub fn check(cx: &mut Context<'_>) {
    let full = cx.draft.plan.migration.team == TeamProfile::Full && cx.one(ItemKw::Team).is_some();
    contact(cx);
    if full {
        agents(cx);
        hypercare(cx);
    }
}

/// Agents are told.
fn agents(cx: &mut Context<'_>) {
    if cx.draft.plan.items.contains_key(&Id::new(["announce", "agents"])) || cx.of(ItemKw::Announce).any(open)
    {
        return;
    }
    let Some(migration) = cx.one(ItemKw::Migration) else { return };
    let at = migration.head_span();
    cx.push(
        Diagnostic::error("required/announcement#agents", "nobody tells the agents")
            .primary(at, "no `announce agents`")
            .help("add `announce agents template \"announce/agents.md\" escalations to ... anomalies to \"#channel\" owner ... from window - 1 day`"),
    );
}

/// Whoever is told of the switch is told whom to call.
fn contact(cx: &mut Context<'_>) {
    let id = Id::new(["announce", "agents"]);
    let Some(Content::Announce(announce)) = cx.draft.plan.items.get(&id).map(|item| &item.content) else {
        return;
    };
    let mut missing = Vec::new();
    if announce.escalations_to.is_none() {
        missing.push("escalations to");
    }
    if announce.anomalies_to.is_none() {
        missing.push("anomalies to");
    }
    let Some(at) = cx.draft.places.get(&id).copied().filter(|_| !missing.is_empty()) else { return };
    if cx.of(ItemKw::Announce).any(open) {
        return;
    }
    cx.push(
        Diagnostic::error("announce/no-contact", "agents are told of the switch, and not whom to call")
            .primary(at, format!("no {}", listed(&missing)))
            .help("name a person for what cannot wait and a place for what looks odd: `escalations to maya anomalies to \"#cutover\"`"),
    );
}

/// The first days have a daily talk, somebody for defects, and an end.
fn hypercare(cx: &mut Context<'_>) {
    let id = Id::new(["hypercare"]);
    let Some(Content::Hypercare(care)) = cx.draft.plan.items.get(&id).map(|item| &item.content) else {
        return;
    };
    let Some(item) = cx.one(ItemKw::Hypercare).filter(|item| !open(item)) else { return };
    let mut missing = Vec::new();
    if care.rhythm.daily_at.is_none() {
        missing.push("daily");
    }
    if care.defects_to.is_none() {
        missing.push("defects");
    }
    if care.stable_after.is_none() {
        missing.push("stable");
    }
    if missing.is_empty() {
        return;
    }
    let at = item.head_span();
    cx.push(
        Diagnostic::error("hypercare/part-missing", "the first days after the switch are not arranged")
            .primary(at, format!("no {}", listed(&missing)))
            .help("it reads: `daily 09:30; defects to dana within 1 hour; stable after 5 days without exceptions`"),
    );
}
