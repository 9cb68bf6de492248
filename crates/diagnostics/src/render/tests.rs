//! What the four formats show, on plain and on hostile text.

use proptest::prelude::*;

use super::view::View;
use super::*;
use crate::diagnostic::{Applicability, Edit, sort_and_dedup};
use crate::sanitize::{inert_line, is_inert};
use crate::source::SourceMap;
use crate::span::{FileId, Span};

const FORMATS: [Format; 4] = [Format::Full, Format::Short, Format::Json, Format::Narrated];

/// The span of the first `needle` in a file.
fn find(sources: &SourceMap, file: FileId, needle: &str) -> Span {
    let start = sources.text(file).find(needle).unwrap_or(0) as u32;
    Span::new(file, start, start + needle.len() as u32)
}

fn shown(format: Format, sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    render(format, sources, diagnostics, &Options::default())
}

/// A finding over two files, many lines, tabs, wide characters, CRLF and a byte order mark.
fn example() -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let spec = sources.add(
        "spec.cutover",
        "\u{feff}edition 1\r\nmap ticket -> ticket {\r\n\tsubject -> subject\r\n  日本 asignee -> assignee\r\n  a -> a\r\n  b -> b\r\n  c -> c\r\n  d -> d\r\n}\r\n",
    );
    let shared = sources.add("shared/calendars.cutover", "edition 1\ncalendar help {}\n");
    let here = find(&sources, spec, "asignee");
    let block = find(&sources, spec, "map").to(find(&sources, spec, "}\r\n"));
    let found = Diagnostic::error("names/unknown-field", "this kind has no such field")
        .primary(here, "Freshdesk tickets have no field `asignee`")
        .secondary(block, "in this map")
        .secondary(find(&sources, shared, "help"), "another file")
        .note("the catalog knows 2:\nassignee, subject")
        .help("write a field of the catalog")
        .replace(here, "assignee");
    (sources, vec![found])
}

#[test]
fn full_draws_lines_of_several_files() {
    let (sources, found) = example();
    let expected = "\
error[names/unknown-field]: this kind has no such field
  ┌─ spec.cutover:4:6
  │  \n\
2 │ ╭ map ticket -> ticket {
3 │ │     subject -> subject
4 │ │   日本 asignee -> assignee
  │ │        ^^^^^^^ Freshdesk tickets have no field `asignee`
  · │
8 │ │   d -> d
9 │ │ }
  │ ╰─' in this map
  │  \n  \
  ┌─ shared/calendars.cutover:2:10
  │
2 │ calendar help {}
  │          ---- another file
  │
  = note: the catalog knows 2:
    assignee, subject
  = help: write a field of the catalog
  = help: write `assignee`

";
    assert_eq!(shown(Format::Full, &sources, &found), expected);
}

#[test]
fn short_is_one_line() {
    let (sources, found) = example();
    let expected = "spec.cutover:4:6: error[names/unknown-field]: this kind has no such field: \
                    Freshdesk tickets have no field `asignee`\n";
    assert_eq!(shown(Format::Short, &sources, &found), expected);
}

#[test]
fn narrated_says_where_each_label_is() {
    let (sources, found) = example();
    let expected = "\
this kind has no such field
    Diagnostic severity: error
Begin snippet for spec.cutover starting at line 2, column 1

snippet line 2: map ticket -> ticket {
    label at line 2, columns 1 to 22: in this map; goes on to line 9
Begin snippet for spec.cutover starting at line 4, column 1

snippet line 4:   日本 asignee -> assignee
    label at line 4, columns 8 to 14: Freshdesk tickets have no field `asignee`; column 6 of the file
diagnostic help: note: the catalog knows 2:
assignee, subject
help: write a field of the catalog
help: write `assignee`
diagnostic code: names/unknown-field

Advice: see also shared/calendars.cutover
    Diagnostic severity: advice

Begin snippet for shared/calendars.cutover starting at line 2, column 1

snippet line 2: calendar help {}
    label at line 2, columns 10 to 13: another file

";
    assert_eq!(shown(Format::Narrated, &sources, &found), expected);
}

#[test]
fn json_has_places_in_bytes_lines_characters_and_units() {
    let (sources, found) = example();
    let text = render(Format::Json, &sources, &found, &Options { sites: true, ..Options::default() });
    let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) else {
        unreachable!("the output is not JSON: {text}")
    };
    assert_eq!(value.pointer("/version"), Some(&JSON_VERSION.into()));
    assert_eq!(value.pointer("/diagnostics/0/site"), Some(&"names/unknown-field".into()));
    let start = serde_json::json!({ "offset": 68, "line": 4, "column": 6, "utf16": 6 });
    assert_eq!(value.pointer("/diagnostics/0/labels/0/start"), Some(&start));
    assert_eq!(value.pointer("/diagnostics/0/labels/2/file"), Some(&"shared/calendars.cutover".into()));
    let edit = value.pointer("/diagnostics/0/suggestions/0/edits/0/replacement");
    assert_eq!(edit, Some(&"assignee".into()));
    assert_eq!(value.pointer("/summary/errors"), Some(&1.into()));
    assert!(!shown(Format::Json, &sources, &found).contains("\"site\""));
}

