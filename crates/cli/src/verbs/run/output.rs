//! Files that verbs write for people: new ones, or those that they wrote before.

use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;

use crate::failure::Failure;

/// Bytes in which a file says what it is.
const HEAD: usize = 2048;

/// Refuses to write over a file that this program did not write for the same purpose: its first lines are not those of the new text.
pub(super) fn ours(path: &Path, text: &str, lines: usize) -> Result<(), Failure> {
    let Ok(found) = std::fs::metadata(path) else { return Ok(()) };
    if !found.is_file() || found.len() == 0 {
        return Ok(());
    }
    let mut there = Vec::new();
    File::open(path)
        .and_then(|file| file.take(HEAD as u64).read_to_end(&mut there))
        .map_err(|error| Failure::new(format!("cannot read {}", path.display())).because(error))?;
    let head = |bytes: &[u8]| -> Vec<u8> {
        bytes.split_inclusive(|byte| *byte == b'\n').take(lines).flatten().copied().collect()
    };
    if head(&there) == head(text.as_bytes()) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} is there already, and something else than this would write",
        path.display()
    ))
    .help("name a file that is not there, or remove that one first"))
}

/// Refuses to write rejects over anything but rejects.
pub(super) fn rejects(path: &Path) -> Result<(), Failure> {
    let mut start = [0; 10];
    let there = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    if there.is_ok() && &start == b"{\"stage\":\"" { Ok(()) } else { ours(path, "", 1) }
}

/// Writes to a file that only its owner can read, or to standard output.
pub(super) fn write(path: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    let Some(path) = path else {
        std::io::stdout().write_all(bytes)?;
        return Ok(());
    };
    let failed = |error| Failure::new(format!("cannot write {}", path.display())).because(error);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = BufWriter::new(options.open(path).map_err(failed)?);
    file.write_all(bytes).and_then(|()| file.flush()).map_err(failed)
}
