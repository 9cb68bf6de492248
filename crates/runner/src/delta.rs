//! What changed in the source since it was exported: it is read again, compared with the working copy, and taken over record by record.
//!
//! `replacing`: what was loaded is taken back and imported again, as the journal knows it. `appending`: only what is new comes over, a new
//! record or a new comment of one that is there, and what changed keeps its first version, which is the loss that the plan states. What is gone from the source stays in the target: an export
//! that is short would otherwise delete what nobody wanted deleted.

use cutover_connect::{Chunk, Cursor, Undone};
use cutover_plan::model::{LoadMode, Stage};
use rusqlite::params;

use crate::append::append;
use crate::batch::Batch;
use crate::bind;
use crate::context::{Context, Event};
use crate::desk::Desk;
use crate::export::inside;
use crate::flow::{Keys, Load};
use crate::journal::{Counts, Rejected};
use crate::load::{Maker, one, put};
use crate::measures::Facts;
use crate::prepare::{Fate, Mapper};
use crate::problem::Problem;
use crate::put_back;
use crate::rollback::call;
use crate::run::paused;
use crate::trigger;
use crate::work::table;

/// Records of one call.
const CHUNK: usize = 2000;
/// Changed records of one batch.
const MOST: usize = 100;
/// Why a record is left as it is.
pub(crate) const UNCHANGED: &str = "has not changed since it was loaded";
pub(crate) const APPENDED: &str = "changed, and the plan appends: its first version stays";

/// Takes over what changed. It goes on behind what the journal says is done.
pub(crate) fn delta(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &Stage,
    load: &Load,
) -> Result<String, Problem> {
    let id = stage.id.as_str();
    if ctx.environment.rehearsal {
        return Ok("a rehearsal reads the source once".to_owned());
    }
    let name = changes(id);
    if ctx.journal.value(&name)?.is_none() {
        read_again(ctx, id, load)?;
        find(ctx, id, load)?;
    }
    ctx.journal
        .db
        .execute_batch("CREATE INDEX IF NOT EXISTS record_owner ON record (owner) WHERE owner IS NOT NULL")?;
    let mut mapper = Mapper::new(load, ctx.host);
    put_back::prepare(ctx)?;
    let mut cursor = ctx.journal.stage(id)?.cursor;
    let most = desk.abilities.batch.clamp(1, MOST);
    loop {
        // Also what a run before this one had no time for.
        put_back::refused(ctx, desk, stage, load, cursor, &mut mapper)?;
        let left = left(ctx, id, cursor)?;
        ctx.journal.set_value("waiting changes", &left.to_string())?;
        if trigger::look(ctx, id, Facts::default())? || paused(ctx)?.is_some() {
            return Err(Problem::paused());
        }
        let keys = next(ctx, id, cursor, most)?;
        let Some(last) = keys.last().map(|(seq, _)| *seq) else { break };
        let mut batch = Batch::until(last);
        for (_, key) in &keys {
            if load.mode == LoadMode::Append
                && let Some(row) = ctx.journal.record(&load.map.source, key, &load.map.target)?
                && row.state == "done"
            {
                append(ctx, desk, (id, load), (key, &row), &mut mapper, &mut batch)?;
                continue;
            }
            if !goes_over(ctx, desk, (id, load), key, &mut mapper, &mut batch)?
                || !take_back(ctx, desk, load, key, &mut batch)?
            {
                continue;
            }
            ctx.work.together(|| {
                put_back::keep(ctx, id, load, key)?;
                take_over(ctx, load, key)
            })?;
            if let Some((record, _)) = ctx.work.by_key(&load.map.source, key)? {
                one(ctx, desk, stage, load, &mut mapper, &record, &mut batch)?;
            }
        }
        put(ctx, desk, id, batch)?;
        cursor = last;
        (ctx.tell)(&Event::Progress { stage: id.to_owned(), records: u64::try_from(last).unwrap_or(0) });
    }
    Ok(ctx.journal.value(&name)?.unwrap_or_default())
}

/// Under what a stage keeps what it found.
pub(crate) fn changes(stage: &str) -> String {
    format!("changes of {stage}")
}

/// The name under which a kind stands in the copy while it is read again.
pub(crate) fn fresh(kind: &str) -> String {
    format!("again {kind}")
}

fn kinds(load: &Load) -> impl Iterator<Item = &str> {
    std::iter::once(&load.map).chain(&load.parts).map(|map| map.source.as_str())
}

