//! Text that few rows have.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// A text one word wide, where `Box<str>` is two: an account has tens of thousands of fields, and few of them have a title or a note.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slim(Box<Box<str>>);

impl Deref for Slim {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<T: Into<Box<str>>> From<T> for Slim {
    fn from(text: T) -> Self {
        Self(Box::new(text.into()))
    }
}

impl fmt::Debug for Slim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Slim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}
