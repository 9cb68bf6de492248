//! The migration as a whole: systems, window, pace, and whether the plan is finished.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::Id;
use cutover_ir::time::Instant;
use cutover_plan::Plan;
use cutover_plan::model::{Migration, Moment, Pace, System, TeamProfile};
use cutover_plan::text::{numbers, words};

use super::context::{Context, Trio};
use crate::kind::Kind;
use crate::order::{self, Strength};

/// How many new mistakes are named.
const NAMED: usize = 3;

/// Compares everything that belongs to no item.
pub(super) fn compare(cx: &mut Context<'_>) {
    let (old, new) = (cx.old, cx.new);
    cx.about(Id::new(["plan"]), "The plan");
    let open = |plan: &Plan| plan.unfinished.errors.saturating_add(plan.unfinished.holes);
    let said = |plan: &Plan| {
        let errors = numbers::count(u64::from(plan.unfinished.errors), "mistake", "mistakes");
        let holes = numbers::count(u64::from(plan.unfinished.holes), "open decision", "open decisions");
        format!("{errors}, {holes}")
    };
    let strength = order::smaller(open(old), open(new));
    let finished = Trio(Kind::PlanUnfinished, Kind::PlanFinished, Kind::PlanUnfinished);
    let mut after = said(new);
    if strength == Strength::Weaker {
        after.push_str(&named(&cx.counts.mistakes));
    }
    cx.strength(finished, strength, "", said(old), after);
    migration(cx, &old.migration, &new.migration);
    systems(cx);
    night(cx);
}

/// What is wrong now, each sentence once.
fn named(mistakes: &[String]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for mistake in mistakes {
        *counts.entry(mistake).or_default() += 1;
    }
    let said = counts.iter().take(NAMED).map(|(mistake, times)| match times {
        1 => (*mistake).to_owned(),
        times => format!("{mistake} ({times} times)"),
    });
    let said: Vec<String> = said.collect();
    let more = match counts.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    if said.is_empty() { String::new() } else { format!(": {}{more}", said.join("; ")) }
}

fn migration(cx: &mut Context<'_>, old: &Migration, new: &Migration) {
    let Migration { name, title, edition, team, window, downtime, pace: limits } = new;
    cx.about(Id::new(["migration"]), "The migration");
    cx.texts(Kind::Renamed, "", Some(old.name.clone()), Some(name.clone()));
    cx.texts(Kind::TitleChanged, "", Some(old.title.clone()), Some(title.clone()));
    let number = |edition: u32| Some(edition.to_string());
    cx.texts(Kind::ItemChanged, "edition of the language", number(old.edition), number(*edition));
    let size = |team: TeamProfile| match team {
        TeamProfile::Small => 0,
        TeamProfile::Full => 1,
    };
    let word = |team: TeamProfile| if size(team) == 0 { "small" } else { "full" }.to_owned();
    let trio = Trio(Kind::TeamSmaller, Kind::TeamLarger, Kind::TeamSmaller);
    cx.strength(trio, order::larger(size(old.team), size(*team)), "", word(old.team), word(*team));
    let from_to = |plan: &Plan, migration: &Migration| {
        let window = migration.window.as_ref()?;
        let at = |at: Instant| words::moment(plan, &Moment { at, said: None });
        Some(format!("{} to {}, {}", at(window.start), at(window.end), window.zone))
    };
    let (before, after) = (from_to(cx.old, old), from_to(cx.new, new));
    // Offsets of the zone beyond the window change with the plan's last date.
    let long = |migration: &Migration| {
        migration.window.as_ref().map(|window| window.end.seconds().saturating_sub(window.start.seconds()))
    };
    let shorter = long(old).zip(window.as_ref().and_then(|_| long(new))).is_some_and(|(was, is)| is < was);
    cx.texts(if shorter { Kind::WindowShorter } else { Kind::WindowMoved }, "", before, after);
    let length = |d: &Option<cutover_ir::quantity::Duration>| d.map(words::length);
    let trio = Trio(Kind::DowntimeLonger, Kind::DowntimeShorter, Kind::DowntimeLonger);
    let strength = order::present(old.downtime, *downtime, order::shorter);
    cx.strength(trio, strength, "", length(&old.downtime), length(downtime));
    paces(cx, &old.pace, limits);
}

