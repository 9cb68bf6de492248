//! What protects the night by itself: a backup that is whole, accounts that are not mixed up, rules that stay off until somebody
//! switches them on, people who are recognised, records that the new desk's rules can tell apart.

use std::collections::BTreeSet;

use cutover_catalog::{Catalog, Part};
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::map::Source;
use cutover_ir::predicate::Literal;
use cutover_plan::model::{Content, SystemRole, TeamProfile, Verb};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, TermKind};

use crate::context::Context;
use crate::lower::checks::listed;

/// Checks the safeguards.
pub fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    backups(cx, &mut found);
    accounts(cx, &mut found);
    same_product(cx, &mut found);
    risks(cx, &mut found);
    clocks(cx, &mut found);
    for line in cx.decided.iter() {
        let Some(item) = cx.draft.plan.items.get(&line.id) else { continue };
        let Content::Scope(part) = &item.content else { continue };
        match part.verb {
            Verb::Import if line.kind.kind.part == Part::User && part.identified_by.is_empty() => {
                found.push(not_identified(line.span));
            }
            Verb::Recreate if part.as_what.as_deref() == Some("off") && item.signed_by.is_empty() => {
                found.push(nobody_switches_on(line.span));
            }
            _ => {}
        }
    }
    found.extend(tag(cx));
    archives(cx, &mut found);
    found.extend(message(cx));
    found.extend(gates(cx));
    cx.draft.diagnostics.extend(found);
}

/// Whether a decision in an item is still open, so that what seems to be missing may stand there.
pub(super) fn open(item: &Item) -> bool {
    let in_line = |line: &Line| item.get(line.terms).iter().any(|term| term.kind == TermKind::Hole);
    item.head().is_some_and(in_line) || item.body_lines().iter().any(in_line)
}

/// What a backup must hold, beside the configuration.
const KEPT: &[Part] = &[Part::Ticket, Part::Attachment, Part::Transcript, Part::User, Part::Macro];

/// All backups together hold what only the old desk has.
fn backups(cx: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some(source) = cx.world.source() else { return };
    let mut held: Vec<&str> = Vec::new();
    for item in cx.draft.plan.items.values() {
        if let Content::Backup(backup) = &item.content {
            held.extend(backup.parts.iter().map(String::as_str));
        }
    }
    let Some(item) = cx.one(ItemKw::Backup).filter(|item| !open(item)) else { return };
    if held.is_empty() || held.contains(&"everything") {
        return;
    }
    let mut missing: Vec<&str> = Vec::new();
    for part in KEPT {
        // A part is there once one of its kinds is. What the account has none of needs no copy.
        let kinds: Vec<_> = source.kinds_of(*part).filter(|kind| kind.count() != Some(0)).collect();
        if kinds.iter().any(|kind| held.contains(&kind.plural.as_str())) {
            continue;
        }
        missing.extend(kinds.first().map(|kind| kind.plural.as_str()));
    }
    if !held.contains(&"configuration") {
        missing.push("configuration");
    }
    if missing.is_empty() {
        return;
    }
    found.push(
        Diagnostic::error("backup/part-missing", "the backup leaves out what only the old desk holds")
            .primary(item.head_span(), format!("without {}", listed(&missing)))
            .help("add them, or write `everything`: after the switch it is too late to copy them"),
    );
}

/// The desks are different accounts, and the rehearsal has one of its own.
fn accounts(cx: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let systems = &cx.draft.plan.systems;
    let of = |role| systems.iter().find(|(_, system)| system.role == role);
    let Some((target_name, target)) = of(SystemRole::Target) else { return };
    for (role, label) in [
        (SystemRole::Source, "the new desk is the old one"),
        (SystemRole::Sandbox, "the rehearsal would write to the new desk itself"),
    ] {
        let Some((name, other)) = of(role) else { continue };
        if other.platform != target.platform || other.account != target.account || target.account.is_empty() {
            continue;
        }
        let place = |name: &str| cx.draft.places.get(&Id::new(["system", name])).copied();
        let migration = || cx.one(ItemKw::Migration).map(Item::head_span);
        let Some(at) = place(name).or_else(migration) else { continue };
        let finding =
            Diagnostic::error("migration/same-account", "two systems of the migration are one account")
                .primary(at, format!("\"{}\": {label}", target.account))
                .help("name two accounts; most vendors give a second one for tests");
        found.push(match place(target_name) {
            Some(other) if other != at => finding.secondary(other, "the same account"),
            _ => finding,
        });
    }
}

