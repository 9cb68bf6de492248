//! Lists of pairs that somebody has reviewed: each of them can be followed, before the night follows it.
//!
//! Who is merged is one with somebody who is kept. A chain leads to its end; of a circle nobody would be kept, and of two decisions about
//! one person one would be ignored.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use cutover_diagnostics::{Diagnostic, FileId, Span};
use cutover_ir::Id;
use cutover_plan::model::{CleanAction, Content, Plan};

use crate::project::Project;
use crate::texts::source;

/// Findings of one list: more than that is one mistake of whatever made the list.
const MOST: usize = 20;

/// The findings about the lists of pairs that a plan names.
pub(crate) fn check(
    project: &mut Project,
    plan: &Plan,
    place: &dyn Fn(&Id, &str) -> Option<Span>,
) -> Vec<Diagnostic> {
    let mut named: Vec<(&str, Option<Span>)> = Vec::new();
    for item in plan.items.values() {
        let Content::Clean(clean) = &item.content else { continue };
        for step in &clean.steps {
            if let CleanAction::Merge { listed_in: Some(digest), .. } = &step.action {
                named.push((digest, place(&step.id, "listed in")));
            }
        }
    }
    // One file may be named twice.
    named.sort_by_key(|(digest, _)| *digest);
    named.dedup_by_key(|(digest, _)| *digest);
    let mut found = Vec::new();
    for (digest, at) in named {
        let Some((path, asset)) = project.assets.iter().find(|(_, asset)| asset.digest == digest) else {
            continue;
        };
        let Ok(text) = std::str::from_utf8(&asset.bytes) else { continue };
        let wrong = read(text);
        if wrong.is_empty() {
            continue;
        }
        let file = source(&mut project.sources, path, text);
        found.extend(wrong.into_iter().take(MOST).map(|wrong| {
            let finding = wrong.told(file);
            match at {
                Some(at) => finding.secondary(at, "these records become one"),
                None => finding,
            }
        }));
    }
    found
}

/// What is wrong with a list, and where.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    /// The first line does not name the columns.
    Columns(Range<usize>),
    /// A pair has one side only.
    Side(Range<usize>),
    /// A record is merged into two others: the second time, and the first.
    Twice(Range<usize>, Range<usize>),
    /// Records are merged into each other, or one into itself: how many.
    Circle(Range<usize>, usize),
}

impl Wrong {
    fn told(self, file: FileId) -> Diagnostic {
        let span = |range: &Range<usize>| {
            let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            Span::new(file, offset(range.start), offset(range.end))
        };
        match self {
            Wrong::Columns(at) => Diagnostic::error("clean/pairs#columns", "a list of pairs cannot be followed")
                .primary(span(&at), "this line does not name both columns")
                .help("begin the list with the line `kept,merged`; more columns may follow, such as who looked at the pair"),
            Wrong::Side(at) => Diagnostic::error("clean/pairs#side", "a list of pairs cannot be followed")
                .primary(span(&at), "one side of this pair is missing")
                .help("write the key of the record that is kept and the key of the one that is merged into it, or take the line out"),
            Wrong::Twice(at, first) => Diagnostic::error("clean/pairs#twice", "a list of pairs cannot be followed")
                .primary(span(&at), "this record is merged a second time, into another one")
                .secondary(span(&first), "it was merged here already")
                .help("decide which of the two is kept; where all three are one person, merge the one that was kept here into the other"),
            Wrong::Circle(at, 1) => Diagnostic::error("clean/pairs#itself", "a list of pairs cannot be followed")
                .primary(span(&at), "this record is merged into itself")
                .help("write the key of the record that is kept in the column `kept`, or take the line out"),
            Wrong::Circle(at, count) => Diagnostic::error("clean/pairs#circle", "a list of pairs cannot be followed")
                .primary(span(&at), format!("{count} records are merged into each other in a circle: none of them is kept"))
                .help("decide which of them is kept, and take out the line that merges it"),
        }
    }
}

/// A pair: the key that is kept, the key that is merged, and where that stands.
struct Pair<'t> {
    kept: &'t str,
    at: Range<usize>,
}

