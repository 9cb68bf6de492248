//! The way back: the inverse of each stage, last stage first, record by record out of the journal.

use std::collections::{BTreeMap, BTreeSet};

use cutover_connect::Undone;
use cutover_plan::model::{Inverse, LoadMode, Operation, Phase, Stage, Undo};
use rusqlite::params;

use crate::calls::repeating;
use crate::context::{Context, Event};
use crate::desk::Desk;
use crate::journal::State;
use crate::kept::{Kept, keep};
use crate::problem::Problem;
use crate::run::is_final;
use crate::trigger;
use crate::wave;

/// What a rollback does, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WayBack {
    /// Records that are deleted in the target, by kind of the target.
    pub deleted: BTreeMap<String, u64>,
    /// Records that were gone already.
    pub gone: u64,
    /// Records that stay, with the reason; up to a hundred are named: kind, id, why.
    pub kept: Vec<(String, String, String)>,
    /// How many stay.
    pub stay: u64,
    /// Records of which it is not known whether the target has them: somebody has to look.
    pub uncertain: u64,
    /// What people have to do: step, words and who does it, in the order in which it is to be done.
    pub by_people: Vec<(String, String, String)>,
    /// What the new desk has that no run brought.
    pub new: Kept,
    /// The message that customers are sent, by the digest of its text in the plan's folder.
    pub message: Option<String>,
    /// Stages that are over and cannot be taken back, with the reason.
    pub final_stages: Vec<(String, String)>,
}

/// Records that are taken back in one transaction.
const BATCH: i64 = 500;

/// What is to be taken back, and who says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Back<'a> {
    /// One wave (`wave/history`); everything without.
    pub wave: Option<&'a str>,
    /// Only say what would be done.
    pub dry: bool,
    /// Also behind the point of no return.
    pub anyway: bool,
    /// Who decides.
    pub by: &'a str,
    /// Why.
    pub why: &'a str,
}

/// Checks that somebody may decide about the way back: who the plan names, or anybody of the team where it names nobody.
pub(crate) fn may_decide(ctx: &Context<'_>, by: &str) -> Result<(), Problem> {
    if !ctx.plan.people.contains_key(by) {
        return Err(Problem::new(format!("`{by}` is nobody of the plan's team")));
    }
    match trigger::rollback(ctx) {
        Some(rollback)
            if !rollback.decided_by.is_empty() && !rollback.decided_by.iter().any(|one| one == by) =>
        {
            Err(Problem::new(format!("`{by}` does not decide about the way back"))
                .help(format!("the plan says who does: {}", rollback.decided_by.join(", "))))
        }
        _ => Ok(()),
    }
}

