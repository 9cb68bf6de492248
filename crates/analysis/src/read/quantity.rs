//! Numbers, shares and lengths of time.

use cutover_diagnostics::Diagnostic;
use cutover_ir::quantity::{Decimal, Duration, TimeBase};
use cutover_syntax::tree::{Item, Terms};
use cutover_syntax::value::{self, Quantity, Value, ValueKind};

use crate::context::Context;

/// Where a duration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// By the clock on the wall; `day` is a civil day.
    Civil,
    /// In an SLA: the base must be said, and a bare `day` means three things in three products.
    Sla,
}

/// A length of time.
#[must_use]
pub fn duration(cx: &mut Context<'_>, item: &Item, terms: Terms, meaning: Meaning) -> Option<Duration> {
    let (value, _) = value::read(item, item.get(terms))?;
    duration_of(cx, item, &value, meaning)
}

/// A length of time from a value.
#[must_use]
pub fn duration_of(
    cx: &mut Context<'_>,
    item: &Item,
    value: &Value<'_>,
    meaning: Meaning,
) -> Option<Duration> {
    let span = item.span(value.range);
    match value.kind {
        ValueKind::Quantity(quantity) => {
            if meaning == Meaning::Sla && quantity.base.is_none() && matches!(quantity.unit, "day" | "week") {
                cx.push(
                    Diagnostic::error("sla/bare-day", "a day means different lengths in different products")
                        .primary(span, "24 hours, one business day, or 24 business hours?")
                        .help("write hours with their base: `8 business hours` or `24 calendar hours`"),
                );
                return None;
            }
            let made = of_quantity(quantity);
            if made.is_none() {
                cx.push(not_time(item, value));
            }
            made
        }
        ValueKind::Hole => {
            cx.draft.hole(span, "the length of time");
            None
        }
        ValueKind::Bad => None,
        _ => {
            cx.push(not_time(item, value));
            None
        }
    }
}

fn not_time(item: &Item, value: &Value<'_>) -> Diagnostic {
    Diagnostic::error("types/not-a-duration", "a length of time is expected")
        .primary(item.span(value.range), "this is not a length of time")
        .help("write a number and a unit: `90 min`, `4 hours`, `14 days`")
}

/// A duration from number and unit. `None` when the unit is not one of time or the number is too large.
#[must_use]
pub fn of_quantity(quantity: Quantity<'_>) -> Option<Duration> {
    let number = Decimal::parse(quantity.number)?;
    let base = match quantity.base {
        Some("business") => TimeBase::Business,
        Some(_) => TimeBase::Calendar,
        None => TimeBase::Elapsed,
    };
    let seconds = match quantity.unit {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" | "week" => {
            let days = number.to_int()?.checked_mul(if quantity.unit == "week" { 7 } else { 1 })?;
            // No migration plans for more than a thousand years.
            let days = u32::try_from(days).ok().filter(|days| *days <= 366_000)?;
            return Some(Duration { base, days, seconds: 0 });
        }
        _ => return None,
    };
    let millis = number.scaled(3).checked_mul(seconds)?;
    let seconds = u64::try_from(millis / 1000).ok().filter(|s| *s <= 31_622_400_000)?;
    Some(Duration { base, days: 0, seconds })
}

/// A whole number of things.
#[must_use]
pub fn count(cx: &mut Context<'_>, item: &Item, value: &Value<'_>) -> Option<u64> {
    let span = item.span(value.range);
    match value.kind {
        ValueKind::Number(text) => {
            if let Ok(number) = text.parse() {
                return Some(number);
            }
            cx.push(
                Diagnostic::error("types/not-a-count", "a whole number is expected")
                    .primary(span, "this is not a whole number, or too large")
                    .help("write it in digits, without a sign or a point: `50`"),
            );
        }
        ValueKind::Hole => cx.draft.hole(span, "the number"),
        ValueKind::Bad => {}
        _ => cx.push(
            Diagnostic::error("types/not-a-count#other", "a whole number is expected")
                .primary(span, "this is not a number"),
        ),
    }
    None
}

/// What is said of a number that reads well and makes no sense.
pub const NOT_MEANT: &str = "this number cannot be meant";

/// A share in percent, 0 to 1,000.
#[must_use]
pub fn percent(cx: &mut Context<'_>, item: &Item, value: &Value<'_>) -> Option<Decimal> {
    let span = item.span(value.range);
    match value.kind {
        ValueKind::Percent(text) => {
            let number = Decimal::parse(text).filter(|n| *n <= Decimal::from(1000));
            if number.is_none() {
                cx.push(
                    Diagnostic::error("types/not-a-percentage", "a percentage is expected")
                        .primary(span, "too large, or too many digits")
                        .help("write at most `1000%`, with few digits behind the point"),
                );
            }
            number
        }
        ValueKind::Hole => {
            cx.draft.hole(span, "the percentage");
            None
        }
        ValueKind::Bad => None,
        _ => {
            cx.push(
                Diagnostic::error("types/not-a-percentage#other", "a percentage is expected")
                    .primary(span, "this is not a percentage")
                    .help("write it with its sign: `50%`"),
            );
            None
        }
    }
}
