//! The kinds of change: a closed list. Each has a class, an effect on risk, and one fixed sentence.

use serde::{Serialize, Serializer};

/// How much a change matters to somebody who has approved the plan before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Records, promises or safeguards are not what was approved: approve again.
    Breaking,
    /// It is done in another way: somebody who knows this part should look.
    Risky,
    /// Nothing that was approved is worse off.
    Safe,
    /// Words only.
    Cosmetic,
}

impl Class {
    /// All classes, the most important first.
    pub const ALL: [Class; 4] = [Class::Breaking, Class::Risky, Class::Safe, Class::Cosmetic];

    /// The class in one word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Class::Breaking => "breaking",
            Class::Risky => "risky",
            Class::Safe => "safe",
            Class::Cosmetic => "cosmetic",
        }
    }
}

/// Which way a change moves the risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Something that would have stopped or shown a failure does so later, less often or not at all.
    WeakerSafeguard,
    /// More can go wrong.
    MoreRisk,
    /// Neither more nor less, or nobody can tell.
    Neutral,
    /// Less can go wrong.
    LessRisk,
    /// A failure is stopped or shown sooner, more often, or at all.
    StrongerSafeguard,
}

impl Effect {
    /// The effect in a few words; empty when there is none.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Effect::WeakerSafeguard => "weaker safeguard",
            Effect::MoreRisk => "more risk",
            Effect::Neutral => "",
            Effect::LessRisk => "less risk",
            Effect::StrongerSafeguard => "stronger safeguard",
        }
    }
}

macro_rules! kinds {
    ($($variant:ident $name:literal $class:ident $effect:ident $says:literal,)*) => {
        /// A kind of change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = concat!($says, ".")] $variant,)*
        }

        impl Kind {
            /// All kinds, in the order in which changes of one class are told.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            /// The name, which never changes: `check-weaker`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Kind::$variant => $name,)* }
            }

            /// How much it matters.
            #[must_use]
            pub fn class(self) -> Class {
                match self { $(Kind::$variant => Class::$class,)* }
            }

            /// Which way it moves the risk.
            #[must_use]
            pub fn effect(self) -> Effect {
                match self { $(Kind::$variant => Effect::$effect,)* }
            }

            /// What changed, as a sentence without names.
            #[must_use]
            pub fn says(self) -> &'static str {
                match self { $(Kind::$variant => $says,)* }
            }
        }
    };
}

