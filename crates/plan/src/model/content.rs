//! Items: the decisions of a spec.

use cutover_ir::Id;
use cutover_ir::map::{Map, Translate};
use serde::{Deserialize, Serialize};

use super::{
    Accept, Announce, Backup, Baseline, Calendar, Check, Clean, Consumer, Decommission, Escalation, Export,
    Freeze, GoLive, Goal, Hypercare, Inbound, Inspect, Integration, Lessons, MapTest, Ownership, ReadOnly,
    Rehearsal, Rollback, ScopePart, Sla, Train, Trigger, Truth, Waiver, Watch, Wave,
};

/// A decision that can be signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// SHA-256 of the item with everything that it names, in hex. Written when the plan is sealed.
    pub digest: String,
    /// The title that the spec gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who does it and answers for it, by identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Who approves, by identifier. All of them must.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed_by: Vec<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The id that the item had before it was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<Id>,
    /// What is decided.
    pub content: Content,
    /// The items that this one names, sorted. Written when the plan is sealed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Id>,
}

impl Item {
    /// An item with nothing but content.
    #[must_use]
    pub fn new(content: Content) -> Item {
        Item {
            digest: String::new(),
            title: None,
            owner: None,
            signed_by: Vec::new(),
            because: None,
            was: None,
            content,
            names: Vec::new(),
        }
    }
}

/// What is decided, by kind of item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// What happens to objects of a kind.
    Scope(ScopePart),
    /// Another system that reads or writes the desk.
    Integration(Integration),
    /// An address at which customers write.
    Inbound(Inbound),
    /// Something outside that reads fields.
    Consumer(Consumer),
    /// Who is right.
    Truth(Truth),
    /// A past that is compared with.
    Baseline(Baseline),
    /// What the change is for.
    Objective(Goal),
    /// What success means.
    Criterion(Goal),
    /// Opening hours.
    Calendar(Calendar),
    /// What is tidied up.
    Clean(Clean),
    /// Rules that nobody changes.
    Freeze(Freeze),
    /// A copy that can be restored.
    Backup(Backup),
    /// How the source is read.
    Export(Export),
    /// How records of one kind become records of another.
    Map(Map),
    /// Which value becomes which.
    Translate(Translate),
    /// An accepted loss.
    Accept(Accept),
    /// An example of the maps.
    Test(MapTest),
    /// A promise.
    Sla(Sla),
    /// Who hears of a promise in danger.
    Escalation(Escalation),
    /// A trial.
    Rehearsal(Rehearsal),
    /// Records that go over together.
    Wave(Wave),
    /// The switch.
    GoLive(GoLive),
    /// A message to people.
    Announce(Announce),
    /// Learning the new desk.
    Train(Train),
    /// Texts that are read.
    Inspect(Inspect),
    /// A row of the pass / fail matrix.
    Check(Check),
    /// An area that is not checked.
    Waiver(Waiver),
    /// The way back.
    Rollback(Rollback),
    /// What stops the night.
    Trigger(Trigger),
    /// Looking after the new desk.
    Watch(Watch),
    /// The first days.
    Hypercare(Hypercare),
    /// Who owns what is left over.
    Ownership(Ownership),
    /// The old desk as a place to look things up.
    ReadOnly(ReadOnly),
    /// The end of the old desk.
    Decommission(Decommission),
    /// What was learned.
    Lessons(Lessons),
}
