//! `cutover diff`.

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use cutover::Compared;
use cutover_diff::render;
use cutover_plan::bundle;
use tempfile::TempDir;

use crate::args::{Color, DiffArgs, DiffFormat, SpecArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::git::Git;
use crate::output;

pub(crate) fn run(args: &DiffArgs) -> Result<Exit, Failure> {
    let root = args.root.as_deref();
    let (old, new) = match (&args.rev, &args.new) {
        (Some(revisions), _) => {
            let side = |at: usize| match revisions.get(at).map(String::as_str) {
                Some(".") | None => on_disk(Path::new(&args.old), root).map(|side| (side, None)),
                Some(revision) => in_git(revision, Path::new(&args.old), root),
            };
            (side(0)?, side(1)?)
        }
        (None, Some(new)) => (named(&args.old, root)?, named(new, root)?),
        (None, None) => return Err(Failure::new("nothing to compare with")),
    };
    let diff = cutover::compare_counting(&old.0, &new.0);
    let text = match args.format {
        DiffFormat::Text => render::terminal(&diff),
        DiffFormat::Markdown => render::markdown(&diff),
        DiffFormat::Json => render::json(&diff),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(if diff.is_empty() { Exit::Clean } else { Exit::Stale })
}

/// A plan as the command line names it.
fn named(name: &str, root: Option<&Path>) -> Result<(Compared, Option<TempDir>), Failure> {
    let path = Path::new(name);
    if !path.exists()
        && let Some((revision, path)) = name.split_once(':')
    {
        return in_git(revision, Path::new(path), root);
    }
    on_disk(path, root).map(|side| (side, None))
}

/// A plan on disk: a bundle, or whatever a spec gives.
pub(crate) fn on_disk(path: &Path, root: Option<&Path>) -> Result<Compared, Failure> {
    let folder = if path.file_name().is_some_and(|name| name == bundle::PLAN) {
        path.parent().map(Path::to_owned)
    } else {
        path.join(bundle::PLAN).is_file().then(|| path.to_owned())
    };
    if let Some(folder) = folder {
        return match bundle::read(&folder) {
            Ok(read) => Ok(read.into()),
            Err(error) => {
                Err(Failure::new(format!("cannot read the plan in {}", folder.display())).because(error))
            }
        };
    }
    let spec = SpecArgs { spec: path.to_owned(), root: root.map(Path::to_owned), color: Color::Never };
    let located = output::locate(&spec)?;
    let compilation = output::compile(&located)?;
    let open = compilation.errors().saturating_add(usize::try_from(compilation.holes).unwrap_or(usize::MAX));
    if open > 0 {
        // It is compared all the same: half a plan shows what the other half will be measured by.
        writeln!(
            std::io::stderr(),
            "{} has mistakes or open decisions; what follows from them is not told: run `cutover check`",
            path.display()
        )?;
    }
    Ok(Compared::of(&located.root, compilation))
}

/// A plan as a revision in git has it.
fn in_git(revision: &str, path: &Path, root: Option<&Path>) -> Result<(Compared, Option<TempDir>), Failure> {
    let here = existing(path);
    let Some(git) = Git::of(&here) else {
        return Err(Failure::new(format!("{} is in no git repository", path.display()))
            .help("name files on disk, or run this inside the repository"));
    };
    let relative = relative(&git, path, &here)?;
    // The whole project comes along: inventories and templates stand beside the spec.
    let above = match root {
        Some(root) => git.relative(root).unwrap_or_default(),
        None => parent(&relative),
    };
    let place: TempDir = git.tree(revision, &above)?;
    let tree = place.path().join("tree");
    let found = tree.join(&relative);
    if !found.exists() {
        return Err(Failure::new(format!("`{revision}` has no {}", path.display()))
            .help("name the spec as it was called then: `main:acme/acme.cutover`"));
    }
    let root = root.map(|_| tree.join(&above));
    // The files stay until everything is counted.
    on_disk(&found, root.as_deref()).map(|side| (side, Some(place)))
}

/// The folder on disk that is nearest to a path, which need not exist any more.
fn existing(path: &Path) -> PathBuf {
    let mut at = if path.is_dir() { Some(path) } else { path.parent() };
    while let Some(folder) = at {
        if folder.as_os_str().is_empty() {
            break;
        }
        if folder.is_dir() {
            return folder.to_owned();
        }
        at = folder.parent();
    }
    PathBuf::from(".")
}

/// The path relative to the repository's top, with `/`.
fn relative(git: &Git, path: &Path, here: &Path) -> Result<String, Failure> {
    let outside = || Failure::new(format!("{} is outside of the git repository", path.display()));
    let start = if here == Path::new(".") { Path::new("") } else { here };
    let rest = path.strip_prefix(start).unwrap_or(path);
    let mut parts: Vec<String> = git
        .relative(here)
        .ok_or_else(outside)?
        .split('/')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    for part in rest.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            Component::CurDir => {}
            Component::ParentDir => _ = parts.pop().ok_or_else(outside)?,
            Component::RootDir | Component::Prefix(_) => return Err(outside()),
        }
    }
    Ok(parts.join("/"))
}

/// The folder in which a project stands: a spec's own, or the one above a plan's folder, which holds nothing but the plan.
fn parent(path: &str) -> String {
    if path.ends_with(".cutover") || path.ends_with(bundle::PLAN) {
        return path.rsplit_once('/').map_or_else(String::new, |(above, _)| above.to_owned());
    }
    path.to_owned()
}
