//! The journal: what was done to whom, in one SQLite file.
//!
//! It holds ids, states, digests and counts, and no text of a record. With the embedded target its file and the desk's are changed by one
//! transaction; so neither uses a write-ahead log, whose transactions are atomic for one file only. A rollback journal with a super-journal
//! is atomic over both, and batches of hundreds of records make up for its two more syncs.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::context::machine;
use crate::lease::Held;
use crate::problem::Problem;

/// Memory for pages of the journal, and as much for those of an embedded desk, in KiB with a minus, as SQLite has it.
const CACHE: i64 = -16_384;
/// The format of journals.
const FORMAT: &str = "1";

/// A journal.
#[derive(Clone)]
pub struct Journal {
    pub(crate) db: Rc<Connection>,
    /// The lease by which this program writes; none where it only looks.
    pub(crate) held: Rc<RefCell<Option<Held>>>,
}

/// What became of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It did not begin.
    Waiting,
    /// It began.
    Running,
    /// It is over, and passed.
    Done,
    /// It is over, and did not pass.
    Failed,
    /// It was taken back.
    Undone,
}

/// A stage in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageRow {
    /// What became of it.
    pub state: State,
    /// When it began, in seconds since 1970.
    pub began: Option<i64>,
    /// When it was over.
    pub ended: Option<i64>,
    /// How far it is: the last record of the working copy that is dealt with.
    pub cursor: i64,
    /// What is known of how it went.
    pub note: String,
}

/// Records of a kind in a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that were looked at.
    pub read: u64,
    /// Records that the target has.
    pub written: u64,
    /// Records that broke a rule.
    pub rejected: u64,
    /// Records outside of the scope.
    pub filtered: u64,
    /// Records of which it is not known whether the target has them.
    pub uncertain: u64,
}

impl Counts {
    /// Whether all records are accounted for.
    #[must_use]
    pub const fn add_up(&self) -> bool {
        self.read == self.written + self.rejected + self.filtered + self.uncertain
    }

    /// Adds others.
    pub fn add(&mut self, other: &Counts) {
        self.read += other.read;
        self.written += other.written;
        self.rejected += other.rejected;
        self.filtered += other.filtered;
        self.uncertain += other.uncertain;
    }
}

/// A record that did not go over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejected {
    /// In which stage.
    pub stage: String,
    /// Kind in the source.
    pub kind: String,
    /// Key in the source, when it could be read.
    pub key: String,
    /// Where it stands, when it has no key.
    pub at: String,
    /// The rule, by its id in the plan; empty where the target refused it.
    pub rule: String,
    /// The field.
    pub field: String,
    /// A short name for counting.
    pub code: String,
    /// What is wrong, in plain words.
    pub why: String,
}

