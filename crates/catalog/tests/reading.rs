//! Bad catalogs and inventories: what is wrong, where, and that nothing is slow or fatal.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use cutover_catalog::catalog::Catalog;
use cutover_catalog::inventory::{Inventory, Longer};
use cutover_catalog::reader::{check_inventory, read_catalog, read_inventory};
use cutover_catalog::yaml;
use cutover_diagnostics::{Diagnostic, FileId};
use proptest::prelude::*;

const SMALL: &str = "\
name: small
title: Small Desk
revision: 1
sources:
  S: { text: its manual, mark: documented }
kinds:
  ticket:
    part: ticket
    summary: A request.
    from: S
    fields:
      id: { type: int, canon: key }
      status: { type: choice, canon: status }
      owner: { type: ref person?, canon: assignee }
    states:
      field: status
      values:
        open: { category: open, class: unfinished }
        done: { category: solved, class: finished, requires: [owner] }
  person:
    plural: people
    part: user
    summary: Somebody.
    from: S
    fields: { name: text }
limits:
  length: { text: Length of a name, max: 20, kind: person, field: name, from: S }
";

fn read(text: &str) -> (Option<Catalog>, Vec<Diagnostic>) {
    read_catalog(FileId(0), text, Catalog::builtin)
}

/// Code and labelled text of the only finding.
fn only(text: &str) -> (&'static str, String, String) {
    let (_, found) = read(text);
    let [found] = found.as_slice() else { panic!("{found:#?}") };
    let Some(label) = found.labels.first() else { panic!("no label") };
    let at = text.get(label.span.start as usize..label.span.end as usize).unwrap_or("outside");
    (found.code, at.to_owned(), label.text.to_string())
}

fn changed(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    SMALL.replacen(from, to, 1)
}

#[test]
fn a_small_catalog_is_clean() {
    let (catalog, found) = read(SMALL);
    assert_eq!(found, []);
    assert!(catalog.is_some_and(|catalog| catalog.facts().len() == 9));
}

#[test]
fn unknown_keys_are_found_with_the_near_one() {
    let text = changed("summary: Somebody.", "sumary: Somebody.");
    let (code, at, label) = only(&text);
    assert_eq!((code, &*at), ("data/unknown-key", "sumary"), "{label}");
    let (_, found) = read(&text);
    let edit = found
        .first()
        .and_then(|found| found.suggestions.first())
        .and_then(|suggestion| suggestion.edits.first());
    assert_eq!(edit.map(|edit| &*edit.replacement), Some("summary"));
    let (code, at, _) = only(&changed("canon: key", "kanon: key"));
    assert_eq!((code, &*at), ("data/unknown-key", "kanon"));
}

#[test]
fn repeated_keys_are_found_in_forms_and_in_tables() {
    let (code, at, _) =
        only(&changed("    summary: Somebody.\n", "    summary: Somebody.\n    summary: Nobody.\n"));
    assert_eq!((code, &*at), ("data/repeated-key", "summary"));
    let (code, at, _) =
        only(&changed("        done:", "        open: { category: open, class: unfinished }\n        done:"));
    assert_eq!((code, &*at), ("data/repeated-key", "open"));
    let (code, _, label) =
        only(&changed("type: choice, canon: status", "type: choice, canon: status, options: [a, b, a]"));
    assert_eq!(code, "data/repeated-key", "{label}");
}

#[test]
fn wrong_values_say_what_was_expected() {
    let (code, at, label) = only(&changed("type: int,", "type: integer,"));
    assert_eq!((code, &*at), ("data/wrong-value", "integer"), "{label}");
    let (code, at, label) = only(&changed("category: solved", "category: solvd"));
    assert_eq!((code, &*at), ("data/wrong-value", "solvd"), "{label}");
    let (code, _, label) = only(&changed("revision: 1", "revision: one"));
    assert_eq!(code, "data/wrong-value", "{label}");
    let (code, _, label) = only(&changed("max: 20", "max: 20 parsecs"));
    assert_eq!(code, "data/wrong-value", "{label}");
}

