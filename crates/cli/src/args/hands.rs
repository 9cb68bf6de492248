//! Arguments of the verbs by which people prepare, guard and mend a run.

use clap::Args;

use super::RunOf;

/// `rehearse`.
#[derive(Debug, Args)]
pub(crate) struct RehearseArgs {
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// What the sample is drawn by: the same number draws the same records
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// The account of the sandbox, where it is a live desk: typed each time
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
}
