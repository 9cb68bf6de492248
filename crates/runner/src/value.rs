//! A value of a metric: how it is told, kept, and compared with a bound.

use std::cmp::Ordering;

use cutover_ir::measure::{Bound, Comparison, Measure};
use cutover_ir::quantity::Decimal;

/// What a metric comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// So many of so many.
    Share {
        /// So many.
        count: u64,
        /// Of so many.
        of: u64,
    },
    /// A number that somebody told.
    Number(Decimal),
    /// A share in percent that somebody told.
    Percent(Decimal),
    /// Seconds.
    Time(u64),
}

impl Value {
    /// In words.
    pub(crate) fn words(&self) -> String {
        match self {
            Value::Share { count, of: 0 } => count.to_string(),
            Value::Share { count, of } => format!("{count} of {of}"),
            Value::Number(number) => number.to_string(),
            Value::Percent(number) => format!("{number}%"),
            Value::Time(seconds) => cutover_plan::text::numbers::span(*seconds),
        }
    }

    /// As somebody writes it: `3`, `0.4%`, `45 min`, `2 hours`.
    pub(crate) fn parse(text: &str) -> Option<Value> {
        let text = text.trim();
        if let Some(share) = text.strip_suffix('%') {
            return Decimal::parse(share.trim()).filter(|share| share.scaled(6) >= 0).map(Value::Percent);
        }
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let number = Decimal::parse(number)?;
        let seconds = match unit.trim() {
            "" => return Some(Value::Number(number)),
            "s" | "second" | "seconds" => 1,
            "min" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3600,
            "day" | "days" => 86_400,
            _ => return None,
        };
        let seconds = number.scaled(6).checked_mul(seconds)? / MILLION;
        u64::try_from(seconds).ok().map(Value::Time)
    }

    /// As the journal keeps it, to be read again to the last digit.
    pub(crate) fn kept(&self) -> String {
        match self {
            Value::Share { count, of } => format!("share {count} {of}"),
            Value::Number(number) => format!("number {number}"),
            Value::Percent(number) => format!("percent {number}"),
            Value::Time(seconds) => format!("time {seconds}"),
        }
    }

    /// What [`Value::kept`] wrote.
    pub(crate) fn read(text: &str) -> Option<Value> {
        let (sort, value) = text.split_once(' ')?;
        Some(match sort {
            "share" => {
                let (count, of) = value.split_once(' ')?;
                Value::Share { count: count.parse().ok()?, of: of.parse().ok()? }
            }
            "number" => Value::Number(Decimal::parse(value)?),
            "percent" => Value::Percent(Decimal::parse(value)?),
            "time" => Value::Time(value.parse().ok()?),
            _ => return None,
        })
    }

    /// The value in millionths, and by how many of it the bound has to be taken.
    fn millionths(&self) -> i128 {
        match self {
            Value::Share { count, .. } => i128::from(*count) * MILLION,
            Value::Number(number) | Value::Percent(number) => number.scaled(6),
            Value::Time(seconds) => i128::from(*seconds) * MILLION,
        }
    }
}

const MILLION: i128 = 1_000_000;

/// Whether a comparison holds; `None` when value and bound are not of one sort, or there is nothing of which it could be a share.
pub(crate) fn holds(measure: &Measure, value: &Value, baseline: Option<&Value>) -> Option<bool> {
    let there = value.millionths();
    let (left, right) = match (&measure.bound, value) {
        (Bound::Number(bound), Value::Share { .. } | Value::Number(_)) => (there, bound.scaled(6)),
        (Bound::Percent(_), Value::Share { of: 0, .. }) => return None,
        (Bound::Percent(bound), Value::Share { count, of }) => {
            (i128::from(*count).checked_mul(100 * MILLION)?, bound.scaled(6).checked_mul(i128::from(*of))?)
        }
        (Bound::Percent(bound), Value::Percent(_)) => (there, bound.scaled(6)),
        (Bound::Duration(bound), Value::Time(_)) => {
            (there, i128::from(bound.nominal_seconds()).checked_mul(MILLION)?)
        }
        (Bound::OfBaseline { percent, .. }, value) => {
            let baseline = baseline?;
            if std::mem::discriminant(baseline) != std::mem::discriminant(value) {
                return None;
            }
            (
                there.checked_mul(100)?.checked_mul(MILLION)?,
                percent.scaled(6).checked_mul(baseline.millionths())?,
            )
        }
        _ => return None,
    };
    Some(match measure.comparison {
        Comparison::AtMost => left <= right,
        Comparison::AtLeast => left >= right,
        Comparison::MoreThan => left > right,
        Comparison::LessThan => left < right,
        Comparison::Is => left == right,
    })
}

