//! Copies of the old desk in a store: made beside their place and put there whole, never over another file.

use std::path::{Path, PathBuf};

use cutover_connect::Database;
use cutover_ir::time::Instant;
use sha2::{Digest as _, Sha256};

use crate::apart::{canonical, same};
use crate::context::Context;
use crate::export::hex;
use crate::journal::{private, short};
use crate::problem::Problem;

/// What a copy is called until it is whole.
const DRAFT: &str = ".part";

/// Copies the source into a store of the plan; what was copied, in words.
pub(crate) fn back_up(ctx: &Context<'_>, store: &Path) -> Result<String, Problem> {
    let source = &ctx.environment.source;
    let from = ctx.environment.path(&source.at);
    let to = ctx.environment.path(store);
    apart(&from, &to)?;
    let at = Instant::from_seconds(ctx.clock.now()).to_string().replace(':', "-");
    // What an earlier backup or somebody else left in the store stays as it is.
    let own = [to.clone(), to.join(at)];
    for folder in &own {
        let copied = if source.connector == "sqlite" {
            copy_database(&from, folder)?
        } else {
            copy_folder(&from, folder)?
        };
        if let Some(words) = copied {
            return Ok(if *folder == to {
                words
            } else {
                format!("{words}, in {}: the store holds others of these names", folder.display())
            });
        }
    }
    Err(Problem::new(format!("the store {} holds other files of the same names", to.display()))
        .help("they are kept as they are: name another folder in `[stores]`"))
}

/// A copy within what is copied, over it or around it is none.
fn apart(from: &Path, to: &Path) -> Result<(), Problem> {
    let (from, to) = (canonical(from), canonical(to));
    if same(&from, &to) || to.starts_with(&from) || (from.is_dir() && from.starts_with(&to)) {
        return Err(not_apart(&from, &to));
    }
    Ok(())
}

fn not_apart(from: &Path, to: &Path) -> Problem {
    Problem::new(format!(
        "the store {} is not apart from what is backed up, {}",
        to.display(),
        from.display()
    ))
    .help("a backup needs a place of its own: name another folder in `[stores]`")
}

/// Copies a folder, file by file, and compares the digests of what was read and what was written; nothing where another file has one of the
/// names.
fn copy_folder(from: &Path, to: &Path) -> Result<Option<String>, Problem> {
    let listed = cutover_records::list_folder(from).map_err(|error| Problem::new(error.to_string()))?;
    let targets = |name: &str| to.join(name);
    for entry in &listed.files {
        if is_other(&entry.path, &targets(&entry.name))? {
            return Ok(None);
        }
    }
    let (mut bytes, mut all) = (0, Sha256::new());
    for entry in &listed.files {
        let target = targets(&entry.name);
        all.update(copy(&entry.path, &target, |draft| {
            std::fs::copy(&entry.path, draft).map(|_| ()).map_err(|error| cannot("copy", &entry.path, error))
        })?);
        bytes += entry.bytes;
    }
    let left = match listed.skipped.len() {
        0 => String::new(),
        count => format!("; {count} links or other things that are no files were not copied"),
    };
    let digest = hex(&all.finalize());
    Ok(Some(format!(
        "{} files, {bytes} bytes, sha256 of their digests {}{left}",
        listed.files.len(),
        short(&digest)
    )))
}

/// Copies a file that does not change meanwhile; its digest.
fn copy(
    from: &Path,
    target: &Path,
    act: impl FnOnce(&Path) -> Result<(), Problem>,
) -> Result<[u8; 32], Problem> {
    // Before anything is written: what the copy is compared with is what stood there.
    let before = digest(from)?;
    if target.exists() {
        return Ok(before);
    }
    let draft = beside(target);
    private(&draft)?;
    act(&draft)?;
    // A copy takes the rights of what it was made of; this one is its owner's alone.
    private(&draft)?;
    if digest(&draft)? != before {
        return Err(Problem::new(format!("the copy of {} is not what was copied", from.display()))
            .help("it changed meanwhile, or the disk failed; the same command copies it again"));
    }
    std::fs::rename(&draft, target).map_err(|error| cannot("write", target, error))?;
    Ok(before)
}

