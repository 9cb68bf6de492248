//! `team`.

use cutover_diagnostics::Diagnostic;
use cutover_ir::Id;
use cutover_plan::model::{Availability, Person, TeamProfile};
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::tree::{Item, Line, TermKind};
use cutover_syntax::value::plain_name;

use crate::context::Context;
use crate::read::{common, moment, names};

/// Roles of a full team. All but the last must be filled.
pub const FULL: &[&str] = &[
    "project_owner",
    "support_operations",
    "integrator",
    "quality_tester",
    "frontline_agent",
    "integration_owner",
    "stakeholder",
];

/// Roles of a small team. All must be filled.
pub const SMALL: &[&str] = &["decision_maker", "configuration_lead", "data_owner", "agent_champion"];

/// Lowers `team`.
pub fn lower(cx: &mut Context<'_>) {
    let Some(item) = cx.one(ItemKw::Team) else {
        if let Some(migration) = cx.one(ItemKw::Migration) {
            let span = migration.head_span();
            cx.push(
                Diagnostic::error("people/no-team", "the spec has no `team`")
                    .primary(span, "nobody can own or sign anything")
                    .help("add `team full { ... }`, or `team small { ... }` for four people"),
            );
        }
        return;
    };
    let size = item.head().map(|head| common::words(item, head.lead));
    // Another size is reported by the shape. Which roles there are is then not known, and the fewest things are asked for.
    let (profile, roles) = match size.as_deref() {
        Some("small") => (TeamProfile::Small, Some(SMALL)),
        Some("full") => (TeamProfile::Full, Some(FULL)),
        _ => (TeamProfile::Small, None),
    };
    cx.draft.plan.migration.team = profile;
    cx.draft.place(Id::new(["team"]), item.head_span());
    for line in item.body_lines() {
        person(cx, item, line, roles);
    }
}

fn person(cx: &mut Context<'_>, item: &Item, line: &Line, roles: Option<&[&str]>) {
    let Some((first, name)) = names::titled(cx, item, line, "a person") else { return };
    let id = plain_name(item.raw(first)).into_owned();
    let span = item.span(first.range);
    if cx.draft.plan.people.contains_key(&id) {
        let diagnostic = Diagnostic::error("names/duplicate#person", "two people have the same short name")
            .primary(span, format!("`{id}` a second time"));
        let place = cx.draft.places.get(&Id::new(["person", &id])).copied();
        cx.push(match place {
            Some(place) => diagnostic.secondary(place, "the first time"),
            None => diagnostic,
        });
        return;
    }
    let mut filled = Vec::new();
    if let Some(clause) = line.clause(ClauseKw::Role) {
        for term in item.get(clause.terms).to_vec() {
            if term.kind == TermKind::Comma {
                continue;
            }
            match roles {
                Some(roles) => filled.extend(names::one_of(cx, item, term, "a role of this team", roles)),
                None if term.kind == TermKind::Hole => {
                    cx.draft.hole(item.span(term.range), "a role of this team")
                }
                None => {}
            }
        }
    }
    let read = filled.len();
    let said = line.clause(ClauseKw::Role).map_or(0, |clause| {
        item.get(clause.terms).iter().filter(|term| term.kind != TermKind::Comma).count()
    });
    if read < said {
        // Whatever stands behind a word that is not understood may be what somebody misses.
        cx.draft.spots.insert(Id::new(["person", &id, "unread"]), span);
    }
    let available = availability(cx, item, line);
    let hands_over_to = hands_over_to(cx, item, line, &id);
    cx.draft.place(Id::new(["person", &id]), span);
    cx.draft.clauses(&Id::new(["person", &id]), item, line);
    cx.draft.plan.people.insert(
        id.clone(),
        Person {
            name: name.unwrap_or(id),
            roles: filled,
            contact: common::text_clause(item, line, ClauseKw::Contact),
            git: common::text_clause(item, line, ClauseKw::Git),
            available,
            hands_over_to,
        },
    );
}

/// Who takes over when the hours of a person end.
fn hands_over_to(cx: &mut Context<'_>, item: &Item, line: &Line, person: &str) -> Option<String> {
    let clause = line.clause(ClauseKw::Then)?;
    let span = item.span(clause.range);
    let term = item.get(clause.terms).first().copied()?;
    let other = names::person(cx, item, term)?;
    let hours = line.clause(ClauseKw::Available).is_some();
    if hours && other != person {
        return Some(other);
    }
    let label = if hours { "this is the same person" } else { "when do their hours end?" };
    cx.push(Diagnostic::error("people/hand-over", "nobody takes over").primary(span, label).help(
        "write the hours and who comes next: `available 2026-12-05 20:00 to 2026-12-06 02:00  then li`",
    ));
    None
}

fn availability(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<Availability> {
    let from = line.clause(ClauseKw::Available)?;
    let zone = match line.clause(ClauseKw::In) {
        Some(clause) => Some(moment::zone(cx, item, clause.terms)?),
        None => cx.window.as_ref().map(|window| (window.zone.clone(), window.zone_name.clone())),
    };
    let from = moment::moment_in(cx, item, from.terms, zone.as_ref())?;
    let Some(to) = line.clause(ClauseKw::To) else {
        let span = item.line_span(line);
        cx.push(
            Diagnostic::error("people/availability", "nobody knows how long somebody is at hand")
                .primary(span, "until when?")
                .help("write `available 2026-12-05 12:00 to 2026-12-06 08:00`"),
        );
        return None;
    };
    let to = moment::moment_in(cx, item, to.terms, zone.as_ref())?;
    if to.at <= from.at {
        let span = item.line_span(line);
        cx.push(
            Diagnostic::error("people/availability#order", "somebody is gone before they come")
                .primary(span, "the second time is not after the first"),
        );
        return None;
    }
    Some(Availability { from: from.at, to: to.at })
}
