//! `cutover sign`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use cutover_diagnostics::sanitize::inert_line;
use cutover_plan::Plan;
use cutover_plan::bundle;
use cutover_plan::signoffs::{self, SignOff};

use super::signoffs as signoffs_verb;
use super::signoffs::Again;
use crate::args::SignArgs;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &SignArgs) -> Result<Exit, Failure> {
    let plan = read(&args.project)?;
    let Some((id, item)) = signoffs::item_of(&plan, &args.item) else {
        let waiting: Vec<&str> = plan
            .items
            .iter()
            .filter(|(_, item)| !item.signed_by.is_empty())
            .map(|(id, _)| id.as_str())
            .collect();
        return Err(Failure::new(format!("the plan has no item `{}`", args.item))
            .help(format!("signatures are asked for: {}", waiting.join(", "))));
    };
    if item.signed_by.is_empty() {
        return Err(Failure::new(format!("`{id}` asks for no signature"))
            .help("who has to sign stands in the spec: `signed by maya`"));
    }
    if let Some(why) = args.evidence.as_deref().and_then(unfit) {
        return Err(Failure::new(why).help(
            "the line goes into git for ever: name a page that asks for a login, such as `https://acme.example/minutes/12`",
        ));
    }
    if !item.signed_by.contains(&args.by) {
        return Err(Failure::new(format!("`{}` may not sign `{id}`", args.by))
            .help(format!("by the plan it is signed by {}", item.signed_by.join(", "))));
    }
    // The name becomes the name of a file. People's names are identifiers, but this plan may come from anywhere.
    if !args.by.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        return Err(Failure::new(format!("`{}` cannot be the name of a file", args.by)));
    }
    let sign_off = SignOff {
        by: args.by.clone(),
        digest: item.digest.clone(),
        evidence: args.evidence.clone(),
        item: id.clone(),
    };
    if let Some(env) = &args.env {
        let fresh = super::run::carry(&args.project, env, &sign_off)?;
        let (id, by) = (inert_line(id.as_str()), inert_line(&args.by));
        if fresh {
            writeln!(
                std::io::stdout(),
                "{id} is signed by {by}, in the journal; `cutover signoffs export` writes it out"
            )?;
        } else {
            writeln!(std::io::stdout(), "{id} is signed already")?;
        }
        return Ok(Exit::Clean);
    }
    // In the night the journal may be all that is there; whoever signs at a desk signs what the spec says.
    if let Err(why) = signoffs_verb::against_spec(&args.project, args.root.as_deref(), &plan) {
        return Err(Failure::new(format!("`{id}` is not signed"))
            .because(std::io::Error::other(why.to_string()))
            .help("read what changed, by `cutover diff plan .`, before you sign"));
    }
    match signoffs_verb::again(&args.project, &plan, &sign_off)? {
        Again::New => {}
        Again::Refused(why) => {
            writeln!(std::io::stderr(), "what stood there does not count: {}", inert_line(&why))?;
        }
        Again::Commit(file) => {
            let (id, file) = (inert_line(id.as_str()), args.project.join(file).display().to_string());
            let file = inert_line(&file);
            writeln!(
                std::io::stdout(),
                "{id} is signed already; commit {file} yourself, so that git knows who signed"
            )?;
            return Ok(Exit::Clean);
        }
        Again::Stands => {
            writeln!(std::io::stdout(), "{} is signed already", inert_line(id.as_str()))?;
            writeln!(
                std::io::stderr(),
                "where a run that took everything back asks for it again, its journal carries that: `--env ENV.toml`"
            )?;
            return Ok(Exit::Clean);
        }
    }
    let path = add(&args.project, &sign_off)?;
    writeln!(
        std::io::stdout(),
        "{} is signed by {}; commit {} yourself, so that git knows who signed",
        inert_line(id.as_str()),
        inert_line(&args.by),
        inert_line(&path.display().to_string())
    )?;
    Ok(Exit::Clean)
}

/// Why something cannot stand in git as the place of evidence.
fn unfit(evidence: &str) -> Option<String> {
    if let Some(why) = signoffs::unfit(evidence) {
        return Some(format!("the evidence is not kept: {why}"));
    }
    let (_, what) = cutover::credentials(evidence).into_iter().next()?;
    Some(format!("the evidence is not kept: in it stands what looks like {what}"))
}

/// Writes a sign-off that a journal carried into the file of its person; `None` when it stands there already.
pub(crate) fn keep(project: &Path, sign_off: &SignOff) -> Result<Option<PathBuf>, Failure> {
    let bytes = written(project, sign_off)?;
    if signoffs::parse(&bytes).iter().any(|line| line.content.as_ref() == Ok(sign_off)) {
        return Ok(None);
    }
    add(project, sign_off).map(Some)
}

/// The file of the person who signs.
fn file_of(project: &Path, sign_off: &SignOff) -> PathBuf {
    project.join(signoffs::FOLDER).join(format!("{}.jsonl", sign_off.by))
}

/// What stands in the file of the person who signs.
fn written(project: &Path, sign_off: &SignOff) -> Result<Vec<u8>, Failure> {
    let path = file_of(project, sign_off);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Failure::new(format!("cannot read {}", path.display())).because(error)),
    }
}

/// Adds the line of a sign-off to the file of its person.
fn add(project: &Path, sign_off: &SignOff) -> Result<PathBuf, Failure> {
    let folder = project.join(signoffs::FOLDER);
    let path = file_of(project, sign_off);
    let failed = |error| Failure::new(format!("cannot write {}", path.display())).because(error);
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let mut bytes = written(project, sign_off)?;
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    bytes.extend(signoffs::line(sign_off).into_bytes());
    replace(&path, &bytes)?;
    Ok(path)
}

/// The plan of a project, as it was written.
pub(crate) fn read(project: &Path) -> Result<Plan, Failure> {
    let folder = project.join("plan");
    bundle::read(&folder).map(|bundle| bundle.plan).map_err(|error| {
        Failure::new(format!("cannot read the plan in {}", folder.display()))
            .because(error)
            .help("name the project's folder; `cutover plan` writes the plan")
    })
}

/// Puts a file in the place of another one, whole or not at all.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error| Failure::new(format!("cannot write {}", path.display())).because(error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).map_or(0o644, |there| there.permissions().mode());
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode)).map_err(failed)?;
    }
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
