//! The colours and snippets of the VS Code extension are those of the language's tables.

use cutover_analysis::metrics::{METRICS, STATISTICS};
use cutover_ir::functions;
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw, VALUE_WORDS};
use cutover_tests::corpus::compare;
use cutover_tests::workspace::root;
use serde_json::{Map, Value, json};

const FOLDER: &str = "crates/lsp/editors/code";

/// A pattern for any of some words: the longest first, blanks of any width between the words of one.
fn any<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let mut words: Vec<String> = words.into_iter().map(|word| word.replace(' ', "[ \\t]+")).collect();
    words.sort_by_key(|word| (std::cmp::Reverse(word.len()), word.clone()));
    words.dedup();
    format!("(?:{})", words.join("|"))
}

/// No letter, digit, dot or backtick may touch a keyword: then it is a name.
fn word(pattern: &str) -> String {
    format!("(?<![\\w.`]){pattern}(?![\\w.`])")
}

fn grammar() -> Value {
    let items = any(ItemKw::ALL.iter().map(|keyword| keyword.text()));
    let statements = any(StmtKw::ALL.iter().map(|keyword| keyword.text()));
    let clauses = any(ClauseKw::ALL.iter().map(|keyword| keyword.text()));
    let values = any(VALUE_WORDS.iter().copied());
    let library = any(functions::all().map(|function| function.name));
    let metrics = any(METRICS.iter().map(|metric| metric.name).chain(STATISTICS.iter().copied()));
    json!({
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "cutover",
        "scopeName": "source.cutover",
        "fileTypes": ["cutover"],
        "patterns": [
            { "include": "#comment" },
            { "include": "#text" },
            { "include": "#quoted" },
            { "include": "#item" },
            { "include": "#field" },
            { "include": "#statement" },
            { "include": "#function" },
            { "include": "#clause" },
            { "include": "#value" },
            { "include": "#number" },
            { "include": "#hole" },
            { "include": "#mark" },
        ],
        "repository": {
            "comment": { "name": "comment.line.number-sign.cutover", "match": "#.*$" },
            "text": {
                "name": "string.quoted.double.cutover",
                "begin": "\"",
                "end": "\"|$",
                "patterns": [{ "name": "constant.character.escape.cutover", "match": "\\\\." }],
            },
            "quoted": { "name": "variable.other.quoted.cutover", "match": "`[^`\\r\\n]*`" },
            "item": {
                "match": format!("^[ \\t]*({items})(?![\\w.`])(?![ \\t]*(?:->|,))(?:[ \\t]+([a-z]\\w*)(?=[ \\t]))?"),
                "captures": {
                    "1": { "name": "keyword.control.cutover" },
                    "2": { "name": "entity.name.type.cutover" },
                },
            },
            // Before an arrow a keyword is a field.
            "field": { "name": "variable.other.field.cutover", "match": "(?:(?<=^|[{;])|^[ \\t]+|(?<=[{;])[ \\t]*)[a-z][\\w.]*(?=[ \\t]*->)" },
            "statement": { "name": "keyword.other.statement.cutover", "match": format!("(?:^[ \\t]*|(?<=[{{;])[ \\t]*){statements}(?![\\w.`])") },
            "clause": { "name": "keyword.other.clause.cutover", "match": word(&clauses) },
            "function": {
                "match": format!("(?<![\\w.`])(by|,)[ \\t]+({library})(?![\\w.`])|(?<![\\w.`])({metrics})(?=[ \\t])"),
                "captures": {
                    "1": { "name": "keyword.other.clause.cutover" },
                    "2": { "name": "support.function.cutover" },
                    "3": { "name": "support.function.metric.cutover" },
                },
            },
            "value": { "name": "constant.language.cutover", "match": word(&values) },
            "number": { "name": "constant.numeric.cutover", "match": "(?<![\\w.`])\\d[\\d:.+%-]*(?:[ \\t]+(?:business[ \\t]+|calendar[ \\t]+)?(?:min|minutes?|hours?|days?|seconds?)(?!\\w))?" },
            "hole": { "name": "invalid.deprecated.hole.cutover", "match": "\\?\\?\\?" },
            "mark": { "name": "keyword.operator.cutover", "match": "->" },
        },
    })
}

fn snippets() -> Value {
    let all = cutover_lsp::snippets().into_iter().map(|snippet| {
        let body: Vec<&str> = snippet.body.split('\n').collect();
        let entry = json!({ "prefix": snippet.keyword, "body": body, "description": snippet.summary });
        (snippet.keyword.to_owned(), entry)
    });
    Value::Object(all.collect::<Map<String, Value>>())
}

fn written(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

#[test]
fn the_colours_are_those_of_the_keyword_table() {
    let path = root().join(FOLDER).join("syntaxes/cutover.tmLanguage.json");
    assert_eq!(compare(&path, &written(&grammar())), Ok(()));
}

#[test]
fn the_snippets_are_those_of_the_construct_table() {
    let path = root().join(FOLDER).join("snippets/cutover.json");
    assert_eq!(compare(&path, &written(&snippets())), Ok(()));
}
