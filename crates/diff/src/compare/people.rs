//! The team.

use std::collections::BTreeSet;

use cutover_ir::Id;
use cutover_plan::model::Person;
use cutover_plan::text::words;

use super::context::{Context, humans, listed};
use crate::kind::Kind;

/// Compares the teams, person by person.
pub(super) fn compare(cx: &mut Context<'_>) {
    let (old, new) = (cx.old, cx.new);
    let all: BTreeSet<&String> = old.people.keys().chain(new.people.keys()).collect();
    for who in all {
        let (was, is) = (old.people.get(who), new.people.get(who));
        let name = is.or(was).map_or_else(|| who.clone(), |person| person.name.clone());
        cx.about(Id::new(["person", who]), name);
        let roles = |person: &Person| listed(&humans(&person.roles)).unwrap_or_default();
        match (was, is) {
            (Some(was), Some(is)) => person(cx, was, is),
            (Some(was), None) => cx.say(Kind::PersonRemoved, "", roles(was), None),
            (None, Some(is)) => cx.say(Kind::PersonAdded, "", None, roles(is)),
            (None, None) => {}
        }
    }
}

fn person(cx: &mut Context<'_>, old: &Person, new: &Person) {
    let Person { name, roles, contact, available, hands_over_to, git } = new;
    cx.texts(Kind::ContactChanged, "name", Some(old.name.clone()), Some(name.clone()));
    cx.texts(Kind::ContactChanged, "contact", old.contact.clone(), contact.clone());
    let (before, after) = (listed(&humans(&old.roles)), listed(&humans(roles)));
    cx.texts(Kind::PersonChanged, "roles", before, after);
    let said = |plan: &cutover_plan::Plan, time: Option<cutover_plan::model::Availability>| {
        let time = time?;
        let at = |at| words::moment(plan, &cutover_plan::model::Moment { at, said: None });
        Some(format!("{} to {}", at(time.from), at(time.to)))
    };
    let (before, after) = (said(cx.old, old.available), said(cx.new, *available));
    if old.available != *available {
        cx.say(Kind::PersonChanged, "at hand", before, after);
    }
    let named = |plan: &cutover_plan::Plan, who: &Option<String>| {
        let who = who.as_ref()?;
        Some(plan.people.get(who).map_or_else(|| who.clone(), |person| person.name.clone()))
    };
    let (before, after) = (named(cx.old, &old.hands_over_to), named(cx.new, hands_over_to));
    cx.texts(Kind::PersonChanged, "hands over to", before, after);
    cx.texts(Kind::SigningIdentityChanged, "", old.git.clone(), git.clone());
}
