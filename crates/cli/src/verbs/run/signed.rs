//! Sign-offs that the journal carries.

use std::io::Write as _;
use std::path::Path;

use cutover_diagnostics::sanitize::inert_line;
use cutover_plan::signoffs::SignOff;

use super::Given;
use crate::args::RunOf;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::verbs::sign::keep;

/// Lets the journal of a run carry a sign-off; `false` when it has it already.
pub(crate) fn carry(project: &Path, env: &Path, sign_off: &SignOff) -> Result<bool, Failure> {
    let of = RunOf { bundle: project.to_owned(), env: env.to_owned() };
    Given::read(&of)?.change(|look| Ok(look.sign(sign_off)?))
}

/// `cutover signoffs export`: what the journal carries goes into the files of the project.
pub(crate) fn export(of: &RunOf) -> Result<Exit, Failure> {
    let given = Given::read(of)?;
    let signed = given.look(|look| Ok(look.signed()?))?;
    let project =
        given.folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut out = std::io::stdout().lock();
    let mut count = 0;
    for sign_off in &signed {
        // The journal is a file like any other: a name in it becomes no path.
        if !given.bundle.plan.people.contains_key(&sign_off.by) {
            writeln!(out, "`{}` is nobody of the plan's team: not written", inert_line(&sign_off.by))?;
            continue;
        }
        if let Some(path) = keep(project, sign_off)? {
            count += 1;
            let (item, path) = (inert_line(sign_off.item.as_str()), path.display().to_string());
            writeln!(out, "{item} by {}: written to {}", inert_line(&sign_off.by), inert_line(&path))?;
        }
    }
    writeln!(out, "{count} written; commit them, so that git knows who signed")?;
    Ok(Exit::Clean)
}
