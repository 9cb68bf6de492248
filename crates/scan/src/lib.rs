//! Makes an inventory from an export folder: streaming, exact, without personal data.
//!
//! [`scan`] reads each file once, record by record. What needs all records at once (keys, references, duplicates, distinct values) is
//! sorted on disk, so that memory does not grow with the export. Nothing of the outcome depends on the order in which the disk lists
//! files, on the working folder, the time or the time zone.

mod custom;
mod external;
mod field;
mod finding;
mod key;
mod kind;
mod layout;
mod lengths;
mod objects;
mod opening;
mod outcome;
mod read;
mod seen;
mod states;
mod unfinished;
mod unknown;
mod value;
mod values;
mod withheld;
mod world;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use cutover_catalog::{Catalog, Inventory, State, Table};
use cutover_ir::time::Date;
use cutover_records::{FolderError, Limits};

pub use finding::{Finding, Severity};
pub use key::pseudonym;
pub use unfinished::Unfinished;

/// What the scan cannot know from the files.
#[derive(Clone, Debug, Default)]
pub struct ScanOptions {
    /// The account: `acme-legacy`.
    pub account: String,
    /// The account's plan.
    pub plan: Option<String>,
    /// The day on which the export was taken. Without it, the day of the newest change in the data, in UTC.
    pub taken: Option<Date>,
    /// The export layout, by its name in the catalog. Without it, the one that knows most of the files.
    pub layout: Option<String>,
    /// Write names of people who answer, not only their account ids.
    pub names: bool,
    /// Name of the table of unfinished tickets, as it will stand beside the inventory. Without it the inventory names none.
    pub sidecar: Option<String>,
    /// Goes into pseudonyms. With a secret one, nobody else can compute them from ticket numbers.
    pub salt: String,
    /// How the inventory was made, as words. Without it, the layout is named.
    pub made_from: Option<String>,
    /// States that the account added, by kind: what an inventory of the account already says of them. Without the class of a state the
    /// scan cannot know which of its tickets are unfinished.
    pub states: Table<Table<State>>,
    /// Most values shown of each field; 1,000 when zero.
    pub values: usize,
    /// Most unfinished tickets whose answers are looked at; 2,000,000 when zero. Their keys stay in memory.
    pub followed: usize,
    /// Folder for temporary files. Without it, the system's.
    pub temporary: Option<PathBuf>,
    /// What the readers refuse to hold.
    pub limits: Limits,
}

/// What a scan gives.
#[derive(Debug)]
pub struct ScanOutcome {
    /// The inventory.
    pub inventory: Inventory,
    /// What the scan has to say about the export, the graver things first.
    pub findings: Vec<Finding>,
    /// The layout by which the files were read.
    pub layout: String,
    /// The table of unfinished tickets.
    pub unfinished: Unfinished,
}

/// Hears how far a scan is.
pub trait Progress {
    /// So many bytes of all are read; the file at hand is named by its path from the export folder.
    fn at(&mut self, file: &str, done: u64, total: u64);
}

/// Hears nothing.
impl Progress for () {
    fn at(&mut self, _: &str, _: u64, _: u64) {}
}

/// Why there is no inventory.
#[derive(Debug)]
pub enum ScanError {
    /// The folder cannot be listed, or a link leads out of it.
    Folder(FolderError),
    /// The catalog has no layout of that name.
    UnknownLayout {
        /// The name.
        name: String,
        /// Names of the layouts that it has.
        known: Vec<String>,
    },
    /// No layout of the catalog knows any of the files.
    NoLayout {
        /// The catalog.
        platform: String,
        /// What each of its layouts looks for.
        known: Vec<String>,
        /// How many files the folder holds.
        files: usize,
    },
    /// The layout contradicts its catalog.
    Layout(String),
    /// A file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Temporary files cannot be written.
    Temporary(io::Error),
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScanError::Folder(error) => error.fmt(f),
            ScanError::UnknownLayout { name, known } => {
                write!(f, "there is no export layout `{name}`; known are: {}", list(known))
            }
            ScanError::NoLayout { platform, known, files: 0 } => {
                write!(f, "the folder is empty; of an export of `{platform}`, {}", known.join("; "))
            }
            ScanError::NoLayout { platform, known, .. } => {
                write!(f, "none of these files is one of an export of `{platform}`: {}", known.join("; "))
            }
            ScanError::Layout(reason) => write!(f, "the export layout cannot be used: {reason}"),
            ScanError::Read { path, error } => write!(f, "`{}` cannot be read: {error}", path.display()),
            ScanError::Temporary(error) => write!(f, "temporary files cannot be written: {error}"),
        }
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

// What the system said is in the words already: a source would say it twice.
impl std::error::Error for ScanError {}

/// Reads an export folder by the catalog's export layout.
///
/// # Errors
/// When the folder or a file cannot be read, a link leads out of the folder, or no layout fits. Whatever is wrong inside files is a finding.
pub fn scan(
    folder: &Path,
    catalog: &Catalog,
    options: &ScanOptions,
    progress: &mut dyn Progress,
) -> Result<ScanOutcome, ScanError> {
    read::scan(folder, catalog, options, progress)
}
