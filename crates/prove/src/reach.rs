//! Reachability: what has to come before what, over the stage graph.

use cutover_diagnostics::Diagnostic;

use crate::Facts;

pub(crate) fn check(_facts: &Facts<'_>, _out: &mut Vec<Diagnostic>) {}
