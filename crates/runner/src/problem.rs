//! What keeps a run from going on.

use std::fmt;

use cutover_connect::{Fault, Hint};

/// What keeps a run from going on. Nothing that was done is lost: the same command continues once it is mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What happened, in plain words, without a secret and without text of a record.
    pub why: String,
    /// What to do.
    pub help: Option<String>,
    /// Whether trying again later is all that is needed.
    pub later: bool,
    /// Whether it is only that somebody paused the run.
    pub paused: bool,
}

impl Problem {
    /// A problem that somebody has to mend.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Problem {
        Problem { why: why.into(), help: None, later: false, paused: false }
    }

    /// A problem that may be over later.
    #[must_use]
    pub fn later(why: impl Into<String>) -> Problem {
        Problem { why: why.into(), help: None, later: true, paused: false }
    }

    /// Somebody paused the run.
    pub(crate) fn paused() -> Problem {
        Problem { why: "the run is paused".to_owned(), help: None, later: false, paused: true }
    }

    /// Somebody paused the run, and this would go on with it.
    pub(crate) fn paused_by(by: &str, why: &str) -> Problem {
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        Problem { why: format!("the run is paused by {by}{why}"), ..Problem::paused() }
            .help("`cutover resume` lets it go on")
    }

    /// What to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Problem {}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Problem {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
                Problem::later("another program holds the journal").help("try again when it is done")
            }
            Some(Code::DiskFull) => Problem::new("the disk is full")
                .help("make room; the same command continues where it stopped"),
            Some(Code::ReadOnly | Code::PermissionDenied | Code::CannotOpen) => {
                Problem::new(format!("the journal cannot be written: {error}"))
            }
            Some(Code::NotADatabase | Code::DatabaseCorrupt) => {
                Problem::new(format!("the journal is damaged: {error}"))
                    .help("go on with the copy that was made of it last")
            }
            _ => Problem::new(format!("the journal: {error}")),
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        let later = matches!(fault.hint, Hint::Later(_));
        Problem { why: fault.why, help: None, later, paused: false }
    }
}
