//! Catalogs and inventories out of texts, with findings where something is wrong.

use std::ops::Range;

use cutover_diagnostics::{Diagnostic, FileId, Span};

use crate::builtin;
use crate::catalog::Catalog;
use crate::inventory::{Inventory, UnfinishedTicket};
use crate::inventory_rules;
use crate::overlay::{self, ExtendsError};
use crate::rules::{self, Broken};
use crate::yaml::{self, ReadError, Trouble};

/// Reads a team's catalog. `find` gives the catalog that it extends, by name: a team's own before one in the program.
///
/// A catalog with findings is given where it can be read at all, so that checking goes on.
pub fn read_catalog(
    file: FileId,
    text: &str,
    find: impl FnMut(&str) -> Option<Catalog>,
) -> (Option<Catalog>, Vec<Diagnostic>) {
    let catalog: Catalog = match yaml::read(text) {
        Ok(catalog) => catalog,
        Err(error) => return (None, vec![unreadable(file, text, &error)]),
    };
    let near = catalog.clone();
    let (mut whole, wrong) = overlay::resolve(catalog, find);
    if let Some(ExtendsError::Unknown { name }) = &wrong {
        // Checking goes on with the one that was probably meant.
        whole = nearest_builtin(name).and_then(Catalog::builtin).map(|mut base| {
            let meant = format!("{}@{}", base.name, base.revision);
            base.overlay(near);
            base.extends = Some(meant.into());
            base
        });
    }
    let mut findings: Vec<Diagnostic> =
        wrong.iter().map(|error| extends_finding(file, text, error)).collect();
    let broken = whole.as_ref().map(rules::broken).unwrap_or_default();
    findings.extend(capped(&broken, |broken| rule_finding(file, text, broken)));
    (whole, findings)
}

/// Reads an inventory: YAML, or JSON when the text begins with `{`. Whether it fits its catalog is asked by [`check_inventory`].
#[must_use]
pub fn read_inventory(file: FileId, text: &str) -> (Option<Inventory>, Vec<Diagnostic>) {
    match yaml::read(text) {
        Ok(inventory) => (Some(inventory), Vec::new()),
        Err(error) => (None, vec![unreadable(file, text, &error)]),
    }
}

/// What in an inventory does not fit the catalog of its platform.
#[must_use]
pub fn check_inventory(
    file: FileId,
    text: &str,
    inventory: &Inventory,
    catalog: &Catalog,
) -> Vec<Diagnostic> {
    capped(&inventory_rules::broken(inventory, catalog), |broken| {
        Diagnostic::error("inventory/rule", "this inventory contradicts itself or its catalog")
            .primary(
                span(file, yaml::locate(text, broken.path.iter().map(String::as_str))),
                broken.text.clone(),
            )
            .note(format!("at `{}`", broken.path.join("/")))
            .help("take the inventory anew, or correct it by hand and say so in `made_from`")
    })
}

/// Most broken rules that are shown of one text: the place of each is searched from its start.
const MOST_FINDINGS: usize = 100;

/// A finding for each of the first broken rules; the last one says how many more there are.
fn capped(broken: &[Broken], finding: impl Fn(&Broken) -> Diagnostic) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = broken.iter().take(MOST_FINDINGS).map(finding).collect();
    let left_out = broken.len() - findings.len();
    if left_out > 0
        && let Some(last) = findings.pop()
    {
        findings.push(last.note(format!("{left_out} more contradictions are not shown")));
    }
    findings
}

/// Reads one line of the table of unfinished tickets.
///
/// # Errors
/// What is wrong with the line, in words.
pub fn read_unfinished(line: &str) -> Result<UnfinishedTicket, String> {
    serde_json::from_str(line).map_err(|error| error.to_string())
}

fn span(file: FileId, at: Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(file, offset(at.start), offset(at.end))
}

