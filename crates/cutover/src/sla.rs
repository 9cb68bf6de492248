//! What becomes of the promises about unfinished tickets: due times by the old desk, by the new one and by the contract, ticket by
//! ticket. The tickets are read one after the other and none is kept.

mod csv;
pub(crate) mod desk;
pub(crate) mod hours;
mod html;
mod json;
pub(crate) mod keeping;
pub(crate) mod moved;
mod remarks;
mod table;
mod ticket;
mod totals;
pub(crate) mod variance;
pub(crate) mod words;
pub(crate) mod zones;

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use crate::Compilation;
use crate::root::{Open, Refused, Root};
use crate::systems::Account;
use desk::{Desk, Promised};
use ticket::{Row, Unreadable, each};
use totals::Totals;

pub use desk::NotComputed;

/// How a preview is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Counts, the worst tickets and the broken promises, for a terminal.
    Table,
    /// Everything, for programs: `docs/schema/sla-preview.schema.json`.
    Json,
    /// A line for each clock of each ticket.
    Csv,
    /// A page with a picture for each of the tickets that matter most.
    Html,
}

/// What kept a preview from being written.
#[derive(Debug)]
pub enum Failed {
    /// The tickets cannot be read on.
    Input(io::Error),
    /// The output cannot be written.
    Output(io::Error),
    /// Nothing can be computed. A preview says so in its own format before it fails.
    NotComputed(NotComputed),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Input(_) => f.write_str("the tickets cannot be read to their end"),
            Failed::Output(_) => f.write_str("cannot write the output"),
            Failed::NotComputed(why) => write!(f, "not computed: {why}"),
        }
    }
}

impl std::error::Error for Failed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Failed::Input(error) | Failed::Output(error) => Some(error),
            Failed::NotComputed(_) => None,
        }
    }
}

