//! Laws of the function library and the evaluator, on random input.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::eval::{Expected, Loaded, Outcome, Truth, eval_map, eval_partial, truth};
use cutover_ir::functions::{self, Function, ParamKind, TRANSLATE, all, cut_at, find};
use cutover_ir::host::{Host, NoHost};
use cutover_ir::map::{
    Call, Map, Outcome as Becomes, Pattern, Program, Requirement, Row, Source, Translate, TranslateRow,
    WhenMissing,
};
use cutover_ir::matching::wildcard;
use cutover_ir::predicate::{Atom, Literal, Predicate, StatusClass, Test};
use cutover_ir::quantity::{Decimal, Duration};
use cutover_ir::time::{Date, Instant};
use cutover_ir::value::Record;
use cutover_ir::{Id, LossSet, Type, Value};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

/// A host that knows all zones as one hour east of UTC.
struct East;

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

const PATHS: [&str; 6] = ["a", "b", "c.d", "c.e", "tags", "status"];

fn texts() -> BoxedStrategy<String> {
    prop_oneof![
        4 => "[ a-cA-C/@.<>&;*,{}%0-9ßİäé🖨\\n\\u{a0}]{0,12}",
        1 => ".{0,20}",
        1 => select(vec!["ann@example.org", "2026-12-05", "2026-12-05T20:00:00+01:00", "<p>x</p>", "&amp;", "{1}"])
            .prop_map(str::to_owned),
    ]
    .boxed()
}

fn dates() -> BoxedStrategy<Date> {
    (-700_000..2_900_000_i32).prop_map(Date::from_days).boxed()
}

fn decimals() -> BoxedStrategy<Decimal> {
    prop_oneof![(any::<i64>(), any::<u8>()), (-1000..1000_i64, 0..3_u8)]
        .prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
        .boxed()
}

