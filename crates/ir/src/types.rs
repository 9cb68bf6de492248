//! Types, visibility and loss.
//!
//! Subtyping: `Never <= T <= Opt<T>`; [`Type::Poison`] relates to everything, so that one mistake gives one diagnostic;
//! `Text<m> <= Text<n>` for `m <= n`; `Email`, `Url` and `Phone` are texts; `Int` by interval; choices only within one domain;
//! lists covariant. There is no order between a date and an instant (that needs a zone) nor between HTML and text (that needs a function).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The type of a field or an expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// The type without values: of an expression that always rejects.
    Never,
    /// The type of something already reported. Relates to everything and silences follow-up findings.
    Poison,
    /// `???`: checks as anything and forbids emission.
    Hole,
    /// True or false.
    Bool,
    /// A whole number within bounds, both inclusive.
    Int {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
    /// A decimal number, exact.
    Decimal,
    /// Plain text.
    Text {
        /// Longest length in code points, when there is a limit.
        max: Option<u32>,
    },
    /// Text with HTML markup.
    Html {
        /// Longest length in code points, when there is a limit.
        max: Option<u32>,
    },
    /// An e-mail address.
    Email,
    /// A URL.
    Url,
    /// A phone number.
    Phone,
    /// A civil date, without zone.
    Date,
    /// A point in time.
    Instant,
    /// A length of time.
    Duration,
    /// A ratio in percent.
    Percent,
    /// A number of things.
    Count,
    /// One of the options of a domain, for example `source/ticket.status`. Equal labels of two domains are different values.
    Choice(Box<str>),
    /// Some of the options of a domain.
    Choices(Box<str>),
    /// A set of free labels.
    Tags,
    /// A reference to an object of a kind of one system, for example `source/user`.
    Ref(Box<str>),
    /// Several values in order.
    List(Box<Type>),
    /// A file.
    Attachment,
    /// A value that may be missing.
    Opt(Box<Type>),
}

impl Type {
    /// Any whole number.
    pub const INT: Type = Type::Int { min: i64::MIN, max: i64::MAX };
    /// Text of any length.
    pub const TEXT: Type = Type::Text { max: None };
    /// HTML of any length.
    pub const HTML: Type = Type::Html { max: None };

    /// The type without an outer [`Type::Opt`].
    #[must_use]
    pub fn required(&self) -> &Type {
        match self {
            Type::Opt(inner) => inner.required(),
            other => other,
        }
    }

    /// Whether a value may be missing.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Opt(_) | Type::Poison | Type::Hole)
    }

    /// The type with an outer [`Type::Opt`], once.
    #[must_use]
    pub fn optional(self) -> Type {
        match self {
            opt @ (Type::Opt(_) | Type::Poison | Type::Hole) => opt,
            other => Type::Opt(Box::new(other)),
        }
    }

    /// Whether the type stands for something that is already reported or not yet decided.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        match self {
            Type::Poison | Type::Hole => true,
            Type::Opt(inner) | Type::List(inner) => inner.is_unknown(),
            _ => false,
        }
    }

    /// Whether each value of `self` is a value of `other`.
    #[must_use]
    pub fn is_subtype_of(&self, other: &Type) -> bool {
        use Type as T;
        match (self, other) {
            (T::Poison | T::Hole | T::Never, _) | (_, T::Poison | T::Hole) => true,
            (T::Opt(a), T::Opt(b)) => a.is_subtype_of(b),
            (a, T::Opt(b)) => a.is_subtype_of(b),
            (T::Int { min: a, max: b }, T::Int { min: c, max: d }) => c <= a && b <= d,
            (T::Int { .. } | T::Count, T::Decimal) => true,
            (T::Count, T::Int { min, max }) => *min <= 0 && *max == i64::MAX,
            (T::Text { max: a }, T::Text { max: b }) | (T::Html { max: a }, T::Html { max: b }) => {
                fits(*a, *b)
            }
            (T::Email | T::Url | T::Phone, T::Text { max }) => max.is_none(),
            (T::List(a), T::List(b)) => a.is_subtype_of(b),
            (a, b) => a == b,
        }
    }
}

