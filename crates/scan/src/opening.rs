//! Opening hours and holidays in the forms of the products, told in the form of inventories.

use cutover_catalog::fact::Names;
use cutover_catalog::opening::{Closed, DAYS, Opening};
use cutover_ir::time::Date;
use cutover_records::Cell;
use serde_json::Value;

use crate::finding::{Findings, Severity};

const DAY: u64 = 24 * 60;

/// A range of holidays that is longer is none.
const LONGEST: i32 = 100;

/// Hours by day of the week: `mon 09:00 to 17:00`. `None` when they are in a form that is not known: part of them would be wrong.
pub(crate) fn hours(cell: &Cell<'_>) -> Option<Names> {
    let mut found: Vec<(usize, u64, u64)> = Vec::new();
    match read(cell)? {
        // Minutes since the beginning of Sunday, or `Monday 9:00-17:00`.
        Value::Array(items) => {
            for item in items {
                found.push(match &item {
                    Value::String(text) => {
                        let (day, times) = text.trim().split_once(' ')?;
                        let (from, to) = times.split_once('-')?;
                        (day_of(day)?, time(from)?, time(to)?)
                    }
                    Value::Object(_) => {
                        let (from, to) = (item.get("start_time")?.as_u64()?, item.get("end_time")?.as_u64()?);
                        let day = from / DAY;
                        let weekday = usize::try_from(day).ok().filter(|day| *day < 7)?;
                        ((weekday + 6) % 7, from % DAY, to.checked_sub(day * DAY).filter(|to| *to <= DAY)?)
                    }
                    _ => return None,
                });
            }
        }
        // By day: from and to, or a list of both and whether it counts.
        Value::Object(days) => {
            for (day, given) in &days {
                let day = day_of(day)?;
                if given.is_null() || given.get("active").and_then(Value::as_bool) == Some(false) {
                    continue;
                }
                if let Some(frames) = given.get("timeframes").and_then(Value::as_array) {
                    for frame in frames {
                        let at = |at: usize| time(frame.get(at)?.as_str()?);
                        found.push((day, at(0)?, at(1)?));
                    }
                } else {
                    let at = |key: &str| time(given.get(key)?.as_str()?);
                    found.push((day, at("start_time")?, at("end_time")?));
                }
            }
        }
        _ => return None,
    }
    found.sort_unstable();
    // Days that are alike stand together.
    let mut alike: Vec<((u64, u64), Vec<&str>)> = Vec::new();
    for (day, from, to) in found {
        let day = DAYS.get(day)?;
        match alike.iter_mut().find(|(times, _)| *times == (from, to)) {
            Some((_, days)) => days.push(day),
            None => alike.push(((from, to), vec![day])),
        }
    }
    let said = alike.into_iter().map(|((from, to), days)| {
        let days = days.join(", ");
        let said = format!("{days} {:02}:{:02} to {:02}:{:02}", from / 60, from % 60, to / 60, to % 60);
        // What inventories could not hold is not told.
        Opening::parse(&said).map(|_| said.into_boxed_str())
    });
    said.collect::<Option<Vec<_>>>().map(|said| Names(said.into()))
}

/// Holidays: `2026-12-25`, or `12-25` for every year. `None` when they are in a form that is not known.
pub(crate) fn holidays(cell: &Cell<'_>) -> Option<Names> {
    let mut found: Vec<Box<str>> = Vec::new();
    // A row may be a day.
    if let Cell::Text(day) = cell
        && Closed::parse(day).is_some()
    {
        return Some(Names([day.as_ref().into()].into()));
    }
    match read(cell)? {
        Value::Array(items) => {
            for item in items {
                match &item {
                    Value::String(day) => found.push(day.as_str().into()),
                    Value::Object(_) => match (item.get("start_date"), item.get("end_date")) {
                        (Some(from), Some(to)) => {
                            found.extend(range(from.as_str()?, to.as_str()?)?);
                        }
                        _ => found.push(item.get("date")?.as_str()?.into()),
                    },
                    _ => return None,
                }
            }
        }
        Value::Object(days) => {
            let counts = |given: &Value| given.get("active").and_then(Value::as_bool) != Some(false);
            found.extend(days.iter().filter(|(_, given)| counts(given)).map(|(day, _)| day.as_str().into()));
        }
        _ => return None,
    }
    found.sort_unstable();
    found.dedup();
    found.iter().all(|day| Closed::parse(day).is_some()).then(|| Names(found.into()))
}

/// Days out of rows: `2026-12-25`, or `2026-12-24 2026-12-26` from one to the other. `None` when one of them is neither.
pub(crate) fn days(rows: &[String]) -> Option<Names> {
    let mut found: Vec<Box<str>> = Vec::new();
    for row in rows {
        let (from, to) = row.split_once(' ').unwrap_or((row, row));
        found.extend(range(from, to)?);
    }
    found.sort_unstable();
    found.dedup();
    Some(Names(found.into()))
}

/// The days from one to another, both included.
fn range(from: &str, to: &str) -> Option<impl Iterator<Item = Box<str>>> {
    let (from, to) = (Date::parse(from)?, Date::parse(to)?);
    let length = to.days() - from.days();
    (0..LONGEST)
        .contains(&length)
        .then(|| (from.days()..=to.days()).map(|day| Date::from_days(day).to_string().into_boxed_str()))
}

