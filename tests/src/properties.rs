//! What holds for any input. The fuzz targets and the seeded tests call the same functions.
//!
//! # Panics
//! Each function panics when its property does not hold: that is how both callers notice.

use std::fmt::Debug;
use std::sync::Arc;

use cutover_catalog::{Catalog, Inventory, reader, yaml};
use cutover_diagnostics::render::{Format, Options, render};
use cutover_diagnostics::{Diagnostic, SourceMap, Span};
use cutover_syntax::tree::{Item, Line, SourceFile};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Any text gives a tree whose places lie in the text, in order; findings that can be shown; the same every time.
pub fn parser(bytes: &[u8]) {
    let text: Arc<str> = String::from_utf8_lossy(bytes).into();
    let mut sources = SourceMap::new();
    let file = sources.add("any.cutover", Arc::clone(&text));
    let (tree, found) = cutover_syntax::parse(file, &text);
    tree_lies_in(&tree, &text);
    findings_can_be_shown(&sources, found.clone());
    let (again, found_again) = cutover_syntax::parse(file, &text);
    assert_eq!(found, found_again, "the same text gives other findings");
    assert_eq!(shape(&tree), shape(&again), "the same text gives another tree");
}

/// Any text has a canonical layout or too many mistakes; it says the same, holds the same comments, and is its own layout. A layout of a
/// part leaves the rest alone.
pub fn layout(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let once = match cutover_fmt::format(&text) {
        Ok(once) => once,
        Err(refusal) => {
            assert_eq!(refusal, cutover_fmt::Refusal::TooManyMistakes);
            return;
        }
    };
    assert_eq!(comments(&once), comments(&text), "comments differ");
    assert_eq!(cutover_fmt::format(&once).as_ref(), Ok(&once), "a second time differs");
    let middle = text.len() / 2;
    if let Ok(Some(replacement)) = cutover_fmt::format_range(&text, middle..middle) {
        let range = replacement.range;
        assert!(text.get(range.clone()).is_some(), "{range:?} does not fit");
        let mut part = text.into_owned();
        part.replace_range(range, &replacement.text);
        assert_eq!(comments(&part), comments(&once), "comments of a part differ");
    }
}

fn comments(text: &str) -> Vec<String> {
    let (file, _) = cutover_syntax::parse(cutover_diagnostics::FileId(0), &text.into());
    let of = |item: &Item| -> Vec<String> {
        item.comments.iter().map(|range| item.slice(*range).trim_end().to_owned()).collect()
    };
    file.items.iter().flat_map(of).collect()
}

/// The tree without the text, which each item refers to as a whole.
fn shape(tree: &SourceFile) -> Vec<String> {
    let shape = |item: &Item| {
        format!(
            "{:?} {} {:?} {:?} {:?}",
            item.keyword, item.source.base, item.terms, item.lines, item.comments
        )
    };
    tree.items.iter().map(shape).collect()
}

fn tree_lies_in(tree: &SourceFile, text: &str) {
    let mut last = 0;
    for item in &tree.items {
        let (start, end) = (item.source.base as usize, item.source.base as usize + item.source.len as usize);
        assert!(last <= start, "items overlap at {start}");
        let slice = text.get(start..end);
        assert!(slice.is_some(), "an item at {start}..{end} of {}", text.len());
        let slice = slice.unwrap_or_default();
        last = end;
        let mut before = 0;
        for term in &item.terms {
            let (from, to) = (term.range.start as usize, term.range.end as usize);
            assert!(
                before <= from && slice.get(from..to).is_some(),
                "a term at {from}..{to} of {}",
                slice.len()
            );
            before = from;
        }
        for comment in &item.comments {
            let slice = slice.get(comment.start as usize..comment.end as usize);
            assert!(
                slice.is_some_and(|text| text.starts_with('#') && !text.contains('\n')),
                "{slice:?} is no comment"
            );
        }
        for line in &item.lines {
            line_lies_in(line, item.terms.len(), 0);
        }
    }
}

fn line_lies_in(line: &Line, terms: usize, depth: usize) {
    assert!(depth <= cutover_syntax::parse::MAX_DEPTH + 1, "bodies are deeper than the cap");
    let ranges = [line.terms, line.lead].into_iter().chain(line.result);
    for range in ranges {
        assert!(range.start <= range.end && range.end as usize <= terms, "terms {range:?} of {terms}");
    }
    for inner in line.body.iter().flat_map(|body| &body.lines) {
        line_lies_in(inner, terms, depth + 1);
    }
}

