//! What arrives while nobody may answer: it is held, counted, and delivered once, message by message.
//!
//! With a maildir that takes them, a message is prepared beside its place, the journal says that it is about to be delivered, and one
//! renaming delivers it: what a kill leaves behind tells which of these was the last. A program that takes messages cannot be asked
//! afterwards: a message that was on its way when the run died is in doubt, is listed, and never sent on a guess.

use std::time::Duration;

use cutover_plan::Plan;
use cutover_plan::model::{Operation, Ref, Stage};
use rusqlite::{OptionalExtension as _, params};

use crate::called::{Left, program};
use crate::context::Context;
use crate::environment::{Environment, Spool};
use crate::journal::{Counts, Rejected, State};
use crate::problem::Problem;
use crate::run::Went;
use crate::settle::Settled;
use crate::spool::{Held, Maildir, each};

/// The kind under which messages are counted.
pub(crate) const MESSAGE: &str = "message";
/// Longest time that a program may take for one message, or for holding an address.
const LONGEST: Duration = Duration::from_secs(120);
/// What a program says that may take the message later: `EX_TEMPFAIL`.
const NOT_NOW: i32 = 75;

/// Refuses names that the plan does not have, and spools that lead nowhere.
pub(crate) fn known(plan: &Plan, environment: &Environment) -> Result<(), Problem> {
    let held: Vec<&str> = plan.items.keys().filter_map(|id| id.as_str().strip_prefix("inbound/")).collect();
    for (name, spool) in &environment.inbound {
        if !held.contains(&name.as_str()) {
            return Err(Problem::new(format!("the plan holds nothing that is named `{name}`")).help(
                if held.is_empty() {
                    "take `[inbound]` out of the environment file".to_owned()
                } else {
                    format!("it has {}", held.join(", "))
                },
            ));
        }
        if spool.into.is_some() && !spool.command.is_empty() {
            return Err(Problem::new(format!("messages of `{name}` would be delivered twice"))
                .help("`into` names a maildir, `command` a program: one of them takes the messages"));
        }
    }
    Ok(())
}

/// The addresses of a stage with their spools; nothing where one of them has none.
pub(crate) fn bound<'c>(ctx: &Context<'c>, stage: &Stage) -> Option<Vec<(&'c str, &'c Spool)>> {
    let (Operation::Hold { inbound } | Operation::Drain { inbound }) = &stage.operation else { return None };
    let spool = |of: &Ref| {
        let name = of.0.as_str().strip_prefix("inbound/")?;
        ctx.environment.inbound.get_key_value(name).map(|(name, spool)| (name.as_str(), spool))
    };
    let all: Option<Vec<_>> = inbound.iter().map(spool).collect();
    all.filter(|all| !all.is_empty())
}

/// Whether people hold or drain what a stage is about.
pub(crate) fn by_hand(ctx: &Context<'_>, stage: &Stage) -> bool {
    let Some(all) = bound(ctx, stage) else { return true };
    all.iter().any(|(_, spool)| match stage.operation {
        Operation::Hold { .. } => spool.hold.is_empty(),
        _ => spool.into.is_none() && spool.command.is_empty(),
    })
}

/// Lets what arrives wait, where a program does that, and writes down what waits already.
pub(crate) fn hold(ctx: &Context<'_>, stage: &Stage, said: Went) -> Result<Went, Problem> {
    let Some(all) = bound(ctx, stage) else { return Ok(said) };
    let mut notes: Vec<String> = Some(said.note).filter(|note| !note.is_empty()).into_iter().collect();
    for (name, spool) in all {
        if !spool.hold.is_empty() {
            let how = program(ctx.environment, &spool.hold, b"", &[("CUTOVER_INBOUND", name)], LONGEST)
                .map_err(Problem::new)?;
            if how != Left::Code(0) {
                let note = format!("{name} is not held: `{}` {}", words(&spool.hold), left(how));
                return Ok(Went { passed: false, note, ..Went::default() });
            }
        }
        let path = ctx.environment.path(&spool.spool);
        let mut waiting = Vec::new();
        each(&path, &mut |held| {
            if !is_dealt_with(ctx, name, &held.digest)? {
                waiting.push((held.digest, held.id));
            }
            Ok(())
        })?;
        let count = waiting.len();
        ctx.journal.together(|| {
            for (digest, id) in &waiting {
                set(ctx, name, (digest, id), "held")?;
            }
            Ok(())
        })?;
        ctx.points.pass("held", &ctx.clock);
        let are = if count == 1 { "message waits" } else { "messages wait" };
        notes.push(format!("{count} {are} in {}", spool.spool.display()));
    }
    Ok(Went::well(notes.join("; ")))
}

