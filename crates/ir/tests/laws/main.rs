//! Laws of the function library and the evaluator, on random input.

mod generate;

use std::collections::BTreeSet;

use cutover_ir::eval::{Expected, Loaded, Outcome, Truth, eval_map, eval_partial, truth};
use cutover_ir::functions::{self, ParamKind, cut_at, find};
use cutover_ir::host::NoHost;
use cutover_ir::matching::wildcard;
use cutover_ir::predicate::{Literal, Predicate};
use cutover_ir::quantity::Decimal;
use cutover_ir::time::{Date, Instant};
use cutover_ir::value::Record;
use cutover_ir::{Type, Value};
use proptest::collection::vec;
use proptest::prelude::*;

use generate::{
    East, any_function, applied, marks, meaning, plain_programs, plain_records, predicates, programs,
    records, texts, values,
};

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
