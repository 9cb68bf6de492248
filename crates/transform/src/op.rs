//! Functions, compiled. The common ones work on texts where they stand; every other one, and every value that a short way does not
//! know, goes through the library's own body.

use std::borrow::Cow;

use cutover_ir::eval::Reason;
use cutover_ir::functions::{
    self, Function, ParamKind, Part, Pattern, TRANSLATE, TypeProblem, cut_at, lower_case,
};
use cutover_ir::map::{Call, Program};
use cutover_ir::predicate::Literal;
use cutover_ir::time::Date;
use cutover_ir::value::Value;

use crate::engine::Asking;
use crate::table::Table;
use crate::value::{Sort, Text, Time, V};
use crate::want::{distinct, is_texts};

/// A step of a row's pipe.
#[derive(Debug)]
pub(crate) enum Op {
    /// A function of the library.
    Call(Applied),
    /// A translation table.
    Translate(Table),
    /// What cannot be run: what is wrong with it.
    Malformed(&'static str),
}

/// A function with its arguments.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) function: &'static Function,
    args: Vec<Literal>,
    short: Option<Short>,
    /// The length of a `cut` whose rest goes to another field.
    pub(crate) overflow: Option<u32>,
}

/// A short way.
#[derive(Debug)]
enum Short {
    Trim,
    Lower,
    Cut(u32),
    Split(String),
    Join(String),
    Format(Vec<Piece>),
    TextForm,
    OptionName,
    Distinct,
    FirstPresent,
    EpochSeconds,
    Utc(Vec<TimePiece>),
    ParseInstant,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Slot(usize, Vec<Applied>),
}

#[derive(Debug)]
enum TimePiece {
    Text(String),
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl Op {
    pub(crate) fn new(call: &Call, program: &Program, overflows: bool) -> Op {
        if call.function == TRANSLATE {
            let [Literal::Text(name)] = call.args.as_slice() else {
                return Op::Malformed("a table without a name");
            };
            return match program.translates.get(name) {
                Some(table) => Op::Translate(Table::new(name, table)),
                None => Op::Malformed("a table that is not there"),
            };
        }
        match functions::find(&call.function) {
            Some(function) => {
                let mut made = Applied::new(function, &call.args);
                if overflows && function.name == "cut" {
                    // What an argument of another sort means is the evaluator's choice: nothing is cut off before it refuses.
                    made.overflow = Some(length(&call.args));
                }
                Op::Call(made)
            }
            None => Op::Malformed("a function that is not there"),
        }
    }

    /// Applies the step to all values of the row.
    pub(crate) fn apply<'a>(
        &'a self,
        values: &mut Vec<V<'a>>,
        overflow: &mut String,
        kept: &mut Vec<String>,
        asking: &Asking<'_>,
    ) -> Result<(), Reason> {
        match self {
            Op::Malformed(what) => Err(Reason::Malformed(what)),
            Op::Translate(table) => values.iter_mut().try_for_each(|value| table.apply(value, kept)),
            Op::Call(call) => {
                if let Some(limit) = call.overflow {
                    let rests = values.iter().filter_map(|value| match value {
                        V::Text(Sort::Text, text) => Some(cut_at(&text.get(), limit).1.to_owned()),
                        _ => None,
                    });
                    overflow.insert_str(0, &rests.collect::<String>());
                }
                call.apply(values, asking)
                    .map_err(|refusal| Reason::Refused { function: call.function.name.to_owned(), refusal })
            }
        }
    }
}

fn take<'a>(value: &mut V<'a>) -> V<'a> {
    std::mem::replace(value, V::Missing)
}

fn length(args: &[Literal]) -> u32 {
    match args.first() {
        Some(Literal::Number(number)) => u32::try_from(number.to_int().unwrap_or(0)).unwrap_or(u32::MAX),
        _ => 0,
    }
}

impl Applied {
    fn new(function: &'static Function, args: &[Literal]) -> Applied {
        let fits = !matches!(
            function.signature(&[], args),
            Err(TypeProblem::ArgumentCount { .. } | TypeProblem::Argument { why: None, .. })
        );
        let short = if fits { Short::new(function.name, args) } else { None };
        Applied { function, args: args.to_vec(), short, overflow: None }
    }

