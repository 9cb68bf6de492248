//! Items of the spec lowered to items of the plan, one file a family of constructs.

pub mod aftercare;
pub mod allow;
pub mod around;
pub mod calendar;
pub mod checks;
pub mod copy;
pub mod defaults;
pub mod ending;
pub mod escalation;
pub mod goals;
pub mod holes;
pub mod map_tests;
pub mod maps;
pub mod migration;
pub mod night;
mod once;
pub mod people;
pub mod rollback;
pub mod scope;
pub mod sla;
pub mod team;
pub mod tidy;
pub mod translate;
pub mod words;

use crate::context::Context;

/// Lowers every item. The migration comes first, since local times need the window's zone.
pub fn all(cx: &mut Context<'_>) {
    migration::lower(cx);
    team::lower(cx);
    calendar::lower(cx);
    goals::lower(cx);
    scope::lower(cx);
    translate::lower(cx);
    maps::lower(cx);
    map_tests::lower(cx);
    around::lower(cx);
    tidy::lower(cx);
    copy::lower(cx);
    night::lower(cx);
    people::lower(cx);
    ending::lower(cx);
    sla::lower(cx);
    escalation::lower(cx);
    checks::lower(cx);
    rollback::lower(cx);
    aftercare::lower(cx);
    allow::lower(cx);
    migration::offsets(cx);
    // Last: what the language decides depends on all that the spec says.
    if cx.focus.is_none() {
        defaults::lower(cx);
    }
    once::check(cx);
    holes::lower(cx);
}
