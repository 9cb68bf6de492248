//! What becomes of the objects of a kind, and of those with which they travel.

use rustc_hash::FxHashMap;

use crate::model::{Content, Plan, Verb};

/// The fates of all kinds that a scope decides.
#[derive(Debug)]
pub struct Fates<'p> {
    /// The first of a kind's fates, and whether it has others.
    verbs: FxHashMap<&'p str, (Verb, bool)>,
    /// The kind with which a kind travels.
    parents: FxHashMap<&'p str, &'p str>,
}

impl<'p> Fates<'p> {
    /// Those of a plan; one pass over its items.
    #[must_use]
    pub fn of(plan: &'p Plan) -> Fates<'p> {
        let mut verbs: FxHashMap<&str, (Verb, bool)> = FxHashMap::default();
        let mut parents = FxHashMap::default();
        for item in plan.items.values() {
            let Content::Scope(part) = &item.content else { continue };
            let (first, several) = verbs.entry(&part.kind).or_insert((part.verb, false));
            *several |= *first != part.verb;
            if let Some(with) = &part.with_kind {
                parents.entry(part.kind.as_str()).or_insert(with.as_str());
            }
        }
        Fates { verbs, parents }
    }

    /// Whether objects of a kind do not all share one fate, or travel with some that do not.
    #[must_use]
    pub fn split(&self, kind: &str) -> bool {
        // A file of a reply of a ticket: as deep as catalogs nest.
        let chain = std::iter::successors(Some(kind), |kind| self.parents.get(*kind).copied()).take(8);
        chain.into_iter().any(|kind| self.verbs.get(kind).is_some_and(|(_, several)| *several))
    }
}
