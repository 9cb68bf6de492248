//! What an example says, it says for a reason: whatever is taken out of it or swapped for its neighbour is answered by a finding or by
//! another plan. What is not stands in `docs/every-line.md`, with why.
//!
//! Tries a part of the changes; `EVERY_LINE=1` tries all, which takes minutes in a build that is not optimised.
#![expect(clippy::print_stderr, reason = "figures for the page")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use cutover_tests::workspace::root;

/// Words beside which another one stands that fits the place as well, or nearly.
const NEIGHBOURS: &[(&str, &str)] = &[
    ("agents", "customers"),
    ("answered", "stopped"),
    ("archive", "import"),
    ("before", "from"),
    ("business", "calendar"),
    ("calendar", "business"),
    ("chat", "email"),
    ("checksums", "counts"),
    ("closed", "link"),
    ("comments", "tickets"),
    ("counts", "checksums"),
    ("customers", "agents"),
    ("day", "hour"),
    ("days", "hours"),
    ("email", "chat"),
    ("everything", "tickets"),
    ("finished", "unfinished"),
    ("full", "small"),
    ("high", "low"),
    ("hour", "min"),
    ("hours", "min"),
    ("import", "archive"),
    ("is", "is not"),
    ("keep", "drop"),
    ("least", "most"),
    ("less", "more"),
    ("mean", "median"),
    ("median", "mean"),
    ("min", "hours"),
    ("more", "less"),
    ("most", "least"),
    ("newest", "oldest"),
    ("pauses", "runs"),
    ("recreate", "retire"),
    ("retire", "recreate"),
    ("runs", "pauses"),
    ("s", "min"),
    ("sandbox", "target"),
    ("source", "target"),
    ("stops", "runs"),
    ("target", "source"),
    ("tickets", "comments"),
    ("unfinished", "finished"),
];

const PEOPLE: &[&str] = &["maya", "li", "dana", "sam", "noor", "finn", "ada"];

/// A change of one line: which, how, and what stands there then.
struct Change {
    line: usize,
    what: String,
    then: String,
}

#[test]
fn each_line_and_each_value_of_acme_does_something() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| unreachable!("{error}"));
    let copied = cutover_tests::program::copy(&root().join("examples/acme"), folder.path());
    assert!(copied.is_ok(), "{copied:?}");
    // It is large, and no line of the spec is about it.
    let gone = fs::remove_file(folder.path().join("inventory/source.unfinished.jsonl"));
    assert!(gone.is_ok(), "{gone:?}");
    let inventory = folder.path().join("inventory/source.yaml");
    let named = fs::read_to_string(&inventory).unwrap_or_default();
    // It stands at the end.
    let kept = named.split_once("\nunfinished:").map(|(kept, _)| format!("{kept}\n"));
    assert!(kept.is_some(), "the inventory names no table");
    let kept = kept.unwrap_or_default();
    let written = fs::write(&inventory, kept);
    assert!(written.is_ok(), "{written:?}");
    let text = fs::read_to_string(root().join("examples/acme/acme.cutover")).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let base = compiled(folder.path(), &text);
    assert_eq!(
        base.0,
        ["sla/not-compared"],
        "the example has findings beside the note that without a table nothing is compared"
    );
    let every = std::env::var_os("EVERY_LINE").is_some();
    let (mut tried, mut found, mut silent) = (0, 0, BTreeSet::new());
    let known = known();
    for (number, change) in changes(&lines).into_iter().enumerate() {
        let said = format!("`{}`, {}", bare(lines.get(change.line).unwrap_or(&"")), change.what);
        if !every && number % 37 != 0 && !known.contains(&said) {
            continue;
        }
        let mutant: String = lines
            .iter()
            .enumerate()
            .map(|(at, line)| if at == change.line { change.then.clone() } else { format!("{line}\n") })
            .collect();
        let then = compiled(folder.path(), &mutant);
        tried += 1;
        found += usize::from(then.0 != base.0);
        if then == base {
            silent.insert(said);
        }
    }
    eprintln!(
        "{tried} changes, {found} with findings, {} with another plan, {} silent",
        tried - found - silent.len(),
        silent.len()
    );
    assert!(tried > 20);
    assert_eq!(silent, known, "docs/every-line.md lists what changes nothing");
}

