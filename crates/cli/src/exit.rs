//! The one table of exit codes. 99 is never used: some engines read it as "skipped".

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// 0: nothing to report, everything done.
    Clean,
    /// 1: findings.
    Findings,
    /// 2: wrong usage, or the program could not do its work.
    Failure,
    /// 3: committed outputs are stale or changed.
    Stale,
    /// 4: a run waits for people or for a time, or somebody paused it.
    Waiting,
    /// 5: what was written is not what was sent, or a check does not pass.
    NotVerified,
    /// 75: nothing is wrong, only not now.
    Later,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Failure => 2,
            Exit::Stale => 3,
            Exit::Waiting => 4,
            Exit::NotVerified => 5,
            Exit::Later => 75,
        })
    }
}

/// The table, for `--help`.
pub(crate) const HELP: &str = "Exit codes:
  0   clean
  1   findings
  2   wrong usage, or the program could not do its work
  3   committed outputs are stale, or something changed
  4   paused at a gate or by a trigger
  5   verification failed
  75  try again later";
