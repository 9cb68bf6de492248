//! Records that somebody decided to leave behind: the journal says who and why, and each stage counts them among those that were left out,
//! with a word of their own.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use rusqlite::params;

use crate::context::Context;
use crate::journal::Journal;
use crate::problem::Problem;

/// Records that are skipped, as far as the journal was read.
#[derive(Debug, Default)]
pub(crate) struct Skipped {
    seen: Cell<i64>,
    by: RefCell<HashMap<(String, String), String>>,
}

impl Skipped {
    /// Reads what was decided since the last time: people decide while the run goes on.
    pub(crate) fn refresh(&self, journal: &Journal) -> Result<(), Problem> {
        let mut get = journal.db.prepare_cached(
            "SELECT seq, who, subject FROM event WHERE what = 'skip' AND seq > ?1 ORDER BY seq",
        )?;
        let mut rows = get.query([self.seen.get()])?;
        while let Some(row) = rows.next()? {
            self.seen.set(row.get(0)?);
            let (who, subject): (String, String) = (row.get(1)?, row.get(2)?);
            if let Some((kind, key)) = subject.split_once(':') {
                self.by.borrow_mut().insert((kind.to_owned(), key.to_owned()), who);
            }
        }
        Ok(())
    }

    /// Whether nothing is.
    pub(crate) fn is_empty(&self) -> bool {
        self.by.borrow().is_empty()
    }

    /// By what a record is left out, when somebody skipped it: `skipped by ines`.
    pub(crate) fn part(&self, kind: &str, key: &str) -> Option<String> {
        let by = self.by.borrow();
        if by.is_empty() {
            return None;
        }
        by.get(&(kind.to_owned(), key.to_owned())).map(|who| part(who))
    }
}

fn part(who: &str) -> String {
    format!("skipped by {who}")
}

/// Leaves a record behind. One that was rejected is counted as left out from now on, with what belongs to it. Its kind.
pub(crate) fn skip(
    ctx: &Context<'_>,
    kind: Option<&str>,
    key: &str,
    by: &str,
    why: &str,
) -> Result<String, Problem> {
    let kind = kind_of(ctx, kind, key)?;
    let key = &*ctx.work.veil().key(&kind, key);
    let mut get = ctx
        .journal
        .db
        .prepare_cached("SELECT state, into_kind, target FROM record WHERE kind = ?1 AND key = ?2")?;
    let mut rows = get.query([kind.as_str(), key])?;
    while let Some(row) = rows.next()? {
        let (state, into, target): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        match state.as_str() {
            "done" | "kept" => {
                return Err(Problem::new(format!(
                    "{kind} {key} is in the new desk already, as {into} {target}"
                ))
                .help("what is there is taken back with its wave or with everything: `cutover rollback`"));
            }
            "intent" | "uncertain" => {
                return Err(Problem::new(format!(
                    "the answer to {kind} {key} was lost: whether the new desk has it is not known"
                ))
                .help("let the run settle that first, or look for it in the new desk"));
            }
            _ => {}
        }
    }
    drop(rows);
    ctx.known.skipped.refresh(ctx.journal)?;
    if let Some(part) = ctx.known.skipped.part(&kind, key) {
        return Err(Problem::new(format!("{kind} {key} is left behind already, {part}")));
    }
    ctx.journal.together(|| {
        ctx.journal.event(ctx.clock.now(), "skip", by, &format!("{kind}:{key}"), why)?;
        for (stage, load) in ctx.loads {
            move_rejects(ctx.journal, stage, &kind, key, &part(by))?;
            if load.map.source != kind {
                continue;
            }
            let mut parts = Vec::new();
            for part in &load.parts {
                if ctx.work.has(&part.source)? {
                    ctx.work.of_owner(&part.source, &format!("{kind}:{key}"), &mut parts)?;
                    for row in &parts {
                        move_rejects(
                            ctx.journal,
                            stage,
                            &part.source,
                            &row.key,
                            &format!("with its {kind}"),
                        )?;
                    }
                }
            }
        }
        Ok(())
    })?;
    Ok(kind)
}

/// The kind of the record with that key.
fn kind_of(ctx: &Context<'_>, kind: Option<&str>, key: &str) -> Result<String, Problem> {
    let mut kinds: Vec<&str> = ctx
        .loads
        .values()
        .flat_map(|load| std::iter::once(&load.map).chain(&load.parts))
        .map(|map| map.source.as_str())
        .filter(|of| kind.is_none_or(|kind| kind == *of))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    // Before the export nobody can look; whoever says the kind is believed.
    if kind.is_some()
        && let [kind] = kinds.as_slice()
        && !(ctx.work.has(kind)? && ctx.work.progress(kind)?.1)
    {
        return Ok((*kind).to_owned());
    }
    let mut found = Vec::new();
    for kind in kinds {
        if ctx.work.by_key(kind, key)?.is_some() {
            found.push(kind);
        }
    }
    match found.as_slice() {
        [kind] => Ok((*kind).to_owned()),
        [] => Err(Problem::new(format!(
            "the working copy has no record with the key `{key}` that would be loaded"
        ))
        .help("name the key that the old desk gives it; before the export, its kind too: `--kind ticket`")),
        several => Err(Problem::new(format!("several kinds have a record with the key `{key}`"))
            .help(format!("say which one: `--kind {}`", several.join("`, `--kind ")))),
    }
}

/// What was rejected is left out from now on.
fn move_rejects(journal: &Journal, stage: &str, kind: &str, key: &str, part: &str) -> Result<(), Problem> {
    let gone = journal
        .db
        .prepare_cached("DELETE FROM reject WHERE stage = ?1 AND kind = ?2 AND key = ?3")?
        .execute([stage, kind, key])?;
    if gone == 0 {
        return Ok(());
    }
    let count = i64::try_from(gone).unwrap_or(0);
    journal
        .db
        .prepare_cached(
            "UPDATE counts SET rejected = rejected - ?3, filtered = filtered + ?3 WHERE stage = ?1 AND kind = ?2",
        )?
        .execute(params![stage, kind, count])?;
    journal.filtered(stage, kind, part, gone as u64)
}
