//! Records in doubt that a person looks for: their answer was lost, and no connector can tell whether the target has them.

use rusqlite::params;

use crate::amend::Frozen;
use crate::batch::with_owner;
use crate::context::Context;
use crate::desk::Desk;
use crate::journal::Rejected;
use crate::prepare::{Fate, Mapper};
use crate::problem::Problem;
use crate::takeover::find_parts;

/// What somebody found in the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled<'a> {
    /// The record, under this id.
    There(&'a str),
    /// No such record: it is rejected from now on, and `retry rejects` sends it.
    NotThere,
}

/// Something about which nobody knows whether the new desk has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InDoubt {
    pub(crate) stage: String,
    pub(crate) kind: String,
    pub(crate) key: String,
    /// By what the new desk would know it.
    pub(crate) mark: String,
}

/// Everything that is in doubt; what was sent with a record goes with that.
pub(crate) fn in_doubt(ctx: &Context<'_>) -> Result<Vec<InDoubt>, Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT stage, kind, key FROM record AS one WHERE state = 'uncertain' AND NOT EXISTS
           (SELECT 1 FROM record WHERE seq = one.owner AND state = 'uncertain') ORDER BY seq",
    )?;
    let rows = get.query_map([], |row| {
        let (kind, key): (String, String) = (row.get(1)?, row.get(2)?);
        Ok(InDoubt { stage: row.get(0)?, mark: format!("{kind}:{key}"), kind, key })
    })?;
    let mut all: Vec<InDoubt> = rows.collect::<Result<_, _>>()?;
    all.extend(crate::inbound::in_doubt(ctx)?.into_iter().map(|(stage, inbound, key)| InDoubt {
        stage,
        kind: crate::inbound::MESSAGE.to_owned(),
        mark: format!("{inbound}:{key}"),
        key,
    }));
    Ok(all)
}

/// A row of the journal that is in doubt.
struct Doubt {
    seq: i64,
    kind: String,
    key: String,
    into: String,
    stage: String,
}

/// Settles a record, with what belongs to it.
pub(crate) fn settle(
    ctx: &Context<'_>,
    desk: &mut Desk,
    (kind, key): (Option<&str>, &str),
    found: &Settled<'_>,
    (by, why): (&str, &str),
) -> Result<String, Problem> {
    if !ctx.plan.people.contains_key(by) {
        return Err(Problem::new(format!("`{by}` is nobody of the plan's team")));
    }
    if kind == Some(crate::inbound::MESSAGE) {
        return crate::inbound::settle(ctx, key, found, (by, why));
    }
    let doubt = doubt(ctx, kind, key)?;
    let words = match found {
        Settled::There(id) => {
            there(ctx, desk, &doubt, id)?;
            format!("the new desk has it as {} {id}: {why}", doubt.into)
        }
        Settled::NotThere => {
            not_there(ctx, desk, &doubt, by)?;
            format!("the new desk does not have it: {why}")
        }
    };
    ctx.journal.event(ctx.clock.now(), "settled", by, &format!("{}:{}", doubt.kind, doubt.key), &words)?;
    Ok(doubt.kind)
}

/// The record in doubt with that key.
fn doubt(ctx: &Context<'_>, kind: Option<&str>, key: &str) -> Result<Doubt, Problem> {
    let key = &*ctx.work.veil().typed(kind, key);
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT seq, kind, key, into_kind, stage, owner, state FROM record WHERE key = ?1 ORDER BY seq",
    )?;
    let mut rows = get.query([key])?;
    let (mut all, mut settled) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        let of: String = row.get(1)?;
        if kind.is_some_and(|kind| kind != of) {
            continue;
        }
        let state: String = row.get(6)?;
        if !matches!(state.as_str(), "uncertain" | "intent") {
            settled = Some((of, state));
            continue;
        }
        let owner: Option<i64> = row.get(5)?;
        if let Some(owner) = owner
            && state_of(ctx, owner)? == state
        {
            return Err(Problem::new(format!("{of} {key} was sent with the record to which it belongs"))
                .help("settle that one: what goes with it follows"));
        }
        all.push((
            Doubt { seq: row.get(0)?, kind: of, key: row.get(2)?, into: row.get(3)?, stage: row.get(4)? },
            state,
        ));
    }
    match (all.len(), settled) {
        (1, _) => {}
        (0, Some((kind, state))) => {
            let state = if state == "done" { "it is in the new desk".to_owned() } else { state };
            return Err(Problem::new(format!("{kind} {key} is not in doubt: {state}")));
        }
        (0, None) => {
            return Err(Problem::new(format!("no record with the key `{key}` is in doubt"))
                .help("`cutover status` counts them, and `cutover trace` tells one record's story"));
        }
        _ => {
            let kinds: Vec<&str> = all.iter().map(|(doubt, _)| doubt.kind.as_str()).collect();
            return Err(Problem::new(format!("several kinds have a record with the key `{key}` in doubt"))
                .help(format!("say which one: `--kind {}`", kinds.join("`, `--kind "))));
        }
    }
    match all.pop() {
        Some((doubt, state)) if state == "uncertain" => Ok(doubt),
        _ => Err(Problem::new(format!("the run has not settled `{key}` itself yet"))
            .help("`cutover run` looks it up first; what it cannot find out becomes uncertain")),
    }
}

