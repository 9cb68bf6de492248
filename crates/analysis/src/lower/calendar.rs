//! `calendar`: opening hours, breaks and special days of one place.

use std::collections::BTreeMap;

use cutover_calendar::Zone;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::time::Date;
use cutover_plan::model::{Calendar, Content, Holiday, OpeningHours};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, TermKind};
use cutover_syntax::value::{self, Value, ValueKind};

use crate::context::{Context, name_of};
use crate::lower::checks;
use crate::read::{common, moment, names};

/// The days of the week as specs write them, and in full.
const DAYS: &[(&str, &str)] = &[
    ("mon", "monday"),
    ("tue", "tuesday"),
    ("wed", "wednesday"),
    ("thu", "thursday"),
    ("fri", "friday"),
    ("sat", "saturday"),
    ("sun", "sunday"),
];

/// Minutes of a day.
const DAY: u32 = 1440;

/// A stretch of a day in minutes since midnight, and the line that says so.
#[derive(Clone, Copy)]
struct Stretch {
    from: u32,
    to: u32,
    span: Span,
}

/// Lowers `calendar`.
pub fn lower(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Calendar).collect::<Vec<_>>() {
        calendar(cx, item);
    }
}

fn calendar(cx: &mut Context<'_>, item: &Item) {
    let Some(((name, _), head)) = name_of(item).zip(item.head()) else { return };
    let id = Id::new(["calendar", &name]);
    let zone = zone(cx, item);
    let hours = week(cx, item, head);
    let holidays = holidays(cx, item, &id);
    let known_until = checks::once(cx, item, StmtKw::Horizon).and_then(|line| {
        cx.draft.place(id.child("horizon"), item.line_span(line));
        checks::nothing_more(cx, item, checks::behind_value(item, item.get(line.lead)));
        moment::date(cx, item, line.lead)
    });
    let Some(zone) = zone else { return };
    let made =
        common::plan_item(cx, item, head, Content::Calendar(Calendar { zone, hours, holidays, known_until }));
    cx.draft.add(id, item.line_span(head), made);
}

fn zone(cx: &mut Context<'_>, item: &Item) -> Option<String> {
    let Some(line) = checks::once(cx, item, StmtKw::Zone) else {
        if !item.body_lines().is_empty() {
            cx.push(
                Diagnostic::error("calendars/no-zone", "a calendar says in no time zone when it is open")
                    .primary(item.head_span(), "09:00 where?")
                    .help("add `zone \"Europe/Berlin\"`"),
            );
        }
        return None;
    };
    let (term, rest) = item.get(line.lead).split_first()?;
    let (term, span) = (*term, item.span(term.range));
    checks::nothing_more(cx, item, rest);
    if term.kind == TermKind::Hole {
        cx.draft.hole(span, "the time zone");
        return None;
    }
    let name = common::text(item, term).into_owned();
    if term.kind == TermKind::Text && Zone::named(&name).is_some() {
        return Some(name);
    }
    cx.push(moment::unknown_zone("time/unknown-zone#calendar", &name, span));
    None
}

/// The opening hours of a week: what is opened, less the breaks.
fn week(cx: &mut Context<'_>, item: &Item, head: &Line) -> Vec<OpeningHours> {
    let mut open: [Vec<Stretch>; 7] = Default::default();
    let mut sound = true;
    for line in item.body_lines().iter().filter(|line| line.statement == Some(StmtKw::Open)) {
        sound &= add(cx, item, line, &mut open).is_some();
    }
    for day in &mut open {
        overlaps(cx, day);
    }
    let opened = open.iter().any(|day| !day.is_empty());
    let mut breaks: [Vec<Stretch>; 7] = Default::default();
    for line in item.body_lines().iter().filter(|line| line.statement == Some(StmtKw::Break)) {
        sound &= add(cx, item, line, &mut breaks).is_some();
    }
    let mut reported: Vec<Span> = Vec::new();
    for (day, pauses) in open.iter_mut().zip(&breaks) {
        for pause in pauses {
            if !cut(day, *pause) && sound && !reported.contains(&pause.span) {
                reported.push(pause.span);
            }
        }
    }
    for span in reported {
        cx.push(
            Diagnostic::error("calendars/break-outside", "a break lies outside of the opening hours")
                .primary(span, "on one of these days it is not open all this time")
                .help("a break is a part of the hours of each day that it names"),
        );
    }
    if sound && !item.body_lines().is_empty() && open.iter().all(Vec::is_empty) {
        cx.push(
            Diagnostic::error("calendars/never-open", "a calendar is never open")
                .primary(item.line_span(head), "no clock that runs in business time would ever end")
                .help(match opened {
                    true => "its breaks take all of its opening hours: shorten `break`, or let `open` begin earlier or end later",
                    false => "add `open mon, tue, wed, thu, fri 09:00 to 17:00`",
                }),
        );
    }
    by_hours(&open)
}

