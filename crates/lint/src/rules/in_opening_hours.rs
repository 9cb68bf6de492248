//! `window/in-opening-hours`.

use cutover_calendar::{Clock, Day, DueRules, Hours, Stretch, WEEKDAYS, Zone};
use cutover_ir::Id;
use cutover_plan::model::{Calendar, Content, Stricter};
use cutover_plan::text::numbers::span;

use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};

pub(super) const RULE: Rule = Rule {
    code: "window/in-opening-hours",
    level: Level::Warning,
    summary: "the switch happens while the desk is open",
    what: "The window overlaps the opening hours of a calendar of the spec",
    why: "Customers write, agents answer, and both meet a desk that is being moved",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "minutes",
        default: 60,
        stricter: Stricter::Smaller,
        says: "minutes of opening hours that the window may take",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    let Some(window) = &run.facts.plan.migration.window else { return };
    for (id, item) in run.items("calendar") {
        let Content::Calendar(calendar) = &item.content else { continue };
        let Some(clock) = hours(calendar).and_then(|hours| Clock::new(&hours, DueRules::default()).ok())
        else {
            continue;
        };
        let (from, to) = (window.start.seconds(), window.end.seconds());
        let open = clock.calendar().elapsed(from, to);
        let length = u64::try_from(to.saturating_sub(from)).unwrap_or_default();
        // A desk that never closes leaves no choice.
        let always = WEEKDAYS.iter().all(|day| {
            calendar.hours.iter().any(|open| {
                open.days.iter().any(|name| name == day) && open.to.saturating_sub(open.from) >= 1_380
            })
        });
        if always || length == 0 || open <= run.number("minutes").saturating_mul(60) {
            continue;
        }
        let Some(at) = run.facts.place(&Id::new(["migration", "window"])) else { continue };
        let finding = run.found(at, format!("the desk is open for {} of it", span(open)));
        let finding = match run.facts.place(id) {
            Some(place) => finding.secondary(place, "these hours"),
            None => finding,
        };
        run.push(finding.help("move the window to a night or a weekend"));
        return;
    }
}

/// The hours as the calendar counts them; none in a zone that does not exist.
fn hours(calendar: &Calendar) -> Option<Hours> {
    let mut hours = Hours::closed(Zone::named(&calendar.zone)?);
    for open in &calendar.hours {
        for (name, day) in WEEKDAYS.iter().zip(&mut hours.week) {
            if open.days.iter().any(|open| open == name) {
                day.push(Stretch::minutes(open.from, open.to));
            }
        }
    }
    for holiday in &calendar.holidays {
        let day = Day(holiday.date.days());
        if holiday.open.is_empty() {
            hours.holidays.insert(day);
        } else {
            let open = holiday.open.iter().map(|(from, to)| Stretch::minutes(*from, *to)).collect();
            hours.special.insert(day, open);
        }
    }
    Some(hours)
}
