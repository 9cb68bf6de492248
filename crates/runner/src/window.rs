//! The window: what the plan places in it does not begin behind its end, nor when the rest would not fit any more; and how long customers
//! have been waiting for an answer, against what the plan allows.

use cutover_plan::model::{Operation, Phase, Placement, Stage};
use cutover_plan::text::numbers::span;

use crate::context::Context;
use crate::journal::State;
use crate::notify::{About, tell, tell_once};
use crate::problem::Problem;
use crate::status::local;
use crate::trigger;
use crate::view::Ahead;

/// Who pauses a run that is too late.
pub(crate) const WINDOW: &str = "window";
/// Under what the journal keeps about what people have decided.
pub(crate) const DECIDED: &str = "late";

/// Pauses the run when a stage of the window is about to begin too late, and tells who decides; whether it did. What people have decided
/// about is not asked again.
pub(crate) fn too_late(ctx: &Context<'_>, stage: &Stage, by_hand: bool) -> Result<bool, Problem> {
    let Some(window) = &ctx.plan.migration.window else { return Ok(false) };
    // The look of the minute before belongs to the window as well.
    let inside = stage.placement == Placement::In || matches!(stage.operation, Operation::Preflight { .. });
    if by_hand || !inside || stage.phase == Phase::Close || ctx.environment.rehearsal {
        return Ok(false);
    }
    let (now, end) = (ctx.clock.now(), window.end.seconds());
    let late = |seconds: i64| span(seconds.unsigned_abs());
    let (how, what) = if now >= end {
        ("over", format!("the window ended {} ago, at {}", late(now - end), local(ctx.plan, end)))
    } else {
        let ends = Ahead::of(ctx)?.window_ends.unwrap_or(now);
        if ends <= end {
            return Ok(false);
        }
        let text = format!(
            "by the plan's estimates the work of the window is over {}, {} after the window ends",
            local(ctx.plan, ends),
            late(ends - end)
        );
        ("tight", text)
    };
    let decided = ctx.journal.value(DECIDED)?.unwrap_or_default();
    if decided == how || decided == "over" {
        return Ok(false);
    }
    ctx.journal.set_value(DECIDED, how)?;
    let deciders = trigger::rollback(ctx).map(|back| back.decided_by.clone()).unwrap_or_default();
    let who = if deciders.is_empty() { "the people of the team".to_owned() } else { deciders.join(", ") };
    let text = format!(
        "{what}, and {} has not begun; {who} decide: resume, roll back, or amend the plan with another window",
        stage.id
    );
    ctx.journal.event(now, "pause", WINDOW, stage.id.as_str(), &text)?;
    let about = About { what: "too-late", stage: stage.id.as_str(), text: &text, ..About::default() };
    tell(ctx, about, &deciders)?;
    Ok(true)
}

/// How long customers have been without an answer: from the first address that is held to the last that is drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Downtime {
    /// Seconds.
    pub(crate) lasted: u64,
    /// Seconds that the plan allows.
    pub(crate) allowed: Option<u64>,
    /// Whether everything is drained.
    pub(crate) over: bool,
}

impl Downtime {
    /// In words: `3 h 12 min of 8 h`.
    pub(crate) fn words(&self) -> String {
        let mut text = span(self.lasted);
        if let Some(allowed) = self.allowed {
            text.push_str(&format!(" of {}", span(allowed)));
        }
        if self.is_too_long() {
            text.push_str(", more than the plan allows");
        }
        text
    }

    pub(crate) fn is_too_long(&self) -> bool {
        self.allowed.is_some_and(|allowed| self.lasted > allowed)
    }
}

/// The downtime so far; nothing before the first address is held.
pub(crate) fn downtime(ctx: &Context<'_>) -> Result<Option<Downtime>, Problem> {
    let (mut since, mut until, mut over) = (None::<i64>, None::<i64>, true);
    for stage in &ctx.plan.stages {
        let row = ctx.journal.stage(stage.id.as_str())?;
        let ended = row.ended.filter(|_| row.state == State::Done);
        match &stage.operation {
            Operation::Hold { .. } => since = [since, ended].into_iter().flatten().min(),
            Operation::Drain { .. } => {
                over &= ended.is_some();
                until = until.max(ended);
            }
            _ => {}
        }
    }
    let Some(since) = since else { return Ok(None) };
    let until = until.filter(|_| over).unwrap_or_else(|| ctx.clock.now());
    Ok(Some(Downtime {
        lasted: u64::try_from(until.saturating_sub(since)).unwrap_or(0),
        allowed: ctx.plan.migration.downtime.map(|allowed| allowed.nominal_seconds()),
        over,
    }))
}

/// Tells the deciders once when customers wait longer than the plan allows.
pub(crate) fn watch_downtime(ctx: &Context<'_>) -> Result<(), Problem> {
    let Some(found) = downtime(ctx)?.filter(Downtime::is_too_long) else { return Ok(()) };
    if ctx.journal.value("downtime told")?.is_some() {
        return Ok(());
    }
    ctx.journal.set_value("downtime told", &found.lasted.to_string())?;
    let text = format!("customers have been without an answer for {}", found.words());
    ctx.journal.event(ctx.clock.now(), "downtime", "", "", &text)?;
    let deciders = trigger::rollback(ctx).map(|back| back.decided_by.clone()).unwrap_or_default();
    tell_once(ctx, "downtime", About { what: "downtime", text: &text, ..About::default() }, &deciders)
}
