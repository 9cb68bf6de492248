//! Stable identities: `kind/key[/sub]*`.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The identity of an item, a map row, a stage or a check, for example `map/ticket/to/subject`.
///
/// An id is built from declared identifiers and catalog names, never from a position, a line, a title, a count or a hash,
/// so that an unrelated edit changes no id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(Arc<str>);

impl Id {
    /// Joins the parts with `/`. A part that holds `/`, `%` or a control character is percent-encoded, so that parts stay apart.
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut text = Text::default();
        for (at, part) in parts.into_iter().enumerate() {
            if at > 0 && !text.is_empty() {
                text.push("/");
            }
            text.push_encoded(part);
        }
        Self(text.finish())
    }

    /// This id with one more part.
    #[must_use]
    pub fn child(&self, part: &str) -> Self {
        let mut text = Text::default();
        text.push(&self.0);
        text.push("/");
        text.push_encoded(part);
        Self(text.finish())
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

/// Makes the ids of many parts of one item, such as the rows of a map.
#[derive(Clone, Debug)]
pub struct Children {
    text: String,
    parent: usize,
}

impl Children {
    /// Parts of this id.
    #[must_use]
    pub fn of(parent: &Id) -> Self {
        let mut text = String::with_capacity(parent.0.len() + 1 + 24);
        text.push_str(&parent.0);
        text.push('/');
        Self { parent: text.len(), text }
    }

    /// [`Id::child`] of the parent.
    #[must_use]
    pub fn child(&mut self, part: &str) -> Id {
        self.text.truncate(self.parent);
        encode(part, &mut |more| self.text.push_str(more));
        Id(Arc::from(self.text.as_str()))
    }
}

/// A part as it stands in an id, piece by piece.
fn encode(part: &str, push: &mut impl FnMut(&str)) {
    if part.bytes().all(|b| b.is_ascii_graphic() && b != b'/' && b != b'%' || b == b' ') {
        push(part);
        return;
    }
    for c in part.chars() {
        let mut bytes = [0; 4];
        let text = c.encode_utf8(&mut bytes);
        if c == '/' || c == '%' || c.is_control() {
            for byte in text.bytes() {
                push(&format!("%{byte:02X}"));
            }
        } else {
            push(text);
        }
    }
}

/// Ids of usual length are put together without an allocation of their own.
const USUAL: usize = 96;

/// The text of an id in the making.
struct Text {
    short: [u8; USUAL],
    length: usize,
    /// All of it, once it is longer than usual.
    long: String,
}

impl Default for Text {
    fn default() -> Self {
        Self { short: [0; USUAL], length: 0, long: String::new() }
    }
}

impl Text {
    fn is_empty(&self) -> bool {
        self.length == 0 && self.long.is_empty()
    }

    fn short(&self) -> &str {
        // Only whole texts were copied in.
        self.short.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    fn push(&mut self, more: &str) {
        if self.long.is_empty() {
            let end = self.length + more.len();
            if let Some(slot) = self.short.get_mut(self.length..end) {
                slot.copy_from_slice(more.as_bytes());
                self.length = end;
                return;
            }
            self.long = self.short().to_owned();
        }
        self.long.push_str(more);
    }

    fn push_encoded(&mut self, part: &str) {
        encode(part, &mut |more| self.push(more));
    }

    fn finish(self) -> Arc<str> {
        if self.long.is_empty() { Arc::from(self.short()) } else { Arc::from(self.long) }
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
    use super::{Children, Id};

    #[test]
    fn parts_stay_apart() {
        assert_eq!(Id::new(["translate", "statuses", "a/b"]).as_str(), "translate/statuses/a%2Fb");
        assert_ne!(Id::new(["a", "b/c"]), Id::new(["a", "b", "c"]));
        assert_ne!(Id::new(["a", "b%2Fc"]), Id::new(["a", "b/c"]));
    }

    #[test]
    fn children_are_made_alike() {
        let map = Id::new(["map", "ticket"]);
        let mut children = Children::of(&map);
        for part in ["subject", "a/b", "", "50 %", "ü"] {
            assert_eq!(children.child(part), map.child(part));
        }
    }

    #[test]
    fn within() {
        let map = Id::new(["map", "ticket"]);
        assert!(map.child("to").child("subject").is_within(&map));
        assert!(!Id::new(["map", "tickets"]).is_within(&map));
    }
}
