//! A desk in a SQLite file, made from the target's schema and enforcing it: any migration can be rehearsed without an account.

mod ahead;
mod calls;
mod check;
mod make;
mod ready;
mod stored;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

use cutover_plan::model::{Rate, Schema};
use rusqlite::{Connection, OptionalExtension as _, params_from_iter};
use rustc_hash::FxHashSet;

use crate::contents::Contents;
use crate::fault::{Effect, Fault, Hint};
use crate::fields::Fields;
use crate::write::{Answer, Draft, Part};
use check::{Checked, Refusal, Stored};
use make::Table;

pub use ahead::{Ahead, Ready};
pub(crate) use make::belongs;
pub use make::quoted;

/// Milliseconds of a clock that never goes back.
pub type Clock = Rc<dyn Fn() -> u64>;

/// A desk in a SQLite file.
///
/// Each kind of the schema is a table with a column a field; `mark` holds what a record was created from. The desk refuses what the real
/// one would: values of other types, texts above their limit, options that do not exist or that a new record cannot have, records
/// without a required field, references that lead nowhere, a second record with a unique value, any change of a record in a status that
/// is final, and calls above its rate when it is given a clock. It counts the messages that a real desk would have sent.
///
/// All calls work in the connection's open transaction when there is one, so that a journal in an attached file commits with them.
pub struct Embedded {
    db: Rc<Connection>,
    account: String,
    at: String,
    tables: BTreeMap<String, Table>,
    schema: Schema,
    kinds: Loaded,
    /// Whether what a record refers to can be found fast.
    indexed: bool,
    pace: Option<Pace>,
    /// Where the bytes of files stand that records name.
    contents: Option<Contents>,
    /// Records of which it is known that they are there, by kind: most references lead to the same people.
    there: RefCell<BTreeMap<String, HashSet<i64>>>,
    /// To what anything refers, and the records to which that was found to lead.
    leads_to: Vec<String>,
    led: RefCell<Vec<FxHashSet<i64>>>,
    /// Calls that may have changed something.
    changed: Cell<u64>,
}

/// References of a kind that are remembered.
const REMEMBERED: usize = 100_000;

/// What a plan writes to the desk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// All kinds that it writes. A reference to one of them must lead to a record; a reference to another kind holds the name of what
    /// people built in the desk, which a bundle does not list.
    pub kinds: Vec<String>,
    /// Those of them that only come with the record to which they belong, and its kind: comments with their ticket.
    pub parts: Vec<(String, String)>,
}

impl Loaded {
    /// Whether the plan writes records of a kind.
    fn writes(&self, kind: &str) -> bool {
        self.kinds.iter().any(|one| one == kind)
    }
}

/// A rate, and how much of it is used: calls since a window began.
struct Pace {
    clock: Clock,
    rate: Rate,
    began: u64,
    calls: u64,
}

impl Embedded {
    /// The desk in the database `name` of a connection (`main`, or an attached one), which is made when it is not there.
    ///
    /// # Errors
    /// When the file is that of another desk, or cannot be written.
    pub fn new(
        db: Rc<Connection>,
        name: &str,
        account: &str,
        at: &str,
        schema: &Schema,
        kinds: Loaded,
    ) -> Result<Embedded, Fault> {
        let tables = make::tables(name, schema);
        make::create(&db, name, account, schema, &tables)?;
        Ok(Embedded {
            db,
            account: account.to_owned(),
            at: at.to_owned(),
            tables,
            schema: schema.clone(),
            kinds,
            indexed: false,
            pace: None,
            contents: None,
            there: RefCell::default(),
            leads_to: ahead::leads_to(schema),
            led: RefCell::default(),
            changed: Cell::new(0),
        })
    }

    /// What the plan writes to it.
    #[must_use]
    pub const fn loaded(&self) -> &Loaded {
        &self.kinds
    }

    /// Says where the bytes of files stand that records name.
    pub fn contents(&mut self, contents: Contents) {
        self.contents = Some(contents);
    }

    /// Makes the desk keep a rate by a clock: calls above it are answered with how long to wait.
    pub fn keep_rate(&mut self, rate: Rate, clock: Clock) {
        let began = clock();
        self.pace = Some(Pace { clock, rate, began, calls: 0 });
    }

