//! What can be wrong with an export file, and where.

use std::fmt;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, counted from 1.
    pub line: u64,
    /// Bytes from the start of the file, a byte-order mark included.
    pub offset: u64,
}

/// A problem and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is wrong.
    pub problem: Problem,
    /// Where the record that has the problem begins, or the byte itself where that is known.
    pub place: Place,
}

/// What is wrong with a file or a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The record is longer than the limit; it was skipped unread.
    TooLong {
        /// Its length in bytes.
        bytes: u64,
    },
    /// Lists and objects are nested deeper than the limit; the record is skipped.
    TooDeep,
    /// The record is not UTF-8; it is skipped.
    NotUtf8,
    /// The file is UTF-16; nothing of it is read.
    Utf16,
    /// The text is not JSON, or not an object; it is skipped.
    NotJson {
        /// What the JSON reader says, without a place.
        reason: String,
    },
    /// The file ends inside a record.
    Truncated,
    /// A page holds no list at the path where its records are expected.
    NoList {
        /// The path.
        path: String,
    },
    /// An object names a key twice. The last one counts.
    DuplicateKey {
        /// Path of the key.
        path: String,
    },
    /// A value has another shape than its path asks for, for example a text where an object with keys is expected.
    OtherShape {
        /// The path.
        path: String,
    },
    /// The header names a column twice. The first one counts.
    DuplicateColumn {
        /// The column.
        name: String,
    },
    /// The header has more columns than the limit; nothing of the file is read.
    TooManyColumns,
    /// The row has fewer fields than the header. The absent ones are missing.
    MissingFields {
        /// Columns of the header.
        expected: usize,
        /// Fields of the row.
        found: usize,
    },
    /// The row has more fields than the header. The surplus is ignored.
    ExtraFields {
        /// Columns of the header.
        expected: usize,
        /// Fields of the row.
        found: usize,
    },
    /// The row has an odd number of quotes: one is missing, and the row may have swallowed the lines below.
    UnevenQuotes,
}

impl Problem {
    /// A stable kebab-case name, for counting and for machine output.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Problem::TooLong { .. } => "record-too-long",
            Problem::TooDeep => "too-deep",
            Problem::NotUtf8 => "not-utf8",
            Problem::Utf16 => "utf16",
            Problem::NotJson { .. } => "not-json",
            Problem::Truncated => "truncated",
            Problem::NoList { .. } => "no-list",
            Problem::DuplicateKey { .. } => "duplicate-key",
            Problem::OtherShape { .. } => "other-shape",
            Problem::DuplicateColumn { .. } => "duplicate-column",
            Problem::TooManyColumns => "too-many-columns",
            Problem::MissingFields { .. } => "missing-fields",
            Problem::ExtraFields { .. } => "extra-fields",
            Problem::UnevenQuotes => "uneven-quotes",
        }
    }

    /// Whether the record that has this problem is left out.
    #[must_use]
    pub const fn loses_record(&self) -> bool {
        matches!(
            self,
            Problem::TooLong { .. }
                | Problem::TooDeep
                | Problem::NotUtf8
                | Problem::Utf16
                | Problem::NotJson { .. }
                | Problem::Truncated
                | Problem::NoList { .. }
                | Problem::TooManyColumns
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::TooLong { bytes } => write!(f, "a record of {bytes} bytes is too long and was skipped"),
            Problem::TooDeep => f.write_str("lists and objects are nested too deep"),
            Problem::NotUtf8 => f.write_str("this is not UTF-8"),
            Problem::Utf16 => f.write_str("the file is UTF-16, not UTF-8"),
            Problem::NotJson { reason } => write!(f, "this is not a JSON object: {reason}"),
            Problem::Truncated => f.write_str("the file ends inside a record"),
            Problem::NoList { path } => write!(f, "the page has no list at `{path}`"),
            Problem::DuplicateKey { path } => write!(f, "the key `{path}` stands twice in one object"),
            Problem::OtherShape { path } => {
                write!(f, "the value at `{path}` has another shape than expected")
            }
            Problem::DuplicateColumn { name } => write!(f, "the column `{name}` stands twice in the header"),
            Problem::TooManyColumns => f.write_str("the header has too many columns"),
            Problem::MissingFields { expected, found } => {
                write!(f, "the row has {found} fields where the header has {expected}")
            }
            Problem::ExtraFields { expected, found } => {
                write!(f, "the row has {found} fields where the header has only {expected}")
            }
            Problem::UnevenQuotes => f.write_str("a quote is missing in this row"),
        }
    }
}
