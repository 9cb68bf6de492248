//! Connectors: how records are read from one desk and written to another.
//!
//! A connector is one type that implements [`Connector`]: a few calls over plain values, each of which either answers or gives a [`Fault`]
//! that says whether the call may have had an effect. That is all a run needs to know to never lose a record and never write one twice;
//! waiting, repeating, counting and remembering are the runner's, so no connector has to be careful about them.
//!
//! Records are texts: one JSON object each, as the system has it when read, with the target's fields when written. [`Files`] is the
//! simplest connector, and a good one to read before writing another. [`Embedded`] is a whole desk in a SQLite file: the target of
//! rehearsals, and of everything that is tried without an account.

mod abilities;
pub mod conformance;
mod connector;
mod contents;
mod database;
mod embedded;
#[cfg(test)]
mod fake;
mod fault;
mod fields;
mod files;
mod http;
mod notice;
mod patience;
mod rate;
mod read;
mod rt;
mod shelf;
mod singer;
mod write;

pub use abilities::{Abilities, Account, Finding, Proof, Silence};
pub use connector::Connector;
pub use contents::{Content, Contents, Digested, NoContent};
pub use database::{Database, Held};
pub use embedded::{Ahead, Clock, Embedded, Loaded, Ready, quoted};
pub use fault::{Effect, Fault, Hint};
pub use fields::Fields;
pub use files::{FileSet, Files, plural};
pub use http::{Line, Secret};
pub use notice::post_notice;
pub use patience::{Backoff, Breaker};
pub use rate::{Budget, Limit};
pub use read::{Chunk, Cursor, Unread};
pub use rt::{Desk, RequestTracker};
pub use shelf::Shelf;
pub use singer::{Singer, Tap};
pub use write::{Answer, Draft, Part, Undone};

/// The connector of the guide is compiled and tried.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/write-a-connector.md")]
struct Guide;
