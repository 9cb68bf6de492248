//! The ways in which programs compute due instants, as a value.

use crate::calendar::{Calendar, FIRST_INSTANT, LAST_INSTANT};
use crate::clock::{Boundary, Length};
use crate::hours::{Hours, Problem, Reading};
use crate::pauses::{PauseRule, Pauses};
use crate::windows;

/// Everything in which programs differ when they compute a due instant from the same hours. The default is what this crate holds
/// to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct DueRules {
    /// How hours become instants.
    pub reading: Reading,
    /// What is due when time runs out at closing time.
    pub boundary: Boundary,
    /// What becomes of pauses.
    pub pauses: PauseRule,
    /// Pauses are only known to the minute: both ends are cut.
    pub pauses_in_minutes: bool,
    /// What becomes of seconds in the result.
    pub rounding: Rounding,
    /// How far the program looks.
    pub limit: SearchLimit,
    /// How it walks through hours.
    pub walk: Walk,
}

/// What becomes of seconds in a due instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Rounding {
    /// They stay.
    #[default]
    None,
    /// They are cut off.
    MinuteDown,
    /// The next whole minute.
    MinuteUp,
}

/// How far a program looks for business time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum SearchLimit {
    /// As far as there is.
    #[default]
    None,
    /// No further than so many seconds of day and night after the beginning; what is due later is not due at all.
    Within(u64),
}

/// How a program walks through hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Walk {
    /// As they are.
    #[default]
    Exact,
    /// In windows of so many hours, one stretch a day, going back by what was too much.
    Windows(u32),
}

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// At this instant.
    At(i64),
    /// Never: there are no hours, or a pause has no end.
    Never,
    /// The program gave up looking, and shows no due instant.
    GivenUp,
}

impl Answer {
    /// The instant, when there is one.
    #[must_use]
    pub const fn at(self) -> Option<i64> {
        match self {
            Answer::At(at) => Some(at),
            Answer::Never | Answer::GivenUp => None,
        }
    }
}

/// Hours as one program reads them, and its rules.
pub struct Clock {
    calendar: Calendar,
    rules: DueRules,
    /// Only a walk needs them.
    hours: Option<Hours>,
}

impl Clock {
    /// Reads hours in the way of these rules.
    ///
    /// # Errors
    ///
    /// As [`Calendar::new`].
    pub fn new(hours: &Hours, rules: DueRules) -> Result<Clock, Problem> {
        let calendar = Calendar::new(hours, rules.reading)?;
        let hours = matches!(rules.walk, Walk::Windows(_)).then(|| hours.clone());
        Ok(Clock { calendar, rules, hours })
    }

    /// The hours as the rules read them.
    #[must_use]
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> DueRules {
        self.rules
    }

    /// When a length of time is over that begins at `start`, by these rules.
    #[must_use]
    pub fn due(&self, start: i64, length: Length, pauses: &Pauses) -> Answer {
        self.due_by(self.rules.pauses, start, length, pauses)
    }

    /// The same, with pauses counted in another way.
    #[must_use]
    pub fn due_by(&self, rule: PauseRule, start: i64, length: Length, pauses: &Pauses) -> Answer {
        let cut = self.rules.pauses_in_minutes.then(|| pauses.in_minutes());
        let Some(due) = self.exact(rule, start, length, cut.as_ref().unwrap_or(pauses)) else {
            return Answer::Never;
        };
        let due = match self.rules.rounding {
            Rounding::None => due,
            Rounding::MinuteDown => due - due.rem_euclid(60),
            Rounding::MinuteUp => due + (-due).rem_euclid(60),
        };
        match (self.rules.limit, length) {
            (SearchLimit::Within(seconds), Length::Business(_) | Length::BusinessDays(_))
                if due.abs_diff(start) > seconds =>
            {
                Answer::GivenUp
            }
            _ => Answer::At(due),
        }
    }

    fn exact(&self, rule: PauseRule, start: i64, length: Length, pauses: &Pauses) -> Option<i64> {
        let held = || pauses.length(start);
        match rule {
            PauseRule::Stop => self.due_with(start, length, pauses),
            PauseRule::Ignored => self.due_with(start, length, &Pauses::default()),
            PauseRule::AddedToDue => {
                let due = self.due_with(start, length, &Pauses::default())?;
                due.checked_add(i64::try_from(held()).ok()?).filter(|due| *due < LAST_INSTANT)
            }
            PauseRule::AddedToAllowed => {
                let length = match length {
                    Length::Business(seconds) => Length::Business(seconds.saturating_add(held())),
                    Length::Calendar(seconds) => Length::Calendar(seconds.saturating_add(held())),
                    Length::BusinessDays(_) if held() == 0 => length,
                    Length::BusinessDays(_) => {
                        let due = self.due_with(start, length, &Pauses::default())?;
                        Length::Business(self.calendar.elapsed(start, due).saturating_add(held()))
                    }
                };
                self.due_with(start, length, &Pauses::default())
            }
            PauseRule::AddedToStart => {
                let start = start.checked_add(i64::try_from(held()).ok()?)?;
                self.due_with(start, length, &Pauses::default())
            }
        }
    }

