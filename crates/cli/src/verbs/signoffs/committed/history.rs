//! The past of a project's files: who wrote which line, and under which address somebody signed before.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use cutover_diagnostics::FileId;
use cutover_ir::Id;
use cutover_plan::Plan;
use cutover_plan::bundle::{self, Places};
use cutover_plan::{documents, signoffs};
use cutover_syntax::again::Parsed;
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::value::{plain_name, unquote};

use super::same;
use super::work::{State, compiled};
use crate::git::Git;

/// How many commits are looked at for one question.
const MOST: usize = 50;

/// A project in its repository.
pub(crate) struct History<'g> {
    pub(super) git: &'g Git,
    /// The project's folder from the repository's top, with `/` at its end unless it is the top.
    above: String,
    /// The commit for which the places of the plan hold. None when they are not committed: then they are those of the files as they lie there.
    places_of: Option<String>,
    /// The project as revisions have it, by commit: several signatures ask for the same ones.
    states: RefCell<BTreeMap<String, Option<Rc<State>>>>,
}

/// A commit of somebody.
pub(super) struct Commit {
    pub(super) hash: String,
    pub(super) parents: Vec<String>,
}

impl<'g> History<'g> {
    pub(crate) fn of(git: &'g Git, project: &Path) -> Option<History<'g>> {
        let above = git.relative(project)?;
        let above = if above.is_empty() { above } else { format!("{above}/") };
        let places = format!("{above}plan/{}", bundle::PLACES);
        let said = |args: &[&str]| {
            git.ask(args).map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()).unwrap_or_default()
        };
        let changed = said(&["status", "--porcelain", "--", places.as_str()]);
        // Who wrote a line above an item since then moved it, and wrote nothing of it.
        let places_of = said(&["log", "-n1", "--format=%H", "--", places.as_str()]);
        let places_of = (changed.is_empty() && !places_of.is_empty()).then_some(places_of);
        Some(History { git, above, places_of, states: RefCell::default() })
    }

    /// Who committed a line of a file as it lies there; none when it is not committed.
    pub(super) fn committer(&self, file: &str, line: usize) -> Option<String> {
        let blamed = self.blame(None, file, line as u64, line as u64, &BTreeSet::new());
        self.people(&blamed).into_values().map(|(_, committer)| committer).next()
    }

    /// The commits in which somebody changed the project, alone or with others, the newest first. What the program writes is left out.
    pub(super) fn commits_of(&self, address: &str) -> Vec<Commit> {
        let mut args: Vec<String> =
            ["log", "--full-history", "--topo-order", COMMITS, "HEAD", "--"].map(str::to_owned).into();
        args.extend(self.written_by_people());
        let Ok(bytes) = self.git.ask(&args) else { return Vec::new() };
        let text = String::from_utf8_lossy(&bytes);
        let commits = text.lines().filter_map(|line| commit(line, address));
        commits.filter_map(|(commit, theirs)| theirs.then_some(commit)).collect()
    }

