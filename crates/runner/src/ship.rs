//! Ships the journal to a second place with each batch, so that a lost machine loses nothing.
//!
//! The second place is a whole journal. At first everything is copied; then temporary triggers note which rows change, and only those are
//! sent, in a transaction of their own behind the commit of the batch: the second place may be slow without making a batch less safe.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::environment::Environment;
use crate::journal::{Journal, private};
use crate::lease;
use crate::problem::Problem;

/// The second place.
pub(crate) struct Ship {
    to: PathBuf,
    second: RefCell<Connection>,
    tables: Vec<Table>,
    /// When it last went well.
    sent: Cell<Instant>,
    /// Another one when other programs have written: somebody paused, signed or skipped.
    version: Cell<i64>,
}

/// A table of the journal.
struct Table {
    name: String,
    /// Whether its rows have numbers, so that only those that changed are sent. What has none is small.
    numbered: bool,
    columns: usize,
}

/// Whether a file that is there is the journal of some run.
fn is_journal(path: &Path) -> bool {
    let there = Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
    there.is_ok_and(|db| {
        db.table_exists(None, "run").unwrap_or(false) && db.table_exists(None, "stage").unwrap_or(false)
    })
}

impl Ship {
    /// Copies everything, and begins to note what changes.
    pub(crate) fn begin(journal: &Journal, to: &Path) -> Result<Ship, Problem> {
        let failed = |why: String| {
            Problem::later(format!("the journal cannot be shipped to {}: {why}", to.display()))
                .help("make the place reachable, or take `ship` out of the environment file")
        };
        if std::fs::metadata(to).is_ok_and(|there| there.len() > 0) {
            if !is_journal(to) {
                return Err(Problem::new(format!("{} is something else than a journal", to.display())).help(
                    "name a file of its own for the copy of the journal: `ship` in the environment file",
                ));
            }
            let there = Connection::open(to).map_err(|error| failed(error.to_string()))?;
            is_ours(journal, &there)?;
        }
        let mut name = to.as_os_str().to_owned();
        name.push(".new");
        let new = PathBuf::from(name);
        let io = |error: std::io::Error| failed(error.to_string());
        if new.exists() {
            std::fs::remove_file(&new).map_err(io)?;
        }
        private(&new).map_err(|problem| failed(problem.why))?;
        journal
            .db
            .execute("VACUUM main INTO ?1", [new.to_string_lossy()])
            .map_err(|error| failed(error.to_string()))?;
        std::fs::rename(&new, to).map_err(io)?;
        let second = Connection::open(to)?;
        second.busy_timeout(Duration::from_secs(5))?;
        second.pragma_update(None, "journal_mode", "TRUNCATE")?;
        let tables = watch(&journal.db)?;
        Ok(Ship {
            to: to.to_owned(),
            second: RefCell::new(second),
            tables,
            sent: Cell::new(Instant::now()),
            version: Cell::new(version(&journal.db)?),
        })
    }

    /// Sends what changed. A place that does not take it is tried again with the next batch; after `longest` it is an error.
    pub(crate) fn send(&self, db: &Connection, token: &str, longest: Duration) -> Result<(), Problem> {
        match self.try_send(db, token) {
            Ok(true) => {
                self.sent.set(Instant::now());
                db.prepare_cached("DELETE FROM temp.changed")?.execute([])?;
                Ok(())
            }
            Ok(false) => Err(lease::lost()),
            Err(_) if self.sent.get().elapsed() < longest => Ok(()),
            Err(problem) => Err(Problem::later(format!(
                "the journal could not be shipped to {} for {} s: {}",
                self.to.display(),
                self.sent.get().elapsed().as_secs(),
                problem.why
            ))
            .help("others may take the run over by now; make the place reachable and run again")),
        }
    }

