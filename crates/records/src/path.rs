//! Paths into a record: `via.channel`, `custom_fields[id=360001].value`, `custom_fields[id=*].value`, `custom.*`.

use std::fmt;

/// A path that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// The path.
    pub path: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the path `{}` cannot be read: {}", self.path, self.reason)
    }
}

impl std::error::Error for PathError {}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A key of an object.
    Key(String),
    /// Any key of an object. Stands last.
    AnyKey,
    /// The element of a list of objects whose key has that value, or any element.
    Element { key: String, value: Option<String> },
}

/// Reads a path. A key or value in double quotes may hold any character but a double quote.
pub(crate) fn parse(text: &str) -> Result<Vec<Step>, PathError> {
    let fail = |reason| PathError { path: text.to_owned(), reason };
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        let (name, after) = word(rest, &['.', '[']).map_err(fail)?;
        rest = after;
        if name.quoted || name.text != "*" {
            steps.push(Step::Key(name.text.to_owned()));
        } else {
            steps.push(Step::AnyKey);
        }
        if let Some(filter) = rest.strip_prefix('[') {
            let (key, after) = word(filter, &['=']).map_err(fail)?;
            let after = after.strip_prefix('=').ok_or_else(|| fail("`=` is missing in the brackets"))?;
            let (value, after) = word(after, &[']']).map_err(fail)?;
            rest = after.strip_prefix(']').ok_or_else(|| fail("`]` is missing"))?;
            let any = !value.quoted && value.text == "*";
            steps.push(Step::Element {
                key: key.text.to_owned(),
                value: (!any).then(|| value.text.to_owned()),
            });
        }
        if rest.is_empty() {
            break;
        }
        rest = rest.strip_prefix('.').ok_or_else(|| fail("a dot is missing"))?;
    }
    let stars = steps.iter().position(|step| *step == Step::AnyKey);
    if stars.is_some_and(|at| at + 1 != steps.len()) {
        return Err(fail("`*` stands last"));
    }
    if steps.iter().filter(|step| matches!(step, Step::Element { .. })).count() > 1 {
        return Err(fail("only one pair of brackets is allowed"));
    }
    Ok(steps)
}

struct Word<'a> {
    text: &'a str,
    quoted: bool,
}

fn word<'a>(text: &'a str, stops: &[char]) -> Result<(Word<'a>, &'a str), &'static str> {
    if let Some(inner) = text.strip_prefix('"') {
        let (word, rest) = inner.split_once('"').ok_or("a quote is missing")?;
        return Ok((Word { text: word, quoted: true }, rest));
    }
    let end = text.find(|c| stops.contains(&c)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if word.is_empty() {
        return Err("a name is missing");
    }
    Ok((Word { text: word, quoted: false }, rest))
}
