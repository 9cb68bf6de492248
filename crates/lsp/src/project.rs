//! Which project a file belongs to, and what is known of the project.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cutover::editor::Snapshot;
use cutover_analysis::manifest;
use cutover_diagnostics::FileId;
use cutover_syntax::keywords::ItemKw;
use cutover_syntax::parse::MAX_FILE;
use cutover_syntax::split::split;

use crate::paths::within;
use crate::worker::Key;

/// How many folders up from a file its project is looked for.
const MAX_UP: usize = 8;
/// How many specs of a folder are looked into.
const MAX_LOOKED_AT: usize = 200;
/// How many files a spec takes in are followed.
const MAX_FILES: usize = 1_000;
/// How many folders deep files are offered.
const MAX_DEEP: usize = 5;
/// Folders that the program writes: nobody names a file of theirs.
const WRITTEN: [&str; 3] = ["plan", "approved", "signoffs"];

/// A project that is open.
#[derive(Debug, Default)]
pub(crate) struct Project {
    /// What is known; none before it was compiled for the first time.
    pub(crate) snapshot: Option<Snapshot>,
    /// Counts up with each change of a text.
    pub(crate) generation: u64,
    /// The generation that was compiled.
    pub(crate) done: u64,
    /// The same number as the generation, where the compiler can see it.
    pub(crate) wanted: Arc<AtomicU64>,
}

impl Project {
    /// Something changed: work on what was before is not wanted any more.
    pub(crate) fn touch(&mut self) {
        self.generation += 1;
        self.wanted.store(self.generation, Ordering::Relaxed);
    }
}

/// The files of a project as a file in the folder `from` names them, sorted; not all of them when there are very many.
pub(crate) fn files_below(top: &Path, from: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(top.to_owned(), 0)];
    while let Some((folder, deep)) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            if name.starts_with('.') || found.len() >= MAX_FILES {
                continue;
            }
            if kind.is_file() {
                found.extend(named(&entry.path(), from));
            } else if kind.is_dir() && deep < MAX_DEEP && !WRITTEN.contains(&name.as_str()) {
                open.push((entry.path(), deep + 1));
            }
        }
    }
    found.sort();
    found
}

/// A file as it is named from a folder: `../announce/customers.md`.
fn named(path: &Path, from: &Path) -> Option<String> {
    let shared = from.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| "..".to_owned());
    let down = path.components().skip(shared).map(|part| part.as_os_str().to_str().map(str::to_owned));
    let parts: Option<Vec<String>> = up.map(Some).chain(down).collect();
    Some(parts?.join("/"))
}

/// Whether a text is the first file of a project.
pub(crate) fn is_entry(text: &str) -> bool {
    split(text).iter().any(|piece| piece.keyword == Some(ItemKw::Migration))
}

/// The project of a file: the one whose migration stands in it, else the nearest one above that takes it in. `text_of` gives the texts of
/// files that are open.
pub(crate) fn find(
    path: &Path,
    text: &str,
    top: &[PathBuf],
    text_of: &dyn Fn(&Path) -> Option<Arc<str>>,
) -> Option<Key> {
    let folder = path.parent()?;
    if is_entry(text) {
        return Some((folder.to_owned(), path.file_name()?.to_str()?.to_owned()));
    }
    let mut here = Some(folder);
    for _ in 0..MAX_UP {
        let folder = here?;
        for entry in specs(folder) {
            let Some(text) = read(&entry, text_of) else { continue };
            if is_entry(&text) && takes_in(folder, &entry, path, text_of) {
                return Some((folder.to_owned(), entry.file_name()?.to_str()?.to_owned()));
            }
        }
        if top.iter().any(|top| top == folder) {
            return None;
        }
        here = folder.parent();
    }
    None
}

/// The specs of a folder, sorted.
fn specs(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut specs: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|ending| ending == "cutover"))
        .take(MAX_LOOKED_AT)
        .collect();
    specs.sort();
    specs
}

fn read(path: &Path, text_of: &dyn Fn(&Path) -> Option<Arc<str>>) -> Option<Arc<str>> {
    if let Some(text) = text_of(path) {
        return Some(text);
    }
    let known = fs::metadata(path).ok()?;
    if !known.is_file() || usize::try_from(known.len()).map_or(true, |length| length > MAX_FILE) {
        return None;
    }
    fs::read_to_string(path).ok().map(Arc::from)
}

/// Whether a spec takes a file in, itself or through others.
fn takes_in(folder: &Path, entry: &Path, wanted: &Path, text_of: &dyn Fn(&Path) -> Option<Arc<str>>) -> bool {
    let Some(wanted) = within(folder, wanted) else { return false };
    let Some(first) = within(folder, entry) else { return false };
    let mut seen = BTreeSet::from([first.clone()]);
    let mut open = vec![first];
    while let Some(path) = open.pop() {
        if path == wanted {
            return true;
        }
        let Some(text) = read(&folder.join(&path), text_of) else { continue };
        let (tree, _) = cutover_syntax::parse(FileId(0), &text);
        for mention in manifest::read(&tree).uses {
            let Some(next) = crate::define::beside(&path, &mention.text) else { continue };
            if seen.len() < MAX_FILES && seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    false
}
