//! What goes wrong between the runner and a system.

use std::fmt;
use std::time::Duration;

/// A call that was not answered as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What may have happened on the other side.
    pub effect: Effect,
    /// What to do about it.
    pub hint: Hint,
    /// What happened, in plain words, without a secret and without text of a record.
    pub why: String,
}

/// What may have happened on the other side of a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: the call was refused, or never got there.
    None,
    /// Everything, nothing or a part of it: the answer was lost. When in doubt, this.
    Unknown,
}

/// What to do about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Try again later: a rate is used up, a server is overloaded, a line is down. With how long the server asks to wait, when it does.
    Later(Option<Duration>),
    /// Somebody has to do something first: credentials, permissions, a full disk.
    Person,
    /// It will never work: the connector cannot do this, or the system answers what nobody expects.
    Never,
}

impl Fault {
    /// This connector has no way to do that: `read records`.
    #[must_use]
    pub fn cannot(what: &str) -> Fault {
        Fault { effect: Effect::None, hint: Hint::Never, why: format!("this connector has no way to {what}") }
    }

    /// The system asks to come back later, and did nothing.
    #[must_use]
    pub fn later(after: Option<Duration>, why: impl Into<String>) -> Fault {
        Fault { effect: Effect::None, hint: Hint::Later(after), why: why.into() }
    }

    /// The answer did not come; whether the call had an effect is not known.
    #[must_use]
    pub fn lost(why: impl Into<String>) -> Fault {
        Fault { effect: Effect::Unknown, hint: Hint::Later(None), why: why.into() }
    }

    /// Somebody has to do something first, and nothing was done.
    #[must_use]
    pub fn person(why: impl Into<String>) -> Fault {
        Fault { effect: Effect::None, hint: Hint::Person, why: why.into() }
    }

    /// It will never work, and nothing was done.
    #[must_use]
    pub fn never(why: impl Into<String>) -> Fault {
        Fault { effect: Effect::None, hint: Hint::Never, why: why.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Fault {}
