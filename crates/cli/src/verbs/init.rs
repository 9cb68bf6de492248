//! `cutover init`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use cutover::ScaffoldDraft;
use cutover_catalog::Catalog;
use cutover_diagnostics::suggest::nearest;

use crate::args::InitArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// What git must know of a project.
const ATTRIBUTES: &str =
    "*.cutover text eol=lf\nplan/** -text linguist-generated\napproved/** -text linguist-generated\n";

pub(crate) fn run(args: &InitArgs) -> Result<Exit, Failure> {
    for platform in [&args.from, &args.to] {
        known(platform)?;
    }
    // What a generic catalog holds is only known from an account.
    let generic = Catalog::builtin(&args.from).is_some_and(|catalog| catalog.generic);
    if generic && args.inventory.is_none() {
        return Err(Failure::new(format!("the catalog `{}` says nothing about an account", args.from))
            .help("take an inventory with `cutover inventory scan`, and name it with `--inventory`"));
    }
    // Records are read from such a product and looked up in it; nobody works there.
    if Catalog::builtin(&args.to).is_some_and(|catalog| catalog.generic) {
        return Err(Failure::new(format!("nobody can move to `{}`: it is no helpdesk", args.to))
            .help("name a product; `cutover catalog list` shows all"));
    }
    let folder = if args.folder.as_os_str().is_empty() { Path::new(".") } else { &args.folder };
    let name = format!("{}-to-{}.cutover", args.from, args.to);
    let path = if folder == Path::new(".") { PathBuf::from(&name) } else { folder.join(&name) };
    if path.exists() {
        return Err(
            Failure::new(format!("{} exists", path.display())).help("move it away, or name another folder")
        );
    }
    let source_inventory = args.inventory.as_deref().map(|file| inside(folder, file)).transpose()?;
    let target_inventory = args.target_inventory.as_deref().map(|file| inside(folder, file)).transpose()?;
    for (path, platform) in [(&source_inventory, &args.from), (&target_inventory, &args.to)] {
        let Some(path) = path else { continue };
        let text = std::fs::read_to_string(folder.join(path)).unwrap_or_default();
        let said = text.lines().find_map(|line| line.strip_prefix("platform:")).map(str::trim);
        if let Some(other) = said.filter(|said| said.trim_matches(['"', '\'']) != platform) {
            return Err(Failure::new(format!("{path} is an inventory of {other}, not of {platform}"))
                .help("name the inventory of that account, or another product"));
        }
    }
    let draft =
        ScaffoldDraft { from: args.from.clone(), to: args.to.clone(), source_inventory, target_inventory };
    let text = cutover::scaffold(folder, &name, &draft).map_err(|failure| {
        Failure::new(failure.to_string()).because(failure.source).help("name a folder that exists")
    })?;
    // What cannot be laid out is still a draft.
    let text = cutover_fmt::format(&text).unwrap_or(text);
    output::replace(&path, &text)
        .map_err(|error| Failure::new(format!("cannot write {}", path.display())).because(error))?;
    // A plan is compared byte by byte, and its assets by their digests: git must not give their lines other ends.
    let attributes = folder.join(".gitattributes");
    if !attributes.exists() {
        output::replace(&attributes, ATTRIBUTES)
            .map_err(|error| Failure::new(format!("cannot write {}", attributes.display())).because(error))?;
    }
    let mut out = std::io::stdout().lock();
    let open = cutover::compile_for(folder, &name, cutover::Purpose::Check).holes;
    writeln!(out, "{} has {open} open decisions", path.display())?;
    writeln!(
        out,
        "read what is marked as proposed, fill each `???`, and run `cutover check {}`",
        path.display()
    )?;
    Ok(Exit::Clean)
}

fn known(platform: &str) -> Result<(), Failure> {
    let names: Vec<&str> = cutover_catalog::builtin::list().map(|listed| listed.name).collect();
    if names.contains(&platform) {
        return Ok(());
    }
    let near = nearest(platform, names.iter().copied(), 3);
    Err(Failure::new(format!("there is no catalog `{platform}`")).help(if near.is_empty() {
        "`cutover catalog list` shows all".to_owned()
    } else {
        format!("near: {}", near.join(", "))
    }))
}

/// The path of an inventory in the project, as a spec names it.
fn inside(folder: &Path, file: &Path) -> Result<String, Failure> {
    let full = |path: &Path| {
        path.canonicalize()
            .map_err(|error| Failure::new(format!("cannot read {}", path.display())).because(error))
    };
    let (root, file) = (full(folder)?, full(file)?);
    let Ok(path) = file.strip_prefix(&root) else {
        return Err(Failure::new(format!("{} is not inside {}", file.display(), folder.display()))
            .help("a spec reads nothing outside its folder: copy the inventory into it"));
    };
    Ok(path.to_string_lossy().replace('\\', "/"))
}
