//! A SQLite database to read from: a table for each kind.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::types::{Value as Cell, ValueRef};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params_from_iter};
use serde_json::{Map, Value};

use crate::abilities::{Abilities, Account};
use crate::connector::Connector;
use crate::contents::Content;
use crate::embedded::{broken, quoted};
use crate::fault::Fault;
use crate::files::plural;
use crate::read::{Chunk, Cursor, Unread};
use crate::rt::base64;

/// A chunk is not filled further once it has so many bytes.
const BYTES: usize = 8 << 20;
/// Largest file that is carried within a record: in base64 it has to fit into the longest one that is read.
const FILE: i64 = 11 << 20;

/// What a column holds that SQLite has no type for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Yes or no, as 1 and 0.
    Flag,
    /// A list or an object, as text of JSON.
    Json,
}

/// A SQLite database, opened only to be read.
///
/// The records of a kind stand in the table that is named after it, in the singular or the plural, unless [`Database::table`] names another
/// one. A row becomes an object with a member for each column. Rows come in the order of their row numbers, or of their primary key where a table has
/// no row numbers, so that reading can go on after each of them. An embedded desk is such a database; its files come within their records.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    db: Connection,
    named: BTreeMap<String, String>,
    held: BTreeMap<String, BTreeMap<String, Held>>,
    known: BTreeMap<String, Table>,
}

/// A table that is read.
#[derive(Clone, Debug)]
struct Table {
    columns: Vec<String>,
    /// What rows are ordered by: a row number, or the columns of the primary key.
    order: Vec<String>,
    first: String,
    next: String,
}

impl Database {
    /// Opens a database.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(path: &Path) -> Result<Database, Fault> {
        let cannot = |error: rusqlite::Error| {
            Fault::person(format!("{} cannot be read as a SQLite database: {error}", path.display()))
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(cannot)?;
        db.busy_timeout(std::time::Duration::from_secs(5)).map_err(cannot)?;
        // Whether it is a database at all is only known when something is asked.
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(cannot)?;
        Ok(Database {
            path: path.to_owned(),
            db,
            named: BTreeMap::new(),
            held: BTreeMap::new(),
            known: BTreeMap::new(),
        })
    }

    /// Says in which table the records of a kind stand.
    pub fn table(&mut self, kind: &str, table: &str) {
        self.named.insert(kind.to_owned(), table.to_owned());
    }

    /// Says what a column of a kind holds.
    pub fn holds(&mut self, kind: &str, column: &str, held: Held) {
        self.held.entry(kind.to_owned()).or_default().insert(column.to_owned(), held);
    }

