//! What the account is connected to is declared: inbound addresses, integrations, channels that are switched.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use cutover_catalog::Part;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_plan::model::Content;
use cutover_syntax::keywords::ItemKw;

use crate::context::{Context, name_of, title_of};
use crate::world::System;

/// Compares the inventory's connections with the declared ones.
pub fn check(cx: &mut Context<'_>) {
    let world = cx.world;
    if let Some(source) = world.source() {
        inbound(cx, source);
        integrations(cx, source);
    }
    none_and_some(cx);
    switched(cx);
    one_watcher(cx);
}

/// An address is held, watched and drained by one person: two lines about it are two people who do it, or nobody who knows that they do.
fn one_watcher(cx: &mut Context<'_>) {
    let mut first: BTreeMap<String, (Option<String>, Span)> = BTreeMap::new();
    let mut found = Vec::new();
    for item in cx.of(ItemKw::Inbound) {
        let Some(address) = title_of(item) else { continue };
        let (name, at) = (name_of(item).map(|(name, _)| name), item.head_span());
        match first.entry(spelled(&address)) {
            Entry::Vacant(entry) => {
                entry.insert((name, at));
            }
            // Two lines of one name are told as such.
            Entry::Occupied(entry) if entry.get().0 == name => {}
            Entry::Occupied(entry) => found.push(
                Diagnostic::error("inbound/twice", "an address is declared twice")
                    .primary(at, format!("`{address}` a second time"))
                    .secondary(entry.get().1, "the first time")
                    .help("keep one of them: one person holds, watches and drains an address"),
            ),
        }
    }
    cx.draft.diagnostics.extend(found);
}

/// Objects of the account that are a part of the desk.
fn objects<'a>(source: &System<'a>, part: Part) -> Vec<&'a cutover_catalog::inventory::Object> {
    let kinds = source.kinds_of(part).map(|kind| kind.name);
    kinds.filter_map(|kind| source.objects(kind)).flatten().collect()
}

/// An address in the one spelling by which it is known again: mail comes to the same place whatever its case and the blanks around it.
pub fn spelled(address: &str) -> String {
    address.trim().to_lowercase()
}

/// The addresses at which an account takes mail in, as its inventory lists them. Products keep them in different places: at channels, queues,
/// mailboxes. Those of people are nobody's way in.
pub fn addresses<'a>(source: &System<'a>) -> impl Iterator<Item = &'a str> {
    const PEOPLE: [Part; 4] = [Part::User, Part::Agent, Part::Organization, Part::Membership];
    let kinds = source.kinds.iter().filter(|kind| !PEOPLE.contains(&kind.kind.part)).map(|kind| kind.name);
    let objects = kinds.filter_map(|kind| source.objects(kind)).flatten();
    objects.filter(|object| !object.inactive).filter_map(|object| object.address.as_deref())
}

/// Mail that comes in at an address nobody thought of bounces, or stays in the old desk.
fn inbound(cx: &mut Context<'_>, source: &System<'_>) {
    // An address that is missing in the spec is reported, and may be any of these.
    if cx.of(ItemKw::Inbound).any(|item| title_of(item).is_none()) {
        return;
    }
    let declared: Vec<String> =
        cx.of(ItemKw::Inbound).filter_map(title_of).map(|address| spelled(&address)).collect();
    let missing: BTreeSet<String> = addresses(source)
        .filter(|address| !declared.contains(&spelled(address)))
        .map(|address| format!("`{address}`"))
        .collect();
    let at = cx
        .one(ItemKw::GoLive)
        .or_else(|| cx.one(ItemKw::Migration))
        .map(cutover_syntax::tree::Item::head_span);
    let (false, Some(at)) = (missing.is_empty(), at) else { return };
    cx.push(
        Diagnostic::error("inbound/undeclared", "customers write to addresses that the spec does not know")
            .primary(at, format!("nobody watches {}", missing.into_iter().collect::<Vec<_>>().join(", ")))
            .note("the source's inventory lists them as active")
            .help("declare each: `inbound help \"help@acme.example\" held at \"mail gateway\" owner ...`"),
    );
}

/// A connection nobody thought of goes on writing to the old desk, or fails in the night.
fn integrations(cx: &mut Context<'_>, source: &System<'_>) {
    let Some(first) = cx.one(ItemKw::Integration) else { return };
    let at = first.head_span();
    let mut declared: Vec<String> =
        cx.names.all(ItemKw::Integration).into_iter().map(str::to_lowercase).collect();
    declared.extend(cx.of(ItemKw::Integration).filter_map(title_of).map(|title| title.to_lowercase()));
    let missing: Vec<String> = objects(source, Part::Integration)
        .into_iter()
        .chain(source.inventory.into_iter().flat_map(|inventory| &inventory.credentials))
        .filter(|object| !object.inactive && !declared.contains(&object.name.to_lowercase()))
        .map(|object| format!("\"{}\"", object.name))
        .collect();
    if missing.is_empty() {
        return;
    }
    cx.push(
        Diagnostic::error("integrations/undeclared", "something is connected to the old desk that the spec does not know")
            .primary(at, format!("nothing about {}", missing.join(", ")))
            .note("the source's inventory lists them")
            .help("declare each with its name in the inventory as title: `integration crm \"...\" both ways owner ...`"),
    );
}

/// `integration none` stands alone.
fn none_and_some(cx: &mut Context<'_>) {
    let Some((_, none)) = cx.names.item(ItemKw::Integration, "none") else { return };
    let other = cx.of(ItemKw::Integration).find(|item| {
        item.head()
            .is_some_and(|head| item.get(head.lead).first().is_some_and(|term| item.raw(*term) != "none"))
    });
    let Some(other) = other else { return };
    cx.push(
        Diagnostic::error(
            "integrations/none-and-some",
            "there are integrations, and the spec says that there are none",
        )
        .primary(none, "says that there are none")
        .secondary(other.head_span(), "here is one"),
    );
}

/// An integration that is switched is switched in the night.
fn switched(cx: &mut Context<'_>) {
    let Some(Content::GoLive(go)) = cx.draft.plan.items.get("go_live").map(|item| &item.content) else {
        return;
    };
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let Content::Integration(integration) = &item.content else { continue };
        let Some(name) = id.as_str().strip_prefix("integration/") else { continue };
        if integration.how != "switched"
            || go.switch.iter().any(|word| word == name || *word == integration.kind)
        {
            continue;
        }
        let Some(place) = cx.draft.places.get(id).copied() else { continue };
        found.push(
            Diagnostic::error(
                "integrations/not-switched",
                "an integration is never switched to the new desk",
            )
            .primary(place, "switched, but not when going live")
            .help(format!("add it to the line `switch email, {name}` of `go live`")),
        );
    }
    for diagnostic in found {
        cx.push(diagnostic);
    }
}
