//! One wave taken back alone: only when nothing that stays refers to what it wrote.
//!
//! References are not in the journal, but they follow from it: each record that stays is mapped again, and its references are looked up among
//! the records of the wave. Placeholders that a wave has made for all are no reason to refuse: they stay, with whoever else uses them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use cutover_plan::model::{Operation, Stage};
use rusqlite::params;
use serde_json::Value;

use crate::amend::Frozen;
use crate::context::Context;
use crate::desk::Desk;
use crate::flow::{MapUse, Reference};
use crate::journal::{Counts, State};
use crate::load::PLACEHOLDER;
use crate::prepare::{Fate, Link, Mapper};
use crate::problem::Problem;

/// Rows of the journal that are read at once.
const PAGE: i64 = 1000;
/// References that are known to lead elsewhere.
const KEPT: usize = 100_000;
/// References that are named where a wave is refused.
const NAMED: usize = 5;

/// What leads into a wave from outside.
#[derive(Default)]
struct Into {
    count: u64,
    named: Vec<String>,
    /// Placeholders of the wave, and a stage that uses them.
    placeholders: BTreeMap<i64, String>,
}

/// The load stages of a wave.
pub(crate) fn stages(ctx: &Context<'_>, wave: &str) -> Result<BTreeSet<String>, Problem> {
    let of = |stage: &Stage| match &stage.operation {
        Operation::Load { wave: Some(of), .. } => Some(of.0.to_string()),
        _ => None,
    };
    let all: BTreeSet<String> = ctx
        .plan
        .stages
        .iter()
        .filter(|stage| of(stage).as_deref() == Some(wave))
        .map(|stage| stage.id.to_string())
        .collect();
    if !all.is_empty() {
        return Ok(all);
    }
    let waves: BTreeSet<String> = ctx.plan.stages.iter().filter_map(of).collect();
    let help = if waves.is_empty() {
        "it has no waves".to_owned()
    } else {
        format!("it has {}", waves.into_iter().collect::<Vec<_>>().join(", "))
    };
    Err(Problem::new(format!("the plan has no wave `{wave}`")).help(help))
}

/// Refuses a wave to which something refers that stays; hands placeholders over to whoever else uses them.
pub(crate) fn free(
    ctx: &Context<'_>,
    desk: &mut Desk,
    wave: &str,
    of_wave: &BTreeSet<String>,
    dry: bool,
) -> Result<(), Problem> {
    ctx.journal
        .db
        .execute_batch("CREATE INDEX IF NOT EXISTS record_target ON record (target) WHERE state = 'done'")?;
    let mut kinds = BTreeSet::new();
    let mut get = ctx
        .journal
        .db
        .prepare_cached("SELECT DISTINCT into_kind FROM record WHERE stage = ?1 AND state = 'done'")?;
    for stage in of_wave {
        for kind in get.query_map([stage], |row| row.get::<_, String>(0))? {
            kinds.insert(kind?);
        }
    }
    drop(get);
    let mut found = Into::default();
    for id in ctx.loads.keys().filter(|id| !of_wave.contains(*id)) {
        if !matches!(ctx.journal.stage(id)?.state, State::Waiting | State::Undone) {
            of_stage(ctx, desk, id, of_wave, &kinds, &mut found)?;
        }
    }
    of_links(ctx, of_wave, &mut found)?;
    if found.count > 0 {
        return Err(Problem::new(format!(
            "{} references lead to records of {wave} from what stays, among them {}",
            found.count,
            found.named.join(", ")
        ))
        .help("take the later wave back first, or everything"));
    }
    if dry {
        return Ok(());
    }
    ctx.journal.together(|| {
        for (seq, stage) in &found.placeholders {
            ctx.journal
                .db
                .prepare_cached("UPDATE record SET stage = ?2 WHERE seq = ?1")?
                .execute(params![seq, stage])?;
            ctx.journal.count(stage, PLACEHOLDER, &Counts { read: 1, written: 1, ..Counts::default() })?;
        }
        Ok(())
    })
}

/// A field of the target, and the kinds to which it may lead.
type Field<'m> = (&'m str, &'m [String]);

/// The fields of a map whose references may lead into a wave, and to which kinds.
fn fields<'m>(map: &'m MapUse, kinds: &BTreeSet<String>) -> Vec<Field<'m>> {
    let leads = map.references.iter().filter_map(|(field, reference)| match reference {
        Reference::Key { into, .. } | Reference::Name { into } => Some((field.as_str(), into.as_slice())),
        Reference::Later { .. } | Reference::Late | Reference::Owner => None,
    });
    leads.filter(|(_, into)| into.iter().any(|kind| kinds.contains(kind))).collect()
}

