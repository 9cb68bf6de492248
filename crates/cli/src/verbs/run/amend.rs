//! `cutover amend`.

use std::io::Write as _;

use cutover_diagnostics::sanitize::inert_line;
use cutover_diff::render;
use cutover_plan::bundle;
use cutover_plan::text::numbers::number;
use cutover_runner::Amending;

use super::{Given, short};
use crate::args::AmendArgs;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &AmendArgs) -> Result<Exit, Failure> {
    let given = Given::read(&args.of)?;
    let inside = args.new.join("plan");
    let folder = if inside.join(bundle::PLAN).is_file() { inside } else { args.new.clone() };
    let new = bundle::read(&folder)
        .map_err(|error| Failure::new(format!("no plan in {}", args.new.display())).because(error))?;
    let secrets = |name: &str| std::env::var(name).ok();
    let how = Amending {
        new: &new,
        folder: &folder,
        by: &args.by,
        second: args.second.as_deref(),
        why: &args.because,
        dry: args.dry_run,
    };
    let die_at = std::env::var(super::DIE_AT).ok();
    let amended = cutover_runner::amend(&given.opening(None, &secrets, die_at.as_deref()), &how)?;
    let mut out = std::io::stdout().lock();
    out.write_all(render::terminal(&amended.diff).as_bytes())?;
    writeln!(out, "{} records were mapped again", number(amended.records))?;
    if amended.mended > 0 {
        writeln!(
            out,
            "{} that were rejected would go over: `cutover retry rejects`",
            number(amended.mended)
        )?;
    }
    for stage in &amended.reopened {
        writeln!(out, "{} is asked for again: what it is about has changed", inert_line(stage))?;
    }
    if !amended.refused.is_empty() {
        for why in &amended.refused {
            writeln!(out, "refused: {}", inert_line(why))?;
        }
        return Ok(Exit::Findings);
    }
    if args.dry_run {
        writeln!(out, "the run would go on with this plan; nothing was changed")?;
    } else {
        let folder = folder.display().to_string();
        writeln!(out, "the run goes on with plan {} in {}", short(&amended.digest), inert_line(&folder))?;
    }
    Ok(Exit::Clean)
}
