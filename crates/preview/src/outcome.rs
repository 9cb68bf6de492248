//! What a preview says about one ticket and one promise.

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// At this instant.
    At(i64),
    /// Not at all.
    None(Absent),
}

/// Why nothing is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Absent {
    /// The clock is over.
    Done,
    /// It is held still on purpose.
    Suspended,
    /// The desk has computed nothing yet.
    NotYet,
    /// The desk has no clock of this kind, or it does not run for imported tickets.
    NoClock,
    /// The desk shows none while a ticket is paused.
    Paused,
    /// The desk gave up looking for business hours.
    GivenUp,
    /// It is never open long enough.
    NeverOpen,
    /// Nobody knows how the desk counts.
    Unknown,
    /// Nobody has written yet from whose message the clock counts.
    NotBegun,
    /// Nobody has told whether and when somebody wrote from whose message the clock counts.
    Untold,
    /// Nobody knows what was written into the desk.
    Unread,
    /// The desk has none of this ticket.
    NoDue,
    /// Nobody has told what decides whether the clock is over.
    Undecided,
}

/// How the new desk's due instant stands to what was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Within the tolerance, in business time.
    Equal,
    /// There is nothing left to promise.
    Done,
    /// There is nothing to promise yet: nobody has written from whose message the clock counts.
    NotBegun,
    /// It cannot be told: when the clock begins is not known, whether it is over, or how the new desk counts.
    Unknown,
    /// Earlier: the ticket will look late while it is not.
    FalseLate,
    /// Something was promised and nothing shows it.
    NoClock,
    /// Later: a broken promise will look kept.
    HiddenBreach,
}

/// Why two due instants differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The clock counts from another instant.
    Anchor,
    /// The new desk's policy holds another length of time than was promised.
    Held,
    /// Pauses are not counted, or in hours of the wrong kind.
    Unpaused,
    /// The desk looks at some days only, and at one stretch of hours a day.
    Window,
    /// A holiday is not the local date.
    HolidayPart,
    /// A clock change.
    Dst,
    /// Seconds are cut off.
    Rounding,
    /// The desk's calendars know opening hours in steps only.
    Step,
    /// The desks are open at different hours.
    Hours,
    /// The same moment in business time, at both sides of closed hours.
    Boundary,
    /// The old desk shows something else than its rules give.
    Shown,
    /// The desk shows one due instant for all clocks of a ticket, and that of another clock is earlier.
    Earliest,
    /// The desk does not take the old due instant, which has passed or belongs to a ticket that waits, and counts by itself.
    Refused,
}

/// A way to count pauses that gives another due instant than the clock standing still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PauseMistake {
    /// They are not counted.
    Unknown,
    /// Their length by day and night is added to the due instant.
    AddedToDue,
    /// Their length by day and night is added to the time allowed.
    AddedToAllowed,
    /// Their length by day and night is added to the beginning.
    AddedToStart,
    /// Those before the last change of the policy are forgotten.
    LostWithPolicy,
}

/// A step on the way from one due instant to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// What is put right in this step.
    pub reason: Reason,
    /// Due before the step.
    pub from: Due,
    /// Due after it.
    pub to: Due,
}

/// A due instant of the new desk beside the promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// When it is due there.
    pub due: Due,
    /// How that stands to the promise.
    pub class: Class,
    /// How much later than promised, in seconds of the promise's kind of time; negative is earlier. `None` when one of both is none.
    pub difference: Option<i64>,
    /// From this due instant to the promised one, step by step: they add up. Empty when both are the same instant, or nothing is due.
    pub shifts: Vec<Shift>,
}

/// An answer beside the promise that it kept or broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// When it was given.
    pub at: i64,
    /// When it was due by the contract.
    pub due: i64,
    /// How much too late, in seconds of the promise's kind of time; zero is in time.
    pub late: u64,
}

/// The clocks of one promise about one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// When it is due by what the old desk shows or, where nobody has told what it shows, by its rules.
    pub source: Due,
    /// When it is due by the old desk's rules.
    pub source_computed: Due,
    /// When it is due by the contract.
    pub contract: Due,
    /// The new desk right after the import.
    pub after_import: Compared,
    /// The new desk after the first event.
    pub after_event: Compared,
    /// The promise is broken: it was due, or answered too late, before it was last known what happens to the ticket.
    pub breached: bool,
    /// It is due before the import, and broken then if nobody acts.
    pub at_risk: bool,
    /// What is over since somebody answered, where the answer's time is known.
    pub answered: Option<Answered>,
    /// Its clock stands still at the import; the due instants are those if it goes on at the first event.
    pub paused: bool,
}

impl Due {
    /// The instant, when there is one.
    #[must_use]
    pub const fn at(self) -> Option<i64> {
        match self {
            Due::At(at) => Some(at),
            Due::None(_) => None,
        }
    }

    /// Whether it is not known since nobody has told what decides it of the ticket.
    #[must_use]
    pub const fn is_untold(self) -> bool {
        matches!(self, Due::None(Absent::Untold | Absent::Undecided))
    }
}

impl Class {
    /// All, in order.
    pub const ALL: [Class; 7] = [
        Class::Equal,
        Class::Done,
        Class::NotBegun,
        Class::Unknown,
        Class::FalseLate,
        Class::NoClock,
        Class::HiddenBreach,
    ];

    /// Its name in tables and machine output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Class::Equal => "equal",
            Class::Done => "done",
            Class::NotBegun => "not-begun",
            Class::Unknown => "unknown",
            Class::FalseLate => "false-late",
            Class::NoClock => "no-clock",
            Class::HiddenBreach => "hidden-breach",
        }
    }
}

impl Reason {
    /// All, in order.
    pub const ALL: [Reason; 13] = [
        Reason::Anchor,
        Reason::Held,
        Reason::Unpaused,
        Reason::Window,
        Reason::HolidayPart,
        Reason::Dst,
        Reason::Rounding,
        Reason::Step,
        Reason::Hours,
        Reason::Boundary,
        Reason::Shown,
        Reason::Earliest,
        Reason::Refused,
    ];

    /// Its name in tables and machine output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Anchor => "anchor",
            Reason::Held => "held",
            Reason::Unpaused => "unpaused",
            Reason::Window => "window",
            Reason::HolidayPart => "holiday-part",
            Reason::Dst => "dst",
            Reason::Rounding => "rounding",
            Reason::Step => "step",
            Reason::Hours => "hours",
            Reason::Boundary => "boundary",
            Reason::Shown => "shown",
            Reason::Earliest => "earliest",
            Reason::Refused => "refused",
        }
    }
}

impl Compared {
    /// The reasons of its shifts, each once, in order.
    #[must_use]
    pub fn reasons(&self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.shifts.iter().map(|shift| shift.reason).collect();
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }
}
