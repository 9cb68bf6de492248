//! What people and customers wrote into the new desk meanwhile: before anything is taken back, it goes where the plan keeps it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use cutover_connect::{Chunk, Cursor};

use crate::context::Context;
use crate::desk::Desk;
use crate::journal::private;
use crate::problem::Problem;
use crate::trigger;

/// Records of the new desk that no run brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// How many, by kind of the target.
    pub records: BTreeMap<String, u64>,
    /// What the plan keeps of them, in its words; empty where it says nothing.
    pub what: Vec<String>,
    /// The store that the plan names.
    pub store: Option<String>,
    /// Who keeps them, by identifier.
    pub by: Option<String>,
    /// The folder in which they were written; nothing in a dry run, or where the environment binds no store.
    pub folder: Option<PathBuf>,
}

/// Records of one call.
const CHUNK: usize = 1000;

/// Looks for records that no run brought, in the kinds that the plan writes, and writes them to the store of the plan unless `dry`.
pub(crate) fn keep(ctx: &Context<'_>, desk: &mut Desk, dry: bool) -> Result<Kept, Problem> {
    let rollback = trigger::rollback(ctx);
    let mut kept = Kept {
        what: rollback.map(|rollback| rollback.keep.clone()).unwrap_or_default(),
        store: rollback.and_then(|rollback| rollback.store.clone()),
        by: rollback.and_then(|rollback| rollback.kept_by.clone()),
        ..Kept::default()
    };
    if !desk.abilities.read {
        return Ok(kept);
    }
    // Only the way back asks for records by their ids in the target; while records are loaded, the index would only cost.
    ctx.journal.db.execute_batch(
        "CREATE INDEX IF NOT EXISTS record_target ON record (into_kind, target) WHERE target <> ''",
    )?;
    let to = kept
        .store
        .as_ref()
        .filter(|_| !kept.what.is_empty())
        .and_then(|store| ctx.environment.stores.get(store));
    // A folder of its own: the store may hold the backup of the old desk, or what an earlier way back kept.
    let folder = to.map(|to| free(&ctx.environment.path(to), ctx.clock.now()));
    for kind in &ctx.written {
        let (mut chunk, mut cursor, mut count) = (Chunk::default(), Cursor::start(), 0_u64);
        let mut file = None;
        loop {
            chunk.clear();
            desk.connector().read(kind, &cursor, CHUNK, &mut chunk)?;
            for record in chunk.records() {
                if ours(ctx, kind, record)? {
                    continue;
                }
                count += 1;
                let Some(folder) = folder.as_ref().filter(|_| !dry) else { continue };
                let path = folder.join(format!("{}.jsonl", cutover_connect::plural(kind)));
                let failed = |error: std::io::Error| {
                    Problem::new(format!("cannot write {}: {error}", path.display()))
                        .help("nothing was taken back; mend that, and take everything back again")
                };
                if file.is_none() {
                    private(&path)?;
                    file = Some(std::io::BufWriter::new(
                        std::fs::File::options().append(true).open(&path).map_err(failed)?,
                    ));
                }
                if let Some(file) = &mut file {
                    writeln!(file, "{record}").map_err(failed)?;
                }
            }
            match chunk.next() {
                Some(next) => cursor = next.clone(),
                None => break,
            }
        }
        if let Some(mut file) = file {
            let synced = file.flush().and_then(|()| file.get_ref().sync_all());
            synced.map_err(|error| Problem::new(format!("what customers wrote cannot be kept: {error}")))?;
        }
        if count > 0 {
            kept.records.insert(kind.clone(), count);
        }
    }
    if dry || kept.records.is_empty() {
        return Ok(kept);
    }
    if folder.is_none()
        && let Some(store) = kept.store.as_ref().filter(|_| !kept.what.is_empty())
    {
        return Err(Problem::new(format!(
            "the new desk has {} records that no run brought, and the plan keeps {} in `{store}`",
            kept.records.values().sum::<u64>(),
            kept.what.join(" and ")
        ))
        .help(format!(
            "name a folder for it in the environment: `[stores]` and `\"{store}\" = \"FOLDER\"`"
        )));
    }
    kept.folder = folder;
    Ok(kept)
}

/// A folder in a store that is not there yet, named after the moment.
fn free(store: &Path, now: i64) -> PathBuf {
    let moment = cutover_ir::time::Instant::from_seconds(now).to_string().replace(':', "-");
    let names = std::iter::once(format!("kept-{moment}")).chain((2..).map(|n| format!("kept-{moment}-{n}")));
    let mut free = names.map(|name| store.join(name)).filter(|path| !path.exists());
    free.next().unwrap_or_else(|| store.to_owned())
}

/// Whether a run brought a record.
fn ours(ctx: &Context<'_>, kind: &str, record: &str) -> Result<bool, Problem> {
    #[derive(serde::Deserialize)]
    struct Id {
        id: Option<serde_json::Value>,
    }
    let id = serde_json::from_str::<Id>(record).ok().and_then(|found| found.id);
    let id = match id {
        Some(serde_json::Value::String(id)) => id,
        Some(serde_json::Value::Number(id)) => id.to_string(),
        _ => return Ok(false),
    };
    let mut find = ctx.journal.db.prepare_cached(
        "SELECT 1 FROM record WHERE into_kind = ?1 AND target = ?2 AND target <> '' AND state <> 'undone'",
    )?;
    Ok(find.exists([kind, id.as_str()])?)
}
