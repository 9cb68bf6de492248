//! Random values, functions with arguments, predicates, maps and records.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::functions::{Function, ParamKind, TRANSLATE, all};
use cutover_ir::host::Host;
use cutover_ir::map::{
    Call, Map, Outcome as Becomes, Pattern, Program, Requirement, Row, Source, Translate, TranslateRow,
    WhenMissing,
};
use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass, Test};
use cutover_ir::quantity::{Decimal, Duration};
use cutover_ir::time::{Date, Instant};
use cutover_ir::value::Record;
use cutover_ir::{Id, LossSet, Type, Value};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

/// A host that knows all zones as one hour east of UTC.
pub(crate) struct East;

impl Host for East {
    fn date_in(&self, _: &str, at: Instant) -> Option<Date> {
        Some(Instant::from_seconds(at.seconds().checked_add(3600)?).utc_date())
    }
    fn local_time(&self, _: &str, date: Date, seconds: u32) -> Option<Instant> {
        Some(Instant::from_seconds(i64::from(date.days()) * 86_400 + i64::from(seconds) - 3600))
    }
    fn keyed_hash(&self, salt: &str, text: &str) -> Option<String> {
        Some(format!("{salt}{text}").bytes().map(|byte| format!("{byte:02x}")).collect())
    }
    fn status_class(&self, _: &str, status: &str) -> Option<StatusClass> {
        Some(if status.len().is_multiple_of(2) { StatusClass::Finished } else { StatusClass::Unfinished })
    }
    fn word(&self, _: &str, field: &str, word: &str, _: &Record) -> Option<bool> {
        Some(field.len() > word.len())
    }
}

pub(crate) const PATHS: [&str; 6] = ["a", "b", "c.d", "c.e", "tags", "status"];

pub(crate) fn texts() -> BoxedStrategy<String> {
    prop_oneof![
        4 => "[ a-cA-C/@.<>&;*,{}%0-9ßİäé🖨\\n\\u{a0}]{0,12}",
        1 => ".{0,20}",
        1 => select(vec!["ann@example.org", "2026-12-05", "2026-12-05T20:00:00+01:00", "<p>x</p>", "&amp;", "{1}"])
            .prop_map(str::to_owned),
    ]
    .boxed()
}

pub(crate) fn dates() -> BoxedStrategy<Date> {
    (-700_000..2_900_000_i32).prop_map(Date::from_days).boxed()
}

pub(crate) fn decimals() -> BoxedStrategy<Decimal> {
    prop_oneof![(any::<i64>(), any::<u8>()), (-1000..1000_i64, 0..3_u8)]
        .prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
        .boxed()
}

pub(crate) fn scalars() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Missing),
        any::<bool>().prop_map(Value::Bool),
        prop_oneof![any::<i64>(), -5..5_i64].prop_map(Value::Int),
        decimals().prop_map(Value::Decimal),
        texts().prop_map(Value::Text),
        dates().prop_map(Value::Date),
        any::<i64>().prop_map(|n| Value::Instant(Instant::from_nanos(i128::from(n) * 37))),
        any::<u64>().prop_map(|n| Value::Duration(Duration::elapsed(n))),
        texts().prop_map(Value::Choice),
        texts().prop_map(Value::Ref),
        texts().prop_map(Value::Placeholder),
    ]
    .boxed()
}

pub(crate) fn values() -> BoxedStrategy<Value> {
    scalars()
        .prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Value::List),
                btree_map(select(vec!["id", "value", "d", "e"]).prop_map(str::to_owned), inner, 0..3)
                    .prop_map(Value::Record),
            ]
        })
        .boxed()
}

pub(crate) fn records() -> BoxedStrategy<Record> {
    btree_map(select(vec!["a", "b", "c", "c.d", "tags", "status"]).prop_map(str::to_owned), values(), 0..6)
        .boxed()
}

pub(crate) fn literals() -> BoxedStrategy<Literal> {
    prop_oneof![
        4 => texts().prop_map(Literal::Text),
        1 => any::<bool>().prop_map(Literal::Bool),
        2 => prop_oneof![decimals(), (1..9_i64).prop_map(Decimal::from)].prop_map(Literal::Number),
        1 => dates().prop_map(Literal::Date),
        1 => any::<i64>().prop_map(|n| Literal::Instant(Instant::from_seconds(n))),
        1 => any::<u32>().prop_map(|n| Literal::Duration(Duration::civil_days(n))),
    ]
    .boxed()
}

/// Arguments that a function takes.
pub(crate) fn arguments(function: &'static Function) -> BoxedStrategy<Vec<Literal>> {
    let each: Vec<BoxedStrategy<Literal>> =
        function.params.iter().map(|param| argument(param.kind)).collect();
    each.boxed()
}