    /// Names of the secrets among its arguments.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let pairs = self.function.params.iter().zip(&self.args);
        pairs.filter_map(|(param, arg)| match arg {
            Literal::Text(name) if param.kind == ParamKind::Secret => Some(name.as_str()),
            _ => None,
        })
    }

    fn apply(&self, values: &mut Vec<V<'_>>, asking: &Asking<'_>) -> Result<(), functions::Refusal> {
        let done = match &self.short {
            None => false,
            Some(Short::Split(separator)) => split(separator, values),
            Some(Short::Join(separator)) => join(separator, values),
            Some(Short::Format(pieces)) => format(pieces, values, asking)?,
            Some(Short::FirstPresent) => {
                let found = values.iter().position(|value| !value.is_missing());
                let found = found.map_or(V::Missing, |at| values.swap_remove(at));
                values.clear();
                values.push(found);
                true
            }
            Some(short) => {
                for value in values.iter_mut() {
                    *value = self.one(short, take(value), asking)?;
                }
                true
            }
        };
        if !done {
            let inputs: Vec<Value> = values.iter().map(V::to_value).collect();
            let outputs = self.function.call(&inputs, &self.args, asking.host)?;
            values.clear();
            values.extend(outputs.into_iter().map(V::from_value));
        }
        Ok(())
    }

    /// A function that takes one value and gives one.
    fn one<'a>(&self, short: &Short, value: V<'a>, asking: &Asking<'_>) -> Result<V<'a>, functions::Refusal> {
        match value {
            V::Missing => Ok(V::Missing),
            V::List(mut items) if matches!(short, Short::Distinct) && is_texts(&items) => {
                distinct(&mut items);
                Ok(V::List(items))
            }
            V::List(items) if self.function.lifts => {
                let mut results = Vec::with_capacity(items.len());
                for item in items {
                    let result = match item {
                        V::Missing => continue,
                        // The library lifts once; what it says of a list in a list is asked of it in such a list.
                        nested @ V::List(_) => match self.by_library(&V::List(vec![nested]), asking)? {
                            V::List(mut results) => results.pop().unwrap_or(V::Missing),
                            other => other,
                        },
                        item => self.single(short, item, asking)?,
                    };
                    if !result.is_missing() {
                        results.push(result);
                    }
                }
                Ok(V::List(results))
            }
            value => self.single(short, value, asking),
        }
    }

    fn single<'a>(
        &self,
        short: &Short,
        value: V<'a>,
        asking: &Asking<'_>,
    ) -> Result<V<'a>, functions::Refusal> {
        match (short, value) {
            (Short::Trim, V::Text(_, text)) => Ok(V::Text(Sort::Text, trim(text))),
            (Short::Lower, V::Text(_, text)) => Ok(V::Text(Sort::Text, lower(text))),
            (Short::Cut(limit), V::Text(_, text)) => Ok(V::Text(Sort::Text, cut(text, *limit))),
            (Short::TextForm, V::Text(_, text))
            | (Short::OptionName, V::Text(Sort::Choice | Sort::Text, text)) => Ok(V::Text(Sort::Text, text)),
            (Short::TextForm, V::Digits(digits)) => Ok(V::Text(Sort::Text, Text::Plain(digits))),
            (Short::EpochSeconds, V::Instant(time)) => Ok(V::Int(time.seconds)),
            (Short::Utc(pieces), V::Instant(time)) => match formatted(pieces, time) {
                Some(text) => Ok(V::text(text)),
                None => self.by_library(&V::Instant(time), asking),
            },
            (Short::ParseInstant, V::Text(sort, text)) => {
                let time = Time::parse(text.get().trim());
                // Years that have no text form are the library's to refuse.
                match time.filter(|time| (-62_000_000_000..253_000_000_000).contains(&time.seconds)) {
                    Some(time) => Ok(V::Instant(time)),
                    None => self.by_library(&V::Text(sort, text), asking),
                }
            }
            (_, value) => self.by_library(&value, asking),
        }
    }

    fn by_library<'a>(&self, value: &V<'_>, asking: &Asking<'_>) -> Result<V<'a>, functions::Refusal> {
        let outputs = self.function.call(&[value.to_value()], &self.args, asking.host)?;
        Ok(outputs.into_iter().next().map_or(V::Missing, V::from_value))
    }
}

