//! Two desks and a contract, ready to be asked about many tickets.

use cutover_calendar::{Answer, Clock, DueRules, Hours, Length, Pauses, Problem};

use crate::dialect::Dialect;
use crate::outcome::{Absent, Due, Reason, Shift};
use crate::ticket::Metric;

/// A desk: how it counts, and the hours that it was given.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// How it counts.
    pub dialect: &'a Dialect,
    /// Its opening hours.
    pub hours: &'a Hours,
    /// What its calendars can hold of them.
    pub form: Form,
}

/// What the calendars of a desk can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// A day may have hours of its own. Where not, such a day is one like any other of its name.
    pub days_of_their_own: bool,
    /// Hours begin and end at multiples of so many minutes. What does not is held a little longer, so that nobody is warned too late.
    pub step: u32,
}

impl Form {
    /// Everything.
    pub const FREE: Form = Form { days_of_their_own: true, step: 1 };

    /// The hours without what cannot be held of days, and of times.
    fn held(self, hours: &Hours) -> (Hours, Hours) {
        let mut whole = hours.clone();
        if !self.days_of_their_own {
            // A day without any hours is a holiday.
            whole.special.retain(|_, open| open.is_empty());
            whole.day_breaks.clear();
        }
        let mut stepped = whole.clone();
        let step = self.step.saturating_mul(60);
        if step > 60 {
            let stretches = stepped.week.iter_mut().chain(stepped.special.values_mut()).flatten();
            for stretch in stretches.filter(|stretch| stretch.from < stretch.to) {
                stretch.from -= stretch.from % step;
                stretch.to = stretch.to.next_multiple_of(step);
            }
            // Closed a little shorter.
            for day in &mut stepped.breaks {
                for stretch in day.iter_mut().filter(|stretch| stretch.from < stretch.to) {
                    stretch.from = stretch.from.next_multiple_of(step);
                    stretch.to = (stretch.to - stretch.to % step).max(stretch.from);
                }
                // What ends where it begins would last for a day.
                day.retain(|stretch| stretch.from != stretch.to);
            }
        }
        (whole, stepped)
    }

    /// Whether it can hold some hours as they are: their days, and their times.
    #[must_use]
    pub fn holds(self, hours: &Hours) -> (bool, bool) {
        let own = hours.special.values().any(|open| !open.is_empty()) || !hours.day_breaks.is_empty();
        let step = self.step.saturating_mul(60).max(1);
        let weekly = hours.week.iter().chain(&hours.breaks).flatten();
        let special = hours.special.values().flatten().filter(|_| self.days_of_their_own);
        let even = weekly
            .chain(special)
            .all(|stretch| stretch.from.is_multiple_of(step) && stretch.to.is_multiple_of(step));
        (self.days_of_their_own || !own, even)
    }
}

/// What moves from where to where, and when.
#[derive(Clone, Copy, Debug)]
pub struct Migration<'a> {
    /// The old desk; none when nobody knows how it counts.
    pub source: Option<Side<'a>>,
    /// The new desk; none when nobody knows how it counts: then what becomes of due times there is not known.
    pub target: Option<Side<'a>>,
    /// The opening hours that were promised.
    pub contract: &'a Hours,
    /// Until when is known what happened to tickets: what was due by then, or before a ticket last changed, is late by now.
    pub known: i64,
    /// When tickets are imported.
    pub imported: i64,
    /// When something first happens to an imported ticket.
    pub first_event: i64,
    /// The largest difference that needs no reason, in seconds of the promise's kind of time.
    pub tolerance: u64,
    /// The moments that tickets bring along.
    pub carried: Carried,
}

/// The moments that tickets bring along. From those that stay behind no clock can count: it counts from the import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// When the ticket was made.
    pub created: bool,
    /// When its messages were written.
    pub messages: bool,
    /// When its first answer is due, by a clock that inherits it.
    pub first_response_due: Written,
    /// When another of its clocks is due that inherits it.
    pub due: Written,
    /// Tickets get a service level, for a desk that counts nothing without one.
    pub level: bool,
}

/// What of the old desk's due instant is written into the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The instant itself.
    Old,
    /// Something of which nobody knows whether it is that.
    Unsure,
    /// Nothing of it.
    Nothing,
}

impl Carried {
    /// All of them.
    pub const ALL: Carried = Carried {
        created: true,
        messages: true,
        first_response_due: Written::Old,
        due: Written::Old,
        level: true,
    };

