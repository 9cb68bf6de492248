//! Laws of the readers: the same items whatever the chunks, the same values as the plain libraries give, flat memory.

use std::io::{Cursor, Read, Result};

use proptest::prelude::*;
use serde_json::Value;

use crate::{Cell, Elements, Found, Item, Limits, Lines, Picker, Place, Problem, Record, Table, list_items};

/// Gives a stream in pieces of the given sizes, in turn.
struct Drip<'a> {
    bytes: &'a [u8],
    sizes: &'a [usize],
    turn: usize,
}

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let size = self.sizes.get(self.turn % self.sizes.len().max(1)).copied().unwrap_or(usize::MAX).max(1);
        self.turn += 1;
        let count = size.min(into.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(count);
        if let Some(place) = into.get_mut(..count) {
            place.copy_from_slice(now);
        }
        self.bytes = later;
        Ok(count)
    }
}

fn drip<'a>(bytes: &'a [u8], sizes: &'a [usize]) -> Drip<'a> {
    Drip { bytes, sizes, turn: 0 }
}

/// An item with its record owned.
#[derive(Clone, Debug, PartialEq)]
enum Owned {
    Record(String, Place),
    Row(Vec<Option<String>>, Place),
    Problem(Found),
}

fn lines(read: impl Read, limits: Limits) -> Vec<Owned> {
    let mut reader = Lines::new(read, limits);
    let mut all = Vec::new();
    while let Ok(Some(item)) = reader.next() {
        all.push(own(item));
    }
    all
}

fn elements(read: impl Read, path: &[&str], limits: Limits) -> Vec<Owned> {
    let mut reader = Elements::new(read, path.iter().map(|p| (*p).to_owned()).collect(), limits);
    let mut all = Vec::new();
    while let Ok(Some(item)) = reader.next() {
        all.push(own(item));
    }
    all
}

fn own(item: Item<Record<'_>>) -> Owned {
    match item {
        Item::Record(record) => Owned::Record(record.text.to_owned(), record.place),
        Item::Problem(found) => Owned::Problem(found),
    }
}

fn rows(read: impl Read, limits: Limits) -> (Vec<String>, Vec<Owned>) {
    let Ok(mut table) = Table::open(read, b',', limits) else { return Default::default() };
    let header = table.header().to_vec();
    let mut all = Vec::new();
    while let Ok(Some(item)) = table.next() {
        all.push(match item {
            Item::Record(row) => {
                Owned::Row((0..row.len()).map(|at| row.field(at).map(str::to_owned)).collect(), row.place)
            }
            Item::Problem(found) => Owned::Problem(found),
        });
    }
    (header, all)
}

fn texts(items: &[Owned]) -> Vec<&str> {
    items
        .iter()
        .filter_map(|item| if let Owned::Record(text, _) = item { Some(text.as_str()) } else { None })
        .collect()
}

fn problems(items: &[Owned]) -> Vec<(&'static str, u64, u64)> {
    items
        .iter()
        .filter_map(|item| match item {
            Owned::Problem(found) => Some((found.problem.code(), found.place.line, found.place.offset)),
            _ => None,
        })
        .collect()
}

const SMALL: Limits = Limits { record_bytes: 20, depth: 4, columns: 4 };

#[test]
fn lines_have_places_and_lose_their_ends() {
    let text = b"\xEF\xBB\xBF{\"a\":1}\r\n\n  \n{\"b\":2}\n{\"c\":\xFF}\n{\"last\":3}";
    let items = lines(&text[..], Limits::default());
    assert_eq!(texts(&items), ["{\"a\":1}", "{\"b\":2}", "{\"last\":3}"]);
    assert_eq!(problems(&items), [("not-utf8", 5, 29)]);
    assert_eq!(items.first(), Some(&Owned::Record("{\"a\":1}".to_owned(), Place { line: 1, offset: 3 })));
    assert_eq!(items.last(), Some(&Owned::Record("{\"last\":3}".to_owned(), Place { line: 6, offset: 32 })));
}

#[test]
fn a_long_line_is_skipped_with_its_size() {
    let items = lines(&b"{\"k\":\"0123456789012345\"}\n{}\n"[..], SMALL);
    assert_eq!(texts(&items), ["{}"]);
    assert_eq!(
        items.first(),
        Some(&Owned::Problem(Found {
            problem: Problem::TooLong { bytes: 24 },
            place: Place { line: 1, offset: 0 }
        }))
    );
}

