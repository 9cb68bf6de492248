//! What the language decides because the spec does not: checks that can be computed, the export, what the end waits for.
//! Each decision is written down, so that the checklist shows it.

use cutover_ir::Id;
use cutover_ir::measure::{Bound, Comparison, Condition, Measure, Sample};
use cutover_ir::quantity::{Decimal, Duration};
use cutover_plan::model::{
    Check, Content, Desk, Export, ExportPart, Item as PlanItem, Ref, Selection, SystemRole, TeamProfile, Verb,
};

use crate::context::Context;
use crate::lower::words;

/// Takes the defaults. All items of the spec are lowered before.
pub fn lower(cx: &mut Context<'_>) {
    source_counts(cx);
    if cx.draft.plan.migration.team == TeamProfile::Small {
        export(cx);
        checks(cx);
    }
    if !has(cx, |content| matches!(content, Content::Wave(_))) {
        cx.draft.take_default(&Id::new(["wave"]), "how the records are parted", "one wave, in the window");
    }
    decommission(cx);
    covered(cx);
}

fn has(cx: &Context<'_>, test: impl Fn(&Content) -> bool) -> bool {
    cx.draft.plan.items.values().any(|item| test(&item.content))
}

/// Numbers of records of the source by kind, for the first screen of the checklist.
fn source_counts(cx: &mut Context<'_>) {
    let Some(source) = cx.world.source() else { return };
    for kind in &source.kinds {
        if let Some(count) = kind.count() {
            cx.draft.plan.figures.source.insert(kind.name.to_owned(), count);
        }
    }
}

/// The person of the team with a role; the first one by identifier when several have it.
fn with_role(cx: &Context<'_>, role: &str) -> Option<String> {
    let mut people = cx.draft.plan.people.iter();
    people.find(|(_, person)| person.roles.iter().any(|r| r == role)).map(|(id, _)| id.clone())
}

/// Everything that is imported or archived, by kind, all of it verified.
fn export(cx: &mut Context<'_>) {
    if has(cx, |content| matches!(content, Content::Export(_))) {
        return;
    }
    let mut kinds: Vec<String> = Vec::new();
    for item in cx.draft.plan.items.values() {
        if let Content::Scope(part) = &item.content
            && matches!(part.verb, Verb::Import | Verb::Archive)
        {
            kinds.push(part.kind.clone());
        }
    }
    kinds.sort();
    kinds.dedup();
    if kinds.is_empty() {
        return;
    }
    let id = Id::new(["export", "all"]);
    let part = |kind: String| ExportPart { id: id.child(&kind), kind, which: Selection::All, chunks: None };
    let verify = words::EXPORT_VERIFIED.iter().map(|word| (*word).to_owned()).collect();
    let export = Export { parts: kinds.into_iter().map(part).collect(), verify, sample: Vec::new() };
    let mut made = PlanItem::new(Content::Export(export));
    made.owner = with_role(cx, "data_owner");
    cx.draft.take_default(
        &id,
        "how the source is exported",
        "each kind that is imported or archived, in one part, fully verified",
    );
    take(cx, id, made);
}

/// A check that the tool computes alone.
struct Computed {
    area: &'static str,
    title: &'static str,
    measure: Measure,
}

fn at_most_none(metric: &str, of: &[&str]) -> Measure {
    Measure {
        metric: metric.to_owned(),
        statistic: None,
        of: of.iter().map(|word| (*word).to_owned()).collect(),
        scope: None,
        sample: None,
        comparison: Comparison::AtMost,
        bound: Bound::Number(Decimal::from(0)),
        over: None,
        within: None,
    }
}

/// The checks of a small team: for each area that can be computed and that the spec neither checks nor waives.
fn checks(cx: &mut Context<'_>) {
    let owner = with_role(cx, "data_owner");
    for computed in computed(cx) {
        let covered = has(cx, |content| match content {
            Content::Check(check) => check.area == computed.area,
            Content::Waiver(waiver) => waiver.area == computed.area,
            _ => false,
        });
        if covered {
            continue;
        }
        let id = Id::new(["check", computed.area]);
        if cx.draft.plan.items.contains_key(&id) {
            continue;
        }
        let legacy = match computed.area {
            "exports" => cx.world.source().and_then(|s| s.tickets()).and_then(|tickets| tickets.count()),
            _ => None,
        };
        let check = Check {
            area: computed.area.to_owned(),
            pass: vec![Condition::Measure(Box::new(computed.measure))],
            legacy,
            generated: true,
        };
        let mut made = PlanItem::new(Content::Check(check));
        made.title = Some(computed.title.to_owned());
        made.owner = owner.clone();
        cx.draft.take_default(&id, "a check that the spec does not name", computed.title);
        take(cx, id, made);
    }
}

/// Adds an item that the spec does not write. It stands where the spec asks for defaults: at the team's size.
fn take(cx: &mut Context<'_>, id: Id, item: PlanItem) {
    if let Some(place) = cx.draft.places.get("team").copied() {
        cx.draft.place(id.clone(), place);
    }
    cx.draft.plan.items.insert(id, item);
}

