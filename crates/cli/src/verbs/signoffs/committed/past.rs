//! The specs of a repository through its commits, wherever they lay: where the project was, and who stood in its team under which address.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cutover_syntax::parse::MAX_FILE;

use super::said::{Said, plain};
use crate::failure::Failure;
use crate::git::Git;

/// How many commits are read that changed a spec or brought such changes together: the newest ones.
pub(super) const MOST: usize = 10_000;
/// How often files with another ending are looked for that specs take in.
const ROUNDS: usize = 3;

/// The spec files of a commit, by their paths from the repository's top.
type Tree = BTreeMap<Rc<str>, Rc<Said>>;

/// A commit that changed a spec, or brought such changes together.
pub(super) struct Node {
    pub(super) hash: String,
    /// The commits before it, by their place in the list.
    pub(super) parents: Vec<usize>,
    /// Whether some commits before it were not read.
    pub(super) cut: bool,
    /// Whoever had a hand in it: who wrote it, who committed it, who wrote it with them.
    pub(super) hands: BTreeSet<String>,
    /// The addresses of each person of the project: those of this commit, or else the last ones before it. Several where branches or copies
    /// of the project differ.
    pub(super) addresses: Rc<Addresses>,
    /// The short names that stand in the team in this commit.
    pub(super) people: Rc<BTreeSet<String>>,
    /// The files in which the project stands, from the repository's top.
    pub(super) files: Rc<BTreeSet<Rc<str>>>,
}

/// What stood in a commit, as a [`Node`] has it.
struct Stood {
    files: Rc<BTreeSet<Rc<str>>>,
    people: Rc<BTreeSet<String>>,
    addresses: Rc<Addresses>,
}

/// Addresses of people, by their short names.
pub(super) type Addresses = BTreeMap<String, BTreeSet<String>>;

/// What was read.
#[derive(Default)]
pub(super) struct Past {
    /// The oldest first, so that each comes behind those before it.
    pub(super) nodes: Vec<Node>,
    /// The folders in which the project lay, today's first, then the latest: from the repository's top, with `/` at the end unless it is the top.
    pub(super) folders: Vec<String>,
    /// The full names that stood behind each short one, as they are compared.
    pub(super) titles: BTreeMap<String, BTreeSet<String>>,
}

/// A commit as git tells it.
struct Told {
    hash: String,
    parents: Vec<String>,
    hands: BTreeSet<String>,
    /// Files against the first commit before it; none is what is gone.
    changes: Vec<(String, Option<String>)>,
}

impl Past {
    /// Reads the past of a migration whose project lies in a folder today.
    pub(super) fn of(git: &Git, folder: &str, migration: &str) -> Result<Past, Failure> {
        let mut others: BTreeSet<String> = BTreeSet::new();
        for round in 1.. {
            let told = told(git, &others)?;
            let head = listed(git, "HEAD", &others)?;
            let known: BTreeSet<&str> = told.iter().map(|one| one.hash.as_str()).collect();
            let cut: BTreeSet<&str> = told
                .iter()
                .filter_map(|one| one.parents.first())
                .map(String::as_str)
                .filter(|parent| !known.contains(parent))
                .collect();
            let mut before: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
            for parent in cut {
                before.insert(parent, listed(git, parent, &others)?);
            }
            let files = told.iter().flat_map(|one| &one.changes).filter_map(|(_, blob)| blob.as_deref());
            let listed = before.values().chain([&head]).flatten().map(|(_, blob)| blob.as_str());
            let said = said(git, files.chain(listed).collect())?;
            let tree = |files: &[(String, String)]| -> Tree {
                let file = |(path, blob): &(String, String)| {
                    Some((path.as_str().into(), Rc::clone(said.get(blob)?)))
                };
                files.iter().filter_map(file).collect()
            };
            let head = tree(&head);
            let before = before.into_iter().map(|(parent, files)| (parent, tree(&files))).collect();
            let ours = Ours::of(folder, migration, &head);
            let mut walk = Walk { ours, named: BTreeSet::new(), titles: BTreeMap::new() };
            let past = walk.past(&told, &said, &before);
            // A file without an ending is a spec if a spec takes it in.
            let more: BTreeSet<String> = walk.named.difference(&others).cloned().collect();
            if more.is_empty() || round == ROUNDS {
                return Ok(past);
            }
            others.extend(more);
        }
        Err(Failure::new("the history of the specs cannot be read"))
    }
}

/// By what a project is known in a commit.
struct Ours<'a> {
    folder: &'a str,
    migration: &'a str,
    /// Where its files are today.
    paths: BTreeSet<Rc<str>>,
    /// The files and migrations that are there today.
    standing: BTreeSet<Rc<str>>,
    migrations: BTreeSet<String>,
}