impl Short {
    fn new(name: &str, args: &[Literal]) -> Option<Short> {
        let text = |at: usize| match args.get(at) {
            Some(Literal::Text(text)) => Some(text.clone()),
            _ => None,
        };
        Some(match name {
            "trim" => Short::Trim,
            "lower" => Short::Lower,
            "cut" => Short::Cut(length(args)),
            "split" => Short::Split(text(0)?),
            "join" => Short::Join(text(0)?),
            "format" => Short::Format(pieces(&text(0)?)?),
            "text" => Short::TextForm,
            "option_name" => Short::OptionName,
            "distinct" => Short::Distinct,
            "first_present" => Short::FirstPresent,
            "epoch_seconds" => Short::EpochSeconds,
            "utc" => Short::Utc(time_pieces(&text(0)?)),
            "parse_instant" => Short::ParseInstant,
            _ => return None,
        })
    }
}

fn pieces(pattern: &str) -> Option<Vec<Piece>> {
    let parts = Pattern::parse(pattern).ok()?.parts.into_iter();
    Some(
        parts
            .map(|part| match part {
                Part::Text(text) => Piece::Text(text),
                Part::Slot(number, functions) => {
                    let made = functions.into_iter().map(|function| Applied::new(function, &[]));
                    Piece::Slot(number.saturating_sub(1), made.collect())
                }
            })
            .collect(),
    )
}

fn time_pieces(pattern: &str) -> Vec<TimePiece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        let piece = match (c, if c == '%' { rest.next() } else { None }) {
            ('%', Some('Y')) => TimePiece::Year,
            ('%', Some('m')) => TimePiece::Month,
            ('%', Some('d')) => TimePiece::Day,
            ('%', Some('H')) => TimePiece::Hour,
            ('%', Some('M')) => TimePiece::Minute,
            ('%', Some('S')) => TimePiece::Second,
            ('%', other) => {
                text.extend(other);
                continue;
            }
            (c, _) => {
                text.push(c);
                continue;
            }
        };
        if !text.is_empty() {
            pieces.push(TimePiece::Text(std::mem::take(&mut text)));
        }
        pieces.push(piece);
    }
    if !text.is_empty() {
        pieces.push(TimePiece::Text(text));
    }
    pieces
}

/// `None` outside of the years 0 to 9999, whose parts have other lengths.
fn formatted(pieces: &[TimePiece], time: Time) -> Option<String> {
    let date = Date::from_days(i32::try_from(time.seconds.div_euclid(86_400)).ok()?);
    let (year, month, day) = date.ymd();
    if !(0..=9999).contains(&year) {
        return None;
    }
    let second = u32::try_from(time.seconds.rem_euclid(86_400)).ok()?;
    let year = u32::try_from(year).ok()?;
    let mut text = String::with_capacity(24);
    for piece in pieces {
        match piece {
            TimePiece::Text(plain) => text.push_str(plain),
            TimePiece::Year => {
                two(year / 100, &mut text);
                two(year % 100, &mut text);
            }
            TimePiece::Month => two(month.into(), &mut text),
            TimePiece::Day => two(day.into(), &mut text),
            TimePiece::Hour => two(second / 3600, &mut text),
            TimePiece::Minute => two(second / 60 % 60, &mut text),
            TimePiece::Second => two(second % 60, &mut text),
        }
    }
    Some(text)
}

fn two(number: u32, text: &mut String) {
    text.push(char::from_digit(number / 10 % 10, 10).unwrap_or('0'));
    text.push(char::from_digit(number % 10, 10).unwrap_or('0'));
}

