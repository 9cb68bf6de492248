//! Rules over the draft that need no stage graph: one file a rule, one call a line.

use crate::context::Context;

/// Runs every rule. Their order is fixed, but no rule depends on another's findings.
pub fn all(cx: &mut Context<'_>) {
    let _ = cx;
}
