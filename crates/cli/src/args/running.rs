//! Arguments of the verbs that run a plan.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Words that are to be read later: who reads them finds more than nothing.
pub(crate) fn said(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it says nothing: whoever reads the journal later wants to know why".to_owned());
    }
    Ok(text.to_owned())
}

/// Which run: a plan, and the environment in which it is run.
#[derive(Debug, Args)]
pub(crate) struct RunOf {
    /// The plan's folder, or the project's folder with `plan` in it
    pub(crate) bundle: PathBuf,
    /// The environment file: which system is which connector, and where the journal is
    #[arg(long, value_name = "ENV.toml")]
    pub(crate) env: PathBuf,
}

/// `run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// The account to which is written: asked for once, for a new journal; whenever it is typed, it has to be the plan's
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// Say how long it takes and why, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How what happens is told
    #[arg(long, value_enum, default_value_t = RunFormat::Auto)]
    pub(crate) format: RunFormat,
}

/// How a run tells what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunFormat {
    /// A view of now, next and who in a terminal; plain lines elsewhere
    Auto,
    /// Plain lines on standard error
    Lines,
    /// A line of JSON for each event, on standard output
    Json,
}

/// `status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// As one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// As the view that a run draws in a terminal
    #[arg(long, conflicts_with = "json")]
    pub(crate) view: bool,
    /// Write the page for onlookers to this file as well
    #[arg(long, value_name = "FILE")]
    pub(crate) page: Option<PathBuf>,
}

/// `did`.
#[derive(Debug, Args)]
pub(crate) struct DidArgs {
    /// The stage, or the beginning of several with a star: `stage/hold/*`
    pub(crate) stage: String,
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// Who did it, by identifier
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// Where the evidence is
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) evidence: String,
}

/// `pause`, `resume`.
#[derive(Debug, Args)]
pub(crate) struct PauseArgs {
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// Who says so, by identifier
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) because: String,
}

/// `waive`.
#[derive(Debug, Args)]
pub(crate) struct WaiveArgs {
    /// The check or criterion: `check/macros`
    pub(crate) check: String,
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// The worst that is let pass: `3`, `0.4%`, `45 min`, or `missing=3` for one of several conditions [default: what was found last]
    #[arg(long, value_name = "VALUE")]
    pub(crate) up_to: Vec<String>,
    /// Until when, in UTC: `2027-01-17T06:00:00Z`; then it is asked for again [default: for good]
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Who decides that, by identifier
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) because: String,
}

/// `note`.
#[derive(Debug, Args)]
pub(crate) struct NoteArgs {
    /// The remark
    #[arg(value_parser = said)]
    pub(crate) text: String,
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// Whose remark it is, by identifier
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
}

/// `trace`.
#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// The key that the old desk gives the record
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// The kind, where several kinds have a record of this key
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Show what stands in the fields: text of customers
    #[arg(long)]
    pub(crate) show_values: bool,
}

/// `rejects`.
#[derive(Debug, Args)]
pub(crate) struct RejectsArgs {
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// Where they go, as lines of JSON [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `retry`.
#[derive(Debug, Args)]
pub(crate) struct RetryArgs {
    #[command(subcommand)]
    pub(crate) what: RetryWhat,
}

/// What is tried again.
#[derive(Debug, Subcommand)]
pub(crate) enum RetryWhat {
    /// The rejected records of all load stages
    Rejects(RunOf),
}

/// `rollback`.
#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// Only this wave: `wave/history`
    #[arg(long, value_name = "WAVE")]
    pub(crate) wave: Option<String>,
    /// Say what would be undone, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Also when something is over that cannot be taken back
    #[arg(long)]
    pub(crate) past_no_return: bool,
    /// Who decides that, by identifier
    #[arg(long, value_name = "PERSON", required_unless_present = "dry_run")]
    pub(crate) by: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run", value_parser = said)]
    pub(crate) because: Option<String>,
}

/// `report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// Where it goes, as Markdown, or as one HTML page when the name ends so [default: Markdown on standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `measured`.
#[derive(Debug, Args)]
pub(crate) struct MeasuredArgs {
    /// What was measured, as `cutover watch` names it: `trigger/canary`, `check/routing/routing_time`, `baseline/october/resolution_time`
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) of: RunOf,
    /// What it came to: a number, a share such as `0.4%`, a time such as `45 min`
    #[arg(long, value_name = "VALUE")]
    pub(crate) value: String,
    /// Who looked, by identifier
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// Where the evidence is
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) evidence: String,
}
