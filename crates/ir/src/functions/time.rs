//! Functions on dates, points in time and durations. A zone is always named: nothing is read from the machine.

use crate::functions::rules::{
    BASE, MANY_TO_ONE, NARROWING, gives, input, one, one_text, refused, text_arg, text_max, text_of,
};
use crate::functions::sample::Sample::{Date as Day, Instant as Point, Int, Seconds, Text};
use crate::functions::sample::{ex, no};
use crate::functions::{Family, Function, Param, ParamKind, Refusal, Signature, TypeProblem};
use crate::quantity::{Duration, TimeBase};
use crate::time::{Date, Instant};
use crate::types::{LossSet, Type};
use crate::value::Value;

const TEXT: &str = "text";
const POINT: &str = "a point in time";
const WHOLE: &str = "a whole number";
const TIMES: Function = Function { family: Family::Time, lifts: true, ..BASE };
const ZONE: &[Param] = &[Param { name: "zone", kind: ParamKind::Zone }];
const NO_ZONE: Option<&str> = Some("the zone is unknown");
const OUT_OF_RANGE: Refusal = Refusal("is outside the years 0 to 9999");

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "parse_instant",
        input: TEXT,
        loss: MANY_TO_ONE,
        rejects: Some("the text is not RFC 3339 with an offset"),
        summary: "A point in time that is written as text with an offset.",
        doc: "RFC 3339: `2026-12-05T20:00:00+01:00`, `2026-12-05 19:00:00Z`. The offset is not kept: two spellings of one moment become one. A time without offset needs `local_time`.",
        examples: &[
            ex(&[Text("2026-12-05T20:00:00+01:00")], &[], &[Point("2026-12-05T19:00:00Z")]),
            no(&[Text("2026-12-05T20:00:00")], &[]),
        ],
        rule: |inputs, _| {
            text_max(inputs, 0, TEXT)?;
            gives(Type::Instant, MANY_TO_ONE)
        },
        body: |inputs, _, _| {
            let instant = Instant::parse(text_of(inputs)?.trim());
            one(Value::Instant(in_range(instant.ok_or(Refusal("is not a time with an offset"))?)?))
        },
        ..TIMES
    },
    Function {
        name: "local_time",
        params: ZONE,
        input: TEXT,
        loss: MANY_TO_ONE,
        rejects: Some("the text is no local time, or the zone's clocks skipped or repeated it"),
        summary: "The point in time of a local time that is written without offset.",
        doc: "`2026-12-05 20:00:00`, the seconds may be left out. A time that the clocks skipped or showed twice is rejected, never guessed.",
        examples: &[no(&[Text("20:00")], &[Text("Europe/Berlin")])],
        rule: |inputs, _| {
            text_max(inputs, 0, TEXT)?;
            gives(Type::Instant, MANY_TO_ONE)
        },
        body: |inputs, args, host| {
            let (date, seconds) = local(text_of(inputs)?.trim()).ok_or(Refusal("is not a local time"))?;
            let instant = host.local_time(text_arg(args, 0), date, seconds);
            one(Value::Instant(instant.ok_or(Refusal("is not a local time that stands once in this zone"))?))
        },
        ..TIMES
    },
    Function {
        name: "parse_date",
        input: TEXT,
        loss: MANY_TO_ONE,
        rejects: Some("the text is not a date like 2026-12-05"),
        summary: "A date that is written as text.",
        doc: "Year, month, day, as `2026-12-05`; blanks around it are allowed.",
        examples: &[ex(&[Text("2026-12-05")], &[], &[Day("2026-12-05")]), no(&[Text("05.12.2026")], &[])],
        rule: |inputs, _| {
            text_max(inputs, 0, TEXT)?;
            gives(Type::Date, MANY_TO_ONE)
        },
        body: |inputs, _, _| {
            one(Value::Date(Date::parse(text_of(inputs)?.trim()).ok_or(Refusal("is not a date"))?))
        },
        ..TIMES
    },
    Function {
        name: "utc",
        params: &[Param { name: "pattern", kind: ParamKind::TimePattern }],
        input: POINT,
        loss: NARROWING,
        summary: "A point in time as text, in UTC, by a pattern.",
        doc: "`%Y %m %d %H %M %S` are year, month, day, hour, minute and second, each with leading zeros; `%%` is a percent sign. Fractions of a second are lost; `text` keeps them.",
        examples: &[ex(
            &[Point("2026-12-05T20:00:00.5+01:00")],
            &[Text("%Y-%m-%dT%H:%M:%SZ")],
            &[Text("2026-12-05T19:00:00Z")],
        )],
        rule: |inputs, args| {
            let length = pattern_length(text_arg(args, 0));
            instant_to(inputs, Type::Text { max: Some(length) }, NARROWING)
        },
        body: |inputs, args, _| one_text(formatted(instant_of(inputs)?, text_arg(args, 0))),
        ..TIMES
    },
    Function {
        name: "date_utc",
        input: POINT,
        loss: NARROWING,
        summary: "The date of a point in time, in UTC.",
        doc: "Near midnight people elsewhere have another date: `date_in` asks for theirs.",
        examples: &[ex(&[Point("2026-12-06T00:30:00+01:00")], &[], &[Day("2026-12-05")])],
        rule: |inputs, _| instant_to(inputs, Type::Date, NARROWING),
        body: |inputs, _, _| one(Value::Date(instant_of(inputs)?.utc_date())),
        ..TIMES
    },
    Function {
        name: "date_in",
        params: ZONE,
        input: POINT,
        loss: NARROWING,
        rejects: NO_ZONE,
        summary: "The date of a point in time, in a zone.",
        doc: "",
        examples: &[],
        rule: |inputs, _| instant_to(inputs, Type::Date, NARROWING),
        body: |inputs, args, host| {
            let date = host.date_in(text_arg(args, 0), instant_of(inputs)?);
            one(Value::Date(date.ok_or(Refusal("needs a time zone that is not known"))?))
        },
        ..TIMES
    },
    Function {
        name: "midnight_utc",
        input: "a date",
        injective: true,
        inverse: Some("date_utc"),
        summary: "The first moment of a date, in UTC.",
        doc: "",
        examples: &[ex(&[Day("2026-12-05")], &[], &[Point("2026-12-05T00:00:00Z")])],
        rule: |inputs, _| date_to_instant(inputs),
        body: |inputs, _, _| {
            one(Value::Instant(Instant::from_seconds(i64::from(date_of(inputs)?.days()) * 86_400)))
        },
        ..TIMES
    },
    Function {
        name: "midnight_in",
        params: ZONE,
        input: "a date",
        injective: true,
        inverse: Some("date_in"),
        rejects: Some("the zone is unknown, or its clocks skipped or repeated that midnight"),
        summary: "The first moment of a date, in a zone.",
        doc: "",
        examples: &[],
        rule: |inputs, _| date_to_instant(inputs),
        body: |inputs, args, host| {
            let instant = host.local_time(text_arg(args, 0), date_of(inputs)?, 0);
            one(Value::Instant(instant.ok_or(Refusal("has no midnight that is known in this zone"))?))
        },
        ..TIMES
    },
    Function {
        name: "epoch_seconds",
        input: POINT,
        loss: NARROWING,
        summary: "Whole seconds since 1970-01-01 in UTC, rounded down.",
        doc: "",
        examples: &[
            ex(&[Point("2026-12-05T20:00:00+01:00")], &[], &[Int(1_796_497_200)]),
            ex(&[Point("1969-12-31T23:59:59.5Z")], &[], &[Int(-1)]),
        ],
        rule: |inputs, _| instant_to(inputs, Type::INT, NARROWING),
        body: |inputs, _, _| one(Value::Int(instant_of(inputs)?.seconds())),
        ..TIMES
    },
    Function {
        name: "from_epoch",
        input: WHOLE,
        injective: true,
        inverse: Some("epoch_seconds"),
        rejects: Some("the year is outside 0 to 9999"),
        summary: "The point in time that many seconds after 1970-01-01 in UTC.",
        doc: "Milliseconds need `from_epoch_millis`.",
        examples: &[
            ex(&[Int(1_796_497_200)], &[], &[Point("2026-12-05T19:00:00Z")]),
            no(&[Int(i64::MAX)], &[]),
        ],
        rule: |inputs, _| whole_to(inputs, Type::Instant),
        body: |inputs, _, _| one(Value::Instant(in_range(Instant::from_seconds(whole_of(inputs)?))?)),
        ..TIMES
    },
    Function {
        name: "epoch_millis",
        input: POINT,
        loss: NARROWING,
        summary: "Whole milliseconds since 1970-01-01 in UTC, rounded down.",
        doc: "",
        examples: &[ex(&[Point("1970-01-01T00:00:01.5Z")], &[], &[Int(1500)])],
        rule: |inputs, _| instant_to(inputs, Type::INT, NARROWING),
        body: |inputs, _, _| {
            let millis = instant_of(inputs)?.nanos().div_euclid(1_000_000);
            one(Value::Int(i64::try_from(millis).map_err(|_| OUT_OF_RANGE)?))
        },
        ..TIMES
    },
    Function {
        name: "from_epoch_millis",
        input: WHOLE,
        injective: true,
        inverse: Some("epoch_millis"),
        rejects: Some("the year is outside 0 to 9999"),
        summary: "The point in time that many milliseconds after 1970-01-01 in UTC.",
        doc: "",
        examples: &[ex(&[Int(1500)], &[], &[Point("1970-01-01T00:00:01.5Z")])],
        rule: |inputs, _| whole_to(inputs, Type::Instant),
        body: |inputs, _, _| {
            one(Value::Instant(in_range(Instant::from_nanos(i128::from(whole_of(inputs)?) * 1_000_000))?))
        },
        ..TIMES
    },
    Function {
        name: "in_seconds",
        input: "a duration",
        injective: true,
        inverse: Some("from_seconds"),
        rejects: Some(
            "the duration counts days or business hours, whose length in seconds depends on a calendar",
        ),
        summary: "A duration as whole seconds.",
        doc: "",
        examples: &[ex(&[Seconds(5400)], &[], &[Int(5400)])],
        rule: |inputs, _| match input(inputs, 0) {
            Type::Duration => gives(Type::Int { min: 0, max: i64::MAX }, LossSet::EXACT),
            _ => refused(inputs, 0, "a duration"),
        },
        body: |inputs, _, _| match inputs.first() {
            Some(Value::Duration(Duration { base: TimeBase::Elapsed, days: 0, seconds })) => {
                one(Value::Int(i64::try_from(*seconds).map_err(|_| Refusal("is too long"))?))
            }
            Some(Value::Duration(_)) => Err(Refusal("counts days or hours of a calendar")),
            _ => Err(Refusal("is not a duration")),
        },
        ..TIMES
    },
    Function {
        name: "from_seconds",
        input: WHOLE,
        injective: true,
        inverse: Some("in_seconds"),
        rejects: Some("the number is negative"),
        summary: "The duration of that many seconds.",
        doc: "Minutes are `by multiply(60), from_seconds`.",
        examples: &[ex(&[Int(5400)], &[], &[Seconds(5400)]), no(&[Int(-1)], &[])],
        rule: |inputs, _| whole_to(inputs, Type::Duration),
        body: |inputs, _, _| {
            let seconds = u64::try_from(whole_of(inputs)?).map_err(|_| Refusal("is negative"))?;
            one(Value::Duration(Duration::elapsed(seconds)))
        },
        ..TIMES
    },
];

