//! `cutover test`.

use std::io::{self, Write};

use cutover::{DueOutcome, DueVerdict};
use cutover_diagnostics::Severity;
use cutover_diagnostics::sanitize::inert_line;
use cutover_ir::value::Value;
use cutover_plan::Plan;
use cutover_plan::map_tests::{Difference, Got, TestOutcome, Verdict, run_tests};
use cutover_plan::text::local::minute;

use crate::args::CheckArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    let located = output::locate(&args.spec)?;
    let mut compilation = output::compile(&located)?;
    // Errors of the tests themselves are what this verb shows in full.
    let other = |code: &str| !matches!(code.strip_prefix("test/"), Some("failed" | "open"));
    if compilation.diagnostics.iter().any(|d| d.severity == Severity::Error && other(d.code)) {
        output::findings(&located, &compilation, args.show.format, args.spec.color)?;
        return Ok(Exit::Findings);
    }
    // The tests run on what a runner would read, not on what the compiler holds.
    let plan = cutover::read_back(&mut compilation)
        .map_err(|error| Failure::new("the plan cannot be read back").because(error))?;
    let outcomes = run_tests(&plan);
    let dues = cutover::due_outcomes(&compilation, &plan);
    let mut out = io::stdout().lock();
    let mut failed = 0;
    for outcome in &outcomes {
        let dues: Vec<&DueOutcome> = dues.iter().filter(|due| due.test == outcome.id).collect();
        failed += usize::from(!show(&mut out, &plan, outcome, &dues)?);
    }
    let tests = if outcomes.len() == 1 { "test" } else { "tests" };
    writeln!(out, "{} {tests}, {failed} failed", outcomes.len())?;
    Ok(if failed > 0 { Exit::Findings } else { Exit::Clean })
}

/// Shows a test. Whether it holds.
fn show(out: &mut dyn Write, plan: &Plan, outcome: &TestOutcome, dues: &[&DueOutcome]) -> io::Result<bool> {
    let missed = dues.iter().any(|due| matches!(due.verdict, DueVerdict::Missed(_)));
    let open = dues.iter().any(|due| matches!(due.verdict, DueVerdict::Needs(_)));
    let word = match outcome.verdict {
        Verdict::Failed(_) => "FAILED",
        _ if missed => "FAILED",
        Verdict::Needs(_) => "OPEN  ",
        Verdict::Passed if open => "OPEN  ",
        Verdict::Passed => "ok    ",
    };
    let title = outcome.title.as_deref().unwrap_or_default();
    writeln!(out, "{word} {}  {}", inert_line(outcome.id.as_str()), inert_line(title))?;
    match &outcome.verdict {
        Verdict::Passed => {}
        Verdict::Failed(differences) => {
            for difference in differences {
                writeln!(out, "       {}", inert_line(&described(difference)))?;
            }
        }
        Verdict::Needs(fields) => {
            writeln!(
                out,
                "       what comes out depends on {}: add {} to `given`",
                inert_line(&fields.join(", ")),
                if fields.len() == 1 { "it" } else { "them" }
            )?;
        }
    }
    for due in dues {
        let said = match &due.verdict {
            DueVerdict::Met => continue,
            DueVerdict::Beyond(known) => {
                let clock = due.clock.replace('_', " ");
                let said = format!(
                    "due {clock}: as expected, if no day behind {known} is a holiday: holidays are listed until then"
                );
                writeln!(out, "       {}", inert_line(&said))?;
                continue;
            }
            DueVerdict::Missed(what) => what.clone(),
            DueVerdict::Needs(fields) => format!("that depends on {}", fields.join(", ")),
            DueVerdict::Untold(what) => format!("that depends on {what}"),
        };
        let clock = due.clock.replace('_', " ");
        let window = plan.migration.window.as_ref();
        let expected = window.map_or_else(|| due.expected.to_string(), |window| minute(window, due.expected));
        writeln!(out, "       {}", inert_line(&format!("due {clock}: expected {expected}; {said}")))?;
    }
    Ok(word == "ok    ")
}

fn described(difference: &Difference) -> String {
    let Difference { map, field, expected, got } = difference;
    let expected = match (expected, got) {
        (Some(wanted), _) => value(wanted),
        (None, Got::Rejected(_)) => "that the record is loaded".to_owned(),
        (None, Got::NoMap) => "a record".to_owned(),
        (None, _) => "that the record is rejected".to_owned(),
    };
    let got = match got {
        Got::Value(other) => value(other),
        Got::Rejected(rejection) => {
            format!("the record is rejected by `{}`: {}", rejection.rule, rejection.reason)
        }
        Got::Loaded => "the record is loaded".to_owned(),
        Got::NoMap => "no map leads to this kind".to_owned(),
    };
    let place = if field.is_empty() { map.to_string() } else { format!("{field} ({map})") };
    format!("{place}: expected {expected}, got {got}")
}

fn value(value: &Value) -> String {
    match value {
        Value::Missing => "nothing".to_owned(),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Text(text) | Value::Choice(text) | Value::Ref(text) => format!("{text:?}"),
        Value::Placeholder(name) => format!("the placeholder {name:?}"),
        Value::Date(date) => date.to_string(),
        Value::Instant(at) => at.to_string(),
        Value::Duration(duration) => duration.to_string(),
        Value::List(items) => items.iter().map(self::value).collect::<Vec<_>>().join(", "),
        Value::Record(fields) => {
            fields.iter().map(|(name, v)| format!("{name} {}", self::value(v))).collect::<Vec<_>>().join("; ")
        }
    }
}
