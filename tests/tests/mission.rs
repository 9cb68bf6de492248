//! What a migration must decide, check, do or record: each duty is answered by something that exists.
//!
//! The duties stand in `specs/mission/*.yaml`. An error or lint has a case of the corpus that shows it; a stage, a gate or something watched stands in
//! a committed plan of `examples/`; a report is a text of a committed page. `BLESS=1 cargo test -p cutover-tests --test mission` writes
//! `docs/mission.md` from them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use cutover_catalog::yaml;
use cutover_tests::corpus::compare;
use cutover_tests::workspace::{files, relative, root};
use serde::Deserialize;
use serde_json::Value;

/// Duties that nothing answers yet. Each is a proof that is still to be written; whoever writes it takes its line out.
const OPEN: &[&str] = &[];

/// How many duties may be answered by a sentence alone.
const EXPLAINED: usize = 15;

/// One section of the duties.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    title: String,
    items: Vec<Duty>,
}

/// One duty.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Duty {
    /// Its number: `1` to `262`, `X1` to `X16`.
    item: String,
    /// How it is answered, the most important way first: T error, L lint, S stage, G gate, R watched, P report.
    class: String,
    duty: String,
    answers: Vec<Answer>,
}

/// What answers a duty.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    by: By,
    /// A case below `specs/invalid`, an id of a plan (`*` stands for any end), or a page of a plan.
    at: Option<String>,
    /// The example whose plan is meant.
    plan: Option<String>,
    /// What stands there: in the findings of a case, in a stage with the items that it carries out, or on a page.
    #[serde(default)]
    says: Vec<String>,
    /// The code of a lint that does not exist yet.
    planned: Option<String>,
    /// The proof that does not exist yet.
    open: Option<String>,
    /// An explanation, where nothing can be shown.
    because: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Error,
    Lint,
    Stage,
    Gate,
    Watch,
    Report,
}

impl By {
    fn letter(self) -> char {
        match self {
            By::Error => 'T',
            By::Lint => 'L',
            By::Stage => 'S',
            By::Gate => 'G',
            By::Watch => 'R',
            By::Report => 'P',
        }
    }
}

fn sections() -> Vec<Section> {
    let mut sections = Vec::new();
    for path in files("specs/mission") {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let read = yaml::read::<Section>(&text);
        assert!(read.is_ok(), "{}: {:?}", relative(&path), read.err());
        sections.extend(read);
    }
    sections
}

fn duties() -> Vec<Duty> {
    sections().into_iter().flat_map(|section| section.items).collect()
}

fn none(what: &str, breaches: &[String]) {
    assert!(breaches.is_empty(), "{what}:\n  {}\n", breaches.join("\n  "));
}

#[test]
fn every_duty_is_there_once_and_in_order() {
    let wanted: Vec<String> =
        (1..=262).map(|n| n.to_string()).chain((1..=16).map(|n| format!("X{n}"))).collect();
    let found: Vec<String> = duties().into_iter().map(|duty| duty.item).collect();
    assert_eq!(found, wanted);
}

#[test]
fn every_class_of_a_duty_has_an_answer_and_each_answer_its_class() {
    let mut wrong = Vec::new();
    for duty in duties() {
        let asked: BTreeSet<char> = duty.class.chars().collect();
        let answered: BTreeSet<char> = duty.answers.iter().map(|answer| answer.by.letter()).collect();
        if asked != answered || duty.answers.is_empty() {
            wrong.push(format!("{}: asked {asked:?}, answered {answered:?}", duty.item));
        }
        for answer in &duty.answers {
            let ways = [&answer.at, &answer.planned, &answer.open, &answer.because];
            if ways.iter().filter(|way| way.is_some()).count() != 1 {
                wrong.push(format!("{}: an answer is one of at, planned, open, because", duty.item));
            }
            if answer.planned.is_some() && answer.by != By::Lint {
                wrong.push(format!("{}: only a lint may be planned", duty.item));
            }
            if answer.because.is_some() && !matches!(answer.by, By::Gate | By::Report) {
                wrong.push(format!("{}: only what people do or read is explained", duty.item));
            }
        }
    }
    none("duties", &wrong);
}

#[test]
fn few_are_explained_and_no_other_is_open() {
    let duties = duties();
    let explained: Vec<&str> = duties
        .iter()
        .filter(|duty| duty.answers.iter().any(|answer| answer.because.is_some()))
        .map(|duty| duty.item.as_str())
        .collect();
    assert!(explained.len() <= EXPLAINED, "{explained:?}");
    let open: Vec<&str> = duties
        .iter()
        .filter(|duty| duty.answers.iter().any(|answer| answer.open.is_some()))
        .map(|duty| duty.item.as_str())
        .collect();
    assert_eq!(open, OPEN);
}

