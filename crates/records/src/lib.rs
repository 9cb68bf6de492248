//! Streaming readers of export files: JSONL, JSON pages and CSV.
//!
//! One reader for the inventory scan, the transformer and the connectors. This crate is a leaf: it knows bytes, places and shapes, and
//! nothing of helpdesks. Memory is bounded by [`Limits::record_bytes`], whatever the input: a record above it is skipped unread and
//! reported with its place and size.
//!
//! Each reader is a lending iterator: `next()` gives a record that borrows from the reader, or a [`Found`] problem, until `Ok(None)`.
//! A problem never ends a file when the reader can find the next record. Only an I/O error does.

mod cell;
mod elements;
mod folder;
mod lines;
mod path;
mod pick;
mod problem;
mod table;
#[cfg(test)]
mod tests;
mod window;

pub use cell::{Cell, list_items};
pub use elements::Elements;
pub use folder::{Entry, Folder, FolderError, Skipped, list_folder};
pub use lines::Lines;
pub use path::PathError;
pub use pick::{Member, Picked, Picker};
pub use problem::{Found, Place, Problem};
pub use table::{Row, Table};

/// What a reader refuses to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest record in bytes, without its line end. A longer one is skipped unread.
    pub record_bytes: usize,
    /// Deepest nesting of lists and objects in a record.
    pub depth: usize,
    /// Most columns of a table.
    pub columns: usize,
}

impl Default for Limits {
    /// 16 MiB a record, 128 levels, 16,384 columns.
    fn default() -> Self {
        Limits { record_bytes: 16 << 20, depth: 128, columns: 16_384 }
    }
}

/// What a reader gives next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<T> {
    /// A record.
    Record(T),
    /// Something wrong, and where.
    Problem(Found),
}

/// A JSON record as text, with its place. It is UTF-8 and not blank; whether it is JSON is found out by [`Picker::pick`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The bytes of the record, without line end and without byte-order mark.
    pub text: &'a str,
    /// Where its first byte stands.
    pub place: Place,
}
