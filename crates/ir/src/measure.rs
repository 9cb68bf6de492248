//! What somebody measures and compares with a number: the measurable half of the predicate language.
//!
//! Criteria, checks, triggers, objectives and watches all end in a [`Condition`]: a [`Measure`], or a kind of evidence
//! that a person looks at. A condition without one of them does not compile.

use std::collections::BTreeMap;

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

/// The measured ones among the conditions of one item, each with a name of its own among them: see [`names`].
#[must_use]
pub fn named(conditions: &[Condition]) -> Vec<(String, &Measure)> {
    let all = names(conditions.iter().map(Condition::measure)).into_iter().zip(conditions);
    all.filter_map(|(name, condition)| Some((name, condition.measure()?))).collect()
}

/// Measures, each with a name of its own among them: see [`names`].
#[must_use]
pub fn each(measures: &[Measure]) -> Vec<(String, &Measure)> {
    names(measures.iter().map(Some)).into_iter().zip(measures).collect()
}

/// What tells the conditions of one item apart, in their order; nothing stands for evidence. It is the metric; where two measure the same, what
/// they count, too (`missing/comments`); and where that is the same, their number.
pub fn names<'m>(measures: impl Iterator<Item = Option<&'m Measure>>) -> Vec<String> {
    let all: Vec<(&str, String)> = measures
        .map(|measure| match measure {
            Some(measure) if !measure.of.is_empty() => {
                (measure.metric.as_str(), format!("{}/{}", measure.metric, measure.of.join("/")))
            }
            Some(measure) => (measure.metric.as_str(), measure.metric.clone()),
            None => ("evidence", "evidence".to_owned()),
        })
        .collect();
    let mut metrics: BTreeMap<&str, usize> = BTreeMap::new();
    for (metric, _) in &all {
        *metrics.entry(metric).or_default() += 1;
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let named = all.iter().map(|(metric, with)| {
        let name = if metrics.get(metric).is_some_and(|count| *count > 1) { with } else { *metric };
        let earlier = seen.entry(name).or_default();
        *earlier += 1;
        if *earlier > 1 { format!("{name}/{earlier}") } else { name.to_owned() }
    });
    named.collect()
}

impl Condition {
    /// What is measured; nothing for evidence.
    #[must_use]
    pub fn measure(&self) -> Option<&Measure> {
        match self {
            Condition::Measure(measure) => Some(measure),
            Condition::Evidence(_) => None,
        }
    }
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