impl<'a> Ours<'a> {
    fn of(folder: &'a str, migration: &'a str, head: &Tree) -> Ours<'a> {
        let mut ours = Ours {
            folder,
            migration,
            paths: BTreeSet::new(),
            standing: head.keys().cloned().collect(),
            migrations: head.values().filter_map(|said| said.migration.clone()).collect(),
        };
        let projects = projects(head, &mut BTreeSet::new());
        let paths =
            projects.iter().filter(|one| ours.rank(one) == Some(Rank::Here)).flat_map(|one| &one.files);
        ours.paths = paths.cloned().collect();
        ours
    }

    /// How sure it is that a project of some commit is this one.
    fn rank(&self, project: &Found) -> Option<Rank> {
        if project.migrations.contains(self.migration) {
            return Some(if above(&project.first) == self.folder { Rank::Here } else { Rank::Named });
        }
        if project.files.iter().any(|file| self.paths.contains(file)) {
            return Some(Rank::Placed);
        }
        let gone = if project.migrations.is_empty() {
            !self.standing.contains(&project.first)
        } else {
            !project.migrations.iter().any(|name| self.migrations.contains(name))
        };
        gone.then_some(Rank::Gone)
    }
}

/// How sure it is that a project of some commit is the one that is asked about, the surest first. Another migration that is still there is
/// never the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The migration in its folder.
    Here,
    /// The migration somewhere else.
    Named,
    /// Another migration in the same files.
    Placed,
    /// Another migration that is gone: what became of it, nobody knows.
    Gone,
}

/// A spec with all that it takes in.
struct Found {
    first: Rc<str>,
    files: BTreeSet<Rc<str>>,
    migrations: BTreeSet<String>,
}

/// The projects of a tree: from each file that no other one takes in. Files without the usual ending that are taken in are noted.
fn projects(tree: &Tree, named: &mut BTreeSet<String>) -> Vec<Found> {
    let mut uses: BTreeMap<&str, Vec<Rc<str>>> = BTreeMap::new();
    let mut taken: BTreeSet<Rc<str>> = BTreeSet::new();
    for (path, said) in tree.iter().filter(|(_, said)| !said.uses.is_empty()) {
        let files = said.uses.iter().filter_map(|file| cutover::resolve(path, file));
        let files: Vec<Rc<str>> = files.filter(|file| cutover::is_spec(file)).map(Into::into).collect();
        named.extend(files.iter().filter(|file| !has_ending(file)).map(|file| file.to_string()));
        taken.extend(files.iter().cloned());
        uses.insert(path, files);
    }
    let mut met: BTreeSet<Rc<str>> = BTreeSet::new();
    let mut found = Vec::new();
    // Files that take each other in are begun with as well, behind all others.
    for circle in [false, true] {
        for path in tree.keys() {
            if if circle { met.contains(path) } else { taken.contains(path) } {
                continue;
            }
            let mut project =
                Found { first: Rc::clone(path), files: BTreeSet::new(), migrations: BTreeSet::new() };
            let mut open = vec![Rc::clone(path)];
            while let Some(file) = open.pop() {
                let Some(said) = tree.get(&file) else { continue };
                if project.files.insert(Rc::clone(&file)) {
                    project.migrations.extend(said.migration.clone());
                    open.extend(uses.get(&*file).into_iter().flatten().cloned());
                }
            }
            met.extend(project.files.iter().cloned());
            found.push(project);
        }
    }
    found
}

struct Walk<'a> {
    ours: Ours<'a>,
    /// Files without the usual ending that specs take in.
    named: BTreeSet<String>,
    /// The full names that stood behind each short one.
    titles: BTreeMap<String, BTreeSet<String>>,
}

