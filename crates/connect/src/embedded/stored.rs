//! Bytes of files, in the desk's own file: one transaction with the records that hold them, and each only once.

use std::io::{self, Write};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::check::Refusal;
use super::make::{Table, quoted};
use super::{Embedded, broken};
use crate::contents::{Content, NoContent};
use crate::fault::{Fault, Hint};
use crate::fields::Fields;

/// Bytes of one row. A file is never held as a whole.
const PIECE: usize = 1 << 18;

/// Makes the tables of the bytes. No kind has a name with a blank.
pub(super) fn create(db: &Connection, database: &str) -> Result<(), Fault> {
    let name = quoted(database);
    db.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS {name}.\"desk content\" (
           sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, uses INTEGER NOT NULL) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS {name}.\"desk bytes\" (
           sha256 TEXT, piece INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (sha256, piece));"
    ))
    .map_err(broken)
}

/// Writes bytes into rows of their own.
struct Pieces<'d> {
    db: &'d Connection,
    insert: String,
    sha256: &'d str,
    piece: i64,
    held: Vec<u8>,
    failed: Option<Fault>,
}

impl Pieces<'_> {
    fn put(&mut self) -> Result<(), Fault> {
        let mut insert = self.db.prepare_cached(&self.insert).map_err(broken)?;
        insert.execute(params![self.sha256, self.piece, self.held]).map_err(broken)?;
        self.piece += 1;
        self.held.clear();
        Ok(())
    }
}

