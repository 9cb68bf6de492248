//! What runs in somebody else's CI: the action's steps as scripts in a scratch repository, hooks, completions, manual pages.

use std::path::Path;
use std::process::{Command, Output};

use cutover_tests::program::{Project, path, words};
use cutover_tests::workspace::root;

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_default()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Runs the action's check on a spec of a project, as a runner would.
fn check(project: &Project, spec: &str) -> Result<Output, String> {
    let at = project.folder();
    Command::new("bash")
        .arg(root().join(".ci/action/check.sh"))
        .current_dir(at)
        .env("CUTOVER", path()?)
        .env("SPEC", spec)
        .env("RUNNER_TEMP", at)
        .env("GITHUB_OUTPUT", at.join("output"))
        .env("GITHUB_STEP_SUMMARY", at.join("summary"))
        .output()
        .map_err(|error| error.to_string())
}

#[test]
fn the_action_checks_a_spec_that_is_right() -> Result<(), String> {
    let project = Project::of("examples/small-team")?;
    let output = check(&project, project.spec())?;
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    let told = read(&project.folder().join("output"));
    assert!(told.contains("status=0\n"), "{told} {}", words(&output));
    assert!(read(&project.folder().join("summary")).contains("### cutover: No errors"));
    assert!(read(&project.folder().join("cutover.sarif")).contains("\"version\": \"2.1.0\""));
    Ok(())
}

#[test]
fn the_action_tells_mistakes_and_stays_inert() -> Result<(), String> {
    let project = Project::of("examples/small-team")?;
    let spec = project.spec().to_owned();
    // What a name or a text says must not become markup, a mention or a command of the runner.
    let hostile = "ownership  owner x</pre>@everyone::error::";
    project.write(&spec, project.text()?.replacen("ownership  owner kofi", hostile, 1))?;
    let output = check(&project, ".")?;
    let log = words(&output);
    assert_eq!(output.status.code(), Some(0), "{log}");
    assert!(log.contains(&format!("::error file={spec},line=")), "{log}");
    let told = read(&project.folder().join("output"));
    assert!(told.contains("status=1\n"), "{told}");
    let summary = read(&project.folder().join("summary"));
    assert!(summary.starts_with("<!-- cutover: . -->\n### cutover: Errors"), "{summary}");
    assert!(summary.matches("</pre>").count() == summary.matches("<pre>").count(), "{summary}");
    assert!(!summary.contains("@everyone"), "{summary}");
    Ok(())
}

#[test]
fn the_action_asks_for_the_layout_and_the_plan() -> Result<(), String> {
    let project = Project::of("examples/small-team")?;
    let spec = project.spec().to_owned();
    project.write(&spec, project.text()?.replacen("owner ruth  until", "owner tom until", 1))?;
    check(&project, &spec)?;
    let told = read(&project.folder().join("output"));
    assert!(told.contains("status=3\n"), "{told}");
    let summary = read(&project.folder().join("summary"));
    assert!(summary.contains("Not laid out as") && summary.contains("is not that of the spec"), "{summary}");
    Ok(())
}

fn git(folder: &Path, args: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"])
        .args(args)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(format!("{args:?}: {}", words(&output)))
    }
}

#[test]
fn the_action_tells_what_a_branch_changes_and_judges_on_its_day() -> Result<(), String> {
    let project = Project::of("examples/small-team")?;
    let (at, spec) = (project.folder(), project.spec().to_owned());
    let allowed = "allow \"rehearsal/small\"  until 2026-12-31  because \"a small shop\"\n";
    project.write(&spec, format!("{}{allowed}", project.text()?))?;
    git(at, &["init", "-q", "-b", "main"])?;
    git(at, &["add", "--all"])?;
    git(at, &["commit", "-q", "-m", "a"])?;
    let base = git(at, &["rev-parse", "HEAD"])?;
    project.write(&spec, project.text()?.replacen("more than 0.5%", "more than 5%", 1))?;
    let told = |base: &str, as_of: &str| -> Result<(String, String, String), String> {
        for name in ["output", "summary"] {
            let _ = std::fs::remove_file(at.join(name));
        }
        let output = Command::new("bash")
            .arg(root().join(".ci/action/check.sh"))
            .current_dir(at)
            .envs([("SPEC", "."), ("FORMAT", "false"), ("PLAN", "false"), ("BASE", base), ("AS_OF", as_of)])
            .env("CUTOVER", path()?)
            .env("RUNNER_TEMP", at)
            .env("GITHUB_OUTPUT", at.join("output"))
            .env("GITHUB_STEP_SUMMARY", at.join("summary"))
            .output()
            .map_err(|error| error.to_string())?;
        Ok((words(&output), read(&at.join("output")), read(&at.join("cutover-diff.md"))))
    };
    let (log, output, diff) = told(&base, "2026-12-01")?;
    assert!(output.contains("cutover-diff.md\n"), "{output}{log}");
    assert!(
        diff.starts_with("<!-- cutover:diff . -->\n") && diff.contains("### Weaker safeguards (1)"),
        "{diff}"
    );
    assert!(!log.contains("allow/expired"), "{log}");
    let (log, ..) = told(&base, "2027-01-01")?;
    assert!(log.contains("allow/expired"), "{log}");
    // A base that nobody has: told, and no reason to fail.
    let (log, output, diff) = told(&"0".repeat(40), "inventory")?;
    assert!(output.contains("diff=\n") && diff.is_empty(), "{output}{diff}");
    assert!(read(&at.join("summary")).contains("could not be compared"), "{log}");
    Ok(())
}

