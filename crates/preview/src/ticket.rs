//! A ticket, and what was promised about it.

use cutover_calendar::{Length, Pauses};

/// What a clock measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Until somebody first answers.
    FirstResponse,
    /// Until somebody answers the customer's last message.
    NextResponse,
    /// Until an agent tells the customer something new.
    Update,
    /// Until it is solved.
    Resolution,
}

/// From when a clock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anchor {
    /// The ticket was made.
    Created,
    /// The customer last wrote.
    LastCustomer,
    /// An agent last wrote.
    LastAgent,
    /// It was opened again, or else made.
    Reopened,
    /// It was imported.
    Import,
}

/// An unfinished ticket: what clocks need of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ticket {
    /// Its name or pseudonym.
    pub id: String,
    /// The policy that it is under.
    pub policy: String,
    /// Its priority, as the old desk calls it; empty when it has none.
    pub priority: String,
    /// When it was made.
    pub created: i64,
    /// When the customer wrote what nobody has answered yet: the first of several messages in a row. Else when the customer last wrote.
    pub last_customer: Option<i64>,
    /// When an agent last wrote.
    pub last_agent: Option<i64>,
    /// When somebody first answered.
    pub first_response: Option<i64>,
    /// When it was last opened again.
    pub reopened: Option<i64>,
    /// What its status is to the new desk's clock of this kind; what nobody knows is taken to be as in the old desk.
    pub there: Option<Standing>,
    /// When its policy was last changed.
    pub policy_since: Option<i64>,
    /// When something last happened to it.
    pub changed: Option<i64>,
    /// It is solved, although it still moves.
    pub solved: bool,
    /// When it stood in a status that pauses this clock: from when to when. The last may have no end yet.
    pub paused: Vec<(i64, Option<i64>)>,
    /// When it is due by what the old desk shows.
    pub shown_due: Option<i64>,
}

/// What a status does to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It runs.
    Runs,
    /// It stands still.
    Pauses,
    /// It is over.
    Stops,
}

/// A clock of a policy, and what the spec says becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// What it measures.
    pub metric: Metric,
    /// The time allowed.
    pub allowed: Length,
    /// What becomes of it.
    pub action: Action,
}

/// What becomes of a running clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The old desk's due instant is written into the new one.
    InheritDue,
    /// The time that is left at the import is due in the new desk.
    InheritRemaining,
    /// The new desk counts by itself; from when on is its own affair, see [`crate::Dialect`].
    Recalculate,
    /// No clock until an instant, and then something else.
    Suspend {
        /// When it goes on.
        until: i64,
        /// How it goes on.
        then: Box<Action>,
    },
    /// It is over.
    Done,
}

/// When a clock stood still, from the changes of a ticket's status in order of time, each with the status that it led to. The status
/// that it was made with counts as the first change. The last pause has no end when the ticket still waits.
pub fn pauses_of<'a>(
    changes: impl IntoIterator<Item = (i64, &'a str)>,
    pauses: impl Fn(&str) -> bool,
) -> Vec<(i64, Option<i64>)> {
    let mut out: Vec<(i64, Option<i64>)> = Vec::new();
    for (at, status) in changes {
        match (out.last_mut(), pauses(status)) {
            // Still waiting, if in another status.
            (Some((_, None)), true) => {}
            (Some((_, end @ None)), false) => *end = Some(at),
            (_, true) => out.push((at, None)),
            (_, false) => {}
        }
    }
    out
}

impl Metric {
    /// From when a promise of this kind counts.
    #[must_use]
    pub const fn anchor(self) -> Anchor {
        match self {
            Metric::FirstResponse | Metric::Resolution => Anchor::Created,
            Metric::NextResponse => Anchor::LastCustomer,
            Metric::Update => Anchor::LastAgent,
        }
    }

    /// Whether it is fulfilled.
    #[must_use]
    pub fn is_done(self, ticket: &Ticket) -> bool {
        match self {
            Metric::FirstResponse => ticket.first_response.is_some(),
            Metric::NextResponse => {
                ticket.solved || (ticket.last_agent >= ticket.last_customer && ticket.last_agent.is_some())
            }
            Metric::Update | Metric::Resolution => ticket.solved,
        }
    }
}

impl Anchor {
    /// The instant, for a ticket that was or will be imported at one.
    #[must_use]
    pub fn of(self, ticket: &Ticket, imported: i64) -> i64 {
        match self {
            Anchor::Created => ticket.created,
            Anchor::LastCustomer => ticket.last_customer.unwrap_or(ticket.created),
            Anchor::LastAgent => ticket.last_agent.unwrap_or(ticket.created),
            Anchor::Reopened => ticket.reopened.unwrap_or(ticket.created),
            Anchor::Import => imported,
        }
    }
}

impl Ticket {
    /// Its pauses; one that has no end yet ends at `until`, when the clock is next looked at.
    #[must_use]
    pub fn pauses(&self, until: i64) -> Pauses {
        Pauses::new(self.paused.iter().map(|(from, to)| (*from, Some(to.unwrap_or(until)))))
    }

    /// Whether the new desk's clock stands still at the import.
    #[must_use]
    pub fn is_paused_there(&self) -> bool {
        self.there.map_or_else(|| self.is_paused(), |there| there == Standing::Pauses)
    }

    /// Whether its clock stands still now.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused.iter().any(|(_, to)| to.is_none())
    }
}
