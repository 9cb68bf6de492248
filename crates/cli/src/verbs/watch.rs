//! `watch` and `measured`: looking after a run, and what only people can measure.

use std::io::Write as _;

use cutover_diagnostics::sanitize::inert_line;
use cutover_runner::{Looked, local};

use super::run::Given;
use crate::args::{MeasuredArgs, RunOf};
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn measured(args: &MeasuredArgs) -> Result<Exit, Failure> {
    Given::read(&args.of)?
        .change(|look| Ok(look.measured(&args.id, &args.by, &args.value, &args.evidence)?))?;
    writeln!(
        std::io::stdout(),
        "noted: {} is {}, says {}",
        inert_line(&args.id),
        inert_line(&args.value),
        inert_line(&args.by)
    )?;
    Ok(Exit::Clean)
}

pub(crate) fn watch(of: &RunOf) -> Result<Exit, Failure> {
    let given = Given::read(of)?;
    let round = given.open(None, |run| Ok(run.watch()?))?;
    let plan = &given.bundle.plan;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}: {}", inert_line(&plan.migration.title), local(plan, round.at))?;
    let (measured, asked): (Vec<&Looked>, Vec<&Looked>) =
        round.looked.iter().partition(|looked| looked.value.is_some());
    for Looked { id, what, value, at, up } in measured {
        let value = value.as_deref().unwrap_or_default();
        let at = at.as_ref().map_or_else(String::new, |at| format!(", {at}"));
        let mark = if *up { "!" } else { " " };
        let line = format!("{mark} {id} is {value}{at} ({what})");
        writeln!(out, "{}", inert_line(&line))?;
    }
    if !asked.is_empty() {
        writeln!(out, "nobody has measured (`cutover measured ID … --value VALUE --by PERSON`)")?;
    }
    for Looked { id, what, .. } in asked {
        writeln!(out, "{}", inert_line(&format!("  {id}: {what}")))?;
    }
    for alert in &round.alerts {
        writeln!(out, "alert: {}", inert_line(alert))?;
    }
    for (id, at, over) in &round.ends {
        let over = if *over { "is over since" } else { "lasts until" };
        writeln!(out, "{id} {over} {}", local(plan, *at))?;
    }
    if let Some((by, why)) = &round.paused {
        writeln!(out, "{} paused the run: {}", inert_line(by), inert_line(why))?;
    }
    if let Some((by, then)) = &round.answer_by {
        let then = if then.is_empty() { String::new() } else { format!("; {then}") };
        writeln!(out, "an answer is needed by {}{then}", local(plan, *by))?;
    }
    Ok(if round.paused.is_some() {
        Exit::Waiting
    } else if round.alerts.is_empty() {
        Exit::Clean
    } else {
        Exit::Findings
    })
}
