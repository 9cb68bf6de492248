//! Rejected records are tried again: after a mended export, a corrected plan, or a mended target.

use std::collections::{BTreeMap, BTreeSet};

use cutover_plan::model::Stage;
use rusqlite::params;

use crate::append::add_parts;
use crate::batch::Batch;
use crate::context::Context;
use crate::desk::Desk;
use crate::flow::Load;
use crate::journal::Journal;
use crate::load::{note, one, put};
use crate::prepare::Mapper;
use crate::problem::Problem;
use crate::quiet::quietly;
use crate::work::Work;

/// What became of rejected records that were tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retried {
    /// Went over.
    pub over: u64,
    /// Rejected again.
    pub again: u64,
    /// Belong to records that are there, in a desk that takes nothing more for these.
    pub late: u64,
}

/// Tries the rejected records of a load stage again, and what was rejected of records that are there.
pub(crate) fn retry(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &Stage,
    load: &Load,
    found: &mut Retried,
) -> Result<(), Problem> {
    let id = stage.id.as_str();
    let taken_out = format!("taken out of {id}");
    let mut keys = rejected_keys(ctx.journal, id, &load.map.source)?;
    // What an earlier retry had taken up when it died.
    if let Some(key) = ctx.journal.value(&taken_out)?
        && !keys.contains(&key)
        && ctx.journal.record(&load.map.source, &key, &load.map.target)?.is_none_or(|row| row.state != "done")
    {
        keys.push(key);
    }
    if !keys.is_empty() {
        quietly(ctx, desk, id, |desk| {
            let mut mapper = Mapper::new(load, ctx.host);
            for key in &keys {
                let Some((record, _)) = ctx.work.by_key(&load.map.source, key)? else { continue };
                ctx.journal.together(|| {
                    ctx.journal.set_value(&taken_out, key)?;
                    take_out(ctx.journal, ctx.work, id, load, key)
                })?;
                ctx.points.pass("taken-out", &ctx.clock);
                let mut batch = Batch::default();
                one(ctx, desk, stage, load, &mut mapper, &record, &mut batch)?;
                put(ctx, desk, id, batch)?;
                let row = ctx.journal.record(&load.map.source, key, &load.map.target)?;
                if row.is_some_and(|row| row.state == "done") { found.over += 1 } else { found.again += 1 }
            }
            ctx.journal.forget_value(&taken_out)
        })?;
    }
    parts(ctx, desk, stage, load, found)
}

/// Records that belong to others, by their kind.
type Parts = BTreeMap<String, BTreeSet<String>>;

/// Adds to records that are there what was rejected of them when they were loaded.
fn parts(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &Stage,
    load: &Load,
    found: &mut Retried,
) -> Result<(), Problem> {
    let id = stage.id.as_str();
    let mut by_owner: BTreeMap<String, Parts> = BTreeMap::new();
    for part in &load.parts {
        for key in rejected_keys(ctx.journal, id, &part.source)? {
            let owner = ctx.work.by_key(&part.source, &key)?.and_then(|(_, owner)| owner);
            let owner = owner.as_deref().and_then(|owner| owner.split_once(':'));
            if let Some((kind, owner)) = owner
                && kind == load.map.source
            {
                let parts = by_owner.entry(owner.to_owned()).or_default();
                parts.entry(part.source.clone()).or_default().insert(key);
            }
        }
    }
    let taken_out = format!("parts taken out of {id}");
    // What an earlier retry had taken up when it died.
    if let Some(text) = ctx.journal.value(&taken_out)?
        && let Ok((owner, parts)) = serde_json::from_str::<(String, Parts)>(&text)
    {
        for (kind, keys) in parts {
            by_owner.entry(owner.clone()).or_default().entry(kind).or_default().extend(keys);
        }
    }
    let mut there = Vec::new();
    for (owner, parts) in by_owner {
        let row = ctx.journal.record(&load.map.source, &owner, &load.map.target)?;
        // What belongs to a record that stays behind stays with it.
        if let Some(row) = row.filter(|row| row.state == "done") {
            there.push((owner, row, parts));
        }
    }
    if there.is_empty() {
        return Ok(());
    }
    if !desk.abilities.append {
        found.late +=
            there.iter().flat_map(|(_, _, parts)| parts.values()).map(|keys| keys.len() as u64).sum::<u64>();
        return Ok(());
    }
    quietly(ctx, desk, id, |desk| {
        let mut mapper = Mapper::new(load, ctx.host);
        for (owner, row, parts) in &there {
            let text =
                serde_json::to_string(&(owner, parts)).map_err(|error| Problem::new(error.to_string()))?;
            ctx.journal.together(|| {
                ctx.journal.set_value(&taken_out, &text)?;
                let mut all = parts.iter().flat_map(|(kind, keys)| keys.iter().map(move |key| (kind, key)));
                all.try_for_each(|(kind, key)| forget(ctx.journal, id, kind, key))
            })?;
            ctx.points.pass("taken-out", &ctx.clock);
            let mut batch = Batch::default();
            add_parts(ctx, desk, (id, load), (owner, row), parts, &mut mapper, &mut batch)?;
            ctx.journal.together(|| {
                note(ctx, id, &batch)?;
                ctx.journal.forget_value(&taken_out)
            })?;
            for (kind, keys) in parts {
                let into = load.parts.iter().find(|part| part.source == *kind);
                for key in keys {
                    let into = into.map_or("", |part| part.target.as_str());
                    let row = ctx.journal.record(kind, key, into)?;
                    if row.is_some_and(|row| row.state == "done") {
                        found.over += 1
                    } else {
                        found.again += 1
                    }
                }
            }
        }
        Ok(())
    })
}

fn rejected_keys(journal: &Journal, stage: &str, kind: &str) -> Result<Vec<String>, Problem> {
    let mut get = journal.db.prepare_cached(
        "SELECT DISTINCT key FROM reject WHERE stage = ?1 AND kind = ?2 AND key <> '' ORDER BY seq",
    )?;
    let rows = get.query_map([stage, kind], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes a rejected record and its parts out of the counts: it is about to be counted again.
fn take_out(journal: &Journal, work: &Work, stage: &str, load: &Load, key: &str) -> Result<(), Problem> {
    forget(journal, stage, &load.map.source, key)?;
    let mut rows = Vec::new();
    for part in &load.parts {
        if work.has(&part.source)? {
            work.of_owner(&part.source, &format!("{}:{key}", load.map.source), &mut rows)?;
            rows.iter().try_for_each(|row| forget(journal, stage, &part.source, &row.key))?;
        }
    }
    Ok(())
}

/// Takes one rejected record out of the counts.
fn forget(journal: &Journal, stage: &str, kind: &str, key: &str) -> Result<(), Problem> {
    let sql = "DELETE FROM reject WHERE stage = ?1 AND kind = ?2 AND key = ?3";
    let gone = journal.db.prepare_cached(sql)?.execute([stage, kind, key])?;
    let gone = i64::try_from(gone).unwrap_or(0);
    journal
        .db
        .prepare_cached(
            "UPDATE counts SET read = read - ?3, rejected = rejected - ?3 WHERE stage = ?1 AND kind = ?2",
        )?
        .execute(params![stage, kind, gone])?;
    Ok(())
}