fn of_stage(
    ctx: &Context<'_>,
    desk: &mut Desk,
    stage: &str,
    of_wave: &BTreeSet<String>,
    kinds: &BTreeSet<String>,
    found: &mut Into,
) -> Result<(), Problem> {
    let Some(load) = ctx.loads.get(stage) else { return Ok(()) };
    let main = fields(&load.map, kinds);
    let parts: Vec<(&str, Vec<Field<'_>>)> =
        load.parts.iter().map(|part| (part.source.as_str(), fields(part, kinds))).collect();
    if main.is_empty() && parts.iter().all(|(_, fields)| fields.is_empty()) {
        return Ok(());
    }
    let mut mapper = Mapper::new(load, ctx.host);
    let mut elsewhere = HashSet::new();
    let mut after = 0;
    loop {
        let mut get = ctx.journal.db.prepare_cached(
            "SELECT seq, key FROM record
             WHERE seq > ?2 AND stage = ?1 AND kind = ?3 AND owner IS NULL AND state = 'done' ORDER BY seq LIMIT ?4",
        )?;
        let rows = get.query_map(params![stage, after, load.map.source, PAGE], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })?;
        let rows: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after = *last;
        for (_, key) in &rows {
            let Some((record, _)) = ctx.work.by_key(&load.map.source, key)? else { continue };
            let mut frozen = Frozen { ctx, desk };
            let fate = mapper.prepare(&record, ctx.journal, ctx.work, &ctx.known, &mut frozen)?;
            let Fate::Ready(planned) = fate else { continue };
            let mut ids = Vec::new();
            ids_of(&planned.draft.record, &main, &mut ids);
            for (part, draft) in planned.parts.iter().zip(&planned.draft.parts) {
                if let Some((_, fields)) = parts.iter().find(|(kind, _)| *kind == part.kind) {
                    ids_of(&draft.record, fields, &mut ids);
                }
            }
            for to in ids {
                if elsewhere.contains(&to) {
                    continue;
                }
                let from = format!("{} {key}", load.map.source);
                if !leads(ctx, (stage, &from), &to, of_wave, found)? {
                    if elsewhere.len() >= KEPT {
                        elsewhere.clear();
                    }
                    elsewhere.insert(to);
                }
            }
        }
    }
}

/// An id of the target, and the kinds of which it may be.
type To<'m> = (String, &'m [String]);

/// The ids that stand in these fields of a record.
fn ids_of<'m>(text: &str, fields: &[Field<'m>], ids: &mut Vec<To<'m>>) {
    let Ok(Value::Object(record)) = serde_json::from_str(text) else { return };
    for (field, into) in fields {
        match record.get(*field) {
            Some(Value::Array(items)) => {
                ids.extend(items.iter().filter_map(Value::as_str).map(|id| (id.to_owned(), *into)));
            }
            Some(Value::String(id)) => ids.push((id.clone(), into)),
            _ => {}
        }
    }
}

/// Whether an id of the target is a record of the wave.
fn leads(
    ctx: &Context<'_>,
    (stage, from): (&str, &str),
    (id, kinds): &To<'_>,
    of_wave: &BTreeSet<String>,
    found: &mut Into,
) -> Result<bool, Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT seq, kind, key, stage, into_kind FROM record WHERE target = ?1 AND state = 'done'",
    )?;
    let mut rows = get.query([id])?;
    let mut any = false;
    while let Some(row) = rows.next()? {
        let (of, into): (String, String) = (row.get(3)?, row.get(4)?);
        if !of_wave.contains(&of) || !kinds.contains(&into) {
            continue;
        }
        any = true;
        let (kind, key): (String, String) = (row.get(1)?, row.get(2)?);
        if kind == PLACEHOLDER {
            found.placeholders.insert(row.get(0)?, stage.to_owned());
            continue;
        }
        found.count += 1;
        if found.named.len() < NAMED {
            found.named.push(format!("{from} to {kind} {key}"));
        }
    }
    Ok(any)
}

/// References that link stages have set, or will.
fn of_links(ctx: &Context<'_>, of_wave: &BTreeSet<String>, found: &mut Into) -> Result<(), Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT record.kind, record.key, record.stage, link.reference FROM link JOIN record ON record.seq = link.record
         WHERE record.state = 'done' ORDER BY link.seq",
    )?;
    let mut rows = get.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, key, stage): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if of_wave.contains(&stage) {
            continue;
        }
        let link: Link = serde_json::from_str(&row.get::<_, String>(3)?)
            .map_err(|error| Problem::new(format!("the journal is damaged: {error}")))?;
        for to in &link.keys {
            for of in &link.of {
                let mut there = ctx.journal.db.prepare_cached(
                    "SELECT stage FROM record WHERE kind = ?1 AND key = ?2 AND state = 'done'",
                )?;
                let mut stages = there.query([of, to])?;
                while let Some(row) = stages.next()? {
                    if of_wave.contains(&row.get::<_, String>(0)?) {
                        found.count += 1;
                        if found.named.len() < NAMED {
                            found.named.push(format!("{kind} {key} to {of} {to}"));
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

/// A link stage forgets the links of a wave, and has them before it again when the wave is loaded again.
pub(crate) fn unlink(
    ctx: &Context<'_>,
    stage: &Stage,
    kind: &str,
    field: &str,
    of_wave: &BTreeSet<String>,
) -> Result<(), Problem> {
    let id = stage.id.as_str();
    ctx.journal.together(|| {
        for wave in of_wave {
            let mut get = ctx.journal.db.prepare_cached(
                "SELECT record.kind, link.state, count(*) FROM link JOIN record ON record.seq = link.record
                 WHERE record.stage = ?1 AND record.into_kind = ?2 AND link.field = ?3 AND link.state <> 'waiting'
                 GROUP BY record.kind, link.state",
            )?;
            let rows = get.query_map([wave.as_str(), kind, field], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
            })?;
            for row in rows {
                let (of, state, count) = row?;
                let column = if state == "done" { "written" } else { "rejected" };
                ctx.journal
                    .db
                    .prepare_cached(&format!(
                        "UPDATE counts SET read = read - ?3, {column} = {column} - ?3 WHERE stage = ?1 AND kind = ?2"
                    ))?
                    .execute(params![id, of, count])?;
            }
            ctx.journal
                .db
                .prepare_cached(
                    "DELETE FROM reject WHERE stage = ?1 AND EXISTS (SELECT 1 FROM record
                     WHERE record.kind = reject.kind AND record.key = reject.key AND record.stage = ?2)",
                )?
                .execute([id, wave])?;
        }
        ctx.journal.end_stage(id, State::Undone, "a wave was taken back", ctx.clock.now())
    })
}
