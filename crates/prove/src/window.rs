//! The window: the critical path fits the night.

use cutover_diagnostics::Diagnostic;

use crate::Facts;

pub(crate) fn check(_facts: &Facts<'_>, _out: &mut Vec<Diagnostic>) {}
