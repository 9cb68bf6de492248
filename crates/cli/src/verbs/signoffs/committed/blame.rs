//! Who wrote which lines, as git says it: looked through layout and comments, other names, and files that were only brought back.

use std::collections::{BTreeMap, BTreeSet};

use cutover_diagnostics::FileId;
use cutover_syntax::again::Parsed;

use super::history::{History, MOST};
use super::past::{Node, Past};
use super::said;
use super::theirs::Theirs;

/// Where a commit wrote lines.
#[derive(Default)]
struct Blamed {
    /// The file, from the repository's top, as it was called then.
    path: String,
    /// The commit before, and how the file was called there; none where it came with this one.
    before: Option<(String, String)>,
    /// The lines, as they were counted then.
    lines: Vec<u64>,
}

/// Lines of a file, named from the repository's top, as a revision has it; without one, as it lies there.
struct Lines {
    revision: Option<String>,
    path: String,
    /// From which to which.
    ranges: Vec<(u64, u64)>,
}

impl History<'_> {
    /// Who committed a line of a file as it lies there; none when it is not committed.
    pub(super) fn committer(&self, file: &str, line: usize) -> Option<String> {
        let line = line as u64;
        let lines =
            Lines { revision: None, path: format!("{}{file}", self.above), ranges: vec![(line, line)] };
        let blamed = self.blame(&lines, &BTreeSet::new());
        self.people(&blamed).into_values().map(|(_, committer)| committer).next()
    }

    /// The address from which somebody wrote a word of some lines of the spec; none when they wrote none. Who moved blanks or wrote a comment
    /// wrote none, nor who made a commit of which `is_naming` says so.
    pub(super) fn wrote(
        &self,
        theirs: &Theirs,
        (file, from, to): (&str, u32, u32),
        is_naming: &dyn Fn(&str) -> bool,
    ) -> Option<String> {
        let path = format!("{}{file}", self.root_of(&self.above));
        let ranges = vec![(u64::from(from), u64::from(to))];
        let mut open = vec![Lines { revision: self.places_of.clone(), path, ranges }];
        for _ in 0..MOST {
            let lines = open.pop()?;
            if let Some(address) = self.wrote_of(theirs, &lines, &mut open, is_naming) {
                return Some(address);
            }
        }
        Some(theirs.today.clone())
    }

    /// The same for lines of one revision. What a commit only brought back was written before that, and is still to be asked about.
    fn wrote_of(
        &self,
        theirs: &Theirs,
        lines: &Lines,
        open: &mut Vec<Lines>,
        is_naming: &dyn Fn(&str) -> bool,
    ) -> Option<String> {
        let mut aside = BTreeSet::new();
        for _ in 0..MOST {
            let mut blamed = self.blame(lines, &aside);
            blamed.retain(|commit, _| !aside.contains(commit));
            for (commit, file) in &blamed {
                if let Some(lines) = self.brought_back(commit, file) {
                    open.push(lines);
                    aside.insert(commit.clone());
                }
            }
            let own: BTreeMap<String, String> = self
                .people(&blamed)
                .into_iter()
                .filter(|(commit, (author, _))| {
                    !aside.contains(commit) && self.is_theirs(theirs, commit, author)
                })
                .map(|(commit, (author, _))| (commit, author))
                .collect();
            if own.is_empty() {
                return None;
            }
            let is_layout =
                |commit: &String| blamed.get(commit).is_some_and(|files| self.is_layout(commit, files));
            for (commit, author) in own {
                if !is_layout(&commit) && !is_naming(&commit) {
                    return Some(author);
                }
                aside.insert(commit);
            }
        }
        Some(theirs.today.clone())
    }

    /// Where lines stood before that came with a commit in a file that was gone, and that is again what it was when it went.
    fn brought_back(&self, commit: &str, file: &Blamed) -> Option<Lines> {
        if file.before.is_some() {
            return None;
        }
        let how =
            ["--literal-pathspecs", "log", "-n1", "--full-history", "--topo-order", "--raw", "--no-abbrev"];
        let what = ["--no-renames", "--diff-filter=D", "--format=%P", commit, "--", file.path.as_str()];
        let told = self.git.ask(&[&how[..], &what[..]].concat()).ok()?;
        let told = String::from_utf8_lossy(&told).into_owned();
        // The commit that took it away has one parent: `log` tells nothing of merges. `:100644 000000 <what it was> 0000 D`.
        let (parent, rest) = told.split_once('\n')?;
        let went = rest.trim_start().split(' ').nth(2)?;
        let object = format!("{commit}:{}", file.path);
        let came = self.git.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &object]).ok()?;
        let is_same = String::from_utf8_lossy(&came).trim() == went;
        is_same.then(|| Lines {
            revision: Some(parent.to_owned()),
            path: file.path.clone(),
            ranges: file.lines.iter().map(|line| (*line, *line)).collect(),
        })
    }

    /// Whoever wrote the line that gives somebody an address in commits before that one, where the team could not be read.
    pub(super) fn hid(&self, past: &Past, node: &Node, who: &str, address: &str) -> BTreeSet<String> {
        let lines = node.files.iter().filter_map(|file| {
            let line = said::line_of(&self.text(&node.hash, file)?, who, address)? as u64;
            let revision = Some(node.hash.clone());
            Some(Lines { revision, path: file.to_string(), ranges: vec![(line, line)] })
        });
        let blamed = lines.map(|lines| self.blame(&lines, &BTreeSet::new()).into_keys());
        // Where it could be read, it was judged by itself.
        let hidden = blamed.flatten().filter(|hash| !past.says(hash, who, address));
        hidden.flat_map(|hash| super::past::hands(self.git, &hash)).collect()
    }

    /// Whether a commit changed nothing of a file but its layout and its comments.
    fn is_layout(&self, commit: &str, file: &Blamed) -> bool {
        let words = |revision: &str, path: &str| Some(words(&self.text(revision, path)?));
        let Some((parent, before)) = &file.before else { return false };
        words(commit, &file.path).is_some_and(|now| words(parent, before) == Some(now))
    }

    /// The commits of lines, without some that are looked through. Git follows a file that got another name.
    fn blame(&self, lines: &Lines, aside: &BTreeSet<String>) -> BTreeMap<String, Blamed> {
        let mut args = ["blame", "-w", "--line-porcelain"].map(str::to_owned).to_vec();
        args.extend(lines.ranges.iter().map(|(from, to)| {
            let to = if *to >= u64::from(u32::MAX) { String::new() } else { to.to_string() };
            format!("-L{from},{to}")
        }));
        args.extend(aside.iter().map(|commit| format!("--ignore-rev={commit}")));
        args.extend(lines.revision.clone());
        args.extend(["--".to_owned(), lines.path.clone()]);
        let Ok(bytes) = self.git.ask(&args) else { return BTreeMap::new() };
        let text = String::from_utf8_lossy(&bytes);
        let is_commit = |word: &str| word.len() >= 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut found: BTreeMap<String, Blamed> = BTreeMap::new();
        let mut current = String::new();
        for line in text.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            // What is not committed yet stands under a name of zeros.
            if is_commit(word) {
                current = if word.bytes().any(|byte| byte != b'0') { word.to_owned() } else { String::new() };
                if let Some(Ok(line)) = rest.split(' ').next().map(str::parse)
                    && !current.is_empty()
                {
                    found.entry(current.clone()).or_default().lines.push(line);
                }
            }
            match word {
                _ if current.is_empty() || line.starts_with('\t') => {}
                "previous" => {
                    let before =
                        rest.split_once(' ').map(|(commit, path)| (commit.to_owned(), unquoted(path)));
                    found.entry(current.clone()).or_default().before = before;
                }
                "filename" => found.entry(current.clone()).or_default().path = unquoted(rest),
                _ => {}
            }
        }
        found
    }

    /// Who wrote and who committed each commit, as it says itself: a `.mailmap` gives people other addresses.
    fn people(&self, commits: &BTreeMap<String, Blamed>) -> BTreeMap<String, (String, String)> {
        let mut found = BTreeMap::new();
        for some in commits.keys().collect::<Vec<_>>().chunks(200) {
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

/// The words of a spec, without layout and comments.
fn words(text: &str) -> Vec<String> {
    let parsed = Parsed::new(FileId(0), &text.into());
    let items = parsed.tree.items.iter();
    items.flat_map(|item| item.terms.iter().map(|term| item.raw(*term).to_owned())).collect()
}

/// A path as git writes it: in quotes when it holds a quote or a character that is none.
fn unquoted(path: &str) -> String {
    let Some(inner) = path.strip_prefix('"').and_then(|path| path.strip_suffix('"')) else {
        return path.to_owned();
    };
    let (mut bytes, mut rest) = (Vec::new(), inner.bytes());
    while let Some(byte) = rest.next() {
        let escaped = if byte == b'\\' { rest.next() } else { None };
        bytes.push(match escaped {
            None => byte,
            Some(b't') => b'\t',
            Some(b'n') => b'\n',
            Some(digit @ b'0'..=b'3') => {
                let two = [rest.next(), rest.next()]
                    .map(|digit| digit.map_or(0, |digit| digit.wrapping_sub(b'0') & 7));
                two.into_iter().fold(digit - b'0', |sum, digit| sum.wrapping_mul(8).wrapping_add(digit))
            }
            Some(other) => other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{unquoted, words};

    #[test]
    fn layout_and_comments_are_no_words() {
        let text = "edition 1\n\nteam small {\n  ines \"Ines\"  role decision_maker  git \"i@x.example\"  # the boss\n}\n";
        let other =
            "edition 1\nteam small {\n\n# here\n  ines \"Ines\" role decision_maker   git \"i@x.example\"\n}";
        assert_eq!(words(text), words(other));
        assert_ne!(words(text), words(&text.replace("i@x", "k@x")));
    }

    #[test]
    fn paths_are_read_as_git_writes_them() {
        assert_eq!(unquoted("a b/c.cutover"), "a b/c.cutover");
        assert_eq!(unquoted(r#""t\303\266pfe\t\"x\".cutover""#), "töpfe\t\"x\".cutover");
    }
}
