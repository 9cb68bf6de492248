//! Where something is declared, where it is used, and how it gets another name.

use std::collections::BTreeMap;

use cutover::editor::Snapshot;
use cutover_analysis::read::names::written;
use cutover_analysis::world::System;
use cutover_catalog::yaml;
use cutover_diagnostics::{FileId, Span};
use cutover_syntax::construct::construct;
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, SourceFile};
use cutover_syntax::value::plain_name;

use crate::spot::item_at;
use crate::things::{Scope, Thing, Use, uses};
use crate::words;

/// Where something is declared.
#[derive(Debug)]
pub(crate) enum Declared {
    /// In a spec.
    Spec(Span),
    /// In another file of the project, by its path there.
    File { path: String, start: usize, end: usize },
    /// On the page of a product, at a line.
    Page { platform: String, line: u32 },
}

/// What stands at a byte of a file, and what all else that stands there means.
pub(crate) fn at<'a>(scope: &'a Scope<'a>, file: &SourceFile, at: u32) -> Option<(Use, Span)> {
    let item = item_at(file, at)?;
    let cursor = at - item.source.base;
    // At the border of two words the one that begins is meant.
    let found = uses(scope, item)
        .into_iter()
        .rev()
        .find(|one| one.range.start <= cursor && cursor <= one.range.end)?;
    let span = item.span(found.range);
    Some((found, span))
}