impl Walk<'_> {
    fn past(
        &mut self,
        told: &[Told],
        said: &BTreeMap<String, Rc<Said>>,
        before: &BTreeMap<&str, Tree>,
    ) -> Past {
        let at: BTreeMap<&str, usize> =
            told.iter().enumerate().map(|(at, one)| (one.hash.as_str(), at)).collect();
        // A tree is kept for as long as somebody comes behind it.
        let mut waiting = vec![0_usize; told.len()];
        for parent in told.iter().flat_map(|one| &one.parents).filter_map(|parent| at.get(parent.as_str())) {
            if let Some(count) = waiting.get_mut(*parent) {
                *count += 1;
            }
        }
        let mut trees: Vec<Option<Rc<Tree>>> = vec![None; told.len()];
        let mut nodes: Vec<Node> = Vec::with_capacity(told.len());
        let mut folders: Vec<String> = Vec::new();
        for (index, one) in told.iter().enumerate() {
            let parents: Vec<usize> =
                one.parents.iter().filter_map(|parent| at.get(parent.as_str()).copied()).collect();
            let mut tree: Option<Rc<Tree>> = None;
            for (number, parent) in one.parents.iter().enumerate() {
                let base = match at.get(parent.as_str()) {
                    Some(parent) => {
                        let left = waiting.get_mut(*parent).map_or(0, |left| {
                            *left = left.saturating_sub(1);
                            *left
                        });
                        let kept = trees.get_mut(*parent);
                        if left == 0 {
                            kept.and_then(Option::take)
                        } else {
                            kept.and_then(|kept| kept.clone())
                        }
                    }
                    None => before.get(parent.as_str()).map(|tree| Rc::new(tree.clone())),
                };
                if number == 0 {
                    tree = base;
                }
            }
            let mut tree = tree.unwrap_or_default();
            if !one.changes.is_empty() {
                let files = Rc::make_mut(&mut tree);
                for (path, blob) in &one.changes {
                    match blob.as_ref().and_then(|blob| said.get(blob)) {
                        Some(said) => _ = files.insert(path.as_str().into(), Rc::clone(said)),
                        None => _ = files.remove(path.as_str()),
                    }
                }
            }
            let last: Vec<&Node> = parents.iter().filter_map(|parent| nodes.get(*parent)).collect();
            let Stood { files, people, addresses } = self.stood(&tree, &last, &mut folders);
            nodes.push(Node {
                hash: one.hash.clone(),
                cut: parents.len() < one.parents.len(),
                parents,
                hands: one.hands.clone(),
                addresses,
                people,
                files,
            });
            if waiting.get(index).is_some_and(|left| *left > 0)
                && let Some(place) = trees.get_mut(index)
            {
                *place = Some(tree);
            }
        }
        folders.push(self.ours.folder.to_owned());
        let mut met = BTreeSet::new();
        let folders = folders.into_iter().rev().filter(|folder| met.insert(folder.clone())).collect();
        Past { nodes, folders, titles: std::mem::take(&mut self.titles) }
    }

    /// The files of the project in a commit, its people, and their addresses; who has none there has those that they had before.
    fn stood(&mut self, tree: &Tree, last: &[&Node], folders: &mut Vec<String>) -> Stood {
        let projects = projects(tree, &mut self.named);
        let ranked: Vec<(Rank, &Found)> =
            projects.iter().filter_map(|project| Some((self.ours.rank(project)?, project))).collect();
        let best = ranked.iter().map(|(rank, _)| *rank).min();
        let ours: Vec<&Found> =
            ranked.iter().filter(|(rank, _)| Some(*rank) == best).map(|(_, project)| *project).collect();
        let places: BTreeSet<&str> = ours.iter().map(|project| above(&project.first)).collect();
        // Of what is gone nobody knows which one became this project.
        if best < Some(Rank::Gone) || places.len() == 1 {
            for place in places {
                if folders.last().is_none_or(|last| last != place) {
                    folders.push(place.to_owned());
                }
            }
        }
        let (mut found, mut people) = (Addresses::new(), BTreeSet::new());
        let files: BTreeSet<Rc<str>> = ours.iter().flat_map(|project| &project.files).cloned().collect();
        for said in files.iter().filter_map(|file| tree.get(file)) {
            for person in &said.people {
                people.insert(person.name.clone());
                if let Some(title) = person.title.as_deref().map(plain).filter(|title| !title.is_empty()) {
                    self.titles.entry(person.name.clone()).or_default().insert(title);
                }
                if let Some(address) = &person.git {
                    found.entry(person.name.clone()).or_default().insert(plain(address));
                }
            }
        }
        let mut inherited = Addresses::new();
        for (who, addresses) in
            last.iter().flat_map(|last| last.addresses.iter()).filter(|(who, _)| !found.contains_key(*who))
        {
            inherited.entry(who.clone()).or_default().extend(addresses.iter().cloned());
        }
        found.extend(inherited);
        // Most commits change neither, so that they share what the one before them has.
        let files = match last {
            [first, ..] if *first.files == files => Rc::clone(&first.files),
            _ => Rc::new(files),
        };
        let addresses = match last {
            [first, ..] if *first.addresses == found => Rc::clone(&first.addresses),
            _ => Rc::new(found),
        };
        let people = match last {
            [first, ..] if *first.people == people => Rc::clone(&first.people),
            _ => Rc::new(people),
        };
        Stood { files, people, addresses }
    }
}

/// The folder of a file, with `/` at its end unless it is the top.
fn above(path: &str) -> &str {
    path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or_default()
}

/// Whether a file is a spec by its name, whoever takes it in.
fn has_ending(path: &str) -> bool {
    path.to_lowercase().ends_with(".cutover")
}

