//! Findings that only repeat what reading the text has already found.

mod absences;

use std::collections::{BTreeMap, BTreeSet};

use cutover_analysis::context::name_of;
use cutover_diagnostics::{Diagnostic, FileId, SourceMap, Span};
use cutover_syntax::keywords::{ItemKw, StmtKw};
use cutover_syntax::tree::{Item, SourceFile};

use absences::ABSENCES;

/// Errors of the family `syntax` after which a whole item may be missing: one that is not known, one that stands in another because
/// of a lost sign.
const SWALLOWING: [&str; 7] = [
    "bad-signature",
    "confusable-keyword",
    "missing-brace",
    "stray-brace",
    "unknown-item",
    "unterminated-name",
    "unterminated-text",
];

/// The items that could not be read whole.
#[derive(Default)]
struct Broken {
    keywords: BTreeSet<ItemKw>,
    /// From where each begins to where it ends.
    places: BTreeMap<(FileId, u32), u32>,
}

/// Drops from `found` what follows from the errors of reading in `read`: all findings of a line that could not be read, those about
/// something that seems to be missing and may stand in what could not be read, and those about a name that a line which could not be
/// read was about to give. They come back as soon as the text can be read, if there is a reason.
pub(crate) fn drop_echoes(
    sources: &SourceMap,
    files: &[&SourceFile],
    read: &[Diagnostic],
    found: &mut Vec<Diagnostic>,
) {
    let line = |span: Span| (span.file, sources.location(span).line);
    let errors = read.iter().filter(|finding| finding.is_error() && finding.code.starts_with("syntax/"));
    let errors: Vec<&Diagnostic> = errors.collect();
    let mut spans: Vec<Span> = errors.iter().filter_map(|error| error.span()).collect();
    let lines: BTreeSet<(FileId, _)> = spans.iter().copied().map(line).collect();
    let given = given(sources, files, &errors);
    // A name that nothing has was meant to say something: what seems to be missing may be that.
    spans.extend(found.iter().filter(|finding| is_slip(finding)).filter_map(|finding| finding.span()));
    fold_people(found);
    // What stands in a file that could not be taken in is neither named nor missing.
    let untaken = untaken(files, read, &errors);
    if untaken {
        found.retain(|finding| absence(finding).is_none() && !is_unknown_item(finding));
    }
    if spans.is_empty() {
        return;
    }
    // The rest of a length of time that could not be read.
    let cut = found.iter().filter(|finding| matches!(finding.code, "types/not-a-duration"));
    let cut: BTreeSet<(FileId, u32)> = cut.filter_map(|finding| finding.span()).map(line).collect();
    found.retain(|finding| {
        !matches!(finding.code, "metrics/extra-words")
            || finding.span().is_none_or(|span| !cut.contains(&line(span)))
    });
    found.retain(|finding| !given.gives(sources, finding));
    // Without the two systems nothing is known about anything.
    if !lines.is_empty() && systems_lost(files, &errors) {
        found.retain(|finding| {
            finding.code.starts_with("syntax/") || is_slip(finding) && !needs_systems(finding)
        });
        return;
    }
    let swallowed = errors
        .iter()
        .filter_map(|error| error.code.strip_prefix("syntax/"))
        .any(|name| SWALLOWING.contains(&name));
    let broken = broken(files, &spans).filter(|broken| {
        // On the two systems everything rests.
        !swallowed && !broken.keywords.contains(&ItemKw::Migration)
    });
    let open = open_blocks(files, &errors);
    found.retain(|finding| {
        let repeats = match &broken {
            None => absence(finding).is_some(),
            Some(broken) => may_hold(broken, finding),
        };
        // Lines of other blocks stand in a block that is not closed.
        let strayed = || unknown_name(finding).is_some() && inside(&open, finding);
        !repeats && !finding.span().is_some_and(|span| lines.contains(&line(span))) && !strayed()
    });
}

/// Whether a system is not declared because a line could not be read: the migration as a whole, or that of the source or the target.
fn systems_lost(files: &[&SourceFile], errors: &[&Diagnostic]) -> bool {
    let mut migrations = files
        .iter()
        .flat_map(|file| &file.items)
        .filter(|item| item.keyword == Some(ItemKw::Migration) && !item.body_lines().is_empty());
    let Some(item) = migrations.next() else { return true };
    let says = |statement| item.body_lines().iter().any(|line| line.statement == Some(statement));
    let within = |span: Span| {
        span.file == item.source.file
            && (item.source.base..item.source.base + item.source.len).contains(&span.start)
    };
    !(says(StmtKw::Source) && says(StmtKw::Target))
        && errors.iter().filter_map(|error| error.span()).any(within)
}

