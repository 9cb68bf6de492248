//! Hours, instants and answers as the test data writes them.

use cutover_calendar::{Civil, Day, Hours, Local, Stretch, Zone};

/// Names of days, Monday first.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// `2006-01-02`.
pub(crate) fn day(text: &str) -> Option<Day> {
    let mut parts = text.splitn(3, '-');
    let mut next = || parts.next()?.parse::<i16>().ok();
    let (year, month, day) = (next()?, next()?, next()?);
    Day::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
}

/// `2006-01-02T09:00:00Z` as seconds.
pub(crate) fn instant(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (year, month, day) = day(date)?.parts()?;
    let mut parts = time.splitn(3, ':');
    let mut next = || parts.next()?.parse::<i8>().ok();
    let civil = Civil { year, month, day, hour: next()?, minute: next()?, second: next()? };
    match Zone::named("Etc/UTC")?.resolve(civil) {
        Local::At(at) => Some(at),
        _ => None,
    }
}

/// Seconds as `2006-01-02T09:00:00Z`.
pub(crate) fn written(instant: i64) -> String {
    let civil = Zone::named("Etc/UTC").and_then(|zone| zone.civil_at(instant));
    civil.map_or_else(
        || instant.to_string(),
        |c| {
            let date = format!("{:04}-{:02}-{:02}", c.year, c.month, c.day);
            format!("{date}T{:02}:{:02}:{:02}Z", c.hour, c.minute, c.second)
        },
    )
}

/// `09:00` in minutes.
fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    Some(hour.parse::<u32>().ok()? * 60 + minute.parse::<u32>().ok()?)
}

/// From `09:00` to `17:00`; an end of `00:00` is the end of the day.
pub(crate) fn stretch(from: &str, to: &str) -> Option<Stretch> {
    let to = minutes(to)?;
    Some(Stretch::minutes(minutes(from)?, if to == 0 { 1440 } else { to }))
}

/// The day of the week of `mon`.
pub(crate) fn weekday(text: &str) -> Option<usize> {
    DAYS.iter().position(|day| *day == text)
}

/// Adds `mon-fri 09:00-17:00;sat 10:00-12:00` to a week.
pub(crate) fn add_week(week: &mut [Vec<Stretch>; 7], text: &str) -> Option<()> {
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (days, times) = part.split_once(' ')?;
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (from, to) = times.split_once('-')?;
        for day in week.get_mut(weekday(first)?..=weekday(last)?)? {
            day.push(stretch(from, to)?);
        }
    }
    Some(())
}

/// Adds `2026-03-02 12:00-13:00;…` to dates.
pub(crate) fn add_dates(dates: &mut std::collections::BTreeMap<Day, Vec<Stretch>>, text: &str) -> Option<()> {
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (date, times) = part.split_once(' ')?;
        let (from, to) = times.split_once('-')?;
        dates.entry(day(date)?).or_default().push(stretch(from, to)?);
    }
    Some(())
}

/// Hours of a zone and a week, with holidays apart by blanks.
pub(crate) fn hours(zone: &str, week: &str, holidays: &str) -> Option<Hours> {
    let mut hours = Hours::closed(Zone::named(zone)?);
    add_week(&mut hours.week, week)?;
    hours.holidays = holidays.split_whitespace().map(day).collect::<Option<_>>()?;
    Some(hours)
}

/// The rows of a file of test data.
pub(crate) fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    reader.records().flatten().map(|row| row.iter().map(str::to_owned).collect()).collect()
}