/// All places of a thing, in order.
pub(crate) fn places<'a>(scope: &'a Scope<'a>, thing: &Thing) -> Vec<(Span, bool)> {
    let mut found = Vec::new();
    for item in &scope.cx.items {
        if !may_name(item, thing) {
            continue;
        }
        for one in uses(scope, item) {
            let span = item.span(one.range);
            match (&one.thing, thing) {
                (same, thing) if same == thing => found.push((span, one.declares)),
                // Fields of a table are written with its name before them.
                (Thing::Field { system, .. }, Thing::System(name))
                    if system == name
                        && item
                            .slice(one.range)
                            .strip_prefix(name.as_str())
                            .is_some_and(|rest| rest.starts_with('.')) =>
                {
                    let end = span.start + u32::try_from(name.len()).unwrap_or(0);
                    found.push((Span { end, ..span }, false));
                }
                _ => {}
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Whether an item can name something: most do not even hold the letters.
fn may_name(item: &Item, thing: &Thing) -> bool {
    let name = match thing {
        Thing::Person(name)
        | Thing::Item(_, name)
        | Thing::System(name)
        | Thing::Trigger(name)
        | Thing::Function(name)
        | Thing::Metric(name) => name,
        _ => return true,
    };
    let start = item.source.base as usize;
    let text = item.source.text.get(start..start + item.source.len as usize).unwrap_or_default();
    // A name with letters that can be written in two ways may look otherwise here.
    !name.is_ascii() || text.contains(name.as_str())
}

/// Where a thing is declared.
pub(crate) fn declared<'a>(
    scope: &'a Scope<'a>,
    snapshot: &Snapshot,
    from: FileId,
    thing: &Thing,
) -> Option<Declared> {
    let world = scope.world;
    match thing {
        Thing::Person(name) => scope.names().person(name).map(Declared::Spec),
        Thing::Item(keyword, name) => {
            scope.names().item(*keyword, name).map(|(_, span)| Declared::Spec(span))
        }
        Thing::System(name) => system(scope, name).map(Declared::Spec),
        Thing::Platform(name) => {
            page(world.systems.iter().find(|system| platform(system) == Some(name))?, None, None)
        }
        Thing::File(named) => {
            let path = beside(snapshot.sources().name(from), named)?;
            Some(Declared::File { path, start: 0, end: 0 })
        }
        Thing::Kind { system, kind } => {
            let system = world.system(system)?;
            in_inventory(snapshot, system, &["schema", kind]).or_else(|| page(system, Some(kind), None))
        }
        Thing::Field { system, kind, path } => {
            let system = world.system(system)?;
            let own = path
                .strip_prefix("custom.")
                .and_then(|name| in_inventory(snapshot, system, &["custom_fields", kind, name]));
            own.or_else(|| in_inventory(snapshot, system, &["schema", kind, "fields", path]))
                .or_else(|| page(system, Some(kind), Some(path)))
        }
        Thing::Choice { system, kind, path, option } => {
            let system = world.system(system)?;
            let name = path.strip_prefix("custom.").unwrap_or(path);
            let own = [
                vec!["custom_fields", kind, name, "options", option],
                vec!["options", kind, path, option],
                vec!["states", kind, option],
                vec!["profile", kind, "by_status", option],
                vec!["profile", kind, "fields", path, "values", option],
            ];
            own.iter()
                .find_map(|keys| in_inventory(snapshot, system, keys))
                .or_else(|| page(system, Some(kind), Some(path)))
        }
        Thing::Object { system, kind, .. } => {
            in_inventory(snapshot, world.system(system)?, &["objects", kind])
        }
        Thing::Word { system, kind, .. } => page(world.system(system)?, Some(kind), None),
        Thing::Trigger(name) => trigger(scope, name).map(Declared::Spec),
        Thing::Block(_)
        | Thing::Statement(..)
        | Thing::Clause(..)
        | Thing::Listed(..)
        | Thing::Function(_)
        | Thing::Metric(_) => None,
    }
}

/// Where a trigger of the way back has its name.
fn trigger(scope: &Scope<'_>, name: &str) -> Option<Span> {
    places(scope, &Thing::Trigger(name.to_owned()))
        .into_iter()
        .find(|(_, declares)| *declares)
        .map(|(span, _)| span)
}

/// The line of the migration that declares a system.
fn system(scope: &Scope<'_>, name: &str) -> Option<Span> {
    let migration = scope.cx.items.iter().find(|item| item.keyword == Some(ItemKw::Migration))?;
    migration.body_lines().iter().find_map(|line| {
        let first = migration.get(line.lead).first()?;
        let statement = line.statement?;
        let says = match statement {
            StmtKw::Table => migration.raw(*first),
            StmtKw::Source | StmtKw::Target | StmtKw::Sandbox => statement.text(),
            _ => return None,
        };
        let at = if statement == StmtKw::Table { *first } else { *migration.get(line.terms).first()? };
        (says == name).then(|| migration.span(at.range))
    })
}

fn platform<'s>(system: &'s System<'_>) -> Option<&'s str> {
    system.catalog.map(|catalog| &*catalog.name)
}

/// The page of a system's product, at the line of a kind or of one of its fields.
fn page(system: &System<'_>, kind: Option<&str>, field: Option<&str>) -> Option<Declared> {
    let platform = platform(system)?.to_owned();
    let text = words::page(&platform)?;
    let mut line = 0;
    let mut inside = kind.is_none();
    for (number, row) in (0_u32..).zip(text.lines()) {
        let words = row.trim_start();
        let indent = row.len() - words.len();
        let first = words.split_whitespace().next().unwrap_or_default();
        if indent == 2 && !inside && Some(first) == kind {
            inside = true;
            line = number;
        } else if indent == 2 && inside && kind.is_some() {
            break;
        } else if inside && indent >= 4 && Some(first) == field {
            line = number;
            break;
        }
    }
    Some(Declared::Page { platform, line })
}

/// A place in the inventory of a system, by the keys that lead there.
fn in_inventory(snapshot: &Snapshot, system: &System<'_>, keys: &[&str]) -> Option<Declared> {
    let path = snapshot.inventory_path(&system.name)?;
    let (_, file) = snapshot.sources().files().find(|(_, file)| file.name() == path)?;
    // The keys must be there one by one: `locate` gives the last one that it finds.
    let mut before = 0..0;
    for end in 1..=keys.len() {
        let place = yaml::locate(file.text(), keys.get(..end)?.iter().copied());
        if place == before || place.is_empty() {
            return None;
        }
        before = place;
    }
    Some(Declared::File { path: path.to_owned(), start: before.start, end: before.end })
}

/// The path of a file that a spec names.
pub(crate) fn beside(from: &str, named: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in named.split('/') {
        match part {
            "" => return None,
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Why something cannot be renamed, for people.
pub(crate) type Refused = String;

/// What of a use can be renamed: things that the spec itself names.
pub(crate) fn renamable(thing: &Thing) -> bool {
    match thing {
        Thing::Person(_) | Thing::Item(..) | Thing::Trigger(_) => true,
        Thing::System(name) => !matches!(name.as_str(), "source" | "target" | "sandbox"),
        _ => false,
    }
}

/// Whether a thing may be called so.
pub(crate) fn check_name(scope: &Scope<'_>, thing: &Thing, name: &str) -> Result<(), Refused> {
    let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !letters || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(format!(
            "`{name}` is not a name: it begins with a small letter and holds letters, digits and `_`"
        ));
    }
    let words = ItemKw::ALL.iter().map(|keyword| keyword.text());
    let words = words
        .chain(StmtKw::ALL.iter().map(|keyword| keyword.text()))
        .chain(ClauseKw::ALL.iter().map(|keyword| keyword.text()));
    let words = words.chain(cutover_syntax::keywords::VALUE_WORDS.iter().copied());
    if words.flat_map(|text| [text, text.split(' ').next().unwrap_or(text)]).any(|word| word == name) {
        return Err(format!("`{name}` is a word of the language"));
    }
    let taken = match thing {
        Thing::Person(_) => scope.names().person(name).is_some(),
        Thing::Item(ItemKw::Translate, _) => {
            scope.names().item(ItemKw::Translate, name).is_some()
                || cutover_ir::functions::find(name).is_some()
        }
        Thing::Item(keyword, _) => scope.names().item(*keyword, name).is_some(),
        Thing::Trigger(_) => trigger(scope, name).is_some(),
        Thing::System(_) => {
            let kinds = [scope.world.source(), scope.world.target()];
            scope.world.system(name).is_some()
                || kinds.into_iter().flatten().any(|system| system.kind(name).is_some())
        }
        _ => true,
    };
    if taken { Err(format!("something is called `{name}` already")) } else { Ok(()) }
}

/// The places that a new name has to be written to, by file. An item with signatures, which `signed` knows by its id, keeps them: its
/// line says what it was called.
pub(crate) fn rename<'a>(
    scope: &'a Scope<'a>,
    thing: &Thing,
    name: &str,
    signed: &dyn Fn(&str) -> bool,
) -> Result<BTreeMap<FileId, Vec<(Span, String)>>, Refused> {
    check_name(scope, thing, name)?;
    let mut edits: BTreeMap<FileId, Vec<(Span, String)>> = BTreeMap::new();
    for (span, _) in places(scope, thing) {
        edits.entry(span.file).or_default().push((span, name.to_owned()));
    }
    if let Thing::Item(keyword, old) = thing
        && let Some((span, text)) = former(scope, *keyword, old, name, signed)
    {
        edits.entry(span.file).or_default().push((span, text));
    }
    for places in edits.values_mut() {
        places.sort();
        places.dedup();
    }
    Ok(edits)
}

/// What has to be written about an item's former name, and where.
fn former(
    scope: &Scope<'_>,
    keyword: ItemKw,
    old: &str,
    new: &str,
    signed: &dyn Fn(&str) -> bool,
) -> Option<(Span, String)> {
    let id = |name: &str| format!("{}/{name}", keyword.text().replace(' ', "_"));
    let takes =
        construct(keyword).is_some_and(|row| row.clauses.iter().any(|rule| rule.keyword == ClauseKw::Was));
    if !takes || !signed(&id(old)) {
        return None;
    }
    let (item, _) = scope.names().item(keyword, old)?;
    let head = item.head()?;
    if let Some(clause) = head.clause(ClauseKw::Was) {
        // Of two former names the one that was signed last counts.
        let range = item.range(clause.terms)?;
        return (plain_name(item.slice(range)) != new).then(|| (item.span(range), written(old)));
    }
    let last = item.range(head.lead)?;
    let behind = Span { start: item.span(last).end, ..item.span(last) };
    Some((behind, format!("  was {}", written(old))))
}