#[test]
fn an_empty_line_and_the_end_of_the_file_can_be_pointed_at() {
    let mut sources = SourceMap::new();
    let file = sources.add("a.cutover", "one\n\ntwo\n");
    let at = |offset| Diagnostic::error("a/b", "here").primary(Span::at(file, offset), "this");
    for (offset, place) in [(4, "line 2, column 1"), (3, "line 1, column 4"), (9, "line 4, column 1")] {
        let text = shown(Format::Narrated, &sources, &[at(offset)]);
        assert!(text.contains(&format!("label at {place}: this")), "{offset}: {text}");
    }
    let text = shown(Format::Full, &sources, &[at(9)]);
    assert!(text.contains("a.cutover:4:1") && text.contains("^ this"), "{text}");
}

#[test]
fn long_lines_are_cropped_around_each_label() {
    let mut sources = SourceMap::new();
    let text = format!("{}here{}there{}", "x".repeat(500), "y".repeat(500), "z".repeat(500));
    let file = sources.add("a.cutover", text);
    let found = Diagnostic::error("a/b", "m")
        .primary(find(&sources, file, "here"), "one")
        .secondary(find(&sources, file, "there"), "two");
    let text = shown(Format::Full, &sources, &[found]);
    let side = |letter: &str| letter.repeat(40);
    let line = format!("1 │ …{}here{}…{}there{}…", side("x"), side("y"), side("y"), side("z"));
    assert!(text.contains(&line), "{text}");
    assert!(text.contains("a.cutover:1:501"), "{text}");
}

#[test]
fn tabs_go_to_the_next_stop() {
    let mut sources = SourceMap::new();
    let file = sources.add("a.cutover", "ab\tx\ty 日\tz");
    let found = Diagnostic::error("a/b", "m").primary(find(&sources, file, "z"), "here");
    let text = shown(Format::Full, &sources, &[found]);
    assert!(text.contains("1 │ ab  x   y 日    z\n  │                 ^ here\n"), "{text}");
}

#[test]
fn of_very_many_labels_the_first_are_drawn() {
    let mut sources = SourceMap::new();
    let file = sources.add("a.cutover", "x\n".repeat(50));
    let found = (0..20).fold(Diagnostic::error("a/b", "m"), |d, at| {
        d.secondary(Span::new(file, at * 2, at * 2 + 1), "seen")
    });
    let text = shown(Format::Full, &sources, &[found]);
    assert_eq!(text.matches("seen").count(), 16);
    assert!(text.contains("= note: 4 more places are not shown"), "{text}");
    assert!(!text.contains("17 │"), "{text}");
}

#[test]
fn a_suggested_block_is_shown_below_its_title() {
    let mut sources = SourceMap::new();
    let file = sources.add("a.cutover", "edition 1\n");
    let edit = Edit { span: Span::at(file, 10), replacement: "scope {\n  import tickets\n}\n".to_owned() };
    let found = Diagnostic::error("a/b", "m").suggest("add a block", [edit], Applicability::DisplayOnly);
    let text = shown(Format::Full, &sources, &[found]);
    assert!(text.contains(" = help: add a block\n     scope {\n       import tickets\n     }\n"), "{text}");
}

#[test]
fn the_cap_keeps_errors_and_counts_the_rest() {
    let mut sources = SourceMap::new();
    let file = sources.add("a.cutover", "abcdefgh");
    let mut found: Vec<Diagnostic> = (0..6)
        .map(|at| Diagnostic::warning("a/w", "warns").primary(Span::at(file, at), ""))
        .chain([Diagnostic::error("a/e", "fails").primary(Span::at(file, 7), "")])
        .collect();
    sort_and_dedup(&mut found);
    let options = Options { cap: 2, ..Options::default() };
    let text = render(Format::Short, &sources, &found, &options);
    assert_eq!(
        text,
        "a.cutover:1:1: warning[a/w]: warns\na.cutover:1:8: error[a/e]: fails\nand 5 more that are not shown: 5 warnings\n"
    );
}

#[test]
fn colour_comes_on_demand_only() {
    let (sources, found) = example();
    let options = Options { color: true, ..Options::default() };
    for format in [Format::Full, Format::Short] {
        assert!(render(format, &sources, &found, &options).contains("\u{1b}["));
        assert!(!shown(format, &sources, &found).contains('\u{1b}'));
    }
}

#[test]
fn foreign_files_and_offsets_past_the_end_are_harmless() {
    let mut sources = SourceMap::new();
    let file = sources.add("a.cutover", "é");
    let found = Diagnostic::error("a/b", "m")
        .primary(Span::new(FileId(9), 1, 2), "lost")
        .secondary(Span::new(file, 1, 900), "past");
    for format in FORMATS {
        assert!(!shown(format, &sources, std::slice::from_ref(&found)).is_empty());
    }
}

