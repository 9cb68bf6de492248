//! Promises of a plan as clocks read them: opening hours, what a clock measures, the time that it allows, what becomes of it.

use cutover_calendar::{Day, Hours, Length, Stretch, WEEKDAYS, Zone};
use cutover_ir::quantity::{Duration, TimeBase};
use cutover_preview::{Action, Metric};

use crate::model::{Calendar as OpenHours, ClockAction, Inherited};

/// Opening hours of a plan as the clocks read them. `None` when the zone does not exist.
#[must_use]
pub fn hours(calendar: &OpenHours) -> Option<Hours> {
    let mut hours = Hours::closed(Zone::named(&calendar.zone)?);
    for open in &calendar.hours {
        let stretch = Stretch::minutes(open.from, open.to);
        for (name, day) in WEEKDAYS.iter().zip(&mut hours.week) {
            if open.days.iter().any(|open| open == name) {
                day.push(stretch);
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
    hours.known_until = calendar.known_until.map(|date| Day(date.days()));
    Some(hours)
}

/// What a clock of the language measures. Clocks of work and of waiting are clocks of the solution; they differ in their pauses.
#[must_use]
pub fn metric(name: &str) -> Option<Metric> {
    Some(match name {
        "first_response" => Metric::FirstResponse,
        "next_response" => Metric::NextResponse,
        "update" | "pausable_update" => Metric::Update,
        "resolution" | "agent_work" | "requester_wait" => Metric::Resolution,
        _ => return None,
    })
}

/// The time that a clock allows.
#[must_use]
pub fn allowed(length: Duration) -> Length {
    match (length.base, length.days) {
        (TimeBase::Business, 0) => Length::Business(length.seconds),
        (TimeBase::Business, days) => Length::BusinessDays(days),
        _ => Length::Calendar(length.nominal_seconds()),
    }
}

/// What the plan says becomes of a clock. A gate opens, for a preview, when tickets are imported: in seconds since 1970.
#[must_use]
pub fn action(said: &ClockAction, imported: i64) -> Action {
    match said {
        ClockAction::Inherit { keeps: Inherited::Due } => Action::InheritDue,
        ClockAction::Inherit { keeps: Inherited::Remaining } => Action::InheritRemaining,
        ClockAction::Recalculate { .. } => Action::Recalculate,
        ClockAction::Suspend { then, .. } => {
            Action::Suspend { until: imported, then: Box::new(action(then, imported)) }
        }
        ClockAction::Done => Action::Done,
    }
}
