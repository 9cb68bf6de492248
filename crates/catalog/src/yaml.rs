//! Reading YAML and JSON: the only module that knows serde_yaml.
//!
//! A text is refused before it is parsed when it is too large or its brackets nest too deeply, and before it becomes data when its
//! aliases unfold into too much. Unknown and repeated keys are errors of the types that are read.

use std::cell::Cell;
use std::fmt;
use std::ops::Range;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

/// Largest text in bytes: 16 MiB.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Deepest nesting of brackets, as of mappings and lists, which both parsers enforce.
pub const MAX_BRACKETS: usize = 128;
/// Most values after aliases are unfolded, in a text that uses aliases.
pub const MAX_UNFOLDED: u32 = 200_000;

/// Why a text could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// Not YAML, not JSON.
    Syntax,
    /// A key that the form does not have.
    UnknownKey,
    /// A key that stands twice in one mapping.
    RepeatedKey,
    /// A key that the form requires is not there.
    MissingKey,
    /// A value of another type or not one of the allowed words.
    WrongValue,
    /// Larger than [`MAX_BYTES`].
    TooLarge,
    /// Nested too deeply.
    TooDeep,
    /// Aliases that unfold into more than [`MAX_UNFOLDED`] values.
    TooManyAliases,
}

/// A text that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Why.
    pub trouble: Trouble,
    /// What is wrong here, in words, without a full stop.
    pub text: String,
    /// Where, as byte offsets into the text.
    pub at: Range<usize>,
    /// For [`Trouble::UnknownKey`] and unknown words: what could stand there instead.
    pub expected: Vec<String>,
    /// The key or word that is wrong.
    pub found: Option<String>,
}

impl ReadError {
    fn new(trouble: Trouble, text: impl Into<String>, at: Range<usize>) -> Self {
        Self { trouble, text: text.into(), at, expected: Vec::new(), found: None }
    }

    /// Line and column, both counted from 1, the column in characters.
    #[must_use]
    pub fn line_column(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.at.start).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before.get(start..).unwrap_or_default().chars().count() + 1)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads a text: JSON when its first character is `{`, else YAML.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, ReadError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - body.len();
    read_body(body).map_err(|mut error| {
        error.at = error.at.start + skipped..error.at.end + skipped;
        error.text = shortened(error.text);
        error
    })
}

/// Longest text of an error in characters: parsers quote the value that they stumble over, however long it is.
const MAX_ERROR: usize = 240;

fn shortened(text: String) -> String {
    match text.char_indices().nth(MAX_ERROR) {
        Some((end, _)) => format!("{} ...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn read_body<T: DeserializeOwned>(text: &str) -> Result<T, ReadError> {
    if text.len() > MAX_BYTES {
        return Err(ReadError::new(
            Trouble::TooLarge,
            format!("this has {} bytes, at most {MAX_BYTES} are read", text.len()),
            0..0,
        ));
    }
    if text.trim().is_empty() {
        return Err(ReadError::new(Trouble::Syntax, "this file is empty", 0..0));
    }
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| json_error(text, &error));
    }
    if let Some(at) = too_deep(text) {
        return Err(ReadError::new(Trouble::TooDeep, "brackets nest too deeply here", at..at + 1));
    }
    if text.contains('&') && text.contains('*') {
        count(text)?;
    }
    serde_yaml::from_str(text).map_err(|error| yaml_error(text, &error))
}

/// Offset of the first bracket beyond the allowed depth. Brackets in texts count as well, which does no harm as they come in pairs.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                if depth > MAX_BRACKETS {
                    return Some(at);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Counts the values that a YAML text unfolds into.
fn count(text: &str) -> Result<(), ReadError> {
    let left = Cell::new(MAX_UNFOLDED);
    Counter(&left).deserialize(serde_yaml::Deserializer::from_str(text)).map_err(|error| {
        if left.get() == 0 {
            let at = text.find('*').unwrap_or(0);
            ReadError::new(
                Trouble::TooManyAliases,
                format!("aliases unfold into more than {MAX_UNFOLDED} values"),
                at..at + 1,
            )
        } else {
            yaml_error(text, &error)
        }
    })
}

/// Visits all values and keeps none.
#[derive(Clone, Copy)]
struct Counter<'a>(&'a Cell<u32>);

impl Counter<'_> {
    fn spend<E: serde::de::Error>(self) -> Result<(), E> {
        match self.0.get().checked_sub(1) {
            Some(left) if left > 0 => {
                self.0.set(left);
                Ok(())
            }
            _ => {
                self.0.set(0);
                Err(E::custom("too many values"))
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Counter<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! spend_on {
    ($($visit:ident: $type:ty,)+) => {
        $(fn $visit<E: serde::de::Error>(self, _: $type) -> Result<(), E> {
            self.spend()
        })+
    };
}

impl<'de> Visitor<'de> for Counter<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    spend_on! { visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128, visit_f64: f64, visit_str: &str, }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.spend()
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        self.spend()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.spend()?;
        while seq.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.spend()?;
        while map.next_key_seed(self)?.is_some() {
            map.next_value_seed(self)?;
        }
        Ok(())
    }

    fn visit_enum<A: serde::de::EnumAccess<'de>>(self, data: A) -> Result<(), A::Error> {
        // A tagged value: no form of ours has tags, the typed reading will say so.
        let (IgnoredAny, _) = data.variant()?;
        Err(A::Error::custom("tags are not used here"))
    }
}

