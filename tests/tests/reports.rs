//! The formats that other programs read: held to their schemas, within the limits of their hosts, inert whatever a spec says.

use std::collections::BTreeSet;

use cutover_diagnostics::report::{ANNOTATIONS, Context, RESULTS, Report, fingerprints, report};
use cutover_diagnostics::{Applicability, Diagnostic, Edit, SourceMap, Span};
use cutover_tests::program::Project;
use cutover_tests::schema::differences;
use cutover_tests::workspace::root;
use serde_json::Value;

/// Text that means something to each of the formats.
const HOSTILE: &str =
    "50% \u{1b}[31m::error file=x::y ##[error]z ]]> <b> & \" ' \r\n::stop\u{0} \u{ffff} \u{202e}";

fn context() -> Context {
    Context { folder: "migrations/a b:c".to_owned(), version: "1.2.3".to_owned(), ..Context::default() }
}

/// Findings of all severities, with everything that a finding may have.
fn findings() -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let file = sources.add("a,b%.cutover", "edition 1\nteam full {\n  m\u{e9}lo \"M\"\n}\n");
    let span = Span::new(file, 24, 29);
    let found = vec![
        Diagnostic::error("types/one", "it does not fit").primary(span, HOSTILE).note(HOSTILE).help(HOSTILE),
        Diagnostic::warning("types/two", "it looks odd").primary(span, "here").suggest(
            "write `x`",
            [Edit { span, replacement: "x".into() }],
            Applicability::Safe,
        ),
        Diagnostic::remark("types/three", "good to know"),
    ];
    (sources, found)
}

/// So many findings of one severity at one place.
fn many(number: usize) -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let file = sources.add("a.cutover", "edition 1\n");
    let found = (0..number)
        .map(|_| Diagnostic::error("types/one", "it does not fit").primary(Span::new(file, 0, 7), "here"));
    (sources, found.collect())
}

