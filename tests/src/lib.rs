//! Shared helpers of the end-to-end tests.

pub mod program;
pub mod random;
pub mod workspace;
