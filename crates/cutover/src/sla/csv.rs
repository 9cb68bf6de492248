//! A line for each clock of each ticket. What a spreadsheet would run as a formula is made a text.

use std::io::{self, Write};

use cutover_preview::{Compared, Due};

use super::desk::Desk;
use super::ticket::Row;
use super::totals::Totals;
use super::{Sink, words};

/// The columns.
pub(super) const COLUMNS: &str = "ticket,policy,clock,priority,source_due,contract_due,import_due,import_class,import_seconds,event_due,event_class,event_seconds,reasons,breached,paused,depends_on,waits_since_change,at_risk,answered,answered_late_seconds";

pub(super) struct Csv<'o>(&'o mut dyn Write);

impl<'o> Csv<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> io::Result<Csv<'o>> {
        writeln!(out, "{COLUMNS}")?;
        Ok(Csv(out))
    }
}

impl Sink for Csv<'_> {
    fn row(&mut self, row: &Row<'_, '_>) -> io::Result<()> {
        let outcome = &row.outcome;
        let mut cells = vec![
            row.ticket.id.clone(),
            row.policy.name.to_owned(),
            row.counted.clock.name.clone(),
            row.ticket.priority.clone(),
            due(outcome.source),
            due(outcome.contract),
        ];
        for compared in [&outcome.after_import, &outcome.after_event] {
            cells.extend(told(compared));
        }
        cells.push(words::reasons(&outcome.after_event).join(" "));
        for flag in [outcome.breached, outcome.paused] {
            cells.push(yes(flag).to_owned());
        }
        cells.push(row.depends_on().into_iter().collect::<Vec<_>>().join(" "));
        cells.push(yes(row.since_change).to_owned());
        cells.push(yes(outcome.at_risk).to_owned());
        let answered = outcome.answered;
        cells.push(answered.map(|answered| words::utc(answered.at)).unwrap_or_default());
        cells.push(answered.map(|answered| answered.late.to_string()).unwrap_or_default());
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        writeln!(self.0, "{}", cells.join(","))
    }

    fn end(&mut self, _: &Desk<'_>, _: &Totals) -> io::Result<()> {
        self.0.flush()
    }
}

fn told(compared: &Compared) -> [String; 3] {
    let seconds = compared.difference.map(|seconds| seconds.to_string()).unwrap_or_default();
    [due(compared.due), compared.class.name().to_owned(), seconds]
}

fn due(due: Due) -> String {
    match due {
        Due::At(at) => words::utc(at),
        Due::None(absent) => words::absent_code(absent).to_owned(),
    }
}

const fn yes(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

/// A cell as spreadsheets read it. A number keeps its sign; any other text that begins like a formula gets a quote before it.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<i64>().is_err();
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn formulas_are_texts() {
        assert_eq!(quoted("-300"), "-300");
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted("@x,y"), "\"'@x,y\"");
    }
}
