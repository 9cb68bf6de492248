//! How long a large plan takes. The figures are printed; only growth is asserted, since machines differ.
//!
//! `cargo test --release -p cutover-plan speed -- --nocapture --ignored` prints them.

#![expect(clippy::disallowed_types, reason = "a test may measure itself")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::bundle::{Places, outputs};
use crate::fixture::large;

/// The fastest of some runs.
fn fastest(maps: usize, runs: usize) -> (Duration, usize) {
    let mut best = Duration::MAX;
    let mut bytes = 0;
    for _ in 0..runs {
        let mut plan = large(maps);
        plan.assets.clear();
        let start = Instant::now();
        let files = outputs(&mut plan, &Places::default(), &BTreeMap::new());
        best = best.min(start.elapsed());
        bytes = files.map_or(0, |files| files.values().map(Vec::len).sum());
    }
    (best, bytes)
}

#[test]
fn ten_times_the_maps_take_about_ten_times_as_long() {
    let (small, _) = fastest(100, 3);
    let (big, _) = fastest(1_000, 3);
    // Far from the square, which would be a hundred times; wide enough for a busy machine.
    assert!(big < small * 50, "{small:?} for 100 maps, {big:?} for 1,000");
}

#[test]
#[ignore = "prints figures; run it in release"]
#[expect(clippy::print_stdout, reason = "figures are what it is for")]
fn speed() {
    for maps in [10, 200, 2_000] {
        let (time, bytes) = fastest(maps, 10);
        println!("{maps:>5} maps of 10 rows: {time:?} for {bytes} bytes");
    }
    let mut plan = large(2_000);
    let laps = |name: &str, start: Instant| println!("  {name}: {:?}", start.elapsed());
    let start = Instant::now();
    let sealed = crate::digest::seal(&mut plan);
    laps("seal", start);
    assert_eq!(sealed, Ok(()));
    let start = Instant::now();
    let text = crate::bundle::encode(&mut plan);
    laps("encode", start);
    assert!(text.is_ok());
    let start = Instant::now();
    assert!(!crate::documents::checklist(&plan).is_empty());
    laps("checklist", start);
    let start = Instant::now();
    assert!(!crate::documents::all(&plan).is_empty());
    laps("all documents", start);
}
