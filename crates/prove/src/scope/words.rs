//! A witness in words: `a ticket with status "Pending" and created_at 2022-12-31`.

use cutover_analysis::lower::maps::words::a;
use cutover_ir::predicate::{Literal, StatusClass};
use cutover_ir::quantity::Duration;
use cutover_ir::time::{Date, Instant};
use cutover_plan::model::Window;
use cutover_plan::text::local;

use crate::space::{Asked, Cell, Given, Range, Unit};

/// The record that a witness describes.
pub(crate) fn record(title: &str, witness: &[Given], window: Option<&Window>) -> String {
    let mut with = Vec::new();
    let mut that = Vec::new();
    for given in witness {
        match said(given, window) {
            Said::With(text) => with.push(text),
            Said::That(text) => that.push(text),
        }
    }
    let mut text = if witness.is_empty() { format!("any {title}") } else { a(title) };
    if !with.is_empty() {
        text = format!("{text} with {}", joined(&with));
    }
    if !that.is_empty() {
        text = format!("{text} that is {}", joined(&that));
    }
    text
}

enum Said {
    With(String),
    That(String),
}

fn said(given: &Given, window: Option<&Window>) -> Said {
    let field = given.asked.field();
    match (&given.asked, &given.cell) {
        (Asked::Word(_, word), Cell::Yes) => Said::That(word.clone()),
        (Asked::Word(_, word), _) => Said::That(format!("not {word}")),
        (Asked::Label(_, label), Cell::Yes) => Said::With(format!("{} in {field}", literal(label))),
        (Asked::Label(_, label), _) => Said::With(format!("no {} in {field}", literal(label))),
        (Asked::NoLabel(_), Cell::Yes) | (_, Cell::Missing) => Said::With(format!("no {field}")),
        (Asked::NoLabel(_), _) => Said::With(format!("some {field}")),
        (_, Cell::Yes) => Said::With(format!("{field} yes")),
        (_, Cell::No) => Said::With(format!("{field} no")),
        (_, Cell::Option { name, .. }) => Said::With(format!("{field} \"{name}\"")),
        (_, Cell::Unlisted { class }) => Said::With(match class {
            Some(StatusClass::Unfinished) => format!("an unfinished {field} that nobody has listed"),
            Some(StatusClass::Finished) => format!("a finished {field} that nobody has listed"),
            None => format!("another {field}"),
        }),
        (_, Cell::Range(range)) => Said::With(format!("{field} {}", number(range, window))),
    }
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => format!("\"{text}\""),
        Literal::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Literal::Number(number) => number.to_string(),
        Literal::Date(date) => date.to_string(),
        Literal::Instant(instant) => instant.to_string(),
        Literal::Duration(duration) => duration.to_string(),
    }
}

fn number(range: &Range, window: Option<&Window>) -> String {
    let at = range.pick;
    match range.unit {
        Unit::One => at.to_string(),
        Unit::Tiny => decimal(if at % (TINY / 100) == 0 { at } else { shortest(range.from, range.to) }),
        Unit::Day => {
            i32::try_from(at).map_or_else(|_| at.to_string(), |days| Date::from_days(days).to_string())
        }
        Unit::Second => Duration::elapsed(u64::try_from(at).unwrap_or(0)).to_string(),
        Unit::Nano => {
            let Some(window) = window else { return Instant::from_nanos(at).to_string() };
            day(range, window).map_or_else(|| moment(at, window), |day| day.to_string())
        }
    }
}

/// One, in the steps of a decimal.
const TINY: i128 = 1_000_000_000_000_000_000;

/// The number between two others, both included, that takes the fewest digits behind the point.
fn shortest(from: i128, to: i128) -> i128 {
    let mut step = TINY;
    while step > 1 {
        let at = from.div_euclid(step).saturating_add(i128::from(from.rem_euclid(step) != 0));
        match at.checked_mul(step) {
            Some(at) if at <= to => return at,
            _ => step /= 10,
        }
    }
    from
}

/// A number of steps of a decimal, exactly.
fn decimal(at: i128) -> String {
    let (whole, rest) = (at.unsigned_abs() / TINY.unsigned_abs(), at.unsigned_abs() % TINY.unsigned_abs());
    let sign = if at < 0 { "-" } else { "" };
    let fraction = format!("{rest:018}");
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{digits}"),
    }
}

/// A moment in the window's time, as exactly as it is, with the offset: the plan knows that of its own night, and a minute may happen twice.
fn moment(at: i128, window: &Window) -> String {
    const SECOND: i128 = 1_000_000_000;
    let instant = Instant::from_nanos(at);
    let offset = window.offsets.iter().rev().find(|offset| offset.from <= instant);
    let offset = offset.or(window.offsets.first()).map_or(0, |offset| offset.seconds);
    let mut text = local::minute(window, instant);
    let seconds = at.div_euclid(SECOND).rem_euclid(60);
    let rest = at.rem_euclid(SECOND);
    if seconds != 0 || rest != 0 {
        text.push_str(&format!(":{seconds:02}"));
    }
    if rest != 0 {
        text.push_str(&format!(".{rest:09}"));
    }
    let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs() / 60);
    format!("{text}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The day of a moment that was picked beside a midnight. The plan knows the offsets of its own time only, so an hour more or less counts as
/// midnight too: somebody wrote a date, in summer or in winter.
fn day(range: &Range, window: &Window) -> Option<Date> {
    const DAY: i128 = 86_400_000_000_000;
    let border = if range.pick == range.from { range.from } else { range.to + 1 };
    if border != range.pick && border - range.pick != DAY {
        return None;
    }
    let seconds = Instant::from_nanos(border).seconds();
    let offsets = window
        .offsets
        .iter()
        .flat_map(|offset| [0, 3600, -3600].map(|more| i64::from(offset.seconds) + more));
    let midnight =
        offsets.map(|offset| seconds.saturating_add(offset)).find(|local| local.rem_euclid(86_400) == 0)?;
    let day = Instant::from_seconds(midnight).utc_date();
    Some(if border == range.pick { day } else { Date::from_days(day.days() - 1) })
}

/// `a, b and c`.
pub(crate) fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
