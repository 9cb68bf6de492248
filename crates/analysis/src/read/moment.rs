//! Dates and moments. Local times are in the window's zone; an ambiguous or skipped one asks for an offset.

use cutover_calendar::{Civil, Local, Zone, zone_names};
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::time::{Date, Instant};
use cutover_plan::model::Moment;
use cutover_syntax::tree::{Item, TermKind, Terms};
use cutover_syntax::value::{self, Value, ValueKind};

use crate::context::Context;
use crate::read::{common, near_zone, quantity};

/// A date: `2026-12-05`.
#[must_use]
pub fn date(cx: &mut Context<'_>, item: &Item, terms: Terms) -> Option<Date> {
    let (value, _) = value::read(item, item.get(terms))?;
    date_of(cx, item, &value)
}

/// A date from a value.
#[must_use]
pub fn date_of(cx: &mut Context<'_>, item: &Item, value: &Value<'_>) -> Option<Date> {
    let span = item.span(value.range);
    match value.kind {
        ValueKind::Date(text) => {
            let date = Date::parse(text);
            match date {
                // A day lasts 24 hours and begins up to 14 hours before or after that of UTC.
                Some(date) => {
                    let day = i64::from(date.days()) * 86_400;
                    cx.names_time(day - 86_400, day + 2 * 86_400);
                }
                None => cx.push(no_such_date(span)),
            }
            date
        }
        ValueKind::Hole => {
            cx.draft.hole(span, "the date");
            None
        }
        ValueKind::Bad => None,
        _ => {
            cx.push(
                Diagnostic::error("types/not-a-date", "a date is expected")
                    .primary(span, "this is not a date")
                    .help("write it as year, month and day: `2026-12-05`"),
            );
            None
        }
    }
}

fn no_such_date(span: Span) -> Diagnostic {
    Diagnostic::error("time/no-such-date", "this date does not exist").primary(span, "not in the calendar")
}

/// A moment: a date (its first instant), a local time, `window`, `window - 14 days`.
#[must_use]
pub fn moment(cx: &mut Context<'_>, item: &Item, terms: Terms) -> Option<Moment> {
    let (value, _) = value::read(item, item.get(terms))?;
    moment_of(cx, item, &value)
}

/// A moment of which dates and times on the clock are those of a zone.
#[must_use]
pub fn moment_in(
    cx: &mut Context<'_>,
    item: &Item,
    terms: Terms,
    zone: Option<&(Zone, String)>,
) -> Option<Moment> {
    let (value, _) = value::read(item, item.get(terms))?;
    noted(cx, item, &value, zone)
}

/// A moment from a value. Without a window, which is reported elsewhere, only times with an offset are known.
#[must_use]
pub fn moment_of(cx: &mut Context<'_>, item: &Item, value: &Value<'_>) -> Option<Moment> {
    let zone = cx.window.as_ref().map(|window| (window.zone.clone(), window.zone_name.clone()));
    noted(cx, item, value, zone.as_ref())
}

fn noted(
    cx: &mut Context<'_>,
    item: &Item,
    value: &Value<'_>,
    zone: Option<&(Zone, String)>,
) -> Option<Moment> {
    let moment = written(cx, item, value, zone)?;
    cx.names_time(moment.at.seconds(), moment.at.seconds());
    Some(moment)
}

/// A time zone in quotes.
#[must_use]
pub fn zone(cx: &mut Context<'_>, item: &Item, terms: Terms) -> Option<(Zone, String)> {
    let term = item.get(terms).iter().find(|term| term.kind == TermKind::Text).copied()?;
    let (name, span) = (common::text(item, term).into_owned(), item.span(term.range));
    if let Some(zone) = Zone::named(&name) {
        return Some((zone, name));
    }
    cx.push(unknown_zone("time/unknown-zone", &name, span));
    None
}

