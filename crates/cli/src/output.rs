//! Compiling a spec named on the command line, and showing findings.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use cutover::{Compilation, Purpose};
use cutover_diagnostics::render::{self, Options};

use crate::args::{Color, Format, SpecArgs};
use crate::failure::Failure;

/// A spec as the command line names it.
pub(crate) struct Located {
    /// The project's folder.
    pub(crate) root: PathBuf,
    /// The spec, relative to it.
    pub(crate) entry: String,
    /// The folder that holds the spec.
    pub(crate) folder: PathBuf,
}

/// Finds the spec and the project's folder.
pub(crate) fn locate(args: &SpecArgs) -> Result<Located, Failure> {
    let spec = if args.spec.is_dir() { only_spec(&args.spec)? } else { args.spec.clone() };
    let folder = spec.parent().map(Path::to_owned).unwrap_or_default();
    let Some(root) = &args.root else {
        let entry = spec.file_name().map(|n| n.to_string_lossy().into_owned());
        let entry = entry.ok_or_else(|| Failure::new(format!("{} is not a file", spec.display())))?;
        return Ok(Located { root: folder.clone(), entry, folder });
    };
    let unreadable =
        |path: &Path, error| Failure::new(format!("cannot read {}", path.display())).because(error);
    let root = root.canonicalize().map_err(|error| unreadable(root, error))?;
    let full = spec.canonicalize().map_err(|error| unreadable(&spec, error))?;
    let Ok(entry) = full.strip_prefix(&root) else {
        return Err(Failure::new(format!("{} is not inside the project's folder", spec.display()))
            .help("give --root a folder that holds the spec"));
    };
    let entry = entry.to_string_lossy().replace('\\', "/");
    Ok(Located { root, entry, folder })
}

fn only_spec(folder: &Path) -> Result<PathBuf, Failure> {
    let read = std::fs::read_dir(folder)
        .map_err(|error| Failure::new(format!("cannot read {}", folder.display())).because(error))?;
    let mut specs: Vec<PathBuf> = read
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "cutover"))
        .collect();
    specs.sort();
    match specs.as_slice() {
        [only] => Ok(only.clone()),
        [] => {
            Err(Failure::new(format!("{} holds no spec", folder.display())).help("a spec ends in `.cutover`"))
        }
        _ => Err(Failure::new(format!("{} holds several specs", folder.display()))
            .help("name the one to start with")),
    }
}

/// Compiles the spec.
pub(crate) fn compile(located: &Located) -> Result<Compilation, Failure> {
    compile_for(located, Purpose::Plan)
}

/// Compiles the spec for one purpose.
pub(crate) fn compile_for(located: &Located, purpose: Purpose) -> Result<Compilation, Failure> {
    let mut compilation = cutover::compile_for(&located.root, &located.entry, purpose);
    match compilation.failure.take() {
        None => Ok(compilation),
        Some(failure) => Err(Failure::new(failure.to_string())
            .because(failure.source)
            .help("name a spec: `cutover check acme.cutover`")),
    }
}

/// Shows the findings of a compilation on standard output, as the arguments say.
pub(crate) fn findings(compilation: &Compilation, format: Format, color: Color) -> Result<(), Failure> {
    let drawn = match format {
        Format::Full => render::Format::Full,
        Format::Short => render::Format::Short,
        Format::Json => render::Format::Json,
        Format::Narrated => render::Format::Narrated,
    };
    // Sites are for the project's own tests: which place of the program made a finding.
    let sites = std::env::var_os("CUTOVER_SITES").is_some();
    let options = Options { color: colored(color), sites, ..Options::default() };
    let text = render::render(drawn, &compilation.sources, &compilation.diagnostics, &options);
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if format != Format::Json && !compilation.diagnostics.is_empty() {
        writeln!(out, "{}", render::summary(&compilation.diagnostics))?;
    }
    Ok(())
}

fn colored(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        }
    }
}
