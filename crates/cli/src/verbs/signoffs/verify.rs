//! `cutover signoffs verify`: whether all signatures are there, each of what stands there now, and by whom.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use cutover::{Compared, Counts};
use cutover_diagnostics::sanitize::inert_line;
use cutover_diff::{Change, Kind};
use cutover_ir::Id;
use cutover_plan::bundle::{self, Bundle};
use cutover_plan::model::Content;
use cutover_plan::signoffs::{self, State};
use cutover_plan::{Plan, digest};

use super::super::sign::read;
use super::{APPROVED, committed, sign_offs, standing};
use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::git::Git;
use crate::output;

/// Verifies one project after the other, each under its name when there are several.
pub(super) fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    let folders: Vec<PathBuf> = args.folders.iter().flat_map(|folder| projects(folder)).collect();
    if let ([only], [_]) = (folders.as_slice(), args.folders.as_slice()) {
        return one(only, args);
    }
    let mut worst = Exit::Clean;
    for (at, folder) in folders.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        writeln!(std::io::stdout(), "{gap}{}:", inert_line(&folder.display().to_string()))?;
        match one(folder, args) {
            Ok(exit) => worst = worst.max(exit),
            // The others are verified all the same.
            Err(failure) => {
                failure.report();
                worst = worst.max(Exit::Failure);
            }
        }
    }
    Ok(worst)
}

/// The projects of a folder: itself, or those below it that have a plan.
pub(super) fn projects(folder: &Path) -> Vec<PathBuf> {
    let planned = |folder: &Path| folder.join("plan").join(bundle::PLAN).is_file();
    let mut found = BTreeSet::new();
    if !planned(folder) && folder.is_dir() {
        let specs = cutover::several::specs_below(folder).unwrap_or_default();
        found.extend(
            specs.iter().filter_map(|spec| spec.parent()).filter(|at| planned(at)).map(Path::to_owned),
        );
    }
    if found.is_empty() { vec![folder.to_owned()] } else { found.into_iter().collect() }
}

fn one(project: &Path, args: &VerifyArgs) -> Result<Exit, Failure> {
    let (root, authenticated) = (args.root.as_deref(), args.authenticated);
    let plan = read(project)?;
    let git = Git::of(project);
    let history =
        git.as_ref().and_then(|git| committed::History::of(git, project, root, &plan.migration.name));
    let (given, mut wrong) = standing(project, &plan, history.as_ref())?;
    let places = bundle::read(&project.join("plan")).map(|bundle| bundle.places).unwrap_or_default();
    let now = Compared { plan, places, mistakes: Vec::new(), counted: None };
    let mut out = std::io::stdout().lock();
    let mut say = |text: String| writeln!(out, "{}", inert_line(&text));
    let (mut current, mut unauthenticated, mut notes) = (0, 0, BTreeSet::new());
    for signature in signoffs::signatures(&now.plan, &sign_offs(&given)) {
        let (id, by) = (&signature.item, &signature.by);
        match &signature.state {
            State::Waiting => wrong.push(format!("{id}: missing: `{by}` has not signed")),
            State::Stale { digest } => {
                wrong.push(format!("{id}: stale: it changed after `{by}` signed it"));
                wrong.extend(made_stale(project, history.as_ref(), &now, id, digest));
            }
            State::Signed { .. } => {
                current += 1;
                let item = now.plan.items.get(id);
                let digest = item.map(|item| item.digest.as_str()).unwrap_or_default();
                let was = item.and_then(|item| item.was.as_ref());
                let line = given.iter().map(|given| (&given.sign_off, given)).rev().find(|(said, _)| {
                    said.by == *by && said.digest == digest && (said.item == *id || Some(&said.item) == was)
                });
                let line = line.map(|(_, line)| line);
                let found = match (&history, line) {
                    (Some(history), Some(line)) => committed::check(history, &now, id, line),
                    _ => committed::Found::Unauthenticated("this is no git repository".to_owned()),
                };
                match found {
                    committed::Found::Authenticated(note) => {
                        say(format!("{id}: signed by `{by}`"))?;
                        notes.extend(note);
                    }
                    committed::Found::Unauthenticated(why) if authenticated => {
                        wrong.push(format!("{id}: signed by `{by}`, unauthenticated: {why}"));
                    }
                    committed::Found::Unauthenticated(why) => {
                        unauthenticated += 1;
                        say(format!("{id}: signed by `{by}`, unauthenticated: {why}"))?;
                    }
                    committed::Found::Wrong(why) => wrong.push(format!("{id}: {why}")),
                }
            }
        }
    }
    wrong.extend(against_spec(project, root, &now.plan).err().map(|why| why.to_string()));
    for note in notes {
        say(format!("note: {note}"))?;
    }
    for text in &wrong {
        say(text.clone())?;
    }
    if wrong.is_empty() {
        let unproven = if unauthenticated > 0 {
            format!(", {unauthenticated} of them unauthenticated")
        } else {
            String::new()
        };
        say(format!("all {current} signatures are there{unproven}"))?;
        return Ok(Exit::Clean);
    }
    Ok(Exit::Findings)
}

/// Why a plan is not what the spec beside it gives today.
pub(crate) enum NotOfSpec {
    /// The spec gives another plan.
    Stale,
    /// The folder holds no spec.
    NoSpec(Failure),
    /// The spec gives no plan.
    NoPlan(String),
}