fn schema(name: &str) -> Value {
    let text = std::fs::read_to_string(root().join("tests/schemas").join(name)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn json(text: &str) -> Value {
    let value = serde_json::from_str(text);
    assert!(value.is_ok(), "{value:?} in {text}");
    value.unwrap_or_default()
}

fn told(kind: Report) -> String {
    let (sources, found) = findings();
    let text = report(kind, &sources, &found, &context());
    assert!(
        text.chars().all(|c| c == '\n' || !c.is_control()),
        "{kind:?} holds a control character: {text:?}"
    );
    assert!(!text.contains('\u{202e}'), "{kind:?} turns the direction of text");
    text
}

#[test]
fn sarif_fits_its_schema() {
    let value = json(&told(Report::Sarif));
    assert_eq!(differences(&schema("sarif-2.1.0.schema.json"), &value), Vec::<String>::new());
    let result = value.pointer("/runs/0/results/0");
    let uri = result.and_then(|result| result.pointer("/locations/0/physicalLocation/artifactLocation/uri"));
    assert_eq!(uri.and_then(Value::as_str), Some("migrations/a%20b%3Ac/a%2Cb%25.cutover"));
    // The validator sees a mistake.
    let mut wrong = value.clone();
    if let Some(level) = wrong.pointer_mut("/runs/0/results/0/level") {
        *level = Value::from("bad");
    }
    assert_eq!(differences(&schema("sarif-2.1.0.schema.json"), &wrong).len(), 1);
}

#[test]
fn sarif_brings_the_page_of_each_rule_along() -> Result<(), String> {
    let project = Project::of("specs/valid/minimal")?;
    project.write(project.spec(), project.text()?.replacen("owner maya", "owner nobody", 1))?;
    let told = |docs: &str| -> Result<(Option<i32>, String), String> {
        let output = cutover_tests::program::cutover(project.folder())?
            .args(["check", ".", "--format", "sarif"])
            .env("CUTOVER_DOCS_URL", docs)
            .output()
            .map_err(|error| error.to_string())?;
        Ok((output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned()))
    };
    let docs = "https://git.example.org/tools/cutover/blob/main/docs";
    let (_, linked) = told(docs)?;
    let value = json(&linked);
    assert_eq!(differences(&schema("sarif-2.1.0.schema.json"), &value), Vec::<String>::new());
    let at = |path: &str| value.pointer(&format!("/runs/0/tool/driver{path}")).and_then(Value::as_str);
    assert_eq!(at("/informationUri"), Some(docs));
    assert_eq!(at("/rules/0/id"), Some("names/unknown-person"));
    let page = format!("{docs}/diagnostics/names/unknown-person.md");
    assert_eq!(at("/rules/0/helpUri"), Some(page.as_str()));
    let markdown = at("/rules/0/help/markdown").unwrap_or_default();
    assert!(
        markdown.starts_with("# `names/unknown-person`\n") && markdown.contains("```cutover"),
        "{markdown}"
    );
    let first = at("/rules/0/fullDescription/text").unwrap_or_default();
    assert!(first.len() > 20 && first.len() < 1_024 && !first.contains('\n'), "{first}");
    // Without an address there are no links; with one that is none, nothing is written.
    let (_, plain) = told("")?;
    assert!(
        !plain.contains("informationUri") && !plain.contains("helpUri") && plain.contains("fullDescription")
    );
    assert_eq!(told("not a url")?.0, Some(2));
    Ok(())
}

#[test]
fn people_are_told_paths_that_they_can_open() -> Result<(), String> {
    let project = Project::of("specs/valid/minimal")?;
    project.write(project.spec(), project.text()?.replacen("owner maya", "owner nobody", 1))?;
    let (above, name) = (project.folder().parent(), project.folder().file_name());
    let (Some(above), Some(name)) = (above, name.and_then(|name| name.to_str())) else {
        return Err("no folder".to_owned());
    };
    for format in ["full", "short", "narrated", "json"] {
        let output = cutover_tests::program::cutover(above)?
            .args(["check", name, "--format", format])
            .output()
            .map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains(&format!("{name}/{}", project.spec())), "{format}: {text}");
    }
    Ok(())
}

#[test]
fn sarif_keeps_what_code_scanning_takes() {
    let (sources, mut found) = many(RESULTS + 7);
    for warning in found.iter_mut().take(100) {
        warning.severity = cutover_diagnostics::Severity::Warning;
    }
    let value = json(&report(Report::Sarif, &sources, &found, &context()));
    assert_eq!(differences(&schema("sarif-2.1.0.schema.json"), &value), Vec::<String>::new());
    let results = value.pointer("/runs/0/results").and_then(Value::as_array).cloned().unwrap_or_default();
    let of = |level: &str| results.iter().filter(|result| result["level"] == level).count();
    assert_eq!((of("error"), of("warning")), (RESULTS - 93, 93));
    let text = value.pointer("/runs/0/invocations/0/toolExecutionNotifications/0/message/text");
    assert!(text.and_then(Value::as_str).is_some_and(|text| text.starts_with("7 more findings")), "{text:?}");
}

#[test]
fn rdjson_fits_its_schema() {
    let value = json(&told(Report::Rdjson));
    assert_eq!(differences(&schema("rdjson.schema.json"), &value), Vec::<String>::new());
    // Columns count bytes.
    let end = value.pointer("/diagnostics/0/location/range/end/column");
    assert_eq!(end.and_then(Value::as_u64), Some(8));
    let suggestion = value.pointer("/diagnostics/1/suggestions/0/text");
    assert_eq!(suggestion.and_then(Value::as_str), Some("x"));
}

#[test]
fn gitlab_gets_what_its_page_asks_for() {
    let value = json(&told(Report::Gitlab));
    let issues = value.as_array().cloned().unwrap_or_default();
    assert_eq!(issues.len(), 3);
    let mut fingerprints = BTreeSet::new();
    for issue in &issues {
        let text = |path: &str| issue.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&text("/severity").as_str()));
        assert!(!text("/description").is_empty() && !text("/description").contains('\n'));
        assert!(!text("/check_name").is_empty() && !text("/location/path").is_empty());
        assert!(issue.pointer("/location/lines/begin").and_then(Value::as_u64).is_some_and(|line| line > 0));
        assert!(fingerprints.insert(text("/fingerprint")), "a fingerprint stands twice");
    }
}

