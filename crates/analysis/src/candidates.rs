//! What may stand at a decision that is open: for findings, and for the drafts that hold many of them.

use std::collections::BTreeMap;

use cutover_catalog::kind::Write as Writable;
use cutover_diagnostics::suggest::nearest;
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};

use crate::world::{FieldView, KindView};

/// What each imported kind of the source becomes.
pub type Kinds<'w> = BTreeMap<&'w str, &'w str>;

/// The sort of a field's values, without limits. With `kinds`, references are told by the kind that they come to mean; none when that one
/// stays behind.
#[must_use]
pub fn sort(field: &FieldView<'_>, kinds: Option<&Kinds<'_>>) -> Option<String> {
    let ty = field.field.ty.to_string();
    let whole = ty.split(['(', '?']).next().unwrap_or_default();
    let Some(kinds) = kinds else { return Some(whole.to_owned()) };
    match whole.rsplit_once("ref ") {
        Some((list, named)) => {
            let becomes: Option<Vec<&str>> = named.split('|').map(|kind| kinds.get(kind).copied()).collect();
            let mut becomes = becomes?;
            becomes.sort_unstable();
            becomes.dedup();
            Some(format!("{list}ref {}", becomes.join("|")))
        }
        None => Some(whole.to_owned()),
    }
}

/// At most `limit` fields of the target that an open decision may mean: what the catalogs say means the same, references to the same kind,
/// near names, then those of the same sort. `kinds` as in [`sort`].
#[must_use]
pub fn fields(
    field: FieldView<'_>,
    to: &KindView<'_>,
    kinds: Option<&Kinds<'_>>,
    limit: usize,
) -> Vec<String> {
    let writable =
        || to.fields().filter(|other| other.field.write != Writable::Never && !other.field.derived);
    let wanted = sort(&field, kinds);
    let alike = |other: &FieldView<'_>| wanted.is_some() && sort(other, None) == wanted;
    let refers = wanted.as_deref().is_some_and(|wanted| wanted.contains("ref "));
    let names: Vec<&str> = writable().map(|other| other.name).collect();
    let near = nearest(field.name, names, limit);
    let close = near.into_iter().filter_map(|name| writable().find(|other| other.name == name));
    let mut found: Vec<String> = Vec::new();
    let canon =
        writable().filter(|other| field.field.canon.is_some() && other.field.canon == field.field.canon);
    let same = writable().filter(|other| refers && alike(other));
    for other in canon.chain(same).chain(close).chain(writable().filter(alike)) {
        let name = written(other);
        if found.len() < limit && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// A field as specs write it: a name that is a keyword stands in backticks.
#[must_use]
pub fn written(field: FieldView<'_>) -> String {
    let path = field.path();
    let keyword = ItemKw::ALL
        .iter()
        .map(|keyword| keyword.text())
        .chain(StmtKw::ALL.iter().map(|keyword| keyword.text()));
    let mut keyword = keyword.chain(ClauseKw::ALL.iter().map(|keyword| keyword.text()));
    if keyword.any(|keyword| keyword == path) { format!("`{path}`") } else { path }
}
