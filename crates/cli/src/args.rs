//! The command line.

mod hands;
mod running;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::exit;
pub(crate) use hands::{AmendArgs, LockArgs, LockWhat, RehearseArgs, SettleArgs, SkipArgs, TakeoverArgs};
pub(crate) use running::{
    DidArgs, MeasuredArgs, NoteArgs, PauseArgs, RejectsArgs, ReportArgs, RetryArgs, RetryWhat, RollbackArgs,
    RunArgs, RunFormat, RunOf, StatusArgs, TraceArgs, WaiveArgs,
};

/// Checks, plans and explains migrations between helpdesks.
#[derive(Debug, Parser)]
#[command(name = "cutover", version, about, after_help = exit::HELP, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Write the first draft of a spec: every decision is there, most are open
    Init(InitArgs),
    /// Find mistakes in a spec, or in all specs of a folder
    Check(FindArgs),
    /// Find only what could be better: `check --only lint`
    Lint(FindArgs),
    /// Check at each save, until Ctrl-C
    Dev(DevArgs),
    /// Write the plan, the checklist and the pages for people
    Plan(PlanArgs),
    /// Run the tests that a spec declares
    Test(CheckArgs),
    /// Tell what changed in meaning between two plans
    Diff(DiffArgs),
    /// Lay specs out in the one way
    Fmt(FmtArgs),
    /// Sign an item of the plan: writes a line to commit
    Sign(SignArgs),
    /// What is signed, what is stale, and who may sign
    Signoffs(SignoffsArgs),
    /// Keep the plan as the one that was approved
    Approve(ApproveArgs),
    /// Draw the stages of a plan
    Graph(GraphArgs),
    /// Run a plan's map over records: JSON Lines in, JSON Lines out
    Transform(TransformArgs),
    /// Rehearse a plan: a sample goes the whole way, there and back, in a desk that nobody works in
    Rehearse(RehearseArgs),
    /// Look at everything before a run, the day before or the minute before: nothing is written
    Preflight(RunOf),
    /// Run a plan: everything up to what waits for people
    Run(RunArgs),
    /// Where a run is: now, next, and who is waited for
    Status(StatusArgs),
    /// Say that somebody did a stage which this program cannot do
    Did(DidArgs),
    /// Stop a run before its next step
    Pause(PauseArgs),
    /// Let a paused run go on
    Resume(PauseArgs),
    /// Let a check pass that did not, or that nobody can measure
    Waive(WaiveArgs),
    /// Say what somebody measured that this program cannot
    Measured(MeasuredArgs),
    /// Look once at triggers and alerts; for a scheduler
    Watch(RunOf),
    /// Go on with a corrected plan, with the same journal
    Amend(AmendArgs),
    /// Leave one record behind, by somebody's decision
    Skip(SkipArgs),
    /// Settle a record about which nobody knows whether the new desk has it
    Settle(SettleArgs),
    /// Write a remark into the journal of a run
    Note(NoteArgs),
    /// Take a run over on this machine, from the copy of its journal at the second place
    Takeover(TakeoverArgs),
    /// Who holds a run, and take it away
    Lock(LockArgs),
    /// Compare what a run wrote with source and target, record by record
    Verify(RunOf),
    /// Tell the story of one record
    Trace(TraceArgs),
    /// List the records that did not go over, and why
    Rejects(RejectsArgs),
    /// Try again what did not go over
    Retry(RetryArgs),
    /// Take back what a run did, record by record
    Rollback(RollbackArgs),
    /// Write the report of a run
    Report(ReportArgs),
    /// What becomes of promised answers: due times before and after
    Sla(SlaArgs),
    /// Explain a finding by its code
    Explain(ExplainArgs),
    /// What the program knows about products
    Catalog(CatalogArgs),
    /// What an account holds
    Inventory(InventoryArgs),
    /// Speak with an editor: a language server on standard input and output
    Lsp(LspArgs),
    /// Write a script that completes commands in a shell
    Completions(CompletionsArgs),
    /// Write the manual pages
    Man(ManArgs),
}

