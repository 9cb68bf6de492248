//! Stages: what is done, in which order, by whom, and how it is known to be done.

use std::borrow::Cow;
use std::sync::Arc;

use cutover_ir::Id;
use cutover_ir::measure::{Condition, Sample};
use cutover_ir::predicate::Predicate;
use serde::{Deserialize, Serialize};

use super::{Chunk, LoadMode, Moment, Ref, SilenceProof};

/// A step of the migration. A large spec has thousands, which are moved while they are put in order: what few of them have is boxed, and what many
/// have alike is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// `stage/load/ticket/live`.
    pub id: Id,
    /// SHA-256 of the stage with the items that it names, in hex. Written when the plan is sealed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// The part of the migration to which it belongs.
    pub phase: Phase,
    /// Who acts.
    pub kind: StageKind,
    /// What it does, in one line of plain words: `Load 12,480 unfinished tickets`. Without the numbers that the estimate has.
    pub title: String,
    /// Who does it and answers for it, by identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Who must have approved before the next stage starts, by identifier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed_by: Vec<String>,
    /// What must be over before, sorted by stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// The items that it carries out, sorted. A signature of the stage is one of its first item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Ref>,
    /// What is done.
    pub operation: Operation,
    /// How it is known to have succeeded.
    pub pass: Pass,
    /// What the tool compares afterwards, as catalogued words: `counts`, `ids`, `checksums`, `timestamps`, `thread_order`,
    /// `note_visibility`, `read_back`, `assignments`, `clocks`, `files`, `old_addresses`, `redirects`.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub verification: Words,
    /// How it is taken back.
    pub undo: Undo,
    /// When it happens.
    pub placement: Placement,
    /// Not before this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Box<Moment>>,
    /// Over by this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Box<Moment>>,
    /// How long it takes, where that can be said. People's work has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Box<Estimate>>,
}

/// Catalogued words, shared by the stages that have the same.
pub type Words = Arc<[String]>;

/// The parts of a migration, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Objectives, owners, scope.
    Agree,
    /// Rules frozen, records tidied up.
    Clean,
    /// Backup, restore test, export.
    Export,
    /// What people build in the new desk, and integrations.
    Build,
    /// The trial in the sandbox.
    Rehearse,
    /// Training, announcements, texts, preflight.
    Prepare,
    /// Waves before the window.
    Load,
    /// The window itself.
    Night,
    /// The pass / fail matrix.
    Prove,
    /// Watching, hypercare, ownership.
    After,
    /// Read-only time, decommission, lessons.
    Close,
}

/// Who acts in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// The tool does it alone.
    Automatic,
    /// A person does it, or approves it; the tool waits for the record.
    Gate,
    /// The tool measures until a time is over.
    Watch,
}

/// A stage that must be over before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// The stage.
    pub stage: Id,
    /// Why, in plain words: `a ticket refers to its requester`.
    pub reason: Cow<'static, str>,
}

/// When a stage happens, relative to the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// Before the window.
    Before,
    /// In the window.
    In,
    /// After the window.
    After,
}

