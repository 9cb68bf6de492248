//! Showing a diff: in a terminal, as a comment on a pull request, as JSON.

mod json;
mod markdown;
mod several;
mod terminal;

pub use json::{json, json_of};
pub use markdown::{LIMIT, MARKER, markdown};
pub use several::{Became, markdown_of, terminal_of};
pub use terminal::terminal;

use cutover_plan::text::numbers::number;

use crate::Diff;
use crate::change::{Affected, Change};
use crate::kind::{Class, Effect};

/// What a diff without changes says.
pub const NOTHING: &str = "no change in meaning";

/// What a change says after its sentence: `“Open tickets”: at most 0 → at most 5`. Not escaped.
fn told(change: &Change) -> String {
    let mut text = change.subject.clone();
    if !change.part.is_empty() {
        text.push_str(if text.is_empty() { "" } else { ", " });
        text.push_str(&change.part);
    }
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => text.push_str(&format!(": {before} → {after}")),
        (Some(before), None) => text.push_str(&format!(": no longer {before}")),
        (None, Some(after)) => text.push_str(&format!(": now {after}")),
        (None, None) => {}
    }
    text
}

/// A change in one line, without its place. Not escaped.
#[must_use]
pub fn line(change: &Change) -> String {
    format!("{}: {}", change.kind.says(), told(change))
}

/// How many records a change concerns, in words; none when it is not about records.
fn affected(change: &Change) -> Option<String> {
    match &change.affected {
        Affected::None => None,
        Affected::NotComputed { of } => Some(format!("how many {of}: not computed")),
        Affected::Records { count, of, at_most } => {
            let most = if *at_most { "at most " } else { "" };
            Some(format!("{most}{} {of}", number(*count)))
        }
        Affected::DueDates { count, at_most } => {
            let most = if *at_most { "at most " } else { "" };
            Some(match count {
                1 => format!("{most}1 unfinished ticket gets a new due date"),
                n => format!("{most}{} unfinished tickets get a new due date", number(*n)),
            })
        }
    }
}

/// `3 weaker safeguards · 1 stronger · 4 breaking, 2 risky, 1 safe, 0 cosmetic`.
fn summary(diff: &Diff) -> String {
    let weaker = diff.of_effect(Effect::WeakerSafeguard);
    let stronger = diff.of_effect(Effect::StrongerSafeguard);
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let classes: Vec<String> =
        Class::ALL.iter().map(|class| format!("{} {}", diff.of_class(*class), class.word())).collect();
    let up = diff.of_effect(Effect::MoreRisk);
    let down = diff.of_effect(Effect::LessRisk);
    format!(
        "{}; {weaker} safeguard{} weaker, {stronger} stronger; {up} change{} with more risk, {down} with less",
        classes.join(", "),
        plural(weaker),
        plural(up),
    )
}

/// The sections in which changes are told, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Weaker,
    Gates,
    Class(Class),
}

impl Section {
    fn of(change: &Change) -> Section {
        if change.effect() == Effect::WeakerSafeguard {
            Section::Weaker
        } else if change.kind.is_gate() {
            Section::Gates
        } else {
            Section::Class(change.class())
        }
    }

    fn title(self) -> &'static str {
        match self {
            Section::Weaker => "Weaker safeguards",
            Section::Gates => "Gates and signatures",
            Section::Class(Class::Breaking) => "Breaking: what was approved is not what is planned",
            Section::Class(Class::Risky) => "Risky: done in another way",
            Section::Class(Class::Safe) => "Safe: nothing that was approved is worse off",
            Section::Class(Class::Cosmetic) => "Cosmetic: words only",
        }
    }
}

/// The changes by section. They are sorted by it.
fn sections(diff: &Diff) -> Vec<(Section, Vec<&Change>)> {
    let mut all: Vec<(Section, Vec<&Change>)> = Vec::new();
    for change in &diff.changes {
        let section = Section::of(change);
        match all.last_mut() {
            Some((last, changes)) if *last == section => changes.push(change),
            _ => all.push((section, vec![change])),
        }
    }
    all
}
