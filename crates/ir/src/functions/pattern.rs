//! Patterns of `format` and `link`: `{1} <{2 by trim, lower}>`.

use crate::functions::{Function, Takes, find};

/// A pattern, taken apart.
#[derive(Debug)]
pub struct Pattern {
    /// What it is made of, in order.
    pub parts: Vec<Part>,
}

/// A part of a pattern.
#[derive(Debug)]
pub enum Part {
    /// Text that stays.
    Text(String),
    /// The value of this number, from 1, through these functions.
    Slot(usize, Vec<&'static Function>),
}

impl Pattern {
    /// Takes a pattern apart. `{{` and `}}` stand for braces.
    ///
    /// # Errors
    /// In words, what is wrong.
    pub fn parse(text: &str) -> Result<Pattern, &'static str> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '{' | '}' if rest.peek() == Some(&c) => {
                    rest.next();
                    plain.push(c);
                }
                '}' => return Err("has a `}` without `{`"),
                '{' => {
                    let mut inside = String::new();
                    loop {
                        match rest.next() {
                            Some('}') => break,
                            Some(c) => inside.push(c),
                            None => return Err("has a `{` without `}`"),
                        }
                    }
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(slot(&inside)?);
                }
                c => plain.push(c),
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Pattern { parts })
    }

    /// The numbers of the values it uses, in order, with repetitions.
    pub(super) fn slots(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Slot(number, _) => Some(*number),
            Part::Text(_) => None,
        })
    }
}

fn slot(inside: &str) -> Result<Part, &'static str> {
    let (number, names) = match inside.split_once(" by ") {
        Some((number, names)) => (number, Some(names)),
        None => (inside, None),
    };
    let number: usize = number.trim().parse().map_err(|_| "must name values by number, like {1}")?;
    if number == 0 {
        return Err("counts values from {1}");
    }
    let mut functions = Vec::new();
    for name in names.into_iter().flat_map(|names| names.split(',')) {
        let function = find(name.trim()).ok_or("names a function that there is not")?;
        if !function.params.is_empty()
            || function.takes != Takes::One
            || function.gives != 1
            || function.rejects.is_some()
        {
            return Err("may use only functions without arguments that never reject");
        }
        functions.push(function);
    }
    Ok(Part::Slot(number, functions))
}
