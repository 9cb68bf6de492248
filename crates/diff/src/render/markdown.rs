//! A diff as a comment on a pull request.

use std::fmt::Write as _;

use cutover_plan::text::escape;

use super::{NOTHING, Section, affected, sections, summary, told};
use crate::Diff;
use crate::change::Change;
use crate::kind::Class;

/// The first line of a comment: whoever posts comments looks for it, and changes that one instead of writing another.
pub const MARKER: &str = "<!-- cutover:diff -->";

/// The most bytes of a comment.
pub const LIMIT: usize = 60_000;

/// How much of each change is told. When a comment is too long, details go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    /// Everything.
    Full,
    /// Safe and cosmetic changes are counted only.
    Counts,
    /// Breaking and risky ones in one short line each.
    Short,
    /// Only weaker safeguards and gates are told, in one short line each.
    Names,
}

/// The comment: at most [`LIMIT`] bytes of Markdown in which nothing from a spec has a meaning.
///
/// Safe and cosmetic changes are folded; weaker safeguards, gates and risks never are.
#[must_use]
pub fn markdown(diff: &Diff) -> String {
    for detail in [Detail::Full, Detail::Counts, Detail::Short, Detail::Names] {
        let text = written(diff, detail);
        if text.len() <= LIMIT {
            return text;
        }
    }
    cut(written(diff, Detail::Names))
}

fn written(diff: &Diff, detail: Detail) -> String {
    let mut out = format!("{MARKER}\n## What this changes about the migration\n\n");
    if diff.is_empty() {
        let _ = writeln!(out, "There is {NOTHING}.");
        return out;
    }
    let _ = writeln!(out, "{}.", summary(diff));
    for (section, changes) in sections(diff) {
        match section {
            Section::Weaker | Section::Gates => {
                heading(&mut out, section, changes.len());
                lines(&mut out, &changes, detail >= Detail::Short);
            }
            Section::Class(Class::Breaking | Class::Risky) => {
                heading(&mut out, section, changes.len());
                if detail == Detail::Names {
                    out.push_str("Too many to list here: run `cutover diff`.\n");
                } else {
                    lines(&mut out, &changes, detail == Detail::Short);
                }
            }
            Section::Class(Class::Safe | Class::Cosmetic) => {
                if detail == Detail::Full {
                    let _ = write!(
                        out,
                        "\n<details><summary>{} ({})</summary>\n\n",
                        section.title(),
                        changes.len()
                    );
                    lines(&mut out, &changes, false);
                    out.push_str("\n</details>\n");
                } else {
                    heading(&mut out, section, changes.len());
                    out.push_str("Left out here, since the comment would be too long: run `cutover diff`.\n");
                }
            }
        }
    }
    out
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
        // An id has no limit of its own.
        let id: String = change.id.as_str().chars().take(120).collect();
        escape::code(out, &id);
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

/// Not even the names fit: as many whole lines as there is room for, and how many are missing, said loudly at the top.
fn cut(text: String) -> String {
    let all = text.lines().filter(|line| line.starts_with("- ")).count();
    let mut kept = String::new();
    let mut shown = 0;
    for line in text.lines() {
        if kept.len() + line.len() + 400 > LIMIT {
            break;
        }
        shown += usize::from(line.starts_with("- "));
        kept.push_str(line);
        kept.push('\n');
    }
    let _ = write!(
        kept,
        "\n**{} more weaker safeguards and gates do not fit into a comment. Run `cutover diff` and read them before you approve.**\n",
        all - shown
    );
    kept
}