/// What a stage does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// A person approves something and does nothing else.
    Approve,
    /// Something about an account is found out that no catalog verified.
    Probe {
        /// Name of the system.
        system: String,
        /// Ids of the facts.
        facts: Vec<String>,
    },
    /// An account is looked at again and compared with the inventory that the plan was made from.
    Inventory {
        /// Name of the system.
        system: String,
        /// What is compared, as catalogued words.
        compares: Vec<String>,
    },
    /// Permissions, subscription, rates, disk, clock, triggers, options, rules and credentials are looked at.
    Preflight {
        /// What is looked at, as catalogued words.
        checks: Vec<String>,
    },
    /// The rules of the source are recorded; a change afterwards stops the run.
    Freeze,
    /// Metrics of a past are measured.
    Measure {
        /// Name of the system.
        system: String,
        /// Metrics.
        metrics: Vec<String>,
    },
    /// Everything is copied to a place of its own.
    Backup {
        /// Where.
        store: String,
        /// What.
        parts: Vec<String>,
    },
    /// Part of the backup is restored and compared.
    RestoreTest {
        /// How much of what.
        samples: Vec<Sample>,
    },
    /// Records are read from the source.
    Export {
        /// Kind in the source catalog.
        kind: String,
        /// Which records; none is all of them.
        #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
        scope: Option<Box<Predicate>>,
        /// Which piece of them.
        #[serde(skip_serializing_if = "Option::is_none")]
        chunk: Option<Box<Chunk>>,
    },
    /// People compare some exported records with the old desk, side by side.
    Compare {
        /// How many of what.
        samples: Vec<Sample>,
    },
    /// Steps of the cleaning are carried out on the copy.
    Clean {
        /// Kind in the source catalog.
        kind: String,
        /// Ids of the steps.
        steps: Vec<Id>,
    },
    /// A person builds something in the new desk.
    Recreate {
        /// Kind in the source catalog.
        kind: String,
    },
    /// Something is kept outside of both desks.
    Archive {
        /// Kind in the source catalog, or what is kept.
        kind: String,
        /// Where.
        store: String,
    },
    /// Something is left behind; its duties are proven to live on or to be unneeded.
    Retire {
        /// Kind in the source catalog.
        kind: String,
    },
    /// Another system is changed, switched or rebuilt by its owner.
    Integrate {
        /// Kind of integration.
        kind: String,
    },
    /// The tests of the maps run.
    Test {
        /// The tests.
        tests: Vec<Ref>,
    },
    /// The whole way, there and back, in the sandbox.
    Rehearse {
        /// Name of the system.
        system: String,
        /// What is tried: what is imported and tidied, the maps, the translations and the waves, sorted.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        of: Vec<Ref>,
    },
    /// People learn.
    Train,
    /// Texts are read for words that must be gone.
    Inspect,
    /// A message goes out.
    Announce {
        /// Who gets it.
        audience: String,
        /// Digest of the asset with the text.
        #[serde(skip_serializing_if = "Option::is_none")]
        template: Option<String>,
    },
    /// The target is made quiet, and that is proven.
    Silence {
        /// The tag that keeps rules away.
        #[serde(skip_serializing_if = "Option::is_none")]
        tag: Option<String>,
        /// What proves it.
        proven_by: Vec<SilenceProof>,
    },
    /// The target speaks again.
    Unsilence,
    /// Inbound messages wait.
    Hold {
        /// The addresses.
        inbound: Vec<Ref>,
    },
    /// Records are mapped and written to the target.
    Load {
        /// The map.
        map: Ref,
        /// Kind in the source catalog.
        source: String,
        /// Kind in the target catalog.
        target: String,
        /// Which records; none is all that are imported.
        #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
        scope: Option<Box<Predicate>>,
        /// The wave, when there are several.
        #[serde(skip_serializing_if = "Option::is_none")]
        wave: Option<Ref>,
        /// How they are written.
        mode: LoadMode,
    },
    /// References that could not be written with the record, because they point in a circle, are written now; or a field that would keep
    /// the target from taking other records, such as that somebody is suspended.
    Link {
        /// Kind in the target catalog.
        kind: String,
        /// Field of the target.
        field: String,
        /// The kinds to which it points, sorted: a reference may lead to objects of several kinds. Empty for a field that is no reference.
        to: Vec<String>,
    },
    /// Source, sent and read-back are compared.
    Verify {
        /// Checks and criteria that are measured.
        checks: Vec<Ref>,
        /// The wave, when there are several.
        #[serde(skip_serializing_if = "Option::is_none")]
        wave: Option<Ref>,
    },
    /// A channel or integration is switched from the old desk to the new.
    Switch {
        /// As the spec names it.
        channel: String,
    },
    /// Held messages are delivered to the new desk and counted.
    Drain {
        /// The addresses.
        inbound: Vec<Ref>,
    },
    /// Clocks that stood still go on.
    ResumeClocks {
        /// The policy.
        sla: Ref,
    },
    /// Metrics are watched.
    Watch,
    /// People are close by.
    Hypercare,
    /// Leftovers have an owner.
    Own,
    /// The old desk takes no more writes.
    ReadOnly {
        /// Name of the system.
        system: String,
    },
    /// The old desk ends.
    Decommission {
        /// Name of the system.
        system: String,
    },
    /// What was learned is written down.
    Lessons {
        /// The file in the project.
        file: String,
    },
}

