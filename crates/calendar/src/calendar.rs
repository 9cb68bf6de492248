//! Hours as sums over instants: one week, and the exceptions from it.

use std::collections::BTreeSet;

use crate::day::{DAY_SECONDS, Day};
use crate::hours::{Dates, Gap, HolidayExtent, Hours, Problem, Reading, Stretch};
use crate::wall::Wall;

/// The first instant that calendars know: 1900-01-01T00:00:00Z. Before it, nothing is open.
pub const FIRST_INSTANT: i64 = -2_208_988_800;

/// The instant at which calendars end: 2200-01-01T00:00:00Z. From it on, nothing is open.
pub const LAST_INSTANT: i64 = 7_258_118_400;

/// Seconds of a week on the wall.
const WEEK: i64 = 7 * DAY_SECONDS;

/// Opening hours that are quick to ask. See the crate's documentation for what counts as open.
///
/// Every answer is a matter of two binary searches. Instants are seconds since 1970-01-01T00:00:00Z.
pub struct Calendar {
    wall: Wall,
    /// Spans of a plain week, in seconds since its Monday began, and then those of all exceptional weeks, as instants.
    spans: Vec<Span>,
    /// How many of the spans are those of the plain week.
    plain: usize,
    /// What follows what. Sorted; covers [`FIRST_INSTANT`] to [`LAST_INSTANT`].
    pieces: Vec<Piece>,
    /// Open seconds of a plain week.
    week: i64,
    /// Open seconds altogether.
    total: i64,
    /// Days of the week with hours, Monday first.
    weekdays: [bool; 7],
    /// Dates that are on another side of having hours than their day of the week, and by how much they and those before them
    /// change the number of dates with hours. Sorted.
    turned: Vec<(Day, i64)>,
    /// From when on holidays are not known.
    unknown_from: Option<i64>,
}

/// Open from an instant to another.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: i64,
    end: i64,
    /// Open seconds of the spans before it, in its week or group.
    before: i64,
}

/// Weeks that are alike, or weeks that are not.
#[derive(Clone, Copy, Debug)]
struct Piece {
    start: i64,
    /// Open seconds before it.
    before: i64,
    /// Its spans; `None` when its weeks are plain.
    spans: Option<(usize, usize)>,
}

impl Calendar {
    /// Reads hours. About a millisecond of work; every question after it is quick.
    ///
    /// # Errors
    ///
    /// When a stretch is none, or there are too many of something. A calendar that is never open is not an error: what asks for
    /// its next opening is told that there is none.
    pub fn new(hours: &Hours, reading: Reading) -> Result<Calendar, Problem> {
        let dates = Dates::new(hours)?;
        let wall = Wall::new(&hours.zone, FIRST_INSTANT - 3 * WEEK, LAST_INSTANT + 3 * WEEK);
        let plain = plain_week(&dates);
        let week = plain.last().map_or(0, |span| span.before + span.end - span.start);
        let mut calendar = Calendar {
            plain: plain.len(),
            spans: plain,
            pieces: Vec::new(),
            week,
            total: 0,
            weekdays: std::array::from_fn(|weekday| !dates.of_weekday(weekday).is_empty()),
            turned: Vec::new(),
            unknown_from: hours.known_until.map(|day| wall.midnight(day.plus(1))),
            wall,
        };
        let mut change = 0;
        for day in dates.exceptions().collect::<BTreeSet<_>>() {
            let has_hours = !dates.is_holiday(day) && !dates.on(day).is_empty();
            if calendar.weekdays.get(day.weekday()) != Some(&has_hours) {
                change += if has_hours { 1 } else { -1 };
                calendar.turned.push((day, change));
            }
        }
        calendar.lay_out(&dates, reading);
        Ok(calendar)
    }

