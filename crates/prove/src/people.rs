//! People: whoever does or signs a step of the night is at hand when it comes.

use std::collections::BTreeMap;

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::time::Instant;
use cutover_plan::model::{Availability, Content, Operation, Placement, Stage, Window};
use cutover_plan::schedule::{Schedule, instant};
use cutover_plan::text::local;

use crate::Facts;

pub(crate) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some(window) = &facts.plan.migration.window else { return };
    let night = facts.schedule;
    at_hand(facts, window, night, out);
    out.extend(deciders(facts, window, night));
}

/// A duty of the night, from when to when by the estimates.
struct Duty<'a> {
    stage: &'a Stage,
    signs: bool,
    from: Instant,
    to: Instant,
}

/// The duties of each person, in order of time. Whoever holds mail watches it until it is delivered.
fn duties<'a>(facts: &Facts<'a>, window: &Window, night: &Schedule) -> BTreeMap<&'a str, Vec<Duty<'a>>> {
    let mut duties: BTreeMap<&str, Vec<Duty<'_>>> = BTreeMap::new();
    let drained = |held: &Stage| {
        let Operation::Hold { inbound } = &held.operation else { return None };
        let drain = facts.plan.stages.iter().find(
            |stage| matches!(&stage.operation, Operation::Drain { inbound: drained } if drained == inbound),
        )?;
        night.times.get(&drain.id).map(|times| times.end)
    };
    for stage in facts.plan.stages.iter().filter(|stage| stage.placement == Placement::In) {
        let Some(times) = night.times.get(&stage.id) else { continue };
        let end = drained(stage).unwrap_or(times.end);
        let signers = stage.signed_by.iter().map(|who| (who, true, times.end));
        let owner = stage.owner.iter().map(|who| (who, false, end));
        for (who, signs, end) in owner.chain(signers) {
            let from = if signs { times.end } else { times.start };
            let duty = Duty { stage, signs, from: instant(window, from), to: instant(window, end) };
            // A signature is nobody else's; what somebody does is handed over with their hours.
            let shared = if signs { vec![(who.as_str(), duty)] } else { shared(facts, who, duty) };
            for (who, duty) in shared {
                duties.entry(who).or_default().push(duty);
            }
        }
    }
    duties
}

/// A duty, as those share it who take over from each other.
fn shared<'a>(facts: &Facts<'a>, who: &'a str, duty: Duty<'a>) -> Vec<(&'a str, Duty<'a>)> {
    let mut parts = Vec::new();
    let (mut who, mut rest) = (who, duty);
    // Nobody takes over twice: a circle of people ends where it began.
    for _ in 0..facts.plan.people.len() {
        let Some(person) = facts.plan.people.get(who) else { break };
        let next = person.hands_over_to.as_deref().zip(person.available);
        let Some((next, hours)) = next.filter(|(_, hours)| rest.to > hours.to) else { break };
        if rest.from < hours.to {
            parts.push((who, Duty { stage: rest.stage, signs: false, from: rest.from, to: hours.to }));
            rest.from = hours.to;
        }
        who = next;
    }
    parts.push((who, rest));
    parts
}

/// Whoever signs a step does not come to do it either, when hours end.
fn taken_over(facts: &Facts<'_>, who: &str, duties: &[Duty<'_>]) -> Option<Diagnostic> {
    let duty = duties.iter().find(|duty| {
        !duty.signs
            && duty.stage.owner.as_deref() != Some(who)
            && duty.stage.signed_by.iter().any(|s| s == who)
    })?;
    let owner = duty.stage.owner.as_deref()?;
    let name = |who: &str| facts.plan.people.get(who).map_or(who.to_owned(), |person| person.name.clone());
    let from = facts.plan.people.iter().find(|(_, person)| person.hands_over_to.as_deref() == Some(who))?.0;
    Some(
        Diagnostic::error("people/own-work#hand-over", "somebody approves their own work")
            .primary(
                facts.clause(&Id::new(["person", from]), "then")?,
                format!("{} takes over “{}” from {}, and signs it", name(who), duty.stage.title, name(owner)),
            )
            .help("hand over to somebody else, or let somebody else sign"),
    )
}

