//! Records that are not written, and why.

use std::collections::BTreeMap;
use std::fmt;

use cutover_ir::Id;
use cutover_ir::eval::Reason;
use cutover_plan::bundle::Place;

use crate::json::{Kind, Raw, escape_into, unescape};

/// A record that is rejected. Holds no text of the record but its key: reports are read by many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The line of the input, from 1.
    pub line: u64,
    /// The byte of the input at which the record begins.
    pub offset: u64,
    /// The record's key as the source writes it, when it could be read.
    pub key: Option<String>,
    /// The rule: the row, the requirement, or the map itself where the record cannot be read. `plan.map.json` has its line of the spec.
    pub rule: Id,
    /// The field of the source; a field of the target where the rule reads none; empty where it is about the whole record.
    pub field: String,
    /// Why.
    pub cause: Cause,
    /// What stands in the field.
    pub found: Found,
}

impl Reject {
    /// One line of a file of rejects, with its line end. `at` is the rule's line of the spec.
    #[must_use]
    pub fn to_json(&self, at: Option<&Place>) -> String {
        let mut out = Vec::with_capacity(200);
        let text = |name: &str, text: &str, out: &mut Vec<u8>| {
            out.extend_from_slice(format!(",\"{name}\":\"").as_bytes());
            escape_into(text, out);
            out.push(b'"');
        };
        out.extend_from_slice(format!("{{\"line\":{},\"offset\":{}", self.line, self.offset).as_bytes());
        if let Some(key) = &self.key {
            text("key", key, &mut out);
        }
        text("rule", self.rule.as_str(), &mut out);
        if let Some(Place { file, line, column }) = at {
            text("spec", &format!("{file}:{line}:{column}"), &mut out);
        }
        if !self.field.is_empty() {
            text("field", &self.field, &mut out);
            text("found", &self.found.to_string(), &mut out);
        }
        text("cause", self.cause.code(), &mut out);
        text("why", &self.cause.to_string(), &mut out);
        out.extend_from_slice(b"}\n");
        String::from_utf8(out).unwrap_or_default()
    }
}

/// Why a record is rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The line is not one JSON object: what is wrong with it.
    NotJson(&'static str),
    /// The line is not UTF-8.
    NotUtf8,
    /// Lists and objects are nested deeper than 128 levels.
    TooDeep,
    /// The record is longer than the limit; it was skipped unread.
    TooLong {
        /// Its length.
        bytes: u64,
    },
    /// The field stands twice.
    Twice,
    /// The field has another type than the plan says.
    OtherType {
        /// What is expected, in words.
        expected: &'static str,
    },
    /// The field is one of another record, and there is none to which the reference leads.
    Dangling {
        /// The kinds to which it leads.
        kinds: Vec<String>,
    },
    /// The field is one of another record, and the records of its kind are not at hand.
    Unread {
        /// The kinds to which it leads.
        kinds: Vec<String>,
    },
    /// A rule of the map.
    Rule(Reason),
}

impl Cause {
    /// A short name for counting: one cause, one name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Cause::NotJson(_) => "not-json",
            Cause::NotUtf8 => "not-utf8",
            Cause::TooDeep => "too-deep",
            Cause::TooLong { .. } => "record-too-long",
            Cause::Twice => "duplicate-key",
            Cause::OtherType { .. } => "other-type",
            Cause::Dangling { .. } => "dangling-reference",
            Cause::Unread { .. } => "reference-unread",
            Cause::Rule(reason) => match reason {
                Reason::Requirement => "requirement",
                Reason::Undecided => "undecided",
                Reason::Missing => "missing",
                Reason::Refused { .. } => "refused",
                Reason::NotTranslated { .. } => "not-translated",
                Reason::TooLong { .. } => "too-long",
                Reason::OutOfRange { .. } => "out-of-range",
                Reason::NoSuchOption { .. } => "no-such-option",
                Reason::WrongType { .. } => "wrong-type",
                Reason::Malformed(_) => "malformed-map",
            },
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::NotJson(what) => write!(f, "the line is not one JSON object: {what}"),
            Cause::NotUtf8 => f.write_str("the line is not UTF-8"),
            Cause::TooDeep => f.write_str("lists and objects are nested deeper than 128 levels"),
            Cause::TooLong { bytes } => {
                write!(f, "the record has {bytes} bytes, more than are read of one record")
            }
            Cause::Twice => f.write_str("the field stands twice in the record"),
            Cause::OtherType { expected } => write!(f, "the plan expects {expected} here"),
            Cause::Dangling { kinds } => {
                write!(f, "it leads to a {} that the export does not have", kinds.join(" or "))
            }
            Cause::Unread { kinds } => {
                let kinds = kinds.join(" or ");
                write!(f, "only the id of the {kinds} is known: the records to which it leads were not given")
            }
            Cause::Rule(reason) => reason.fmt(f),
        }
    }
}

/// What class of value stands in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No value.
    Nothing,
    /// Yes or no.
    YesNo,
    /// A number.
    Number,
    /// A text.
    Text {
        /// Its length in code points.
        characters: usize,
    },
    /// A list.
    List,
    /// An object.
    Object,
    /// Something through which the field cannot be reached.
    Behind,
}

impl Found {
    pub(crate) fn of(raw: Raw<'_>) -> Found {
        match raw.kind {
            Kind::Absent | Kind::Null => Found::Nothing,
            Kind::Behind => Found::Behind,
            Kind::True | Kind::False => Found::YesNo,
            Kind::Number => Found::Number,
            Kind::Text => Found::Text { characters: raw.text.chars().count() },
            Kind::Escaped => Found::Text { characters: unescape(raw.text).chars().count() },
            Kind::List => Found::List,
            Kind::Object => Found::Object,
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Nothing => f.write_str("nothing"),
            Found::YesNo => f.write_str("yes or no"),
            Found::Number => f.write_str("a number"),
            Found::Text { characters: 0 } => f.write_str("an empty text"),
            Found::Text { characters: 1 } => f.write_str("a text of 1 character"),
            Found::Text { characters } => write!(f, "a text of {characters} characters"),
            Found::List => f.write_str("a list"),
            Found::Object => f.write_str("an object"),
            Found::Behind => f.write_str("a value where an object was expected"),
        }
    }
}

/// What became of the records. [`Counts::read`] is always the sum of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records of the input; blank lines are none.
    pub read: u64,
    /// Records of the output.
    pub written: u64,
    /// Rejected records.
    pub rejected: u64,
    /// Records outside of the scope, by the part of the scope that decides them; none where no part does.
    pub filtered: BTreeMap<Option<Id>, u64>,
    /// Rejected records by rule and cause.
    pub rejects: BTreeMap<(Id, &'static str), u64>,
}

impl Counts {
    /// Records outside of the scope.
    #[must_use]
    pub fn filtered_in_all(&self) -> u64 {
        self.filtered.values().sum()
    }

    /// Adds the counts of another part of the input.
    pub fn add(&mut self, other: &Counts) {
        self.read += other.read;
        self.written += other.written;
        self.rejected += other.rejected;
        for (part, count) in &other.filtered {
            *self.filtered.entry(part.clone()).or_default() += count;
        }
        for (rule, count) in &other.rejects {
            *self.rejects.entry(rule.clone()).or_default() += count;
        }
    }
}
