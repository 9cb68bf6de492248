//! `cutover plan`.

mod summary;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use cutover::several::Spec;
use cutover::{OutputError, Purpose};
use cutover_diagnostics::Severity;
use cutover_plan::bundle::{Change, Difference};

use crate::args::PlanArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Located};

pub(crate) fn run(args: &PlanArgs) -> Result<Exit, Failure> {
    if args.check
        && args.output.is_none()
        && let Some((_, specs)) = output::several(&args.spec)?
    {
        return check_all(args, specs);
    }
    let located = output::locate(&args.spec)?;
    let folder = args.output.clone().unwrap_or_else(|| located.folder.join("plan"));
    one(args, &located, &folder)
}

/// Compares the committed plans of all specs of a folder with what would be written.
fn check_all(args: &PlanArgs, specs: Vec<Spec>) -> Result<Exit, Failure> {
    let mut beside: BTreeMap<PathBuf, Vec<Located>> = BTreeMap::new();
    let all = specs.len();
    for Spec { root, entry, .. } in specs {
        let folder = root.join(&entry).parent().map(Path::to_owned).unwrap_or_default();
        beside.entry(folder.clone()).or_default().push(Located { root, entry, folder });
    }
    let (mut worst, mut compared) = (Exit::Clean, 0_usize);
    for (folder, specs) in beside {
        let plan = folder.join("plan");
        let committed = plan.join("plan.json").exists();
        let (of, others): (Vec<Located>, Vec<Located>) = match specs.len() {
            1 if committed => (specs, Vec::new()),
            _ if committed => {
                let wanted = named(&plan);
                let mut parts = (Vec::new(), Vec::new());
                for located in specs {
                    let name = output::compile_for(&located, Purpose::Check)?.plan.migration.name.clone();
                    // A plan that cannot be read is looked at with the first spec, and told.
                    let first = wanted.is_none() && parts.0.is_empty();
                    let list =
                        if first || wanted.as_ref() == Some(&name) { &mut parts.0 } else { &mut parts.1 };
                    list.push(located);
                }
                parts
            }
            _ => (Vec::new(), specs),
        };
        for located in &of {
            compared += 1;
            worst = worst.max(one(args, located, &plan)?);
        }
        let mut out = std::io::stdout();
        for located in others {
            writeln!(out, "{}: no plan is committed", folder.join(file_of(&located)).display())?;
        }
        if committed && of.is_empty() {
            writeln!(out, "{} is of no spec beside it", plan.display())?;
            worst = worst.max(Exit::Stale);
        }
    }
    writeln!(std::io::stdout(), "{compared} of {all} specs have a committed plan")?;
    Ok(worst)
}

fn file_of(located: &Located) -> &str {
    located.entry.rsplit('/').next().unwrap_or(&located.entry)
}

/// The migration that a committed plan is of; none when the plan cannot be read.
fn named(plan: &Path) -> Option<String> {
    cutover_plan::bundle::read(plan).ok().map(|bundle| bundle.plan.migration.name)
}

fn one(args: &PlanArgs, located: &Located, folder: &Path) -> Result<Exit, Failure> {
    let mut compilation = output::compile(located)?;
    let serious = compilation.diagnostics.iter().any(|d| d.severity != Severity::Note);
    if serious {
        output::findings(located, &compilation, args.show.format, args.spec.color)?;
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
        Err(OutputError::Bundle(error)) => return Err(refused(folder, error)),
    };
    if args.check {
        return check(folder, &outputs);
    }
    match cutover::write(folder, &outputs) {
        Ok(()) => {}
        Err(OutputError::Bundle(error)) => return Err(refused(folder, error)),
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
