//! When to try again, and when to leave a system alone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::fault::{Fault, Hint};

/// How long to wait between tries: twice as long after each failure, never the same for two workers.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    tries: u32,
    failures: u32,
    random: u64,
}

impl Backoff {
    /// Waits of about `first`, twice that, and so on up to `longest`, for at most `tries` failures in a row. `seed` tells workers apart;
    /// the same seed gives the same waits.
    #[must_use]
    pub const fn new(first: Duration, longest: Duration, tries: u32, seed: u64) -> Backoff {
        Backoff { first, longest, tries, failures: 0, random: seed }
    }

    /// How long to wait after this fault, or `None` when trying again makes no sense or has been done often enough.
    ///
    /// A server that says how long it wants to be left alone gets that, and up to a tenth more.
    pub fn after(&mut self, fault: &Fault) -> Option<Duration> {
        let Hint::Later(asked) = fault.hint else { return None };
        self.failures = self.failures.saturating_add(1);
        if self.failures > self.tries {
            return None;
        }
        let doubled = self.first.saturating_mul(1_u32.checked_shl(self.failures - 1).unwrap_or(u32::MAX));
        let most = doubled.min(self.longest);
        Some(match asked {
            Some(asked) => asked.saturating_add(self.part(asked / 10)),
            None => most / 2 + self.part(most / 2),
        })
    }

    /// A call was answered: the next failure is the first one again.
    pub const fn answered(&mut self) {
        self.failures = 0;
    }

    /// Some part of a time, evenly.
    fn part(&mut self, of: Duration) -> Duration {
        // SplitMix64: two seeds that follow each other give unrelated numbers.
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let thousandths = u32::try_from((mixed ^ (mixed >> 31)) % 1001).unwrap_or(0);
        of.saturating_mul(thousandths) / 1000
    }
}

/// Keeps everybody from a system that fails again and again. Clones share it.
///
/// It has no clock: `now` is as for [`crate::Budget`].
#[derive(Clone, Debug)]
pub struct Breaker {
    state: Arc<Mutex<Broken>>,
    failures: u32,
    rest: Duration,
}

#[derive(Debug, Default)]
struct Broken {
    failures: u32,
    /// Until then nobody calls; then one call finds out.
    until: Option<Duration>,
}

impl Breaker {
    /// A breaker that opens after so many failures in a row, for that long.
    #[must_use]
    pub fn new(failures: u32, rest: Duration) -> Breaker {
        Breaker { state: Arc::default(), failures: failures.max(1), rest }
    }

    /// Whether a call may be made.
    ///
    /// # Errors
    /// While the system is left alone: how long still.
    pub fn ask(&self, now: Duration) -> Result<(), Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.until {
            Some(until) if now < until => Err(until.saturating_sub(now)),
            Some(_) => {
                // This caller finds out; the others wait for what it finds.
                state.until = Some(now.saturating_add(self.rest));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// A call was answered.
    pub fn answered(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = Broken::default();
    }

    /// A call failed in a way that says something about the system, and not about the call.
    pub fn failed(&self, now: Duration) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures = state.failures.saturating_add(1);
        if state.failures >= self.failures {
            state.until = Some(now.saturating_add(self.rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, Breaker};
    use crate::Fault;
    use std::time::Duration;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn waits_double_up_to_the_longest_and_differ_between_workers() {
        let waits = |seed| {
            let mut backoff = Backoff::new(s(1), s(60), 9, seed);
            std::iter::from_fn(|| backoff.after(&Fault::lost("no answer"))).collect::<Vec<_>>()
        };
        let (one, two) = (waits(1), waits(2));
        assert_eq!(one.len(), 9, "then it gives up");
        for (at, wait) in one.iter().enumerate() {
            let most = s((1 << at).min(60));
            assert!(*wait >= most / 2 && *wait <= most, "{wait:?} after {at} failures");
        }
        assert_ne!(one, two);
        assert_eq!(one, waits(1));
    }

    #[test]
    fn what_a_server_asks_for_is_a_lower_bound() {
        let mut backoff = Backoff::new(s(1), s(60), 3, 7);
        let Some(wait) = backoff.after(&Fault::later(Some(s(100)), "slow down")) else {
            assert_eq!(backoff.failures, 0, "it gave up");
            return;
        };
        assert!(wait >= s(100) && wait <= s(110), "{wait:?}");
        assert_eq!(backoff.after(&Fault::never("no")), None);
        assert_eq!(backoff.after(&Fault::person("log in")), None);
        backoff.answered();
        assert!(backoff.after(&Fault::lost("gone")).is_some_and(|wait| wait <= s(1)));
    }

    #[test]
    fn a_system_that_fails_is_left_alone_and_one_call_finds_out() {
        let breaker = Breaker::new(3, s(30));
        let other = breaker.clone();
        breaker.failed(s(1));
        breaker.failed(s(2));
        assert_eq!(other.ask(s(2)), Ok(()));
        breaker.answered();
        for at in 3..6 {
            breaker.failed(s(at));
        }
        assert_eq!(other.ask(s(10)), Err(s(25)));
        assert_eq!(other.ask(s(35)), Ok(()), "one finds out");
        assert_eq!(breaker.ask(s(36)), Err(s(29)), "the others wait");
        other.failed(s(40));
        assert_eq!(other.ask(s(41)), Err(s(29)));
        assert_eq!(other.ask(s(70)), Ok(()));
        other.answered();
        assert_eq!(breaker.ask(s(70)), Ok(()));
    }
}
