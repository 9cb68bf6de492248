//! Where the fields of a kind stand in its records.

use std::collections::BTreeMap;
use std::fmt;

/// Places of fields, beside those that their names say already.
///
/// A field stands at the path that its name is: `via.channel` in the object `via`, or under that very key. Custom fields also stand in
/// `custom_fields`, by the id or key that the account gives them; a reference also stands under its name with `_id`. What else an export
/// does is said here; then nothing else is tried for the field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    places: BTreeMap<String, Vec<Path>>,
    /// The same for fields of other kinds, to whose records references lead.
    others: BTreeMap<String, BTreeMap<String, Vec<Path>>>,
}

/// A place in a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    pub(crate) steps: Vec<Step>,
}

/// A step into a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// The member of an object.
    Key(String),
    /// The element of a list of objects whose member `key` says `is`.
    Element { key: String, is: String },
}

/// A path that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// The path.
    pub path: String,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the place `{}` is not like `via.channel` or `custom_fields[id=360001].value`", self.path)
    }
}

impl std::error::Error for PathError {}

impl Path {
    /// The member of that name.
    #[must_use]
    pub fn key(name: &str) -> Path {
        Path { steps: vec![Step::Key(name.to_owned())] }
    }

    /// A member of what stands here.
    #[must_use]
    pub fn then(mut self, name: &str) -> Path {
        self.steps.push(Step::Key(name.to_owned()));
        self
    }

    /// The element, of the list that stands here, whose member `key` says `is`.
    #[must_use]
    pub fn element(mut self, key: &str, is: &str) -> Path {
        self.steps.push(Step::Element { key: key.to_owned(), is: is.to_owned() });
        self
    }

    /// Reads `via.channel`, `custom_fields[id=360001].value`.
    ///
    /// # Errors
    /// When a name is empty or a bracket stands alone.
    pub fn parse(text: &str) -> Result<Path, PathError> {
        let wrong = || PathError { path: text.to_owned() };
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (name, element) = match part.split_once('[') {
                Some((name, rest)) => (name, Some(rest.strip_suffix(']').ok_or_else(wrong)?)),
                None => (part, None),
            };
            if name.is_empty() || name.contains(']') {
                return Err(wrong());
            }
            steps.push(Step::Key(name.to_owned()));
            if let Some(element) = element {
                let (key, is) = element.split_once('=').ok_or_else(wrong)?;
                if key.is_empty() || is.is_empty() {
                    return Err(wrong());
                }
                steps.push(Step::Element { key: key.to_owned(), is: is.to_owned() });
            }
        }
        Ok(Path { steps })
    }
}

impl Layout {
    /// Says that a field stands at a place. Said twice, the first place that a record has counts.
    pub fn put(&mut self, field: &str, place: Path) {
        self.places.entry(field.to_owned()).or_default().push(place);
    }

    /// Takes the places of another layout as those of another kind.
    pub fn put_kind(&mut self, kind: &str, layout: Layout) {
        self.others.insert(kind.to_owned(), layout.places);
    }

    /// The places of a field, of another kind where one is named; the first one that a record has counts. `account_id` is the account's own
    /// id of a custom field.
    pub(crate) fn places(
        &self,
        other: Option<&str>,
        field: &str,
        account_id: Option<&str>,
        reference: bool,
    ) -> Vec<Path> {
        let said = match other {
            Some(kind) => self.others.get(kind),
            None => Some(&self.places),
        };
        if let Some(said) = said.and_then(|said| said.get(field)) {
            return said.clone();
        }
        let mut places = Vec::new();
        if let (Some(id), Some(_)) = (account_id, field.strip_prefix("custom.")) {
            places.push(Path::key("custom_fields").element("id", id).then("value"));
            places.push(Path::key("custom_fields").then(id));
        }
        let mut names = field.split('.');
        let first = names.next().unwrap_or_default();
        places.push(names.fold(Path::key(first), |path, name| path.then(name)));
        if field.contains('.') {
            places.push(Path::key(field));
        }
        if reference {
            places.push(Path::key(&format!("{field}_id")));
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn paths_are_read() {
        let path = Path::key("custom_fields").element("id", "7").then("value");
        assert_eq!(Path::parse("custom_fields[id=7].value"), Ok(path));
        for wrong in ["", "a..b", "a[id=7", "a[id]", "a]b", "[id=7]"] {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
    }
}