kinds! {
    // The plan as a whole.
    PlanUnfinished "plan-unfinished" Breaking MoreRisk "the plan has mistakes or open decisions now",
    PlanFinished "plan-finished" Safe LessRisk "the plan has fewer mistakes or open decisions",
    SystemChanged "system-changed" Breaking Neutral "another system takes part",
    SecretChanged "secret-changed" Risky Neutral "a credential is another one, or valid for another time",
    WindowMoved "window-moved" Risky Neutral "the window is at another time",
    WindowShorter "window-shorter" Risky MoreRisk "there is less time for the switch",
    DowntimeLonger "downtime-longer" Breaking MoreRisk "customers may wait longer for an answer",
    DowntimeShorter "downtime-shorter" Safe LessRisk "customers wait less for an answer",
    PaceFaster "pace-faster" Risky MoreRisk "the migration may take more of a system that people work in",
    PaceSlower "pace-slower" Safe LessRisk "the migration takes less of a system that people work in",
    TeamSmaller "team-smaller" Breaking WeakerSafeguard "less is asked of the team",
    TeamLarger "team-larger" Safe StrongerSafeguard "more is asked of the team",
    NightLonger "night-longer" Risky MoreRisk "the night takes longer",
    NightShorter "night-shorter" Safe LessRisk "the night takes less time",
    // Gates and people.
    GateRemoved "gate-removed" Breaking WeakerSafeguard "something no longer waits for an approval or a result",
    GateAdded "gate-added" Safe StrongerSafeguard "something waits for an approval or a result",
    SignerRemoved "signer-removed" Breaking WeakerSafeguard "fewer people have to sign",
    SignerReplaced "signer-replaced" Risky Neutral "somebody else has to sign",
    SignerAdded "signer-added" Safe StrongerSafeguard "more people have to sign",
    OwnerRemoved "owner-removed" Breaking WeakerSafeguard "nobody answers for something any more",
    OwnerChanged "owner-changed" Risky Neutral "somebody else answers for something",
    OwnerAdded "owner-added" Safe LessRisk "somebody answers for something",
    PersonRemoved "person-removed" Risky MoreRisk "somebody is no longer in the team",
    PersonAdded "person-added" Safe LessRisk "somebody joined the team",
    PersonChanged "person-changed" Risky Neutral "a person has other roles, or another time at hand",
    SigningIdentityChanged "signing-identity-changed" Breaking WeakerSafeguard "signatures are accepted from another address",
    // What must hold.
    ConditionWeaker "condition-weaker" Breaking WeakerSafeguard "what must hold is easier to meet",
    ConditionStronger "condition-stronger" Safe StrongerSafeguard "what must hold is harder to meet",
    ConditionChanged "condition-changed" Risky Neutral "something else must hold",
    ConditionRemoved "condition-removed" Breaking WeakerSafeguard "something need not hold any more",
    ConditionAdded "condition-added" Safe StrongerSafeguard "one more thing must hold",
    CheckRemoved "check-removed" Breaking WeakerSafeguard "something is not checked any more",
    CheckAdded "check-added" Safe StrongerSafeguard "something is checked that was not",
    CheckMoved "check-moved" Risky Neutral "a check counts for another area",
    WaiverAdded "waiver-added" Breaking WeakerSafeguard "an area is not checked any more, by decision",
    WaiverRemoved "waiver-removed" Safe StrongerSafeguard "an area is checked again",
    WaiverLonger "waiver-longer" Breaking WeakerSafeguard "an area stays unchecked for longer",
    WaiverShorter "waiver-shorter" Safe StrongerSafeguard "an area is checked again sooner",
    TestRemoved "test-removed" Breaking WeakerSafeguard "an example is not tested any more",
    TestAdded "test-added" Safe StrongerSafeguard "one more example is tested",
    TestWeaker "test-weaker" Breaking WeakerSafeguard "less is expected of an example",
    TestStronger "test-stronger" Safe StrongerSafeguard "more is expected of an example",
    TestChanged "test-changed" Risky Neutral "an example expects something else",
    SuppressionAdded "suppression-added" Breaking WeakerSafeguard "a finding is silenced",
    SuppressionRemoved "suppression-removed" Safe StrongerSafeguard "a finding is told again",
    RuleWeaker "rule-weaker" Breaking WeakerSafeguard "a rule of the project finds less, or counts for less",
    RuleStronger "rule-stronger" Safe StrongerSafeguard "a rule of the project finds more, or counts for more",
    // What stops the night.
    TriggerRemoved "trigger-removed" Breaking WeakerSafeguard "something does not stop the night any more",
    TriggerAdded "trigger-added" Safe StrongerSafeguard "one more thing stops the night",
    TriggerWeaker "trigger-weaker" Breaking WeakerSafeguard "a trigger fires later or for less",
    TriggerStronger "trigger-stronger" Safe StrongerSafeguard "a trigger fires sooner or for more",
    TriggerChanged "trigger-changed" Risky Neutral "a trigger watches something else",
    RollbackWeaker "rollback-weaker" Breaking WeakerSafeguard "the way back is shorter, slower or decided by fewer",
    RollbackStronger "rollback-stronger" Safe StrongerSafeguard "the way back is longer, faster or decided by more",
    RollbackChanged "rollback-changed" Risky Neutral "the way back is another one",
    Irreversible "irreversible" Breaking WeakerSafeguard "there is a step that cannot be undone",
    Reversible "reversible" Safe LessRisk "a step that could not be undone is gone, or can be undone",
    // Safeguards before and around the night.
    PreparationWeaker "preparation-weaker" Breaking WeakerSafeguard "less is backed up, tried, verified, learned or frozen beforehand",
    PreparationStronger "preparation-stronger" Safe StrongerSafeguard "more is backed up, tried, verified, learned or frozen beforehand",
    PreparationChanged "preparation-changed" Risky Neutral "it is prepared in another way",
    SilenceWeaker "silence-weaker" Breaking WeakerSafeguard "less keeps the new desk from writing to customers",
    SilenceStronger "silence-stronger" Safe StrongerSafeguard "more keeps the new desk from writing to customers",
    SilenceChanged "silence-changed" Risky Neutral "the new desk is kept quiet in another way",
    AftercareWeaker "aftercare-weaker" Breaking WeakerSafeguard "the new desk is looked after for less long, less often or less closely",
    AftercareStronger "aftercare-stronger" Safe StrongerSafeguard "the new desk is looked after for longer, more often or more closely",
    AftercareChanged "aftercare-changed" Risky Neutral "the new desk is looked after in another way",
    IntegrationWeaker "integration-weaker" Breaking WeakerSafeguard "another system is handled with less care, or later",
    IntegrationStronger "integration-stronger" Safe StrongerSafeguard "another system is handled with more care, or sooner",
    // What moves.
    LessKept "less-kept" Breaking MoreRisk "records are kept in a lesser way, or not at all",
    MoreKept "more-kept" Safe LessRisk "records are kept in a better way",
    FateChanged "fate-changed" Breaking Neutral "records get to the new desk in another way",
    ScopeChanged "scope-changed" Breaking Neutral "a decision covers other records",
    KeptShorter "kept-shorter" Breaking MoreRisk "something is kept for less long",
    KeptLonger "kept-longer" Safe LessRisk "something is kept for longer",
    DeletedLater "deleted-later" Risky MoreRisk "something is deleted later, or not at all",
    StoreChanged "store-changed" Risky Neutral "something is kept in another place",
    IdentityChanged "identity-changed" Breaking Neutral "records are recognised by something else",
    HandlingChanged "handling-changed" Risky Neutral "records are carried in another way",
    CleanChanged "clean-changed" Breaking Neutral "records are tidied up in another way",
    LossAdded "loss-added" Breaking MoreRisk "something more is lost",
    LossRemoved "loss-removed" Safe LessRisk "something is not lost any more",
    LossChanged "loss-changed" Breaking Neutral "something else is lost",
    // How it is written.
    MapAdded "map-added" Risky Neutral "records of one more kind are written",
    MapRemoved "map-removed" Breaking MoreRisk "records of a kind are not written any more",
    MappingAdded "mapping-added" Risky Neutral "one more field is written",
    MappingRemoved "mapping-removed" Breaking MoreRisk "a field is not written any more",
    MappingChanged "mapping-changed" Breaking Neutral "a field is written otherwise",
    MissingChanged "missing-changed" Risky Neutral "a missing value is handled otherwise",
    FieldDropped "field-dropped" Breaking MoreRisk "a field of the old desk is left behind",
    FieldKept "field-kept" Safe LessRisk "a field of the old desk is not left behind any more",
    RequirementChanged "requirement-changed" Breaking Neutral "other records are rejected",
    TranslationChanged "translation-changed" Breaking Neutral "a value becomes another one",
    StatusChanged "status-changed" Breaking Neutral "a status becomes another one",
    SeenAsChanged "seen-as-changed" Risky Neutral "customers see another word",
    SchemaChanged "schema-changed" Risky Neutral "records have to fit another shape",
    FactChanged "fact-changed" Risky Neutral "the plan rests on another fact about a product",
    // Promises.
    PromiseAdded "promise-added" Risky Neutral "one more promise is kept",
    PromiseRemoved "promise-removed" Breaking MoreRisk "a promise is not kept any more",
    PromiseLonger "promise-longer" Breaking MoreRisk "customers are promised an answer later",
    PromiseShorter "promise-shorter" Risky Neutral "customers are promised an answer sooner",
    PromiseScopeChanged "promise-scope-changed" Breaking Neutral "a promise is made for other tickets",
    ClockChanged "clock-changed" Breaking Neutral "running clocks go on in another way",
    PausesChanged "pauses-changed" Breaking Neutral "clocks run, pause or stop in other statuses",
    HoursChanged "hours-changed" Breaking Neutral "business time is counted by other opening hours",
    KeepingChanged "keeping-changed" Breaking Neutral "a desk keeps a promise in another way",
    ToleranceWider "tolerance-wider" Breaking WeakerSafeguard "a due date may move further without a reason",
    ToleranceNarrower "tolerance-narrower" Safe StrongerSafeguard "a due date may move less without a reason",
    EscalationWeaker "escalation-weaker" Breaking WeakerSafeguard "fewer people hear of a promise in danger, or later",
    EscalationStronger "escalation-stronger" Safe StrongerSafeguard "more people hear of a promise in danger, or sooner",
    // The order of things.
    WaveScopeChanged "wave-scope-changed" Breaking Neutral "other records go over in a wave",
    WaveMoved "wave-moved" Risky Neutral "records go over at another time",
    WaveAdded "wave-added" Risky Neutral "records go over in one more wave",
    WaveRemoved "wave-removed" Risky Neutral "records go over in fewer waves",
    SwitchChanged "switch-changed" Breaking Neutral "something else is held, loaded or switched in the night",
    AnnouncementChanged "announcement-changed" Risky Neutral "people are told something else, or at another time",
    AnnouncementRemoved "announcement-removed" Breaking MoreRisk "people are not told any more",
    AnnouncementAdded "announcement-added" Safe LessRisk "people are told",
    IntegrationChanged "integration-changed" Risky Neutral "another system is connected in another way",
    IntegrationAdded "integration-added" Risky Neutral "one more system or address is part of the migration",
    IntegrationRemoved "integration-removed" Breaking MoreRisk "a system or an address is not part of the migration any more",
    BaselineChanged "baseline-changed" Risky Neutral "results are compared with another past",
    StageAdded "stage-added" Risky Neutral "there is one more step",
    StageRemoved "stage-removed" Risky MoreRisk "there is a step less",
    StageReordered "stage-reordered" Risky Neutral "a step comes before or after another one",
    StageMoved "stage-moved" Risky Neutral "a step is done at another time",
    StageChanged "stage-changed" Risky Neutral "a step does something else",
    VerificationWeaker "verification-weaker" Breaking WeakerSafeguard "the tool compares less after a step",
    VerificationStronger "verification-stronger" Safe StrongerSafeguard "the tool compares more after a step",
    // Everything else.
    FileChanged "file-changed" Risky Neutral "a text or a list says something else",
    DefaultChanged "default-changed" Risky Neutral "the language decides something else where the spec is silent",
    ItemAdded "item-added" Risky Neutral "there is one more decision",
    ItemRemoved "item-removed" Breaking MoreRisk "a decision is gone",
    ItemChanged "item-changed" Risky Neutral "a decision says something else",
    FiguresChanged "figures-changed" Safe Neutral "the accounts hold other numbers of records",
    Renamed "renamed" Cosmetic Neutral "something has another name in the spec",
    TitleChanged "title-changed" Cosmetic Neutral "something has another title",
    ReasonChanged "reason-changed" Cosmetic Neutral "a reason is worded otherwise",
    MeaningChanged "meaning-changed" Cosmetic Neutral "what a field means is worded otherwise",
    ContactChanged "contact-changed" Cosmetic Neutral "somebody is reached in another way, or has another name",
}

impl Kind {
    /// Whether it is about who approves, or about what something waits for: told right after weaker safeguards, and never folded.
    #[must_use]
    pub fn is_gate(self) -> bool {
        matches!(
            self,
            Kind::GateRemoved
                | Kind::GateAdded
                | Kind::SignerRemoved
                | Kind::SignerReplaced
                | Kind::SignerAdded
                | Kind::SigningIdentityChanged
        )
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