fn yaml_error(text: &str, error: &serde_yaml::Error) -> ReadError {
    let message = error.to_string();
    let offset = error.location().map_or(0, |location| offset_of(text, location.line(), location.column()));
    // The place is told apart from the message, and so is the path in front of it.
    let message = match message.rfind(" at line ") {
        Some(at) => message.get(..at).unwrap_or(&message),
        None => &message,
    };
    let (path, message) = match message.split_once(": ") {
        Some((path, rest)) if !path.contains(' ') => (path, rest),
        _ => ("", message),
    };
    described(text, path, message, offset)
}

fn json_error(text: &str, error: &serde_json::Error) -> ReadError {
    let message = error.to_string();
    let message = match message.rfind(" at line ") {
        Some(at) => message.get(..at).unwrap_or(&message),
        None => &message,
    };
    let end = offset_of(text, error.line(), error.column());
    if message.starts_with("recursion limit") {
        return ReadError::new(Trouble::TooDeep, "values nest too deeply here", end..end);
    }
    // JSON errors point behind the token; start at the beginning of its line's last word.
    let before = text.get(..end).unwrap_or(text).trim_end_matches(['"', ',', ':', ' ', '}', ']', '\n']);
    let start = before.rfind(['"', ' ', ',', ':', '{', '[', '\n']).map_or(0, |at| at + 1);
    let mut found = described(text, "", message, start.min(before.len()));
    if found.trouble == Trouble::Syntax {
        found.at = word_at(text, end.min(text.len()));
    }
    found
}

/// Turns a parser's message into ours.
fn described(text: &str, path: &str, message: &str, offset: usize) -> ReadError {
    let within = if path.is_empty() || path == "." { String::new() } else { format!(" in `{path}`") };
    let quoted = |message: &str| message.split('`').nth(1).map(str::to_owned);
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let found = quoted(rest).unwrap_or_default();
        let expected = rest.split('`').skip(3).step_by(2).map(str::to_owned).collect();
        let at = key_near(text, offset, &found, 1);
        let text = format!("there is no key `{found}`{within}");
        return ReadError { trouble: Trouble::UnknownKey, text, at, expected, found: Some(found) };
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let found = quoted(rest).unwrap_or_default();
        let expected: Vec<String> = rest.split('`').skip(3).step_by(2).map(str::to_owned).collect();
        let at = word_near(text, offset, &found);
        let text = format!("`{found}` is not one of the words for this{within}");
        return ReadError { trouble: Trouble::WrongValue, text, at, expected, found: Some(found) };
    }
    let repeated = message
        .strip_prefix("duplicate field ")
        .and_then(quoted)
        .or_else(|| {
            message.strip_prefix("duplicate entry with key ").map(|key| key.trim_matches('"').to_owned())
        })
        .or_else(|| {
            message
                .strip_prefix("option ")?
                .strip_suffix(" stands twice")
                .map(|key| key.trim_matches('"').to_owned())
        });
    if let Some(key) = repeated {
        let at = key_near(text, offset, &key, 2);
        return ReadError {
            found: Some(key.clone()),
            ..ReadError::new(Trouble::RepeatedKey, format!("`{key}` stands twice{within}"), at)
        };
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        let key = quoted(rest).unwrap_or_default();
        let text = format!("the key `{key}` is missing{within}");
        return ReadError {
            found: Some(key),
            ..ReadError::new(Trouble::MissingKey, text, word_at_offset(offset))
        };
    }
    if message.starts_with("recursion limit") {
        return ReadError::new(Trouble::TooDeep, "values nest too deeply here", word_at(text, offset));
    }
    if message.starts_with("repetition limit") {
        return ReadError::new(
            Trouble::TooManyAliases,
            "aliases unfold into too many values",
            word_at(text, offset),
        );
    }
    if let Some(rest) =
        message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))
    {
        let (found, expected) = rest.split_once(", expected ").unwrap_or((rest, "something else"));
        return ReadError::new(
            Trouble::WrongValue,
            format!("expected {}, found {}{within}", words_of_expected(expected), words_of_found(found)),
            word_at(text, offset),
        );
    }
    if let Some((count, expected)) =
        message.strip_prefix("invalid length ").and_then(|rest| rest.split_once(", expected "))
    {
        let said = format!("expected {}, found {count} values{within}", words_of_expected(expected));
        return ReadError::new(Trouble::WrongValue, said, word_at(text, offset));
    }
    // What can be read as anything at all is only of the wrong type.
    let trouble = if well_formed(text) { Trouble::WrongValue } else { Trouble::Syntax };
    let found = quoted(message);
    let at = match (&found, trouble) {
        (Some(found), Trouble::WrongValue) => word_near(text, offset, found),
        _ => word_at(text, offset),
    };
    ReadError { found, ..ReadError::new(trouble, format!("{message}{within}"), at) }
}