fn at_hand(facts: &Facts<'_>, window: &Window, night: &Schedule, out: &mut Vec<Diagnostic>) {
    for (who, duties) in duties(facts, window, night) {
        out.extend(taken_over(facts, who, &duties));
        let Some(person) = facts.plan.people.get(who) else { continue };
        let Some(available) = person.available else { continue };
        let missed = duties.iter().filter(|duty| duty.from < available.from || duty.to > available.to);
        let Some(first) = missed.clone().min_by_key(|duty| (duty.from, &duty.stage.id)) else { continue };
        let more = missed.count() - 1;
        let clock = |at| local::minute(window, at);
        let id = Id::new(["person", who]);
        let Some(at) = facts.clause(&id, "available") else { continue };
        let hours = format!("at hand from {} to {}", clock(available.from), clock(available.to));
        let finding =
            Diagnostic::error("people/not-at-hand", "somebody is needed in the night and is not at hand")
                .primary(at, hours);
        let item = first.stage.items.iter().find_map(|item| facts.place(&item.0));
        let does = if first.signs { "signs" } else { "is needed for" };
        let when = if first.from == first.to {
            format!("at about {}", clock(first.to))
        } else {
            format!("from about {} to {}", clock(first.from), clock(first.to))
        };
        let label = format!("{} {does} “{}” {when}", person.name, first.stage.title);
        let finding = match item {
            Some(place) => finding.secondary(place, label),
            None => finding.note(label),
        };
        let finding = match more {
            0 => finding,
            1 => finding.note("and for one more step"),
            more => finding.note(format!("and for {more} more steps")),
        };
        let others = others(facts, who, first);
        // A signature is nobody else's, so it is not handed over: somebody else gives it.
        if first.signs {
            let others: Vec<String> =
                others.iter().map(|(id, name)| format!("{name}, by `signed by {id}`")).collect();
            out.push(finding.help(match others.as_slice() {
                [] => {
                    "ask them to stay, or let somebody sign who is there and does not do the step".to_owned()
                }
                others => format!("ask them to stay, or let somebody else sign: {}", others.join("; or ")),
            }));
            continue;
        }
        let others: Vec<String> = others.into_iter().map(|(_, name)| name).collect();
        out.push(finding.help(match others.as_slice() {
            [] => "ask them to stay, or give the step to somebody who is there; who takes over when hours end stands behind them: `then li`".to_owned(),
            others => format!("ask them to stay, or hand it over, by `then ...` behind their hours: {} at hand then", joined(others)),
        }));
    }
}

/// Other people who say that they are at hand for a duty.
fn others(facts: &Facts<'_>, who: &str, duty: &Duty<'_>) -> Vec<(String, String)> {
    let covers = |available: Option<Availability>| {
        available.is_some_and(|available| available.from <= duty.from && duty.to <= available.to)
    };
    // Whoever does a step does not sign it, and the other way round.
    let fits = |id: &str| {
        let stage = duty.stage;
        if duty.signs {
            stage.owner.as_deref() != Some(id)
        } else {
            !stage.signed_by.iter().any(|signer| signer == id)
        }
    };
    let others = facts.plan.people.iter();
    let others = others.filter(|(id, person)| *id != who && fits(id) && covers(person.available));
    others.map(|(id, person)| (id.clone(), person.name.clone())).take(3).collect()
}

fn joined(names: &[String]) -> String {
    match names {
        [one] => format!("{one} is"),
        names => format!("{} are", names.join(", ")),
    }
}

/// At each moment of the night somebody is at hand who can decide about the way back.
fn deciders(facts: &Facts<'_>, window: &Window, night: &Schedule) -> Option<Diagnostic> {
    let id = Id::new(["rollback"]);
    let Some(Content::Rollback(rollback)) = facts.content(&id) else { return None };
    if night.times.is_empty() || rollback.decided_by.is_empty() {
        return None;
    }
    let mut hours = Vec::new();
    for who in &rollback.decided_by {
        // Whoever names no hours is taken to be there.
        hours.push(facts.plan.people.get(who)?.available?);
    }
    hours.sort_by_key(|available| available.from);
    let end = instant(window, night.needed);
    let mut covered = window.start;
    for available in &hours {
        if available.from > covered {
            break;
        }
        covered = covered.max(available.to);
    }
    if covered >= end {
        return None;
    }
    let clock = |at| local::minute(window, at);
    let back = hours.iter().map(|available| available.from).filter(|from| *from > covered).min();
    let until = back.map_or(end, |back| back.min(end));
    let finding = Diagnostic::error(
        "people/nobody-decides",
        "at some time of the night nobody can decide about the way back",
    )
    .primary(
        facts.clause(&id, "decided by")?,
        format!("nobody of them is at hand from {} to {}", clock(covered), clock(until)),
    );
    let finding = rollback.decided_by.iter().fold(finding, |finding, who| {
        match facts.clause(&Id::new(["person", who]), "available") {
            Some(place) => finding.secondary(place, "at hand"),
            None => finding,
        }
    });
    Some(finding.help("name a deputy who is there then, or let one of them stay"))
}
