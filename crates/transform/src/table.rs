//! Translation tables, interned: exact lines are found by their text, patterns are tried in the order that decides.

use std::borrow::Cow;
use std::cmp::Reverse;

use cutover_ir::eval::Reason;
use cutover_ir::functions::plain;
use cutover_ir::map::{Outcome, Pattern, Translate};
use rustc_hash::FxHashMap;

use crate::value::{Constant, V};

/// A compiled table.
#[derive(Debug)]
pub(crate) struct Table {
    name: String,
    lines: Vec<Line>,
    exact: FxHashMap<Box<str>, usize>,
    /// What exact lines do not decide: lines that do not mind the case, then patterns.
    patterns: Vec<(Pattern, usize)>,
    rest: Option<Becomes>,
}

#[derive(Debug)]
struct Line {
    becomes: Becomes,
    kept_in_tag: bool,
}

#[derive(Debug)]
enum Becomes {
    Value(Constant),
    Same,
    Empty,
    Reject,
}

impl Becomes {
    fn of(outcome: &Outcome) -> Becomes {
        match outcome {
            Outcome::Value(literal) => Becomes::Value(Constant::new(literal)),
            Outcome::Same => Becomes::Same,
            Outcome::Empty => Becomes::Empty,
            Outcome::Reject => Becomes::Reject,
        }
    }
}

impl Table {
    pub(crate) fn new(name: &str, translate: &Translate) -> Table {
        let mut order: Vec<usize> = (0..translate.rows.len()).collect();
        // The order in which the evaluator prefers lines; among equal ones the first counts.
        order.sort_by_key(|at| {
            translate.rows.get(*at).map(|row| {
                let pattern = &row.pattern;
                let length = pattern.text.chars().filter(|c| *c != '*').count();
                (pattern.wildcard, pattern.any_case, Reverse(length), &pattern.text)
            })
        });
        let mut table = Table {
            name: name.to_owned(),
            lines: Vec::with_capacity(order.len()),
            exact: FxHashMap::default(),
            patterns: Vec::new(),
            rest: translate.rest.as_ref().map(Becomes::of),
        };
        for row in order.into_iter().filter_map(|at| translate.rows.get(at)) {
            let at = table.lines.len();
            table.lines.push(Line { becomes: Becomes::of(&row.outcome), kept_in_tag: row.kept_in_tag });
            if row.pattern.wildcard || row.pattern.any_case {
                table.patterns.push((row.pattern.clone(), at));
            } else {
                table.exact.entry(row.pattern.text.as_str().into()).or_insert(at);
            }
        }
        table
    }

    fn line(&self, text: &str) -> Option<&Line> {
        let at = match self.exact.get(text) {
            Some(at) => *at,
            None => self.patterns.iter().find(|(pattern, _)| pattern.matches(text))?.1,
        };
        self.lines.get(at)
    }

    /// Applies the table to a value, to a list element by element; notes old values that are to be kept in a tag.
    pub(crate) fn apply<'a>(&'a self, value: V<'a>, kept: &mut Vec<String>) -> Result<V<'a>, Reason> {
        match value {
            V::List(items) => {
                let mut translated = Vec::with_capacity(items.len());
                for item in items {
                    match self.one(item, kept)? {
                        V::Missing => {}
                        value => translated.push(value),
                    }
                }
                Ok(V::List(translated))
            }
            single => self.one(single, kept),
        }
    }

    fn one<'a>(&'a self, value: V<'a>, kept: &mut Vec<String>) -> Result<V<'a>, Reason> {
        let no = || Reason::NotTranslated { table: self.name.clone() };
        let text: Cow<'_, str> = match &value {
            V::Missing => return Ok(V::Missing),
            V::Text(_, text) => text.get(),
            V::Digits(digits) => Cow::Borrowed(digits),
            other => Cow::Owned(plain(&other.to_value()).ok_or_else(no)?),
        };
        let line = self.line(&text);
        if line.is_some_and(|line| line.kept_in_tag) {
            kept.push(text.into_owned());
        }
        match line.map(|line| &line.becomes).or(self.rest.as_ref()) {
            Some(Becomes::Value(constant)) => Ok(constant.v()),
            Some(Becomes::Same) => Ok(value),
            Some(Becomes::Empty) => Ok(V::Missing),
            Some(Becomes::Reject) | None => Err(no()),
        }
    }

    /// The placeholder that a table of roles names for a role.
    pub(crate) fn placeholder(&self, role: &str) -> Result<V<'_>, Reason> {
        let no = || Reason::NotTranslated { table: self.name.clone() };
        match self.line(role).map(|line| &line.becomes).or(self.rest.as_ref()) {
            Some(Becomes::Value(constant)) => match constant.value() {
                cutover_ir::Value::Text(name) => {
                    Ok(V::from_value(cutover_ir::Value::Placeholder(name.clone())))
                }
                _ => Err(no()),
            },
            Some(Becomes::Empty) => Ok(V::Missing),
            Some(Becomes::Same | Becomes::Reject) | None => Err(no()),
        }
    }
}