/// Drops what is said about files on lines that could not be read: their names may be longer or shorter than it seems.
pub(crate) fn drop_files(sources: &SourceMap, read: &mut Vec<Diagnostic>) {
    let line = |span: Span| (span.file, sources.location(span).line);
    let syntax = |finding: &&Diagnostic| finding.is_error() && finding.code.starts_with("syntax/");
    let lines: BTreeSet<(FileId, u32)> =
        read.iter().filter(syntax).filter_map(|one| one.span()).map(line).collect();
    if lines.is_empty() {
        return;
    }
    read.retain(|one| {
        !one.code.starts_with("files/") || one.span().is_none_or(|span| !lines.contains(&line(span)))
    });
}

/// Names that lines which could not be read would have given.
#[derive(Default)]
struct Given {
    names: BTreeSet<String>,
}

/// The name behind the first word of each line with an error, `october` of `bsaeline october`, and what the first word was meant to be.
fn given(sources: &SourceMap, files: &[&SourceFile], errors: &[&Diagnostic]) -> Given {
    let mut given = Given::default();
    for error in errors {
        let Some(span) = error.span() else { continue };
        let item = item_at(files, span).filter(|item| item.keyword == Some(ItemKw::Translate));
        given.names.extend(item.and_then(name_of).map(|(name, _)| name));
        let text = sources.text(span.file);
        let before = text.get(..span.start as usize).unwrap_or_default();
        let start = before.rfind(['\n', '\r', ';', '{']).map_or(0, |at| at + 1);
        let rest = text.get(start..).unwrap_or_default();
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        given.names.extend(line.split_whitespace().nth(1).and_then(name_at).map(str::to_owned));
        for edit in error.suggestions.iter().flat_map(|suggestion| &suggestion.edits) {
            given.names.extend(name_at(&edit.replacement).map(str::to_owned));
        }
    }
    given
}

/// The name that a text begins with.
fn name_at(text: &str) -> Option<&str> {
    let text = text.strip_prefix('`').unwrap_or(text);
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.get(..end).filter(|name| !name.is_empty())
}

impl Given {
    /// Whether a finding misses such a name, or stands on a line that leads through a translation of such a name.
    fn gives(&self, sources: &SourceMap, finding: &Diagnostic) -> bool {
        let Some(span) = finding.span().filter(|_| !self.names.is_empty()) else { return false };
        if unknown_name(finding).is_some() {
            return name_at(sources.slice(span)).is_some_and(|name| self.names.contains(name));
        }
        if !matches!(finding.code, "types/function" | "types/mismatch") {
            return false;
        }
        let text = sources.text(span.file);
        let start = text.get(..span.start as usize).unwrap_or_default();
        let start = start.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line = text.get(start..).unwrap_or_default().split(['\n', '\r']).next().unwrap_or_default();
        let by = line.split_once(" by ").map_or("", |(_, by)| by);
        by.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| self.names.contains(word))
    }
}

/// Whether a file that the spec takes in could not be read, or the line that takes it in could not.
fn untaken(files: &[&SourceFile], read: &[Diagnostic], errors: &[&Diagnostic]) -> bool {
    let meant = |finding: &Diagnostic| {
        let mut edits = finding.suggestions.iter().flat_map(|one| &one.edits);
        matches!(finding.code, "syntax/unknown-item")
            && edits.any(|edit| edit.replacement == ItemKw::Use.text())
    };
    let refused = |finding: &Diagnostic| {
        let stands = finding.code.starts_with("files/") || finding.code.starts_with("syntax/");
        let item = finding.span().filter(|_| stands && finding.is_error()).and_then(|at| item_at(files, at));
        item.is_some_and(|item| item.keyword == Some(ItemKw::Use))
    };
    let foreign = |finding: &Diagnostic| matches!(finding.site, "files/no-spec#text");
    errors.iter().any(|error| meant(error)) || read.iter().any(|one| refused(one) || foreign(one))
}

/// Whether a finding misses an item of the spec, which another file could hold.
fn is_unknown_item(finding: &Diagnostic) -> bool {
    matches!(unknown_name(finding), Some("item" | "function" | "person" | "subject" | "system"))
}

/// The blocks that are not closed: from where each begins to where it ends.
fn open_blocks(files: &[&SourceFile], errors: &[&Diagnostic]) -> BTreeMap<(FileId, u32), u32> {
    let open = errors.iter().filter(|error| matches!(error.code, "syntax/missing-brace"));
    let items = open.filter_map(|error| item_at(files, error.span()?));
    items.map(|item| ((item.source.file, item.source.base), item.source.base + item.source.len)).collect()
}

