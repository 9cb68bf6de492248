//! `cutover skip`.

use std::io::Write as _;

use cutover_diagnostics::sanitize::inert_line;

use super::Given;
use crate::args::SkipArgs;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &SkipArgs) -> Result<Exit, Failure> {
    let kind = Given::read(&args.of)?
        .change(|look| Ok(look.skip(args.kind.as_deref(), &args.id, &args.by, &args.because)?))?;
    writeln!(std::io::stdout(), "{} {} stays behind", inert_line(&kind), inert_line(&args.id))?;
    Ok(Exit::Clean)
}
