//! How long a large plan takes. Only growth is asserted, since machines differ.

#![expect(clippy::disallowed_types, reason = "a test may measure itself")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::bundle::{Places, outputs};
use crate::fixture::large;

/// The fastest of some runs.
fn fastest(maps: usize, runs: usize) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..runs {
        let mut plan = large(maps);
        plan.assets.clear();
        let start = Instant::now();
        let files = outputs(&mut plan, &Places::default(), &BTreeMap::new());
        best = best.min(start.elapsed());
        assert!(files.is_ok(), "{maps} maps");
    }
    best
}

#[test]
fn ten_times_the_maps_take_about_ten_times_as_long() {
    let small = fastest(100, 3);
    let big = fastest(1_000, 3);
    // Far from the square, which would be a hundred times; wide enough for a busy machine.
    assert!(big < small * 50, "{small:?} for 100 maps, {big:?} for 1,000");
}
