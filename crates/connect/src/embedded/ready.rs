//! Writing what was checked ahead: on another thread, by what the schema tells.

use rusqlite::{CachedStatement, Connection};
use rustc_hash::FxHashSet;

use super::ahead::{self, Ready};
use super::check::Stored;
use super::make::Table;
use super::{Embedded, REMEMBERED, broken};
use crate::fault::Fault;
use crate::write::{Answer, Draft};

impl Embedded {
    /// Creates records as [`Connector::write`](crate::Connector::write) does. What was checked ahead is not checked again, but for what only the desk's file tells.
    ///
    /// # Errors
    /// As [`Connector::write`](crate::Connector::write).
    pub fn write_ready(
        &mut self,
        kind: &str,
        batch: &[Draft],
        ready: &[Option<Ready>],
    ) -> Result<Vec<Answer>, Fault> {
        self.call()?;
        self.whole(|| {
            let table = self.table(kind)?;
            let most = self.schema.limits.get("comments_per_ticket").copied().unwrap_or(u64::MAX);
            let mut inserts = Inserts::default();
            let mut answers = Vec::with_capacity(batch.len());
            for (draft, ready) in batch.iter().zip(ready.iter().map(Some).chain(std::iter::repeat(None))) {
                let fits = |ready: &&Ready| {
                    ready.parts.len() == draft.parts.len() && draft.parts.len() as u64 <= most
                };
                let ready = ready.and_then(Option::as_ref).filter(fits);
                let done = match ready {
                    Some(ready) => self.create_ready(kind, table, draft, ready, &mut inserts)?,
                    None => None,
                };
                answers.push(match done {
                    Some(answer) => answer,
                    // It says what is wrong in its own words.
                    None => self.create(kind, table, draft)?,
                });
            }
            drop(inserts);
            self.sent(kind, table, &answers)?;
            Ok(answers)
        })
    }

    /// Creates a record that was checked ahead; nothing, and nothing happened, where it has to be looked at once more.
    fn create_ready<'t>(
        &'t self,
        kind: &str,
        table: &'t Table,
        draft: &Draft,
        ready: &Ready,
        inserts: &mut Inserts<'t>,
    ) -> Result<Option<Answer>, Fault> {
        let record = &ready.record;
        let Some(id) = self.insert_ready(table, &draft.mark, &draft.record, record, None, inserts)? else {
            return Ok(None);
        };
        let mut parts = Vec::with_capacity(draft.parts.len());
        for (part, row) in draft.parts.iter().zip(&ready.parts) {
            let table = self.table(&part.kind)?;
            match self.insert_ready(table, &part.mark, &part.record, row, Some(id), inserts)? {
                Some(id) => parts.push(id.to_string()),
                None => {
                    self.remove(kind, id)?;
                    return Ok(None);
                }
            }
        }
        Ok(Some(Answer::Done { id: id.to_string(), parts }))
    }

    fn insert_ready<'t>(
        &'t self,
        table: &'t Table,
        mark: &str,
        record: &str,
        row: &ahead::Row,
        owner: Option<i64>,
        inserts: &mut Inserts<'t>,
    ) -> Result<Option<i64>, Fault> {
        for (to, number) in &row.leads {
            if !self.led(*to, *number)? {
                return Ok(None);
            }
        }
        let insert = inserts.of(&self.db, table)?;
        insert.raw_bind_parameter(1, mark).map_err(broken)?;
        for (at, cell) in row.cells.iter().enumerate() {
            let value = match owner {
                Some(owner) if row.owner == Some(at) => Stored::Integer(owner),
                _ => cell.stored(record),
            };
            insert.raw_bind_parameter(at + 2, value).map_err(broken)?;
        }
        match insert.raw_execute() {
            Ok(_) => Ok(Some(self.db.last_insert_rowid())),
            Err(rusqlite::Error::SqliteFailure(error, _))
                if error.code == rusqlite::ErrorCode::ConstraintViolation =>
            {
                Ok(None)
            }
            Err(error) => Err(broken(error)),
        }
    }

    /// Whether a reference to what stands at that place of `leads_to` leads to a record.
    fn led(&self, to: usize, number: i64) -> Result<bool, Fault> {
        if self.led.borrow().get(to).is_some_and(|led| led.contains(&number)) {
            return Ok(true);
        }
        let Some(kind) = self.leads_to.get(to) else { return Ok(false) };
        if self.leads(kind, Some(number))? != Some(true) {
            return Ok(false);
        }
        let mut led = self.led.borrow_mut();
        if led.len() <= to {
            led.resize_with(self.leads_to.len(), FxHashSet::default);
        }
        if let Some(led) = led.get_mut(to) {
            if led.len() >= REMEMBERED {
                led.clear();
            }
            led.insert(number);
        }
        Ok(true)
    }
}

/// The statements that insert into the tables of one batch: to look each up for each record would cost as much as checking it.
#[derive(Default)]
struct Inserts<'t> {
    of: Vec<(&'t str, CachedStatement<'t>)>,
}

impl<'t> Inserts<'t> {
    fn of(&mut self, db: &'t Connection, table: &'t Table) -> Result<&mut CachedStatement<'t>, Fault> {
        let known = self.of.iter().position(|(name, _)| std::ptr::eq(*name, table.name.as_str()));
        let at = match known {
            Some(at) => at,
            None => {
                let insert = db.prepare_cached(&table.insert).map_err(broken)?;
                self.of.push((&table.name, insert));
                self.of.len() - 1
            }
        };
        let found = self.of.get_mut(at).map(|(_, insert)| insert);
        found.ok_or_else(|| Fault::never("a statement that was just made is not there"))
    }
}
