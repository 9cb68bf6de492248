//! `cutover fmt`.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use cutover_diagnostics::sanitize::inert_line;
use cutover_syntax::parse::MAX_FILE;
use similar::TextDiff;

use crate::args::{FmtArgs, Lines};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// The path that stands for standard input.
const STDIN: &str = "-";

/// Folders deeper than this are not looked into.
const MAX_DEPTH: usize = 64;

/// Lines around a change that a difference shows.
const CONTEXT: usize = 3;

pub(crate) fn run(args: &FmtArgs) -> Result<Exit, Failure> {
    let here = [PathBuf::from(".")];
    let named = if args.paths.is_empty() { &here[..] } else { &args.paths };
    if named.iter().any(|path| path.as_os_str() == STDIN) {
        if named.len() > 1 {
            return Err(
                Failure::new("`-` stands alone").help("give the text on standard input, or name files")
            );
        }
        return standard_input(args);
    }
    let files = files(named)?;
    if args.lines.is_some() && files.len() != 1 {
        return Err(
            Failure::new("--lines is for one file").help("name it, or give its text on standard input")
        );
    }
    let (mut changed, mut failed) = (0, 0);
    let mut out = io::stdout().lock();
    for path in &files {
        match one(path, args) {
            Ok(None) => {}
            Ok(Some((old, new))) => {
                changed += 1;
                tell(&mut out, path, &old, &new, args)?;
            }
            Err(failure) => {
                failed += 1;
                failure.report();
            }
        }
    }
    let verb = if args.check || args.diff { "would be" } else { "were" };
    if !args.diff {
        let (files, verb) =
            (plural(files.len()), if changed == 1 { verb.replace("were", "was") } else { verb.to_owned() });
        writeln!(out, "{changed} of {files} {verb} laid out anew")?;
    }
    Ok(match (failed, changed) {
        (1.., _) => Exit::Failure,
        (0, 1..) if args.check || args.diff => Exit::Findings,
        _ => Exit::Clean,
    })
}

fn plural(number: usize) -> String {
    if number == 1 { "1 file".to_owned() } else { format!("{number} files") }
}

/// Lays out what stands on standard input, and writes it to standard output unless only a comparison is wanted.
fn standard_input(args: &FmtArgs) -> Result<Exit, Failure> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_FILE).unwrap_or(u64::MAX);
    io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)?;
    let old = text("standard input", bytes)?;
    let new = laid_out("standard input", &old, args.lines)?;
    let mut out = io::stdout().lock();
    if args.diff {
        out.write_all(difference("standard input", &old, &new).as_bytes())?;
    } else if !args.check {
        out.write_all(new.as_bytes())?;
    }
    Ok(if old != new && (args.check || args.diff) { Exit::Findings } else { Exit::Clean })
}

/// Lays one file out: the old and the new text if they differ. The file is written unless only a comparison is wanted.
fn one(path: &Path, args: &FmtArgs) -> Result<Option<(String, String)>, Failure> {
    let name = path.display().to_string();
    let cannot = |error: io::Error| Failure::new(format!("cannot read {name}")).because(error);
    let length = fs::metadata(path).map_err(cannot)?.len();
    if length > u64::try_from(MAX_FILE).unwrap_or(u64::MAX) {
        return Err(too_large(&name));
    }
    let old = text(&name, fs::read(path).map_err(cannot)?)?;
    let new = laid_out(&name, &old, args.lines)?;
    if old == new {
        return Ok(None);
    }
    if !args.check && !args.diff {
        output::replace(path, &new).map_err(|error| {
            Failure::new(format!("cannot write {name}")).because(error).help("nothing was changed")
        })?;
    }
    Ok(Some((old, new)))
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    if bytes.len() > MAX_FILE {
        return Err(too_large(name));
    }
    String::from_utf8(bytes).map_err(|error| {
        Failure::new(format!("{name} is not UTF-8 text")).because(error).help("save it as UTF-8")
    })
}

fn too_large(name: &str) -> Failure {
    Failure::new(format!("{name} is too large")).help(format!("the limit is {} MiB", MAX_FILE >> 20))
}

fn laid_out(name: &str, old: &str, lines: Option<Lines>) -> Result<String, Failure> {
    let refused = |refusal: cutover_fmt::Refusal| {
        Failure::new(format!("{name} stays as it is"))
            .because(refusal)
            .help(format!("`cutover check {name}` shows what is wrong with it"))
    };
    let Some(lines) = lines else { return cutover_fmt::format(old).map_err(refused) };
    let replaced = cutover_fmt::format_range(old, bytes(old, lines)).map_err(refused)?;
    let mut new = old.to_owned();
    if let Some(replacement) = replaced {
        new.replace_range(replacement.range, &replacement.text);
    }
    Ok(new)
}

/// The bytes of some lines.
fn bytes(text: &str, lines: Lines) -> Range<usize> {
    let mut starts = vec![0];
    starts.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1));
    let start = |line: usize| starts.get(line).copied().unwrap_or(text.len());
    start(lines.first - 1)..start(lines.last)
}

fn tell(out: &mut dyn io::Write, path: &Path, old: &str, new: &str, args: &FmtArgs) -> io::Result<()> {
    let name = path.display().to_string();
    if args.diff {
        return out.write_all(difference(&name, old, new).as_bytes());
    }
    writeln!(out, "{}", inert_line(&name))
}

/// The difference in the form that `patch` reads. Controls of the text stay: it is the text.
fn difference(name: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let name = inert_line(name);
    TextDiff::from_lines(old, new).unified_diff().context_radius(CONTEXT).header(&name, &name).to_string()
}

/// The files that are named, and the specs in folders that are named, each once and in order.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = BTreeSet::new();
    for path in named {
        let kind = fs::metadata(path)
            .map_err(|error| Failure::new(format!("cannot read {}", path.display())).because(error))?;
        if kind.is_dir() {
            specs_below(path, 0, &mut found)?;
        } else {
            found.insert(path.clone());
        }
    }
    Ok(found.into_iter().collect())
}

/// Hidden folders and links to folders are passed over.
fn specs_below(folder: &Path, depth: usize, found: &mut BTreeSet<PathBuf>) -> Result<(), Failure> {
    if depth > MAX_DEPTH {
        return Ok(());
    }
    let cannot = |error: io::Error| Failure::new(format!("cannot read {}", folder.display())).because(error);
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let (path, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type().map_err(cannot)?;
        if kind.is_dir() && !name.to_string_lossy().starts_with('.') {
            specs_below(&path, depth + 1, found)?;
        } else if !kind.is_dir() && path.extension().is_some_and(|e| e == "cutover") && path.is_file() {
            found.insert(path.strip_prefix(".").map_or_else(|_| path.clone(), Path::to_owned));
        }
    }
    Ok(())
}