fn state_of(ctx: &Context<'_>, seq: i64) -> Result<String, Problem> {
    let mut get = ctx.journal.db.prepare_cached("SELECT state FROM record WHERE seq = ?1")?;
    Ok(get.query_row([seq], |row| row.get(0))?)
}

/// What the map makes of the record now, so that its links and parts are known.
fn planned(
    ctx: &Context<'_>,
    desk: &mut Desk,
    doubt: &Doubt,
) -> Result<Option<crate::prepare::Planned>, Problem> {
    let Some(load) = ctx.loads.get(&doubt.stage) else { return Ok(None) };
    let Some((record, _)) = ctx.work.by_key(&doubt.kind, &doubt.key)? else { return Ok(None) };
    let mut mapper = Mapper::new(load, ctx.host);
    let mut frozen = Frozen { ctx, desk };
    Ok(match mapper.prepare(&record, ctx.journal, ctx.work, &ctx.known, &mut frozen)? {
        Fate::Ready(planned) => Some(*planned),
        Fate::Filtered(_) | Fate::Rejected(_) => None,
    })
}

fn there(ctx: &Context<'_>, desk: &mut Desk, doubt: &Doubt, id: &str) -> Result<(), Problem> {
    if desk.abilities.fetch && desk.connector().fetch(&doubt.into, id)?.is_none() {
        return Err(Problem::new(format!("the new desk has no {} {id}", doubt.into))
            .help("name the id that the new desk gives it"));
    }
    let mut taken = ctx.journal.db.prepare_cached(
        "SELECT kind || ' ' || key FROM record WHERE into_kind = ?1 AND target = ?2 AND state = 'done' LIMIT 1",
    )?;
    let other: Vec<String> =
        taken.query_map([doubt.into.as_str(), id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    if let Some(other) = other.first() {
        return Err(Problem::new(format!("{} {id} is {other} already", doubt.into)));
    }
    let planned = planned(ctx, desk, doubt)?;
    let parts = match &planned {
        Some(planned) if desk.abilities.finding != cutover_connect::Finding::Never => {
            find_parts(desk, &planned.draft)?
        }
        _ => Vec::new(),
    };
    ctx.journal.together(|| {
        let db = &ctx.journal.db;
        db.prepare_cached("UPDATE record SET state = 'done', target = ?2 WHERE seq = ?1")?
            .execute(params![doubt.seq, id])?;
        db.prepare_cached("UPDATE record SET state = 'done' WHERE owner = ?1 AND state = 'uncertain'")?
            .execute([doubt.seq])?;
        let of = planned.iter().flat_map(|planned| &planned.parts).zip(&parts);
        for (part, id) in of {
            db.prepare_cached("UPDATE record SET target = ?3 WHERE kind = ?1 AND key = ?2 AND owner = ?4")?
                .execute(params![part.kind, part.key, id, doubt.seq])?;
        }
        for (field, to) in planned.iter().flat_map(|planned| &planned.links) {
            let to = to.kept(ctx.work.veil())?;
            db.prepare_cached(
                "INSERT INTO link (record, field, reference, state) VALUES (?1, ?2, ?3, 'waiting')",
            )?
            .execute(params![doubt.seq, field, to])?;
        }
        moved(ctx, doubt, "written")
    })
}

fn not_there(ctx: &Context<'_>, desk: &mut Desk, doubt: &Doubt, by: &str) -> Result<(), Problem> {
    if desk.abilities.finding != cutover_connect::Finding::Never
        && let Some(id) =
            desk.connector().find(&doubt.into, &format!("{}:{}", doubt.kind, doubt.key))?.first()
    {
        return Err(Problem::new(format!("the new desk has it, as {} {id}", doubt.into))
            .help(format!("`--there {id}` settles it")));
    }
    ctx.journal.together(|| {
        moved(ctx, doubt, "rejected")?;
        let mut parts = ctx.journal.db.prepare_cached("SELECT kind, key FROM record WHERE owner = ?1")?;
        let parts: Vec<(String, String)> =
            parts.query_map([doubt.seq], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        for (kind, key) in parts {
            let reject = with_owner(&kind, &key, &doubt.kind);
            ctx.journal.reject(&Rejected { stage: doubt.stage.clone(), ..reject })?;
        }
        ctx.journal.reject(&Rejected {
            stage: doubt.stage.clone(),
            kind: doubt.kind.clone(),
            key: doubt.key.clone(),
            code: "not-there".to_owned(),
            why: format!("its answer was lost, and {by} did not find it in the new desk"),
            ..Rejected::default()
        })?;
        ctx.journal
            .db
            .prepare_cached("DELETE FROM record WHERE seq = ?1 OR owner = ?1")?
            .execute([doubt.seq])?;
        Ok(())
    })
}

/// The counts follow: what was uncertain is `column` now, the record and its parts.
fn moved(ctx: &Context<'_>, doubt: &Doubt, column: &str) -> Result<(), Problem> {
    let mut of = ctx.journal.db.prepare_cached(
        "SELECT kind, count(*) FROM record WHERE seq = ?1 OR owner = ?1 GROUP BY kind ORDER BY kind",
    )?;
    let counts: Vec<(String, i64)> =
        of.query_map([doubt.seq], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (kind, count) in counts {
        let sql = format!(
            "UPDATE counts SET uncertain = uncertain - ?3, {column} = {column} + ?3 WHERE stage = ?1 AND kind = ?2"
        );
        ctx.journal.db.prepare_cached(&sql)?.execute(params![doubt.stage, kind, count])?;
    }
    Ok(())
}
