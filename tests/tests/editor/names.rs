//! Each name that an example declares can be another one, and each word of it says what it means.

use cutover_diagnostics::FileId;
use cutover_syntax::again::Parsed;
use cutover_syntax::construct::{NameRule, construct};
use cutover_syntax::keywords::{ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Term, TermKind};
use cutover_tests::editor::Editor;
use cutover_tests::program::Project;
use serde_json::{Value, json};

use super::position;

const EXAMPLES: [&str; 4] =
    ["examples/acme", "examples/small-team", "examples/rt-to-zendesk", "examples/zendesk-to-zammad"];

/// Blocks whose names are words of the language.
const FIXED: [ItemKw; 2] = [ItemKw::Accept, ItemKw::Waive];

/// The names that a file declares, each with the first byte, and another one that would do.
fn declared(file: &Parsed) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut add = |item: &Item, term: Option<&Term>| {
        let Some(term) = term.filter(|term| term.kind == TermKind::Word) else { return };
        // An integration's name begins with its kind.
        let new = format!("{}_zz", item.raw(*term));
        found.push(((item.source.base + term.range.start) as usize, new));
    };
    for item in &file.tree.items {
        let (Some(keyword), Some(head)) = (item.keyword, item.head()) else { continue };
        let named = construct(keyword).is_some_and(|row| row.name == NameRule::Identifier);
        let none = item.get(head.lead).first().is_some_and(|term| item.raw(*term) == "none");
        if named && !FIXED.contains(&keyword) && !none {
            add(item, item.get(head.lead).first());
        }
        for line in item.body_lines() {
            match (keyword, line.statement) {
                (ItemKw::Team, None)
                | (ItemKw::Migration, Some(StmtKw::Table))
                | (ItemKw::Rollback, Some(StmtKw::Trigger)) => add(item, item.get(line.lead).first()),
                _ => {}
            }
        }
    }
    found
}

fn opened(folder: &str) -> Result<(Project, Editor, String), String> {
    let project = Project::of(folder)?;
    let text = project.text()?;
    let mut editor = Editor::of_program(project.folder())?;
    editor.open(project.spec(), &text)?;
    editor.settle()?;
    Ok((project, editor, text))
}

/// All names of all examples.
pub(super) fn each_can_be_another_one() -> Result<(), String> {
    let mut refused = Vec::new();
    let mut tried = 0;
    for folder in EXAMPLES {
        let (project, mut editor, text) = opened(folder)?;
        let uri = editor.uri(project.spec());
        for (at, new) in declared(&Parsed::new(FileId(0), &text.as_str().into())) {
            tried += 1;
            let params =
                json!({ "textDocument": { "uri": uri }, "position": position(&text, at), "newName": new });
            match editor.ask("textDocument/rename", params) {
                Ok(answer) if answer.pointer("/changes").is_some() => {}
                Ok(other) => refused.push(format!("{folder}: {new}: {other}")),
                Err(why) => refused.push(format!("{folder}: {new}: {why}")),
            }
        }
        editor.leave()?;
    }
    if tried < 150 || !refused.is_empty() {
        return Err(format!("of {tried} names:\n{}", refused.join("\n")));
    }
    Ok(())
}

/// Words of which a reader need not be told anything: they stand between words and mean what they mean everywhere.
const PLAIN: &[&str] = &[
    "after", "at", "before", "has", "in", "is", "least", "less", "more", "most", "of", "over", "than", "to",
    "within", "without",
];

/// What products call their clocks: names of the new desk, which stand behind `as`.
const CLOCKS: &[&str] = &[
    "first_reply_time",
    "agent_work_time",
    "first_response_time",
    "update_time",
    "solution_time",
    "total_resolution_time",
    "requester_wait_time",
    "next_reply_time",
];

/// All words of all examples.
pub(super) fn each_word_says_what_it_means() -> Result<(), String> {
    let mut silent = Vec::new();
    let mut tried = 0;
    for folder in EXAMPLES {
        let (project, mut editor, text) = opened(folder)?;
        let uri = editor.uri(project.spec());
        let parsed = Parsed::new(FileId(0), &text.as_str().into());
        for item in &parsed.tree.items {
            for term in item.terms.iter().filter(|term| term.kind == TermKind::Word) {
                let word = item.raw(*term);
                tried += 1;
                let at = (item.source.base + term.range.start) as usize;
                let params = json!({ "textDocument": { "uri": uri }, "position": position(&text, at) });
                let answer = editor.ask("textDocument/hover", params)?;
                let says = answer.pointer("/contents/value").and_then(Value::as_str).unwrap_or_default();
                // A name between backticks alone says nothing.
                if says.split_whitespace().count() < 2 && !PLAIN.contains(&word) && !CLOCKS.contains(&word) {
                    let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
                    silent.push(format!("{folder}:{line}: {word}: {says:?}"));
                }
            }
        }
        editor.leave()?;
    }
    if tried < 3_000 || !silent.is_empty() {
        return Err(format!("{} of {tried} words:\n{}", silent.len(), silent.join("\n")));
    }
    Ok(())
}