/// Delivers what waits, message by message, until nothing is left that was not dealt with.
pub(crate) fn drain(ctx: &Context<'_>, stage: &Stage) -> Result<Went, Problem> {
    let id = stage.id.as_str();
    let mut notes = Vec::new();
    let mut passed = true;
    for (name, spool) in bound(ctx, stage).unwrap_or_default() {
        let maildir =
            spool.into.as_ref().map(|into| Maildir::open(&ctx.environment.path(into))).transpose()?;
        let mut drain = Drain { ctx, stage: id, name, spool, maildir, fresh: 0 };
        drain.unfinished()?;
        loop {
            drain.fresh = 0;
            each(&ctx.environment.path(&spool.spool), &mut |held| drain.one(held))?;
            // What came while the last ones were delivered is delivered, too.
            if drain.fresh == 0 {
                break;
            }
        }
        drain.gone()?;
        let of = |state: &str| count(ctx, name, state);
        let (delivered, rejected, doubt) = (of("delivered")?, of("rejected")?, of("uncertain")?);
        let all: i64 = ctx
            .journal
            .db
            .prepare_cached("SELECT count(*) FROM message WHERE inbound = ?1 AND state <> 'returned'")?
            .query_row([name], |row| row.get(0))?;
        passed &= doubt == 0 && delivered + rejected == all;
        let mut note = format!("{name}: {all} held, {delivered} delivered");
        for (count, what) in [(rejected, "rejected"), (doubt, "in doubt")] {
            if count > 0 {
                note.push_str(&format!(", {count} {what}"));
            }
        }
        notes.push(note);
    }
    if !passed {
        notes.push(
            "`cutover rejects` lists what is in doubt, and `cutover settle ID --kind message` settles it"
                .to_owned(),
        );
    }
    Ok(Went { passed, note: notes.join("; "), ..Went::default() })
}

fn count(ctx: &Context<'_>, name: &str, state: &str) -> Result<i64, Problem> {
    let mut get =
        ctx.journal.db.prepare_cached("SELECT count(*) FROM message WHERE inbound = ?1 AND state = ?2")?;
    Ok(get.query_row([name, state], |row| row.get(0))?)
}

/// Notes what became of a message; one that is known keeps what it became, when it is seen to wait again.
fn set(ctx: &Context<'_>, name: &str, (digest, id): (&str, &str), state: &str) -> Result<(), Problem> {
    ctx.journal
        .db
        .prepare_cached(
            "INSERT INTO message (inbound, digest, id, state, at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (inbound, digest) DO UPDATE SET state = ?4, at = ?5 WHERE ?4 <> 'held'",
        )?
        .execute(params![name, digest, id, state, ctx.clock.now()])?;
    Ok(())
}

/// An address that is drained.
struct Drain<'d, 'c> {
    ctx: &'d Context<'c>,
    stage: &'d str,
    name: &'d str,
    spool: &'d Spool,
    maildir: Option<Maildir>,
    /// Messages that were dealt with since the spool was opened.
    fresh: u64,
}

