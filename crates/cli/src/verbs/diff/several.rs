//! `cutover diff` over a folder that holds several specs: each is compared with what it was.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use cutover_diagnostics::FileId;
use cutover_diff::{Diff, render};
use cutover_syntax::again::Parsed;
use cutover_syntax::keywords::ItemKw;
use cutover_syntax::value::plain_name;

use super::{Side, bundle_of};
use crate::args::{Color, DiffFormat, SpecArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// A spec on both sides, seen from the folders that are compared; on one side where the other has none.
pub(super) struct Pair {
    old: Option<PathBuf>,
    new: Option<PathBuf>,
}

/// The specs of both sides; none where a spec or a plan is named on either side.
pub(super) fn specs(old: &Side, new: &Side) -> Result<Option<Vec<Pair>>, Failure> {
    let sides = [old, new];
    if sides.iter().any(|side| !side.path.is_dir() || bundle_of(&side.path).is_some()) {
        return Ok(None);
    }
    let mut several = false;
    let mut below = |side: &Side| -> Result<BTreeSet<PathBuf>, Failure> {
        let spec = SpecArgs { spec: side.path.clone(), root: side.root.clone(), color: Color::Never };
        several |= output::has_several(&spec)?;
        let found = cutover::several::specs_below(&side.path)
            .map_err(|failure| Failure::new(failure.to_string()).because(failure.source))?;
        Ok(found.iter().filter_map(|spec| Some(spec.strip_prefix(&side.path).ok()?.to_owned())).collect())
    };
    let (was, is) = (below(old)?, below(new)?);
    let pairs = pairs(old, new, was, is);
    Ok((several && !pairs.is_empty()).then_some(pairs))
}

/// A spec that is gone and one that is new are one when they are of one migration.
fn pairs(old: &Side, new: &Side, was: BTreeSet<PathBuf>, is: BTreeSet<PathBuf>) -> Vec<Pair> {
    let (kept, come): (BTreeSet<PathBuf>, BTreeSet<PathBuf>) =
        is.into_iter().partition(|spec| was.contains(spec));
    let mut gone: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let mut pairs: Vec<Pair> = Vec::new();
    for spec in was.into_iter().filter(|spec| !kept.contains(spec)) {
        match migration(old, &spec).filter(|_| !come.is_empty()) {
            Some(name) => gone.entry(name).or_default().push(spec),
            None => pairs.push(Pair { old: Some(spec), new: None }),
        }
    }
    pairs.extend(kept.into_iter().map(|spec| Pair { old: Some(spec.clone()), new: Some(spec) }));
    for spec in come {
        let was = migration(new, &spec).and_then(|name| {
            let found = gone.get_mut(&name)?;
            // In the same folder, under the same name, or else the first one.
            let like = |other: &PathBuf| other.parent() == spec.parent();
            let named = |other: &PathBuf| other.file_name() == spec.file_name();
            let at = found.iter().position(like).or_else(|| found.iter().position(named)).unwrap_or_default();
            (at < found.len()).then(|| found.remove(at))
        });
        pairs.push(Pair { old: was, new: Some(spec) });
    }
    pairs.extend(gone.into_values().flatten().map(|spec| Pair { old: Some(spec), new: None }));
    pairs.sort_by(|a, b| (a.new.as_ref().or(a.old.as_ref())).cmp(&b.new.as_ref().or(b.old.as_ref())));
    pairs
}

/// The name of a spec's migration.
fn migration(side: &Side, spec: &Path) -> Option<String> {
    let text = std::fs::read_to_string(side.path.join(spec)).ok()?;
    let parsed = Parsed::new(FileId(0), &text.as_str().into());
    let item = parsed.tree.items.iter().find(|item| item.keyword == Some(ItemKw::Migration))?;
    item.terms.iter().map(|term| plain_name(item.raw(*term)).into_owned()).find(|name| name != "migration")
}

/// Compares them one after the other.
pub(super) fn run(old: &Side, new: &Side, specs: &[Pair], format: DiffFormat) -> Result<Exit, Failure> {
    let mut found: Vec<(String, Option<String>, Option<Diff>)> = Vec::with_capacity(specs.len());
    for Pair { old: was, new: is } in specs {
        let diff = match (was, is) {
            (Some(was), Some(is)) => {
                Some(cutover::compare_counting(&old.compiled(Some(was))?, &new.compiled(Some(is))?))
            }
            _ => None,
        };
        let name = |spec: &PathBuf| shown(new, spec);
        let spec = is.as_ref().or(was.as_ref()).map(name).unwrap_or_default();
        found.push((spec, was.as_ref().map(name), diff));
    }
    let became: Vec<(&str, render::Became<'_>)> = found
        .iter()
        .map(|(spec, was, diff)| {
            let became = match (was, diff) {
                (Some(was), Some(diff)) if was != spec => render::Became::Renamed(was, diff),
                (_, Some(diff)) => render::Became::Both(diff),
                (Some(_), None) => render::Became::Gone,
                (None, None) => render::Became::New,
            };
            (spec.as_str(), became)
        })
        .collect();
    let text = match format {
        DiffFormat::Text => render::terminal_of(&became),
        DiffFormat::Markdown => render::markdown_of(&became),
        DiffFormat::Json => render::json_of(&became),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(if became.iter().any(|(_, became)| became.is_change()) { Exit::Stale } else { Exit::Clean })
}

fn shown(side: &Side, spec: &Path) -> String {
    let folder = side.shown.strip_prefix(".").unwrap_or(&side.shown);
    folder.join(spec).to_string_lossy().replace('\\', "/")
}
