//! `cutover catalog list` and `show`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use cutover_catalog::{Catalog, builtin, reader, yaml};
use cutover_diagnostics::SourceMap;
use cutover_diagnostics::sanitize::inert_line;

use crate::args::{CatalogArgs, CatalogVerb};
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &CatalogArgs) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    let root = args.root.as_deref().unwrap_or(Path::new("."));
    match &args.verb {
        CatalogVerb::List => {
            out.write_all(cutover_catalog::render::list().as_bytes())?;
            let names = own_names(root);
            if !names.is_empty() {
                writeln!(out, "\nOf this project:")?;
            }
            for name in names {
                let told = match own(root, &name) {
                    Some(Ok(catalog)) => format!("{}  revision {}", catalog.title, catalog.revision),
                    _ => "cannot be read: `cutover check` of a spec that names it says why".to_owned(),
                };
                writeln!(out, "{}  {}", inert_line(&name), inert_line(&told))?;
            }
        }
        CatalogVerb::Show { name } => {
            let catalog = find(root, name)?;
            out.write_all(cutover_catalog::render::show(&catalog).as_bytes())?;
        }
    }
    Ok(Exit::Clean)
}

/// The catalog of that name: the project's own, else the one in the program.
pub(crate) fn find(root: &Path, name: &str) -> Result<Catalog, Failure> {
    if let Some(own) = own(root, name) {
        return own;
    }
    Catalog::builtin(name).ok_or_else(|| {
        let mut known = own_names(root);
        known.extend(builtin::list().map(|listed| listed.name.to_owned()));
        let near = cutover_diagnostics::suggest::nearest(name, known.iter().map(String::as_str), 3);
        Failure::new(format!("there is no catalog `{name}`")).help(if near.is_empty() {
            "`cutover catalog list` shows all; a project's own lies in `catalogs/NAME.yaml`".to_owned()
        } else {
            format!("near: {}", near.join(", "))
        })
    })
}

/// The names of a project's own catalogs, sorted.
fn own_names(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join("catalogs")).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

/// The file of a project's own catalog.
fn file(root: &Path, name: &str) -> Option<PathBuf> {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    plain.then(|| root.join("catalogs").join(format!("{name}.yaml"))).filter(|path| path.is_file())
}

/// A project's own catalog, when it has one of that name.
fn own(root: &Path, name: &str) -> Option<Result<Catalog, Failure>> {
    let path = file(root, name)?;
    let shown = path.display().to_string();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return Some(Err(Failure::new(format!("cannot read {shown}")).because(error))),
    };
    let mut sources = SourceMap::new();
    let id = sources.add(&*shown, text.as_str());
    let (catalog, found) = reader::read_catalog(id, &text, |base| {
        let own = file(root, base).filter(|_| base != name);
        match own.and_then(|path| fs::read_to_string(path).ok()) {
            Some(text) => yaml::read(&text).ok(),
            None => Catalog::builtin(base),
        }
    });
    let first = found.first().map(|found| {
        let label = found.labels.first();
        let line = label.map(|label| sources.location(label.span).line);
        let said = label.map(|label| label.text.to_string()).unwrap_or_default();
        format!("line {}: {}: {said}", line.unwrap_or(1), found.message)
    });
    Some(match (catalog, first) {
        (Some(catalog), None) => Ok(catalog),
        (_, first) => Err(Failure::new(format!("{shown} has a mistake")).help(first.unwrap_or_default())),
    })
}
