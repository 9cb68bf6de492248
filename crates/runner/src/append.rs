//! What came to a record since it was loaded is added to it: a new comment to its ticket. The record itself keeps its first version.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cutover_connect::{Answer, Finding, Part};
use rusqlite::params;

use crate::batch::{Batch, with_owner};
use crate::calls::{Called, TRIES, calling};
use crate::context::Context;
use crate::delta::{APPENDED, UNCHANGED, fresh};
use crate::desk::Desk;
use crate::flow::Load;
use crate::journal::{RecordRow, Rejected};
use crate::load::Maker;
use crate::prepare::{FILTERED, Fate, Mapper, PlannedPart};
use crate::problem::Problem;
use crate::work::table;

/// Adds to a record that is there what came to it since, and counts all of it: the record, what came, what changed, what did not.
pub(crate) fn append(
    ctx: &Context<'_>,
    desk: &mut Desk,
    (stage, load): (&str, &Load),
    (key, row): (&str, &RecordRow),
    mapper: &mut Mapper<'_>,
    batch: &mut Batch,
) -> Result<(), Problem> {
    let kind = load.map.source.as_str();
    let owner = format!("{kind}:{key}");
    let changed = differs(ctx, kind, "key", key)? > 0;
    batch.filter(kind, if changed { APPENDED } else { UNCHANGED }, 1);
    let mut came: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for part in load.parts.iter().map(|part| part.source.as_str()) {
        if !ctx.work.has(part)? {
            continue;
        }
        let keys = came_to(ctx, stage, part, &owner)?;
        let all = ctx.work.count_of_owner(&fresh(part), &owner)?;
        let differ = differs(ctx, part, "owner", &owner)?;
        batch.filter(part, APPENDED, differ);
        batch.filter(part, UNCHANGED, all.saturating_sub(differ + keys.len() as u64));
        if !keys.is_empty() {
            came.insert(part.to_owned(), keys);
        }
    }
    if came.is_empty() {
        return Ok(());
    }
    ctx.work.together(|| {
        came.iter().try_for_each(|(part, keys)| keys.iter().try_for_each(|key| take_in(ctx, part, key)))
    })?;
    add_parts(ctx, desk, (stage, load), (key, row), &came, mapper, batch)
}

/// Adds parts to a record that is there, by kind and key, and counts them.
pub(crate) fn add_parts(
    ctx: &Context<'_>,
    desk: &mut Desk,
    (stage, load): (&str, &Load),
    (key, row): (&str, &RecordRow),
    came: &BTreeMap<String, BTreeSet<String>>,
    mapper: &mut Mapper<'_>,
    batch: &mut Batch,
) -> Result<(), Problem> {
    let kind = load.map.source.as_str();
    let is_new = |part: &str, key: &str| came.get(part).is_some_and(|keys| keys.contains(key));
    let Some((record, _)) = ctx.work.by_key(kind, key)? else { return Ok(()) };
    let mut maker = Maker { ctx, desk: &mut *desk, stage };
    let planned = match mapper.prepare(&record, ctx.journal, ctx.work, &ctx.known, &mut maker)? {
        Fate::Ready(planned) => planned,
        Fate::Filtered(_) | Fate::Rejected(_) => {
            for (part, keys) in came {
                keys.iter().for_each(|key| batch.reject(with_owner(part, key, kind)));
            }
            return Ok(());
        }
    };
    for reject in planned.rejected {
        if !is_new(&reject.kind, &reject.key) {
            continue;
        }
        if reject.code == FILTERED {
            batch.filter(&reject.kind, &reject.rule, 1);
        } else {
            batch.reject(reject);
        }
    }
    let parts = planned.parts.into_iter().zip(planned.draft.parts);
    let parts: Vec<(PlannedPart, Part)> = parts.filter(|(part, _)| is_new(&part.kind, &part.key)).collect();
    let mut adding = Adding { ctx, desk, stage, load, row, batch };
    for chunk in parts.chunks(adding.desk.abilities.batch.max(1)) {
        adding.add(chunk)?;
    }
    Ok(())
}