fn instant_to(inputs: &[Type], output: Type, loss: LossSet) -> Result<Signature, TypeProblem> {
    match input(inputs, 0) {
        Type::Instant => gives(output, loss),
        _ => refused(inputs, 0, POINT),
    }
}

fn date_to_instant(inputs: &[Type]) -> Result<Signature, TypeProblem> {
    match input(inputs, 0) {
        Type::Date => gives(Type::Instant, LossSet::EXACT),
        _ => refused(inputs, 0, "a date"),
    }
}

fn whole_to(inputs: &[Type], output: Type) -> Result<Signature, TypeProblem> {
    match input(inputs, 0) {
        Type::Int { .. } | Type::Count => gives(output, LossSet::EXACT),
        _ => refused(inputs, 0, WHOLE),
    }
}

fn instant_of(inputs: &[Value]) -> Result<Instant, Refusal> {
    match inputs.first() {
        Some(Value::Instant(instant)) => Ok(*instant),
        _ => Err(Refusal("is not a point in time")),
    }
}

fn date_of(inputs: &[Value]) -> Result<Date, Refusal> {
    match inputs.first() {
        Some(Value::Date(date)) => Ok(*date),
        _ => Err(Refusal("is not a date")),
    }
}

fn whole_of(inputs: &[Value]) -> Result<i64, Refusal> {
    match inputs.first() {
        Some(Value::Int(number)) => Ok(*number),
        _ => Err(Refusal("is not a whole number")),
    }
}

