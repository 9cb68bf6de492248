//! One file a verb.

pub(crate) mod catalog;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod dev;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod init;
pub(crate) mod inventory;
pub(crate) mod lsp;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod run;
pub(crate) mod sign;
pub(crate) mod signoffs;
pub(crate) mod sla;
pub(crate) mod test;
pub(crate) mod transform;
pub(crate) mod watch;
