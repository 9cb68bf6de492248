//! What changed in meaning between two compilations or bundles.

use std::path::{Path, PathBuf};

use cutover_diff::{Counts, Diff, Side};
use cutover_ir::Id;
use cutover_plan::Plan;
use cutover_plan::bundle::{Bundle, Place, Places};

use crate::Compilation;

/// A plan that can be compared, and where its ids stand.
#[derive(Debug)]
pub struct Compared {
    /// The plan; a draft when the spec has mistakes.
    pub plan: Plan,
    /// Where its ids stand in the spec.
    pub places: Places,
    /// The compilation that it comes from, and the project's folder: what numbers are counted with. A bundle has none.
    pub counted: Option<(PathBuf, Compilation)>,
}

impl Compared {
    /// What a spec gives, with what its inventories tell about the records concerned.
    #[must_use]
    pub fn of(root: &Path, compilation: Compilation) -> Compared {
        let places = places(&compilation);
        Compared { plan: compilation.plan.clone(), places, counted: Some((root.to_owned(), compilation)) }
    }
}

impl From<Bundle> for Compared {
    fn from(bundle: Bundle) -> Self {
        Compared { plan: bundle.plan, places: bundle.places, counted: None }
    }
}

impl From<Compilation> for Compared {
    fn from(compilation: Compilation) -> Self {
        let places = places(&compilation);
        Compared { plan: compilation.plan, places, counted: None }
    }
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
    let diff = compare(old, new, &Counts::default());
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
        Some(due_dates) => compare(old, new, &Counts { due_dates, ..Counts::default() }),
        None => diff,
    }
}

/// Compares two plans by meaning, with what the inventories tell about the records concerned.
#[must_use]
pub fn compare(old: &Compared, new: &Compared, counts: &Counts) -> Diff {
    cutover_diff::compare(
        Side { plan: &old.plan, places: &old.places },
        Side { plan: &new.plan, places: &new.places },
        counts,
    )
}
