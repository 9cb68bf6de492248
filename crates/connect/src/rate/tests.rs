//! Calls keep to the rate, and use it.

use std::collections::VecDeque;
use std::time::Duration;

use proptest::prelude::*;

use super::{Budget, Limit};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A server that counts by itself: in windows that begin when they begin, or with a bucket.
enum Server {
    Window { calls: u64, per: u64, phase: u64, window: u64, used: u64 },
    Bucket { per_call: u64, burst: u64, level: u64, at: u64 },
}

impl Server {
    /// Whether a call that arrives at `now`, in microseconds, is allowed.
    fn allows(&mut self, now: u64) -> bool {
        match self {
            Server::Window { calls, per, phase, window, used } => {
                let current = (now + *phase) / *per;
                if current != *window {
                    *window = current;
                    *used = 0;
                }
                *used += 1;
                *used <= *calls
            }
            Server::Bucket { per_call, burst, level, at } => {
                *level = (*level + (now - *at)).min(*burst * *per_call);
                *at = now;
                if *level < *per_call {
                    return false;
                }
                *level -= *per_call;
                true
            }
        }
    }
}

/// Calls for `minutes` through a budget, some workers at once, each call on its way for up to `jitter` microseconds. Gives what was allowed
/// in each minute after the first ten seconds, and how many calls were refused.
fn drive(budget: &Budget, server: &mut Server, jitter: u64, mut seed: u64, minutes: u64) -> (Vec<u64>, u64) {
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 33
    };
    let end = 10_000_000 + minutes * 60_000_000;
    let mut arrivals: VecDeque<u64> = VecDeque::new();
    let (mut now, mut refused, mut counts) = (0, 0, vec![0; usize::try_from(minutes).unwrap_or(0)]);
    let mut arrived_last = 0;
    while now < end {
        match budget.take(Duration::from_micros(now)) {
            // What is sent later arrives later: one line of workers that share a connection.
            Ok(()) => {
                let arrives = (now + random() % (jitter + 1)).max(arrived_last);
                arrived_last = arrives;
                arrivals.push_back(arrives);
            }
            Err(wait) => now += u64::try_from(wait.as_micros()).unwrap_or(u64::MAX).max(1) + random() % 500,
        }
        while let Some(arrives) = arrivals.front().copied().filter(|arrives| *arrives <= now) {
            arrivals.pop_front();
            if !server.allows(arrives) {
                refused += 1;
                budget.refused(Duration::from_micros(now), ms(1000));
            } else if let Some(minute) = arrives.checked_sub(10_000_000).map(|after| after / 60_000_000)
                && let Some(count) = counts.get_mut(usize::try_from(minute).unwrap_or(usize::MAX))
            {
                *count += 1;
            }
        }
    }
    (counts, refused)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_window_is_used_up_and_never_exceeded(
        calls in 20_u64..2000, seconds in prop::sample::select(vec![1_u64, 10, 20, 60]), phase in 0_u64..60_000_000, seed: u64
    ) {
        let per = Duration::from_secs(seconds);
        // More than what one worker can send: beyond the point of this law.
        prop_assume!(calls / seconds <= 1000);
        let budget = Budget::new(Limit::Window { calls, per }, 100);
        let per = seconds * 1_000_000;
        let mut server = Server::Window { calls, per, phase, window: 0, used: 0 };
        let jitter = per / 50;
        let (counts, refused) = drive(&budget, &mut server, jitter.min(15_000), seed, 2);
        prop_assert_eq!(refused, 0);
        let allowed = calls * 60 / seconds;
        for count in counts {
            prop_assert!(count * 100 >= allowed * 95 && count <= allowed + calls, "{} of {}", count, allowed);
        }
    }

    #[test]
    fn a_bucket_is_used_up_and_never_exceeded(calls in 1_u64..500, burst in 4_u64..100, seed: u64) {
        let budget = Budget::new(Limit::Bucket { calls, per: ms(1000), burst }, 100);
        let per_call = 1_000_000 / calls;
        let mut server = Server::Bucket { per_call, burst, level: burst * per_call, at: 0 };
        let (counts, refused) = drive(&budget, &mut server, per_call.min(15_000), seed, 2);
        prop_assert_eq!(refused, 0);
        for count in counts {
            prop_assert!(count * 100 >= calls * 60 * 95 && count <= calls * 60 + burst, "{} of {}", count, calls * 60);
        }
    }

    #[test]
    fn a_share_leaves_the_rest(share in 1_u8..=100, seed: u64) {
        let budget = Budget::new(Limit::Window { calls: 1000, per: ms(10_000) }, share);
        let mut server = Server::Window { calls: 1000, per: 10_000_000, phase: 0, window: 0, used: 0 };
        let (counts, refused) = drive(&budget, &mut server, 0, seed, 1);
        prop_assert_eq!(refused, 0);
        let ours = 6000 * u64::from(share) / 100;
        for count in counts {
            prop_assert!(count * 100 >= ours * 95 && count <= ours + 10 * u64::from(share), "{} of {}", count, ours);
        }
    }
}

#[test]
fn what_a_server_tells_is_obeyed() {
    let budget = Budget::new(Limit::Told, 50);
    let other = budget.clone();
    assert_eq!(budget.take(ms(0)), Ok(()));
    assert_eq!(budget.take(ms(0)), Ok(()), "nothing is known yet");
    budget.told(ms(0), 20, ms(10_000));
    assert_eq!(other.take(ms(0)), Err(ms(1000)), "half of twenty calls in ten seconds");
    assert_eq!(other.take(ms(1000)), Ok(()));
    budget.told(ms(1000), 0, ms(9000));
    assert_eq!(other.take(ms(2000)), Err(ms(8000)));
    budget.refused(ms(2000), ms(30_000));
    assert_eq!(other.take(ms(10_000)), Err(ms(22_000)), "the longest wait counts");
    assert_eq!(other.take(ms(32_000)), Ok(()));
}
