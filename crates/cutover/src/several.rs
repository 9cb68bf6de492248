//! Many specs at once, as a repository holds them: what they share is read once, and a compilation is dropped when its findings are told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cutover_diagnostics::{Diagnostic, FileId, Span, sort_and_dedup};
use cutover_ir::time::Date;

use crate::{Compilation, Failure, Purpose, Request, compile_with, systems};

/// One of many specs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The project's folder.
    pub root: PathBuf,
    /// The first file, a path relative to the folder.
    pub entry: String,
    /// How findings name the folder: a path with `/` between parts that all specs count from; empty where they all stand.
    pub shown: String,
}

/// Findings of one spec with the texts that they point into.
#[derive(Default)]
struct Told {
    /// Files with findings, each with its place in the compilation.
    files: Vec<(FileId, String, Arc<str>)>,
    diagnostics: Vec<Diagnostic>,
    holes: u32,
    unlinted: bool,
    failure: Option<Failure>,
}

/// Compiles specs for their findings on a number of threads, and gives them with their files as if they were of one compilation, in an order
/// that does not depend on who was faster. There is no plan in it. A spec that cannot be read is its failure, the first of several.
#[must_use]
pub fn check_all(specs: &[Spec], as_of: Option<Date>, threads: usize) -> Compilation {
    let (first, rest) = specs.split_at(specs.len().min(1));
    let mut kept = systems::Kept::default();
    // What the first one reads is what most of them share.
    let mut told: Vec<(usize, Told)> = first.iter().map(|spec| (0, check(spec, as_of, &mut kept))).collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(rest.len()));
    let work = || {
        let mut kept = kept.clone();
        let mut own = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(spec) = rest.get(at) else { break };
            own.push((at + 1, check(spec, as_of, &mut kept)));
        }
        done.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.clamp(1, rest.len().max(1)) {
            // With fewer threads it takes longer.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    told.append(&mut done.into_inner().unwrap_or_else(PoisonError::into_inner));
    told.sort_by_key(|(at, _)| *at);
    joined(specs, told.into_iter().map(|(_, told)| told).collect())
}

fn check(spec: &Spec, as_of: Option<Date>, kept: &mut systems::Kept) -> Told {
    let request = Request { purpose: Purpose::Check, as_of, ..Request::default() };
    let compilation = compile_with(&spec.root, &spec.entry, request, kept);
    let Compilation { sources, diagnostics, holes, linted, failure, .. } = compilation;
    let pointed = |file: FileId| {
        let labels = diagnostics.iter().flat_map(|found| &found.labels).map(|label| label.span);
        let edits = diagnostics.iter().flat_map(|found| &found.suggestions).flat_map(|one| &one.edits);
        labels.chain(edits.map(|edit| edit.span)).any(|span| span.file == file)
    };
    let files = sources.files().filter(|(file, _)| pointed(*file));
    let files = files.map(|(file, source)| (file, source.name().to_owned(), source.shared_text())).collect();
    Told { files, diagnostics, holes, unlinted: !linted, failure }
}

/// The findings of all as those of one compilation, file by file. A file that several specs take in is in it once, and so is what each says
/// about it.
fn joined(specs: &[Spec], told: Vec<Told>) -> Compilation {
    let mut all = Compilation { linted: true, purpose: Purpose::Check, ..Compilation::default() };
    let mut files: BTreeMap<String, (Arc<str>, FileId)> = BTreeMap::new();
    for (spec, told) in specs.iter().zip(&told) {
        for (file, name, text) in &told.files {
            files.entry(below(&spec.shown, name)).or_insert_with(|| (Arc::clone(text), *file));
        }
    }
    for (name, (text, file)) in &mut files {
        *file = all.sources.add(name.as_str(), Arc::clone(text));
    }
    for (spec, told) in specs.iter().zip(told) {
        let place = |(file, name, _): &(FileId, String, Arc<str>)| {
            Some((*file, files.get(&below(&spec.shown, name)).map(|(_, place)| *place)?))
        };
        let places: BTreeMap<FileId, FileId> = told.files.iter().filter_map(place).collect();
        let to = |span: Span| Span { file: places.get(&span.file).copied().unwrap_or(span.file), ..span };
        for mut found in told.diagnostics {
            found.relocate(to);
            if let Some(secret) = found.labels.first().filter(|_| found.hidden) {
                all.sources.mask(secret.span);
            }
            all.diagnostics.push(found);
        }
        all.holes = all.holes.saturating_add(told.holes);
        all.linted &= !told.unlinted;
        all.failure = all.failure.take().or(told.failure);
    }
    sort_and_dedup(&mut all.diagnostics);
    all
}

