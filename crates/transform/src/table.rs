//! Translation tables, interned: exact lines are found by their text, patterns are tried in the order that decides.

use std::cmp::Reverse;

use cutover_ir::eval::Reason;
use cutover_ir::functions::plain;
use cutover_ir::map::{Outcome, Pattern, Translate};
use rustc_hash::FxHashMap;

use crate::value::{Constant, Text, V};

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
    pub(crate) fn apply<'a>(&'a self, value: &mut V<'a>, kept: &mut Vec<String>) -> Result<(), Reason> {
        match value {
            V::List(items) => {
                let mut gone = false;
                for item in items.iter_mut() {
                    self.one(item, kept)?;
                    gone |= item.is_missing();
                }
                if gone {
                    items.retain(|item| !item.is_missing());
                }
                Ok(())
            }
            single => self.one(single, kept),
        }
    }

    fn one<'a>(&'a self, value: &mut V<'a>, kept: &mut Vec<String>) -> Result<(), Reason> {
        let line = match &*value {
            V::Missing => return Ok(()),
            V::Text(_, Text::Plain(text)) => self.noted(text, kept),
            V::Text(_, text) => self.noted(&text.get(), kept),
            V::Digits(digits) => self.noted(digits, kept),
            other => match plain(&other.to_value()) {
                Some(text) => self.noted(&text, kept),
                None => return Err(self.no()),
            },
        };
        match line.map(|line| &line.becomes).or(self.rest.as_ref()) {
            Some(Becomes::Value(constant)) => *value = constant.v(),
            Some(Becomes::Same) => {}
            Some(Becomes::Empty) => *value = V::Missing,
            Some(Becomes::Reject) | None => return Err(self.no()),
        }
        Ok(())
    }

    fn noted(&self, text: &str, kept: &mut Vec<String>) -> Option<&Line> {
        let line = self.line(text)?;
        if line.kept_in_tag {
            kept.push(text.to_owned());
        }
        Some(line)
    }

    fn no(&self) -> Reason {
        Reason::NotTranslated { table: self.name.clone() }
    }

    /// The placeholder that a table of roles names for a role.
    pub(crate) fn placeholder(&self, role: &str) -> Result<V<'_>, Reason> {
        match self.line(role).map(|line| &line.becomes).or(self.rest.as_ref()) {
            Some(Becomes::Value(constant)) => match constant.value() {
                cutover_ir::Value::Text(name) => {
                    Ok(V::from_value(cutover_ir::Value::Placeholder(name.clone())))
                }
                _ => Err(self.no()),
            },
            Some(Becomes::Empty) => Ok(V::Missing),
            Some(Becomes::Same | Becomes::Reject) | None => Err(self.no()),
        }
    }
}