fn computed(cx: &Context<'_>) -> Vec<Computed> {
    let world = cx.world;
    let Some(source) = world.source() else { return Vec::new() };
    let Some(tickets) = source.tickets() else { return Vec::new() };
    let tickets = tickets.plural.as_str();
    let mut found = vec![
        Computed {
            area: "exports",
            title: "No ticket is missing",
            measure: at_most_none("missing", &[tickets]),
        },
        Computed {
            area: "mapping",
            title: "Sampled fields are as the map says",
            measure: Measure {
                sample: Some(Sample { count: 500, of: tickets.to_owned() }),
                ..at_most_none("differing_fields", &[])
            },
        },
        Computed {
            area: "owners",
            title: "No ticket loses its assignee",
            measure: at_most_none("lost_assignees", &[tickets]),
        },
        Computed {
            area: "permissions",
            title: "No role may do more than before",
            measure: at_most_none("widened_roles", &[]),
        },
    ];
    if has(cx, |content| matches!(content, Content::Sla(_))) {
        found.push(Computed {
            area: "sla_timers",
            title: "No due date moves without a reason",
            measure: Measure {
                bound: Bound::Duration(Duration::elapsed(0)),
                ..at_most_none("unexplained_due_difference", &[tickets])
            },
        });
    }
    let chats = source.kinds_of(cutover_catalog::Part::Transcript).find(|kind| {
        has(cx, |content| matches!(content, Content::Scope(part) if part.kind == kind.name && part.verb == Verb::Import))
    });
    if let Some(chats) = chats {
        found.push(Computed {
            area: "chat",
            title: "Sampled transcripts are whole",
            measure: Measure {
                sample: Some(Sample { count: 50, of: chats.plural.clone() }),
                ..at_most_none("broken", &[&chats.plural])
            },
        });
    }
    let macros = has(cx, |content| match content {
        Content::Scope(part) => {
            part.verb != Verb::Retire
                && source.kind(&part.kind).is_some_and(|kind| kind.kind.part == cutover_catalog::Part::Macro)
        }
        _ => false,
    });
    if macros {
        found.push(Computed {
            area: "macros",
            title: "Macros name only fields that exist",
            measure: at_most_none("unknown_placeholders", &[]),
        });
    }
    let mut synced: Vec<&str> = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        if let Content::Integration(integration) = &item.content
            && matches!(integration.how.as_str(), "both ways" | "writes only")
            && let Some(name) = id.as_str().strip_prefix("integration/")
        {
            synced.push(name);
        }
    }
    if !synced.is_empty() {
        found.push(Computed {
            area: "integrations",
            title: "Changes arrive in the other system within a minute",
            measure: Measure {
                bound: Bound::Duration(Duration::elapsed(60)),
                ..at_most_none("update_latency", &synced)
            },
        });
    }
    found
}

/// The items that the words behind `after` stand for.
fn decommission(cx: &mut Context<'_>) {
    let id = Id::new(["decommission", "source"]);
    let Some(Content::Decommission(end)) = cx.draft.plan.items.get(&id).map(|item| &item.content) else {
        return;
    };
    let after = end.after.clone();
    let mut needs = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let word = match &item.content {
            Content::Check(_) | Content::Waiver(_) => "checks",
            Content::Criterion(_) => "criteria",
            Content::Objective(_) => "objectives",
            Content::Hypercare(_) => "hypercare",
            Content::Ownership(_) => "ownership",
            Content::Watch(_) => "watch",
            Content::Scope(part) if part.verb == Verb::Archive => "archives",
            _ => continue,
        };
        if after.iter().any(|a| a == word) {
            needs.push(Ref(id.clone()));
        }
    }
    if let Some(Content::Decommission(end)) = cx.draft.plan.items.get_mut(&id).map(|item| &mut item.content) {
        end.needs = needs;
    }
}

/// What a signature covers beside the lines of its item: the accounts, and for the switch what is there afterwards.
fn covered(cx: &mut Context<'_>) {
    let plan = &mut cx.draft.plan;
    let desk = |name: &str| {
        let system = plan.systems.get(name)?;
        Some(Desk {
            system: name.to_owned(),
            platform: system.platform.clone(),
            account: system.account.clone(),
            plan: system.plan.clone(),
            keyed_by: system.keyed_by.clone(),
        })
    };
    let names = plan.systems.iter().filter(|(_, system)| system.role != SystemRole::Sandbox);
    let all: Vec<Desk> = names.filter_map(|(name, _)| desk(name)).collect();
    let of = |name: &str| desk(name).into_iter().collect::<Vec<_>>();
    let (sandbox, source) = (of("sandbox"), of("source"));
    let carried = |checks: bool| {
        let ids = plan.items.keys().filter(move |id| match id.kind() {
            "clean" | "map" | "scope" | "sla" => true,
            "check" => checks,
            _ => false,
        });
        ids.cloned().map(Ref).collect::<Vec<_>>()
    };
    let (with, without) = (carried(true), carried(false));
    let kept = plan.items.keys().filter(|id| id.kind() == "read_only").cloned().map(Ref).collect::<Vec<_>>();
    for item in plan.items.values_mut() {
        match &mut item.content {
            Content::GoLive(switch) => {
                // Silence ends when checks pass.
                switch.carries = if switch.silent.is_some() { with.clone() } else { without.clone() };
                switch.desks.clone_from(&all);
            }
            Content::Rehearsal(trial) => trial.desks.clone_from(&sandbox),
            Content::Decommission(end) => {
                end.kept.clone_from(&kept);
                end.desks.clone_from(&source);
            }
            _ => {}
        }
    }
}
