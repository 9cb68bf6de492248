//! What somebody changed of what they sign: not by lines, but by what the plan said before and after each of their commits.
//!
//! A changed trigger, window or template is seen like a changed line of the item itself; blanks, comments and names are no change; and what
//! somebody else changed afterwards is theirs.

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

use cutover::{Compared, Counts};
use cutover_diff::{Change, Kind};
use cutover_ir::Id;
use cutover_plan::bundle;
use cutover_plan::{Plan, digest};

use super::super::verify::reasons;
use super::history::{Commit, History};
use super::hunks;
use crate::output;

/// How many commits of one person are looked at.
const MOST: usize = 100;

/// A project as a revision has it.
pub(super) struct State {
    compared: Compared,
    /// Whether a plan could be written.
    finished: bool,
}

/// What was found.
pub(super) enum Work {
    /// Nothing that they changed is covered, or it stands so no more.
    None,
    /// They changed something that is covered: in which commit, at which place of it, and what.
    Changed(String, Option<String>, Box<Change>),
    /// They have more commits than are looked at.
    TooMany,
    /// What is signed stands in no commit yet.
    NotCommitted,
}

impl State {
    /// Whether it is the project of a migration.
    pub(super) fn is_of(&self, migration: &str) -> bool {
        self.compared.plan.migration.name == migration
    }

    /// The digest of an item, under its name or an earlier one.
    fn digest(&self, ids: &[&Id]) -> Option<&str> {
        let item = ids.iter().find_map(|id| self.compared.plan.items.get(*id))?;
        Some(&item.digest)
    }
}

/// Looks for what somebody with an address changed of an item and all that it names, after there was a plan.
pub(super) fn changed(history: &History<'_>, now: &Compared, id: &Id, address: &str) -> Work {
    let Some(item) = now.plan.items.get(id) else { return Work::None };
    let ids: Vec<&Id> = [Some(id), item.was.as_ref()].into_iter().flatten().collect();
    let head = history.state("HEAD", &now.plan);
    if head.and_then(|head| head.digest(&ids).map(|digest| digest == item.digest)) != Some(true) {
        return Work::NotCommitted;
    }
    let commits = history.commits_of(address);
    if commits.len() > MOST {
        return Work::TooMany;
    }
    // From the newest on. Who led back to what is signed now has changed nothing, whatever they did in between.
    let mut suspected = Vec::new();
    for commit in &commits {
        let Some(after) = history.state(&commit.hash, &now.plan) else { continue };
        let bases = bases(history, commit, &now.plan);
        if bases.is_empty() || bases.iter().any(|base| base.digest(&ids) == after.digest(&ids)) {
            continue;
        }
        let led_back = bases.iter().any(|base| base.finished && base.digest(&ids) == Some(&item.digest));
        suspected.push((commit, bases, after));
        if led_back {
            suspected.clear();
        }
    }
    for (commit, bases, after) in suspected {
        let later = told(&after.compared, now);
        let mut changes = told_of(&bases, &after, id);
        changes.retain(|change| change.kind != Kind::Renamed && !later.contains(&named(change)));
        if changes.is_empty() {
            continue;
        }
        // Who takes a change back and makes it again answers for it.
        if let Some(since) = history.since(&commit.hash, address) {
            let taken = taken_over(history, now, &bases, &after, &since);
            changes.retain(|change| !taken.contains(&(named(change), change.after.clone())));
        }
        if let Some(change) = changes.into_iter().next() {
            let place =
                hunks::place(history, commit, &after.compared.places, &change.id, change.place.as_ref());
            return Work::Changed(commit.hash.clone(), place, Box::new(change));
        }
    }
    Work::None
}

/// A change: which thing, what of it, and what it says afterwards.
type Made = ((Id, String), Option<String>);

