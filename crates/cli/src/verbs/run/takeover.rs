//! `cutover takeover` and `cutover lock`.

use std::io::Write as _;

use cutover_diagnostics::sanitize::inert_line;
use cutover_plan::text::numbers::number;
use cutover_runner::local;

use super::Given;
use crate::args::{LockArgs, LockWhat, TakeoverArgs};
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &TakeoverArgs) -> Result<Exit, Failure> {
    let given = Given::read(&args.of)?;
    let secrets = |name: &str| std::env::var(name).ok();
    let opening = given.opening(None, &secrets, None);
    let taken = cutover_runner::takeover(&opening, args.from.as_deref(), &args.by, &args.because)?;
    let mut out = std::io::stdout().lock();
    let account = given.bundle.plan.systems.get("target").map_or("", |system| system.account.as_str());
    let from = taken.from.map_or_else(|| "nobody held it".to_owned(), |from| format!("from {from}"));
    writeln!(
        out,
        "the run to the account {} is this machine's now, {}",
        inert_line(account),
        inert_line(&from)
    )?;
    writeln!(
        out,
        "the copy knows of {} stages that are over and {} records; what came after it is looked for in the new desk",
        number(taken.over),
        number(taken.written)
    )?;
    writeln!(out, "`cutover run` goes on")?;
    Ok(Exit::Clean)
}

pub(crate) fn lock(args: &LockArgs) -> Result<Exit, Failure> {
    let secrets = |name: &str| std::env::var(name).ok();
    let mut out = std::io::stdout().lock();
    match &args.what {
        LockWhat::Status(of) => {
            let given = Given::read(of)?;
            let (holder, busy) = cutover_runner::holder(&given.opening(None, &secrets, None))?;
            match holder {
                None => writeln!(out, "nobody holds the run")?,
                Some(holder) => {
                    let at = local(&given.bundle.plan, holder.at);
                    writeln!(out, "held by {}", inert_line(&holder.who))?;
                    writeln!(
                        out,
                        "last sign of life {at}, by its own clock; {} s without one and it is over",
                        holder.length
                    )?;
                    if holder.here {
                        let alive = if busy {
                            "it runs on this machine"
                        } else {
                            "on this machine, where no program runs it any more"
                        };
                        writeln!(out, "{alive}")?;
                    }
                }
            }
        }
        LockWhat::Break(args) => {
            let given = Given::read(&args.of)?;
            let who =
                cutover_runner::break_lock(&given.opening(None, &secrets, None), &args.by, &args.reason)?;
            writeln!(out, "{} holds the run no longer", inert_line(&who))?;
        }
    }
    Ok(Exit::Clean)
}
