//! Rules over the draft that need no stage graph: one file a rule, one call a line.

pub mod absences;
pub mod aftercare;
pub mod allowed;
pub mod askers;
pub mod calendars;
pub mod canary;
pub mod capability;
pub mod clocks;
pub mod conditions;
pub mod constraints;
pub mod coverage;
pub mod credentials;
pub mod declared;
pub mod disposition;
pub mod evidence;
pub mod fires;
pub mod goals;
pub mod identity;
pub mod inherited;
pub mod known;
mod left_behind;
pub mod mapped;
pub mod parts;
pub mod people;
pub mod produced;
pub mod read_elsewhere;
pub mod readiness;
pub mod references;
pub mod rehearsal;
pub mod required;
pub mod safeguards;
mod samples;
pub mod test_records;
pub mod tidying;
pub mod triggers;
pub mod unfinished;
pub mod unreadable;
pub mod waivers;
pub mod way_back;

use crate::context::Context;

/// The one rule that writes into the plan: the facts about the target on which it rests. It runs before stages are built, which find
/// out what nobody has confirmed.
pub fn facts(cx: &mut Context<'_>) {
    capability::check(cx);
}

/// Runs every other rule. Their order is fixed, but no rule depends on another's findings, and none changes the plan.
pub fn all(cx: &mut Context<'_>) {
    parts::check(cx);
    people::check(cx);
    readiness::check(cx);
    safeguards::check(cx);
    rehearsal::check(cx);
    tidying::check(cx);
    identity::check(cx);
    declared::check(cx);
    credentials::check(cx);
    disposition::check(cx);
    absences::check(cx);
    unfinished::check(cx);
    references::check(cx);
    askers::check(cx);
    coverage::check(cx);
    required::check(cx);
    mapped::check(cx);
    known::check(cx);
    unreadable::check(cx);
    read_elsewhere::check(cx);
    constraints::check(cx);
    goals::check(cx);
    conditions::check(cx);
    evidence::check(cx);
    waivers::check(cx);
    triggers::check(cx);
    produced::check(cx);
    samples::check(cx);
    fires::check(cx);
    test_records::check(cx);
    way_back::check(cx);
    canary::check(cx);
    calendars::check(cx);
    inherited::check(cx);
    clocks::check(cx);
    aftercare::check(cx);
}