pub(crate) fn argument(kind: ParamKind) -> BoxedStrategy<Literal> {
    let text = |text: &str| Literal::Text(text.to_owned());
    match kind {
        ParamKind::Text => texts().prop_map(Literal::Text).boxed(),
        ParamKind::SomeText => "[a-c/@.,é🖨]{1,2}".prop_map(Literal::Text).boxed(),
        ParamKind::Length => (1..20_i64).prop_map(|n| Literal::Number(Decimal::from(n))).boxed(),
        ParamKind::Whole => {
            prop_oneof![any::<i64>(), -9..9_i64].prop_map(|n| Literal::Number(Decimal::from(n))).boxed()
        }
        ParamKind::Factor => decimals()
            .prop_map(|n| Literal::Number(if n == Decimal::from(0) { Decimal::from(1) } else { n }))
            .boxed(),
        ParamKind::Pattern => {
            select(vec!["{1}", "x {1} <{1 by trim, lower}>", "{1}{2}", "{{}} {1}"]).prop_map(text).boxed()
        }
        ParamKind::TimePattern => select(vec!["%Y-%m-%dT%H:%M:%SZ", "%d.%m.", "%%%Y"]).prop_map(text).boxed(),
        ParamKind::Zone | ParamKind::Secret => Just(text("Europe/Berlin")).boxed(),
        ParamKind::Value => literals(),
    }
}

pub(crate) fn any_function() -> BoxedStrategy<(&'static Function, Vec<Literal>)> {
    select(all().collect::<Vec<_>>()).prop_flat_map(|f| arguments(f).prop_map(move |args| (f, args))).boxed()
}

/// A type, and values of it.
pub(crate) fn typed() -> Vec<(Type, BoxedStrategy<Value>)> {
    let text = || "[ a-cA-C/@,é🖨\\n]{0,8}".prop_map(Value::Text).boxed();
    let texts = || vec(text(), 0..4).prop_map(Value::List).boxed();
    let options = || "[abc]{1,2}".prop_map(Value::Choice).boxed();
    vec![
        (Type::TEXT, text()),
        (Type::Text { max: Some(8) }, text()),
        (
            Type::Html { max: Some(80) },
            "(<p>|</p>|<br>|<li>|<a href=x>|</a>|&amp;|&#9;|<td>|[a-c< ]){0,8}".prop_map(Value::Text).boxed(),
        ),
        (Type::Int { min: -9, max: 9 }, (-9..=9_i64).prop_map(Value::Int).boxed()),
        (Type::INT, any::<i64>().prop_map(Value::Int).boxed()),
        (Type::Decimal, decimals().prop_map(Value::Decimal).boxed()),
        (Type::Bool, any::<bool>().prop_map(Value::Bool).boxed()),
        (Type::Date, dates().prop_map(Value::Date).boxed()),
        (
            Type::Instant,
            any::<i64>().prop_map(|n| Value::Instant(Instant::from_nanos(i128::from(n)))).boxed(),
        ),
        (Type::Duration, any::<u32>().prop_map(|n| Value::Duration(Duration::elapsed(n.into()))).boxed()),
        (Type::Choice("s/x".into()), options()),
        (Type::Choices("s/x".into()), vec(options(), 0..3).prop_map(Value::List).boxed()),
        (Type::Ref("s/user".into()), "[0-9]{1,3}".prop_map(Value::Ref).boxed()),
        (Type::List(Box::new(Type::TEXT)), texts()),
        (
            Type::List(Box::new(Type::INT)),
            vec((-3..3_i64).prop_map(Value::Int), 0..4).prop_map(Value::List).boxed(),
        ),
    ]
}

/// A function, arguments, one input type that it takes, and two values of that type.
pub(crate) fn applied() -> BoxedStrategy<(&'static Function, Vec<Literal>, Type, Value, Value)> {
    any_function()
        .prop_flat_map(|(function, args)| {
            let takes = |input: &Type| function.signature(std::slice::from_ref(input), &args).is_ok();
            let (fits, others): (Vec<_>, Vec<_>) = typed().into_iter().partition(|(input, _)| takes(input));
            let inputs = if fits.is_empty() { others } else { fits };
            select(inputs).prop_flat_map(move |(input, values)| {
                let args = args.clone();
                (values.clone(), values, 0..30_usize).prop_map(move |(a, other, how)| {
                    let b = if how < 10 { other } else { near(&a, how) };
                    (function, args.clone(), input.clone(), a, b)
                })
            })
        })
        .boxed()
}

/// Choices are a set: order and repetition mean nothing.
pub(crate) fn meaning(input: &Type, value: &Value) -> Value {
    match (input, value) {
        (Type::Choices(_), Value::List(items)) => {
            Value::List(items.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect())
        }
        _ => value.clone(),
    }
}

