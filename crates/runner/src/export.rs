//! Export stages: the source's records go into the working copy.

use cutover_connect::{Chunk, Connector, Cursor};
use cutover_plan::Plan;
use cutover_plan::model::{Operation, Phase, Stage};
use sha2::{Digest as _, Sha256};

use crate::beside::only_ids;
use crate::context::{Context, Event};
use crate::environment::{Binding, Nested};
use crate::flow::{Keys, MapUse, goes_with};
use crate::journal::{Counts, Rejected};
use crate::names::found_nowhere;
use crate::problem::Problem;
use crate::work::{Work, table};

/// Records of one call.
const CHUNK: usize = 2000;

/// Copies all records of a kind. Pieces of one kind are read in one go by the first of their stages.
pub(crate) fn export(
    ctx: &Context<'_>,
    source: &mut dyn Connector,
    binding: &Binding,
    stage: &Stage,
    kind: &str,
) -> Result<String, Problem> {
    let id = stage.id.as_str();
    let name = format!("exported {kind}");
    if let Some(by) = ctx.journal.value(&name)? {
        // A run that died behind this has counted already.
        if by == id {
            return Ok(String::new());
        }
        // A rehearsal reads the source once.
        if !is_again(stage) || ctx.environment.rehearsal {
            return Ok(format!("read together with {by}"));
        }
        forget(ctx, id, kind)?;
    }
    let begun = format!("again {kind}");
    if ctx.journal.value(&begun)?.as_deref() == Some(id) {
        ctx.work.together(|| ctx.work.forget(kind))?;
        ctx.journal.set_value(&begun, "read")?;
    }
    let others = others(ctx, source, binding)?;
    read_all(ctx, source, binding, id, kind)?;
    read_names(ctx, source, binding, id, kind)?;
    found_nowhere(ctx, ctx.work, binding, kind)?;
    let (_, _, read) = ctx.work.progress(kind)?;
    let written = ctx.work.count(kind)?;
    let short = fewer(ctx, kind, read)?;
    let order = order(ctx.work, kind)?;
    ctx.journal.together(|| {
        let mut rejected = 0;
        ctx.work.all_bad(kind, &mut |bad| {
            rejected += 1;
            ctx.journal.reject(&Rejected::unread(id, kind, bad))
        })?;
        let mut others: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
        ctx.work.all_others(kind, &mut |why, count| {
            others.insert(why, count);
        })?;
        let filtered = others.values().sum();
        for (why, count) in others {
            ctx.journal.filtered(id, kind, &why, count)?;
        }
        ctx.journal.count(id, kind, &Counts { read, written, rejected, filtered, ..Counts::default() })?;
        ctx.journal.set_value(&format!("order {kind}"), &order)?;
        ctx.journal.set_value(&name, id)
    })?;
    Ok([others, short].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; "))
}

/// Of so many percent of what the plan was made from, an export is told to have fewer.
const FEWER: u64 = 90;

/// What to say of an export that has fewer records than the plan was made from. One that has none at all, where there were some, broke off.
fn fewer(ctx: &Context<'_>, kind: &str, read: u64) -> Result<String, Problem> {
    let mut expected = 0_u64;
    for stage in &ctx.plan.stages {
        if matches!(&stage.operation, Operation::Export { kind: of, .. } if of == kind) && !is_again(stage) {
            expected += stage.estimate.as_deref().map_or(0, |estimate| estimate.count);
        }
    }
    if expected == 0 {
        let again = ctx
            .plan
            .stages
            .iter()
            .filter(|stage| matches!(&stage.operation, Operation::Export { kind: of, .. } if of == kind));
        expected = again.filter_map(|stage| stage.estimate.as_deref()).map(|estimate| estimate.count).sum();
    }
    if read == 0 && expected > 0 {
        // The next run reads it again.
        ctx.work.together(|| ctx.work.forget(kind))?;
        return Err(Problem::new(format!(
            "the export has no {kind} at all, and the plan was made from {expected}"
        ))
        .help("an export that broke off looks like this: bring the whole one, or take the inventory and the plan anew"));
    }
    Ok(if read.saturating_mul(100) < expected.saturating_mul(FEWER) {
        format!("{read} of the {expected} {} from which the plan was made", cutover_connect::plural(kind))
    } else {
        String::new()
    })
}

/// Whether an export of the night reads what an earlier one read already: what came and changed since is not lost then.
pub(crate) fn is_again(stage: &Stage) -> bool {
    matches!(stage.operation, Operation::Export { .. } | Operation::Clean { .. })
        && stage.phase == Phase::Night
}

/// Notes that a kind is read anew, and forgets what an earlier export counted and could not read. Nothing of it was loaded yet. A run that dies behind this
/// begins with an empty copy.
fn forget(ctx: &Context<'_>, id: &str, kind: &str) -> Result<(), Problem> {
    ctx.journal.together(|| {
        for stage in &ctx.plan.stages {
            let of_kind = match &stage.operation {
                Operation::Export { kind: of, .. } | Operation::Clean { kind: of, .. } => of == kind,
                _ => false,
            };
            if !of_kind {
                continue;
            }
            // What was counted then is counted again: a record is read once.
            for table in ["reject", "counts", "filtered"] {
                let forget = format!("DELETE FROM {table} WHERE stage = ?1 AND kind = ?2");
                ctx.journal.db.prepare_cached(&forget)?.execute([stage.id.as_str(), kind])?;
            }
        }
        for what in ["exported", "order", "cleaned"] {
            ctx.journal.forget_value(&format!("{what} {kind}"))?;
        }
        ctx.journal.set_value(&format!("again {kind}"), id)
    })
}

/// What the source holds and the plan never reads is told once, and stands in the report.
fn others(ctx: &Context<'_>, source: &mut dyn Connector, binding: &Binding) -> Result<String, Problem> {
    if ctx.journal.value(OTHERS)?.is_some() {
        return Ok(String::new());
    }
    let exported = ctx.plan.stages.iter().filter_map(|stage| match &stage.operation {
        Operation::Export { kind, .. } => Some(kind.as_str()),
        _ => None,
    });
    let mut kinds: Vec<&str> = exported.collect();
    kinds.extend(binding.nested.values().flat_map(|nested| &nested.of).map(String::as_str));
    let others = source.others(&kinds)?.join(", ");
    ctx.journal.set_value(OTHERS, &others)?;
    Ok(if others.is_empty() {
        others
    } else {
        format!("the source also has what the plan does not read: {others}")
    })
}

/// The name under which the journal keeps what is never read.
pub(crate) const OTHERS: &str = "not read";

/// What tells whether a copy has the same records in the same order as another one: the place of each key. It is read from the index of the
/// keys, in the order of that one, since reading all records would take as long as the export.
fn order(work: &Work, kind: &str) -> Result<String, Problem> {
    let mut get = work.db.prepare(&format!("SELECT key, ord FROM {} ORDER BY key", table(kind)))?;
    let mut rows = get.query([])?;
    let (mut digest, mut count) = (Sha256::new(), 0_u64);
    while let Some(row) = rows.next()? {
        let broken = |error| Problem::from(rusqlite::Error::from(error));
        let key = row.get_ref(0)?.as_str().map_err(broken)?;
        digest.update((key.len() as u64).to_le_bytes());
        digest.update(key);
        digest.update(row.get::<_, i64>(1)?.to_le_bytes());
        count += 1;
    }
    digest.update(count.to_le_bytes());
    Ok(hex(&digest.finalize()))
}

/// Makes a working copy again that is not there, or not whole, although the journal says that it was: on another machine, or when somebody
/// removed it. The run goes on by positions in the copy, so it has to be the same records in the same order.
pub(crate) fn restore(
    ctx: &Context<'_>,
    source: &mut dyn Connector,
    binding: &Binding,
    stage: &Stage,
    kind: &str,
) -> Result<bool, Problem> {
    if ctx.work.progress(kind)?.1
        || ctx.journal.value(&format!("exported {kind}"))?.as_deref() != Some(stage.id.as_str())
    {
        return Ok(false);
    }
    read_all(ctx, source, binding, stage.id.as_str(), kind)?;
    read_names(ctx, source, binding, stage.id.as_str(), kind)?;
    let wanted = ctx.journal.value(&format!("order {kind}"))?;
    if wanted.is_some_and(|wanted| order(ctx.work, kind).is_ok_and(|order| order != wanted)) {
        return Err(Problem::new(format!(
            "the source no longer has the records of {kind} that this run has read"
        ))
        .help("bring the folder that `work` names along from where the run was, or take everything back and begin anew"));
    }
    Ok(true)
}

/// Reads all records of a kind into the copy. It goes on where it stopped.
fn read_all(
    ctx: &Context<'_>,
    source: &mut dyn Connector,
    binding: &Binding,
    id: &str,
    kind: &str,
) -> Result<(), Problem> {
    let keys = Keys::of(ctx.plan, binding, kind)?;
    ctx.work.prepare(kind)?;
    let mut chunk = Chunk::default();
    loop {
        let (cursor, over, read) = ctx.work.progress(kind)?;
        if over {
            break;
        }
        chunk.clear();
        match binding.nested.get(kind) {
            Some(nested) => inside(source, nested, &cursor, &mut chunk)?,
            None => source.read(kind, &Cursor(cursor), CHUNK, &mut chunk)?,
        }
        ctx.points.pass("export-read", &ctx.clock);
        ctx.work.together(|| {
            for (at, text) in chunk.records().enumerate() {
                let place = read + at as u64 + 1;
                if let Some(why) = binding.other_than(kind, text) {
                    ctx.work.other(kind, &why)?;
                    continue;
                }
                match keys.find(text) {
                    Err((code, why)) => ctx.work.bad(kind, "", &format!("record {place}"), code, &why)?,
                    Ok((None, _)) => {
                        ctx.work.bad(
                            kind,
                            "",
                            &format!("record {place}"),
                            "no-key",
                            "it has no key by which it could be recognised",
                        )?;
                    }
                    Ok((Some(key), owner)) => {
                        if ctx.work.add(kind, &key, owner.as_deref(), text)? {
                            continue;
                        }
                        let known = ctx.work.by_key(kind, &key)?;
                        if known.is_some_and(|(known, _)| known.text == text) {
                            // Exports by time begin a page with what ended the page before.
                            ctx.work.other(kind, REPEATED)?;
                        } else {
                            ctx.work.bad(
                                kind,
                                &key,
                                &format!("record {place}"),
                                "duplicate-key",
                                "another record has this key",
                            )?;
                        }
                    }
                }
            }
            for unread in chunk.problems() {
                ctx.work.bad(kind, "", &unread.at, unread.code, &unread.why)?;
            }
            for why in chunk.others() {
                ctx.work.other(kind, why)?;
            }
            let count = (chunk.len() + chunk.problems().len() + chunk.others().len()) as u64;
            let next = chunk.next().map_or("", |next| next.0.as_str());
            ctx.work.set_progress(kind, next, chunk.next().is_none(), count)
        })?;
        ctx.points.pass("export-kept", &ctx.clock);
        (ctx.tell)(&Event::Progress { stage: id.to_owned(), records: read + chunk.len() as u64 });
    }
    if goes_with(ctx.plan, kind).is_some() {
        ctx.work.by_owner(kind)?;
    }
    Ok(())
}

/// Whether the plan has a stage that exports a kind.
pub(crate) fn is_exported(plan: &Plan, kind: &str) -> bool {
    plan.stages
        .iter()
        .any(|stage| matches!(&stage.operation, Operation::Export { kind: other, .. } if other == kind))
}

/// Why a record that is there to the letter already is left out.
const REPEATED: &str = "the same record once more";

/// Reads the records by whose names translations of a kind go, and those whose fields its maps read through references, where the plan has no
/// stage for them: groups that people build anew, brands that stay behind. They are no records of the migration. Where the source does not have them, its ids are all there is.
fn read_names(
    ctx: &Context<'_>,
    source: &mut dyn Connector,
    binding: &Binding,
    id: &str,
    kind: &str,
) -> Result<(), Problem> {
    let maps = ctx.loads.values().flat_map(|load| std::iter::once(&load.map).chain(&load.parts));
    let maps: Vec<&MapUse> = maps.filter(|map| map.source == kind).collect();
    let named = maps.iter().flat_map(|map| {
        let named = map.by_name.iter().flat_map(|named| &named.kinds).map(String::as_str);
        named.chain(map.program.others())
    });
    for other in named.collect::<std::collections::BTreeSet<&str>>() {
        let mut chunk = Chunk::default();
        if !is_exported(ctx.plan, other)
            && !binding.nested.contains_key(other)
            && source.read(other, &Cursor::start(), 1, &mut chunk).is_ok()
        {
            read_all(ctx, source, binding, id, other)?;
        }
    }
    let comes = |kind: &str| is_exported(ctx.plan, kind) || ctx.work.has(kind).unwrap_or(false);
    maps.into_iter().try_for_each(|map| only_ids(ctx, map, &comes))
}

/// Reads the records that stand in a list inside of others. The cursor says in which kind, and where in it.
pub(crate) fn inside(
    source: &mut dyn Connector,
    nested: &Nested,
    cursor: &str,
    into: &mut Chunk,
) -> Result<(), Problem> {
    let (at, place) = cursor.split_once('|').unwrap_or(("0", ""));
    let at: usize = at.parse().map_err(|_| Problem::new("the working copy is damaged: remove its folder"))?;
    let Some(of) = nested.of.get(at) else {
        into.end(None);
        return Ok(());
    };
    let mut outer = Chunk::default();
    source.read(of, &Cursor(place.to_owned()), CHUNK, &mut outer)?;
    for record in outer.records() {
        // What is no record is told with its own kind.
        let Ok(fields) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(record) else {
            continue;
        };
        let list = fields.get(&nested.list).and_then(serde_json::Value::as_array);
        for item in list.into_iter().flatten() {
            let serde_json::Value::Object(item) = item else { continue };
            let mut item = item.clone();
            item.insert(of.clone(), fields.get("id").cloned().unwrap_or_default());
            into.push(&serde_json::Value::Object(item).to_string());
        }
    }
    let next = match outer.next() {
        Some(next) => Some(format!("{at}|{}", next.0)),
        None if at + 1 < nested.of.len() => Some(format!("{}|", at + 1)),
        None => None,
    };
    into.end(next.map(Cursor));
    Ok(())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