/// Whether a length limit `a` is within the limit `b`; `None` is no limit.
fn fits(a: Option<u32>, b: Option<u32>) -> bool {
    match (a, b) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(a), Some(b)) => a <= b,
    }
}

impl fmt::Display for Type {
    /// The type in words that a person who does not program reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Never => f.write_str("nothing"),
            Type::Poison => f.write_str("unknown"),
            Type::Hole => f.write_str("not decided yet"),
            Type::Bool => f.write_str("yes or no"),
            Type::Int { min: i64::MIN, max: i64::MAX } => f.write_str("whole number"),
            Type::Int { min, max } => write!(f, "whole number from {min} to {max}"),
            Type::Decimal => f.write_str("decimal number"),
            Type::Text { max: None } => f.write_str("text"),
            Type::Text { max: Some(n) } => write!(f, "text of at most {n} characters"),
            Type::Html { max: None } => f.write_str("HTML"),
            Type::Html { max: Some(n) } => write!(f, "HTML of at most {n} characters"),
            Type::Email => f.write_str("e-mail address"),
            Type::Url => f.write_str("URL"),
            Type::Phone => f.write_str("phone number"),
            Type::Date => f.write_str("date"),
            Type::Instant => f.write_str("point in time"),
            Type::Duration => f.write_str("duration"),
            Type::Percent => f.write_str("percentage"),
            Type::Count => f.write_str("count"),
            Type::Choice(domain) => write!(f, "one option of {}", Spelled(domain)),
            Type::Choices(domain) => write!(f, "several options of {}", Spelled(domain)),
            Type::Tags => f.write_str("tags"),
            Type::Ref(kind) => write!(f, "reference to {}", Spelled(kind)),
            Type::List(inner) => write!(f, "list of {inner}"),
            Type::Attachment => f.write_str("file"),
            Type::Opt(inner) => write!(f, "{inner}, may be missing"),
        }
    }
}

/// `source/ticket.status` as `ticket.status (source)`.
struct Spelled<'a>(&'a str);

impl fmt::Display for Spelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_once('/') {
            Some((system, name)) => write!(f, "{name} ({system})"),
            None => f.write_str(self.0),
        }
    }
}

/// Who may see a value. Values flow upward only: public to internal to private.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The requester sees it.
    #[default]
    Public,
    /// Agents see it.
    Internal,
    /// Some agents see it.
    Private,
}

/// A way in which a mapping can lose information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// A smaller range or precision.
    Narrowing,
    /// The end of a long value is cut off.
    Truncating,
    /// Several values become one.
    ManyToOne,
    /// Markup, order or structure is dropped.
    Structure,
    /// More or fewer people see it.
    Visibility,
}

impl Loss {
    /// All losses in order.
    pub const ALL: [Loss; 5] =
        [Loss::Narrowing, Loss::Truncating, Loss::ManyToOne, Loss::Structure, Loss::Visibility];

    /// What is lost, in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Loss::Narrowing => "precision or range",
            Loss::Truncating => "the end of long values",
            Loss::ManyToOne => "the difference between several values",
            Loss::Structure => "markup or structure",
            Loss::Visibility => "who may see it",
        }
    }
}

/// A set of losses; the loss of a pipe is the union of its steps'.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LossSet(u8);

impl LossSet {
    /// Nothing is lost.
    pub const EXACT: LossSet = LossSet(0);

    /// The set with one loss.
    #[must_use]
    pub const fn of(loss: Loss) -> LossSet {
        LossSet(1 << (loss as u8))
    }

    /// Both together.
    #[must_use]
    pub const fn union(self, other: LossSet) -> LossSet {
        LossSet(self.0 | other.0)
    }

    /// Whether nothing is lost.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        self.0 == 0
    }

    /// The losses in order.
    pub fn iter(self) -> impl Iterator<Item = Loss> {
        Loss::ALL.into_iter().filter(move |loss| self.0 & (1 << (*loss as u8)) != 0)
    }
}

impl From<Loss> for LossSet {
    fn from(loss: Loss) -> Self {
        LossSet::of(loss)
    }
}

impl Serialize for LossSet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for LossSet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let losses = Vec::<Loss>::deserialize(deserializer)?;
        Ok(losses.into_iter().fold(LossSet::EXACT, |set, loss| set.union(loss.into())))
    }
}
