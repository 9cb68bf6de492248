//! Kinds of objects. Their fields stand in [`crate::field`], their states in [`crate::states`].

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fact::{Amount, Mark, Names};
#[cfg_attr(not(schema), expect(unused_imports, reason = "the build script uses a part of them"))]
pub use crate::field::{Field, FieldOption, Options, Required, Write};
#[cfg_attr(not(schema), expect(unused_imports, reason = "the build script uses a part of them"))]
pub use crate::states::{Change, Clock, State, StateCategory, States};
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
    /// Of rules: words among their actions by which one of them writes to customers, `requester_id`.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub answers: Names,
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
