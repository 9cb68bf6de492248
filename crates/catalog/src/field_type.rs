//! Field types as catalogs write them: `text(150)`, `choice`, `list ref attachment`, a trailing `?` for "may be missing".

use std::fmt;

use cutover_ir::Type;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The type of a field, before it is known to which system (source, target, a table) the catalog belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldType {
    /// What a present value looks like.
    pub shape: Shape,
    /// Whether the value may be missing: written as a trailing `?`.
    pub optional: bool,
}

/// What a present value of a field looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `bool`.
    Bool,
    /// `int` or `int(1..4)`, both ends inclusive.
    Int {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
    /// `decimal`.
    Decimal,
    /// `text` or `text(150)`: longest length in characters.
    Text(Option<u32>),
    /// `html` or `html(65000)`: longest length in characters.
    Html(Option<u32>),
    /// `email`.
    Email,
    /// `url`.
    Url,
    /// `phone`.
    Phone,
    /// `date`: without time of day.
    Date,
    /// `instant`: a point in time.
    Instant,
    /// `duration`.
    Duration,
    /// `percent`.
    Percent,
    /// `count`: a number of things.
    Count,
    /// `choice`: one of the field's options.
    Choice,
    /// `choices`: several of the field's options.
    Choices,
    /// `tags`: a set of free labels.
    Tags,
    /// `ref user`, or `ref user|agent` where objects of several kinds may stand.
    Ref(Vec<Box<str>>),
    /// `attachment`: a file itself.
    Attachment,
    /// `list T`.
    List(Box<Shape>),
}

impl FieldType {
    /// Reads the written form.
    ///
    /// # Errors
    /// What is wrong, as a sentence without a final full stop.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (shape, optional) = match text.strip_suffix('?') {
            Some(shape) => (shape.trim_end(), true),
            None => (text, false),
        };
        Ok(Self { shape: Shape::parse(shape, 0)?, optional })
    }

    /// The type in the terms of plans. `system` is the declared name of the system (`source`, `target`), `kind` and `field` name the
    /// domain of a choice: `source/ticket.status`. A reference to one of several kinds is `Ref("source/user|agent")`.
    #[must_use]
    pub fn to_type(&self, system: &str, kind: &str, field: impl fmt::Display + Copy) -> Type {
        let plain = self.shape.to_type(system, kind, field);
        if self.optional { plain.optional() } else { plain }
    }
}

impl Shape {
    fn parse(text: &str, depth: usize) -> Result<Self, String> {
        if depth > 4 {
            return Err("lists are nested too deeply".into());
        }
        if let Some(inner) = text.strip_prefix("list ") {
            return Ok(Shape::List(Box::new(Shape::parse(inner.trim(), depth + 1)?)));
        }
        if let Some(kinds) = text.strip_prefix("ref ") {
            let kinds: Vec<Box<str>> = kinds.split('|').map(|kind| kind.trim().into()).collect();
            return if kinds.iter().all(|kind| is_name(kind)) {
                Ok(Shape::Ref(kinds))
            } else {
                Err(format!("`{text}` does not name a kind after `ref`"))
            };
        }
        let (word, bound) = match text.split_once('(') {
            Some((word, rest)) => match rest.strip_suffix(')') {
                Some(bound) => (word, Some(bound)),
                None => return Err(format!("`{text}` lacks a closing parenthesis")),
            },
            None => (text, None),
        };
        let length = || match bound {
            None => Ok(None),
            Some(bound) => match bound.parse() {
                Ok(0) | Err(_) => Err(format!("`{bound}` is not a length")),
                Ok(length) => Ok(Some(length)),
            },
        };
        let shape = match word {
            "text" => return Ok(Shape::Text(length()?)),
            "html" => return Ok(Shape::Html(length()?)),
            "int" => {
                let Some(bound) = bound else { return Ok(Shape::Int { min: i64::MIN, max: i64::MAX }) };
                let ends = bound.split_once("..").map(|(min, max)| (min.parse(), max.parse()));
                return match ends {
                    Some((Ok(min), Ok(max))) if min <= max => Ok(Shape::Int { min, max }),
                    _ => Err(format!("`{bound}` is not an interval such as `1..4`")),
                };
            }
            "bool" => Shape::Bool,
            "decimal" => Shape::Decimal,
            "email" => Shape::Email,
            "url" => Shape::Url,
            "phone" => Shape::Phone,
            "date" => Shape::Date,
            "instant" => Shape::Instant,
            "duration" => Shape::Duration,
            "percent" => Shape::Percent,
            "count" => Shape::Count,
            "choice" => Shape::Choice,
            "choices" => Shape::Choices,
            "tags" => Shape::Tags,
            "attachment" => Shape::Attachment,
            _ => return Err(format!("`{text}` is not a type")),
        };
        match bound {
            None => Ok(shape),
            Some(_) => Err(format!("`{word}` takes no bound")),
        }
    }

