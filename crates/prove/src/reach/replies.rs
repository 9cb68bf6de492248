//! What a late reply becomes: what the spec promises is what the new desk does, and mails find their ticket.

use cutover_analysis::count;
use cutover_analysis::world::{FieldView, System};
use cutover_catalog::Part;
use cutover_catalog::capability::Reopen;
use cutover_catalog::fact::Mark;
use cutover_catalog::kind::{Change, StateCategory, Write};
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::map::{Map, Outcome, Source};
use cutover_ir::predicate::Literal;
use cutover_plan::model::{Content, Verb, Wave};

use super::ends::{frozen_state, states_by};
use crate::Facts;

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    out.extend(threads(facts));
    // No error rests on a guess.
    let Some((does, true)) = facts.world.target().and_then(|target| reopens(facts, target)) else { return };
    for (id, item) in facts.items() {
        match &item.content {
            Content::Wave(wave) => out.extend(promised(facts, id, wave, does)),
            Content::Map(map) if matches!(does, Reopen::FollowUp | Reopen::ByReplyThenFollowUp) => {
                out.extend(unsaid(facts, map));
            }
            _ => {}
        }
    }
}

/// An answer to an old mail finds its ticket by the ids of mails. Without them it makes a new ticket, and somebody has said so.
fn threads(facts: &Facts<'_>) -> Option<Diagnostic> {
    if facts.content(&Id::new(["accept", "message_ids"])).is_some() {
        return None;
    }
    let (source, target) = facts.world.source().zip(facts.world.target())?;
    facts.items().find_map(|(id, item)| {
        let Content::Map(map) = &item.content else { return None };
        let (from, to) = source.kind(&map.source).zip(target.kind(&map.target))?;
        let is_id = |field: &FieldView<'_>| field.field.canon.as_deref() == Some("message_id");
        let comments = from.kind.part == Part::Comment && to.kind.part == Part::Comment;
        let own = from.fields().filter(|_| comments).find(is_id)?;
        // An account whose comments have none loses none.
        if own.profile.is_some_and(|profile| profile.present == 0) {
            return None;
        }
        let path = own.path();
        if map.rows.iter().any(|row| row.from.iter().any(|from| matches!(from, Source::Field(read) if *read == path))) {
            return None;
        }
        // Nobody has decided yet.
        if facts.spots.contains(id.child("open").child(&path).as_str()) {
            return None;
        }
        let dropped = map.dropped.iter().find(|dropped| dropped.field == path);
        let at = dropped.map_or(id, |dropped| &dropped.id);
        let carry = to.fields().find(is_id).map_or(String::new(), |to| format!("carry it: `{path} -> {to}  threads kept`; or "));
        Some(
            Diagnostic::warning("map/threads-lost", "answers to old mails will make new tickets")
                .primary(
                    facts.place(at)?,
                    format!("`{path}` stays behind, and by it {} would know the ticket of an answer", target.product()),
                )
                .help(format!(
                    "{carry}say that it is meant: `accept message_ids  in \"vault:...\"  owner ...  signed by ...  because \"...\"`"
                )),
        )
    })
}

/// How customers come back to a finished ticket of a system, and whether somebody has confirmed it.
fn reopens(facts: &Facts<'_>, system: &System<'_>) -> Option<(Reopen, bool)> {
    let catalog = system.catalog?;
    let fact = catalog.capabilities.reopen.as_ref()?;
    let plan = facts.plan.systems.get(&*system.name).and_then(|system| system.plan.as_deref());
    Some((*fact.on(plan)?, catalog.mark_of(fact.mark, &fact.from) != Mark::Unverified))
}

/// A ticket that an answer opens again in the old desk, and that arrives in a status in which no answer does: somebody has said so.
fn unsaid(facts: &Facts<'_>, map: &Map) -> Option<Diagnostic> {
    let (source, target) = facts.world.source().zip(facts.world.target())?;
    // What nobody has confirmed of the old desk is no reason to doubt a map.
    let (_, true) = reopens(facts, source).filter(|(does, _)| *does != Reopen::FollowUp)? else {
        return None;
    };
    let (from, to) = source.kind(&map.source).zip(target.kind(&map.target))?;
    let field = from.state_field()?.field.as_ref();
    let waves = facts.items().filter_map(|(_, item)| match &item.content {
        Content::Wave(wave) if wave.kind == map.source && wave.reopened_as.is_some() => Some(wave),
        _ => None,
    });
    let waves: Vec<&Wave> = waves.collect();
    let imported = |status: &str| {
        facts.items().any(|(_, item)| match &item.content {
            Content::Scope(part) if part.kind == map.source && part.verb == Verb::Import => {
                !count::excludes(from, &part.which, field, status)
            }
            _ => false,
        })
    };
    let said = |status: &str| waves.iter().any(|wave| !count::excludes(from, &wave.which, field, status));
    let table = states_by(facts, map)?;
    table.rows.iter().find_map(|row| {
        let Outcome::Value(Literal::Text(state)) = &row.outcome else { return None };
        let status = row.pattern.text.as_str();
        let frozen = to.state(state).is_some_and(|state| state.change != Change::Free);
        let opens = from
            .state(status)
            .filter(|state| matches!(state.category, StateCategory::Solved | StateCategory::Closed))
            .is_some_and(|state| state.change == Change::Free);
        if !frozen || !opens || row.lossy.is_some() || !imported(status) || said(status) {
            return None;
        }
        let mut states = to.states();
        let softer = states.find(|(_, state)| {
            state.category == StateCategory::Solved
                && state.change == Change::Free
                && !matches!(state.write, Write::Database | Write::Never)
        });
        let softer = softer.map_or(String::new(), |(state, _)| format!("; or let them arrive as \"{state}\""));
        Some(
            Diagnostic::error("capability/reopen#unsaid", "a late reply becomes something else than the spec says")
                .primary(
                    facts.place(&row.id)?,
                    format!(
                        "in {} an answer opens such a ticket again; in {} \"{state}\" stays as it is, and the answer makes a new one",
                        source.product(),
                        target.product()
                    ),
                )
                .help(format!(
                    "say that it is meant: `lossy \"...\"` in this line, or `reopened as new linked ticket` in their wave{softer}"
                )),
        )
    })
}

fn promised(facts: &Facts<'_>, id: &Id, wave: &Wave, does: Reopen) -> Option<Diagnostic> {
    let said = wave.reopened_as.as_deref()?;
    let (becomes, why) = match (said, does) {
        ("same ticket", Reopen::FollowUp) => ("new linked ticket", None),
        ("same ticket", Reopen::ByReplyThenFollowUp) => {
            let (status, frozen) = frozen_state(facts, wave)?;
            let why = format!("tickets with \"{status}\" become \"{frozen}\", which no reply opens again");
            ("new linked ticket", Some(why))
        }
        ("new linked ticket" | "new ticket", Reopen::ByReply) => ("same ticket", None),
        _ => return None,
    };
    let product = facts.world.target()?.product();
    let finding =
        Diagnostic::error("capability/reopen", "a late reply becomes something else than the spec says")
            .primary(
                facts.clause(id, "reopened as")?,
                format!("in {product} a reply to one of these becomes: {becomes}"),
            )
            .help(format!(
                "write `reopened as {becomes}`, so that agents and customers are told what will happen"
            ));
    Some(match why {
        Some(why) => finding.note(why),
        None => finding,
    })
}
