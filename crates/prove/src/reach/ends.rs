//! Ends: the old desk stays readable as long as somebody needs it, and what can no longer change is not loaded twice.

use cutover_analysis::count;
use cutover_catalog::kind::Change;
use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_ir::map::{Map, Outcome, Translate};
use cutover_ir::measure::Condition;
use cutover_ir::predicate::Literal;
use cutover_ir::quantity::Duration;
use cutover_ir::time::{Date, Instant};
use cutover_plan::model::{Content, GoLive, Goal, LoadMode, Operation, Placement, Verb, Wave, Window};
use cutover_plan::text::words;

use crate::Facts;

pub(super) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    readable(facts, out);
    too_short(facts, out);
    frozen(facts, out);
    links(facts, out);
    out.extend(untried(facts));
}

/// The last day on which the old desk can be read, and the item that says so.
pub(crate) fn last_day<'a>(facts: &Facts<'a>) -> Option<(&'a Id, Date)> {
    facts.items().find_map(|(id, item)| match &item.content {
        Content::ReadOnly(read_only) => Some((id, read_only.until)),
        _ => None,
    })
}

/// Something that goes on after the window.
pub(crate) struct Use<'a> {
    /// Its last day.
    pub(crate) day: Date,
    pub(crate) id: &'a Id,
    pub(crate) what: &'static str,
    length: Duration,
}

/// What goes on after the window, and until when.
fn uses<'a>(facts: &Facts<'a>, window: &Window) -> impl Iterator<Item = Use<'a>> {
    let end = window.end.seconds();
    facts.items().filter_map(move |(id, item)| {
        let (length, what) = match &item.content {
            Content::Hypercare(care) => (care.rhythm.lasting, "hypercare lasts"),
            Content::Ownership(own) => (own.rhythm.lasting, "what is left over has an owner"),
            Content::Watch(watch) => (watch.lasting, "the watch lasts"),
            Content::Objective(goal) => (longest(goal)?, "this objective is measured"),
            Content::Criterion(goal) => (longest(goal)?, "this criterion is measured"),
            _ => return None,
        };
        let seconds = i64::try_from(length.nominal_seconds()).unwrap_or(i64::MAX);
        let day = Instant::from_seconds(end.saturating_add(seconds)).utc_date();
        Some(Use { day, id, what, length })
    })
}

/// The last thing for which the program itself asks the new desk after the window.
pub(crate) fn longest_use<'a>(facts: &Facts<'a>, window: &Window) -> Option<Use<'a>> {
    let measured = |used: &Use<'_>| {
        !matches!(facts.content(used.id), Some(Content::Hypercare(_) | Content::Ownership(_)))
    };
    uses(facts, window).filter(measured).max_by_key(|used| used.day)
}

/// The old desk can be read until the last thing is over for which its end waits.
fn readable(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some(window) = &facts.plan.migration.window else { return };
    let Some((id, until)) = last_day(facts) else { return };
    if until <= window.end.utc_date() {
        return;
    }
    let Some(Use { day: needed, id: other, what, length }) = uses(facts, window).max_by_key(|used| used.day)
    else {
        return;
    };
    if until >= needed {
        return;
    }
    let Some(at) = facts.clause(id, "until") else { return };
    let finding = Diagnostic::error("reach/closed-too-early", "the old desk closes while somebody still needs it")
        .primary(at, format!("{until} is its last day"))
        .note("the old desk ends once the first weeks are over: until then people look up what was there, and it is the way back")
        .help(format!("let it be read until {needed} at least"));
    out.push(match facts.place(other) {
        Some(place) => finding.secondary(place, format!("{what} until {needed}: {length} after the window")),
        None => finding,
    });
}

fn longest(goal: &Goal) -> Option<Duration> {
    let within = goal.pass.iter().filter_map(|condition| match condition {
        Condition::Measure(measure) => measure.within,
        Condition::Evidence(_) => None,
    });
    within.max_by_key(|length| length.nominal_seconds())
}

/// What is archived instead of moved is there at least as long as the old desk: else nobody has it who looks for it when the old desk is gone.
fn too_short(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let Some((read_only, last)) = last_day(facts) else { return };
    for (id, item) in facts.items() {
        let Content::Scope(part) = &item.content else { continue };
        let until = part.until.as_ref().filter(|until| until.then_delete && until.date < last);
        let Some(until) = until.filter(|_| part.verb == Verb::Archive) else { continue };
        let Some(at) = facts.clause(id, "until") else { continue };
        let finding = Diagnostic::warning("reach/archive-too-short", "what is archived is deleted before the old desk is gone")
            .primary(at, format!("deleted after {}, while the old desk still has it", until.date))
            .help(format!("keep it for the time after the old desk: `until` a day after {last}; or `retire` it, when the old desk is enough"));
        out.push(match facts.clause(read_only, "until") {
            Some(place) => finding.secondary(place, "readable until then"),
            None => finding,
        });
    }
}

/// What changes after the first load is written again, unless the new desk does not change such records any more.
fn frozen(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let night = facts.items().find_map(|(id, item)| match &item.content {
        Content::GoLive(night) => Some((id, night)),
        _ => None,
    });
    let Some((night_id, night)) = night else { return };
    if night.load.mode != LoadMode::Replace {
        return;
    }
    for (id, item) in facts.items() {
        let Content::Wave(wave) = &item.content else { continue };
        if wave.placement != Placement::Before || wave.reopened_as.is_some() {
            continue;
        }
        if night.load.kind.as_deref() == Some(&wave.kind) {
            out.extend(replaced(facts, id, wave, (night_id, night)));
        }
    }
}

