//! Roles are filled, and nobody approves their own work.

use std::collections::{BTreeMap, BTreeSet};

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Content, TeamProfile};
use cutover_syntax::keywords::ItemKw;

use crate::context::Context;
use crate::lower::team;

/// Checks the people of the team.
pub fn check(cx: &mut Context<'_>) {
    roles(cx);
    own_work(cx);
    alone(cx);
    two_names(cx);
    tested_by_tester(cx);
    tried_by_agents(cx);
    unreachable(cx);
}

/// One person can't do all and approve it, whoever else is named.
fn alone(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::Team) else { return };
    let people: Vec<&String> = cx.draft.plan.people.keys().collect();
    if let [only] = people.as_slice() {
        let label = format!("`{only}` does everything, and approves it");
        cx.push(
            Diagnostic::error("people/alone", "one person does everything")
                .primary(item.head_span(), label)
                .help("name at least one other person: somebody who approves, and who decides when the first one cannot be reached"),
        );
        return;
    }
    let mut owners: Vec<&str> =
        cx.draft.plan.items.values().filter_map(|item| item.owner.as_deref()).collect();
    let duties = owners.len();
    owners.sort_unstable();
    owners.dedup();
    // A handful of duties may well be one person's.
    if let ([only], true, false) = (owners.as_slice(), duties > 4, people.is_empty()) {
        let label = format!("each of the {duties} duties of this spec is `{only}`'s");
        cx.push(
            Diagnostic::error("people/alone#owner", "one person does everything")
                .primary(item.head_span(), label)
                .help("share the work: whoever owns everything has nobody who takes over, and nobody who sees what they overlook"),
        );
    }
}

