//! `cutover signoffs` and `cutover approve`.

mod committed;
mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use cutover_diagnostics::sanitize::inert_line;
use cutover_plan::Plan;
use cutover_plan::bundle::{self, Places};
use cutover_plan::documents;
use cutover_plan::signoffs::{self, SignOff, State};

use super::sign::read;
use crate::args::{SignoffsArgs, SignoffsVerb};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::git::Git;
use crate::written::{self, Rules};

use committed::{History, Line};

pub(crate) use verify::against_spec;

/// Name of the folder that keeps the plan that was approved last.
const APPROVED: &str = "approved";

pub(crate) fn run(args: &SignoffsArgs) -> Result<Exit, Failure> {
    match &args.verb {
        SignoffsVerb::Verify(args) => verify::run(args),
        SignoffsVerb::Status(project) => status(&project.folder),
        SignoffsVerb::Export(of) => super::run::export_signed(of),
        SignoffsVerb::Codeowners(project) => codeowners(&project.folder),
    }
}

/// A sign-off and where it stands.
pub(crate) struct Given {
    pub(crate) sign_off: SignOff,
    /// The file in the project, with `/`.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: usize,
}

/// All sign-offs of a project, file by file, and what is wrong with lines. Of several that say the same only the best one by git.
fn standing(
    project: &Path,
    plan: &Plan,
    history: Option<&History<'_>>,
) -> Result<(Vec<Given>, Vec<String>), Failure> {
    let (given, wrong) = given(project, plan)?;
    let given = match history {
        Some(history) => committed::best(history, plan, given),
        None => given,
    };
    Ok((given, wrong))
}

/// All sign-offs of a project, file by file, and what is wrong with lines.
pub(crate) fn given(project: &Path, plan: &Plan) -> Result<(Vec<Given>, Vec<String>), Failure> {
    let folder = project.join(signoffs::FOLDER);
    let failed = |path: &Path, error| Failure::new(format!("cannot read {}", path.display())).because(error);
    let mut names: Vec<String> = match std::fs::read_dir(&folder) {
        Ok(entries) => entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(failed(&folder, error)),
    };
    names.sort();
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    for name in names {
        let Some(person) = name.strip_suffix(".jsonl") else { continue };
        let path = folder.join(&name);
        let file = format!("{}/{name}", signoffs::FOLDER);
        let size = std::fs::metadata(&path).map_err(|error| failed(&path, error))?.len();
        if size > signoffs::MAX_FILE {
            wrong.push(format!("{file}: too large, the limit is {} bytes", signoffs::MAX_FILE));
            continue;
        }
        let bytes = std::fs::read(&path).map_err(|error| failed(&path, error))?;
        for line in signoffs::parse(&bytes) {
            let at = format!("{file}:{}", line.number);
            match line.content {
                Err(error) => wrong.push(format!("{at}: this line is no sign-off: {error}")),
                Ok(sign_off) if sign_off.by != person => {
                    wrong.push(format!(
                        "{at}: a sign-off by `{}` stands in the file of `{person}`",
                        sign_off.by
                    ));
                }
                Ok(sign_off) => {
                    if let Some(why) = not_entitled(plan, &sign_off) {
                        wrong.push(format!("{at}: {why}"));
                    } else {
                        all.push(Given { sign_off, file: file.clone(), line: line.number });
                    }
                }
            }
        }
    }
    Ok((all, wrong))
}

/// What becomes of a sign-off that is given again.
pub(crate) enum Again {
    /// A line like it stands there and counts, as far as git can tell.
    Stands,
    /// A line like it stands there, in a file from the project's folder, and is not committed yet.
    Commit(String),
    /// None stands there.
    New,
    /// What stands there does not count: why.
    Refused(String),
}

/// Whether a sign-off would change anything: what stands there already is judged as `verify` judges it.
pub(crate) fn again(project: &Path, plan: &Plan, sign_off: &SignOff) -> Result<Again, Failure> {
    let (mut given, _) = given(project, plan)?;
    given.retain(|given| given.sign_off == *sign_off);
    let Some(last) = given.last() else { return Ok(Again::New) };
    let git = Git::of(project);
    let history = git.as_ref().and_then(|git| History::of(git, project, None, &plan.migration.name));
    let Some(history) = history else { return Ok(Again::Stands) };
    let file = last.file.clone();
    let best = committed::best(&history, plan, given);
    let line = best.last().map(|best| committed::committed(&history, plan, best));
    Ok(match line {
        Some(Line::Refused(why)) => Again::Refused(why),
        Some(Line::Unknown) if history.is_open(&file) => Again::Commit(file),
        _ => Again::Stands,
    })
}

/// Why somebody may not sign something. A line about what the plan no longer has, or had under another digest, is history.
fn not_entitled(plan: &Plan, sign_off: &SignOff) -> Option<String> {
    let item = plan.items.get(&sign_off.item)?;
    if sign_off.digest != item.digest || item.signed_by.contains(&sign_off.by) {
        return None;
    }
    Some(format!(
        "`{}` is not entitled to sign `{}`: it is signed by {}",
        sign_off.by,
        sign_off.item,
        item.signed_by.join(", ")
    ))
}

fn sign_offs(given: &[Given]) -> Vec<SignOff> {
    given.iter().map(|given| given.sign_off.clone()).collect()
}

