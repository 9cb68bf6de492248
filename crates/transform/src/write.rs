//! Values as JSON.

use cutover_ir::time::Date;
use cutover_ir::value::Value;

use crate::json::escape_into;
use crate::value::{Sort, Time, V};

/// Writes a value: texts, options and keys as text, numbers as numbers, times as RFC 3339 in UTC, placeholders as
/// `{"placeholder":"name"}`, nothing as `null`.
pub(crate) fn write(value: &V<'_>, out: &mut Vec<u8>) {
    match value {
        V::Missing => out.extend_from_slice(b"null"),
        V::Bool(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
        V::Int(number) => out.extend_from_slice(itoa::Buffer::new().format(*number).as_bytes()),
        V::Digits(digits) => out.extend_from_slice(digits.as_bytes()),
        V::Text(Sort::Placeholder, text) => {
            out.extend_from_slice(b"{\"placeholder\":\"");
            text.write(out);
            out.extend_from_slice(b"\"}");
        }
        V::Text(_, text) => {
            out.push(b'"');
            text.write(out);
            out.push(b'"');
        }
        V::Instant(time) => write_time(*time, out),
        V::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        V::Other(value) => write_value(value, out),
    }
}

fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Decimal(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::Date(date) => quoted(&date.to_string(), out),
        Value::Instant(instant) => quoted(&instant.to_string(), out),
        Value::Duration(duration) => quoted(&duration.to_string(), out),
        Value::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_value(item, out);
            }
            out.push(b']');
        }
        Value::Record(fields) => {
            out.push(b'{');
            for (at, (name, item)) in fields.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                quoted(name, out);
                out.push(b':');
                write_value(item, out);
            }
            out.push(b'}');
        }
        other => write(&V::from_value(other.clone()), out),
    }
}

fn quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    escape_into(text, out);
    out.push(b'"');
}

/// `"2026-12-05T19:00:00Z"`.
fn write_time(time: Time, out: &mut Vec<u8>) {
    let ymd = i32::try_from(time.seconds.div_euclid(86_400)).ok().map(|days| Date::from_days(days).ymd());
    let (Some((year @ 0..=9999, month, day)), 0) = (ymd, time.nanos) else {
        return quoted(&time.instant().to_string(), out);
    };
    let second = time.seconds.rem_euclid(86_400);
    let digits =
        |number: i64| [number / 10 % 10, number % 10].map(|digit| b'0' + u8::try_from(digit).unwrap_or(0));
    out.push(b'"');
    out.extend_from_slice(&digits(i64::from(year / 100)));
    for (before, number) in [
        (&b""[..], i64::from(year % 100)),
        (b"-", month.into()),
        (b"-", day.into()),
        (b"T", second / 3600),
        (b":", second / 60 % 60),
        (b":", second % 60),
    ] {
        out.extend_from_slice(before);
        out.extend_from_slice(&digits(number));
    }
    out.extend_from_slice(b"Z\"");
}