/// Takes back everything, or one wave; in a dry run, only says what would be done.
pub(crate) fn rollback(ctx: &Context<'_>, desk: &mut Desk, how: Back<'_>) -> Result<WayBack, Problem> {
    let Back { wave, dry, anyway, by, why } = how;
    let mut back = WayBack::default();
    for stage in &ctx.plan.stages {
        if ctx.journal.stage(stage.id.as_str())?.state == State::Done
            && let Some(because) = is_final(stage)
        {
            back.final_stages.push((stage.id.to_string(), because.to_owned()));
        }
    }
    let of_wave = wave.map(|wave| wave::stages(ctx, wave)).transpose()?;
    if !dry && !anyway && !back.final_stages.is_empty() {
        let (stage, because) = back.final_stages.first().cloned().unwrap_or_default();
        return Err(Problem::new(format!("{stage} is over and cannot be taken back: {because}")).help(
            "look with `--dry-run` what would be undone; to do it all the same, add `--past-no-return`",
        ));
    }
    let scope = wave.unwrap_or("everything");
    if let Some(begun) = ctx.journal.value(BEGUN)?
        && begun == "everything"
        && begun != scope
    {
        return Err(Problem::new("everything is being taken back, and that was cut off")
            .help("take everything back: `cutover rollback` without `--wave`"));
    }
    if wave.is_none() {
        back.new = keep(ctx, desk, dry || ctx.environment.rehearsal)?;
        back.message = trigger::rollback(ctx).and_then(|rollback| rollback.message.clone());
    }
    if !dry && wave.is_none() {
        // What people did after a way back before this one stays done.
        let open: BTreeSet<String> = crate::status::undo_steps(ctx)?.into_iter().map(|step| step.0).collect();
        let steps = ctx.journal.names("undo/")?;
        for step in steps.iter().filter(|step| !open.contains(*step)) {
            ctx.journal.forget_value(step)?;
        }
    }
    if !dry {
        // Only the way back looks for what belongs to a record; while records are loaded, the index would only cost.
        ctx.journal.db.execute_batch(
            "CREATE INDEX IF NOT EXISTS record_owner ON record (owner) WHERE owner IS NOT NULL",
        )?;
    }
    if let (Some(wave), Some(of_wave)) = (wave, &of_wave) {
        replaced(ctx)?;
        wave::free(ctx, desk, wave, of_wave, dry)?;
    }
    if !dry && !ctx.environment.rehearsal {
        // From here on nothing goes forward before the way back is over, whatever cuts it off.
        ctx.journal.together(|| {
            ctx.journal.set_value(BEGUN_BY, by)?;
            ctx.journal.set_value(BEGUN, scope)
        })?;
    }
    for (at, stage) in ctx.plan.stages.iter().rev().enumerate() {
        let id = stage.id.as_str();
        let row = ctx.journal.stage(id)?;
        // What an earlier way back had to leave there is tried once more.
        let left = row.state == State::Undone && ctx.loads.contains_key(id) && has_kept(ctx, id)?;
        if matches!(row.state, State::Waiting | State::Undone) && !left {
            continue;
        }
        if let Some(of_wave) = &of_wave {
            match &stage.operation {
                Operation::Load { .. } if of_wave.contains(id) => {}
                // What looks for changes looks again: by then, more may have changed in what is loaded anew.
                Operation::Load { mode, .. } if !dry && *mode != LoadMode::Create => {
                    let lost = ctx.journal.counts(id)?.iter().any(|(_, counts)| counts.rejected > 0);
                    if !lost {
                        again(ctx, stage)?;
                        ctx.journal.forget_value(&crate::delta::changes(id))?;
                    }
                    continue;
                }
                // What compares the wave, or links it, is done again once the wave is loaded again.
                Operation::Link { kind, field, .. } if !dry => {
                    wave::unlink(ctx, stage, kind, field, of_wave)?;
                    continue;
                }
                Operation::Verify { wave: Some(of), .. } if !dry && Some(of.0.as_str()) == wave => {
                    again(ctx, stage)?;
                    continue;
                }
                Operation::Verify { wave: None, .. } if !dry && needs(ctx, stage, of_wave) => {
                    again(ctx, stage)?;
                    continue;
                }
                _ => continue,
            }
        }
        match &stage.undo {
            Undo::NotNeeded => {
                // What only reads or compares is done again by the next run.
                if !dry
                    && wave.is_none()
                    && matches!(stage.operation, Operation::Verify { .. } | Operation::Link { .. })
                {
                    again(ctx, stage)?;
                }
            }
            Undo::Irreversible { .. } => {}
            // What replaced or joined the first load goes with it.
            Undo::Inverse(Inverse::DeleteCreated | Inverse::RestoreFields) if ctx.loads.contains_key(id) => {
                delete(ctx, desk, stage, dry, &mut back)?;
                if !dry {
                    ctx.journal
                        .db
                        .prepare_cached("DELETE FROM run WHERE name = ?1")?
                        .execute([crate::delta::changes(id)])?;
                }
            }
            Undo::Inverse(Inverse::RestoreFields) => {
                if !dry {
                    again(ctx, stage)?;
                }
            }
            Undo::Inverse(inverse @ (Inverse::Unsilence | Inverse::Silence)) => {
                if !dry {
                    desk.quiet(*inverse == Inverse::Silence)?;
                    again(ctx, stage)?;
                }
            }
            // A rehearsal takes back by itself what it wrote.
            Undo::Inverse(_) if matches!(stage.operation, Operation::Rehearse { .. }) => {}
            Undo::Inverse(inverse) => {
                let who = stage.owner.clone().unwrap_or_default();
                let step = format!("undo/{}", id.strip_prefix("stage/").unwrap_or(id));
                let mut what = words(*inverse).to_owned();
                if *inverse == Inverse::DeliverToSource {
                    what.push_str(&crate::inbound::where_they_wait(ctx, stage)?);
                }
                if !dry && wave.is_none() {
                    // With its stage: a way back that is cut off does not come by here a second time.
                    ctx.journal.set_value(&step, &format!("{at:04}|{who}|{what}"))?;
                }
                back.by_people.push((step, what, who));
            }
        }
        if !dry && wave.is_none() && !ctx.environment.rehearsal && begins_anew(stage) {
            anew(ctx, stage)?;
        }
    }
    if !dry && wave.is_none() && !ctx.environment.rehearsal {
        read_anew(ctx)?;
    }
    if !dry {
        ctx.known.forget();
        if wave.is_none() {
            // What people write from now on was there before the next load.
            ctx.journal.db.execute("DELETE FROM run WHERE name LIKE 'before %'", [])?;
            // What people decided about the load that is gone says nothing about the next one.
            ctx.journal.db.execute("DELETE FROM run WHERE name LIKE 'fired %' OR name = 'late'", [])?;
        }
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        let text = format!("{} records deleted, {} stay{why}", back.deleted.values().sum::<u64>(), back.stay);
        let now = ctx.clock.now();
        ctx.journal.event(now, "rollback", by, wave.unwrap_or("everything"), &text)?;
        if wave.is_none() && !ctx.environment.rehearsal {
            // Nothing is loaded again before somebody says so.
            ctx.journal.event(
                now,
                "pause",
                by,
                "",
                "everything was taken back; `cutover resume` begins it anew",
            )?;
        }
        ctx.journal.forget_value(BEGUN)?;
    }
    Ok(back)
}

