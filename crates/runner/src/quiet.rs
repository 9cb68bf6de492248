//! Nothing is written while the new desk could write to customers: what comes after it speaks again is written in a silence of its own.

use cutover_connect::Silence;
use cutover_plan::model::Operation;

use crate::context::Context;
use crate::desk::Desk;
use crate::journal::State;
use crate::problem::Problem;

/// Under what the journal keeps what the desk is quiet for.
const FOR: &str = "quiet for";

/// Does something that writes, with a desk that is quiet: as the plan made it, or for this alone. What it says afterwards is what it said before.
pub(crate) fn quietly<T>(
    ctx: &Context<'_>,
    desk: &mut Desk,
    what: &str,
    act: impl FnOnce(&mut Desk) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let Some(silence) = would_speak(ctx)? else { return act(desk) };
    ctx.journal.set_value(FOR, what)?;
    if !desk.quiet(true)? && !said_quiet(ctx, &silence)? {
        ctx.journal.db.prepare_cached("DELETE FROM run WHERE name = ?1")?.execute([FOR])?;
        return Err(Problem::new(format!("{what}: the new desk speaks again, and would write to customers"))
            .help(format!(
                "have it made quiet, and say so: `cutover did {silence} …`; this program cannot do that in this desk"
            )));
    }
    let before = sent(desk)?;
    ctx.journal.event(ctx.clock.now(), "quiet", "", what, "the new desk is made quiet for this")?;
    ctx.points.pass("silenced", &ctx.clock);
    let result = act(desk);
    let after = sent(desk)?;
    speak(ctx, desk)?;
    if let (Some(before), Some(after)) = (before, after)
        && after > before
    {
        let text = format!("the new desk has sent {} messages while it had to be quiet", after - before);
        ctx.journal.event(ctx.clock.now(), "pause", "plan", what, &text)?;
        return Err(Problem::new(text).help("the run is paused: look whom it wrote to before it goes on"));
    }
    result
}

/// Lets a desk speak that a run which died had made quiet for something.
pub(crate) fn after_death(ctx: &Context<'_>, desk: &mut Desk) -> Result<(), Problem> {
    if ctx.journal.value(FOR)?.is_some() { speak(ctx, desk) } else { Ok(()) }
}

fn speak(ctx: &Context<'_>, desk: &mut Desk) -> Result<(), Problem> {
    let what = ctx.journal.value(FOR)?.unwrap_or_default();
    // Where the plan wants silence again by now, it stays quiet.
    let text = if is_over(ctx)? {
        desk.quiet(false)?;
        "the new desk speaks again"
    } else {
        "the new desk stays quiet"
    };
    ctx.journal.event(ctx.clock.now(), "quiet", "", &what, text)?;
    ctx.journal.db.prepare_cached("DELETE FROM run WHERE name = ?1")?.execute([FOR])?;
    Ok(())
}

fn sent(desk: &mut Desk) -> Result<Option<u64>, Problem> {
    Ok(match desk.connector().silence()? {
        Silence::Sent(sent) => Some(sent),
        _ => None,
    })
}

/// The stage that makes the desk quiet, where it has to be and is not.
fn would_speak(ctx: &Context<'_>) -> Result<Option<String>, Problem> {
    if ctx.environment.rehearsal {
        return Ok(None);
    }
    for stage in &ctx.plan.stages {
        if matches!(stage.operation, Operation::Silence { .. })
            && (ctx.journal.stage(stage.id.as_str())?.state != State::Done || is_over(ctx)?)
        {
            return Ok(Some(stage.id.to_string()));
        }
    }
    Ok(None)
}

/// Whether the silence of the plan is over.
fn is_over(ctx: &Context<'_>) -> Result<bool, Problem> {
    for stage in &ctx.plan.stages {
        if matches!(stage.operation, Operation::Unsilence)
            && ctx.journal.stage(stage.id.as_str())?.state == State::Done
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether somebody said that the desk was made quiet, after it spoke again.
fn said_quiet(ctx: &Context<'_>, silence: &str) -> Result<bool, Problem> {
    let mut since = 0;
    for stage in &ctx.plan.stages {
        if matches!(stage.operation, Operation::Unsilence) {
            since = ctx.journal.stage(stage.id.as_str())?.ended.unwrap_or(0);
        }
    }
    let sql = "SELECT 1 FROM event WHERE what = 'did' AND subject = ?1 AND at >= ?2";
    Ok(ctx.journal.db.prepare_cached(sql)?.exists(rusqlite::params![silence, since])?)
}
