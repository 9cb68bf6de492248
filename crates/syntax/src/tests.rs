//! Tests of the parser as a whole.

use std::sync::Arc;

use cutover_diagnostics::FileId;
use proptest::prelude::*;

use crate::keywords::ClauseKw;
use crate::tree::{Line, SourceFile};

fn parse(text: &str) -> (SourceFile, Vec<&'static str>) {
    let (file, diagnostics) = crate::parse(FileId(0), &Arc::from(text));
    (file, diagnostics.iter().map(|d| d.code).collect())
}

fn words(line: &Line, file: &SourceFile) -> String {
    file.items.first().and_then(|i| i.range(line.lead).map(|r| i.slice(r).to_owned())).unwrap_or_default()
}

#[test]
fn a_line_goes_on_with_a_clause_or_an_arrow() {
    let text = "map ticket -> ticket {\n  subject\n    -> subject cut to 150\n    lossy \"limit\"\n  status -> status by statuses\n}\n";
    let (file, codes) = parse(text);
    assert_eq!(codes, Vec::<&str>::new());
    let lines = file.items.first().map(|i| i.body_lines().to_vec()).unwrap_or_default();
    assert_eq!(lines.len(), 2);
    let first = lines.first();
    assert_eq!(first.map(|l| words(l, &file)).as_deref(), Some("subject"));
    let clauses: Vec<_> = first.map(|l| l.clauses.iter().map(|c| c.keyword).collect()).unwrap_or_default();
    assert_eq!(clauses, [ClauseKw::CutTo, ClauseKw::Lossy]);
}

#[test]
fn a_condition_takes_its_own_before() {
    let text = "wave history tickets where finished and updated_at before window - 14 days owner dana before window\n";
    let (file, codes) = parse(text);
    assert_eq!(codes, Vec::<&str>::new());
    let clauses: Vec<_> = file
        .items
        .first()
        .and_then(|i| i.head())
        .map(|l| l.clauses.iter().map(|c| c.keyword).collect())
        .unwrap_or_default();
    assert_eq!(clauses, [ClauseKw::Where, ClauseKw::Owner, ClauseKw::Before]);
}

#[test]
fn usual_slips() {
    for (text, expected) in [
        (
            "team full {\n maya \"M\" role project_owner\n\nscope {\n import tickets\n}\n",
            &["syntax/missing-brace"][..],
        ),
        ("map a -> b {\n x => y\n}\n", &["syntax/wrong-arrow"]),
        ("map a -> b {\n x y\n}\n", &["syntax/missing-arrow"]),
        ("tranlate s {\n \"a\" -> \"b\"\n}\n", &["syntax/unknown-item"]),
        ("translate s {\n \u{201c}a\u{201d} -> \"b\"\n}\n", &["syntax/smart-quotes"]),
        ("translate s {\n \"a -> \"b\"\n}\n", &["syntax/unterminated-text"]),
        ("hypercare owner m for 14days {\n daily 09:30\n}\n", &["syntax/bad-number"]),
        ("edition 1\r\n", &[]),
        ("\u{feff}edition 1\n", &[]),
        ("edition\u{a0}1\n", &["syntax/odd-blank"]),
        ("edition 1\nсheck x owner m { missing tickets at most 0 }\n", &["syntax/confusable-keyword"]),
    ] {
        let (_, codes) = parse(text);
        for code in expected {
            assert!(codes.contains(code), "{text}: {codes:?}");
        }
        assert_eq!(codes.is_empty(), expected.is_empty(), "{text}: {codes:?}");
    }
}

