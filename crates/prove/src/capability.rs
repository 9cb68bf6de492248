//! Capability: what the spec asks of the target, the target can do.

use cutover_diagnostics::Diagnostic;

use crate::Facts;

pub(crate) fn check(_facts: &Facts<'_>, _out: &mut Vec<Diagnostic>) {}
