//! The bundle on disk: `plan.json`, `plan.map.json`, `assets/`, and the documents for people.
//!
//! A runner needs the first three and nothing else. All of them are written as a set: first into a temporary folder beside their
//! places, then renamed, `plan.json` last. A folder that cannot be written is left as it was.

mod check;
mod encode;
mod places;
mod read;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::PathBuf;

pub use check::{Change, Difference, check, differences};
pub use encode::encode;
pub use places::{Place, Places};
pub use read::{Bundle, parse, read};
pub use write::write;

use crate::canonical::CanonicalError;
use crate::digest::seal_keeping;
use crate::parallel::both;
use crate::{Plan, documents};
use encode::encode_sealed;

/// Name of the plan's file.
pub const PLAN: &str = "plan.json";
/// Name of the file that leads from ids to the spec's lines.
pub const PLACES: &str = "plan.map.json";
/// Name of the folder with the plan's assets.
pub const ASSETS: &str = "assets";

/// All files of a bundle with their bytes, by name relative to the bundle's folder, `/` between parts.
pub type Outputs = BTreeMap<String, Vec<u8>>;

/// Everything that `plan` emits: seals the plan, then writes plan, places, assets and documents into memory.
///
/// `assets` are the bytes of the project's files, by digest; those that the plan does not name are left out.
///
/// # Errors
/// When the plan is unfinished, names an asset that is not given, or has a value without canonical text.
pub fn outputs(
    plan: &mut Plan,
    places: &Places,
    assets: &BTreeMap<String, Vec<u8>>,
) -> Result<Outputs, BundleError> {
    if plan.unfinished != crate::model::Unfinished::default() {
        return Err(BundleError::Unfinished);
    }
    let mut files = Outputs::new();
    let sealed = seal_keeping(plan)?;
    let plan = &*plan;
    let machine = || (encode_sealed(plan, &sealed), places.encode(&plan.digest));
    let ((text, places), pages) = both(plan.items.len(), machine, || documents::all(plan));
    files.insert(PLAN.to_owned(), text?.into_bytes());
    files.insert(PLACES.to_owned(), places.into_bytes());
    for (digest, asset) in &plan.assets {
        let bytes = assets.get(digest).ok_or_else(|| BundleError::NoAsset { file: asset.file.clone() })?;
        files.insert(format!("{ASSETS}/{digest}"), bytes.clone());
    }
    for (name, text) in pages {
        files.insert(name.to_owned(), text.into_bytes());
    }
    Ok(files)
}

/// Why a bundle cannot be written or read.
#[derive(Debug)]
#[non_exhaustive]
pub enum BundleError {
    /// The plan has errors or open decisions.
    Unfinished,
    /// The file system refuses.
    Io {
        /// What was tried: `create the folder`.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A name that an output needs is taken by something else, for example a folder.
    Taken {
        /// The path.
        path: PathBuf,
    },
    /// A file of one of the bundle's names is there, and belongs to no bundle.
    Others {
        /// The path.
        path: PathBuf,
    },
    /// A file is not JSON of the right shape.
    Shape {
        /// The file's name.
        file: &'static str,
        /// What is wrong, with line and column.
        message: String,
    },
    /// The plan has a format that this program does not know.
    Format {
        /// The format that it names.
        found: String,
    },
    /// The plan asks for features that this program does not have.
    Requires {
        /// Their names.
        names: Vec<String>,
    },
    /// The content does not match its digest.
    Digest {
        /// What does not match: ids of items and stages, names of parts, or files.
        parts: Vec<String>,
    },
    /// The file holds what a plan written by the compiler does not: unknown members, another order, other blanks.
    NotCanonical {
        /// Line of the first difference, from 1.
        line: usize,
    },
    /// An id leads nowhere, or to a later stage.
    Dangling {
        /// Where it stands.
        from: String,
        /// What it names.
        to: String,
    },
    /// An asset that the plan names was not given.
    NoAsset {
        /// The file as the spec names it.
        file: String,
    },
    /// A value has no canonical text.
    Canonical(CanonicalError),
}

impl From<CanonicalError> for BundleError {
    fn from(error: CanonicalError) -> Self {
        BundleError::Canonical(error)
    }
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BundleError::Unfinished => f.write_str("a plan with errors or open decisions is not written"),
            BundleError::Io { action, path, .. } => write!(f, "cannot {action} {}", path.display()),
            BundleError::Others { path } => {
                write!(
                    f,
                    "{} is there already, and is no file of a plan: write the plan to another folder, or move that file away",
                    path.display()
                )
            }
            BundleError::Taken { path } => {
                write!(
                    f,
                    "{} is in the way: it is not a file, and a file is to be written there",
                    path.display()
                )
            }
            BundleError::Shape { file, message } => write!(f, "{file} is not a plan file: {message}"),
            BundleError::Format { found } => {
                write!(f, "the plan has format {found}; this program reads format {}", crate::model::FORMAT)
            }
            BundleError::Requires { names } => {
                write!(f, "the plan needs features that this program does not have: {}", names.join(", "))
            }
            BundleError::Digest { parts } => {
                let shown: Vec<&str> = parts.iter().take(5).map(String::as_str).collect();
                let more = parts.len().saturating_sub(shown.len());
                write!(f, "the plan was changed after it was made: {}", shown.join(", "))?;
                if more > 0 {
                    write!(f, " and {more} more")?;
                }
                Ok(())
            }
            BundleError::NotCanonical { line } => {
                write!(f, "plan.json was not written by the compiler: line {line} holds something else")
            }
            BundleError::Dangling { from, to } => {
                write!(f, "{from} names {to}, which the plan does not have before it")
            }
            BundleError::NoAsset { file } => write!(f, "the content of {file} is missing"),
            BundleError::Canonical(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BundleError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            BundleError::Io { source, .. } => Some(source),
            BundleError::Canonical(error) => Some(error),
            _ => None,
        }
    }
}
