//! Runs a reviewed plan: stage by stage, with a journal of every effect, gates that wait for people, verification and the way back.
//!
//! The plan is the contract. A run refuses another plan's journal, another account and a connector that can do less than the plan relies
//! on; it reads the source into a working copy, maps record by record, writes in batches, and writes down what it is about to do before it
//! does it. Killed at any instant, the same command goes on: with the embedded desk, journal and effect are one transaction; elsewhere what
//! is in doubt is looked up, and never sent on a guess.

mod amend;
mod batch;
mod bind;
mod calls;
mod checks;
mod clean;
mod context;
mod delta;
mod desk;
mod environment;
mod events;
mod export;
mod files;
mod flow;
mod gates;
mod host;
mod journal;
mod kept;
mod lease;
mod link;
mod load;
mod measures;
mod names;
mod notify;
mod oddity;
mod page;
mod preflight;
mod prepare;
mod problem;
mod refs;
mod rehearse;
mod report;
mod rollback;
mod roots;
mod run;
mod sample;
mod session;
mod settle;
mod ship;
mod skip;
mod spell;
mod stand_in;
mod status;
mod strays;
mod takeover;
mod trace;
mod trigger;
mod trouble;
mod verify;
mod view;
mod watch;
mod wave;
mod work;

pub use amend::{Amended, Amending, amend};
pub use context::{Event, POINTS};
pub use environment::{Binding, ContentsAt, Environment, Nested, Notify, Only, Trouble};
pub use gates::{For, Wait};
pub use journal::{Counts, Journal, RecordRow, Rejected, StageRow, State, short};
pub use kept::Kept;
pub use lease::Holder;
pub use preflight::{Passed, Seen, preflight};
pub use problem::Problem;
pub use rehearse::{Cause, Rehearsed, rehearse};
pub use report::Report;
pub use rollback::{Back, WayBack};
pub use run::Ended;
pub use sample::Stratum;
pub use session::{Host, Look, Opening, Parts, Run};
pub use settle::Settled;
pub use status::{Status, local};
pub use takeover::{Taken, break_lock, holder, takeover};
pub use verify::Compared;
pub use view::{Ends, Human, NoReturn, Now, Totals, View};
pub use watch::{Looked, Round};