    fn due_with(&self, start: i64, length: Length, pauses: &Pauses) -> Option<i64> {
        if !(FIRST_INSTANT..LAST_INSTANT).contains(&start) {
            return None;
        }
        match (self.rules.walk, &self.hours, length) {
            // Such programs know no pauses.
            (Walk::Windows(window), Some(hours), Length::Business(seconds)) => {
                windows::due(hours, self.calendar.wall(), start, seconds, window)
            }
            _ => self.calendar.due_with(start, length, self.rules.boundary, pauses),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Clock, DueRules, Rounding, SearchLimit};
    use crate::{Boundary, Gap, HolidayExtent, Hours, Length, Pauses, Reading, Zone};

    /// Monday 2 March 2026, 09:00 in UTC.
    const MONDAY: i64 = 1_772_442_000;

    fn due(rules: DueRules, start: i64, length: u64, pauses: &Pauses) -> Option<Answer> {
        let hours = Hours::weekdays(Zone::named("Etc/UTC")?, 540, 1020);
        Some(Clock::new(&hours, rules).ok()?.due(start, Length::Business(length), pauses))
    }

    #[test]
    fn seconds_are_rounded_as_the_rules_say() {
        for (rounding, expected) in
            [(Rounding::None, 61), (Rounding::MinuteDown, 60), (Rounding::MinuteUp, 120)]
        {
            let rules = DueRules { rounding, ..DueRules::default() };
            assert_eq!(due(rules, MONDAY, 61, &Pauses::default()), Some(Answer::At(MONDAY + expected)));
            assert_eq!(due(rules, MONDAY, 60, &Pauses::default()), Some(Answer::At(MONDAY + 60)));
        }
    }

    #[test]
    fn pauses_may_be_known_to_the_minute_only() {
        let pauses = Pauses::new([(MONDAY + 59, Some(MONDAY + 121))]);
        let exact = due(DueRules::default(), MONDAY, 3_600, &pauses);
        assert_eq!(exact, Some(Answer::At(MONDAY + 3_600 + 62)));
        let rules = DueRules { pauses_in_minutes: true, ..DueRules::default() };
        assert_eq!(due(rules, MONDAY, 3_600, &pauses), Some(Answer::At(MONDAY + 3_600 + 120)));
    }

    #[test]
    fn a_program_that_gives_up_shows_nothing() {
        let rules = DueRules { limit: SearchLimit::Within(7 * 86_400), ..DueRules::default() };
        let none = Pauses::default();
        assert_eq!(due(rules, MONDAY, 5 * 28_800, &none), Some(Answer::At(MONDAY + 7 * 86_400)));
        assert_eq!(due(rules, MONDAY + 1, 5 * 28_800 + 28_800, &none), Some(Answer::GivenUp));
    }

    #[test]
    fn a_boundary_is_one_moment_in_business_time() {
        let close = DueRules { boundary: Boundary::Close, ..DueRules::default() };
        let none = Pauses::default();
        assert_eq!(due(close, MONDAY, 28_800, &none), Some(Answer::At(MONDAY + 28_800)));
        assert_eq!(due(DueRules::default(), MONDAY, 28_800, &none), Some(Answer::At(MONDAY + 86_400)));
    }

    #[test]
    fn rules_say_how_a_day_of_the_change_is_read() {
        // The night to 8 March 2026 in New York, which has no 02:30.
        let Some(zone) = Zone::named("America/New_York") else { return assert_eq!("a zone", "") };
        let mut hours = Hours::always(zone);
        let (from, to) = (1_772_946_000, 1_773_028_800);
        let open = |hours: &Hours, reading| {
            let clock = Clock::new(hours, DueRules { reading, ..DueRules::default() }).ok()?;
            Some(clock.calendar().elapsed(from, to + 86_400) / 60)
        };
        let reading = |holidays| Reading { gap: Gap::Closed, holidays };
        assert_eq!(open(&hours, Reading::default()), Some(1380 + 1440));
        hours.holidays.extend(crate::Day::new(2026, 3, 8));
        assert_eq!(open(&hours, reading(HolidayExtent::Date)), Some(1440));
        assert_eq!(open(&hours, reading(HolidayExtent::Begins)), Some(1440));
        assert_eq!(open(&hours, reading(HolidayExtent::Seconds(86_400))), Some(1380));
    }
}
