//! Scope partition: each object is decided by exactly one line, shown by a record.

pub(crate) mod shares;

use cutover_diagnostics::Diagnostic;

use crate::Facts;

pub(crate) fn check(_facts: &Facts<'_>, _out: &mut Vec<Diagnostic>) {}