/// Adds the stretches of a line to the days that it names. What goes past midnight ends on the next day.
fn add(cx: &mut Context<'_>, item: &Item, line: &Line, week: &mut [Vec<Stretch>; 7]) -> Option<()> {
    let span = item.line_span(line);
    let terms = item.get(line.lead).to_vec();
    let mut days: Vec<usize> = Vec::new();
    let mut known = true;
    let names: Vec<&str> = DAYS.iter().map(|(short, _)| *short).collect();
    let count = terms.iter().take_while(|term| matches!(term.kind, TermKind::Word | TermKind::Comma)).count();
    for term in terms.iter().take(count).filter(|term| term.kind == TermKind::Word) {
        let day = names::one_of(cx, item, *term, "a day of the week", &names);
        let at = day.and_then(|day| names.iter().position(|name| *name == day));
        known &= at.is_some();
        if at.is_some_and(|at| days.contains(&at)) {
            cx.push(
                Diagnostic::error("calendars/overlap#list", "opening hours overlap")
                    .primary(item.span(term.range), "this day is named already")
                    .help("name each day once; perhaps another day is meant here"),
            );
        }
        days.extend(at.filter(|at| !days.contains(at)));
    }
    if count == 0 {
        cx.push(if line.statement == Some(StmtKw::Break) {
            Diagnostic::error("calendars/no-days#break", "a break names no day")
                .primary(span, "on which days is it closed then?")
                .help("name them before the time: `break mon, tue, wed, thu, fri 12:00 to 13:00`")
        } else {
            Diagnostic::error("calendars/no-days", "opening hours name no day")
                .primary(span, "on which days?")
                .help("name them before the time: `open mon, tue, wed, thu, fri 09:00 to 17:00`")
        });
        return None;
    }
    let Some((from, _)) = value::read(item, terms.get(count..).unwrap_or_default()) else {
        cx.push(
            Diagnostic::error("calendars/no-time", "opening hours name no time of day")
                .primary(span, "from when on?")
                .help("write the time behind the days: `open mon, tue 09:00 to 17:00`"),
        );
        return None;
    };
    checks::nothing_more(cx, item, checks::behind_value(item, terms.get(count..).unwrap_or_default()));
    let from = moment::minutes(cx, item, &from)?;
    let (to, _) = value::read(item, item.get(line.clause(ClauseKw::To)?.terms))?;
    let to = moment::minutes(cx, item, &to)?;
    if from == to || from == DAY {
        cx.push(
            Diagnostic::error("time/no-length#hours", "a length of time is nothing")
                .primary(span, "it ends when it begins")
                .help("a whole day is `00:00 to 24:00`"),
        );
        return None;
    }
    if to + 1 == DAY {
        cx.push(
            Diagnostic::warning(
                "calendars/last-minute",
                "a calendar is closed in the last minute of the day",
            )
            .primary(span, "from 23:59 to midnight no clock runs")
            .help("write `24:00` for the end of the day"),
        );
    }
    for day in days {
        let mut put = |at: usize, from: u32, to: u32| {
            if let Some(stretches) = week.get_mut(at % 7) {
                stretches.push(Stretch { from, to, span });
            }
        };
        if from < to {
            put(day, from, to);
        } else {
            put(day, from, DAY);
            if to > 0 {
                put(day + 1, 0, to);
            }
        }
    }
    known.then_some(())
}