    /// The kinds that a value refers to, through lists.
    #[must_use]
    pub fn references(&self) -> &[Box<str>] {
        match self {
            Shape::Ref(kinds) => kinds,
            Shape::List(inner) => inner.references(),
            _ => &[],
        }
    }

    /// Whether the values are options of the field.
    #[must_use]
    pub fn is_choice(&self) -> bool {
        match self {
            Shape::Choice | Shape::Choices => true,
            Shape::List(inner) => inner.is_choice(),
            _ => false,
        }
    }

    fn to_type(&self, system: &str, kind: &str, field: impl fmt::Display + Copy) -> Type {
        match self {
            Shape::Bool => Type::Bool,
            Shape::Int { min, max } => Type::Int { min: *min, max: *max },
            Shape::Decimal => Type::Decimal,
            Shape::Text(max) => Type::Text { max: *max },
            Shape::Html(max) => Type::Html { max: *max },
            Shape::Email => Type::Email,
            Shape::Url => Type::Url,
            Shape::Phone => Type::Phone,
            Shape::Date => Type::Date,
            Shape::Instant => Type::Instant,
            Shape::Duration => Type::Duration,
            Shape::Percent => Type::Percent,
            Shape::Count => Type::Count,
            Shape::Choice => Type::Choice(format!("{system}/{kind}.{field}").into()),
            Shape::Choices => Type::Choices(format!("{system}/{kind}.{field}").into()),
            Shape::Tags => Type::Tags,
            Shape::Ref(kinds) => Type::Ref(referred(system, kinds)),
            Shape::Attachment => Type::Attachment,
            Shape::List(inner) => Type::List(Box::new(inner.to_type(system, kind, field))),
        }
    }
}

/// The domain of a reference: `source/user`, `source/user|agent`. Made in one piece, since each row of a map asks for it.
fn referred(system: &str, kinds: &[Box<str>]) -> Box<str> {
    let mut text =
        String::with_capacity(system.len() + kinds.iter().map(|kind| kind.len() + 1).sum::<usize>());
    text.push_str(system);
    for (at, kind) in kinds.iter().enumerate() {
        text.push(if at == 0 { '/' } else { '|' });
        text.push_str(kind);
    }
    text.into()
}

/// Whether the text is a name of a kind, a field or a fact: lower-case letters, digits and `_`, a letter first.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

impl fmt::Display for FieldType {
    /// The written form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.shape, if self.optional { "?" } else { "" })
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Bool => f.write_str("bool"),
            Shape::Int { min: i64::MIN, max: i64::MAX } => f.write_str("int"),
            Shape::Int { min, max } => write!(f, "int({min}..{max})"),
            Shape::Decimal => f.write_str("decimal"),
            Shape::Text(None) => f.write_str("text"),
            Shape::Text(Some(max)) => write!(f, "text({max})"),
            Shape::Html(None) => f.write_str("html"),
            Shape::Html(Some(max)) => write!(f, "html({max})"),
            Shape::Email => f.write_str("email"),
            Shape::Url => f.write_str("url"),
            Shape::Phone => f.write_str("phone"),
            Shape::Date => f.write_str("date"),
            Shape::Instant => f.write_str("instant"),
            Shape::Duration => f.write_str("duration"),
            Shape::Percent => f.write_str("percent"),
            Shape::Count => f.write_str("count"),
            Shape::Choice => f.write_str("choice"),
            Shape::Choices => f.write_str("choices"),
            Shape::Tags => f.write_str("tags"),
            Shape::Ref(kinds) => write!(f, "ref {}", kinds.join("|")),
            Shape::Attachment => f.write_str("attachment"),
            Shape::List(inner) => write!(f, "list {inner}"),
        }
    }
}

impl Serialize for FieldType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FieldType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = FieldType;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a type such as `text(150)` or `ref user?`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<FieldType, E> {
                FieldType::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}
