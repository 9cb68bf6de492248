//! Findings: where they point, what they say, how they are shown.
//!
//! A leaf of the workspace: every phase of the compiler makes [`Diagnostic`]s, the command line, the editor and the tests
//! show them. Nothing here reads a file or the environment; whether there is colour is an argument.

mod diagnostic;
mod line_index;
pub mod render;
pub mod report;
pub mod sanitize;
mod source;
mod span;
pub mod suggest;

pub use diagnostic::{Applicability, Diagnostic, Edit, Label, Severity, Suggestion, sort_and_dedup};
pub use line_index::LineIndex;
pub use source::{BOM, Location, SourceFile, SourceMap};
pub use span::{FileId, Span, Spanned};