#[test]
fn utf16_is_one_problem() {
    assert_eq!(problems(&lines(&b"\xFF\xFE{\0}\0\n\0{\0"[..], SMALL)), [("utf16", 1, 0)]);
    assert_eq!(problems(&elements(&b"\xFE\xFF\0{"[..], &["a"], SMALL)), [("utf16", 1, 0)]);
    assert_eq!(problems(&rows(&b"\xFE\xFF\0a\0,\0b\n"[..], SMALL).1), [("utf16", 1, 0)]);
}

#[test]
fn pages_give_their_elements() {
    let one = br#"{"count":2,"tickets":[{"id":1,"x":"a]}\"{"}, {"id":2}],"end_time":5}"#;
    let two =
        b"\n{\n \"tickets\": [\n  {\"id\": 3,\n   \"k\": [1,{}]}\n ]\n}\n{\"tickets\":null}\n{\"other\":[]}";
    let bytes = [&one[..], &two[..]].concat();
    let items = elements(&bytes[..], &["tickets"], Limits::default());
    assert_eq!(
        texts(&items),
        ["{\"id\":1,\"x\":\"a]}\\\"{\"}", "{\"id\":2}", "{\"id\": 3,\n   \"k\": [1,{}]}"]
    );
    assert_eq!(problems(&items).iter().map(|p| (p.0, p.1)).collect::<Vec<_>>(), [("no-list", 9)]);
    let mut reader = Elements::new(&bytes[..], vec!["tickets".to_owned()], Limits::default());
    while let Ok(Some(_)) = reader.next() {}
    assert_eq!(reader.page_keys(), ["count", "end_time", "other"]);
}

#[test]
fn lists_at_the_top_and_deeper() {
    assert_eq!(texts(&elements(&b"[{\"a\":1},{\"a\":2}]"[..], &[], SMALL)), ["{\"a\":1}", "{\"a\":2}"]);
    let deep = br#"{"_embedded":{"n":0,"list":[{"a":1}]},"page":{}}"#;
    assert_eq!(texts(&elements(&deep[..], &["_embedded", "list"], SMALL)), ["{\"a\":1}"]);
}

#[test]
fn a_broken_page_is_left_at_the_next_line() {
    let text = b"{\"t\":[{\"a\":1},}}]}\n{\"t\":[{\"a\":2}]}\n{\"t\":[{\"a\":3";
    let items = elements(&text[..], &["t"], SMALL);
    assert_eq!(texts(&items), ["{\"a\":1}", "{\"a\":2}"]);
    assert_eq!(problems(&items), [("not-json", 1, 14), ("truncated", 3, 47)]);
    let items = elements(&b"{\"t\":[[[[[[1]]]]],{\"a\":1}],\"t\":[]} {\"t\":5}"[..], &["t"], SMALL);
    assert_eq!(texts(&items), ["{\"a\":1}"]);
    assert_eq!(
        problems(&items).iter().map(|p| p.0).collect::<Vec<_>>(),
        ["too-deep", "duplicate-key", "other-shape"]
    );
}

#[test]
fn rows_that_do_not_fit_their_header() {
    let text = b"\xEF\xBB\xBFid,name,id\r\n1,\"a\r\nb\",x\r\n\r\n2,c\r\n3,d,e,f\r\n4,\xFF,g\r\n5,\"open,h";
    let (header, items) = rows(&text[..], Limits::default());
    assert_eq!(header, ["id", "name", "id"]);
    assert_eq!(
        problems(&items).iter().map(|p| (p.0, p.1)).collect::<Vec<_>>(),
        [
            ("duplicate-column", 1),
            ("missing-fields", 5),
            ("extra-fields", 6),
            ("not-utf8", 7),
            ("uneven-quotes", 8),
            ("missing-fields", 8)
        ]
    );
    let first = items.iter().find(|item| matches!(item, Owned::Row(..)));
    let cells = ["1", "a\r\nb", "x"].map(|c| Some(c.to_owned())).to_vec();
    assert_eq!(first, Some(&Owned::Row(cells, Place { line: 2, offset: 15 })));
    assert_eq!(items.iter().filter(|item| matches!(item, Owned::Row(..))).count(), 4);
}

#[test]
fn rows_above_the_limits() {
    let (_, items) = rows(&b"a,b\n\"01234567890\n1234567890\",2\n3,4\n1,2,3,4,5,6\n"[..], SMALL);
    assert_eq!(problems(&items), [("record-too-long", 2, 4), ("extra-fields", 5, 35)]);
    assert_eq!(items.iter().filter(|item| matches!(item, Owned::Row(..))).count(), 1);
    let (header, items) = rows(&b"1,2,3,4,5\n1,2\n"[..], SMALL);
    assert_eq!((header.len(), problems(&items)), (0, vec![("too-many-columns", 1, 0)]));
    assert_eq!(rows(&b""[..], SMALL), (vec![], vec![]));
}

