//! `people/out-of-hours`.

use std::collections::BTreeSet;

use cutover_calendar::{Day, Zone};
use cutover_ir::Id;
use cutover_plan::model::{Placement, TeamProfile, Window};

use crate::Run;
use crate::rule::{Fix, Level, Rule};

pub(super) const RULE: Rule = Rule {
    code: "people/out-of-hours",
    level: Level::Warning,
    summary: "somebody signs at night and nobody knows whether they are awake",
    what: "In a full team a person signs a step of the window, which lies outside of working hours, and states no hours",
    why: "A gate waits for its signature while the window runs out",
    since: "0.1",
    fix: Fix::None,
    options: &[],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let plan = run.facts.plan;
    let at_night = plan.migration.window.as_ref().is_some_and(|window| !at_work(window));
    if !at_night || plan.migration.team != TeamProfile::Full {
        return;
    }
    let hours = plan.migration.window.as_ref().map(hours).unwrap_or_default();
    let mut told = BTreeSet::new();
    for stage in plan.stages.iter().filter(|stage| stage.placement == Placement::In) {
        for who in &stage.signed_by {
            let unknown = plan.people.get(who).is_some_and(|person| person.available.is_none());
            if !unknown || !told.insert(who) {
                continue;
            }
            let Some(at) = run.facts.place(&Id::new(["person", who])) else { continue };
            let item = stage.items.iter().find_map(|item| run.facts.place(&item.0));
            let finding = run.found(at, "when are they at hand around the window?");
            let finding = match item {
                Some(place) => finding.secondary(place, format!("signs “{}” in the window", stage.title)),
                None => finding,
            };
            run.push(finding.help(format!("ask them and write it down: {hours}")));
        }
    }
}

/// The clause that says that somebody is there for the whole window.
fn hours(window: &Window) -> String {
    let Some(zone) = Zone::named(&window.zone) else { return String::new() };
    let local = |at: i64| {
        let seconds = at.saturating_add(i64::from(zone.offset_at(at)));
        let day = Day(i32::try_from(seconds.div_euclid(86_400)).unwrap_or_default()).parts();
        let (year, month, day) = day.unwrap_or_default();
        let minutes = seconds.rem_euclid(86_400) / 60;
        format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)
    };
    format!("`available {} to {}`", local(window.start.seconds()), local(window.end.seconds()))
}

/// Whether the whole window lies on one working day, between eight and six.
fn at_work(window: &Window) -> bool {
    let Some(zone) = Zone::named(&window.zone) else { return false };
    let local = |at: i64| {
        let seconds = at.saturating_add(i64::from(zone.offset_at(at)));
        (i32::try_from(seconds.div_euclid(86_400)).unwrap_or_default(), seconds.rem_euclid(86_400) / 3_600)
    };
    let ((first, from), (last, to)) = (local(window.start.seconds()), local(window.end.seconds()));
    first == last && Day(first).weekday() < 5 && from >= 8 && to <= 18
}
