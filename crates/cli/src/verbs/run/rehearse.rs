//! `cutover rehearse`.

use std::io::Write as _;

use cutover_diagnostics::sanitize::inert_line;

use super::Given;
use crate::args::RehearseArgs;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &RehearseArgs) -> Result<Exit, Failure> {
    let given = Given::read(&args.of)?;
    if args.dry_run {
        return given.forecast(true);
    }
    let secrets = |name: &str| std::env::var(name).ok();
    let die_at = std::env::var(super::DIE_AT).ok();
    let opening = given.opening(args.account.as_deref(), &secrets, die_at.as_deref());
    let found = cutover_runner::rehearse(&opening, args.seed)?;
    let mut out = std::io::stdout().lock();
    for line in found.lines() {
        writeln!(out, "{}", inert_line(&line))?;
    }
    writeln!(out, "kept in {}", inert_line(&found.file.display().to_string()))?;
    if !found.passed() {
        writeln!(out, "the rehearsal failed")?;
        return Ok(Exit::NotVerified);
    }
    if found.is_clean() {
        writeln!(out, "the rehearsal passed")?;
        return Ok(Exit::Clean);
    }
    writeln!(out, "the rehearsal passed; what is listed above is for whoever signs it to judge")?;
    Ok(Exit::Findings)
}
