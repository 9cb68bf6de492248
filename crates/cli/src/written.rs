//! Files that verbs write where somebody names a place: put there whole, and over nothing that this program did not write for the same.
//!
//! A slip of the finger behind `-o` is not to cost a journal, a spec or an export. What a file is says its beginning; where no beginning can
//! tell, as in records of a desk, only whoever says so replaces what is there.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Bytes in which a file says what it is.
const HEAD: u64 = 2048;

/// What may stand where a file goes.
pub(crate) struct Rules<'a> {
    /// Whether a file that begins so is one of these.
    pub(crate) own: &'a dyn Fn(&str) -> bool,
    /// What the same call reads, or writes otherwise, with the words for it.
    pub(crate) read: &'a [(&'a str, &'a Path)],
    /// Whether somebody said that what is there is replaced; that never holds for what is read.
    pub(crate) replace: bool,
    /// Whether `--replace` can be said to this verb.
    pub(crate) can_replace: bool,
    /// Whether only its owner can read the file.
    pub(crate) private: bool,
}

impl<'a> Rules<'a> {
    /// For a file that its beginning tells, with what customers and people wrote in it.
    pub(crate) fn own(own: &'a dyn Fn(&str) -> bool) -> Rules<'a> {
        Rules { own, read: &[], replace: false, can_replace: false, private: true }
    }
}

/// A file that is being written. It gets its name with [`Written::keep`]; until then what stood there is as it was.
pub(crate) struct Written {
    shown: PathBuf,
    out: Out,
}

enum Out {
    /// Beside its place; whether something stood there.
    Beside { file: NamedTempFile, to: PathBuf, over: bool },
    /// A device or a pipe: what is written there is gone.
    Straight(File),
}

impl Written {
    /// Begins a file.
    ///
    /// # Errors
    /// When something else stands there, or its folder cannot be written.
    pub(crate) fn new(path: &Path, rules: &Rules<'_>) -> Result<Written, Failure> {
        let failed = |error: io::Error| unwritable(path, error);
        for (words, other) in rules.read {
            if is_one(path, other) {
                return Err(Failure::new(format!("{} is {words} of this call", path.display()))
                    .help("what is read is never written over; name another file"));
            }
        }
        let there = std::fs::metadata(path).ok();
        if is_device(path, there.as_ref()) {
            let file = OpenOptions::new().write(true).open(path).map_err(failed)?;
            return Ok(Written { shown: path.to_owned(), out: Out::Straight(file) });
        }
        if let Some(there) = &there {
            if there.is_dir() {
                return Err(Failure::new(format!("{} is a folder", path.display())).help("name a file"));
            }
            if there.len() > 0 && !rules.replace && !(rules.own)(&head(path).map_err(failed)?) {
                let failure = Failure::new(format!(
                    "{} is there already, and is something else than what is to be written",
                    path.display()
                ));
                return Err(failure.help(if rules.can_replace {
                    "name a file that is not there; `--replace` replaces this one"
                } else {
                    "name a file that is not there, or move that one away first"
                }));
            }
        }
        // Behind a link stands what is replaced, and not the link.
        let to = if there.is_some() { path.canonicalize().map_err(failed)? } else { path.to_owned() };
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut beside = tempfile::Builder::new();
        beside.prefix(".cutover-");
        #[cfg(unix)]
        if !rules.private {
            use std::os::unix::fs::PermissionsExt as _;
            beside.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = beside.tempfile_in(folder).map_err(failed)?;
        Ok(Written { shown: path.to_owned(), out: Out::Beside { file, to, over: there.is_some() } })
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// When the disk fails, or somebody put another file there meanwhile.
    pub(crate) fn keep(self) -> Result<(), Failure> {
        let Written { shown, out } = self;
        let failed = |error: io::Error| unwritable(&shown, error);
        match out {
            Out::Straight(mut file) => file.flush().map_err(failed),
            Out::Beside { file, to, over } => {
                let kept = if over { file.persist(&to) } else { file.persist_noclobber(&to) };
                kept.map(|_| ()).map_err(|error| failed(error.error))
            }
        }
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.out {
            Out::Beside { file, .. } => file.write(bytes),
            Out::Straight(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Beside { file, .. } => file.flush(),
            Out::Straight(file) => file.flush(),
        }
    }
}

/// Writes a whole file.
///
/// # Errors
/// As [`Written::new`] and [`Written::keep`].
pub(crate) fn whole(path: &Path, rules: &Rules<'_>, bytes: &[u8]) -> Result<(), Failure> {
    let mut file = Written::new(path, rules)?;
    file.write_all(bytes).map_err(|error| unwritable(path, error))?;
    file.keep()
}

pub(crate) fn unwritable(path: &Path, error: io::Error) -> Failure {
    Failure::new(format!("cannot write {}", path.display())).because(error)
}

/// Whether two paths lead to one place, whether or not it is there already; a device may be named twice.
pub(crate) fn is_one(one: &Path, other: &Path) -> bool {
    let device = |path: &Path| is_device(path, std::fs::metadata(path).ok().as_ref());
    !device(one) && !device(other) && cutover_runner::is_one_place(one, other)
}

/// Whether something takes bytes and keeps no name: a terminal, a pipe, what the shell handed over.
fn is_device(path: &Path, there: Option<&std::fs::Metadata>) -> bool {
    let special = there.is_some_and(|there| !there.is_file() && !there.is_dir());
    special || (cfg!(unix) && there.is_some() && (path.starts_with("/dev") || path.starts_with("/proc")))
}

fn head(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;
    use std::io::Write as _;

    use super::{Rules, Written, whole};

    #[test]
    fn only_what_is_of_the_same_kind_is_replaced_and_only_as_a_whole() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        let own = |head: &str| head.starts_with("mine ");
        let rules = Rules::own(&own);
        let read = |name: &str| fs::read_to_string(at(name)).unwrap();
        whole(&at("new"), &rules, b"mine 1").unwrap();
        whole(&at("new"), &rules, b"mine 2").unwrap();
        fs::write(at("empty"), "").unwrap();
        whole(&at("empty"), &rules, b"mine 3").unwrap();
        assert_eq!((read("new"), read("empty")), ("mine 2".to_owned(), "mine 3".to_owned()));
        fs::write(at("theirs"), "theirs").unwrap();
        assert!(whole(&at("theirs"), &rules, b"mine 4").is_err());
        assert!(whole(place.path(), &rules, b"mine 4").is_err());
        assert_eq!(read("theirs"), "theirs");
        // Who says so replaces it, but never what is read.
        let theirs = at("theirs");
        let input = [("the input", theirs.as_path())];
        let said = Rules { replace: true, can_replace: true, read: &input, ..Rules::own(&own) };
        assert!(whole(&at("theirs"), &said, b"mine 5").is_err());
        #[cfg(unix)]
        {
            fs::hard_link(at("theirs"), at("hard")).unwrap();
            std::os::unix::fs::symlink(at("theirs"), at("soft")).unwrap();
            assert!(whole(&at("hard"), &said, b"mine 5").is_err());
            assert!(whole(&at("soft"), &said, b"mine 5").is_err());
        }
        assert_eq!(read("theirs"), "theirs");
        let said = Rules { read: &[], ..said };
        // One that is given up leaves everything as it was, and nothing beside it.
        let mut begun = Written::new(&at("theirs"), &said).unwrap();
        begun.write_all(b"half").unwrap();
        drop(begun);
        assert_eq!(read("theirs"), "theirs");
        let hidden = fs::read_dir(place.path()).unwrap().filter_map(Result::ok);
        assert_eq!(hidden.filter(|file| file.file_name().to_string_lossy().starts_with('.')).count(), 0);
        whole(&at("theirs"), &said, b"mine 6").unwrap();
        assert_eq!(read("theirs"), "mine 6");
        // What somebody puts there meanwhile stays.
        let mut begun = Written::new(&at("late"), &rules).unwrap();
        begun.write_all(b"mine 7").unwrap();
        fs::write(at("late"), "theirs").unwrap();
        assert!(begun.keep().is_err());
        assert_eq!(read("late"), "theirs");
        #[cfg(unix)]
        whole("/dev/null".as_ref(), &rules, b"gone").unwrap();
    }
}