#[test]
fn github_gets_one_line_a_command() {
    let text = told(Report::Github);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    let head = "::error file=migrations/a b%3Ac/a%2Cb%25.cutover,line=3,endLine=3,col=3,endColumn=7,title=types/one::it does not fit: 50%25 ";
    assert!(lines.first().is_some_and(|line| line.starts_with(head)), "{text}");
    assert!(lines.get(1).is_some_and(|line| line.starts_with("::warning ")), "{text}");
    assert!(lines.get(2).is_some_and(|line| line.starts_with("::notice title=types/three::")), "{text}");
}

#[test]
fn github_annotates_as_much_as_it_shows() {
    let (sources, found) = many(25);
    let text = report(Report::Github, &sources, &found, &context());
    assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), ANNOTATIONS);
    assert!(text.contains("- 15 more, for which GitHub has no room"), "{text}");
    // Log lines are no commands, whatever they hold.
    let (sources, mut found) = many(25);
    for one in &mut found {
        one.message = format!("##[error]x {HOSTILE}").into();
    }
    let text = report(Report::Github, &sources, &found, &context());
    let log: Vec<&str> = text.lines().skip(ANNOTATIONS).collect();
    assert!(
        log.len() == 16 && log.iter().all(|line| line.starts_with("- ") && !line.contains("##[")),
        "{text}"
    );
}

/// A reader of XML that is as strict as the ones that matter: names of elements with their attributes, in order.
fn elements(text: &str) -> Result<Vec<(String, Vec<String>)>, String> {
    let mut found = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest =
        text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").ok_or("no declaration")?;
    while let Some(at) = rest.find('<') {
        let (between, tag) = rest.split_at(at);
        entities(between)?;
        let (tag, behind) =
            tag.strip_prefix('<').and_then(|tag| tag.split_once('>')).ok_or("a tag without end")?;
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            (open.pop().as_deref() == Some(name)).then_some(()).ok_or(format!("</{name}> closes nothing"))?;
            continue;
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut names = Vec::new();
        while let Some((attribute, value)) = attributes.trim_start().split_once("=\"") {
            let (value, behind) = value.split_once('"').ok_or("an attribute without end")?;
            entities(value)?;
            names.push(attribute.to_owned());
            attributes = behind;
        }
        found.push((name.to_owned(), names));
        if !empty {
            open.push(name.to_owned());
        }
    }
    if open.is_empty() { Ok(found) } else { Err(format!("{open:?} stay open")) }
}

/// Text without a bare `<`, and with no `&` but those of references.
fn entities(text: &str) -> Result<(), String> {
    for part in text.split('&').skip(1) {
        let name = part.split(';').next().unwrap_or_default();
        let known = ["amp", "lt", "gt", "quot", "apos", "#9", "#10", "#13"].contains(&name);
        known.then_some(()).ok_or(format!("&{name}"))?;
    }
    if text.contains('<') || text.contains('\u{ffff}') { Err(format!("{text:?} in text")) } else { Ok(()) }
}

#[test]
fn xml_is_well_formed() {
    let junit = elements(&told(Report::Junit)).unwrap_or_default();
    let names: Vec<&str> = junit.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "testsuites",
            "testsuite",
            "testcase",
            "failure",
            "testcase",
            "system-out",
            "testcase",
            "system-out"
        ]
    );
    let checkstyle = elements(&told(Report::Checkstyle)).unwrap_or_default();
    let names: Vec<&str> = checkstyle.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["checkstyle", "file", "error", "file", "error", "error"]);
    let attributes = checkstyle.last().map(|(_, attributes)| attributes.join(" "));
    assert_eq!(attributes.as_deref(), Some("line column severity message source"));
    assert!(elements("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"&x;\"/>").is_err());
}

