//! Functions on numbers. Decimals are exact; what does not fit in 15 digits is rejected, never rounded.

use crate::functions::rules::{
    BASE, MANY_TO_ONE, NARROWING, gives, input, int_arg, one, refused, text_max, text_of,
};
use crate::functions::sample::Sample::{Decimal as Number, Int, Text};
use crate::functions::sample::{ex, no};
use crate::functions::{Family, Function, Param, ParamKind, Refusal, Signature, TypeProblem};
use crate::predicate::Literal;
use crate::quantity::Decimal;
use crate::types::{LossSet, Type};
use crate::value::Value;

const TEXT: &str = "text";
const NUMBER: &str = "a number";
const NUMBERS: Function = Function { family: Family::Number, input: NUMBER, lifts: true, ..BASE };

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "to_int",
        input: TEXT,
        loss: MANY_TO_ONE,
        rejects: Some("the text is not a whole number"),
        summary: "A whole number that is written as text.",
        doc: "Digits with an optional sign and blanks around them; no grouping, no fraction. `007` and `7` become one number.",
        examples: &[
            ex(&[Text(" -42 ")], &[], &[Int(-42)]),
            ex(&[Text("007")], &[], &[Int(7)]),
            no(&[Text("1,000")], &[]),
        ],
        rule: |inputs, _| {
            text_max(inputs, 0, TEXT)?;
            gives(Type::INT, MANY_TO_ONE)
        },
        body: |inputs, _, _| {
            let number = text_of(inputs)?.trim().parse().map_err(|_| Refusal("is not a whole number"))?;
            one(Value::Int(number))
        },
        ..NUMBERS
    },
    Function {
        name: "to_decimal",
        input: TEXT,
        loss: MANY_TO_ONE,
        rejects: Some("the text is not a decimal number of at most 15 digits"),
        summary: "A decimal number that is written as text.",
        doc: "A point before the fraction, no grouping. `1.50` and `1.5` become one number.",
        examples: &[ex(&[Text("12.50")], &[], &[Number("12.5")]), no(&[Text("12,5")], &[])],
        rule: |inputs, _| {
            text_max(inputs, 0, TEXT)?;
            gives(Type::Decimal, MANY_TO_ONE)
        },
        body: |inputs, _, _| {
            let number = Decimal::parse(text_of(inputs)?.trim()).ok_or(Refusal("is not a decimal number"))?;
            one(Value::Decimal(number))
        },
        ..NUMBERS
    },
    Function {
        name: "round",
        loss: NARROWING,
        summary: "The nearest whole number; a half goes away from zero.",
        doc: "",
        examples: &[
            ex(&[Number("2.5")], &[], &[Int(3)]),
            ex(&[Number("-2.5")], &[], &[Int(-3)]),
            ex(&[Number("2.49")], &[], &[Int(2)]),
        ],
        rule: |inputs, _| match input(inputs, 0) {
            whole @ (Type::Int { .. } | Type::Count) => gives(whole.clone(), LossSet::EXACT),
            Type::Decimal | Type::Percent => gives(Type::INT, NARROWING),
            _ => refused(inputs, 0, NUMBER),
        },
        body: |inputs, _, _| {
            let number = number_of(inputs)?;
            let unit = 10_i128.pow(u32::from(number.scale()));
            let (mantissa, half) = (i128::from(number.mantissa()), unit / 2);
            let rounded = (mantissa.abs() + half) / unit * mantissa.signum();
            one(Value::Int(i64::try_from(rounded).map_err(|_| TOO_LARGE)?))
        },
        ..NUMBERS
    },
    Function {
        name: "multiply",
        params: &[Param { name: "factor", kind: ParamKind::Factor }],
        injective: true,
        rejects: Some(
            "the product has more than 15 digits, or is a whole number beyond 9,223,372,036,854,775,807",
        ),
        summary: "The number times a constant.",
        doc: "For another unit: minutes to seconds is `multiply(60)`, a fifth is `multiply(0.2)`. Whole numbers stay whole when the factor is whole.",
        examples: &[
            ex(&[Int(90)], &[Int(60)], &[Int(5400)]),
            ex(&[Number("2.5")], &[Number("0.2")], &[Number("0.5")]),
            no(&[Int(i64::MAX)], &[Int(2)]),
        ],
        rule: multiply_rule,
        body: |inputs, args, _| {
            let Some(Literal::Number(factor)) = args.first() else { return Err(Refusal("needs a factor")) };
            let product = times(number_of(inputs)?, *factor).ok_or(TOO_LARGE)?;
            match (inputs, factor.to_int(), product.to_int()) {
                ([Value::Int(_)], Some(_), Some(whole)) => one(Value::Int(whole)),
                // As many digits as a decimal that is written out may have, so that the result can be read again.
                _ if product.mantissa().unsigned_abs() >= 1_000_000_000_000_000 => Err(TOO_LARGE),
                _ => one(Value::Decimal(product)),
            }
        },
        ..NUMBERS
    },
    Function {
        name: "clamp",
        params: &[
            Param { name: "least", kind: ParamKind::Whole },
            Param { name: "most", kind: ParamKind::Whole },
        ],
        input: "a whole number",
        loss: MANY_TO_ONE,
        summary: "The number, moved to the nearer bound where it is outside.",
        doc: "For a target field that takes a smaller range. Exact where the type is within the bounds already.",
        examples: &[ex(&[Int(0)], &[Int(1), Int(5)], &[Int(1)]), ex(&[Int(4)], &[Int(1), Int(5)], &[Int(4)])],
        rule: clamp_rule,
        body: |inputs, args, _| {
            let Some(Value::Int(number)) = inputs.first() else {
                return Err(Refusal("is not a whole number"));
            };
            // Not `clamp`, which panics when the bounds are the wrong way round.
            one(Value::Int((*number).max(int_arg(args, 0)).min(int_arg(args, 1))))
        },
        ..NUMBERS
    },
];

