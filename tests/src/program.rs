//! The built program, run as its users run it, and copies of examples to run it on.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;

use crate::workspace::root;

/// No single call may take longer, whatever its input.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// The path of the program, built first when it is not up to date.
///
/// # Errors
/// When it cannot be built; cargo's own words are the error.
pub fn path() -> Result<&'static Path, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BUILT.get_or_init(build).as_ref().map(PathBuf::as_path).map_err(Clone::clone)
}

/// Builds with the same features and profile as the tests, so that after `cargo test --workspace` nothing is left to do. `CUTOVER_TEST_BIN` names a
/// program that is there already.
fn build() -> Result<PathBuf, String> {
    if let Some(program) = std::env::var_os("CUTOVER_TEST_BIN") {
        return std::fs::canonicalize(&program).map_err(|error| format!("{}: {error}", program.display()));
    }
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.args([
        "build",
        "--workspace",
        "--bins",
        "--locked",
        "--message-format",
        "json-render-diagnostics",
    ]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command.current_dir(root()).output().map_err(|e| e.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut built = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let program = message.get("executable")?.as_str()?;
        (message.pointer("/target/name")?.as_str()? == "cutover").then(|| PathBuf::from(program))
    });
    built.next_back().ok_or_else(|| "the workspace has no program named cutover".to_owned())
}

/// A call of the program in a folder, with the least surroundings: no colour, no terminal, a time limit.
///
/// # Errors
/// As [`path`].
pub fn cutover(folder: &Path) -> Result<assert_cmd::Command, String> {
    let mut command = assert_cmd::Command::new(path()?);
    command.current_dir(folder).env_remove("CLICOLOR_FORCE").env("NO_COLOR", "1").timeout(PATIENCE);
    Ok(command)
}

/// A call as [`cutover()`] makes it, that may use at most so many MiB of address space where the system can limit it.
///
/// # Errors
/// As [`path`].
pub fn cutover_within(folder: &Path, mib: u64) -> Result<assert_cmd::Command, String> {
    if !cfg!(target_os = "linux") {
        return cutover(folder);
    }
    let program = path()?;
    let mut command = assert_cmd::Command::new("sh");
    command.args(["-c", &format!("ulimit -v {}; exec \"$0\" \"$@\"", mib * 1024)]).arg(program);
    command.current_dir(folder).env_remove("CLICOLOR_FORCE").env("NO_COLOR", "1").timeout(PATIENCE);
    Ok(command)
}

/// A copy of a project's folder that a test may change.
#[derive(Debug)]
pub struct Project {
    folder: TempDir,
    spec: PathBuf,
}

impl Project {
    /// Copies a folder of the repository.
    ///
    /// # Errors
    /// When it does not exist, cannot be copied, or holds no spec with a `migration`.
    pub fn of(folder: &str) -> Result<Self, String> {
        let from = root().join(folder);
        let folder = TempDir::new().map_err(|e| e.to_string())?;
        copy(&from, folder.path()).map_err(|e| format!("{}: {e}", from.display()))?;
        let mut specs: Vec<_> =
            folder.path().read_dir().map_err(|e| e.to_string())?.flatten().map(|e| e.path()).collect();
        specs.sort();
        let is_entry = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            path.extension().is_some_and(|end| end == "cutover")
                && text.lines().any(|line| line.starts_with("migration "))
        };
        let spec =
            specs.into_iter().find(is_entry).ok_or_else(|| format!("{} has no spec", from.display()))?;
        Ok(Project { folder, spec })
    }

    /// The project's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The entry spec's file name.
    #[must_use]
    pub fn spec(&self) -> &str {
        self.spec.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// The entry spec's text.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn text(&self) -> Result<String, String> {
        std::fs::read_to_string(&self.spec).map_err(|e| e.to_string())
    }

    /// Puts bytes into a file of the project, the folders above it made first.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> Result<(), String> {
        let path = self.folder.path().join(path);
        if let Some(above) = path.parent() {
            std::fs::create_dir_all(above).map_err(|e| e.to_string())?;
        }
        std::fs::write(path, bytes).map_err(|e| e.to_string())
    }

    /// Runs the program in the project's folder.
    ///
    /// # Errors
    /// When it cannot be built or started, or ran out of time.
    pub fn run(&self, args: &[&str]) -> Result<Output, String> {
        cutover(self.folder())?.args(args).output().map_err(|e| format!("cutover {}: {e}", args.join(" ")))
    }

    /// Plans the spec into a new folder and returns its files.
    ///
    /// # Errors
    /// When planning fails; the program's own words are the error.
    pub fn plan(&self) -> Result<Files, String> {
        let out = TempDir::new().map_err(|e| e.to_string())?;
        let to = out.path().join("out");
        let output = self.run(&["plan", self.spec(), "-o", &to.to_string_lossy()])?;
        if output.status.code() != Some(0) {
            return Err(words(&output));
        }
        contents(&to)
    }
}

/// The files of a folder: relative path, bytes; sorted.
pub type Files = Vec<(String, Vec<u8>)>;

/// Reads all files below a folder.
///
/// # Errors
/// When one of them cannot be read.
pub fn contents(folder: &Path) -> Result<Files, String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in next.read_dir().map_err(|e| format!("{}: {e}", next.display()))?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                found.push((name, std::fs::read(&path).map_err(|e| e.to_string())?));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Everything that a call said, with its exit code.
#[must_use]
pub fn words(output: &Output) -> String {
    let code =
        output.status.code().map_or_else(|| format!("{}", output.status), |code| format!("exit code {code}"));
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    format!("{code}\n--- standard output\n{out}\n--- standard error\n{err}")
}

/// Copies a folder with everything in it; links are followed.
///
/// # Errors
/// When something cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in from.read_dir()? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            std::fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
