//! Time in which a clock stands still.

use crate::calendar::{Calendar, FIRST_INSTANT, LAST_INSTANT};
use crate::clock::{Boundary, Length};

/// When a clock stood still: sorted, apart from each other, each from an instant to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pauses(Vec<(i64, i64)>);

impl Pauses {
    /// Pauses in any order; those that overlap count once, those without length not at all. One that has no end yet lasts for ever,
    /// and nothing lasts beyond what calendars know.
    pub fn new(pauses: impl IntoIterator<Item = (i64, Option<i64>)>) -> Pauses {
        let known = |instant: i64| instant.clamp(FIRST_INSTANT, LAST_INSTANT);
        let pauses = pauses.into_iter().map(|(from, to)| (known(from), known(to.unwrap_or(LAST_INSTANT))));
        Pauses(crate::calendar::joined(pauses.filter(|(from, to)| from < to).collect()))
    }

    /// Each pause, in order.
    pub fn iter(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.0.iter().copied()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These pauses with both ends cut to whole minutes.
    #[must_use]
    pub fn in_minutes(&self) -> Pauses {
        let cut = |instant: i64| instant - instant.rem_euclid(60);
        Pauses::new(self.iter().map(|(from, to)| (cut(from), Some(cut(to)))))
    }

    /// Only pauses that begin at an instant or later.
    #[must_use]
    pub fn since(&self, instant: i64) -> Pauses {
        Pauses(self.iter().filter(|(from, _)| *from >= instant).collect())
    }

    /// The part of each pause that lies after an instant.
    #[must_use]
    pub fn after(&self, instant: i64) -> Pauses {
        Pauses::new(self.iter().map(|(from, to)| (from.max(instant), Some(to))))
    }

    /// Their length from an instant on, in seconds of day and night.
    #[must_use]
    pub fn length(&self, since: i64) -> u64 {
        let lengths = self.iter().map(|(from, to)| to.saturating_sub(from.max(since)).max(0));
        lengths.map(i64::unsigned_abs).fold(0, u64::saturating_add)
    }
}

/// What becomes of pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum PauseRule {
    /// The clock stands still: a pause is as good as being closed. All others are mistakes that programs make.
    #[default]
    Stop,
    /// They are not known, so the clock runs on.
    Ignored,
    /// Their length by day and night is added to the due instant.
    AddedToDue,
    /// Their length by day and night is added to the time allowed.
    AddedToAllowed,
    /// Their length by day and night is added to the beginning.
    AddedToStart,
}

impl Calendar {
    /// When a length of time is over that begins at `start` and stands still during pauses.
    ///
    /// When time runs out exactly as a pause begins, the due instant is like that at closing time: [`Boundary`] says which end of
    /// the pause. `None` when it is never over, among others because a pause has no end.
    ///
    /// Business days are over when as much business time has passed, pauses not counted, as lies between `start` and the day that
    /// they lead to without pauses: a pause moves that instant by the business time in it.
    #[must_use]
    pub fn due_with(&self, start: i64, length: Length, boundary: Boundary, pauses: &Pauses) -> Option<i64> {
        let (mut left, business) = match length {
            Length::Business(seconds) => (seconds, true),
            Length::Calendar(seconds) => (seconds, false),
            Length::BusinessDays(_) => {
                let due = self.due(start, length, boundary)?;
                if pauses.iter().all(|(from, to)| to <= start || from >= due) {
                    return Some(due);
                }
                let seconds = self.elapsed(start, due);
                return self.due_with(start, Length::Business(seconds), Boundary::NextOpening, pauses);
            }
        };
        let mut running = start;
        for (from, to) in pauses.iter().filter(|(_, to)| *to > start) {
            let runs = match business {
                true => self.elapsed(running, from),
                false => u64::try_from(from - running).unwrap_or_default(),
            };
            // Time runs out before this pause, or exactly when it begins.
            if left < runs || (left == runs && boundary == Boundary::Close) {
                break;
            }
            left -= runs;
            running = to.max(running);
        }
        let length = if business { Length::Business(left) } else { Length::Calendar(left) };
        self.due(running, length, boundary)
    }

    /// Business seconds from one instant to another, pauses not counted.
    #[must_use]
    pub fn elapsed_with(&self, from: i64, to: i64, pauses: &Pauses) -> u64 {
        let paused = pauses.iter().map(|(start, end)| self.elapsed(start.max(from), end.min(to)));
        self.elapsed(from, to).saturating_sub(paused.fold(0, u64::saturating_add))
    }
}
