//! The members of a JSON object, as they stand.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of one JSON object, in their order, with their values as they stand: nothing is copied that holds no escape.
#[derive(Debug, Default)]
pub struct Fields<'r>(pub Vec<(Cow<'r, str>, &'r RawValue)>);

impl<'r> Fields<'r> {
    /// The members of a text; `None` when it is not one JSON object.
    #[must_use]
    pub fn of(text: &'r str) -> Option<Fields<'r>> {
        serde_json::from_str(text).ok()
    }

    /// The value of a member; the last one when a name stands there twice.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'r RawValue> {
        self.0.iter().rev().find(|(field, _)| field == name).map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::with_capacity(16);
                while let Some(Name(name)) = map.next_key()? {
                    all.push((name, map.next_value()?));
                }
                Ok(Fields(all))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A name that is borrowed where it holds no escape.
struct Name<'r>(Cow<'r, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// The text of a JSON string, borrowed where it holds no escape; `None` when it is no string.
pub(crate) fn text(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::{Fields, text};

    #[test]
    fn members_come_as_they_stand() {
        let found = Fields::of("{\"b\": [1, 2], \"a\\u0062\": \"x\\n\", \"b\": null}");
        let found = found.as_ref().map(|fields| (fields.0.len(), fields.get("b"), fields.get("ab")));
        let Some((3, Some(last), Some(escaped))) = found else {
            assert_eq!(found.map(|found| found.0), Some(3));
            return;
        };
        assert_eq!((last.get(), text(escaped.get()).as_deref()), ("null", Some("x\n")));
        assert!(Fields::of("[1]").is_none() && Fields::of("{\"a\":1} x").is_none());
        assert_eq!((text("\"plain\"").as_deref(), text("17")), (Some("plain"), None));
    }
}
