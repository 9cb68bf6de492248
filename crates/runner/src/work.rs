//! The working copy: the source's records as they were exported, to be read in order, by key and by owner.
//!
//! It can be made again from the source, so it is no part of the journal. It holds text of records: its file is its owner's alone.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use cutover_connect::quoted;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::journal::private;
use crate::problem::Problem;
use crate::veil::Veil;

/// A working copy.
pub(crate) struct Work {
    pub(crate) db: Connection,
    folder: PathBuf,
    /// Whether any record was cleaned, or became one with another; `None` until the copy was asked.
    any_clean: Cell<Option<bool>>,
    any_alias: Cell<Option<bool>>,
    /// What stands for the keys of people that are names.
    veil: Veil,
    /// What is asked about each kind that is there.
    questions: RefCell<HashMap<String, Rc<Questions>>>,
}

/// Questions about the records of a kind, in SQL.
struct Questions {
    page: String,
    of_owner: String,
    by_key: String,
}

/// Text of one page of records: more than that is read with the next one.
const PAGE_BYTES: usize = 4 << 20;

/// A record of the copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Copied {
    pub(crate) ord: i64,
    pub(crate) key: String,
    pub(crate) text: String,
}

impl Work {
    /// The copy once more, for a thread that only reads.
    pub(crate) fn reader((folder, veil): &(PathBuf, Veil)) -> Result<Work, Problem> {
        let work = Work::open(folder, veil)?;
        work.db.pragma_update(None, "cache_size", -6_144)?;
        Ok(work)
    }

    /// Reads several things in one transaction: nobody has to ask for each of them whether the file changed.
    pub(crate) fn reading<T>(&self, act: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
        self.db.execute_batch("BEGIN")?;
        let result = act();
        self.db.execute_batch("COMMIT")?;
        result
    }

