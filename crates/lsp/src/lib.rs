//! The compiler in an editor: a language server on standard input and output.
//!
//! One thread answers and keeps a [`cutover::editor::Snapshot`] of each open project; after each change it publishes what the edited
//! item says by itself. A second thread compiles whole projects as soon as nobody types, and its findings follow as a second version.
//! Positions count UTF-16 units.

mod complete;
mod define;
mod findings;
mod hints;
mod listed;
mod outline;
mod paths;
mod project;
mod requests;
mod server;
mod spot;
mod text;
mod things;
mod wire;
mod words;
mod worker;

pub use complete::{Snippet, snippets};
pub use server::{Stopped, serve, stdio};
