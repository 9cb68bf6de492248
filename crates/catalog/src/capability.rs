//! What a product can do for a migration: values out of closed lists, not yes or no.

use serde::{Deserialize, Serialize};

use crate::fact::{Fact, Names};
use crate::kind::is_false;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal, $text:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(schema, derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// All values in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The written form.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }

            /// The value in words.
            #[must_use]
            pub const fn describe(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }
        }
    };
}

words! {
    /// When something that belongs to an object can be written.
    Ability {
        /// It cannot.
        Never = "never", "never";
        /// Only when the object is made.
        OnCreate = "on_create", "when it is created";
        /// At any time.
        Always = "always", "at any time";
        /// Through an API made for importing.
        ImportEndpoint = "import_endpoint", "through the import endpoint";
        /// While the product is in an import mode, or the object is marked as imported.
        ModeSwitch = "mode_switch", "in import mode";
        /// Through a file that an administrator or the vendor loads.
        AdminFile = "admin_file", "through a file an administrator loads";
        /// In the product's own database or through its server-side code.
        Database = "database", "in the product's database";
    }
}

words! {
    /// What shows that nothing was sent while records were loaded.
    SilenceProof {
        /// The product counts the messages that it sends.
        Counter = "counter", "a counter of sent messages";
        /// Outgoing mail can be led into a sink.
        Sink = "sink", "a mail sink";
        /// The rules that could send are listed and exclude the imported records.
        TriggersListed = "triggers_listed", "the list of triggers that exclude imported records";
        /// A record with an address of our own, at which nothing may arrive.
        Canary = "canary", "a canary address";
        /// Nothing shows it.
        None = "none", "nothing";
    }
}

words! {
    /// How a second load of the same record is noticed.
    DedupeHow {
        /// The product refuses a second record with the same key.
        Enforced = "enforced", "the product refuses duplicates";
        /// A search by the key finds a record as soon as it is there.
        ConsistentLookup = "consistent_lookup", "a search finds a record at once";
        /// A search by the key finds a record some time after it is there.
        LaggingLookup = "lagging_lookup", "a search finds a record after a while";
        /// Nothing.
        None = "none", "not at all";
    }
}

words! {
    /// How the product tells public comments from internal ones.
    VisibilityHow {
        /// A flag of each comment.
        Flag = "flag", "a flag of each comment";
        /// The type of the comment, or another kind of object.
        Kind = "kind", "the type of the comment";
        /// It does not.
        None = "none", "not at all";
    }
}

words! {
    /// How files of comments get in.
    AttachmentRoute {
        /// As files of the comment.
        Native = "native", "as files of the comment";
        /// As links to a store of one's own.
        Link = "link", "as links";
        /// As a list of names and sizes.
        Metadata = "metadata", "as names only";
    }
}

words! {
    /// Whether closed records can be changed.
    ClosedRecords {
        /// As all others.
        Editable = "editable", "can be changed and reopened";
        /// A few fields can.
        Limited = "limited", "only a few fields can be changed";
        /// No.
        Immutable = "immutable", "cannot be changed";
        /// That depends on the workflow that the account made.
        Workflow = "workflow", "depends on the account's workflow";
    }
}

words! {
    /// How customers come back to a finished ticket.
    Reopen {
        /// Their reply opens it again.
        ByReply = "by_reply", "a reply opens it again";
        /// Their reply makes a new, linked ticket.
        FollowUp = "follow_up", "a reply makes a new, linked ticket";
        /// A reply opens it again until it is closed for good, then it makes a new one.
        ByReplyThenFollowUp = "by_reply_then_follow_up", "a reply opens it again until it is closed, then it makes a new, linked ticket";
        /// The account decides.
        Configured = "configured", "as the account has configured it";
    }
}

words! {
    /// Ways to take many records in one call.
    BulkHow {
        /// None.
        None = "none", "one record a call";
        /// A list in the call.
        Array = "array", "a list in one call";
        /// A list that becomes a job whose result is asked for later.
        Job = "job", "a list that becomes a job";
        /// A file.
        File = "file", "a file";
    }
}