/// Years 0 to 9999, which have a text form that can be read again.
fn in_range(instant: Instant) -> Result<Instant, Refusal> {
    const FIRST: i64 = -62_167_219_200;
    const LAST: i64 = 253_402_300_799;
    if (FIRST..=LAST).contains(&instant.seconds()) { Ok(instant) } else { Err(OUT_OF_RANGE) }
}

/// `2026-12-05 20:00`, with `T` or a blank, with or without seconds: date and seconds since midnight.
fn local(text: &str) -> Option<(Date, u32)> {
    let (date, clock) = text.split_once(['T', ' '])?;
    let mut parts = clock.split(':');
    let mut number = |limit: u32, needed: bool| match parts.next() {
        None if !needed => Some(0),
        part => part
            .filter(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|part| part.parse().ok())
            .filter(|n| *n < limit),
    };
    let (h, m, s) = (number(24, true)?, number(60, true)?, number(60, false)?);
    if parts.next().is_some() { None } else { Some((Date::parse(date)?, h * 3600 + m * 60 + s)) }
}

/// Whether `%` stands before known letters only.
pub(super) fn pattern_is_valid(pattern: &str) -> bool {
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        if c == '%' && !matches!(rest.next(), Some('Y' | 'm' | 'd' | 'H' | 'M' | 'S' | '%')) {
            return false;
        }
    }
    !pattern.is_empty()
}

/// The length of what a pattern gives; each sign has one length for the years 0 to 9999.
fn pattern_length(pattern: &str) -> u32 {
    super::rules::length(&formatted(Instant::from_seconds(0), pattern))
}

fn formatted(instant: Instant, pattern: &str) -> String {
    let (year, month, day) = instant.utc_date().ymd();
    let second = instant.seconds().rem_euclid(86_400);
    let mut text = String::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        match rest.next() {
            Some('Y') => text.push_str(&format!("{year:04}")),
            Some('m') => text.push_str(&format!("{month:02}")),
            Some('d') => text.push_str(&format!("{day:02}")),
            Some('H') => text.push_str(&format!("{:02}", second / 3600)),
            Some('M') => text.push_str(&format!("{:02}", second / 60 % 60)),
            Some('S') => text.push_str(&format!("{:02}", second % 60)),
            other => text.extend(other),
        }
    }
    text
}
