//! Rules over the draft that need no stage graph: one file a rule, one call a line.

pub mod capability;
pub mod constraints;
pub mod coverage;
pub mod declared;
pub mod disposition;
pub mod mapped;
pub mod parts;
pub mod people;
pub mod read_elsewhere;
pub mod references;
pub mod required;

use crate::context::Context;

/// Runs every rule. Their order is fixed, but no rule depends on another's findings.
pub fn all(cx: &mut Context<'_>) {
    parts::check(cx);
    people::check(cx);
    declared::check(cx);
    disposition::check(cx);
    references::check(cx);
    capability::check(cx);
    coverage::check(cx);
    required::check(cx);
    mapped::check(cx);
    read_elsewhere::check(cx);
    constraints::check(cx);
}
