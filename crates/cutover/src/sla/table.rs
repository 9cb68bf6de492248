//! Counts, the worst tickets and the broken promises, for a terminal.

use std::collections::BTreeMap;
use std::io::{self, Write};

use cutover_diagnostics::sanitize::inert_line;
use cutover_plan::text::numbers::number;
use cutover_preview::{Class, Counts};

use super::desk::Desk;
use super::ticket::Row;
use super::totals::{Broken, Totals};
use super::{Sink, remarks, words};

/// So many broken promises are listed; the other formats have more of them.
const LISTED: usize = 20;

pub(super) struct Table<'o>(pub(super) &'o mut dyn Write);

impl Sink for Table<'_> {
    fn row(&mut self, _: &Row<'_, '_>) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, desk: &Desk<'_>, totals: &Totals) -> io::Result<()> {
        let out = &mut *self.0;
        let target = desk.product("target");
        writeln!(out, "{}\n", remarks::moving(desk, totals))?;
        writeln!(out, "Right after the import into {target}:\n")?;
        lines(out, &groups(totals, |counts| &counts.on_import))?;
        writeln!(out, "After the first event in {target}:\n")?;
        lines(out, &groups(totals, |counts| &counts.classes))?;
        reasons(out, &totals.summary.all)?;
        worst(out, totals)?;
        broken(out, totals)?;
        for remark in remarks::remarks(desk, totals) {
            writeln!(out, "- {}", inert_line(&remark))?;
        }
        out.flush()
    }
}

/// Counts by policy, clock and priority, and all together.
fn groups(totals: &Totals, classes: fn(&Counts) -> &BTreeMap<Class, u64>) -> Vec<Vec<String>> {
    let shown = words::columns(&totals.summary.all);
    let mut rows = vec![heading(&shown)];
    for (group, counts) in &totals.summary.groups {
        let priority = if group.priority.is_empty() { "none" } else { &group.priority };
        let policy = if group.policy.is_empty() { "others" } else { &group.policy };
        rows.push(counted(policy, priority, counts, &shown, classes(counts)));
    }
    let all = &totals.summary.all;
    rows.push(counted("all", "", all, &shown, classes(all)));
    rows
}

fn heading(shown: &[Class]) -> Vec<String> {
    let fixed = ["policy and clock", "priority", "clocks"].map(str::to_owned);
    let classes = shown.iter().map(|class| class.name().to_owned());
    fixed.into_iter().chain(classes).chain(["breached".to_owned()]).collect()
}

fn counted(
    policy: &str,
    priority: &str,
    counts: &Counts,
    shown: &[Class],
    classes: &BTreeMap<Class, u64>,
) -> Vec<String> {
    let of = |class: &Class| number(classes.get(class).copied().unwrap_or_default());
    [inert_line(policy).into_owned(), inert_line(priority).into_owned(), number(counts.tickets)]
        .into_iter()
        .chain(shown.iter().map(of))
        .chain([number(counts.breached)])
        .collect()
}

fn reasons(out: &mut dyn Write, counts: &Counts) -> io::Result<()> {
    if !counts.reasons.is_empty() {
        writeln!(out, "Why they differ from the promise:\n")?;
        let rows = counts.reasons.iter().map(|(reason, count)| {
            vec![reason.name().to_owned(), number(*count), words::reason(*reason).to_owned()]
        });
        lines(out, &rows.collect::<Vec<_>>())?;
    }
    Ok(())
}

fn worst(out: &mut dyn Write, totals: &Totals) -> io::Result<()> {
    if totals.summary.worst.is_empty() {
        return writeln!(out, "{}\n", words::none_differs(&totals.summary.all));
    }
    writeln!(out, "The worst, by how far they move in the time that the promise counts:\n")?;
    let rows = totals.summary.worst.iter().map(|worst| {
        vec![
            inert_line(&worst.ticket).into_owned(),
            worst.group.policy.clone(),
            inert_line(&worst.group.priority).into_owned(),
            worst.class.name().to_owned(),
            words::difference(worst.difference),
        ]
    });
    lines(out, &rows.collect::<Vec<_>>())
}

fn broken(out: &mut dyn Write, totals: &Totals) -> io::Result<()> {
    let (broken, at_risk) = (totals.summary.all.breached, totals.summary.all.at_risk);
    match broken {
        0 => writeln!(out, "No promise is broken already.\n")?,
        _ => writeln!(out, "Broken already, whatever moves: {}.\n", words::clocks(broken))?,
    }
    register(out, &totals.broken, broken)?;
    if at_risk > 0 {
        writeln!(out, "Broken at the import, if nobody acts before: {}.\n", words::clocks(at_risk))?;
    }
    register(out, &totals.at_risk, at_risk)
}

/// The first of a list, and how many there are besides.
fn register(out: &mut dyn Write, list: &[Broken], all: u64) -> io::Result<()> {
    if all == 0 {
        return Ok(());
    }
    let rows = list.iter().take(LISTED).map(|broken| {
        vec![
            inert_line(&broken.ticket).into_owned(),
            broken.policy.clone(),
            inert_line(&broken.priority).into_owned(),
            broken.class.to_owned(),
            broken.said.clone(),
        ]
    });
    lines(out, &rows.collect::<Vec<_>>())?;
    let more = all.saturating_sub(u64::try_from(LISTED).unwrap_or(u64::MAX));
    if more > 0 {
        writeln!(out, "{} more; `--format csv` lists all of them.\n", number(more))?;
    }
    Ok(())
}

/// A cell is no wider than this; the other formats have the whole of it.
const WIDEST: usize = 60;

fn cut(cell: &str) -> String {
    if cell.chars().count() <= WIDEST {
        return cell.to_owned();
    }
    cell.chars().take(WIDEST - 1).chain(['…']).collect()
}

/// Rows in columns as wide as their widest cell, numbers to the right, and an empty line.
fn lines(out: &mut dyn Write, rows: &[Vec<String>]) -> io::Result<()> {
    // The last cell is a sentence with nothing beside it.
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let last = row.len().saturating_sub(1);
            row.iter()
                .enumerate()
                .map(|(at, cell)| if at < last { cut(cell) } else { cell.clone() })
                .collect()
        })
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let cells = |at: usize| rows.iter().filter_map(move |row| row.get(at));
    let widths: Vec<usize> =
        (0..columns).map(|at| cells(at).map(|cell| cell.chars().count()).max().unwrap_or_default()).collect();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let number = !cell.is_empty() && cell.chars().all(|c| c.is_ascii_digit() || c == ',');
            let blanks = " ".repeat(width.saturating_sub(cell.chars().count()));
            line.push_str("  ");
            if number {
                line.push_str(&blanks);
            }
            line.push_str(cell);
            if !number {
                line.push_str(&blanks);
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out)
}