/// The number of findings, and the plan as it would be written.
fn compiled(folder: &Path, text: &str) -> (Vec<&'static str>, String) {
    let written = fs::write(folder.join("acme.cutover"), text);
    assert!(written.is_ok(), "{written:?}");
    let compilation = cutover::compile(folder, "acme.cutover");
    let plan = serde_json::to_string(&compilation.plan).unwrap_or_default();
    (compilation.diagnostics.iter().map(|found| found.code).collect(), plan)
}

/// The rows of the page.
fn known() -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("docs/every-line.md")).unwrap_or_default();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| {
        let mut cells = row.trim_matches('|').split(" | ");
        Some(format!("{}, {}", cells.next()?.trim(), cells.next()?.trim()))
    })
    .collect()
}

fn bare(line: &str) -> &str {
    code(line).trim()
}

/// A line without its comment.
fn code(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => return line.get(..at).unwrap_or(line).trim_end(),
            _ => {}
        }
    }
    line
}

fn changes(lines: &[&str]) -> Vec<Change> {
    let neighbours: BTreeMap<&str, &str> = NEIGHBOURS.iter().copied().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let code = code(line);
        if bare(line).is_empty() || bare(line) == "}" {
            continue;
        }
        if !code.ends_with('{') {
            found.push(Change { line: at, what: "taken out".to_owned(), then: String::new() });
        }
        for (from, to) in tokens(code) {
            let token = code.get(from..to).unwrap_or_default();
            let Some(other) = other(token, &neighbours) else { continue };
            let then = format!(
                "{}{other}{}\n",
                code.get(..from).unwrap_or_default(),
                code.get(to..).unwrap_or_default()
            );
            found.push(Change { line: at, what: format!("`{token}` is `{other}`"), then });
        }
        // Parts that `;` or `,` set apart.
        for mark in [';', ','] {
            for (from, to) in between(code, mark) {
                let part = code.get(from..to).unwrap_or_default().trim();
                let then = format!(
                    "{}{}\n",
                    code.get(..from).unwrap_or_default(),
                    code.get(to..).unwrap_or_default()
                );
                found.push(Change { line: at, what: format!("without `{part}`"), then });
            }
        }
    }
    found
}

/// What could stand in the place of a word, a number, a date, a text.
fn other(token: &str, neighbours: &BTreeMap<&str, &str>) -> Option<String> {
    if let Some(text) = token.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        return Some(format!("\"{text} x\""));
    }
    if let Some(at) = PEOPLE.iter().position(|person| *person == token) {
        return PEOPLE.get((at + 1) % PEOPLE.len()).map(|other| (*other).to_owned());
    }
    if let Ok(number) = token.parse::<u32>() {
        // Hours, minutes, months and days stay some.
        let width = token.len();
        let other = if width == 2 && number >= 11 { number - 1 } else { number + 1 };
        return Some(format!("{other:0width$}"));
    }
    neighbours.get(token).map(|other| (*other).to_owned())
}

/// Texts in quotes, words and numbers.
fn tokens(code: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start: Option<usize> = None;
    let mut quoted = false;
    for (at, c) in code.char_indices().chain([(code.len(), ' ')]) {
        if quoted {
            if c == '"' {
                quoted = false;
                found.extend(start.take().map(|from| (from, at + 1)));
            }
            continue;
        }
        let word = c.is_ascii_alphanumeric() || c == '_';
        match (start, word) {
            (Some(from), false) => {
                found.push((from, at));
                start = None;
            }
            (None, true) => start = Some(at),
            _ => {}
        }
        if c == '"' {
            quoted = true;
            start = Some(at);
        }
    }
    found
}

/// The parts before a mark, each with its mark.
fn between(code: &str, mark: char) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut from, mut quoted) = (0, false);
    for (at, c) in code.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '{' | '(' | ' '
                if !quoted
                    && code
                        .get(from..at)
                        .is_some_and(|part| part.trim().is_empty() || mark == ',' || c != ' ') =>
            {
                from = at + 1;
            }
            c if c == mark && !quoted => {
                found.push((from, at + 1));
                from = at + 1;
            }
            _ => {}
        }
    }
    found
}
