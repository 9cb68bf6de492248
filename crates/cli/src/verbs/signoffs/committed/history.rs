//! The past of a project: where it lay, what it said in which commit, and whose commits these are.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use cutover_plan::Plan;
use cutover_plan::bundle;
use cutover_plan::{documents, signoffs};

use super::past::Past;
use super::people::{self, Came};
use super::theirs::Theirs;
use super::work::{State, compiled};
use crate::failure::Failure;
use crate::git::Git;

/// How many commits are looked at for one question.
pub(super) const MOST: usize = 50;

/// A project in its repository.
pub(crate) struct History<'g> {
    pub(super) git: &'g Git,
    /// The migration's name.
    migration: String,
    /// The project's folder from the repository's top, with `/` at its end unless it is the top.
    pub(super) above: String,
    /// How many folders above it lies the one beside which the spec reads nothing, and from which the plan names files.
    up: usize,
    /// The commit for which the places of the plan hold. None when they are not committed: then they are those of the files as they lie there.
    pub(super) places_of: Option<String>,
    /// The project as revisions have it, by commit: several signatures ask for the same ones.
    states: RefCell<BTreeMap<String, Option<Rc<State>>>>,
    /// The specs of the repository through its commits, read when somebody asks for it; what git said when it could not be read.
    past: OnceCell<Result<Past, Failure>>,
}

/// A commit.
pub(super) struct Commit {
    pub(super) hash: String,
    pub(super) parents: Vec<String>,
    /// The addresses of its author and of whoever wrote it with them.
    pub(super) by: Vec<String>,
}

