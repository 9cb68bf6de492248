//! What changed in meaning between two compilations or bundles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cutover_analysis::World;
use cutover_analysis::world::System;
use cutover_diff::{Counts, Diff, Side};
use cutover_ir::Id;
use cutover_ir::map::Source as MapSource;
use cutover_ir::predicate::Literal;
use cutover_plan::Plan;
use cutover_plan::bundle::{Bundle, Place, Places};
use cutover_plan::model::Content;

use crate::Compilation;
use crate::systems::Account;

/// A plan that can be compared, and where its ids stand.
#[derive(Debug)]
pub struct Compared {
    /// The plan; a draft when the spec has mistakes.
    pub plan: Plan,
    /// Where its ids stand in the spec.
    pub places: Places,
    /// What is wrong with it, each mistake in its fixed sentence, sorted. A bundle has none.
    pub mistakes: Vec<String>,
    /// The compilation that it comes from, and the project's folder: what numbers are counted with. A bundle has none.
    pub counted: Option<(PathBuf, Compilation)>,
}

impl Compared {
    /// What a spec gives, with what its inventories tell about the records concerned.
    #[must_use]
    pub fn of(root: &Path, compilation: Compilation) -> Compared {
        let places = places(&compilation);
        let mistakes = mistakes(&compilation);
        let plan = compilation.plan.clone();
        Compared { plan, places, mistakes, counted: Some((root.to_owned(), compilation)) }
    }

    /// With places named from another folder: `folder` is where the project lies as seen from there.
    #[must_use]
    pub fn under(mut self, folder: &str) -> Compared {
        let folder = folder.trim_end_matches('/');
        if !folder.is_empty() && folder != "." {
            let moved = |(id, place): (&Id, &Place)| {
                let file = format!("{folder}/{}", place.file);
                (id.clone(), Place { file, ..place.clone() })
            };
            self.places = self.places.iter().map(moved).collect();
        }
        self
    }
}

impl From<Bundle> for Compared {
    fn from(bundle: Bundle) -> Self {
        Compared { plan: bundle.plan, places: bundle.places, mistakes: Vec::new(), counted: None }
    }
}

impl From<Compilation> for Compared {
    fn from(compilation: Compilation) -> Self {
        let places = places(&compilation);
        let mistakes = mistakes(&compilation);
        Compared { plan: compilation.plan, places, mistakes, counted: None }
    }
}

fn mistakes(compilation: &Compilation) -> Vec<String> {
    let errors = compilation.diagnostics.iter().filter(|finding| finding.is_error());
    let mut said: Vec<String> = errors.map(|finding| finding.message.to_string()).collect();
    said.sort();
    said
}

/// The sentences that stand oftener among the newer ones, each as often as that.
fn new_ones(old: &[String], new: &[String]) -> Vec<String> {
    let mut old = old.iter().peekable();
    let mut fresh = Vec::new();
    for one in new {
        while old.next_if(|known| *known < one).is_some() {}
        if old.next_if(|known| *known == one).is_none() {
            fresh.push(one.clone());
        }
    }
    fresh
}

/// Where the ids of a compilation stand, as files name places.
#[must_use]
pub fn places(compilation: &Compilation) -> Places {
    let place = |(id, span): (&Id, cutover_diagnostics::Span)| {
        let location = compilation.sources.location(span);
        let file = compilation.sources.name(span.file).to_owned();
        (id.clone(), Place { file, line: location.line, column: location.column })
    };
    compilation.places.sorted().into_iter().map(place).collect()
}

/// Compares two plans by meaning, and counts the due dates that change when both come from specs whose clocks can be computed.
#[must_use]
pub fn compare_counting(old: &Compared, new: &Compared) -> Diff {
    let values = values(old, new);
    let diff = compare(old, new, &Counts { values: values.clone(), ..Counts::default() });
    // To look at each ticket costs more than all the rest.
    let asked = diff.changes.iter().any(|change| {
        ["sla", "calendar"].contains(&change.id.kind())
            && matches!(change.affected, cutover_diff::Affected::NotComputed { .. })
    });
    if !asked {
        return diff;
    }
    let (Some((_, was)), Some((root, is))) = (&old.counted, &new.counted) else { return diff };
    // Clocks of a draft may be wrong, and a wrong number is worse than none.
    if was.errors() > 0 || is.errors() > 0 {
        return diff;
    }
    match crate::sla::moved::due_dates(was, is, root) {
        Some(due_dates) => compare(old, new, &Counts { due_dates, values, ..Counts::default() }),
        None => diff,
    }
}

/// How many records of the old account hold the value of each row of the translations, by the inventory of the newer side. A row that serves a
/// field of which nobody knows the values has no number.
fn values(old: &Compared, new: &Compared) -> BTreeMap<Id, u64> {
    let counted = new.counted.as_ref().or(old.counted.as_ref());
    let Some((_, compilation)) = counted else { return BTreeMap::new() };
    let world = World::new(compilation.remains.accounts.iter().map(Account::loaded).collect());
    let Some(source) = world.source() else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for plan in [&old.plan, &new.plan] {
        // The fields whose values go through each table, each once.
        let mut fields: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
        for item in plan.items.values() {
            let Content::Map(map) = &item.content else { continue };
            for row in &map.rows {
                let ([MapSource::Field(path)], Some(call)) = (row.from.as_slice(), row.pipe.first()) else {
                    continue;
                };
                if let ("translate", Some(Literal::Text(table))) = (call.function.as_str(), call.args.first())
                {
                    fields.entry(table).or_default().insert((&map.source, path));
                }
            }
        }
        for item in plan.items.values() {
            let Content::Translate(table) = &item.content else { continue };
            let name = table.id.as_str().split('/').nth(1).unwrap_or_default();
            let Some(fields) = fields.get(name) else { continue };
            for row in table.rows.iter().filter(|row| !row.pattern.wildcard && !row.pattern.any_case) {
                let held = fields.iter().map(|(kind, path)| held(source, kind, path, &row.pattern.text));
                if let Some(count) = held.sum::<Option<u64>>() {
                    found.insert(row.id.clone(), count);
                }
            }
        }
    }
    found
}

/// How many records of a kind hold a value, where the inventory tells.
fn held(source: &System<'_>, kind: &str, path: &str, value: &str) -> Option<u64> {
    let kind = source.kind(kind)?;
    let is_state = kind.state_field().is_some_and(|states| *states.field == *path);
    let by_status = kind.profile.filter(|_| is_state).and_then(|profile| profile.by_status.get(value));
    by_status.or_else(|| kind.field(path)?.profile?.values.get(value)).copied()
}

/// Compares two plans by meaning, with what the inventories tell about the records concerned.
#[must_use]
pub fn compare(old: &Compared, new: &Compared, counts: &Counts) -> Diff {
    let counts = Counts { mistakes: new_ones(&old.mistakes, &new.mistakes), ..counts.clone() };
    cutover_diff::compare(
        Side { plan: &old.plan, places: &old.places },
        Side { plan: &new.plan, places: &new.places },
        &counts,
    )
}
