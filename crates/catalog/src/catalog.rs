//! Catalogs: what a helpdesk product is.

use cutover_ir::time::Date;
use serde::{Deserialize, Serialize};

use crate::Table;
use crate::capability::{Capabilities, ClockAnchor, LengthUnit, PolicyHours};
use crate::fact::{Amount, Fact, Mark, Names, Rate, Source};
use crate::kind::{Clock, FieldTest, Kind, StateCategory, is_default, is_false};

/// What a helpdesk product is: kinds, fields, states, limits, rates, capabilities, each fact with its source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Catalog {
    /// The name in specs: `zendesk`.
    pub name: Box<str>,
    /// The product's name: `Zendesk Support`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub title: Box<str>,
    /// Raised whenever a fact changes. At least 1.
    pub revision: u32,
    /// The catalog that this one adds to: `zendesk@7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<Box<str>>,
    /// Version or edition of the product that the facts are about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Box<str>>,
    /// Whether kinds and fields come from the inventory: the generic platforms `table` and `files`.
    #[serde(skip_serializing_if = "is_false")]
    pub generic: bool,
    /// Where facts come from, by key.
    pub sources: Table<Source>,
    /// Plans, the smallest first.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub plans: Table<Plan>,
    /// Kinds by name.
    pub kinds: Table<Kind>,
    /// Rules between fields.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub constraints: Table<Constraint>,
    /// Numbers that must not be exceeded.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub limits: Table<Limit>,
    /// How often the product may be called, by class of calls.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub rates: Table<Fact<Rate>>,
    /// What the product can do for a migration.
    #[serde(skip_serializing_if = "is_default")]
    pub capabilities: Capabilities,
    /// Service levels: metrics and how calendars are written.
    #[serde(skip_serializing_if = "is_default")]
    pub sla: Sla,
    /// Kinds of credentials and how long they live.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub credentials: Table<Credential>,
    /// Forms in which exported objects lie in files.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub exports: Table<ExportLayout>,
    /// What else a migration should know: behaviour that no other entry holds.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub notes: Table<Note>,
}

/// A plan of the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// Other names of the plan: `Suite Team`.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub aliases: Names,
    /// Features that depend on the plan and that it has: `sla`, `schedules`. A feature that no plan names is on every plan.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub features: Names,
    /// Sources.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// A rule between fields of an object: when all of `when` hold, all of `must` hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Constraint {
    /// The kind.
    pub kind: Box<str>,
    /// The rule as a sentence.
    pub text: Box<str>,
    /// Conditions by field; always when empty.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub when: Table<FieldTest>,
    /// What then must hold, by field.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub must: Table<FieldTest>,
    /// Exactly one of these fields must have a value.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub one_of: Names,
    /// Sources.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// A number that must not be exceeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// What is limited, as a sentence: "Comments of one ticket".
    pub text: Box<str>,
    /// The largest amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Amount>,
    /// The largest amount by plan.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub plans: Table<Amount>,
    /// The kind that is counted or measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Box<str>>,
    /// The field that is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Box<str>>,
    /// In what it is counted: a kind (comments per `ticket`), or `account`, `call`, `query`, `field`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Box<str>>,
    /// A recommendation of the vendor, not a bound that is enforced.
    #[serde(default, skip_serializing_if = "is_false")]
    pub advice: bool,
    /// What happens beyond it: "answers 422".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<Box<str>>,
    /// Sources.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

impl Limit {
    /// The largest amount on a plan.
    #[must_use]
    pub fn on(&self, plan: Option<&str>) -> Option<&Amount> {
        plan.and_then(|plan| self.plans.get(plan)).or(self.max.as_ref())
    }
}

/// Service levels of a product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Sla {
    /// How policies are chosen and written, as sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Box<str>>,
    /// Metrics by name: `first_reply_time`.
    #[serde(skip_serializing_if = "Table::is_empty")]
    pub metrics: Table<Metric>,
    /// Which policy counts when several fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<PolicyChoice>,
    /// What one policy can hold; none is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyForm>,
    /// How calendars are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarForm>,
    /// Sources.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// Which policy counts when several fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PolicyChoice {
    /// The first in their order.
    FirstMatch,
    /// The product does not say.
    Undefined,
    /// A field of the ticket, or its queue, names it.
    ByField,
    /// Each metric has goals of its own, the first that fits counts.
    FirstGoal,
}