    pub(crate) fn open(folder: &Path, veil: &Veil) -> Result<Work, Problem> {
        let path = folder.join("copy.sqlite");
        private(&path)?;
        let db = Connection::open(&path)?;
        db.set_prepared_statement_cache_capacity(128);
        // What is lost in a power cut is read again from the source: cursor and records are in one file and one transaction.
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.pragma_update(None, "cache_size", -16_384)?;
        db.execute_batch(
            "CREATE TABLE IF NOT EXISTS kind (
               kind TEXT PRIMARY KEY, cursor TEXT NOT NULL, over INTEGER NOT NULL DEFAULT 0,
               read INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS clean (
               kind TEXT, key TEXT, field TEXT, value TEXT, PRIMARY KEY (kind, key, field)) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS alias (kind TEXT, key TEXT, winner TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS other (kind TEXT, why TEXT, count INTEGER NOT NULL, PRIMARY KEY (kind, why)) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS bad (
               seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, place TEXT NOT NULL, code TEXT NOT NULL, why TEXT NOT NULL);",
        )?;
        Ok(Work {
            db,
            folder: folder.to_owned(),
            veil: veil.clone(),
            any_clean: Cell::new(None),
            any_alias: Cell::new(None),
            questions: RefCell::default(),
        })
    }

    /// What [`Work::reader`] opens it by once more.
    pub(crate) fn reading_place(&self) -> (PathBuf, Veil) {
        (self.folder.clone(), self.veil.clone())
    }

    /// What stands for the keys of people that are names. All keys of the copy are such.
    pub(crate) fn veil(&self) -> &Veil {
        &self.veil
    }

    /// Makes the table of a kind.
    pub(crate) fn prepare(&self, kind: &str) -> Result<(), Problem> {
        let name = table(kind);
        self.db.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS {name} (ord INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, owner TEXT, text TEXT NOT NULL);"
        ))?;
        self.db
            .prepare_cached("INSERT OR IGNORE INTO kind (kind, cursor) VALUES (?1, '')")?
            .execute([kind])?;
        Ok(())
    }

    /// Removes the copy of a kind, to make it anew.
    pub(crate) fn forget(&self, kind: &str) -> Result<(), Problem> {
        self.any_clean.set(None);
        self.any_alias.set(None);
        self.questions.borrow_mut().clear();
        self.db.execute_batch(&format!("DROP TABLE IF EXISTS {}", table(kind)))?;
        for of in ["kind", "bad", "clean", "alias", "other"] {
            self.db.prepare_cached(&format!("DELETE FROM {of} WHERE kind = ?1"))?.execute([kind])?;
        }
        Ok(())
    }

    /// Makes records quick to find by their owner, once all are there.
    pub(crate) fn by_owner(&self, kind: &str) -> Result<(), Problem> {
        let index = quoted(&format!("owner of {kind}"));
        self.db
            .execute_batch(&format!("CREATE INDEX IF NOT EXISTS {index} ON {} (owner, ord)", table(kind)))?;
        Ok(())
    }

    /// Where reading goes on, whether it is over, and how many records were read.
    pub(crate) fn progress(&self, kind: &str) -> Result<(String, bool, u64), Problem> {
        let mut get = self.db.prepare_cached("SELECT cursor, over, read FROM kind WHERE kind = ?1")?;
        let row =
            get.query_row([kind], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?))).optional()?;
        Ok(row.map_or((String::new(), false, 0), |(cursor, over, read)| {
            (cursor, over, u64::try_from(read).unwrap_or(0))
        }))
    }

    pub(crate) fn set_progress(
        &self,
        kind: &str,
        cursor: &str,
        over: bool,
        read: u64,
    ) -> Result<(), Problem> {
        self.db
            .prepare_cached("UPDATE kind SET cursor = ?2, over = ?3, read = read + ?4 WHERE kind = ?1")?
            .execute(params![kind, cursor, over, i64::try_from(read).unwrap_or(i64::MAX)])?;
        Ok(())
    }

    /// Adds a record; `false` when its key is there already.
    pub(crate) fn add(
        &self,
        kind: &str,
        key: &str,
        owner: Option<&str>,
        text: &str,
    ) -> Result<bool, Problem> {
        let key = self.veil.key(kind, key);
        let sql = format!("INSERT OR IGNORE INTO {} (key, owner, text) VALUES (?1, ?2, ?3)", table(kind));
        Ok(self.db.prepare_cached(&sql)?.execute(params![key, owner, text])? == 1)
    }

    pub(crate) fn bad(
        &self,
        kind: &str,
        key: &str,
        place: &str,
        code: &str,
        why: &str,
    ) -> Result<(), Problem> {
        let key = self.veil.key(kind, key);
        self.db
            .prepare_cached("INSERT INTO bad (kind, key, place, code, why) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute([kind, &key, place, code, why])?;
        Ok(())
    }

    /// Counts something that stands in the files of a kind and is no record of it.
    pub(crate) fn other(&self, kind: &str, why: &str) -> Result<(), Problem> {
        self.db
            .prepare_cached("INSERT INTO other VALUES (?1, ?2, 1) ON CONFLICT (kind, why) DO UPDATE SET count = count + 1")?
            .execute([kind, why])?;
        Ok(())
    }

    /// What stands in the files of a kind and is no record of it: why, and how many.
    pub(crate) fn all_others(&self, kind: &str, each: &mut dyn FnMut(String, u64)) -> Result<(), Problem> {
        let mut get = self.db.prepare_cached("SELECT why, count FROM other WHERE kind = ?1 ORDER BY why")?;
        let mut rows = get.query([kind])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0));
        }
        Ok(())
    }

    /// Notes what the cleaning gives a field of a record: of the source, or of the target when its name begins with `=`.
    pub(crate) fn set_clean(&self, kind: &str, key: &str, field: &str, value: &str) -> Result<(), Problem> {
        self.any_clean.set(None);
        self.db
            .prepare_cached("INSERT OR REPLACE INTO clean VALUES (?1, ?2, ?3, ?4)")?
            .execute([kind, key, field, value])?;
        Ok(())
    }

    /// What the cleaning gives the fields of a record: JSON values.
    pub(crate) fn cleaned(&self, kind: &str, key: &str) -> Result<Vec<(String, String)>, Problem> {
        if !self.any(&self.any_clean, "SELECT 1 FROM clean")? {
            return Ok(Vec::new());
        }
        let mut get = self
            .db
            .prepare_cached("SELECT field, value FROM clean WHERE kind = ?1 AND key = ?2 ORDER BY field")?;
        let rows = get.query_map([kind, key], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that a record became one with another.
    pub(crate) fn set_alias(&self, kind: &str, key: &str, winner: &str) -> Result<(), Problem> {
        self.any_alias.set(None);
        let (key, winner) = (self.veil.key(kind, key), self.veil.key(kind, winner));
        self.db
            .prepare_cached("INSERT OR REPLACE INTO alias VALUES (?1, ?2, ?3)")?
            .execute([kind, &key, &winner])?;
        Ok(())
    }

    /// The record with which a record became one.
    pub(crate) fn alias(&self, kind: &str, key: &str) -> Result<Option<String>, Problem> {
        if !self.any(&self.any_alias, "SELECT 1 FROM alias")? {
            return Ok(None);
        }
        let key = self.veil.key(kind, key);
        let mut get = self.db.prepare_cached("SELECT winner FROM alias WHERE kind = ?1 AND key = ?2")?;
        Ok(get.query_row([kind, &key], |row| row.get(0)).optional()?)
    }

    /// All records of a kind that became one with another: the key, and the other's.
    pub(crate) fn aliases(
        &self,
        kind: &str,
        each: &mut dyn FnMut(&str, &str) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut get = self.db.prepare_cached("SELECT key, winner FROM alias WHERE kind = ?1 ORDER BY key")?;
        let mut rows = get.query([kind])?;
        while let Some(row) = rows.next()? {
            each(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?)?;
        }
        Ok(())
    }

    /// Whether a table has a row: asked once, since most copies have none.
    fn any(&self, known: &Cell<Option<bool>>, sql: &str) -> Result<bool, Problem> {
        if let Some(any) = known.get() {
            return Ok(any);
        }
        let any = self.db.prepare_cached(sql)?.exists([])?;
        known.set(Some(any));
        Ok(any)
    }

    /// What could not be taken into the copy.
    pub(crate) fn all_bad(
        &self,
        kind: &str,
        each: &mut dyn FnMut([String; 4]) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut get =
            self.db.prepare_cached("SELECT key, place, code, why FROM bad WHERE kind = ?1 ORDER BY seq")?;
        let mut rows = get.query([kind])?;
        while let Some(row) = rows.next()? {
            each([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])?;
        }
        Ok(())
    }

    /// Records behind a position, in their order: at most so many, and fewer where they are long.
    pub(crate) fn page(
        &self,
        kind: &str,
        after: i64,
        most: usize,
        into: &mut Vec<Copied>,
    ) -> Result<(), Problem> {
        into.clear();
        let Some(questions) = self.questions(kind)? else {
            return Err(Problem::new(format!("the working copy has no records of `{kind}`")));
        };
        let mut get = self.db.prepare_cached(&questions.page)?;
        let mut rows = get.query(params![after, i64::try_from(most).unwrap_or(i64::MAX)])?;
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            let record = Copied { ord: row.get(0)?, key: row.get(1)?, text: row.get(2)? };
            bytes += record.text.len();
            into.push(record);
            if bytes >= PAGE_BYTES {
                break;
            }
        }
        Ok(())
    }

    /// The records that belong to one, in their order.
    pub(crate) fn of_owner(&self, kind: &str, owner: &str, into: &mut Vec<Copied>) -> Result<(), Problem> {
        into.clear();
        let Some(questions) = self.questions(kind)? else { return Ok(()) };
        let mut get = self.db.prepare_cached(&questions.of_owner)?;
        let mut rows = get.query([owner])?;
        while let Some(row) = rows.next()? {
            into.push(Copied { key: row.get(0)?, text: row.get(1)?, ord: row.get(2)? });
        }
        Ok(())
    }

    /// Key and text of the records that belong to one, in their order.
    pub(crate) fn each_of_owner(
        &self,
        kind: &str,
        owner: &str,
        each: &mut dyn FnMut(&str, &str) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let Some(questions) = self.questions(kind)? else { return Ok(()) };
        let mut get = self.db.prepare_cached(&questions.of_owner)?;
        let mut rows = get.query([owner])?;
        while let Some(row) = rows.next()? {
            let broken = |error| Problem::from(rusqlite::Error::from(error));
            let key = row.get_ref(0)?.as_str().map_err(broken)?;
            let text = row.get_ref(1)?.as_str().map_err(broken)?;
            each(key, text)?;
        }
        Ok(())
    }

    /// What is asked about a kind; `None` when the copy has no such records.
    fn questions(&self, kind: &str) -> Result<Option<Rc<Questions>>, Problem> {
        if let Some(questions) = self.questions.borrow().get(kind) {
            return Ok(Some(Rc::clone(questions)));
        }
        if !self.db.prepare_cached("SELECT 1 FROM kind WHERE kind = ?1")?.exists([kind])? {
            return Ok(None);
        }
        let table = table(kind);
        let questions = Rc::new(Questions {
            page: format!("SELECT ord, key, text FROM {table} WHERE ord > ?1 ORDER BY ord LIMIT ?2"),
            of_owner: format!("SELECT key, text, ord FROM {table} WHERE owner = ?1 ORDER BY ord"),
            by_key: format!("SELECT ord, key, text, owner FROM {table} WHERE key = ?1"),
        });
        self.questions.borrow_mut().insert(kind.to_owned(), Rc::clone(&questions));
        Ok(Some(questions))
    }

    pub(crate) fn count_of_owner(&self, kind: &str, owner: &str) -> Result<u64, Problem> {
        let sql = format!("SELECT count(*) FROM {} WHERE owner = ?1", table(kind));
        let count: i64 = self.db.prepare_cached(&sql)?.query_row([owner], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// A record and the key of its owner.
    pub(crate) fn by_key(&self, kind: &str, key: &str) -> Result<Option<(Copied, Option<String>)>, Problem> {
        let Some(questions) = self.questions(kind)? else { return Ok(None) };
        let key = self.veil.key(kind, key);
        let mut get = self.db.prepare_cached(&questions.by_key)?;
        let row = get
            .query_row([&key], |row| {
                Ok((Copied { ord: row.get(0)?, key: row.get(1)?, text: row.get(2)? }, row.get(3)?))
            })
            .optional()?;
        Ok(row)
    }

    /// Records of a kind whose owner is not there: how many, and each key.
    pub(crate) fn orphans(
        &self,
        kind: &str,
        owner: &str,
        each: &mut dyn FnMut(String) -> Result<(), Problem>,
    ) -> Result<u64, Problem> {
        let sql = format!(
            "SELECT key FROM {0} WHERE owner IS NULL
             OR substr(owner, 1, ?2) <> ?1 OR substr(owner, ?2 + 1) NOT IN (SELECT key FROM {1}) ORDER BY ord",
            table(kind),
            table(owner)
        );
        let start = format!("{owner}:");
        let mut get = self.db.prepare(&sql)?;
        let mut rows = get.query(params![start, i64::try_from(start.chars().count()).unwrap_or(0)])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            count += 1;
            each(row.get(0)?)?;
        }
        Ok(count)
    }

    pub(crate) fn count(&self, kind: &str) -> Result<u64, Problem> {
        let count: i64 =
            self.db.query_row(&format!("SELECT count(*) FROM {}", table(kind)), [], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    pub(crate) fn has(&self, kind: &str) -> Result<bool, Problem> {
        Ok(self.questions(kind)?.is_some())
    }

    pub(crate) fn kinds(&self) -> Result<BTreeSet<String>, Problem> {
        let mut get = self.db.prepare_cached("SELECT kind FROM kind")?;
        let rows = get.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Tries something out: nothing of it stays.
    pub(crate) fn trial<T>(&self, act: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let result = act();
        if !self.db.is_autocommit() {
            self.db.execute_batch("ROLLBACK")?;
        }
        result
    }

    /// Carries out something as a whole, or not at all.
    pub(crate) fn together<T>(&self, act: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let result = act();
        if result.is_ok() {
            self.db.execute_batch("COMMIT")?;
        } else if !self.db.is_autocommit() {
            self.db.execute_batch("ROLLBACK")?;
        }
        result
    }
}

/// The table of a kind, quoted.
pub(crate) fn table(kind: &str) -> String {
    quoted(&format!("records of {kind}"))
}
