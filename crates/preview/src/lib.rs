//! What becomes of running clocks when tickets move.
//!
//! Three clocks are computed for a ticket and never mixed: the old desk's, the new desk's, and that of the contract, which is what was
//! promised to the customer. Each desk has a [`Dialect`]: how it reads hours, from when it counts, what it knows of pauses, when it
//! computes at all. [`Preview`] answers for one ticket and one promise when it is due by the old desk, by the new one right after the
//! import and after the first event, and by the contract; whether that is the same; and if not, why, in steps that add up.
//!
//! Plain inputs: instants are seconds since 1970-01-01T00:00:00Z, nothing is read and nothing is printed. Memory does not grow with
//! the number of tickets.

mod compare;
mod dialect;
mod explain;
mod outcome;
mod prepare;
mod sheet;
mod summary;
mod ticket;
mod words;

pub use dialect::{
    DIALECTS, Defect, Dialect, DueField, Keeps, PauseKnowledge, Reopening, dialect, due_field,
};
pub use explain::{begins, mistaken};
pub use outcome::{Absent, Answered, Class, Compared, Due, Outcome, PauseMistake, Reason, Shift};
pub use prepare::{Carried, Form, Migration, Preview, Side, Written};
pub use sheet::beginning;
pub use summary::{Counts, Group, Summary, Worst};
pub use ticket::{
    Action, Anchor, Metric, Progress, Promise, Seen, Shown, Standing, Ticket, pauses_of, shared,
};