/// Whether a stage says nothing any more once everything was taken back: the old desk goes on working, so it is read again; what was
/// switched, built or told is taken back by people; and whoever decided that the night goes ahead decides again.
fn begins_anew(stage: &Stage) -> bool {
    let reads = matches!(
        stage.operation,
        Operation::Export { .. } | Operation::Clean { .. } | Operation::Preflight { .. }
    );
    let late = matches!(stage.phase, Phase::Load | Phase::Night | Phase::Prove | Phase::After | Phase::Close);
    let taken_back = !matches!(stage.undo, Undo::NotNeeded);
    (reads || late || taken_back) && !matches!(stage.operation, Operation::Rehearse { .. })
}

/// A stage begins anew, and what people said about it does not count any more.
fn anew(ctx: &Context<'_>, stage: &Stage) -> Result<(), Problem> {
    if ctx.journal.stage(stage.id.as_str())?.state != State::Undone {
        again(ctx, stage)?;
    }
    ctx.journal.forget_value(&crate::gates::asks(stage))?;
    ctx.journal.event(ctx.clock.now(), "unsigned", TAKEN_BACK, stage.id.as_str(), "everything was taken back")
}

/// Under which names the journal keeps what is being taken back, and who began that.
pub(crate) const BEGUN: &str = "way back";
pub(crate) const BEGUN_BY: &str = "way back by";

/// Who takes a signature away when everything is taken back.
pub(crate) const TAKEN_BACK: &str = "rollback";

/// What the journal keeps of a night, by the beginnings of the names; without `%`, the whole name.
const OF_THE_NIGHT: [&str; 15] = [
    "again %",
    "changed %",
    "cleaned %",
    "downtime told",
    "exported %",
    "found of %",
    "order %",
    "orphans of %",
    "parts taken out of %",
    "sent before",
    "taken out of %",
    "told %",
    "unanswered %",
    "waived up to %",
    "waiting changes",
];

