//! `cutover sla`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use cutover::Compilation;
use cutover::sla::{self, Failed};
use cutover_diagnostics::sanitize::inert_line;

use crate::args::{ExplainTicketArgs, Format, PreviewArgs, PreviewFormat, SlaArgs, SlaVerb, SpecArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Located};
use crate::written::{Rules, Written};

pub(crate) fn run(args: &SlaArgs) -> Result<Exit, Failure> {
    match &args.verb {
        SlaVerb::Preview(args) => preview(args),
        SlaVerb::Explain(args) => explain(args),
    }
}

fn preview(args: &PreviewArgs) -> Result<Exit, Failure> {
    let for_programs = args.format != PreviewFormat::Table;
    let Some((located, compilation)) = compiled(&args.spec, for_programs)? else {
        return Ok(Exit::Findings);
    };
    let tickets = args.tickets.as_deref().map(opened).transpose()?;
    let format = match args.format {
        PreviewFormat::Table => sla::Format::Table,
        PreviewFormat::Json => sla::Format::Json,
        PreviewFormat::Csv => sla::Format::Csv,
        PreviewFormat::Html => sla::Format::Html,
    };
    let mut file = match &args.output {
        Some(path) => {
            let read: Vec<(&str, &Path)> =
                args.tickets.iter().map(|path| ("the table of tickets", path.as_path())).collect();
            let rules = Rules { read: &read, private: false, ..Rules::own(&sla::is_preview) };
            Some(BufWriter::new(Written::new(path, &rules)?))
        }
        None => None,
    };
    let mut screen;
    let out: &mut dyn Write = match &mut file {
        Some(file) => file,
        None => {
            screen = BufWriter::new(io::stdout().lock());
            &mut screen
        }
    };
    let told = sla::preview(&located.root, &compilation, tickets, format, out);
    // That nothing can be computed stands in the file, too.
    if !matches!(told, Ok(_) | Err(Failed::NotComputed(_))) {
        return told.map(|_| Exit::Clean).map_err(failure);
    }
    out.flush()?;
    if let Some(file) = file {
        file.into_inner().map_err(io::IntoInnerError::into_error)?.keep()?;
    }
    for line in told.map_err(failure)? {
        writeln!(io::stderr(), "{}", inert_line(&line))?;
    }
    Ok(Exit::Clean)
}

fn explain(args: &ExplainTicketArgs) -> Result<Exit, Failure> {
    let Some((located, compilation)) = compiled(&args.spec, false)? else { return Ok(Exit::Findings) };
    let told = |ticket: &str| {
        let tickets = args.tickets.as_deref().map(opened).transpose()?;
        sla::explain(&located.root, &compilation, tickets, ticket).map_err(failure)
    };
    // People know a ticket by its number in the old desk, the table by the pseudonym that is computed from it.
    let mut found = told(&args.ticket)?;
    if found.is_none()
        && let Some((account, kind)) = sla::pseudonymous(&compilation)
    {
        found = told(&cutover_scan::pseudonym(account, "", &kind, &args.ticket))?;
    }
    let Some(told) = found else {
        return Err(Failure::new(format!("no unfinished ticket is named {}", args.ticket)).help(
            "`cutover sla preview SPEC --format csv` lists the tickets by the names that they have here; a number of the old desk is understood when this program made the inventory",
        ));
    };
    let mut out = io::stdout().lock();
    for line in told {
        writeln!(out, "{}", inert_line(&line))?;
    }
    Ok(Exit::Clean)
}

/// The compilation of a spec without mistakes; those of others are shown, since their clocks would be wrong: aside
/// where a program reads the standard output.
fn compiled(args: &SpecArgs, for_programs: bool) -> Result<Option<(Located, Compilation)>, Failure> {
    let located = output::locate(args)?;
    let compilation = output::compile(&located)?;
    if compilation.errors() > 0 {
        if for_programs {
            output::findings_aside(&located, &compilation, args.color)?;
        } else {
            output::findings(&located, &compilation, Format::Full, args.color)?;
        }
        return Ok(None);
    }
    Ok(Some((located, compilation)))
}

fn opened(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    let file = File::open(path)
        .map_err(|error| Failure::new(format!("cannot read {}", path.display())).because(error))?;
    Ok(Box::new(BufReader::new(file)))
}

fn failure(failed: Failed) -> Failure {
    match failed {
        Failed::Output(error) => error.into(),
        Failed::Input(error) => Failure::new("the tickets cannot be read to their end").because(error),
        Failed::NotComputed(why) => {
            let help = matches!(why, sla::NotComputed::NoTickets)
                .then_some("give a table of unfinished tickets with `--tickets FILE`, or have the inventory made with `cutover inventory scan`");
            let failure = Failure::new(format!("not computed: {why}"));
            help.into_iter().fold(failure, Failure::help)
        }
    }
}
