//! Lints: what a spec may say and seldom should, one rule a file.
//!
//! [`check`] runs the rules over [`Facts`] of a spec without errors: advice about half a spec would be wrong half of the time. What
//! each rule says, why, and by which numbers it judges is data ([`Rule`]); a project chooses levels and numbers in `cutover.toml`
//! ([`Settings`]).

mod page;
mod rule;
mod rules;
mod settings;

use std::ops::Bound;

use cutover_analysis::{Places, World};
use cutover_diagnostics::{Diagnostic, Severity, Span};
use cutover_ir::Id;
use cutover_plan::model::{Item, Plan};
use cutover_plan::schedule::Schedule;
use cutover_syntax::tree::SourceFile;

pub use page::page;
pub use rule::{Fix, Level, Opt, Rule};
pub use settings::{FILE, Settings};

/// What the rules look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The items and the stages.
    pub plan: &'a Plan,
    /// Catalogs joined with inventories.
    pub world: &'a World<'a>,
    /// Where each id of the plan stands in the spec.
    pub places: &'a Places,
    /// Where clauses stand that have no id in the plan, by the id of their item or line and the clause's keyword.
    pub spots: &'a Places,
    /// The trees, for what is only a matter of writing.
    pub files: &'a [SourceFile],
    /// When the stages of the window happen, by the estimates.
    pub schedule: &'a Schedule,
}

/// All rules, in the order of their codes.
#[must_use]
pub fn all() -> &'static [&'static Rule] {
    rules::ALL
}

/// The rule of a code.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    rules::ALL.iter().find(|rule| rule.code == code).copied()
}

/// The codes of all findings that a spec may silence: those of the rules, and of the compiler's own warnings and remarks. Sorted.
#[must_use]
pub fn silenceable() -> Vec<String> {
    let mut codes: Vec<String> = rules::ALL.iter().map(|rule| rule.code.to_owned()).collect();
    codes.extend(settings::built_in());
    codes.extend(settings::REMARKS.iter().map(|(family, name)| format!("{family}/{name}")));
    codes.sort();
    codes.dedup();
    codes
}

/// Runs every rule that the settings do not turn off. All findings are warnings; [`Settings::judge`] gives them their levels once the spec
/// has said what it allows.
#[must_use]
pub fn check(facts: &Facts<'_>, settings: &Settings) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for rule in rules::ALL {
        if settings.level(rule) == Level::Off {
            continue;
        }
        (rule.check)(&mut Run { facts, rule, settings, out: &mut out });
    }
    out
}

/// One rule at work.
#[derive(Debug)]
pub struct Run<'a, 'r> {
    /// What it looks at.
    pub(crate) facts: &'r Facts<'a>,
    rule: &'static Rule,
    settings: &'r Settings,
    out: &'r mut Vec<Diagnostic>,
}

impl<'a> Run<'a, '_> {
    /// One of the rule's numbers, as the project or the rule has it.
    pub(crate) fn number(&self, name: &str) -> u64 {
        let own = self.rule.options.iter().find(|option| option.name == name);
        self.settings.number(self.rule.code, name).or(own.map(|option| option.default)).unwrap_or_default()
    }

    /// A finding of the rule at a place.
    pub(crate) fn found(&self, at: Span, label: impl Into<String>) -> Diagnostic {
        let rule = self.rule;
        Diagnostic::new(Severity::Warning, rule.code, rule.summary).primary(at, label.into())
    }

    /// Reports a finding.
    pub(crate) fn push(&mut self, finding: Diagnostic) {
        self.out.push(finding);
    }

    /// The items of a kind, in the order of ids: `scope`, `wave`.
    pub(crate) fn items(&self, kind: &'static str) -> impl Iterator<Item = (&'a Id, &'a Item)> + use<'a> {
        let from = self.facts.plan.items.range::<str, _>((Bound::Included(kind), Bound::Unbounded));
        from.take_while(move |(id, _)| id.kind() == kind)
    }

    /// Where a clause of an item or a line stands, or else the item or line.
    pub(crate) fn clause(&self, id: &Id, keyword: &str) -> Option<Span> {
        self.facts.place(&id.child(keyword))
    }
}

impl Facts<'_> {
    /// Where an id stands: itself, or the nearest thing around it that has a place.
    #[must_use]
    pub fn place(&self, id: &Id) -> Option<Span> {
        let mut id = id.as_str();
        loop {
            if let Some(span) = self.spots.get(id).or_else(|| self.places.get(id)) {
                return Some(*span);
            }
            id = id.rsplit_once('/')?.0;
        }
    }
}
