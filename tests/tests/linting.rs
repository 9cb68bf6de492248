//! `cutover lint`, `check --fix`, baselines and `--since`, as a team uses them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use cutover::{Request, fix};
use cutover_tests::corpus::{SPEC, cases};
use cutover_tests::program::{copy, cutover};
use cutover_tests::workspace::root;
use tempfile::TempDir;

/// The lines that make a spec of `specs/valid/minimal` worth a few words.
const CARELESS: &str = "watch target  owner li  every 6 hours for 72 hours { report volume }\n";

fn project() -> TempDir {
    let folder = tempfile::tempdir();
    assert!(folder.is_ok(), "no folder to work in");
    let Ok(folder) = folder else { unreachable!() };
    let copied = copy(&root().join("specs/valid/minimal"), folder.path());
    assert!(copied.is_ok(), "{copied:?}");
    folder
}

fn add(folder: &Path, text: &str) {
    let path = folder.join(SPEC);
    let before = fs::read_to_string(&path).unwrap_or_default();
    let written = fs::write(&path, format!("{before}{text}"));
    assert!(written.is_ok(), "{written:?}");
}

fn call(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = cutover(folder).map(|mut call| call.args(args).output());
    let Ok(Ok(Output { status, stdout, stderr })) = output else {
        assert!(output.is_ok(), "{args:?}: {output:?}");
        return (None, String::new(), String::new());
    };
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code(), text(stdout), text(stderr))
}

fn git(folder: &Path, args: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["-c", "user.name=a", "-c", "user.email=a@example.org"]).args(args);
    let output = git.output();
    assert!(output.as_ref().is_ok_and(|output| output.status.success()), "{args:?}: {output:?}");
}

