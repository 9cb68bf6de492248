//! Waves, the switch, the people around it, and the way back.

use cutover_plan::Plan;
use cutover_plan::model::{
    Announce, GoLive, Inspect, LoadMode, Moment, NoAnswer, Placement, Rollback, Selection, Silence, Train,
    Wave,
};
use cutover_plan::text::words;

use super::context::{Context, Trio, humans, listed, same_moment};
use super::data::PREPARATION;
use crate::change::Affected;
use crate::kind::Kind;
use crate::order::{self, Strength};

const ROLLBACK: Trio = Trio(Kind::RollbackWeaker, Kind::RollbackStronger, Kind::RollbackChanged);
const SILENCE: Trio = Trio(Kind::SilenceWeaker, Kind::SilenceStronger, Kind::SilenceChanged);

/// Records that go over together. Says whether nothing else of it has a meaning.
pub(super) fn wave(cx: &mut Context<'_>, old: &Wave, new: &Wave) -> bool {
    let Wave { order, kind, which, placement, gated_by, reopened_as, by } = new;
    let (was, is) = (cx.old, cx.new);
    // What the others lose, the rest gets.
    let rests = matches!((&old.which, which), (Selection::Rest(_), Selection::Rest(_)));
    if old.kind != *kind || old.which != *which && !rests {
        cx.affected = Affected::not_computed();
        let (before, after) = (words::selected(was, &old.kind, &old.which), words::selected(is, kind, which));
        cx.say(Kind::WaveScopeChanged, "", before, after);
        cx.affected = Affected::None;
    }
    let place = |order: u32, placement: Placement| format!("wave {order}, {}", words::placement(placement));
    let (before, after) = (place(old.order, old.placement), place(*order, *placement));
    cx.texts(Kind::WaveMoved, "", Some(before), Some(after));
    let (before, after) = (cx.titles(was, &old.gated_by), cx.titles(is, gated_by));
    let gates = Trio(Kind::GateRemoved, Kind::GateAdded, Kind::GateRemoved);
    cx.members(gates, "waits for", &before, &after);
    let over = |plan: &Plan, by: &Option<Moment>| {
        by.as_ref().map(|by| by.said.clone().unwrap_or_else(|| words::moment(plan, by)))
    };
    let (before, after) = (over(was, &old.by), over(is, by));
    cx.texts(Kind::WaveMoved, "over by", before, after);
    let again = |how: &Option<String>| how.as_ref().map(|how| words::human(how));
    cx.texts(Kind::HandlingChanged, "reopened as", again(&old.reopened_as), again(reopened_as));
    rests
}

/// The switch.
pub(super) fn go_live(cx: &mut Context<'_>, old: &GoLive, new: &GoLive) {
    let GoLive { hold, load, silent, switch, waves, carries, way_back, window, desks } = new;
    let (was, is) = (cx.old, cx.new);
    let (before, after) = (cx.titles(was, &old.hold), cx.titles(is, hold));
    let held = Trio(Kind::IntegrationWeaker, Kind::IntegrationStronger, Kind::IntegrationChanged);
    cx.members(held, "held", &before, &after);
    let said = |load: &cutover_plan::model::LateLoad| {
        let what = load.kind.as_deref().map_or_else(|| "everything".to_owned(), words::plural);
        match load.mode {
            LoadMode::Create => what,
            LoadMode::Replace => format!("changed {what}, replacing what was loaded"),
            LoadMode::Append => format!("changed {what}, added to what was loaded"),
        }
    };
    cx.texts(Kind::SwitchChanged, "loaded in the window", Some(said(&old.load)), Some(said(load)));
    cx.texts(Kind::SwitchChanged, "switched", listed(&humans(&old.switch)), listed(&humans(switch)));
    silence(cx, old.silent.as_ref(), silent.as_ref());
    // Waves, what it carries and the way back are told as items, the window as a part of the migration, another account as a system.
    let _ = (waves, carries, way_back, window, desks);
}

fn silence(cx: &mut Context<'_>, old: Option<&Silence>, new: Option<&Silence>) {
    let proofs =
        |silence: &Silence| -> Vec<String> { silence.proven_by.iter().map(words::silence_proof).collect() };
    let said = |silence: &Silence| {
        let tag = silence.tag.as_ref().map_or_else(String::new, |tag| format!("the tag “{tag}”, "));
        format!("{tag}until {}", words::human(&silence.until))
    };
    match (old, new) {
        (None, None) => {}
        (Some(old), None) => cx.say(Kind::SilenceWeaker, "", said(old), None),
        (None, Some(new)) => cx.say(Kind::SilenceStronger, "", None, said(new)),
        (Some(old), Some(new)) => {
            cx.members(SILENCE, "proven by", &proofs(old), &proofs(new));
            cx.texts(Kind::SilenceChanged, "", Some(said(old)), Some(said(new)));
        }
    }
}

