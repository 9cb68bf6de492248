//! The cursor against `serde_json`: it accepts and refuses the same texts, and finds the same values.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::{Cursor, Kind, Raw, unescape};
use crate::layout::Path;
use crate::shape::{Order, Shape};

/// Whether the cursor takes the whole text for one value.
fn accepted(text: &str) -> bool {
    let mut cursor = Cursor::new(text);
    cursor.blanks();
    cursor.value().is_ok() && cursor.end().is_ok()
}

/// Whether `serde_json` takes it; `None` where it stops at a number beyond floating point, which is JSON all the same.
fn by_serde(text: &str) -> Option<bool> {
    match serde_json::from_str::<Value>(text) {
        Err(error) if error.to_string().starts_with("number out of range") => None,
        read => Some(read.is_ok()),
    }
}

fn of(raw: Raw<'_>) -> Option<Value> {
    match raw.kind {
        Kind::Absent | Kind::Behind => None,
        Kind::Text => Some(Value::from(raw.text)),
        Kind::Escaped => Some(Value::from(unescape(raw.text))),
        _ => serde_json::from_str(raw.text).ok(),
    }
}

/// Pieces from which nearly-JSON is put together.
fn pieces() -> BoxedStrategy<String> {
    let fixed = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "\t",
        "\"",
        "\\",
        "\"a\"",
        "\"b\"",
        "\"a\":",
        "\"c\":",
        "null",
        "true",
        "false",
        "nul",
        "0",
        "-0",
        "01",
        "1.5",
        "1.",
        ".5",
        "1e9",
        "1e",
        "1E+2",
        "-",
        "1e999",
        "+1",
        "\"\\u00e9\"",
        "\"\\ud83d\\uDDA8\"",
        "\"\\ud83d\"",
        "\"\\udda8\"",
        "\"\\ud83d\\u0041\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\u{1}\"",
        "\"é🖨\"",
        "\u{feff}",
        "\u{a0}",
        "\"longer than eight bytes\"",
        "\"tab\tin\"",
        "{\"a\":1}",
        "[1,2]",
        "{\"a\":{\"b\":[null]}}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    ];
    prop_oneof![8 => select(fixed.to_vec()).prop_map(str::to_owned), 1 => ".{0,3}"].boxed()
}

fn documents() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1_000_000..1_000_000_i32).prop_map(|n| Value::from(f64::from(n) / 64.0)),
        ".{0,12}".prop_map(Value::from),
        "[a-z\"\\\\\\n]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-c]|.{0,3}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn the_same_texts_are_json(parts in proptest::collection::vec(pieces(), 0..12)) {
        let text = parts.concat();
        prop_assert_eq!(accepted(&text), by_serde(&text).unwrap_or(accepted(&text)), "{}", text);
    }

    #[test]
    fn a_broken_document_is_refused_alike(document in documents(), at in any::<prop::sample::Index>(), with in pieces()) {
        let text = document.to_string();
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let at = places.get(at.index(places.len())).copied().unwrap_or_default();
        let (before, after) = text.split_at(at);
        let after: String = after.chars().skip(1).collect();
        let broken = format!("{before}{with}{after}");
        prop_assert!(accepted(&text));
        prop_assert_eq!(accepted(&broken), by_serde(&broken).unwrap_or(accepted(&broken)), "{}", broken);
    }

    #[test]
    fn the_same_values_stand_at_places(documents in proptest::collection::vec(documents(), 1..4)) {
        let paths = ["a", "b", "a.b", "a.c", "c.a.b"];
        let mut shape = Shape::new();
        let slots: Vec<usize> =
            paths.iter().filter_map(|path| Some(shape.add(&Path::parse(path).ok()?))).collect();
        // One order for all: what it remembers of one record must not matter for the next.
        let mut order = Order::default();
        for document in documents {
            let pretty = serde_json::to_string_pretty(&document).unwrap_or_default();
            for text in [document.to_string(), pretty] {
                let mut found = vec![Raw::default(); shape.slots()];
                let read = shape.read(&mut order, &text, &mut found);
                prop_assert_eq!(read.is_ok(), document.is_object());
                if read.is_err() {
                    continue;
                }
                for (path, slot) in paths.iter().zip(&slots) {
                    let expected = document.pointer(&format!("/{}", path.replace('.', "/")));
                    let raw = found.get(*slot).copied().unwrap_or_default();
                    // What is below a null is null; a list has no members, though a pointer enters it by number.
                    let found = of(raw).filter(|value| !value.is_null());
                    prop_assert_eq!(found.as_ref(), expected.filter(|value| !value.is_null()), "{} in {}", path, text);
                }
            }
        }
    }
}

#[test]
fn depth_has_a_limit_and_numbers_have_none() {
    assert!(accepted("[1e999, -0.0E-1]"));
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    assert!(accepted(&deep(128)));
    assert!(!accepted(&deep(129)));
    assert!(!accepted(&"[".repeat(1_000_000)));
    let objects = |levels: usize| format!("{}1{}", "{\"a\":[".repeat(levels), "]}".repeat(levels));
    assert!(accepted(&objects(64)));
    assert!(!accepted(&objects(65)));
}

#[test]
fn a_key_that_is_wanted_stands_once() {
    let mut shape = Shape::new();
    let slot = shape.add(&Path::key("a"));
    let mut order = Order::default();
    let mut read = |text: &str| {
        let mut slots = vec![Raw::default(); shape.slots()];
        shape.read(&mut order, text, &mut slots)
    };
    assert_eq!(read("{\"a\":1,\"b\":1,\"b\":2}"), Ok(()));
    assert_eq!(read("{\"a\":1,\"\\u0061\":2}"), Err(super::Fault::Twice(slot)));
}

#[test]
fn lists_of_fields_are_found_by_their_keys() {
    let mut shape = Shape::new();
    let by_id = shape.add(&Path::key("f").element("id", "7").then("value"));
    let by_name = shape.add(&Path::key("f").element("name", "Région").then("value"));
    let direct = shape.add(&Path::key("f").then("7"));
    let mut order = Order::default();
    let mut read = |text: &str, slot: usize| {
        let mut slots = vec![Raw::default(); shape.slots()];
        let read = shape.read(&mut order, text, &mut slots);
        read.ok()
            .map(|()| slots.get(slot).copied().unwrap_or_default())
            .map(|raw| (raw.kind, raw.text.to_owned()))
    };
    let list = r#"{"f":[{"value":"x","id":7},3,{"name":"R\u00e9gion","value":"eu","id":"8"},{"id":9}]}"#;
    assert_eq!(read(list, by_id), Some((Kind::Text, "x".to_owned())));
    assert_eq!(read(list, by_name), Some((Kind::Text, "eu".to_owned())));
    assert_eq!(read(list, direct), Some((Kind::Absent, String::new())));
    assert_eq!(read(r#"{"f":{"7":true}}"#, direct), Some((Kind::True, "true".to_owned())));
    assert_eq!(read(r#"{"f":3}"#, by_id), Some((Kind::Behind, String::new())));
    assert_eq!(read(r#"{"f":[{"id":7,"value":1},{"id":"7","value":2}]}"#, by_id), None);
}
