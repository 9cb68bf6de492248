//! What is written, and what becomes of it.

/// A record to be created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// What the record is recognised by, ever after: `ticket:4711`, kind and id of the source. It goes where the system keeps foreign ids.
    pub mark: String,
    /// One JSON object with fields of the target's catalog. References hold ids of the target already; an option is its name in the
    /// catalog; times are RFC 3339 in UTC; nothing is `null`.
    pub record: String,
    /// Records that are created with it: the comments of a ticket, in order.
    pub parts: Vec<Part>,
}

/// A record that belongs to another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Its kind in the target's catalog.
    pub kind: String,
    /// What it is recognised by: `conversation:9`.
    pub mark: String,
    /// One JSON object, as for a [`Draft`], without the field that refers to the record it belongs to.
    pub record: String,
}

/// What became of a draft, or of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was created, or changed.
    Done {
        /// Its id in the target.
        id: String,
        /// Ids of its parts, in their order; empty when the system does not tell.
        parts: Vec<String>,
    },
    /// It was there already, by its mark: nothing was created.
    Known {
        /// Its id in the target.
        id: String,
    },
    /// The system does not take it. Nothing was created; the same draft will be refused again.
    Refused {
        /// The field that it does not like, when it says so; empty otherwise.
        field: String,
        /// A short name for counting: `too-long`, `unknown-option`.
        code: String,
        /// What it says, without text of the record.
        why: String,
    },
    /// Whether it was created is not known.
    Unknown {
        /// What happened.
        why: String,
    },
    /// It was not tried, because of what happened before it in the batch.
    Untried,
}

/// What became of a record that was to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undone {
    /// It is gone now.
    Removed,
    /// It was gone before.
    Gone,
    /// It stays, because of this.
    Kept {
        /// Why, in plain words: `somebody answered in the new desk`.
        why: String,
    },
}
