//! Facts: a value with its source, how far it can be trusted, and what it is on each plan.

use std::fmt;

use cutover_ir::time::Date;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::Table;

/// How far a fact can be trusted. An error never rests on an [`Mark::Unverified`] fact alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Nobody has shown it; it needs a probe in the account.
    Unverified,
    /// Said by somebody other than the vendor.
    ThirdParty,
    /// Said by the vendor or by the product's own source code.
    Documented,
    /// Seen on a running system.
    Verified,
}

impl Mark {
    /// The mark in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Mark::Unverified => "unverified",
            Mark::ThirdParty => "third party",
            Mark::Documented => "documented",
            Mark::Verified => "verified",
        }
    }
}

/// Where facts come from. Facts name a source by its key in [`crate::Catalog::sources`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Address or citation.
    pub text: Box<str>,
    /// The mark of a fact that names this source and no mark of its own.
    pub mark: Mark,
}

/// Names of sources: written as one name or a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(pub Box<[Box<str>]>);

impl Names {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names in written order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.0.iter().map(|name| &**name)
    }

    /// Whether a name is among them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|other| other == name)
    }
}

impl Serialize for Names {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &*self.0 {
            [one] => serializer.serialize_str(one),
            many => serializer.collect_seq(many),
        }
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a list of names")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Names, E> {
                Ok(Names(Box::new([text.into()])))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = seq.next_element::<Box<str>>()? {
                    names.push(name);
                }
                Ok(Names(names.into()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

/// A value of the product's world, with its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(schema, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
pub struct Fact<T> {
    /// The value on every plan that `plans` does not name. Without it the fact is only known on the named plans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<T>,
    /// The value by plan.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub plans: Table<T>,
    /// Keys into [`crate::Catalog::sources`]. At least one, or the mark is [`Mark::Unverified`].
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub from: Names,
    /// How far it can be trusted, when that differs from what its sources give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What a reader should know besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Box<str>>,
}

impl<T> Fact<T> {
    /// The value on a plan; without a plan, or on one that is not named, the general value.
    #[must_use]
    pub fn on(&self, plan: Option<&str>) -> Option<&T> {
        plan.and_then(|plan| self.plans.get(plan)).or(self.value.as_ref())
    }

    /// Whether the value depends on the account's plan.
    #[must_use]
    pub fn depends_on_plan(&self) -> bool {
        !self.plans.is_empty()
    }
}

/// A number with a unit: `5000`, `50 MB`, `28 days`, `65000 characters`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount {
    /// The number as written.
    pub number: u64,
    /// The unit.
    pub unit: Unit,
}

/// Units of amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A number of things: no unit is written.
    Things,
    /// `characters`.
    Characters,
    /// `bytes`.
    Bytes,
    /// `kB`, 1,000 bytes.
    KiloBytes,
    /// `MB`, 1,000,000 bytes.
    MegaBytes,
    /// `KiB`, 1,024 bytes.
    KibiBytes,
    /// `MiB`, 1,048,576 bytes.
    MebiBytes,
    /// `s`.
    Seconds,
    /// `min`.
    Minutes,
    /// `h`.
    Hours,
    /// `days`, of 24 hours.
    Days,
    /// `years`, of 365 days.
    Years,
}

impl Unit {
    /// Written form and factor to bytes or seconds.
    const ALL: [(Unit, &'static str, u64); 12] = [
        (Unit::Things, "", 1),
        (Unit::Characters, "characters", 1),
        (Unit::Bytes, "bytes", 1),
        (Unit::KiloBytes, "kB", 1_000),
        (Unit::MegaBytes, "MB", 1_000_000),
        (Unit::KibiBytes, "KiB", 1_024),
        (Unit::MebiBytes, "MiB", 1_048_576),
        (Unit::Seconds, "s", 1),
        (Unit::Minutes, "min", 60),
        (Unit::Hours, "h", 3_600),
        (Unit::Days, "days", 86_400),
        (Unit::Years, "years", 31_536_000),
    ];

    fn row(self) -> (&'static str, u64) {
        Self::ALL
            .iter()
            .find(|(unit, ..)| *unit == self)
            .map_or(("", 1), |(_, word, factor)| (*word, *factor))
    }
}

impl Amount {
    /// Reads the written form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Amount> {
        let (number, unit) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let unit = Unit::ALL.iter().find(|(_, word, _)| *word == unit.trim())?.0;
        Some(Amount { number: number.replace('_', "").parse().ok()?, unit })
    }

    /// The amount in things, characters, bytes or seconds.
    #[must_use]
    pub fn base(&self) -> u64 {
        self.number.saturating_mul(self.unit.row().1)
    }
}

impl fmt::Display for Amount {
    /// The written form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Unit::Things => write!(f, "{}", self.number),
            unit => write!(f, "{} {}", self.number, unit.row().0),
        }
    }
}

/// How often a product may be called: `400 per min`, `40 per 20 s`, `unlimited`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rate {
    /// No limit of the product's own.
    Unlimited,
    /// So many calls in a window of so many seconds.
    Calls {
        /// Calls, at least 1.
        calls: u64,
        /// Length of the window in seconds, at least 1.
        seconds: u64,
    },
}

impl Rate {
    /// Reads the written form: a number of calls, `per`, a number (1 when left out), `s`, `min`, `h` or `day`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Rate> {
        if text.trim() == "unlimited" {
            return Some(Rate::Unlimited);
        }
        let (calls, window) = text.split_once(" per ")?;
        let window = window.trim();
        let (number, unit) = window.split_once(' ').unwrap_or(("1", window));
        let unit = match unit.trim() {
            "s" => 1,
            "min" => 60,
            "h" => 3_600,
            "day" | "days" => 86_400,
            _ => return None,
        };
        let calls: u64 = calls.trim().replace('_', "").parse().ok()?;
        let seconds = number.parse::<u64>().ok()?.checked_mul(unit)?;
        (calls > 0 && seconds > 0).then_some(Rate::Calls { calls, seconds })
    }
}

impl fmt::Display for Rate {
    /// The written form, with the largest unit that divides the window.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rate::Calls { calls, seconds } = self else { return f.write_str("unlimited") };
        let (unit, word) = [(86_400, "day"), (3_600, "h"), (60, "min")]
            .into_iter()
            .find(|(unit, _)| seconds % unit == 0)
            .unwrap_or((1, "s"));
        match seconds / unit {
            1 => write!(f, "{calls} per {word}"),
            n => write!(f, "{calls} per {n} {word}"),
        }
    }
}

/// Serde for a type that is written as text; a bare number is taken as its digits.
macro_rules! written_as_text {
    ($type:ty, $expecting:literal, $parse:expr) => {
        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl Visitor<'_> for Text {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$type, E> {
                        $parse(text).ok_or_else(|| E::custom(format_args!("`{text}` is not {}", $expecting)))
                    }

                    fn visit_u64<E: Error>(self, number: u64) -> Result<$type, E> {
                        self.visit_str(&number.to_string())
                    }
                }
                deserializer.deserialize_any(Text)
            }
        }
    };
}

written_as_text!(Amount, "an amount such as `5000` or `50 MB`", Amount::parse);
written_as_text!(Rate, "a rate such as `400 per min`, `40 per 20 s` or `unlimited`", Rate::parse);

/// A day, with a message and a place when it is none.
struct Day(Date);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

written_as_text!(Day, "a day such as `2026-12-05`", |text: &str| Date::parse(text).map(Day));

/// Reads a day that may be left out.
pub(crate) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    Ok(Option::<Day>::deserialize(deserializer)?.map(|day| day.0))
}
