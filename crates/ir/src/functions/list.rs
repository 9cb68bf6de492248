//! Functions on lists and tags.

use std::collections::BTreeSet;

use crate::functions::rules::{
    BASE, MANY_TO_ONE, STRUCTURE, TRUNCATING, gives, input, length_arg, list_of, one, plain, refused,
    text_arg, text_max, text_of, value_of,
};
use crate::functions::sample::Sample::{Entry, Int, List, Missing, Text};
use crate::functions::sample::{ex, no};
use crate::functions::text::lower_case;
use crate::functions::{Family, Function, Param, ParamKind, Refusal, Signature, TypeProblem};
use crate::matching;
use crate::predicate::Literal;
use crate::types::{LossSet, Type};
use crate::value::Value;

const LIST: &str = "a list or tags";
const LISTS: Function = Function { family: Family::List, input: LIST, ..BASE };
const VALUE: &[Param] = &[Param { name: "value", kind: ParamKind::Value }];
const LIKE: &[Param] = &[Param { name: "pattern", kind: ParamKind::SomeText }];

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "add",
        params: VALUE,
        sees_missing: true,
        inverse: Some("without"),
        summary: "The list with one more value at its end, unless it has it.",
        doc: "A missing list becomes a list with this value. Counted as exact, since its use is to mark what was migrated: choose a value that the source does not have, then `without` leads back.",
        examples: &[
            ex(
                &[List(&[Text("vip")])],
                &[Text("migrated-2026")],
                &[List(&[Text("vip"), Text("migrated-2026")])],
            ),
            ex(&[Missing], &[Text("migrated-2026")], &[List(&[Text("migrated-2026")])]),
            ex(&[List(&[Text("vip")])], &[Text("vip")], &[List(&[Text("vip")])]),
        ],
        rule: |inputs, args| {
            holds(inputs, args)?;
            gives(input(inputs, 0).required().clone(), LossSet::EXACT)
        },
        body: |inputs, args, _| {
            let Some(value) = args.first().map(value_of) else { return Err(Refusal("needs a value")) };
            let mut items = match inputs.first() {
                Some(Value::Missing) => Vec::new(),
                _ => list_of(inputs)?.to_vec(),
            };
            if !items.iter().any(|item| equal(item, &value)) {
                items.push(value);
            }
            one(Value::List(items))
        },
        ..LISTS
    },
    Function {
        name: "without",
        params: VALUE,
        loss: MANY_TO_ONE,
        summary: "The list without this value, wherever it stands.",
        doc: "",
        examples: &[ex(&[List(&[Text("a"), Text("b"), Text("a")])], &[Text("a")], &[List(&[Text("b")])])],
        rule: |inputs, args| {
            holds(inputs, args)?;
            gives(input(inputs, 0).clone(), MANY_TO_ONE)
        },
        body: |inputs, args, _| {
            let Some(value) = args.first().map(value_of) else { return Err(Refusal("needs a value")) };
            one(Value::List(list_of(inputs)?.iter().filter(|item| !equal(item, &value)).cloned().collect()))
        },
        ..LISTS
    },
    Function {
        name: "only_like",
        params: LIKE,
        input: "tags or a list of texts",
        loss: MANY_TO_ONE,
        summary: "The elements that match a pattern, in which `*` stands for any characters.",
        doc: "Upper and lower case are different.",
        examples: &[ex(&[List(&[Text("vip-1"), Text("b2b")])], &[Text("vip*")], &[List(&[Text("vip-1")])])],
        rule: |inputs, _| texts(inputs, MANY_TO_ONE),
        body: |inputs, args, _| like(inputs, text_arg(args, 0), true),
        ..LISTS
    },
    Function {
        name: "without_like",
        params: LIKE,
        input: "tags or a list of texts",
        loss: MANY_TO_ONE,
        summary: "The elements that do not match a pattern, in which `*` stands for any characters.",
        doc: "Upper and lower case are different.",
        examples: &[ex(&[List(&[Text("vip-1"), Text("b2b")])], &[Text("vip*")], &[List(&[Text("b2b")])])],
        rule: |inputs, _| texts(inputs, MANY_TO_ONE),
        body: |inputs, args, _| like(inputs, text_arg(args, 0), false),
        ..LISTS
    },
    Function {
        name: "distinct",
        loss: MANY_TO_ONE,
        summary: "Each value once, at the place where it stands first.",
        doc: "Exact on tags, which are a set.",
        examples: &[ex(&[List(&[Text("b"), Text("a"), Text("b")])], &[], &[List(&[Text("b"), Text("a")])])],
        rule: |inputs, _| {
            list_type(inputs)?;
            let set = matches!(input(inputs, 0), Type::Tags | Type::Choices(_));
            gives(input(inputs, 0).clone(), if set { LossSet::EXACT } else { MANY_TO_ONE })
        },
        body: |inputs, _, _| one(Value::List(distinct(list_of(inputs)?))),
        ..LISTS
    },
    Function {
        name: "sort",
        loss: STRUCTURE,
        summary: "The values in ascending order: numbers by size, texts by code point.",
        doc: "Exact on tags, which have no order.",
        examples: &[ex(&[List(&[Text("b"), Text("a")])], &[], &[List(&[Text("a"), Text("b")])])],
        rule: |inputs, _| {
            list_type(inputs)?;
            let set = matches!(input(inputs, 0), Type::Tags | Type::Choices(_));
            gives(input(inputs, 0).clone(), if set { LossSet::EXACT } else { STRUCTURE })
        },
        body: |inputs, _, _| {
            let mut items = list_of(inputs)?.to_vec();
            items.sort();
            one(Value::List(items))
        },
        ..LISTS
    },
    Function {
        name: "at_most",
        params: &[Param { name: "count", kind: ParamKind::Length }],
        loss: TRUNCATING,
        summary: "The first values, at most that many.",
        doc: "",
        examples: &[ex(&[List(&[Int(1), Int(2), Int(3)])], &[Int(2)], &[List(&[Int(1), Int(2)])])],
        rule: |inputs, _| {
            list_type(inputs)?;
            gives(input(inputs, 0).clone(), TRUNCATING)
        },
        body: |inputs, args, _| {
            let count = usize::try_from(length_arg(args, 0)).unwrap_or(usize::MAX);
            one(Value::List(list_of(inputs)?.iter().take(count).cloned().collect()))
        },
        ..LISTS
    },
    Function {
        name: "first",
        loss: MANY_TO_ONE,
        summary: "The first value of a list.",
        doc: "Missing when the list is empty. Of tags, which have no order, the one that the source names first.",
        examples: &[ex(&[List(&[Int(3), Int(5)])], &[], &[Int(3)]), ex(&[List(&[])], &[], &[Missing])],
        rule: |inputs, _| gives(list_type(inputs)?.optional(), MANY_TO_ONE),
        body: |inputs, _, _| one(list_of(inputs)?.first().cloned().unwrap_or(Value::Missing)),
        ..LISTS
    },
    Function {
        name: "last",
        loss: MANY_TO_ONE,
        summary: "The last value of a list.",
        doc: "Missing when the list is empty.",
        examples: &[ex(&[List(&[Int(3), Int(5)])], &[], &[Int(5)])],
        rule: |inputs, _| gives(list_type(inputs)?.optional(), MANY_TO_ONE),
        body: |inputs, _, _| one(list_of(inputs)?.last().cloned().unwrap_or(Value::Missing)),
        ..LISTS
    },
    Function {
        name: "only",
        rejects: Some("the list has more than one value"),
        injective: true,
        summary: "The only value of a list.",
        doc: "Missing when the list is empty. Loses nothing, since it rejects what it would have to lose.",
        examples: &[ex(&[List(&[Int(3)])], &[], &[Int(3)]), no(&[List(&[Int(3), Int(5)])], &[])],
        rule: |inputs, _| gives(list_type(inputs)?.optional(), LossSet::EXACT),
        body: |inputs, _, _| match list_of(inputs)? {
            [] => one(Value::Missing),
            [only] => one(only.clone()),
            _ => Err(Refusal("has more than one value")),
        },
        ..LISTS
    },
    Function {
        name: "count",
        loss: MANY_TO_ONE,
        summary: "How many values a list has.",
        doc: "",
        examples: &[ex(&[List(&[Text("a"), Text("b")])], &[], &[Int(2)])],
        rule: |inputs, _| {
            list_type(inputs)?;
            gives(Type::Count, MANY_TO_ONE)
        },
        body: |inputs, _, _| one(Value::Int(i64::try_from(list_of(inputs)?.len()).unwrap_or(i64::MAX))),
        ..LISTS
    },
    Function {
        name: "at",
        params: &[Param { name: "id", kind: ParamKind::Value }],
        input: "a list of fields with id and value",
        loss: MANY_TO_ONE,
        summary: "The value of the element with this id.",
        doc: "For exports that hold custom fields as a list, `[{\"id\": 360001, \"value\": \"core\"}]`. Such a list has the type of its values. An id that is a number may be quoted. Missing when no element has the id; the first when several have it. The other elements are lost to this row: other rows take them.",
        examples: &[
            ex(&[List(&[Entry(7, &Text("core")), Entry(8, &Missing)])], &[Text("7")], &[Text("core")]),
            ex(&[List(&[Entry(7, &Text("core"))])], &[Int(9)], &[Missing]),
        ],
        rule: |inputs, _| match input(inputs, 0) {
            Type::List(item) => gives(item.as_ref().clone().optional(), MANY_TO_ONE),
            _ => refused(inputs, 0, "a list of fields with id and value"),
        },
        body: |inputs, args, _| {
            let Some(id) = args.first().map(value_of).as_ref().and_then(plain) else {
                return Err(Refusal("needs an id"));
            };
            let found = list_of(inputs)?.iter().find_map(|item| match item {
                Value::Record(entry) if entry.get("id").and_then(plain).as_ref() == Some(&id) => Some(entry),
                _ => None,
            });
            one(found.and_then(|entry| entry.get("value")).cloned().unwrap_or(Value::Missing))
        },
        ..LISTS
    },
    Function {
        name: "tag_name",
        input: "text, tags or a list of texts",
        lifts: true,
        loss: MANY_TO_ONE,
        summary: "A text as a tag that every product takes: lower case, `_` for each run of blanks.",
        doc: "Commas and control characters are left out. Missing when nothing is left.",
        examples: &[
            ex(&[Text(" Big Customer, EU ")], &[], &[Text("big_customer_eu")]),
            ex(&[Text(" , ")], &[], &[Missing]),
        ],
        rule: |inputs, _| {
            let max = text_max(inputs, 0, "text")?;
            gives(Type::Text { max }.optional(), MANY_TO_ONE)
        },
        body: |inputs, _, _| one(tag_name(text_of(inputs)?).map_or(Value::Missing, Value::Text)),
        ..LISTS
    },
    Function {
        name: "tags",
        params: &[Param { name: "separator", kind: ParamKind::SomeText }],
        input: "text",
        loss: MANY_TO_ONE,
        summary: "The tags that stand in one text with separators.",
        doc: "Each is trimmed; empty ones are left out, each stands once.",
        examples: &[ex(&[Text("vip, b2b,,vip")], &[Text(",")], &[List(&[Text("vip"), Text("b2b")])])],
        rule: |inputs, _| {
            text_max(inputs, 0, "text")?;
            gives(Type::Tags, MANY_TO_ONE)
        },
        body: |inputs, args, _| {
            let parts =
                text_of(inputs)?.split(text_arg(args, 0)).map(str::trim).filter(|part| !part.is_empty());
            let items: Vec<Value> = parts.map(|part| Value::Text(part.to_owned())).collect();
            one(Value::List(distinct(&items)))
        },
        ..LISTS
    },
];

