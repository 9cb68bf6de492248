//! Shared helpers of the end-to-end tests.

pub mod compiler;
pub mod corpus;
pub mod editor;
pub mod generate;
pub mod lines;
pub mod night;
pub mod program;
pub mod properties;
pub mod random;
pub mod readers;
pub mod records;
pub mod scanning;
pub mod schema;
pub mod sites;
pub mod snippet;
pub mod trees;
pub mod workspace;

/// How a test ends that asks the built program: well, or with the reason why not.
pub type Tested<T = ()> = Result<T, String>;

/// An error as the reason why a test ends.
pub fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