/// Each slip is exactly one finding, found at the place that knows what was meant.
#[test]
fn one_slip_is_one_finding() {
    for (text, expected) in [
        ("map a -> b {\n x = y\n}\n", "syntax/wrong-arrow#sign"),
        ("map a -> b {\n x - > y\n}\n", "syntax/wrong-arrow#sign"),
        ("map a -> b {\n x to y\n}\n", "syntax/missing-arrow"),
        ("map a -> b {\n x -> TODO\n}\n", "syntax/not-decided"),
        ("map a -> b {\n x -> ?\n}\n", "syntax/not-decided"),
        ("map a -> b {\n test -> x\n}\n", "syntax/keyword-as-name"),
        ("map a -> b {\n y -> x\n owner -> x\n}\n", "syntax/keyword-as-name"),
        ("map a -> b {\n old name -> x\n}\n", "syntax/unquoted#row"),
        ("map a -> b {\n x -> y by z signed by p\n}\n", "syntax/clause-misplaced"),
        ("map a -> b {\n x -> y cut to 1,500\n}\n", "syntax/bad-number#comma"),
        ("translate s {\n \"a\" -> \"b\", \"c\" -> \"d\"\n}\n", "syntax/comma-between"),
        ("translate s {\n \"a\" -> 'b'\n}\n", "syntax/smart-quotes#single"),
        ("translate s {\n \"a\" -> \"b\",\n \"c\" -> \"d\"\n}\n", "syntax/trailing-comma"),
        ("scope {\n import a,\n  b\n}\n", "syntax/trailing-comma"),
        ("scope\n  import a\n  import b\n}\n", "syntax/missing-body#brace"),
        ("scope {\n import a where b in (\"c\")\n}\n", "syntax/bad-condition#comparison"),
        ("scope {\n import a where b since 1/2/2026\n}\n", "syntax/bad-number"),
        ("inbound x \"y\" held at https://a.example owner m\n", "syntax/unquoted"),
        ("inbound x \"y\" held at the gate owner m\n", "syntax/unquoted#clause"),
        ("inbound x \"y owner m\n", "syntax/unterminated-text"),
        ("inbound x \"y\\z\" owner m\n", "syntax/bad-escape"),
        ("inbound x \"y\" owned by m\n", "syntax/extra-words"),
        ("inbound: x \"y\" owner m\n", "syntax/colon"),
        ("inbound x \"y\" owner m // why\n", "syntax/other-comment"),
        ("accept x owner m signd by n because \"y\"\n", "syntax/extra-words#clause"),
        ("accept full-loss owner m signed by n because \"y\"\n", "syntax/bad-name"),
        ("announce agents template \"a\" owner m from 3 days before window\n", "syntax/clause-value#moment"),
        ("go-live owner m {\n}\n", "syntax/unknown-item"),
        ("\u{a0}edition 1\n", "syntax/odd-blank"),
    ] {
        let (_, found) = crate::parse(FileId(0), &Arc::from(text));
        let sites: Vec<_> = found.iter().map(|finding| finding.site).collect();
        assert_eq!(sites, [expected], "{text}");
    }
}

#[test]
fn signs_become_words() {
    for (sign, value, word) in [
        (">=", "2026-01-01", "since"),
        ("<", "2026-01-01", "before"),
        (">=", "3", "at least"),
        ("!=", "\"x\"", "is not"),
    ] {
        let text = format!("scope {{\n import a where b {sign} {value}\n}}\n");
        let (_, found) = crate::parse(FileId(0), &Arc::from(text));
        let edits = found.iter().flat_map(|finding| &finding.suggestions).flat_map(|one| &one.edits);
        let edits: Vec<_> = edits.map(|edit| edit.replacement.as_str()).collect();
        assert_eq!(edits, [word]);
    }
}

#[test]
fn deep_nesting_is_one_finding() {
    let (_, codes) = parse(&format!("scope {}", "{".repeat(100_000)));
    assert_eq!(codes, ["syntax/too-deep"]);
    let (_, codes) = parse(&format!("scope {{ import {} }}", "(".repeat(100_000)));
    assert_eq!(codes, ["syntax/too-deep"]);
}

fn shown(text: &str) -> (Vec<String>, Vec<&'static str>) {
    let (file, codes) = parse(text);
    (file.items.iter().map(|item| format!("{:?} {:?}", item.lines, item.terms)).collect(), codes)
}

proptest! {
    #[test]
    fn leaps_and_steps_agree(parts in proptest::collection::vec(
        prop_oneof![
            Just("scope"), Just("{"), Just("}"), Just("\n"), Just("->"), Just("map a -> b {\n"), Just("a"), Just("\"x y\""), Just("\"{\""),
            Just("("), Just(","), Just(";"), Just("12"), Just("???"), Just("owner"), Just("\""), Just("%"), Just("-"), Just("=>"),
        ], 0..40)) {
        // The grammar reads an item without odd characters by leaps; with one comment more it goes step by step.
        let text = format!("edition 1 {}\n", parts.join(" "));
        prop_assert_eq!(shown(&text), shown(&format!("{text}# c")));
    }

    #[test]
    fn any_text_gives_a_tree(text in "\\PC{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn any_mixture_of_tokens_gives_a_tree(parts in proptest::collection::vec(
        prop_oneof![
            Just("scope"), Just("{"), Just("}"), Just("\n"), Just("->"), Just("map"), Just("a"), Just("\"x\""), Just("where"),
            Just("is"), Just("("), Just(")"), Just(","), Just(";"), Just("12"), Just("%"), Just("???"), Just("not"), Just("owner"),
            Just("the"), Just("rest"), Just("- 3 days"), Just("# c"), Just("`"), Just("\""), Just("and"), Just("check"),
        ], 0..60)) {
        let _ = parse(&parts.join(" "));
    }
}

#[test]
fn findings_end_at_a_limit() {
    for text in [
        "edition 1\n".to_owned() + &"\u{20ac} ".repeat(5_000),
        "edition 1\n".to_owned() + &"scope {\n}\nwhat\n".repeat(5_000),
        "edition 1\nscope {\n".to_owned() + &"what\n".repeat(5_000) + "}\n",
    ] {
        let (_, found) = crate::parse(cutover_diagnostics::FileId(0), &text.into());
        assert_eq!(found.len(), crate::parse::MAX_FINDINGS);
        assert!(
            found
                .last()
                .is_some_and(|finding| finding.notes.iter().any(|note| note.contains("1000 are kept")))
        );
    }
}
