//! Many outcomes in few numbers.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::outcome::{Class, Outcome, Reason};
use crate::ticket::Ticket;

/// A policy and a priority. Priorities that are numbers are in their order, before all others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// The policy.
    pub policy: String,
    /// The priority, as the old desk calls it; empty when there is none.
    pub priority: String,
}

impl Ord for Group {
    fn cmp(&self, other: &Group) -> Ordering {
        let number = |group: &Group| group.priority.parse::<i64>().map_or((1, 0), |number| (0, number));
        (self.policy.cmp(&other.policy))
            .then_with(|| number(self).cmp(&number(other)))
            .then_with(|| self.priority.cmp(&other.priority))
    }
}

impl PartialOrd for Group {
    fn partial_cmp(&self, other: &Group) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// How many tickets, by what becomes of their clock after the first event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tickets altogether.
    pub tickets: u64,
    /// By class. Classes without tickets are left out.
    pub classes: BTreeMap<Class, u64>,
    /// Right after the import, by class.
    pub on_import: BTreeMap<Class, u64>,
    /// By reason; a ticket may have several.
    pub reasons: BTreeMap<Reason, u64>,
    /// Promises that are broken already.
    pub breached: u64,
    /// Those that will be at the import if nobody acts.
    pub at_risk: u64,
}

/// A ticket whose due instant moves far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worst {
    /// The ticket.
    pub ticket: String,
    /// The group that it is in.
    pub group: Group,
    /// What becomes of its clock.
    pub class: Class,
    /// How much later than promised, in seconds of the promise's kind of time; `None` when it has no clock.
    pub difference: Option<i64>,
}

/// Counts by group, and the worst tickets. Grows with the number of groups, not of tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// By policy and priority. A group beyond [`Summary::MAX_GROUPS`] is counted under an empty policy.
    pub groups: BTreeMap<Group, Counts>,
    /// All together.
    pub all: Counts,
    /// The worst, worst first: hidden breaches, then lost clocks, then those that will look late, each by how far they move.
    pub worst: Vec<Worst>,
}

impl Summary {
    /// More groups than these are counted together.
    pub const MAX_GROUPS: usize = 1_000;

    /// So many of the worst tickets are kept.
    pub const WORST: usize = 20;

    /// Counts one outcome.
    pub fn add(&mut self, ticket: &Ticket, outcome: &Outcome) {
        let mut group = Group { policy: ticket.policy.clone(), priority: ticket.priority.clone() };
        if self.groups.len() >= Summary::MAX_GROUPS && !self.groups.contains_key(&group) {
            group = Group { policy: String::new(), priority: String::new() };
        }
        self.all.add(outcome);
        self.groups.entry(group.clone()).or_default().add(outcome);
        let compared = &outcome.after_event;
        if matches!(compared.class, Class::Equal | Class::Done | Class::NotBegun | Class::Unknown) {
            return;
        }
        let worst = Worst {
            ticket: ticket.id.clone(),
            group,
            class: compared.class,
            difference: compared.difference,
        };
        let at = self.worst.partition_point(|other| rank(other) >= rank(&worst));
        if at < Summary::WORST {
            self.worst.insert(at, worst);
            self.worst.truncate(Summary::WORST);
        }
    }
}

/// How bad it is; of two that are as bad, the one that came first stays first.
fn rank(worst: &Worst) -> (Class, u64) {
    (worst.class, worst.difference.unwrap_or_default().unsigned_abs())
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        self.tickets += 1;
        self.breached += u64::from(outcome.breached);
        self.at_risk += u64::from(outcome.at_risk);
        *self.classes.entry(outcome.after_event.class).or_default() += 1;
        *self.on_import.entry(outcome.after_import.class).or_default() += 1;
        for reason in outcome.after_event.reasons() {
            *self.reasons.entry(reason).or_default() += 1;
        }
    }
}
