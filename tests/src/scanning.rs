//! Cases and pages about exports: what `cutover inventory scan` says of a folder of files.
//!
//! A case is a folder `specs/scan/NAME/CASE` with `export/`, `arguments.txt` (what follows the folder on the command line) and
//! `expected.txt` (what the program prints). A page under `docs/diagnostics/scan/` shows the same command and its files.

use std::path::{Path, PathBuf};

use cutover_catalog::Catalog;
use cutover_ir::time::Date;
use cutover_scan::{Finding, ScanOptions, scan};

use crate::snippet::Page;
use crate::workspace::root;

/// What the program prints for a case.
pub const EXPECTED: &str = "expected.txt";
/// What follows the folder on the command line of a case.
pub const ARGUMENTS: &str = "arguments.txt";

/// The folders of all cases, sorted.
#[must_use]
pub fn cases() -> Vec<PathBuf> {
    let folders = |of: &Path| -> Vec<PathBuf> {
        let entries = of.read_dir().into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
    };
    let mut all: Vec<PathBuf> =
        folders(&root().join("specs/scan")).iter().flat_map(|name| folders(name)).collect();
    all.sort();
    all
}

/// The name of a case: `scan/truncated/cut-page`.
#[must_use]
pub fn name(case: &Path) -> String {
    case.strip_prefix(root().join("specs")).unwrap_or(case).to_string_lossy().replace('\\', "/")
}

/// What a scan of the folder says, by the arguments of a command line.
///
/// # Errors
/// When an argument is not known here, or there is no scan.
pub fn findings(export: &Path, arguments: &str) -> Result<Vec<Finding>, String> {
    let (mut platform, mut options) =
        (None, ScanOptions { account: "export".to_owned(), ..ScanOptions::default() });
    let mut words = arguments.split_whitespace();
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("{word} has no value"))?;
        match word {
            "--platform" => platform = Catalog::builtin(value),
            "--taken" => options.taken = Date::parse(value),
            "-o" => {}
            other => return Err(format!("this test does not know `{other}`")),
        }
    }
    let catalog = platform.ok_or_else(|| format!("`{arguments}` names no product"))?;
    Ok(scan(export, &catalog, &options, &mut ()).map_err(|error| error.to_string())?.findings)
}

/// What a page's command says of its wrong or of its right files.
///
/// # Errors
/// As [`findings`], and when the page shows no command.
pub fn of_page(page: &Page, wrong: bool) -> Result<Vec<Finding>, String> {
    let command =
        page.commands.iter().find_map(|command| command.strip_prefix("cutover inventory scan export "));
    let command = command.ok_or("the page shows no `cutover inventory scan export ...`")?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut files = 0;
    for (_, path, text) in page.files_of.iter().filter(|(of, _, _)| *of == wrong) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(folder.path())).map_err(|error| error.to_string())?;
        std::fs::write(path, text).map_err(|error| error.to_string())?;
        files += 1;
    }
    if files == 0 {
        return Err(format!("the page has no {} files", if wrong { "wrong" } else { "right" }));
    }
    findings(&folder.path().join("export"), command)
}
