//! The past of a project's files: who wrote which line, and under which address somebody signed before.

use std::collections::BTreeSet;
use std::path::Path;

use cutover_diagnostics::FileId;
use cutover_ir::Id;
use cutover_plan::bundle::{self, Places};
use cutover_syntax::again::Parsed;
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::value::{plain_name, unquote};

use super::same;
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
        Some(History { git, above, places_of })
    }

    /// Who committed a line of a file as it lies there; none when it is not committed.
    pub(super) fn committer(&self, file: &str, line: usize) -> Option<String> {
        let blamed = self.blame(None, file, line as u64, line as u64, &BTreeSet::new());
        blamed.into_iter().map(|line| line.committer).find(|mail| mail != "not.committed.yet")
    }

    /// Whether somebody wrote a word of some lines of the spec. Who moved blanks or wrote a comment wrote none.
    pub(super) fn wrote(&self, address: &str, file: &str, from: u32, to: u32) -> bool {
        let mut aside = BTreeSet::new();
        for _ in 0..MOST {
            let blamed = self.blame(self.places_of.as_deref(), file, u64::from(from), u64::from(to), &aside);
            let theirs: BTreeSet<String> = blamed
                .into_iter()
                .filter(|line| same(&line.author, address) && !aside.contains(&line.commit))
                .map(|line| line.commit)
                .collect();
            let layout: BTreeSet<String> =
                theirs.iter().filter(|commit| self.is_layout(commit, file)).cloned().collect();
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
        let pickaxe = format!("-S{address}");
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

    /// Who wrote and committed each line, from one to another, of a file as a revision has it or as it lies there.
    fn blame(
        &self,
        revision: Option<&str>,
        file: &str,
        from: u64,
        to: u64,
        aside: &BTreeSet<String>,
    ) -> Vec<Blamed> {
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
        let Ok(bytes) = self.git.ask(&args) else { return Vec::new() };
        let text = String::from_utf8_lossy(&bytes);
        let mut found: Vec<Blamed> = Vec::new();
        for line in text.lines() {
            let mail = |rest: &str| rest.trim().trim_start_matches('<').trim_end_matches('>').to_owned();
            let first = line.split(' ').next().unwrap_or_default();
            if first.len() >= 40 && first.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                found.push(Blamed { commit: first.to_owned(), ..Blamed::default() });
            } else if let Some(last) = found.last_mut() {
                if let Some(rest) = line.strip_prefix("author-mail ") {
                    last.author = mail(rest);
                } else if let Some(rest) = line.strip_prefix("committer-mail ") {
                    last.committer = mail(rest);
                }
            }
        }
        found
    }
}

/// Who a line is from.
#[derive(Default)]
struct Blamed {
    commit: String,
    author: String,
    committer: String,
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