fn status(project: &Path) -> Result<Exit, Failure> {
    let plan = read(project)?;
    let git = Git::of(project);
    let history = git.as_ref().and_then(|git| History::of(git, project, None, &plan.migration.name));
    let (given, wrong) = standing(project, &plan, history.as_ref())?;
    let text = documents::status(&plan, &sign_offs(&given));
    let path = project.join(documents::STATUS);
    let own = |head: &str| head.contains(documents::MADE);
    written::whole(&path, &Rules { private: false, ..Rules::own(&own) }, text.as_bytes())?;
    for text in &wrong {
        writeln!(std::io::stderr(), "{}", inert_line(text))?;
    }
    writeln!(std::io::stdout(), "written to {}", inert_line(&path.display().to_string()))?;
    Ok(if wrong.is_empty() { Exit::Clean } else { Exit::Findings })
}

/// Lines for all projects of a folder: a file of owners is one for the whole repository.
fn codeowners(folder: &Path) -> Result<Exit, Failure> {
    let mut owners = Owners::default();
    for project in verify::projects(folder) {
        owners.add(&project)?;
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "# Who signs gates approves changes of them. Made by `cutover signoffs codeowners`.")?;
    for (path, who) in owners.rows {
        let who: Vec<&str> = who.iter().map(String::as_str).collect();
        let path = path.replace(' ', "\\ ");
        writeln!(out, "{} {}", inert_line(&path), inert_line(&who.join(" ")))?;
    }
    for by in owners.nameless {
        writeln!(out, "# {} signs and has no `git` address in `team`", inert_line(&by))?;
    }
    Ok(Exit::Clean)
}

/// Who is asked about which files.
#[derive(Default)]
struct Owners {
    /// Addresses by file, from the repository's top.
    rows: BTreeMap<String, BTreeSet<String>>,
    /// Who signs without an address.
    nameless: BTreeSet<String>,
}

impl Owners {
    fn add(&mut self, project: &Path) -> Result<(), Failure> {
        let plan = read(project)?;
        let places = bundle::read(&project.join("plan")).map(|bundle| bundle.places).unwrap_or_default();
        let git = Git::of(project);
        let above = |folder: &Path| match git.as_ref().and_then(|git| git.relative(folder)) {
            Some(path) if !path.is_empty() => format!("/{path}"),
            _ => String::new(),
        };
        let spec_above = git.as_ref().map_or_else(String::new, |git| above(&base(git, project, &places)));
        let above = above(project);
        for (id, item) in &plan.items {
            for by in &item.signed_by {
                let Some(address) = plan.people.get(by).and_then(|person| person.git.as_ref()) else {
                    self.nameless.insert(by.clone());
                    continue;
                };
                let own = format!("{above}/{}/{by}.jsonl", signoffs::FOLDER);
                let item = places.get(id).map(|place| format!("{spec_above}/{}", place.file));
                for file in [Some(own), item].into_iter().flatten() {
                    self.rows.entry(file).or_default().insert(address.clone());
                }
            }
        }
        Ok(())
    }
}

/// The folder from which a plan names its files: its project's own, or one above it if the plan was written with `--root`. That is the nearest one
/// that has them all.
fn base(git: &Git, project: &Path, places: &Places) -> PathBuf {
    let files: BTreeSet<&str> = places.iter().map(|(_, place)| place.file.as_str()).collect();
    let (Ok(full), Ok(top)) = (project.canonicalize(), git.top.canonicalize()) else {
        return project.to_owned();
    };
    let inside = full.ancestors().take_while(|folder| folder.starts_with(&top));
    let found = inside.into_iter().find(|folder| files.iter().all(|file| folder.join(file).is_file()));
    found.unwrap_or(&full).to_owned()
}

/// `cutover approve`: keeps the plan as the one that was approved, once nothing that was signed is stale.
pub(crate) fn approve(project: &Path, root: Option<&Path>) -> Result<Exit, Failure> {
    let plan = read(project)?;
    let (given, wrong) = given(project, &plan)?;
    let signatures = signoffs::signatures(&plan, &sign_offs(&given));
    let stale = signatures.iter().filter(|one| matches!(one.state, State::Stale { .. }));
    let stale: Vec<String> = stale.map(|one| format!("{} by {}", one.item, one.by)).collect();
    if let Some(first) = wrong.first() {
        return Err(Failure::new("a sign-off is not valid").because(std::io::Error::other(first.clone())));
    }
    if !stale.is_empty() {
        return Err(Failure::new("something changed after it was signed")
            .help(format!("sign again: {}", stale.join(", "))));
    }
    let waiting = signatures.iter().filter(|one| matches!(one.state, State::Waiting));
    let waiting: Vec<String> = waiting.map(|one| format!("{} by {}", one.item, one.by)).collect();
    if !waiting.is_empty() {
        return Err(Failure::new("this plan is not signed yet")
            .help(format!("waiting: {}; `cutover sign ITEM --by PERSON`", waiting.join(", "))));
    }
    if let Err(why) = against_spec(project, root, &plan) {
        return Err(Failure::new("the plan is not kept").because(std::io::Error::other(why.to_string())));
    }
    let from = project.join("plan");
    let mut files = bundle::Outputs::new();
    let names = [bundle::PLAN.to_owned(), bundle::PLACES.to_owned()];
    let assets = plan.assets.keys().map(|digest| format!("{}/{digest}", bundle::ASSETS));
    for name in names.into_iter().chain(assets) {
        let path = from.join(&name);
        let bytes = std::fs::read(&path)
            .map_err(|error| Failure::new(format!("cannot read {}", path.display())).because(error))?;
        files.insert(name, bytes);
    }
    let to = project.join(APPROVED);
    bundle::write(&to, &files)
        .map_err(|error| Failure::new(format!("cannot write {}", to.display())).because(error))?;
    writeln!(
        std::io::stdout(),
        "kept in {}: all {} signatures are there",
        inert_line(&to.display().to_string()),
        signatures.len()
    )?;
    Ok(Exit::Clean)
}
