//! What tests share that move a desk in Berlin on a Saturday in March: its hours, its moments, and both sides of the migration.

use cutover_calendar::{Civil, Hours, Local, Zone};
use cutover_preview::{Carried, Form, Migration, Outcome, Preview, Promise, Side, Ticket, dialect};

/// An instant by the wall clock in Berlin, in March 2026. The first of March is a Sunday.
pub(crate) fn march(day: i8, hour: i8, minute: i8) -> i64 {
    let civil = Civil { year: 2026, month: 3, day, hour, minute, second: 0 };
    match Zone::named("Europe/Berlin").map(|zone| zone.resolve(civil)) {
        Some(Local::At(at)) => at,
        _ => i64::MIN,
    }
}

/// Open from nine to five, Monday to Friday.
pub(crate) fn nine_to_five() -> Option<Hours> {
    Some(Hours::weekdays(Zone::named("Europe/Berlin")?, 540, 1020))
}

/// An old desk of which nobody knows how it counts.
pub(crate) const UNKNOWN: &str = "unknown";

/// What is computed, and how it is explained. Everything moves on Saturday the seventh, and first something happens on Monday at ten.
pub(crate) fn told(
    desks: (&str, &str),
    hours: (&Hours, Form, Carried),
    ticket: &Ticket,
    promise: &Promise,
) -> Option<(Outcome, Vec<String>)> {
    asked(desks, hours, |preview| {
        let outcome = preview.outcome(ticket, promise);
        let lines = preview.explain(ticket, promise, &outcome);
        (outcome, lines)
    })
}

/// The same for whatever is asked of both desks.
pub(crate) fn asked<T>(
    (from, to): (&str, &str),
    (hours, form, carried): (&Hours, Form, Carried),
    ask: impl FnOnce(&Preview<'_>) -> T,
) -> Option<T> {
    let side = |product| Some(Side { dialect: dialect(product)?, hours, form });
    let source = match from {
        UNKNOWN => None,
        product => Some(side(product)?),
    };
    let migration = Migration {
        source,
        target: Some(side(to)?),
        contract: hours,
        known: march(7, 12, 0),
        imported: march(7, 12, 0),
        carried,
        first_event: march(9, 10, 0),
        tolerance: 60,
    };
    Some(ask(&Preview::new(migration).ok()?))
}
