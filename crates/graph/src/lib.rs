//! From facts to stages.
//!
//! [`build`] runs an ordered list of small named transforms over a [`Sketch`]; each adds stages or edges, and every edge has a
//! reason in plain words. Nothing is executed here.

mod estimate;
mod finish;
mod sketch;
mod steps;

use cutover_analysis::{Places, World};
use cutover_diagnostics::Diagnostic;
use cutover_plan::model::Plan;
use cutover_plan::schedule::{Schedule, schedule};

pub use sketch::Sketch;
pub use steps::{STEPS, Step};

/// The stages of a plan were built: when they happen, and what was found on the way.
#[derive(Debug)]
pub struct Built {
    /// The times of the stages, for the proofs.
    pub schedule: Schedule,
    /// Circles, and estimates that cannot be made.
    pub diagnostics: Vec<Diagnostic>,
}

/// Builds the stages of a plan from its items.
pub fn build(plan: &mut Plan, world: &World<'_>, places: &Places) -> Built {
    let mut sketch = Sketch::new(plan, world, places);
    for (_, step) in STEPS {
        step(&mut sketch);
    }
    let finished = finish::finish(sketch);
    plan.stages = finished.stages;
    plan.defaults.extend(finished.defaults);
    let schedule = schedule(plan);
    plan.critical_path.clone_from(&schedule.critical_path);
    Built { schedule, diagnostics: finished.diagnostics }
}
