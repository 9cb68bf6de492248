//! `check` and `plan` take no more instructions than `bench/counts.txt` says, within five percent.
//!
//! Counting is slow and only means something for a release build, so that it happens when `CUTOVER_RELEASE_BIN` names one. Where counts are
//! wanted (`CUTOVER_COUNTS=1`, as `.ci/counts` says), not to be able to count is a failure.

use std::path::{Path, PathBuf};
use std::process::Command;

use cutover_tests::workspace::root;

/// How far a count may be from the committed one, in percent. A count far below is a gain that nobody wrote down.
const TOLERANCE: u64 = 5;

#[test]
fn check_and_plan_take_as_many_instructions_as_committed() {
    let Some(program) = std::env::var_os("CUTOVER_RELEASE_BIN").map(PathBuf::from) else {
        skipped("CUTOVER_RELEASE_BIN names no release build");
        return;
    };
    if Command::new("valgrind").arg("--version").output().is_err() {
        skipped("there is no valgrind");
        return;
    }
    assert_eq!(counted(&program), Ok(()));
}

/// Says why nothing is counted: a skipped guard must not look like one that held, and where counts are wanted it is a failure.
fn skipped(why: &str) {
    assert!(std::env::var_os("CUTOVER_COUNTS").is_none(), "counts are wanted, but {why}");
    #[expect(clippy::print_stderr, reason = "the harness has no word for a test that was skipped")]
    {
        eprintln!("note: no instructions are counted: {why}");
    }
}

/// Counts each line of the committed file anew. With `BLESS=1` the file is rewritten instead.
fn counted(program: &Path) -> Result<(), String> {
    let bench = root().join("tests/bench");
    let committed = std::fs::read_to_string(bench.join("counts.txt")).map_err(|error| error.to_string())?;
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let script = bench.join("gen_spec.py");
    let made = Command::new("python3").arg(script).arg(scratch.path()).output();
    if !made.is_ok_and(|made| made.status.success()) {
        return Err("python3 could not write the specs".to_owned());
    }
    let mut text = String::new();
    let mut wrong = Vec::new();
    for line in committed.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [verb, size, was] = words.as_slice() else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        let now = instructions(program, verb, &scratch.path().join(size))?;
        text.push_str(&format!("{verb} {size} {now}\n"));
        let was: u64 = was.parse().map_err(|_| format!("`{line}` holds no count"))?;
        if now.abs_diff(was) * 100 > was * TOLERANCE {
            wrong.push(format!("{verb} {size}: {now} instructions, {was} committed"));
        }
    }
    if std::env::var_os("BLESS").is_some() {
        return std::fs::write(bench.join("counts.txt"), text).map_err(|error| error.to_string());
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}; BLESS=1 rewrites them", wrong.join("; "))) }
}

/// The instructions of one run in a folder, as callgrind counts them.
fn instructions(program: &Path, verb: &str, folder: &Path) -> Result<u64, String> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([verb, "bench.cutover"])
        .current_dir(folder)
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(format!("`{verb}` in {} fails: {said}", folder.display()));
    }
    let count = said.lines().find_map(|line| line.split_once("Collected : "));
    let count = count.and_then(|(_, count)| count.split_whitespace().next()?.parse().ok());
    count.ok_or_else(|| format!("callgrind says no count: {said}"))
}