/// What one policy of a product can hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicyForm {
    /// In which hours its lengths count.
    pub hours: PolicyHours,
    /// The smallest unit of its lengths: they are multiples of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<LengthUnit>,
    /// The longest length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<Amount>,
    /// How far ahead a due time may lie. A length of opening hours that takes longer by day and night gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Amount>,
    /// Opening hours are added up in windows of so long: of a day the first stretch of hours counts, and a window without any ends the count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<Amount>,
    /// Whether a length can be a number of days with opening hours. Where not, it is hours and minutes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub days: bool,
    /// Groups of metrics of which a policy holds at most one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<Names>,
    /// Sources, when they differ from those of `sla`.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

impl PolicyForm {
    /// What it can hold, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = self.hours.describe().to_owned();
        if let Some(unit) = self.unit {
            text.push_str(&format!("; written in {}", unit.describe()));
        }
        if let Some(most) = &self.most {
            text.push_str(&format!(", at most {most}"));
        }
        if let Some(within) = &self.within {
            text.push_str(&format!("; no due time that is more than {within} ahead"));
        }
        if let Some(windows) = &self.windows {
            text.push_str(&format!("; opening hours are added up in windows of {windows}"));
        }
        text.push_str(if self.days {
            "; also in days with opening hours"
        } else {
            "; not in days with opening hours"
        });
        for group in &self.one_of {
            text.push_str(&format!("; one of {}", group.iter().collect::<Vec<_>>().join(", ")));
        }
        text
    }
}

/// One metric of service levels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Metric {
    /// For people: `First reply time`.
    pub title: Box<str>,
    /// What it is in every product: a name of [`crate::canon::METRICS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canon: Option<Box<str>>,
    /// What the clock does, by state category. A category that is not named is unknown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<StateCategory>,
    /// Categories in which it pauses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<StateCategory>,
    /// Categories in which it is over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<StateCategory>,
    /// From when it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<ClockAnchor>,
    /// From when it counts for a ticket that was imported, where that is another moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imported: Option<ClockAnchor>,
    /// Whether it starts anew, for each reply or update.
    #[serde(skip_serializing_if = "is_false")]
    pub repeats: bool,
    /// Sources, when they differ from those of `sla`.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

impl Metric {
    /// From when it counts for a ticket that was imported.
    #[must_use]
    pub fn anchor_of_imported(&self) -> Option<ClockAnchor> {
        self.imported.or(self.anchor)
    }

    /// What the clock does in a category of states.
    #[must_use]
    pub fn clock(&self, category: StateCategory) -> Option<Clock> {
        [(&self.runs, Clock::Runs), (&self.pauses, Clock::Pauses), (&self.stops, Clock::Stops)]
            .into_iter()
            .find_map(|(categories, clock)| categories.contains(&category).then_some(clock))
    }
}

/// How a product writes calendars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CalendarForm {
    /// How zones are named.
    pub zones: ZoneNames,
    /// Whether hours may go past midnight.
    #[serde(default, skip_serializing_if = "is_false")]
    pub past_midnight: bool,
    /// Whether a holiday may be a part of a day.
    #[serde(default, skip_serializing_if = "is_false")]
    pub part_holidays: bool,
    /// How far ahead holidays can be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<Amount>,
    /// Smallest step of opening hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Amount>,
    /// Who has a calendar: `account`, `group`, `policy`, `queue`, `goal`.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub held_by: Names,
    /// Sources, when they differ from those of `sla`.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

/// How time zones are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ZoneNames {
    /// `Europe/Berlin`.
    Iana,
    /// `Pacific Time (US & Canada)`.
    Rails,
    /// Names of its own.
    Own,
}

/// A kind of credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// What it is: "API token".
    pub text: Box<str>,
    /// The last day on which it works, for every account.
    #[serde(deserialize_with = "crate::fact::day", default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(schema, schemars(with = "Option<String>"))]
    pub ends: Option<Date>,
    /// The last day on which a new one can be made.
    #[serde(deserialize_with = "crate::fact::day", default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(schema, schemars(with = "Option<String>"))]
    pub made_until: Option<Date>,
    /// After how long without use it stops working.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle: Option<Amount>,
    /// Sources.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

