//! Functions on text. Lengths are counted in code points, as the catalogs' limits are.

use crate::functions::pattern::{Part, Pattern};
use crate::functions::rules::{
    BASE, MANY_TO_ONE, STRUCTURE, TRUNCATING, gives, input, length, length_arg, one, one_text, plain,
    refused, text_arg, text_max, text_of,
};
use crate::functions::sample::Sample::{Choice, Int, List, Missing, Text};
use crate::functions::sample::ex;
use crate::functions::{Family, Function, Param, ParamKind, Refusal, Signature, Takes, TypeProblem};
use crate::host::Host;
use crate::predicate::Literal;
use crate::types::{LossSet, Type};
use crate::value::Value;

const TEXT: &str = "text";

/// What the functions from text to text have in common.
const TEXT_BASE: Function =
    Function { family: Family::Text, input: TEXT, lifts: true, loss: MANY_TO_ONE, ..BASE };

const fn param(name: &'static str, kind: ParamKind) -> Param {
    Param { name, kind }
}

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "trim",
        summary: "Removes blanks and line ends at both ends.",
        doc: "Exact on e-mail addresses, URLs, phone numbers and tags, which mean the same with and without them.",
        examples: &[
            ex(&[Text("  Ann \n")], &[], &[Text("Ann")]),
            ex(&[List(&[Text(" a"), Text("b ")])], &[], &[List(&[Text("a"), Text("b")])]),
        ],
        rule: |inputs, _| same_text(inputs, |t| matches!(t, Type::Email | Type::Url | Type::Phone)),
        body: |inputs, _, _| one_text(text_of(inputs)?.trim()),
        ..TEXT_BASE
    },
    Function {
        name: "lower",
        summary: "Writes all letters in lower case.",
        doc: "One letter for one letter, so the length stays; a letter whose lower case is more than one letter stays as it is. Exact on e-mail addresses and tags only: elsewhere `Ann` and `ANN` become one value.",
        examples: &[
            ex(&[Text("Ann@Example.ORG")], &[], &[Text("ann@example.org")]),
            ex(&[Text("ÄÖ")], &[], &[Text("äö")]),
        ],
        rule: |inputs, _| same_text(inputs, |t| *t == Type::Email),
        body: |inputs, _, _| one_text(lower_case(text_of(inputs)?)),
        ..TEXT_BASE
    },
    Function {
        name: "upper",
        summary: "Writes all letters in upper case.",
        doc: "One letter for one letter, so the length stays: `ß` stays as it is. Exact on e-mail addresses and tags only.",
        examples: &[
            ex(&[Text("vip-7")], &[], &[Text("VIP-7")]),
            ex(&[Text("straße")], &[], &[Text("STRAßE")]),
        ],
        rule: |inputs, _| same_text(inputs, |t| *t == Type::Email),
        body: |inputs, _, _| one_text(upper_case(text_of(inputs)?)),
        ..TEXT_BASE
    },
    Function {
        name: "collapse_spaces",
        summary: "Makes each run of blanks and line ends one blank, and removes them at both ends.",
        doc: "What a one-line field wants of a text that somebody pasted.",
        examples: &[ex(&[Text(" Down\n since   8 ")], &[], &[Text("Down since 8")])],
        rule: |inputs, _| same_text(inputs, |_| false),
        body: |inputs, _, _| {
            let words: Vec<&str> = text_of(inputs)?.split_whitespace().collect();
            one_text(words.join(" "))
        },
        ..TEXT_BASE
    },
    Function {
        name: "first_line",
        summary: "The text up to its first line end.",
        doc: "A text without a line end stays whole.",
        examples: &[
            ex(&[Text("Down\r\nsince 8")], &[], &[Text("Down")]),
            ex(&[Text("Down")], &[], &[Text("Down")]),
        ],
        rule: |inputs, _| {
            Ok(Signature { loss: TRUNCATING.union(MANY_TO_ONE), ..same_text(inputs, |_| false)? })
        },
        body: |inputs, _, _| one_text(text_of(inputs)?.lines().next().unwrap_or_default()),
        loss: TRUNCATING.union(MANY_TO_ONE),
        ..TEXT_BASE
    },
    Function {
        name: "cut",
        params: &[param("length", ParamKind::Length)],
        summary: "Keeps the first characters, at most that many.",
        doc: "Written `cut to 150` in a map row. With `overflow to` the part that is cut off goes to another field instead of being lost. A text whose type is short enough already loses nothing. HTML is not cut, since tags would stay open: make it text first.",
        examples: &[
            ex(&[Text("Printer is down")], &[Int(7)], &[Text("Printer")]),
            ex(&[Text("Down")], &[Int(150)], &[Text("Down")]),
        ],
        rule: |inputs, args| {
            let (max, limit) = (text_max(inputs, 0, TEXT)?, length_arg(args, 0));
            match max {
                Some(max) if max <= limit => gives(Type::Text { max: Some(max) }, LossSet::EXACT),
                _ => gives(Type::Text { max: Some(limit) }, TRUNCATING),
            }
        },
        body: |inputs, args, _| one_text(cut_at(text_of(inputs)?, length_arg(args, 0)).0),
        loss: TRUNCATING,
        ..TEXT_BASE
    },
    Function {
        name: "replace",
        params: &[param("old", ParamKind::SomeText), param("new", ParamKind::Text)],
        summary: "Replaces each occurrence of a text, from left to right.",
        doc: "Upper and lower case are different. What is put in is not searched again.",
        examples: &[
            ex(&[Text("a;b;c")], &[Text(";"), Text(", ")], &[Text("a, b, c")]),
            ex(&[Text("aaa")], &[Text("aa"), Text("a")], &[Text("aa")]),
        ],
        rule: |inputs, args| {
            let (old, new) = (length(text_arg(args, 0)).max(1), length(text_arg(args, 1)));
            let max = text_max(inputs, 0, TEXT)?.map(|max| {
                let grown = u64::from(max / old) * u64::from(new) + u64::from(max % old);
                max.max(u32::try_from(grown).unwrap_or(u32::MAX))
            });
            gives(Type::Text { max }, MANY_TO_ONE)
        },
        body: |inputs, args, _| one_text(text_of(inputs)?.replace(text_arg(args, 0), text_arg(args, 1))),
        ..TEXT_BASE
    },
    Function {
        name: "prefix",
        params: &[param("text", ParamKind::Text)],
        loss: LossSet::EXACT,
        injective: true,
        inverse: Some("without_prefix"),
        summary: "Puts a text in front.",
        doc: "",
        examples: &[ex(&[Text("4711")], &[Text("FD-")], &[Text("FD-4711")])],
        rule: longer,
        body: |inputs, args, _| one_text(format!("{}{}", text_arg(args, 0), text_of(inputs)?)),
        ..TEXT_BASE
    },
    Function {
        name: "suffix",
        params: &[param("text", ParamKind::Text)],
        loss: LossSet::EXACT,
        injective: true,
        inverse: Some("without_suffix"),
        summary: "Puts a text behind.",
        doc: "",
        examples: &[ex(&[Text("Acme")], &[Text(" (old)")], &[Text("Acme (old)")])],
        rule: longer,
        body: |inputs, args, _| one_text(format!("{}{}", text_of(inputs)?, text_arg(args, 0))),
        ..TEXT_BASE
    },
    Function {
        name: "without_prefix",
        params: &[param("text", ParamKind::SomeText)],
        summary: "Removes a text from the front, once, where it stands there.",
        doc: "A text that does not begin so stays as it is.",
        examples: &[
            ex(&[Text("FD-4711")], &[Text("FD-")], &[Text("4711")]),
            ex(&[Text("4711")], &[Text("FD-")], &[Text("4711")]),
        ],
        rule: |inputs, _| same_text(inputs, |_| false),
        body: |inputs, args, _| {
            let text = text_of(inputs)?;
            one_text(text.strip_prefix(text_arg(args, 0)).unwrap_or(text))
        },
        ..TEXT_BASE
    },
    Function {
        name: "without_suffix",
        params: &[param("text", ParamKind::SomeText)],
        summary: "Removes a text from the end, once, where it stands there.",
        doc: "A text that does not end so stays as it is.",
        examples: &[ex(&[Text("Acme (old)")], &[Text(" (old)")], &[Text("Acme")])],
        rule: |inputs, _| same_text(inputs, |_| false),
        body: |inputs, args, _| {
            let text = text_of(inputs)?;
            one_text(text.strip_suffix(text_arg(args, 0)).unwrap_or(text))
        },
        ..TEXT_BASE
    },
    Function {
        name: "text_before",
        params: &[param("separator", ParamKind::SomeText)],
        summary: "The text before the first separator.",
        doc: "A text without the separator stays whole.",
        examples: &[
            ex(&[Text("ann@example.org")], &[Text("@")], &[Text("ann")]),
            ex(&[Text("ann")], &[Text("@")], &[Text("ann")]),
        ],
        rule: |inputs, _| same_text(inputs, |_| false),
        body: |inputs, args, _| {
            let text = text_of(inputs)?;
            one_text(text.split_once(text_arg(args, 0)).map_or(text, |(before, _)| before))
        },
        ..TEXT_BASE
    },
    Function {
        name: "text_after",
        params: &[param("separator", ParamKind::SomeText)],
        summary: "The text after the first separator.",
        doc: "Missing where there is no separator.",
        examples: &[
            ex(&[Text("core/api/v2")], &[Text("/")], &[Text("api/v2")]),
            ex(&[Text("core")], &[Text("/")], &[Missing]),
        ],
        rule: |inputs, _| {
            let max = text_max(inputs, 0, TEXT)?;
            gives(Type::Text { max }.optional(), MANY_TO_ONE)
        },
        body: |inputs, args, _| {
            let after = text_of(inputs)?.split_once(text_arg(args, 0)).map(|(_, after)| after);
            one(after.map_or(Value::Missing, |after| Value::Text(after.to_owned())))
        },
        ..TEXT_BASE
    },
    Function {
        name: "split",
        params: &[param("separator", ParamKind::SomeText)],
        gives: 2,
        lifts: false,
        loss: LossSet::EXACT,
        injective: true,
        inverse: Some("join"),
        summary: "Two values: the text before the first separator and the text after it.",
        doc: "Written `split at \"/\"` in a map row with two targets. Without a separator the first is the whole text and the second is missing. `join` with the same separator puts them together again.",
        examples: &[
            ex(&[Text("core/api")], &[Text("/")], &[Text("core"), Text("api")]),
            ex(&[Text("core/api/v2")], &[Text("/")], &[Text("core"), Text("api/v2")]),
            ex(&[Text("core")], &[Text("/")], &[Text("core"), Missing]),
            ex(&[Text("core/")], &[Text("/")], &[Text("core"), Text("")]),
        ],
        rule: |inputs, _| {
            let max = text_max(inputs, 0, TEXT)?;
            Ok(Signature {
                outputs: vec![Type::Text { max }, Type::Text { max }.optional()],
                loss: LossSet::EXACT,
            })
        },
        body: |inputs, args, _| {
            let text = text_of(inputs)?;
            Ok(match text.split_once(text_arg(args, 0)) {
                Some((before, after)) => vec![Value::Text(before.to_owned()), Value::Text(after.to_owned())],
                None => vec![Value::Text(text.to_owned()), Value::Missing],
            })
        },
        ..TEXT_BASE
    },
    Function {
        name: "join",
        params: &[param("separator", ParamKind::Text)],
        takes: Takes::Several,
        input: "several texts, or one list of texts or tags",
        lifts: false,
        sees_missing: true,
        loss: MANY_TO_ONE.union(STRUCTURE),
        summary: "One text of several, with a separator between them.",
        doc: "Missing values are left out, with their separator; when all are missing, so is the result.",
        examples: &[
            ex(&[Text("core"), Text("api")], &[Text("/")], &[Text("core/api")]),
            ex(&[Text("core"), Missing], &[Text("/")], &[Text("core")]),
            ex(&[List(&[Text("a"), Text("b")])], &[Text(", ")], &[Text("a, b")]),
            ex(&[Missing, Missing], &[Text("/")], &[Missing]),
        ],
        rule: join_rule,
        body: |inputs, args, _| {
            let parts = match inputs {
                [Value::List(items)] => items.as_slice(),
                several => several,
            };
            if parts.iter().all(|part| *part == Value::Missing) && !matches!(inputs, [Value::List(_)]) {
                return one(Value::Missing);
            }
            let mut texts = Vec::with_capacity(parts.len());
            for part in parts.iter().filter(|part| **part != Value::Missing) {
                texts.push(part.as_text().ok_or(Refusal("is not a text"))?);
            }
            one_text(texts.join(text_arg(args, 0)))
        },
        ..TEXT_BASE
    },
    Function {
        name: "format",
        params: &[param("pattern", ParamKind::Pattern)],
        takes: Takes::Several,
        input: "one or more values that have a text form",
        lifts: false,
        summary: "One text of several values, by a pattern.",
        doc: "`{1}` is the first value in the form that `text` gives it, `{2 by trim, lower}` the second through functions that take no argument and never reject; `{{` and `}}` are braces. When one of the values is missing, so is the result. A value that the pattern does not name is lost.",
        examples: &[
            ex(
                &[Text("Ann"), Text(" Ann@Example.org ")],
                &[Text("{1} <{2 by trim, lower}>")],
                &[Text("Ann <ann@example.org>")],
            ),
            ex(&[Text("Ann"), Missing], &[Text("{1} <{2}>")], &[Missing]),
            ex(&[Int(7)], &[Text("{{{1}}}")], &[Text("{7}")]),
        ],
        rule: |inputs, args| pattern_rule(inputs, text_arg(args, 0)),
        body: |inputs, args, host| match fill(text_arg(args, 0), inputs, host, str::to_owned)? {
            Some(text) => one_text(text),
            None => one(Value::Missing),
        },
        ..TEXT_BASE
    },
    Function {
        name: "digits",
        summary: "Keeps the digits 0 to 9 only.",
        doc: "Missing where there are none.",
        examples: &[
            ex(&[Text("+49 (30) 555-0101")], &[], &[Text("49305550101")]),
            ex(&[Text("none")], &[], &[Missing]),
        ],
        rule: |inputs, _| {
            let max = text_max(inputs, 0, TEXT)?;
            gives(Type::Text { max }.optional(), MANY_TO_ONE)
        },
        body: |inputs, _, _| {
            let digits: String = text_of(inputs)?.chars().filter(char::is_ascii_digit).collect();
            one(if digits.is_empty() { Value::Missing } else { Value::Text(digits) })
        },
        ..TEXT_BASE
    },
    Function {
        name: "not_blank",
        summary: "Makes a text of blanks only a missing value.",
        doc: "So that `when missing` applies to it, too.",
        examples: &[ex(&[Text("  ")], &[], &[Missing]), ex(&[Text(" a ")], &[], &[Text(" a ")])],
        rule: |inputs, _| {
            text_max(inputs, 0, TEXT)?;
            gives(input(inputs, 0).clone().optional(), MANY_TO_ONE)
        },
        body: |inputs, _, _| {
            let text = text_of(inputs)?;
            one(if text.trim().is_empty() { Value::Missing } else { Value::Text(text.to_owned()) })
        },
        ..TEXT_BASE
    },
    Function {
        name: "text",
        input: "text, number, yes or no, date, point in time, duration, choice, reference",
        loss: LossSet::EXACT,
        injective: true,
        summary: "A value as text.",
        doc: "Numbers without grouping, `yes` or `no`, dates as `2026-12-05`, points in time in RFC 3339 and UTC, options by their name, references by their key. HTML needs `html_to_text`.",
        examples: &[
            ex(&[Int(-7)], &[], &[Text("-7")]),
            ex(&[Choice("Open")], &[], &[Text("Open")]),
            ex(
                &[crate::functions::Sample::Instant("2026-12-05T20:00:00+01:00")],
                &[],
                &[Text("2026-12-05T19:00:00Z")],
            ),
        ],
        rule: |inputs, _| match plain_max(input(inputs, 0)) {
            Some(max) => gives(Type::Text { max }, LossSet::EXACT),
            None => refused(inputs, 0, "a value that has a text form"),
        },
        body: |inputs, _, _| one_text(inputs.first().and_then(plain).ok_or(Refusal("has no text form"))?),
        ..TEXT_BASE
    },
];

