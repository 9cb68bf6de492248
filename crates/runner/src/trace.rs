//! The story of one record.

use std::collections::{BTreeMap, BTreeSet};

use cutover_plan::model::LoadMode;
use serde_json::value::RawValue;

use crate::context::Context;
use crate::desk::Desk;
use crate::due;
use crate::flow::Load;
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
    let policies = due::promised(ctx)?;
    let mut promises = due::Promises::new(ctx, &policies)?;
    for source in ctx.work.kinds()? {
        // What was read again to see what changed is no kind of its own.
        if kind.is_some_and(|kind| kind != source) || source.starts_with("again ") {
            continue;
        }
        let Some((record, owner)) = ctx.work.by_key(&source, key)? else { continue };
        found = true;
        let typed = key;
        let key = record.key.as_str();
        lines.push(format!("{source} {key}: record {} of the export", record.ord));
        if let Some(address) = address(ctx, "source", &source, typed) {
            lines.push(format!("  at {address} in the old desk"));
        }
        if let Some(owner) = owner {
            lines.push(format!("  belongs to {}", owner.replacen(':', " ", 1)));
        }
        let told = written(ctx, &source, key, &mut lines)?;
        for (stage, load) in ctx.loads {
            if load.map.source != source || !concerns(ctx, stage, load, key)? {
                continue;
            }
            let mut mapper = Mapper::new(load, ctx.host);
            let mut maker = Maker { ctx, desk, stage };
            match mapper.prepare(&record, ctx.journal, ctx.work, &ctx.known, &mut maker)? {
                Fate::Filtered(part) => {
                    let part = if part.is_empty() { "no part of the scope takes it here" } else { &part };
                    lines.push(format!("  {stage}: left out, {part}"));
                }
                // The journal has said so already, in its own words.
                Fate::Rejected(reject) if told.contains(&(stage.clone(), reject.rule.clone())) => {}
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
                    belongs(ctx, load, key, &mut lines)?;
                }
            }
        }
        if let Some(promises) = promises.as_mut().filter(|promises| promises.kind() == source) {
            lines.extend(promises.explain(&record)?);
        }
    }
    if !found {
        return Err(Problem::new(format!("the working copy has no record with the key `{key}`"))
            .help("name the key that the old desk gives it; `--kind` tells kinds apart"));
    }
    Ok(lines)
}

/// Whether a stage says anything about a record: one that takes over what changed does only for what it took over.
fn concerns(ctx: &Context<'_>, stage: &str, load: &Load, key: &str) -> Result<bool, Problem> {
    if load.mode == LoadMode::Create {
        return Ok(true);
    }
    let sql = "SELECT 1 FROM record WHERE kind = ?1 AND key = ?2 AND stage = ?3";
    Ok(ctx.journal.db.prepare_cached(sql)?.exists([load.map.source.as_str(), key, stage])?)
}

/// What belongs to a record: how much of it is in the new desk, and what is not, with the reason.
fn belongs(ctx: &Context<'_>, load: &Load, key: &str, lines: &mut Vec<String>) -> Result<(), Problem> {
    let owner = format!("{}:{key}", load.map.source);
    let mut rows = Vec::new();
    for part in &load.parts {
        if !ctx.work.has(&part.source)? {
            continue;
        }
        ctx.work.of_owner(&part.source, &owner, &mut rows)?;
        if rows.is_empty() {
            continue;
        }
        let mut there = 0;
        let mut others = Vec::new();
        for row in &rows {
            let known = ctx.journal.record(&part.source, &row.key, &part.target)?;
            match known.as_ref().map(|row| row.state.as_str()) {
                Some("done") => there += 1,
                Some("uncertain" | "intent") => {
                    others.push(format!("    {} {}: in doubt", part.source, row.key))
                }
                _ => {
                    let mut get = ctx.journal.db.prepare_cached(
                        "SELECT code, why FROM reject WHERE kind = ?1 AND key = ?2 ORDER BY seq DESC LIMIT 1",
                    )?;
                    let mut found = get.query([part.source.as_str(), row.key.as_str()])?;
                    let why = match found.next()? {
                        Some(row) => format!("{}: {}", row.get::<_, String>(0)?, row.get::<_, String>(1)?),
                        None => "not in the new desk".to_owned(),
                    };
                    others.push(format!("    {} {}: {why}", part.source, row.key));
                }
            }
        }
        lines.push(format!("  with it: {} {}, {there} of them in the new desk", rows.len(), part.source));
        lines.extend(others);
    }
    Ok(())
}

