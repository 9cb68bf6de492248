//! What holds of the transform engine for any bytes. The fuzz target and the seeded test call the same function.

use std::collections::BTreeMap;

use cutover_ir::host::NoHost;
use cutover_ir::map::{Map, Program as Tables, Row, Source};
use cutover_ir::{Id, LossSet, Type};
use cutover_transform::{Failure, Layout, NoOthers, Options, Parts, Program, run};
use serde_json::Value;

/// Any bytes as lines of records: counts add up, two threads do what one does, and each line is written, with the value that `serde_json`
/// finds in it, or rejected for a reason that is true.
///
/// # Panics
/// When the property does not hold.
#[expect(clippy::panic, reason = "a property that does not hold is told so")]
pub fn records(bytes: &[u8]) {
    let map = Map {
        id: Id::new(["map", "k"]),
        source: "k".to_owned(),
        target: "l".to_owned(),
        rows: vec![Row {
            id: Id::new(["map", "k", "to", "x"]),
            from: vec![Source::Field("a".to_owned())],
            to: vec!["x".to_owned()],
            pipe: Vec::new(),
            when_missing: None,
            key: false,
            overflow: None,
            types: vec![Type::Poison],
            loss: LossSet::EXACT,
            lossy: None,
            meaning: None,
            by_catalog: false,
        }],
        dropped: Vec::new(),
        require: Vec::new(),
    };
    let program = Program::new(&Parts {
        translations: &Tables::default(),
        map: &map,
        scope: Vec::new(),
        schema: None,
        layout: &Layout::default(),
        tables: BTreeMap::new(),
    });
    let with = |threads: usize| {
        let (mut out, mut rejects) = (Vec::new(), Vec::new());
        let options = Options { threads, ..Options::default() };
        let mut reject = |reject: &cutover_transform::Reject| {
            rejects.push(reject.clone());
            Ok(())
        };
        match run(&program, &NoHost, &NoOthers, bytes, &mut out, &mut reject, &options) {
            Ok(counts) => Some((out, rejects, counts)),
            Err(Failure::Utf16) => None,
            Err(failure) => panic!("{failure}"),
        }
    };
    let one = with(1);
    assert_eq!(one, with(2), "two threads do something else");
    let Some((out, rejects, counts)) = one else { return };
    assert_eq!(counts.read, counts.written + counts.rejected + counts.filtered_in_all());
    let mut written = out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let mut rejects = rejects.iter().peekable();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    for (number, line) in (1_u64..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let expected = serde_json::from_slice::<Value>(line);
        match rejects.next_if(|reject| reject.line == number) {
            Some(reject) => match (reject.cause.code(), expected) {
                // The value has no exact form, or the record is deeper than the other reader goes.
                ("duplicate-key" | "other-type" | "too-deep", _) | (_, Err(_)) => {}
                (_, Ok(value)) => assert!(!value.is_object(), "line {number} is a record: {reject:?}"),
            },
            None => {
                let found = written.next().map(serde_json::from_slice::<Value>);
                let Some(Ok(found)) = found else {
                    panic!("line {number} was not written as JSON: {found:?}")
                };
                match expected {
                    Ok(expected) => {
                        let wanted = expected.get("a").unwrap_or(&Value::Null);
                        assert!(
                            same(found.get("x").unwrap_or(&Value::Null), wanted),
                            "line {number}: {found}"
                        );
                    }
                    Err(error) => {
                        let error = error.to_string();
                        let beyond = ["number out of range", "recursion limit"];
                        assert!(
                            beyond.iter().any(|reason| error.starts_with(reason)),
                            "line {number}: {error}"
                        );
                    }
                }
            }
        }
    }
    assert_eq!(written.next(), None);
    assert_eq!(rejects.next(), None);
}

/// Numbers by their value, `-0` and `1.50` included; a record's keys in any order.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}