/// The old desk is read again from its beginning, and what waited for the new one went to it.
fn read_anew(ctx: &Context<'_>) -> Result<(), Problem> {
    crate::inbound::wait_again(ctx)?;
    for name in OF_THE_NIGHT {
        ctx.journal.db.prepare_cached("DELETE FROM run WHERE name LIKE ?1")?.execute([name])?;
    }
    let kinds = ctx.work.kinds()?;
    ctx.work.together(|| kinds.iter().try_for_each(|kind| ctx.work.forget(kind)))
}

/// Whether a stage needs one of others, directly or by way of more.
fn needs(ctx: &Context<'_>, stage: &Stage, others: &BTreeSet<String>) -> bool {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = stage.needs.iter().map(|need| need.stage.as_str()).collect();
    while let Some(id) = open.pop() {
        if others.contains(id) {
            return true;
        }
        if seen.insert(id)
            && let Some(stage) = ctx.plan.stages.iter().find(|stage| stage.id.as_str() == id)
        {
            open.extend(stage.needs.iter().map(|need| need.stage.as_str()));
        }
    }
    false
}

/// What changed was taken over for all waves at once, and a record does not say any more which wave it came with.
fn replaced(ctx: &Context<'_>) -> Result<(), Problem> {
    for stage in &ctx.plan.stages {
        let id = stage.id.as_str();
        let late = ctx.loads.get(id).is_some_and(|load| load.mode != LoadMode::Create);
        let counts = if late { ctx.journal.counts(id)? } else { Vec::new() };
        if counts.iter().any(|(_, counts)| counts.written > 0) {
            return Err(Problem::new(format!("{id} has replaced records of several waves"))
                .help("one wave can no longer go alone; without `--wave`, everything goes"));
        }
    }
    Ok(())
}

/// Deletes what a load stage created, last record first.
fn delete(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &Stage,
    dry: bool,
    back: &mut WayBack,
) -> Result<(), Problem> {
    let id = stage.id.as_str();
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT into_kind, state, count(*) FROM record WHERE stage = ?1 GROUP BY into_kind, state",
    )?;
    let rows = get.query_map([id], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
    })?;
    for row in rows {
        let (kind, state, count) = row?;
        let count = u64::try_from(count).unwrap_or(0);
        match state.as_str() {
            "done" if dry => *back.deleted.entry(kind).or_default() += count,
            "intent" | "uncertain" => back.uncertain += count,
            _ => {}
        }
    }
    if dry {
        return Ok(());
    }
    (ctx.tell)(&Event::Begins { stage: id.to_owned(), title: format!("Take back: {}", stage.title) });
    let mut before = i64::MAX;
    let mut dealt = 0;
    loop {
        let rows = page(ctx, id, before)?;
        let Some(last) = rows.last().map(|row| row.0) else { break };
        let together = desk.together;
        let mut act = || {
            for (seq, kind, target) in &rows {
                let found = "SELECT 1 FROM found WHERE record = ?1";
                let undone = if ctx.journal.db.prepare_cached(found)?.exists([seq])? {
                    Undone::Kept { why: "it was there before, under the same name".to_owned() }
                } else {
                    call(ctx, desk, kind, target)?
                };
                let state = match undone {
                    Undone::Removed => {
                        *back.deleted.entry(kind.clone()).or_default() += 1;
                        "undone"
                    }
                    Undone::Gone => {
                        back.gone += 1;
                        "undone"
                    }
                    Undone::Kept { why } => {
                        back.stay += 1;
                        if back.kept.len() < 100 {
                            back.kept.push((kind.clone(), target.clone(), why));
                        }
                        "kept"
                    }
                };
                if state == "undone" {
                    forget(ctx, *seq, back)?;
                } else {
                    for sql in [
                        "UPDATE record SET state = 'kept' WHERE seq = ?1 OR owner = ?1 AND state = 'done'",
                        "DELETE FROM link WHERE record = ?1",
                    ] {
                        ctx.journal.db.prepare_cached(sql)?.execute([seq])?;
                    }
                }
            }
            Ok(())
        };
        // With an embedded desk, deletion and journal are one transaction; elsewhere, to delete twice is to find it gone.
        if together {
            ctx.journal.together(&mut act)?;
        } else {
            act()?;
        }
        ctx.points.pass("undone", &ctx.clock);
        before = last;
        dealt += rows.len() as u64;
        (ctx.tell)(&Event::Progress { stage: id.to_owned(), records: dealt });
    }
    again(ctx, stage)
}

