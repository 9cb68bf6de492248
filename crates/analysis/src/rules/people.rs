//! Roles are filled, and nobody approves their own work.

use cutover_diagnostics::Diagnostic;
use cutover_plan::model::TeamProfile;
use cutover_syntax::keywords::ItemKw;

use crate::context::Context;
use crate::lower::team;

/// Checks the people of the team.
pub fn check(cx: &mut Context<'_>) {
    roles(cx);
    own_work(cx);
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