/// Sorts the stretches of a day, and reports the first two that overlap.
fn overlaps(cx: &mut Context<'_>, day: &mut [Stretch]) {
    day.sort_by_key(|stretch| (stretch.from, stretch.to));
    for pair in day.windows(2) {
        let [first, second] = pair else { continue };
        if second.from >= first.to {
            continue;
        }
        let (one, other) = (first.span.min(second.span), first.span.max(second.span));
        let diagnostic = Diagnostic::error("calendars/overlap", "opening hours overlap")
            .primary(other, "on one of these days it is open already");
        let diagnostic = if one == other { diagnostic } else { diagnostic.secondary(one, "by this line") };
        cx.push(diagnostic.help("hours count once; let one line end before the other begins"));
        return;
    }
}

/// Takes a break out of the hours of a day. `false` when it is not inside of one stretch.
fn cut(day: &mut Vec<Stretch>, pause: Stretch) -> bool {
    let Some(at) = day.iter().position(|open| open.from <= pause.from && pause.to <= open.to) else {
        return false;
    };
    let open = day.remove(at);
    let after = Stretch { from: pause.to, ..open };
    let before = Stretch { to: pause.from, ..open };
    for part in [after, before] {
        if part.from < part.to {
            day.insert(at, part);
        }
    }
    true
}

/// Days with the same hours together.
fn by_hours(week: &[Vec<Stretch>; 7]) -> Vec<OpeningHours> {
    let mut days: BTreeMap<(u32, u32), Vec<String>> = BTreeMap::new();
    for (stretches, (_, name)) in week.iter().zip(DAYS) {
        for stretch in stretches {
            days.entry((stretch.from, stretch.to)).or_default().push((*name).to_owned());
        }
    }
    days.into_iter().map(|((from, to), days)| OpeningHours { days, from, to }).collect()
}

/// Holidays and special days, sorted.
fn holidays(cx: &mut Context<'_>, item: &Item, id: &Id) -> Vec<Holiday> {
    let mut found: BTreeMap<Date, (Holiday, Span)> = BTreeMap::new();
    for line in item.body_lines() {
        let read = match line.statement {
            Some(StmtKw::Holiday) => holiday(cx, item, line),
            Some(StmtKw::Special) => special(cx, item, line),
            _ => None,
        };
        let Some(day) = read else { continue };
        let span = item.line_span(line);
        let Some((first, at)) = found.get_mut(&day.date) else {
            cx.draft.place(id.child(&day.date.to_string()), span);
            found.insert(day.date, (day, span));
            continue;
        };
        // A special day may have several stretches; a holiday is one thing.
        let apart = day.open.iter().all(|(from, to)| first.open.iter().all(|(f, t)| to <= f || from >= t));
        if !first.open.is_empty() && !day.open.is_empty() && apart {
            first.open.extend(day.open);
            first.open.sort_unstable();
            continue;
        }
        let at = *at;
        cx.push(
            Diagnostic::error("calendars/day-twice", "a day has two meanings")
                .primary(span, "the second line about this day")
                .secondary(at, "the first one")
                .help("keep one of them"),
        );
    }
    found.into_values().map(|(day, _)| day).collect()
}

/// Behind the date of a day may stand its name, and nothing else.
fn named(cx: &mut Context<'_>, item: &Item, line: &Line) {
    let rest = checks::behind_value(item, item.get(line.lead));
    let name = usize::from(rest.first().is_some_and(|term| term.kind == TermKind::Text));
    checks::nothing_more(cx, item, rest.get(name..).unwrap_or_default());
}