/// The first `limit` code points, and the part that is cut off.
#[must_use]
pub fn cut_at(text: &str, limit: u32) -> (&str, &str) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    match text.char_indices().nth(limit) {
        Some((at, _)) => text.split_at(at),
        None => (text, ""),
    }
}

/// Lower case, one letter for one letter.
#[must_use]
pub fn lower_case(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut lower = c.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(only), None) => only,
                _ => c,
            }
        })
        .collect()
}

fn upper_case(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(only), None) => only,
                _ => c,
            }
        })
        .collect()
}

/// Text of the same length or shorter. Where the domain ignores what is removed, type and value are the same.
fn same_text(inputs: &[Type], ignores: fn(&Type) -> bool) -> Result<Signature, TypeProblem> {
    let max = text_max(inputs, 0, TEXT)?;
    match input(inputs, 0) {
        domain if ignores(domain) => gives(domain.clone(), LossSet::EXACT),
        _ => gives(Type::Text { max }, MANY_TO_ONE),
    }
}

fn longer(inputs: &[Type], args: &[Literal]) -> Result<Signature, TypeProblem> {
    let max = text_max(inputs, 0, TEXT)?.map(|max| max.saturating_add(length(text_arg(args, 0))));
    gives(Type::Text { max }, LossSet::EXACT)
}