/// How much stands in a field, without what stands there.
fn size(value: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(value) {
        Ok(serde_json::Value::String(text)) if cutover_ir::time::Instant::parse(&text).is_some() => {
            "a time".to_owned()
        }
        Ok(serde_json::Value::String(text)) => match text.chars().count() {
            1 => "1 character".to_owned(),
            count => format!("{count} characters"),
        },
        Ok(serde_json::Value::Array(items)) => match items.len() {
            1 => "1 entry".to_owned(),
            count => format!("{count} entries"),
        },
        Ok(serde_json::Value::Bool(_)) => "yes or no".to_owned(),
        Ok(serde_json::Value::Number(_)) => "a number".to_owned(),
        Ok(serde_json::Value::Null) => "nothing".to_owned(),
        _ => "an object".to_owned(),
    }
}

/// What the journal knows of a record; the stages and rules by which it was rejected.
fn written(
    ctx: &Context<'_>,
    kind: &str,
    key: &str,
    lines: &mut Vec<String>,
) -> Result<BTreeSet<(String, String)>, Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT into_kind, target, state, stage, attempt FROM record WHERE kind = ?1 AND key = ?2",
    )?;
    let mut rows = get.query([kind, key])?;
    while let Some(row) = rows.next()? {
        let (into, target, state): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (stage, attempt): (String, i64) = (row.get(3)?, row.get(4)?);
        let id = if target.is_empty() { String::new() } else { format!(" {target}") };
        lines.push(format!("  is {into}{id} in the new desk: {state} by {stage}, attempt {attempt}"));
        // An embedded desk has ids of its own, which the account has not.
        if state == "done"
            && !ctx.environment.target.is_local()
            && let Some(address) = address(ctx, "target", &into, &target)
        {
            lines.push(format!("  at {address}"));
        }
    }
    let mut told = BTreeSet::new();
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT stage, rule, field, code, why FROM reject WHERE kind = ?1 AND key = ?2 ORDER BY seq",
    )?;
    let mut rows = get.query([kind, key])?;
    while let Some(row) = rows.next()? {
        let (stage, rule, field): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (code, why): (String, String) = (row.get(3)?, row.get(4)?);
        let at = if field.is_empty() { String::new() } else { format!(" in `{field}`") };
        lines.push(format!("  {stage}: {code}{at}: {why}{}", place(ctx, &rule)));
        told.insert((stage, rule));
    }
    Ok(told)
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
        let value = if open { value.get().to_owned() } else { size(value.get()) };
        lines.push(format!("    {field}{}: {value}{arrived}", place(ctx, &format!("{map}/to/{field}"))));
    }
    Ok(())
}

/// The address at which agents open a record, where the catalog of the system says it.
fn address(ctx: &Context<'_>, system: &str, kind: &str, id: &str) -> Option<String> {
    let (binding, system) = match system {
        "source" => (&ctx.environment.source, ctx.plan.systems.get(system)?),
        _ => (&ctx.environment.target, ctx.plan.systems.get(system)?),
    };
    let catalog = cutover_catalog::Catalog::builtin(&system.platform)?;
    let note = catalog.notes.get("ticket_address")?;
    let whole = id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if note.kind.as_deref().is_some_and(|of| of != kind) || !whole {
        return None;
    }
    let host = if binding.is_local() || binding.connector != "rt" {
        format!("https://{}", system.account)
    } else {
        binding.at.to_string_lossy().trim_end_matches('/').to_owned()
    };
    let text = match note.text.strip_prefix("https://{account}/") {
        Some(path) => format!("{host}/{path}"),
        None => note.text.replace("{account}", &system.account),
    };
    Some(text.replace("{1}", id))
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