impl Drain<'_, '_> {
    /// What was on its way when the run died.
    fn unfinished(&mut self) -> Result<(), Problem> {
        let mut get = self.ctx.journal.db.prepare_cached(
            "SELECT digest, id FROM message WHERE inbound = ?1 AND state = 'intent' ORDER BY seq",
        )?;
        let rows =
            get.query_map([self.name], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
        for (digest, id) in rows {
            match &self.maildir {
                Some(maildir) => {
                    let name = self.file(&digest);
                    if maildir.is_prepared(&name) {
                        maildir.deliver(&name)?;
                    }
                    self.became(&digest, &id, "delivered", None)?;
                }
                None => self.became(&digest, &id, "uncertain", None)?,
            }
        }
        Ok(())
    }

    /// The name of a message in the maildir: another address may have got the same text.
    fn file(&self, digest: &str) -> String {
        format!("{digest}.{}", self.name)
    }

    fn one(&mut self, held: Held) -> Result<(), Problem> {
        let ctx = self.ctx;
        let mut get =
            ctx.journal.db.prepare_cached("SELECT state FROM message WHERE inbound = ?1 AND digest = ?2")?;
        let state: Option<String> =
            get.query_row([self.name, held.digest.as_str()], |row| row.get(0)).optional()?;
        if state.is_some_and(|state| state != "held") {
            return Ok(());
        }
        if crate::run::paused(ctx)?.is_some() {
            return Err(Problem::paused());
        }
        self.fresh += 1;
        let (digest, id) = (held.digest.as_str(), held.id.as_str());
        if let Some((code, why)) = held.bad {
            return self.became(digest, id, "rejected", Some((code, why)));
        }
        let name = self.file(digest);
        if let Some(maildir) = &self.maildir {
            maildir.prepare(&name, &held.text)?;
        }
        ctx.journal.together(|| set(ctx, self.name, (digest, id), "intent"))?;
        ctx.points.pass("message-intended", &ctx.clock);
        let Some(maildir) = &self.maildir else { return self.hand_over(&held) };
        maildir.deliver(&name)?;
        ctx.points.pass("message-delivered", &ctx.clock);
        self.became(digest, id, "delivered", None)
    }

    /// Hands a message to the program that takes it.
    fn hand_over(&self, held: &Held) -> Result<(), Problem> {
        let ctx = self.ctx;
        let (digest, id) = (held.digest.as_str(), held.id.as_str());
        let more = [("CUTOVER_INBOUND", self.name), ("CUTOVER_MESSAGE", id)];
        let how = match program(ctx.environment, &self.spool.command, &held.text, &more, LONGEST) {
            Ok(how) => how,
            Err(why) => {
                self.waits_on(digest)?;
                return Err(Problem::new(why).help("`command` of the address names the program"));
            }
        };
        ctx.points.pass("message-delivered", &ctx.clock);
        match how {
            Left::Code(0) => self.became(digest, id, "delivered", None),
            Left::Code(NOT_NOW) => {
                self.waits_on(digest)?;
                Err(Problem::later(format!("`{}` takes no messages now", words(&self.spool.command))))
            }
            Left::Code(code) => {
                let why = format!("`{}` refused it: it ended with {code}", words(&self.spool.command));
                self.became(digest, id, "rejected", Some(("message-refused", why)))
            }
            // Whether it had taken the message by then is not known.
            Left::Signal | Left::Late => self.became(digest, id, "uncertain", None),
        }
    }

    /// Nothing has happened to a message: it waits as before.
    fn waits_on(&self, digest: &str) -> Result<(), Problem> {
        let sql = "UPDATE message SET state = 'held' WHERE inbound = ?1 AND digest = ?2";
        self.ctx.journal.db.prepare_cached(sql)?.execute([self.name, digest])?;
        Ok(())
    }

    /// Writes down what became of a message, and counts it.
    fn became(
        &self,
        digest: &str,
        id: &str,
        state: &str,
        why: Option<(&'static str, String)>,
    ) -> Result<(), Problem> {
        let ctx = self.ctx;
        let mut counts = Counts { read: 1, ..Counts::default() };
        match state {
            "delivered" => counts.written = 1,
            "rejected" => counts.rejected = 1,
            _ => counts.uncertain = 1,
        }
        ctx.journal.together(|| {
            set(ctx, self.name, (digest, id), state)?;
            ctx.journal.count(self.stage, MESSAGE, &counts)?;
            if let Some((code, why)) = &why {
                ctx.journal.reject(&Rejected {
                    stage: self.stage.to_owned(),
                    kind: MESSAGE.to_owned(),
                    key: id.to_owned(),
                    at: self.spool.spool.display().to_string(),
                    code: (*code).to_owned(),
                    why: why.clone(),
                    ..Rejected::default()
                })?;
            }
            Ok(())
        })
    }

    /// What waited when the address was held, and is not in the spool any more, was taken by nobody that this program knows of.
    fn gone(&self) -> Result<(), Problem> {
        let mut get = self.ctx.journal.db.prepare_cached(
            "SELECT digest, id FROM message WHERE inbound = ?1 AND state = 'held' ORDER BY seq",
        )?;
        let rows =
            get.query_map([self.name], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
        for (digest, id) in rows {
            let why = "it waited when the address was held, and is not in the spool any more".to_owned();
            self.became(&digest, &id, "rejected", Some(("message-gone", why)))?;
        }
        Ok(())
    }
}

/// Takes rejected messages up again: how many were delivered, and how many are rejected once more.
pub(crate) fn retry(ctx: &Context<'_>, stage: &Stage) -> Result<(u64, u64), Problem> {
    let id = stage.id.as_str();
    let Some(all) = bound(ctx, stage).filter(|_| matches!(stage.operation, Operation::Drain { .. })) else {
        return Ok((0, 0));
    };
    let mut waiting = 0;
    ctx.journal.together(|| {
        let db = &ctx.journal.db;
        let gone =
            db.prepare_cached("DELETE FROM reject WHERE stage = ?1 AND kind = ?2")?.execute([id, MESSAGE])?;
        waiting = gone as u64;
        let gone = i64::try_from(gone).unwrap_or(0);
        db.prepare_cached(
            "UPDATE counts SET read = read - ?3, rejected = rejected - ?3 WHERE stage = ?1 AND kind = ?2",
        )?
        .execute(params![id, MESSAGE, gone])?;
        for (name, _) in &all {
            db.prepare_cached("UPDATE message SET state = 'held' WHERE inbound = ?1 AND state = 'rejected'")?
                .execute([*name])?;
        }
        if waiting > 0 {
            // Until each of them was dealt with, the drain is not over: the next run goes on with it, whatever ends this one.
            ctx.journal.end_stage(
                id,
                State::Running,
                "messages that were rejected are tried again",
                ctx.clock.now(),
            )?;
        }
        Ok(())
    })?;
    // One that an earlier try left open is gone on with.
    if waiting == 0 && ctx.journal.stage(id)?.state != State::Running {
        return Ok((0, 0));
    }
    ctx.points.pass("taken-out", &ctx.clock);
    let written = |counts: &[(String, Counts)]| {
        counts.iter().find(|(kind, _)| kind == MESSAGE).map_or(0, |(_, counts)| counts.written)
    };
    let before = written(&ctx.journal.counts(id)?);
    let went = drain(ctx, stage)?;
    let state = if went.passed { State::Done } else { State::Failed };
    ctx.journal.together(|| ctx.journal.end_stage(id, state, &went.note, ctx.clock.now()))?;
    let counts = ctx.journal.counts(id)?;
    let again = counts.iter().find(|(kind, _)| kind == MESSAGE).map_or(0, |(_, counts)| counts.rejected);
    Ok((written(&counts).saturating_sub(before), again))
}

/// Notes that somebody gave to the old desk what waits now, by the step of the way back: the next night reads it there.
pub(crate) fn given_back(ctx: &Context<'_>, step: &str) -> Result<(), Problem> {
    let id = step.replacen("undo/", "stage/", 1);
    let stage = ctx.plan.stages.iter().find(|stage| stage.id.as_str() == id);
    let Some(stage) = stage.filter(|stage| matches!(stage.operation, Operation::Hold { .. })) else {
        return Ok(());
    };
    for (name, spool) in bound(ctx, stage).unwrap_or_default() {
        each(&ctx.environment.path(&spool.spool), &mut |held| {
            if is_dealt_with(ctx, name, &held.digest)? {
                return Ok(());
            }
            set(ctx, name, (&held.digest, &held.id), "returned")
        })?;
        // What they moved out of the spool meanwhile, and what the new desk refused.
        let sql =
            "UPDATE message SET state = 'returned' WHERE inbound = ?1 AND state IN ('held', 'rejected')";
        ctx.journal.db.prepare_cached(sql)?.execute([name])?;
    }
    Ok(())
}

/// Everything was taken back: what was not delivered waits as before, until somebody says that the old desk has it. What nobody gives back
/// is delivered by the next night.
pub(crate) fn wait_again(ctx: &Context<'_>) -> Result<(), Problem> {
    ctx.journal.db.execute("UPDATE message SET state = 'held' WHERE state = 'rejected'", [])?;
    Ok(())
}

/// Messages in doubt: stage, address, id.
pub(crate) fn in_doubt(ctx: &Context<'_>) -> Result<Vec<(String, String, String)>, Problem> {
    let mut all = Vec::new();
    let mut get = ctx
        .journal
        .db
        .prepare_cached("SELECT inbound, id FROM message WHERE state = 'uncertain' ORDER BY inbound, seq")?;
    let rows = get.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    for row in rows {
        let (name, id) = row?;
        all.push((stage_of(ctx, &name).unwrap_or_default(), name, id));
    }
    Ok(all)
}

/// The stage that drains an address.
fn stage_of(ctx: &Context<'_>, name: &str) -> Option<String> {
    let id = format!("inbound/{name}");
    let drains = |stage: &&Stage| match &stage.operation {
        Operation::Drain { inbound } => inbound.iter().any(|of| of.0.as_str() == id),
        _ => false,
    };
    ctx.plan.stages.iter().find(drains).map(|stage| stage.id.to_string())
}

/// Settles a message that is in doubt.
pub(crate) fn settle(
    ctx: &Context<'_>,
    id: &str,
    found: &Settled<'_>,
    (by, why): (&str, &str),
) -> Result<String, Problem> {
    let doubts: Vec<(String, String, String)> =
        in_doubt(ctx)?.into_iter().filter(|(_, _, of)| of == id).collect();
    let (stage, name, _) = match doubts.as_slice() {
        [one] => one,
        [] => {
            return Err(Problem::new(format!("no message `{id}` is in doubt"))
                .help("`cutover rejects` lists those that are"));
        }
        several => {
            let names: Vec<&str> = several.iter().map(|(_, name, _)| name.as_str()).collect();
            return Err(Problem::new(format!(
                "the message `{id}` is in doubt more than once: at {}",
                names.join(", ")
            ))
            .help("look for it in the new desk, and let the run go on by hand: `cutover waive`"));
        }
    };
    let (state, words) = match found {
        Settled::There(there) => ("delivered", format!("the new desk has it as {there}: {why}")),
        Settled::NotThere => ("held", format!("the new desk does not have it: {why}")),
    };
    ctx.journal.together(|| {
        let db = &ctx.journal.db;
        db.prepare_cached(
            "UPDATE message SET state = ?3 WHERE inbound = ?1 AND id = ?2 AND state = 'uncertain'",
        )?
        .execute([name.as_str(), id, state])?;
        // What is not there is counted anew when it is delivered.
        let counts = if state == "delivered" { "written = written + 1" } else { "read = read - 1" };
        db.prepare_cached(&format!(
            "UPDATE counts SET uncertain = uncertain - 1, {counts} WHERE stage = ?1 AND kind = ?2"
        ))?
        .execute([stage.as_str(), MESSAGE])?;
        ctx.journal.event(ctx.clock.now(), "settled", by, &format!("{MESSAGE}:{id}"), &words)
    })?;
    Ok(MESSAGE.to_owned())
}

/// What of a stage's messages waits still, and where: ` (3 in held/shop)`; nothing where no spool is bound.
pub(crate) fn where_they_wait(ctx: &Context<'_>, stage: &Stage) -> Result<String, Problem> {
    let mut all = Vec::new();
    for (name, spool) in bound(ctx, stage).unwrap_or_default() {
        let mut waiting = 0_u64;
        each(&ctx.environment.path(&spool.spool), &mut |message| {
            waiting += u64::from(!is_dealt_with(ctx, name, &message.digest)?);
            Ok(())
        })?;
        all.push(format!("{waiting} in {}", spool.spool.display()));
    }
    Ok(if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) })
}

/// Whether a message was delivered, rejected, or is in doubt.
fn is_dealt_with(ctx: &Context<'_>, name: &str, digest: &str) -> Result<bool, Problem> {
    let sql = "SELECT 1 FROM message WHERE inbound = ?1 AND digest = ?2 AND state <> 'held'";
    Ok(ctx.journal.db.prepare_cached(sql)?.exists([name, digest])?)
}

/// Since when the first message waits that was not delivered, of the addresses that are held; nothing where none waits. Where no spool is
/// bound, somebody may be waiting since the address was held.
pub(crate) fn waiting_since(ctx: &Context<'_>) -> Result<Option<i64>, Problem> {
    let mut first: Option<i64> = None;
    for stage in &ctx.plan.stages {
        let Operation::Hold { inbound } = &stage.operation else { continue };
        let row = ctx.journal.stage(stage.id.as_str())?;
        let Some(held) = row.ended.filter(|_| row.state == State::Done) else { continue };
        for of in inbound {
            let name = of.0.as_str().strip_prefix("inbound/").unwrap_or_default();
            let drain = stage_of(ctx, name);
            let drained = match &drain {
                Some(drain) => ctx.journal.stage(drain)?.state == State::Done,
                None => false,
            };
            if drained {
                continue;
            }
            let since = match ctx.environment.inbound.get(name) {
                Some(spool) => oldest(ctx, name, spool, held)?,
                None => Some(held),
            };
            first = match (first, since) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
    }
    Ok(first)
}

/// When the first message came that waits still; not before the address was held.
fn oldest(ctx: &Context<'_>, name: &str, spool: &Spool, held: i64) -> Result<Option<i64>, Problem> {
    let now = ctx.clock.now();
    let mut first: Option<i64> = None;
    each(&ctx.environment.path(&spool.spool), &mut |message| {
        if !is_dealt_with(ctx, name, &message.digest)? {
            let arrived = message.arrived.unwrap_or(held).clamp(held, now.max(held));
            first = Some(first.map_or(arrived, |first| first.min(arrived)));
        }
        Ok(())
    })?;
    Ok(first)
}

fn words(command: &[String]) -> &str {
    command.first().map_or("", String::as_str)
}

fn left(how: Left) -> String {
    match how {
        Left::Code(code) => format!("ended with {code}"),
        Left::Signal => "was ended by a signal".to_owned(),
        Left::Late => format!("was not done within {} s", LONGEST.as_secs()),
    }
}
