//! A ticket, and what was promised about it.

use cutover_calendar::{Length, Pauses};

use crate::dialect::{Dialect, DueField, due_field};
use crate::outcome::{Absent, Due, Outcome};

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

/// What is known of the last message of somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seen {
    /// Nobody has looked.
    #[default]
    Unknown,
    /// There is none.
    Never,
    /// It was written at this instant.
    At(i64),
}

/// How far a clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It runs.
    Running,
    /// It is fulfilled.
    Done,
    /// What it counts from has not happened.
    NotBegun,
    /// Nobody knows whether what it counts from has happened.
    Unknown,
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
    pub last_customer: Seen,
    /// When an agent last wrote.
    pub last_agent: Seen,
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
    /// When it stood in a status that ends this clock, and was opened again: from when to when.
    pub stopped: Vec<(i64, Option<i64>)>,
    /// What the old desk shows of this clock.
    pub shown: Shown,
}

/// What the old desk shows of a clock of a ticket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Nobody has told.
    #[default]
    Untold,
    /// It has no due instant.
    Nothing,
    /// It is due at this instant.
    At(i64),
    /// It shows one due instant for all clocks of a ticket, and this is that of another one.
    Other(i64),
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
    /// The time that the new desk's policy allows, which may not be able to hold what is promised.
    pub held: Length,
    /// The time that the old desk's policy allows, which may not be able to hold what is promised either. `None` when nobody knows what
    /// it holds in its place.
    pub held_before: Option<Length>,
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
    /// Nobody can tell whether it is over, or goes on.
    Undecided,
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

    /// How far its clock is.
    #[must_use]
    pub const fn progress(self, ticket: &Ticket) -> Progress {
        match self {
            Metric::FirstResponse if ticket.is_answered() => Progress::Done,
            Metric::NextResponse | Metric::Update | Metric::Resolution if ticket.solved => Progress::Done,
            Metric::FirstResponse | Metric::Resolution => Progress::Running,
            Metric::NextResponse => match (ticket.last_customer, ticket.agent()) {
                (Seen::Never, _) => Progress::NotBegun,
                // Whatever came after the first answer: it came after the question.
                (Seen::At(asked), Seen::Unknown) if matches!(ticket.first_response, Some(at) if at >= asked) => {
                    Progress::Done
                }
                (Seen::Unknown, _) | (Seen::At(_), Seen::Unknown) => Progress::Unknown,
                (Seen::At(asked), Seen::At(answered)) if answered >= asked => Progress::Done,
                (Seen::At(_), Seen::At(_) | Seen::Never) => Progress::Running,
            },
            Metric::Update => match ticket.agent() {
                Seen::Never => Progress::NotBegun,
                Seen::Unknown => Progress::Unknown,
                Seen::At(_) => Progress::Running,
            },
        }
    }
}

impl Shown {
    /// The clock's own instant, when it is shown.
    #[must_use]
    pub const fn at(self) -> Option<i64> {
        match self {
            Shown::At(at) => Some(at),
            Shown::Untold | Shown::Nothing | Shown::Other(_) => None,
        }
    }

    /// What a desk shows of a metric, by what is told of the due instant of a ticket's first answer and of its other one. A desk that
    /// shows one due instant for all clocks shows that of the earliest, see [`shared`].
    #[must_use]
    pub fn of(desk: Option<&Dialect>, metric: Metric, first_response: Shown, other: Shown) -> Shown {
        match due_field(desk, metric) {
            Some(DueField::FirstResponse) => first_response,
            Some(DueField::Other) => other,
            None => Shown::Untold,
        }
    }
}

/// Whose the one due instant is that a desk shows for all clocks of a ticket, given each clock by what its rules give: the earliest has it,
/// and the others show another one's. Where no rule gives an instant it belongs to the only clock that can have it, else nobody knows whose
/// it is. Clocks that are over or that the desk does not have show nothing of their own.
#[must_use]
pub fn shared(at: i64, clocks: &[&Outcome]) -> Vec<Shown> {
    let over = |clock: &Outcome| clock.contract == Due::None(Absent::Done);
    let none = [Absent::NoClock, Absent::NotBegun].map(Due::None);
    let can = |clock: &&Outcome| !over(clock) && !none.contains(&clock.source_computed);
    let due = |place: &usize| clocks.get(*place).and_then(|clock| clock.source_computed.at());
    let able = || (0..clocks.len()).filter(|place| clocks.get(*place).is_some_and(can));
    let earliest = able().filter(|place| due(place).is_some()).min_by_key(due);
    let only = || able().next().filter(|_| able().count() == 1);
    let own = earliest.or_else(only);
    let each = clocks.iter().enumerate();
    each.map(|(place, clock)| match clock {
        _ if own == Some(place) => Shown::At(at),
        clock if can(clock) => Shown::Other(at),
        _ => Shown::Untold,
    })
    .collect()
}

impl Anchor {
    /// The instant, for a ticket that was or will be imported at one.
    ///
    /// # Errors
    ///
    /// When there is none, or it is not known.
    pub fn of(self, ticket: &Ticket, imported: i64) -> Result<i64, Absent> {
        let seen = |seen: Seen| match seen {
            Seen::At(at) => Ok(at),
            Seen::Never => Err(Absent::NotBegun),
            Seen::Unknown => Err(Absent::Untold),
        };
        match self {
            Anchor::Created => Ok(ticket.created),
            Anchor::LastCustomer => seen(ticket.last_customer),
            Anchor::LastAgent => seen(ticket.agent()),
            Anchor::Reopened => Ok(ticket.reopened.unwrap_or(ticket.created)),
            Anchor::Import => Ok(imported),
        }
    }
}

impl Ticket {
    /// When an agent last wrote: the first answer is a message of an agent, too.
    #[must_use]
    pub const fn agent(&self) -> Seen {
        match (self.last_agent, self.first_response) {
            (Seen::Never, Some(first)) => Seen::At(first),
            (Seen::At(last), Some(first)) if first > last => Seen::At(first),
            (last, _) => last,
        }
    }

    /// Whether somebody has answered: there is a first answer, or an agent has written since it was made.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.first_response.is_some() || matches!(self.last_agent, Seen::At(last) if last > self.created)
    }

    /// Its pauses; one that has no end yet ends at `until`, when the clock is next looked at.
    #[must_use]
    pub fn pauses(&self, until: i64) -> Pauses {
        Pauses::new(self.paused.iter().map(|(from, to)| (*from, Some(to.unwrap_or(until)))))
    }

    /// When its clock stood still by the contract: its pauses, and the time between an end and the reopening.
    #[must_use]
    pub fn still(&self, until: i64) -> Pauses {
        let all = self.paused.iter().chain(&self.stopped);
        Pauses::new(all.map(|(from, to)| (*from, Some(to.unwrap_or(until)))))
    }

    /// Whether the new desk's clock stands still at the import.
    #[must_use]
    pub fn is_paused_there(&self) -> bool {
        self.there.map_or_else(|| self.is_paused(), |there| there == Standing::Pauses)
    }

    /// What the old desk shows of this clock. A desk that hides due instants while a ticket waits shows none of one that waits.
    #[must_use]
    pub fn shown_by(&self, old: Option<&Dialect>) -> Shown {
        match self.shown {
            Shown::Untold if old.is_some_and(|old| old.hides_paused) && self.is_paused() => Shown::Nothing,
            shown => shown,
        }
    }

    /// Whether its clock stands still now.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused.iter().any(|(_, to)| to.is_none())
    }
}