/// A spec.
#[derive(Debug, ClapArgs)]
pub(crate) struct SpecArgs {
    /// The spec, or a folder that holds one spec
    pub(crate) spec: PathBuf,
    /// The project's folder, beside which nothing is read [default: the spec's folder]
    #[arg(long)]
    pub(crate) root: Option<PathBuf>,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

/// `lsp`.
#[derive(Debug, ClapArgs)]
pub(crate) struct LspArgs {
    /// The only way to speak; editors like to say so
    #[arg(long)]
    pub(crate) stdio: bool,
}

/// How findings are shown.
#[derive(Debug, ClapArgs)]
pub(crate) struct ShowArgs {
    /// How findings are shown
    #[arg(long, value_enum, default_value_t = Format::Full)]
    pub(crate) format: Format,
}

/// `init`.
#[derive(Debug, ClapArgs)]
pub(crate) struct InitArgs {
    /// The product that is left: a catalog's name
    #[arg(long, value_name = "PRODUCT")]
    pub(crate) from: String,
    /// The product that is moved to
    #[arg(long, value_name = "PRODUCT")]
    pub(crate) to: String,
    /// The inventory of the old account, inside the folder
    #[arg(long, value_name = "FILE")]
    pub(crate) inventory: Option<PathBuf>,
    /// The inventory of the new account, inside the folder
    #[arg(long, value_name = "FILE")]
    pub(crate) target_inventory: Option<PathBuf>,
    /// The project's folder
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
}

/// `dev`.
#[derive(Debug, ClapArgs)]
pub(crate) struct DevArgs {
    /// The spec, or a folder that holds one spec
    #[arg(default_value = ".")]
    pub(crate) spec: PathBuf,
    /// The project's folder, beside which nothing is read [default: the spec's folder]
    #[arg(long)]
    pub(crate) root: Option<PathBuf>,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

/// `check` and `lint`.
#[derive(Debug, ClapArgs)]
pub(crate) struct FindArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    /// Show nothing else: `lint`, a family such as `map`, or a code such as `watch/seldom`
    #[arg(long, value_name = "WHAT")]
    pub(crate) only: Vec<String>,
    /// The day on which `allow ... until` is judged [default: that of the source's inventory]
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<String>,
    /// Make the changes that are certainly what was meant
    #[arg(long)]
    pub(crate) fix: bool,
    /// Make the changes as well that decide something
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    /// A file of findings that are known: they are not shown
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write the baseline: without what is mended, and never with more
    #[arg(long, requires = "baseline")]
    pub(crate) update_baseline: bool,
    /// Let the baseline grow
    #[arg(long, requires = "update_baseline")]
    pub(crate) grow: bool,
    /// Only errors, and findings on lines that differ from this revision in git
    #[arg(long, value_name = "REV")]
    pub(crate) since: Option<String>,
}

/// `test`.
#[derive(Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// `plan`.
#[derive(Debug, ClapArgs)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    /// Where the outputs go [default: `plan` beside the spec]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Write nothing; compare the committed outputs with what would be written
    #[arg(long)]
    pub(crate) check: bool,
}

/// `diff`.
#[derive(Debug, ClapArgs)]
pub(crate) struct DiffArgs {
    /// The older plan: a spec, a folder that holds one, a plan's folder, or one of these in git: `main:acme/acme.cutover`
    pub(crate) old: String,
    /// The newer plan, named likewise
    #[arg(required_unless_present = "rev", conflicts_with = "rev")]
    pub(crate) new: Option<String>,
    /// Compare two revisions in git of the one that is named; `.` is what is on disk
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"])]
    pub(crate) rev: Option<Vec<String>>,
    /// The project's folder, beside which nothing is read [default: the spec's folder]
    #[arg(long)]
    pub(crate) root: Option<PathBuf>,
    /// How the changes are shown
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(crate) format: DiffFormat,
}

/// `fmt`.
#[derive(Debug, ClapArgs)]
pub(crate) struct FmtArgs {
    /// Specs, or folders that hold some; `-` reads standard input and writes standard output [default: this folder]
    pub(crate) paths: Vec<PathBuf>,
    /// Write nothing; name the files that would change, and end with 1 if there are some
    #[arg(long)]
    pub(crate) check: bool,
    /// Write nothing; show what would change, and end with 1 if something would
    #[arg(long)]
    pub(crate) diff: bool,
    /// Only the items that touch these lines, and those that are aligned with them
    #[arg(long, value_name = "FIRST-LAST")]
    pub(crate) lines: Option<Lines>,
}

