//! The trait.

use std::io::Write;

use crate::abilities::{Abilities, Account, Silence};
use crate::fault::Fault;
use crate::read::{Chunk, Cursor};
use crate::write::{Answer, Draft, Part, Undone};

/// A system from which records are read, to which they are written, or both.
///
/// `kind` is always a kind of the system's catalog: `ticket`, `conversation`. `id` is the system's own id of a record, as text. Each call
/// has a default that answers "this connector cannot do that"; [`Connector::abilities`] says beforehand which ones are worth calling, and
/// the runner refuses a binding whose abilities are below what the plan needs.
///
/// A call does its work once. It does not wait for a rate to recover, does not repeat, and keeps nothing that a later call relies on:
/// after a crash another process calls with the same values. Beside [`Connector::write`],
/// [`Connector::append`], [`Connector::set`] and [`Connector::undo`] no call has an effect.
pub trait Connector {
    /// What the connector can do with this system. Asked once, before anything else; without any effect.
    ///
    /// # Errors
    /// When the system has to be asked and does not answer.
    fn abilities(&mut self) -> Result<Abilities, Fault>;

    /// Which account answers. The runner refuses one that is not the plan's.
    ///
    /// # Errors
    /// When the system does not answer, or not with these credentials.
    fn account(&mut self) -> Result<Account, Fault>;

    /// How many records of a kind there are; `None` when the system does not tell.
    ///
    /// # Errors
    /// When the system does not answer.
    fn count(&mut self, kind: &str) -> Result<Option<u64>, Fault> {
        let _ = kind;
        Ok(None)
    }

    /// Reads records of a kind in the system's own order, beginning at `from`, and says with [`Chunk::end`] where the next call goes on.
    /// `into` is empty when it comes. About `most` records are wanted; a few more or less do no harm, none is only right at the end.
    ///
    /// What cannot be read as a record goes into [`Chunk::unread`]: nothing is skipped in silence. The same cursor gives the same records
    /// as long as nobody changes them, in another process too.
    ///
    /// # Errors
    /// When the system does not answer, or does not know the kind.
    fn read(&mut self, kind: &str, from: &Cursor, most: usize, into: &mut Chunk) -> Result<(), Fault> {
        let _ = (kind, from, most, into);
        Err(Fault::cannot("read records"))
    }

    /// Whether a record of a kind that [`Connector::write`] answers as known bears the caller's mark. Where it is only the same by its name,
    /// somebody else may have made it, and nobody takes it back.
    fn known_by_mark(&self, kind: &str) -> bool {
        let _ = kind;
        true
    }

    /// What is not ready where records go, so that one that is written there could not be recognised again: a sentence for each of these
    /// groups, queues or the like of which that is so.
    ///
    /// # Errors
    /// When the system does not answer.
    fn unready(&mut self, places: &[&str]) -> Result<Vec<String>, Fault> {
        let _ = places;
        Ok(Vec::new())
    }

    /// What the system holds beside records of these kinds, in a few words each: `the stream orders, 17 records`. It is told once, so that
    /// nobody takes what was never read for what is not there.
    ///
    /// # Errors
    /// When the system does not answer.
    fn others(&mut self, kinds: &[&str]) -> Result<Vec<String>, Fault> {
        let _ = kinds;
        Ok(Vec::new())
    }

    /// One record by its id, as the system has it now; `None` when there is none. What was written is compared with this.
    ///
    /// # Errors
    /// When the system does not answer.
    fn fetch(&mut self, kind: &str, id: &str) -> Result<Option<String>, Fault> {
        let _ = (kind, id);
        Err(Fault::cannot("read single records"))
    }

    /// Writes the bytes of the file that a field of a record holds, as the system has them now, and says whether there are any. `None` when
    /// the system does not give them. What was written is compared with them.
    ///
    /// # Errors
    /// When the system does not answer, or `into` takes nothing more.
    fn content(
        &mut self,
        kind: &str,
        id: &str,
        field: &str,
        into: &mut dyn Write,
    ) -> Result<Option<bool>, Fault> {
        let _ = (kind, id, field, into);
        Ok(None)
    }

    /// Creates records, in order, with their parts, and answers for each draft at the same place. What is refused for reasons of its own
    /// is an [`Answer::Refused`], and the drafts behind it are still tried.
    ///
    /// # Errors
    /// Then no draft of the batch has an answer, and [`Fault::effect`] says what may have happened to all of them. A connector that has
    /// created some before the fault answers those, and [`Answer::Unknown`] or [`Answer::Untried`] for the rest, instead.
    fn write(&mut self, kind: &str, batch: &[Draft]) -> Result<Vec<Answer>, Fault> {
        let _ = (kind, batch);
        Err(Fault::cannot("write records"))
    }

    /// Sets fields of a record that is there, for references that could not be written with it. `fields` is a JSON object.
    ///
    /// # Errors
    /// As for [`Connector::write`].
    fn set(&mut self, kind: &str, id: &str, fields: &str) -> Result<Answer, Fault> {
        let _ = (kind, id, fields);
        Err(Fault::cannot("change records"))
    }

    /// Adds parts to a record that is there, in order, and answers for each at the same place: a comment that came to its ticket later. What
    /// is there already, by its mark, is an [`Answer::Known`].
    ///
    /// # Errors
    /// As for [`Connector::write`].
    fn append(&mut self, kind: &str, id: &str, parts: &[Part]) -> Result<Vec<Answer>, Fault> {
        let _ = (kind, id, parts);
        Err(Fault::cannot("add to records that are there"))
    }

    /// Ids of the records that carry a mark ([`Draft::mark`]), oldest first. How soon after a write this can be trusted is
    /// [`Abilities::finding`].
    ///
    /// # Errors
    /// When the system does not answer.
    fn find(&mut self, kind: &str, mark: &str) -> Result<Vec<String>, Fault> {
        let _ = (kind, mark);
        Err(Fault::cannot("look up what it wrote"))
    }

    /// Takes back a record that [`Connector::write`] created, with its parts. A record that is already gone is [`Undone::Gone`].
    ///
    /// # Errors
    /// As for [`Connector::write`].
    fn undo(&mut self, kind: &str, id: &str) -> Result<Undone, Fault> {
        let _ = (kind, id);
        Err(Fault::cannot("take back what it wrote"))
    }

    /// What can be said about messages that the system sent to people. Asked before and after a load; a counter that does not exist is
    /// [`Silence::Unknown`] and never 0.
    ///
    /// # Errors
    /// When the system does not answer.
    fn silence(&mut self) -> Result<Silence, Fault> {
        Ok(Silence::Unknown)
    }
}