    /// Lines up runs of plain weeks and groups of exceptional ones.
    fn lay_out(&mut self, dates: &Dates<'_>, reading: Reading) {
        // A wall is up to a day before or behind, so a week more at each end; there, hours are cut at the ends of what is known.
        let (first, end) = (Day::of_wall(FIRST_INSTANT).week() - 1, Day::of_wall(LAST_INSTANT).week() + 2);
        let mut special: BTreeSet<i64> = [first, first + 1, end - 2, end - 1].into();
        // What is read later may reach into the next date.
        let reach = i32::from(reading.gap != Gap::Closed);
        let changed = self.wall.changes().flat_map(|(one, other)| [one, other, other.plus(reach)]);
        special.extend(
            changed.chain(dates.exceptions()).map(Day::week).filter(|week| (first..end).contains(week)),
        );
        let mut week = first;
        while week < end {
            let next = special.range(week..).next().copied().unwrap_or(end);
            if next > week {
                self.push_plain(week, next);
                week = next;
                continue;
            }
            let mut until = week + 1;
            while special.contains(&until) {
                until += 1;
            }
            self.push_special(week, until, dates, reading);
            week = until;
        }
    }

    fn push_plain(&mut self, week: i64, until: i64) {
        let start = self.wall.midnight(monday(week));
        self.pieces.push(Piece { start, before: self.total, spans: None });
        self.total += (until - week) * self.week;
    }

    fn push_special(&mut self, week: i64, until: i64, dates: &Dates<'_>, reading: Reading) {
        let start = self.wall.midnight(monday(week));
        let mut open: Vec<(i64, i64)> = Vec::new();
        let mut closed: Vec<(i64, i64)> = Vec::new();
        let mut day = monday(week);
        while day < monday(until) {
            self.open_on(day, dates, reading, &mut open, &mut closed);
            day = day.plus(1);
        }
        let first = self.spans.len();
        let mut before = 0;
        for (start, end) in subtracted(joined(open), &joined(closed)) {
            let (start, end) = (start.max(FIRST_INSTANT), end.min(LAST_INSTANT));
            if start < end {
                self.spans.push(Span { start, end, before });
                before += end - start;
            }
        }
        self.pieces.push(Piece { start, before: self.total, spans: Some((first, self.spans.len())) });
        self.total += before;
    }

    /// What is open on a date, and what is closed from it on because it is a holiday.
    fn open_on(
        &self,
        day: Day,
        dates: &Dates<'_>,
        reading: Reading,
        open: &mut Vec<(i64, i64)>,
        closed: &mut Vec<(i64, i64)>,
    ) {
        let at = |second: u32| self.wall.instant(day.wall() + i64::from(second), reading.gap);
        if let Some(stretches) = dates.plain(day).filter(|_| reading.holidays != HolidayExtent::Begins) {
            let spans = stretches.iter().map(|stretch| (at(stretch.from), at(stretch.to)));
            open.extend(spans.filter(|(start, end)| start < end));
            return;
        }
        let instants = |stretches: Vec<Stretch>| {
            let spans = stretches.into_iter().map(|stretch| (at(stretch.from), at(stretch.to)));
            joined(spans.filter(|(start, end)| start < end).collect())
        };
        let hours = subtracted(instants(dates.on(day)), &instants(dates.breaks_on(day)));
        match reading.holidays {
            HolidayExtent::Begins => {
                let stays = |(start, _): &(i64, i64)| !dates.is_holiday(self.wall.date(*start));
                open.extend(hours.into_iter().filter(stays));
                return;
            }
            HolidayExtent::Date if dates.is_holiday(day) => {
                closed.push((self.wall.midnight(day), self.wall.midnight(day.plus(1))));
            }
            HolidayExtent::Seconds(length) if dates.is_holiday(day) => {
                let start = self.wall.instant(day.wall(), reading.gap);
                closed.push((start, start + i64::from(length)));
            }
            HolidayExtent::Date | HolidayExtent::Seconds(_) => {}
        }
        open.extend(hours);
    }

