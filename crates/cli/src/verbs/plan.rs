//! `cutover plan`.

mod summary;

use std::io::Write as _;
use std::path::Path;

use cutover::OutputError;
use cutover_diagnostics::Severity;
use cutover_plan::bundle::{Change, Difference};

use crate::args::PlanArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &PlanArgs) -> Result<Exit, Failure> {
    let located = output::locate(&args.spec)?;
    let mut compilation = output::compile(&located)?;
    let folder = args.output.clone().unwrap_or_else(|| located.folder.join("plan"));
    let serious = compilation.diagnostics.iter().any(|d| d.severity != Severity::Note);
    if serious {
        output::findings(&located, &compilation, args.show.format, args.spec.color)?;
    }
    let outputs = match cutover::outputs(&mut compilation) {
        Ok(outputs) => outputs,
        Err(OutputError::Unfinished) => {
            let why = "while there are errors or open decisions";
            if args.check {
                writeln!(std::io::stderr(), "{} cannot be compared {why}", folder.display())?;
            } else {
                writeln!(std::io::stderr(), "no plan is written {why}")?;
            }
            return Ok(Exit::Findings);
        }
        Err(OutputError::Bundle(error)) => return Err(refused(&folder, error)),
    };
    if args.check {
        return check(&folder, &outputs);
    }
    match cutover::write(&folder, &outputs) {
        Ok(()) => {}
        Err(OutputError::Bundle(error)) => return Err(refused(&folder, error)),
        Err(OutputError::Unfinished) => return Ok(Exit::Findings),
    }
    let mut out = std::io::stdout().lock();
    summary::write(&mut out, &compilation.plan)?;
    // Names of files in a folder are digests, which tell nobody anything.
    let mut written: Vec<&str> = outputs.keys().map(|file| file.split('/').next().unwrap_or(file)).collect();
    written.dedup();
    writeln!(out, "written to {}: {}", folder.display(), written.join(", "))?;
    std::mem::forget(compilation);
    Ok(Exit::Clean)
}

fn refused(folder: &Path, error: cutover_plan::bundle::BundleError) -> Failure {
    Failure::new(format!("cannot write the plan to {}", folder.display()))
        .because(error)
        .help("nothing was changed; choose another folder with -o, or make this one writable")
}

/// Compares committed outputs with what would be written.
fn check(folder: &Path, outputs: &cutover_plan::bundle::Outputs) -> Result<Exit, Failure> {
    let differences = match cutover::check(folder, outputs) {
        Ok(differences) => differences,
        Err(OutputError::Bundle(error)) => {
            return Err(Failure::new(format!("cannot read the plan in {}", folder.display())).because(error));
        }
        Err(OutputError::Unfinished) => return Ok(Exit::Findings),
    };
    let mut out = std::io::stdout().lock();
    if differences.is_empty() {
        writeln!(out, "{} is up to date", folder.display())?;
        return Ok(Exit::Clean);
    }
    for difference in &differences {
        show(&mut out, difference)?;
    }
    writeln!(out, "{} is stale: run `cutover plan` and commit what it writes", folder.display())?;
    Ok(Exit::Stale)
}

fn show(out: &mut dyn std::io::Write, difference: &Difference) -> std::io::Result<()> {
    match difference {
        Difference::Missing { file } => writeln!(out, "{file} is missing"),
        Difference::Extra { file } => writeln!(out, "{file} belongs to an earlier plan"),
        Difference::Changed { file, line, parts } => {
            writeln!(out, "{file} differs from line {line} on")?;
            for (id, change) in parts {
                let word = match change {
                    Change::Added => "new",
                    Change::Changed => "changed",
                    Change::Affected => "affected",
                    Change::Removed => "gone",
                };
                writeln!(out, "    {word:<9} {id}")?;
            }
            Ok(())
        }
    }
}