/// Any text in the place of a project's spec: the compiler ends, its findings can be shown and are the same every time; what has
/// neither errors nor holes can be written, with and without errors a plan exists.
pub fn compile(bytes: &[u8]) {
    let folder = project();
    let written = std::fs::write(folder.join("spec.cutover"), bytes);
    assert!(written.is_ok(), "{written:?}");
    let mut compilation = cutover::compile(&folder, "spec.cutover");
    assert!(compilation.failure.is_none(), "{:?}", compilation.failure);
    findings_can_be_shown(&compilation.sources, compilation.diagnostics.clone());
    let again = cutover::compile(&folder, "spec.cutover");
    assert_eq!(compilation.diagnostics, again.diagnostics, "the same text gives other findings");
    assert_eq!(compilation.plan, again.plan, "the same text gives another plan");
    for (_, span) in compilation.places.sorted() {
        lies_in(&compilation.sources, span, "a place of the plan");
    }
    let finished = compilation.errors() == 0 && compilation.holes == 0;
    let outputs = cutover::outputs(&mut compilation);
    assert_eq!(outputs.is_ok(), finished, "{:?}", outputs.err());
}

/// A copy of the smallest project, one for each thread.
fn project() -> std::path::PathBuf {
    thread_local! {
        static PROJECT: Option<crate::program::Project> = crate::program::Project::of("specs/valid/minimal").ok();
    }
    PROJECT.with(|project| project.as_ref().map(|project| project.folder().to_owned())).unwrap_or_default()
}

/// Any text as a team's catalog: findings lie in the text; what is read can be told and written again.
pub fn catalog(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    data::<Catalog>(&text);
    let mut sources = SourceMap::new();
    let file = sources.add("any.yaml", text.as_ref());
    let (catalog, found) = reader::read_catalog(file, &text, Catalog::builtin);
    assert!(catalog.is_some() || !found.is_empty(), "neither a catalog nor a finding");
    if let Some(catalog) = catalog {
        let facts = catalog.facts();
        assert!(facts.iter().all(|fact| !fact.id.is_empty()), "a fact without an id");
    }
    findings_can_be_shown(&sources, found);
}

/// Any text as an inventory: findings lie in the text, about its form and about its catalog; what is read can be written again.
pub fn inventory(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    data::<Inventory>(&text);
    let mut sources = SourceMap::new();
    let file = sources.add("any.yaml", text.as_ref());
    let (inventory, mut found) = reader::read_inventory(file, &text);
    assert!(inventory.is_some() || !found.is_empty(), "neither an inventory nor a finding");
    let catalog = inventory.as_ref().and_then(|inventory| Catalog::builtin(&inventory.platform));
    if let (Some(inventory), Some(catalog)) = (inventory, catalog) {
        found.extend(reader::check_inventory(file, &text, &inventory, &catalog));
    }
    findings_can_be_shown(&sources, found);
    for line in text.lines().take(50) {
        let read = reader::read_unfinished(line);
        assert!(read.is_ok() || read.is_err_and(|reason| !reason.is_empty()), "{line:?}");
    }
}

/// Reads a text as data. An error lies in the text; data is the same after being written and read.
fn data<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &str) -> Option<T> {
    match yaml::read::<T>(text) {
        Ok(value) => {
            let written = serde_json::to_string(&value);
            let again = written.as_ref().ok().map(|written| yaml::read::<T>(written));
            assert!(
                again.is_some_and(|again| again.as_ref() == Ok(&value)),
                "{value:?} is not read from {written:?}"
            );
            Some(value)
        }
        Err(error) => {
            assert!(
                text.get(error.at.clone()).is_some(),
                "{:?} is no part of {} bytes: {error}",
                error.at,
                text.len()
            );
            assert!(
                !error.text.is_empty() && error.text.len() < 2_000,
                "an error of {} bytes",
                error.text.len()
            );
            let (line, column) = error.line_column(text);
            assert!(line > 0 && column > 0, "{line}:{column}");
            None
        }
    }
}

/// Findings name their code and lie in their files, and no format lets anything through that commands a terminal.
///
/// # Panics
/// When one does not.
pub fn findings_can_be_shown(sources: &SourceMap, mut found: Vec<Diagnostic>) {
    for finding in &found {
        let code = finding.code.split_once('/');
        let kebab = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        assert!(code.is_some_and(|(family, name)| kebab(family) && kebab(name)), "{}", finding.code);
        assert!(
            !finding.message.is_empty() && !finding.message.contains('\n'),
            "{}: {}",
            finding.code,
            finding.message
        );
        let edits = finding.suggestions.iter().flat_map(|suggestion| &suggestion.edits).map(|edit| edit.span);
        for span in finding.labels.iter().map(|label| label.span).chain(edits) {
            lies_in(sources, span, finding.code);
        }
    }
    cutover_diagnostics::sort_and_dedup(&mut found);
    for format in [Format::Full, Format::Short, Format::Json, Format::Narrated] {
        let shown = render(format, sources, &found, &Options::default());
        let commands = |c: char| {
            c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert_eq!(shown.chars().find(|c| commands(*c)), None, "{format:?} lets a control character through");
        assert!(found.is_empty() || !shown.is_empty(), "{format:?} shows nothing");
    }
}

fn lies_in(sources: &SourceMap, span: Span, code: &str) {
    let text = sources.get(span.file).map(|file| file.text());
    let slice = text.and_then(|text| text.get(span.start as usize..span.end as usize));
    assert!(slice.is_some(), "{code}: {span:?} is no part of its file of {:?} bytes", text.map(str::len));
}
