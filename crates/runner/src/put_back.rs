//! What a delta took back for a newer version that the target then refuses is written once more: nothing of a record is lost by its change.
//!
//! The version that was loaded is kept in the working copy before the new one takes its place there, and is forgotten once the target has
//! one of the two.

use cutover_plan::model::Stage;
use rusqlite::{OptionalExtension as _, params};

use crate::batch::Batch;
use crate::context::Context;
use crate::desk::Desk;
use crate::flow::Load;
use crate::load::{one, put};
use crate::prepare::Mapper;
use crate::problem::Problem;
use crate::work::table;

/// Makes room for versions that were loaded.
pub(crate) fn prepare(ctx: &Context<'_>) -> Result<(), Problem> {
    Ok(ctx.work.db.execute_batch(
        "CREATE TABLE IF NOT EXISTS before (stage TEXT, root TEXT, kind TEXT, key TEXT, owner TEXT, text TEXT NOT NULL,
           PRIMARY KEY (stage, root, kind, key)) WITHOUT ROWID",
    )?)
}

/// Keeps the version of a record that was loaded, and is about to be replaced.
pub(crate) fn keep(ctx: &Context<'_>, stage: &str, load: &Load, key: &str) -> Result<(), Problem> {
    let kind = load.map.source.as_str();
    let row = ctx.journal.record(kind, key, &load.map.target)?;
    // What died behind this has kept it; the copy has the new version by now.
    let kept = ctx
        .work
        .db
        .prepare_cached("SELECT 1 FROM before WHERE stage = ?1 AND root = ?2")?
        .exists([stage, key])?;
    if kept || row.is_none_or(|row| row.state != "replaced") {
        return Ok(());
    }
    let owner = format!("{kind}:{key}");
    let parts = load.parts.iter().map(|part| (part.source.as_str(), "owner", owner.as_str()));
    for (kind, which, value) in std::iter::once((kind, "key", key)).chain(parts) {
        if ctx.work.has(kind)? {
            let sql = format!(
                "INSERT INTO before SELECT ?1, ?2, ?3, key, owner, text FROM {} WHERE {which} = ?4",
                table(kind)
            );
            ctx.work.db.prepare_cached(&sql)?.execute([stage, key, kind, value])?;
        }
    }
    Ok(())
}

/// Writes once more what was loaded of records whose new version the target refused, up to a position of the delta.
pub(crate) fn refused(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &Stage,
    load: &Load,
    cursor: i64,
    mapper: &mut Mapper<'_>,
) -> Result<(), Problem> {
    let id = stage.id.as_str();
    let kind = load.map.source.as_str();
    for key in open(ctx, id, kind, cursor)? {
        let state = || -> Result<Option<String>, Problem> {
            Ok(ctx.journal.record(kind, &key, &load.map.target)?.map(|row| row.state))
        };
        let there = |state: &Option<String>| matches!(state.as_deref(), Some("done" | "uncertain"));
        if !there(&state()?) {
            ctx.work.together(|| put_into_copy(ctx, id, load, &key))?;
            if let Some((record, _)) = ctx.work.by_key(kind, &key)? {
                let mut batch = Batch { counted: true, ..Batch::default() };
                one(ctx, desk, stage, load, mapper, &record, &mut batch)?;
                put(ctx, desk, id, batch)?;
            }
            let words = if there(&state()?) {
                "; the version that was loaded before was written once more"
            } else {
                "; the version that was loaded before was taken back for it, and is refused now, too: the new desk has none of the two"
            };
            let sql = "UPDATE reject SET why = why || ?4 WHERE stage = ?1 AND kind = ?2 AND key = ?3";
            ctx.journal.db.prepare_cached(sql)?.execute([id, kind, &key, words])?;
        }
        let forget = "DELETE FROM before WHERE stage = ?1 AND root = ?2";
        ctx.work.db.prepare_cached(forget)?.execute([id, key.as_str()])?;
    }
    Ok(())
}

/// Records that were taken back for a newer version, and dealt with since.
fn open(ctx: &Context<'_>, stage: &str, kind: &str, cursor: i64) -> Result<Vec<String>, Problem> {
    let any = "SELECT 1 FROM before WHERE stage = ?1";
    if ctx.work.db.prepare_cached(any)?.query_row([stage], |_| Ok(())).optional()?.is_none() {
        return Ok(Vec::new());
    }
    let mut get = ctx.work.db.prepare_cached(
        "SELECT b.key FROM before b JOIN delta d ON d.stage = b.stage AND d.key = b.key
         WHERE b.stage = ?1 AND b.kind = ?2 AND b.key = b.root AND d.seq <= ?3 ORDER BY d.seq",
    )?;
    let rows = get.query_map(params![stage, kind, cursor], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Puts the version that was loaded back into the copy.
fn put_into_copy(ctx: &Context<'_>, stage: &str, load: &Load, key: &str) -> Result<(), Problem> {
    let owner = format!("{}:{key}", load.map.source);
    for part in load.parts.iter().map(|part| part.source.as_str()) {
        if ctx.work.has(part)? {
            let gone = format!(
                "DELETE FROM {} WHERE owner = ?3 AND key NOT IN (SELECT key FROM before WHERE stage = ?1 AND root = ?2 AND kind = ?4)",
                table(part)
            );
            ctx.work.db.prepare_cached(&gone)?.execute([stage, key, &owner, part])?;
        }
    }
    for kind in std::iter::once(&load.map).chain(&load.parts).map(|map| map.source.as_str()) {
        if ctx.work.has(kind)? {
            let sql = format!(
                "INSERT INTO {} (key, owner, text) SELECT key, owner, text FROM before WHERE stage = ?1 AND root = ?2 AND kind = ?3
                 ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, text = excluded.text",
                table(kind)
            );
            ctx.work.db.prepare_cached(&sql)?.execute([stage, key, kind])?;
        }
    }
    Ok(())
}
