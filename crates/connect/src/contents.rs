//! Contents of files: bytes that records name and that stand beside them.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

/// Bytes that are held at once.
const STEP: usize = 1 << 16;

/// What is known of the bytes of a file: in a record, the value of a field that holds a file, as an object with these three members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Where the bytes are, below the folder of the contents; with `/` between names.
    pub path: String,
    /// The SHA-256 of the bytes, in 64 hexadecimal digits.
    pub sha256: String,
    /// How many bytes there are.
    pub size: u64,
}

/// A folder in which contents stand. Nothing outside of it is ever read.
#[derive(Clone, Debug)]
pub struct Contents {
    folder: PathBuf,
    /// The folder without links, with which each path has to begin.
    real: PathBuf,
}

/// Why there are no bytes for a path.
#[derive(Debug)]
pub enum NoContent {
    /// The folder has no such file.
    Missing,
    /// The path leads out of the folder, by itself or by a link.
    Outside,
    /// What is there is no file.
    NoFile,
    /// The bytes are not those that were looked at before.
    Changed,
    /// The machine does not let it be read.
    Unreadable(io::Error),
}

impl NoContent {
    /// A short name for counting.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            NoContent::Missing | NoContent::NoFile => "missing-file",
            NoContent::Outside => "file-outside",
            NoContent::Changed => "changed-file",
            NoContent::Unreadable(_) => "unreadable-file",
        }
    }
}

impl fmt::Display for NoContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoContent::Missing => "the file that it names is not in the export",
            NoContent::NoFile => "what it names in the export is no file",
            NoContent::Outside => "the file that it names is not below the folder of the export",
            NoContent::Changed => "the file is not the one that was read before",
            NoContent::Unreadable(error) => {
                return write!(f, "the file that it names cannot be read: {error}");
            }
        })
    }
}

impl Content {
    /// The content that a value of a record names; `None` when the value is something else.
    #[must_use]
    pub fn of(value: &str) -> Option<Content> {
        if !value.trim_start().starts_with('{') {
            return None;
        }
        let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(value).ok()?;
        let text = |name: &str| fields.get(name)?.as_str();
        let sha256 = text("sha256").filter(|digest| is_digest(digest))?;
        Some(Content {
            path: text("path")?.to_owned(),
            sha256: sha256.to_owned(),
            size: fields.get("size")?.as_u64()?,
        })
    }

    /// The content that a member of a record names.
    pub(crate) fn of_raw(value: Option<&RawValue>) -> Option<Content> {
        Content::of(value?.get())
    }

    /// As the value of a record.
    #[must_use]
    pub fn value(&self) -> serde_json::Value {
        serde_json::json!({ "path": self.path, "sha256": self.sha256, "size": self.size })
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Contents {
    /// The contents of a folder.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn open(folder: &Path) -> io::Result<Contents> {
        let real = folder.canonicalize()?;
        if !real.is_dir() {
            return Err(io::Error::from(io::ErrorKind::NotADirectory));
        }
        Ok(Contents { folder: folder.to_owned(), real })
    }

    /// Size and digest of the bytes of a path; read once, never held as a whole.
    ///
    /// # Errors
    /// When there are none.
    pub fn look(&self, path: &str) -> Result<Content, NoContent> {
        let mut file = self.file(path)?;
        let (sha256, size) = copied(&mut file, &mut io::sink())?;
        Ok(Content { path: path.to_owned(), sha256, size })
    }

    /// Writes the bytes of a content, and sees that they are those that were looked at.
    ///
    /// # Errors
    /// When there are none, or others. Some of them may be written by then.
    pub fn copy(&self, content: &Content, into: &mut dyn Write) -> Result<(), NoContent> {
        let mut file = self.file(&content.path)?;
        let found = copied(&mut file, into)?;
        if found == (content.sha256.clone(), content.size) { Ok(()) } else { Err(NoContent::Changed) }
    }

    fn file(&self, path: &str) -> Result<File, NoContent> {
        let plain = Path::new(path);
        let stays = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if path.is_empty() {
            return Err(NoContent::Missing);
        }
        if path.contains(['\0', '\\']) || !plain.components().all(stays) {
            return Err(NoContent::Outside);
        }
        let whole = self.folder.join(plain);
        let found = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
                NoContent::Missing
            }
            _ => NoContent::Unreadable(error),
        };
        let real = whole.canonicalize().map_err(found)?;
        if !real.starts_with(&self.real) {
            return Err(NoContent::Outside);
        }
        // A pipe would be waited for without an end.
        if !real.metadata().map_err(found)?.is_file() {
            return Err(NoContent::NoFile);
        }
        File::open(&real).map_err(found)
    }
}

