//! What a connector can do, and which account answers.

use std::fmt;
use std::time::Duration;

/// What a connector can do with a system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// Records can be read.
    pub read: bool,
    /// A single record can be read by its id, so that what was written can be compared.
    pub fetch: bool,
    /// Records can be created.
    pub write: bool,
    /// Fields of a record can be set afterwards.
    pub set: bool,
    /// Parts can be added to a record that is there: a comment to its ticket.
    pub append: bool,
    /// What was created can be taken back.
    pub undo: bool,
    /// Whether a second creation of the same record is noticed, and how.
    pub finding: Finding,
    /// Most drafts of one call of `write`; 0 where nothing is written.
    pub batch: usize,
    /// What can be said about messages to people.
    pub proofs: Vec<Proof>,
}

/// How it is found out whether a record was created when the answer was lost. From weak to strong, so that abilities compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// Not at all.
    #[default]
    Never,
    /// It can be looked up by its mark, but only after that time.
    After(std::cmp::Reverse<Duration>),
    /// It can be looked up by its mark at once.
    AtOnce,
    /// The system itself refuses or answers the second one with the first one's id.
    Enforced,
}

/// What proves that a system sends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// It counts what it sends.
    Counter,
    /// Its mail ends in a place that can be looked at.
    Sink,
    /// Its rules can be listed, and are off.
    TriggersListed,
    /// A mailbox among the recipients stays empty.
    Canary,
}

/// What can be said about messages to people so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// So many were sent, ever, as the system counts.
    Sent(u64),
    /// No rule that could send one is on, as the system lists them.
    RulesOff,
    /// This rule can still send: so many of them are on.
    RulesOn(u64),
    /// Nothing can be said.
    Unknown,
}

/// The account that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name, as the plan would have it; `None` when a system has no names for accounts, as a folder of files.
    pub name: Option<String>,
    /// Where it is, for screens: a path or an address, without credentials.
    pub at: String,
}

impl Proof {
    /// The word of the plan for it: `counter`, `sink`, `triggers_listed`, `canary`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Proof::Counter => "counter",
            Proof::Sink => "sink",
            Proof::TriggersListed => "triggers_listed",
            Proof::Canary => "canary",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Never => f.write_str("a record that was written cannot be looked up"),
            Finding::After(delay) => {
                write!(f, "a record that was written can be looked up after {} seconds", delay.0.as_secs())
            }
            Finding::AtOnce => f.write_str("a record that was written can be looked up at once"),
            Finding::Enforced => f.write_str("the system itself keeps a record from being written twice"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Finding;
    use std::cmp::Reverse;
    use std::time::Duration;

    #[test]
    fn a_shorter_delay_is_a_stronger_ability() {
        let after = |seconds| Finding::After(Reverse(Duration::from_secs(seconds)));
        assert!(Finding::Never < after(300));
        assert!(after(300) < after(5));
        assert!(after(5) < Finding::AtOnce);
        assert!(Finding::AtOnce < Finding::Enforced);
    }
}
