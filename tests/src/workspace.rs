//! The repository as the tests see it: its root, its files, and what cargo says about its packages.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The root folder of the repository.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// All regular files below a folder of the repository, sorted, `target` and hidden folders left out. Links are not followed.
/// A folder that does not exist has no files.
#[must_use]
pub fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        let Ok(entries) = folder.read_dir() else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && name != "target" && name != ".git" {
                open.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// The files of [`files`] that are UTF-8 text, each with its path relative to the root and its text.
#[must_use]
pub fn texts(folder: &str) -> Vec<(String, String)> {
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).ok()?;
        Some((relative(&path), text))
    };
    files(folder).into_iter().filter_map(read).collect()
}

/// A path relative to the root, with `/`.
#[must_use]
pub fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// What cargo knows about the workspace and everything it depends on, on this machine's platform.
#[derive(Debug)]
pub struct Packages {
    /// All packages, by cargo's package id.
    pub by_id: BTreeMap<String, Package>,
    /// Ids of the workspace's own packages.
    pub members: BTreeSet<String>,
}

/// One package.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its licence as an SPDX expression, when it states one.
    pub licence: Option<String>,
    /// Package ids that it links or runs: normal dependencies.
    pub normal: BTreeSet<String>,
    /// Package ids that it needs for building or testing only.
    pub other: BTreeSet<String>,
}

/// Asks cargo for the packages, with the lock file as it is.
///
/// # Errors
/// When cargo cannot be run, fails (its own words are the error), or answers something that is not its documented format.
pub fn packages() -> Result<Packages, String> {
    let platform = host()?;
    let text =
        run(&cargo(), &["metadata", "--format-version", "1", "--locked", "--filter-platform", &platform])?;
    let answer: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    let mut by_id = BTreeMap::new();
    for package in list(at(&answer, "/packages")) {
        let package_of = Package {
            name: string(at(package, "/name")),
            licence: at(package, "/license").as_str().map(str::to_owned),
            normal: BTreeSet::new(),
            other: BTreeSet::new(),
        };
        by_id.insert(string(at(package, "/id")), package_of);
    }
    for node in list(at(&answer, "/resolve/nodes")) {
        let Some(package) = by_id.get_mut(&string(at(node, "/id"))) else {
            return Err(format!("cargo resolves an unknown package {}", at(node, "/id")));
        };
        for dep in list(at(node, "/deps")) {
            let normal = list(at(dep, "/dep_kinds")).iter().any(|kind| at(kind, "/kind").is_null());
            let kind = if normal { &mut package.normal } else { &mut package.other };
            kind.insert(string(at(dep, "/pkg")));
        }
    }
    let members = list(at(&answer, "/workspace_members")).iter().map(string).collect();
    Ok(Packages { by_id, members })
}

impl Packages {
    /// The workspace's own package of that name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<(&String, &Package)> {
        let own = self.members.iter().filter_map(|id| self.by_id.get_key_value(id));
        own.into_iter().find(|(_, package)| package.name == name)
    }

    /// A package and all packages that its program would hold: normal dependencies, transitively.
    #[must_use]
    pub fn closure(&self, id: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut open = VecDeque::from([id]);
        while let Some(id) = open.pop_front() {
            let Some((id, package)) = self.by_id.get_key_value(id) else { continue };
            if seen.insert(id.as_str()) {
                open.extend(package.normal.iter().map(String::as_str));
            }
        }
        seen
    }
}

fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// The target triple that the compiler builds for when none is named.
fn host() -> Result<String, String> {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = run(&rustc, &["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".to_owned())
}

fn run(program: &str, args: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(args).current_dir(root()).output();
    let output = output.map_err(|e| format!("{program}: {e}"))?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|e| e.to_string())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The value at a JSON pointer; null where there is none.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