fn record(text: &str) -> Record<'_> {
    Record { text, place: Place { line: 10, offset: 100 } }
}

#[test]
fn paths_pick_values() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let paths = [
        "id",
        "via.channel",
        "custom_fields[id=360001].value",
        "custom_fields[id=*].value",
        "custom.*",
        "via",
        "\"a.b\"",
    ];
    let picker = Picker::new(&paths, Limits::default())?;
    let text = r#"{"id":9007199254740993,"via":{"channel":"we\u0062","source":{}},"a.b":null,
        "custom_fields":[{"value":"x","id":360001},{"id":"7","value":null,"z":0}],"custom":{"cf_a":1},"more":[1e999]}"#;
    let mut unknown = Vec::new();
    let Ok(picked) = picker.pick(record(text), &mut |at, key| unknown.push(format!("{at}/{key}"))) else {
        return Err("the record is sound".into());
    };
    assert_eq!(picked.cell(0), Cell::Number("9007199254740993"));
    assert_eq!(picked.cell(1), Cell::Text("web".into()));
    assert_eq!(picked.cell(2), Cell::Text("x".into()));
    assert_eq!(picked.cell(3), Cell::Missing);
    assert_eq!(picked.cell(5), Cell::Object(r#"{"channel":"we\u0062","source":{}}"#));
    assert_eq!(picked.cell(6), Cell::Null);
    let members: Vec<_> =
        picked.members().iter().map(|m| (m.slot, m.key.as_ref(), m.value.map(|v| v.get()))).collect();
    assert_eq!(members, [(3, "7", Some("null")), (4, "cf_a", Some("1"))]);
    assert_eq!(unknown, ["via/source", "custom_fields[id]/z", "/more"]);
    assert!(picked.problems().is_empty());
    Ok(())
}

#[test]
fn faults_of_a_record_have_their_place() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let picker = Picker::new(&["a.b", "l[id=1].v"], Limits { depth: 4, ..Limits::default() })?;
    let fault = |text| match picker.pick(record(text), &mut |_, _| {}) {
        Ok(picked) => picked.problems().iter().map(|f| f.problem.clone()).collect(),
        Err(found) => vec![Problem::NotJson { reason: format!("{} {:?}", found.problem, found.place) }],
    };
    assert_eq!(fault(r#"{"a":1,"l":{"x":1}}"#).len(), 2);
    assert_eq!(fault(r#"{"a":null,"l":null}"#), []);
    assert_eq!(
        fault(r#"{"a":{"b":1,"b":2},"a":{},"q":1,"q":2}"#),
        ["a.b", "a", "q"].map(|p| Problem::DuplicateKey { path: p.to_owned() })
    );
    assert_eq!(fault(r#"{"q":[[[[1]]]]}"#).len(), 1);
    assert_eq!(fault(r#"{"q":"[[[[[[[[[["}"#), []);
    for text in ["[]", "3", "null", "{\"a\":}", "{} {}", "{\"a\":1", "{\n\"a\" 1}"] {
        assert_eq!(fault(text).len(), 1, "{text}");
    }
    let Err(found) = picker.pick(record("{\n\"a\" 1}"), &mut |_, _| {}) else {
        return Err("not JSON".into());
    };
    assert_eq!(found.place, Place { line: 11, offset: 106 });
    Ok(())
}

#[test]
fn paths_that_cannot_be_read() {
    for path in ["", "a.", "a[b", "a[b=", "a[b=c", "a[=c]", "*.a", "a[b=c]d", "\"a", "a[b=*].c[d=*].e"] {
        assert!(Picker::new(&[path], SMALL).is_err(), "{path}");
    }
    assert!(Picker::new(&["a[b=1].c", "a[d=1].c"], SMALL).is_err());
}

#[test]
fn half_a_surrogate_pair_is_kept_as_written() {
    assert_eq!(Cell::of_json_text(r#""\ud800""#), Cell::Unreadable(r#""\ud800""#));
    assert_eq!(list_items(r#"["a", 1, null]"#), Ok(vec!["\"a\"", "1", "null"]));
    assert!(list_items("{}").is_err());
}

/// A stream of one pattern over and over, which no memory could hold.
struct Endless {
    pattern: &'static [u8],
    left: u64,
    reads: u64,
    phase: usize,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        self.reads += 1;
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        for (to, from) in into.iter_mut().take(count).zip(self.pattern.iter().cycle().skip(self.phase)) {
            *to = *from;
        }
        self.phase = (self.phase + count) % self.pattern.len();
        self.left -= count as u64;
        Ok(count)
    }
}

#[test]
fn a_record_without_end_is_never_held() {
    let limits = Limits { record_bytes: 1 << 20, ..Limits::default() };
    let size = 48 << 20;
    let stream = |start: &'static [u8], pattern| {
        Cursor::new(start).chain(Endless { pattern, left: size, reads: 0, phase: 0 })
    };
    let mut reader = Lines::new(stream(b"", b"abcd"), limits);
    assert!(matches!(
        reader.next(),
        Ok(Some(Item::Problem(Found { problem: Problem::TooLong { bytes }, .. }))) if bytes == size
    ));
    assert!(reader.held() < 4 << 20, "{}", reader.held());

    let mut reader = Elements::new(stream(b"[[", b"[{\"a\":\"b\"}],"), vec![], limits);
    assert!(matches!(reader.next(), Ok(Some(Item::Problem(Found { problem: Problem::Truncated, .. })))));
    assert!(reader.held() < 4 << 20, "{}", reader.held());

    let Ok(mut reader) = Table::open(stream(b"a,b\n\"", b"c,d\n"), b',', limits) else { return };
    assert!(matches!(
        reader.next(),
        Ok(Some(Item::Problem(Found { problem: Problem::TooLong { bytes }, .. }))) if bytes == size + 1
    ));
    assert!(reader.held() < 4 << 20, "{}", reader.held());
}

#[test]
fn many_records_take_few_reads_and_little_memory() {
    let left = 32 << 20;
    let mut stream =
        Endless { pattern: b"{\"id\":12,\"subject\":\"some words\"}\n", left, reads: 0, phase: 0 };
    let mut reader = Lines::new(&mut stream, Limits::default());
    let mut count = 0;
    while let Ok(Some(Item::Record(_))) = reader.next() {
        count += 1;
    }
    assert!(reader.held() < 1 << 20);
    drop(reader);
    // The last line is cut.
    assert_eq!(count, left.div_ceil(33));
    assert!(stream.reads < left / (64 << 10), "{}", stream.reads);
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a\\\\\"{}\\[\\],:é🙂\n ]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[abc\"\\\\.]{1,2}", inner, 0..4).prop_map(Value::from_iter),
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[abc]", json(), 0..4).prop_map(Value::from_iter)
}

proptest! {
    #[test]
    fn lines_are_the_lines(
        texts in prop::collection::vec("[a-zé🙂 \"]{0,30}", 0..20),
        crlf in any::<bool>(),
        last in any::<bool>(),
        sizes in prop::collection::vec(1usize..40, 1..5),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut file = texts.join(end);
        if last { file.push_str(end); }
        let items = lines(drip(file.as_bytes(), &sizes), Limits::default());
        let wanted: Vec<&str> = texts.iter().map(String::as_str).filter(|t| !t.trim().is_empty()).collect();
        prop_assert_eq!(super::tests::texts(&items), wanted);
        for item in &items {
            let Owned::Record(text, place) = item else { continue };
            let (before, rest) = file.as_bytes().split_at(usize::try_from(place.offset).unwrap_or(0));
            prop_assert!(rest.starts_with(text.as_bytes()));
            prop_assert_eq!(place.line, 1 + before.iter().filter(|b| **b == b'\n').count() as u64);
        }
    }

    #[test]
    fn chunks_change_nothing(
        bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\\t1a \n\r\xC3\xA9\xFF".to_vec()), 0..200),
        sizes in prop::collection::vec(1usize..20, 1..5),
    ) {
        prop_assert_eq!(lines(drip(&bytes, &sizes), SMALL), lines(&bytes[..], SMALL));
        prop_assert_eq!(rows(drip(&bytes, &sizes), SMALL), rows(&bytes[..], SMALL));
        for path in [&[][..], &["t"], &["t", "1"]] {
            prop_assert_eq!(elements(drip(&bytes, &sizes), path, SMALL), elements(&bytes[..], path, SMALL));
        }
        let Ok(picker) = Picker::new(&["t.a", "t[a=1].t"], SMALL) else { return Ok(()) };
        for item in lines(&bytes[..], SMALL) {
            let Owned::Record(text, place) = item else { continue };
            let known = serde_json::from_str::<Value>(&text).is_ok_and(|v| v.is_object());
            let picked = picker.pick(Record { text: &text, place }, &mut |_, _| {});
            let deep = matches!(&picked, Err(found) if found.problem == Problem::TooDeep);
            prop_assert!(picked.is_ok() || !known || deep, "{}", text);
        }
    }

    #[test]
    fn elements_are_those_of_the_page(
        pages in prop::collection::vec((prop::collection::vec(json(), 0..4), json(), any::<bool>()), 0..4),
        sizes in prop::collection::vec(1usize..40, 1..5),
    ) {
        let mut file = String::new();
        let mut wanted = Vec::new();
        for (list, other, pretty) in &pages {
            let page = serde_json::json!({ "a": other, "list": list, "z": { "list": [1] } });
            let text = if *pretty { serde_json::to_string_pretty(&page) } else { serde_json::to_string(&page) };
            file.push_str(&text.unwrap_or_default());
            file.push('\n');
            wanted.extend(list.iter().cloned());
        }
        let items = elements(drip(file.as_bytes(), &sizes), &["list"], Limits::default());
        prop_assert_eq!(problems(&items), []);
        let found: Vec<Value> = texts(&items).iter().filter_map(|t| serde_json::from_str(t).ok()).collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn picked_values_are_those_of_the_record(value in object(), list in prop::collection::vec(object(), 0..4)) {
        let Value::Object(mut whole) = value else { return Ok(()) };
        whole.insert("l".to_owned(), Value::from(list.clone()));
        let text = Value::from(whole.clone()).to_string();
        let Ok(picker) = Picker::new(&["a", "a.b", "b.c", "b.*", "l[a=1].b", "l[a=*].c"], Limits::default()) else {
            return Ok(());
        };
        let Ok(picked) = picker.pick(record(&text), &mut |_, _| {}) else { return Err(TestCaseError::fail("sound")) };
        let got = |slot| picked.raw(slot).and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
        prop_assert_eq!(got(0), whole.get("a").cloned());
        prop_assert_eq!(got(1), whole.get("a").and_then(|a| a.get("b")).cloned());
        let is_one = |e: &&Value| {
            e.get("a").is_some_and(|a| Cell::of_json_text(&a.to_string()).plain() == Some("1"))
        };
        let ones = list.iter().filter(is_one);
        prop_assert_eq!(got(4), ones.filter_map(|e| e.get("b").cloned()).next_back());
        let in_b = whole.get("b").and_then(Value::as_object).map_or(0, |b| b.keys().filter(|k| *k != "c").count());
        prop_assert_eq!(picked.members().iter().filter(|m| m.slot == 3).count(), in_b);
    }

    #[test]
    fn rows_are_those_of_the_csv_library(
        cells in prop::collection::vec(prop::collection::vec("[a-cé,\"\n\r ]{0,6}", 3), 1..8),
        sizes in prop::collection::vec(1usize..40, 1..5),
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in &cells {
            prop_assert!(writer.write_record(row).is_ok());
        }
        let Ok(file) = writer.into_inner() else { return Ok(()) };
        let (header, items) = rows(drip(&file, &sizes), Limits::default());
        let mut got = vec![header.into_iter().map(Some).collect::<Vec<_>>()];
        for item in items {
            if let Owned::Row(row, place) = item {
                prop_assert!(place.offset < file.len() as u64);
                got.push(row);
            }
        }
        let wanted: Vec<Vec<Option<String>>> =
            cells.iter().map(|row| row.iter().map(|c| Some(c.clone())).collect()).collect();
        prop_assert_eq!(got, wanted);
    }
}

#[cfg(unix)]
#[test]
fn a_folder_is_listed_in_order_and_links_do_not_escape() -> std::result::Result<(), Box<dyn std::error::Error>>
{
    use crate::{FolderError, Skipped, list_folder};
    let outside = tempfile::tempdir()?;
    let dir = tempfile::tempdir()?;
    for name in ["b.csv", "a.jsonl", ".hidden"] {
        std::fs::write(dir.path().join(name), "x")?;
    }
    std::fs::create_dir(dir.path().join("sub"))?;
    std::fs::write(dir.path().join("sub/c.csv"), "yy")?;
    std::os::unix::fs::symlink(dir.path().join("b.csv"), dir.path().join("again.csv"))?;
    std::os::unix::fs::symlink(dir.path(), dir.path().join("sub/loop"))?;
    let folder = list_folder(dir.path())?;
    let names: Vec<_> = folder.files.iter().map(|f| (f.name.as_str(), f.bytes)).collect();
    assert_eq!(names, [("a.jsonl", 1), ("b.csv", 1), ("sub/c.csv", 2)]);
    assert_eq!(folder.skipped, [Skipped::Link("again.csv".to_owned()), Skipped::Link("sub/loop".to_owned())]);
    std::os::unix::fs::symlink(outside.path(), dir.path().join("sub/out"))?;
    let escaped = list_folder(dir.path());
    assert!(matches!(escaped, Err(FolderError::Escapes { name }) if name == "sub/out"));
    Ok(())
}
