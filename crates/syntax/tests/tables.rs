//! What the documents say of keywords and blocks is what the tables of this crate say.
//!
//! `grammar/README.md` lists the keywords; each page under `docs/language/` holds the rows of its block between two marks.
//! `BLESS=1` rewrites what stands between the marks.
#![expect(
    clippy::disallowed_methods,
    reason = "a test compares committed documents, and rewrites them when it is told so"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cutover_syntax::construct::{
    BodyRule, CONSTRUCTS, ClauseRule, Construct, MemberRule, NameRule, StatementRule, Takes,
};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};

const START: &str = "<!-- table: written from the program's own rows; BLESS=1 rewrites it -->\n";
const END: &str = "<!-- end of table -->\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Puts a text between the marks of a file, or says how the file differs.
fn compare(path: &str, table: &str) -> Result<(), String> {
    let file = root().join(path);
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{path}: {error}"))?;
    let parts = text.split_once(START).and_then(|(head, rest)| Some((head, rest.split_once(END)?)));
    let Some((head, (committed, tail))) = parts else {
        return Err(format!("{path} does not have the two marks\n{START}{END}"));
    };
    if committed == table {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        let whole = format!("{head}{START}{table}{END}{tail}");
        return std::fs::write(&file, whole).map_err(|error| format!("{path}: {error}"));
    }
    Err(format!("{path} is old; BLESS=1 rewrites it"))
}

fn all_agree(results: impl IntoIterator<Item = Result<(), String>>) {
    let breaches: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn the_grammar_lists_the_keywords() {
    let sets: [(&str, &str, Vec<&str>); 3] = [
        ("Item", "starts a block at the start of a line", ItemKw::ALL.iter().map(|kw| kw.text()).collect()),
        ("Statement", "starts a line between braces", StmtKw::ALL.iter().map(|kw| kw.text()).collect()),
        ("Clause", "goes on with a line, in this order", ClauseKw::ALL.iter().map(|kw| kw.text()).collect()),
    ];
    let mut table = "\n| set | what it does | keywords |\n|---|---|---|\n".to_owned();
    for (name, what, words) in sets {
        let _ = writeln!(table, "| {name} ({}) | {what} | {} |", words.len(), code_list(&words));
    }
    table.push('\n');
    all_agree([compare("grammar/README.md", &table)]);
}

#[test]
fn each_block_has_its_page() {
    all_agree(CONSTRUCTS.iter().map(|row| compare(&page(row), &block(row))));
}

#[test]
fn the_index_names_each_block() {
    let mut table = "\n| block | what it is for | stands |\n|---|---|---|\n".to_owned();
    for row in CONSTRUCTS {
        let keyword = row.keyword.text();
        let stands = if row.many { "as often as needed" } else { "once" };
        let _ = writeln!(table, "| [`{keyword}`]({}.md) | {} | {stands} |", file(keyword), row.summary);
    }
    table.push('\n');
    all_agree([compare("docs/language/README.md", &table)]);
}

fn file(keyword: &str) -> String {
    keyword.replace(' ', "_")
}

fn page(row: &Construct) -> String {
    format!("docs/language/{}.md", file(row.keyword.text()))
}

fn code_list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The tables of one page.
fn block(row: &Construct) -> String {
    let mut out = "\n| part | what stands there |\n|---|---|\n".to_owned();
    let keyword = row.keyword.text();
    let stands = if row.many { "as often as needed" } else { "once in a project" };
    let _ = writeln!(out, "| `{keyword}` | {stands} |");
    match row.name {
        NameRule::None => {}
        NameRule::Identifier => out.push_str("| name | a short name of your choice: a-z, 0-9 and `_` |\n"),
        NameRule::OneOf(words) => {
            let _ = writeln!(out, "| second word | {} |", code_list(words).replace(", ", " or "));
        }
        NameRule::Signature => {
            out.push_str("| name | `source_kind -> target_kind`, or `remaining kinds` |\n")
        }
    }
    if row.title {
        out.push_str("| title | a text in quotes; may be left out |\n");
    }
    if let Some(what) = row.args.what() {
        let _ = writeln!(out, "| then | {what} |");
    }
    match row.body {
        BodyRule::None => out.push_str("| braces | none |\n"),
        BodyRule::Lines { optional, .. } => {
            let _ = writeln!(out, "| braces | {} |", if optional { "may be left out" } else { "needed" });
        }
    }
    clauses(&mut out, "Clauses of the first line", row.clauses);
    if let BodyRule::Lines { statements, members, .. } = row.body {
        lines(&mut out, statements, members);
    }
    out.push('\n');
    out
}

fn clauses(out: &mut String, title: &str, rules: &[ClauseRule]) {
    if rules.is_empty() {
        return;
    }
    let _ = write!(out, "\n**{title}**, in this order:\n\n| clause | takes | needed |\n|---|---|---|\n");
    for rule in rules {
        let takes = if rule.takes == Takes::Nothing { "nothing more" } else { rule.takes.describe() };
        let _ = writeln!(out, "| `{}` | {takes} | {} |", rule.keyword, if rule.need { "yes" } else { "" });
    }
}

/// The clauses of a line in one cell; those that are needed are bold.
fn cell(rules: &[ClauseRule]) -> String {
    let words = rules.iter().map(|rule| match rule.need {
        true => format!("**`{}`**", rule.keyword),
        false => format!("`{}`", rule.keyword),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn lines(out: &mut String, statements: &[StatementRule], members: MemberRule) {
    out.push_str("\n**Lines between the braces** (clauses that are needed are bold):\n\n");
    out.push_str("| line | followed by | clauses |\n|---|---|---|\n");
    for rule in statements {
        let what = rule.args.what().unwrap_or("nothing");
        let _ = writeln!(out, "| `{}` | {what} | {} |", rule.keyword, cell(rule.clauses));
        if let BodyRule::Lines { members, .. } = rule.body {
            let _ = writeln!(out, "| … in its braces | {} | |", members.describe());
        }
    }
    if !matches!(members, MemberRule::None) {
        let _ = writeln!(out, "| any other line | {} | {} |", members.describe(), cell(members.clauses()));
    }
}
