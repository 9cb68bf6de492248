//! What became of several specs: one text for all of them.

use std::fmt::Write as _;

use cutover_plan::text::escape;

use super::markdown::{Detail, written};
use super::{LIMIT, MARKER, NOTHING, terminal};
use crate::Diff;
use crate::kind::Effect;

/// What became of one of several specs.
#[derive(Clone, Copy, Debug)]
pub enum Became<'a> {
    /// It is on both sides.
    Both(&'a Diff),
    /// It is on both sides, and the older one has it under another path.
    Renamed(&'a str, &'a Diff),
    /// Only the newer side has it.
    New,
    /// Only the older side has it.
    Gone,
}

impl Became<'_> {
    /// Whether something changed in meaning.
    #[must_use]
    pub fn is_change(&self) -> bool {
        match self {
            Became::Both(diff) | Became::Renamed(_, diff) => !diff.is_empty(),
            Became::New | Became::Gone => true,
        }
    }

    fn weaker(&self) -> usize {
        match self {
            Became::Both(diff) | Became::Renamed(_, diff) => diff.of_effect(Effect::WeakerSafeguard),
            Became::New | Became::Gone => 0,
        }
    }

    /// Those of which every safeguard is gone, those with weaker ones, the others.
    fn rank(&self) -> usize {
        match self {
            Became::Gone => 0,
            _ if self.weaker() > 0 => 1,
            Became::Both(_) | Became::Renamed(..) => 2,
            Became::New => 3,
        }
    }
}

/// Lines of text for several specs, by their paths, in their order.
#[must_use]
pub fn terminal_of(specs: &[(&str, Became<'_>)]) -> String {
    let mut out = String::new();
    for (spec, became) in specs {
        let gap = if out.is_empty() { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{}:", escape::plain(spec));
        match became {
            Became::Both(diff) => out.push_str(&terminal(diff)),
            Became::Renamed(was, diff) => {
                let _ = writeln!(out, "this spec was {}", escape::plain(was));
                out.push_str(&terminal(diff));
            }
            Became::New => out.push_str("this spec is new\n"),
            Became::Gone => out.push_str("this spec is gone\n"),
        }
    }
    out
}

/// One comment for several specs, by their paths: at most [`LIMIT`] bytes. Specs that are gone or have weaker safeguards come first, and are told
/// with as much as there is room for; before one of them is left out, all lose their details.
#[must_use]
pub fn markdown_of(specs: &[(&str, Became<'_>)]) -> String {
    let mut changed: Vec<&(&str, Became<'_>)> =
        specs.iter().filter(|(_, became)| became.is_change()).collect();
    if changed.is_empty() {
        return format!("{MARKER}\n## What this changes about the migrations\n\nThere is {NOTHING}.\n");
    }
    changed.sort_by_key(|(_, became)| became.rank());
    for detail in Detail::ALL {
        let told: Vec<String> =
            changed.iter().map(|(spec, became)| section(spec, became, detail, 0)).collect();
        let bytes = MARKER.len() + 1 + told.iter().map(String::len).sum::<usize>();
        if bytes > LIMIT {
            continue;
        }
        // What is left goes to the first ones that have use for it.
        let mut room = LIMIT - bytes;
        let mut out = format!("{MARKER}\n");
        for ((spec, became), least) in changed.iter().zip(told) {
            let text =
                if detail == Detail::Full { least.clone() } else { section(spec, became, detail, room) };
            room = room.saturating_sub(text.len().saturating_sub(least.len()));
            out.push_str(&text);
        }
        return out;
    }
    cut(&changed)
}

/// Of more specs than there is room for as many as there is room for.
fn cut(changed: &[&(&str, Became<'_>)]) -> String {
    let mut out = format!("{MARKER}\n");
    for (at, (spec, became)) in changed.iter().enumerate() {
        let text = section(spec, became, Detail::Counted, 0);
        if out.len() + text.len() + ASIDE > LIMIT {
            let rest = changed.get(at..).unwrap_or_default();
            let worse = rest.iter().filter(|(_, became)| became.rank() < 2).count();
            let _ = writeln!(
                out,
                "**{} more specs change, {worse} of them with weaker safeguards or gone, for which there is no room here: run `cutover diff` and read them before you approve.**",
                rest.len()
            );
            break;
        }
        out.push_str(&text);
    }
    out
}

/// So much of a comment is kept free for what is said about specs that have no room.
const ASIDE: usize = 300;

fn section(spec: &str, became: &Became<'_>, detail: Detail, room: usize) -> String {
    let mut out = "## ".to_owned();
    escape::markdown(&mut out, spec);
    out.push_str("\n\n");
    match became {
        Became::Both(diff) => out.push_str(&written(diff, detail, room)),
        Became::Renamed(was, diff) => {
            out.push_str("This spec was ");
            escape::markdown(&mut out, was);
            out.push_str(".\n\n");
            out.push_str(&written(diff, detail, room));
        }
        Became::New => out.push_str("This spec is new.\n"),
        Became::Gone => out.push_str("This spec is gone.\n"),
    }
    out.push('\n');
    out
}