/// Copies a database as it is at one instant; nothing where another file has its name.
fn copy_database(from: &Path, to: &Path) -> Result<Option<String>, Problem> {
    let name = from.file_name().ok_or_else(|| Problem::new("the source's database has no name"))?;
    let target = to.join(name);
    if same(from, &target) {
        return Err(not_apart(from, to));
    }
    let draft = beside(&target);
    private(&draft)?;
    // A copy that was cut off is made anew: SQLite copies only into what is empty.
    std::fs::remove_file(&draft).map_err(|error| cannot("write", &draft, error))?;
    Database::open(from)?.copy_to(&draft)?;
    private(&draft)?;
    let found = digest(&draft)?;
    if target.exists() {
        let other = digest(&target)? != found;
        std::fs::remove_file(&draft).map_err(|error| cannot("write", &draft, error))?;
        if other {
            return Ok(None);
        }
    } else {
        std::fs::rename(&draft, &target).map_err(|error| cannot("write", &target, error))?;
    }
    let bytes = std::fs::metadata(&target).map_or(0, |found| found.len());
    Ok(Some(format!("1 database, {bytes} bytes, sha256 {}", short(&hex(&found)))))
}

/// Whether a name is taken by something else than the copy of a file.
fn is_other(from: &Path, target: &Path) -> Result<bool, Problem> {
    if !target.exists() {
        return Ok(false);
    }
    if same(from, target) {
        return Err(not_apart(from, target));
    }
    Ok(!target.is_file() || digest(from)? != digest(target)?)
}

fn beside(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(DRAFT);
    PathBuf::from(name)
}

fn cannot(what: &str, path: &Path, error: std::io::Error) -> Problem {
    Problem::new(format!("cannot {what} {}: {error}", path.display()))
}

fn digest(path: &Path) -> Result<[u8; 32], Problem> {
    let failed = |error: std::io::Error| cannot("read", path, error);
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = std::io::Read::read(&mut file, &mut buffer).map_err(failed)?;
        if read == 0 {
            return Ok(hash.finalize().into());
        }
        hash.update(buffer.get(..read).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use super::{apart, copy_folder};

    #[test]
    fn a_copy_replaces_nothing() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("export"), place.path().join("vault"));
        fs::create_dir_all(from.join("files")).unwrap();
        fs::write(from.join("a.jsonl"), "one\n").unwrap();
        fs::write(from.join("files/b"), "two\n").unwrap();
        let words = copy_folder(&from, &to).unwrap();
        assert_eq!(words, copy_folder(&from, &to).unwrap(), "what was copied already is known");
        assert!(words.is_some_and(|words| words.starts_with("2 files, 8 bytes")));
        assert_eq!(fs::read_to_string(to.join("files/b")).unwrap(), "two\n");
        fs::write(to.join("files/b"), "theirs\n").unwrap();
        assert_eq!(copy_folder(&from, &to), Ok(None));
        assert_eq!(fs::read_to_string(to.join("files/b")).unwrap(), "theirs\n");
    }

    #[test]
    #[cfg(unix)]
    fn a_store_that_is_the_source_under_another_name_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let from = place.path().join("export");
        fs::create_dir_all(&from).unwrap();
        fs::write(from.join("a.jsonl"), "one\n").unwrap();
        let link = place.path().join("vault");
        std::os::unix::fs::symlink(&from, &link).unwrap();
        for store in [&from, &link, &from.join("vault"), &link.join("vault"), &place.path().to_owned()] {
            assert!(apart(&from, store).is_err(), "{}", store.display());
        }
        assert_eq!(apart(&from, &place.path().join("other")), Ok(()));
        // One file of two names in two folders.
        let hard = place.path().join("hard");
        fs::create_dir_all(&hard).unwrap();
        fs::hard_link(from.join("a.jsonl"), hard.join("a.jsonl")).unwrap();
        assert!(copy_folder(&from, &hard).is_err());
        assert_eq!(fs::read_to_string(from.join("a.jsonl")).unwrap(), "one\n");
    }
}