/// A record and its parts are no longer in the target.
fn forget(ctx: &Context<'_>, seq: i64, back: &mut WayBack) -> Result<(), Problem> {
    let mut parts = ctx.journal.db.prepare_cached(
        "SELECT into_kind, count(*) FROM record WHERE owner = ?1 AND state IN ('done', 'kept') GROUP BY into_kind",
    )?;
    let rows = parts.query_map([seq], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    for row in rows {
        let (kind, count) = row?;
        *back.deleted.entry(kind).or_default() += u64::try_from(count).unwrap_or(0);
    }
    ctx.journal
        .db
        .prepare_cached("UPDATE record SET state = 'undone', target = '' WHERE seq = ?1 OR owner = ?1")?
        .execute([seq])?;
    ctx.journal.db.prepare_cached("DELETE FROM link WHERE record = ?1")?.execute([seq])?;
    Ok(())
}

fn page(ctx: &Context<'_>, stage: &str, before: i64) -> Result<Vec<(i64, String, String)>, Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT seq, into_kind, target FROM record
         WHERE seq < ?2 AND stage = ?1 AND owner IS NULL AND state IN ('done', 'kept') ORDER BY seq DESC LIMIT ?3",
    )?;
    let rows =
        get.query_map(params![stage, before, BATCH], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether records of a load stage stayed in the target when it was taken back.
fn has_kept(ctx: &Context<'_>, stage: &str) -> Result<bool, Problem> {
    let sql = "SELECT 1 FROM record WHERE stage = ?1 AND state = 'kept'";
    Ok(ctx.journal.db.prepare_cached(sql)?.exists([stage])?)
}

/// A stage that is taken back begins anew.
fn again(ctx: &Context<'_>, stage: &Stage) -> Result<(), Problem> {
    let id = stage.id.as_str();
    ctx.journal.together(|| {
        for sql in [
            "DELETE FROM counts WHERE stage = ?1",
            "DELETE FROM filtered WHERE stage = ?1",
            "DELETE FROM reject WHERE stage = ?1",
            "DELETE FROM run WHERE name LIKE 'orphans of %' AND value = ?1",
        ] {
            ctx.journal.db.prepare_cached(sql)?.execute([id])?;
        }
        ctx.journal.set_cursor(id, 0)?;
        ctx.journal.end_stage(id, State::Undone, "taken back", ctx.clock.now())
    })
}

/// Deletes until there is an answer: what is gone already is an answer too.
pub(crate) fn call(ctx: &Context<'_>, desk: &mut Desk, kind: &str, id: &str) -> Result<Undone, Problem> {
    repeating(ctx, || desk.connector().undo(kind, id))?.map_err(Problem::from)
}

fn words(inverse: Inverse) -> &'static str {
    match inverse {
        Inverse::DeleteCreated => "delete what was created by hand",
        Inverse::RestoreFields => "write the old values back",
        Inverse::SwitchOff => "switch off what was built",
        Inverse::SwitchOn => "switch on again what was switched off in the old desk",
        Inverse::SwitchBack => "lead the channel back to the old desk",
        Inverse::DeliverToSource => "deliver the held messages to the old desk",
        Inverse::AllowWrites => "let people write to the old desk again",
        Inverse::Unsilence => "let the new desk speak again",
        Inverse::Silence => "make the new desk quiet again",
        Inverse::SuspendClocks => "stop the clocks again",
        Inverse::Correct => "send a second message that corrects the first",
        Inverse::Unfreeze => "let people change the rules again",
    }
}
