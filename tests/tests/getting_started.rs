//! Every command that README.md, docs/getting-started.md and docs/guides/first-week.md show is run, in order, in a copy of the examples.
//!
//! A block ```` ```console ```` holds commands after `$ ` and below each what it prints; `...` stands for what is left out, and a command
//! without output shown may print anything. A command ends with exit code 0 unless the next one is `echo $?` and shows another. A block whose
//! first line of fence says `file=NAME` is written to that file first, as the reader is told to.

use std::path::{Path, PathBuf};
use std::process::Command;

use cutover_tests::program;
use cutover_tests::workspace::root;

/// What a document tells its reader to do.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Write { file: String, text: String },
    Run { line: usize, command: String, shown: Vec<String> },
}

#[test]
fn the_commands_of_the_readme_work() {
    run("README.md");
}

#[test]
fn the_commands_of_getting_started_work() {
    run("docs/getting-started.md");
}

/// A team's whole way in one repository: drafted, filled, planned, reviewed, commented on, signed, changed, stale, signed again.
#[test]
fn the_commands_of_the_first_week_work() {
    run("docs/guides/first-week.md");
}

fn run(document: &str) {
    let text = std::fs::read_to_string(root().join(document)).unwrap_or_default();
    let steps = steps(&text);
    assert!(steps.iter().any(|step| matches!(step, Step::Run { .. })), "{document} shows no command");
    let result = follow(&steps);
    assert_eq!(result.err(), None, "{document}");
}

fn steps(document: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = document.lines().enumerate();
    while let Some((_, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let block: Vec<_> = lines.by_ref().take_while(|(_, line)| *line != "```").collect();
        if let Some(file) = info.split_whitespace().find_map(|word| word.strip_prefix("file=")) {
            let text = block.iter().map(|(_, line)| format!("{line}\n")).collect();
            steps.push(Step::Write { file: file.to_owned(), text });
        } else if info == "console" {
            for (number, line) in block {
                if let Some(command) = line.strip_prefix("$ ") {
                    steps.push(Step::Run {
                        line: number + 1,
                        command: command.to_owned(),
                        shown: Vec::new(),
                    });
                } else if let Some(Step::Run { shown, .. }) = steps.last_mut() {
                    shown.push(line.to_owned());
                }
            }
        }
    }
    steps
}

fn follow(steps: &[Step]) -> Result<(), String> {
    let copy = tempfile::TempDir::new().map_err(|e| e.to_string())?;
    program::copy(&root().join("examples"), &copy.path().join("examples")).map_err(|e| e.to_string())?;
    let program = program::path()?;
    let mut folder = copy.path().to_owned();
    let mut code = 0;
    for (number, step) in steps.iter().enumerate() {
        match step {
            Step::Write { file, text } => write(&folder.join(file), text)?,
            Step::Run { line, command, shown } => {
                let stated =
                    matches!(steps.get(number + 1), Some(Step::Run { command, .. }) if command == "echo $?");
                if let Some(to) = command.strip_prefix("cd ") {
                    folder = folder.join(to);
                    continue;
                }
                let output = if command == "echo $?" {
                    format!("{code}\n")
                } else {
                    let (output, exit) = shell(program, &folder, command)?;
                    code = exit;
                    output
                };
                if code != 0 && !stated && command != "echo $?" {
                    return Err(format!(
                        "line {line}: `{command}` ends with exit code {code} and prints\n{output}"
                    ));
                }
                if !shown.is_empty() && !matches(shown, &output) {
                    return Err(format!("line {line}: `{command}` prints something else:\n{output}"));
                }
            }
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    if let Some(above) = path.parent() {
        std::fs::create_dir_all(above).map_err(|e| e.to_string())?;
    }
    std::fs::write(path, text).map_err(|e| e.to_string())
}

/// Runs one command as a shell would, with the built program first in the path. What it prints on both streams, and its exit code.
fn shell(program: &Path, folder: &Path, command: &str) -> Result<(String, i32), String> {
    let command = command.replace("cargo run --release -p cutover-cli --", "cutover");
    let first = command.split_whitespace().next().unwrap_or_default();
    if !["cat", "cp", "cutover", "git", "head", "ls", "mkdir", "sed"].contains(&first) {
        return Err(format!("`{first}` is no command that a reader is asked to have"));
    }
    let own: Vec<PathBuf> = program.parent().map(Path::to_owned).into_iter().collect();
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(own.into_iter().chain(std::env::split_paths(&inherited)))
        .map_err(|e| e.to_string())?;
    let mut call = Command::new("sh");
    call.args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(folder)
        .env("PATH", path)
        .env("NO_COLOR", "1")
        // Neither names nor habits of whoever runs the tests.
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")]);
    let output = call.output().map_err(|e| e.to_string())?;
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code().unwrap_or(-1)))
}

/// Whether the output is what is shown; a line `...` stands for any number of lines, and at the end of a line for its rest. Blanks at line
/// ends and empty lines at the end do not count.
fn matches(shown: &[String], output: &str) -> bool {
    let shown: Vec<&str> = shown.iter().map(|line| line.trim_end()).collect();
    let output: Vec<&str> = output.trim_end().lines().map(str::trim_end).collect();
    let mut parts = shown.split(|line| line.trim() == "...");
    let first = parts.next().unwrap_or_default();
    if !begins(&output, first) {
        return false;
    }
    let mut rest = output.get(first.len()..).unwrap_or_default();
    let mut parts: Vec<&[&str]> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let at = (0..=rest.len()).find(|at| rest.get(*at..).is_some_and(|rest| begins(rest, part)));
        let Some(after) = at.and_then(|at| rest.get(at + part.len()..)) else { return false };
        rest = after;
    }
    rest.len().checked_sub(last.len()).and_then(|at| rest.get(at..)).is_some_and(|end| begins(end, last))
}

/// Whether the lines of an output begin with those that are shown.
fn begins(output: &[&str], shown: &[&str]) -> bool {
    let fits = |(output, shown): (&&str, &&str)| match shown.strip_suffix("...") {
        Some(start) => output.starts_with(start),
        None => output == shown,
    };
    output.len() >= shown.len() && output.iter().zip(shown).all(fits)
}

#[test]
fn what_is_shown_is_compared_line_by_line() {
    let shown = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(matches(&shown("a\nb"), "a\nb\n"));
    assert!(!matches(&shown("a"), "a\nb\n"));
    assert!(matches(&shown("a\n..."), "a\nb\nc\n"));
    assert!(matches(&shown("a\n...\nc\n...\ne"), "a\nb\nc\nd\ne\n"));
    assert!(!matches(&shown("a\n...\nc\n...\ne"), "a\nb\nd\ne\n"));
    assert!(!matches(&shown("a\n...\na"), "a\n"));
    assert!(matches(&shown("...\nfound: ..."), "a\nfound: much\n"));
    assert!(!matches(&shown("...\nfound: ..."), "a\nlost: much\n"));
}

#[test]
fn a_document_is_read_as_its_reader_would() {
    let text = "```cutover file=a.cutover\nedition 1\n```\n\n```console\n$ cutover check a.cutover\nfine\n$ ls\n```\n```sh\n$ rm -r x\n```\n";
    let expected = vec![
        Step::Write { file: "a.cutover".to_owned(), text: "edition 1\n".to_owned() },
        Step::Run { line: 6, command: "cutover check a.cutover".to_owned(), shown: vec!["fine".to_owned()] },
        Step::Run { line: 8, command: "ls".to_owned(), shown: Vec::new() },
    ];
    assert_eq!(steps(text), expected);
}