/// The item in which a place lies.
fn item_at<'f>(files: &[&'f SourceFile], span: Span) -> Option<&'f Item> {
    let items = &files.iter().find(|file| file.file == span.file)?.items;
    let behind = items.partition_point(|item| item.source.base <= span.start);
    items.get(behind.checked_sub(1)?)
}

/// Whether a finding stands in one of these places.
fn inside(places: &BTreeMap<(FileId, u32), u32>, finding: &Diagnostic) -> bool {
    finding.span().is_some_and(|span| {
        let before = places.range(..=(span.file, span.start)).next_back();
        before.is_some_and(|((file, _), end)| *file == span.file && span.start < *end)
    })
}

/// What a finding calls a name that is spelled like nothing that is known: `kind` of `unknown-kind`.
fn unknown_name(finding: &Diagnostic) -> Option<&'static str> {
    let (family, name) = finding.code.split_once('/')?;
    name.strip_prefix("unknown-").filter(|_| family == "names")
}

/// Findings beside names that nothing has, after which part of a line is not known: what it was meant to say may be what is missed.
const SLIPS: [(&str, &str); 5] = [
    ("golive", "load-what"),
    ("metrics", "extra-words"),
    ("metrics", "unknown"),
    ("types", "not-a-duration"),
    ("types", "when-missing"),
];

/// Whether a finding is about such a name, or about words that say nothing.
fn is_slip(finding: &Diagnostic) -> bool {
    finding.is_error()
        && (unknown_name(finding).is_some()
            || finding.code.split_once('/').is_some_and(|code| SLIPS.contains(&code)))
}

fn needs_systems(finding: &Diagnostic) -> bool {
    !matches!(unknown_name(finding), Some("function" | "item" | "person" | "word"))
}

/// A person who is misspelled in the team is missing wherever they do something: one mistake, told once.
fn fold_people(found: &mut Vec<Diagnostic>) {
    let name = |finding: &Diagnostic| {
        let label = finding.labels.first().filter(|_| unknown_name(finding) == Some("person"))?;
        Some(label.text.to_string())
    };
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for finding in found.iter() {
        if let Some(name) = name(finding) {
            *uses.entry(name).or_default() += 1;
        }
    }
    let mut told = BTreeSet::new();
    found.retain_mut(|finding| {
        let Some(name) = name(finding) else { return true };
        let more = uses.get(&name).copied().unwrap_or(1).saturating_sub(1);
        if !told.insert(name) {
            return false;
        }
        if more > 0 {
            let note = if more == 1 { "and once more".to_owned() } else { format!("and {more} times more") };
            finding.notes.push(note.into());
        }
        true
    });
}

/// The items in which errors of reading stand; none when an error stands in no item.
fn broken(files: &[&SourceFile], spans: &[Span]) -> Option<Broken> {
    let by_file: BTreeMap<FileId, &[Item]> =
        files.iter().map(|file| (file.file, file.items.as_slice())).collect();
    let mut broken = Broken::default();
    for span in spans {
        let items = by_file.get(&span.file)?;
        let behind = items.partition_point(|item| item.source.base <= span.start);
        let item = items.get(behind.checked_sub(1)?)?;
        broken.keywords.insert(item.keyword?);
        broken.places.insert((span.file, item.source.base), item.source.base + item.source.len);
    }
    Some(broken)
}

/// The items that could hold what a finding misses; none when it misses nothing.
fn absence(finding: &Diagnostic) -> Option<&'static [ItemKw]> {
    let (family, name) = finding.code.split_once('/').unwrap_or((finding.code, ""));
    let row = |(one, names, _): &&(&str, &[&str], &[ItemKw])| {
        *one == family && (names.is_empty() || names.contains(&name))
    };
    ABSENCES.iter().find(row).map(|(_, _, items)| *items)
}

/// Whether an item that could not be read whole may hold what a finding misses.
fn may_hold(broken: &Broken, finding: &Diagnostic) -> bool {
    let Some(items) = absence(finding) else { return false };
    // What asks for a whole item shows in its help how one begins.
    let begins = |keyword: &ItemKw| {
        let begins = format!("`{}", keyword.text());
        finding.help.iter().any(|help| help.contains(&begins))
    };
    inside(&broken.places, finding)
        || items.iter().any(|item| broken.keywords.contains(item))
        || broken.keywords.iter().any(begins)
}