impl From<Unreadable> for Failed {
    fn from(error: Unreadable) -> Failed {
        Failed::Input(error.0)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Failed {
        Failed::Output(error)
    }
}

/// Where the clocks of tickets go, one after the other.
trait Sink {
    fn row(&mut self, row: &Row<'_, '_>) -> io::Result<()>;
    fn end(&mut self, desk: &Desk<'_>, totals: &Totals) -> io::Result<()>;
}

/// Whether a file that begins so is a preview, in one of its formats: one may be written over another.
#[must_use]
pub fn is_preview(head: &str) -> bool {
    let first = head.lines().next().unwrap_or_default();
    first == csv::COLUMNS
        || (first.starts_with('{') && first.contains("\"format\":") && first.contains("\"computed\":"))
        || (first.contains(" unfinished ticket") && first.ends_with(" under no policy."))
        || (first == "<!doctype html>" && head.contains(&format!("<title>{}", html::TITLE)))
        || first.starts_with("Not computed: ")
}

/// Writes a preview of the clocks of unfinished tickets. `tickets` replaces the table that the inventory of the source names.
/// Numbers and names only: memory does not grow with the number of tickets. Returns what a reader has to know and a table for spreadsheets
/// has no place for; nothing where the format tells it itself.
///
/// # Errors
///
/// When nothing can be computed, which the output says as well, or something cannot be read or written.
pub fn preview(
    root: &Path,
    compilation: &Compilation,
    tickets: Option<Box<dyn BufRead>>,
    format: Format,
    out: &mut dyn Write,
) -> Result<Vec<String>, Failed> {
    let promised = desk::promised(&compilation.plan, &compilation.remains.accounts);
    let ready = of(compilation, &promised);
    let ready = ready.and_then(|desk| Ok((desk, tickets.map_or_else(|| sidecar(root, compilation), Ok)?)));
    let (desk, mut input) = match ready {
        Ok(ready) => ready,
        Err(why) => return Err(not_computed(format, out, why)),
    };
    let sink = |out| -> io::Result<Box<dyn Sink + '_>> {
        Ok(match format {
            Format::Table => Box::new(table::Table(out)),
            Format::Json => Box::new(json::Json::new(out, &desk)?),
            Format::Csv => Box::new(csv::Csv::new(out)?),
            Format::Html => Box::new(html::Html::new(out)),
        })
    };
    // Nothing is written before the first clock: without one nothing is computed.
    let mut to = To::Nothing(out);
    let mut totals = Totals::default();
    let mut last: Box<str> = "".into();
    each::<Failed>(&mut *input, |number, ticket| {
        match ticket {
            Ok(mut line) => {
                // A scan sorts its table, so that two lines of one ticket are neighbours.
                totals.again += u64::from(line.ticket == last);
                let rows = desk.rows(&line);
                totals.ticket(&rows);
                if !rows.is_empty() {
                    to.open(&sink)?;
                }
                for row in &rows {
                    totals.row(row);
                    to.row(row)?;
                }
                drop(rows);
                last = std::mem::take(&mut line.ticket);
            }
            Err(why) => totals.unread(number, why),
        }
        Ok(true)
    })?;
    match to {
        To::Sink(mut sink) => sink.end(&desk, &totals)?,
        To::Nothing(out) => {
            let why = match totals.tickets {
                0 => NotComputed::Empty(totals.unread, totals.first_unread.take()),
                tickets => NotComputed::NoClock(tickets),
            };
            return Err(not_computed(format, out, why));
        }
        To::Taken => {}
    }
    Ok(if format == Format::Csv { remarks::left_out(&desk, &totals) } else { Vec::new() })
}

/// Where a preview goes: nowhere yet, or into its format.
enum To<'o> {
    Nothing(&'o mut dyn Write),
    Sink(Box<dyn Sink + 'o>),
    /// It could not be begun.
    Taken,
}

impl<'o> To<'o> {
    fn open(
        &mut self,
        begin: &impl Fn(&'o mut dyn Write) -> io::Result<Box<dyn Sink + 'o>>,
    ) -> io::Result<()> {
        *self = match std::mem::replace(self, To::Taken) {
            To::Nothing(out) => To::Sink(begin(out)?),
            other => other,
        };
        Ok(())
    }

    fn row(&mut self, row: &Row<'_, '_>) -> io::Result<()> {
        if let To::Sink(sink) = self { sink.row(row) } else { Ok(()) }
    }
}

/// Says in the format that is asked for that nothing is computed.
fn not_computed(format: Format, out: &mut dyn Write, why: NotComputed) -> Failed {
    let said = match format {
        Format::Table => writeln!(out, "Not computed: {why}."),
        Format::Json => json::not_computed(out, &why),
        // A heading alone would look like a table without differences.
        Format::Csv => Ok(()),
        Format::Html => html::not_computed(out, &why),
    };
    said.and_then(|()| out.flush()).map_or_else(Failed::Output, |()| Failed::NotComputed(why))
}

/// The computation of a ticket's clocks step by step, a line a sentence; `None` when no ticket has this name.
///
/// # Errors
///
/// As [`preview`].
pub fn explain(
    root: &Path,
    compilation: &Compilation,
    tickets: Option<Box<dyn BufRead>>,
    ticket: &str,
) -> Result<Option<Vec<String>>, Failed> {
    let promised = desk::promised(&compilation.plan, &compilation.remains.accounts);
    let desk = of(compilation, &promised).map_err(Failed::NotComputed)?;
    let mut input = tickets.map_or_else(|| sidecar(root, compilation), Ok).map_err(Failed::NotComputed)?;
    let mut told = None;
    each::<Failed>(&mut *input, |_, line| {
        let Some(line) = line.ok().filter(|line| *line.ticket == *ticket) else { return Ok(true) };
        told = Some(told_of(&desk, ticket, &desk.rows(&line)));
        Ok(false)
    })?;
    Ok(told)
}

/// What a pseudonym of a ticket is made of, beside its number in the old desk: the account that was scanned, and the kind.
#[must_use]
pub fn pseudonymous(compilation: &Compilation) -> Option<(&str, String)> {
    let accounts = &compilation.remains.accounts;
    let inventory = accounts.iter().find(|account| account.source().is_some())?.inventory()?;
    Some((&inventory.account, desk::ticket_fields(accounts).0))
}

fn told_of(desk: &Desk<'_>, ticket: &str, rows: &[Row<'_, '_>]) -> Vec<String> {
    let mut lines = Vec::new();
    if rows.is_empty() {
        lines.push(format!("Ticket {ticket} is under none of the policies: nothing is promised about it."));
    }
    for row in rows {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!(
            "Ticket {ticket}, {}, {}:",
            row.policy.title,
            words::clock(&row.counted.clock.name)
        ));
        lines.extend(remarks::assumptions(row).into_iter().map(|said| format!("{said}.")));
        lines.extend(row.policy.preview.explain(&row.ticket, &row.promise, &row.outcome));
    }
    let more = remarks::about(desk);
    if !rows.is_empty() {
        lines.push(String::new());
        lines.extend(more);
    }
    lines
}

/// Both desks of a compilation.
fn of<'p>(compilation: &'p Compilation, promised: &'p [Promised<'p>]) -> Result<Desk<'p>, NotComputed> {
    Desk::new(&compilation.plan, &compilation.remains.accounts, promised)
}

/// The table of unfinished tickets that the inventory of the source names.
fn sidecar(root: &Path, compilation: &Compilation) -> Result<Box<dyn BufRead>, NotComputed> {
    let root = Root::new(root, Open::new());
    table(root.as_ref().map_err(|failure| failure.source.to_string()), &compilation.remains.accounts)
}

/// The same, of a project that is being compiled.
fn table(root: Result<&Root, String>, accounts: &[Account]) -> Result<Box<dyn BufRead>, NotComputed> {
    let named = accounts.iter().find_map(|account| account.unfinished());
    let (from, file) = named.ok_or(NotComputed::NoTickets)?;
    let unreadable = |why: &str| NotComputed::Unreadable(file.to_owned(), why.to_owned());
    let path = Root::resolve(from, file).ok_or_else(|| unreadable("it is not in the project's folder"))?;
    let root = root.map_err(|why| unreadable(&why))?;
    match root.open(&path) {
        Ok(file) => Ok(Box::new(BufReader::new(file))),
        Err(Refused::Missing) => Err(unreadable("there is no such file")),
        Err(Refused::Io(error)) => Err(unreadable(&error.to_string())),
        Err(_) => Err(unreadable("it is not a file of the project")),
    }
}
