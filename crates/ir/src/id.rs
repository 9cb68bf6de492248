//! Stable identities: `kind/key[/sub]*`.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The identity of an item, a map row, a stage or a check, for example `map/ticket/to/subject`.
///
/// An id is built from declared identifiers and catalog names, never from a position, a line, a title, a count or a hash,
/// so that an unrelated edit changes no id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(Box<str>);

impl Id {
    /// Joins the parts with `/`. A part that holds `/`, `%` or a control character is percent-encoded, so that parts stay apart.
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        // Most ids are shorter; a box of the exact size is made at the end.
        let mut text = String::with_capacity(48);
        for part in parts {
            if !text.is_empty() {
                text.push('/');
            }
            push_encoded(&mut text, part);
        }
        Self(text.into_boxed_str())
    }

    /// This id with one more part.
    #[must_use]
    pub fn child(&self, part: &str) -> Self {
        let mut text = String::with_capacity(self.0.len() + part.len() + 1);
        text.push_str(&self.0);
        text.push('/');
        push_encoded(&mut text, part);
        Self(text.into_boxed_str())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first part: `map` of `map/ticket/to/subject`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// Whether this id is `other` or one of its parts.
    #[must_use]
    pub fn is_within(&self, other: &Id) -> bool {
        self.0.strip_prefix(other.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

fn push_encoded(text: &mut String, part: &str) {
    use fmt::Write as _;
    if part.bytes().all(|b| b.is_ascii_graphic() && b != b'/' && b != b'%' || b == b' ') {
        text.push_str(part);
        return;
    }
    for c in part.chars() {
        if c == '/' || c == '%' || c.is_control() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                // Writing to a String cannot fail.
                let _ = write!(text, "%{byte:02X}");
            }
        } else {
            text.push(c);
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for Id {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Id;

    #[test]
    fn parts_stay_apart() {
        assert_eq!(Id::new(["translate", "statuses", "a/b"]).as_str(), "translate/statuses/a%2Fb");
        assert_ne!(Id::new(["a", "b/c"]), Id::new(["a", "b", "c"]));
        assert_ne!(Id::new(["a", "b%2Fc"]), Id::new(["a", "b/c"]));
    }

    #[test]
    fn within() {
        let map = Id::new(["map", "ticket"]);
        assert!(map.child("to").child("subject").is_within(&map));
        assert!(!Id::new(["map", "tickets"]).is_within(&map));
    }
}