    /// What comes along of the due instant of a clock.
    #[must_use]
    pub const fn due(self, metric: Metric) -> Written {
        match metric {
            Metric::FirstResponse => self.first_response_due,
            Metric::NextResponse | Metric::Update | Metric::Resolution => self.due,
        }
    }
}

/// A migration whose calendars are read. Built once, asked about every ticket.
pub struct Preview<'a> {
    pub(crate) migration: Migration<'a>,
    pub(crate) source: Option<Line>,
    pub(crate) target: Option<Line>,
    pub(crate) contract: Clock,
}

impl<'a> Preview<'a> {
    /// Reads the calendars.
    ///
    /// # Errors
    ///
    /// When one of them is none, as [`Clock::new`] says.
    pub fn new(migration: Migration<'a>) -> Result<Preview<'a>, Problem> {
        Ok(Preview {
            source: migration.source.map(|side| Line::new(side, migration.contract)).transpose()?,
            target: migration.target.map(|side| Line::new(side, migration.contract)).transpose()?,
            contract: Clock::new(migration.contract, DueRules::default())?,
            migration,
        })
    }
}

/// A desk's clock, and the clocks that lead from it to the contract's, each with one thing put right.
pub(crate) struct Line {
    pub(crate) dialect: Dialect,
    pub(crate) clock: Clock,
    steps: Vec<(Reason, Clock)>,
}

/// What a clock is asked.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) start: i64,
    pub(crate) allowed: Length,
    pub(crate) pauses: Pauses,
}

impl Line {
    fn new(side: Side<'_>, contract: &Hours) -> Result<Line, Problem> {
        let (mut rules, right) = (side.dialect.rules, DueRules::default());
        let (whole, held) = side.form.held(side.hours);
        let clock = Clock::new(&held, rules)?;
        let mut steps = Vec::new();
        let mut step = |reason: Reason, hours: &Hours, next: DueRules, rules: &mut DueRules| {
            if next != *rules || matches!(reason, Reason::Hours | Reason::Step | Reason::HolidayPart) {
                steps.push((reason, Clock::new(hours, next)?));
                *rules = next;
            }
            Ok(())
        };
        let hours = &held;
        // A walk of its own knows no pauses, so it is put right before them.
        let window = DueRules { walk: right.walk, limit: right.limit, ..rules };
        step(Reason::Window, hours, window, &mut rules)?;
        step(Reason::Unpaused, hours, DueRules { pauses: right.pauses, ..rules }, &mut rules)?;
        let mut reading = rules.reading;
        reading.holidays = right.reading.holidays;
        let read = DueRules { reading, ..rules };
        if read != rules {
            step(Reason::HolidayPart, hours, read, &mut rules)?;
        }
        step(Reason::Dst, hours, DueRules { reading: right.reading, ..rules }, &mut rules)?;
        let rounding =
            DueRules { rounding: right.rounding, pauses_in_minutes: right.pauses_in_minutes, ..rules };
        step(Reason::Rounding, hours, rounding, &mut rules)?;
        let (days, times) = side.form.holds(side.hours);
        if !times {
            step(Reason::Step, &whole, rules, &mut rules)?;
        }
        if !days {
            step(Reason::HolidayPart, side.hours, rules, &mut rules)?;
        }
        step(Reason::Hours, contract, rules, &mut rules)?;
        step(Reason::Boundary, contract, right, &mut rules)?;
        Ok(Line { dialect: *side.dialect, clock, steps })
    }

    /// From the due instant of this desk to that of the contract: first the right beginning, then the right pauses, then the right
    /// clock. Only what changes something is a step.
    pub(crate) fn shifts(&self, run: &Run, contract: &Run) -> Vec<Shift> {
        let mut shifts = Vec::new();
        let mut due = asked(&self.clock, run);
        let mut step = |reason: Reason, to: Due| {
            if to != due {
                shifts.push(Shift { reason, from: due, to });
                due = to;
            }
        };
        let promised = Run { allowed: contract.allowed, ..run.clone() };
        step(Reason::Held, asked(&self.clock, &promised));
        let anchored = Run { start: contract.start, ..promised };
        step(Reason::Anchor, asked(&self.clock, &anchored));
        step(Reason::Unpaused, asked(&self.clock, contract));
        for (reason, clock) in &self.steps {
            step(*reason, asked(clock, contract));
        }
        shifts
    }
}

/// What a clock answers.
pub(crate) fn asked(clock: &Clock, run: &Run) -> Due {
    match clock.due(run.start, run.allowed, &run.pauses) {
        Answer::At(at) => Due::At(at),
        Answer::Never => Due::None(Absent::NeverOpen),
        Answer::GivenUp => Due::None(Absent::GivenUp),
    }
}