#[test]
fn nothing_found_is_a_report_too() {
    let (sources, none) = (SourceMap::new(), Vec::new());
    let empty = |kind| report(kind, &sources, &none, &context());
    assert_eq!(empty(Report::Github), "");
    assert_eq!(json(&empty(Report::Gitlab)), Value::Array(Vec::new()));
    assert_eq!(
        differences(&schema("sarif-2.1.0.schema.json"), &json(&empty(Report::Sarif))),
        Vec::<String>::new()
    );
    assert_eq!(
        differences(&schema("rdjson.schema.json"), &json(&empty(Report::Rdjson))),
        Vec::<String>::new()
    );
    assert!(empty(Report::Junit).contains("tests=\"1\" failures=\"0\""));
    assert!(elements(&empty(Report::Checkstyle)).is_ok());
}

#[test]
fn fingerprints_survive_edits_elsewhere() {
    let of = |text: &str, at: &[&str]| {
        let mut sources = SourceMap::new();
        let file = sources.add("a.cutover", text);
        let found: Vec<Diagnostic> = at
            .iter()
            .map(|word| {
                let start = u32::try_from(text.find(word).unwrap_or_default()).unwrap_or_default();
                let span = Span::new(file, start, start + u32::try_from(word.len()).unwrap_or_default());
                Diagnostic::error("types/one", "it does not fit").primary(span, "here")
            })
            .collect();
        fingerprints(&sources, &found, &Context::default())
    };
    let text = "edition 1\nmap a -> b {\n  one -> two\n  three -> four\n}\nmap c -> d {\n  five -> six\n}\n";
    let [one, three, five] = ["one", "three", "five"];
    let before = of(text, &[one, three, five, five]);
    assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), 4, "{before:?}");
    // Lines above, another layout, another finding, another row: nothing changes.
    let moved = format!(
        "# a comment\n\n{}",
        text.replace("  one -> two\n", "  zero -> two\n      one   ->  two  by x\n")
    );
    assert_eq!(of(&moved, &[one, three, five, five]), before);
    assert_eq!(of(text, &[three, five]), before.get(1..3).unwrap_or_default());
    // Another block, or other words, are another finding.
    let other = text.replace("map c -> d", "map c -> e");
    assert_ne!(of(&other, &[one, three, five]).get(2), before.get(2));
    assert_eq!(of(&other, &[one, three, five]).get(..2), before.get(..2));
}

#[test]
fn the_program_tells_paths_from_where_it_was_called() -> Result<(), String> {
    let project = Project::of("specs/valid/minimal")?;
    let text = project.text()?.replace("owner maya", "owner nobody");
    project.write("migrations/acme/spec.cutover", &text)?;
    for folder in ["inventory", "announce"] {
        let from = project.folder().join(folder);
        cutover_tests::program::copy(&from, &project.folder().join("migrations/acme").join(folder))
            .map_err(|e| e.to_string())?;
    }
    for (format, expected) in [
        ("github", "::error file=migrations/acme/spec.cutover,line="),
        ("gitlab", "\"path\": \"migrations/acme/spec.cutover\""),
        ("sarif", "\"uri\": \"migrations/acme/spec.cutover\""),
        ("junit", "classname=\"migrations/acme/spec.cutover\""),
        ("checkstyle", "<file name=\"migrations/acme/spec.cutover\">"),
        ("rdjson", "\"path\": \"migrations/acme/spec.cutover\""),
    ] {
        let output = project.run(&["check", "migrations/acme/spec.cutover", "--format", format])?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{format}: {text}");
        assert!(text.contains(expected), "{format}: {text}");
    }
    Ok(())
}

#[test]
fn json_fits_the_schema_that_is_published() {
    let text = std::fs::read_to_string(root().join("docs/schema/findings.schema.json")).unwrap_or_default();
    let schema: Value = serde_json::from_str(&text).unwrap_or_default();
    let (sources, found) = findings();
    let options = cutover_diagnostics::render::Options::default();
    let value = json(&cutover_diagnostics::render::json(&sources, &found, &options));
    assert_eq!(differences(&schema, &value), Vec::<String>::new());
    // Every member that is written is described.
    assert_eq!(differences(&strict(schema), &value), Vec::<String>::new());
}

/// The schema, which then refuses members that it does not name.
fn strict(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(members) => {
            if members.contains_key("required") {
                members.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            for member in members.values_mut() {
                *member = strict(member.take());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = strict(item.take())),
        _ => {}
    }
    schema
}
