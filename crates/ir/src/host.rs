//! What the evaluator cannot know by itself and asks for: zones, status classes, words of the running system, tables, hashes.
//!
//! The `ir` crate holds no zone database, no hash and no connection. Whoever evaluates passes a [`Host`]. Each method may
//! answer "I do not know" (`None`); the evaluator then rejects the record with that reason, it never guesses.

use crate::predicate::StatusClass;
use crate::time::{Date, Instant};
use crate::value::{Record, Value};

/// Answers of the surroundings. All methods must be deterministic within one run.
pub trait Host {
    /// The civil date in a zone (`Europe/Berlin`) at an instant.
    fn date_in(&self, zone: &str, at: Instant) -> Option<Date> {
        let _ = (zone, at);
        None
    }

    /// The instant of a local time, as date and seconds since midnight (0 to 86,399). `None` when the zone is unknown, or the
    /// local time is skipped or stands twice: an ambiguous time is never guessed.
    fn local_time(&self, zone: &str, date: Date, seconds: u32) -> Option<Instant> {
        let _ = (zone, date, seconds);
        None
    }

    /// The keyed SHA-256 of a text as 64 lower-case hexadecimal digits. `salt` names a secret of the environment, it is not the secret.
    fn keyed_hash(&self, salt: &str, text: &str) -> Option<String> {
        let _ = (salt, text);
        None
    }

    /// The class of a status of the source, as its catalog has it.
    fn status_class(&self, kind: &str, status: &str) -> Option<StatusClass> {
        let _ = (kind, status);
        None
    }

    /// Whether a catalogued word (`merged`, `suspended`, `inactive(responder)`) is true of a record. `field` is the atom's field,
    /// the kind itself where the word is about the whole record.
    fn word(&self, kind: &str, field: &str, word: &str, record: &Record) -> Option<bool> {
        let _ = (kind, field, word, record);
        None
    }

    /// A field of a declared table for this record; [`Value::Missing`] where the table has no line for it. `None` when there is no such table.
    fn table(&self, table: &str, field: &str, record: &Record) -> Option<Value> {
        let _ = (table, field, record);
        None
    }

    /// Whether a domain of the target has this option. `None` when the host does not hold the options.
    fn has_option(&self, domain: &str, option: &str) -> Option<bool> {
        let _ = (domain, option);
        None
    }
}

/// A host that knows nothing: enough for maps that ask nothing of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHost;

impl Host for NoHost {}
