//! The new desk is what the run takes it for: no source, no file of another program, and the desk to which the journal belongs.
//!
//! A journal says what a desk has. With another desk, or none, all of that is wrong, and the rest of a run would go where its beginning is
//! not. All of this is looked at before anything is opened to be written.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, Hasher as _};
use std::path::Path;

use cutover_connect::{Chunk, Connector, Cursor};
use cutover_plan::model::{LoadMode, Operation, Stage};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _};

use crate::context::{Context, machine};
use crate::flow::Keys;
use crate::journal::{Journal, State};
use crate::problem::Problem;
use crate::session::{Opening, latest};

/// Under what the journal keeps the name of its embedded desk.
const DESK: &str = "desk";
/// Under what it keeps where the new desk is.
const PLACE: &str = "target is at";

/// Refuses to read on from another export than the one of which a part was read already: half of two desks is none.
pub(crate) fn same_source(ctx: &Context<'_>, source: &mut dyn Connector) -> Result<(), Problem> {
    let binding = &ctx.environment.source;
    if !binding.is_local() && binding.connector != "singer" {
        return Ok(());
    }
    let (mut read, mut open) = (BTreeSet::new(), false);
    for stage in &ctx.plan.stages {
        let late = ctx.loads.get(stage.id.as_str()).is_some_and(|load| load.mode != LoadMode::Create);
        let Some(kind) = exported(stage).or(late.then_some("")) else { continue };
        let over = ctx.journal.stage(stage.id.as_str())?.state == State::Done;
        open |= !over;
        if over && !kind.is_empty() && !binding.nested.contains_key(kind) && ctx.work.has(kind)? {
            read.insert(kind);
        }
    }
    let (mut seen, mut chunk) = (0, Chunk::default());
    for kind in read.into_iter().filter(|_| open) {
        chunk.clear();
        // What cannot be read now is told by the stage that has to read it.
        if source.read(kind, &Cursor::start(), FIRST, &mut chunk).is_err() {
            continue;
        }
        let keys = Keys::of(ctx.plan, binding, kind)?;
        for text in chunk.records() {
            if let Ok((Some(key), _)) = keys.find(text) {
                if ctx.work.by_key(kind, &key)?.is_some() {
                    return Ok(());
                }
                seen += 1;
            }
        }
    }
    if seen < FEW {
        return Ok(());
    }
    Err(Problem::new(format!(
        "{} holds another export than the one that this run began to read: it has none of the records that were read, in the first {seen} that it has now",
        binding.at.display()
    ))
    .help("bring back the export with which the run began, or a later one of the same account; to migrate this one, name a new journal in the environment file, too"))
}

fn exported(stage: &Stage) -> Option<&str> {
    match &stage.operation {
        Operation::Export { kind, .. } => Some(kind),
        _ => None,
    }
}

/// So many records of a kind tell one export from another.
const FIRST: usize = 200;
/// So few may all have been taken away since.
const FEW: usize = 5;

/// Refuses a file that another program made, before anything of it is changed.
pub(crate) fn is_desk(file: &Path) -> Result<(), Problem> {
    if std::fs::metadata(file).map_or(0, |found| found.len()) == 0 {
        return Ok(());
    }
    // One that was left in the middle of a change can only be read by whoever may mend it: the desk itself looks once more.
    let Ok(db) = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY) else { return Ok(()) };
    let tables = "SELECT count(*), coalesce(sum(name = 'desk'), 0) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    match db.query_row(tables, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))) {
        Ok((1.., 0)) => Err(Problem::new(format!(
            "{} is the database of another program, and no embedded desk: nothing was written to it",
            file.display()
        ))
        .help("name a file in `[target]` of the environment that is not there yet")),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(Problem::new(format!("{} is no database: nothing was written to it", file.display()))
                .help("name a file in `[target]` of the environment that is not there yet"))
        }
        _ => Ok(()),
    }
}

/// Refuses to make a new desk where the one is gone to which a run has written.
pub(crate) fn not_gone(journal: &Path, desk: &Path) -> Result<(), Problem> {
    if !journal.exists() {
        return Ok(());
    }
    let db = Connection::open_with_flags(journal, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    if db.table_exists(None, "record")?
        && db.prepare("SELECT 1 FROM record WHERE state = 'done'")?.exists([])?
    {
        return Err(Problem::new(format!(
            "the desk to which this run has written is not there any more: {}",
            desk.display()
        ))
        .help("bring it back, from where it was moved or from a backup that fits this journal; or begin anew with a new journal"));
    }
    Ok(())
}

/// Refuses another place of the new desk than the one to which this run has written so far, unless somebody says that it is the right one.
pub(crate) fn same_place(opening: &Opening<'_>, journal: &Journal, account: &str) -> Result<(), Problem> {
    let target = &opening.environment.target;
    let here = format!("{} {}", target.connector, target.at.display());
    let known = journal.value(PLACE)?;
    let Some(there) = known.filter(|there| *there != here) else {
        return journal.set_value(PLACE, &here);
    };
    if opening.account == Some(account) {
        journal.event(latest(journal)?, "place", "", "target", &format!("{there} is {here} now"))?;
        return journal.set_value(PLACE, &here);
    }
    let there = there.split_once(' ').map_or(there.as_str(), |(_, at)| at).to_owned();
    Err(Problem::new(format!(
        "this run has written to the desk at {there} so far, and the environment names {} now",
        target.at.display()
    ))
    .help(format!(
        "name the desk to which the run has written; if that is the same one in another place, say so once: `--account {account}`"
    )))
}

/// Whether an embedded desk is the one to which the journal belongs; nothing was made in it yet.
pub(crate) fn same_desk(db: &Connection, database: &str, journal: &Journal, at: &str) -> Result<(), Problem> {
    let Some(known) = journal.value(DESK)? else { return Ok(()) };
    let (there, what) = match name_of(db, database)? {
        Some(there) if there == known => return Ok(()),
        Some(_) => ("another desk", "the file of its desk"),
        None => ("no desk", "its desk, or the disk on which it is,"),
    };
    Err(Problem::new(format!("{at} is {there}: what this run has written is not there")).help(format!(
        "bring {what} back; to begin from nothing, name a new journal in the environment file, too"
    )))
}

/// Gives a desk a name that no other one has, and lets the journal know it.
pub(crate) fn remember(db: &Connection, database: &str, journal: &Journal) -> Result<(), Problem> {
    if journal.value("plan")?.is_none() || journal.value(DESK)?.is_some() {
        return Ok(());
    }
    let name = match name_of(db, database)? {
        Some(name) => name,
        None => {
            // Unique is enough: nobody has to be kept from guessing it.
            let mut hash = std::hash::RandomState::new().build_hasher();
            hash.write_i64(machine());
            let name = format!("{:016x}", hash.finish());
            db.execute(&format!("INSERT INTO \"{database}\".desk VALUES ('desk', ?1)"), [&name])?;
            name
        }
    };
    journal.set_value(DESK, &name)
}

fn name_of(db: &Connection, database: &str) -> Result<Option<String>, Problem> {
    if !db.table_exists(Some(database), "desk")? {
        return Ok(None);
    }
    let sql = format!("SELECT value FROM \"{database}\".desk WHERE name = 'desk'");
    Ok(db.query_row(&sql, [], |row| row.get(0)).optional()?)
}
