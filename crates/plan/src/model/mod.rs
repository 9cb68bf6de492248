//! The model of a plan: plain data, filled by the graph builder, read by the documents, the diff and the runner.
//!
//! Everything is typed and named; nothing refers to a line of the spec, to the clock or to the machine. Numbers are whole or
//! exact decimals in text. Maps are sorted. What a field holds when it is left out of the file is `None`, empty or `false`.

mod after;
mod content;
mod data;
mod night;
mod proof;
mod schema;
mod scope;
mod sla;
mod stage;

use std::collections::BTreeMap;

use cutover_ir::Id;
use cutover_ir::quantity::{Decimal, Duration};
use cutover_ir::time::{Date, Instant};
use serde::{Deserialize, Serialize};

pub use after::*;
pub use content::*;
pub use data::*;
pub use night::*;
pub use proof::*;
pub use schema::*;
pub use scope::*;
pub use sla::*;
pub use stage::*;

/// The plan format that this crate writes.
pub const FORMAT: &str = "1.0";

/// A whole migration, ready to be reviewed, signed and run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Format version, [`FORMAT`].
    pub format: String,
    /// Features that a runner must know to run this plan at all. Unknown ones are refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// SHA-256 over the sorted digests of all parts, in hex. Written by [`Plan::seal`](crate::digest).
    pub digest: String,
    /// Digest of the plan that this one amends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// With what the plan was made. Not digested.
    pub header: Header,
    /// What is migrated.
    pub migration: Migration,
    /// The systems that take part, by the name that the spec uses: `source`, `target`, `sandbox`, and tables by theirs.
    pub systems: BTreeMap<String, System>,
    /// The people, by identifier.
    pub people: BTreeMap<String, Person>,
    /// Every decision of the spec, by id.
    pub items: BTreeMap<Id, Item>,
    /// The stages, each after all that it needs; among equals by id.
    pub stages: Vec<Stage>,
    /// Stages that decide how long the night takes, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub critical_path: Vec<Id>,
    /// Numbers from the inventories that the documents show. They change with the accounts, not with decisions.
    pub figures: Figures,
    /// What is lost knowingly, by id of the place where it is lost.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub losses: BTreeMap<Id, AcceptedLoss>,
    /// What the language decided because the spec did not, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub defaults: BTreeMap<Id, DefaultTaken>,
    /// Findings that the spec silences, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub suppressions: BTreeMap<Id, Suppression>,
    /// What the project chose for the rules that judge its specs, by the code of their findings. A rule that is turned off is a suppression.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, ChosenRule>,
    /// The part of each product's catalog and each account's inventory that records must fit: by system name.
    pub schemas: BTreeMap<String, Schema>,
    /// The catalog facts that the plan rests on, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Fact>,
    /// Files of the project that the plan needs, by digest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub assets: BTreeMap<String, Asset>,
    /// What keeps the plan from being written. Never in a file: a plan with errors or holes is not emitted.
    #[serde(skip)]
    pub unfinished: Unfinished,
}

/// What keeps a plan from being emitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unfinished {
    /// Number of errors.
    pub errors: u32,
    /// Number of decisions that are still `???`.
    pub holes: u32,
}

/// With what a plan was made. None of it is digested: the same decisions have the same digest under a newer compiler.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of the compiler.
    pub compiler: String,
    /// Revision of each catalog, by platform.
    pub catalogs: BTreeMap<String, String>,
    /// Version of the time zone data.
    pub time_zones: String,
    /// The inventories, by system name.
    pub inventories: BTreeMap<String, Inventory>,
}

/// Which inventory of an account was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// The file's path in the project.
    pub file: String,
    /// SHA-256 of the file, in hex.
    pub digest: String,
    /// The day on which the account was inventoried.
    pub taken: Date,
}

/// What is migrated, and within which bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Migration {
    /// The identifier.
    pub name: String,
    /// The title.
    pub title: String,
    /// Edition of the language.
    pub edition: u32,
    /// Which roles must be filled and which checks are generated.
    pub team: TeamProfile,
    /// When it happens. None only in plans that are not written.
    pub window: Option<Window>,
    /// Longest time in which customers get no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downtime: Option<Duration>,
    /// How much of a system's rate the migration may use while people still work there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pace: Vec<Pace>,
}

/// The size of the team: what is asked of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamProfile {
    /// All roles, all nine review areas by hand.
    #[default]
    Full,
    /// Four roles; checks that can be computed are generated.
    Small,
}

/// The night: from the freeze of the old desk to the end of the time that was agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First instant.
    pub start: Instant,
    /// Last instant.
    pub end: Instant,
    /// IANA name of the zone in which the plan's local times are told.
    pub zone: String,
    /// The zone's offsets around the plan's instants, oldest first. The first one holds for all earlier instants, so there is at least one.
    /// With them local times can be printed without a time zone database.
    pub offsets: Vec<Offset>,
}

/// An offset of a zone and since when it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offset {
    /// First instant with this offset.
    pub from: Instant,
    /// Seconds east of UTC.
    pub seconds: i32,
}

