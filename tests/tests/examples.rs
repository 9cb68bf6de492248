//! Each example that a team would copy is clean, its tests pass, its committed plan is the one that the program writes, and its inventory is what
//! a scan of its export gives.
//!
//! `BLESS=1 cargo test -p cutover-tests --test examples` writes the plans and the scanned inventories anew.

use std::fs;
use std::path::{Path, PathBuf};

use cutover::{Compilation, compile, outputs, read_back};
use cutover_diagnostics::Severity;
use cutover_plan::map_tests::{Verdict, run_tests};
use cutover_tests::program::cutover;
use cutover_tests::workspace::root;

/// The folders of `examples/` that hold a spec, with the name of that spec.
fn examples() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in root().join("examples").read_dir().into_iter().flatten().flatten() {
        let specs: Vec<String> = folder
            .path()
            .read_dir()
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|file| file.file_name().into_string().ok())
            .filter(|name| name.ends_with(".cutover"))
            .collect();
        if let [spec] = specs.as_slice() {
            found.push((folder.path(), spec.clone()));
        } else {
            assert!(specs.is_empty(), "{} has more than one spec: {specs:?}", folder.path().display());
        }
    }
    found.sort();
    found
}

fn blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value == "1")
}

/// Findings, one a line, with their places. That something cannot be computed is no mistake, and is only noted.
fn findings(compilation: &Compilation) -> Vec<String> {
    let found = compilation.diagnostics.iter().filter(|finding| finding.severity != Severity::Note);
    let said = found.map(|finding| {
        let place = finding.labels.first().map(|label| {
            let location = compilation.sources.location(label.span);
            format!("{}:{}: ", compilation.sources.name(label.span.file), location.line)
        });
        format!("{}{}: {}", place.unwrap_or_default(), finding.code, finding.message)
    });
    said.collect()
}

#[test]
fn there_are_examples() {
    let names: Vec<_> = examples()
        .into_iter()
        .filter_map(|(folder, _)| folder.file_name()?.to_str().map(str::to_owned))
        .collect();
    for name in ["acme", "rt-to-zendesk", "zendesk-to-zammad"] {
        assert!(names.iter().any(|known| known == name), "{name} is not among {names:?}");
    }
}

#[test]
fn nothing_is_found_in_them() {
    for (folder, spec) in examples() {
        let compilation = compile(&folder, &spec);
        assert_eq!(findings(&compilation), Vec::<String>::new(), "{}", folder.display());
        assert_eq!(compilation.holes, 0, "{}", folder.display());
    }
}

#[test]
fn their_tests_pass() {
    let mut tested = 0;
    for (folder, spec) in examples() {
        let mut compilation = compile(&folder, &spec);
        let plan = read_back(&mut compilation);
        assert!(plan.is_ok(), "{}: {:?}", folder.display(), findings(&compilation));
        let outcomes = plan.map(|plan| run_tests(&plan)).unwrap_or_default();
        tested += usize::from(!outcomes.is_empty());
        for outcome in outcomes {
            assert_eq!(outcome.verdict, Verdict::Passed, "{}: {}", folder.display(), outcome.id);
        }
    }
    assert!(tested >= 3, "only {tested} examples have tests");
}

#[test]
fn their_plans_are_up_to_date() {
    for (folder, spec) in examples() {
        let mut compilation = compile(&folder, &spec);
        let files = outputs(&mut compilation);
        assert!(files.is_ok(), "{}: {:?}", folder.display(), findings(&compilation));
        let Ok(files) = files else { continue };
        let plan = folder.join("plan");
        if blessing() {
            let written = cutover::write(&plan, &files);
            assert!(written.is_ok(), "{}: {:?}", plan.display(), written.err());
        }
        let differences = cutover::check(&plan, &files);
        assert!(
            matches!(&differences, Ok(found) if found.is_empty()),
            "{} is stale (BLESS=1 writes it anew): {differences:?}",
            plan.display()
        );
        // Byte for byte, not only in what the comparison looks at.
        for (name, bytes) in &files {
            assert!(
                fs::read(plan.join(name)).is_ok_and(|there| there == *bytes),
                "{}/{name}",
                plan.display()
            );
        }
    }
}

/// The value of a line `key: value` at the beginning of an inventory, without quotes.
fn head(inventory: &str, key: &str) -> Option<String> {
    let line = inventory.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))?;
    Some(line.trim_matches('"').to_owned())
}

/// Scans an export as its readers are told to, into a folder of its own. The account and its subscription are what nobody can see in an export.
fn scanned(folder: &Path, inventory: &str, to: &Path) -> Result<(), String> {
    let platform = head(inventory, "platform").ok_or("the inventory names no platform")?;
    let account = head(inventory, "account").ok_or("the inventory names no account")?;
    let mut call = cutover(folder)?;
    call.args(["inventory", "scan", "export", "--platform", &platform, "--account", &account]);
    if let Some(plan) = head(inventory, "plan") {
        call.args(["--plan", &plan]);
    }
    let output = call.arg("-o").arg(to.join("source.yaml")).output().map_err(|e| e.to_string())?;
    // Exit code 1 says that something was odd in the export, which is what exports are like.
    match output.status.code() {
        Some(0 | 1) => Ok(()),
        code => Err(format!("exit code {code:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

#[test]
fn their_inventories_are_what_a_scan_gives() {
    let mut exports = 0;
    for (folder, _) in examples() {
        if !folder.join("export").is_dir() {
            continue;
        }
        exports += 1;
        let committed = folder.join("inventory");
        let inventory = fs::read_to_string(committed.join("source.yaml")).unwrap_or_default();
        let to = tempfile::TempDir::new();
        assert!(to.is_ok(), "no folder to scan into");
        let Ok(to) = to else { continue };
        let made = scanned(&folder, &inventory, to.path());
        assert_eq!(made, Ok(()), "{}", folder.display());
        for name in ["source.yaml", "source.unfinished.jsonl"] {
            let new = fs::read(to.path().join(name)).unwrap_or_default();
            assert!(!new.is_empty(), "{}: the scan wrote no {name}", folder.display());
            let there = committed.join(name);
            if blessing() {
                let written = fs::write(&there, &new);
                assert!(written.is_ok(), "{}: {:?}", there.display(), written.err());
            }
            assert!(
                fs::read(&there).is_ok_and(|old| old == new),
                "{} is not what a scan of the export gives (BLESS=1 writes it anew)",
                there.display()
            );
        }
    }
    assert!(exports >= 2, "only {exports} examples have an export");
}
