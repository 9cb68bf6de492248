//! Compiling a spec named on the command line, and showing findings.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use cutover::several::Spec;
use cutover::{Compilation, Purpose};
use cutover_diagnostics::render::{self, Options};
use cutover_diagnostics::report::{self, Context, Report};

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

/// The specs of a folder that does not hold just one: all in it and below, with what stands for the folder. None where one is named.
pub(crate) fn several(args: &SpecArgs) -> Result<Option<(Located, Vec<Spec>)>, Failure> {
    if !has_several(args)? {
        return Ok(None);
    }
    let found = cutover::several::specs_below(&args.spec)
        .map_err(|failure| Failure::new(failure.to_string()).because(failure.source))?;
    if found.is_empty() {
        return Err(no_spec(&args.spec));
    }
    let base = args.root.as_ref().unwrap_or(&args.spec);
    let mut specs = Vec::with_capacity(found.len());
    for spec in found {
        let located = locate(&SpecArgs { spec, root: args.root.clone(), color: args.color })?;
        let shown = located.root.strip_prefix(base).map(|path| path.to_string_lossy().replace('\\', "/"));
        let shown = if args.root.is_some() { String::new() } else { shown.unwrap_or_default() };
        specs.push(Spec { root: located.root, entry: located.entry, shown });
    }
    let entry = args.spec.to_string_lossy().into_owned();
    Ok(Some((Located { root: base.clone(), entry, folder: args.spec.clone() }, specs)))
}

/// Whether a folder is named that does not hold just one spec.
pub(crate) fn has_several(args: &SpecArgs) -> Result<bool, Failure> {
    Ok(args.spec.is_dir() && !matches!(specs_in(&args.spec)?.as_slice(), [_]))
}

fn no_spec(folder: &Path) -> Failure {
    let failure = Failure::new(format!("{} holds no spec", folder.display()));
    // One step down and no further: this may be a whole disk.
    let folders = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut below: Vec<PathBuf> =
        folders.filter(|path| path.is_dir()).flat_map(|path| specs_in(&path).unwrap_or_default()).collect();
    below.sort();
    if below.is_empty() {
        return failure.help("a spec ends in `.cutover`");
    }
    failure.help(format!("below it are some; {}", one_of(&below)))
}

fn only_spec(folder: &Path) -> Result<PathBuf, Failure> {
    match specs_in(folder)?.as_slice() {
        // Shown as it would be typed: without `./`.
        [only] => Ok(only.strip_prefix(".").unwrap_or(only).to_owned()),
        [] => Err(no_spec(folder)),
        several => {
            Err(Failure::new(format!("{} holds several specs", folder.display())).help(one_of(several)))
        }
    }
}

/// How many specs are named where one has to be chosen.
const NAMED: usize = 5;

/// Asks for one of some specs.
fn one_of(specs: &[PathBuf]) -> String {
    let shown = specs.iter().take(NAMED).map(|spec| {
        let spec = spec.strip_prefix(".").unwrap_or(spec);
        format!("`{}`", spec.display())
    });
    let more =
        if specs.len() > NAMED { format!(", or one of {} more", specs.len() - NAMED) } else { String::new() };
    format!("name one of them: {}{more}", shown.collect::<Vec<_>>().join(", "))
}

/// The spec of a migration in a folder: the only one there, or the one that names it. It reads nothing beside `root`, where that is given.
pub(crate) fn spec_of(folder: &Path, root: Option<&Path>, migration: &str) -> Result<Located, Failure> {
    let named = |spec: &PathBuf| {
        let args = SpecArgs { spec: spec.clone(), root: root.map(Path::to_owned), color: Color::Never };
        let located = locate(&args).ok()?;
        let name = compile_for(&located, Purpose::Check).ok()?.plan.migration.name;
        (name == migration).then_some(located)
    };
    let specs = specs_in(folder)?;
    let found = if specs.len() > 1 { specs.iter().find_map(named) } else { None };
    let args = SpecArgs { spec: folder.to_owned(), root: root.map(Path::to_owned), color: Color::Never };
    found.map_or_else(|| locate(&args), Ok)
}

/// The specs in a folder itself, in order.
fn specs_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let read = std::fs::read_dir(folder)
        .map_err(|error| Failure::new(format!("cannot read {}", folder.display())).because(error))?;
    let mut specs: Vec<PathBuf> = read
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "cutover"))
        .collect();
    specs.sort();
    Ok(specs)
}

/// Compiles the spec.
pub(crate) fn compile(located: &Located) -> Result<Compilation, Failure> {
    compile_for(located, Purpose::Plan)
}

/// Compiles the spec for one purpose.
pub(crate) fn compile_for(located: &Located, purpose: Purpose) -> Result<Compilation, Failure> {
    readable(cutover::compile_for(&located.root, &located.entry, purpose))
}

