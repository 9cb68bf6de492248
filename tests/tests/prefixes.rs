//! A spec that is cut off anywhere: the compiler says something, unless what is left is a spec.
//!
//! By default at every line and at a sample of the bytes; with `EVERY_BYTE=1` at every byte.

use std::time::{Duration, Instant};

use cutover_tests::program::Project;
use cutover_tests::properties::findings_can_be_shown;

/// For one prefix, unoptimised and on a busy machine; one second in release.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 240 } else { 1 });

/// Bytes between two cuts of the sample. Odd, so that it meets all columns in time.
const STEP: usize = 61;

fn cut(folder: &str) {
    let project = Project::of(folder);
    assert!(project.is_ok(), "{project:?}");
    let Ok(project) = project else { return };
    let whole = project.text().unwrap_or_default().into_bytes();
    let every = std::env::var_os("EVERY_BYTE").is_some();
    let is_cut = |at: usize| every || at.is_multiple_of(STEP) || whole.get(at) == Some(&b'\n');
    let mut silent = 0;
    for at in (0..whole.len()).filter(|at| is_cut(*at)) {
        let prefix = whole.get(..at).unwrap_or_default();
        assert!(std::fs::write(project.folder().join(project.spec()), prefix).is_ok());
        let started = Instant::now();
        let mut compilation = cutover::compile(project.folder(), project.spec());
        let took = started.elapsed();
        assert!(took < PATIENCE, "{folder} cut at {at}: {took:?}");
        findings_can_be_shown(&compilation.sources, compilation.diagnostics.clone());
        if compilation.diagnostics.is_empty() {
            // Then it has to be a whole spec.
            assert!(
                cutover::outputs(&mut compilation).is_ok(),
                "{folder} cut at {at}: nothing is reported, nothing can be planned"
            );
            silent += 1;
        }
    }
    assert!(silent < whole.len() / 10, "{silent} prefixes of {folder} are accepted");
}

#[test]
fn the_smallest_spec() {
    cut("specs/valid/minimal");
}
