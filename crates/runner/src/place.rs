//! The new desk is what the run takes it for: no source, no file of another program, and the desk to which the journal belongs.
//!
//! A journal says what a desk has. With another desk, or none, all of that is wrong, and the rest of a run would go where its beginning is
//! not. All of this is looked at before anything is opened to be written.

use std::hash::{BuildHasher as _, Hasher as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _};

use crate::context::machine;
use crate::environment::{Binding, Environment};
use crate::journal::Journal;
use crate::problem::Problem;

/// Under what the journal keeps the name of its embedded desk.
const DESK: &str = "desk";

/// Refuses a target that is the source: it would be written to. A live system has accounts and projects of its own, so that is about files.
pub(crate) fn apart(environment: &Environment, target: &Binding) -> Result<(), Problem> {
    let source = &environment.source;
    if source.connector == "rt" || !target.is_local() {
        return Ok(());
    }
    let (from, to) = (whole(&environment.path(&source.at)), whole(&environment.path(&target.at)));
    let inside = target.connector == "files" && (to.starts_with(&from) || from.starts_with(&to));
    if from != to && !inside {
        return Ok(());
    }
    let what = if from == to { "is source and target at once" } else { "and the source lie in each other" };
    Err(Problem::new(format!("{} {what}: the old desk is only read", target.at.display()))
        .help("name another place in `[target]` of the environment file"))
}

/// A path without links and dots, as far as it is there.
fn whole(path: &Path) -> PathBuf {
    if let Ok(whole) = path.canonicalize() {
        return whole;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if !parent.as_os_str().is_empty() => whole(parent).join(name),
        _ => path.to_owned(),
    }
}

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