impl Rejected {
    /// One that could not be read: its key, where it stands, a short name for why, and why.
    pub(crate) fn unread(stage: &str, kind: &str, [key, at, code, why]: [String; 4]) -> Rejected {
        Rejected { stage: stage.to_owned(), kind: kind.to_owned(), key, at, code, why, ..Rejected::default() }
    }
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// Position in the journal.
    pub seq: i64,
    /// `intent`, `done`, `uncertain`, `undone`, `replaced` by a later version, `kept` behind a way back, or `skipped`.
    pub state: String,
    /// Id in the target; empty while there is none.
    pub target: String,
    /// When it was written last.
    pub at: i64,
}

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS run (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stage (
  id TEXT PRIMARY KEY, state TEXT NOT NULL, began INTEGER, ended INTEGER,
  cursor INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counts (
  stage TEXT, kind TEXT, read INTEGER NOT NULL DEFAULT 0, written INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0, filtered INTEGER NOT NULL DEFAULT 0, uncertain INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (stage, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS filtered (
  stage TEXT, kind TEXT, part TEXT, records INTEGER NOT NULL, PRIMARY KEY (stage, kind, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record (
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, into_kind TEXT NOT NULL,
  target TEXT NOT NULL DEFAULT '', owner INTEGER, stage TEXT NOT NULL, state TEXT NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 1, digest BLOB NOT NULL, at INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS record_key ON record (kind, key, into_kind);
CREATE TABLE IF NOT EXISTS link (
  seq INTEGER PRIMARY KEY, record INTEGER NOT NULL, field TEXT NOT NULL, reference TEXT NOT NULL, state TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS link_record ON link (record);
CREATE INDEX IF NOT EXISTS link_waiting ON link (field, seq) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS reject (
  seq INTEGER PRIMARY KEY, stage TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, place TEXT NOT NULL,
  rule TEXT NOT NULL, field TEXT NOT NULL, code TEXT NOT NULL, why TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS reject_key ON reject (kind, key);
CREATE TABLE IF NOT EXISTS event (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_what ON event (what, subject);
CREATE TABLE IF NOT EXISTS found (record INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS message (
  seq INTEGER PRIMARY KEY, inbound TEXT NOT NULL, digest TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL,
  UNIQUE (inbound, digest));
";

impl Journal {
    /// Opens a journal, and makes it when it is not there. `desk` is the file of an embedded target whose changes commit with it.
    ///
    /// # Errors
    /// When a file cannot be opened, or is not a journal.
    pub fn open(path: &Path, desk: Option<&Path>) -> Result<Journal, Problem> {
        is_database(path)?;
        private(path)?;
        let db = Connection::open(path)?;
        // Whoever looks on, or pauses, waits for the commit of a batch.
        db.busy_timeout(std::time::Duration::from_secs(15))?;
        db.set_prepared_statement_cache_capacity(256);
        // A journal that lies about what was written is worse than a slow one: every commit is on the disk when it is over.
        db.pragma_update(None, "journal_mode", "TRUNCATE")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "cache_size", CACHE)?;
        if let Some(desk) = desk {
            private(desk)?;
            db.execute("ATTACH ?1 AS desk", [desk.to_string_lossy()])?;
            db.pragma_update(Some("desk"), "journal_mode", "TRUNCATE")?;
            db.pragma_update(Some("desk"), "synchronous", "FULL")?;
            db.pragma_update(Some("desk"), "cache_size", CACHE)?;
        }
        db.execute_batch(TABLES)?;
        Ok(Journal { db: Rc::new(db), held: Rc::default() })
    }

    /// A journal that is forgotten afterwards, for looking at a desk without a run. `desk` is the file of an embedded one, when it is there
    /// already: a desk that is looked at is not made.
    ///
    /// # Errors
    /// When the file of the desk cannot be opened.
    pub(crate) fn passing(desk: Option<Option<&Path>>) -> Result<Journal, Problem> {
        let db = Connection::open_in_memory()?;
        db.busy_timeout(std::time::Duration::from_secs(15))?;
        if let Some(desk) = desk {
            let file = desk.map_or_else(|| ":memory:".into(), Path::to_string_lossy);
            db.execute("ATTACH ?1 AS desk", [file])?;
        }
        db.execute_batch(TABLES)?;
        Ok(Journal { db: Rc::new(db), held: Rc::default() })
    }

    /// Binds a new journal to a plan and an account, or finds out whether a journal is of this plan.
    ///
    /// # Errors
    /// When the journal is of another plan or another account.
    pub fn bind(&self, plan: &str, account: &str, now: i64) -> Result<(), Problem> {
        match self.value("plan")? {
            None => {
                self.set_value("format", FORMAT)?;
                self.set_value("account", account)?;
                self.set_value("begun", &now.to_string())?;
                self.set_value("plan", plan)
            }
            Some(there) if there != plan => Err(Problem::new(format!(
                "the journal is of another plan: {} and not {}",
                short(&there),
                short(plan)
            ))
            .help("run the plan that this one is of, name a new journal in the environment file, or go on with a corrected plan: `cutover amend`")),
            Some(_) => {
                let there = self.value("account")?.unwrap_or_default();
                let format = self.value("format")?.unwrap_or_default();
                if format != FORMAT {
                    return Err(Problem::new(format!(
                        "the journal has the format {format}, and {FORMAT} is read"
                    )));
                }
                if there == account {
                    return Ok(());
                }
                Err(Problem::new(format!("the journal is of the account `{there}`, and this is `{account}`")))
            }
        }
    }

    pub(crate) fn value(&self, name: &str) -> Result<Option<String>, Problem> {
        let mut get = self.db.prepare_cached("SELECT value FROM run WHERE name = ?1")?;
        Ok(get.query_row([name], |row| row.get(0)).optional()?)
    }

    pub(crate) fn set_value(&self, name: &str, value: &str) -> Result<(), Problem> {
        self.db.prepare_cached("INSERT OR REPLACE INTO run VALUES (?1, ?2)")?.execute([name, value])?;
        Ok(())
    }

    /// The names under which values are kept that begin so.
    pub(crate) fn names(&self, start: &str) -> Result<Vec<String>, Problem> {
        let sql = "SELECT name FROM run WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name";
        let mut get = self.db.prepare_cached(sql)?;
        let rows = get.query_map([start], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn forget_value(&self, name: &str) -> Result<(), Problem> {
        self.db.prepare_cached("DELETE FROM run WHERE name = ?1")?.execute([name])?;
        Ok(())
    }

    /// Checks that this program may still write.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match &*self.held.borrow() {
            Some(held) => held.check(&self.db, machine()),
            None => Ok(()),
        }
    }

    /// Ships what changed to the second place, where there is one.
    pub(crate) fn ship(&self) -> Result<(), Problem> {
        match &*self.held.borrow() {
            Some(held) => held.ship(&self.db),
            None => Ok(()),
        }
    }

    /// Gives the lease back, when it is held.
    pub(crate) fn release(&self) -> Result<(), Problem> {
        match self.held.borrow_mut().take() {
            Some(held) => held.release(&self.db),
            None => Ok(()),
        }
    }

    /// Carries out something as a whole, or not at all.
    pub(crate) fn together<T>(&self, act: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        match self.check().and_then(|()| act()) {
            Ok(value) => {
                self.db.execute_batch("COMMIT")?;
                self.ship()?;
                Ok(value)
            }
            Err(problem) => {
                // Some failures have ended the transaction already; there is nothing to take back then.
                if !self.db.is_autocommit() {
                    self.db.execute_batch("ROLLBACK")?;
                }
                Err(problem)
            }
        }
    }

    /// Reads several things in one transaction: nobody has to ask for each of them whether the files changed.
    pub(crate) fn reading<T>(&self, act: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
        self.db.execute_batch("BEGIN")?;
        let result = act();
        self.db.execute_batch("COMMIT")?;
        result
    }

    /// A stage.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn stage(&self, id: &str) -> Result<StageRow, Problem> {
        let mut get =
            self.db.prepare_cached("SELECT state, began, ended, cursor, note FROM stage WHERE id = ?1")?;
        let row = get
            .query_row([id], |row| {
                Ok(StageRow {
                    state: State::of(&row.get::<_, String>(0)?),
                    began: row.get(1)?,
                    ended: row.get(2)?,
                    cursor: row.get(3)?,
                    note: row.get(4)?,
                })
            })
            .optional()?;
        Ok(row.unwrap_or(StageRow {
            state: State::Waiting,
            began: None,
            ended: None,
            cursor: 0,
            note: String::new(),
        }))
    }

    pub(crate) fn begin_stage(&self, id: &str, now: i64) -> Result<(), Problem> {
        self.check()?;
        self.db
            .prepare_cached(
                "INSERT INTO stage (id, state, began) VALUES (?1, 'running', ?2)
                 ON CONFLICT (id) DO UPDATE SET began = CASE WHEN state = 'undone' THEN ?2 ELSE coalesce(began, ?2) END,
                 cursor = CASE WHEN state = 'undone' THEN 0 ELSE cursor END, state = 'running', ended = NULL",
            )?
            .execute(params![id, now])?;
        Ok(())
    }

    pub(crate) fn end_stage(&self, id: &str, state: State, note: &str, now: i64) -> Result<(), Problem> {
        self.db
            .prepare_cached(
                "INSERT INTO stage (id, state, began, ended, note) VALUES (?1, ?2, ?4, ?4, ?3)
                 ON CONFLICT (id) DO UPDATE SET state = ?2, ended = ?4, note = ?3",
            )?
            .execute(params![id, state.word(), note, now])?;
        // Inside of a transaction, whoever ends that ships.
        if self.db.is_autocommit() { self.ship() } else { Ok(()) }
    }

    pub(crate) fn set_cursor(&self, id: &str, cursor: i64) -> Result<(), Problem> {
        self.db.prepare_cached("UPDATE stage SET cursor = ?2 WHERE id = ?1")?.execute(params![id, cursor])?;
        Ok(())
    }

    pub(crate) fn count(&self, stage: &str, kind: &str, counts: &Counts) -> Result<(), Problem> {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.db
            .prepare_cached(
                "INSERT INTO counts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (stage, kind) DO UPDATE SET
                 read = read + ?3, written = written + ?4, rejected = rejected + ?5, filtered = filtered + ?6,
                 uncertain = uncertain + ?7",
            )?
            .execute(params![
                stage,
                kind,
                number(counts.read),
                number(counts.written),
                number(counts.rejected),
                number(counts.filtered),
                number(counts.uncertain)
            ])?;
        Ok(())
    }

    pub(crate) fn filtered(&self, stage: &str, kind: &str, part: &str, records: u64) -> Result<(), Problem> {
        self.db
            .prepare_cached(
                "INSERT INTO filtered VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (stage, kind, part) DO UPDATE SET records = records + ?4",
            )?
            .execute(params![stage, kind, part, i64::try_from(records).unwrap_or(i64::MAX)])?;
        Ok(())
    }

    /// The counts of a stage, by kind.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn counts(&self, stage: &str) -> Result<Vec<(String, Counts)>, Problem> {
        let mut get = self.db.prepare_cached(
            "SELECT kind, read, written, rejected, filtered, uncertain FROM counts WHERE stage = ?1 ORDER BY kind",
        )?;
        let number = |row: &rusqlite::Row<'_>, at: usize| {
            row.get(at).map(|count: i64| u64::try_from(count).unwrap_or(0))
        };
        let rows = get.query_map([stage], |row| {
            let counts = Counts {
                read: number(row, 1)?,
                written: number(row, 2)?,
                rejected: number(row, 3)?,
                filtered: number(row, 4)?,
                uncertain: number(row, 5)?,
            };
            Ok((row.get(0)?, counts))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A record by its key in the source.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn record(&self, kind: &str, key: &str, into: &str) -> Result<Option<RecordRow>, Problem> {
        let mut get = self.db.prepare_cached(
            "SELECT seq, state, target, at FROM record WHERE kind = ?1 AND key = ?2 AND into_kind = ?3",
        )?;
        let row = get
            .query_row([kind, key, into], |row| {
                Ok(RecordRow { seq: row.get(0)?, state: row.get(1)?, target: row.get(2)?, at: row.get(3)? })
            })
            .optional()?;
        Ok(row)
    }

    pub(crate) fn reject(&self, reject: &Rejected) -> Result<(), Problem> {
        self.db
            .prepare_cached(
                "INSERT INTO reject (stage, kind, key, place, rule, field, code, why)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute([
                &reject.stage,
                &reject.kind,
                &reject.key,
                &reject.at,
                &reject.rule,
                &reject.field,
                &reject.code,
                &reject.why,
            ])?;
        Ok(())
    }

    /// Writes down something that happened. `text` is a person's own words, or ours.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn event(&self, now: i64, what: &str, who: &str, subject: &str, text: &str) -> Result<(), Problem> {
        self.db
            .prepare_cached("INSERT INTO event (at, what, who, subject, text) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![now, what, who, subject, text])?;
        Ok(())
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}

impl State {
    fn of(word: &str) -> State {
        match word {
            "running" => State::Running,
            "done" => State::Done,
            "failed" => State::Failed,
            "undone" => State::Undone,
            _ => State::Waiting,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Running => "running",
            State::Done => "done",
            State::Failed => "failed",
            State::Undone => "undone",
        }
    }
}

/// Refuses a file that was never a database, before anything about it changes: half a slip names the spec.
fn is_database(path: &Path) -> Result<(), Problem> {
    const BEGINS: &[u8] = b"SQLite format 3\0";
    let mut head = Vec::new();
    let read = std::fs::File::open(path)
        .and_then(|file| std::io::Read::read_to_end(&mut std::io::Read::take(file, 16), &mut head));
    // What is not there is made, and what cannot be read is told when it is opened.
    if read.is_err() || head.is_empty() || head == BEGINS {
        return Ok(());
    }
    Err(Problem::new(format!("{} is no journal", path.display())).help(
        "name a file that is not there yet; if it was one, it is damaged: go on with the copy that was made of it last",
    ))
}

/// Makes a file that only its owner can read, when it is not there; what is there loses the rights of others.
pub(crate) fn private(path: &Path) -> Result<(), Problem> {
    let failed = |error: std::io::Error| {
        Problem::new(format!("cannot write {}: {error}", path.display()))
            .help("whoever runs this needs the right to write that file and its folder, on a disk with room")
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        }
    }
    Ok(())
}

/// The first twelve characters of a digest: enough to tell plans apart on a screen.
#[must_use]
pub fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