/// Lines of a file, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines {
    /// The first one.
    pub(crate) first: usize,
    /// The last one, not before the first.
    pub(crate) last: usize,
}

impl std::str::FromStr for Lines {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Lines, Self::Err> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) if 0 < first && first <= last => Ok(Lines { first, last }),
            _ => Err("two line numbers, such as 10-20"),
        }
    }
}

/// A project with its plan.
#[derive(Debug, ClapArgs)]
pub(crate) struct ProjectArgs {
    /// The project's folder, which holds `plan`, `signoffs` and `approved`
    #[arg(default_value = ".")]
    pub(crate) folder: PathBuf,
}

/// `approve`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ApproveArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// The project's folder, beside which the spec reads nothing, as `cutover plan` was given it [default: the spec's folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
}

/// `sign`.
#[derive(Debug, ClapArgs)]
pub(crate) struct SignArgs {
    /// The item, or a stage: `go_live`
    pub(crate) item: String,
    /// Who signs, by the short name in `team`
    #[arg(long, value_name = "PERSON")]
    pub(crate) by: String,
    /// Where the evidence is
    #[arg(long, value_name = "URL")]
    pub(crate) evidence: Option<String>,
    /// The project's folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) project: PathBuf,
    /// The project's folder, beside which the spec reads nothing, as `cutover plan` was given it [default: the spec's folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Let the journal of the run carry it, for a night that cannot wait for git; `signoffs export` writes it out afterwards
    #[arg(long, value_name = "ENV.toml")]
    pub(crate) env: Option<PathBuf>,
}

/// `signoffs`.
#[derive(Debug, ClapArgs)]
pub(crate) struct SignoffsArgs {
    #[command(subcommand)]
    pub(crate) verb: SignoffsVerb,
}

/// What about sign-offs.
#[derive(Debug, Subcommand)]
pub(crate) enum SignoffsVerb {
    /// Fail when a signature is missing, stale, or not by who may sign
    Verify(VerifyArgs),
    /// Write `status.md`: the checklist with its signatures
    Status(ProjectArgs),
    /// Write out what the journal of a run carries, to be committed: the same lines as `sign` writes
    Export(RunOf),
    /// Show lines for CODEOWNERS: who has to approve changes of what they sign
    Codeowners(ProjectArgs),
}

/// `signoffs verify`.
#[derive(Debug, ClapArgs)]
pub(crate) struct VerifyArgs {
    /// The projects' folders, which hold `plan`, `signoffs` and `approved`, or a folder above them
    #[arg(default_value = ".")]
    pub(crate) folders: Vec<PathBuf>,
    /// The project's folder, beside which the spec reads nothing, as `cutover plan` was given it [default: the spec's folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Fail as well when git cannot say that a signature is by who signed
    #[arg(long)]
    pub(crate) authenticated: bool,
}

/// `graph`.
#[derive(Debug, ClapArgs)]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// What to draw for
    #[arg(long, value_enum, default_value_t = Drawing::Mermaid)]
    pub(crate) format: Drawing,
    /// Only this stage and what is near it
    #[arg(long, value_name = "STAGE")]
    pub(crate) focus: Option<String>,
    /// How near
    #[arg(long, default_value_t = 1, requires = "focus")]
    pub(crate) depth: usize,
}