/// One person under two short names would approve their own work, and nobody would see it.
fn two_names(cx: &mut Context<'_>) {
    let mut seen: BTreeMap<(bool, String), &String> = BTreeMap::new();
    let mut pairs: BTreeSet<(&String, &String, bool)> = BTreeSet::new();
    for (id, person) in &cx.draft.plan.people {
        // Without a title the short name stands for it.
        let name = Some(&person.name).filter(|name| *name != id);
        for (git, what) in [(false, name), (true, person.git.as_ref())] {
            let Some(what) =
                what.map(|what| what.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "))
            else {
                continue;
            };
            if let Some(first) = seen.get(&(git, what.clone())) {
                pairs.insert((first, id, git));
            } else {
                seen.insert((git, what), id);
            }
        }
    }
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for (first, second, git) in pairs {
        let place = |id: &str| cx.draft.places.get(&Id::new(["person", id])).copied();
        let Some((at, first_at)) = place(second).zip(place(first)).filter(|_| told.insert((first, second)))
        else {
            continue;
        };
        let same = if git { "git address" } else { "name" };
        found.push(
            Diagnostic::error("people/two-names", "one person stands in the team twice")
                .primary(at, format!("the same {same} as `{first}`"))
                .secondary(first_at, "the first time")
                .note("whoever has two short names approves their own work")
                .help("give one entry all the roles, `role project_owner, integrator`; two people of one name are told apart in it: \"Dana Ruiz (sales)\""),
        );
    }
    cx.draft.diagnostics.extend(found);
}

/// Whoever tests in a full team answers for something that is tested.
fn tested_by_tester(cx: &mut Context<'_>) {
    if cx.draft.plan.migration.team != TeamProfile::Full {
        return;
    }
    let testers: Vec<&String> = cx
        .draft
        .plan
        .people
        .iter()
        .filter(|(_, person)| person.roles.iter().any(|role| role == "quality_tester"))
        .map(|(id, _)| id)
        .collect();
    let tests = cx.draft.plan.items.values().any(|item| {
        let tested =
            matches!(item.content, Content::Check(_) | Content::Criterion(_) | Content::Rehearsal(_));
        tested && item.owner.iter().chain(&item.signed_by).any(|who| testers.contains(&who))
    });
    // Without checks at all, each area is asked for.
    let any = cx.draft.plan.items.values().any(|item| matches!(item.content, Content::Check(_)));
    let (Some(tester), true, false) = (testers.first(), any, tests) else { return };
    let Some(at) = cx.draft.places.get(&Id::new(["person", tester])).copied() else { return };
    let label = format!("`{tester}` owns no check, no criterion and no rehearsal");
    cx.push(
        Diagnostic::error("people/tests-nothing", "whoever tests has nothing to test")
            .primary(at, label)
            .help("let a `check`, a `criterion` or the rehearsal be theirs: `owner` or `signed by`"),
    );
}

/// People who answer customers try the new desk before it is theirs.
fn tried_by_agents(cx: &mut Context<'_>) {
    let role = match cx.draft.plan.migration.team {
        TeamProfile::Full => "frontline_agent",
        TeamProfile::Small => "agent_champion",
    };
    let has = |person: &String| {
        cx.draft.plan.people.get(person).is_some_and(|person| person.roles.iter().any(|r| r == role))
    };
    let Some(item) = cx.draft.plan.items.get("rehearsal") else { return };
    // A role that nobody fills is reported as such.
    if !cx.draft.plan.people.keys().any(has) || item.signed_by.iter().chain(&item.owner).any(has) {
        return;
    }
    let Some(at) = cx.draft.places.get("rehearsal").copied() else { return };
    cx.push(
        Diagnostic::error(
            "people/not-tried-by-agents",
            "nobody who answers customers has tried the new desk",
        )
        .primary(at, format!("neither owner nor signer has the role `{role}`"))
        .help("let an agent sign the rehearsal: they see what tests do not"),
    );
}

/// Whoever decides that night can be reached.
fn unreachable(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    let deciders = match cx.draft.plan.items.get("rollback").map(|item| &item.content) {
        Some(Content::Rollback(rollback)) => rollback.decided_by.as_slice(),
        _ => return,
    };
    for name in deciders {
        let Some(person) = cx.draft.plan.people.get(name).filter(|person| person.contact.is_none()) else {
            continue;
        };
        let id = Id::new(["person", name]);
        if cx.draft.spots.contains(&id.child("unread")) {
            continue;
        }
        let Some(at) = cx.draft.places.get(&id).copied() else { continue };
        let finding = Diagnostic::error("people/no-contact", "nobody knows how to reach who decides")
            .primary(at, format!("{} has no `contact`", person.name))
            .help("add a telephone number: the night is when mail does not help");
        found.push(match cx.draft.places.get("rollback") {
            Some(rollback) => finding.secondary(*rollback, "decides here"),
            None => finding,
        });
    }
    cx.draft.diagnostics.extend(found);
}

/// Roles may be joined in one person; that nobody signs own work keeps a team from being one person.
fn roles(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::Team) else { return };
    let at = item.head_span();
    // A role that could not be read is reported, and may be the one that is asked for.
    if cx.draft.plan.people.values().any(|person| person.roles.is_empty()) {
        return;
    }
    let asked = match cx.draft.plan.migration.team {
        // A stakeholder is asked for what concerns them; a migration can do without one.
        TeamProfile::Full => team::FULL.split_last().map_or(team::FULL, |(_, asked)| asked),
        TeamProfile::Small => team::SMALL,
    };
    let filled =
        |role: &str| cx.draft.plan.people.values().any(|person| person.roles.iter().any(|r| r == role));
    let missing: Vec<String> =
        asked.iter().filter(|role| !filled(role)).map(|role| format!("`{role}`")).collect();
    if !missing.is_empty() {
        cx.push(
            Diagnostic::error("people/role-open", "a role that the migration needs is not filled")
                .primary(at, format!("nobody is {}", missing.join(", ")))
                .help("one person may fill several roles: `role quality_tester, frontline_agent`"),
        );
    }
}

fn own_work(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let Some(owner) = item.owner.as_ref().filter(|owner| item.signed_by.contains(owner)) else {
            continue;
        };
        let Some(place) = cx.draft.places.get(id).copied() else { continue };
        found.push(
            Diagnostic::error("people/own-work", "somebody approves their own work")
                .primary(place, format!("`{owner}` owns this and signs it"))
                .help("let another person sign"),
        );
    }
    for diagnostic in found {
        cx.push(diagnostic);
    }
}