#[test]
fn missing_keys_and_broken_yaml_are_found() {
    let (code, _, label) = only(&changed("category: open, ", ""));
    assert_eq!(code, "data/missing-key", "{label}");
    assert_eq!(only("name: \"open\n").0, "data/syntax");
    assert_eq!(only("").0, "data/syntax");
    assert_eq!(only("name: a\n---\nname: b\n").0, "data/syntax");
}

#[test]
fn broken_rules_point_at_their_key() {
    let (code, at, label) = only(&changed("class: unfinished", "class: finished"));
    assert_eq!((code, &*at), ("catalog/rule", "open"), "{label}");
    let (_, at, label) = only(&changed("ref person?", "ref persona?"));
    assert_eq!(&*at, "owner", "{label}");
    let (_, at, label) = only(&changed("field: name, from: S", "field: name"));
    assert_eq!(&*at, "length", "{label}");
    let (_, _, label) = only(&changed("    part: user\n", ""));
    assert!(label.contains("part"), "{label}");
    let (_, at, label) = only(&changed("requires: [owner]", "requires: [owners]"));
    assert_eq!(&*at, "done", "{label}");
    let (_, at, label) = only(&changed("plural: people", "plural: ticket"));
    assert_eq!(&*at, "person", "{label}");
}

#[test]
fn overlays_replace_facts_by_id() {
    let text = "name: ours\nrevision: 3\nextends: zendesk@1\nsources:\n  US: { text: measured, mark: verified }\nlimits:\n  attachment_size: { text: Size of one file, max: 30 MB, kind: attachment, field: file, from: US }\nkinds:\n  ticket:\n    fields:\n      extra: { type: text?, from: US }\n";
    let (catalog, found) = read(text);
    assert_eq!(found, []);
    let Some(catalog) = catalog else { panic!("no catalog") };
    assert_eq!((&*catalog.name, catalog.revision), ("ours", 3));
    assert_eq!(
        catalog.limits.get("attachment_size").and_then(|limit| limit.on(None)).map(|max| max.base()),
        Some(30_000_000)
    );
    assert!(catalog.limits.contains("comments_per_ticket"));
    let ticket = catalog.kinds.get("ticket");
    assert!(
        ticket.is_some_and(|ticket| ticket.fields.contains("extra") && ticket.fields.contains("subject"))
    );
}

#[test]
fn bad_extends_are_found() {
    assert_eq!(only("name: a\nrevision: 1\nextends: zendesk\n").0, "catalog/extends-form");
    assert_eq!(only("name: a\nrevision: 1\nextends: zendex@1\n").0, "catalog/extends-unknown");
    assert_eq!(only("name: a\nrevision: 1\nextends: zendesk@99999\n").0, "catalog/extends-revision");
    let (own, found) = read("name: zendesk\nrevision: 9\nextends: zendesk@1\n");
    assert_eq!((own.map(|own| own.revision), found), (Some(9), Vec::new()));
    let (_, found) = read_catalog(FileId(0), "name: a\nrevision: 1\nextends: b@1\n", |name| {
        let extends = match name {
            "b" => "c@1",
            "c" => "a@1",
            _ => "b@1",
        };
        Some(Catalog { name: name.into(), revision: 1, extends: Some(extends.into()), ..Catalog::default() })
    });
    let [found] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(found.code, "catalog/extends-cycle");
    assert_eq!(
        found.labels.first().map(|label| &*label.text),
        Some("a extends b extends c extends a extends b")
    );
}

#[test]
fn bombs_are_defused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    assert_eq!(only(&bomb).0, "data/too-large");
    assert_eq!(only(&"[".repeat(100_000)).0, "data/too-large");
    assert_eq!(only(&format!("name: {}", "{a: ".repeat(300))).0, "data/too-large");
    assert_eq!(only(&format!("{{\"name\": {}", "[".repeat(100_000))).0, "data/wrong-value");
    assert_eq!(only(&format!("{{\"kinds\": {}", "{\"a\": ".repeat(100_000))).0, "data/unknown-key");
    assert_eq!(only(&"x".repeat(yaml::MAX_BYTES + 1)).0, "data/too-large");
    let blocks: String = (0..400).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(!read(&blocks).1.is_empty());
}

