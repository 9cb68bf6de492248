//! The weeks after the switch.

use cutover_plan::model::{Decommission, Hypercare, Ownership, ReadOnly, Rhythm, Watch};
use cutover_plan::text::{numbers, words};

use super::context::{Context, Trio, humans};
use super::proof::alerts;
use crate::kind::Kind;
use crate::order;

const AFTERCARE: Trio = Trio(Kind::AftercareWeaker, Kind::AftercareStronger, Kind::AftercareChanged);

/// Looking after the new desk.
pub(super) fn watch(cx: &mut Context<'_>, old: &Watch, new: &Watch) {
    let Watch { system, alert, every, lasting, report, alerts: all } = new;
    cx.texts(Kind::AftercareChanged, "of", Some(old.system.clone()), Some(system.clone()));
    let (before, after) = (cx.people(&old.alert), cx.people(alert));
    cx.staffed(AFTERCARE, "alerted", &before, &after);
    let strength = order::shorter(old.every, *every);
    cx.strength(AFTERCARE, strength, "every", words::length(old.every), words::length(*every));
    let strength = order::longer(old.lasting, *lasting);
    cx.strength(AFTERCARE, strength, "for", words::length(old.lasting), words::length(*lasting));
    cx.members(AFTERCARE, "reported", &humans(&old.report), &humans(report));
    alerts(cx, AFTERCARE, "alerts when", &old.alerts, all);
}

/// The first days.
pub(super) fn hypercare(cx: &mut Context<'_>, old: &Hypercare, new: &Hypercare) {
    let Hypercare { rhythm: often, defects_to, defects_within, stable_after } = new;
    rhythm(cx, &old.rhythm, often);
    let person = |cx: &Context<'_>, who: &Option<String>| who.as_ref().map(|who| cx.person(who));
    let (before, after) = (person(cx, &old.defects_to), person(cx, defects_to));
    cx.texts(Kind::AftercareChanged, "defects go to", before, after);
    let time = |d: Option<cutover_ir::quantity::Duration>| d.map(words::length);
    let strength = order::present(old.defects_within, *defects_within, order::shorter);
    cx.strength(AFTERCARE, strength, "defects within", time(old.defects_within), time(*defects_within));
    let strength = order::present(old.stable_after, *stable_after, order::longer);
    cx.strength(AFTERCARE, strength, "over after", time(old.stable_after), time(*stable_after));
}

fn rhythm(cx: &mut Context<'_>, old: &Rhythm, new: &Rhythm) {
    let Rhythm { lasting, daily_at } = new;
    let strength = order::longer(old.lasting, *lasting);
    cx.strength(AFTERCARE, strength, "for", words::length(old.lasting), words::length(*lasting));
    let at = |time: Option<u32>| time.map(numbers::clock);
    let strength = order::present(old.daily_at, *daily_at, |a, b| {
        if a == b { order::Strength::Same } else { order::Strength::Other }
    });
    cx.strength(AFTERCARE, strength, "daily at", at(old.daily_at), at(*daily_at));
}

/// Who owns what is left over.
pub(super) fn ownership(cx: &mut Context<'_>, old: &Ownership, new: &Ownership) {
    let Ownership { rhythm: often, classes } = new;
    rhythm(cx, &old.rhythm, often);
    cx.members(AFTERCARE, "owned", &humans(&old.classes), &humans(classes));
}

/// The old desk as a place to look things up.
pub(super) fn read_only(cx: &mut Context<'_>, old: &ReadOnly, new: &ReadOnly) {
    let ReadOnly { system: _, access_within, until } = new;
    let strength = order::shorter(old.access_within, *access_within);
    let (before, after) = (words::length(old.access_within), words::length(*access_within));
    cx.strength(AFTERCARE, strength, "access within", before, after);
    let strength = order::larger(old.until, *until);
    cx.strength(AFTERCARE, strength, "until", old.until.to_string(), until.to_string());
}

/// The end of the old desk.
pub(super) fn decommission(cx: &mut Context<'_>, old: &Decommission, new: &Decommission) {
    let Decommission { system: _, after, needs: _, kept: _, desks: _ } = new;
    // The items that these words stand for came or went as items.
    let gates = Trio(Kind::GateRemoved, Kind::GateAdded, Kind::GateRemoved);
    cx.members(gates, "only after", &humans(&old.after), &humans(after));
}