/// What is rehearsed is what happens in the night: on the product to which the desk moves.
fn same_product(cx: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let systems = &cx.draft.plan.systems;
    let of = |role| systems.iter().find(|(_, system)| system.role == role);
    let Some(((target_name, target), (name, sandbox))) = of(SystemRole::Target).zip(of(SystemRole::Sandbox))
    else {
        return;
    };
    // A catalog of the team's describes the product that it extends.
    let product = |name: &str, platform: &str| {
        let extended = cx.world.system(name).and_then(|system| system.catalog?.extended());
        extended.unwrap_or(platform).to_owned()
    };
    // A name that no catalog knows is told as such.
    if [target_name, name]
        .iter()
        .any(|name| cx.world.system(name).is_none_or(|system| system.catalog.is_none()))
    {
        return;
    }
    let (wanted, is) = (product(target_name, &target.platform), product(name, &sandbox.platform));
    let place = |name: &str| cx.draft.places.get(&Id::new(["system", name])).copied();
    let Some(at) = place(name).or_else(|| cx.one(ItemKw::Migration).map(Item::head_span)) else { return };
    if wanted == is || wanted == sandbox.platform || is == target.platform {
        let live = cx.world.system(target_name);
        // Which one the new desk has is told as a question of its own where spec and inventory say two.
        let counted = live.and_then(|system| system.inventory?.plan.as_deref());
        let differs = live.and_then(|system| system.catalog).and_then(|catalog| {
            let said = target.plan.as_deref().and_then(|plan| catalog.plan(plan));
            if counted.is_some_and(|counted| catalog.plan(counted) != said) {
                return None;
            }
            subscription(catalog, target.plan.as_deref(), sandbox.plan.as_deref(), at, place(target_name))
        });
        found.extend(differs);
        return;
    }
    let finding = Diagnostic::error("migration/sandbox-product", "the rehearsal is on another product")
        .primary(at, format!("`{}`, where nothing behaves as in `{}`", sandbox.platform, target.platform))
        .help(format!("rehearse in an account of `{}` that is made for tests", target.platform));
    found.push(match place(target_name) {
        Some(other) if other != at => finding.secondary(other, "the desk moves here"),
        _ => finding,
    });
}

/// What only one of two subscriptions can do was never tried where it counts: a rehearsal that has it proves too much, one without it too
/// little.
fn subscription(
    catalog: &Catalog,
    live: Option<&str>,
    trial: Option<&str>,
    at: Span,
    target: Option<Span>,
) -> Option<Diagnostic> {
    let (live, trial) = (catalog.plan(live?)?, catalog.plan(trial?)?);
    let features = catalog.plans.values().flat_map(|plan| plan.features.iter()).collect::<BTreeSet<_>>();
    let differs = |has: &str, lacks: &str| {
        let only = features.iter().filter(|feature| {
            let on = |plan| catalog.has_feature(Some(plan), feature) == Some(true);
            on(has) && !on(lacks)
        });
        only.map(|feature| feature.replace('_', " ")).collect::<Vec<_>>().join(", ")
    };
    let (untried, over) = (differs(live, trial), differs(trial, live));
    let label = match (untried.is_empty(), over.is_empty()) {
        (true, true) => return None,
        (false, true) => format!("\"{trial}\" is without {untried}, which the new desk has"),
        (true, false) => format!("\"{trial}\" has {over}, which the new desk has not"),
        (false, false) => {
            format!("\"{trial}\" is without {untried}, and has {over}, which the new desk has not")
        }
    };
    let finding = Diagnostic::warning("migration/sandbox-plan", "the rehearsal is on another subscription than the new desk")
        .primary(at, label)
        .note("what a rehearsal shows about them does not hold in the night")
        .help(format!(
            "rehearse on `plan \"{live}\"`: most vendors give a sandbox of the same subscription; or say that it is known: \
             `allow \"migration/sandbox-plan\" because \"...\"`"
        ));
    Some(match target.filter(|target| *target != at) {
        Some(target) => finding.secondary(target, format!("\"{live}\"")),
        None => finding,
    })
}