const INVENTORY: &str = r#"
format: 1
platform: zendesk
account: acme
plan: Enterprise
taken: 2026-11-20
custom_fields:
  ticket:
    region: { type: choice?, title: Region, options: [emea, amer] }
states:
  ticket:
    waiting: { category: hold, class: unfinished, api: "6" }
objects:
  group: [Tier 1, { name: Tier 2, id: "12", inactive: true, last_used: 2026-01-01 }]
profile:
  ticket:
    count: 12480
    by_status: { open: 400, waiting: 12, closed: 12068 }
    fields:
      subject: { present: 12480, longest: 312, lengths: [[150, 12439], [255, 30], [998, 11]] }
      custom.region: { present: 10000, values: { emea: 9000, amer: 900 }, other_values: 100 }
    orphans: { organization: 12 }
unfinished: { file: unfinished.jsonl, count: 412 }
"#;

fn inventory(text: &str) -> (Option<Inventory>, Vec<Diagnostic>) {
    read_inventory(FileId(0), text)
}

#[test]
fn an_inventory_answers_what_proofs_ask() {
    let (read, found) = inventory(INVENTORY);
    assert_eq!(found, []);
    let (Some(read), Some(zendesk)) = (read, Catalog::builtin("zendesk")) else { panic!("nothing read") };
    assert_eq!(check_inventory(FileId(0), INVENTORY, &read, &zendesk), []);
    let subject = read.profile.get("ticket").and_then(|ticket| ticket.fields.get("subject"));
    let Some(subject) = subject else { panic!("no subject") };
    assert_eq!(subject.longer_than(150), Longer::Exactly(41));
    assert_eq!(subject.longer_than(255), Longer::Exactly(11));
    assert_eq!(subject.longer_than(200), Longer::AtLeast(11));
    assert_eq!(subject.longer_than(300), Longer::AtLeast(1));
    assert_eq!(subject.longer_than(312), Longer::Exactly(0));
    let json = serde_json::to_string(&read);
    let Ok(json) = json else { panic!("{json:?}") };
    assert_eq!(inventory(&json).0.as_ref(), Some(&read));
    let system = cutover_catalog::System { catalog: &zendesk, inventory: Some(&read) };
    let Some(region) = system.field("ticket", "custom.region") else { panic!("no region") };
    assert_eq!(
        system.options("ticket", &region).iter().map(|option| option.name()).collect::<Vec<_>>(),
        ["emea", "amer"]
    );
    let Some(status) = system.field("ticket", "status") else { panic!("no status") };
    let names: Vec<_> = system.options("ticket", &status).iter().map(|option| option.name()).collect();
    assert_eq!(names, ["new", "open", "pending", "hold", "solved", "closed", "deleted", "waiting"]);
}

