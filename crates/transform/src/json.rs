//! JSON as bytes that stay where they are: a validating cursor, and texts with their escapes.

mod cursor;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use cursor::{Cursor, Fault, Kind, Raw, special};
pub(crate) use text::{escape_into, unescape};
