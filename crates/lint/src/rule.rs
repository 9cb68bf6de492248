//! What a rule is: its name, its level, its words, its numbers.

use cutover_plan::model::{ChosenNumber, RuleLevel, Stricter};

use crate::Run;

/// How much a finding of a rule matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The rule does not run.
    Off,
    /// Good to know.
    Note,
    /// Somebody should look.
    #[default]
    Warning,
    /// No plan is written.
    Error,
}

impl Level {
    /// All levels, the mildest first.
    pub const ALL: [Level; 4] = [Level::Off, Level::Note, Level::Warning, Level::Error];

    /// The word in `cutover.toml`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Level::Off => "off",
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }

    /// The same in a plan.
    #[must_use]
    pub(crate) const fn of_plan(self) -> RuleLevel {
        match self {
            Level::Off => RuleLevel::Off,
            Level::Note => RuleLevel::Note,
            Level::Warning => RuleLevel::Warning,
            Level::Error => RuleLevel::Error,
        }
    }

    /// The level of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.word() == word)
    }
}

/// What a rule offers to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fix {
    /// Nothing: only a person can decide.
    None,
    /// Edits that decide something; `--unsafe-fixes` applies them.
    Unsafe,
}

/// A number by which a rule judges.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// Its name in `cutover.toml`.
    pub name: &'static str,
    /// What holds when the project says nothing.
    pub default: u64,
    /// Which number finds more.
    pub stricter: Stricter,
    /// What it counts, as a sentence without a full stop.
    pub says: &'static str,
}

impl Opt {
    /// Another number than the usual one, as a plan tells it.
    pub(crate) fn chosen(&self, chosen: u64) -> ChosenNumber {
        let Opt { name: _, default: usual, stricter, says } = *self;
        ChosenNumber { chosen, usual, counts: says.to_owned(), stricter }
    }
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// `family/name`, the code of its findings.
    pub code: &'static str,
    /// The level when the project says nothing.
    pub level: Level,
    /// The fixed sentence of its findings.
    pub summary: &'static str,
    /// What it finds, in one sentence.
    pub what: &'static str,
    /// Why that matters, in one sentence.
    pub why: &'static str,
    /// The version of the program that brought it.
    pub since: &'static str,
    /// What it offers to change.
    pub fix: Fix,
    /// Its numbers.
    pub options: &'static [Opt],
    /// Looks, and reports.
    pub(crate) check: fn(&mut Run<'_, '_>),
}
