//! Reachability: what has to come before what, over the stage graph. A failure shows the rule, both places and the chain of stages.

pub(crate) mod ends;
mod graph;
mod moments;
mod order;
mod places;
mod rehearsed;
mod replies;
mod waits;

use cutover_diagnostics::Diagnostic;

use crate::Facts;

pub use order::{RULES, Rule, breaches};

pub(crate) fn check(facts: &Facts<'_>, out: &mut Vec<Diagnostic>) {
    let graph = graph::Graph::new(facts.plan);
    order::check(facts, &graph, out);
    rehearsed::check(facts, out);
    moments::check(facts, &graph, out);
    waits::check(facts, out);
    ends::check(facts, out);
    places::check(facts, out);
    replies::check(facts, out);
}