fn holiday(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<Holiday> {
    named(cx, item, line);
    let date = moment::date(cx, item, line.lead)?;
    Some(Holiday { date, name: common::first_text(item, line.lead), open: Vec::new() })
}

fn special(cx: &mut Context<'_>, item: &Item, line: &Line) -> Option<Holiday> {
    let (day, _) = value::read(item, item.get(line.lead))?;
    named(cx, item, line);
    let ValueKind::DateTime { date, time } = day.kind else {
        if let ValueKind::Hole = day.kind {
            cx.draft.hole(item.span(day.range), "the special day");
        } else {
            cx.push(
                Diagnostic::error("calendars/special", "a special day has a date and hours")
                    .primary(item.span(day.range), "a date and a time of day are expected")
                    .help("write `special 2026-12-24 09:00 to 14:00`; a day on which it is closed is a `holiday`"),
            );
        }
        return None;
    };
    let date = moment::date_of(cx, item, &Value { kind: ValueKind::Date(date), range: day.range });
    let from = moment::minutes(cx, item, &Value { kind: ValueKind::Time(time), range: day.range });
    let (to, _) = value::read(item, item.get(line.clause(ClauseKw::To)?.terms))?;
    let to = moment::minutes(cx, item, &to);
    let (date, from, to) = (date?, from?, to?);
    if to <= from {
        cx.push(
            Diagnostic::error("calendars/special#order", "a special day has a date and hours")
                .primary(item.line_span(line), "it ends before it begins")
                .help("hours past midnight belong to a line of the next day"),
        );
        return None;
    }
    Some(Holiday { date, name: common::first_text(item, line.lead), open: vec![(from, to)] })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cutover_diagnostics::FileId;
    use cutover_ir::Id;
    use cutover_plan::model::{Calendar, Content};
    use rustc_hash::FxHashMap;

    use super::lower;
    use crate::context::Context;
    use crate::world::World;

    /// The calendar of these lines, and the codes of the findings.
    fn read(lines: &str) -> (Option<Calendar>, Vec<&'static str>) {
        let text: Arc<str> = format!("calendar c {{\n  zone \"Europe/Berlin\"\n{lines}\n}}\n").into();
        let (file, found) = cutover_syntax::parse::parse(FileId(0), &text);
        assert_eq!(found.len(), 0, "{found:?}");
        let (world, files, assets) = (World::default(), [file], FxHashMap::default());
        let mut cx = Context::new(&world, &files, &assets);
        lower(&mut cx);
        let made = cx.draft.plan.items.remove(&Id::new(["calendar", "c"])).map(|item| item.content);
        let calendar = match made {
            Some(Content::Calendar(calendar)) => Some(calendar),
            _ => None,
        };
        (calendar, cx.draft.diagnostics.iter().map(|finding| finding.code).collect())
    }

    fn hours(lines: &str) -> Vec<(String, u32, u32)> {
        let (calendar, found) = read(lines);
        assert_eq!(found, [""; 0]);
        let hours = calendar.map(|calendar| calendar.hours).unwrap_or_default();
        hours.into_iter().map(|hours| (hours.days.join(" "), hours.from, hours.to)).collect()
    }

    #[test]
    fn hours_past_midnight_end_on_the_next_day() {
        let night = hours("open fri, sun 22:00 to 06:00");
        assert_eq!(night, [("monday saturday".to_owned(), 0, 360), ("friday sunday".to_owned(), 1320, 1440)]);
    }

    #[test]
    fn breaks_are_taken_out() {
        let days = hours("open mon, tue 09:00 to 17:00\nbreak tue 12:00 to 13:00\nbreak mon 09:00 to 10:00");
        let expected = [
            ("tuesday".to_owned(), 540, 720),
            ("monday".to_owned(), 600, 1020),
            ("tuesday".to_owned(), 780, 1020),
        ];
        assert_eq!(days, expected);
        assert_eq!(read("open sun 22:00 to 06:00\nbreak mon 05:00 to 07:00").1, ["calendars/break-outside"]);
    }

    #[test]
    fn the_end_of_a_week_reaches_into_its_beginning() {
        assert_eq!(read("open sun 22:00 to 06:00\nopen mon 05:00 to 12:00").1, ["calendars/overlap"]);
        assert_eq!(read("open sun 22:00 to 05:00\nopen mon 05:00 to 12:00").1, [""; 0]);
    }

    #[test]
    fn a_special_day_may_have_several_stretches() {
        let (calendar, found) = read(
            "open mon 09:00 to 17:00\nspecial 2026-12-24 14:00 to 16:00\nspecial 2026-12-24 09:00 to 12:00",
        );
        assert_eq!(found, [""; 0]);
        let open = calendar.and_then(|calendar| calendar.holidays.into_iter().next()).map(|day| day.open);
        assert_eq!(open, Some(vec![(540, 720), (840, 960)]));
        let twice = read(
            "open mon 09:00 to 17:00\nspecial 2026-12-24 09:00 to 12:00\nspecial 2026-12-24 11:00 to 16:00",
        );
        assert_eq!(twice.1, ["calendars/day-twice"]);
    }
}
