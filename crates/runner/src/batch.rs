//! Records on their way into one transaction of the journal, and the counting of what became of them.

use std::collections::BTreeMap;

use crate::journal::{Counts, Rejected};
use crate::prepare::{FILTERED, Planned};

/// Records, and what became of those that are not sent, on their way into one transaction of the journal.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) planned: Vec<Planned>,
    pub(crate) counts: BTreeMap<String, Counts>,
    pub(crate) filtered: BTreeMap<(String, String), u64>,
    pub(crate) rejected: Vec<Rejected>,
    pub(crate) cursor: Option<i64>,
    /// What becomes of it was counted before.
    pub(crate) counted: bool,
}

impl Batch {
    /// An empty one that ends at a position.
    pub(crate) fn until(cursor: i64) -> Batch {
        Batch { cursor: Some(cursor), ..Batch::default() }
    }

    /// What is counted of a kind.
    pub(crate) fn of(&mut self, kind: &str) -> &mut Counts {
        if !self.counts.contains_key(kind) {
            self.counts.insert(kind.to_owned(), Counts::default());
        }
        self.counts.entry(kind.to_owned()).or_default()
    }

    pub(crate) fn filter(&mut self, kind: &str, part: &str, records: u64) {
        if records == 0 {
            return;
        }
        let counts = self.of(kind);
        counts.read += records;
        counts.filtered += records;
        *self.filtered.entry((kind.to_owned(), part.to_owned())).or_default() += records;
    }

    pub(crate) fn reject(&mut self, reject: Rejected) {
        let counts = self.of(&reject.kind.clone());
        counts.read += 1;
        counts.rejected += 1;
        self.rejected.push(reject);
    }

    pub(crate) fn add(&mut self, mut planned: Planned) {
        for reject in std::mem::take(&mut planned.rejected) {
            if reject.code == FILTERED {
                self.filter(&reject.kind, &reject.rule, 1);
            } else {
                self.reject(reject);
            }
        }
        self.planned.push(planned);
    }

    pub(crate) fn written(&mut self, planned: &Planned) {
        self.tally(planned, |counts, records| counts.written += records);
    }

    pub(crate) fn uncertain(&mut self, planned: &Planned) {
        self.tally(planned, |counts, records| counts.uncertain += records);
    }

    /// Counts a record and its parts as read, and as what became of them.
    fn tally(&mut self, planned: &Planned, became: impl Fn(&mut Counts, u64)) {
        let mut count = |kind: &str, records: usize| {
            let (counts, records) = (self.of(kind), records as u64);
            counts.read += records;
            became(counts, records);
        };
        count(&planned.kind, 1);
        for parts in planned.parts.chunk_by(|one, other| one.kind == other.kind) {
            count(parts.first().map_or("", |part| &part.kind), parts.len());
        }
    }

    pub(crate) fn refused(&mut self, planned: &Planned, field: String, code: String, why: String) {
        for part in &planned.parts {
            self.reject(with_owner(&part.kind, &part.key, &planned.kind));
        }
        self.reject(Rejected {
            kind: planned.kind.clone(),
            key: planned.key.clone(),
            field,
            code: format!("target-{code}"),
            why,
            ..Rejected::default()
        });
    }
}

/// A record that stays behind because the one to which it belongs was rejected.
pub(crate) fn with_owner(kind: &str, key: &str, owner: &str) -> Rejected {
    Rejected {
        kind: kind.to_owned(),
        key: key.to_owned(),
        code: "owner-rejected".to_owned(),
        why: format!("its {owner} was rejected"),
        ..Rejected::default()
    }
}
