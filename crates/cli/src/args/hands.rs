//! Arguments of the verbs by which people prepare, guard and mend a run.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::RunOf;
use super::running::said;

/// `rehearse`.
#[derive(Debug, Args)]
pub(crate) struct RehearseArgs {
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// What the sample is drawn by: the same number draws the same records
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Say how long it takes and why, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The account of the sandbox, where it is a live desk: typed each time
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
}

/// `skip`.
#[derive(Debug, Args)]
pub(crate) struct SkipArgs {
    /// The key that the old desk gives the record
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// The kind, where several kinds have a record of this key
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Who decides that, by identifier
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) because: String,
}

/// `settle`.
#[derive(Debug, Args)]
pub(crate) struct SettleArgs {
    /// The key that the old desk gives the record
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// The kind, where several kinds have a record of this key
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// The new desk has it, under this id
    #[arg(long, value_name = "ID", conflicts_with = "not_there", required_unless_present = "not_there")]
    pub(crate) there: Option<String>,
    /// The new desk does not have it: `retry rejects` sends it
    #[arg(long)]
    pub(crate) not_there: bool,
    /// Who looked, by identifier
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// How it was looked for, and what was seen
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) because: String,
}

/// `takeover`.
#[derive(Debug, Args)]
pub(crate) struct TakeoverArgs {
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// The copy of the journal [default: the one at the second place that the environment names]
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Who takes over, by identifier
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) because: String,
}

/// `lock`.
#[derive(Debug, Args)]
pub(crate) struct LockArgs {
    #[command(subcommand)]
    pub(crate) what: LockWhat,
}

/// What about the lock.
#[derive(Debug, Subcommand)]
pub(crate) enum LockWhat {
    /// Who holds the run, and since when there is no sign of life
    Status(RunOf),
    /// Take the run away from whoever holds it
    Break(BreakArgs),
}

/// `lock break`.
#[derive(Debug, Args)]
pub(crate) struct BreakArgs {
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// Who decides that, by identifier
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) reason: String,
}

/// `amend`.
#[derive(Debug, Args)]
pub(crate) struct AmendArgs {
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// The folder of the new plan, as `cutover plan -o DIR` wrote it
    pub(crate) new: PathBuf,
    /// Who amends, by identifier
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// Who else agrees that a safeguard is weaker
    #[arg(long, value_name = "PERSON")]
    pub(crate) second: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) because: String,
    /// Say what would happen, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}
