//! Asking git: revisions of a project, who committed a line. Nothing is changed in the repository.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::failure::Failure;

/// A repository.
pub(crate) struct Git {
    /// Its top folder.
    pub(crate) top: PathBuf,
}

impl Git {
    /// The repository that holds a folder; none when there is none, or no git.
    pub(crate) fn of(folder: &Path) -> Option<Git> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let mut git = Command::new("git");
        let output = git.arg("-C").arg(folder).args(["rev-parse", "--show-toplevel"]).output().ok()?;
        let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
        Some(Git { top: PathBuf::from(text.trim_end_matches(['\r', '\n'])) })
    }

    /// Whether the history is cut off somewhere.
    pub(crate) fn is_shallow(&self) -> bool {
        self.ask(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|answer| answer.starts_with(b"true"))
    }

    /// What git answers to a question.
    pub(crate) fn ask<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Vec<u8>, Failure> {
        self.ask_with(args, None)
    }

    /// Git in this repository, with nothing to read.
    fn command(&self) -> Command {
        let mut git = Command::new("git");
        // A question about an old state must not depend on what replaces it, nor wait for a person.
        git.arg("-C").arg(&self.top).stdin(Stdio::null());
        git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_REPLACE_OBJECTS", "1");
        git
    }

    /// Reads files by their names in git's store, one after the other, those of at most `most` bytes; what is larger comes without its bytes.
    pub(crate) fn blobs(
        &self,
        names: &[&str],
        most: u64,
        mut each: impl FnMut(&str, &[u8]),
    ) -> Result<(), Failure> {
        let failed = |error| Failure::new("git cannot be asked for files").because(error);
        // By a file: a pipe that nobody empties would stop both sides.
        let mut asked = tempfile::tempfile().map_err(failed)?;
        asked.write_all(names.join("\n").as_bytes()).map_err(failed)?;
        asked.rewind().map_err(failed)?;
        let mut git = self.command();
        git.args(["cat-file", "--batch"]).stdin(asked).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = git.spawn().map_err(|error| Failure::new("git cannot be run").because(error))?;
        let Some(answer) = child.stdout.take() else { return Err(Failure::new("git cannot be run")) };
        let mut answer = BufReader::new(answer);
        let mut read = || {
            let (mut head, mut bytes) = (String::new(), Vec::new());
            for name in names {
                head.clear();
                bytes.clear();
                answer.read_line(&mut head)?;
                // `<name> blob <bytes>`; `<name> missing` has nothing behind it.
                let Some(size) =
                    head.trim_end().rsplit_once(" blob ").and_then(|(_, size)| size.parse::<u64>().ok())
                else {
                    return Err(std::io::Error::other(format!("{name} is not there")));
                };
                let mut body = answer.by_ref().take(size + 1);
                if size <= most {
                    body.read_to_end(&mut bytes)?;
                    bytes.pop();
                }
                std::io::copy(&mut body, &mut std::io::sink())?;
                each(name, &bytes);
            }
            Ok(())
        };
        let outcome = read();
        drop(answer);
        child.wait().map_err(failed)?;
        outcome.map_err(failed)
    }

    fn ask_with<S: AsRef<OsStr>>(&self, args: &[S], index: Option<&Path>) -> Result<Vec<u8>, Failure> {
        let mut git = self.command();
        git.args(args);
        if let Some(index) = index {
            git.env("GIT_INDEX_FILE", index);
        }
        let output = git.output().map_err(|error| Failure::new("git cannot be run").because(error))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Failure::new("git refuses").because(std::io::Error::other(said)))
    }

    /// The path of something in the repository, relative to its top, with `/`.
    pub(crate) fn relative(&self, path: &Path) -> Option<String> {
        let full = path.canonicalize().ok()?;
        let top = self.top.canonicalize().ok()?;
        let text = full.strip_prefix(top).ok()?.to_string_lossy().replace('\\', "/");
        Some(text)
    }

    /// The commit that a revision names.
    pub(crate) fn commit(&self, revision: &str) -> Result<String, Failure> {
        if revision.is_empty() || revision.starts_with('-') {
            return Err(Failure::new(format!("`{revision}` is not a revision")));
        }
        let commit = format!("{revision}^{{commit}}");
        let commit = self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", commit.as_str()]);
        let commit = commit.map_err(|_| {
            Failure::new(format!("git knows no revision `{revision}`"))
                .help("fetch it first, or name a branch, a tag or a commit that is there")
        })?;
        Ok(String::from_utf8_lossy(&commit).trim().to_owned())
    }

    /// The folder of the repository as a revision has it, in a temporary place: `below` and what it holds.
    pub(crate) fn tree(&self, revision: &str, below: &str) -> Result<TempDir, Failure> {
        let commit = self.commit(revision)?;
        let failed = |error| Failure::new("cannot make a temporary folder").because(error);
        let place = tempfile::tempdir().map_err(failed)?;
        let index = place.path().join("index");
        self.ask_with(&["read-tree", commit.as_str()], Some(&index))?;
        let below = if below.is_empty() { "." } else { below };
        // Literally, whatever the folder is called.
        let listed = ["--literal-pathspecs", "ls-files", "-z", "--cached", "--", below];
        let listed = self.ask_with(&listed, Some(&index))?;
        let files = listed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        let names: Vec<OsString> =
            files.map(|name| OsString::from(String::from_utf8_lossy(name).into_owned())).collect();
        let tree = place.path().join("tree");
        std::fs::create_dir_all(&tree).map_err(failed)?;
        let mut prefix = OsString::from("--prefix=");
        prefix.push(tree.as_os_str());
        prefix.push("/");
        // So many at a time as a command line surely takes.
        for some in names.chunks(200) {
            let mut args: Vec<OsString> =
                vec!["checkout-index".into(), "--force".into(), prefix.clone(), "--".into()];
            args.extend(some.iter().cloned());
            self.ask_with(&args, Some(&index))?;
        }
        Ok(place)
    }
}