impl fmt::Display for NotOfSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unknown = "plan/ cannot be held to the spec, and signatures are for what stands there";
        match self {
            NotOfSpec::Stale => f.write_str(
                "plan/ is not that of the spec, and signatures are for what stands there: run `cutover plan`",
            ),
            NotOfSpec::NoSpec(why) => write!(f, "{unknown}: {why}"),
            NotOfSpec::NoPlan(why) => write!(f, "{unknown}: {why}"),
        }
    }
}

/// Holds the plan to what the spec beside it gives today. A spec that gives no plan, or is not there, is not what was signed either.
///
/// # Errors
/// Why the plan is not that of the spec.
pub(crate) fn against_spec(project: &Path, root: Option<&Path>, plan: &Plan) -> Result<(), NotOfSpec> {
    let located = output::spec_of(project, root, &plan.migration.name).map_err(NotOfSpec::NoSpec)?;
    let mut compilation = output::compile(&located).map_err(NotOfSpec::NoSpec)?;
    let no_plan = "the spec has mistakes or open decisions, which `cutover check` tells";
    let outputs = cutover::outputs(&mut compilation).map_err(|_| NotOfSpec::NoPlan(no_plan.to_owned()))?;
    let mut today = outputs.get(bundle::PLAN).and_then(|bytes| bundle::parse(bytes).ok());
    // Which plan it amends is said by whoever amends, not by the spec.
    if let Some(today) = today.as_mut().filter(|today| today.parent != plan.parent) {
        today.parent.clone_from(&plan.parent);
        digest::seal(today).map_err(|why| NotOfSpec::NoPlan(why.to_string()))?;
    }
    if today.is_some_and(|today| today.digest == plan.digest) {
        return Ok(());
    }
    Err(NotOfSpec::Stale)
}

/// Which changes made a signature stale: compared with the approved plan, or with the last plan in git that had the signed digest.
fn made_stale(
    project: &Path,
    history: Option<&committed::History<'_>>,
    now: &Compared,
    id: &Id,
    digest: &str,
) -> Vec<String> {
    let had = |plan: &Plan| plan.items.values().any(|item| item.digest == digest);
    let approved = bundle::read(&project.join(APPROVED)).ok().filter(|bundle| had(&bundle.plan));
    let then = approved.or_else(|| {
        let plan = history.and_then(|history| committed::plan_with(history, digest))?;
        Some(Bundle { plan, places: bundle::Places::default() })
    });
    let Some(then) = then else {
        return vec![format!(
            "    what changed is not known: neither {APPROVED}/ nor git has the plan that was signed"
        )];
    };
    let changes = reasons(&then.into(), now, id);
    if changes.is_empty() {
        return vec!["    what it names changed in a number or a name only".to_owned()];
    }
    changes.iter().map(|change| format!("    {}", cutover_diff::render::line(change))).collect()
}

/// The changes between two plans that concern an item: its own, those of all that it names, of its night and of its desks.
pub(super) fn reasons(old: &Compared, new: &Compared, id: &Id) -> Vec<Change> {
    let covered = covered(&old.plan, &new.plan, id);
    let mut changes = cutover::compare(old, new, &Counts::default()).changes;
    // The window is no item; the switch is signed for one night.
    let night = covered.iter().any(|id| id.as_str() == "go_live");
    let desks = desks(&covered, &[&old.plan, &new.plan]);
    let concerns = |change: &Change| {
        covered.iter().any(|id| change.id.is_within(id))
            || is_part(change, &covered, &new.plan)
            || night && matches!(change.kind, Kind::WindowMoved | Kind::WindowShorter)
            || change.kind == Kind::SystemChanged && desks.contains(&change.id)
    };
    if changes.iter().any(concerns) {
        changes.retain(concerns);
    } else {
        // Times that are said from the window move with it, though nothing else of the item changed.
        changes.retain(|change| change.id.kind() == "migration");
    }
    changes
}

/// The ids of the desks for which some items are signed.
fn desks(covered: &BTreeSet<Id>, plans: &[&Plan]) -> BTreeSet<Id> {
    let items = plans.iter().flat_map(|plan| covered.iter().filter_map(|id| plan.items.get(id)));
    let desks = items.flat_map(|item| match &item.content {
        Content::GoLive(switch) => switch.desks.as_slice(),
        Content::Rehearsal(trial) => trial.desks.as_slice(),
        Content::Decommission(end) => end.desks.as_slice(),
        _ => &[],
    });
    desks.map(|desk| Id::new(["system", desk.system.as_str()])).collect()
}

/// The item with everything that it names, in either plan.
fn covered(old: &Plan, new: &Plan, id: &Id) -> BTreeSet<Id> {
    let mut met = BTreeSet::new();
    let mut open = vec![id.clone()];
    while let Some(id) = open.pop() {
        if !met.insert(id.clone()) {
            continue;
        }
        for plan in [old, new] {
            open.extend(plan.items.get(&id).into_iter().flat_map(|item| item.names.iter().cloned()));
        }
    }
    met
}

/// Parts of items with ids of their own: steps of the cleaning, parts of the export.
fn is_part(change: &Change, covered: &BTreeSet<Id>, plan: &Plan) -> bool {
    !plan.items.contains_key(&change.id)
        && ["clean", "export"].contains(&change.id.kind())
        && covered.iter().any(|id| id.kind() == change.id.kind())
}
