//! `cutover diff`.

mod several;

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
                Some(".") | None => Ok(Side::on_disk(Path::new(&args.old), root)),
                Some(revision) => Side::in_git(revision, Path::new(&args.old), root),
            };
            (side(0)?, side(1)?)
        }
        (None, Some(new)) => (Side::named(&args.old, root)?, Side::named(new, root)?),
        (None, None) => return Err(Failure::new("nothing to compare with")),
    };
    if let Some(specs) = several::specs(&old, &new)? {
        return several::run(&old, &new, &specs, args.format);
    }
    let diff = cutover::compare_counting(&old.compiled(None)?, &new.compiled(None)?);
    let text = match args.format {
        DiffFormat::Text => render::terminal(&diff),
        DiffFormat::Markdown => render::markdown(&diff),
        DiffFormat::Json => render::json(&diff),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(if diff.is_empty() { Exit::Clean } else { Exit::Stale })
}

/// What is compared: a spec, a folder of specs or a bundle, on disk or as a revision has it.
struct Side {
    /// Where it lies.
    path: PathBuf,
    /// The project's folder, where it is named.
    root: Option<PathBuf>,
    /// What it is called where the program was called.
    shown: PathBuf,
    /// The revision that it is of.
    revision: Option<String>,
    /// The files of a revision stay until everything is counted.
    _kept: Option<TempDir>,
}

impl Side {
    /// As the command line names it.
    fn named(name: &str, root: Option<&Path>) -> Result<Side, Failure> {
        let path = Path::new(name);
        if !path.exists()
            && let Some((revision, path)) = name.split_once(':')
        {
            return Side::in_git(revision, Path::new(path), root);
        }
        Ok(Side::on_disk(path, root))
    }

    fn on_disk(path: &Path, root: Option<&Path>) -> Side {
        Side {
            path: path.to_owned(),
            root: root.map(Path::to_owned),
            shown: path.to_owned(),
            revision: None,
            _kept: None,
        }
    }

    /// As a revision in git has it.
    fn in_git(revision: &str, path: &Path, root: Option<&Path>) -> Result<Side, Failure> {
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
        // A folder with several specs may be new as a whole.
        let several =
            || output::has_several(&SpecArgs { spec: path.to_owned(), root: None, color: Color::Never });
        if !found.exists() && path.is_dir() && bundle_of(path).is_none() && several()? {
            std::fs::create_dir_all(&found)?;
        }
        if !found.exists() {
            return Err(Failure::new(format!("`{revision}` has no {}", path.display()))
                .help("name the spec as it was called then: `main:acme/acme.cutover`"));
        }
        Ok(Side {
            path: found,
            root: root.map(|_| tree.join(&above)),
            shown: path.to_owned(),
            revision: Some(revision.to_owned()),
            _kept: Some(place),
        })
    }

    /// The plan: of a bundle, or whatever a spec gives; of a folder with several specs that of one. Its places are named as they are where
    /// the program was called.
    fn compiled(&self, below: Option<&Path>) -> Result<Compared, Failure> {
        let of = |path: &Path| below.map_or_else(|| path.to_owned(), |below| path.join(below));
        let (path, shown) = (of(&self.path), of(&self.shown));
        if let Some(folder) = bundle_of(&path) {
            let read = bundle::read(&folder).map_err(|error| {
                Failure::new(format!("cannot read the plan in {}", shown.display())).because(error)
            })?;
            let folder = bundle_of_shown(&shown);
            return Ok(Compared::from(read).under(&self.project(folder.parent().unwrap_or(Path::new("")))));
        }
        let spec = SpecArgs { spec: path.clone(), root: self.root.clone(), color: Color::Never };
        let located = output::locate(&spec)?;
        let compilation = output::compile(&located)?;
        if !cutover::is_spec(&located.entry) {
            return Err(Failure::new(format!("{} is neither a spec nor a plan", shown.display()))
                .help("compare specs, or folders with a plan: `cutover diff old.cutover new.cutover`"));
        }
        let open =
            compilation.errors().saturating_add(usize::try_from(compilation.holes).unwrap_or(usize::MAX));
        if open > 0 {
            let of = self.revision.as_ref().map_or_else(String::new, |revision| format!(" of `{revision}`"));
            // It is compared all the same: half a plan shows what the other half will be measured by.
            writeln!(
                std::io::stderr(),
                "{}{of} has mistakes or open decisions; what follows from them is not told: run `cutover check`",
                shown.display()
            )?;
        }
        let folder = match (&self.root, &self.revision) {
            // Of the root that was named.
            (Some(_), _) => output::folder_of(&located),
            (None, None) => output::folder_of(&located),
            (None, Some(_)) if path.is_dir() => self.project(&shown),
            (None, Some(_)) => self.project(shown.parent().unwrap_or(Path::new(""))),
        };
        Ok(Compared::of(&located.root, compilation).under(&folder))
    }

    /// The folder of a project as a place in a spec names it.
    fn project(&self, folder: &Path) -> String {
        let folder = folder.strip_prefix(".").unwrap_or(folder);
        folder.to_string_lossy().replace('\\', "/")
    }
}

/// The folder of a bundle that a path names.
fn bundle_of(path: &Path) -> Option<PathBuf> {
    if path.file_name().is_some_and(|name| name == bundle::PLAN) {
        path.parent().map(Path::to_owned)
    } else {
        path.join(bundle::PLAN).is_file().then(|| path.to_owned())
    }
}

/// The folder of a bundle by what it is called.
fn bundle_of_shown(shown: &Path) -> &Path {
    if shown.file_name().is_some_and(|name| name == bundle::PLAN) {
        shown.parent().unwrap_or(Path::new(""))
    } else {
        shown
    }
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
