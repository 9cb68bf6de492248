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
use super::hidden::At;
use super::history::{Commit, History};
use super::hunks;
use super::theirs::Theirs;
use crate::output;

/// How many commits of one person are looked at.
const MOST: usize = 100;

/// A project as a revision has it.
pub(super) struct State {
    pub(super) compared: Compared,
    /// Whether a plan could be written.
    pub(super) finished: bool,
}

/// What was found.
pub(super) enum Work {
    /// Nothing that they changed is covered, or it stands so no more.
    None,
    /// They changed something that is covered: in which commit, from which address, at which place of it, and what.
    Changed(String, String, Option<String>, Box<Change>),
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

/// Looks for what somebody changed of an item and all that it names, after there was a plan.
pub(super) fn changed(history: &History<'_>, now: &Compared, id: &Id, theirs: &Theirs) -> Work {
    let Some(item) = now.plan.items.get(id) else { return Work::None };
    let ids: Vec<&Id> = [Some(id), item.was.as_ref()].into_iter().flatten().collect();
    let head = history.state("HEAD", &now.plan);
    if head.and_then(|head| head.digest(&ids).map(|digest| digest == item.digest)) != Some(true) {
        return Work::NotCommitted;
    }
    let commits = history.commits_of(theirs);
    if commits.len() > MOST {
        return Work::TooMany;
    }
    // From the newest on. Who led back to what is signed now has changed nothing, whatever they did in between.
    let mut suspected = Vec::new();
    for commit in &commits {
        let after = history.state(&commit.hash, &now.plan);
        let bases = bases(history, commit, &now.plan);
        let is_same =
            |after: &Rc<State>| bases.iter().any(|(_, base)| base.digest(&ids) == after.digest(&ids));
        // What nobody could read may be another thing than it seems.
        if bases.is_empty() || after.as_ref().is_some_and(|after| after.finished && is_same(after)) {
            continue;
        }
        let led_back = bases.iter().any(|(_, base)| base.finished && base.digest(&ids) == Some(&item.digest));
        suspected.push((commit, bases, after));
        if led_back {
            suspected.clear();
        }
    }
    let signed = Signed { history, now, id, theirs };
    for (commit, bases, after) in suspected {
        let shown = after.as_ref().and_then(|after| signed.shown(commit, &bases, after));
        let is_read = after.is_some_and(|after| after.finished);
        let found = shown.or_else(|| if is_read { None } else { signed.hidden(commit, &bases) });
        if let Some((place, change)) = found {
            let address = history.wrote_as(theirs, commit).unwrap_or_default().to_owned();
            return Work::Changed(commit.hash.clone(), address, place, Box::new(change));
        }
    }
    Work::None
}

/// What is signed, and by whom.
struct Signed<'a> {
    history: &'a History<'a>,
    now: &'a Compared,
    id: &'a Id,
    theirs: &'a Theirs,
}

impl Signed<'_> {
    /// What a commit changed, as the state after it shows: one change, with its place.
    fn shown(&self, commit: &Commit, bases: &[At], after: &Rc<State>) -> Option<(Option<String>, Change)> {
        let mut changes = told_of(bases, after, self.id);
        // Who mends what nobody could read brings to light what others wrote there.
        let is_read = |parent| self.history.state(parent, &self.now.plan).is_some_and(|state| state.finished);
        if after.finished
            && let [parent] = commit.parents.as_slice()
            && !is_read(parent)
            && let Some(last) = bases.iter().find(|(_, base)| base.finished)
        {
            self.keep_theirs(&mut changes, commit, last, &(commit.hash.clone(), Rc::clone(after)));
        }
        self.standing(changes, &(commit.hash.clone(), Rc::clone(after)), bases, commit)
    }

    /// What a commit changed that left nothing to be read, as the first state after it shows that can be: one change, with its place.
    fn hidden(&self, commit: &Commit, bases: &[At]) -> Option<(Option<String>, Change)> {
        let last = bases.iter().find(|(_, base)| base.finished)?;
        let first = self.history.readable_after(commit, self.theirs, &self.now.plan)?;
        let mut changes = reasons(&last.1.compared, &first.1.compared, self.id);
        self.keep_theirs(&mut changes, commit, last, &first);
        self.standing(changes, &first, std::slice::from_ref(last), commit)
    }

    /// Leaves the changes from one state to another that a commit made.
    fn keep_theirs(&self, changes: &mut Vec<Change>, commit: &Commit, last: &At, first: &At) {
        if changes.is_empty() {
            return;
        }
        let stretch = self.history.stretch(commit, &last.0, &first.0);
        let (places, roots) = ((&last.1.compared.places, &first.1.compared.places), self.history.roots());
        changes.retain(|change| stretch.made(change, places, &roots));
    }

    /// The first of some changes that stands today and that nobody else made again, with its place in a commit.
    fn standing(
        &self,
        mut changes: Vec<Change>,
        (hash, after): &At,
        bases: &[At],
        made: &Commit,
    ) -> Option<(Option<String>, Change)> {
        let (history, now) = (self.history, self.now);
        let later = told(&after.compared, now);
        changes.retain(|change| change.kind != Kind::Renamed && !later.contains(&named(change)));
        // Who takes a change back and makes it again answers for it.
        if !changes.is_empty()
            && let Some(since) = history.since(hash, self.theirs)
        {
            let taken = taken_over(history, now, bases, after, &since);
            changes.retain(|change| !taken.contains(&(named(change), change.after.clone())));
        }
        let change = changes.into_iter().next()?;
        // What only came back with a commit is no change of it, so it is compared with what was read last.
        let is_base = |parent: &&String| *hash != made.hash || bases.iter().any(|(base, _)| base == *parent);
        let before = made.parents.first().filter(is_base);
        let before = before.or_else(|| bases.first().map(|(base, _)| base));
        let text = before.and_then(|before| history.difference(before, &made.hash));
        let place =
            hunks::place(history, text.as_deref(), &after.compared.places, &change.id, change.place.as_ref());
        Some((place, change))
    }
}

/// A change: which thing, what of it, and what it says afterwards.
type Made = ((Id, String), Option<String>);

/// The changes of a commit that did not stand in some later state, and that somebody else made again.
fn taken_over(
    history: &History<'_>,
    now: &Compared,
    bases: &[At],
    after: &State,
    since: &[(Commit, bool)],
) -> BTreeSet<Made> {
    let Some((_, base)) = bases.first() else { return BTreeSet::new() };
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
fn bases(history: &History<'_>, commit: &Commit, plan: &Plan) -> Vec<At> {
    let mut bases = Vec::new();
    for parent in &commit.parents {
        let before = history.state(parent, plan).map(|before| (parent.clone(), before));
        if before.as_ref().is_some_and(|(_, before)| before.finished) {
            bases.extend(before);
            continue;
        }
        let last = history.before(parent).into_iter().find_map(|hash| {
            let state = history.state(&hash, plan)?;
            state.finished.then_some((hash, state))
        });
        match last {
            Some(last) => bases.extend(before.into_iter().chain([last])),
            None if before.is_none() => {}
            None if history.had(parent, &format!("plan/{}", bundle::PLAN)) => bases.extend(before),
            None => return Vec::new(),
        }
    }
    bases
}

/// The changes that concern an item, against all that a commit is compared with: what a merge only brought together is nobody's.
fn told_of(bases: &[At], after: &State, id: &Id) -> Vec<Change> {
    let Some(((_, first), others)) = bases.split_first() else { return Vec::new() };
    let mut changes = reasons(&first.compared, &after.compared, id);
    for (_, other) in others {
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
