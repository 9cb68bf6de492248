//! Kinds of objects, their fields and their states.

use std::borrow::Cow;
use std::fmt;

use cutover_ir::Visibility;
use cutover_ir::predicate::StatusClass;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::fact::{Amount, Mark, Names};
use crate::{FieldType, Table};

/// A kind of object of a product: `ticket`, `macro`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Kind {
    /// The plural, as specs write it: `tickets`. Without one it is the name with an `s`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub plural: Box<str>,
    /// What people call one of them: `saved reply`. Without one it is the name.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub title: Box<str>,
    /// Other spellings that specs may use, singular and plural: `contact`, `contacts`.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub aliases: Names,
    /// Which generic part of a helpdesk the kind is; kinds of two products correspond by it.
    #[serde(skip_serializing_if = "Part::is_unset")]
    pub part: Part,
    /// One sentence for people.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub summary: Box<str>,
    /// The product's own name of the kind, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<Box<str>>,
    /// Who decides about the kind.
    #[serde(skip_serializing_if = "is_default")]
    pub scope: Scope,
    /// The kind whose objects hold objects of this kind: comments are held by tickets. It may be imported `with` that kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<Box<str>>,
    /// Fields by name.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub fields: Table<Field>,
    /// The field that holds the state, and the states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub states: Option<States>,
    /// Which custom fields an account may add; `None` when it may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<CustomFields>,
    /// Words that predicates may use about an object of the kind: `merged`, `inactive`.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub words: Table<Word>,
    /// How objects get out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<Access>,
    /// How objects get in. `None` when nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load: Option<Access>,
    /// Plans that have the kind; every plan when empty.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub plans: Names,
    /// Sources of what stands here; also of each field, state and word that names none.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

impl Kind {
    /// The plural of a kind of this name: `tickets`.
    #[must_use]
    pub fn plural_of<'a>(&'a self, name: &str) -> Cow<'a, str> {
        if self.plural.is_empty() { Cow::Owned(format!("{name}s")) } else { Cow::Borrowed(&self.plural) }
    }

    /// What people call one of a kind of this name.
    #[must_use]
    pub fn title_of<'a>(&'a self, name: &'a str) -> Cow<'a, str> {
        if self.title.is_empty() { Cow::Owned(name.replace('_', " ")) } else { Cow::Borrowed(&self.title) }
    }

    /// Spellings of a kind of this name other than its plural: the name and the aliases.
    pub fn spellings<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        std::iter::once(name).chain(self.aliases.iter())
    }

    /// Name and field with a canonical meaning.
    #[must_use]
    pub fn by_canon(&self, canon: &str) -> Option<(&str, &Field)> {
        self.fields.iter().find(|(_, field)| field.canon.as_deref() == Some(canon))
    }
}

/// Whether a value is its type's default, for serde.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Whether a flag is not set, for serde.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}

macro_rules! parts {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// The generic parts of a helpdesk.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(schema, derive(schemars::JsonSchema))]
        pub enum Part {
            /// Not said. Every kind must say it.
            #[default]
            #[serde(skip)]
            Unset,
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl Part {
            /// All parts in order.
            pub const ALL: &'static [Part] = &[$(Part::$variant,)+];

            /// The written form.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    Part::Unset => "",
                    $(Part::$variant => $word,)+
                }
            }
        }
    };
}