/// How a value stands to another one of the same measure; `None` when they are not of one sort.
fn against(measure: &Measure, value: &Value, other: &Value) -> Option<Ordering> {
    let share = |value: &Value| match value {
        Value::Share { of: 0, .. } => None,
        Value::Share { count, of } => Some((i128::from(*count).checked_mul(100 * MILLION)?, i128::from(*of))),
        Value::Percent(percent) => Some((percent.scaled(6), 1)),
        _ => None,
    };
    if matches!(measure.bound, Bound::Percent(_)) {
        let ((one, of), (two, of_two)) = (share(value)?, share(other)?);
        return Some(one.checked_mul(of_two)?.cmp(&two.checked_mul(of)?));
    }
    let number = |value: &Value| matches!(value, Value::Share { .. } | Value::Number(_));
    if std::mem::discriminant(value) != std::mem::discriminant(other) && !(number(value) && number(other)) {
        return None;
    }
    Some(value.millionths().cmp(&other.millionths()))
}

/// Whether a value is no worse than a limit up to which somebody lets a measure pass; `None` when the two are not of one sort.
pub(crate) fn no_worse(measure: &Measure, value: &Value, limit: &Value) -> Option<bool> {
    let order = against(measure, value, limit)?;
    Some(match measure.comparison {
        Comparison::AtMost | Comparison::LessThan => order.is_le(),
        Comparison::AtLeast | Comparison::MoreThan => order.is_ge(),
        // The limit lies on one side of what is asked for, and the value between the two.
        Comparison::Is => {
            let above = Measure { comparison: Comparison::MoreThan, ..measure.clone() };
            if holds(&above, value, None)? { order.is_le() } else { order.is_ge() }
        }
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use cutover_ir::measure::{Bound, Comparison, Measure};
    use cutover_ir::quantity::Decimal;

    use super::{Value, no_worse};

    fn measure(comparison: Comparison, bound: Bound) -> Measure {
        Measure {
            metric: "missing".to_owned(),
            statistic: None,
            of: Vec::new(),
            scope: None,
            sample: None,
            comparison,
            bound,
            over: None,
            within: None,
        }
    }

    #[test]
    fn what_is_kept_is_read_again() {
        for value in [
            Value::Share { count: 3, of: 500 },
            Value::Number(Decimal::parse("2.5").unwrap()),
            Value::Percent(Decimal::parse("0.4").unwrap()),
            Value::Time(2_701),
        ] {
            assert_eq!(Value::read(&value.kept()), Some(value));
        }
        assert_eq!(Value::read("share 3"), None);
    }

    #[test]
    fn a_limit_lets_pass_what_is_no_worse() {
        let percent = |text| Value::Percent(Decimal::parse(text).unwrap());
        let number = |text| Value::Number(Decimal::parse(text).unwrap());
        let share = |count, of| Value::Share { count, of };
        let zero = || Bound::Number(Decimal::parse("0").unwrap());
        let half = || Bound::Percent(Decimal::parse("0.5").unwrap());
        for (comparison, bound, value, limit, expected) in [
            (Comparison::Is, zero(), share(2, 60), number("2"), Some(true)),
            (Comparison::Is, zero(), share(3, 60), number("2"), Some(false)),
            (Comparison::Is, zero(), share(3, 60), share(3, 40), Some(true)),
            (
                Comparison::Is,
                Bound::Number(Decimal::parse("9").unwrap()),
                number("7"),
                number("8"),
                Some(false),
            ),
            (Comparison::AtMost, half(), share(1, 100), percent("1"), Some(true)),
            (Comparison::AtMost, half(), share(2, 100), share(1, 60), Some(false)),
            (Comparison::AtMost, half(), share(1, 100), number("1"), None),
            (Comparison::AtLeast, half(), share(1, 100), percent("2"), Some(false)),
            (Comparison::MoreThan, zero(), number("4"), number("3"), Some(true)),
            (Comparison::LessThan, zero(), Value::Time(60), Value::Time(61), Some(true)),
            (Comparison::LessThan, zero(), Value::Time(60), number("61"), None),
        ] {
            assert_eq!(
                no_worse(&measure(comparison, bound), &value, &limit),
                expected,
                "{value:?} {limit:?}"
            );
        }
    }
}
