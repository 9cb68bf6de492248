//! The project's folder: the only door to the file system.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Texts that stand in the place of files, by the files' paths in the project: what an editor holds open.
pub type Open = BTreeMap<String, Arc<str>>;

/// Why the entry spec could not be read.
#[derive(Debug)]
pub struct Failure {
    /// The path as it was asked for.
    pub path: PathBuf,
    /// The system's answer.
    pub source: io::Error,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}", self.path.display())
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// A folder below which everything lies that a spec may read.
#[derive(Debug)]
pub(crate) struct Root {
    /// As it was asked for.
    named: PathBuf,
    folder: PathBuf,
    open: Open,
}

/// Why a file of the project cannot be read.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The path is absolute, climbs out of the project, or leads out through a link.
    Outside,
    /// There is no such file.
    Missing,
    /// It is a folder, a device, a pipe.
    NotAFile,
    /// Larger than the given number of bytes.
    TooLarge(u64),
    /// The system refuses.
    Io(io::Error),
}

/// The path of a file that `from` (a path in the project) names, relative to the project, with `/` between parts.
/// `None` when it climbs out.
#[must_use]
pub fn resolve(from: &str, named: &str) -> Option<String> {
    // A backslash or a drive would mean something else on another machine.
    if named.contains(['\\', '\0']) || named.get(1..2) == Some(":") {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for component in Path::new(named).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

impl Root {
    /// A root at a folder.
    pub(crate) fn new(folder: &Path, open: Open) -> Result<Root, Failure> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        match folder.canonicalize() {
            Ok(canonical) => Ok(Root { named: folder.to_owned(), folder: canonical, open }),
            Err(source) => Err(Failure { path: folder.to_owned(), source }),
        }
    }

    /// Why a file of the project could not be read, for people.
    pub(crate) fn failure(&self, path: &str, source: io::Error) -> Failure {
        Failure { path: self.named.join(path), source }
    }

    /// As [`resolve`].
    pub(crate) fn resolve(from: &str, named: &str) -> Option<String> {
        resolve(from, named)
    }

    /// Opens a file of the project, to read it piece by piece.
    pub(crate) fn open(&self, path: &str) -> Result<File, Refused> {
        self.found(path).and_then(|(full, _)| File::open(full).map_err(Refused::Io))
    }

    /// A file of the project, and its length in bytes.
    fn found(&self, path: &str) -> Result<(PathBuf, u64), Refused> {
        let full = self.folder.join(path);
        let canonical = full.canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Refused::Missing,
            _ => Refused::Io(error),
        })?;
        if !canonical.starts_with(&self.folder) {
            return Err(Refused::Outside);
        }
        // A pipe would be opened for ever: look before opening.
        let metadata = std::fs::metadata(&canonical).map_err(Refused::Io)?;
        if !metadata.is_file() {
            return Err(Refused::NotAFile);
        }
        Ok((canonical, metadata.len()))
    }

    /// Whether something stands there that could be read, or refuses to be; nothing is read.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.open.contains_key(path) || !matches!(self.found(path), Err(Refused::Missing))
    }

    /// Reads a file of the project, at most `limit` bytes.
    pub(crate) fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Refused> {
        if let Some(text) = self.open.get(path) {
            let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
            return if length > limit {
                Err(Refused::TooLarge(length))
            } else {
                Ok(text.as_bytes().to_vec())
            };
        }
        let (canonical, length) = self.found(path)?;
        if length > limit {
            return Err(Refused::TooLarge(length));
        }
        let file = File::open(&canonical).map_err(Refused::Io)?;
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        // It may grow while it is read.
        file.take(limit + 1).read_to_end(&mut bytes).map_err(Refused::Io)?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length > limit {
            return Err(Refused::TooLarge(length));
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::Root;

    #[test]
    fn paths_stay_inside() {
        let resolve = |from: &str, named: &str| Root::resolve(from, named);
        assert_eq!(resolve("acme.cutover", "inventory/a.yaml").as_deref(), Some("inventory/a.yaml"));
        assert_eq!(resolve("parts/a.cutover", "../b.cutover").as_deref(), Some("b.cutover"));
        assert_eq!(resolve("parts/a.cutover", "./b.cutover").as_deref(), Some("parts/b.cutover"));
        for outside in ["../b", "a/../../b", "/etc/passwd", "C:\\b", "a\\b"] {
            assert_eq!(resolve("acme.cutover", outside), None, "{outside}");
        }
    }
}