fn join_rule(inputs: &[Type], args: &[Literal]) -> Result<Signature, TypeProblem> {
    let expected = "texts, or a list of texts or tags";
    if let [one] = inputs
        && let Type::List(_) | Type::Tags = one.required()
    {
        if let Type::List(item) = one.required() {
            text_max(std::slice::from_ref(item.as_ref()), 0, expected)?;
        }
        let joined = Type::TEXT;
        let joined = if one.is_optional() { joined.optional() } else { joined };
        return gives(joined, MANY_TO_ONE.union(STRUCTURE));
    }
    let separator = u64::from(length(text_arg(args, 0)));
    let mut total = Some(separator.saturating_mul(inputs.len().saturating_sub(1) as u64));
    for position in 0..inputs.len() {
        let max = text_max(inputs, position, expected)?;
        total = total.zip(max).map(|(total, max)| total.saturating_add(u64::from(max)));
    }
    let max = total.map(|total| u32::try_from(total).unwrap_or(u32::MAX));
    let text = Type::Text { max };
    let text = if inputs.iter().all(Type::is_optional) { text.optional() } else { text };
    gives(text, if inputs.len() > 1 { MANY_TO_ONE } else { LossSet::EXACT })
}

/// The longest text form of a type; the outer `None` when it has none.
#[expect(clippy::option_option, reason = "no text form and no limit are two things")]
fn plain_max(t: &Type) -> Option<Option<u32>> {
    Some(match t {
        Type::Text { max } => *max,
        Type::Bool => Some(3),
        Type::Int { .. } | Type::Count => Some(20),
        Type::Date => Some(10),
        Type::Never => Some(0),
        Type::Email
        | Type::Url
        | Type::Phone
        | Type::Decimal
        | Type::Percent
        | Type::Instant
        | Type::Duration
        | Type::Choice(_)
        | Type::Ref(_) => None,
        _ => return None,
    })
}