    /// What became of the project after a commit, the newest first: the commits that changed it, each with whether it is somebody's, along the
    /// way that leads back to that commit and stays on the branch into which others were merged. None when there are too many.
    pub(super) fn since(&self, hash: &str, address: &str) -> Option<Vec<(Commit, bool)>> {
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
        let mut all: BTreeMap<String, (Commit, bool)> = all
            .lines()
            .filter_map(|line| commit(line, address))
            .map(|(commit, theirs)| (commit.hash.clone(), (commit, theirs)))
            .collect();
        let mut found = Vec::new();
        let mut at = self.git.commit("HEAD").ok()?;
        while let Some((commit, theirs)) = all.remove(&at) {
            let next =
                commit.parents.iter().find(|parent| *parent == hash || all.contains_key(*parent)).cloned();
            if commit.parents.len() > 1 || touched.contains(commit.hash.as_str()) {
                found.push((commit, theirs));
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

    /// What a commit changed of the project, against what it was made on, as git shows it without lines around.
    pub(super) fn difference(&self, commit: &Commit) -> Option<String> {
        let plain = ["-c", "core.quotePath=false", "diff", "--unified=0", "--no-color", "--no-ext-diff"];
        let names = ["--no-textconv", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/"];
        let mut args: Vec<String> = plain.iter().chain(&names).map(|arg| (*arg).to_owned()).collect();
        args.extend([commit.parents.first()?.clone(), commit.hash.clone(), "--".to_owned()]);
        args.extend(self.written_by_people());
        self.git.ask(&args).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The project's folder from the repository's top, with `/` at its end unless it is the top.
    pub(super) fn above(&self) -> &str {
        &self.above
    }

    /// Whether a file was there in or before a commit.
    pub(super) fn had(&self, hash: &str, file: &str) -> bool {
        let file = format!("{}{file}", self.above);
        let args = ["--literal-pathspecs", "log", "-n1", "--format=%H", hash, "--", file.as_str()];
        self.git.ask(&args).is_ok_and(|found| !found.is_empty())
    }

    /// What git looks for: the project, without what the program writes there.
    fn written_by_people(&self) -> Vec<String> {
        let of = |name: &str| format!(":(exclude,literal){}{name}", self.above);
        let project = self.above.trim_end_matches('/');
        let mut all = vec![if project.is_empty() { ".".to_owned() } else { format!(":(literal){project}") }];
        all.extend(["plan", "approved", signoffs::FOLDER, documents::STATUS].map(of));
        all
    }

    /// The project as a revision has it; none when it has none that can be read.
    pub(super) fn state(&self, revision: &str, plan: &Plan) -> Option<Rc<State>> {
        let hash = self.git.commit(revision).ok()?;
        if let Some(known) = self.states.borrow().get(&hash) {
            return known.clone();
        }
        let folder = self.above.trim_end_matches('/');
        let read = || {
            let place = self.git.tree(&hash, folder).ok()?;
            compiled(&place.path().join("tree").join(folder), plan).map(Rc::new)
        };
        let state = read();
        self.states.borrow_mut().insert(hash, state.clone());
        state
    }

    /// Whether somebody wrote a word of some lines of the spec. Who moved blanks or wrote a comment wrote none, nor who made a commit of which
    /// `is_naming` says so.
    pub(super) fn wrote(
        &self,
        address: &str,
        (file, from, to): (&str, u32, u32),
        is_naming: &dyn Fn(&str) -> bool,
    ) -> bool {
        let mut aside = BTreeSet::new();
        for _ in 0..MOST {
            let blamed = self.blame(self.places_of.as_deref(), file, u64::from(from), u64::from(to), &aside);
            let theirs: BTreeSet<String> = self
                .people(&blamed)
                .into_iter()
                .filter(|(commit, (author, _))| same(author, address) && !aside.contains(commit))
                .map(|(commit, _)| commit)
                .collect();
            let layout: BTreeSet<String> = theirs
                .iter()
                .filter(|commit| self.is_layout(commit, file) || is_naming(commit))
                .cloned()
                .collect();
            if layout.len() < theirs.len() {
                return true;
            }
            if layout.is_empty() {
                return false;
            }
            aside.extend(layout);
        }
        true
    }

    /// The address under which somebody signed before they wrote the present one themselves; none when somebody else wrote it, or when there
    /// was none before.
    pub(super) fn took_over(&self, places: &Places, by: &str, address: &str) -> Option<String> {
        let file = &places.get(&Id::new(["person", by]))?.file;
        let path = format!("{}{file}", self.above);
        // Not how often it stands there: two people may change places.
        let pickaxe = format!("-G{}", literally(address));
        let most = format!("-n{MOST}");
        let args = ["log", "--format=%H %ae", most.as_str(), pickaxe.as_str(), "--", path.as_str()];
        let commits = self.git.ask(&args).ok()?;
        let commits = String::from_utf8_lossy(&commits).into_owned();
        // The newest commit that gave them this address.
        commits.lines().filter_map(|line| line.split_once(' ')).find_map(|(commit, author)| {
            let had = |revision: &str| address_of(&self.text(revision, file)?, by);
            if !had(commit).is_some_and(|now| same(&now, address)) {
                return None;
            }
            let before = had(&format!("{commit}^"));
            match before {
                Some(before) if same(&before, address) => None,
                before => Some(before.filter(|_| same(author, address))),
            }
        })?
    }

    /// Whether a commit changed nothing of a file but its layout and its comments.
    fn is_layout(&self, commit: &str, file: &str) -> bool {
        let words = |revision: &str| Some(words(&self.text(revision, file)?));
        words(commit).is_some_and(|now| words(&format!("{commit}^")) == Some(now))
    }

    /// A file of the project as a revision has it.
    fn text(&self, revision: &str, file: &str) -> Option<String> {
        let object = format!("{revision}:{}{file}", self.above);
        let bytes = self.git.ask(&["cat-file", "blob", object.as_str()]).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The commits of each line, from one to another, of a file as a revision has it or as it lies there.
    fn blame(
        &self,
        revision: Option<&str>,
        file: &str,
        from: u64,
        to: u64,
        aside: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        let to = if to >= u64::from(u32::MAX) { String::new() } else { to.to_string() };
        let mut args = vec![
            "blame".to_owned(),
            "-w".to_owned(),
            "--line-porcelain".to_owned(),
            format!("-L{from},{to}"),
        ];
        args.extend(aside.iter().map(|commit| format!("--ignore-rev={commit}")));
        args.extend(revision.map(str::to_owned));
        args.extend(["--".to_owned(), format!("{}{file}", self.above)]);
        let Ok(bytes) = self.git.ask(&args) else { return BTreeSet::new() };
        let text = String::from_utf8_lossy(&bytes);
        let first = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        let commit = |word: &String| word.len() >= 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        // What is not committed yet stands under a name of zeros.
        let commits = text.lines().map(first).filter(commit);
        commits.filter(|commit| commit.bytes().any(|byte| byte != b'0')).collect()
    }

    /// Who wrote and who committed each commit, as it says itself: a `.mailmap` gives people other addresses.
    fn people(&self, commits: &BTreeSet<String>) -> BTreeMap<String, (String, String)> {
        let mut found = BTreeMap::new();
        for some in commits.iter().collect::<Vec<_>>().chunks(200) {
            let mut args = vec!["show", "--no-patch", "--format=%H%x09%ae%x09%ce"];
            args.extend(some.iter().map(|commit| commit.as_str()));
            let Ok(bytes) = self.git.ask(&args) else { continue };
            for line in String::from_utf8_lossy(&bytes).lines() {
                let mut parts = line.split('\t').map(str::to_owned);
                if let (Some(commit), Some(author), Some(committer)) =
                    (parts.next(), parts.next(), parts.next())
                {
                    found.insert(commit, (author, committer));
                }
            }
        }
        found
    }
}

/// How git tells a commit: its name, its parents, its author and whoever wrote it with them.
const COMMITS: &str = "--format=%H%x09%P%x09%ae%x09%(trailers:key=Co-authored-by,valueonly,separator=%x09)";

/// A commit as git tells it, and whether it is the work of somebody, alone or with others.
fn commit(line: &str, address: &str) -> Option<(Commit, bool)> {
    let mut parts = line.split('\t');
    let (hash, parents, author) = (parts.next()?, parts.next()?, parts.next()?);
    let mail = |who: &str| who.rsplit_once('<').map(|(_, mail)| mail.trim_end_matches(['>', ' ']).to_owned());
    let with = parts.filter_map(mail).any(|mail| same(&mail, address));
    let commit = Commit {
        hash: hash.to_owned(),
        parents: parents.split(' ').filter(|one| !one.is_empty()).map(str::to_owned).collect(),
    };
    Some((commit, with || same(author, address)))
}

/// The words of a spec, without layout and comments.
fn words(text: &str) -> Vec<String> {
    let parsed = Parsed::new(FileId(0), &text.into());
    let items = parsed.tree.items.iter();
    items.flat_map(|item| item.terms.iter().map(|term| item.raw(*term).to_owned())).collect()
}

/// The address under which somebody signs, by a spec's team.
fn address_of(text: &str, by: &str) -> Option<String> {
    let parsed = Parsed::new(FileId(0), &text.into());
    let teams = parsed.tree.items.iter().filter(|item| item.keyword == Some(ItemKw::Team));
    teams.into_iter().find_map(|item| {
        let line = item
            .body_lines()
            .iter()
            .find(|line| item.get(line.lead).first().is_some_and(|term| plain_name(item.raw(*term)) == by))?;
        let said = item.get(line.clause(ClauseKw::Git)?.terms).first()?;
        Some(unquote(item.raw(*said)).into_owned())
    })
}

/// A text as a pattern that matches nothing else.
fn literally(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        if !c.is_alphanumeric() && c.is_ascii() {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::{address_of, words};

    #[test]
    fn layout_and_comments_are_no_words() {
        let text = "edition 1\n\nteam small {\n  ines \"Ines\"  role decision_maker  git \"i@x.example\"  # the boss\n}\n";
        let other =
            "edition 1\nteam small {\n\n# here\n  ines \"Ines\" role decision_maker   git \"i@x.example\"\n}";
        assert_eq!(words(text), words(other));
        assert_ne!(words(text), words(&text.replace("i@x", "k@x")));
        assert_eq!(address_of(text, "ines").as_deref(), Some("i@x.example"));
        assert_eq!(address_of(text, "tom"), None);
    }
}