/// `transform`.
#[derive(Debug, ClapArgs)]
pub(crate) struct TransformArgs {
    /// The folder that holds `plan.json`
    pub(crate) bundle: PathBuf,
    /// The kind of the source's records, or the id of a map where a kind has several
    #[arg(long, value_name = "KIND")]
    pub(crate) object: String,
    /// Read the records from this file [default: standard input]
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Write the records to this file [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write one line for each rejected record to this file, readable by its owner only
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Replace the files of `--output` and `--rejects` when they are there already
    #[arg(long)]
    pub(crate) replace: bool,
    /// Where a field stands, when not at the path of its name: `requester=contact.id`
    #[arg(long, value_name = "FIELD=PATH")]
    pub(crate) at: Vec<String>,
    /// The rows of a table that the plan looks up, as CSV or JSON Lines: `crm=accounts.csv`
    #[arg(long, value_name = "NAME=FILE")]
    pub(crate) table: Vec<String>,
    /// The records of another kind, where the map reads `requester.name` and a record holds only an id: `user=users.jsonl`
    #[arg(long, value_name = "KIND=FILE")]
    pub(crate) records: Vec<String>,
    /// How many threads work; the output is the same with any number
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: u16,
}

/// `completions`.
#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// `man`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ManArgs {
    /// The folder for the pages, such as `~/.local/share/man/man1`
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

/// `sla`.
#[derive(Debug, ClapArgs)]
pub(crate) struct SlaArgs {
    #[command(subcommand)]
    pub(crate) verb: SlaVerb,
}

/// What about promises.
#[derive(Debug, Subcommand)]
pub(crate) enum SlaVerb {
    /// Compare the due times of unfinished tickets: old desk, new desk, contract
    Preview(PreviewArgs),
    /// Tell the computation for one ticket step by step
    Explain(ExplainTicketArgs),
}

/// `sla preview`.
#[derive(Debug, ClapArgs)]
pub(crate) struct PreviewArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// The unfinished tickets, as JSON Lines [default: those beside the inventory of the source]
    #[arg(long, value_name = "FILE")]
    pub(crate) tickets: Option<PathBuf>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = PreviewFormat::Table)]
    pub(crate) format: PreviewFormat,
    /// Write to this file [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `sla explain`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainTicketArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// The ticket, as the table of unfinished tickets names it
    pub(crate) ticket: String,
    /// The unfinished tickets, as JSON Lines [default: those beside the inventory of the source]
    #[arg(long, value_name = "FILE")]
    pub(crate) tickets: Option<PathBuf>,
}

/// How a preview is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PreviewFormat {
    /// Counts, the worst and the broken, for reading here
    Table,
    /// For programs
    Json,
    /// For spreadsheets: a line for each clock of each ticket
    Csv,
    /// A page with pictures
    Html,
}

/// `explain`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    /// The code, for example `translate/option-missing`; without one, all codes are listed
    pub(crate) code: Option<String>,
}

/// `catalog`.
#[derive(Debug, ClapArgs)]
pub(crate) struct CatalogArgs {
    /// The project's folder, whose `catalogs/NAME.yaml` are its own [default: this folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) verb: CatalogVerb,
}

/// What about catalogs.
#[derive(Debug, Subcommand)]
pub(crate) enum CatalogVerb {
    /// All catalogs
    List,
    /// One catalog with its facts and their sources
    Show {
        /// The catalog's name
        name: String,
    },
}

/// `inventory`.
#[derive(Debug, ClapArgs)]
pub(crate) struct InventoryArgs {
    #[command(subcommand)]
    pub(crate) verb: InventoryVerb,
}

/// What about inventories.
#[derive(Debug, Subcommand)]
pub(crate) enum InventoryVerb {
    /// Make an inventory from an export folder
    Scan(ScanArgs),
}

/// `inventory scan`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ScanArgs {
    /// The export folder
    pub(crate) folder: PathBuf,
    /// The product that the export is of: a catalog's name
    #[arg(long)]
    pub(crate) platform: String,
    /// The project's folder, whose `catalogs/NAME.yaml` are its own [default: this folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// The inventory to write
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// The account's name
    #[arg(long)]
    pub(crate) account: Option<String>,
    /// The account's subscription
    #[arg(long)]
    pub(crate) plan: Option<String>,
    /// The day of the export [default: the newest time in it]
    #[arg(long, value_name = "DATE")]
    pub(crate) taken: Option<String>,
    /// Which of the catalog's export layouts the folder has [default: the one that fits]
    #[arg(long)]
    pub(crate) layout: Option<String>,
    /// Keep the names of agents
    #[arg(long)]
    pub(crate) names: bool,
}

/// How findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With the lines of the spec
    Full,
    /// One line each
    Short,
    /// For programs
    Json,
    /// For screen readers
    Narrated,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit's XML
    Junit,
    /// Checkstyle's XML
    Checkstyle,
    /// Reviewdog's JSON
    Rdjson,
}

/// How changes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For a terminal
    Text,
    /// A comment on a pull request, with a mark by which it is found again
    Markdown,
    /// For programs
    Json,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// In a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to draw for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Drawing {
    /// Markdown pages that draw Mermaid
    Mermaid,
    /// Graphviz
    Dot,
    /// A picture for browsers
    Svg,
}