#[test]
fn inventories_that_contradict_themselves_are_found() {
    let Some(zendesk) = Catalog::builtin("zendesk") else { panic!("no catalog") };
    for (from, to, at) in [
        ("format: 1", "format: 2", "format"),
        ("platform: zendesk", "platform: zendex", "platform"),
        ("plan: Enterprise", "plan: Gold", "plan"),
        ("taken: 2026-11-20\n", "", ""),
        ("open: 400", "open: 40000", "by_status"),
        ("open: 400", "opened: 400", "opened"),
        ("present: 10000", "present: 100000", "custom.region"),
        ("[150, 12439], [255", "[350, 12439], [255", "subject"),
        ("      subject:", "      subjects:", "subjects"),
        ("  group: [", "  groop: [", "groop"),
        ("name: Tier 2, id: \"12\"", "name: Tier 1", "group"),
        ("category: hold, class: unfinished", "category: hold, class: finished", "waiting"),
        ("organization: 12", "organisation: 12", "organisation"),
    ] {
        assert!(INVENTORY.contains(from), "{from}");
        let text = INVENTORY.replacen(from, to, 1);
        let (Some(read), found) = inventory(&text) else { panic!("{from}: unreadable") };
        assert_eq!(found, []);
        let found = check_inventory(FileId(0), &text, &read, &zendesk);
        let [found] = found.as_slice() else { panic!("{to}: {found:#?}") };
        assert_eq!(found.code, "inventory/rule");
        let Some(label) = found.labels.first() else { panic!("no label") };
        assert_eq!(
            text.get(label.span.start as usize..label.span.end as usize),
            Some(at),
            "{to}: {}",
            label.text
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        let (catalog, found) = read(&text);
        prop_assert!(catalog.is_some() || !found.is_empty());
        let _ = inventory(&text);
    }

    #[test]
    fn mangled_catalogs_never_panic(at in 0..SMALL.len(), length in 0usize..30, put in "[-:{}\\[\\]*&!|>'\"%@`a-z \n\u{e9}]{0,6}") {
        let (Some(head), Some(tail)) = (SMALL.get(..at), SMALL.get((at + length).min(SMALL.len())..)) else { return Ok(()) };
        let text = format!("{head}{put}{tail}");
        let (_, found) = read(&text);
        for label in found.iter().flat_map(|found| &found.labels) {
            prop_assert!(text.get(label.span.start as usize..label.span.end as usize).is_some());
        }
    }

    #[test]
    fn written_types_read_back(text in "(list )?(text(\\([1-9][0-9]{0,3}\\))?|int(\\(-?[1-9][0-9]{0,3}\\.\\.[1-9][0-9]{5}\\))?|choice|ref [a-z]{1,8}(\\|[a-z]{1,8})?|html|email|instant)\\??") {
        let Ok(parsed) = cutover_catalog::FieldType::parse(&text) else { panic!("{text}") };
        prop_assert_eq!(parsed.to_string(), text);
    }
}

/// The examples of the documentation are read as they stand.
#[test]
fn documented_examples_are_clean() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/catalogs/inventory.md");
    let Ok(page) = std::fs::read_to_string(path) else { panic!("{path} cannot be read") };
    let examples = |fence: &str| -> Vec<String> {
        page.split(&format!("```{fence}\n"))
            .skip(1)
            .filter_map(|rest| rest.split("```").next().map(str::to_owned))
            .collect()
    };
    let yaml = examples("yaml");
    assert_eq!(yaml.len(), 2);
    for text in yaml {
        let (Some(read), found) = inventory(&text) else { panic!("{:#?}\n{text}", inventory(&text).1) };
        assert_eq!(found, []);
        let Some(catalog) = Catalog::builtin(&read.platform) else { panic!("no catalog {}", read.platform) };
        assert_eq!(check_inventory(FileId(0), &text, &read, &catalog), []);
    }
    let json = examples("json");
    assert_eq!(json.len(), 1);
    for line in json {
        assert!(
            cutover_catalog::reader::read_unfinished(&line).is_ok(),
            "{:?}",
            cutover_catalog::reader::read_unfinished(&line)
        );
    }
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/catalogs/README.md");
    let Ok(readme) = std::fs::read_to_string(readme) else { panic!("{readme} cannot be read") };
    let Some(example) = readme.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()) else {
        panic!("no example")
    };
    let read: Result<Catalog, _> = yaml::read(example);
    assert!(read.is_ok(), "{read:?}");
}

#[test]
fn a_thousand_contradictions_are_told_as_a_hundred() {
    let Some(zendesk) = Catalog::builtin("zendesk") else { panic!("no zendesk") };
    let mut text = INVENTORY.to_owned();
    let rows: String = (0..1000).map(|n| format!("  kind_{n}: [One]\n")).collect();
    let line = text.lines().find(|line| line.starts_with("objects:")).unwrap_or_default().to_owned();
    text = text.replace(&format!("{line}\n"), &format!("objects:\n{rows}"));
    let (Some(read), _) = inventory(&text) else { panic!("unreadable") };
    let found = check_inventory(FileId(0), &text, &read, &zendesk);
    assert_eq!(found.len(), 100);
    let notes: Vec<String> = found.iter().flat_map(|found| &found.notes).map(ToString::to_string).collect();
    assert!(notes.iter().any(|note| note == "900 more contradictions are not shown"), "{notes:?}");
}
