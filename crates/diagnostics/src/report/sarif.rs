//! SARIF 2.1.0, within what code scanning takes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Context, Finding, worst};
use crate::diagnostic::Severity;
use crate::render::json_text;

mod page;

/// How many results of a run code scanning keeps.
pub const RESULTS: usize = 5_000;

pub(super) fn sarif(findings: &[Finding<'_>], context: &Context) -> String {
    let (shown, hidden) = worst(findings, RESULTS);
    let mut rules: BTreeMap<&str, &Finding<'_>> = BTreeMap::new();
    for finding in &shown {
        rules.entry(finding.diagnostic.code).or_insert(finding);
    }
    let numbers: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(at, code)| (*code, at)).collect();
    let mut invocation = json!({ "executionSuccessful": true });
    if hidden > 0 {
        let text = format!("{hidden} more findings are not in this file: a run has at most {RESULTS}");
        let notification = json!([{ "level": "warning", "message": { "text": text } }]);
        if let Some(members) = invocation.as_object_mut() {
            members.insert("toolExecutionNotifications".to_owned(), notification);
        }
    }
    let mut driver = json!({
        "name": "cutover",
        "version": context.version,
        "rules": rules.values().map(|finding| rule(finding, context)).collect::<Vec<_>>(),
    });
    if let (Some(docs), Some(members)) = (&context.docs, driver.as_object_mut()) {
        members.insert("informationUri".to_owned(), json!(docs));
    }
    json_text(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation],
            "results": shown.iter().map(|finding| result(finding, &numbers)).collect::<Vec<_>>(),
        }],
    }))
}

fn rule(finding: &Finding<'_>, context: &Context) -> Value {
    let code = finding.diagnostic.code;
    let docs = context.docs.as_deref();
    let known = context.page.and_then(|page| page(code));
    let first = known.map(page::first).filter(|first| !first.is_empty());
    let more = format!("`cutover explain {code}` says more.");
    let mut rule = json!({
        "id": code,
        "shortDescription": { "text": finding.title() },
        "fullDescription": { "text": first.as_deref().unwrap_or(&finding.title()) },
        "help": { "text": first.as_ref().map_or(more.clone(), |first| format!("{first}\n\n{more}")) },
        "defaultConfiguration": { "level": level(finding) },
    });
    if let Some(known) = known
        && let Some(help) = rule.get_mut("help").and_then(Value::as_object_mut)
    {
        help.insert("markdown".to_owned(), json!(page::whole(known, code, docs)));
    }
    if let (Some(docs), true, Some(members)) = (docs, known.is_some(), rule.as_object_mut()) {
        members.insert("helpUri".to_owned(), json!(page::address(docs, code)));
    }
    rule
}

fn level(finding: &Finding<'_>) -> &'static str {
    match finding.diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn result(finding: &Finding<'_>, numbers: &BTreeMap<&str, usize>) -> Value {
    let code = finding.diagnostic.code;
    let locations: Vec<Value> = if finding.path.is_empty() { Vec::new() } else { vec![location(finding)] };
    json!({
        "ruleId": code,
        "ruleIndex": numbers.get(code),
        "level": level(finding),
        "message": { "text": finding.text() },
        "locations": locations,
        "partialFingerprints": { "cutover/v1": finding.fingerprint },
    })
}

fn location(finding: &Finding<'_>) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&finding.path) },
        "region": {
            "startLine": finding.start.line,
            "startColumn": finding.start.column,
            "endLine": finding.end.line,
            "endColumn": finding.end.column,
        },
    } })
}

/// A relative reference: every byte that has a meaning in one is written as `%xx`.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