/// A folder with two specs, each in a folder of its own with its plan.
fn two_specs() -> Result<Project, String> {
    let project = Project::of("examples/small-team")?;
    for name in ["a", "b"] {
        let to = project.folder().join("migrations").join(name);
        cutover_tests::program::copy(&root().join("examples/small-team"), &to).map_err(|e| e.to_string())?;
    }
    Ok(project)
}

#[test]
fn the_action_goes_through_all_specs_of_a_folder() -> Result<(), String> {
    let project = two_specs()?;
    let at = project.folder();
    git(at, &["init", "-q", "-b", "main"])?;
    git(at, &["add", "--all"])?;
    git(at, &["commit", "-q", "-m", "a"])?;
    let base = git(at, &["rev-parse", "HEAD"])?;
    let run = |spec: &str| -> Result<(String, String, String), String> {
        for name in ["output", "summary", "cutover-diff.md"] {
            let _ = std::fs::remove_file(at.join(name));
        }
        let output = Command::new("bash")
            .arg(root().join(".ci/action/check.sh"))
            .current_dir(at)
            .envs([("SPEC", spec), ("FORMAT", "false"), ("BASE", base.as_str())])
            .env("CUTOVER", path()?)
            .env("RUNNER_TEMP", at)
            .env("GITHUB_OUTPUT", at.join("output"))
            .env("GITHUB_STEP_SUMMARY", at.join("summary"))
            .output()
            .map_err(|error| error.to_string())?;
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        Ok((read(&at.join("output")), read(&at.join("summary")), read(&at.join("cutover-diff.md"))))
    };
    let (output, _, diff) = run("migrations")?;
    assert!(output.contains("status=0\n"), "{output}");
    assert!(
        diff.starts_with("<!-- cutover:diff migrations -->\n") && diff.contains("no change in meaning"),
        "{diff}"
    );

    // One of them changes, and its plan stays as it was; another one is new.
    let text = project.text()?;
    project.write("migrations/b/pots.cutover", text.replacen("more than 0.5%", "more than 5%", 1))?;
    cutover_tests::program::copy(&at.join("migrations/a"), &at.join("migrations/c"))
        .map_err(|e| e.to_string())?;
    let (output, summary, diff) = run("migrations")?;
    assert!(output.contains("status=3\n"), "{output}{summary}");
    assert!(summary.contains("is not that of the spec") && summary.contains("trigger/failures"), "{summary}");
    assert!(!diff.contains("migrations/a/"), "{diff}");
    assert!(
        diff.contains("## migrations/b/pots.cutover\n") && diff.contains("### Weaker safeguards (1)"),
        "{diff}"
    );
    assert!(diff.contains("## migrations/c/pots.cutover\n\nThis spec is new."), "{diff}");

    // One is gone, and another one moved and stops the night later: neither hides behind those that are new.
    std::fs::remove_dir_all(at.join("migrations/a")).map_err(|e| e.to_string())?;
    std::fs::remove_dir_all(at.join("migrations/c")).map_err(|e| e.to_string())?;
    let moved = at.join("migrations/b/kiln.cutover");
    std::fs::rename(at.join("migrations/b/pots.cutover"), moved).map_err(|e| e.to_string())?;
    project.write("migrations/e/mugs.cutover", text.replacen("migration pots", "migration mugs", 1))?;
    let (_, _, diff) = run("migrations")?;
    let told = [
        "## migrations/a/pots.cutover\n\nThis spec is gone.",
        "## migrations/b/kiln.cutover\n\nThis spec was migrations/b/pots.cutover.",
        "### Weaker safeguards (1)",
        "## migrations/e/mugs.cutover\n\nThis spec is new.",
    ];
    let places: Vec<Option<usize>> = told.iter().map(|told| diff.find(told)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {diff}");

    // A spec that is not there: told, and nothing is uploaded or compared.
    let (output, summary, diff) = run("migrations/d")?;
    assert!(
        output.contains("status=2\n") && output.contains("sarif=\n") && output.contains("diff=\n"),
        "{output}"
    );
    assert!(summary.contains("There is no <code>migrations/d</code> here") && diff.is_empty(), "{summary}");
    Ok(())
}

#[test]
fn committed_plans_of_a_folder_are_compared_in_one_call() -> Result<(), String> {
    let project = two_specs()?;
    let told = |args: &[&str]| -> Result<(Option<i32>, String), String> {
        let output = project.run(args)?;
        Ok((output.status.code(), words(&output)))
    };
    let (code, shown) = told(&["plan", "migrations", "--check"])?;
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("2 of 2 specs have a committed plan"), "{shown}");
    let text = project.text()?;
    project.write("migrations/a/pots.cutover", text.replacen("more than 0.5%", "more than 5%", 1))?;
    // Beside a spec with a plan another one that has none.
    project.write("migrations/b/more.cutover", text.replacen("migration pots", "migration mugs", 1))?;
    let (code, shown) = told(&["plan", "migrations", "--check"])?;
    assert_eq!(code, Some(3), "{shown}");
    assert!(shown.contains("migrations/a/plan is stale"), "{shown}");
    assert!(shown.contains("migrations/b/plan is up to date"), "{shown}");
    assert!(shown.contains("migrations/b/more.cutover: no plan is committed"), "{shown}");
    // To write several plans at once is nothing that anybody asks for.
    assert_eq!(told(&["plan", "migrations"])?.0, Some(2));
    Ok(())
}

