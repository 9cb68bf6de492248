//! What changed in meaning between two compilations or bundles.

use cutover_diff::{Counts, Diff, Side};
use cutover_ir::Id;
use cutover_plan::Plan;
use cutover_plan::bundle::{Bundle, Place, Places};

use crate::Compilation;

/// A plan that can be compared, and where its ids stand.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The plan; a draft when the spec has mistakes.
    pub plan: Plan,
    /// Where its ids stand in the spec.
    pub places: Places,
}

impl From<Bundle> for Compared {
    fn from(bundle: Bundle) -> Self {
        Compared { plan: bundle.plan, places: bundle.places }
    }
}

impl From<Compilation> for Compared {
    fn from(compilation: Compilation) -> Self {
        let places = places(&compilation);
        Compared { plan: compilation.plan, places }
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

/// Compares two plans by meaning, with what the inventories tell about the records concerned.
#[must_use]
pub fn compare(old: &Compared, new: &Compared, counts: &Counts) -> Diff {
    cutover_diff::compare(
        Side { plan: &old.plan, places: &old.places },
        Side { plan: &new.plan, places: &new.places },
        counts,
    )
}