#[test]
fn lint_shows_advice_and_nothing_else() {
    let folder = project();
    add(folder.path(), CARELESS);
    let (code, out, _) = call(folder.path(), &["lint", SPEC, "--format", "short"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("warning[watch/seldom]"), "{out}");
    let (_, out, _) = call(folder.path(), &["check", SPEC, "--only", "scope", "--format", "short"]);
    assert_eq!(out, "");
    // Advice about half a spec is none.
    add(folder.path(), "wave broken\n");
    let (code, out, err) = call(folder.path(), &["lint", SPEC]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(
        !out.contains("watch/seldom") && err.contains("lints are judged when there is none"),
        "{out}{err}"
    );
}

#[test]
fn a_level_decides_about_the_exit_code() {
    let folder = project();
    add(folder.path(), CARELESS);
    let settings = folder.path().join("cutover.toml");
    for (level, code, shown) in [("off", 0, ""), ("note", 0, "note[watch"), ("error", 1, "error[watch")] {
        let written = fs::write(&settings, format!("[lints]\n\"watch/seldom\" = \"{level}\"\n"));
        assert!(written.is_ok(), "{written:?}");
        let (found, out, _) = call(folder.path(), &["check", SPEC, "--format", "short"]);
        assert_eq!(found, Some(code), "{level}: {out}");
        assert!(out.contains(shown), "{level}: {out}");
    }
}

#[test]
fn the_day_of_an_allowance_is_that_of_the_inventory_or_the_callers() {
    let folder = project();
    add(folder.path(), CARELESS);
    add(folder.path(), "allow \"watch/seldom\"  until 2026-12-31  because \"somebody sits there\"\n");
    let (_, out, _) = call(folder.path(), &["check", SPEC, "--format", "short"]);
    assert_eq!(out, "");
    let (_, out, _) = call(folder.path(), &["check", SPEC, "--format", "short", "--as-of", "2027-01-01"]);
    assert!(out.contains("allow/expired") && out.contains("judged on 2027-01-01"), "{out}");
    assert!(out.contains("watch/seldom"), "{out}");
    let (code, _, err) = call(folder.path(), &["check", SPEC, "--as-of", "tomorrow"]);
    assert_eq!(code, Some(2), "{err}");
}

#[test]
fn fixes_are_made_as_far_as_somebody_allows() {
    let folder = project();
    add(folder.path(), CARELESS);
    add(folder.path(), "allow \"watch/short\"  because \"left over\"\n");
    let read = || fs::read_to_string(folder.path().join(SPEC)).unwrap_or_default();
    let (_, out, err) = call(folder.path(), &["check", SPEC, "--fix", "--format", "short"]);
    assert!(err.contains("1 change was made"), "{err}");
    assert!(!read().contains("left over") && read().contains("every 6 hours"), "{}", read());
    assert!(out.contains("watch/seldom"), "{out}");
    let (_, out, err) = call(folder.path(), &["check", SPEC, "--unsafe-fixes", "--format", "short"]);
    assert!(err.contains("1 change was made"), "{err}");
    assert!(read().contains("every 1 hour for 72 hours"), "{}", read());
    assert_eq!(out, "");
    let (_, _, err) = call(folder.path(), &["check", SPEC, "--unsafe-fixes"]);
    assert!(err.contains("nothing was changed"), "{err}");
}

/// Wherever it is called, and over whatever part: a baseline says the same, and forgets nothing that nobody looked at.
#[test]
fn a_baseline_of_many_specs_keeps_what_a_call_does_not_look_at() {
    let above = tempfile::tempdir().unwrap_or_else(|error| unreachable!("{error}"));
    let top = above.path();
    for name in ["a b", "c"] {
        let copied = copy(&root().join("specs/valid/minimal"), &top.join(name));
        assert!(copied.is_ok(), "{copied:?}");
        add(&top.join(name), CARELESS);
    }
    let known = || fs::read_to_string(top.join("known.txt")).unwrap_or_default();
    let (code, _, err) = call(top, &["check", ".", "--baseline", "known.txt", "--update-baseline"]);
    assert_eq!(code, Some(0), "{err}");
    let whole = known();
    assert!(whole.contains(" watch/seldom a b/spec.cutover\n"), "{whole}");
    assert!(whole.contains(" watch/seldom c/spec.cutover\n"), "{whole}");

    // From three folders, over all and over a part.
    let full = top.join("known.txt").to_string_lossy().into_owned();
    let spec = top.join("c").join(SPEC).to_string_lossy().into_owned();
    let quiet = |folder: &Path, args: &[&str]| {
        let args = [&["check"], args, &["--format", "short"]].concat();
        let (code, out, err) = call(folder, &args);
        assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""), "{args:?}");
    };
    quiet(top, &[".", "--baseline", "known.txt"]);
    quiet(top, &["a b", "--baseline", "known.txt"]);
    quiet(&top.join("a b"), &[SPEC, "--baseline", "../known.txt"]);
    quiet(&top.join("a b"), &["../c", "--baseline", "../known.txt"]);
    quiet(Path::new("/"), &[&spec, "--baseline", &full]);

    // Mended here, and known there.
    let mended = top.join("c").join(SPEC);
    let text = fs::read_to_string(&mended).unwrap_or_default().replace(CARELESS, "");
    assert!(fs::write(&mended, text).is_ok());
    let (_, _, err) = call(&top.join("a b"), &["check", ".", "--baseline", "../known.txt"]);
    assert!(!err.contains("mended"), "another spec's finding is not looked at: {err}");
    let (code, _, err) =
        call(&top.join("a b"), &["check", ".", "--baseline", "../known.txt", "--update-baseline"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(known(), whole);
    let (code, _, err) =
        call(&top.join("c"), &["check", ".", "--baseline", "../known.txt", "--update-baseline"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(known().contains("a b/spec.cutover") && !known().contains("c/spec.cutover"), "{}", known());

    // A spec that is gone is mended by whoever looks.
    assert!(fs::remove_dir_all(top.join("a b")).is_ok());
    let (code, _, err) = call(top, &["check", "c", "--baseline", "known.txt", "--update-baseline"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(!known().contains("watch/seldom"), "{}", known());
}

/// Another name for a file is no new finding, and a finding that it did not have before is one.
#[test]
fn a_renamed_spec_keeps_what_is_known_of_it() {
    let above = tempfile::tempdir().unwrap_or_else(|error| unreachable!("{error}"));
    let top = above.path();
    for name in ["a", "b"] {
        let copied = copy(&root().join("specs/valid/minimal"), &top.join(name));
        assert!(copied.is_ok(), "{copied:?}");
        add(&top.join(name), CARELESS);
    }
    let known = || fs::read_to_string(top.join("known.txt")).unwrap_or_default();
    let update = ["check", ".", "--baseline", "known.txt", "--update-baseline"];
    assert_eq!(call(top, &update).0, Some(0));
    let before = known();
    // The file in its folder, then the folder.
    for (from, to) in [("a/spec.cutover", "a/other name.cutover"), ("a", "moved"), ("b", "c")] {
        assert!(fs::rename(top.join(from), top.join(to)).is_ok(), "{from}");
        let (code, out, err) = call(top, &["check", ".", "--baseline", "known.txt", "--format", "short"]);
        assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""), "{from}");
        let (code, _, err) = call(top, &update);
        assert_eq!(code, Some(0), "{from}: {err}");
        assert_eq!(known().lines().count(), before.lines().count(), "{from}: {}", known());
        assert!(known().contains(&format!(" {to}")), "{from}: {}", known());
    }
    // One that is new in it is new.
    assert!(fs::rename(top.join("c"), top.join("d")).is_ok());
    add(&top.join("d"), "freeze rules  owner li  from window - 1 day { escalations }\n");
    let (code, _, err) = call(top, &update);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("1 finding not in it and was not added"), "{err}");
    assert!(
        known().contains(" watch/seldom d/spec.cutover") && !known().contains("freeze/short"),
        "{}",
        known()
    );
}

/// A misspelled word would show nothing, as if nothing were wrong.
#[test]
fn only_what_exists_can_be_asked_for() {
    let folder = project();
    add(folder.path(), CARELESS);
    for (only, told) in
        [("nosuch", "no finding is called so"), ("watch/seldum", "near: watch/seldom"), ("wathc", "watch")]
    {
        let (code, out, err) = call(folder.path(), &["check", SPEC, "--only", only]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains(told), "{only}: {err}");
    }
    for only in ["lint", "watch", "watch/seldom"] {
        let (code, out, err) = call(folder.path(), &["check", SPEC, "--only", only, "--format", "short"]);
        assert_eq!(code, Some(0), "{err}");
        assert!(out.contains("watch/seldom"), "{only}: {out}");
    }
}

#[test]
fn a_baseline_shrinks_and_does_not_grow() {
    let folder = project();
    add(folder.path(), CARELESS);
    let base = ["check", SPEC, "--format", "short", "--baseline", "known.txt"];
    let (code, ..) = call(folder.path(), &base);
    assert_eq!(code, Some(2), "there is no file yet");
    let update = [&base[..], &["--update-baseline"]].concat();
    let (code, out, err) = call(folder.path(), &update);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
    let (code, out, _) = call(folder.path(), &base);
    assert_eq!((code, out.as_str()), (Some(0), ""));
    // Something new is shown, and refused.
    add(folder.path(), "freeze rules  owner li  from window - 1 day { escalations }\n");
    let (code, out, _) = call(folder.path(), &base);
    assert_eq!(code, Some(0));
    assert!(out.contains("freeze/short") && !out.contains("watch/seldom"), "{out}");
    let (code, _, err) = call(folder.path(), &update);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("1 finding not in it and was not added"), "{err}");
    // Nobody looked for the other findings: they are not mended.
    let before = fs::read(folder.path().join("known.txt")).unwrap_or_default();
    let (code, _, err) = call(folder.path(), &[&update[..], &["--only", "holes"]].concat());
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("does not look for all that it knows"), "{err}");
    add(folder.path(), "freeze nothing_of_this  owner li\n");
    let (code, _, err) = call(folder.path(), &update);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("mend the errors first"), "{err}");
    assert_eq!(fs::read(folder.path().join("known.txt")).unwrap_or_default(), before);
    let spec = folder.path().join(SPEC);
    let text =
        fs::read_to_string(&spec).unwrap_or_default().replace("freeze nothing_of_this  owner li\n", "");
    assert!(fs::write(&spec, text).is_ok());
    let (code, out, _) = call(folder.path(), &[&update[..], &["--grow"]].concat());
    assert_eq!((code, out.as_str()), (Some(0), ""));
    // What is mended goes.
    let spec = folder.path().join(SPEC);
    let mended = fs::read_to_string(&spec).unwrap_or_default().replace("every 6 hours", "every 1 hour");
    let written = fs::write(&spec, mended);
    assert!(written.is_ok(), "{written:?}");
    let (_, _, err) = call(folder.path(), &base);
    assert!(err.contains("mended"), "{err}");
    let (code, _, err) = call(folder.path(), &update);
    assert_eq!(code, Some(0), "{err}");
    let known = fs::read_to_string(folder.path().join("known.txt")).unwrap_or_default();
    assert!(!known.contains("watch/seldom") && known.contains("freeze/short"), "{known}");
}