const TOO_LARGE: Refusal = Refusal("is too large");

fn number_of(inputs: &[Value]) -> Result<Decimal, Refusal> {
    match inputs.first() {
        Some(Value::Int(number)) => Ok(Decimal::from(*number)),
        Some(Value::Decimal(number)) => Ok(*number),
        _ => Err(Refusal("is not a number")),
    }
}

fn times(a: Decimal, b: Decimal) -> Option<Decimal> {
    let mut mantissa = i128::from(a.mantissa()) * i128::from(b.mantissa());
    let mut scale = a.scale().checked_add(b.scale())?;
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    if scale > Decimal::MAX_SCALE {
        return None;
    }
    Some(Decimal::new(i64::try_from(mantissa).ok()?, scale))
}

fn multiply_rule(inputs: &[Type], args: &[Literal]) -> Result<Signature, TypeProblem> {
    let factor = match args.first() {
        Some(Literal::Number(factor)) => factor.to_int(),
        _ => None,
    };
    let output = match (input(inputs, 0), factor) {
        (Type::Int { min, max }, Some(factor)) => {
            let (a, b) = (min.saturating_mul(factor), max.saturating_mul(factor));
            Type::Int { min: a.min(b), max: a.max(b) }
        }
        (Type::Count, Some(_)) => Type::INT,
        (Type::Int { .. } | Type::Count | Type::Decimal, _) => Type::Decimal,
        _ => return refused(inputs, 0, NUMBER),
    };
    gives(output, LossSet::EXACT)
}

fn clamp_rule(inputs: &[Type], args: &[Literal]) -> Result<Signature, TypeProblem> {
    let (least, most) = (int_arg(args, 0), int_arg(args, 1));
    if least > most {
        let param = Param { name: "most", kind: ParamKind::Whole };
        return Err(TypeProblem::Argument { position: 1, param, why: Some("must not be less than `least`") });
    }
    let within = |n: i64| n.max(least).min(most);
    match input(inputs, 0) {
        Type::Int { min, max } => {
            let exact = *min >= least && *max <= most;
            let output = Type::Int { min: within(*min), max: within(*max) };
            gives(output, if exact { LossSet::EXACT } else { MANY_TO_ONE })
        }
        Type::Count => gives(Type::Int { min: within(0), max: most }, MANY_TO_ONE),
        _ => refused(inputs, 0, "a whole number"),
    }
}
