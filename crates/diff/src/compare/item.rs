//! Items: pairing them, what all of them have in common, and which comparison each content gets.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::Id;
use cutover_plan::documents;
use cutover_plan::model::{Content, Item, Plan};
use serde_json::Value;

use super::context::{Context, listed};
use super::{after, data, examples, maps, night, proof, scope, sla};
use crate::change::Affected;
use crate::kind::Kind;

/// An item of both plans.
pub(super) struct Pair<'a> {
    pub(super) old_id: &'a Id,
    pub(super) id: &'a Id,
    pub(super) old: &'a Item,
    pub(super) new: &'a Item,
}

/// Pairs the items of both plans, and notes those that only one of them has. Decisions about what moves are paired by their own comparison.
pub(super) fn pairs<'a>(cx: &mut Context<'a>) -> Vec<Pair<'a>> {
    let (old, new) = (cx.old, cx.new);
    cx.renamed = new
        .items
        .iter()
        .filter_map(|(id, item)| {
            let (was, _) = old.items.get_key_value(item.was.as_ref()?)?;
            (!old.items.contains_key(id) && !new.items.contains_key(was)).then_some((was, id))
        })
        .collect();
    let mut pairs = Vec::new();
    let mut met = BTreeSet::new();
    for (old_id, item) in &old.items {
        let id = cx.renamed.get(old_id).copied().unwrap_or(old_id);
        match new.items.get_key_value(id) {
            Some((id, now)) => {
                met.insert(id);
                pairs.push(Pair { old_id, id, old: item, new: now });
            }
            None => alone(cx, old, old_id, item, false),
        }
    }
    for (id, item) in new.items.iter().filter(|(id, _)| !met.contains(id)) {
        alone(cx, new, id, item, true);
    }
    pairs
}

/// An item that only one plan has.
fn alone(cx: &mut Context<'_>, plan: &Plan, id: &Id, item: &Item, added: bool) {
    let (come, gone) = match &item.content {
        // Of two decisions about one kind, neither is told without the other; nor is a table without the map that used it.
        Content::Scope(_) => return,
        Content::Integration(_) | Content::Inbound(_) | Content::Consumer(_) => {
            (Kind::IntegrationAdded, Kind::IntegrationRemoved)
        }
        Content::Baseline(_) => (Kind::BaselineChanged, Kind::BaselineChanged),
        Content::Objective(_) | Content::Criterion(_) | Content::Check(_) => {
            (Kind::CheckAdded, Kind::CheckRemoved)
        }
        Content::Calendar(_) => (Kind::HoursChanged, Kind::HoursChanged),
        Content::Clean(_) => (Kind::CleanChanged, Kind::CleanChanged),
        Content::Freeze(_)
        | Content::Backup(_)
        | Content::Export(_)
        | Content::Rehearsal(_)
        | Content::Train(_)
        | Content::Inspect(_) => (Kind::PreparationStronger, Kind::PreparationWeaker),
        Content::Map(_) => (Kind::MapAdded, Kind::MapRemoved),
        Content::Accept(_) => (Kind::LossAdded, Kind::LossRemoved),
        Content::Test(_) => (Kind::TestAdded, Kind::TestRemoved),
        Content::Sla(_) => (Kind::PromiseAdded, Kind::PromiseRemoved),
        Content::Escalation(_) => (Kind::EscalationStronger, Kind::EscalationWeaker),
        Content::Wave(_) => (Kind::WaveAdded, Kind::WaveRemoved),
        Content::GoLive(_) => (Kind::SwitchChanged, Kind::SwitchChanged),
        Content::Announce(_) => (Kind::AnnouncementAdded, Kind::AnnouncementRemoved),
        Content::Waiver(_) => (Kind::WaiverAdded, Kind::WaiverRemoved),
        Content::Rollback(_) => (Kind::RollbackStronger, Kind::RollbackWeaker),
        Content::Trigger(_) => (Kind::TriggerAdded, Kind::TriggerRemoved),
        Content::Watch(_)
        | Content::Hypercare(_)
        | Content::Ownership(_)
        | Content::ReadOnly(_)
        | Content::Decommission(_) => (Kind::AftercareStronger, Kind::AftercareWeaker),
        Content::Truth(_) | Content::Translate(_) | Content::Lessons(_) => {
            (Kind::ItemAdded, Kind::ItemRemoved)
        }
    };
    cx.about(id.clone(), documents::name(plan, id, item));
    let records = plan.figures.records.get(id).copied();
    cx.affected = match &item.content {
        Content::Wave(wave) => scope::records(records, &wave.kind),
        Content::Map(map) => scope::records(plan.figures.source.get(&map.source).copied(), &map.source),
        Content::Sla(_) => due_dates(cx, id),
        _ => Affected::None,
    };
    let said = documents::detail(plan, item)
        .or_else(|| proof::said(plan, &item.content))
        .or_else(|| item.because.clone())
        .unwrap_or_else(|| cx.subject.clone());
    if added {
        cx.say(come, "", None, said);
    } else {
        cx.say(gone, "", said, None);
    }
}