#[test]
fn since_shows_what_a_branch_changed() {
    let folder = project();
    add(folder.path(), CARELESS);
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "a"]);
    let since = ["check", SPEC, "--format", "short", "--since", "main"];
    let (code, out, err) = call(folder.path(), &since);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
    git(folder.path(), &["checkout", "-q", "-b", "work"]);
    add(folder.path(), "freeze rules  owner li  from window - 1 day { escalations }\n");
    git(folder.path(), &["commit", "-q", "-a", "-m", "b"]);
    let (_, out, err) = call(folder.path(), &since);
    assert!(out.contains("freeze/short") && !out.contains("watch/seldom"), "{out}{err}");
    // What only moved is not told anew, and what changed on the way is.
    git(folder.path(), &["mv", SPEC, "moved.cutover"]);
    let moved = ["check", "moved.cutover", "--format", "short", "--since", "main"];
    let (_, out, err) = call(folder.path(), &moved);
    assert!(out.contains("freeze/short") && !out.contains("watch/seldom"), "{out}{err}");
    let (_, out, err) =
        call(folder.path(), &["check", "moved.cutover", "--format", "short", "--since", "work"]);
    assert_eq!(out, "", "{err}");
    git(folder.path(), &["mv", "moved.cutover", SPEC]);
    // An error is shown wherever it is.
    add(folder.path(), "wave broken\n");
    git(folder.path(), &["commit", "-q", "-a", "-m", "c"]);
    let (code, out, _) = call(folder.path(), &["check", SPEC, "--format", "short", "--since", "work"]);
    assert_eq!(code, Some(1), "{out}");
    let (code, _, err) = call(folder.path(), &["check", SPEC, "--since", "nothing-of-this-name"]);
    assert_eq!(code, Some(2), "{err}");
}

#[test]
fn fixes_of_the_corpus_converge_and_bring_no_error() {
    let mut changed = 0;
    let mut wrong = Vec::new();
    for case in cases().0 {
        let request = Request::default();
        let fixed = fix(&case.folder, SPEC, &request, true, &|_| true);
        if fixed.applied == 0 {
            continue;
        }
        changed += 1;
        let again = Request { open: fixed.texts.clone(), ..Request::default() };
        let again = fix(&case.folder, SPEC, &again, true, &|_| true);
        if again.applied > 0 && again.refused.is_empty() {
            wrong.push(format!("{}: a second run changes {} more", case.name, again.applied));
        }
        let before = cutover::compile(&case.folder, SPEC);
        for error in fixed.compilation.diagnostics.iter().filter(|finding| finding.is_error()) {
            if !before.diagnostics.iter().any(|known| known.is_error() && known.code == error.code) {
                wrong.push(format!("{}: {} is new", case.name, error.code));
            }
        }
    }
    assert!(changed > 50, "only {changed} cases have something to change");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
