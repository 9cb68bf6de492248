//! Stages: what is done, and in which order. What follows from an item that changed is told with the item, but for safeguards.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::Id;
use cutover_plan::Plan;
use cutover_plan::model::{Moment, Operation, Pass, Stage, StageKind, Undo};
use cutover_plan::text::words;

use super::context::{Context, Trio, listed};
use super::data::PREPARATION;
use super::item::{Pair, owner, signers};
use crate::kind::Kind;

/// What is told of a stage that asks an account.
const FOUND_OUT: &str = "found out beforehand";

/// Compares the stages, by id; those of a renamed item under its newer name.
pub(super) fn compare(cx: &mut Context<'_>, pairs: &[Pair<'_>]) {
    let (old, new) = (cx.old, cx.new);
    let names = renamed(cx);
    let name_of = |id: &Id| names.get(id).cloned().unwrap_or_else(|| id.clone());
    let before: BTreeMap<Id, &Stage> = old.stages.iter().map(|stage| (name_of(&stage.id), stage)).collect();
    let after: BTreeMap<Id, &Stage> = new.stages.iter().map(|stage| (stage.id.clone(), stage)).collect();
    let same: BTreeSet<&Id> = pairs.iter().map(|pair| pair.id).collect();
    let told: BTreeSet<Id> = cx.told.iter().filter(|id| same.contains(id)).cloned().collect();
    for (id, stage) in &before {
        if after.contains_key(id) {
            continue;
        }
        cx.about(id.clone(), stage.title.clone());
        if matches!(stage.undo, Undo::Irreversible { .. }) {
            cx.say(Kind::Reversible, "", undoable(&stage.undo), None);
        }
        let gate = stage.kind == StageKind::Gate && stage.items.iter().all(|item| same.contains(&item.0));
        let kind = if gate { Kind::GateRemoved } else { Kind::StageRemoved };
        if derived_piece(stage, &told) {
            continue;
        }
        cx.say(kind, "", format!("a step of “{}”", stage.phase.title()), None);
    }
    for (id, stage) in &after {
        cx.about(id.clone(), stage.title.clone());
        match before.get(id) {
            None => {
                if matches!(stage.undo, Undo::Irreversible { .. }) {
                    cx.say(Kind::Irreversible, "", None, undoable(&stage.undo));
                }
                if !derived_piece(stage, &told) {
                    cx.say(Kind::StageAdded, "", None, format!("a step of “{}”", stage.phase.title()));
                }
            }
            Some(was) => {
                let derived = stage.items.iter().any(|item| told.contains(&item.0));
                stages(cx, was, stage, derived, &name_of);
            }
        }
    }
    order(cx, &before, &after, &name_of);
}

/// Whether a stage is a piece of an export that is told as a whole: there may be hundreds of pieces.
fn derived_piece(stage: &Stage, told: &BTreeSet<Id>) -> bool {
    matches!(stage.operation, Operation::Export { .. })
        && stage.items.iter().any(|item| told.contains(&item.0))
}

/// Newer ids of stages whose last part is the name of an item that was renamed.
fn renamed(cx: &Context<'_>) -> BTreeMap<Id, Id> {
    let mut names = BTreeMap::new();
    for stage in &cx.old.stages {
        for item in &stage.items {
            let Some(now) = cx.renamed.get(&item.0) else { continue };
            let last = |id: &Id| id.as_str().rsplit('/').next().unwrap_or_default().to_owned();
            let (was, is) = (last(&item.0), last(now));
            let parts: Vec<&str> = stage
                .id
                .as_str()
                .split('/')
                .map(|part| if part == was { is.as_str() } else { part })
                .collect();
            names.insert(stage.id.clone(), Id::new(parts));
        }
    }
    names
}

