//! Somebody types: every prefix of a spec goes through the language server, which answers, never fails, and does not grow.
//!
//! By default at every line and at a sample of the bytes; with `EVERY_BYTE=1` at every character. How fast it answers is measured when
//! `CUTOVER_RELEASE_BIN` names a release build: times of a debug build mean nothing.

use std::path::Path;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cutover_tests::editor::Editor;
use cutover_tests::program::Project;
use cutover_tests::workspace::root;
use serde_json::{Value, json};

/// Bytes between two places at which the sample stops to look.
const STEP: usize = 97;

/// How often something panicked in this process: the server would go on, and hide it.
static PANICS: AtomicUsize = AtomicUsize::new(0);

fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICS.fetch_add(1, Ordering::Relaxed);
            usual(info);
        }));
    });
}

fn end_of(text: &str) -> Value {
    let line = text.matches('\n').count();
    let last = text.rsplit('\n').next().unwrap_or_default();
    json!({ "line": line, "character": last.encode_utf16().count() })
}

/// Types a spec from its first character to its last, and asks at many places all that an editor asks.
fn typed(folder: &str) -> Result<(), String> {
    watch_panics();
    let project = Project::of(folder)?;
    let whole = project.text()?;
    let spec = project.spec().to_owned();
    // What is on disk is the same file, empty.
    std::fs::write(project.folder().join(&spec), "").map_err(|error| error.to_string())?;
    let mut editor = Editor::of_library(project.folder())?;
    editor.open(&spec, "")?;
    let every = std::env::var_os("EVERY_BYTE").is_some();
    let mut typed = String::new();
    let mut pending = String::new();
    let uri = editor.uri(&spec);
    let mut asked = 0_usize;
    for (at, c) in whole.char_indices() {
        pending.push(c);
        if !(every || at % STEP == 0 || c == '\n') {
            continue;
        }
        let here = end_of(&typed);
        editor.change(&spec, Some(json!({ "start": here, "end": here })), &pending)?;
        typed.push_str(&pending);
        pending.clear();
        let document = json!({ "uri": uri });
        let position = end_of(&typed);
        let at = json!({ "textDocument": document, "position": position });
        for method in ["textDocument/completion", "textDocument/hover", "textDocument/definition"] {
            editor
                .ask(method, at.clone())
                .map_err(|error| format!("{folder} at {position}: {method}: {error}"))?;
        }
        asked += 1;
        if asked.is_multiple_of(25) {
            let whole_text = json!({ "start": { "line": 0, "character": 0 }, "end": position });
            let range =
                json!({ "textDocument": document, "range": whole_text, "context": { "diagnostics": [] } });
            let context = json!({ "textDocument": document, "position": position, "context": { "includeDeclaration": true } });
            for (method, params) in [
                ("textDocument/documentSymbol", range.clone()),
                ("textDocument/foldingRange", range.clone()),
                ("textDocument/codeLens", range.clone()),
                ("textDocument/inlayHint", range.clone()),
                ("textDocument/codeAction", range),
                ("textDocument/references", context),
            ] {
                editor
                    .ask(method, params)
                    .map_err(|error| format!("{folder} at {position}: {method}: {error}"))?;
            }
        }
    }
    let here = end_of(&typed);
    editor.change(&spec, Some(json!({ "start": here, "end": here })), &pending)?;
    editor.settle()?;
    let errors: Vec<&Value> = editor
        .published
        .values()
        .flat_map(|published| &published.diagnostics)
        .filter(|found| found.get("severity") == Some(&json!(1)))
        .collect();
    assert!(errors.is_empty(), "{folder}, typed to its end, has errors: {errors:?}");
    editor.leave()?;
    assert_eq!(PANICS.load(Ordering::Relaxed), 0, "something panicked");
    Ok(())
}

#[test]
fn the_smallest_spec() {
    assert_eq!(typed("specs/valid/minimal"), Ok(()));
}

#[test]
fn a_small_team() {
    assert_eq!(typed("examples/small-team"), Ok(()));
}

#[test]
fn acme() {
    assert_eq!(typed("examples/acme"), Ok(()));
}

#[test]
fn from_request_tracker() {
    assert_eq!(typed("examples/rt-to-zendesk"), Ok(()));
}

#[test]
fn to_zammad() {
    assert_eq!(typed("examples/zendesk-to-zammad"), Ok(()));
}

/// After 10,000 edits the program may hold so many KiB more than after the first thousand.
const MORE: u64 = 24 * 1024;

#[test]
fn memory_does_not_grow_with_the_number_of_edits() {
    assert_eq!(edited(), Ok(()));
}