fn paces(cx: &mut Context<'_>, old: &[Pace], new: &[Pace]) {
    let systems: BTreeSet<&String> = old.iter().chain(new).map(|pace| &pace.system).collect();
    for system in systems {
        let find = |all: &'_ [Pace]| all.iter().find(|pace| pace.system == *system).cloned();
        let (was, is) = (find(old), find(new));
        if was == is {
            continue;
        }
        let percent = |pace: &Option<Pace>| pace.as_ref().map(|pace| pace.percent);
        let until = |pace: &Option<Pace>| {
            // Without an end it holds for longest.
            pace.as_ref().map(|pace| (pace.until.is_none(), pace.until.as_ref().map(|until| until.at)))
        };
        let strength = order::present(percent(&was), percent(&is), order::smaller).and(order::present(
            until(&was),
            until(&is),
            order::larger,
        ));
        let said = |plan: &Plan, pace: &Option<Pace>| {
            let pace = pace.as_ref()?;
            let until = pace.until.as_ref();
            let until =
                until.map_or_else(String::new, |until| format!(" until {}", words::moment(plan, until)));
            Some(format!("at most {}%{until}", words::decimal(pace.percent)))
        };
        let (before, after) = (said(cx.old, &was), said(cx.new, &is));
        // Slower for less long is faster for the rest of the time.
        cx.strength(
            Trio(Kind::PaceFaster, Kind::PaceSlower, Kind::PaceFaster),
            strength,
            system,
            before,
            after,
        );
    }
}

fn systems(cx: &mut Context<'_>) {
    let (old, new) = (cx.old, cx.new);
    let names: BTreeSet<&String> = old.systems.keys().chain(new.systems.keys()).collect();
    for name in names {
        cx.about(Id::new(["system", name]), words::capital(&words::human(name)));
        let said = |system: Option<&System>| {
            let System {
                role: _,
                platform: _,
                product,
                account,
                plan,
                secrets: _,
                keyed_by,
                rows,
                keeping: _,
            } = system?;
            let plan = plan.as_ref().map_or_else(String::new, |plan| format!(", {plan}"));
            let key = keyed_by.as_ref().map_or_else(String::new, |key| format!(", keyed by {key}"));
            let rows = if rows.is_some() { ", with its rows" } else { "" };
            Some(format!("{product} “{account}”{plan}{key}{rows}"))
        };
        let (was, is) = (old.systems.get(name), new.systems.get(name));
        cx.texts(Kind::SystemChanged, "", said(was), said(is));
        if let (Some(was), Some(is)) = (was, is) {
            super::sla::keeping(cx, name, was, is);
            cx.about(Id::new(["system", name]), words::capital(&words::human(name)));
            if was.rows != is.rows && was.rows.is_some() == is.rows.is_some() {
                cx.say(Kind::FileChanged, "its rows", None, None);
            }
            let secrets = |system: &System| {
                let said: Vec<String> = system
                    .secrets
                    .iter()
                    .map(|secret| format!("{} until {}", secret.name, secret.until))
                    .collect();
                super::context::listed(&said)
            };
            cx.texts(Kind::SecretChanged, "", secrets(was), secrets(is));
        }
    }
}

/// How long the stages take that decide how long the night takes.
fn night(cx: &mut Context<'_>) {
    let seconds = |plan: &Plan| -> Option<u64> {
        let path: BTreeSet<&Id> = plan.critical_path.iter().collect();
        (!path.is_empty()).then(|| {
            let stages = plan.stages.iter().filter(|stage| path.contains(&stage.id));
            stages.filter_map(|stage| stage.estimate.as_deref()).map(|estimate| estimate.seconds).sum()
        })
    };
    let (old, new) = (seconds(cx.old), seconds(cx.new));
    let (Some(was), Some(is)) = (old, new) else { return };
    // Nobody can tell seconds apart where minutes are shown.
    if numbers::span(was) == numbers::span(is) {
        return;
    }
    cx.about(Id::new(["plan"]), "The night");
    let strength = order::smaller(was, is);
    debug_assert!(strength != Strength::Other);
    let trio = Trio(Kind::NightLonger, Kind::NightShorter, Kind::NightLonger);
    cx.strength(trio, strength, "", numbers::span(was), numbers::span(is));
}
