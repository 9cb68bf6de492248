//! Local times and zones, opening hours, and how long something takes when only opening hours count.
//!
//! A leaf with plain types: seconds since 1970-01-01T00:00:00Z, civil numbers, zone names. The time zone data is the one that is
//! compiled in; the machine's own is never looked at, so that every machine computes the same plan.
//!
//! # What counts as open
//!
//! [`Hours`] say it in local terms, [`Calendar`] answers questions about instants. Everything is half open: at 09:00 it is open, at
//! 17:00 no longer. Hours belong to the local date on which they lie: what goes past midnight is the evening of one date and the
//! morning of the next, so a holiday takes the evening or the morning and never both. A holiday is the whole local date, be it 23,
//! 24 or 25 hours long. Special hours replace the week's hours of their date; a holiday wins over special hours.
//!
//! A time of day means the first instant at which the clock on the wall shows it *or a later one*. So a shop that is open from 01:30
//! to 03:30 in the night in which 02:00 to 03:00 happens twice is open for three hours; hours that lie inside a skipped hour have no
//! length; and two stretches that meet on the wall meet in time, on every day of the year. ([`Gap::Later`] is what other programs do.)
//!
//! # The boundary rule
//!
//! When time runs out exactly at closing time, the due instant is the close, and it is the next opening as well: no business time
//! lies between the two. Products say one or the other, so [`Boundary`] has to be named; whoever compares due instants compares them
//! in business time ([`Calendar::elapsed`]), where both are the same.
//!
//! # How it is fast
//!
//! Weeks in which nothing special happens are one another's copies, so a calendar stores one week and the exceptions: weeks with a
//! change of the clock, a holiday or special hours. Sums run over both. Every question is a binary search over the exceptions and one
//! over a week, however long the time in question is.

mod calendar;
mod clock;
mod day;
mod hours;
mod pauses;
mod rules;
mod wall;
mod windows;
mod zone;

pub use calendar::{Calendar, FIRST_INSTANT, LAST_INSTANT};
pub use clock::{Boundary, Length};
pub use day::{DAY_SECONDS, Day};
pub use hours::{Gap, HolidayExtent, Hours, MAX_DAYS, MAX_STRETCHES, Problem, Reading, Stretch, WEEKDAYS};
pub use pauses::{PauseRule, Pauses};
pub use rules::{Answer, Clock, DueRules, Rounding, SearchLimit, Walk};
pub use zone::{Civil, Local, Zone, zone_data_version, zone_names};