/// How many unfinished tickets get another due date.
pub(super) fn due_dates(cx: &Context<'_>, id: &Id) -> Affected {
    cx.counts.due_dates.get(id).map_or_else(
        || Affected::NotComputed { of: "unfinished tickets get another due date".to_owned() },
        |count| Affected::DueDates { count: count.tickets, at_most: count.at_most },
    )
}

/// An item that both plans have.
pub(super) fn compare(cx: &mut Context<'_>, pair: &Pair<'_>) {
    let &Pair { old_id, id, old, new } = pair;
    cx.about(id.clone(), documents::name(cx.new, id, new));
    if old_id != id {
        cx.say(Kind::Renamed, "", old_id.to_string(), id.to_string());
    }
    cx.texts(Kind::TitleChanged, "", old.title.clone(), new.title.clone());
    cx.texts(Kind::ReasonChanged, "", old.because.clone(), new.because.clone());
    owner(cx, old.owner.as_ref(), new.owner.as_ref());
    signers(cx, &old.signed_by, &new.signed_by);
    if old.content == new.content {
        return;
    }
    let told = cx.changes.len();
    let settled = content(cx, pair);
    if !settled && cx.changes.len() == told && is_another(cx, &old.content, &new.content) {
        let (before, after) = (documents::detail(cx.old, old), documents::detail(cx.new, new));
        let same = before == after;
        cx.say(Kind::ItemChanged, "", before.filter(|_| !same), after.filter(|_| !same));
    }
}

/// Compares contents. Says whether whatever is not told is no change in meaning.
fn content(cx: &mut Context<'_>, pair: &Pair<'_>) -> bool {
    match (&pair.old.content, &pair.new.content) {
        // Compared kind by kind.
        (Content::Scope(_), Content::Scope(_)) => return true,
        (Content::Integration(old), Content::Integration(new)) => data::integration(cx, old, new),
        (Content::Inbound(old), Content::Inbound(new)) => data::inbound(cx, old, new),
        (Content::Consumer(old), Content::Consumer(new)) => {
            let (old, new) = (listed(&old.reads), listed(&new.reads));
            cx.texts(Kind::IntegrationChanged, "fields that it reads", old, new);
        }
        (Content::Baseline(old), Content::Baseline(new)) => data::baseline(cx, old, new),
        (Content::Objective(old), Content::Objective(new))
        | (Content::Criterion(old), Content::Criterion(new)) => return proof::goal(cx, old, new),
        (Content::Check(old), Content::Check(new)) => return proof::check(cx, old, new),
        (Content::Calendar(old), Content::Calendar(new)) => sla::calendar(cx, old, new),
        (Content::Clean(old), Content::Clean(new)) => data::clean(cx, old, new),
        (Content::Freeze(old), Content::Freeze(new)) => data::freeze(cx, old, new),
        (Content::Backup(old), Content::Backup(new)) => data::backup(cx, old, new),
        (Content::Export(old), Content::Export(new)) => data::export(cx, old, new),
        (Content::Map(old), Content::Map(new)) => maps::map(cx, old, new),
        (Content::Translate(old), Content::Translate(new)) => maps::translate(cx, old, new),
        (Content::Accept(old), Content::Accept(new)) => data::accept(cx, old, new),
        (Content::Test(old), Content::Test(new)) => examples::test(cx, old, new),
        (Content::Sla(old), Content::Sla(new)) => sla::sla(cx, old, new),
        (Content::Escalation(old), Content::Escalation(new)) => sla::escalation(cx, old, new),
        (Content::Rehearsal(old), Content::Rehearsal(new)) => data::rehearsal(cx, old, new),
        (Content::Wave(old), Content::Wave(new)) => return night::wave(cx, old, new),
        (Content::GoLive(old), Content::GoLive(new)) => night::go_live(cx, old, new),
        (Content::Announce(old), Content::Announce(new)) => night::announce(cx, old, new),
        (Content::Train(old), Content::Train(new)) => night::train(cx, old, new),
        (Content::Inspect(old), Content::Inspect(new)) => night::inspect(cx, old, new),
        (Content::Waiver(old), Content::Waiver(new)) => proof::waiver(cx, old, new),
        (Content::Rollback(old), Content::Rollback(new)) => night::rollback(cx, old, new),
        (Content::Trigger(old), Content::Trigger(new)) => return proof::trigger(cx, old, new),
        (Content::Watch(old), Content::Watch(new)) => after::watch(cx, old, new),
        (Content::Hypercare(old), Content::Hypercare(new)) => after::hypercare(cx, old, new),
        (Content::Ownership(old), Content::Ownership(new)) => after::ownership(cx, old, new),
        (Content::ReadOnly(old), Content::ReadOnly(new)) => after::read_only(cx, old, new),
        (Content::Decommission(old), Content::Decommission(new)) => after::decommission(cx, old, new),
        _ => {}
    }
    false
}

