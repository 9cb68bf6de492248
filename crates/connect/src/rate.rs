//! How many calls a system allows, and how they are shared among those who call it.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a system allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Limit {
    /// So many calls in any stretch of time of that length. Where a system counts in windows of its own, this holds whenever they begin.
    Window {
        /// Calls.
        calls: u64,
        /// Length of the stretch.
        per: Duration,
    },
    /// A bucket of `burst` calls into which `calls` come back within `per`.
    Bucket {
        /// Calls that come back.
        calls: u64,
        /// Within that time.
        per: Duration,
        /// Most calls that the bucket holds.
        burst: u64,
    },
    /// Only what the system tells with its answers.
    #[default]
    Told,
}

/// The calls that may be made to one system. Clones share it: all workers that call a system take from one budget.
///
/// It has no clock. `now` is the time since a moment that all callers share, on a clock that never goes back.
#[derive(Clone, Debug)]
pub struct Budget {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    pace: Pace,
    /// Of a hundred calls that the system allows, so many are ours.
    share: u64,
    /// Nobody calls before.
    closed_until: Duration,
    /// Shortest time between two calls, as the system's answers suggest.
    told_gap: Duration,
    last: Option<Duration>,
}

#[derive(Debug)]
enum Pace {
    /// The moments of the last calls, as many as a window allows.
    Log {
        calls: usize,
        window: Duration,
        gap: Duration,
        log: VecDeque<Duration>,
    },
    /// When the bucket is full again, and how far that may lie ahead.
    Refill {
        each: Duration,
        ahead: Duration,
        full_at: Duration,
    },
    Open,
}

/// Most moments that are kept; a larger window is cut into equal parts that are kept one by one.
const LOG: u64 = 10_000;

impl Budget {
    /// A budget of `share` percent (1 to 100) of what a system allows; the rest stays with those who work there.
    #[must_use]
    pub fn new(limit: Limit, share: u8) -> Budget {
        let share = u64::from(share.clamp(1, 100));
        let state = State {
            pace: Pace::of(limit, share),
            share,
            closed_until: Duration::ZERO,
            told_gap: Duration::ZERO,
            last: None,
        };
        Budget { state: Arc::new(Mutex::new(state)) }
    }

    /// Takes a call out of the budget.
    ///
    /// # Errors
    /// When none may be made yet: how long to wait before asking again. Nothing is taken then.
    pub fn take(&self, now: Duration) -> Result<(), Duration> {
        let mut state = self.lock();
        let told = state.last.map_or(Duration::ZERO, |last| last.saturating_add(state.told_gap));
        let at = state.closed_until.max(told).max(state.pace.next());
        if now < at {
            return Err(at.saturating_sub(now));
        }
        state.pace.book(now);
        state.last = Some(now);
        Ok(())
    }

    /// The system refused a call and asks everybody to wait.
    pub fn refused(&self, now: Duration, wait: Duration) {
        let mut state = self.lock();
        state.closed_until = state.closed_until.max(now.saturating_add(wait));
    }

    /// The system says how many calls are left, and when there are more again.
    pub fn told(&self, now: Duration, left: u64, reset: Duration) {
        let mut state = self.lock();
        if left == 0 {
            state.closed_until = state.closed_until.max(now.saturating_add(reset));
        } else if matches!(state.pace, Pace::Open) {
            let ours = u32::try_from((left * state.share / 100).max(1)).unwrap_or(u32::MAX);
            state.told_gap = reset / ours;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Whoever panicked while it held the lock left a budget that is at worst a call too strict.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pace {
    fn of(limit: Limit, share: u64) -> Pace {
        match limit {
            Limit::Told => Pace::Open,
            Limit::Window { calls, per } => {
                let calls = (calls.saturating_mul(share) / 100).max(1);
                let parts = calls.div_ceil(LOG);
                let calls = calls / parts;
                let per = per / u32::try_from(parts).unwrap_or(u32::MAX);
                // Calls do not arrive as evenly as they are sent: two that were sent a window apart may arrive a little closer.
                let slack = (per / 50).min(Duration::from_millis(100));
                let each = per / u32::try_from(calls).unwrap_or(u32::MAX);
                let calls = usize::try_from(calls).unwrap_or(usize::MAX);
                // Spread, and still fast enough to catch up after a delay.
                Pace::Log { calls, window: per + slack, gap: each / 2, log: VecDeque::new() }
            }
            Limit::Bucket { calls, per, burst } => {
                let calls = u32::try_from((calls.saturating_mul(share) / 100).max(1)).unwrap_or(u32::MAX);
                let each = per / calls;
                // A little slower than what comes back, and no more than half of the bucket: what arrives early still finds room.
                let half = u32::try_from(burst.saturating_sub(1) / 2).unwrap_or(u32::MAX);
                Pace::Refill {
                    each: each + each / 100,
                    ahead: each.saturating_mul(half),
                    full_at: Duration::ZERO,
                }
            }
        }
    }

    /// The moment from which the next call may be made.
    fn next(&self) -> Duration {
        match self {
            Pace::Open => Duration::ZERO,
            Pace::Refill { ahead, full_at, .. } => full_at.saturating_sub(*ahead),
            Pace::Log { calls, window, gap, log } => {
                let spread = log.back().map_or(Duration::ZERO, |last| last.saturating_add(*gap));
                let first = log.front().filter(|_| log.len() >= *calls);
                spread.max(first.map_or(Duration::ZERO, |first| first.saturating_add(*window)))
            }
        }
    }

    fn book(&mut self, now: Duration) {
        match self {
            Pace::Open => {}
            Pace::Refill { each, full_at, .. } => *full_at = (*full_at).max(now).saturating_add(*each),
            Pace::Log { calls, log, .. } => {
                if log.len() >= *calls {
                    log.pop_front();
                }
                log.push_back(now);
            }
        }
    }
}