/// Behaviour that no other entry holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The fact as a sentence.
    pub text: Box<str>,
    /// The kind that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Box<str>>,
    /// Sources.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// A form in which exported objects lie in files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportLayout {
    /// What makes such files.
    pub text: Box<str>,
    /// Files.
    pub files: Vec<ExportFile>,
    /// Files that such exports have besides and that are not read, by the form of their names: why not, as words.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub passed: Table<Box<str>>,
    /// Sources.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// Files that hold objects of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportFile {
    /// The kind of the objects.
    pub kind: Box<str>,
    /// Names of the files, relative to the export folder; `*` stands for any characters but `/`.
    pub glob: Box<str>,
    /// How the objects are written.
    pub format: ExportFormat,
    /// Where in a JSON document the list of objects stands: `tickets`. Without it the document is the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub array_at: Option<Box<str>>,
    /// How the members of an object are read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub encoding: Encoding,
    /// Path of the value that identifies an object.
    pub key: Box<str>,
    /// From columns, or paths inside an object, to fields of the kind. A path's parts are joined by `.`; `tags[].name` takes the
    /// name of each object of a list.
    pub columns: Table<Box<str>>,
    /// Values that every object has because of the place where it stands: a file that holds nothing but notes.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub fixed: Table<Box<str>>,
    /// Where custom fields stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomColumns>,
    /// Lists inside an object that hold objects of another kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nested: Vec<Nested>,
    /// Only objects whose values at these paths are among these; all others are passed over.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub only: Table<Names>,
    /// The rows are no objects: each adds a value to a field of an object of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adds: Option<AddsTo>,
    /// Columns that carry nothing: links to the API itself.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub ignored: Names,
}

/// What a row adds to an object: a table of tickets and tags adds tags to tickets. The file's `key` is the path of the object's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddsTo {
    /// The field: `tags`.
    pub field: Box<str>,
    /// Path of the value in the row.
    pub value: Box<str>,
    /// Path of the last day, where the row adds a range of days that begins with `value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Box<str>>,
}

/// A list inside an object that holds objects of another kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Nested {
    /// The kind of the objects in the list.
    pub kind: Box<str>,
    /// Path of the list.
    pub at: Box<str>,
    /// Path, in an object of the list, of the value that identifies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Box<str>>,
    /// The field of the kind that refers to the object which holds it.
    pub parent: Box<str>,
    /// Path, in the outer object, of the key of the object which holds it; the outer object's own key when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_key: Option<Box<str>>,
    /// Only objects whose values at these paths are among these; all others are passed over.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub only: Table<Names>,
    /// From paths to fields of the kind.
    pub columns: Table<Box<str>>,
    /// Values that every object has because of the place where it stands: a file that holds nothing but notes.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub fixed: Table<Box<str>>,
    /// Lists inside an object of the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nested: Vec<Nested>,
    /// Members that carry nothing.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub ignored: Names,
}

/// How objects are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// One JSON object a line.
    Jsonl,
    /// One JSON document with a list.
    Json,
    /// A line of column names, then one object a line.
    Csv,
}

/// How values are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Encoding {
    /// How points in time are written.
    #[serde(skip_serializing_if = "is_default")]
    pub times: TimeForm,
    /// The words for yes and no: `["yes", "no"]`. JSON's own are always understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booleans: Option<[Box<str>; 2]>,
    /// What separates the values of a list in one column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lists: Option<Box<str>>,
    /// Texts that mean "no value", beside the empty one.
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub nulls: Names,
}

/// How points in time are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TimeForm {
    /// `2026-12-05T20:00:00Z`, or with an offset.
    #[default]
    Rfc3339,
    /// `2026-12-05 20:00:00`, in UTC.
    SqlUtc,
    /// Seconds since 1970.
    UnixSeconds,
    /// Milliseconds since 1970.
    UnixMillis,
}

/// Where custom fields stand in an exported object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CustomColumns {
    /// How.
    pub form: CustomForm,
    /// Path of the object or list, or the prefix of the columns.
    pub at: Box<str>,
}

/// Forms of custom fields in exported objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CustomForm {
    /// `[{"id": 12, "value": "x"}]`: by id.
    IdValueList,
    /// `{"cf_region": "x"}`: by name.
    Object,
    /// `[{"name": "Region", "values": ["x"]}]`: by name, with a list of values.
    NameValuesList,
    /// Columns that begin with a prefix.
    Prefix,
}

impl ZoneNames {
    /// What the names are called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ZoneNames::Iana => "IANA",
            ZoneNames::Rails => "Rails",
            ZoneNames::Own => "the product's own",
        }
    }
}
