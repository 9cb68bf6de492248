//! The table of unfinished tickets that an inventory names: it is there, it is the one that was scanned, and it holds what the
//! inventory counts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read as _};
use std::sync::Arc;

use cutover_analysis::manifest::Mention;
use cutover_catalog::inventory::Sidecar;
use cutover_catalog::{Catalog, Inventory, Part, yaml};
use cutover_diagnostics::{Diagnostic, FileId, Span};
use cutover_ir::predicate::StatusClass;
use cutover_plan::digest::Hashing;
use cutover_plan::text::numbers::number;
use serde::Deserialize;

use crate::project::{Project, outside, refused_file};
use crate::root::{Refused, Root};

/// Bytes of a line that are looked at in one go. Longer ones are no tickets, and only counted.
const MAX_LINE: u64 = 1 << 20;
/// States that are told apart.
const MAX_STATES: usize = 1_000;

/// What a table holds.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    sha256: String,
    lines: u64,
    by_status: BTreeMap<String, u64>,
}

/// An inventory and where it stands.
pub(crate) struct Named<'a> {
    /// Its path in the project.
    pub(crate) path: &'a str,
    pub(crate) file: FileId,
    pub(crate) text: &'a Arc<str>,
    pub(crate) inventory: &'a Inventory,
    pub(crate) catalog: Option<&'a Catalog>,
}

impl Named<'_> {
    fn span(&self, path: &[&str]) -> Span {
        let at = yaml::locate(self.text, path.iter().copied());
        let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span::new(self.file, offset(at.start), offset(at.end))
    }
}

const AGAIN: &str =
    "scan the export again onto this inventory: `cutover inventory scan EXPORT --platform NAME -o FILE`";

/// Tells what is wrong with the table. `known` is what was read of it before, by its length in bytes.
pub(crate) fn check(project: &mut Project, named: &Named<'_>, known: &mut Option<(u64, Held)>) {
    let Some(sidecar) = &named.inventory.unfinished else { return };
    let mention =
        Mention { text: sidecar.file.to_string(), span: named.span(&["unfinished", "file", &sidecar.file]) };
    let Some(path) = Root::resolve(named.path, &sidecar.file) else {
        project.diagnostics.push(outside(&mention));
        return;
    };
    let held = match held(&project.root, &path, known) {
        Ok(held) => held,
        Err(refused) => {
            project.diagnostics.push(refused_file(&mention, refused).help(AGAIN));
            return;
        }
    };
    project.diagnostics.extend(compare(named, sidecar, &held));
}

fn held(root: &Root, path: &str, known: &mut Option<(u64, Held)>) -> Result<Held, Refused> {
    let file = root.open(path)?;
    let length = file.metadata().map_err(Refused::Io)?.len();
    if let Some((_, held)) = known.as_ref().filter(|(known, _)| *known == length) {
        return Ok(held.clone());
    }
    let held = read(&mut BufReader::with_capacity(1 << 17, file)).map_err(Refused::Io)?;
    *known = Some((length, held.clone()));
    Ok(held)
}

#[derive(Deserialize)]
struct Ticket<'a> {
    #[serde(borrow)]
    status: Cow<'a, str>,
}

fn read(input: &mut dyn BufRead) -> io::Result<Held> {
    let mut hash = Hashing::default();
    let (mut lines, mut by_status) = (0, BTreeMap::<String, u64>::new());
    let mut line = Vec::new();
    let mut begun = false;
    loop {
        line.clear();
        if (&mut *input).take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(Held { sha256: hash.hex(), lines, by_status });
        }
        // The digest is of the table as the scan writes it.
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                hash.add(line);
                hash.add(b"\n");
            }
            None => hash.add(&line),
        }
        if !begun && !line.trim_ascii().is_empty() {
            lines += 1;
            if let Ok(Ticket { status }) = serde_json::from_slice(&line) {
                if let Some(count) = by_status.get_mut(&*status) {
                    *count += 1;
                } else if by_status.len() < MAX_STATES {
                    by_status.insert(status.into_owned(), 1);
                }
            }
        }
        begun = line.last() != Some(&b'\n');
    }
}

fn compare(named: &Named<'_>, sidecar: &Sidecar, held: &Held) -> Option<Diagnostic> {
    const SUMMARY: &str = "the table of unfinished tickets is not the one that the inventory names";
    if sidecar.sha256.as_deref().is_some_and(|sha256| *sha256 != held.sha256) {
        let begins = |digest: &str| digest.chars().take(12).collect::<String>();
        return Some(
            Diagnostic::error("inventory/unfinished", SUMMARY)
                .primary(
                    named.span(&["unfinished", "sha256"]),
                    format!("`{}` has another SHA-256: {}...", sidecar.file, begins(&held.sha256)),
                )
                .note("it was changed, or belongs to another scan; due times would be told of other tickets")
                .help(AGAIN),
        );
    }
    if let Some(count) = sidecar.count.filter(|count| *count != held.lines) {
        return Some(
            Diagnostic::error("inventory/unfinished#count", SUMMARY)
                .primary(
                    named.span(&["unfinished", "count"]),
                    format!("`{}` has {} lines, not {}", sidecar.file, number(held.lines), number(count)),
                )
                .help(AGAIN),
        );
    }
    states(named, held)
}

/// Which states are there depends on their classes, which may have been declared after the scan.
fn states(named: &Named<'_>, held: &Held) -> Option<Diagnostic> {
    let inventory = named.inventory;
    let catalog = named.catalog?;
    let (kind_name, kind) = catalog.kinds.iter().find(|(_, kind)| kind.part == Part::Ticket)?;
    let own = inventory.states.get(kind_name);
    let class = |status: &str| {
        let state = kind.states.as_ref().and_then(|states| states.values.get(status));
        Some(state.or_else(|| own?.get(status))?.class)
    };
    let profile = inventory.profile.get(kind_name)?;
    for (status, count) in profile.by_status.iter() {
        let there = held.by_status.get(status).copied().unwrap_or(0);
        let said = match class(status) {
            // A ticket that stands in the export twice is counted twice and stands in the table once.
            Some(StatusClass::Unfinished) if there == 0 && *count > 0 => {
                format!("{} unfinished tickets, and the table has none of them", number(*count))
            }
            Some(StatusClass::Unfinished) if there > *count => {
                format!("{} tickets, and the table has {} of them", number(*count), number(there))
            }
            Some(StatusClass::Finished) if there > 0 => {
                format!("this state is finished, and the table has {} such tickets", number(there))
            }
            _ => continue,
        };
        return Some(
            Diagnostic::error(
                "inventory/unfinished#states",
                "the table of unfinished tickets contradicts the inventory's states",
            )
            .primary(named.span(&["profile", kind_name, "by_status", status]), said)
            .note("a class that is declared under `states` counts from the next scan on")
            .help(AGAIN),
        );
    }
    None
}