/// A `gh` that writes down how it was called, and knows one comment of an earlier run if it is told to.
const GH: &str = r#"#!/usr/bin/env bash
printf '%s\n' "$*" >>"$CALLS"
case "$*" in *--paginate*) [ -z "${KNOWN:-}" ] || echo "$KNOWN" ;; esac
"#;

#[test]
fn the_comment_is_made_once_and_then_changed() -> Result<(), String> {
    let folder = tempfile::TempDir::new().map_err(|error| error.to_string())?;
    let at = folder.path();
    let write =
        |name: &str, text: &str| std::fs::write(at.join(name), text).map_err(|error| error.to_string());
    write("gh", GH)?;
    write("comment.md", "<!-- cutover: x -->\n### cutover: Errors\n")?;
    Command::new("chmod").arg("+x").arg(at.join("gh")).status().map_err(|error| error.to_string())?;
    let paths = format!("{}:{}", at.display(), std::env::var("PATH").unwrap_or_default());
    let run = |known: &str| {
        Command::new("bash")
            .arg(root().join(".ci/action/comment.sh"))
            .current_dir(at)
            .env("PATH", &paths)
            .env("CALLS", at.join("calls"))
            .env("KNOWN", known)
            .env("COMMENT", "comment.md")
            .env("PULL_REQUEST", "7")
            .env("GITHUB_REPOSITORY", "a/b")
            .output()
            .map_err(|error| error.to_string())
    };
    for (known, expected) in [
        ("", "api --method POST repos/a/b/issues/7/comments -F body=@comment.md --silent"),
        ("42\n43", "api --method PATCH repos/a/b/issues/comments/42 -F body=@comment.md --silent"),
    ] {
        let output = run(known)?;
        assert!(output.status.success(), "{}", words(&output));
        assert_eq!(read(&at.join("calls")).lines().last(), Some(expected));
    }
    Ok(())
}

#[test]
fn actions_of_others_are_pinned() {
    let action = text("action.yml");
    let uses: Vec<&str> = action.lines().filter_map(|line| line.trim().strip_prefix("uses: ")).collect();
    assert_eq!(uses.len(), 2, "{uses:?}");
    for one in uses {
        let commit = one.split(['@', ' ']).nth(1).unwrap_or_default();
        assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{one}");
    }
    // Inputs reach scripts as variables: in a script they would be code.
    for line in action.lines().filter(|line| line.trim_start().starts_with("run:")) {
        assert!(!line.contains("${{"), "{line}");
    }
}

#[test]
fn completions_and_pages() -> Result<(), String> {
    let project = Project::of("specs/valid/minimal")?;
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = project.run(&["completions", shell])?;
        let script = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && script.contains("format"), "{shell}: {}", words(&output));
    }
    let output = project.run(&["man", "pages"])?;
    assert!(output.status.success(), "{}", words(&output));
    let page = read(&project.folder().join("pages/cutover-check.1"));
    assert!(page.contains(".TH cutover-check 1") && page.contains("sarif"), "{page}");
    assert!(project.folder().join("pages/cutover-inventory-scan.1").is_file());
    Ok(())
}