/// A text as a tag: see the function of this name.
#[must_use]
pub fn tag_name(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| *c != ',' && (c.is_whitespace() || !c.is_control())).collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    if words.is_empty() { None } else { Some(lower_case(&words.join("_"))) }
}

/// Each value once, in the order of first occurrence.
#[must_use]
pub fn distinct(items: &[Value]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    items.iter().filter(|item| seen.insert(*item)).cloned().collect()
}

/// Whether an element is the value of an argument: options, keys and texts by their text.
fn equal(item: &Value, value: &Value) -> bool {
    match (item.as_text(), value.as_text()) {
        (Some(a), Some(b)) => a == b,
        _ => item == value,
    }
}

/// The type of the elements.
fn list_type(inputs: &[Type]) -> Result<Type, TypeProblem> {
    match input(inputs, 0).required() {
        Type::List(item) => Ok(item.as_ref().clone()),
        Type::Tags => Ok(Type::TEXT),
        Type::Choices(domain) => Ok(Type::Choice(domain.clone())),
        _ => refused(inputs, 0, LIST),
    }
}

/// That a list can hold the value of the argument.
fn holds(inputs: &[Type], args: &[Literal]) -> Result<(), TypeProblem> {
    let fits = match (list_type(inputs)?.required(), args.first()) {
        (Type::Choice(_) | Type::Ref(_) | Type::Email | Type::Url | Type::Phone, Some(Literal::Text(_)))
        | (Type::Bool, Some(Literal::Bool(_)))
        | (Type::Decimal, Some(Literal::Number(_)))
        | (Type::Date, Some(Literal::Date(_)))
        | (Type::Instant, Some(Literal::Instant(_)))
        | (Type::Duration, Some(Literal::Duration(_))) => true,
        (Type::Text { max }, Some(Literal::Text(text))) => {
            max.is_none_or(|max| super::rules::length(text) <= max)
        }
        (Type::Int { min, max }, Some(Literal::Number(n))) => {
            n.to_int().is_some_and(|n| *min <= n && n <= *max)
        }
        (Type::Count, Some(Literal::Number(n))) => n.to_int().is_some_and(|n| n >= 0),
        _ => false,
    };
    if fits { Ok(()) } else { refused(inputs, 0, "a list that can hold the argument") }
}

fn texts(inputs: &[Type], loss: LossSet) -> Result<Signature, TypeProblem> {
    text_max(&[list_type(inputs)?], 0, "tags or a list of texts")?;
    gives(input(inputs, 0).clone(), loss)
}

fn like(inputs: &[Value], pattern: &str, keep: bool) -> Result<Vec<Value>, Refusal> {
    let matches = |item: &&Value| item.as_text().is_some_and(|text| matching::wildcard(pattern, text));
    one(Value::List(list_of(inputs)?.iter().filter(|item| matches(item) == keep).cloned().collect()))
}
