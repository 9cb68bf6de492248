//! What somebody measures and compares with a number: the measurable half of the predicate language.
//!
//! Criteria, checks, triggers, objectives and watches all end in a [`Condition`]: a [`Measure`], or a kind of evidence
//! that a person looks at. A condition without one of them does not compile.

use serde::{Deserialize, Serialize};

use crate::predicate::Predicate;
use crate::quantity::{Decimal, Duration};

/// What must hold for an item to pass, or what fires a trigger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// A number that the tool or the desk measures.
    Measure(Box<Measure>),
    /// What a person looks at and keeps, in the words of the spec.
    Evidence(String),
}

/// A catalogued metric compared with a bound.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// The metric's name in the catalog of metrics: `missing`, `lost_assignees`, `first_response_time`.
    pub metric: String,
    /// What is taken over many values: `median`, `mean`. None for counts and ratios.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistic: Option<String>,
    /// What is measured: kinds, integrations or channels, as the spec names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// Which records count: `(where unfinished)`.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub scope: Option<Predicate>,
    /// How many are looked at, where not all are: `in 500 sampled tickets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// How the metric is compared.
    pub comparison: Comparison,
    /// With what it is compared.
    pub bound: Bound,
    /// Over how many records or how long the metric is taken: `over 1000 records`, `over 10 min`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over: Option<Over>,
    /// How soon it must hold: `within 30 days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
}

/// So many records, chosen at random with a fixed seed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// How many.
    pub count: u64,
    /// Of which kind, as the spec names it.
    pub of: String,
}

/// The comparisons that take a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `at most`.
    AtMost,
    /// `at least`.
    AtLeast,
    /// `more than`.
    MoreThan,
    /// `less than`.
    LessThan,
    /// `is`.
    Is,
}

/// A number with its unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Bound {
    /// A plain number: of records, fields, mails.
    Number(Decimal),
    /// A share in percent.
    Percent(Decimal),
    /// A length of time.
    Duration(Duration),
    /// So many percent of what a declared baseline measured.
    OfBaseline {
        /// Percent.
        percent: Decimal,
        /// Name of the baseline.
        baseline: String,
    },
}

/// What a running metric is taken over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// The last so many records.
    Records(u64),
    /// The last so long.
    Time(Duration),
}

impl Comparison {
    /// The words of the language.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Comparison::AtMost => "at most",
            Comparison::AtLeast => "at least",
            Comparison::MoreThan => "more than",
            Comparison::LessThan => "less than",
            Comparison::Is => "is",
        }
    }
}
