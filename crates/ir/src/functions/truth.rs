//! Functions on choices and on yes or no.

use crate::functions::rules::{
    BASE, MANY_TO_ONE, gives, input, length, one, one_text, refused, text_arg, value_of,
};
use crate::functions::sample::Sample::{Bool, Choice, Missing, Text};
use crate::functions::sample::ex;
use crate::functions::{Family, Function, Param, ParamKind, Refusal, Takes};
use crate::predicate::Literal;
use crate::types::{LossSet, Type};
use crate::value::Value;

const CHOICE: Function = Function { family: Family::Choice, ..BASE };
const YES_OR_NO: &str = "yes or no";

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "option_name",
        input: "a choice",
        lifts: true,
        injective: true,
        summary: "The name of the option, as the source spells it, as text.",
        doc: "A choice of one system is no choice of another: `by` a translation table makes it one. This makes it plain text.",
        examples: &[ex(&[Choice("Waiting on third party")], &[], &[Text("Waiting on third party")])],
        rule: |inputs, _| match input(inputs, 0) {
            Type::Choice(_) => gives(Type::TEXT, LossSet::EXACT),
            _ => refused(inputs, 0, "a choice"),
        },
        body: |inputs, _, _| match inputs.first() {
            Some(Value::Choice(name) | Value::Text(name)) => one_text(name.clone()),
            _ => Err(Refusal("is not a choice")),
        },
        ..CHOICE
    },
    Function {
        name: "opposite",
        input: YES_OR_NO,
        lifts: true,
        injective: true,
        inverse: Some("opposite"),
        summary: "Yes for no, no for yes.",
        doc: "Where one product says `public` and the other `internal`.",
        examples: &[ex(&[Bool(true)], &[], &[Bool(false)])],
        rule: |inputs, _| match input(inputs, 0) {
            Type::Bool => gives(Type::Bool, LossSet::EXACT),
            _ => refused(inputs, 0, YES_OR_NO),
        },
        body: |inputs, _, _| match inputs.first() {
            Some(Value::Bool(b)) => one(Value::Bool(!b)),
            _ => Err(Refusal("is not yes or no")),
        },
        ..CHOICE
    },
    Function {
        name: "yes_no",
        params: &[Param { name: "yes", kind: ParamKind::Text }, Param { name: "no", kind: ParamKind::Text }],
        input: YES_OR_NO,
        lifts: true,
        loss: MANY_TO_ONE,
        summary: "One text for yes and one for no.",
        doc: "Exact when the two texts differ.",
        examples: &[ex(&[Bool(true)], &[Text("internal"), Text("public")], &[Text("internal")])],
        rule: |inputs, args| {
            if *input(inputs, 0) != Type::Bool {
                return refused(inputs, 0, YES_OR_NO);
            }
            let (yes, no) = (text_arg(args, 0), text_arg(args, 1));
            let loss = if yes == no { MANY_TO_ONE } else { LossSet::EXACT };
            gives(Type::Text { max: Some(length(yes).max(length(no))) }, loss)
        },
        body: |inputs, args, _| match inputs.first() {
            Some(Value::Bool(b)) => one_text(text_arg(args, usize::from(!*b))),
            _ => Err(Refusal("is not yes or no")),
        },
        ..CHOICE
    },
    Function {
        name: "equals",
        params: &[Param { name: "value", kind: ParamKind::Value }],
        input: "text, number, yes or no, date, point in time, choice",
        loss: MANY_TO_ONE,
        summary: "Whether the value is this one.",
        doc: "Upper and lower case are different. Missing stays missing: `when missing` decides.",
        examples: &[
            ex(&[Choice("spam")], &[Text("spam")], &[Bool(true)]),
            ex(&[Missing], &[Text("spam")], &[Missing]),
        ],
        rule: |inputs, args| {
            let fits = matches!(
                (input(inputs, 0), args.first()),
                (
                    Type::Text { .. } | Type::Email | Type::Url | Type::Phone | Type::Choice(_),
                    Some(Literal::Text(_))
                ) | (Type::Bool, Some(Literal::Bool(_)))
                    | (
                        Type::Int { .. } | Type::Decimal | Type::Count | Type::Percent,
                        Some(Literal::Number(_))
                    )
                    | (Type::Date, Some(Literal::Date(_)))
                    | (Type::Instant, Some(Literal::Instant(_)))
            );
            if fits {
                gives(Type::Bool, MANY_TO_ONE)
            } else {
                refused(inputs, 0, "a value that can equal the argument")
            }
        },
        body: |inputs, args, _| {
            let equal = match (inputs.first(), args.first()) {
                (Some(value), Some(literal)) => same(value, literal),
                _ => false,
            };
            one(Value::Bool(equal))
        },
        ..CHOICE
    },
    Function {
        name: "first_present",
        takes: Takes::Several,
        input: "several values of one type",
        sees_missing: true,
        loss: MANY_TO_ONE,
        summary: "The first of several values that is not missing.",
        doc: "The others are lost.",
        examples: &[
            ex(&[Missing, Text("b"), Text("c")], &[], &[Text("b")]),
            ex(&[Missing, Missing], &[], &[Missing]),
        ],
        rule: |inputs, _| {
            let mut widest = input(inputs, 0).required().clone();
            for (position, found) in inputs.iter().enumerate() {
                let found = found.required();
                if widest.is_subtype_of(found) {
                    widest = found.clone();
                } else if !found.is_subtype_of(&widest) {
                    return refused(inputs, position, "values of one type");
                }
            }
            let output = if inputs.iter().all(Type::is_optional) { widest.optional() } else { widest };
            gives(output, if inputs.len() > 1 { MANY_TO_ONE } else { LossSet::EXACT })
        },
        body: |inputs, _, _| {
            one(inputs.iter().find(|value| **value != Value::Missing).cloned().unwrap_or(Value::Missing))
        },
        ..CHOICE
    },
];

/// Whether a value of a record is what a constant says. Texts, options and keys compare by their text, numbers by value.
#[must_use]
pub fn same(value: &Value, literal: &Literal) -> bool {
    match (value, literal) {
        (Value::Text(a) | Value::Choice(a) | Value::Ref(a) | Value::Placeholder(a), Literal::Text(b)) => {
            a == b
        }
        (Value::Int(a), Literal::Number(b)) => b.to_int() == Some(*a),
        (Value::Decimal(a), Literal::Number(b)) => a == b,
        // A key or an id that is a number in the export is quoted in the spec, as all that a person would copy from a product.
        (Value::Int(a), Literal::Text(b)) => a.to_string() == *b,
        (value, literal) => *value == value_of(literal),
    }
}
