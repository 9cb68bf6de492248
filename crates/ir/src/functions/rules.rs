//! What type rules and bodies share: reading arguments, reading inputs.

use crate::functions::{Family, pattern, time};
use crate::functions::{Function, ParamKind, Refusal, Signature, Takes, TypeProblem};
use crate::predicate::Literal;
use crate::quantity::Decimal;
use crate::types::{Loss, LossSet, Type};
use crate::value::Value;

/// What most functions have in common: one value in, one out, total, injective nothing.
pub(super) const BASE: Function = Function {
    name: "",
    family: Family::Text,
    params: &[],
    takes: Takes::One,
    gives: 1,
    input: "",
    lifts: false,
    sees_missing: false,
    rejects: None,
    loss: LossSet::EXACT,
    injective: false,
    inverse: None,
    summary: "",
    doc: "",
    examples: &[],
    rule: |inputs, _| Ok(Signature { outputs: inputs.to_vec(), loss: LossSet::EXACT }),
    body: |inputs, _, _| Ok(inputs.to_vec()),
};

pub(super) const MANY_TO_ONE: LossSet = LossSet::of(Loss::ManyToOne);
pub(super) const NARROWING: LossSet = LossSet::of(Loss::Narrowing);
pub(super) const TRUNCATING: LossSet = LossSet::of(Loss::Truncating);
pub(super) const STRUCTURE: LossSet = LossSet::of(Loss::Structure);

/// Whether a constant is of the sort that a parameter asks for.
pub(super) fn argument_fits(kind: ParamKind, arg: &Literal) -> bool {
    match (kind, arg) {
        (ParamKind::Text, Literal::Text(_)) | (ParamKind::Value, _) => true,
        (ParamKind::SomeText | ParamKind::Zone | ParamKind::Secret, Literal::Text(text)) => !text.is_empty(),
        (ParamKind::Pattern, Literal::Text(text)) => pattern::Pattern::parse(text).is_ok(),
        (ParamKind::TimePattern, Literal::Text(text)) => time::pattern_is_valid(text),
        (ParamKind::Length, Literal::Number(n)) => {
            n.to_int().is_some_and(|n| n >= 1 && u32::try_from(n).is_ok())
        }
        (ParamKind::Whole, Literal::Number(n)) => n.to_int().is_some(),
        (ParamKind::Factor, Literal::Number(n)) => *n != Decimal::from(0),
        _ => false,
    }
}

/// The text of an argument; arguments are checked before rules and bodies run, so the fallback is never seen.
pub(super) fn text_arg(args: &[Literal], position: usize) -> &str {
    match args.get(position) {
        Some(Literal::Text(text)) => text,
        _ => "",
    }
}

/// The whole number of an argument.
pub(super) fn int_arg(args: &[Literal], position: usize) -> i64 {
    match args.get(position) {
        Some(Literal::Number(number)) => number.to_int().unwrap_or(0),
        _ => 0,
    }
}

/// The length in an argument.
pub(crate) fn length_arg(args: &[Literal], position: usize) -> u32 {
    u32::try_from(int_arg(args, position)).unwrap_or(u32::MAX)
}

/// One output.
pub(super) fn gives(output: Type, loss: LossSet) -> Result<Signature, TypeProblem> {
    Ok(Signature { outputs: vec![output], loss })
}

/// One value.
pub(super) fn one(value: Value) -> Result<Vec<Value>, Refusal> {
    Ok(vec![value])
}

/// One text.
pub(super) fn one_text(text: impl Into<String>) -> Result<Vec<Value>, Refusal> {
    one(Value::Text(text.into()))
}

/// The type of an input.
pub(super) fn input(inputs: &[Type], position: usize) -> &Type {
    inputs.get(position).unwrap_or(&Type::Never)
}

/// The longest length of a text input, `None` without limit.
pub(super) fn text_max(
    inputs: &[Type],
    position: usize,
    expected: &'static str,
) -> Result<Option<u32>, TypeProblem> {
    match input(inputs, position).required() {
        Type::Text { max } => Ok(*max),
        Type::Email | Type::Url | Type::Phone => Ok(None),
        Type::Never => Ok(Some(0)),
        _ => refused(inputs, position, expected),
    }
}

/// The problem of an input that does not fit.
pub(super) fn refused<T>(inputs: &[Type], position: usize, expected: &'static str) -> Result<T, TypeProblem> {
    Err(TypeProblem::Input { position, expected, found: input(inputs, position).clone() })
}

/// The first value, as text.
pub(super) fn text_of(inputs: &[Value]) -> Result<&str, Refusal> {
    inputs.first().and_then(Value::as_text).ok_or(Refusal("is not a text"))
}

/// The first value, as list.
pub(super) fn list_of(inputs: &[Value]) -> Result<&[Value], Refusal> {
    match inputs.first() {
        Some(Value::List(items)) => Ok(items),
        _ => Err(Refusal("is not a list")),
    }
}

/// Number of code points.
#[must_use]
pub fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// `value` as a value of a record.
#[must_use]
pub fn value_of(literal: &Literal) -> Value {
    match literal {
        Literal::Text(text) => Value::Text(text.clone()),
        Literal::Bool(b) => Value::Bool(*b),
        Literal::Number(n) => match n.to_int() {
            Some(n) => Value::Int(n),
            None => Value::Decimal(*n),
        },
        Literal::Date(date) => Value::Date(*date),
        Literal::Instant(instant) => Value::Instant(*instant),
        Literal::Duration(duration) => Value::Duration(*duration),
    }
}

/// A value as people write it: what the function `text` gives. `None` for lists, records and missing values.
#[must_use]
pub fn plain(value: &Value) -> Option<String> {
    Some(match value {
        Value::Text(t) | Value::Choice(t) | Value::Ref(t) | Value::Placeholder(t) => t.clone(),
        Value::Bool(b) => if *b { "yes" } else { "no" }.to_owned(),
        Value::Int(n) => n.to_string(),
        Value::Decimal(n) => n.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Instant(instant) => instant.to_string(),
        Value::Duration(duration) => duration.to_string(),
        Value::Missing | Value::List(_) | Value::Record(_) => return None,
    })
}