/// The finding about a text that names no zone, with the zone that was probably meant.
#[must_use]
pub fn unknown_zone(site: &'static str, name: &str, span: Span) -> Diagnostic {
    let finding = Diagnostic::error(site, "there is no such time zone")
        .primary(span, "not an IANA time zone")
        .help("zones are named by region and city: `\"Europe/Berlin\"`, `\"America/New_York\"`");
    match near_zone::of(name, &zone_names()) {
        Some(near) => finding.replace(span, format!("\"{near}\"")),
        None => finding,
    }
}

fn written(
    cx: &mut Context<'_>,
    item: &Item,
    value: &Value<'_>,
    zone: Option<&(Zone, String)>,
) -> Option<Moment> {
    let span = item.span(value.range);
    match &value.kind {
        ValueKind::Date(text) => {
            let Some(date) = Date::parse(text) else {
                cx.push(no_such_date(span));
                return None;
            };
            let (zone, _) = zone?;
            let (year, month, day) = date.ymd();
            // The first instant of a civil day; where clocks are set forward at midnight the day begins later.
            let at = (0..24).find_map(|hour| {
                let civil = civil(year, month, day, hour, 0, 0)?;
                match zone.resolve(civil) {
                    Local::At(at) => Some(at),
                    Local::Twice { first, .. } => {
                        let utc = i64::from(date.days()) * 86_400 + i64::from(hour) * 3600;
                        Some(utc - i64::from(first))
                    }
                    Local::Never { .. } | Local::Impossible => None,
                }
            })?;
            Some(Moment { at: Instant::from_seconds(at), said: None })
        }
        ValueKind::DateTime { date, time } => {
            let at = instant(cx, span, date, time, zone)?;
            Some(Moment { at, said: None })
        }
        ValueKind::Name("window") => {
            let window = cx.window.as_ref()?;
            Some(Moment { at: window.start, said: Some("window".to_owned()) })
        }
        ValueKind::Moment { anchor: "window", after, quantity } => {
            let Some(by) = quantity::of_quantity(*quantity) else {
                cx.push(
                    Diagnostic::error("types/not-a-duration#moment", "a length of time is expected")
                        .primary(span, "this unit is not one of time"),
                );
                return None;
            };
            let window = cx.window.as_ref()?;
            let at = shift(window.start, by.days, by.seconds, *after, &window.zone)?;
            Some(Moment { at, said: Some(item.slice(value.range).to_owned()) })
        }
        ValueKind::Hole => {
            cx.draft.hole(span, "the time");
            None
        }
        ValueKind::Bad => None,
        _ => {
            cx.push(
                Diagnostic::error("types/not-a-moment", "a moment is expected")
                    .primary(span, "this is not a moment")
                    .help(
                        "write a date, a date and time, or a time relative to the window: `window - 14 days`",
                    ),
            );
            None
        }
    }
}

/// Moves an instant by civil days (the same time on the wall) and seconds.
fn shift(from: Instant, days: u32, seconds: u64, after: bool, zone: &Zone) -> Option<Instant> {
    let sign = if after { 1 } else { -1 };
    let mut at = from.seconds();
    if days > 0 {
        let civil_now = zone.civil_at(at)?;
        let date = Date::new(
            civil_now.year.into(),
            u8::try_from(civil_now.month).ok()?,
            u8::try_from(civil_now.day).ok()?,
        )?;
        let moved = Date::from_days(date.days() + sign * i32::try_from(days).ok()?);
        let (year, month, day) = moved.ymd();
        let moved = Civil {
            year: i16::try_from(year).ok()?,
            month: i8::try_from(month).ok()?,
            day: i8::try_from(day).ok()?,
            ..civil_now
        };
        at = match zone.resolve(moved) {
            Local::At(at) => at,
            // The wall time exists twice or never on that day: take the offset of before the change, as a wall clock does.
            Local::Twice { first: offset, .. } | Local::Never { before: offset, .. } => {
                let midnight = i64::from(Date::new(year, month, day)?.days()) * 86_400;
                let clock =
                    i64::from(moved.hour) * 3600 + i64::from(moved.minute) * 60 + i64::from(moved.second);
                midnight + clock - i64::from(offset)
            }
            Local::Impossible => return None,
        };
    }
    at += i64::from(sign) * i64::try_from(seconds).ok()?;
    Some(Instant::from_seconds(at))
}