    /// Sends what changed; `false` when somebody took over there.
    fn try_send(&self, db: &Connection, token: &str) -> Result<bool, Problem> {
        let mut second = self.second.borrow_mut();
        let change = second.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        if lease::last(&change)?.is_some_and(|last| last != token) {
            return Ok(false);
        }
        let version = version(db)?;
        let others = version != self.version.get();
        for table in &self.tables {
            let name = &table.name;
            let marks = vec!["?"; table.columns].join(", ");
            let mut insert = change.prepare_cached(&format!("INSERT INTO \"{name}\" VALUES ({marks})"))?;
            // Only whoever holds the lease writes records and links; what other programs write is little.
            let only_ours = !others || ["record", "link"].contains(&name.as_str());
            let mut rows_of = if table.numbered && only_ours {
                let mut changed = db.prepare_cached("SELECT seq FROM temp.changed WHERE tab = ?1")?;
                let mut rows = changed.query([name])?;
                let mut delete =
                    change.prepare_cached(&format!("DELETE FROM \"{name}\" WHERE rowid = ?1"))?;
                while let Some(row) = rows.next()? {
                    delete.execute([row.get::<_, i64>(0)?])?;
                }
                db.prepare_cached(&format!(
                    "SELECT * FROM main.\"{name}\" WHERE rowid IN (SELECT seq FROM temp.changed WHERE tab = '{name}')"
                ))?
            } else {
                change.execute(&format!("DELETE FROM \"{name}\""), [])?;
                db.prepare_cached(&format!("SELECT * FROM main.\"{name}\""))?
            };
            let mut rows = rows_of.query([])?;
            while let Some(row) = rows.next()? {
                let values = (0..table.columns).map(|at| row.get::<_, Value>(at));
                insert.execute(params_from_iter(values.collect::<Result<Vec<_>, _>>()?))?;
            }
        }
        change.commit()?;
        self.version.set(version);
        Ok(true)
    }
}

/// Another number once another program has written.
fn version(db: &Connection) -> Result<i64, Problem> {
    Ok(db.query_row("PRAGMA main.data_version", [], |row| row.get(0))?)
}

/// Begins to note which rows change.
fn watch(db: &Connection) -> Result<Vec<Table>, Problem> {
    db.execute_batch(
        "PRAGMA temp_store = MEMORY;
         CREATE TEMP TABLE IF NOT EXISTS changed (tab TEXT, seq INTEGER, PRIMARY KEY (tab, seq)) WITHOUT ROWID;
         DELETE FROM temp.changed;",
    )?;
    let mut list = db.prepare(
        "SELECT name, wr, ncol FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
    )?;
    let tables = list.query_map([], |row| {
        Ok(Table {
            name: row.get(0)?,
            numbered: row.get::<_, i64>(1)? == 0,
            columns: usize::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
        })
    })?;
    let tables: Vec<Table> = tables.collect::<Result<_, _>>()?;
    for Table { name, .. } in tables.iter().filter(|table| table.numbered) {
        for (event, of) in [("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")] {
            db.execute_batch(&format!(
                "CREATE TEMP TRIGGER IF NOT EXISTS \"ship {event} {name}\" AFTER {event} ON main.\"{name}\"
                 BEGIN INSERT OR IGNORE INTO changed VALUES ('{name}', {of}.rowid); END;"
            ))?;
        }
    }
    Ok(tables)
}

/// Refuses a journal whose run somebody took over on another machine, by what the second place says. A place that cannot be reached says nothing.
pub(crate) fn still_ours(journal: &Journal, environment: &Environment) -> Result<(), Problem> {
    taken_over(journal, environment)?.map_or(Ok(()), |by| Err(theirs(&by)))
}

/// Who took the run over on another machine, by what the second place says.
pub(crate) fn taken_over(journal: &Journal, environment: &Environment) -> Result<Option<String>, Problem> {
    let ship = environment.ship.as_ref().map(|ship| environment.path(ship));
    let Some(ship) = ship.filter(|ship| ship.is_file()) else { return Ok(None) };
    match Connection::open_with_flags(&ship, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY) {
        Ok(there) => not_ours(journal, &there),
        Err(_) => Ok(None),
    }
}

