//! `cutover preflight`.

use std::io::Write as _;

use cutover_diagnostics::sanitize::inert_line;
use cutover_runner::Passed;

use super::Given;
use crate::args::RunOf;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(of: &RunOf) -> Result<Exit, Failure> {
    let given = Given::read(of)?;
    let secrets = |name: &str| std::env::var(name).ok();
    let all = cutover_runner::preflight(&given.opening(None, &secrets, None))?;
    let mut out = std::io::stdout().lock();
    for one in &all {
        let (what, words) = (inert_line(&one.what), inert_line(&one.words));
        writeln!(out, "{:<13}  {what}: {words}", one.passed.word())?;
    }
    let count = |passed: Passed| all.iter().filter(|one| one.passed == passed).count();
    let (failed, open) = (count(Passed::No), count(Passed::NotLookedAt));
    writeln!(out, "{} pass, {failed} fail, {open} are for people to look at", count(Passed::Yes))?;
    Ok(match (failed, open) {
        (0, 0) => Exit::Clean,
        (0, _) => Exit::Findings,
        _ => Exit::NotVerified,
    })
}
