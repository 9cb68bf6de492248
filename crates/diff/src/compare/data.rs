//! Other systems, cleaning, backup, export, rehearsal.

use cutover_ir::measure::Sample;
use cutover_ir::quantity::Duration;
use cutover_plan::documents;
use cutover_plan::model::{
    Accept, Backup, Baseline, Clean, Export, Freeze, Inbound, Integration, Moment, Rehearsal,
};
use cutover_plan::text::words;

use super::context::{Context, Trio, humans, listed, same_moment};
use super::scope::records;
use crate::kind::Kind;
use crate::order::{self, Strength};

pub(super) const PREPARATION: Trio =
    Trio(Kind::PreparationWeaker, Kind::PreparationStronger, Kind::PreparationChanged);
const VERIFICATION: Trio =
    Trio(Kind::VerificationWeaker, Kind::VerificationStronger, Kind::VerificationWeaker);

/// Another system.
pub(super) fn integration(cx: &mut Context<'_>, old: &Integration, new: &Integration) {
    let Integration { kind, how, high_risk, changed_before } = new;
    cx.texts(Kind::IntegrationChanged, "kind", Some(words::human(&old.kind)), Some(words::human(kind)));
    cx.texts(Kind::IntegrationChanged, "", Some(old.how.clone()), Some(how.clone()));
    let care = Trio(Kind::IntegrationWeaker, Kind::IntegrationStronger, Kind::IntegrationChanged);
    let risk = |high: bool| if high { "high" } else { "as any other" }.to_owned();
    let strength = order::larger(old.high_risk, *high_risk);
    cx.strength(care, strength, "risk", risk(old.high_risk), risk(*high_risk));
    if same_moment(old.changed_before.as_ref(), changed_before.as_ref()) {
        return;
    }
    let at = |moment: &Option<Moment>| moment.as_ref().map(|moment| moment.at);
    let strength = order::present(at(&old.changed_before), at(changed_before), order::smaller);
    let before = old.changed_before.as_ref().map(|moment| words::moment(cx.old, moment));
    let after = changed_before.as_ref().map(|moment| words::moment(cx.new, moment));
    cx.strength(care, strength, "changed before", before, after);
}

/// An address.
pub(super) fn inbound(cx: &mut Context<'_>, old: &Inbound, new: &Inbound) {
    let Inbound { address, held_at } = new;
    cx.texts(Kind::IntegrationChanged, "address", Some(old.address.clone()), Some(address.clone()));
    let strength = match (&old.held_at, held_at) {
        (a, b) if a == b => Strength::Same,
        (Some(_), None) => Strength::Weaker,
        (None, Some(_)) => Strength::Stronger,
        _ => Strength::Other,
    };
    let care = Trio(Kind::IntegrationWeaker, Kind::IntegrationStronger, Kind::IntegrationChanged);
    cx.strength(care, strength, "mail waits at", old.held_at.clone(), held_at.clone());
}

/// A past that is compared with.
pub(super) fn baseline(cx: &mut Context<'_>, old: &Baseline, new: &Baseline) {
    let said = |b: &Baseline| format!("{} to {}, {}", b.from, b.to, words::human(&b.system));
    cx.texts(Kind::BaselineChanged, "", Some(said(old)), Some(said(new)));
}

/// Steps of the cleaning, by their ids.
pub(super) fn clean(cx: &mut Context<'_>, old: &Clean, new: &Clean) {
    let (was, is) = (cx.old, cx.new);
    for step in &old.steps {
        let now = new.steps.iter().find(|now| now.id == step.id);
        if now == Some(step) {
            continue;
        }
        cx.affected = records(was.figures.records.get(&step.id).copied(), &step.kind);
        let after = now.map(|now| documents::clean_step(is, now));
        let before = documents::clean_step(was, step);
        // Two steps may read the same and differ in a list or a reason.
        let part = if after.as_ref() == Some(&before) { "its list or its reason" } else { "" };
        cx.say_of(step.id.clone(), Kind::CleanChanged, part, before, after);
    }
    for step in new.steps.iter().filter(|now| !old.steps.iter().any(|step| step.id == now.id)) {
        cx.affected = records(is.figures.records.get(&step.id).copied(), &step.kind);
        let after = documents::clean_step(is, step);
        cx.say_of(step.id.clone(), Kind::CleanChanged, "", None, after);
    }
}

/// Rules that nobody changes: more of them, and from an earlier day, is stronger.
pub(super) fn freeze(cx: &mut Context<'_>, old: &Freeze, new: &Freeze) {
    let Freeze { rules, from } = new;
    cx.members(PREPARATION, "frozen", &humans(&old.rules), &humans(rules));
    if same_moment(Some(&old.from), Some(from)) {
        return;
    }
    let strength = order::smaller(old.from.at, from.at);
    let (before, after) = (words::moment(cx.old, &old.from), words::moment(cx.new, from));
    cx.strength(PREPARATION, strength, "from", before, after);
}

