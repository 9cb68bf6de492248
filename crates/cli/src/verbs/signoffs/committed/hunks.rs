//! Where a commit changed the files of a project: the place that somebody sees who looks at the commit.

use std::collections::BTreeMap;

use cutover_ir::Id;
use cutover_plan::bundle::{Place, Places};

use super::history::History;
use super::lines;

/// How many files are named.
const MOST: usize = 3;

/// Lines that a commit wrote in a file, or the line above which it took some out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hunk {
    from: u32,
    to: u32,
}

/// Where a commit made a change of a thing: the lines of the thing itself where it touched these, else the files that it changed.
pub(super) fn place(
    history: &History<'_>,
    difference: Option<&str>,
    places: &Places,
    id: &Id,
    known: Option<&Place>,
) -> Option<String> {
    let Some(text) = difference else { return known.map(written) };
    let hunks = read(text, &history.roots());
    named(&hunks, lines(places, id), known)
}

fn named(
    hunks: &BTreeMap<String, Vec<Hunk>>,
    lines: Option<(String, u32, u32)>,
    known: Option<&Place>,
) -> Option<String> {
    let within = |file: &str, from: u32, to: u32| {
        let hunk = hunks.get(file)?.iter().find(|hunk| hunk.from <= to && from <= hunk.to)?;
        Some(hunk.from.max(from))
    };
    if let Some(known) = known.filter(|known| within(&known.file, known.line, known.line).is_some()) {
        return Some(written(known));
    }
    if let Some((file, from, to)) = &lines
        && let Some(line) = within(file, *from, *to)
    {
        return Some(format!("{file}:{line}"));
    }
    // What it rests on stands elsewhere: below the thing, in a part of the spec, an inventory, a list.
    let first = |file: &String, hunks: &[Hunk]| {
        let from = lines.as_ref().filter(|(own, ..)| own == file).map_or(0, |(_, from, _)| *from);
        hunks.iter().find(|hunk| hunk.to >= from).or(hunks.first()).map(|hunk| hunk.from)
    };
    let mut files: Vec<(&String, u32)> =
        hunks.iter().filter_map(|(file, hunks)| Some((file, first(file, hunks)?))).collect();
    files.sort_by_key(|(file, _)| (!file.ends_with(".cutover"), *file));
    let shown: Vec<String> = files.iter().take(MOST).map(|(file, line)| format!("{file}:{line}")).collect();
    match files.len().saturating_sub(MOST) {
        _ if shown.is_empty() => known.map(written),
        0 => Some(shown.join(", ")),
        more => Some(format!("{} and {more} more", shown.join(", "))),
    }
}

fn written(place: &Place) -> String {
    format!("{}:{}", place.file, place.line)
}

/// The changed lines by file, as `git diff --unified=0` tells them; paths are told from the project's folder,
/// wherever it lay.
fn read(text: &str, folders: &[String]) -> BTreeMap<String, Vec<Hunk>> {
    let mut found: BTreeMap<String, Vec<Hunk>> = BTreeMap::new();
    let (mut before, mut file) = (None, None);
    // How many lines of a hunk are still to come: what stands in them is no head of anything.
    let (mut old, mut new) = (0, 0);
    let path = |name: &str, prefix: &str| {
        let name = name.trim_end_matches('\t').strip_prefix(prefix)?;
        folders.iter().find_map(|above| name.strip_prefix(above.as_str())).map(str::to_owned)
    };
    for line in text.lines() {
        match line.bytes().next() {
            Some(b'-') if old > 0 => old -= 1,
            Some(b'+') if new > 0 => new -= 1,
            _ => {
                if let Some(name) = line.strip_prefix("--- ") {
                    before = path(name, "a/");
                } else if let Some(name) = line.strip_prefix("+++ ") {
                    file = path(name, "b/").or_else(|| before.take());
                } else if let Some((removed, from, count)) = head(line) {
                    (old, new) = (removed, count);
                    let from = from.max(1);
                    if let Some(file) = &file {
                        let hunk = Hunk { from, to: from + count.saturating_sub(1) };
                        found.entry(file.clone()).or_default().push(hunk);
                    }
                }
            }
        }
    }
    found
}

/// `@@ -12,3 +14,2 @@`: how many lines were taken out, and where how many were written.
fn head(line: &str) -> Option<(u32, u32, u32)> {
    let mut words = line.strip_prefix("@@ ")?.split(' ');
    let range = |word: &str, sign: char| {
        let word = word.strip_prefix(sign)?;
        let (from, count) = word.split_once(',').unwrap_or((word, "1"));
        Some((from.parse::<u32>().ok()?, count.parse::<u32>().ok()?))
    };
    let (_, removed) = range(words.next()?, '-')?;
    let (from, count) = range(words.next()?, '+')?;
    Some((removed, from, count))
}

#[cfg(test)]
mod tests {
    use cutover_plan::bundle::Place;

    use super::{named, read};

    const DIFFERENCE: &str = "diff --git a/m/a.cutover b/m/a.cutover\n--- a/m/a.cutover\n+++ b/m/a.cutover\n@@ -12,0 +13,2 @@ team {\n+--- a/m/no.cutover\n+x\n\
        diff --git a/m/shared/t.cutover b/m/shared/t.cutover\n--- a/m/shared/t.cutover\n+++ b/m/shared/t.cutover\n@@ -3 +3 @@\n-a\n+b\n@@ -9,2 +8,0 @@\n-c\n-d\n\
        diff --git a/m/inventory/gone.yaml b/m/inventory/gone.yaml\n--- a/m/inventory/gone.yaml\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n";

    #[test]
    fn the_place_is_one_that_the_commit_changed() {
        let hunks = read(DIFFERENCE, &["m/".to_owned()]);
        assert_eq!(
            hunks.keys().collect::<Vec<_>>(),
            ["a.cutover", "inventory/gone.yaml", "shared/t.cutover"]
        );
        let at = |line| Place { file: "a.cutover".to_owned(), line, column: 1 };
        let said =
            |from, to, known| named(&hunks, Some(("a.cutover".to_owned(), from, to)), Some(&at(known)));
        // The line itself, a line of the item, and where neither was touched, what was.
        assert_eq!(said(10, 20, 14).as_deref(), Some("a.cutover:14"));
        assert_eq!(said(10, 20, 10).as_deref(), Some("a.cutover:13"));
        assert_eq!(
            said(40, 46, 46).as_deref(),
            Some("a.cutover:13, shared/t.cutover:3, inventory/gone.yaml:1")
        );
        assert_eq!(named(&read("", &["m/".to_owned()]), None, Some(&at(7))).as_deref(), Some("a.cutover:7"));
    }
}