/// What can do harm is changed early enough to be tried out.
fn risks(cx: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (id, item) in &cx.draft.plan.items {
        let Content::Integration(integration) = &item.content else { continue };
        if !integration.high_risk || integration.changed_before.is_some() {
            continue;
        }
        let name = id.as_str().rsplit('/').next().unwrap_or_default();
        let written = cx.names.item(ItemKw::Integration, name).map(|(item, _)| item);
        // A day that cannot be understood, because the window is not known yet, is a day.
        let said =
            |item: &Item| open(item) || item.head().is_some_and(|line| line.has(ClauseKw::ChangedBefore));
        let Some(at) = cx.draft.places.get(id).copied().filter(|_| !written.is_some_and(said)) else {
            continue;
        };
        found.push(
            Diagnostic::error("integrations/high-risk", "an integration of high risk has no day by which it is ready")
                .primary(at, "changed in the night, with nobody able to try it first?")
                .help("add `changed before` and a day well before the window; until then it is tried out and can be switched back"),
        );
    }
}

/// Policies that are built anew have tickets whose promises run.
fn clocks(cx: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let plan = &cx.draft.plan;
    // Without a team, which is reported, nobody knows how much is asked of it.
    let full = plan.migration.team == TeamProfile::Full && cx.one(ItemKw::Team).is_some();
    if !full || cx.one(ItemKw::Sla).is_some() {
        return;
    }
    let waived = plan.items.contains_key(&Id::new(["waive", "sla_timers"]));
    let line = cx.decided.iter().find(|line| {
        matches!(line.verb, Verb::Recreate | Verb::Import) && line.kind.kind.part == Part::SlaPolicy
    });
    let Some(line) = line.filter(|_| !waived) else { return };
    found.push(
        Diagnostic::error("sla/not-decided", "policies move, and nobody decides about promises that are running")
            .primary(line.span, "what becomes of the clocks of open tickets?")
            .help("add an `sla` block for each policy, or waive the area: `waive sla_timers owner ... signed by ... because \"...\"`"),
    );
}

fn not_identified(span: Span) -> Diagnostic {
    Diagnostic::error("scope/not-identified", "nothing says how a person is recognised")
        .primary(span, "how are two records known to be the same person?")
        .help("add `identified by email`, or another field that both desks hold")
}

fn nobody_switches_on(span: Span) -> Diagnostic {
    Diagnostic::error(
        "people/no-signature#off",
        "a rule is built switched off, and nobody decides when it is switched on",
    )
    .primary(span, "who says that it may answer customers by itself?")
    .help("add `signed by` and a person who has seen it work")
}