/// Types of a pattern: the sum of its parts. Exact when it names each value, and a single one only.
pub(super) fn pattern_rule(inputs: &[Type], text: &str) -> Result<Signature, TypeProblem> {
    let Ok(pattern) = Pattern::parse(text) else {
        return refused(inputs, 0, "a pattern");
    };
    let mut total: Option<u64> = Some(0);
    let mut loss = LossSet::EXACT;
    for part in &pattern.parts {
        let max = match part {
            Part::Text(text) => Some(length(text)),
            Part::Slot(number, functions) => {
                let Some(found) = number.checked_sub(1).and_then(|at| inputs.get(at)) else {
                    return Err(TypeProblem::NoSuchInput { number: *number, inputs: inputs.len() });
                };
                let mut now = found.clone();
                for function in functions {
                    let signature = function.signature(&[now], &[])?;
                    loss = loss.union(signature.loss);
                    now = signature.outputs.into_iter().next().unwrap_or(Type::Poison);
                }
                match plain_max(now.required()) {
                    Some(max) => max,
                    None => {
                        let expected = "values that have a text form";
                        return Err(TypeProblem::Input {
                            position: number - 1,
                            expected,
                            found: found.clone(),
                        });
                    }
                }
            }
        };
        total = total.zip(max).map(|(total, max)| total.saturating_add(u64::from(max)));
    }
    if inputs.len() > 1 || pattern.slots().next().is_none() {
        loss = loss.union(MANY_TO_ONE);
    }
    let max = total.map(|total| u32::try_from(total).unwrap_or(u32::MAX));
    gives(Type::Text { max }, loss)
}

/// A filled pattern; `None` when a value that it names is missing. `escape` is applied to each value.
pub(super) fn fill(
    text: &str,
    inputs: &[Value],
    host: &dyn Host,
    escape: fn(&str) -> String,
) -> Result<Option<String>, Refusal> {
    let pattern = Pattern::parse(text).map_err(|_| Refusal("the pattern cannot be read"))?;
    let mut filled = String::new();
    for part in &pattern.parts {
        match part {
            Part::Text(text) => filled.push_str(text),
            Part::Slot(number, functions) => {
                let found = number.checked_sub(1).and_then(|at| inputs.get(at));
                let mut now = found.cloned().ok_or(Refusal("the pattern names a value that there is not"))?;
                for function in functions {
                    now = function.call(&[now], &[], host)?.into_iter().next().unwrap_or(Value::Missing);
                }
                if now == Value::Missing {
                    return Ok(None);
                }
                filled.push_str(&escape(&plain(&now).ok_or(Refusal("has no text form"))?));
            }
        }
    }
    Ok(Some(filled))
}
