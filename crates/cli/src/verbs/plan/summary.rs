//! What `plan` says on the terminal: the few numbers that somebody wants to see before opening the checklist.

use std::collections::BTreeMap;
use std::io::{self, Write};

use cutover_diagnostics::sanitize::inert_line;
use cutover_plan::Plan;
use cutover_plan::model::{Content, Selection, StageKind, Undo, Verb};
use cutover_plan::schedule::{instant, schedule};
use cutover_plan::text::numbers::{number, span};
use cutover_plan::text::{local, words};

/// Writes the summary.
pub(super) fn write(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    let title = if plan.migration.title.is_empty() { &plan.migration.name } else { &plan.migration.title };
    writeln!(out, "{}", inert_line(title))?;
    for (verb, word) in [
        (Verb::Import, "moves"),
        (Verb::Recreate, "is built anew"),
        (Verb::Archive, "is archived"),
        (Verb::Retire, "is left behind"),
    ] {
        let parts = parts(plan, verb);
        if !parts.is_empty() {
            line(out, word, &parts.join(", "))?;
        }
    }
    let gates = plan.stages.iter().filter(|s| s.kind == StageKind::Gate).count();
    line(out, "stages", &format!("{}, {gates} of them for people", plan.stages.len()))?;
    let times = schedule(plan);
    if let Some(window) = &plan.migration.window {
        let long = u64::try_from(window.end.seconds() - window.start.seconds()).unwrap_or(0);
        line(out, "time", &format!("the window is {}, the work needs {}", span(long), span(times.needed)))?;
        let steps = plan.stages.iter().filter(|s| matches!(s.undo, Undo::Irreversible { .. })).count();
        let until = times.no_return.as_ref().map(|(at, _)| local::minute(window, instant(window, *at)));
        if let Some(until) = until {
            line(out, "no way back", &format!("{steps} steps; rollback is clean until {until}"))?;
        }
    }
    line(out, "accepted", &format!("{} losses, {} defaults", plan.losses.len(), plan.defaults.len()))?;
    line(out, "digest", &plan.digest)
}

fn line(out: &mut dyn Write, word: &str, text: &str) -> io::Result<()> {
    writeln!(out, "  {word:<15} {}", inert_line(text))
}

/// Kinds with their numbers, the largest first. What several lines say about one kind is added up.
fn parts(plan: &Plan, verb: Verb) -> Vec<String> {
    let mut sums: BTreeMap<&str, (Option<u64>, bool)> = BTreeMap::new();
    for (id, item) in &plan.items {
        if let Content::Scope(part) = &item.content
            && part.verb == verb
        {
            let records = plan.figures.records.get(id).copied();
            let all = part.which == Selection::All;
            sums.entry(&part.kind)
                .and_modify(|(sum, _)| *sum = sum.zip(records).map(|(a, b)| a.saturating_add(b)))
                .or_insert((records, all));
        }
    }
    let mut parts: Vec<(u64, String)> = sums
        .into_iter()
        .map(|(kind, (records, all))| match records {
            Some(1) => (1, format!("1 {}", words::human(kind))),
            Some(records) => (records, format!("{} {}", number(records), words::plural(kind))),
            None if all => (0, words::plural(kind)),
            None => (0, format!("some {}", words::plural(kind))),
        })
        .collect();
    parts.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    parts.into_iter().map(|(_, text)| text).collect()
}