    /// Copies the whole database into a file that is not there yet.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn copy_to(&self, path: &Path) -> Result<(), Fault> {
        self.db.execute("VACUUM INTO ?1", [path.display().to_string()]).map(|_| ()).map_err(broken)
    }

    /// The name of the table of a kind.
    fn name(&self, kind: &str) -> Result<Option<String>, Fault> {
        let names = match self.named.get(kind) {
            Some(named) => vec![named.clone()],
            None => vec![kind.to_owned(), plural(kind)],
        };
        let mut find = self
            .db
            .prepare_cached(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE",
            )
            .map_err(broken)?;
        for name in &names {
            if let Some(found) = find.query_row([name], |row| row.get(0)).optional().map_err(broken)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn look(&mut self, kind: &str) -> Result<Table, Fault> {
        if let Some(table) = self.known.get(kind) {
            return Ok(table.clone());
        }
        let Some(name) = self.name(kind)? else {
            let path = self.path.display();
            let expected = self.named.get(kind).map_or_else(
                || format!("`{kind}` or `{}`", plural(kind)),
                |named| format!("`{named}`, which the environment names"),
            );
            return Err(Fault::person(format!(
                "the database {path} has no table for the kind `{kind}`: it would be {expected}"
            )));
        };
        let mut columns = Vec::new();
        let mut key: Vec<(i64, String)> = Vec::new();
        let mut get =
            self.db.prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid").map_err(broken)?;
        let mut rows = get.query([&name]).map_err(broken)?;
        while let Some(row) = rows.next().map_err(broken)? {
            let (column, place): (String, i64) =
                row.get(0).and_then(|name| Ok((name, row.get(1)?))).map_err(broken)?;
            if place > 0 {
                key.push((place, column.clone()));
            }
            columns.push(column);
        }
        drop(rows);
        drop(get);
        let table = quoted(&name);
        // A column may have the name by which SQLite calls the number of a row.
        let number = ["rowid", "_rowid_", "oid"]
            .into_iter()
            .find(|number| !columns.iter().any(|column| column.eq_ignore_ascii_case(number)));
        let numbered =
            number.filter(|number| self.db.prepare(&format!("SELECT {number} FROM {table}")).is_ok());
        let order: Vec<String> = match numbered {
            Some(number) => vec![number.to_owned()],
            None => {
                key.sort();
                key.iter().map(|(_, column)| quoted(column)).collect()
            }
        };
        if order.is_empty() {
            return Err(Fault::person(format!(
                "the rows of `{name}` have no number and no primary key: nothing tells where to go on"
            )));
        }
        let list: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        let (list, by) = (list.join(", "), order.join(", "));
        let places: Vec<String> = (1..=order.len()).map(|at| format!("?{at}")).collect();
        let select = format!("SELECT {by}, {list} FROM {table}");
        let found = Table {
            first: format!("{select} ORDER BY {by}"),
            next: format!("{select} WHERE ({by}) > ({}) ORDER BY {by}", places.join(", ")),
            columns,
            order,
        };
        self.known.insert(kind.to_owned(), found.clone());
        Ok(found)
    }

    /// A value as JSON; why not, where it is none.
    fn value(&self, held: Option<Held>, cell: ValueRef<'_>) -> Result<Result<Value, Wrong>, Fault> {
        Ok(Ok(match (cell, held) {
            (ValueRef::Null, _) => Value::Null,
            (ValueRef::Integer(0), Some(Held::Flag)) => Value::Bool(false),
            (ValueRef::Integer(1), Some(Held::Flag)) => Value::Bool(true),
            (ValueRef::Integer(number), _) => number.into(),
            (ValueRef::Real(number), _) => match serde_json::Number::from_f64(number) {
                Some(number) => number.into(),
                None => return Ok(Err(("not-a-number", "a number is not one that JSON has"))),
            },
            (ValueRef::Text(text), held) => {
                let Ok(text) = std::str::from_utf8(text) else {
                    return Ok(Err(("not-utf8", "a text is not UTF-8")));
                };
                match (held, text.as_bytes().first()) {
                    (Some(Held::Json), Some(b'{')) if Content::of(text).is_some() => {
                        return self.file(text);
                    }
                    (Some(Held::Json), Some(b'[' | b'{' | b'"')) => {
                        serde_json::from_str(text).unwrap_or_else(|_| text.into())
                    }
                    _ => text.into(),
                }
            }
            (ValueRef::Blob(bytes), _) => base64(bytes).into(),
        }))
    }

    /// The bytes of a file of an embedded desk, in base64.
    fn file(&self, text: &str) -> Result<Result<Value, Wrong>, Fault> {
        let none = || Ok(Err(("missing-file", "the desk does not have the bytes of a file")));
        let Some(content) = Content::of(text) else { return none() };
        let Ok(mut size) = self.db.prepare_cached("SELECT size FROM \"desk content\" WHERE sha256 = ?1")
        else {
            return none();
        };
        let size: Option<i64> =
            size.query_row([&content.sha256], |row| row.get(0)).optional().map_err(broken)?;
        let Some(size) = size else { return none() };
        if size > FILE {
            return Ok(Err(("record-too-long", "a file is too large to be carried within its record")));
        }
        let mut get = self
            .db
            .prepare_cached("SELECT bytes FROM \"desk bytes\" WHERE sha256 = ?1 ORDER BY piece")
            .map_err(broken)?;
        let mut rows = get.query([&content.sha256]).map_err(broken)?;
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        while let Some(row) = rows.next().map_err(broken)? {
            let piece = row.get_ref(0).map_err(broken)?;
            bytes.extend_from_slice(piece.as_blob().map_err(|error| broken(error.into()))?);
        }
        Ok(Ok(base64(&bytes).into()))
    }
}

/// Why a row is no record: a code, words.
type Wrong = (&'static str, &'static str);

impl Connector for Database {
    fn abilities(&mut self) -> Result<Abilities, Fault> {
        Ok(Abilities { read: true, ..Abilities::default() })
    }

    fn account(&mut self) -> Result<Account, Fault> {
        // An embedded desk knows whose it is.
        let name = self.db.query_row("SELECT value FROM desk WHERE name = 'account'", [], |row| row.get(0));
        Ok(Account { name: name.ok(), at: self.path.display().to_string() })
    }

    fn others(&mut self, kinds: &[&str]) -> Result<Vec<String>, Fault> {
        let mut read = Vec::new();
        for kind in kinds {
            read.extend(self.name(kind)?);
        }
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
        let mut get = self.db.prepare(sql).map_err(broken)?;
        let names = get.query_map([], |row| row.get(0)).map_err(broken)?;
        let names: Vec<String> = names.collect::<Result<_, _>>().map_err(broken)?;
        // What an embedded desk keeps for itself holds no records.
        let own = |name: &str| name == "desk" || name.starts_with("desk ");
        let others = names.into_iter().filter(|name| !read.contains(name) && !own(name));
        Ok(others.map(|name| format!("the table {name}")).collect())
    }

    fn read(&mut self, kind: &str, from: &Cursor, most: usize, into: &mut Chunk) -> Result<(), Fault> {
        let table = self.look(kind)?;
        let after = place(from, table.order.len())?;
        let sql = if after.is_empty() { &table.first } else { &table.next };
        let mut get = self.db.prepare_cached(sql).map_err(broken)?;
        let mut rows = get.query(params_from_iter(after)).map_err(broken)?;
        let held = self.held.get(kind);
        let mut last = None;
        while let Some(row) = rows.next().map_err(broken)? {
            if into.len() + into.problems().len() >= most.max(1) || into.bytes() >= BYTES {
                into.end(last);
                return Ok(());
            }
            let mut keys = Vec::with_capacity(table.order.len());
            for at in 0..table.order.len() {
                keys.push(key(row.get(at).map_err(broken)?));
            }
            let mut record = Map::new();
            let mut wrong = None;
            for (at, column) in table.columns.iter().enumerate() {
                let cell = row.get_ref(table.order.len() + at).map_err(broken)?;
                let held = held.and_then(|held| held.get(column)).copied();
                match self.value(held, cell)? {
                    Ok(value) => drop(record.insert(column.clone(), value)),
                    Err(why) => wrong = Some((column, why)),
                }
            }
            let keys = Value::from(keys).to_string();
            match wrong {
                None => into.push(&Value::Object(record).to_string()),
                Some((column, (code, why))) => {
                    into.unread(Unread {
                        at: format!("{kind} {keys}"),
                        code,
                        why: format!("{why} (column {column})"),
                    });
                }
            }
            last = Some(Cursor(keys));
        }
        into.end(None);
        Ok(())
    }
}

/// A key as a cursor holds it: numbers as they are, texts with a mark before them, bytes in hexadecimal digits.
fn key(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) => number.into(),
        Cell::Real(number) => format!("r{:x}", number.to_bits()).into(),
        Cell::Text(text) => format!("t{text}").into(),
        Cell::Blob(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("b{digits}").into()
        }
    }
}

/// The keys behind which reading goes on; none where it begins.
fn place(cursor: &Cursor, keys: usize) -> Result<Vec<Cell>, Fault> {
    if cursor.is_start() {
        return Ok(Vec::new());
    }
    let wrong = || Fault::never("the place at which reading should go on is not one of this database");
    let all: Vec<Value> = serde_json::from_str(&cursor.0).map_err(|_| wrong())?;
    let cell = |value: &Value| -> Option<Cell> {
        match value {
            Value::Null => Some(Cell::Null),
            Value::Number(number) => number.as_i64().map(Cell::Integer),
            Value::String(text) => {
                let rest = text.get(1..)?;
                match text.as_bytes().first()? {
                    b't' => Some(Cell::Text(rest.to_owned())),
                    b'r' => u64::from_str_radix(rest, 16).ok().map(|bits| Cell::Real(f64::from_bits(bits))),
                    b'b' => {
                        let pairs = rest
                            .as_bytes()
                            .chunks(2)
                            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
                        pairs.collect::<Option<_>>().map(Cell::Blob)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    };
    let cells: Option<Vec<Cell>> = all.iter().map(cell).collect();
    cells.filter(|cells| cells.len() == keys).ok_or_else(wrong)
}