/// How a stage is known to have succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Pass {
    /// Read = written + rejected + filtered + uncertain.
    CountsAddUp,
    /// What `verification` names is equal on both sides.
    Verified,
    /// All of these hold.
    All(Vec<Condition>),
    /// These checks and criteria pass.
    Checks(Vec<Ref>),
    /// A person keeps this evidence.
    Evidence(String),
    /// The approval is recorded.
    Signed,
    /// The time is over and nothing is open.
    TimeOver,
}

/// How a stage is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Undo {
    /// It changes nothing outside of the migration's own files.
    NotNeeded,
    /// By this.
    Inverse(Inverse),
    /// It cannot be.
    Irreversible {
        /// Why, in plain words.
        because: String,
    },
}

/// The inverse of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inverse {
    /// The records that the journal lists are deleted in the target.
    DeleteCreated,
    /// The field values that the journal holds are written back.
    RestoreFields,
    /// What was built is switched off.
    SwitchOff,
    /// What was switched off in the old desk is switched on again.
    SwitchOn,
    /// The channel goes back to the old desk.
    SwitchBack,
    /// The held messages are delivered to the old desk.
    DeliverToSource,
    /// The old desk takes writes again.
    AllowWrites,
    /// The target speaks again.
    Unsilence,
    /// The target is made quiet again.
    Silence,
    /// The clocks are stopped again.
    SuspendClocks,
    /// A second message tells people.
    Correct,
    /// The rules may change again.
    Unfreeze,
}

/// How long a stage takes: `ceil(count / batch) × calls ÷ rate + fixed`, and never fewer batches than there are holders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// Records.
    pub count: u64,
    /// Records in one batch.
    pub batch: u64,
    /// Records to which these belong, when they are read holder by holder: each takes a batch of its own at least. 0 when a batch spans
    /// holders.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub holders: u64,
    /// Calls that a batch takes.
    pub calls: u64,
    /// Calls allowed.
    pub rate: Rate,
    /// Seconds that it takes besides.
    pub fixed: u64,
    /// The result in seconds, rounded up.
    pub seconds: u64,
    /// Catalog facts that it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
}

/// So many calls in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Calls.
    pub calls: u64,
    /// Seconds.
    pub seconds: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Estimate {
    /// An estimate whose result follows from its parts. A batch, a rate or a number of calls of zero counts as one.
    #[must_use]
    pub fn new(count: u64, batch: u64, calls: u64, rate: Rate, fixed: u64) -> Estimate {
        Estimate::held(count, 0, batch, calls, rate, fixed)
    }

    /// An estimate for records that are read holder by holder, such as the comments of a ticket each.
    #[must_use]
    pub fn held(count: u64, holders: u64, batch: u64, calls: u64, rate: Rate, fixed: u64) -> Estimate {
        let (batch, calls) = (batch.max(1), calls.max(1));
        let rate = Rate { calls: rate.calls.max(1), seconds: rate.seconds.max(1) };
        let total =
            u128::from(count.div_ceil(batch).max(holders)) * u128::from(calls) * u128::from(rate.seconds);
        let seconds = total.div_ceil(u128::from(rate.calls)) + u128::from(fixed);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        Estimate { count, batch, holders, calls, rate, fixed, seconds, facts: Vec::new() }
    }
}

impl Phase {
    /// All phases in order.
    pub const ALL: [Phase; 11] = [
        Phase::Agree,
        Phase::Clean,
        Phase::Export,
        Phase::Build,
        Phase::Rehearse,
        Phase::Prepare,
        Phase::Load,
        Phase::Night,
        Phase::Prove,
        Phase::After,
        Phase::Close,
    ];

    /// The phase's heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Phase::Agree => "Agree on goals and scope",
            Phase::Clean => "Freeze the rules and clean up",
            Phase::Export => "Back up and export",
            Phase::Build => "Set up the new desk",
            Phase::Rehearse => "Rehearse",
            Phase::Prepare => "Prepare people and texts",
            Phase::Load => "Load ahead of the window",
            Phase::Night => "The night",
            Phase::Prove => "Prove it",
            Phase::After => "The first weeks",
            Phase::Close => "Close the old desk",
        }
    }
}