/// What a parser expects, in the words of those who write inventories.
fn words_of_expected(expected: &str) -> String {
    let size = expected.strip_prefix("a tuple of size ").or_else(|| expected.strip_prefix("tuple of "));
    if let Some(size) = size {
        return format!("a list of {} values", size.split(' ').next().unwrap_or(size));
    }
    let words = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" | "u128" => "a whole number of at least 0",
        "i8" | "i16" | "i32" | "i64" | "isize" | "i128" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" | "bool" => "`true` or `false`",
        "a string" | "string" | "a borrowed string" | "str" => "a text",
        "a sequence" | "sequence" => "a list",
        "a map" | "map" => "keys with their values",
        _ if expected.starts_with("struct ") => "keys with their values",
        _ if expected.starts_with("enum ") || expected.starts_with("variant ") => "one of its words",
        other => other,
    };
    words.to_owned()
}

/// What a parser found, in the same words.
fn words_of_found(found: &str) -> String {
    for (sort, words) in [
        ("string ", "the text "),
        ("integer ", "the number "),
        ("floating point ", "the number "),
        ("boolean ", "the answer "),
    ] {
        if let Some(value) = found.strip_prefix(sort) {
            return format!("{words}{value}");
        }
    }
    match found {
        "sequence" => "a list".to_owned(),
        "map" => "keys with their values".to_owned(),
        "unit value" | "null" | "Option value" => "nothing".to_owned(),
        other => other.to_owned(),
    }
}

/// Whether a text can be read as some value.
fn well_formed(text: &str) -> bool {
    if text.trim_start().starts_with('{') {
        serde_json::from_str::<IgnoredAny>(text).is_ok()
    } else {
        serde_yaml::from_str::<IgnoredAny>(text).is_ok()
    }
}

fn word_at_offset(offset: usize) -> Range<usize> {
    offset..offset
}

/// Byte offset of a line and a column, both counted from 1, the column in bytes or characters, as parsers say it.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match text.get(start..).and_then(|rest| rest.find('\n')) {
            Some(at) => start += at + 1,
            None => return text.len(),
        }
    }
    let rest = text.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
}

/// The word at an offset, or nothing there.
fn word_at(text: &str, offset: usize) -> Range<usize> {
    let start = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let rest = text.get(start..).unwrap_or_default();
    let length = rest
        .find(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '}' | ']' | '"'))
        .unwrap_or(rest.len());
    start..start + length
}

/// The `nth` place at or behind an offset where `key` stands as a key; the word at the offset when there is none.
fn key_near(text: &str, offset: usize, key: &str, nth: usize) -> Range<usize> {
    let places = occurrences(text, line_start(text, offset), key);
    places.filter(|at| is_key(text, at)).nth(nth - 1).unwrap_or_else(|| word_at(text, offset))
}

/// The first place at or behind an offset where `word` stands; the word at the offset when there is none.
fn word_near(text: &str, offset: usize, word: &str) -> Range<usize> {
    occurrences(text, line_start(text, offset), word).next().unwrap_or_else(|| word_at(text, offset))
}

fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

/// Places at or behind an offset where a word stands with boundaries.
fn occurrences<'a>(text: &'a str, from: usize, word: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let rest = if word.is_empty() { "" } else { text.get(from..).unwrap_or_default() };
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    rest.match_indices(if word.is_empty() { "\0" } else { word }).filter_map(move |(at, found)| {
        let start = from + at;
        let end = start + found.len();
        let bounded = !text.get(..start)?.ends_with(inside) && !text.get(end..)?.starts_with(inside);
        bounded.then_some(start..end)
    })
}

/// Whether the word at a place is a key: nothing but a quote between it and a colon.
fn is_key(text: &str, at: &Range<usize>) -> bool {
    let rest = text.get(at.end..).unwrap_or_default();
    rest.trim_start_matches(['"', '\'']).trim_start_matches(' ').starts_with(':')
}

/// The place of the key at the end of a path of keys, in a text that has been read. Approximate: each key is looked for behind the one
/// before it, at the start of a line or after a bracket or comma.
#[must_use]
pub fn locate<'a>(text: &str, path: impl IntoIterator<Item = &'a str>) -> Range<usize> {
    let mut place = 0..0;
    let mut indent = None;
    for key in path {
        let next = occurrences(text, place.end, key).find(|at| {
            let line = line_start(text, at.start);
            let before = text.get(line..at.start).unwrap_or_default();
            let lead = before.trim_start_matches([' ', '"', '\'']);
            let leads = lead.is_empty() && indent.is_none_or(|indent| at.start - line > indent);
            let flows = !before.contains(" #")
                && lead.trim_end_matches([' ', '"', '\'']).ends_with(['{', ',', '[', '-']);
            is_key(text, at) && (leads || flows)
                || flows && !text.get(at.end..).unwrap_or_default().starts_with(':')
        });
        let Some(next) = next else { break };
        let line = line_start(text, next.start);
        let lead = text.get(line..next.start).unwrap_or_default();
        if lead.trim_start().is_empty() {
            indent = Some(lead.len());
        }
        place = next;
    }
    place
}
