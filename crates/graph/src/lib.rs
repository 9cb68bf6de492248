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

pub use sketch::Sketch;
pub use steps::{STEPS, Step};

/// Builds the stages of a plan from its items and reports circles and estimates that cannot be made.
pub fn build(plan: &mut Plan, world: &World<'_>, places: &Places) -> Vec<Diagnostic> {
    let mut sketch = Sketch::new(plan, world, places);
    for (_, step) in STEPS {
        step(&mut sketch);
    }
    let finished = finish::finish(sketch);
    plan.stages = finished.stages;
    plan.defaults.extend(finished.defaults);
    plan.critical_path = cutover_plan::schedule::schedule(plan).critical_path;
    finished.diagnostics
}
