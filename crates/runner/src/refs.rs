//! What references lead to, for a thread that does not have the journal: ids that earlier stages left there, and what was found out since.
//!
//! Whatever it does not know, the thread with the journal finds out, and says whether it leads nowhere.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::context::Context;
use crate::flow::{Load, Reference};
use crate::problem::Problem;
use crate::work::Work;

/// Ids of all kinds that are held at once.
const HELD: usize = 400_000;
/// Answers that are remembered beside them.
const LEARNED: usize = 100_000;

/// What is known of references while a stage lasts.
#[derive(Debug, Default)]
pub(crate) struct Refs {
    /// By kind of the source, then by kind of the target.
    held: BTreeMap<String, BTreeMap<String, Ids>>,
    /// Kinds of the target that the plan writes. A name of another kind is the id.
    written: BTreeSet<String>,
    /// By the kinds to which they lead, then by name.
    names: Mutex<FxHashMap<String, Named>>,
}

/// Ids of the target by name.
type Named = FxHashMap<Box<str>, Box<str>>;

/// Ids of the target by keys of the source. Most desks count their records, and numbers take a fifth of the memory.
#[derive(Debug, Default)]
struct Ids {
    numbers: FxHashMap<u64, u64>,
    texts: HashMap<Box<str>, Box<str>>,
    /// Whether all are held.
    whole: bool,
}

/// The number that a text spells, when nothing else spells the same number.
fn number(text: &str) -> Option<u64> {
    let plain = text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || text.len() > 1 && text.starts_with('0') { None } else { text.parse().ok() }
}

impl Ids {
    fn len(&self) -> usize {
        self.numbers.len() + self.texts.len()
    }

    fn get(&self, key: &str) -> Option<String> {
        if let Some(id) = number(key).and_then(|key| self.numbers.get(&key)) {
            return Some(id.to_string());
        }
        self.texts.get(key).map(|id| id.to_string())
    }
}

impl Refs {
    /// Reads what the references of a stage lead to. Records that the stage itself writes are not among it.
    pub(crate) fn of(ctx: &Context<'_>, load: &Load) -> Result<Refs, Problem> {
        let mut refs = Refs { written: ctx.written.clone(), ..Refs::default() };
        let maps = || std::iter::once(&load.map).chain(&load.parts);
        let mut left = HELD;
        for reference in maps().flat_map(|map| map.references.values()) {
            let Reference::Key { of, into } = reference else { continue };
            for kind in of.iter().filter(|kind| maps().all(|map| map.source != **kind)) {
                for into in into {
                    let held = refs.held.entry(kind.clone()).or_default();
                    if held.contains_key(into) {
                        continue;
                    }
                    let ids = ids(ctx, kind, into, left)?;
                    left = left.saturating_sub(ids.len());
                    held.insert(into.clone(), ids);
                }
            }
        }
        Ok(refs)
    }

    /// The id of what a key of the source became, where that is known.
    pub(crate) fn target(
        &self,
        work: &Work,
        of: &[String],
        into: &[String],
        key: &str,
    ) -> Result<Option<String>, Problem> {
        for kind in of {
            let (winner, own) = (work.alias(kind, key)?, work.veil().key(kind, key));
            let key = winner.as_deref().unwrap_or(&own);
            for into in into {
                let Some(ids) = self.held.get(kind).and_then(|held| held.get(into)) else { return Ok(None) };
                match ids.get(key) {
                    Some(id) => return Ok(Some(id)),
                    // It may be one of those that are not held, and then no other kind is meant.
                    None if !ids.whole => return Ok(None),
                    None => {}
                }
            }
        }
        Ok(None)
    }

    /// The id of the record of a name, where that is known.
    pub(crate) fn named(&self, into: &[String], name: &str) -> Option<String> {
        if into.first().is_some_and(|kind| !self.written.contains(kind)) {
            return Some(name.to_owned());
        }
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        Some(names.get(&into.join("|"))?.get(name)?.to_string())
    }

    /// The id of a placeholder, where it is known.
    pub(crate) fn placeholder(&self, kind: &str, name: &str) -> Option<String> {
        if !self.written.contains(kind) {
            return Some(name.to_owned());
        }
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        Some(names.get(&stand_in(kind))?.get(name)?.to_string())
    }

    /// Remembers what the target calls a name.
    pub(crate) fn learn_name(&self, into: &[String], name: &str, id: &str) {
        self.learn(into.join("|"), name, id);
    }

    /// Remembers a placeholder.
    pub(crate) fn learn_placeholder(&self, kind: &str, name: &str, id: &str) {
        self.learn(stand_in(kind), name, id);
    }

    fn learn(&self, of: String, name: &str, id: &str) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let names = names.entry(of).or_default();
        if names.len() >= LEARNED {
            names.clear();
        }
        names.insert(name.into(), id.into());
    }
}

/// Under what placeholders are remembered: no list of kinds begins so.
fn stand_in(kind: &str) -> String {
    format!("|{kind}")
}

/// What the journal says became of the records of a kind, at most so many.
fn ids(ctx: &Context<'_>, kind: &str, into: &str, most: usize) -> Result<Ids, Problem> {
    let mut get = ctx.journal.db.prepare_cached(
        "SELECT key, target FROM record WHERE kind = ?1 AND into_kind = ?2 AND state = 'done' LIMIT ?3",
    )?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = get.query(rusqlite::params![kind, into, limit])?;
    let mut ids = Ids { whole: true, ..Ids::default() };
    while let Some(row) = rows.next()? {
        if ids.len() >= most {
            ids.whole = false;
            break;
        }
        let broken = |error| Problem::from(rusqlite::Error::from(error));
        let key = row.get_ref(0)?.as_str().map_err(broken)?;
        let target = row.get_ref(1)?.as_str().map_err(broken)?;
        match (number(key), number(target)) {
            (Some(key), Some(target)) => drop(ids.numbers.insert(key, target)),
            _ => drop(ids.texts.insert(key.into(), target.into())),
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn only_what_is_spelled_in_one_way_is_a_number() {
        assert_eq!((number("0"), number("17")), (Some(0), Some(17)));
        for text in ["", "007", "-1", "+1", "1.0", " 1", "1234567890123456789"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
