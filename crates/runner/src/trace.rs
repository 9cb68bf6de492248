//! The story of one record.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::context::Context;
use crate::desk::Desk;
use crate::load::Maker;
use crate::prepare::{Fate, Mapper};
use crate::problem::Problem;

/// The story of one record, in lines of plain words. With `open`, values of fields are shown; otherwise only whether they arrived.
pub(crate) fn trace(
    ctx: &Context<'_>,
    desk: &mut Desk,
    kind: Option<&str>,
    key: &str,
    open: bool,
) -> Result<Vec<String>, Problem> {
    let mut lines = Vec::new();
    let mut found = false;
    for source in ctx.work.kinds()? {
        if kind.is_some_and(|kind| kind != source) {
            continue;
        }
        let Some((record, owner)) = ctx.work.by_key(&source, key)? else { continue };
        found = true;
        lines.push(format!("{source} {key}: record {} of the export", record.ord));
        if let Some(owner) = owner {
            lines.push(format!("  belongs to {}", owner.replacen(':', " ", 1)));
        }
        written(ctx, &source, key, &mut lines)?;
        for (stage, load) in ctx.loads {
            if load.map.source != source {
                continue;
            }
            let mut mapper = Mapper::new(load, ctx.host);
            let mut maker = Maker { ctx, desk, stage };
            match mapper.prepare(&record, ctx.journal, ctx.work, &ctx.known, &mut maker)? {
                Fate::Filtered(part) => {
                    let part = if part.is_empty() { "no part of the scope takes it here" } else { &part };
                    lines.push(format!("  {stage}: left out, {part}"));
                }
                Fate::Rejected(reject) => {
                    lines.push(format!(
                        "  {stage}: rejected by {}{}: {}",
                        reject.rule,
                        place(ctx, &reject.rule),
                        reject.why
                    ));
                }
                Fate::Ready(planned) => {
                    lines.push(format!("  {stage}: mapped by {}{}", load.map.id, place(ctx, &load.map.id)));
                    let row = ctx.journal.record(&source, key, &planned.into)?;
                    let there = match row.filter(|row| row.state == "done") {
                        Some(row) => desk.connector().fetch(&planned.into, &row.target)?,
                        None => None,
                    };
                    fields(ctx, &load.map.id, &planned.draft.record, there.as_deref(), open, &mut lines)?;
                }
            }
        }
    }
    if !found {
        return Err(Problem::new(format!("the working copy has no record with the key `{key}`"))
            .help("name the key that the old desk gives it; `--kind` tells kinds apart"));
    }
    Ok(lines)
}

fn written(ctx: &Context<'_>, kind: &str, key: &str, lines: &mut Vec<String>) -> Result<(), Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT into_kind, target, state, stage, attempt FROM record WHERE kind = ?1 AND key = ?2",
    )?;
    let mut rows = get.query([kind, key])?;
    while let Some(row) = rows.next()? {
        let (into, target, state): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (stage, attempt): (String, i64) = (row.get(3)?, row.get(4)?);
        let id = if target.is_empty() { String::new() } else { format!(" {target}") };
        lines.push(format!("  is {into}{id} in the new desk: {state} by {stage}, attempt {attempt}"));
    }
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT stage, rule, field, code, why FROM reject WHERE kind = ?1 AND key = ?2 ORDER BY seq",
    )?;
    let mut rows = get.query([kind, key])?;
    while let Some(row) = rows.next()? {
        let (stage, rule, field): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (code, why): (String, String) = (row.get(3)?, row.get(4)?);
        let at = if field.is_empty() { String::new() } else { format!(" in `{field}`") };
        lines.push(format!("  {stage}: {code}{at}: {why}{}", place(ctx, &rule)));
    }
    Ok(())
}

/// Each field: its line of the spec, and whether it arrived.
fn fields(
    ctx: &Context<'_>,
    map: &str,
    sent: &str,
    there: Option<&str>,
    open: bool,
    lines: &mut Vec<String>,
) -> Result<(), Problem> {
    let broken = |error: serde_json::Error| Problem::new(format!("a record cannot be read: {error}"));
    let sent: BTreeMap<&str, &RawValue> = serde_json::from_str(sent).map_err(broken)?;
    let there: Option<BTreeMap<&str, &RawValue>> =
        there.map(serde_json::from_str).transpose().map_err(broken)?;
    for (field, value) in sent {
        let arrived = match &there {
            None => "",
            Some(there) => match there.get(field) {
                Some(there) if crate::verify::same(value.get(), there.get()) => ", and is so in the new desk",
                Some(_) => ", but the new desk has another value",
                None => ", but the new desk has nothing there",
            },
        };
        let value =
            if open { value.get().to_owned() } else { format!("{} characters", value.get().chars().count()) };
        lines.push(format!("    {field}{}: {value}{arrived}", place(ctx, &format!("{map}/to/{field}"))));
    }
    Ok(())
}

/// The line of the spec of a rule.
pub(crate) fn place(ctx: &Context<'_>, rule: &str) -> String {
    if rule.is_empty() {
        return String::new();
    }
    let id: Option<cutover_ir::Id> = serde_json::from_value(rule.into()).ok();
    id.and_then(|id| ctx.places.get(&id))
        .map(|place| format!(" ({}:{})", place.file, place.line))
        .unwrap_or_default()
}