/// A value of the same type that differs little: in case, blanks, order, repetition, the last place.
pub(crate) fn near(value: &Value, how: usize) -> Value {
    match value {
        Value::Text(text) if text.chars().count() < 8 => Value::Text(match how % 5 {
            0 => format!("{text} "),
            1 => format!("\n{text}"),
            2 => text.chars().flat_map(|c| Some(c.to_ascii_uppercase())).collect(),
            3 => text.split_whitespace().collect::<Vec<_>>().join("  ").chars().take(8).collect(),
            _ => format!("{text}/"),
        }),
        Value::Choice(name) => Value::Choice(name.to_uppercase()),
        Value::Int(n) => Value::Int(if *n > 0 { n - 1 } else { n + 1 }),
        Value::Decimal(n) => Value::Decimal(Decimal::new(n.mantissa() / 2, n.scale())),
        Value::Instant(at) => Value::Instant(Instant::from_nanos(at.nanos() ^ 1)),
        Value::List(items) => Value::List(match (how % 3, items.first()) {
            (0, Some(first)) => items.iter().chain([first]).cloned().collect(),
            (1, _) => items.iter().rev().cloned().collect(),
            _ => items.iter().map(|item| near(item, how / 3)).collect(),
        }),
        other => other.clone(),
    }
}

/// `add` counts as exact although it gives one result for a list with and without the value: it marks what was migrated.
pub(crate) fn marks(function: &Function) -> bool {
    function.name == "add"
}

pub(crate) fn predicates() -> BoxedStrategy<Predicate> {
    let test = prop_oneof![
        vec(literals(), 0..3).prop_map(Test::OneOf),
        literals().prop_map(Test::Has),
        Just(Test::Empty),
        literals().prop_map(Test::AtLeast),
        literals().prop_map(Test::AtMost),
        literals().prop_map(Test::MoreThan),
        literals().prop_map(Test::LessThan),
        literals().prop_map(Test::Before),
        literals().prop_map(Test::Since),
        Just(Test::Class(StatusClass::Finished)),
        Just(Test::Word("merged".to_owned())),
    ];
    let atom = (select(PATHS.to_vec()), test)
        .prop_map(|(field, test)| Predicate::Atom(Atom { field: field.to_owned(), test }));
    prop_oneof![4 => atom, 1 => any::<bool>().prop_map(Predicate::Const)]
        .prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..3).prop_map(Predicate::All),
                vec(inner.clone(), 0..3).prop_map(Predicate::Any),
                inner.prop_map(|p| Predicate::Not(Box::new(p))),
            ]
        })
        .boxed()
}

pub(crate) fn calls() -> BoxedStrategy<Call> {
    let known = any_function().prop_map(|(f, args)| Call { function: f.name.to_owned(), args });
    let table = select(vec!["t", "none"])
        .prop_map(|name| Call { function: TRANSLATE.to_owned(), args: vec![Literal::Text(name.to_owned())] });
    let odd = (select(vec!["cut", "nothing", TRANSLATE, "format"]), vec(literals(), 0..3))
        .prop_map(|(name, args)| Call { function: name.to_owned(), args });
    prop_oneof![6 => known, 2 => table, 1 => odd].boxed()
}

pub(crate) fn sources() -> BoxedStrategy<Source> {
    prop_oneof![
        6 => select(PATHS.to_vec()).prop_map(|path| Source::Field(path.to_owned())),
        1 => Just(Source::Table("c".to_owned(), "d".to_owned())),
        1 => literals().prop_map(Source::Constant),
    ]
    .boxed()
}

pub(crate) fn types() -> BoxedStrategy<Type> {
    prop_oneof![
        select(typed()).prop_map(|(t, _)| t),
        select(vec![Type::Tags, Type::Email, Type::Poison, Type::Never, Type::Count])
    ]
    .prop_flat_map(|t| select(vec![t.clone(), t.optional()]))
    .boxed()
}

pub(crate) fn rows() -> BoxedStrategy<Row> {
    let stand_in = prop_oneof![
        Just(WhenMissing::Empty),
        literals().prop_map(WhenMissing::Constant),
        Just(WhenMissing::Placeholder("p".to_owned())),
        Just(WhenMissing::PlaceholderBy("t".to_owned())),
        Just(WhenMissing::Reject),
    ];
    let paths = || select(vec!["x", "y", "z", "w", "v"]).prop_map(str::to_owned);
    (
        vec(sources(), 1..3),
        vec((paths(), types()), 1..3),
        vec(calls(), 0..4),
        proptest::option::of(stand_in),
        any::<bool>(),
        proptest::option::of(paths()),
    )
        .prop_map(|(from, to, pipe, when_missing, key, overflow)| Row {
            id: Id::new(["map", "k", "to"].into_iter().chain(to.iter().map(|(path, _)| path.as_str()))),
            from,
            to: to.iter().map(|(path, _)| path.clone()).collect(),
            pipe,
            when_missing,
            key,
            overflow,
            types: to.into_iter().map(|(_, t)| t).collect(),
            loss: LossSet::EXACT,
            lossy: None,
            meaning: None,
            by_catalog: false,
        })
        .boxed()
}