parts! {
    /// A request of a customer with its conversation.
    Ticket = "ticket",
    /// One message or note of a ticket.
    Comment = "comment",
    /// A file.
    Attachment = "attachment",
    /// The record of a live chat or call.
    Transcript = "transcript",
    /// A person who asks, or any person where the product has one kind for both.
    User = "user",
    /// A person who answers.
    Agent = "agent",
    /// A company.
    Organization = "organization",
    /// Membership of people in groups or organizations.
    Membership = "membership",
    /// A group of agents.
    Group = "group",
    /// A queue, inbox or department that holds tickets.
    Queue = "queue",
    /// A role with permissions.
    Role = "role",
    /// A free label.
    Tag = "tag",
    /// The definition of a custom field.
    CustomField = "custom_field",
    /// A form of fields, or a ticket type with its own fields.
    Form = "form",
    /// The definition of a status, or of a workflow of them.
    Status = "status",
    /// The definition of a priority.
    Priority = "priority",
    /// A brand or product under which the desk appears.
    Brand = "brand",
    /// A prepared answer or a bundle of actions that an agent applies.
    Macro = "macro",
    /// A rule that the product runs by itself.
    Automation = "automation",
    /// A message template of the product's own mail.
    Template = "template",
    /// A saved list of tickets.
    View = "view",
    /// A report or dashboard.
    Report = "report",
    /// A promise of times.
    SlaPolicy = "sla_policy",
    /// Working hours and holidays.
    Schedule = "schedule",
    /// A mail address, chat widget, phone line or form through which tickets come in.
    Channel = "channel",
    /// A connected system.
    Integration = "integration",
    /// An article of the help centre, or a link to it.
    KbArticle = "kb_article",
    /// An answer to "how did we do".
    Rating = "rating",
    /// Time spent.
    TimeEntry = "time_entry",
    /// A link between tickets.
    Link = "link",
    /// A piece of work inside a ticket.
    Task = "task",
    /// What happened to a ticket: status changes, audits.
    History = "history",
    /// A row of any other data.
    Other = "other",
}

impl Part {
    /// Whether it is not said.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        *self == Part::Unset
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who decides about a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The `scope` block names the kind.
    #[default]
    Asked,
    /// The decision about the kind named by [`Kind::with`] covers it, unless `scope` says otherwise.
    WithParent,
    /// Another construct decides: calendars, inbound addresses, integrations, roles.
    Elsewhere,
}

/// A field of a kind. Written as its type alone, or as a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema), schemars(transform = crate::schema::or_type))]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Field {
    /// The type.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// What people call it, where that differs from the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Box<str>>,
    /// The product's own name, where it differs: `requester_id`, `cf_region`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<Box<str>>,
    /// What the field means in every product: a name of [`crate::canon::FIELDS`] for the kind's part. Fields of two products correspond by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canon: Option<Box<str>>,
    /// Options of a choice. The options of a state field are its states.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub options: Options,
    /// Whether an account adds options of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub open: bool,
    /// When a value must be given.
    #[serde(default, skip_serializing_if = "is_default")]
    pub required: Required,
    /// When a value can be written.
    #[serde(default, skip_serializing_if = "is_default")]
    pub write: Write,
    /// Whether the product computes the value, so that nobody needs to decide what becomes of it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub derived: bool,
    /// Who sees the value.
    #[serde(default, skip_serializing_if = "is_default")]
    #[cfg_attr(schema, schemars(with = "crate::schema::VisibilityWord"))]
    pub visibility: Visibility,
    /// The value of this field that makes the whole object internal: `true` of `private`, `note` of `type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_when: Option<Box<str>>,
    /// The product's own flag says the opposite: `internal` here, `public` there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub negated: bool,
    /// Two objects cannot have the same value; the product enforces it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// The value that the product takes when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Box<str>>,
    /// Plans that have the field; every plan when empty.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub plans: Names,
    /// Sources, when they differ from the kind's.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

impl Field {
    /// A plain field of a type.
    #[must_use]
    pub fn of(ty: FieldType) -> Self {
        Self {
            ty,
            title: None,
            api: None,
            canon: None,
            options: Options::default(),
            open: false,
            required: Required::Never,
            write: Write::Always,
            derived: false,
            visibility: Visibility::Public,
            internal_when: None,
            negated: false,
            unique: false,
            default: None,
            plans: Names::default(),
            from: Names::default(),
            mark: None,
            note: None,
        }
    }
}

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Field::of(self.ty.clone()) {
            return self.ty.serialize(serializer);
        }
        // The derived function of the same name writes the mapping form.
        Field::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Body;
        impl<'de> Visitor<'de> for Body {
            type Value = Field;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a type such as `text(150)`, or a mapping with `type`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Field, E> {
                FieldType::parse(text).map(Field::of).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field, A::Error> {
                // The derived function of the same name reads the mapping form.
                Field::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Body)
    }
}

