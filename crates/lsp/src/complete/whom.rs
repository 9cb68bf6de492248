//! Who is meant: people of the team, groups and agents of the accounts, and the moment around a due date.

use cutover_analysis::world::System;
use cutover_catalog::Part;
use cutover_syntax::tree::{Term, TermKind};
use lsp_types::CompletionItemKind as Kind;

use super::{Candidate, Found, quoted};
use crate::words as say;

impl<'a> Found<'a> {
    /// `notify ??? at due`, `notify group "" at due`: who is told, and when.
    pub(super) fn told(&mut self, before: &[Term]) {
        let Some(first) = before.first().and_then(|term| self.name(*term)) else {
            self.people();
            self.add(Kind::KEYWORD, "group", "a group of the new desk");
            return self.add(Kind::KEYWORD, "agent", "an agent of the new desk");
        };
        let named = match part(&first) {
            Some(part) if before.len() == 1 => return self.listed(&[self.target()], part),
            Some(_) => 2,
            None => 1,
        };
        let when = before.get(named..).unwrap_or_default();
        let last = when.last().and_then(|term| self.name(*term)).unwrap_or_default();
        match (when, last.as_str()) {
            ([], _) => self.list(&["at due", "30 min before due", "1 hour after due"], "when"),
            (_, "at" | "before" | "after") => self.list(&["due"], "when"),
            (_, "due") => {}
            ([length, .., unit], _) if length.kind == TermKind::Numeric && unit.kind == TermKind::Word => {
                self.list(&["before due", "after due"], "when");
            }
            _ => {}
        }
    }

    /// `to group "Backlog"`: who gets records.
    pub(super) fn assignee(&mut self, before: &[Term]) {
        let Some(first) = before.first().and_then(|term| self.name(*term)) else {
            self.add(Kind::KEYWORD, "group", "a group of either desk");
            self.add(Kind::KEYWORD, "agent", "an agent of either desk");
            return self.add(Kind::KEYWORD, "placeholder", "somebody who stands for people that are gone");
        };
        if let (Some(part), 1) = (part(&first), before.len()) {
            self.listed(&[self.source(), self.target()], part);
        }
    }

    /// The groups or agents that inventories list.
    fn listed(&mut self, systems: &[Option<&'a System<'a>>], part: Part) {
        // Products that have no agents of their own count them among the users.
        let parts: &[Part] = if part == Part::Agent { &[Part::Agent, Part::User] } else { &[part] };
        for system in systems.iter().flatten() {
            for kind in parts.iter().flat_map(|part| system.kinds_of(*part)) {
                for object in system.objects(kind.name).unwrap_or_default() {
                    let detail = format!("{} of the {}", kind.title(), say::side(&system.name));
                    self.out.push(Candidate::new(Kind::VALUE, quoted(&object.name), detail));
                }
            }
        }
    }
}

fn part(word: &str) -> Option<Part> {
    match word {
        "group" => Some(Part::Group),
        "agent" => Some(Part::Agent),
        _ => None,
    }
}