/// Reads the kinds of a load again, beside what is in the copy. Whatever was read by an earlier try is read anew.
fn read_again(ctx: &Context<'_>, stage: &str, load: &Load) -> Result<(), Problem> {
    let binding = &ctx.environment.source;
    // Opened anew: files that came later are found.
    let mut source = bind::source(ctx.plan, ctx.environment, binding)?;
    for kind in kinds(load) {
        if !ctx.work.has(kind)? {
            continue;
        }
        let into = fresh(kind);
        ctx.work.together(|| {
            ctx.work.db.execute_batch(&format!("DROP TABLE IF EXISTS {}", table(&into)))?;
            ctx.work.db.prepare_cached("DELETE FROM kind WHERE kind = ?1")?.execute([&into])?;
            ctx.work.db.prepare_cached("DELETE FROM bad WHERE kind = ?1")?.execute([&into])?;
            ctx.work.prepare(&into)
        })?;
        let keys = Keys::of(ctx.plan, binding, kind)?;
        let (mut chunk, mut cursor, mut read) = (Chunk::default(), Cursor::start(), 0_u64);
        loop {
            chunk.clear();
            match binding.nested.get(kind) {
                Some(nested) => inside(&mut *source, nested, &cursor.0, &mut chunk)?,
                None => source.read(kind, &cursor, CHUNK, &mut chunk)?,
            }
            ctx.work.together(|| {
                for (at, text) in chunk.records().enumerate() {
                    let place = format!("record {}", read + at as u64 + 1);
                    if binding.other_than(kind, text).is_some() {
                        continue;
                    }
                    match keys.find(text) {
                        Ok((Some(key), owner)) => {
                            // What stands there once more to the letter is no other record.
                            if !ctx.work.add(&into, &key, owner.as_deref(), text)?
                                && ctx.work.by_key(&into, &key)?.is_none_or(|(known, _)| known.text != text)
                            {
                                ctx.work.bad(
                                    &into,
                                    &key,
                                    &place,
                                    "duplicate-key",
                                    "another record has this key",
                                )?;
                            }
                        }
                        Ok((None, _)) => {
                            let why = "it has no key by which it could be recognised";
                            ctx.work.bad(&into, "", &place, "no-key", why)?;
                        }
                        Err((code, why)) => ctx.work.bad(&into, "", &place, code, &why)?,
                    }
                }
                for unread in chunk.problems() {
                    ctx.work.bad(&into, "", &unread.at, unread.code, &unread.why)?;
                }
                Ok(())
            })?;
            read += chunk.len() as u64;
            (ctx.tell)(&Event::Progress { stage: stage.to_owned(), records: read });
            match chunk.next() {
                Some(next) => cursor = next.clone(),
                None => break,
            }
        }
        ctx.work.by_owner(&into)?;
        ctx.work.by_owner(kind)?;
    }
    Ok(())
}

