//! `cutover check`.

use std::io::Write as _;

use cutover::Purpose;
use cutover_diagnostics::Severity;

use crate::args::{CheckArgs, Format};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &CheckArgs) -> Result<Exit, Failure> {
    let located = output::locate(&args.spec)?;
    let compilation = output::compile_for(&located, Purpose::Check)?;
    output::findings(&located, &compilation, args.show.format, args.spec.color)?;
    let found = compilation.diagnostics.iter().any(|d| d.severity != Severity::Note);
    if !found && args.show.format == Format::Full {
        let plan = &compilation.plan;
        writeln!(
            std::io::stdout(),
            "{}: no mistakes ({} items, {} stages)",
            located.entry,
            plan.items.len(),
            plan.stages.len()
        )?;
    }
    let worst = compilation.diagnostics.iter().any(|d| d.severity == Severity::Error);
    // The process ends now; taking the compilation apart piece by piece would only cost time.
    std::mem::forget(compilation);
    Ok(if worst { Exit::Findings } else { Exit::Clean })
}