/// A message.
pub(super) fn announce(cx: &mut Context<'_>, old: &Announce, new: &Announce) {
    let Announce { audience, template, from, escalations_to, anomalies_to } = new;
    let to = |who: &str| Some(words::human(who));
    cx.texts(Kind::AnnouncementChanged, "to", to(&old.audience), to(audience));
    let said = |plan: &Plan, from: &Option<Moment>| from.as_ref().map(|from| words::moment(plan, from));
    let (before, after) = (said(cx.old, &old.from), said(cx.new, from));
    if !same_moment(old.from.as_ref(), from.as_ref()) {
        cx.texts(Kind::AnnouncementChanged, "from", before, after);
    }
    let person = |cx: &Context<'_>, who: &Option<String>| who.as_ref().map(|who| cx.person(who));
    let (before, after) = (person(cx, &old.escalations_to), person(cx, escalations_to));
    cx.texts(Kind::AnnouncementChanged, "escalations go to", before, after);
    cx.texts(Kind::AnnouncementChanged, "oddities go to", old.anomalies_to.clone(), anomalies_to.clone());
    file(cx, "text", old.template.as_ref(), template.as_ref());
}

/// A file that travels with the plan.
fn file(cx: &mut Context<'_>, part: &str, old: Option<&String>, new: Option<&String>) {
    if old == new {
        return;
    }
    let name = |plan: &Plan, digest: Option<&String>| {
        let digest = digest?;
        Some(plan.assets.get(digest).map_or_else(|| "a file".to_owned(), |asset| asset.file.clone()))
    };
    let (before, after) = (name(cx.old, old), name(cx.new, new));
    let same = before == after;
    let after = after.map(|file| if same { format!("{file}, with another text") } else { file });
    cx.say(Kind::FileChanged, part, before, after);
}

/// Learning the new desk.
pub(super) fn train(cx: &mut Context<'_>, old: &Train, new: &Train) {
    let Train { audience, at_least, of_each, scenarios } = new;
    cx.members(PREPARATION, "learned", &humans(&old.scenarios), &humans(scenarios));
    let strength = order::present(old.at_least, *at_least, order::larger);
    let percent = |least: Option<cutover_ir::quantity::Decimal>| {
        least.map(|least| format!("{}%", words::decimal(least)))
    };
    cx.strength(PREPARATION, strength, "done by at least", percent(old.at_least), percent(*at_least));
    cx.texts(Kind::PreparationChanged, "of each", old.of_each.clone(), of_each.clone());
    cx.texts(Kind::PreparationChanged, "for", Some(old.audience.clone()), Some(audience.clone()));
}

/// Texts that are read.
pub(super) fn inspect(cx: &mut Context<'_>, old: &Inspect, new: &Inspect) {
    let Inspect { of, forbid } = new;
    cx.members(PREPARATION, "read", &humans(&old.of), &humans(of));
    let quoted = |all: &[String]| -> Vec<String> { all.iter().map(|word| format!("“{word}”")).collect() };
    cx.members(PREPARATION, "must not say", &quoted(&old.forbid), &quoted(forbid));
}

/// The way back.
pub(super) fn rollback(cx: &mut Context<'_>, old: &Rollback, new: &Rollback) {
    let Rollback { decided_by, otherwise, within, undo, before, keep, store, kept_by, message, triggers } =
        new;
    if old.decided_by != *decided_by {
        let strength = match order::sets(&old.decided_by, decided_by) {
            // The same people in another order: somebody else decides first.
            Strength::Same => Strength::Other,
            other => other,
        };
        let (was, is) = (listed(&cx.people(&old.decided_by)), listed(&cx.people(decided_by)));
        cx.strength(ROLLBACK, strength, "decided by", was, is);
    }
    // To go on when nobody answers is the least careful. To wait, or to undo a night that may have gone well, is another answer and no better one.
    let care = |answer: NoAnswer| answer != NoAnswer::GoOn;
    let said = |answer: NoAnswer| {
        match answer {
            NoAnswer::RollBack => "everything is undone",
            NoAnswer::StayPaused => "everything waits",
            NoAnswer::GoOn => "it goes on",
        }
        .to_owned()
    };
    let strength = match order::larger(care(old.otherwise), care(*otherwise)) {
        Strength::Same if old.otherwise != *otherwise => Strength::Other,
        other => other,
    };
    cx.strength(ROLLBACK, strength, "when nobody answers", said(old.otherwise), said(*otherwise));
    let strength = order::present(old.within, *within, order::shorter);
    let time = |d: &Option<cutover_ir::quantity::Duration>| d.map(words::length);
    cx.strength(ROLLBACK, strength, "an answer within", time(&old.within), time(within));
    if old.undo != *undo {
        let all = |undo: &[String]| undo.iter().any(|what| what == "everything");
        let strength = match (all(&old.undo), all(undo)) {
            (true, false) => Strength::Weaker,
            (false, true) => Strength::Stronger,
            _ => order::sets(&old.undo, undo),
        };
        let (was, is) = (listed(&humans(&old.undo)), listed(&humans(undo)));
        cx.strength(ROLLBACK, strength, "undone", was, is);
    }
    let (was, is) = (words::human(&old.before), words::human(before));
    cx.texts(Kind::RollbackChanged, "clean before", Some(was), Some(is));
    cx.members(ROLLBACK, "kept afterwards", &humans(&old.keep), &humans(keep));
    cx.texts(Kind::StoreChanged, "kept in", old.store.clone(), store.clone());
    let (was, is) =
        (old.kept_by.as_ref().map(|who| cx.person(who)), kept_by.as_ref().map(|who| cx.person(who)));
    cx.texts(Kind::RollbackChanged, "kept by", was, is);
    file(cx, "message", old.message.as_ref(), message.as_ref());
    // Triggers are items of their own.
    let _ = triggers;
}
