//! What must hold, what fires, and what is not checked.

use cutover_ir::measure::{Condition, Measure};
use cutover_plan::Plan;
use cutover_plan::model::{Check, Content, Goal, Moment, Trigger, Waiver};
use cutover_plan::text::words;

use super::context::{Context, Trio, same_moment};
use crate::kind::Kind;
use crate::order::{self, Purpose, Strength};

const CONDITION: Trio = Trio(Kind::ConditionWeaker, Kind::ConditionStronger, Kind::ConditionChanged);
const TRIGGER: Trio = Trio(Kind::TriggerWeaker, Kind::TriggerStronger, Kind::TriggerChanged);

/// What an item asks for, for those whose details say nothing else.
pub(super) fn said(plan: &Plan, content: &Content) -> Option<String> {
    match content {
        Content::Objective(goal) | Content::Criterion(goal) => Some(words::conditions(plan, &goal.pass)),
        Content::Check(check) => Some(words::conditions(plan, &check.pass)),
        Content::Trigger(trigger) => Some(words::measure(plan, &trigger.fires)),
        _ => None,
    }
}

/// An objective or a criterion. Says whether nothing else of it has a meaning.
pub(super) fn goal(cx: &mut Context<'_>, old: &Goal, new: &Goal) -> bool {
    conditions(cx, &old.pass, &new.pass);
    // Baselines are named in the conditions.
    let Goal { pass: _, baselines: _ } = new;
    true
}

/// A row of the matrix. Says whether nothing else of it has a meaning.
pub(super) fn check(cx: &mut Context<'_>, old: &Check, new: &Check) -> bool {
    let Check { area, pass, legacy, generated } = new;
    conditions(cx, &old.pass, pass);
    cx.texts(Kind::CheckMoved, "", Some(words::area(&old.area)), Some(words::area(area)));
    let number = |n: &Option<u64>| n.map(cutover_plan::text::numbers::number);
    cx.texts(Kind::FiguresChanged, "what the old desk shows", number(&old.legacy), number(legacy));
    // Whether somebody wrote it or the compiler did, it is the same check.
    let _ = generated;
    true
}

/// Pairs conditions by what they measure, in their order; those that are alone are removed or added.
fn conditions(cx: &mut Context<'_>, old: &[Condition], new: &[Condition]) {
    let (was, is) = (cx.old, cx.new);
    let mut come: Vec<&Condition> = new.iter().collect();
    let mut gone: Vec<&Condition> = Vec::new();
    for condition in old {
        match come.iter().position(|other| *other == condition) {
            Some(at) => _ = come.remove(at),
            None => gone.push(condition),
        }
    }
    gone.retain(|condition| {
        let Some(at) = come.iter().position(|other| alike(condition, other)) else { return true };
        let other = come.remove(at);
        let (before, after) = (words::condition(was, condition), words::condition(is, other));
        let strength = match (condition, other) {
            (Condition::Measure(old), Condition::Measure(new)) => {
                order::measures(old, new, Purpose::Holds, &cx.classes)
            }
            _ => Strength::Other,
        };
        cx.strength(CONDITION, strength, "", before, after);
        false
    });
    for condition in gone {
        cx.say(Kind::ConditionRemoved, "", words::condition(was, condition), None);
    }
    for condition in come {
        cx.say(Kind::ConditionAdded, "", None, words::condition(is, condition));
    }
}

fn alike(a: &Condition, b: &Condition) -> bool {
    match (a, b) {
        (Condition::Measure(a), Condition::Measure(b)) => a.metric == b.metric && a.statistic == b.statistic,
        (Condition::Evidence(_), Condition::Evidence(_)) => true,
        _ => false,
    }
}

/// What stops the night. Says whether nothing else of it has a meaning.
pub(super) fn trigger(cx: &mut Context<'_>, old: &Trigger, new: &Trigger) -> bool {
    let Trigger { fires: _ } = new;
    let strength = order::measures(&old.fires, &new.fires, Purpose::Fires, &cx.classes);
    let (before, after) = (words::measure(cx.old, &old.fires), words::measure(cx.new, &new.fires));
    cx.strength(TRIGGER, strength, "", before, after);
    true
}

/// What alerts: as triggers, told under the kinds of the caller.
pub(super) fn alerts(cx: &mut Context<'_>, trio: Trio, part: &str, old: &[Measure], new: &[Measure]) {
    let (was, is) = (cx.old, cx.new);
    let mut come: Vec<&Measure> = new.iter().filter(|one| !old.contains(one)).collect();
    for measure in old.iter().filter(|one| !new.contains(one)) {
        let before = words::measure(was, measure);
        let like = |other: &&Measure| other.metric == measure.metric && other.statistic == measure.statistic;
        match come.iter().position(like) {
            Some(at) => {
                let other = come.remove(at);
                let strength = order::measures(measure, other, Purpose::Fires, &cx.classes);
                cx.strength(trio, strength, part, before, words::measure(is, other));
            }
            None => cx.say(trio.0, part, before, None),
        }
    }
    for measure in come {
        cx.say(trio.1, part, None, words::measure(is, measure));
    }
}

/// An area that is not checked.
pub(super) fn waiver(cx: &mut Context<'_>, old: &Waiver, new: &Waiver) {
    if same_moment(old.until.as_ref(), new.until.as_ref()) {
        return;
    }
    let at = |until: &Option<Moment>| until.as_ref().map(|until| until.at);
    let strength = match (at(&old.until), at(&new.until)) {
        (Some(_), None) => Strength::Weaker,
        (None, Some(_)) => Strength::Stronger,
        (a, b) => order::smaller(a, b),
    };
    let said = |plan: &Plan, until: &Option<Moment>| {
        until
            .as_ref()
            .map_or_else(|| "without end".to_owned(), |until| format!("until {}", words::moment(plan, until)))
    };
    let (before, after) = (said(cx.old, &old.until), said(cx.new, &new.until));
    let trio = Trio(Kind::WaiverLonger, Kind::WaiverShorter, Kind::WaiverLonger);
    cx.strength(trio, strength, "", before, after);
    let Waiver { area: _, until: _ } = new;
}
