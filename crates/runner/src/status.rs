//! Where a run is: now, next, and who is waited for.

use cutover_plan::Plan;

use crate::context::Context;
use crate::gates::{For, Wait, is_people, waits};
use crate::journal::{Counts, Journal, State};
use crate::problem::Problem;
use crate::run::{by_hand, is_final, paused};

/// Where a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The account to which it writes.
    pub account: String,
    /// Digest of the plan.
    pub plan: String,
    /// Who took the run over on another machine.
    pub elsewhere: Option<String>,
    /// Who paused it, and why.
    pub paused: Option<(String, String)>,
    /// Stages that are over, of how many.
    pub over: (usize, usize),
    /// Stages that began and are not over.
    pub now: Vec<(String, String)>,
    /// Stages that did not pass, and how they went.
    pub failed: Vec<(String, String)>,
    /// Stages whose turn it is and that wait for somebody or a time; then those that the tool does itself.
    pub waiting: Vec<Wait>,
    /// Stages that the tool goes on with when it is run.
    pub next: Vec<(String, String)>,
    /// Records so far, by stage.
    pub counts: Vec<(String, Vec<(String, Counts)>)>,
    /// Rejects so far by stage, kind and code.
    pub rejects: Vec<(String, String, String, u64)>,
    /// The first stage that cannot be taken back, and whether it is over.
    pub no_return: Option<(String, bool)>,
    /// Seconds since 1970.
    pub at: i64,
}

/// What to say where somebody took the run over.
#[must_use]
pub fn elsewhere(by: &str) -> String {
    format!("{by} took this run over: what this machine knows was so before, and the run goes on over there")
}

/// Where a run is. Nothing is written.
pub(crate) fn status(ctx: &Context<'_>) -> Result<Status, Problem> {
    let plan = ctx.plan;
    let mut status = Status {
        account: ctx.journal.value("account")?.unwrap_or_default(),
        plan: plan.digest.clone(),
        elsewhere: crate::ship::taken_over(ctx.journal, ctx.environment)?,
        paused: paused(ctx)?,
        over: (0, plan.stages.len()),
        now: Vec::new(),
        failed: Vec::new(),
        waiting: Vec::new(),
        next: Vec::new(),
        counts: Vec::new(),
        rejects: rejects(ctx.journal)?,
        no_return: None,
        at: ctx.clock.now(),
    };
    // What people still have to do on the way back comes first.
    for (step, who, what) in undo_steps(ctx)? {
        status.waiting.push(Wait { stage: step, title: what, what: For::Person { by: who } });
    }
    for stage in &plan.stages {
        let id = stage.id.to_string();
        let row = ctx.journal.stage(&id)?;
        let counts = ctx.journal.counts(&id)?;
        if !counts.is_empty() {
            status.counts.push((id.clone(), counts));
        }
        if status.no_return.is_none() && is_final(stage).is_some() {
            status.no_return = Some((id.clone(), row.state == State::Done));
        }
        let titled = (id, stage.title.clone());
        match row.state {
            State::Done => {
                status.over.0 += 1;
                continue;
            }
            State::Running => status.now.push(titled.clone()),
            State::Failed => status.failed.push((titled.0.clone(), row.note.clone())),
            State::Waiting | State::Undone => {}
        }
        let mut ready = true;
        for need in &stage.needs {
            ready &= ctx.journal.stage(need.stage.as_str())?.state == State::Done;
        }
        if ready && row.state != State::Failed {
            let people = is_people(stage.kind) || by_hand(ctx, stage);
            match waits(ctx, stage, people)? {
                Some(what) => status.waiting.push(Wait { stage: titled.0, title: titled.1, what }),
                None if row.state == State::Running => {}
                None => status.next.push(titled),
            }
        }
    }
    Ok(status)
}

/// What people have to do after everything was taken back: step, who, what.
pub(crate) fn undo_steps(ctx: &Context<'_>) -> Result<Vec<(String, String, String)>, Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT name, value FROM run WHERE name LIKE 'undo/%' AND NOT EXISTS
           (SELECT 1 FROM event WHERE what = 'did' AND subject = name
            AND seq > (SELECT coalesce(max(seq), 0) FROM event WHERE what = 'rollback')) ORDER BY value",
    )?;
    let rows = get.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut all = Vec::new();
    for row in rows {
        let (step, value) = row?;
        let mut parts = value.splitn(3, '|').skip(1);
        let (who, what) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        all.push((step, who.to_owned(), what.to_owned()));
    }
    Ok(all)
}

/// What stands in the place of a cause where nobody knows whether the new desk has a record.
pub(crate) const IN_DOUBT: &str = "in-doubt";

/// Rejects by stage, kind and code, the most first; then what is in doubt.
pub(crate) fn rejects(journal: &Journal) -> Result<Vec<(String, String, String, u64)>, Problem> {
    let mut get = journal.db.prepare_cached(
        "SELECT stage, kind, code, count(*), 0 FROM reject GROUP BY stage, kind, code
         UNION ALL SELECT stage, kind, 'in-doubt', count(*), 1 FROM record WHERE state = 'uncertain' GROUP BY stage, kind
         UNION ALL SELECT 'stage/drain/' || inbound, 'message', 'in-doubt', count(*), 1 FROM message WHERE state = 'uncertain' GROUP BY inbound
         ORDER BY 5, 1, 4 DESC, 2, 3",
    )?;
    let rows = get.query_map([], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl For {
    /// What is waited for, in plain words. Times are those of the window's zone.
    #[must_use]
    pub fn words(&self, plan: &Plan) -> String {
        let name = |by: &String| {
            plan.people.get(by).map_or_else(|| by.clone(), |person| format!("{} ({by})", person.name))
        };
        match self {
            For::Signatures { item, by, again } => {
                let by: Vec<String> = by.iter().map(name).collect();
                let again = if *again { " again, since everything was taken back" } else { "" };
                format!("{} has to sign `{item}`{again}", by.join(" and "))
            }
            For::Person { by } => format!("{} has to do it and say so", name(by)),
            For::Look { item, by } => format!("{} has to look at `{item}` and say so", name(by)),
            For::Moment { at } => format!("it begins at {}", local(plan, *at)),
        }
    }
}

/// A time as the people of the window have it.
#[must_use]
pub fn local(plan: &Plan, at: i64) -> String {
    let window = plan.migration.window.as_ref();
    let offset = window.map_or(0, |window| {
        let before = window.offsets.iter().take_while(|offset| offset.from.seconds() <= at).last();
        before.or(window.offsets.first()).map_or(0, |offset| i64::from(offset.seconds))
    });
    let text = cutover_ir::time::Instant::from_seconds(at + offset).to_string();
    let text = text.trim_end_matches('Z').replace('T', " ");
    match window {
        Some(window) => format!("{text} ({})", window.zone),
        None => format!("{text} (UTC)"),
    }
}