/// When a value must be given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// It may stay empty. Conditions stand in [`crate::Catalog::constraints`].
    #[default]
    Never,
    /// The product refuses a new object without it.
    OnCreate,
    /// The product never lets it be empty.
    Always,
}

/// When a value can be written from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Write {
    /// At any time.
    #[default]
    Always,
    /// Only when the object is made.
    OnCreate,
    /// Only through the product's way of importing history (see [`crate::Capabilities::backdate`]).
    OnImport,
    /// Only in the product's database or configuration files.
    Database,
    /// Never.
    Never,
}

/// Options of a choice. Written as a list of names, or as a mapping from names to what is known of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options(pub Table<FieldOption>);

impl Options {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One option of a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FieldOption {
    /// The product's own value, where it differs: `4`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<Box<str>>,
    /// What the option means in every product: `urgent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canon: Option<Box<str>>,
    /// It can no longer be chosen; old objects may hold it.
    #[serde(skip_serializing_if = "is_false")]
    pub retired: bool,
    /// What a reader should know besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

impl Serialize for Options {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.values().all(is_default) {
            serializer.collect_seq(self.0.keys())
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rows;
        impl<'de> Visitor<'de> for Rows {
            type Value = Options;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of option names or a mapping of options")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Options, A::Error> {
                let mut rows = Vec::new();
                while let Some(name) = seq.next_element::<Box<str>>()? {
                    rows.push((name, FieldOption::default()));
                }
                Table::from_rows(rows)
                    .map(Options)
                    .map_err(|name| A::Error::custom(format_args!("option {name:?} stands twice")))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Options, A::Error> {
                Table::deserialize(MapAccessDeserializer::new(map)).map(Options)
            }
        }
        deserializer.deserialize_any(Rows)
    }
}

/// The states of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct States {
    /// The field that holds the state.
    pub field: Box<str>,
    /// Whether an account adds states of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub open: bool,
    /// States by name, in the order in which a ticket usually passes them.
    pub values: Table<State>,
    /// Sources, when they differ from the kind's.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
}

/// One state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct State {
    /// What it means in every product.
    pub category: StateCategory,
    /// Whether work is left to do.
    #[cfg_attr(schema, schemars(with = "crate::schema::ClassWord"))]
    pub class: StatusClass,
    /// The product's own value, where it differs: `4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<Box<str>>,
    /// What the customer sees instead, where that differs: on hold is seen as `Open`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_as: Option<Box<str>>,
    /// When an object can be put into it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub write: Write,
    /// Whether objects in it can be changed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub change: Change,
    /// Fields that must have a value in it.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub requires: Names,
    /// Whether SLA clocks run in it, where that does not depend on the metric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// Sources, when they differ from the kind's.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

/// What a state means in every product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StateCategory {
    /// Nobody has looked at it.
    New,
    /// Somebody works on it.
    Open,
    /// Waits for the customer.
    Pending,
    /// Waits for somebody else.
    Hold,
    /// Done; the customer may reopen it.
    Solved,
    /// Done for good.
    Closed,
    /// Refused.
    Rejected,
    /// Unwanted mail.
    Spam,
    /// Joined to another one.
    Merged,
    /// Deleted.
    Removed,
}

impl StateCategory {
    /// The written form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            StateCategory::New => "new",
            StateCategory::Open => "open",
            StateCategory::Pending => "pending",
            StateCategory::Hold => "hold",
            StateCategory::Solved => "solved",
            StateCategory::Closed => "closed",
            StateCategory::Rejected => "rejected",
            StateCategory::Spam => "spam",
            StateCategory::Merged => "merged",
            StateCategory::Removed => "removed",
        }
    }

    /// The class that every product's states of this category have.
    #[must_use]
    pub const fn class(self) -> StatusClass {
        match self {
            StateCategory::New | StateCategory::Open | StateCategory::Pending | StateCategory::Hold => {
                StatusClass::Unfinished
            }
            _ => StatusClass::Finished,
        }
    }
}