words! {
    /// How a clock can go on with the time that is left.
    InheritRemaining {
        /// Not at all.
        Never = "never", "never";
        /// The due time can be written, computed from what is left.
        ByDue = "by_due", "by writing the due time";
        /// A policy whose target is what is left.
        ByPolicy = "by_policy", "by a policy whose target is the remaining time";
        /// By moving the time of creation, which falsifies history.
        ByCreated = "by_created", "only by moving the time of creation";
    }
}

words! {
    /// From when a recalculated clock counts.
    ClockAnchor {
        /// The creation of the ticket.
        Created = "created", "the creation of the ticket";
        /// The moment of import, because the creation cannot be backdated.
        Import = "import", "the moment of import";
        /// What the customer wrote and nobody has answered yet; else what the customer last wrote.
        LastCustomer = "last_customer", "the customer's last message";
        /// What an agent last wrote.
        LastAgent = "last_agent", "the agent's last message";
        /// What the history of the ticket shows.
        History = "history", "the ticket's history";
        /// A field that the account chooses.
        Field = "field", "a field that the account chooses";
        /// The reopening, where there was one, else the creation.
        Reopened = "reopened", "the last reopening, else the creation of the ticket";
        /// Something that only the product sees; a note says what.
        Event = "event", "an event of its own";
    }
}

words! {
    /// In which hours the lengths of one policy count.
    PolicyHours {
        /// Each length says whether it counts business or calendar hours.
        Each = "each", "each time of a policy counts in business or in calendar hours of its own";
        /// All lengths of a policy count in the same hours.
        One = "one", "all times of a policy count in the same hours";
        /// All lengths of a policy count in its calendar: there is no switch for day and night.
        Calendar = "calendar", "all times of a policy count in its one calendar";
    }
}

words! {
    /// The smallest unit of the lengths of a policy.
    LengthUnit {
        /// Seconds.
        Second = "second", "seconds";
        /// Minutes.
        Minute = "minute", "minutes";
        /// Hours.
        Hour = "hour", "hours";
    }
}

impl LengthUnit {
    /// How many seconds it has.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        match self {
            LengthUnit::Second => 1,
            LengthUnit::Minute => 60,
            LengthUnit::Hour => 3600,
        }
    }
}

words! {
    /// When clocks are counted again.
    ClockTrigger {
        /// When the ticket is next touched.
        NextEvent = "next_event", "the next event of the ticket";
        /// Whenever it is saved.
        Save = "save", "each save";
        /// When a policy or calendar changes, for all open tickets.
        PolicyChange = "policy_change", "a change of policy or calendar";
        /// On a schedule.
        Schedule = "schedule", "a scheduled job";
    }
}

words! {
    /// What keeps clocks from running.
    SuspendHow {
        /// Nothing.
        Never = "never", "nothing";
        /// Policies that exclude records with a tag or label.
        ByCondition = "by_condition", "policies that exclude a tag";
        /// A status in which the clock is off.
        ByStatus = "by_status", "a status with the clock off";
        /// No service level is set on the record.
        ByLevel = "by_level", "no service level on the record";
        /// The policy is switched off.
        BySwitch = "by_switch", "the policy switched off";
    }
}

/// Whether and how the product stays silent while records are loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// When silence can be had.
    pub how: Ability,
    /// Silent unless asked to speak (`true`), or speaking unless asked to be silent (`false`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub by_default: bool,
    /// What can show it.
    pub proofs: Vec<SilenceProof>,
    /// What still speaks, or speaks later: "triggers run on the next update".
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub leaks: Names,
}

/// How a second load of the same record is noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Dedupe {
    /// How.
    pub how: DedupeHow,
    /// The field that holds the key; `custom` for a custom field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Box<str>>,
    /// After how many seconds a search finds a new record, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
}

/// How public comments are told from internal ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CommentVisibility {
    /// How.
    pub how: VisibilityHow,
    /// The field that tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Box<str>>,
    /// A comment is internal when nothing is said (`true`) or public (`false`); unknown when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_by_default: Option<bool>,
}

