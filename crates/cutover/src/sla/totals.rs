//! Counts over all tickets. They grow with the number of policies and priorities, not of tickets.

use std::collections::BTreeMap;

use cutover_preview::{Absent, Due, Summary};

use super::ticket::Row;

/// So many broken promises are listed one by one where a person reads them.
const LISTED: usize = 200;

/// A promise that is broken, or will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) due: i64,
    /// As a person reads it, in the policy's zone: `due 2026-12-04 17:50`.
    pub(super) said: String,
    pub(super) ticket: String,
    pub(super) policy: String,
    pub(super) priority: String,
    pub(super) class: &'static str,
}

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) summary: Summary,
    /// Tickets that were read.
    pub(super) tickets: u64,
    /// Those about which nothing is promised.
    pub(super) without: u64,
    /// Broken already, those that waited longest first; no more than can be read.
    pub(super) broken: Vec<Broken>,
    /// Clocks that run only if a field, which the table does not hold, has the right value: by field.
    pub(super) depends: BTreeMap<String, u64>,
    /// Clocks of which nobody knows whether they are over, since the table does not hold a field: by field.
    pub(super) undecided: BTreeMap<String, u64>,
    /// Promises that will be broken at the import if nobody acts, those that are due first.
    pub(super) at_risk: Vec<Broken>,
    /// Clocks that stand still since nobody knows when.
    pub(super) since_change: u64,
    /// Clocks of tickets that are or were in a status of which their policy says nothing.
    pub(super) unsaid: u64,
    /// Clocks of tickets whose changes of status end with another one than they have.
    pub(super) contradicts: u64,
    /// Clocks of tickets of which something is told from before they were made.
    pub(super) early: u64,
    /// Clocks that have not begun, and those of which nobody knows whether they have.
    pub(super) not_begun: u64,
    pub(super) untold: u64,
    /// Clocks of which the old desk has no due time, and those that take over one which the table does not hold.
    pub(super) no_due: u64,
    pub(super) untaken: u64,
    /// Clocks that stand still in the old desk and run in the new one, and the other way round.
    pub(super) runs_there: u64,
    pub(super) stands_there: u64,
    /// Clocks of which the new desk shows nothing while the ticket waits.
    pub(super) hidden: u64,
    /// Clocks that are due behind the last day for which holidays are listed.
    pub(super) beyond: u64,
    /// Lines about the same ticket as the line before.
    pub(super) again: u64,
    /// Lines that are no tickets, and the first of them with what is wrong.
    pub(super) unread: u64,
    pub(super) first_unread: Option<(u64, String)>,
}

impl Totals {
    pub(super) fn ticket(&mut self, rows: &[Row<'_, '_>]) {
        self.tickets += 1;
        self.without += u64::from(rows.is_empty());
    }

    pub(super) fn row(&mut self, row: &Row<'_, '_>) {
        self.summary.add(&row.ticket, &row.outcome);
        for (fields, counts) in [(&row.depends, &mut self.depends), (&row.undecided, &mut self.undecided)] {
            for field in fields {
                match counts.get_mut(field) {
                    Some(count) => *count += 1,
                    None => drop(counts.insert(field.clone(), 1)),
                }
            }
        }
        self.since_change += u64::from(row.since_change);
        self.unsaid += u64::from(row.unsaid.is_some());
        self.contradicts += u64::from(row.contradicts);
        self.early += u64::from(row.early);
        self.not_begun += u64::from(row.outcome.contract == Due::None(Absent::NotBegun));
        self.untold += u64::from(row.outcome.contract == Due::None(Absent::Untold));
        self.no_due += u64::from(row.without());
        self.untaken += u64::from(row.untaken());
        if let Some((here, there)) = row.stands() {
            self.runs_there += u64::from(here && !there);
            self.stands_there += u64::from(there && !here);
        }
        self.hidden += u64::from(row.hidden());
        let known = |at: i64| row.policy.calendar.is_known(at);
        self.beyond += u64::from(row.outcome.contract.at().is_some_and(|at| !known(at)));
        let list = match &row.outcome {
            outcome if outcome.breached => &mut self.broken,
            outcome if outcome.at_risk => &mut self.at_risk,
            _ => return,
        };
        let (due, late) = match (row.outcome.answered, row.outcome.contract) {
            (Some(answered), _) => (answered.due, Some(answered.late)),
            (None, Due::At(due)) => (due, None),
            (None, Due::None(_)) => return,
        };
        let at = list.partition_point(|other| other.due <= due);
        if at < LISTED {
            let said = super::words::moment(row.policy.zone, due);
            let said = match late {
                Some(late) => {
                    format!("due {said}, answered {}", super::words::difference(i64::try_from(late).ok()))
                }
                None => format!("due {said}"),
            };
            let broken = Broken {
                due,
                said,
                ticket: row.ticket.id.clone(),
                policy: row.ticket.policy.clone(),
                priority: row.ticket.priority.clone(),
                class: row.outcome.after_event.class.name(),
            };
            list.insert(at, broken);
            list.truncate(LISTED);
        }
    }

    pub(super) fn unread(&mut self, line: u64, why: String) {
        self.unread += 1;
        self.first_unread.get_or_insert((line, why));
    }
}
