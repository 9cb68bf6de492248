//! Lineage: who reads a field that is dropped or changed.

use cutover_diagnostics::Diagnostic;

use crate::Facts;

pub(crate) fn check(_facts: &Facts<'_>, _out: &mut Vec<Diagnostic>) {}