/// Records of a kind that stand in the source otherwise than in the copy.
fn differs(ctx: &Context<'_>, kind: &str, which: &str, value: &str) -> Result<u64, Problem> {
    let sql = format!(
        "SELECT count(*) FROM {} f JOIN {} o ON o.key = f.key WHERE f.{which} = ?1 AND f.text <> o.text",
        table(&fresh(kind)),
        table(kind)
    );
    let count: i64 = ctx.work.db.prepare_cached(&sql)?.query_row([value], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The keys of what came to a record.
fn came_to(ctx: &Context<'_>, stage: &str, kind: &str, owner: &str) -> Result<BTreeSet<String>, Problem> {
    let sql = format!(
        "SELECT f.key FROM {} f JOIN came c ON c.stage = ?1 AND c.kind = ?2 AND c.key = f.key WHERE f.owner = ?3",
        table(&fresh(kind))
    );
    let mut get = ctx.work.db.prepare_cached(&sql)?;
    let rows = get.query_map([stage, kind, owner], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Puts one that came into the copy.
fn take_in(ctx: &Context<'_>, kind: &str, key: &str) -> Result<(), Problem> {
    let sql = format!(
        "INSERT OR IGNORE INTO {} (key, owner, text) SELECT key, owner, text FROM {} WHERE key = ?1",
        table(kind),
        table(&fresh(kind))
    );
    ctx.work.db.prepare_cached(&sql)?.execute([key])?;
    Ok(())
}

/// Parts on their way to a record that is there.
struct Adding<'a, 'c> {
    ctx: &'a Context<'c>,
    desk: &'a mut Desk,
    stage: &'a str,
    load: &'a Load,
    row: &'a RecordRow,
    batch: &'a mut Batch,
}

impl Adding<'_, '_> {
    fn add(&mut self, parts: &[(PlannedPart, Part)]) -> Result<(), Problem> {
        let ctx = self.ctx;
        let (mut sending, mut doubts) = (Vec::new(), Vec::new());
        for one in parts {
            let (part, _) = one;
            let there = ctx.journal.record(&part.kind, &part.key, &part.into)?;
            match there.as_ref().map_or("", |row| row.state.as_str()) {
                "done" => self.count(part, "done"),
                "uncertain" => self.count(part, "uncertain"),
                // What a run before this one was doing when it died.
                "intent" => doubts.push(one),
                _ => sending.push(one),
            }
        }
        if self.desk.together {
            let drafts: Vec<Part> = sending.iter().map(|(_, draft)| draft.clone()).collect();
            if drafts.is_empty() {
                return Ok(());
            }
            ctx.points.pass("batch-begun", &ctx.clock);
            return ctx.journal.together(|| {
                let into = self.load.map.target.as_str();
                let answers =
                    match calling(ctx, || self.desk.connector().append(into, &self.row.target, &drafts))? {
                        Called::Answered(answers) => answers,
                        Called::Doubt(why) => return Err(Problem::new(why)),
                    };
                ctx.points.pass("written", &ctx.clock);
                for ((part, _), answer) in sending.into_iter().zip(answers) {
                    self.became(part, answer)?;
                }
                Ok(())
            });
        }
        ctx.journal.together(|| sending.iter().try_for_each(|(part, _)| self.keep(part, "intent", "")))?;
        ctx.points.pass("intents-kept", &ctx.clock);
        let mut results = Vec::new();
        for one in doubts {
            match self.look(&one.0, &one.1, Duration::ZERO)? {
                Some(answer) => results.push((&one.0, answer)),
                None => sending.push(one),
            }
        }
        self.send(sending, &mut results)?;
        ctx.points.pass("written", &ctx.clock);
        ctx.journal
            .together(|| results.into_iter().try_for_each(|(part, answer)| self.became(part, answer)))?;
        ctx.points.pass("answers-noted", &ctx.clock);
        Ok(())
    }

    /// Sends parts until each has an answer.
    fn send<'p>(
        &mut self,
        mut waiting: Vec<&'p (PlannedPart, Part)>,
        results: &mut Vec<(&'p PlannedPart, Answer)>,
    ) -> Result<(), Problem> {
        let ctx = self.ctx;
        let into = self.load.map.target.as_str();
        for _ in 0..TRIES {
            if waiting.is_empty() {
                return Ok(());
            }
            let drafts: Vec<Part> = waiting.iter().map(|(_, draft)| draft.clone()).collect();
            let sent = ctx.clock.steady();
            let answers = match calling(ctx, || {
                self.desk.connector().append(into, &self.row.target, &drafts)
            })? {
                Called::Answered(answers) => answers,
                Called::Doubt(why) => drafts.iter().map(|_| Answer::Unknown { why: why.clone() }).collect(),
            };
            let mut answers = answers.into_iter();
            let mut again = Vec::new();
            for one in waiting {
                match answers.next() {
                    None | Some(Answer::Untried) => again.push(one),
                    Some(Answer::Unknown { .. }) => match self.look(&one.0, &one.1, sent)? {
                        Some(answer) => results.push((&one.0, answer)),
                        None => again.push(one),
                    },
                    Some(answer) => results.push((&one.0, answer)),
                }
            }
            waiting = again;
        }
        Err(Problem::later("the target loses the answers of too many calls"))
    }

    /// Finds out what became of a part whose answer was lost. `None` when it is safe to send it again.
    fn look(&mut self, part: &PlannedPart, draft: &Part, sent: Duration) -> Result<Option<Answer>, Problem> {
        let ctx = self.ctx;
        match self.desk.abilities.finding {
            Finding::Enforced => return Ok(None),
            Finding::Never => return Ok(Some(Answer::Unknown { why: "its answer was lost".to_owned() })),
            Finding::AtOnce => {}
            Finding::After(delay) => {
                let rest = delay.0.saturating_sub(ctx.clock.steady().saturating_sub(sent));
                if !rest.is_zero() {
                    ctx.clock.sleep(rest);
                }
            }
        }
        Ok(match calling(ctx, || self.desk.connector().find(&part.into, &draft.mark))? {
            Called::Doubt(why) => Some(Answer::Unknown { why }),
            Called::Answered(found) => match found.as_slice() {
                [] => None,
                [id] => Some(Answer::Known { id: id.clone() }),
                _ => Some(Answer::Unknown { why: "the target has several records of this mark".to_owned() }),
            },
        })
    }

    fn became(&mut self, part: &PlannedPart, answer: Answer) -> Result<(), Problem> {
        match answer {
            Answer::Done { id, .. } | Answer::Known { id } => {
                self.keep(part, "done", &id)?;
                self.count(part, "done");
            }
            Answer::Refused { field, code, why } => {
                self.ctx
                    .journal
                    .db
                    .prepare_cached("DELETE FROM record WHERE kind = ?1 AND key = ?2 AND into_kind = ?3 AND state = 'intent'")?
                    .execute([&part.kind, &part.key, &part.into])?;
                self.batch.reject(Rejected {
                    kind: part.kind.clone(),
                    key: part.key.clone(),
                    field,
                    code: format!("target-{code}"),
                    why,
                    ..Rejected::default()
                });
            }
            Answer::Unknown { .. } | Answer::Untried => {
                self.keep(part, "uncertain", "")?;
                self.count(part, "uncertain");
            }
        }
        Ok(())
    }

    fn count(&mut self, part: &PlannedPart, state: &str) {
        let counts = self.batch.of(&part.kind);
        counts.read += 1;
        if state == "done" { counts.written += 1 } else { counts.uncertain += 1 }
    }

    /// Writes down what became of a part: it belongs to the record that was there before it, and goes with it.
    fn keep(&self, part: &PlannedPart, state: &str, target: &str) -> Result<(), Problem> {
        self.ctx
            .journal
            .db
            .prepare_cached(
                "INSERT INTO record (kind, key, into_kind, target, owner, stage, state, digest, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (kind, key, into_kind) DO UPDATE SET
                 target = ?4, owner = ?5, stage = ?6, state = ?7, digest = ?8, at = ?9, attempt = attempt + (?7 = 'intent')",
            )?
            .execute(params![
                part.kind,
                part.key,
                part.into,
                target,
                self.row.seq,
                self.stage,
                state,
                part.digest.as_slice(),
                self.ctx.clock.now()
            ])?;
        Ok(())
    }
}
