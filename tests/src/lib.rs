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