/// A row that most records of [`plain_records`] pass: texts through functions on text into a text.
pub(crate) fn plain_row(to: &'static str) -> BoxedStrategy<Row> {
    let functions: Vec<_> = all()
        .filter(|f| {
            let args: Vec<Literal> = f.params.iter().map(|_| Literal::Text("a".to_owned())).collect();
            f.gives == 1
                && f.rejects.is_none()
                && f.signature(&[Type::TEXT], &args).is_ok_and(|signature| {
                    signature.outputs.iter().all(|output| output.is_subtype_of(&Type::TEXT.optional()))
                })
        })
        .collect();
    let function = select(functions)
        .prop_flat_map(|f| arguments(f).prop_map(|args| Call { function: f.name.to_owned(), args }));
    let cut = (1..6_i64)
        .prop_map(|n| Call { function: "cut".to_owned(), args: vec![Literal::Number(Decimal::from(n))] });
    let table = Just(Call { function: TRANSLATE.to_owned(), args: vec![Literal::Text("t".to_owned())] });
    let stand_in = proptest::option::of(texts().prop_map(|text| WhenMissing::Constant(Literal::Text(text))));
    let overflow = proptest::option::of(select(vec!["x", "y", "z"]).prop_map(str::to_owned));
    (
        select(vec!["a", "b", "c.d"]),
        vec(prop_oneof![2 => function, 2 => cut, 1 => table], 0..3),
        stand_in,
        overflow,
    )
        .prop_map(move |(from, pipe, when_missing, overflow)| Row {
            id: Id::new(["map", "k", "to", to]),
            from: vec![Source::Field(from.to_owned())],
            to: vec![to.to_owned()],
            pipe,
            when_missing,
            key: false,
            overflow: overflow.filter(|overflow| overflow != to),
            types: vec![Type::TEXT.optional()],
            loss: LossSet::EXACT,
            lossy: None,
            meaning: None,
            by_catalog: false,
        })
        .boxed()
}

pub(crate) fn plain_programs() -> BoxedStrategy<(Program, Map)> {
    let rows = ["x", "y", "z"].map(plain_row);
    (programs(), rows, texts())
        .prop_map(|((mut program, mut map), rows, rest)| {
            map.rows = rows.into();
            map.require.retain(|requirement| requirement.predicate != Predicate::Const(false));
            for table in program.translates.values_mut() {
                for row in &mut table.rows {
                    row.outcome = Becomes::Same;
                }
                table.rest = Some(Becomes::Value(Literal::Text(rest.clone())));
            }
            (program, map)
        })
        .boxed()
}

pub(crate) fn plain_records() -> BoxedStrategy<Record> {
    let value = prop_oneof![5 => texts().prop_map(Value::Text), 1 => Just(Value::Missing)];
    btree_map(select(vec!["a", "b", "c.d"]).prop_map(str::to_owned), value, 0..3).boxed()
}

pub(crate) fn outcomes() -> BoxedStrategy<Becomes> {
    prop_oneof![
        4 => literals().prop_map(Becomes::Value),
        2 => Just(Becomes::Same),
        1 => Just(Becomes::Empty),
        1 => Just(Becomes::Reject),
    ]
    .boxed()
}

pub(crate) fn programs() -> BoxedStrategy<(Program, Map)> {
    let line = (texts(), any::<bool>(), any::<bool>(), any::<bool>(), outcomes()).prop_map(
        |(text, wildcard, any_case, kept_in_tag, outcome)| TranslateRow {
            id: Id::new(["translate", "t", &text]),
            pattern: Pattern { text, wildcard, any_case },
            outcome,
            seen_as: None,
            kept_in_tag,
            lossy: None,
        },
    );
    let table = (vec(line, 0..5), proptest::option::of(outcomes())).prop_map(|(rows, rest)| Translate {
        id: Id::new(["translate", "t"]),
        rows,
        rest,
    });
    let require = vec(predicates(), 0..2);
    (table, vec(rows(), 0..4), require)
        .prop_map(|(table, rows, require)| {
            let map = Map {
                id: Id::new(["map", "k"]),
                source: "k".to_owned(),
                target: "l".to_owned(),
                rows,
                dropped: Vec::new(),
                require: require
                    .into_iter()
                    .map(|predicate| Requirement { id: Id::new(["map", "k", "require"]), predicate })
                    .collect(),
            };
            (Program { maps: BTreeMap::new(), translates: [("t".to_owned(), table)].into() }, map)
        })
        .boxed()
}