/// Many records in one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    /// How.
    pub how: BulkHow,
    /// Most records a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
}

/// How far due times of the old system can be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InheritDue {
    /// When a due time can be written so that a clock of the product goes by it.
    pub how: Ability,
    /// The fields that hold it.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub fields: Names,
    /// Only a due time that lies in the future can be written.
    #[serde(default, skip_serializing_if = "is_false")]
    pub future: bool,
    /// It can be written only in a status in which the clock runs.
    #[serde(default, skip_serializing_if = "is_false")]
    pub running: bool,
    /// Under which condition besides: "the ticket is entered by staff".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Box<str>>,
    /// What undoes it later: "the next qualifying transaction overwrites it".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Box<str>>,
}

/// What a recalculation does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Recalculate {
    /// From when clocks count.
    pub anchors: Vec<ClockAnchor>,
    /// When they are counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<ClockTrigger>,
    /// Whether pauses before the import count, because the status history comes along.
    pub pauses_known: bool,
    /// Only a record with a service level has clocks: without one nothing is counted, and what was written stays.
    #[serde(default, skip_serializing_if = "is_false")]
    pub level: bool,
}

/// What keeps clocks from running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    /// How.
    pub how: Vec<SuspendHow>,
}

macro_rules! capabilities {
    ($($name:ident: $type:ty, $title:literal;)+) => {
        /// What a product can do for a migration. What is left out is unknown.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(schema, derive(schemars::JsonSchema))]
        #[serde(default, deny_unknown_fields)]
        pub struct Capabilities {
            $(#[doc = $title] #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<Fact<$type>>,)+
        }

        impl Capabilities {
            /// Names and titles in order.
            pub const NAMES: &'static [(&'static str, &'static str)] = &[$((stringify!($name), $title),)+];

            /// Takes what another one knows; its facts replace these.
            pub(crate) fn overlay(&mut self, other: Capabilities) {
                $(if other.$name.is_some() { self.$name = other.$name; })+
            }

            /// Calls `visit` with name, title and fact of each known capability, in order.
            pub fn visit(&self, visit: &mut impl FnMut(&'static str, &'static str, &dyn AnyFact)) {
                $(if let Some(fact) = &self.$name { visit(stringify!($name), $title, fact); })+
            }
        }
    };
}

capabilities! {
    backdate: Ability, "Original time of creation of a ticket";
    backdate_updated: Ability, "Original time of the last change of a ticket";
    backdate_solved: Ability, "Original time at which a ticket was solved or closed";
    backdate_comments: Ability, "Original time of each comment";
    author_per_comment: Ability, "Original author of each comment";
    silence_on_import: Silence, "Silence while records are loaded";
    dedupe: Dedupe, "Noticing a record that is loaded twice";
    bulk_write: Bulk, "Many tickets in one call";
    comment_visibility: CommentVisibility, "Telling public comments from internal ones";
    status_history: Ability, "Original changes of status";
    due_date_writing: Ability, "Writing due times";
    attachments: Vec<AttachmentRoute>, "Files of comments";
    message_id: Ability, "Mail threads: keeping message ids";
    keep_number: Ability, "Keeping the number of a ticket";
    closed_records: ClosedRecords, "Changing closed tickets";
    reopen: Reopen, "How customers come back to a finished ticket";
    suspended_author: Ability, "Suspended people as requesters or authors";
    merged_tickets: Ability, "Merged tickets as such";
    sla_inherit_due: InheritDue, "Clocks: keeping the old due time";
    sla_inherit_remaining: InheritRemaining, "Clocks: keeping the remaining time";
    sla_recalculate: Recalculate, "Clocks: counting again";
    sla_suspend: Suspend, "Clocks: holding them still";
    sla_events: Ability, "Clocks: results of the past";
}

/// A fact of any type, for lists of facts.
pub trait AnyFact {
    /// The value in words; on a plan where it depends on the plan.
    fn words(&self, plan: Option<&str>) -> Option<String>;
    /// The value as programs read it: a word such as `import_endpoint`, or JSON with sorted keys where it has parts.
    fn case(&self, plan: Option<&str>) -> Option<String>;
    /// Plans with a value of their own.
    fn plans(&self) -> Vec<&str>;
    /// Keys of its sources.
    fn from(&self) -> &Names;
    /// Its own mark.
    fn mark(&self) -> Option<crate::fact::Mark>;
    /// Its note.
    fn note(&self) -> Option<&str>;
}

/// A value that people can read.
pub trait Words {
    /// The value in words.
    fn words(&self) -> String;
}

impl<T: Words + Serialize> AnyFact for Fact<T> {
    fn words(&self, plan: Option<&str>) -> Option<String> {
        self.on(plan).map(Words::words)
    }
    fn case(&self, plan: Option<&str>) -> Option<String> {
        let value = serde_json::to_value(self.on(plan)?).ok()?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }
    fn plans(&self) -> Vec<&str> {
        self.plans.keys().collect()
    }
    fn from(&self) -> &Names {
        &self.from
    }
    fn mark(&self) -> Option<crate::fact::Mark> {
        self.mark
    }
    fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }
}