fn edited() -> Result<(), String> {
    let project = Project::of("examples/small-team")?;
    let text = project.text()?;
    let spec = project.spec().to_owned();
    let mut editor = Editor::of_program(project.folder())?;
    editor.open(&spec, &text)?;
    let lines = text.matches('\n').count();
    let edit = |editor: &mut Editor, number: usize| {
        // A word comes and goes, all over the file.
        let line = number / 2 % lines;
        let (end, text) = if number.is_multiple_of(2) { (0, "status ") } else { (7, "") };
        let range =
            json!({ "start": { "line": line, "character": 0 }, "end": { "line": line, "character": end } });
        editor.change(&spec, Some(range), text)
    };
    for number in 0..1_000 {
        edit(&mut editor, number)?;
        if number % 50 == 49 {
            editor.settle()?;
        }
    }
    editor.settle()?;
    let Some(before) = editor.memory() else { return Ok(()) };
    // Each takes its time in a debug build.
    let last = if std::env::var_os("EVERY_BYTE").is_some() { 10_000 } else { 2_500 };
    for number in 1_000..last {
        edit(&mut editor, number)?;
        if number % 500 == 499 {
            editor.settle()?;
        }
    }
    editor.settle()?;
    let after = editor.memory().unwrap_or(u64::MAX);
    editor.leave()?;
    assert!(after < before + MORE, "{before} KiB after 1,000 edits, {after} KiB after {last}");
    Ok(())
}

/// The time from a key to the first findings (99 of 100), and from the last key to those of the whole plan.
struct Limits {
    first: Duration,
    second: Duration,
}

#[test]
fn findings_come_in_time() {
    let Some(program) = std::env::var_os("CUTOVER_RELEASE_BIN") else {
        note("CUTOVER_RELEASE_BIN names no release build");
        return;
    };
    let program = Path::new(&program);
    let second = Duration::from_millis(200);
    let acme = Limits { first: Duration::from_millis(5), second };
    let project = Project::of("examples/acme");
    assert!(project.is_ok(), "{project:?}");
    let Ok(project) = project else { return };
    assert_eq!(in_time(program, project.folder(), project.spec(), "\n  priority ", &acme), Ok(()));
    let Ok(scratch) = tempfile::tempdir() else { return };
    let script = root().join("tests/bench/gen_spec.py");
    let made = std::process::Command::new("python3").arg(script).arg(scratch.path()).output();
    if !made.is_ok_and(|made| made.status.success()) {
        note("python3 could not write the large specs");
        return;
    }
    let large = Limits { first: Duration::from_millis(30), second };
    let folder = scratch.path().join("L");
    for place in ["\n  f6 -> f6 by lo", "\n  import o1000s  identified by i", "\nhypercare  owner be"] {
        assert_eq!(in_time(program, &folder, "bench.cutover", place, &large), Ok(()), "{place:?}");
    }
}

/// Says why nothing is measured: a skipped guard must not look like one that held.
fn note(why: &str) {
    #[expect(clippy::print_stderr, reason = "the harness has no word for a test that was skipped")]
    {
        eprintln!("note: no times are measured: {why}");
    }
}

fn in_time(program: &Path, folder: &Path, spec: &str, place: &str, limits: &Limits) -> Result<(), String> {
    let text = std::fs::read_to_string(folder.join(spec)).map_err(|error| error.to_string())?;
    let mut editor = Editor::of(program, folder)?;
    editor.open(spec, &text)?;
    editor.settle()?;
    let at = text.find(place).ok_or("the text is not there")? + place.len();
    let start = end_of(text.get(..at).unwrap_or_default());
    let character = start.get("character").and_then(Value::as_u64).unwrap_or(0);
    let end = json!({ "line": start.get("line"), "character": character + 1 });
    let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
    for number in 0..400 {
        let (end, text) = if number % 2 == 0 { (&start, "x") } else { (&end, "") };
        let began = Instant::now();
        let version = editor.change(spec, Some(json!({ "start": start, "end": end })), text)?;
        while editor.version(spec) != Some(version) {
            editor.next_findings()?;
        }
        firsts.push(began.elapsed());
        if number % 4 == 0 {
            editor.settle()?;
            seconds.push(began.elapsed());
        }
    }
    editor.leave()?;
    firsts.sort();
    seconds.sort();
    let of =
        |times: &[Duration], share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    let (first, second, half) = (of(&firsts, 99), of(&seconds, 99), of(&seconds, 50));
    #[expect(clippy::print_stderr, reason = "figures that a reader of the heavy suite compares")]
    {
        eprintln!(
            "{spec} at {place:?}: first {first:?} (99 of 100), whole {second:?} (99 of 100), {half:?} (half)"
        );
    }
    if first > limits.first || second > limits.second {
        return Err(format!(
            "first {first:?} of {:?}, whole {second:?} of {:?}",
            limits.first, limits.second
        ));
    }
    Ok(())
}