/// The changes of a commit that did not stand in some later state, and that somebody else made again.
fn taken_over(
    history: &History<'_>,
    now: &Compared,
    bases: &[Rc<State>],
    after: &State,
    since: &[(Commit, bool)],
) -> BTreeSet<Made> {
    let Some(base) = bases.first() else { return BTreeSet::new() };
    let made = |state: &State| -> BTreeSet<Made> {
        let changes = cutover::compare(&base.compared, &state.compared, &Counts::default()).changes;
        changes.iter().map(|change| (named(change), change.after.clone())).collect()
    };
    let mut open = made(after);
    let mut taken = BTreeSet::new();
    // From the newest on: whose commits lie between a state that has a change and the one before it that has not.
    let mut between = false;
    for (commit, theirs) in since {
        // Half a spec says nothing of what stands in it.
        let state = history.state(&commit.hash, &now.plan).filter(|state| state.finished);
        if let Some(state) = state {
            let (stands, differs) = (made(&state), told(&after.compared, &state.compared));
            let (gone, left): (BTreeSet<Made>, BTreeSet<Made>) =
                open.into_iter().partition(|change| differs.contains(&change.0) && !stands.contains(change));
            // Whoever brought it back last answers for it.
            taken.extend(gone.into_iter().filter(|_| !between));
            open = left;
            between = false;
        }
        between |= *theirs;
    }
    taken
}

/// Whether a commit changed nothing of an item but its name.
pub(super) fn is_naming(history: &History<'_>, now: &Plan, id: &Id, hash: &str) -> bool {
    let was = now.items.get(id).and_then(|item| item.was.as_ref());
    let ids: Vec<&Id> = [Some(id), was].into_iter().flatten().collect();
    let (before, after) = (history.state(&format!("{hash}^"), now), history.state(hash, now));
    let (Some(before), Some(after)) = (before, after) else { return false };
    before.digest(&ids).is_some_and(|digest| after.digest(&ids) == Some(digest))
}

/// What a commit is compared with: what was there before it, and when that gave no plan, what gave one last. Nothing while the first draft
/// was written.
fn bases(history: &History<'_>, commit: &Commit, plan: &Plan) -> Vec<Rc<State>> {
    let mut bases = Vec::new();
    for parent in &commit.parents {
        let Some(before) = history.state(parent, plan) else { continue };
        if before.finished {
            bases.push(before);
            continue;
        }
        let last = history.before(parent).into_iter().find_map(|hash| {
            let state = history.state(&hash, plan)?;
            state.finished.then_some(state)
        });
        match last {
            Some(last) => bases.extend([before, last]),
            None if history.had(parent, &format!("plan/{}", bundle::PLAN)) => bases.push(before),
            None => return Vec::new(),
        }
    }
    bases
}

/// The changes that concern an item, against all that a commit is compared with: what a merge only brought together is nobody's.
fn told_of(bases: &[Rc<State>], after: &State, id: &Id) -> Vec<Change> {
    let Some((first, others)) = bases.split_first() else { return Vec::new() };
    let mut changes = reasons(&first.compared, &after.compared, id);
    for other in others {
        let also: BTreeSet<_> = told(&other.compared, &after.compared);
        changes.retain(|change| also.contains(&named(change)));
    }
    changes
}

/// What changes are about: which thing, and what of it.
fn told(old: &Compared, new: &Compared) -> BTreeSet<(Id, String)> {
    cutover::compare(old, new, &Counts::default()).changes.iter().map(named).collect()
}

fn named(change: &Change) -> (Id, String) {
    (change.id.clone(), change.part.clone())
}

/// Compiles the spec of a migration in a folder, beside whose `root` nothing is read.
pub(super) fn compiled(folder: &Path, root: Option<&Path>, plan: &Plan) -> Option<State> {
    let located = output::spec_of(folder, root, &plan.migration.name).ok()?;
    let mut compilation = output::compile(&located).ok()?;
    let finished = compilation.errors() == 0 && compilation.holes == 0;
    digest::seal(&mut compilation.plan).ok()?;
    Some(State { compared: compilation.into(), finished })
}
