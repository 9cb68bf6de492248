//! The files of an export folder, in an order that does not depend on the disk.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Most files of a folder.
const FILES: usize = 100_000;
/// Deepest folder below the top.
const LEVELS: usize = 16;

/// A file of an export folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path from the folder, with `/` between its parts.
    pub name: String,
    /// Path to open.
    pub path: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
}

/// Something in the folder that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// A link to something inside the folder: what it points to is read where it stands.
    Link(String),
    /// Neither a file nor a folder.
    Special(String),
    /// A name that is not UTF-8, shown as well as it can be.
    Name(String),
}

/// The files of a folder, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// What can be read.
    pub files: Vec<Entry>,
    /// What is not read, sorted.
    pub skipped: Vec<Skipped>,
}

/// Why a folder is refused.
#[derive(Debug)]
pub enum FolderError {
    /// The folder, or something in it, cannot be listed.
    Io {
        /// What could not be read.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A link leads out of the folder.
    Escapes {
        /// The link, from the folder.
        name: String,
    },
    /// More than 100,000 files, or more than 16 levels.
    TooLarge,
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FolderError::Io { path, error } => write!(f, "`{}` cannot be read: {error}", path.display()),
            FolderError::Escapes { name } => write!(f, "`{name}` is a link that leads out of the folder"),
            FolderError::TooLarge => {
                write!(f, "the folder has more than {FILES} files or more than {LEVELS} levels")
            }
        }
    }
}

impl std::error::Error for FolderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            FolderError::Io { error, .. } => Some(error),
            FolderError::Escapes { .. } | FolderError::TooLarge => None,
        }
    }
}

/// Lists the files below a folder. Names that start with a dot are left out. A link that leads out of the folder refuses the whole folder.
///
/// # Errors
/// When something cannot be listed, a link escapes, or there is too much of it.
pub fn list_folder(top: &Path) -> Result<Folder, FolderError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |error| FolderError::Io { path, error }
    };
    // The folder itself may be named through a link; what it resolves to is the boundary.
    let root = fs::canonicalize(top).map_err(io(top))?;
    let mut folder = Folder::default();
    let mut open = vec![(root.clone(), String::new(), 0)];
    while let Some((path, prefix, level)) = open.pop() {
        for entry in fs::read_dir(&path).map_err(io(&path))? {
            let entry = entry.map_err(io(&path))?;
            let raw = entry.file_name();
            let Some(name) = raw.to_str() else {
                folder.skipped.push(Skipped::Name(format!("{prefix}{}", raw.to_string_lossy())));
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            let name = format!("{prefix}{name}");
            let path = entry.path();
            let meta = fs::symlink_metadata(&path).map_err(io(&path))?;
            if meta.is_symlink() {
                let inside = fs::canonicalize(&path).is_ok_and(|target| target.starts_with(&root));
                if !inside {
                    return Err(FolderError::Escapes { name });
                }
                folder.skipped.push(Skipped::Link(name));
            } else if meta.is_dir() {
                if level >= LEVELS {
                    return Err(FolderError::TooLarge);
                }
                open.push((path, format!("{name}/"), level + 1));
            } else if meta.is_file() {
                if folder.files.len() >= FILES {
                    return Err(FolderError::TooLarge);
                }
                folder.files.push(Entry { name, path, bytes: meta.len() });
            } else {
                folder.skipped.push(Skipped::Special(name));
            }
        }
    }
    folder.files.sort_by(|a, b| a.name.cmp(&b.name));
    folder.skipped.sort_by(|a, b| key(a).cmp(key(b)));
    Ok(folder)
}

fn key(skipped: &Skipped) -> &str {
    match skipped {
        Skipped::Link(name) | Skipped::Special(name) | Skipped::Name(name) => name,
    }
}
