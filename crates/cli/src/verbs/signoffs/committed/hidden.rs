//! Who wrote what a version hides that nobody could read: a slip in a word, a brace too few, another ending of the file.
//!
//! No plan tells what such a version changed. It shows in the first one after it that can be read, beside what others wrote until then,
//! and is parted from that word by word: a commit made what it wrote and what still stands there, and what it took out and what is still gone.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

use cutover_diff::Change;
use cutover_plan::Plan;
use cutover_plan::bundle::Places;
use similar::{Algorithm, DiffTag, capture_diff_slices_deadline};

use super::history::{Commit, History};
use super::lines;
use super::theirs::Theirs;
use super::work::State;

/// How long two versions of a file are compared. Afterwards, what was not compared yet counts as written anew.
const LONGEST: Duration = Duration::from_secs(2);

/// A revision, and the project as it has it.
pub(super) type At = (String, Rc<State>);

/// Words of a revision: by file, how many words stand before each, and its line.
type Words = BTreeMap<String, BTreeMap<usize, u32>>;

/// What a version that can be read says otherwise than the last one before it that could.
pub(super) struct Stretch {
    /// What is new in the later version, and what stood in the earlier one only.
    new: Words,
    gone: Words,
    /// What of these one of the commits in between wrote or took out.
    written: Words,
    taken: Words,
}

impl History<'_> {
    /// The first version after a commit that can be read whole; none when there is none up to today.
    pub(super) fn readable_after(&self, commit: &Commit, theirs: &Theirs, plan: &Plan) -> Option<At> {
        // The oldest first; with too many commits in between, what stands today.
        let since = self.since(&commit.hash, theirs).unwrap_or_default();
        let later = since.into_iter().rev().map(|(later, _)| later.hash);
        later.chain(self.git.commit("HEAD").ok()).find_map(|hash| {
            let state = self.state(&hash, plan).filter(|state| state.finished)?;
            Some((hash, state))
        })
    }

    /// What became different from one version to another, and what of that a commit did.
    pub(super) fn stretch(&self, commit: &Commit, before: &str, after: &str) -> Stretch {
        let (new, gone) = (self.words_between(before, after), self.words_between(after, before));
        let did = |all: &Words, of: &dyn Fn(&str) -> Words| {
            // What a merge only brought together is nobody's.
            commit.parents.iter().fold(all.clone(), |found, parent| common(found, &of(parent)))
        };
        let written =
            did(&new, &|parent| self.still(&self.words_between(parent, &commit.hash), &commit.hash, after));
        let taken =
            did(&gone, &|parent| self.still(&self.words_between(&commit.hash, parent), parent, before));
        Stretch { new, gone, written, taken }
    }

    /// The words of a revision that another has not.
    fn words_between(&self, other: &str, revision: &str) -> Words {
        let touched = self.touched(other, revision);
        let words = touched.into_iter().filter_map(|(file, was)| {
            let text = self.text(revision, &file)?;
            let old = was.and_then(|was| self.text(other, &was)).unwrap_or_default();
            let (old, all) = (words(&old), words(&text));
            let stands: BTreeSet<usize> = equal(&old, &all).into_values().collect();
            let new = all.iter().enumerate().filter(|(at, _)| !stands.contains(at));
            Some((file, new.map(|(at, (_, line))| (at, *line)).collect()))
        });
        words.collect()
    }

    /// Some words of a revision, as far as they stand in another: there.
    fn still(&self, some: &Words, revision: &str, other: &str) -> Words {
        let names: BTreeMap<String, String> =
            self.touched(revision, other).into_iter().filter_map(|(file, was)| Some((was?, file))).collect();
        let there = some.iter().filter_map(|(file, some)| {
            let name = names.get(file);
            if name.is_none() && self.text(other, file).is_some() {
                return Some((file.clone(), some.clone()));
            }
            let (old, new) = (self.text(revision, file)?, self.text(other, name?)?);
            let (old, new) = (words(&old), words(&new));
            let equal = equal(&old, &new);
            let at = some.keys().filter_map(|at| equal.get(at));
            let found = at.filter_map(|at| Some((*at, new.get(*at)?.1))).collect();
            Some((name?.clone(), found))
        });
        there.collect()
    }

    /// The files that a revision has and another has not or in another way, each with its name there. Wherever they lie: a spec may have
    /// been out of its folder. What the program writes is left out.
    pub(super) fn touched(&self, other: &str, revision: &str) -> Vec<(String, Option<String>)> {
        let how =
            ["diff", "--name-status", "-z", "--find-renames", "--no-ext-diff", other, revision, "--", "."];
        let mut args: Vec<String> = how.map(str::to_owned).into();
        args.extend(self.written_by_program());
        let bytes = self.git.ask(&args).unwrap_or_default();
        let mut words = bytes.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
        let mut found = Vec::new();
        while let (Some(what), Some(file)) = (words.next(), words.next()) {
            match what.as_bytes().first() {
                Some(b'D') => {}
                Some(b'A') => found.push((file, None)),
                Some(b'R') => found.extend(words.next().map(|name| (name, Some(file)))),
                _ => found.push((file.clone(), Some(file))),
            }
        }
        found
    }
}

impl Stretch {
    /// Whether the commit made a change: it wrote or took out words of the thing; of any, when nobody touched these.
    pub(super) fn made(
        &self,
        change: &Change,
        (before, after): (&Places, &Places),
        roots: &[String],
    ) -> bool {
        let any = |words: &Words, places: &Places| {
            let Some((file, from, to)) = lines(places, &change.id) else { return false };
            let files = roots.iter().filter_map(|above| words.get(&format!("{above}{file}")));
            files.flat_map(BTreeMap::values).any(|line| (from..=to).contains(line))
        };
        if any(&self.new, after) || any(&self.gone, before) {
            return any(&self.written, after) || any(&self.taken, before);
        }
        [&self.written, &self.taken].into_iter().flat_map(BTreeMap::values).any(|words| !words.is_empty())
    }
}

fn common(mut some: Words, others: &Words) -> Words {
    for (file, words) in &mut some {
        let other = others.get(file);
        words.retain(|at, _| other.is_some_and(|other| other.contains_key(at)));
    }
    some
}

/// The words of a text with their lines. Blanks and ends of lines are no words.
fn words(text: &str) -> Vec<(&str, u32)> {
    let lines = text.lines().zip(1..);
    lines.flat_map(|(text, line)| text.split_whitespace().map(move |word| (word, line))).collect()
}

/// Which word of one text is which of another.
pub(super) fn equal(some: &[(&str, u32)], others: &[(&str, u32)]) -> BTreeMap<usize, usize> {
    let [old, new] = [some, others].map(|words| words.iter().map(|(word, _)| *word).collect::<Vec<_>>());
    let until = Instant::now().checked_add(LONGEST);
    let same = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, until);
    let same = same.iter().filter(|change| change.tag() == DiffTag::Equal);
    same.flat_map(|change| change.old_range().zip(change.new_range())).collect()
}

#[cfg(test)]
mod tests {
    use super::{equal, words};

    #[test]
    fn words_are_followed_through_another_layout() {
        let (old, new) = (words("a b\nc d e\n"), words("a\n  b\n\n c x\n e d\n"));
        assert_eq!(new.last(), Some(&("d", 5)));
        let same = equal(&old, &new);
        assert_eq!([0, 1, 2].map(|at| same.get(&at).copied()), [Some(0), Some(1), Some(2)]);
        assert_eq!(same.len(), 4, "{same:?}");
    }
}