impl<'g> History<'g> {
    pub(crate) fn of(
        git: &'g Git,
        project: &Path,
        root: Option<&Path>,
        migration: &str,
    ) -> Option<History<'g>> {
        let above = git.relative(project)?;
        let above = if above.is_empty() { above } else { format!("{above}/") };
        let parts = |path: &Path| Some(path.canonicalize().ok()?.components().count());
        let up = root.and_then(|root| parts(project)?.checked_sub(parts(root)?)).unwrap_or_default();
        let places = format!("{above}plan/{}", bundle::PLACES);
        let said = |args: &[&str]| {
            git.ask(args).map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()).unwrap_or_default()
        };
        let changed = said(&["status", "--porcelain", "--", places.as_str()]);
        // Who wrote a line above an item since then moved it, and wrote nothing of it.
        let places_of = said(&["log", "-n1", "--format=%H", "--", places.as_str()]);
        let places_of = (changed.is_empty() && !places_of.is_empty()).then_some(places_of);
        let migration = migration.to_owned();
        Some(History {
            git,
            migration,
            above,
            up,
            places_of,
            states: RefCell::default(),
            past: OnceCell::new(),
        })
    }

    pub(super) fn past(&self) -> Result<&Past, &Failure> {
        self.past.get_or_init(|| Past::of(self.git, &self.above, &self.migration)).as_ref()
    }

    /// The folders in which the project lay, today's first: from the repository's top, with `/` at the end unless it is the top.
    pub(super) fn folders(&self) -> &[String] {
        self.past().map_or(std::slice::from_ref(&self.above), |past| &past.folders)
    }

    /// The folders from which the plan named files, those of today first, with `/` at the end unless it is the top.
    pub(super) fn roots(&self) -> Vec<String> {
        let mut roots: Vec<String> = Vec::new();
        for root in self.folders().iter().map(|folder| self.root_of(folder)) {
            if !roots.iter().any(|known| known == root) {
                roots.push(root.to_owned());
            }
        }
        roots
    }

    /// The folder beside which a spec in a folder read nothing, with `/` at the end unless it is the top.
    pub(super) fn root_of<'f>(&self, folder: &'f str) -> &'f str {
        let mut root = folder;
        for _ in 0..self.up {
            let inside = root.trim_end_matches('/');
            root = inside.rfind('/').and_then(|at| inside.get(..=at)).unwrap_or_default();
        }
        root
    }

    /// Whether a file of the project differs from what is committed of it, or is not committed at all.
    pub(crate) fn is_open(&self, file: &str) -> bool {
        let path = format!("{}{file}", self.above);
        let args = ["--literal-pathspecs", "status", "--porcelain", "--ignored", "--", path.as_str()];
        self.git.ask(&args).is_ok_and(|told| !told.is_empty())
    }

    /// The commits in which somebody changed the project, alone or with others, the newest first. What the program writes is left out.
    pub(super) fn commits_of(&self, theirs: &Theirs) -> Vec<Commit> {
        let mut args: Vec<String> =
            ["log", "--full-history", "--topo-order", COMMITS, "HEAD", "--"].map(str::to_owned).into();
        args.extend(self.written_by_people());
        let Ok(bytes) = self.git.ask(&args) else { return Vec::new() };
        let text = String::from_utf8_lossy(&bytes);
        let commits = text.lines().filter_map(commit);
        commits.filter(|commit| self.wrote_as(theirs, commit).is_some()).collect()
    }

    /// What became of the project after a commit, the newest first: the commits that changed it, each with whether it is somebody's, along the
    /// way that leads back to that commit and stays on the branch into which others were merged. None when there are too many.
    pub(super) fn since(&self, hash: &str, theirs: &Theirs) -> Option<Vec<(Commit, bool)>> {
        let range = format!("{hash}..HEAD");
        let lines = |args: &[String]| {
            self.git.ask(args).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let path =
            ["log", "--full-history", "--ancestry-path", COMMITS, range.as_str(), "--"].map(str::to_owned);
        let mut touched: Vec<String> = path.to_vec();
        touched.extend(self.written_by_people());
        let touched = lines(&touched)?;
        let touched: BTreeSet<&str> = touched.lines().filter_map(|line| line.split('\t').next()).collect();
        let all = lines(&path)?;
        let mut all: BTreeMap<String, Commit> =
            all.lines().filter_map(commit).map(|commit| (commit.hash.clone(), commit)).collect();
        let mut found = Vec::new();
        let mut at = self.git.commit("HEAD").ok()?;
        while let Some(commit) = all.remove(&at) {
            let next =
                commit.parents.iter().find(|parent| *parent == hash || all.contains_key(*parent)).cloned();
            if commit.parents.len() > 1 || touched.contains(commit.hash.as_str()) {
                let is_theirs = self.wrote_as(theirs, &commit).is_some();
                found.push((commit, is_theirs));
            }
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        (found.len() <= MOST).then_some(found)
    }

    /// The commits before one, itself included, in which the project changed: the newest ones, along the branch into which others were merged.
    pub(super) fn before(&self, hash: &str) -> Vec<String> {
        let most = format!("-n{MOST}");
        let mut args: Vec<String> =
            ["log", "--first-parent", "--format=%H", most.as_str(), hash, "--"].map(str::to_owned).into();
        args.extend(self.written_by_people());
        let Ok(bytes) = self.git.ask(&args) else { return Vec::new() };
        String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
    }

    /// What a commit changed of the project, against one before it, as git shows it without lines around.
    pub(super) fn difference(&self, before: &str, commit: &str) -> Option<String> {
        let plain = ["-c", "core.quotePath=false", "diff", "--unified=0", "--no-color", "--no-ext-diff"];
        let names = ["--no-textconv", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/"];
        let mut args: Vec<String> = plain.iter().chain(&names).map(|arg| (*arg).to_owned()).collect();
        args.extend([before, commit, "--"].map(str::to_owned));
        args.extend(self.written_by_people());
        self.git.ask(&args).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Whether a file of the project was there in or before a commit.
    pub(super) fn had(&self, hash: &str, file: &str) -> bool {
        let files = self.folders().iter().map(|folder| format!("{folder}{file}"));
        let args = ["--literal-pathspecs", "log", "-n1", "--format=%H", hash, "--"].map(str::to_owned);
        let args: Vec<String> = args.into_iter().chain(files).collect();
        self.git.ask(&args).is_ok_and(|found| !found.is_empty())
    }

    /// What git looks for: the project, wherever it lay, without what the program writes there.
    fn written_by_people(&self) -> Vec<String> {
        let project = |folder: &String| match folder.trim_end_matches('/') {
            "" => ".".to_owned(),
            project => format!(":(literal){project}"),
        };
        let mut all: Vec<String> = self.roots().iter().map(project).collect();
        all.extend(self.written_by_program());
        all
    }

    /// What git leaves out: what the program writes in the project.
    pub(super) fn written_by_program(&self) -> Vec<String> {
        let names = ["plan", "approved", signoffs::FOLDER, documents::STATUS];
        let of = |folder: &String| names.map(|name| format!(":(exclude,literal){folder}{name}"));
        self.folders().iter().flat_map(of).collect()
    }

    /// The project as a revision has it; none when it has none that can be read.
    pub(super) fn state(&self, revision: &str, plan: &Plan) -> Option<Rc<State>> {
        let hash = self.git.commit(revision).ok()?;
        if let Some(known) = self.states.borrow().get(&hash) {
            return known.clone();
        }
        // In the folder where it lay then: another migration may lie today where this one was, or may have lain where it is.
        let read = |folder: &String| {
            let (root, folder) = (self.root_of(folder).trim_end_matches('/'), folder.trim_end_matches('/'));
            let place = self.git.tree(&hash, root).ok()?;
            let tree = place.path().join("tree");
            let root = (self.up > 0).then(|| tree.join(root));
            compiled(&tree.join(folder), root.as_deref(), plan)
        };
        let mut other = None;
        let own = self.folders().iter().find_map(|folder| {
            let state = read(folder)?;
            let is_own = state.is_of(&self.migration);
            if is_own {
                return Some(state);
            }
            other = other.take().or(Some(state));
            None
        });
        let state = own.or(other).map(Rc::new);
        self.states.borrow_mut().insert(hash, state.clone());
        state
    }

    /// How somebody came to the address under which they sign; why that cannot be told.
    pub(super) fn came(&self, who: &str, address: &str) -> Result<Came, &Failure> {
        let past = self.past()?;
        Ok(people::came(past, who, address, &|node| self.hid(past, node, who, address)))
    }

    /// A file as a revision has it, by its path from the repository's top.
    pub(super) fn text(&self, revision: &str, path: &str) -> Option<String> {
        let object = format!("{revision}:{path}");
        let bytes = self.git.ask(&["cat-file", "blob", object.as_str()]).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// How git tells a commit: its name, its parents, its author and whoever wrote it with them.
const COMMITS: &str = "--format=%H%x09%P%x09%ae%x09%(trailers:key=Co-authored-by,valueonly,separator=%x09)";

/// A commit as git tells it.
fn commit(line: &str) -> Option<Commit> {
    let mut parts = line.split('\t');
    let (hash, parents, author) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Commit {
        hash: hash.to_owned(),
        parents: parents.split(' ').filter(|one| !one.is_empty()).map(str::to_owned).collect(),
        by: [author.to_owned()].into_iter().chain(parts.filter_map(mail)).collect(),
    })
}

/// The address in `Ines <ines@pots.example>`.
pub(super) fn mail(who: &str) -> Option<String> {
    who.rsplit_once('<').map(|(_, mail)| mail.trim_end_matches(['>', ' ']).to_owned())
}