fn trim(text: Text<'_>) -> Text<'_> {
    match text {
        Text::Plain(plain) => Text::Plain(plain.trim()),
        other => {
            let text = other.get();
            Text::Owned(text.trim().to_owned())
        }
    }
}

fn lower(text: Text<'_>) -> Text<'_> {
    match text.into_cow() {
        Cow::Borrowed(plain) if !plain.bytes().any(|byte| byte.is_ascii_uppercase() || byte >= 0x80) => {
            Text::Plain(plain)
        }
        text if text.is_ascii() => {
            let mut text = text.into_owned();
            text.make_ascii_lowercase();
            Text::Owned(text)
        }
        text => Text::Owned(lower_case(&text)),
    }
}

fn cut(text: Text<'_>, limit: u32) -> Text<'_> {
    if text.at_most() <= limit as usize {
        return text;
    }
    match text.into_cow() {
        Cow::Borrowed(plain) => Text::Plain(cut_at(plain, limit).0),
        Cow::Owned(mut text) => {
            let length = cut_at(&text, limit).0.len();
            text.truncate(length);
            Text::Owned(text)
        }
    }
}

/// Whether it was possible: of texts and missing values only.
fn split(separator: &str, values: &mut Vec<V<'_>>) -> bool {
    if !values.iter().all(|value| matches!(value, V::Missing | V::Text(..))) {
        return false;
    }
    let inputs = std::mem::take(values);
    values.reserve(inputs.len() * 2);
    for input in inputs {
        let text = match input {
            V::Text(_, text) => text.into_cow(),
            _ => {
                values.push(V::Missing);
                values.push(V::Missing);
                continue;
            }
        };
        let (before, after) = match text {
            Cow::Borrowed(text) => match text.split_once(separator) {
                Some((before, after)) => (Text::Plain(before), Some(Text::Plain(after))),
                None => (Text::Plain(text), None),
            },
            Cow::Owned(text) => match text.split_once(separator) {
                Some((before, after)) => {
                    (Text::Owned(before.to_owned()), Some(Text::Owned(after.to_owned())))
                }
                None => (Text::Owned(text), None),
            },
        };
        values.push(V::Text(Sort::Text, before));
        values.push(after.map_or(V::Missing, |after| V::Text(Sort::Text, after)));
    }
    true
}

/// Whether it was possible: of texts and missing values only.
fn join(separator: &str, values: &mut Vec<V<'_>>) -> bool {
    let parts = match values.as_slice() {
        [V::List(items)] => items.as_slice(),
        several if several.iter().all(V::is_missing) => return false,
        several => several,
    };
    if !parts.iter().all(|value| matches!(value, V::Missing | V::Text(..))) {
        return false;
    }
    let mut joined = String::new();
    let mut first = true;
    for part in parts {
        if let V::Text(_, text) = part {
            if !first {
                joined.push_str(separator);
            }
            first = false;
            joined.push_str(&text.get());
        }
    }
    values.clear();
    values.push(V::text(joined));
    true
}

/// Whether it was possible: of texts and whole numbers only.
fn format(
    pieces: &[Piece],
    values: &mut Vec<V<'_>>,
    asking: &Asking<'_>,
) -> Result<bool, functions::Refusal> {
    if values.iter().any(V::is_missing) {
        values.clear();
        values.push(V::Missing);
        return Ok(true);
    }
    if !values.iter().all(|value| matches!(value, V::Text(..) | V::Digits(_))) {
        return Ok(false);
    }
    let length = values.iter().map(|value| if let V::Text(_, text) = value { text.at_most() } else { 20 });
    let mut filled = String::with_capacity(length.sum::<usize>() + 16);
    for piece in pieces {
        let (number, functions) = match piece {
            Piece::Text(text) => {
                filled.push_str(text);
                continue;
            }
            Piece::Slot(number, functions) => (number, functions),
        };
        let Some(value) = values.get(*number) else { return Ok(false) };
        let mut now = match (value, functions.is_empty()) {
            (V::Text(_, text), true) => {
                filled.push_str(&text.get());
                continue;
            }
            (value, _) => value.clone(),
        };
        for function in functions {
            now = match &function.short {
                Some(short) => function.one(short, now, asking)?,
                None => function.by_library(&now, asking)?,
            };
        }
        match &now {
            V::Missing => {
                values.clear();
                values.push(V::Missing);
                return Ok(true);
            }
            V::Text(_, text) => filled.push_str(&text.get()),
            V::Digits(digits) => filled.push_str(digits),
            _ => return Ok(false),
        }
    }
    values.clear();
    values.push(V::text(filled));
    Ok(true)
}