    /// How long it was open since [`FIRST_INSTANT`], in seconds.
    pub(crate) fn position(&self, instant: i64) -> i64 {
        let at = self.pieces.partition_point(|piece| piece.start <= instant);
        let Some(piece) = at.checked_sub(1).and_then(|at| self.pieces.get(at)) else { return 0 };
        let (weeks, instant) = match piece.spans {
            Some(_) => (0, instant),
            None => ((instant - piece.start) / WEEK, (instant - piece.start) % WEEK),
        };
        let spans = self.spans_of(piece);
        let at = spans.partition_point(|span| span.start <= instant);
        let within = at.checked_sub(1).and_then(|at| spans.get(at));
        let within = within.map_or(0, |span| span.before + instant.min(span.end) - span.start);
        piece.before + weeks * self.week + within
    }

    /// The instant at which it is open and was open so long since [`FIRST_INSTANT`]: the last one with this position.
    pub(crate) fn open_at(&self, position: i64) -> Option<i64> {
        if position < 0 || position >= self.total {
            return None;
        }
        let at = self.pieces.partition_point(|piece| piece.before <= position).checked_sub(1)?;
        let piece = self.pieces.get(at)?;
        let rest = position - piece.before;
        let (start, rest) = match piece.spans {
            Some(_) => (0, rest),
            None => (piece.start + rest / self.week * WEEK, rest % self.week),
        };
        let spans = self.spans_of(piece);
        let span = spans.get(spans.partition_point(|span| span.before <= rest).checked_sub(1)?)?;
        Some(start + span.start + rest - span.before)
    }

    /// The first instant at which it was open so long since [`FIRST_INSTANT`]: the end of something, at a boundary.
    pub(crate) fn closed_at(&self, position: i64) -> Option<i64> {
        if position <= 0 || position > self.total {
            return None;
        }
        let at = self.pieces.partition_point(|piece| piece.before < position).checked_sub(1)?;
        let piece = self.pieces.get(at)?;
        let rest = position - piece.before;
        let (start, rest) = match piece.spans {
            Some(_) => (0, rest),
            None => {
                let weeks = (rest - 1) / self.week;
                (piece.start + weeks * WEEK, rest - weeks * self.week)
            }
        };
        let spans = self.spans_of(piece);
        let span = spans.get(spans.partition_point(|span| span.before < rest).checked_sub(1)?)?;
        Some(start + span.start + rest - span.before)
    }

    fn spans_of(&self, piece: &Piece) -> &[Span] {
        let (from, to) = piece.spans.unwrap_or((0, self.plain));
        self.spans.get(from..to).unwrap_or_default()
    }

    /// The span that holds an instant, when it is open then. Spans end with their week, although it may stay open.
    fn span_at(&self, instant: i64) -> Option<(i64, i64)> {
        let at = self.pieces.partition_point(|piece| piece.start <= instant).checked_sub(1)?;
        let piece = self.pieces.get(at)?;
        let start = match piece.spans {
            Some(_) => 0,
            None if self.week == WEEK => {
                // Never closed: the whole run at once.
                return Some((piece.start, self.pieces.get(at + 1).map_or(LAST_INSTANT, |next| next.start)));
            }
            None => piece.start + (instant - piece.start) / WEEK * WEEK,
        };
        let spans = self.spans_of(piece);
        let span = spans.get(spans.partition_point(|span| start + span.start <= instant).checked_sub(1)?)?;
        (instant < start + span.end).then_some((start + span.start, start + span.end))
    }

    /// Whether it is open at an instant.
    #[must_use]
    pub fn is_open(&self, instant: i64) -> bool {
        self.span_at(instant).is_some()
    }

    /// When it closes next, for an instant at which it is open. [`LAST_INSTANT`] when it never does.
    #[must_use]
    pub fn closes(&self, instant: i64) -> Option<i64> {
        let (_, mut end) = self.span_at(instant)?;
        while let Some((_, later)) = self.span_at(end) {
            end = later;
        }
        Some(end)
    }

