//! Secrets and privacy: credentials in texts, personal data in places that end.

use cutover_diagnostics::Diagnostic;

use crate::Facts;

pub(crate) fn check(_facts: &Facts<'_>, _out: &mut Vec<Diagnostic>) {}
