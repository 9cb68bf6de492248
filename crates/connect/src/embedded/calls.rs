//! The calls of a connector.

use std::io::Write;

use super::check::Checked;
use super::{Embedded, broken, make, refused};
use crate::abilities::{Abilities, Account, Finding, Proof, Silence};
use crate::connector::Connector;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::read::{Chunk, Cursor};
use crate::write::{Answer, Draft, Part, Undone};

impl Connector for Embedded {
    fn abilities(&mut self) -> Result<Abilities, Fault> {
        let batch = self.schema.limits.get("batch").copied().unwrap_or(100);
        Ok(Abilities {
            read: true,
            fetch: true,
            write: true,
            set: true,
            append: true,
            undo: true,
            finding: Finding::Enforced,
            batch: usize::try_from(batch).unwrap_or(100).max(1),
            // It has no rules at all, and no way to send: the counter tells what a real desk would have sent.
            proofs: vec![Proof::Counter, Proof::Sink, Proof::TriggersListed, Proof::Canary],
        })
    }

    fn account(&mut self) -> Result<Account, Fault> {
        Ok(Account { name: Some(self.account.clone()), at: self.at.clone() })
    }

    fn count(&mut self, kind: &str) -> Result<Option<u64>, Fault> {
        let sql = format!("SELECT count(*) FROM {}", self.table(kind)?.name);
        let count: i64 = self.db.query_row(&sql, [], |row| row.get(0)).map_err(broken)?;
        Ok(u64::try_from(count).ok())
    }

    fn read(&mut self, kind: &str, from: &Cursor, most: usize, into: &mut Chunk) -> Result<(), Fault> {
        let table = self.table(kind)?;
        let after: i64 = if from.is_start() {
            i64::MIN
        } else {
            from.0.parse().map_err(|_| {
                Fault::never("the place at which reading should go on is not one of this desk")
            })?
        };
        let mut statement = self.db.prepare_cached(&table.page).map_err(broken)?;
        let mut rows = statement
            .query(rusqlite::params![after, i64::try_from(most).unwrap_or(i64::MAX)])
            .map_err(broken)?;
        let mut last = None;
        while let Some(row) = rows.next().map_err(broken)? {
            last = Some(row.get::<_, i64>(0).map_err(broken)?);
            into.push(&table.record(row)?);
        }
        into.end(last.map(|id| Cursor(id.to_string())));
        Ok(())
    }

    fn fetch(&mut self, kind: &str, id: &str) -> Result<Option<String>, Fault> {
        let table = self.table(kind)?;
        let Ok(id) = id.parse::<i64>() else { return Ok(None) };
        let mut statement = self.db.prepare_cached(&table.one).map_err(broken)?;
        let mut rows = statement.query([id]).map_err(broken)?;
        rows.next().map_err(broken)?.map(|row| table.record(row)).transpose()
    }

    fn content(
        &mut self,
        kind: &str,
        id: &str,
        field: &str,
        into: &mut dyn Write,
    ) -> Result<Option<bool>, Fault> {
        let table = self.table(kind)?;
        let Ok(number) = id.parse::<i64>() else { return Ok(Some(false)) };
        self.bytes(table, number, field, into).map(Some)
    }

    fn write(&mut self, kind: &str, batch: &[Draft]) -> Result<Vec<Answer>, Fault> {
        self.call()?;
        self.whole(|| self.create_all(kind, batch))
    }

    fn set(&mut self, kind: &str, id: &str, fields: &str) -> Result<Answer, Fault> {
        self.call()?;
        let table = self.table(kind)?;
        let gone = || refused("", "gone", "there is no such record".to_owned());
        let Ok(number) = id.parse::<i64>() else { return Ok(gone()) };
        let Some(fields) = Fields::of(fields) else {
            return Ok(refused("", "not-json", "the change is not one JSON object".to_owned()));
        };
        if self.is_final(kind, number)? {
            return Ok(refused("", "closed", "a record in a final status does not change".to_owned()));
        }
        let Some(shape) = self.schema.kinds.get(kind) else { return Ok(gone()) };
        let check = Checked {
            schema: &self.schema,
            kind,
            shape,
            table,
            leads: &|ref_kind, number| self.leads(ref_kind, number),
        };
        let values = match check.change(&fields)? {
            Ok(values) => values,
            Err(refusal) => return Ok(refusal.answer()),
        };
        for (field, value) in shape.fields.keys().zip(values) {
            if fields.get(field).is_none() {
                continue;
            }
            let sql = format!("UPDATE {} SET {} = ?1 WHERE id = ?2", table.name, make::quoted(field));
            let mut update = self.db.prepare_cached(&sql).map_err(broken)?;
            if update.execute(rusqlite::params![value, number]).map_err(broken)? == 0 {
                return Ok(gone());
            }
        }
        Ok(Answer::Done { id: id.to_owned(), parts: Vec::new() })
    }

    fn append(&mut self, kind: &str, id: &str, parts: &[Part]) -> Result<Vec<Answer>, Fault> {
        self.call()?;
        let table = self.table(kind)?;
        let number = id.parse::<i64>().ok();
        let exists = |number: i64| -> Result<bool, Fault> {
            self.db.prepare_cached(&table.exists).and_then(|mut find| find.exists([number])).map_err(broken)
        };
        let Some(number) = number.filter(|number| exists(*number).unwrap_or(false)) else {
            let gone = || refused("", "gone", "there is no such record".to_owned());
            return Ok(parts.iter().map(|_| gone()).collect());
        };
        if self.is_final(kind, number)? {
            let why = "a record in a final status takes nothing more";
            return Ok(parts.iter().map(|_| refused("", "closed", why.to_owned())).collect());
        }
        self.whole(|| {
            let mut answers = Vec::with_capacity(parts.len());
            for part in parts {
                let known = self.known(self.table(&part.kind)?, &part.mark)?;
                answers.push(match known {
                    Some(id) => Answer::Known { id: id.to_string() },
                    None => match self.create_part(kind, number, part)? {
                        Ok(id) => Answer::Done { id: id.to_string(), parts: Vec::new() },
                        Err(refusal) => refusal.answer(),
                    },
                });
            }
            // A real desk tells the requester of a new comment.
            self.sent(kind, table, &answers)?;
            Ok(answers)
        })
    }

    fn find(&mut self, kind: &str, mark: &str) -> Result<Vec<String>, Fault> {
        let table = self.table(kind)?;
        Ok(self.known(table, mark)?.map(|id| id.to_string()).into_iter().collect())
    }

    fn undo(&mut self, kind: &str, id: &str) -> Result<Undone, Fault> {
        self.call()?;
        let Ok(number) = id.parse::<i64>() else { return Ok(Undone::Gone) };
        if !self.indexed {
            make::index(&self.db, &self.tables)?;
            self.indexed = true;
        }
        if let Some(why) = self.held(kind, number)? {
            return Ok(Undone::Kept { why });
        }
        self.whole(|| Ok(if self.remove(kind, number)? == 0 { Undone::Gone } else { Undone::Removed }))
    }

    fn silence(&mut self) -> Result<Silence, Fault> {
        let sent = make::get(&self.db, &self.desk(), "outbound")?;
        Ok(sent.and_then(|sent| u64::try_from(sent).ok()).map_or(Silence::Unknown, Silence::Sent))
    }
}