    /// Since when it is open, for an instant at which it is open.
    #[must_use]
    pub fn opened(&self, instant: i64) -> Option<i64> {
        let (mut start, _) = self.span_at(instant)?;
        while let Some((earlier, _)) = self.span_at(start - 1) {
            start = earlier;
        }
        Some(start)
    }

    /// Open seconds between the beginning and the end of what calendars know. Zero when it is never open.
    pub(crate) const fn total(&self) -> i64 {
        self.total
    }

    /// How many dates before this one have hours, counted from the week of 1970-01-01; negative for earlier dates. Breaks of a
    /// date's own are not looked at.
    pub(crate) fn days_with_hours(&self, before: Day) -> i64 {
        let count =
            |days: usize| i64::try_from(self.weekdays.iter().take(days).filter(|open| **open).count());
        let plain =
            before.week() * count(7).unwrap_or_default() + count(before.weekday()).unwrap_or_default();
        let turned = self.turned.partition_point(|(day, _)| *day < before).checked_sub(1);
        plain + turned.and_then(|at| self.turned.get(at)).map_or(0, |(_, change)| *change)
    }

    /// The offsets of its zone.
    pub(crate) const fn wall(&self) -> &Wall {
        &self.wall
    }

    /// Whether holidays are known on the local date of an instant.
    #[must_use]
    pub fn is_known(&self, instant: i64) -> bool {
        self.unknown_from.is_none_or(|from| instant < from)
    }

    /// The local date at an instant.
    #[must_use]
    pub fn date(&self, instant: i64) -> Day {
        self.wall.date(instant)
    }

    /// Seconds since midnight that the wall clock shows at an instant.
    #[must_use]
    pub fn time_of_day(&self, instant: i64) -> u32 {
        u32::try_from(self.wall.shows(instant).rem_euclid(DAY_SECONDS)).unwrap_or_default()
    }

    /// The instant at which the wall clock shows so many seconds since midnight on a date, or the first later time.
    #[must_use]
    pub fn instant(&self, day: Day, second: u32) -> i64 {
        self.wall.instant(day.wall() + i64::from(second), Gap::Closed)
    }
}

/// The spans of a week in which nothing happens, in seconds since its Monday began.
fn plain_week(dates: &Dates<'_>) -> Vec<Span> {
    let days = (0_i64..).zip(0..7);
    let stretches = days.flat_map(|(at, weekday)| {
        let spans = dates.of_weekday(weekday).iter();
        spans.map(move |stretch| {
            (at * DAY_SECONDS + i64::from(stretch.from), at * DAY_SECONDS + i64::from(stretch.to))
        })
    });
    let mut before = 0;
    let mut spans = Vec::new();
    for (start, end) in joined(stretches.collect()) {
        spans.push(Span { start, end, before });
        before += end - start;
    }
    spans
}

fn monday(week: i64) -> Day {
    Day(i32::try_from(week * 7 - 3).unwrap_or_default())
}

/// Sorted, with what overlaps or meets put together.
pub(crate) fn joined(mut spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    spans.sort_unstable();
    let mut out: Vec<(i64, i64)> = Vec::with_capacity(spans.len());
    for (start, end) in spans {
        match out.last_mut() {
            Some((_, last)) if start <= *last => *last = end.max(*last),
            _ => out.push((start, end)),
        }
    }
    out
}

/// What is left of spans when others are taken out. Both are sorted and apart.
pub(crate) fn subtracted(open: Vec<(i64, i64)>, closed: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut left = Vec::with_capacity(open.len() + closed.len());
    let mut closed = closed.iter().copied().peekable();
    for (mut start, end) in open {
        while let Some((from, to)) = closed.peek().copied().filter(|(from, _)| *from < end) {
            if from > start {
                left.push((start, from.min(end)));
            }
            start = start.max(to);
            // What is closed beyond this span may be closed in the next one too.
            if to > end {
                break;
            }
            closed.next();
        }
        if start < end {
            left.push((start, end));
        }
    }
    left
}
