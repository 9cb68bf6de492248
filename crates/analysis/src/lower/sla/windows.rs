//! A product that adds up opening hours window by window, one stretch of hours a day, cannot count every week. Its walk is compared with the
//! exact one over the hours of a week, for what comes in at any hour of it. In UTC, so that no clock change is mistaken for a fault.

use cutover_calendar::{Clock, DAY_SECONDS, DueRules, Hours, Length, Pauses, Walk, Zone};
use cutover_catalog::Catalog;
use cutover_catalog::catalog::PolicyForm;
use cutover_diagnostics::Diagnostic;

use super::ahead::moment;
use super::clock::Written;
use super::held::Counted;
use crate::context::Context;

/// A beginning from which the product comes to another end.
#[derive(Clone, Copy)]
struct Apart {
    from: i64,
    there: i64,
    promised: i64,
    /// How far both are apart, in seconds of opening hours.
    by: u64,
}

/// Opening hours that the target cannot count.
pub(super) fn check(
    cx: &Context<'_>,
    catalog: &Catalog,
    form: &PolicyForm,
    clock: &Written,
    counted: &Counted<'_>,
) -> Option<Diagnostic> {
    let window = form.windows.as_ref()?;
    let hours = u32::try_from(window.base() / 3600).ok()?;
    let begins = cx.draft.plan.migration.window.as_ref()?.end.seconds();
    let own = counted.hours.clone();
    let utc = Zone::named("Etc/UTC")?;
    let week = Hours { week: own.week, breaks: own.breaks, ..Hours::closed(utc.clone()) };
    let worst = worst(&week, counted.length, hours, begins)?;
    let several = week.week.iter().any(|day| day.len() > 1) || week.breaks.iter().any(|day| !day.is_empty());
    let why = if several {
        "of a day it counts one stretch of hours only: what comes behind a break is left out".to_owned()
    } else {
        format!(
            "a stretch of {window} without opening hours ends its count, and the rest of the time is not added"
        )
    };
    Some(
        Diagnostic::error("sla/cannot-hold#windows", "the target cannot count these opening hours")
            .primary(
                clock.span,
                format!(
                    "by {} what comes in on {} is due on {}, and by this calendar on {}",
                    catalog.title,
                    moment(&utc, worst.from),
                    moment(&utc, worst.there),
                    moment(&utc, worst.promised)
                ),
            )
            .note(format!("{}: {why}", catalog.title))
            .help("promise this by a calendar without breaks that is closed for three days in a row at most; or leave this clock out and watch these tickets in a list"),
    )
}

/// The beginning from which the walk is furthest away, by opening hours; of several the first. `None` where the week is counted rightly.
fn worst(week: &Hours, length: Length, window: u32, begins: i64) -> Option<Apart> {
    let right = Clock::new(week, DueRules::default()).ok()?;
    let rules = DueRules { walk: Walk::Windows(window), ..DueRules::default() };
    let walks = Clock::new(week, rules).ok()?;
    let day = begins - begins.rem_euclid(DAY_SECONDS);
    let mut worst: Option<Apart> = None;
    for hour in 0..7 * 24 {
        let from = day + hour * 3600;
        let due = |clock: &Clock| clock.due(from, length, &Pauses::default()).at();
        let (Some(there), Some(promised)) = (due(&walks), due(&right)) else { continue };
        let (first, last) = (there.min(promised), there.max(promised));
        let by = right.calendar().elapsed(first, last);
        // A day that ends at 23:59:59 loses a second, which is no fault of the week.
        let lost = u64::try_from((last - from) / DAY_SECONDS + 60).unwrap_or_default();
        if by > lost && worst.is_none_or(|worst| by > worst.by) {
            worst = Some(Apart { from, there, promised, by });
        }
    }
    worst
}