/// What a case of the corpus shows.
fn case(path: &str) -> Option<String> {
    fs::read_to_string(root().join("specs/invalid").join(path).join("expected.txt")).ok()
}

#[test]
fn errors_and_lints_have_a_case() {
    let mut wrong = Vec::new();
    for duty in duties() {
        for answer in duty.answers.iter().filter(|answer| matches!(answer.by, By::Error | By::Lint)) {
            let Some(at) = &answer.at else { continue };
            let Some(shown) = case(at) else {
                wrong.push(format!("{}: specs/invalid/{at} shows nothing", duty.item));
                continue;
            };
            let code = at.rsplit_once('/').map_or(at.as_str(), |(code, _)| code);
            let levels: &[&str] = if answer.by == By::Error { &["error"] } else { &["error", "warning"] };
            if !levels.iter().any(|level| shown.contains(&format!("{level}[{code}]"))) {
                wrong.push(format!("{}: {at} does not show {code}", duty.item));
            }
            let missing = answer.says.iter().filter(|text| !shown.contains(text.as_str()));
            wrong.extend(missing.map(|text| format!("{}: {at} does not say {text:?}", duty.item)));
        }
    }
    none("duties", &wrong);
}

/// A committed plan.
struct Golden {
    folder: String,
    plan: Value,
}