/// A compilation whose first file could be read.
pub(crate) fn readable(mut compilation: Compilation) -> Result<Compilation, Failure> {
    match compilation.failure.take() {
        None => Ok(compilation),
        Some(failure) => Err(Failure::new(failure.to_string())
            .because(failure.source)
            .help("name a spec: `cutover check acme.cutover`")),
    }
}

/// Shows the findings of a compilation on standard output, as the arguments say.
pub(crate) fn findings(
    located: &Located,
    compilation: &Compilation,
    format: Format,
    color: Color,
) -> Result<(), Failure> {
    findings_to(&mut std::io::stdout().lock(), located, compilation, format, color)
}

/// As [`findings`], elsewhere: a verb whose standard output is a picture tells its findings on standard error.
pub(crate) fn findings_to(
    out: &mut dyn std::io::Write,
    located: &Located,
    compilation: &Compilation,
    format: Format,
    color: Color,
) -> Result<(), Failure> {
    let text = match drawn_or_told(format) {
        Ok(drawn) => {
            // Sites are for the project's own tests: which place of the program made a finding.
            let sites = std::env::var_os("CUTOVER_SITES").is_some();
            let options = Options { color: colored(color), sites, ..Options::default() };
            // An editor and a reader open the file from where the program was called.
            let sources = compilation.sources.under(&folder_of(located));
            render::render(drawn, &sources, &compilation.diagnostics, &options)
        }
        Err(kind) => {
            let context = Context {
                folder: folder_of(located),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                page: Some(crate::verbs::explain::page),
                docs: docs()?,
            };
            report::report(kind, &compilation.sources, &compilation.diagnostics, &context)
        }
    };
    out.write_all(text.as_bytes())?;
    let read_by_people = matches!(format, Format::Full | Format::Short | Format::Narrated | Format::Github);
    if read_by_people && !compilation.diagnostics.is_empty() {
        writeln!(out, "{}", render::summary(&compilation.diagnostics))?;
    }
    Ok(())
}

/// Draws findings on standard error, where the standard output belongs to something that programs read.
pub(crate) fn findings_aside(
    located: &Located,
    compilation: &Compilation,
    color: Color,
) -> Result<(), Failure> {
    let options = Options { color: colored(color), ..Options::default() };
    let sources = compilation.sources.under(&folder_of(located));
    let text = render::render(render::Format::Full, &sources, &compilation.diagnostics, &options);
    let mut out = std::io::stderr().lock();
    out.write_all(text.as_bytes())?;
    writeln!(out, "{}", render::summary(&compilation.diagnostics))?;
    Ok(())
}

/// Where the program's documents can be read, for links in reports: `CUTOVER_DOCS_URL`, when it is set.
fn docs() -> Result<Option<String>, Failure> {
    let Some(said) = std::env::var_os("CUTOVER_DOCS_URL").filter(|said| !said.is_empty()) else {
        return Ok(None);
    };
    let said = said.to_string_lossy().into_owned();
    let plain = said.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}@".contains(&byte));
    if plain && ["https://", "http://"].iter().any(|scheme| said.starts_with(scheme)) {
        return Ok(Some(said));
    }
    Err(Failure::new("CUTOVER_DOCS_URL is not an address".to_owned())
        .help("write it as `https://git.example.org/tools/cutover/blob/main/docs`"))
}

/// A format that is drawn for people, or one that other programs read.
fn drawn_or_told(format: Format) -> Result<render::Format, Report> {
    match format {
        Format::Full => Ok(render::Format::Full),
        Format::Short => Ok(render::Format::Short),
        Format::Json => Ok(render::Format::Json),
        Format::Narrated => Ok(render::Format::Narrated),
        Format::Github => Err(Report::Github),
        Format::Gitlab => Err(Report::Gitlab),
        Format::Sarif => Err(Report::Sarif),
        Format::Junit => Err(Report::Junit),
        Format::Checkstyle => Err(Report::Checkstyle),
        Format::Rdjson => Err(Report::Rdjson),
    }
}

/// The project's folder seen from the one that the program was called in, which for a forge is the top of the repository.
pub(crate) fn folder_of(located: &Located) -> String {
    let named = if located.root.as_os_str().is_empty() { Path::new(".") } else { &located.root };
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let below = named.canonicalize().ok().zip(here.ok());
    let below = below.and_then(|(root, here)| root.strip_prefix(here).ok().map(Path::to_owned));
    below.as_deref().unwrap_or(named).to_string_lossy().replace('\\', "/")
}

/// Whether to use colour on standard output.
pub(crate) fn colored(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        }
    }
}

/// Replaces a file as a whole, or makes it: whoever reads it meanwhile sees the old text or the new one. Links are followed, permissions stay.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = match path.canonicalize() {
        Ok(path) => path,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    match std::fs::metadata(&path) {
        Ok(old) => file.as_file().set_permissions(old.permissions())?,
        // Others may read a new file, as if an editor had made it.
        #[cfg(unix)]
        Err(_) => file.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?,
        #[cfg(not(unix))]
        Err(_) => {}
    }
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}
