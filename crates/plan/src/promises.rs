//! Promises of a plan as clocks read them: opening hours, what a clock measures, the time that it allows, what becomes of it.

use std::collections::{BTreeMap, BTreeSet};

use cutover_calendar::{Day, Hours, Length, Stretch, WEEKDAYS, Zone};
use cutover_ir::Id;
use cutover_ir::eval::Truth;
use cutover_ir::predicate::{Predicate, Test};
use cutover_ir::quantity::{Duration, TimeBase};
pub use cutover_preview::DueField;
use cutover_preview::{Action, Form, Metric, Progress, Standing, Ticket, Written};

use crate::model::{
    ANSWERED, Calendar as OpenHours, Clock, ClockAction, ClockEffect, ClockRule, DueWritten, Inherited, Plan,
    Sla,
};

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

/// The opening hours by which a desk counts a policy, and what its calendars can hold of them.
#[must_use]
pub fn kept(plan: &Plan, desk: &str, policy: &Id, promised: &Hours) -> (Hours, Form) {
    let Some(keeping) = plan.systems.get(desk).and_then(|system| system.keeping.get(policy)) else {
        return (promised.clone(), Form::FREE);
    };
    let own = keeping.hours.as_ref().and_then(hours).unwrap_or_else(|| promised.clone());
    (own, Form { days_of_their_own: !keeping.whole_days, step: keeping.step.unwrap_or(Form::FREE.step) })
}

/// The time that the old desk's policy holds for a clock; `None` when nobody knows.
#[must_use]
pub fn held_before(plan: &Plan, policy: &Id, clock: &Clock) -> Option<Length> {
    let keeping = plan.systems.get("source").and_then(|system| system.keeping.get(policy));
    if keeping.is_some_and(|keeping| keeping.unknown.contains(&clock.name)) {
        return None;
    }
    let held = keeping.and_then(|keeping| keeping.held.get(&clock.name)).copied();
    Some(allowed(held.unwrap_or(clock.allowed)))
}

/// What gets to the new desk of the due time of a clock that inherits what is left of its promise.
#[must_use]
pub fn due_written(plan: &Plan, policy: &Id, clock: &str) -> Written {
    let keeping = plan.systems.get("target").and_then(|system| system.keeping.get(policy));
    keeping.and_then(|keeping| keeping.dues.get(clock)).map_or(Written::Old, |found| written(*found))
}

/// Whether tickets get the service level without which the new desk counts nothing, where it is such a desk.
#[must_use]
pub fn level_written(plan: &Plan, policy: &Id) -> bool {
    let keeping = plan.systems.get("target").and_then(|system| system.keeping.get(policy));
    keeping.is_none_or(|keeping| !keeping.no_level)
}

