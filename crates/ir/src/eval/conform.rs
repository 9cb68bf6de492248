//! Values as the target's types want them.

use crate::eval::Reason;
use crate::functions;
use crate::host::Host;
use crate::quantity::Decimal;
use crate::types::Type;
use crate::value::Value;

/// A value as a value of a type. Conversions that keep the meaning are made: a whole number as decimal or as its digits (ids), a text that names an
/// option as the option, tags and choices as sets in the order of first occurrence, one value as a list of it. Nothing is cut or rounded.
///
/// # Errors
/// When the value is none of the type.
pub fn conform(value: Value, wanted: &Type, host: &dyn Host) -> Result<Value, Reason> {
    let wrong = || Err(Reason::WrongType { expected: wanted.clone() });
    match (wanted, value) {
        (Type::Poison | Type::Hole, value) => Ok(value),
        (Type::Opt(_), Value::Missing) => Ok(Value::Missing),
        (Type::Opt(inner), value) => conform(value, inner, host),
        (_, Value::Missing) => Err(Reason::Missing),
        (Type::Int { min, max }, Value::Int(n)) => {
            if (*min..=*max).contains(&n) {
                Ok(Value::Int(n))
            } else {
                Err(Reason::OutOfRange { min: *min, max: *max })
            }
        }
        (Type::Count, Value::Int(n)) if n >= 0 => Ok(Value::Int(n)),
        (Type::Count, Value::Int(_)) => Err(Reason::OutOfRange { min: 0, max: i64::MAX }),
        (Type::Decimal | Type::Percent, Value::Int(n)) => Ok(Value::Decimal(Decimal::from(n))),
        (Type::Text { max } | Type::Html { max }, Value::Text(text)) => within(text, *max),
        (Type::Text { max }, Value::Int(n)) => within(n.to_string(), *max),
        (Type::Email, Value::Text(text)) if !functions::is_address(&text) => wrong(),
        (Type::Choice(domain), Value::Choice(name) | Value::Text(name)) => option(domain, name, host),
        (Type::Choices(domain), Value::List(items)) => {
            let options = items.into_iter().map(|item| match item {
                Value::Choice(name) | Value::Text(name) => option(domain, name, host),
                _ => wrong(),
            });
            Ok(Value::List(functions::distinct(&options.collect::<Result<Vec<_>, _>>()?)))
        }
        (Type::Tags, Value::List(items)) => {
            let tags = items.into_iter().map(|item| match item {
                Value::Text(tag) | Value::Choice(tag) => Ok(Value::Text(tag)),
                _ => wrong(),
            });
            Ok(Value::List(functions::distinct(&tags.collect::<Result<Vec<_>, _>>()?)))
        }
        (Type::Ref(_), Value::Ref(key) | Value::Text(key)) => Ok(Value::Ref(key)),
        (Type::List(item), Value::List(items)) => {
            let kept = items.into_iter().filter(|value| *value != Value::Missing || item.is_optional());
            Ok(Value::List(kept.map(|value| conform(value, item, host)).collect::<Result<_, _>>()?))
        }
        (Type::Bool, value @ Value::Bool(_))
        | (Type::Decimal | Type::Percent, value @ Value::Decimal(_))
        | (Type::Email | Type::Url | Type::Phone, value @ Value::Text(_))
        | (Type::Date, value @ Value::Date(_))
        | (Type::Instant, value @ Value::Instant(_))
        | (Type::Duration, value @ Value::Duration(_))
        | (Type::Ref(_), value @ Value::Placeholder(_))
        | (Type::Attachment, value @ (Value::Record(_) | Value::Ref(_))) => Ok(value),
        (Type::List(item), value) => Ok(Value::List(vec![conform(value, item, host)?])),
        _ => wrong(),
    }
}

fn within(text: String, max: Option<u32>) -> Result<Value, Reason> {
    let length = functions::length(&text);
    match max {
        Some(max) if length > max => Err(Reason::TooLong { length, max }),
        _ => Ok(Value::Text(text)),
    }
}

fn option(domain: &str, name: String, host: &dyn Host) -> Result<Value, Reason> {
    if host.has_option(domain, &name) == Some(false) {
        return Err(Reason::NoSuchOption { domain: domain.to_owned() });
    }
    Ok(Value::Choice(name))
}
