//! A diff as a comment on a pull request.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cutover_plan::text::escape;

use super::{NOTHING, Section, affected, sections, summary, told};
use crate::Diff;
use crate::change::Change;
use crate::kind::{Class, Kind};

/// The first line of a comment: whoever posts comments looks for it, and changes that one instead of writing another.
pub const MARKER: &str = "<!-- cutover:diff -->";

/// The most bytes of a comment.
pub const LIMIT: usize = 60_000;

/// How much of each change is told. When a comment is too long, details go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    /// Everything.
    Full,
    /// Of safe and cosmetic changes, as many as there is room for.
    Counts,
    /// Breaking and risky ones in one short line each.
    Short,
    /// Of those as well, as many as there is room for. Weaker safeguards and gates have a short line each.
    Names,
    /// Weaker safeguards and gates by name only, in one line for each kind of change.
    Grouped,
    /// Thousands of them: how many of which sort, in one line for each kind of change.
    Counted,
}

impl Detail {
    /// The most of it first.
    pub(super) const ALL: [Detail; 6] =
        [Detail::Full, Detail::Counts, Detail::Short, Detail::Names, Detail::Grouped, Detail::Counted];
}

/// So much of a comment is kept free for what is said about the changes that have no room.
const ASIDE: usize = 200;

/// The comment: at most [`LIMIT`] bytes of Markdown in which nothing from a spec has a meaning.
///
/// Safe and cosmetic changes are folded; weaker safeguards, gates and risks never are, and of weaker safeguards and gates none is left out.
#[must_use]
pub fn markdown(diff: &Diff) -> String {
    for detail in Detail::ALL {
        let text = whole(diff, detail, 0);
        if text.len() <= LIMIT || detail == Detail::Counted {
            return if detail == Detail::Full {
                text
            } else {
                whole(diff, detail, LIMIT.saturating_sub(text.len()))
            };
        }
    }
    String::new()
}

fn whole(diff: &Diff, detail: Detail, room: usize) -> String {
    format!("{MARKER}\n{}", written(diff, detail, room))
}

/// The comment below its mark, with `room` bytes for what would otherwise be left out.
pub(super) fn written(diff: &Diff, detail: Detail, mut room: usize) -> String {
    let mut out = "## What this changes about the migration\n\n".to_owned();
    if diff.is_empty() {
        let _ = writeln!(out, "There is {NOTHING}.");
        return out;
    }
    let _ = writeln!(out, "{}.", summary(diff));
    if detail == Detail::Counted {
        out.push_str("\n**There are too many weaker safeguards and gates to name them here. Run `cutover diff` and read them before you approve.**\n");
    }
    for (section, changes) in sections(diff) {
        match section {
            Section::Weaker | Section::Gates => {
                heading(&mut out, section, changes.len());
                match detail {
                    Detail::Full | Detail::Counts => lines(&mut out, &changes, false),
                    Detail::Short | Detail::Names => lines(&mut out, &changes, true),
                    Detail::Grouped => grouped(&mut out, &changes),
                    Detail::Counted => counted(&mut out, &changes),
                }
            }
            Section::Class(Class::Breaking | Class::Risky) => {
                heading(&mut out, section, changes.len());
                if detail >= Detail::Names {
                    out.push_str(&fitting(&changes, true, &mut room));
                } else {
                    lines(&mut out, &changes, detail == Detail::Short);
                }
            }
            Section::Class(Class::Safe | Class::Cosmetic) => {
                let _ =
                    write!(out, "\n<details><summary>{} ({})</summary>\n\n", section.title(), changes.len());
                if detail == Detail::Full {
                    lines(&mut out, &changes, false);
                } else {
                    out.push_str(&fitting(&changes, false, &mut room));
                }
                out.push_str("\n</details>\n");
            }
        }
    }
    out
}

/// As many changes as there is room for, in their order, and how many are missing.
fn fitting(changes: &[&Change], short: bool, room: &mut usize) -> String {
    let mut out = String::new();
    let mut shown = 0;
    for change in changes {
        let mut one = String::new();
        lines(&mut one, std::slice::from_ref(change), short);
        if out.len() + one.len() + ASIDE > *room {
            break;
        }
        out.push_str(&one);
        shown += 1;
    }
    *room = room.saturating_sub(out.len());
    match changes.len() - shown {
        0 => {}
        missing => {
            let more = if shown == 0 { "" } else { " more" };
            let _ = writeln!(out, "{missing}{more}, for which there is no room here: run `cutover diff`");
        }
    }
    out
}

/// One line for each kind of change, with the names of what changed.
fn grouped(out: &mut String, changes: &[&Change]) {
    for (kind, changes) in by_kind(changes) {
        let _ = write!(out, "- **{}** ({}): ", capital(kind.says()), changes.len());
        for (at, change) in changes.iter().enumerate() {
            if at > 0 {
                out.push_str(", ");
            }
            named(out, change.id.as_str(), 40);
        }
        out.push('\n');
    }
}

/// One line for each kind of change, with the number of each sort of thing that changed.
fn counted(out: &mut String, changes: &[&Change]) {
    for (kind, changes) in by_kind(changes) {
        let mut sorts: BTreeMap<&str, usize> = BTreeMap::new();
        for change in changes {
            *sorts.entry(change.id.kind()).or_default() += 1;
        }
        let _ = write!(out, "- **{}**: ", capital(kind.says()));
        for (at, (sort, number)) in sorts.into_iter().enumerate() {
            let _ = write!(out, "{}{number} of ", if at > 0 { ", " } else { "" });
            named(out, sort, 40);
        }
        out.push('\n');
    }
}

fn by_kind<'a>(changes: &[&'a Change]) -> BTreeMap<Kind, Vec<&'a Change>> {
    let mut kinds: BTreeMap<Kind, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        kinds.entry(change.kind).or_default().push(change);
    }
    kinds
}

/// A name as code. It has no limit of its own.
fn named(out: &mut String, name: &str, most: usize) {
    let short: String = name.chars().take(most).collect();
    escape::code(out, &short);
    if short.len() < name.len() {
        out.push('…');
    }
}

fn heading(out: &mut String, section: Section, count: usize) {
    let _ = write!(out, "\n### {} ({count})\n\n", section.title());
}

fn lines(out: &mut String, changes: &[&Change], short: bool) {
    for change in changes {
        let _ = write!(out, "- **{}**: ", capital(change.kind.says()));
        if !short {
            escape::markdown(out, &told(change));
            if let Some(affected) = affected(change) {
                out.push_str(" · ");
                escape::markdown(out, &affected);
            }
            out.push_str(" · ");
        }
        named(out, change.id.as_str(), 120);
        if let Some(place) = change.place.as_ref().filter(|_| !short) {
            out.push_str(" · ");
            escape::code(out, &format!("{}:{}", place.file, place.line));
        }
        out.push('\n');
    }
}

fn capital(says: &str) -> String {
    let mut chars = says.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
