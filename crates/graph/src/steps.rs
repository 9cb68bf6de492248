//! The transforms, in their order. Each adds stages or edges; order matters where a step looks for stages of an earlier one.

mod after;
mod agree;
mod build;
mod caps;
mod changed;
mod checks;
mod export;
mod load;
mod look;
mod night;
mod old_rules;
mod order;
mod prepare;
mod references;

use crate::Sketch;

/// A transform.
pub type Step = fn(&mut Sketch<'_>);

/// Name and transform, in order.
pub const STEPS: &[(&str, Step)] = &[
    ("agree on goals", agree::add),
    ("freeze, back up, export, clean", export::add),
    ("build the new desk", build::add),
    ("rehearse and prepare", prepare::add),
    ("load", load::add),
    ("checks before the switch", checks::add),
    ("the night", night::add),
    ("prove and look after", after::add),
    ("look at accounts, samples and rules that wait", look::add),
    ("references between loads", references::add),
    ("order of the parts", order::add),
    ("estimates", crate::estimate::add),
];