fn unreadable(file: FileId, text: &str, error: &ReadError) -> Diagnostic {
    let at = span(file, error.at.clone());
    let label = error.text.clone();
    match error.trouble {
        Trouble::Syntax => Diagnostic::error("data/syntax", "this is neither YAML nor JSON")
            .primary(at, label)
            .help("quote a text that holds `:`, `#`, `*`, `&` or a bracket, and indent with blanks only"),
        Trouble::UnknownKey => {
            let found = Diagnostic::error("data/unknown-key", "this key does not exist").primary(at, label);
            let near = error.found.as_deref().and_then(|found| nearest(found, &error.expected));
            match near {
                Some(near) => found.replace(at, near),
                None => found.help(format!("the keys here are {}", listed(&error.expected))),
            }
        }
        Trouble::RepeatedKey => Diagnostic::error("data/repeated-key", "this key stands twice in one place")
            .primary(at, label)
            .help("put both into one, or delete one"),
        Trouble::MissingKey => {
            Diagnostic::error("data/missing-key", "a key is missing").primary(at, label).help("add it here")
        }
        Trouble::WrongValue => {
            let found =
                Diagnostic::error("data/wrong-value", "this value does not fit its key").primary(at, label);
            let near = error.found.as_deref().and_then(|found| nearest(found, &error.expected));
            match (near, error.expected.is_empty()) {
                (Some(near), _) => found.replace(at, near),
                (None, false) => found.help(format!("the words here are {}", listed(&error.expected))),
                (None, true) => found.help("quote a number or a date that is meant as a text"),
            }
        }
        Trouble::TooLarge | Trouble::TooDeep | Trouble::TooManyAliases => Diagnostic::error(
            "data/too-large",
            "this holds more, or nests deeper, than what is read",
        )
        .primary(at, label)
        .help("leave out distinct values and options that no map names, and write out what `*` stands for"),
    }
    .note_if(text.starts_with('\u{feff}'), "the file begins with a byte-order mark, which is passed over")
}

/// A note that only sometimes is true.
trait NoteIf {
    fn note_if(self, holds: bool, text: &'static str) -> Self;
}

impl NoteIf for Diagnostic {
    fn note_if(self, holds: bool, text: &'static str) -> Self {
        if holds { self.note(text) } else { self }
    }
}

fn rule_finding(file: FileId, text: &str, broken: &Broken) -> Diagnostic {
    Diagnostic::error("catalog/rule", "this catalog contradicts itself")
        .primary(span(file, yaml::locate(text, broken.path.iter().map(String::as_str))), broken.text.clone())
        .note(format!("at `{}`", broken.path.join("/")))
        .help("`cutover catalog show zendesk` shows a whole one")
}

fn extends_finding(file: FileId, text: &str, error: &ExtendsError) -> Diagnostic {
    let at = span(file, yaml::locate(text, ["extends"]));
    match error {
        ExtendsError::Malformed { text } => {
            Diagnostic::error("catalog/extends-form", "`extends` names a catalog and its revision")
                .primary(at, format!("`{text}` is not of this form"))
                .help("write it like `zendesk@7`")
        }
        ExtendsError::Unknown { name } => {
            let found =
                Diagnostic::error("catalog/extends-unknown", "`extends` names a catalog that does not exist")
                    .primary(at, format!("there is no catalog `{name}`"));
            match nearest_builtin(name) {
                Some(near) => {
                    found.help(format!("did you mean `{near}`? `cutover catalog list` shows its revision"))
                }
                None => found.help("`cutover catalog list` shows those in the program"),
            }
        }
        ExtendsError::OtherRevision { name, wanted, found } => {
            Diagnostic::error("catalog/extends-revision", "`extends` names another revision than there is")
                .primary(at, format!("`{name}` has revision {found}, not {wanted}"))
                .help(format!("read what changed in `{name}`, then write `{name}@{found}`"))
        }
        ExtendsError::Cycle { chain } => {
            Diagnostic::error("catalog/extends-cycle", "a catalog extends itself")
                .primary(at, chain.join(" extends "))
                .help("let the last of them extend nothing")
        }
    }
}

/// The name among those expected that is nearest to a wrong one, when it is near enough to be meant.
fn nearest<'a>(found: &str, expected: &'a [String]) -> Option<&'a str> {
    let near = expected.iter().map(|name| (strsim::damerau_levenshtein(found, name), name)).min()?;
    let allowed = found.chars().count().div_ceil(3).min(3);
    (near.0 <= allowed).then_some(near.1.as_str())
}

/// The catalog in the program whose name is nearest to a wrong one.
fn nearest_builtin(name: &str) -> Option<&'static str> {
    let names: Vec<String> = builtin::list().map(|listed| listed.name.to_owned()).collect();
    let near = nearest(name, &names)?;
    builtin::list().map(|listed| listed.name).find(|listed| *listed == near)
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
