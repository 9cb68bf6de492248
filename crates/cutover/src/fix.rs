//! Applies what findings suggest, again and again, until nothing is left to apply.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use cutover_diagnostics::{Applicability, Diagnostic, Edit, FileId, SourceMap, Span};

use crate::{Compilation, Open, Request, compile_as};

/// How often the whole spec is looked at again. Suggestions that undo each other would otherwise never end.
const ROUNDS: usize = 10;

/// What became of a project.
#[derive(Debug)]
pub struct Fixed {
    /// The compilation of the changed texts.
    pub compilation: Compilation,
    /// The texts that changed, by path in the project.
    pub texts: Open,
    /// Number of suggestions that were applied.
    pub applied: usize,
    /// Titles of suggestions that were not applied, since a new error would come of them.
    pub refused: Vec<String>,
}

/// A suggestion that may be applied.
struct Change {
    /// By what it is known again after other changes: site, title and new texts.
    key: String,
    title: String,
    edits: Vec<(String, Edit)>,
}

/// Applies the suggestions of the findings that `wanted` names: the safe ones, and those that a person should look at when `all` says so.
///
/// No two of one round touch the same place, each round begins with a new compilation, and what would lead to an error of a kind that was not
/// there is not applied. Nothing is written.
#[must_use]
pub fn fix(
    root: &Path,
    entry: &str,
    request: &Request,
    all: bool,
    wanted: &dyn Fn(&Diagnostic) -> bool,
) -> Fixed {
    let compile = |open: &Open| compile_as(root, entry, Request { open: open.clone(), ..request.clone() });
    let mut open = request.open.clone();
    let mut compilation = compile(&open);
    let mut refused: BTreeMap<String, String> = BTreeMap::new();
    let mut seen: BTreeSet<Open> = BTreeSet::from([open.clone()]);
    let mut applied = 0;
    for _ in 0..ROUNDS {
        let changes = changes(&compilation, all, wanted, &refused);
        if changes.is_empty() {
            break;
        }
        let together = with(&open, &compilation.sources, &changes);
        let next = compile(&together);
        if !worse(&compilation, &next) {
            // A text that was there before: the suggestions go round in a circle.
            if !seen.insert(together.clone()) {
                break;
            }
            applied += changes.len();
            (open, compilation) = (together, next);
            continue;
        }
        // Some of them are to blame, by themselves or together with others: then the first of the good ones goes in alone.
        let mut first = None;
        for change in changes {
            let alone = with(&open, &compilation.sources, std::slice::from_ref(&change));
            let next = compile(&alone);
            if worse(&compilation, &next) || seen.contains(&alone) {
                refused.insert(change.key, change.title);
            } else if first.is_none() {
                first = Some((alone, next));
            }
        }
        let Some((alone, next)) = first else { break };
        seen.insert(alone.clone());
        applied += 1;
        (open, compilation) = (alone, next);
    }
    let texts = open.into_iter().filter(|(path, text)| request.open.get(path) != Some(text)).collect();
    Fixed { compilation, texts, applied, refused: refused.into_values().collect() }
}

/// The suggestions that may be applied together, in the order of their findings.
fn changes(
    compilation: &Compilation,
    all: bool,
    wanted: &dyn Fn(&Diagnostic) -> bool,
    refused: &BTreeMap<String, String>,
) -> Vec<Change> {
    let mut taken: BTreeSet<(FileId, u32, u32)> = BTreeSet::new();
    let mut changes = Vec::new();
    for finding in compilation.diagnostics.iter().filter(|finding| wanted(finding)) {
        let mut fitting = finding.suggestions.iter().filter(|suggestion| match suggestion.applicability {
            Applicability::Safe => true,
            Applicability::Unsafe => all,
            Applicability::DisplayOnly => false,
        });
        // Of several ways out a person chooses one.
        let (Some(suggestion), None) = (fitting.next(), fitting.next()) else { continue };
        let mut key = format!("{}\0{}", finding.site, suggestion.title);
        let mut edits = Vec::new();
        for edit in &suggestion.edits {
            let path = compilation.sources.name(edit.span.file).to_owned();
            key.push_str(&format!(
                "\0{path}\0{}\0{}",
                compilation.sources.slice(edit.span),
                edit.replacement
            ));
            edits.push((path, edit.clone()));
        }
        // Inventories and catalogs tell what there is: nobody corrects a spec there.
        let written =
            |(path, _): &(String, Edit)| path.ends_with(".cutover") || path.ends_with(cutover_lint::FILE);
        if edits.is_empty() || !edits.iter().all(written) || refused.contains_key(&key) {
            continue;
        }
        if suggestion.edits.iter().any(|edit| overlaps(&taken, edit.span)) {
            continue;
        }
        taken.extend(suggestion.edits.iter().map(|edit| (edit.span.file, edit.span.start, edit.span.end)));
        changes.push(Change { key, title: suggestion.title.to_string(), edits });
    }
    changes
}

/// Whether a place touches one that is taken. Those that are taken do not touch each other, so that its neighbours tell.
fn overlaps(taken: &BTreeSet<(FileId, u32, u32)>, span: Span) -> bool {
    let before = taken.range(..=(span.file, span.end, u32::MAX)).next_back();
    before.is_some_and(|(file, _, end)| *file == span.file && span.start <= *end)
}

/// The texts with some changes in them.
fn with(open: &Open, sources: &SourceMap, changes: &[Change]) -> Open {
    let mut by_file: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for (path, edit) in changes.iter().flat_map(|change| &change.edits) {
        by_file.entry(path).or_default().push(edit);
    }
    let mut open = open.clone();
    for (path, mut edits) in by_file {
        edits.sort_by_key(|edit| edit.span);
        let Some(file) = edits.first().map(|edit| edit.span.file) else { continue };
        let old = sources.text(file);
        let mut text = String::with_capacity(old.len());
        let mut at = 0;
        for edit in edits {
            text.push_str(old.get(at..edit.span.range().start).unwrap_or_default());
            text.push_str(&edit.replacement);
            at = edit.span.range().end;
        }
        text.push_str(old.get(at..).unwrap_or_default());
        open.insert(path.to_owned(), Arc::from(text));
    }
    open
}

/// Whether errors came that were not there.
fn worse(before: &Compilation, after: &Compilation) -> bool {
    if after.failure.is_some() {
        return true;
    }
    let count = |compilation: &Compilation| {
        let mut codes: BTreeMap<&'static str, usize> = BTreeMap::new();
        for finding in compilation.diagnostics.iter().filter(|finding| finding.is_error()) {
            *codes.entry(finding.code).or_default() += 1;
        }
        codes
    };
    let known = count(before);
    count(after).into_iter().any(|(code, number)| known.get(code).is_none_or(|before| number > *before))
}