    /// Makes the desk quiet, or lets it speak again: a desk that is quiet sends nothing when records are created.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn quiet(&self, quiet: bool) -> Result<(), Fault> {
        self.changes();
        make::set(&self.db, &self.desk(), "quiet", i64::from(quiet))
    }

    /// All records as text, sorted: one line a record, `kind`, then its columns. Equal texts are equal desks; what the desk counted is no record.
    ///
    /// # Errors
    /// When the file cannot be read, or the dump not be written.
    pub fn dump(&self, out: &mut dyn std::io::Write) -> Result<(), Fault> {
        for (kind, table) in &self.tables {
            let mut statement = self.db.prepare(&table.dump).map_err(broken)?;
            let columns = statement.column_count();
            let mut rows = statement.query([]).map_err(broken)?;
            while let Some(row) = rows.next().map_err(broken)? {
                let mut line = serde_json::Map::new();
                line.insert("kind".to_owned(), kind.as_str().into());
                for at in 0..columns {
                    let name = row.as_ref().column_name(at).map_err(broken)?.to_owned();
                    let value = match row.get_ref(at).map_err(broken)? {
                        rusqlite::types::ValueRef::Null => continue,
                        rusqlite::types::ValueRef::Integer(number) => number.into(),
                        rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
                        rusqlite::types::ValueRef::Real(_) | rusqlite::types::ValueRef::Blob(_) => {
                            return Err(Fault::never("the desk's file holds a value that no desk writes"));
                        }
                    };
                    line.insert(name, value);
                }
                writeln!(out, "{}", serde_json::Value::Object(line))
                    .map_err(|error| Fault::person(format!("the dump cannot be written: {error}")))?;
            }
        }
        if self.tables.values().any(|table| !table.files.is_empty()) {
            self.dump_contents(&self.desk(), out)?;
        }
        Ok(())
    }

    fn desk(&self) -> String {
        self.tables.values().next().map_or_else(|| "main".to_owned(), |table| table.database.clone())
    }

    fn table(&self, kind: &str) -> Result<&Table, Fault> {
        self.tables
            .get(kind)
            .ok_or_else(|| Fault::never(format!("the desk has no records of the kind `{kind}`")))
    }

    /// What stays the same as long as nobody changes the desk, by whatever connection.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn version(&self) -> Result<(i64, u64), Fault> {
        let name = quoted(&self.desk());
        let by_others = self.db.query_row(&format!("PRAGMA {name}.data_version"), [], |row| row.get(0));
        Ok((by_others.map_err(broken)?, self.changed.get()))
    }

    fn changes(&self) {
        self.changed.set(self.changed.get().wrapping_add(1));
    }

    /// Counts a call against the rate.
    fn call(&mut self) -> Result<(), Fault> {
        self.changes();
        let Some(pace) = &mut self.pace else { return Ok(()) };
        let window = pace.rate.seconds.saturating_mul(1000);
        let now = (pace.clock)();
        if now.saturating_sub(pace.began) >= window {
            pace.began = now;
            pace.calls = 0;
        }
        if pace.calls >= pace.rate.calls {
            let rest = window.saturating_sub(now.saturating_sub(pace.began));
            return Err(Fault::later(Some(Duration::from_millis(rest)), "the desk's rate is used up"));
        }
        pace.calls += 1;
        Ok(())
    }

    fn known(&self, table: &Table, mark: &str) -> Result<Option<i64>, Fault> {
        let mut find = self.db.prepare_cached(&table.by_mark).map_err(broken)?;
        find.query_row([mark], |row| row.get(0)).optional().map_err(broken)
    }

    /// Creates a record with its parts, and says so; what would be a second one is answered with the first.
    fn create(&self, kind: &str, table: &Table, draft: &Draft) -> Result<Answer, Fault> {
        let answer = self.create_new(kind, table, draft)?;
        if let Answer::Refused { .. } = &answer
            && let Some(id) = self.known(table, &draft.mark)?
        {
            return Ok(Answer::Known { id: id.to_string() });
        }
        Ok(answer)
    }

    fn create_new(&self, kind: &str, table: &Table, draft: &Draft) -> Result<Answer, Fault> {
        let most = self.schema.limits.get("comments_per_ticket").copied().unwrap_or(u64::MAX);
        if draft.parts.len() as u64 > most {
            return Ok(refused("", "too-many-parts", format!("it has more than {most} parts")));
        }
        let id = match self.insert(kind, table, &draft.mark, &draft.record, None)? {
            Ok(id) => id,
            Err(refusal) => return Ok(refusal.answer()),
        };
        let mut parts = Vec::with_capacity(draft.parts.len());
        for part in &draft.parts {
            match self.create_part(kind, id, part)? {
                Ok(id) => parts.push(id.to_string()),
                Err(refusal) => {
                    // A real desk takes a record with its parts or not at all.
                    self.remove(kind, id)?;
                    return Ok(Answer::Refused {
                        field: format!("{}.{}", part.kind, refusal.field),
                        code: refusal.code.to_owned(),
                        why: format!("{}: {}", part.mark, refusal.why),
                    });
                }
            }
        }
        Ok(Answer::Done { id: id.to_string(), parts })
    }

    /// Creates records in the transaction that is open, and counts the messages that a real desk would have sent.
    fn create_all(&self, kind: &str, batch: &[Draft]) -> Result<Vec<Answer>, Fault> {
        let table = self.table(kind)?;
        let answers: Vec<Answer> =
            batch.iter().map(|draft| self.create(kind, table, draft)).collect::<Result<_, _>>()?;
        self.sent(kind, table, &answers)?;
        Ok(answers)
    }

    /// Counts the messages that a real desk would have sent.
    fn sent(&self, kind: &str, table: &Table, answers: &[Answer]) -> Result<(), Fault> {
        let requested = self.schema.kinds.get(kind).is_some_and(|kind| kind.fields.contains_key("requester"));
        if requested && make::get(&self.db, &table.database, "quiet")? != Some(1) {
            let done = answers.iter().filter(|answer| matches!(answer, Answer::Done { .. })).count();
            let done = i64::try_from(done).unwrap_or(i64::MAX);
            make::add(&self.db, &table.database, "outbound", done)?;
        }
        Ok(())
    }

    /// Forgets which records are there: some may be gone.
    fn forget(&self) {
        self.there.borrow_mut().clear();
        self.led.borrow_mut().clear();
    }

    fn create_part(&self, owner: &str, id: i64, part: &Part) -> Result<Result<i64, Refusal>, Fault> {
        let table = self.table(&part.kind)?;
        self.insert(&part.kind, table, &part.mark, &part.record, Some((owner, id)))
    }

    fn insert(
        &self,
        kind: &str,
        table: &Table,
        mark: &str,
        record: &str,
        owner: Option<(&str, i64)>,
    ) -> Result<Result<i64, Refusal>, Fault> {
        let Some(fields) = Fields::of(record) else {
            return Ok(Err(Refusal::new("", "not-json", "the record is not one JSON object")));
        };
        let Some(shape) = self.schema.kinds.get(kind) else {
            return Err(Fault::never(format!("the desk has no records of the kind `{kind}`")));
        };
        let check = Checked {
            schema: &self.schema,
            kind,
            shape,
            table,
            leads: &|ref_kind, number| self.leads(ref_kind, number),
        };
        let values = match check.new_record(&fields, owner)? {
            Ok(values) => values,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if owner.is_none()
            && let Some(refusal) = self.refused_by_owner(shape, table, &values)?
        {
            return Ok(Err(refusal));
        }
        let mark = Stored::Text(mark.into());
        let columns = values.iter().zip(&table.has_column).filter(|(_, has)| **has).map(|(value, _)| value);
        let mut insert = self.db.prepare_cached(&table.insert).map_err(broken)?;
        match insert.execute(params_from_iter(std::iter::once(&mark).chain(columns))) {
            Ok(_) => {
                let id = self.db.last_insert_rowid();
                if let Err(refusal) = self.take_bytes(table, &fields)? {
                    self.db
                        .prepare_cached(&table.delete)
                        .and_then(|mut delete| delete.execute([id]))
                        .map_err(broken)?;
                    return Ok(Err(refusal));
                }
                self.bind(table, &fields, id)?;
                Ok(Ok(id))
            }
            Err(rusqlite::Error::SqliteFailure(error, message))
                if error.code == rusqlite::ErrorCode::ConstraintViolation =>
            {
                let message = message.unwrap_or_default();
                let field = message.rsplit('.').next().unwrap_or_default().to_owned();
                Ok(Err(Refusal {
                    field,
                    code: "not-unique",
                    why: "another record has this value already".to_owned(),
                }))
            }
            Err(error) => Err(broken(error)),
        }
    }

    /// What a new record lists belongs to it from now on.
    fn bind(&self, table: &Table, fields: &Fields<'_>, id: i64) -> Result<(), Fault> {
        for binds in &table.binds {
            let Some(list) = fields.get(&binds.field).filter(|list| list.get() != "[]") else { continue };
            let items: Vec<serde_json::Value> = serde_json::from_str(list.get()).unwrap_or_default();
            for item in items {
                let part = item.as_i64().or_else(|| item.as_str()?.parse().ok());
                let mut set = self.db.prepare_cached(&binds.set).map_err(broken)?;
                set.execute(rusqlite::params![id, part]).map_err(broken)?;
            }
        }
        Ok(())
    }

    /// Whether a reference leads to a record; `None` when the desk cannot know.
    fn leads(&self, kind: &str, number: Option<i64>) -> Result<Option<bool>, Fault> {
        let mut unknown = false;
        for one in kind.split('|') {
            let Some(table) = self.tables.get(one).filter(|_| self.kinds.writes(one)) else {
                unknown = true;
                continue;
            };
            let Some(number) = number else { continue };
            if self.there.borrow().get(one).is_some_and(|there| there.contains(&number)) {
                return Ok(Some(true));
            }
            let mut find = self.db.prepare_cached(&table.exists).map_err(broken)?;
            if find.exists([number]).map_err(broken)? {
                let mut there = self.there.borrow_mut();
                let there = there.entry(one.to_owned()).or_default();
                if there.len() >= REMEMBERED {
                    there.clear();
                }
                there.insert(number);
                return Ok(Some(true));
            }
        }
        Ok(if unknown { None } else { Some(false) })
    }

    /// What refers to a record that is final takes nothing more: closed is closed.
    fn refused_by_owner(
        &self,
        shape: &cutover_plan::model::KindSchema,
        table: &Table,
        values: &[Stored<'_>],
    ) -> Result<Option<Refusal>, Fault> {
        for (at, kind) in &table.closes {
            if let Some(Stored::Integer(id)) = values.get(*at)
                && self.is_final(kind, *id)?
            {
                let field = shape.fields.keys().nth(*at).map_or("", String::as_str);
                let why = "it belongs to a record in a final status, which takes nothing more";
                return Ok(Some(Refusal::new(field, "closed", why)));
            }
        }
        Ok(None)
    }

    fn is_final(&self, kind: &str, id: i64) -> Result<bool, Fault> {
        let Some((table, select)) = self.tables.get(kind).and_then(|t| Some((t, t.status.as_ref()?))) else {
            return Ok(false);
        };
        let mut find = self.db.prepare_cached(select).map_err(broken)?;
        let status: Option<Option<String>> =
            find.query_row([id], |row| row.get(0)).optional().map_err(broken)?;
        Ok(status.flatten().is_some_and(|status| table.finals.contains(&status)))
    }

    /// Does something as a whole or not at all: in the transaction that is open, or in one of its own.
    fn whole<T>(&self, act: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        if !self.db.is_autocommit() {
            return act();
        }
        self.db.execute_batch("BEGIN IMMEDIATE").map_err(broken)?;
        let done = act().and_then(|done| self.db.execute_batch("COMMIT").map_err(broken).map(|()| done));
        if done.is_err() && !self.db.is_autocommit() {
            self.forget();
            self.db.execute_batch("ROLLBACK").map_err(broken)?;
        }
        done
    }

    /// Removes a record and its parts; how many records.
    fn remove(&self, kind: &str, number: i64) -> Result<usize, Fault> {
        let table = self.table(kind)?;
        for reference in &table.referred {
            if self.is_part(reference, kind) {
                let mut find = self.db.prepare_cached(&reference.find).map_err(broken)?;
                let ids: Vec<i64> =
                    find.query_map([number], |row| row.get(0)).and_then(Iterator::collect).map_err(broken)?;
                for part in ids {
                    self.remove(&reference.kind, part)?;
                }
            }
        }
        self.forget();
        self.release_bytes(table, number)?;
        let mut delete = self.db.prepare_cached(&table.delete).map_err(broken)?;
        delete.execute([number]).map_err(broken)
    }

    /// Whether what refers to a record of a kind is a part of it.
    fn is_part(&self, reference: &make::Reference, owner: &str) -> bool {
        reference.owner && self.kinds.parts.iter().any(|(part, of)| *part == reference.kind && of == owner)
    }

    /// Why a record cannot be removed: something that stays refers to it.
    fn held(&self, kind: &str, number: i64) -> Result<Option<String>, Fault> {
        for reference in &self.table(kind)?.referred {
            let part = self.is_part(reference, kind);
            let mut find = self.db.prepare_cached(&reference.find).map_err(broken)?;
            let mut rows = find.query([number]).map_err(broken)?;
            while let Some(row) = rows.next().map_err(broken)? {
                let mark: Option<String> = row.get(1).map_err(broken)?;
                let what = &reference.kind;
                match mark {
                    None => {
                        return Ok(Some(format!("a {what} that was written in the new desk refers to it")));
                    }
                    Some(_) if !part => return Ok(Some(format!("a {what} that was loaded refers to it"))),
                    Some(_) => {}
                }
            }
        }
        Ok(None)
    }
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Embedded")
            .field("at", &self.at)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

fn refused(field: &str, code: &str, why: String) -> Answer {
    Answer::Refused { field: field.to_owned(), code: code.to_owned(), why }
}

/// A failure of SQLite: the transaction around the call is rolled back by whoever opened it, so nothing happened.
pub(crate) fn broken(error: rusqlite::Error) -> Fault {
    let hint = match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Hint::Later(None),
        Some(
            rusqlite::ErrorCode::DiskFull
            | rusqlite::ErrorCode::ReadOnly
            | rusqlite::ErrorCode::PermissionDenied
            | rusqlite::ErrorCode::CannotOpen
            | rusqlite::ErrorCode::SystemIoFailure,
        ) => Hint::Person,
        _ => Hint::Never,
    };
    Fault { effect: Effect::None, hint, why: format!("the desk's file: {error}") }
}