fn civil(year: i32, month: u8, day: u8, hour: u32, minute: u32, second: u32) -> Option<Civil> {
    Some(Civil {
        year: i16::try_from(year).ok()?,
        month: i8::try_from(month).ok()?,
        day: i8::try_from(day).ok()?,
        hour: i8::try_from(hour).ok()?,
        minute: i8::try_from(minute).ok()?,
        second: i8::try_from(second).ok()?,
    })
}

/// The instant of a written date and time: with its own offset, or in a zone.
#[must_use]
pub fn instant(
    cx: &mut Context<'_>,
    span: Span,
    date: &str,
    time: &str,
    zone: Option<&(Zone, String)>,
) -> Option<Instant> {
    let Some(day) = Date::parse(date) else {
        cx.push(no_such_date(span));
        return None;
    };
    let (clock, offset) = match time.find(['+', '-', 'Z']) {
        Some(at) => time.split_at_checked(at)?,
        None => (time, ""),
    };
    let full = if clock.len() == 5 { format!("{clock}:00") } else { clock.to_owned() };
    if !offset.is_empty() {
        let made = Instant::parse(&format!("{date}T{full}{offset}"));
        if made.is_none() {
            cx.push(no_such_time(span));
        }
        return made;
    }
    let (zone, zone_name) = zone?;
    let mut parts = full.split(':').filter_map(|p| p.parse::<u32>().ok());
    let (h, m, s) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, month, dom) = day.ymd();
    match zone.resolve(civil(year, month, dom, h, m, s)?) {
        Local::At(at) => Some(Instant::from_seconds(at)),
        Local::Impossible => {
            cx.push(no_such_time(span));
            None
        }
        Local::Twice { first, second } => {
            cx.push(
                Diagnostic::error("time/ambiguous", "this local time happens twice")
                    .primary(span, format!("clocks in {zone_name} are set back that night"))
                    .help(format!(
                        "say which one: `{date} {clock}{}` or `{date} {clock}{}`",
                        offset_text(first),
                        offset_text(second)
                    )),
            );
            None
        }
        Local::Never { before, after } => {
            cx.push(
                Diagnostic::error("time/skipped", "this local time does not happen")
                    .primary(span, format!("clocks in {zone_name} are set forward over it"))
                    .help(format!(
                        "say what you mean: `{date} {clock}{}` or `{date} {clock}{}`",
                        offset_text(before),
                        offset_text(after)
                    )),
            );
            None
        }
    }
}

fn no_such_time(span: Span) -> Diagnostic {
    Diagnostic::error("time/no-such-time", "this time of day does not exist")
        .primary(span, "not on a clock")
        .help("a day has the times from `00:00` to `24:00`; hours past midnight end on the next day: `22:00 to 06:00`")
}

fn offset_text(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A time of day as minutes since midnight: `09:30`. `24:00` is the end of the day.
#[must_use]
pub fn minutes(cx: &mut Context<'_>, item: &Item, value: &Value<'_>) -> Option<u32> {
    let span = item.span(value.range);
    match value.kind {
        ValueKind::Time(text) => {
            let mut parts = text.split(':').filter_map(|p| p.parse::<u32>().ok());
            let made = match (parts.next(), parts.next(), text.len()) {
                (Some(h), Some(m), 5) if (h < 24 && m < 60) || (h == 24 && m == 0) => Some(h * 60 + m),
                _ => None,
            };
            if made.is_none() {
                cx.push(no_such_time(span));
            }
            made
        }
        ValueKind::Hole => {
            cx.draft.hole(span, "the time of day");
            None
        }
        ValueKind::Bad => None,
        _ => {
            cx.push(
                Diagnostic::error("types/not-a-time", "a time of day is expected")
                    .primary(span, "this is not a time of day")
                    .help("write hours and minutes: `09:30`"),
            );
            None
        }
    }
}