impl Write for Pieces<'_> {
    fn write(&mut self, some: &[u8]) -> io::Result<usize> {
        let taken = some.len().min(PIECE - self.held.len());
        self.held.extend_from_slice(some.get(..taken).unwrap_or_default());
        if self.held.len() == PIECE
            && let Err(fault) = self.put()
        {
            let error = io::Error::other(fault.to_string());
            self.failed = Some(fault);
            return Err(error);
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Embedded {
    /// Takes the bytes of all files of a new record; why not, where there are none.
    pub(super) fn take_bytes(
        &self,
        table: &Table,
        record: &Fields<'_>,
    ) -> Result<Result<(), Refusal>, Fault> {
        for (at, field) in table.files.iter().enumerate() {
            let Some(content) = Content::of_raw(record.get(field)) else { continue };
            if let Err(refusal) = self.take(&table.database, field, &content)? {
                for field in table.files.iter().take(at) {
                    if let Some(taken) = Content::of_raw(record.get(field)) {
                        self.release(&table.database, &taken.sha256)?;
                    }
                }
                return Ok(Err(refusal));
            }
        }
        Ok(Ok(()))
    }

    fn take(&self, database: &str, field: &str, content: &Content) -> Result<Result<(), Refusal>, Fault> {
        let name = quoted(database);
        let sql = format!("UPDATE {name}.\"desk content\" SET uses = uses + 1 WHERE sha256 = ?1");
        if self.db.prepare_cached(&sql).map_err(broken)?.execute([&content.sha256]).map_err(broken)? > 0 {
            return Ok(Ok(()));
        }
        let Some(contents) = &self.contents else {
            let why = "nobody says where the contents of files stand";
            return Ok(Err(Refusal::new(field, "missing-file", why)));
        };
        let insert = format!("INSERT INTO {name}.\"desk bytes\" VALUES (?1, ?2, ?3)");
        let (db, sha256) = (&*self.db, content.sha256.as_str());
        let mut pieces =
            Pieces { db, insert, sha256, piece: 0, held: Vec::with_capacity(PIECE), failed: None };
        let copied = contents.copy(content, &mut pieces);
        if let Some(fault) = pieces.failed {
            return Err(fault);
        }
        match copied {
            Ok(()) => {
                if !pieces.held.is_empty() {
                    pieces.put()?;
                }
                let sql = format!("INSERT INTO {name}.\"desk content\" VALUES (?1, ?2, 1)");
                let size = i64::try_from(content.size).unwrap_or(i64::MAX);
                self.db
                    .prepare_cached(&sql)
                    .map_err(broken)?
                    .execute(params![sha256, size])
                    .map_err(broken)?;
                Ok(Ok(()))
            }
            Err(NoContent::Unreadable(error)) => {
                Err(Fault { hint: Hint::Person, ..Fault::never(format!("a file of the export: {error}")) })
            }
            Err(no) => {
                self.erase(database, sha256)?;
                Ok(Err(Refusal { field: field.to_owned(), code: no.code(), why: no.to_string() }))
            }
        }
    }

    /// Gives back the bytes of the files of a record that goes.
    pub(super) fn release_bytes(&self, table: &Table, number: i64) -> Result<(), Fault> {
        for field in &table.files {
            let sql = format!("SELECT {} FROM {} WHERE id = ?1", quoted(field), table.name);
            let mut get = self.db.prepare_cached(&sql).map_err(broken)?;
            let held: Option<Option<String>> =
                get.query_row([number], |row| row.get(0)).optional().map_err(broken)?;
            if let Some(content) = held.flatten().as_deref().and_then(Content::of) {
                self.release(&table.database, &content.sha256)?;
            }
        }
        Ok(())
    }

    fn release(&self, database: &str, sha256: &str) -> Result<(), Fault> {
        let name = quoted(database);
        let sql =
            format!("UPDATE {name}.\"desk content\" SET uses = uses - 1 WHERE sha256 = ?1 RETURNING uses");
        let mut less = self.db.prepare_cached(&sql).map_err(broken)?;
        let left: Option<i64> = less.query_row([sha256], |row| row.get(0)).optional().map_err(broken)?;
        if left.is_some_and(|left| left <= 0) { self.erase(database, sha256) } else { Ok(()) }
    }

    fn erase(&self, database: &str, sha256: &str) -> Result<(), Fault> {
        for table in ["desk content", "desk bytes"] {
            let sql = format!("DELETE FROM {}.{} WHERE sha256 = ?1", quoted(database), quoted(table));
            self.db.prepare_cached(&sql).map_err(broken)?.execute([sha256]).map_err(broken)?;
        }
        Ok(())
    }

    /// Writes the bytes of the file that a field of a record holds; whether there are any.
    pub(super) fn bytes(
        &self,
        table: &Table,
        number: i64,
        field: &str,
        into: &mut dyn Write,
    ) -> Result<bool, Fault> {
        if !table.files.iter().any(|file| file == field) {
            return Ok(false);
        }
        let sql = format!("SELECT {} FROM {} WHERE id = ?1", quoted(field), table.name);
        let mut get = self.db.prepare_cached(&sql).map_err(broken)?;
        let held: Option<Option<String>> =
            get.query_row([number], |row| row.get(0)).optional().map_err(broken)?;
        let Some(content) = held.flatten().as_deref().and_then(Content::of) else { return Ok(false) };
        let name = quoted(&table.database);
        let sql = format!("SELECT 1 FROM {name}.\"desk content\" WHERE sha256 = ?1");
        if !self.db.prepare_cached(&sql).map_err(broken)?.exists([&content.sha256]).map_err(broken)? {
            return Ok(false);
        }
        let sql = format!("SELECT bytes FROM {name}.\"desk bytes\" WHERE sha256 = ?1 ORDER BY piece");
        let mut get = self.db.prepare_cached(&sql).map_err(broken)?;
        let mut rows = get.query([&content.sha256]).map_err(broken)?;
        while let Some(row) = rows.next().map_err(broken)? {
            let piece = row.get_ref(0).map_err(broken)?;
            let piece = piece.as_blob().map_err(|error| broken(error.into()))?;
            let failed = |error: io::Error| Fault::person(format!("a file cannot be written: {error}"));
            into.write_all(piece).map_err(failed)?;
        }
        Ok(true)
    }

    /// The contents as lines of a dump: digest, size, and of how many records.
    pub(super) fn dump_contents(&self, database: &str, out: &mut dyn Write) -> Result<(), Fault> {
        let sql =
            format!("SELECT sha256, size, uses FROM {}.\"desk content\" ORDER BY sha256", quoted(database));
        let mut get = self.db.prepare(&sql).map_err(broken)?;
        let mut rows = get.query([]).map_err(broken)?;
        while let Some(row) = rows.next().map_err(broken)? {
            let sha256: String = row.get(0).map_err(broken)?;
            let (size, uses): (i64, i64) =
                row.get(1).and_then(|size| Ok((size, row.get(2)?))).map_err(broken)?;
            let line = serde_json::json!({ "content": sha256, "size": size, "uses": uses });
            writeln!(out, "{line}")
                .map_err(|error| Fault::person(format!("the dump cannot be written: {error}")))?;
        }
        Ok(())
    }
}