/// What git looks for: specs by their ending, and some other files.
fn patterns(others: &BTreeSet<String>) -> Vec<String> {
    let others = others.iter().map(|path| format!(":(literal){path}"));
    [":(icase)*.cutover".to_owned()].into_iter().chain(others).collect()
}

/// The commits that changed specs or brought such changes together, the oldest first. Git leaves out what makes no difference, and says of each
/// one which of the others come before it.
fn told(git: &Git, others: &BTreeSet<String>) -> Result<Vec<Told>, Failure> {
    let most = format!("-n{MOST}");
    let way =
        ["--full-history", "--simplify-merges", "--parents", "--topo-order", "--reverse", most.as_str()];
    let files = ["--raw", "--no-abbrev", "--no-renames", "--diff-merges=first-parent", "-z"];
    let mut args: Vec<String> = ["-c", "log.showRoot=true", "log"].map(str::to_owned).into();
    args.extend(way.iter().chain(&files).map(|arg| (*arg).to_owned()));
    args.extend([HEAD.to_owned(), "HEAD".to_owned(), "--".to_owned()]);
    args.extend(patterns(others));
    let bytes = git.ask(&args)?;
    let mut found: Vec<Told> = Vec::new();
    let mut words = bytes.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    while let Some(word) = words.next() {
        let word = word.trim_start_matches('\n');
        if let Some(head) = word.strip_prefix('\u{2}') {
            found.extend(head_of(head));
        } else if let Some(change) = word.strip_prefix(':')
            && let (Some(path), Some(last)) = (words.next(), found.last_mut())
        {
            // `:100644 100644 <before> <after> M`, where a file that is gone has no mode any more.
            let mut parts = change.split(' ');
            let (mode, blob) = (parts.nth(1).unwrap_or_default(), parts.nth(1).unwrap_or_default());
            let blob = is_file(mode).then(|| blob.to_owned());
            last.changes.push((path.into_owned(), blob));
        }
    }
    Ok(found)
}

/// How git tells a commit: its name, what comes before it, and whoever had a hand in it.
const HEAD: &str =
    "--format=%x02%H%x09%P%x09%ae%x09%ce%x09%(trailers:key=Co-authored-by,valueonly,separator=%x09)";

/// Whoever had a hand in a commit; nobody where git does not know it.
pub(super) fn hands(git: &Git, hash: &str) -> BTreeSet<String> {
    let told = git.ask(&["show", "--no-patch", HEAD, hash]).unwrap_or_default();
    let told = String::from_utf8_lossy(&told);
    told.strip_prefix('\u{2}').and_then(head_of).map(|told| told.hands).unwrap_or_default()
}

fn head_of(head: &str) -> Option<Told> {
    let mut parts = head.trim_end().split('\t');
    let (hash, parents) = (parts.next()?, parts.next()?);
    let (author, committer) = (parts.next()?, parts.next()?);
    let with = parts.filter_map(super::history::mail);
    let hands = [author.to_owned(), committer.to_owned()].into_iter().chain(with);
    Some(Told {
        hash: hash.to_owned(),
        parents: parents.split(' ').filter(|one| !one.is_empty()).map(str::to_owned).collect(),
        hands: hands.map(|address| plain(&address)).collect(),
        changes: Vec::new(),
    })
}

/// Whether a mode is that of a file: not of a link, nor of another repository.
fn is_file(mode: &str) -> bool {
    mode.starts_with("100")
}

/// The specs of a commit: paths with names in git's store.
fn listed(git: &Git, revision: &str, others: &BTreeSet<String>) -> Result<Vec<(String, String)>, Failure> {
    let bytes = git.ask(&["ls-tree", "-r", "-z", "--full-tree", revision])?;
    let mut found = Vec::new();
    for line in bytes.split(|byte| *byte == 0).map(String::from_utf8_lossy) {
        // `100644 blob <name>\t<path>`.
        let Some((what, path)) = line.split_once('\t') else { continue };
        let mut what = what.split(' ');
        let (mode, blob) = (what.next().unwrap_or_default(), what.nth(1).unwrap_or_default());
        if is_file(mode) && (has_ending(path) || others.contains(path)) {
            found.push((path.to_owned(), blob.to_owned()));
        }
    }
    Ok(found)
}

/// What files say, by their names in git's store. Each is read once, whatever the number of commits and paths that have it.
fn said(git: &Git, blobs: BTreeSet<&str>) -> Result<BTreeMap<String, Rc<Said>>, Failure> {
    let names: Vec<&str> = blobs.into_iter().collect();
    let mut found = BTreeMap::new();
    git.blobs(&names, u64::try_from(MAX_FILE).unwrap_or(u64::MAX), |name, bytes| {
        let said = Said::of(&String::from_utf8_lossy(bytes));
        found.insert(name.to_owned(), Rc::new(said));
    })?;
    Ok(found)
}