macro_rules! words_of {
    ($($type:ty: $value:ident => $text:expr;)+) => {
        $(impl Words for $type {
            fn words(&self) -> String {
                let $value = self;
                $text
            }
        })+
    };
}

words_of! {
    Ability: it => it.describe().to_owned();
    ClosedRecords: it => it.describe().to_owned();
    Reopen: it => it.describe().to_owned();
    InheritRemaining: it => it.describe().to_owned();
    crate::fact::Amount: it => it.to_string();
    crate::fact::Rate: it => it.to_string();
    Vec<AttachmentRoute>: it => join(it.iter().map(|route| route.describe()));
    Silence: it => {
        let default = if it.by_default { "silent unless asked to speak" } else { "speaks unless told not to" };
        let mut text = format!("{}; {default}; shown by {}", it.how.describe(), join(it.proofs.iter().map(|proof| proof.describe())));
        for leak in it.leaks.iter() {
            text.push_str("; but ");
            text.push_str(leak);
        }
        text
    };
    Dedupe: it => {
        let mut text = it.how.describe().to_owned();
        if let Some(field) = &it.field {
            text.push_str(", by ");
            text.push_str(field);
        }
        if let Some(seconds) = it.seconds {
            text.push_str(&format!(", after {seconds} s"));
        }
        text
    };
    CommentVisibility: it => {
        let mut text = it.how.describe().to_owned();
        if let Some(field) = &it.field {
            text.push_str(&format!(", `{field}`"));
        }
        match it.internal_by_default {
            Some(true) => text.push_str(", internal unless said otherwise"),
            Some(false) => text.push_str(", public unless said otherwise"),
            None => {}
        }
        text
    };
    Bulk: it => match it.batch {
        Some(batch) => format!("{}, at most {batch}", it.how.describe()),
        None => it.how.describe().to_owned(),
    };
    InheritDue: it => {
        let mut text = it.how.describe().to_owned();
        if !it.fields.is_empty() {
            text.push_str(&format!(", in {}", join(it.fields.iter())));
        }
        text.push_str(if it.future { "; not one that has passed" } else { "" });
        text.push_str(if it.running { "; not while the clock stands still" } else { "" });
        for part in [&it.when, &it.until].into_iter().flatten() {
            text.push_str("; ");
            text.push_str(part);
        }
        text
    };
    Recalculate: it => {
        if it.anchors.is_empty() {
            return "not for imported records".to_owned();
        }
        let mut text = format!("from {}", join(it.anchors.iter().map(|anchor| anchor.describe())));
        if !it.triggers.is_empty() {
            text.push_str(&format!(", at {}", join(it.triggers.iter().map(|trigger| trigger.describe()))));
        }
        text.push_str(if it.pauses_known { "; earlier pauses count" } else { "; earlier pauses are not known" });
        text.push_str(if it.level { "; only with a service level" } else { "" });
        text
    };
    Suspend: it => join(it.how.iter().map(|how| how.describe()));
}

fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
