//! `cutover test`.

use std::io::{self, Write};

use cutover_diagnostics::Severity;
use cutover_diagnostics::sanitize::inert_line;
use cutover_ir::value::Value;
use cutover_plan::map_tests::{Difference, Got, TestOutcome, Verdict, run_tests};

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
    let mut out = io::stdout().lock();
    for outcome in &outcomes {
        show(&mut out, outcome)?;
    }
    let failed = outcomes.iter().filter(|o| o.verdict != Verdict::Passed).count();
    let waits: usize = outcomes.iter().map(|o| o.waits.len()).sum();
    write!(out, "{} tests, {failed} failed", outcomes.len())?;
    if waits > 0 {
        write!(out, "; {waits} due times are not computed by this version")?;
    }
    writeln!(out)?;
    Ok(if failed > 0 { Exit::Findings } else { Exit::Clean })
}

fn show(out: &mut dyn Write, outcome: &TestOutcome) -> io::Result<()> {
    let word = match outcome.verdict {
        Verdict::Passed => "ok    ",
        Verdict::Failed(_) => "FAILED",
        Verdict::Needs(_) => "OPEN  ",
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
    for due in &outcome.waits {
        let clock = due.clock.replace('_', " ");
        writeln!(out, "       due {} at {}: waits until clocks are computed", inert_line(&clock), due.at)?;
    }
    Ok(())
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