/// Copies bytes; their digest, and how many there were.
fn copied(from: &mut dyn Read, into: &mut dyn Write) -> Result<(String, u64), NoContent> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; STEP];
    let mut size = 0;
    loop {
        let read = match from.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read.map_err(NoContent::Unreadable)?,
        };
        let some = buffer.get(..read).unwrap_or_default();
        if some.is_empty() {
            return Ok((hex(&digest.finalize()), size));
        }
        digest.update(some);
        into.write_all(some).map_err(NoContent::Unreadable)?;
        size += read as u64;
    }
}

/// What is written into it is counted and digested, and goes nowhere.
#[derive(Debug, Default)]
pub struct Digested {
    digest: Sha256,
    size: u64,
}

impl Digested {
    /// The SHA-256 in hexadecimal digits, and how many bytes there were.
    #[must_use]
    pub fn found(self) -> (String, u64) {
        (hex(&self.digest.finalize()), self.size)
    }
}

impl Write for Digested {
    fn write(&mut self, some: &[u8]) -> io::Result<usize> {
        self.digest.update(some);
        self.size += some.len() as u64;
        Ok(some.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io;

    use super::{Content, Contents, NoContent};

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn bytes_below_the_folder_are_found_and_others_are_not() -> io::Result<()> {
        let outer = tempfile::tempdir()?;
        let top = outer.path().join("export");
        fs::create_dir_all(top.join("files/deep"))?;
        fs::write(outer.path().join("secret"), "secret")?;
        fs::write(top.join("files/empty"), "")?;
        fs::write(top.join("files/deep/ü.txt"), "hello")?;
        let contents = Contents::open(&top)?;
        let code = |path: &str| contents.look(path).map_err(|no| no.code());
        let empty = Content { path: "files/empty".into(), sha256: EMPTY.into(), size: 0 };
        assert_eq!(code("files/empty"), Ok(empty.clone()));
        assert_eq!(Content::of(&empty.value().to_string()), Some(empty));
        let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert_eq!(code("./files/deep/ü.txt").map(|found| found.sha256).as_deref(), Ok(hello));
        for missing in ["", "files/none", "files/empty/below", "files", "files/deep"] {
            assert_eq!(code(missing), Err("missing-file"), "{missing}");
        }
        let absolute = outer.path().join("secret").display().to_string();
        for outside in ["../secret", "files/../../secret", absolute.as_str(), "..\\secret", "a\0b"] {
            assert_eq!(code(outside), Err("file-outside"), "{outside}");
        }
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out() -> io::Result<()> {
        let outer = tempfile::tempdir()?;
        let top = outer.path().join("export");
        fs::create_dir_all(top.join("files"))?;
        fs::write(outer.path().join("secret"), "secret")?;
        fs::write(top.join("files/real"), "real")?;
        std::os::unix::fs::symlink("../../secret", top.join("files/out"))?;
        std::os::unix::fs::symlink(outer.path(), top.join("away"))?;
        std::os::unix::fs::symlink("real", top.join("files/in"))?;
        let contents = Contents::open(&top)?;
        let code = |path: &str| contents.look(path).map(|found| found.size).map_err(|no| no.code());
        assert_eq!(code("files/out"), Err("file-outside"));
        assert_eq!(code("away/secret"), Err("file-outside"));
        assert_eq!(code("files/in"), Ok(4));
        Ok(())
    }

    #[test]
    fn other_bytes_than_those_that_were_looked_at_are_noticed() -> io::Result<()> {
        let top = tempfile::tempdir()?;
        fs::write(top.path().join("a"), "before")?;
        let contents = Contents::open(top.path())?;
        let Ok(content) = contents.look("a") else { return Err(io::Error::other("there is a file")) };
        let mut out = Vec::new();
        assert!(contents.copy(&content, &mut out).is_ok());
        assert_eq!(out, b"before");
        fs::write(top.path().join("a"), "behind")?;
        assert!(matches!(contents.copy(&content, &mut io::sink()), Err(NoContent::Changed)));
        Ok(())
    }

    #[test]
    fn other_values_are_no_contents() {
        for value in ["\"files/0\"", "{}", "{\"path\":\"a\",\"sha256\":\"../\",\"size\":1}", "null", "[]"] {
            assert_eq!(Content::of(value), None, "{value}");
        }
    }
}
