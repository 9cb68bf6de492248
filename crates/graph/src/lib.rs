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

/// Stages that are not yet those of the plan that they were made from.
#[derive(Debug)]
pub struct Stages(finish::Finished);

/// Builds the stages of a plan from its items.
pub fn build(plan: &mut Plan, world: &World<'_>, places: &Places) -> Built {
    stages(plan, world, places).settle(plan)
}

/// The first half of [`build`], in which the plan is only read.
#[must_use]
pub fn stages(plan: &Plan, world: &World<'_>, places: &Places) -> Stages {
    let mut sketch = Sketch::new(plan, world, places);
    for (_, step) in STEPS {
        step(&mut sketch);
    }
    Stages(finish::finish(sketch))
}

impl Stages {
    /// Gives them to their plan, and says when they happen.
    pub fn settle(self, plan: &mut Plan) -> Built {
        let Stages(finished) = self;
        plan.stages = finished.stages;
        plan.defaults.extend(finished.defaults);
        let schedule = schedule(plan);
        plan.critical_path.clone_from(&schedule.critical_path);
        Built { schedule, diagnostics: finished.diagnostics }
    }
}