/// Whether an object can be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Yes.
    #[default]
    Free,
    /// Only a few fields; the note says which.
    Limited,
    /// No.
    Frozen,
}

/// What an SLA clock does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Time counts.
    Runs,
    /// Time does not count; the rest is kept.
    Pauses,
    /// The clock is over.
    Stops,
}

/// Which custom fields an account may add to a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CustomFields {
    /// Types by the product's name.
    pub types: Table<CustomType>,
    /// How the product's own names of them begin: `cf_`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub prefix: Box<str>,
    /// Whether a field's type can be changed after it is made.
    #[serde(skip_serializing_if = "is_false")]
    pub fixed_type: bool,
    /// Sources, when they differ from the kind's.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// What a reader should know besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

/// A type of custom field that a product offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CustomType {
    /// The type of its values.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// Most options, for a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<Amount>,
    /// The product stores less than it is given: the last four digits of a card number.
    #[serde(default, skip_serializing_if = "is_false")]
    pub lossy: bool,
    /// What a reader should know besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

/// A word that predicates may use: `merged`, `inactive(responder)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// What is true of an object of which the word holds.
    pub means: Box<str>,
    /// The kinds that an argument, a reference field, must point to; no argument when empty.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub of: Names,
    /// The same as a test of fields. Without it the word is opaque: only the running system knows its truth.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub when: Table<FieldTest>,
    /// Sources, when they differ from the kind's.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// What is asked of one field. All that are given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FieldTest {
    /// The value is one of these.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub is: Names,
    /// There is a value (`true`) or none (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present: Option<bool>,
    /// The value is not before that of another field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Box<str>>,
    /// The value lies after the moment of writing (`true`) or not after it (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub future: Option<bool>,
    /// The value cannot be written (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writable: Option<bool>,
}

/// A way to read or write objects of a kind, with what an estimate needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Access {
    /// Which way.
    pub how: Route,
    /// Address of the call or name of the tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Box<str>>,
    /// Most objects a call; 1 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
    /// Calls for one batch; 1 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<u32>,
    /// The rate that the calls count against: a key of [`crate::Catalog::rates`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Box<str>>,
    /// Most objects that one query gives, whatever the number of pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap: Option<u64>,
    /// Sources, when they differ from the kind's.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

/// Which way objects get in or out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// No way, or none known.
    #[default]
    Never,
    /// The public API.
    Api,
    /// An API made for importing history.
    ImportEndpoint,
    /// The public API while the product is in an import mode.
    ModeSwitch,
    /// A file that an administrator, or the vendor, loads.
    AdminFile,
    /// Inside the call for the kind named by [`Kind::with`].
    WithParent,
    /// It comes about by itself: a tag exists once a ticket has it.
    Implied,
    /// Made by hand in the product.
    ByHand,
    /// The product's database or configuration files.
    Database,
    /// A file on a disk, for the generic platforms.
    File,
}

impl Route {
    /// The way in words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Route::Never => "no way known",
            Route::Api => "public API",
            Route::ImportEndpoint => "import API",
            Route::ModeSwitch => "public API in import mode",
            Route::AdminFile => "a file an administrator loads",
            Route::WithParent => "inside the call for what holds it",
            Route::Implied => "comes about by itself",
            Route::ByHand => "by hand",
            Route::Database => "database or configuration files",
            Route::File => "a file",
        }
    }
}

impl Access {
    /// The way in words, with batch and cap.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = self.how.describe().to_owned();
        if let Some(endpoint) = &self.endpoint {
            text.push_str(&format!(", {endpoint}"));
        }
        if let Some(batch) = self.batch {
            text.push_str(&format!(", {batch} a call"));
        }
        if let Some(calls) = self.calls {
            text.push_str(&format!(", {calls} calls each"));
        }
        if let Some(cap) = self.cap {
            text.push_str(&format!(", at most {cap} a query"));
        }
        text
    }
}