fn read(text: &str) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut lines = lines(text.trim_start_matches('\u{feff}'), text.len());
    let Some((from, head)) = lines.next() else { return wrong };
    let columns: Vec<&str> = cells(head).into_iter().map(|range| cell(head, range)).collect();
    let column = |name: &str| columns.iter().position(|column| *column == name);
    let (Some(kept_at), Some(merged_at)) = (column("kept"), column("merged")) else {
        return vec![Wrong::Columns(from..from + head.len())];
    };
    let mut pairs: HashMap<&str, Pair<'_>> = HashMap::new();
    let mut order: Vec<&str> = Vec::new();
    for (from, line) in lines {
        let cells = cells(line);
        let of =
            |column: usize| cells.get(column).cloned().map(|range| cell(line, range)).unwrap_or_default();
        let (kept, merged) = (of(kept_at), of(merged_at));
        if kept.is_empty() || merged.is_empty() {
            wrong.push(Wrong::Side(from..from + line.len()));
            continue;
        }
        let range = cells.get(merged_at).cloned().unwrap_or(0..line.len());
        let at = from + range.start..from + range.end;
        if kept == merged {
            wrong.push(Wrong::Circle(at, 1));
            continue;
        }
        match pairs.get(merged) {
            Some(first) if first.kept != kept => wrong.push(Wrong::Twice(at, first.at.clone())),
            Some(_) => {}
            None => {
                order.push(merged);
                pairs.insert(merged, Pair { kept, at });
            }
        }
    }
    // Each record is looked at once: whoever leads to one that was looked at leads to no new circle.
    let mut seen: HashSet<&str> = HashSet::new();
    for first in order {
        let mut way: Vec<&str> = Vec::new();
        let mut at = first;
        while let Some(pair) = pairs.get(at) {
            if !seen.insert(at) {
                if let Some(start) = way.iter().position(|one| *one == at) {
                    wrong.push(Wrong::Circle(pair.at.clone(), way.len() - start));
                }
                break;
            }
            way.push(at);
            at = pair.kept;
        }
    }
    wrong
}

/// The lines that hold something, with the offset of each in a text of so many bytes of which what was cut off stood at the beginning.
fn lines(text: &str, whole: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut at = whole - text.len();
    text.split_inclusive('\n')
        .map(move |line| {
            let from = at;
            at += line.len();
            (from, line.trim_end_matches(['\n', '\r']))
        })
        .filter(|(_, line)| !line.trim().is_empty())
}

/// Where the cells of a line stand.
fn cells(line: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let (mut from, mut quoted) = (0, false);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                all.push(from..at);
                from = at + 1;
            }
            _ => {}
        }
    }
    all.push(from..line.len());
    all
}

/// What stands in a cell.
fn cell(line: &str, range: Range<usize>) -> &str {
    line.get(range).unwrap_or_default().trim().trim_matches('"').trim()
}

#[cfg(test)]
mod tests {
    use super::{Wrong, read};

    #[test]
    fn lists_that_can_be_followed_and_others() {
        for right in [
            "",
            "kept,merged\n",
            "kept,merged\n1,2\n2,3\n1,4\n",
            "kept,merged\n1,2\n1,2\n",
            "\u{feff}merged,by,kept\r\n2,\"sam, ruth\",1\r\n\r\n\"3\",sam,\"2\"\r\n",
        ] {
            assert_eq!(read(right), [], "{right}");
        }
        for (list, expected) in [
            ("keep,merge\n1,2\n", Wrong::Columns(0..10)),
            ("kept,merged\n1\n", Wrong::Side(12..13)),
            ("kept,merged\n,2\n", Wrong::Side(12..14)),
            ("kept,merged\n1,1\n", Wrong::Circle(14..15, 1)),
            ("kept,merged\n1,3\n2,3\n", Wrong::Twice(18..19, 14..15)),
            ("kept,merged\n1,2\n2,3\n3,1\n1,4\n", Wrong::Circle(14..15, 3)),
            ("kept,merged\n9,8\n8,7\n1,2\n2,1\n", Wrong::Circle(22..23, 2)),
        ] {
            assert_eq!(read(list), [expected], "{list}");
        }
    }
}
