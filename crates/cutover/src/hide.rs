//! A plan of a spec with a credential in it shows stars instead: such a plan is never written, and it is compared and shown all the same.

use cutover_diagnostics::{Diagnostic, SourceMap};
use cutover_plan::Plan;
use serde_json::Value;

/// Shortest secret that is looked for by itself. A shorter one is the password of an address, and is looked for there.
const LONG: usize = 8;

/// The plan without the secrets at which findings point. `sources` are those before anything is masked.
pub(crate) fn in_plan(mut plan: Plan, sources: &SourceMap, diagnostics: &[Diagnostic]) -> Plan {
    let hidden = diagnostics.iter().filter(|found| found.hidden).filter_map(|found| found.labels.first());
    let secrets: Vec<&str> =
        hidden.map(|label| sources.slice(label.span)).filter(|text| !text.is_empty()).collect();
    if secrets.is_empty() {
        return plan;
    }
    let unfinished = plan.unfinished;
    // Nothing is sealed yet, and a stage without a digest cannot be read.
    for stage in &mut plan.stages {
        stage.digest.push('-');
    }
    // Read from a text, as plans are: some of their types borrow from it.
    let text = serde_json::to_value(&plan).map(|value| scrubbed(value, &secrets).to_string());
    let scrubbed = text.ok().and_then(|text| serde_json::from_str(&text).ok());
    // A plan that cannot be read back is not shown at all.
    let mut plan: Plan = scrubbed.unwrap_or_default();
    for stage in &mut plan.stages {
        stage.digest.pop();
    }
    Plan { unfinished, ..plan }
}

fn scrubbed(value: Value, secrets: &[&str]) -> Value {
    match value {
        Value::String(text) => Value::String(starred(text, secrets)),
        Value::Array(all) => all.into_iter().map(|value| scrubbed(value, secrets)).collect(),
        Value::Object(all) => all.into_iter().map(|(key, value)| (key, scrubbed(value, secrets))).collect(),
        other => other,
    }
}

fn starred(text: String, secrets: &[&str]) -> String {
    secrets.iter().fold(text, |text, secret| {
        let stars = "*".repeat(secret.chars().count());
        if secret.len() >= LONG {
            text.replace(secret, &stars)
        } else {
            text.replace(&format!(":{secret}@"), &format!(":{stars}@"))
        }
    })
}