/// What gets there of a due time, as clocks read it.
#[must_use]
pub const fn written(found: DueWritten) -> Written {
    match found {
        DueWritten::Old => Written::Old,
        DueWritten::Unsure => Written::Unsure,
        DueWritten::Nothing => Written::Nothing,
    }
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

/// Where a product shows when a clock is due, by the name of its catalog; `None` when it has no field for that.
#[must_use]
pub fn due_field(product: &str, clock: &str) -> Option<DueField> {
    cutover_preview::due_field(cutover_preview::dialect(product), metric(clock)?)
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

/// The rule of a clock that is a ticket's: the first whose condition is true of it. `answered` says whether somebody has answered, and
/// `holds` whether a condition is true of the ticket.
///
/// # Errors
///
/// The fields that decide it and are not known.
pub fn rule(
    clock: &Clock,
    answered: Option<bool>,
    mut holds: impl FnMut(&Predicate) -> Truth,
) -> Result<Option<&ClockRule>, BTreeSet<String>> {
    for rule in &clock.continuity {
        let truth = match (rule.word.as_deref(), &rule.condition) {
            (Some(ANSWERED), _) => {
                answered.map_or_else(|| Truth::Unknown(BTreeSet::from([ANSWERED.to_owned()])), Truth::Known)
            }
            // A word that a later edition of the language knows.
            (Some(word), _) => Truth::Unknown(BTreeSet::from([word.to_owned()])),
            (None, Some(condition)) => holds(&with_answer(condition, answered)),
            (None, None) => Truth::Known(true),
        };
        match truth {
            Truth::Known(true) => return Ok(Some(rule)),
            Truth::Known(false) => {}
            Truth::Unknown(fields) => return Err(fields),
        }
    }
    Ok(None)
}

/// What a policy says that statuses do to one of its clocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statuses<'p> {
    effects: BTreeMap<&'p str, ClockEffect>,
}

impl<'p> Statuses<'p> {
    /// Those of a clock, by its name.
    #[must_use]
    pub fn of(sla: &'p Sla, clock: &str) -> Statuses<'p> {
        let mut effects = BTreeMap::new();
        for line in
            sla.states.iter().filter(|line| line.of.is_empty() || line.of.iter().any(|of| of == clock))
        {
            for status in &line.statuses {
                effects.entry(status.as_str()).or_insert(line.effect);
            }
        }
        Statuses { effects }
    }

    /// What a status does. `None` when the policy says nothing of it.
    #[must_use]
    pub fn effect(&self, status: &str) -> Option<ClockEffect> {
        self.effects.get(status).copied()
    }

    /// Whether nobody knows what a status does. A policy that says nothing of any status has clocks that run in all of them.
    #[must_use]
    pub fn leaves_out(&self, status: &str) -> bool {
        !self.effects.is_empty() && !self.effects.contains_key(status)
    }

    /// All of which something is said, with what they do.
    pub fn iter(&self) -> impl Iterator<Item = (&'p str, ClockEffect)> + '_ {
        self.effects.iter().map(|(status, effect)| (*status, *effect))
    }
}

/// What becomes of a clock of a ticket, and what keeps that from being known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What becomes of it.
    pub action: Action,
    /// Fields that decide it and are not known.
    pub fields: BTreeSet<String>,
    /// A status that the ticket has or had, of which the policy says nothing.
    pub unsaid: Option<String>,
}

/// What becomes of a clock of a ticket that is in a status, and was in others. A clock is over in a status that ends it; where nobody has
/// said what a status does, nobody knows when it is due. `holds` says whether a condition is true of the ticket.
pub fn decided<'s>(
    (clock, measured, statuses): (&Clock, Metric, &Statuses<'_>),
    ticket: &Ticket,
    (status, earlier): (&'s str, impl IntoIterator<Item = &'s str>),
    imported: i64,
    holds: impl FnMut(&Predicate) -> Truth,
) -> Decided {
    if statuses.effect(status) == Some(ClockEffect::Stops) {
        return Decided { action: Action::Done, fields: BTreeSet::new(), unsaid: None };
    }
    let mut all = std::iter::once(status).chain(earlier);
    if let Some(unsaid) = all.find(|status| statuses.leaves_out(status)) {
        return Decided {
            action: Action::Undecided,
            fields: BTreeSet::new(),
            unsaid: Some(unsaid.to_owned()),
        };
    }
    let (action, fields) = match rule(clock, Some(answered(measured, ticket)), holds) {
        Ok(Some(rule)) => (action(&rule.action, imported), BTreeSet::new()),
        Ok(None) => (Action::Recalculate, BTreeSet::new()),
        Err(fields) => (Action::Undecided, fields),
    };
    Decided { action, fields, unsaid: None }
}

/// Whether somebody has answered, as the word of the language means it: what the customer wrote last, for a clock that counts from that.
#[must_use]
pub fn answered(measured: Metric, ticket: &Ticket) -> bool {
    match measured {
        Metric::NextResponse => measured.progress(ticket) == Progress::Done,
        _ => ticket.is_answered(),
    }
}

/// What the new desk's clock does in what a status of the old one becomes: what was promised, where the plan says nothing else.
#[must_use]
pub fn there(
    plan: &Plan,
    policy: &Id,
    clock: &str,
    statuses: &Statuses<'_>,
    status: &str,
) -> Option<ClockEffect> {
    let keeping = plan.systems.get("target").and_then(|system| system.keeping.get(policy));
    let differs = keeping.and_then(|keeping| keeping.states.get(clock)).and_then(|states| states.get(status));
    differs.copied().or_else(|| statuses.effect(status))
}

/// The same, as clocks read it.
#[must_use]
pub const fn standing(effect: ClockEffect) -> Standing {
    match effect {
        ClockEffect::Runs => Standing::Runs,
        ClockEffect::Pauses => Standing::Pauses,
        ClockEffect::Stops => Standing::Stops,
    }
}

/// A condition in which the word of the language says whether somebody has answered, as far as that is known.
#[must_use]
pub fn with_answer(condition: &Predicate, answered: Option<bool>) -> Predicate {
    let each = |parts: &[Predicate]| parts.iter().map(|part| with_answer(part, answered)).collect();
    match condition {
        Predicate::All(parts) => Predicate::All(each(parts)),
        Predicate::Any(parts) => Predicate::Any(each(parts)),
        Predicate::Not(inner) => Predicate::Not(Box::new(with_answer(inner, answered))),
        Predicate::Atom(atom) => match (&atom.test, answered) {
            (Test::Word(word), Some(answered)) if word == ANSWERED && atom.field.is_empty() => {
                Predicate::Const(answered)
            }
            _ => condition.clone(),
        },
        Predicate::Const(_) => condition.clone(),
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