/// The tag by which the new desk's rules leave migrated records alone is on these records.
fn tag(cx: &Context<'_>) -> Option<Diagnostic> {
    let items = &cx.draft.plan.items;
    let Content::GoLive(night) = &items.get(&Id::new(["go_live"]))?.content else { return None };
    let tag = night.silent.as_ref()?.tag.as_deref()?;
    if cx.maps.broken() {
        return None;
    }
    let mut maps = items.values().filter_map(|item| match &item.content {
        Content::Map(map) => Some(map),
        _ => None,
    });
    let tickets = cx.world.source()?.tickets()?.name;
    let of_tickets: Vec<_> = maps.by_ref().filter(|map| map.source == tickets).collect();
    let adds = |literal: &Literal| matches!(literal, Literal::Text(text) if text == tag);
    let added = of_tickets.iter().flat_map(|map| &map.rows).any(|row| {
        row.pipe.iter().any(|call| call.args.iter().any(adds))
            || row.from.iter().any(|from| matches!(from, Source::Constant(text) if adds(text)))
    });
    if added || of_tickets.is_empty() {
        return None;
    }
    let go_live = cx.one(ItemKw::GoLive)?;
    let line = go_live.body_lines().iter().find(|line| line.statement == Some(StmtKw::Silent))?;
    Some(
        Diagnostic::error("golive/tag-not-added", "the tag that keeps rules quiet is on no record")
            .primary(go_live.line_span(line), format!("no row of a ticket map adds \"{tag}\""))
            .help(format!("add it in the map of tickets: `tags -> tags add \"{tag}\"`")),
    )
}

/// What the new desk cannot keep is kept somewhere else. Figures of the past are no record of a customer, and stand in reports.
fn archives(cx: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for (id, item) in &cx.draft.plan.items {
        let Content::Accept(accept) = &item.content else { continue };
        if accept.store.is_some() || accept.what == "reporting" {
            continue;
        }
        let written = cx.names.item(ItemKw::Accept, &accept.what).map(|(item, _)| item);
        let Some(at) = cx.draft.places.get(id).copied().filter(|_| !written.is_some_and(open)) else {
            continue;
        };
        found.push(
            Diagnostic::error("loss/no-archive", "something is lost, and nobody can look it up any more")
                .primary(at, "where is the original kept?")
                .help("name the place: `in \"vault:acme-archive\"`; a backup or an archive of the scope will do"),
        );
    }
}

/// Customers who wrote to the new desk are told when it is given up.
fn message(cx: &Context<'_>) -> Option<Diagnostic> {
    let Content::Rollback(rollback) = &cx.draft.plan.items.get(&Id::new(["rollback"]))?.content else {
        return None;
    };
    let full = cx.draft.plan.migration.team == TeamProfile::Full && cx.one(ItemKw::Team).is_some();
    let item = cx.one(ItemKw::Rollback).filter(|item| full && !open(item))?;
    let written = item.body_lines().iter().any(|line| line.statement == Some(StmtKw::Message));
    if written || rollback.message.is_some() {
        return None;
    }
    Some(
        Diagnostic::error("rollback/no-message", "nobody tells customers that the move is taken back")
            .primary(item.head_span(), "no `message`")
            .help("write the text now, as a file of the project, and name it: `message \"announce/rollback.md\"`"),
    )
}

/// Between two waves somebody can stop.
fn gates(cx: &Context<'_>) -> Option<Diagnostic> {
    let waves = || {
        cx.draft.plan.items.iter().filter_map(|(id, item)| match &item.content {
            Content::Wave(wave) => Some((id, wave)),
            _ => None,
        })
    };
    // A small team waits for the comparison that follows each wave by itself.
    let full = cx.draft.plan.migration.team == TeamProfile::Full && cx.one(ItemKw::Team).is_some();
    if !full || waves().nth(1).is_none() || waves().any(|(_, wave)| !wave.gated_by.is_empty()) {
        return None;
    }
    if cx.of(ItemKw::Wave).any(open) {
        return None;
    }
    let (first, _) = waves().min_by_key(|(_, wave)| wave.order)?;
    let (last, _) = waves().max_by_key(|(_, wave)| wave.order)?;
    let finding =
        Diagnostic::error("waves/no-gate", "one wave follows the other, and nothing is looked at in between")
            .primary(cx.draft.places.get(last).copied()?, "this one waits for no check")
            .help("name checks that must have passed: `gated by records, mapping`");
    Some(match cx.draft.places.get(first) {
        Some(at) => finding.secondary(*at, "whatever goes wrong here is repeated there"),
        None => finding,
    })
}