/// A copy of everything.
pub(super) fn backup(cx: &mut Context<'_>, old: &Backup, new: &Backup) {
    let Backup { store, parts, restore, restore_before } = new;
    cx.texts(Kind::StoreChanged, "kept in", Some(old.store.clone()), Some(store.clone()));
    cx.members(PREPARATION, "backed up", &humans(&old.parts), &humans(parts));
    samples(cx, "restored as a proof", &old.restore, restore);
    let before = old.restore_before.as_ref().map(|item| cx.title(cx.old, &item.0));
    let after = restore_before.as_ref().map(|item| cx.title(cx.new, &item.0));
    let strength = match (&before, &after) {
        (a, b) if a == b => Strength::Same,
        (Some(_), None) => Strength::Weaker,
        (None, Some(_)) => Strength::Stronger,
        _ => Strength::Other,
    };
    cx.strength(PREPARATION, strength, "restored before", before, after);
}

/// Samples, the larger ones being the stronger.
pub(super) fn samples(cx: &mut Context<'_>, part: &str, old: &[Sample], new: &[Sample]) {
    let said = |all: &[Sample]| listed(&all.iter().map(words::sample).collect::<Vec<_>>());
    cx.strength(PREPARATION, order::samples(old, new), part, said(old), said(new));
}

/// How the source is read.
pub(super) fn export(cx: &mut Context<'_>, old: &Export, new: &Export) {
    let Export { parts, verify, sample } = new;
    let compared = |all: &[String]| -> Vec<String> {
        all.iter().map(|one| words::compared(std::slice::from_ref(one))).collect()
    };
    cx.members(VERIFICATION, "verified", &compared(&old.verify), &compared(verify));
    samples(cx, "compared side by side", &old.sample, sample);
    let (was, is) = (cx.old, cx.new);
    let said = |plan, part: &cutover_plan::model::ExportPart| {
        let chunks = part.chunks.as_ref().map_or_else(String::new, |chunks| {
            format!(", in pieces by {} of {}", words::human(&chunks.by), words::human(&chunks.field))
        });
        format!("{}{chunks}", words::selected(plan, &part.kind, &part.which))
    };
    for part in &old.parts {
        let now = parts.iter().find(|now| now.id == part.id);
        if now != Some(part) {
            let kind = if now.is_some() { Kind::PreparationChanged } else { Kind::PreparationWeaker };
            let after = now.map(|now| said(is, now));
            cx.say_of(part.id.clone(), kind, "exported", said(was, part), after);
        }
    }
    for part in parts.iter().filter(|now| !old.parts.iter().any(|part| part.id == now.id)) {
        cx.say_of(part.id.clone(), Kind::PreparationStronger, "exported", None, said(is, part));
    }
}

/// A loss of a whole thing.
pub(super) fn accept(cx: &mut Context<'_>, old: &Accept, new: &Accept) {
    let Accept { what, store, lasting } = new;
    cx.texts(Kind::LossChanged, "", Some(words::human(&old.what)), Some(words::human(what)));
    cx.texts(Kind::StoreChanged, "kept in", old.store.clone(), store.clone());
    // Without a length it is kept for ever, where it is kept at all.
    let strength = match (old.lasting, *lasting) {
        (None, Some(_)) => Strength::Weaker,
        (Some(_), None) => Strength::Stronger,
        (a, b) => order::present(a, b, order::longer),
    };
    let said = |d: Option<Duration>| d.map_or_else(|| "without end".to_owned(), words::length);
    let trio = Trio(Kind::KeptShorter, Kind::KeptLonger, Kind::KeptShorter);
    cx.strength(trio, strength, "", said(old.lasting), said(*lasting));
}

/// A trial.
pub(super) fn rehearsal(cx: &mut Context<'_>, old: &Rehearsal, new: &Rehearsal) {
    let Rehearsal { system, sample, spread_over, include, run, tests, desks } = new;
    cx.texts(Kind::PreparationChanged, "in", Some(old.system.clone()), Some(system.clone()));
    samples(cx, "sample", &old.sample, sample);
    samples(cx, "among them", &old.include, include);
    cx.members(PREPARATION, "spread over", &humans(&old.spread_over), &humans(spread_over));
    cx.members(PREPARATION, "tried", &humans(&old.run), &humans(run));
    // Examples that came or went are told as such, another account as a system.
    let _ = (tests, desks);
}