fn stages(cx: &mut Context<'_>, old: &Stage, new: &Stage, derived: bool, name_of: &dyn Fn(&Id) -> Id) {
    let Stage {
        id: _,
        digest: _,
        phase,
        kind,
        title: _,
        owner: who,
        signed_by,
        needs: _,
        items,
        operation,
        pass,
        verification,
        undo,
        placement,
        not_before,
        due,
        estimate: _,
    } = new;
    if old.kind != *kind {
        let word = |kind: StageKind| {
            match kind {
                StageKind::Automatic => "the tool does it alone",
                StageKind::Gate => "it waits for a person",
                StageKind::Watch => "the tool measures",
            }
            .to_owned()
        };
        let change = match (old.kind, kind) {
            (StageKind::Gate, _) => Kind::GateRemoved,
            (_, StageKind::Gate) => Kind::GateAdded,
            _ => Kind::StageChanged,
        };
        cx.say(change, "", word(old.kind), word(*kind));
    }
    let lost = |undo: &Undo| matches!(undo, Undo::Irreversible { .. });
    if old.undo != *undo {
        let change = match (lost(&old.undo), lost(undo)) {
            (false, true) => Kind::Irreversible,
            (true, false) => Kind::Reversible,
            _ => Kind::RollbackChanged,
        };
        cx.say(change, "", undoable(&old.undo), undoable(undo));
    }
    let compared = |all: &[String]| -> Vec<String> {
        all.iter().map(|one| words::compared(std::slice::from_ref(one))).collect()
    };
    let verified = Trio(Kind::VerificationWeaker, Kind::VerificationStronger, Kind::VerificationWeaker);
    if !(derived && matches!(old.operation, Operation::Export { .. })) {
        cx.members(verified, "compared", &compared(&old.verification), &compared(verification));
    }
    let placed = |stage: &Stage| format!("{}, {}", stage.phase.title(), words::placement(stage.placement));
    let _ = (phase, placement);
    cx.texts(Kind::StageMoved, "", Some(placed(old)), Some(placed(new)));
    if derived {
        return;
    }
    // A stage without items has its people by role; others have those of their items.
    if items.is_empty() {
        owner(cx, old.owner.as_ref(), who.as_ref());
        signers(cx, &old.signed_by, signed_by);
    }
    // Moments that hang on the window move with it.
    let time = |plan: &Plan, moment: Option<&Moment>| {
        moment.map(|moment| moment.said.clone().unwrap_or_else(|| words::moment(plan, moment)))
    };
    let (before, after) = (time(cx.old, old.not_before.as_deref()), time(cx.new, not_before.as_deref()));
    cx.texts(Kind::StageMoved, "not before", before, after);
    let (before, after) = (time(cx.old, old.due.as_deref()), time(cx.new, due.as_deref()));
    cx.texts(Kind::StageMoved, "over by", before, after);
    let what = |stage: &Stage, named: bool| {
        let mut value = serde_json::to_value((&stage.operation, &stage.items)).unwrap_or_default();
        if named {
            map_texts(&mut value, &|text| {
                let id = Id::new(text.split('/'));
                cx.renamed.get(&id).map_or_else(|| name_of(&id), |now| (*now).clone()).to_string()
            });
        }
        value
    };
    if let (Operation::Probe { facts: then, .. }, Operation::Probe { facts: now, .. }) =
        (&old.operation, operation)
    {
        // What is not found out beforehand is found out in the night.
        let (before, after) = (says(cx.old, then), says(cx.new, now));
        cx.members(PREPARATION, FOUND_OUT, &before, &after);
    } else if what(old, true) != what(new, false) {
        let (before, after) = (old.title.clone(), new.title.clone());
        let same = before == after;
        cx.say(Kind::StageChanged, "", (!same).then_some(before), (!same).then_some(after));
    } else if old.pass != *pass {
        let (before, after) = (passes(cx.old, &old.pass), passes(cx.new, pass));
        if before != after {
            cx.say(Kind::ConditionChanged, "", before, after);
        }
    }
}

/// What facts say about a product.
fn says(plan: &Plan, facts: &[String]) -> Vec<String> {
    let fact = |id: &String| plan.facts.get(id).map_or_else(|| id.clone(), |fact| fact.says.clone());
    facts.iter().map(fact).collect()
}

fn undoable(undo: &Undo) -> String {
    match undo {
        Undo::NotNeeded => "nothing to undo".to_owned(),
        Undo::Inverse(inverse) => words::inverse(*inverse).to_owned(),
        Undo::Irreversible { because } => format!("cannot be undone: {because}"),
    }
}

fn map_texts(value: &mut serde_json::Value, name: &dyn Fn(&str) -> String) {
    use serde_json::Value;
    match value {
        Value::String(text) if text.contains('/') => *text = name(text),
        Value::Array(all) => all.iter_mut().for_each(|one| map_texts(one, name)),
        Value::Object(all) => all.values_mut().for_each(|one| map_texts(one, name)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn passes(plan: &Plan, pass: &Pass) -> String {
    match pass {
        Pass::CountsAddUp => "the counts add up".to_owned(),
        Pass::Verified => "both sides are equal".to_owned(),
        Pass::All(conditions) => words::conditions(plan, conditions),
        // Which checks there are is told with the checks.
        Pass::Checks(_) => "the checks pass".to_owned(),
        Pass::Evidence(text) => text.clone(),
        Pass::Signed => "the approval is recorded".to_owned(),
        Pass::TimeOver => "the time is over and nothing is open".to_owned(),
    }
}

/// Which of the stages that both plans have wait for which others.
fn order(
    cx: &mut Context<'_>,
    before: &BTreeMap<Id, &Stage>,
    after: &BTreeMap<Id, &Stage>,
    name_of: &dyn Fn(&Id) -> Id,
) {
    for (id, stage) in after {
        let Some(was) = before.get(id) else { continue };
        let shared = |need: &Id| before.contains_key(need) && after.contains_key(need);
        let then: BTreeSet<Id> =
            was.needs.iter().map(|need| name_of(&need.stage)).filter(|need| shared(need)).collect();
        let now: BTreeSet<Id> =
            stage.needs.iter().map(|need| need.stage.clone()).filter(|need| shared(need)).collect();
        if then == now {
            continue;
        }
        let titles = |ids: std::collections::btree_set::Difference<'_, Id>| {
            let all: Vec<String> =
                ids.filter_map(|id| after.get(id)).map(|stage| format!("“{}”", stage.title)).collect();
            listed(&all)
        };
        cx.about(id.clone(), stage.title.clone());
        let (gone, come) = (titles(then.difference(&now)), titles(now.difference(&then)));
        cx.say(Kind::StageReordered, "waits for", gone, come);
    }
}
