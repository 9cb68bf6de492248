//! Who wrote which lines, as git says it: looked through layout and comments, other names, and files that were only brought back.

use std::collections::{BTreeMap, BTreeSet};

use cutover_diagnostics::FileId;
use cutover_plan::Plan;
use cutover_syntax::again::Parsed;

use super::hidden::equal;
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
        plan: &Plan,
        (file, from, to): (&str, u32, u32),
        is_naming: &dyn Fn(&str) -> bool,
    ) -> Option<String> {
        let path = format!("{}{file}", self.root_of(&self.above));
        let ranges = vec![(u64::from(from), u64::from(to))];
        let mut open = vec![Lines { revision: self.places_of.clone(), path, ranges }];
        for _ in 0..MOST {
            let lines = open.pop()?;
            if let Some(address) = self.wrote_of(theirs, plan, &lines, &mut open, is_naming) {
                return Some(address);
            }
        }
        Some(theirs.today.clone())
    }

    /// The same for lines of one revision. What a commit only brought back was written before that, and is still to be asked about.
    fn wrote_of(
        &self,
        theirs: &Theirs,
        plan: &Plan,
        lines: &Lines,
        open: &mut Vec<Lines>,
        is_naming: &dyn Fn(&str) -> bool,
    ) -> Option<String> {
        let mut aside = BTreeSet::new();
        for _ in 0..MOST {
            let mut blamed = self.blame(lines, &aside);
            blamed.retain(|commit, _| !aside.contains(commit));
            let people = self.people(&blamed);
            let (mut stood, mut layout) = (Vec::new(), Vec::new());
            for (commit, file) in &blamed {
                let author = people.get(commit).map(|(author, _)| author);
                let author = author.filter(|author| self.is_theirs(theirs, commit, author));
                if author.is_some() && self.is_layout(commit, file) {
                    layout.push(commit.clone());
                    continue;
                }
                // What somebody else wrote anew in a file that stood there is theirs.
                if author.is_none() && file.before.is_some() {
                    continue;
                }
                let is_written = self.stood_before(commit, file, plan, &mut stood);
                match author {
                    Some(_) if is_written && is_naming(commit) => layout.push(commit.clone()),
                    Some(author) if is_written => return Some(author.clone()),
                    _ => {}
                }
            }
            if layout.is_empty() {
                open.extend(stood);
                return None;
            }
            aside.extend(layout);
        }
        Some(theirs.today.clone())
    }

    /// Finds where lines of a commit stood before: in its file when that went, or in the last version that could be read, if the one before it
    /// could not. Whether the commit wrote others that stood in neither.
    fn stood_before(&self, commit: &str, file: &Blamed, plan: &Plan, stood: &mut Vec<Lines>) -> bool {
        let mut left = file.lines.clone();
        let Some(text) = self.text(commit, &file.path) else { return true };
        for (revision, path) in self.went(commit, file).into_iter().chain(self.last_read(commit, file, plan))
        {
            let Some(old) = self.text(&revision, &path) else { continue };
            let carried = carried(&old, &text, &left);
            left = carried.written;
            if !carried.stood.is_empty() {
                let ranges = carried.stood.into_iter().map(|line| (line, line)).collect();
                stood.push(Lines { revision: Some(revision), path, ranges });
            }
        }
        !left.is_empty()
    }

    /// The version of a file before it went, when it came with a commit into which it was brought back, and its name there.
    fn went(&self, commit: &str, file: &Blamed) -> Option<(String, String)> {
        if file.before.is_some() {
            return None;
        }
        let how = ["--literal-pathspecs", "log", "-n1", "--full-history", "--topo-order", "--no-renames"];
        let what = ["--diff-filter=D", "--format=%P", commit, "--", file.path.as_str()];
        let told = self.git.ask(&[&how[..], &what[..]].concat()).ok()?;
        // The commit that took it away has one parent: `log` tells nothing of merges.
        let parent = String::from_utf8_lossy(&told).trim().to_owned();
        (!parent.is_empty()).then(|| (parent, file.path.clone()))
    }

    /// The last version before a commit that could be read, when the one before it could not be, and what the file was called there.
    fn last_read(&self, commit: &str, file: &Blamed, plan: &Plan) -> Option<(String, String)> {
        let is_read = |revision: &str| self.state(revision, plan).is_some_and(|state| state.finished);
        let parent = self.git.commit(&format!("{commit}^")).ok()?;
        if is_read(&parent) {
            return None;
        }
        let last = self.before(&parent).into_iter().find(|revision| is_read(revision))?;
        let touched = self.touched(&last, commit);
        let was = touched.into_iter().find(|(name, _)| *name == file.path);
        let path = was.map_or_else(|| Some(file.path.clone()), |(_, was)| was)?;
        Some((last, path))
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
    words_at(text).into_iter().map(|(word, _)| word).collect()
}

/// The same, each with its line, from 1.
fn words_at(text: &str) -> Vec<(String, u32)> {
    let parsed = Parsed::new(FileId(0), &text.into());
    let items = parsed.tree.items.iter();
    let words = items.flat_map(|item| {
        item.terms.iter().map(move |term| (item.raw(*term).to_owned(), item.span(term.range).start))
    });
    let starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
    words
        .map(|(word, start)| {
            let above = starts.partition_point(|begins| *begins <= start as usize);
            (word, u32::try_from(above).map_or(u32::MAX, |above| above.saturating_add(1)))
        })
        .collect()
}

/// What became of lines that somebody wrote.
struct Carried {
    /// The lines of the older text, word by word the same.
    stood: BTreeSet<u64>,
    /// The others. Blanks and comments are neither.
    written: Vec<u64>,
}

/// Looks for lines of a text in an older one. A line stood there when all of its words did, and no word is gone beside these.
fn carried(old: &str, text: &str, lines: &[u64]) -> Carried {
    let [old, new] = [old, text].map(words_at);
    let [before, after] =
        [&old, &new].map(|words| words.iter().map(|(word, line)| (word.as_str(), *line)).collect::<Vec<_>>());
    let equal = equal(&before, &after);
    let from: BTreeMap<usize, usize> = equal.iter().map(|(old, new)| (*new, *old)).collect();
    let changed: BTreeSet<u32> =
        (0..).zip(&old).filter(|(at, _)| !equal.contains_key(at)).map(|(_, word)| word.1).collect();
    let mut of_line: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (at, (_, line)) in new.iter().enumerate() {
        of_line.entry(u64::from(*line)).or_default().push(at);
    }
    let texts: Vec<&str> = text.lines().collect();
    let mut carried = Carried { stood: BTreeSet::new(), written: Vec::new() };
    for line in lines {
        let Some(words) = of_line.get(line) else {
            let text = usize::try_from(*line).ok().and_then(|line| texts.get(line.checked_sub(1)?));
            let text = text.map_or("", |text| text.trim_matches(['{', '}', ';', ' ', '\t']));
            if !text.is_empty() && !text.starts_with('#') {
                carried.written.push(*line);
            }
            continue;
        };
        let lines: Option<Vec<u32>> = words.iter().map(|at| Some(old.get(*from.get(at)?)?.1)).collect();
        match lines.filter(|lines| lines.iter().all(|line| !changed.contains(line))) {
            Some(lines) => carried.stood.extend(lines.into_iter().map(u64::from)),
            None => carried.written.push(*line),
        }
    }
    carried
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
