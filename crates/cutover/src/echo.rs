//! Findings that only repeat what reading the text has already found.

use std::collections::{BTreeMap, BTreeSet};

use cutover_diagnostics::{Diagnostic, FileId, SourceMap, Span};
use cutover_syntax::keywords::ItemKw;
use cutover_syntax::tree::{Item, SourceFile};

/// Findings about something that is not there: while an item could not be read whole, it may stand in that item. Families with the
/// names in them (no names stand for all), and the items that could hold what is missed. The item at which the finding stands is
/// always one of them.
const ABSENCES: &[(&str, &[&str], &[ItemKw])] = &[
    ("announce", &["no-contact"], &[ItemKw::Team]),
    ("backup", &["part-missing"], &[ItemKw::Export]),
    ("capability", &["unsupported"], &[ItemKw::Accept, ItemKw::Map, ItemKw::Scope]),
    ("clean", &["duplicates", "orphans"], &[ItemKw::Clean, ItemKw::Map]),
    ("consumers", &["changed"], &[ItemKw::Inspect]),
    ("coverage", &["required-unset", "unmapped"], &[]),
    ("coverage", &["constraint"], &[ItemKw::Map, ItemKw::Clean]),
    ("escalations", &["nobody", "when", "whom"], &[]),
    ("golive", &["drained-not-held", "incomplete", "no-drain", "no-hold", "not-drained"], &[ItemKw::Inbound]),
    ("golive", &["tag-not-added"], &[ItemKw::Map]),
    ("graph", &["circle"], &[ItemKw::Map, ItemKw::Scope, ItemKw::Wave]),
    ("hypercare", &["part-missing", "never-stable"], &[]),
    ("inbound", &["undeclared"], &[ItemKw::Inbound]),
    ("integrations", &["none", "undeclared"], &[ItemKw::Integration]),
    ("integrations", &["not-switched"], &[ItemKw::GoLive, ItemKw::Integration]),
    ("loss", &["no-archive"], &[]),
    ("map", &["by-catalog", "missing"], &[ItemKw::Map]),
    (
        "metrics",
        &["missing", "not-produced"],
        &[ItemKw::Scope, ItemKw::Map, ItemKw::Baseline, ItemKw::Rehearse],
    ),
    ("migration", &["incomplete"], &[]),
    (
        "people",
        &["alone", "no-team", "nobody-decides", "not-tried-by-agents", "role-open", "tests-nothing"],
        &[ItemKw::Team],
    ),
    (
        "reach",
        &[
            "archive-outlives",
            "closed-too-early",
            "end-unproven",
            "not-rehearsed",
            "order",
            "unsigned",
            "waits-for-nothing",
        ],
        &[
            ItemKw::GoLive,
            ItemKw::Rehearse,
            ItemKw::Decommission,
            ItemKw::Scope,
            ItemKw::Check,
            ItemKw::Backup,
            ItemKw::Train,
        ],
    ),
    (
        "references",
        &["holder-left-behind", "later-wave", "left-behind"],
        &[ItemKw::Scope, ItemKw::Map, ItemKw::Wave, ItemKw::GoLive],
    ),
    ("rehearse", &["left-out"], &[]),
    ("required", &["announcement"], &[ItemKw::Announce]),
    ("required", &["criterion"], &[ItemKw::Criterion]),
    ("required", &["deputy"], &[ItemKw::Team]),
    ("required", &["restore-test"], &[]),
    ("required", &["review-area"], &[ItemKw::Check, ItemKw::Inspect]),
    ("required", &[], &[]),
    ("rollback", &["no-sample"], &[ItemKw::Check]),
    ("rollback", &["no-message", "no-undo", "nothing-kept", "not-measured"], &[]),
    ("scope", &["gap", "undecided", "unfinished-archived", "retired-and-rebuilt"], &[ItemKw::Scope]),
    ("scope", &["not-identified"], &[]),
    ("sla", &["not-decided"], &[ItemKw::Sla, ItemKw::Waive]),
    (
        "sla",
        &[
            "continuity",
            "no-clock",
            "no-continuity",
            "no-promise",
            "no-target",
            "pauses-lost",
            "status-missing",
            "unexplained",
            "unpaused-loss",
        ],
        &[ItemKw::Sla, ItemKw::Calendar],
    ),
    (
        "test",
        &["failed", "no-map", "no-promise", "nothing-expected", "open"],
        &[ItemKw::Map, ItemKw::Translate, ItemKw::Sla],
    ),
    ("translate", &["option-missing"], &[]),
    ("translate", &["unused"], &[ItemKw::Map, ItemKw::Clean]),
    ("truth", &["two-sources"], &[ItemKw::Truth]),
    ("waves", &["frozen-late"], &[ItemKw::Rehearse]),
    ("waves", &["no-gate"], &[ItemKw::Wave, ItemKw::Check]),
];

/// Errors of the family `syntax` after which a whole item may be missing: one that is not known, one that stands in another because
/// of a lost sign.
const SWALLOWING: [&str; 6] = [
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

/// Drops from `found` what follows from the errors of reading in `read`: all findings of a line that could not be read, and
/// those about something that seems to be missing and may stand in what could not be read. They come back as soon as the text can be
/// read, if there is a reason.
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
    // A name that nothing has was meant to say something: what seems to be missing may be that.
    spans.extend(found.iter().filter(|finding| is_slip(finding)).filter_map(|finding| finding.span()));
    fold_people(found);
    if spans.is_empty() {
        return;
    }
    // Without the two systems nothing is known about anything.
    let lost = |item: &Item| item.keyword == Some(ItemKw::Migration);
    if !lines.is_empty() && !files.iter().any(|file| file.items.iter().any(lost)) {
        found.retain(|finding| {
            finding.code.starts_with("syntax/") || is_slip(finding) && !needs_systems(finding)
        });
        return;
    }
    let swallowed = errors
        .iter()
        .filter_map(|error| error.code.strip_prefix("syntax/"))
        .any(|name| SWALLOWING.contains(&name));
    let broken = if swallowed { None } else { broken(files, &spans) };
    found.retain(|finding| {
        let repeats = match &broken {
            None => absence(finding).is_some(),
            Some(broken) => may_hold(broken, finding),
        };
        !repeats && !finding.span().is_some_and(|span| lines.contains(&line(span)))
    });
}

/// What a finding calls a name that is spelled like nothing that is known: `kind` of `unknown-kind`.
fn unknown_name(finding: &Diagnostic) -> Option<&'static str> {
    let (family, name) = finding.code.split_once('/')?;
    name.strip_prefix("unknown-").filter(|_| family == "names")
}

/// Whether a finding is about such a name.
fn is_slip(finding: &Diagnostic) -> bool {
    finding.is_error() && unknown_name(finding).is_some()
}

fn needs_systems(finding: &Diagnostic) -> bool {
    matches!(unknown_name(finding), Some("kind" | "field" | "system" | "object" | "option"))
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
    let inside = |span: Span| {
        let before = broken.places.range(..=(span.file, span.start)).next_back();
        before.is_some_and(|((file, _), end)| *file == span.file && span.start < *end)
    };
    // What asks for a whole item shows in its help how one begins.
    let begins = |keyword: &ItemKw| {
        let begins = format!("`{}", keyword.text());
        finding.help.iter().any(|help| help.contains(&begins))
    };
    finding.span().is_some_and(inside)
        || items.iter().any(|item| broken.keywords.contains(item))
        || broken.keywords.iter().any(begins)
}