/// Work must not grow with the square of anything: these would take minutes if it did.
#[test]
#[expect(clippy::disallowed_types, reason = "a test may measure itself")]
fn huge_inputs_are_shown_in_time() {
    let mut sources = SourceMap::new();
    let line = sources.add("line.cutover", "é日x\u{1b}".repeat(600_000));
    let lines = sources.add("lines.cutover", "subject -> subject\n".repeat(200_000));
    let started = std::time::Instant::now();
    let mut found: Vec<Diagnostic> = (0..100_000)
        .map(|at| Diagnostic::error("a/b", "m").primary(Span::new(line, at * 40, at * 40 + 7), "here"))
        .collect();
    found.extend((0..1_000).map(|at| {
        Diagnostic::error("a/c", "m").primary(Span::new(lines, at, 3_000_000 + at), "a very long block")
    }));
    let many =
        (0..20_000).fold(Diagnostic::error("a/d", "m"), |d, at| d.secondary(Span::at(line, at * 8), "x"));
    found.push(many);
    sort_and_dedup(&mut found);
    for format in FORMATS {
        assert!(shown(format, &sources, &found).len() > 1_000);
    }
    let everything = Options { cap: usize::MAX, ..Options::default() };
    assert!(render(Format::Short, &sources, &found, &everything).lines().count() == found.len());
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

/// Text with everything that makes columns hard.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z ]{1,12}",
        1 => Just("\n".to_owned()),
        1 => Just("\r\n".to_owned()),
        1 => Just("\r".to_owned()),
        1 => Just("\t".to_owned()),
        1 => Just("日本".to_owned()),
        1 => Just("e\u{301}".to_owned()),
        1 => Just("👩\u{200d}🔧".to_owned()),
        1 => Just("\u{1b}[31m".to_owned()),
        1 => Just("\u{202e}\u{9b}\u{feff}\0".to_owned()),
        1 => Just("w".repeat(170)),
    ];
    let start = prop_oneof![Just(""), Just("\u{feff}")];
    (start, prop::collection::vec(piece, 0..24))
        .prop_map(|(start, parts)| format!("{start}{}", parts.concat()))
}

fn spans() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((0_u32..600, 0_u32..80), 1..5)
}

proptest! {
    /// The excerpt under a label is what the file has there, as it is shown.
    #[test]
    fn labels_point_at_what_they_mean(text in hostile(), ends in spans()) {
        let mut sources = SourceMap::new();
        let file = sources.add("a.cutover", text.as_str());
        let found = ends.iter().fold(Diagnostic::error("a/b", "m"), |d, (start, len)| {
            d.secondary(Span::new(file, *start, start + len), "")
        });
        let view = View::new(&sources, &found);
        prop_assert_eq!(view.labels.len(), ends.len());
        for (label, (start, len)) in view.labels.iter().zip(&ends) {
            let Some(copy) = view.files.first() else { return Err(TestCaseError::fail("no file")) };
            prop_assert!(copy.text.get(label.range.clone()).is_some(), "inside characters");
            let at = copy.lines.get(copy.line_index(label.range.start)).map_or(0, |line| line.number);
            prop_assert_eq!(at, label.start.line as usize);
            let source = text.get(*start as usize..(start + len) as usize).unwrap_or("");
            let plain = |c: char| c != '\n' && c != '\r' && c != '\t' && c != '\u{feff}';
            if !source.is_empty() && source.len() <= 40 && source.chars().all(plain) {
                prop_assert_eq!(copy.text.get(label.range.clone()), Some(&*inert_line(source)));
            }
        }
    }

    /// Every format shows every text, and none lets through what a terminal would act on.
    #[test]
    fn output_is_inert(text in hostile(), ends in spans()) {
        let mut sources = SourceMap::new();
        let file = sources.add(text.get(..9).unwrap_or("a.cutover"), text.as_str());
        let other = sources.add("other.cutover", "one\ntwo\n");
        let mut found: Vec<Diagnostic> = ends.iter().map(|(start, len)| {
            Diagnostic::error("a/b", text.clone())
                .primary(Span::new(file, *start, start + len), text.clone())
                .secondary(Span::new(file, len * 3, len * 4), "also")
                .secondary(Span::new(other, *len, len + 3), "also")
                .note(text.clone()).help(text.clone()).replace(Span::at(file, *start), text.clone())
        }).collect();
        sort_and_dedup(&mut found);
        for format in FORMATS {
            let shown = shown(format, &sources, &found);
            prop_assert!(!shown.is_empty());
            prop_assert!(shown.chars().all(|c| is_inert(c) || c == '\n'), "{}", shown);
        }
        prop_assert!(serde_json::from_str::<serde_json::Value>(&shown(Format::Json, &sources, &found)).is_ok());
    }
}