/// Whether a content differs in more than the names that other items have now.
fn is_another(cx: &Context<'_>, old: &Content, new: &Content) -> bool {
    let (Ok(mut old), Ok(mut new)) = (serde_json::to_value(old), serde_json::to_value(new)) else {
        return true;
    };
    // Lists that follow from other items, which are told by themselves.
    for (kind, list) in FOLLOWS {
        for content in [&mut old, &mut new] {
            if let Some(content) = content.get_mut(*kind).and_then(Value::as_object_mut) {
                content.remove(*list);
            }
        }
    }
    // Moments that hang on the window move with it.
    unanchored(&mut old);
    unanchored(&mut new);
    let names: BTreeMap<&str, &str> =
        cx.renamed.iter().map(|(was, is)| (was.as_str(), is.as_str())).collect();
    rename(&mut old, &names);
    old != new
}

fn unanchored(value: &mut Value) {
    match value {
        Value::Object(all) => {
            if all.contains_key("said") {
                all.remove("at");
            }
            all.values_mut().for_each(unanchored);
        }
        Value::Array(all) => all.iter_mut().for_each(unanchored),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What of a content follows from other items.
const FOLLOWS: &[(&str, &str)] = &[
    ("criterion", "baselines"),
    ("decommission", "desks"),
    ("decommission", "kept"),
    ("decommission", "needs"),
    ("go_live", "carries"),
    ("go_live", "desks"),
    ("go_live", "waves"),
    ("go_live", "way_back"),
    ("go_live", "window"),
    ("objective", "baselines"),
    ("rehearsal", "desks"),
    ("rehearsal", "tests"),
    ("rollback", "triggers"),
    ("test", "maps"),
];

fn rename(value: &mut Value, names: &BTreeMap<&str, &str>) {
    match value {
        Value::String(text) => {
            if let Some(name) = names.get(text.as_str()) {
                *text = (*name).to_owned();
            }
        }
        Value::Array(all) => {
            let sorted = |all: &[Value]| all.is_sorted_by_key(|one| one.as_str().unwrap_or_default());
            let was_sorted = all.iter().all(Value::is_string) && sorted(all);
            all.iter_mut().for_each(|one| rename(one, names));
            // A list in the order of names is so under the new ones as well.
            if was_sorted && !sorted(all) {
                all.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
        }
        Value::Object(all) => all.values_mut().for_each(|one| rename(one, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Who answers for something.
pub(super) fn owner(cx: &mut Context<'_>, old: Option<&String>, new: Option<&String>) {
    let kind = match (old, new) {
        (a, b) if a == b => return,
        (Some(_), None) => Kind::OwnerRemoved,
        (None, Some(_)) => Kind::OwnerAdded,
        _ => Kind::OwnerChanged,
    };
    let (before, after) = (old.map(|who| cx.person(who)), new.map(|who| cx.person(who)));
    cx.say(kind, "", before, after);
}

/// Who approves.
pub(super) fn signers(cx: &mut Context<'_>, old: &[String], new: &[String]) {
    let gone = old.iter().filter(|who| !new.contains(who)).count();
    let come = new.iter().filter(|who| !old.contains(who)).count();
    let kind = match (gone, come) {
        (0, 0) => return,
        (0, _) => Kind::SignerAdded,
        _ if come < gone => Kind::SignerRemoved,
        _ => Kind::SignerReplaced,
    };
    let (before, after) = (listed(&cx.people(old)), listed(&cx.people(new)));
    cx.say(kind, "", before, after);
}