fn is_ours(journal: &Journal, there: &Connection) -> Result<(), Problem> {
    not_ours(journal, there)?.map_or(Ok(()), |by| Err(theirs(&by)))
}

fn theirs(by: &str) -> Problem {
    Problem::new(format!("{by} took this run over"))
        .help("this journal is out of date: go on over there, or take the run over again with a new journal")
}

/// Who holds the run of a journal at the second place, when that is somebody of whom this one does not know.
fn not_ours(journal: &Journal, there: &Connection) -> Result<Option<String>, Problem> {
    if there.table_exists(None, "run").unwrap_or(false)
        && let Some(last) = lease::last(there)?
        && !last.is_empty()
        && !lease::knows(&journal.db, &last)?
    {
        return Ok(Some(lease::name_of(there, &last)?));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::Ship;
    use crate::journal::{Journal, State};
    use crate::lease::{self, Row};
    use crate::problem::Problem;
    use rusqlite::Connection;
    use std::path::Path;
    use std::time::Duration;

    fn dump(db: &Connection) -> rusqlite::Result<String> {
        let mut out = String::new();
        for table in ["run", "stage", "counts", "record", "reject", "event"] {
            let mut get = db.prepare(&format!("SELECT * FROM \"{table}\" ORDER BY 1, 2"))?;
            let columns = get.column_count();
            let mut rows = get.query([])?;
            while let Some(row) = rows.next()? {
                for at in 0..columns {
                    out.push_str(&format!("{:?}|", row.get_ref(at)?));
                }
                out.push('\n');
            }
        }
        Ok(out)
    }

    fn change(journal: &Journal, at: i64) -> Result<(), Problem> {
        let record = "INSERT INTO record (kind, key, into_kind, stage, state, digest, at) VALUES ('a', ?1, 'b', 's', 'done', x'00', ?1)";
        journal.db.execute(record, [at])?;
        journal.db.execute("UPDATE record SET state = 'undone' WHERE key = ?1", [at - 1])?;
        journal.db.execute("DELETE FROM record WHERE key = ?1", [at - 3])?;
        journal.end_stage(&format!("s{at}"), State::Done, "", at)?;
        journal.event(at, "note", "ines", "", "words")
    }

    #[test]
    fn the_second_place_has_what_the_first_one_has() -> Result<(), Problem> {
        let Ok(folder) = tempfile::tempdir() else { return Err(Problem::new("no folder")) };
        let to = folder.path().join("second.sqlite");
        let journal = Journal::open(&folder.path().join("first.sqlite"), None)?;
        let row = Row { token: "mine".to_owned(), length: 10, ..Row::default() };
        lease::set(&journal.db, Some(&row))?;
        change(&journal, 1)?;
        let ship = Ship::begin(&journal, &to)?;
        for at in 2..9 {
            change(&journal, at)?;
            ship.send(&journal.db, "mine", Duration::from_secs(1))?;
            assert_eq!(dump(&Connection::open(&to)?)?, dump(&journal.db)?, "{at}");
        }
        // Somebody pauses the run meanwhile, with another program.
        Journal::open(&folder.path().join("first.sqlite"), None)?.event(9, "pause", "ines", "", "words")?;
        ship.send(&journal.db, "mine", Duration::from_secs(1))?;
        assert_eq!(dump(&Connection::open(&to)?)?, dump(&journal.db)?);
        // Somebody took over there.
        lease::set(&Connection::open(&to)?, Some(&Row { token: "theirs".to_owned(), ..row }))?;
        assert!(ship.send(&journal.db, "mine", Duration::from_secs(1)).is_err());
        assert!(Ship::begin(&journal, &to).is_err_and(|problem| problem.why.contains("took this run over")));
        assert!(Path::new(&to).exists());
        Ok(())
    }
}