/// Tells of hours or holidays that are left out, since nobody knows the form in which they are written.
pub(crate) fn unread(findings: &mut Findings, (file, kind): (&str, &str), field: &str, count: u64) {
    findings.plain(
        Severity::Warning,
        "scan/unread-hours",
        (file, kind),
        format!("{field} of {kind} stand in a form that is not known: they are not in the inventory"),
        "Write them into the inventory by hand: `hours: [\"mon, tue 09:00 to 17:00\"]`, `holidays: [2026-12-25]`. Until then promises are counted by the hours of the spec.",
        count,
    );
}

/// A list or an object; also one that stands as a text in a table.
fn read(cell: &Cell<'_>) -> Option<Value> {
    match cell {
        Cell::List(text) | Cell::Object(text) => serde_json::from_str(text).ok(),
        Cell::Text(text) if text.trim_start().starts_with(['[', '{']) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

/// `Monday`, `mon`.
fn day_of(name: &str) -> Option<usize> {
    let name = name.trim().to_ascii_lowercase();
    let full = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    full.iter().position(|full| *full == name).or_else(|| DAYS.iter().position(|day| *day == name))
}

/// `9:00`, `17:00`, `9:00 am`, `11:59 pm` as minutes since midnight. One minute before midnight closes at midnight: no product that
/// writes so has another way to say it.
fn time(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let half =
        [("am", 0), ("pm", 12)].into_iter().find_map(|(name, hours)| Some((text.strip_suffix(name)?, hours)));
    let (clock, half) = half.map_or((&*text, None), |(clock, hours)| (clock.trim_end(), Some(hours)));
    let (hour, minute) = clock.split_once(':')?;
    let (hour, minute): (u64, u64) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) => hour % 12 + half,
        None => hour,
    };
    match (minute < 60 && hour <= 24).then_some(hour * 60 + minute)? {
        1439 => Some(DAY),
        minutes => (minutes <= DAY).then_some(minutes),
    }
}

#[cfg(test)]
mod tests {
    use super::{days, holidays, hours};
    use cutover_catalog::fact::Names;
    use cutover_records::Cell;

    fn said(names: Option<Names>) -> Option<String> {
        names.map(|names| names.iter().collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn hours_of_each_product() {
        for (given, wanted) in [
            // Request Tracker, Zendesk, Freshdesk, Zammad.
            (r#"["Monday 9:00-17:00", "Saturday 10:00-14:00"]"#, "mon 09:00 to 17:00, sat 10:00 to 14:00"),
            (
                r#"[{"start_time":600,"end_time":840},{"start_time":1980,"end_time":2460},{"start_time":9240,"end_time":10080}]"#,
                "mon 09:00 to 17:00, sat 10:00 to 24:00, sun 10:00 to 14:00",
            ),
            (
                r#"{"monday":{"start_time":"9:00 am","end_time":"5:00 pm"},"friday":{"start_time":"9:00 pm","end_time":"11:59 pm"},"sunday":null}"#,
                "mon 09:00 to 17:00, fri 21:00 to 24:00",
            ),
            (
                r#"{"mon":{"active":true,"timeframes":[["09:00","12:00"],["13:00","17:00"]]},"sat":{"active":false,"timeframes":[["10:00","14:00"]]}}"#,
                "mon 09:00 to 12:00, mon 13:00 to 17:00",
            ),
        ] {
            let cell = Cell::of_json_text(given);
            assert_eq!(said(hours(&cell)), Some(wanted.to_owned()));
            assert_eq!(said(hours(&Cell::Text(given.into()))), Some(wanted.to_owned()));
        }
        for odd in [
            r#"["Monday"]"#,
            r#"{"someday":{"start_time":"9:00"}}"#,
            r#"[{"start_time":1980,"end_time":9999}]"#,
            "\"9 to 5\"",
            "17",
        ] {
            assert_eq!(said(hours(&Cell::of_json_text(odd))), None, "{odd}");
        }
    }

    #[test]
    fn days_of_a_table_of_their_own() {
        let rows = |rows: &[&str]| days(&rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>());
        let both = rows(&["2027-01-01", "2026-12-24 2026-12-26", "2026-12-25 2026-12-25"]);
        assert_eq!(said(both), Some("2026-12-24, 2026-12-25, 2026-12-26, 2027-01-01".to_owned()));
        assert_eq!(said(rows(&[])), Some(String::new()));
        for odd in
            [["25.12.2026"], ["2026-12-26 2026-12-24"], ["2026-12-24 2036-12-24"], ["2026-12-24 later"]]
        {
            assert_eq!(said(rows(&odd)), None, "{odd:?}");
        }
    }

    #[test]
    fn holidays_of_each_product() {
        for (given, wanted) in [
            (r#"["12-25", "2026-04-03"]"#, "12-25, 2026-04-03"),
            (r#"[{"name":"Christmas","date":"12-25"}]"#, "12-25"),
            (
                r#"[{"start_date":"2026-12-24","end_date":"2026-12-26"}]"#,
                "2026-12-24, 2026-12-25, 2026-12-26",
            ),
            (r#"{"2026-12-25":{"active":true},"2026-12-24":{"active":false}}"#, "2026-12-25"),
            ("[]", ""),
        ] {
            assert_eq!(said(holidays(&Cell::of_json_text(given))), Some(wanted.to_owned()));
        }
        for odd in [
            r#"["Christmas"]"#,
            r#"[{"name":"Christmas"}]"#,
            r#"[{"start_date":"2026-12-24","end_date":"2036-12-26"}]"#,
            "17",
        ] {
            assert_eq!(said(holidays(&Cell::of_json_text(odd))), None, "{odd}");
        }
    }
}