impl Golden {
    fn read(example: &str) -> Golden {
        let folder = format!("examples/{example}/plan");
        let text = fs::read_to_string(root().join(&folder).join("plan.json")).unwrap_or_default();
        Golden { folder, plan: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    /// Stages and items whose id fits a pattern.
    fn found(&self, pattern: &str) -> Vec<&Value> {
        let fits = |id: &str| match pattern.strip_suffix('*') {
            Some(start) => id.starts_with(start),
            None => id == pattern,
        };
        let stages = self.plan.get("stages").and_then(Value::as_array).into_iter().flatten();
        let stages = stages.filter(|stage| stage.get("id").and_then(Value::as_str).is_some_and(fits));
        let items = self.plan.get("items").and_then(Value::as_object).into_iter().flatten();
        stages.chain(items.filter(|(id, _)| fits(id)).map(|(_, item)| item)).collect()
    }

    /// A stage or item, the items that it carries out or names, and those that these name: as one text.
    fn text(&self, found: &Value) -> String {
        let items = self.plan.get("items");
        let mut text = found.to_string();
        let mut seen = BTreeSet::new();
        for id in names(found) {
            let Some(item) = items.and_then(|items| items.get(&id)).filter(|_| seen.insert(id.clone()))
            else {
                continue;
            };
            text.push_str(&item.to_string());
        }
        text
    }
}

/// Ids that a stage or item names.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(names).collect(),
        Value::Object(all) => all.values().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

/// Whether a stage measures, watches or proves while the migration runs, or an item says what is measured.
fn is_watched(found: &Value) -> bool {
    const RUNNING: &[&str] = &[
        "probe",
        "preflight",
        "inventory",
        "freeze",
        "measure",
        "verify",
        "silence",
        "hold",
        "drain",
        "watch",
        "hypercare",
        "own",
        "read_only",
    ];
    const MEASURED: &[&str] = &["trigger", "watch", "criterion", "objective", "check"];
    let operation = found.get("operation").map(|operation| match operation {
        Value::String(name) => name.clone(),
        Value::Object(body) => body.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    });
    let content =
        found.get("content").and_then(Value::as_object).and_then(|body| body.keys().next().cloned());
    operation.is_some_and(|name| RUNNING.contains(&name.as_str()))
        || content.is_some_and(|name| MEASURED.contains(&name.as_str()))
}

#[test]
fn what_is_done_and_watched_stands_in_a_plan() {
    let mut plans: BTreeMap<String, Golden> = BTreeMap::new();
    let mut wrong = Vec::new();
    for duty in duties() {
        for answer in &duty.answers {
            let Some(at) = &answer.at else { continue };
            let name = answer.plan.clone().unwrap_or_else(|| "acme".to_owned());
            let golden = plans.entry(name).or_insert_with_key(|name| Golden::read(name));
            if answer.by == By::Report {
                let page = fs::read_to_string(root().join(&golden.folder).join(at)).unwrap_or_default();
                let missing = answer.says.iter().filter(|text| !page.contains(text.as_str()));
                wrong.extend(
                    missing
                        .map(|text| format!("{}: {}/{at} does not say {text:?}", duty.item, golden.folder)),
                );
                if answer.says.is_empty() {
                    wrong.push(format!("{}: what does {at} say?", duty.item));
                }
                continue;
            }
            if !matches!(answer.by, By::Stage | By::Gate | By::Watch) {
                continue;
            }
            let says = |found: &&&Value| {
                let text = golden.text(found);
                answer.says.iter().all(|word| text.contains(word.as_str()))
            };
            let right = |found: &&&Value| match answer.by {
                By::Gate => found.get("kind").and_then(Value::as_str) == Some("gate"),
                By::Watch => is_watched(found),
                _ => found.get("operation").is_some(),
            };
            let found = golden.found(at);
            if found.is_empty() {
                wrong.push(format!("{}: {} has no {at}", duty.item, golden.folder));
            } else if !found.iter().any(|one| says(&one)) {
                wrong.push(format!("{}: {at} does not say {:?}", duty.item, answer.says));
            } else if !found.iter().any(|one| right(&one)) {
                wrong.push(format!("{}: {at} is not {:?}", duty.item, answer.by));
            }
        }
    }
    none("duties", &wrong);
}

#[test]
fn the_page_is_that_of_the_duties() {
    let written = compare(&root().join("docs/mission.md"), &page());
    assert!(written.is_ok(), "{}", written.err().unwrap_or_default());
}

fn page() -> String {
    let sections = sections();
    let all: Vec<&Duty> = sections.iter().flat_map(|section| &section.items).collect();
    let count = |letter: char| all.iter().filter(|duty| duty.class.starts_with(letter)).count();
    let holding = |test: fn(&Answer) -> bool| all.iter().filter(|duty| duty.answers.iter().any(test)).count();
    let mut out = String::from(
        "# What a migration must decide, check, do and record\n\n\
         Whoever moves a helpdesk owes its customers and colleagues some 280 things. This page lists them and says what in `cutover` answers each: a finding\n\
         that stops a spec which forgets it, a stage of the plan, a gate at which a person decides, something that is watched while the migration runs, or a\n\
         part of the pages for people. It is made from `specs/mission/`, and a test holds each answer to what the program does\n\
         (`BLESS=1 cargo test -p cutover-tests --test mission` writes it anew).\n\n",
    );
    let _ = writeln!(
        out,
        "{} duties. By the way that counts most: {} findings, {} lints, {} stages, {} gates, {} watched, {} reports.",
        all.len(),
        count('T'),
        count('L'),
        count('S'),
        count('G'),
        count('R'),
        count('P')
    );
    let _ = writeln!(
        out,
        "{} have a lint that is still planned, {} are explained only, {} wait for a proof that is still to be written.\n",
        holding(|answer| answer.planned.is_some()),
        holding(|answer| answer.because.is_some()),
        holding(|answer| answer.open.is_some()),
    );
    out.push_str(
        "Stages and pages are those of the example in `examples/acme/plan/`, unless another one is named.\n",
    );
    for section in &sections {
        let _ = write!(out, "\n## {}\n\n| | Duty | Answered by |\n|---|---|---|\n", section.title);
        for duty in &section.items {
            let answers: Vec<String> = duty.answers.iter().map(shown).collect();
            let _ = writeln!(out, "| {} | {} | {} |", duty.item, cell(&duty.duty), answers.join("; "));
        }
    }
    out
}

/// An answer as a cell of the table.
fn shown(answer: &Answer) -> String {
    let says: Vec<String> =
        answer.says.iter().map(|text| format!("`{}`", cell(text.trim_matches(['`', '|', ' '])))).collect();
    let says = if says.is_empty() { String::new() } else { format!(" ({})", says.join(", ")) };
    let plan = answer.plan.as_ref().map(|plan| format!(" of `{plan}`")).unwrap_or_default();
    if let Some(planned) = &answer.planned {
        return format!("a lint that is planned, `{planned}`");
    }
    if let Some(open) = &answer.open {
        return format!("not yet: {open}");
    }
    if let Some(because) = &answer.because {
        return cell(because);
    }
    let at = answer.at.as_deref().unwrap_or_default();
    match answer.by {
        By::Error | By::Lint => {
            let (code, _) = at.rsplit_once('/').unwrap_or((at, ""));
            format!(
                "[`{code}`](diagnostics/{code}.md), as in [this case](../specs/invalid/{at}/expected.txt)"
            )
        }
        By::Stage => format!("stage `{at}`{plan}{says}"),
        By::Gate => format!("gate `{at}`{plan}{says}"),
        By::Watch => format!("watched by `{at}`{plan}{says}"),
        By::Report => format!("page `{at}`{plan}{says}"),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