fn below(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

/// The specs below a folder that stand for themselves, in order: with a migration in them, or named by no other one. Hidden folders are left out,
/// and links to folders.
///
/// # Errors
/// When a folder or a spec cannot be read.
pub fn specs_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    collect(folder, 0, &mut found)?;
    found.sort();
    let mut used = BTreeSet::new();
    let mut parts = Vec::new();
    let mut entries = Vec::new();
    for path in found {
        let bytes = std::fs::read(&path).map_err(|source| Failure { path: path.clone(), source })?;
        let text = String::from_utf8_lossy(&bytes);
        let mut entry = false;
        for line in text.lines() {
            let line = line.trim_start();
            entry |= line.strip_prefix("migration").is_some_and(|rest| rest.starts_with([' ', '\t']));
            if let Some(name) = line.strip_prefix("use").and_then(|rest| rest.trim_start().strip_prefix('"'))
            {
                let name = name.split('"').next().unwrap_or_default();
                let beside = path.parent().unwrap_or(Path::new("")).join(name);
                used.extend(beside.canonicalize());
            }
        }
        if entry { &mut entries } else { &mut parts }.push(path);
    }
    parts.retain(|part| part.canonicalize().is_ok_and(|part| !used.contains(&part)));
    entries.append(&mut parts);
    entries.sort();
    Ok(entries)
}

/// All files of specs below a folder, those that others use included, by their whole paths.
///
/// # Errors
/// When a folder cannot be read.
pub fn specs_of(folder: &Path) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut specs = Vec::new();
    collect(folder, 0, &mut specs)?;
    Ok(specs.into_iter().filter_map(|spec| spec.canonicalize().ok()).collect())
}

/// The files that specs below a folder name, directly or by what they use, without the specs in `except`. Whatever stands in quotes and is there
/// counts.
///
/// # Errors
/// When a folder cannot be read.
pub fn named_below(folder: &Path, except: &BTreeSet<PathBuf>) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut specs = Vec::new();
    collect(folder, 0, &mut specs)?;
    let mut open: Vec<PathBuf> = specs.into_iter().filter_map(|spec| spec.canonicalize().ok()).collect();
    open.retain(|spec| !except.contains(spec));
    let mut read: BTreeSet<PathBuf> = open.iter().cloned().collect();
    let mut named = BTreeSet::new();
    while let Some(spec) = open.pop() {
        // What cannot be read names nothing.
        let Ok(bytes) = std::fs::read(&spec) else { continue };
        let beside = spec.parent().unwrap_or(Path::new(""));
        for line in String::from_utf8_lossy(&bytes).lines() {
            for name in line.split('"').skip(1).step_by(2) {
                let Ok(file) = beside.join(name).canonicalize() else { continue };
                if file.extension().is_some_and(|ending| ending == "cutover") && read.insert(file.clone()) {
                    open.push(file.clone());
                }
                named.insert(file);
            }
        }
    }
    Ok(named)
}

/// A tree of folders is not as deep.
const MAX_DEPTH: usize = 64;

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if depth > MAX_DEPTH {
        return Ok(());
    }
    let failure = |source| Failure { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(failure)? {
        let entry = entry.map_err(failure)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(failure)?);
        if kind.is_dir() && !entry.file_name().to_string_lossy().starts_with('.') {
            collect(&path, depth + 1, found)?;
        } else if !kind.is_dir() && path.extension().is_some_and(|e| e == "cutover") && path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}
