//! Drawings of the stages: DOT, Mermaid and SVG.
//!
//! Stages are boxes in the cluster of their phase; an arrow leads from what must be over to what waits for it. Arrows that follow
//! from others are left out. The critical path is bold. The same plan gives the same text.

mod dot;
mod layout;
mod mermaid;
mod svg;
mod view;

use std::fmt;

use cutover_ir::Id;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Options {
    /// Draw this stage and what is near it. None draws everything.
    pub focus: Option<Id>,
    /// How many arrows away from the focus, both ways. Zero is the focus alone.
    pub depth: usize,
}

/// Why nothing is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphError {
    /// The plan has no stage of that id.
    NoStage {
        /// The id asked for.
        asked: Id,
        /// Stages whose id holds the text asked for, at most five.
        near: Vec<Id>,
    },
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let GraphError::NoStage { asked, near } = self;
        write!(f, "the plan has no stage {asked}")?;
        for (index, id) in near.iter().enumerate() {
            f.write_str(if index == 0 { "; near it: " } else { ", " })?;
            id.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for GraphError {}