/// Notes which records changed, and counts what did not.
fn find(ctx: &Context<'_>, stage: &str, load: &Load) -> Result<(), Problem> {
    let root = load.map.source.as_str();
    let db = &ctx.work.db;
    let (old, new) = (table(root), table(&fresh(root)));
    ctx.work.together(|| {
        db.execute_batch(
            "CREATE TABLE IF NOT EXISTS delta (stage TEXT, seq INTEGER, key TEXT NOT NULL, PRIMARY KEY (stage, seq)) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS came (stage TEXT, kind TEXT, key TEXT, PRIMARY KEY (stage, kind, key)) WITHOUT ROWID;
             CREATE TEMP TABLE IF NOT EXISTS changed (key TEXT PRIMARY KEY) WITHOUT ROWID; DELETE FROM temp.changed;",
        )?;
        db.execute(
            &format!(
                "INSERT OR IGNORE INTO temp.changed SELECT f.key FROM {new} f LEFT JOIN {old} o ON o.key = f.key
                 WHERE o.key IS NULL OR o.text <> f.text"
            ),
            [],
        )?;
        let start = format!("{root}:");
        let behind = i64::try_from(start.chars().count()).unwrap_or(0);
        for part in load.parts.iter().map(|part| part.source.as_str()) {
            if !ctx.work.has(part)? {
                continue;
            }
            let (old, new) = (table(part), table(&fresh(part)));
            // Of what came, changed or moved its new owner; of what is gone or moved its old one.
            for (one, other) in [(&new, &old), (&old, &new)] {
                let sql = format!(
                    "INSERT OR IGNORE INTO temp.changed SELECT substr(a.owner, ?2 + 1) FROM {one} a LEFT JOIN {other} b ON b.key = a.key
                     WHERE substr(a.owner, 1, ?2) = ?1 AND (b.key IS NULL OR b.text <> a.text OR b.owner IS NOT a.owner)"
                );
                db.execute(&sql, params![start, behind])?;
            }
        }
        db.execute("DELETE FROM delta WHERE stage = ?1", [stage])?;
        db.execute("DELETE FROM came WHERE stage = ?1", [stage])?;
        for part in load.parts.iter().map(|part| part.source.as_str()) {
            if ctx.work.has(part)? {
                let sql = format!(
                    "INSERT INTO came SELECT ?1, ?2, f.key FROM {} f LEFT JOIN {} o ON o.key = f.key WHERE o.key IS NULL",
                    table(&fresh(part)),
                    table(part)
                );
                db.execute(&sql, [stage, part])?;
            }
        }
        db.execute(
            &format!(
                "INSERT INTO delta SELECT ?1, row_number() OVER (ORDER BY f.ord), f.key
                 FROM {new} f JOIN temp.changed c ON c.key = f.key"
            ),
            [stage],
        )?;
        Ok(())
    })?;
    let count = |sql: &str| -> Result<u64, Problem> {
        let count: i64 = db.query_row(sql, [], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    };
    let changed = left(ctx, stage, 0)?;
    let added = count(&format!(
        "SELECT count(*) FROM {new} f LEFT JOIN {old} o ON o.key = f.key WHERE o.key IS NULL"
    ))?;
    let gone = count(&format!(
        "SELECT count(*) FROM {old} o LEFT JOIN {new} f ON f.key = o.key WHERE f.key IS NULL"
    ))?;
    let mut note = format!("{changed} changed since, {added} of them new");
    if gone > 0 {
        note.push_str(&format!("; {gone} are gone from the source and stay as they were loaded"));
    }
    ctx.journal.together(|| {
        let unchanged = count(&format!("SELECT count(*) FROM {new}"))?.saturating_sub(changed);
        same(ctx, stage, root, unchanged)?;
        for part in load.parts.iter().map(|part| part.source.as_str()) {
            if !ctx.work.has(part)? {
                continue;
            }
            let part_new = table(&fresh(part));
            let sql = format!(
                "SELECT count(*) FROM {part_new} p JOIN {new} r ON p.owner = '{}:' || r.key
                 WHERE r.key NOT IN (SELECT key FROM temp.changed)",
                root.replace('\'', "''")
            );
            same(ctx, stage, part, count(&sql)?)?;
        }
        // What could not be read before and still cannot be has been told.
        for kind in kinds(load) {
            // Where a line stands says nothing: others came before it.
            let mut known = std::collections::BTreeMap::<[String; 3], u64>::new();
            ctx.work.all_bad(kind, &mut |[key, _, code, why]| {
                *known.entry([key, code, why]).or_default() += 1;
                Ok(())
            })?;
            ctx.work.all_bad(&fresh(kind), &mut |bad| {
                let [key, _, code, why] = &bad;
                let told = known.get_mut(&[key.clone(), code.clone(), why.clone()]);
                if let Some(told) = told.filter(|told| **told > 0) {
                    *told -= 1;
                    return Ok(());
                }
                ctx.journal.count(stage, kind, &Counts { read: 1, rejected: 1, ..Counts::default() })?;
                ctx.journal.reject(&Rejected::unread(stage, kind, bad))
            })?;
        }
        ctx.journal.set_value(&changes(stage), &note)
    })
}

fn same(ctx: &Context<'_>, stage: &str, kind: &str, records: u64) -> Result<(), Problem> {
    if records == 0 {
        return Ok(());
    }
    ctx.journal.count(stage, kind, &Counts { read: records, filtered: records, ..Counts::default() })?;
    ctx.journal.filtered(stage, kind, UNCHANGED, records)
}

fn left(ctx: &Context<'_>, stage: &str, cursor: i64) -> Result<u64, Problem> {
    let mut get = ctx.work.db.prepare_cached("SELECT count(*) FROM delta WHERE stage = ?1 AND seq > ?2")?;
    let count: i64 = get.query_row(params![stage, cursor], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

fn next(ctx: &Context<'_>, stage: &str, cursor: i64, most: usize) -> Result<Vec<(i64, String)>, Problem> {
    let mut get = ctx
        .work
        .db
        .prepare_cached("SELECT seq, key FROM delta WHERE stage = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3")?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = get.query_map(params![stage, cursor, most], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes back what was loaded of a record, so that it can be imported again; whether it can.
fn take_back(
    ctx: &Context<'_>,
    desk: &mut Desk,
    load: &Load,
    key: &str,
    batch: &mut Batch,
) -> Result<bool, Problem> {
    let (kind, into) = (load.map.source.as_str(), load.map.target.as_str());
    let Some(row) = ctx.journal.record(kind, key, into)? else { return Ok(true) };
    let parts = |batch: &mut Batch, why: &str| stay(ctx, load, key, why, batch);
    match row.state.as_str() {
        "done" => {}
        // What was being sent when a run died is looked up before it is sent again.
        "replaced" | "undone" | "intent" => return Ok(true),
        "skipped" => {
            batch.filter(kind, "skipped", 1);
            parts(batch, "with its skipped record")?;
            return Ok(false);
        }
        // Nobody knows whether the target has it: to import it again could make it two.
        _ => {
            batch.reject(refused(kind, key, "uncertain", "whether the target has it is not known"));
            parts(batch, "with its uncertain record")?;
            return Ok(false);
        }
    }
    let mut kept = None;
    let mut act = || {
        if let Undone::Kept { why } = call(ctx, desk, into, &row.target)? {
            kept = Some(why);
            return Ok(());
        }
        let db = &ctx.journal.db;
        db.prepare_cached("UPDATE record SET state = 'replaced', target = '' WHERE seq = ?1 OR owner = ?1")?
            .execute([row.seq])?;
        db.prepare_cached("DELETE FROM link WHERE record = ?1")?.execute([row.seq])?;
        Ok(())
    };
    // With an embedded desk both are one transaction; elsewhere, to delete twice is to find it gone.
    if desk_together(ctx) {
        ctx.journal.together(&mut act)?
    } else {
        act()?
    }
    ctx.known.forget();
    if let Some(why) = kept {
        batch.reject(refused(kind, key, "not-replaced", &why));
        parts(batch, NOT_REPLACED)?;
        return Ok(false);
    }
    Ok(true)
}

/// Why the parts of a record stay as they were loaded.
const NOT_REPLACED: &str = "with its record that could not be replaced";

/// The parts of a record go the way of the record.
fn stay(ctx: &Context<'_>, load: &Load, key: &str, why: &str, batch: &mut Batch) -> Result<(), Problem> {
    let kind = load.map.source.as_str();
    for part in load.parts.iter().map(|part| part.source.as_str()) {
        if ctx.work.has(part)? {
            let count = ctx.work.count_of_owner(&fresh(part), &format!("{kind}:{key}"))?;
            batch.filter(part, why, count);
        }
    }
    Ok(())
}

/// Whether the new version of what was loaded can be written: what cannot does not cost the new desk the version that it has.
fn goes_over(
    ctx: &Context<'_>,
    desk: &mut Desk,
    (stage, load): (&str, &Load),
    key: &str,
    mapper: &mut Mapper<'_>,
    batch: &mut Batch,
) -> Result<bool, Problem> {
    let kind = load.map.source.as_str();
    if ctx.journal.record(kind, key, &load.map.target)?.is_none_or(|row| row.state != "done") {
        return Ok(true);
    }
    let fate = ctx.work.trial(|| {
        take_over(ctx, load, key)?;
        let Some((record, _)) = ctx.work.by_key(kind, key)? else { return Ok(None) };
        let mut maker = Maker { ctx, desk, stage };
        mapper.prepare(&record, ctx.journal, ctx.work, &ctx.known, &mut maker).map(Some)
    })?;
    let Some(Fate::Rejected(mut reject)) = fate else { return Ok(true) };
    reject.why.push_str("; the version that was loaded before stays");
    batch.reject(*reject);
    stay(ctx, load, key, NOT_REPLACED, batch)?;
    Ok(false)
}

fn desk_together(ctx: &Context<'_>) -> bool {
    ctx.environment.target.connector == "sqlite" && !ctx.environment.target.apart
}

fn refused(kind: &str, key: &str, code: &str, why: &str) -> Rejected {
    Rejected {
        kind: kind.to_owned(),
        key: key.to_owned(),
        code: code.to_owned(),
        why: why.to_owned(),
        ..Rejected::default()
    }
}

/// Puts the new version of a record and its parts into the copy.
fn take_over(ctx: &Context<'_>, load: &Load, key: &str) -> Result<(), Problem> {
    let root = load.map.source.as_str();
    let put = |kind: &str, which: &str, value: &str| -> Result<(), Problem> {
        let sql = format!(
            "INSERT INTO {} (key, owner, text) SELECT key, owner, text FROM {} WHERE {which} = ?1 ORDER BY ord
             ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, text = excluded.text",
            table(kind),
            table(&fresh(kind))
        );
        ctx.work.db.prepare_cached(&sql)?.execute([value])?;
        Ok(())
    };
    put(root, "key", key)?;
    let owner = format!("{root}:{key}");
    for part in load.parts.iter().map(|part| part.source.as_str()) {
        if !ctx.work.has(part)? {
            continue;
        }
        let gone = format!(
            "DELETE FROM {} WHERE owner = ?1 AND key NOT IN (SELECT key FROM {} WHERE owner = ?1)",
            table(part),
            table(&fresh(part))
        );
        ctx.work.db.prepare_cached(&gone)?.execute([&owner])?;
        put(part, "owner", &owner)?;
    }
    Ok(())
}