fn scalars() -> BoxedStrategy<Value> {
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

fn values() -> BoxedStrategy<Value> {
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

fn records() -> BoxedStrategy<Record> {
    btree_map(select(vec!["a", "b", "c", "c.d", "tags", "status"]).prop_map(str::to_owned), values(), 0..6)
        .boxed()
}

fn literals() -> BoxedStrategy<Literal> {
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
fn arguments(function: &'static Function) -> BoxedStrategy<Vec<Literal>> {
    let each: Vec<BoxedStrategy<Literal>> =
        function.params.iter().map(|param| argument(param.kind)).collect();
    each.boxed()
}

fn argument(kind: ParamKind) -> BoxedStrategy<Literal> {
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

fn any_function() -> BoxedStrategy<(&'static Function, Vec<Literal>)> {
    select(all().collect::<Vec<_>>()).prop_flat_map(|f| arguments(f).prop_map(move |args| (f, args))).boxed()
}

/// A type, and values of it.
fn typed() -> Vec<(Type, BoxedStrategy<Value>)> {
    let text = || "[ a-cA-C/@,é🖨\\n]{0,8}".prop_map(Value::Text).boxed();
    let texts = || vec(text(), 0..4).prop_map(Value::List).boxed();
    let options = || "[abc]{1,2}".prop_map(Value::Choice).boxed();
    vec![
        (Type::TEXT, text()),
        (Type::Text { max: Some(8) }, text()),
        (
            Type::Html { max: Some(40) },
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
fn applied() -> BoxedStrategy<(&'static Function, Vec<Literal>, Type, Value, Value)> {
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
fn meaning(input: &Type, value: &Value) -> Value {
    match (input, value) {
        (Type::Choices(_), Value::List(items)) => {
            Value::List(items.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect())
        }
        _ => value.clone(),
    }
}

/// A value of the same type that differs little: in case, blanks, order, repetition, the last place.
fn near(value: &Value, how: usize) -> Value {
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
fn marks(function: &Function) -> bool {
    function.name == "add"
}

fn predicates() -> BoxedStrategy<Predicate> {
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

fn calls() -> BoxedStrategy<Call> {
    let known = any_function().prop_map(|(f, args)| Call { function: f.name.to_owned(), args });
    let table = select(vec!["t", "none"])
        .prop_map(|name| Call { function: TRANSLATE.to_owned(), args: vec![Literal::Text(name.to_owned())] });
    let odd = (select(vec!["cut", "nothing", TRANSLATE, "format"]), vec(literals(), 0..3))
        .prop_map(|(name, args)| Call { function: name.to_owned(), args });
    prop_oneof![6 => known, 2 => table, 1 => odd].boxed()
}

fn sources() -> BoxedStrategy<Source> {
    prop_oneof![
        6 => select(PATHS.to_vec()).prop_map(|path| Source::Field(path.to_owned())),
        1 => Just(Source::Table("c".to_owned(), "d".to_owned())),
        1 => literals().prop_map(Source::Constant),
    ]
    .boxed()
}

fn types() -> BoxedStrategy<Type> {
    prop_oneof![
        select(typed()).prop_map(|(t, _)| t),
        select(vec![Type::Tags, Type::Email, Type::Poison, Type::Never, Type::Count])
    ]
    .prop_flat_map(|t| select(vec![t.clone(), t.optional()]))
    .boxed()
}

fn rows() -> BoxedStrategy<Row> {
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
fn plain_row(to: &'static str) -> BoxedStrategy<Row> {
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

fn plain_programs() -> BoxedStrategy<(Program, Map)> {
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

fn plain_records() -> BoxedStrategy<Record> {
    let value = prop_oneof![5 => texts().prop_map(Value::Text), 1 => Just(Value::Missing)];
    btree_map(select(vec!["a", "b", "c.d"]).prop_map(str::to_owned), value, 0..3).boxed()
}

fn outcomes() -> BoxedStrategy<Becomes> {
    prop_oneof![
        4 => literals().prop_map(Becomes::Value),
        2 => Just(Becomes::Same),
        1 => Just(Becomes::Empty),
        1 => Just(Becomes::Reject),
    ]
    .boxed()
}

fn programs() -> BoxedStrategy<(Program, Map)> {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn functions_never_panic((function, args) in any_function(), inputs in vec(values(), 0..4)) {
        if let Ok(outputs) = function.call(&inputs, &args, &East) {
            let times = if function.takes_several() { 1 } else { inputs.len() };
            prop_assert_eq!(outputs.len(), times * function.gives);
        }
    }

    /// Well typed inputs are rejected only by functions that are declared to reject, and outputs are of the declared types.
    #[test]
    fn types_tell_the_truth((function, args, input, value, _) in applied()) {
        if let Ok(signature) = function.signature(std::slice::from_ref(&input), &args) {
            match function.call(&[value], &args, &East) {
                Ok(outputs) => {
                    for (output, wanted) in outputs.into_iter().zip(&signature.outputs) {
                        let conformed = cutover_ir::eval::conform(output, wanted, &East);
                        prop_assert!(conformed.is_ok(), "{} {wanted}: {conformed:?}", function.name);
                    }
                }
                Err(refusal) => prop_assert!(function.rejects.is_some(), "{}: {refusal}", function.name),
            }
        }
    }

    /// What a function loses on given types is within what it is declared to lose at most.
    #[test]
    fn loss_is_within_the_declaration((function, args, input, _, _) in applied()) {
        if let Ok(signature) = function.signature(std::slice::from_ref(&input), &args) {
            prop_assert_eq!(signature.loss.union(function.loss), function.loss, "{}", function.name);
        }
    }

    /// A function that loses nothing gives different results for different values.
    #[test]
    fn exact_functions_are_injective((function, args, input, a, b) in applied()) {
        let exact = function.signature(std::slice::from_ref(&input), &args).is_ok_and(|signature| signature.loss.is_exact());
        if (exact || function.injective) && !marks(function) && meaning(&input, &a) != meaning(&input, &b) {
            let of = |value: Value| function.call(&[value], &args, &East);
            if let (Ok(x), Ok(y)) = (of(a), of(b)) {
                prop_assert_ne!(x, y, "{}", function.name);
            }
        }
    }

    /// The inverse leads back from what the function gives.
    #[test]
    fn inverses_lead_back((function, args, input, value, _) in applied()) {
        let fits = function.signature(&[input], &args).is_ok();
        if let (true, Some(inverse)) = (fits, function.inverse.and_then(find)) {
            let marked = matches!(&value, Value::List(items) if marks(function) && args.iter().any(|arg| {
                items.iter().any(|item| item.as_text() == match arg { Literal::Text(t) => Some(t), _ => None })
                    || function.call(std::slice::from_ref(&value), &args, &East) == Ok(vec![value.clone()])
            }));
            // `without_prefix` takes no empty text: there is nothing to take away.
            let nothing = args.contains(&Literal::Text(String::new()));
            if let (Ok(outputs), false) = (function.call(std::slice::from_ref(&value), &args, &East), marked || nothing) {
                prop_assert_eq!(inverse.call(&outputs, &args, &East), Ok(vec![value]), "{}", function.name);
            }
        }
    }

    #[test]
    fn cut_is_never_longer(text in texts(), limit in 0..30_u32) {
        let (kept, rest) = cut_at(&text, limit);
        prop_assert!(kept.chars().count() <= usize::try_from(limit).unwrap_or(0));
        prop_assert_eq!(format!("{kept}{rest}"), text);
    }

    #[test]
    fn text_of_html_is_never_longer(html in "(<[/!a-z \"'=]{0,9}>?|<a href=[a-z:/.\"]{0,9}>|</a>|<li>|<p>|<br>|<td>|<!--|-->|<pre>|&[a-z#0-9]{0,6};?|[a-c \\n<>&é]){0,20}") {
        let html_to_text = find("html_to_text");
        let text = html_to_text.map(|f| f.call(&[Value::Text(html.clone())], &[], &NoHost));
        if let Some(Ok(outputs)) = text {
            let length = outputs.first().and_then(Value::as_text).map_or(0, |text| text.chars().count());
            prop_assert!(length <= html.chars().count(), "{outputs:?}");
        }
    }

    /// A reader of the HTML sees the text: same words, and no markup came in.
    #[test]
    fn html_of_a_text_shows_the_text(text in "[ a-z<>&\"/=;#\\n]{0,40}") {
        let through = |value: &Value, name: &str| find(name).and_then(|f| f.call(std::slice::from_ref(value), &[], &NoHost).ok()?.pop());
        let html = through(&Value::Text(text.clone()), "text_to_html").unwrap_or(Value::Missing);
        let back = through(&html, "html_to_text").unwrap_or(Value::Missing);
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(words(back.as_text().unwrap_or_default()), words(&text));
    }

    /// The text form of dates, points in time and numbers can be read again.
    #[test]
    fn text_forms_are_read_again(date in -719_528..2_932_896_i32, nanos in any::<i64>(), number in any::<i64>()) {
        for (value, reader) in [
            (Value::Date(Date::from_days(date)), "parse_date"),
            (Value::Instant(Instant::from_nanos(i128::from(nanos))), "parse_instant"),
            (Value::Int(number), "to_int"),
        ] {
            let text = find("text").and_then(|f| f.call(std::slice::from_ref(&value), &[], &NoHost).ok());
            let back = text.and_then(|text| find(reader)?.call(&text, &[], &NoHost).ok());
            prop_assert_eq!(back, Some(vec![value]));
        }
    }

    /// A star matches by the textbook definition.
    #[test]
    fn wildcards_match_as_defined(pattern in "[ab*]{0,6}", text in "[ab]{0,8}") {
        fn defined(pattern: &[u8], text: &[u8]) -> bool {
            match (pattern, text) {
                ([], []) => true,
                ([b'*', rest @ ..], _) => (0..=text.len()).any(|n| defined(rest, text.get(n..).unwrap_or_default())),
                ([a, rest @ ..], [b, text @ ..]) if a == b => defined(rest, text),
                _ => false,
            }
        }
        prop_assert_eq!(wildcard(&pattern, &text), defined(pattern.as_bytes(), text.as_bytes()));
    }

    /// A predicate and its `not` share the records between them.
    #[test]
    fn a_predicate_and_its_not_partition(p in predicates(), record in records()) {
        let holds = truth(&p, "k", &record, false, &East);
        let not = truth(&Predicate::Not(Box::new(p)), "k", &record, false, &East);
        match (holds, not) {
            (Truth::Known(a), Truth::Known(b)) => prop_assert_ne!(a, b),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    /// What is known of an open record holds for each record that agrees with it.
    #[test]
    fn what_is_known_stays_true(p in predicates(), given in records(), more in records()) {
        if let Truth::Known(value) = truth(&p, "k", &given, true, &East) {
            let whole: Record = more.into_iter().filter(|(path, _)| is_new(&given, path)).chain(given.clone()).collect();
            prop_assert_eq!(truth(&p, "k", &whole, false, &East), Truth::Known(value));
        }
    }

    #[test]
    fn maps_never_panic((program, map) in programs(), record in records()) {
        let first = eval_map(&program, &map, &record, &East);
        prop_assert_eq!(&first, &eval_map(&program, &map, &record, &East));
        if let Outcome::Written(written) = first {
            prop_assert!(written.fields.values().all(|value| *value != Value::Missing));
        }
    }

    /// What is said of all records that agree with the given fields holds for each of them.
    #[test]
    fn tests_hold_for_every_value(
        ((program, map), given, more) in prop_oneof![
            (programs(), records(), records()),
            (plain_programs(), plain_records(), plain_records()),
        ],
    ) {
        let paths: BTreeSet<String> = map.rows.iter().flat_map(|row| row.to.iter().chain(&row.overflow).cloned()).collect();
        let partial = eval_partial(&program, &map, &given, &paths, &East);
        let whole: Record = more.into_iter().filter(|(path, _)| is_new(&given, path)).chain(given.clone()).collect();
        match eval_map(&program, &map, &whole, &East) {
            Outcome::Written(written) => {
                prop_assert!(!matches!(partial.loaded, Loaded::No(_)), "{:?}", partial.loaded);
                for (path, expected) in partial.fields {
                    match expected {
                        Expected::Known(value) => {
                            prop_assert_eq!(written.fields.get(&path).cloned().unwrap_or(Value::Missing), value);
                        }
                        Expected::Rejected(rejection) => prop_assert!(false, "written, not {rejection:?}"),
                        Expected::DependsOn(fields) => prop_assert!(!fields.is_empty()),
                    }
                }
            }
            Outcome::Rejected(_) | Outcome::Filtered => {}
        }
    }
}

/// Whether a path is nothing that is given, nor around it, nor inside it.
fn is_new(given: &Record, path: &str) -> bool {
    let inside = |a: &str, b: &str| a == b || a.strip_prefix(b).is_some_and(|rest| rest.starts_with('.'));
    !given.keys().any(|known| inside(known, path) || inside(path, known))
}

/// Each function is met by the random types: otherwise the laws above would say nothing about it.
#[test]
fn every_function_takes_some_random_type() {
    let inputs = [
        Type::TEXT,
        Type::HTML,
        Type::INT,
        Type::Decimal,
        Type::Bool,
        Type::Date,
        Type::Instant,
        Type::Duration,
        Type::Choice("s/x".into()),
        Type::List(Box::new(Type::TEXT)),
    ];
    for function in functions::all() {
        let args: Vec<Literal> = function
            .params
            .iter()
            .map(|param| match param.kind {
                ParamKind::Length | ParamKind::Whole | ParamKind::Factor => Literal::Number(Decimal::from(1)),
                ParamKind::Pattern => Literal::Text("{1}".to_owned()),
                ParamKind::TimePattern => Literal::Text("%Y".to_owned()),
                _ => Literal::Text("a".to_owned()),
            })
            .collect();
        let taken = inputs.iter().any(|input| function.signature(std::slice::from_ref(input), &args).is_ok());
        assert!(taken, "{}", function.name);
    }
}