/// A status of the old desk that a wave loads and that becomes one in which the new desk hardly changes a record again, and that one.
pub(super) fn frozen_state(facts: &Facts<'_>, wave: &Wave) -> Option<(String, String)> {
    let source = facts.world.source()?.kind(&wave.kind)?;
    let field = source.state_field()?.field.as_ref();
    facts.items().find_map(|(_, item)| {
        let Content::Map(map) = &item.content else { return None };
        let loaded = |status: &str| !count::excludes(source, &wave.which, field, status);
        frozen_by(facts, map, loaded).filter(|_| map.source == wave.kind)
    })
}

/// The translation by which a map gives records their status.
pub(super) fn states_by<'a>(facts: &Facts<'a>, map: &Map) -> Option<&'a Translate> {
    let states = facts.world.target()?.kind(&map.target)?.state_field()?;
    let row = map.rows.iter().find(|row| row.to.iter().any(|to| *to == *states.field))?;
    let table = row.pipe.iter().find(|call| call.function == "translate")?;
    let Some(Literal::Text(table)) = table.args.first() else { return None };
    match facts.content(&Id::new(["translate", table])) {
        Some(Content::Translate(table)) => Some(table),
        _ => None,
    }
}

/// A status that a map makes one in which the new desk hardly changes a record again, and that one.
fn frozen_by(facts: &Facts<'_>, map: &Map, loaded: impl Fn(&str) -> bool) -> Option<(String, String)> {
    let states = facts.world.target()?.kind(&map.target)?;
    let table = states_by(facts, map)?;
    table.rows.iter().find_map(|row| {
        let Outcome::Value(Literal::Text(to)) = &row.outcome else { return None };
        let frozen = states.state(to).is_some_and(|state| state.change != Change::Free);
        let plain = !row.pattern.wildcard && !row.pattern.any_case;
        let moves = plain && loaded(&row.pattern.text);
        (frozen && moves).then(|| (row.pattern.text.clone(), to.clone()))
    })
}

/// A link is written when all records are there, and then some can no longer change.
fn links(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    for stage in &facts.plan.stages {
        let Operation::Link { kind, field, to } = &stage.operation else { continue };
        if to.is_empty() {
            continue;
        }
        let found = facts.items().find_map(|(_, item)| {
            let Content::Map(map) = &item.content else { return None };
            let row = map.rows.iter().find(|row| map.target == *kind && row.to.contains(field))?;
            Some((row, frozen_by(facts, map, |_| true)?))
        });
        let Some((row, (status, frozen))) = found else { continue };
        let Some((at, target)) = facts.place(&row.id).zip(facts.world.target()) else { continue };
        out.push(
            Diagnostic::warning("reach/frozen#link", "records are changed after they can no longer change")
                .primary(
                    at,
                    format!(
                        "`{field}` is written when all {} are there, and those with \"{status}\" are \"{frozen}\" by then",
                        words::plural(kind)
                    ),
                )
                .note(format!("{} hardly changes such records again: their links are rejected, and stand in the list of rejects", target.product()))
                .help("let them arrive in a status that can still change; or say that their links may be missing: `allow \"reach/frozen\"  until ...  because \"...\"`"),
        );
    }
}

/// What is there for good from the moment in which it is written is compared before: in the rehearsal, in each status.
fn untried(facts: &Facts<'_>) -> Option<Diagnostic> {
    let (source, target) = facts.world.source().zip(facts.world.target())?;
    let (id, rehearsal) = facts.items().find_map(|(id, item)| match &item.content {
        Content::Rehearsal(rehearsal) => Some((id, rehearsal)),
        _ => None,
    })?;
    // A sample that is not decided yet may be spread over anything.
    if rehearsal.sample.is_empty() && facts.clause(id, "sample").is_some() {
        return None;
    }
    facts.items().find_map(|(_, item)| {
        let Content::Map(map) = &item.content else { return None };
        let (from, to) = source.kind(&map.source).zip(target.kind(&map.target))?;
        let states = from.state_field()?;
        if rehearsal.spread_over.iter().any(|field| **field == *states.field) {
            return None;
        }
        let frozen = states_by(facts, map)?.rows.iter().find(|row| match &row.outcome {
            Outcome::Value(Literal::Text(state)) => {
                to.state(state).is_some_and(|state| state.change != Change::Free)
            }
            _ => false,
        })?;
        let finding = Diagnostic::error("waves/frozen-late", "what can never be changed is not tried first")
            .primary(facts.place(id)?, "the sample may hold none of them");
        let finding = match facts.place(&frozen.id) {
            Some(place) => finding.secondary(place, "cannot be changed afterwards"),
            None => finding,
        };
        Some(
            finding
                .note("the night compares what was loaded, when it can no longer be mended: so each status is compared in the rehearsal")
                .help(format!("spread the sample: `sample 100 {}  spread over {}`", from.plural, states.field)),
        )
    })
}

fn replaced(facts: &Facts<'_>, id: &Id, wave: &Wave, night: (&Id, &GoLive)) -> Option<Diagnostic> {
    let source = facts.world.source()?.kind(&wave.kind)?;
    let target = facts.world.target()?;
    let (status, frozen) = frozen_state(facts, wave)?;
    let plural = source.plural.replace('_', " ");
    let product = target.product();
    let finding = Diagnostic::error("reach/frozen", "records are replaced after they can no longer change")
        .primary(
            facts.place(id)?,
            format!("{plural} with \"{status}\" become \"{frozen}\", and {product} hardly changes such records again"),
        )
        .note(format!("a customer who answers to one of them before the night changes it in the old desk, and {product} refuses what it would replace"))
        .help("say what becomes of such an answer: `reopened as new linked ticket`");
    Some(match facts.clause(night.0, "load") {
        Some(place) if night.1.load.kind.is_some() => {
            finding.secondary(place, "this writes them a second time")
        }
        _ => finding,
    })
}
