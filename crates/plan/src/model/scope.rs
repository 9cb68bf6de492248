//! Decisions about what moves.

use cutover_ir::predicate::Predicate;
use cutover_ir::quantity::Duration;
use cutover_ir::time::Date;
use serde::{Deserialize, Serialize};

use super::Moment;

/// What happens to some objects of one kind. `scope/<kind>/<verb>[/...]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopePart {
    /// What happens.
    pub verb: Verb,
    /// Kind in the source catalog.
    pub kind: String,
    /// Which objects of the kind.
    pub which: Selection,
    /// Fields by which objects are recognised, first match first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identified_by: Vec<String>,
    /// The kind with which these objects travel: comments with their ticket.
    #[serde(rename = "with", skip_serializing_if = "Option::is_none")]
    pub with_kind: Option<String>,
    /// As what they are recreated: `native trigger`, `off`.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub as_what: Option<String>,
    /// Where they are kept: `vault:acme-archive`.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// How long they are kept, or stay at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Retention>,
    /// Old addresses lead to the new ones, and that is checked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redirects_verified: bool,
    /// Most licences that may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats: Option<u64>,
}

/// What happens to objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Carried over by the tool.
    Import,
    /// Built anew in the new desk by a person.
    Recreate,
    /// Kept outside of both desks.
    Archive,
    /// Left behind.
    Retire,
}

/// Which objects of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Selection {
    /// Each of them.
    All,
    /// Those for which this holds.
    Where(Predicate),
    /// All that no other part decides; the predicate says which they are.
    Rest(Predicate),
    /// These, by name.
    Named(Vec<String>),
    /// All that no other part names.
    RestNamed(Vec<String>),
}

/// How long something is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Last day.
    pub date: Date,
    /// Whether it is deleted afterwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub then_delete: bool,
}

/// Another system that reads or writes the desk. `integration/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integration {
    /// What kind it is: `crm`, `billing`, `chat`, ... in the closed list of the language.
    pub kind: String,
    /// How it takes part: `both ways`, `reads only`, `writes only`, `switched`, `rebuilt`, `none`.
    pub how: String,
    /// Whether it is handled with extra care: a gate, a dry run and a way to stop it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub high_risk: bool,
    /// By when its owner must have changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_before: Option<Moment>,
}

/// An address at which customers write. `inbound/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbound {
    /// The address.
    pub address: String,
    /// Where mail waits during the window, so that none bounces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_at: Option<String>,
}

/// Something outside that reads fields of the desk. `consumer/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consumer {
    /// Fields of the source: `ticket.custom.region`.
    pub reads: Vec<String>,
}

/// Who is right when two systems know the same thing. `truth/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// Name of the system or table.
    pub from: String,
}

/// Rules that nobody changes from a moment on. `freeze`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Which rules, in the closed list of the language.
    pub rules: Vec<String>,
    /// From when on.
    pub from: Moment,
}

/// A span of the past whose metrics are compared with. `baseline/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Name of the system.
    pub system: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// Opening hours. `calendar/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// IANA name of the zone.
    pub zone: String,
    /// When it is open.
    pub hours: Vec<OpeningHours>,
    /// Days on which it is closed or open at other times, sorted by day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Holiday>,
    /// Last day for which the holidays are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_until: Option<Date>,
}

/// Opening hours on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningHours {
    /// Days: `monday`, ...
    pub days: Vec<String>,
    /// Opens, as minutes since midnight.
    pub from: u32,
    /// Closes, as minutes since midnight; 1440 is the end of the day.
    pub to: u32,
}

/// A special day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The day.
    pub date: Date,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Opening hours in minutes since midnight, when it is open at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<(u32, u32)>,
}

/// How long and how often something is looked after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rhythm {
    /// How long.
    pub lasting: Duration,
    /// Daily at this local time, as minutes since midnight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_at: Option<u32>,
}
