//! What is proven about a migration before a byte moves: rules over the plan's items *and* its stages, each with a witness.
//!
//! [`check`] runs the list of proofs over [`Facts`]; one file or folder a proof, one call a line. A rule that needs neither stages nor
//! the other systems' records belongs to `cutover_analysis::rules`. Nothing here changes the plan.

mod closure;
mod fields;
mod lineage;
mod paced;
mod people;
mod privacy;
pub mod reach;
mod rejects;
mod rollback;
mod scope;
pub mod space;
mod window;

use cutover_analysis::{Places, World};
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::predicate::Predicate;
use cutover_plan::model::{Content, Item, Plan, Stage};
use cutover_plan::parallel::both;
use cutover_plan::schedule::Schedule;

/// What the proofs look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The items and the stages, broken ones included.
    pub plan: &'a Plan,
    /// Catalogs joined with inventories.
    pub world: &'a World<'a>,
    /// Where each id of the plan stands in the spec.
    pub places: &'a Places,
    /// Where clauses stand that have no id in the plan, by the id of their item or line and the clause's keyword: `scope/ticket/archive/until`.
    pub spots: &'a Places,
    /// Conditions of tickets at which a clock is done, of which the plan has the words: where each stands.
    pub awaited: &'a [(Span, Predicate)],
    /// When the stages of the window happen.
    pub schedule: &'a Schedule,
}

/// A proof.
type Proof = fn(&Facts<'_>, &mut Vec<Diagnostic>);

/// Proofs about items alone. Whoever has time while the stages are made runs them then.
const OF_ITEMS: &[Proof] = &[scope::check, closure::check, paced::check];

/// Proofs about stages too, or about a draft of which all decisions are counted; but for [`reach`], which takes as much time as all of these.
const OF_STAGES: &[Proof] =
    &[window::check, rollback::check, rejects::check, people::check, lineage::check, privacy::check];

fn run(facts: &Facts<'_>, proofs: &[Proof]) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for proof in proofs {
        proof(facts, &mut out);
    }
    out
}

/// Runs every proof. Their order is fixed, but no proof depends on another's findings.
#[must_use]
pub fn check(facts: &Facts<'_>) -> Vec<Diagnostic> {
    let mut out = of_items(facts);
    out.extend(of_stages_beside(facts, || ()).0);
    out
}

/// The proofs about items alone: those of [`check`] that say the same before the plan has stages and a schedule.
#[must_use]
pub fn of_items(facts: &Facts<'_>) -> Vec<Diagnostic> {
    run(facts, OF_ITEMS)
}

/// The other proofs, and something else that looks at the same facts: a large plan keeps two threads busy with both.
pub fn of_stages_beside<T>(facts: &Facts<'_>, also: impl FnOnce() -> T) -> (Vec<Diagnostic>, T) {
    let (mut out, (reached, also)) =
        both(facts.plan.items.len(), || run(facts, OF_STAGES), || (run(facts, &[reach::check]), also()));
    out.extend(reached);
    (out, also)
}

impl<'a> Facts<'a> {
    /// Where an id stands: itself, or the nearest thing around it that has a place.
    #[must_use]
    pub fn place(&self, id: &Id) -> Option<Span> {
        let mut id = id.as_str();
        loop {
            if let Some(span) = self.spots.get(id).or_else(|| self.places.get(id)) {
                return Some(*span);
            }
            id = id.rsplit_once('/')?.0;
        }
    }

    /// Where a clause of an item or a line stands, or else the item or line.
    #[must_use]
    pub fn clause(&self, id: &Id, keyword: &str) -> Option<Span> {
        self.place(&id.child(keyword))
    }

    /// All items with their content, in the order of ids.
    pub fn items(&self) -> impl Iterator<Item = (&'a Id, &'a Item)> + use<'a> {
        self.plan.items.iter()
    }

    /// The content of an item.
    #[must_use]
    pub fn content(&self, id: &Id) -> Option<&'a Content> {
        self.plan.items.get(id).map(|item| &item.content)
    }

    /// A stage by its id.
    #[must_use]
    pub fn stage(&self, id: &Id) -> Option<&'a Stage> {
        self.plan.stages.iter().find(|stage| stage.id == *id)
    }
}