/// A limit on the use of a system's rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Name of the system.
    pub system: String,
    /// Share of the system's rate, in percent.
    pub percent: Decimal,
    /// Until when; none is always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// A point in time that the spec names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// The instant.
    pub at: Instant,
    /// The words of the spec when they are relative: `window - 14 days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

/// A system that takes part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// What it is in the migration.
    pub role: SystemRole,
    /// Name of the platform in the catalogs.
    pub platform: String,
    /// The platform's name as people know it.
    pub product: String,
    /// The account's name; a runner asks for it and refuses another.
    pub account: String,
    /// The account's subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Credentials, by name. The plan never holds one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Secret>,
    /// For a table: the field whose value finds a row, for example `requester.email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyed_by: Option<String>,
    /// Digest of the asset that holds a table's rows, when they are in the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// How it keeps promises, by policy: those that it keeps otherwise than they were made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keeping: BTreeMap<Id, Keeping>,
}

/// What a system is in the migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemRole {
    /// The old desk.
    Source,
    /// The new desk.
    Target,
    /// Where it is rehearsed.
    Sandbox,
    /// Outside data that maps look up.
    Table,
}

/// A credential that the environment provides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Name of the variable.
    pub name: String,
    /// Last day on which it is valid.
    pub until: Date,
}

/// A person of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// Roles in the migration, as the catalog of roles names them.
    pub roles: Vec<String>,
    /// How to reach them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The address under which they commit: a commit from there is theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git: Option<String>,
    /// When they are at hand around the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<Availability>,
    /// Who takes over what they own when their hours end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hands_over_to: Option<String>,
}

/// From when to when somebody is at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Availability {
    /// First instant.
    pub from: Instant,
    /// Last instant.
    pub to: Instant,
}

/// Numbers from the inventories.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// How many records an item concerns, by the item's id: scope parts, waves, cleaning steps.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub records: BTreeMap<Id, u64>,
    /// How many records the source holds, by kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub source: BTreeMap<String, u64>,
    /// What the change does to promised answers, once somebody computed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promises: Option<Promises>,
}

/// What happens to the due dates of unfinished tickets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promises {
    /// Unfinished tickets with a clock that still runs.
    pub tickets: u64,
    /// Those that are due at another time in the new desk, after the first event there, than the old one shows.
    pub changed: u64,
    /// Tickets that would look late and are not.
    pub false_late: u64,
    /// Tickets that are late and would look on time.
    pub hidden_breaches: u64,
    /// Tickets of which the table does not tell whether the promise is about them; they are counted above.
    pub unsure: u64,
}

/// A line of the loss register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedLoss {
    /// What is lost, in plain words: `the end of long values of subject`.
    pub what: String,
    /// Why that is accepted: the spec's text.
    pub because: String,
    /// Records concerned, where the inventory tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    /// Out of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Where the old state is kept, when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_in: Option<String>,
}

/// A decision that the spec left to the language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultTaken {
    /// What was to decide, in plain words.
    pub what: String,
    /// What was taken.
    pub value: String,
}

/// A finding that the spec silences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppression {
    /// The diagnostic's code.
    pub code: String,
    /// The item on which it is silenced; none is everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Id>,
    /// The last day on which it is silenced; none is without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Why.
    pub because: String,
}

/// What a project chose for a rule: only what is otherwise than usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenRule {
    /// The level of its findings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<ChosenLevel>,
    /// The numbers by which it judges, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub numbers: BTreeMap<String, ChosenNumber>,
    /// Whether no spec may silence its findings.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forbidden: bool,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// A level that a project chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenLevel {
    /// The chosen one.
    pub chosen: RuleLevel,
    /// The one that holds when nobody chooses.
    pub usual: RuleLevel,
}

/// How much the findings of a rule matter, the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleLevel {
    /// The rule does not run.
    Off,
    /// Good to know.
    Note,
    /// Somebody should look.
    Warning,
    /// No plan is written.
    Error,
}

/// A number that a project chose for a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenNumber {
    /// The chosen one.
    pub chosen: u64,
    /// The one that holds when nobody chooses.
    pub usual: u64,
    /// What it counts: `minutes between two looks`.
    pub counts: String,
    /// Which number finds more.
    pub stricter: Stricter,
}

/// Which of two numbers makes a rule find more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stricter {
    /// The larger one: something has to last so long at least.
    Larger,
    /// The smaller one: something may last so long at most.
    Smaller,
}

impl RuleLevel {
    /// The word in `cutover.toml`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            RuleLevel::Off => "off",
            RuleLevel::Note => "note",
            RuleLevel::Warning => "warning",
            RuleLevel::Error => "error",
        }
    }
}

/// A file of the project that travels with the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// The file's path in the project.
    pub file: String,
    /// Length in bytes.
    pub bytes: u64,
}

/// A reference to another item of the plan. What an item refers to is part of what its signature covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ref(pub Id);

impl From<Id> for Ref {
    fn from(id: Id) -> Self {
        Ref(id)
    }
}
