//! `--since`: findings on lines that a branch changed.

use std::collections::BTreeSet;
use std::path::Path;

use cutover::Compilation;

use super::{Changed, joined};
use crate::failure::Failure;
use crate::git::Git;
use crate::output::Located;

/// Leaves errors, what has no place, and what stands on a line that differs from a revision.
pub(super) fn only_changed(
    located: &Located,
    revision: &str,
    compilation: &mut Compilation,
) -> Result<(), Failure> {
    let root = if located.root.as_os_str().is_empty() { Path::new(".") } else { &located.root };
    let Some(git) = Git::of(root) else {
        return Err(
            Failure::new(format!("{} is in no git repository", root.display())).help("leave `--since` out")
        );
    };
    let folder = git.relative(root).unwrap_or_default();
    let (changed, new) = changed(&git, revision, root)?;
    let sources = &compilation.sources;
    compilation.diagnostics.retain(|finding| {
        let Some(span) = finding.span().filter(|_| !finding.is_error()) else { return true };
        let path = joined(&folder, sources.name(span.file));
        if new.contains(&path) {
            return true;
        }
        let Some(lines) = changed.get(&path) else { return false };
        let first = sources.location(span).line;
        let written = sources.slice(span).trim_end_matches(['\r', '\n']);
        let more = u32::try_from(written.matches('\n').count()).unwrap_or(u32::MAX);
        let last = first.saturating_add(more);
        let behind = lines.partition_point(|(_, end)| *end < first);
        lines.get(behind).is_some_and(|(start, _)| *start <= last)
    });
    Ok(())
}

/// Lines that differ from where the branch began, and files that git does not know yet.
fn changed(git: &Git, revision: &str, root: &Path) -> Result<(Changed, BTreeSet<String>), Failure> {
    let begin = git.commit(revision)?;
    // What others did on the other branch in the meantime is not this branch's doing.
    let base = git.ask(&["merge-base", begin.as_str(), "HEAD"]);
    let base = base.map_or(begin, |base| String::from_utf8_lossy(&base).trim().to_owned());
    let root = root
        .canonicalize()
        .map_err(|error| Failure::new(format!("cannot read {}", root.display())).because(error))?;
    let root = root.to_string_lossy().into_owned();
    let diff = git.ask(&[
        "-c",
        "core.quotePath=false",
        "diff",
        "--unified=0",
        "--no-color",
        "--no-ext-diff",
        // Of a file that only moved nothing is told. It may come from anywhere, so all of the repository is looked at.
        "--find-renames",
        "--src-prefix=a/",
        "--dst-prefix=b/",
        base.as_str(),
        "--",
    ])?;
    let new = git.ask(&[
        "--literal-pathspecs",
        "ls-files",
        "-z",
        "--full-name",
        "--others",
        "--exclude-standard",
        "--",
        root.as_str(),
    ])?;
    let new = new.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let new = new.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    Ok((hunks(&String::from_utf8_lossy(&diff)), new))
}

/// The lines of the new side, from the heads of a comparison without context.
fn hunks(diff: &str) -> Changed {
    let mut changed = Changed::new();
    let mut file: Option<String> = None;
    for line in diff.lines() {
        if line.starts_with("diff --git ") {
            file = None;
        } else if let Some(path) = line.strip_prefix("+++ ").filter(|_| file.is_none()) {
            // A path with blanks ends in a tab.
            file = path.strip_prefix("b/").map(|path| path.trim_end_matches('\t').to_owned());
        } else if let Some(head) = line.strip_prefix("@@ -")
            && let Some(file) = &file
            && let Some((first, last)) = new_side(head)
        {
            changed.entry(file.clone()).or_default().push((first, last));
        }
    }
    changed
}

/// `12,3 +14,2 @@`: lines 14 and 15. None when lines were only taken away.
fn new_side(head: &str) -> Option<(u32, u32)> {
    let new = head.split_once(" +")?.1.split_once(" @@")?.0;
    let (first, count) = match new.split_once(',') {
        Some((first, count)) => (first.parse::<u32>().ok()?, count.parse::<u32>().ok()?),
        None => (new.parse::<u32>().ok()?, 1),
    };
    Some((first, first.checked_add(count.checked_sub(1)?)?))
}

#[cfg(test)]
mod tests {
    use super::hunks;

    #[test]
    fn lines_of_the_new_side_are_read() {
        let diff = "diff --git a/x/a b.cutover b/x/a b.cutover\n--- a/x/a b.cutover\t\n+++ b/x/a b.cutover\t\n\
                    @@ -3 +3 @@ head\n-old\n+new\n@@ -7,2 +6,0 @@\n-gone\n-gone\n@@ -20,0 +18,3 @@\n+a\n+b\n++++ c\n\
                    diff --git a/n b/n\n--- /dev/null\n+++ b/n\n@@ -0,0 +1,2 @@\n+a\n+b\n";
        let changed = hunks(diff);
        let found: Vec<_> = changed.into_iter().collect();
        assert_eq!(
            found,
            [("n".to_owned(), vec![(1, 2)]), ("x/a b.cutover".to_owned(), vec![(3, 3), (18, 20)])]
        );
    }
}
