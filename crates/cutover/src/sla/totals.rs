//! Counts over all tickets. They grow with the number of policies and priorities, not of tickets.

use std::collections::BTreeMap;

use cutover_preview::Summary;

use super::ticket::Row;

/// So many broken promises are listed one by one where a person reads them.
const LISTED: usize = 200;

/// A promise that is broken before the import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) due: i64,
    /// As a person reads it, in the policy's zone.
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
    /// Broken before the import, those that waited longest first; no more than can be read.
    pub(super) broken: Vec<Broken>,
    /// Those of the broken ones that were due on the day of the inventory already.
    pub(super) already: u64,
    /// Clocks that run only if a field, which the table does not hold, has the right value: by field.
    pub(super) depends: BTreeMap<String, u64>,
    /// Clocks that stand still since nobody knows when.
    pub(super) since_change: u64,
    /// Lines that are no tickets, and the first of them with what is wrong.
    pub(super) unread: u64,
    pub(super) first_unread: Option<(u64, String)>,
}

impl Totals {
    pub(super) fn ticket(&mut self, rows: &[Row<'_, '_>]) {
        self.tickets += 1;
        self.without += u64::from(rows.is_empty());
    }

    pub(super) fn row(&mut self, row: &Row<'_, '_>, taken: Option<i64>) {
        self.summary.add(&row.ticket, &row.outcome);
        for field in &row.depends {
            match self.depends.get_mut(field) {
                Some(count) => *count += 1,
                None => drop(self.depends.insert(field.clone(), 1)),
            }
        }
        self.since_change += u64::from(row.since_change);
        let Some(due) = row.outcome.contract.at().filter(|_| row.outcome.breached) else { return };
        self.already += u64::from(taken.is_some_and(|taken| due <= taken));
        let at = self.broken.partition_point(|other| other.due <= due);
        if at < LISTED {
            let broken = Broken {
                due,
                said: super::words::moment(row.policy.zone, due),
                ticket: row.ticket.id.clone(),
                policy: row.ticket.policy.clone(),
                priority: row.ticket.priority.clone(),
                class: row.outcome.after_event.class.name(),
            };
            self.broken.insert(at, broken);
            self.broken.truncate(LISTED);
        }
    }

    pub(super) fn unread(&mut self, line: u64, why: String) {
        self.unread += 1;
        self.first_unread.get_or_insert((line, why));
    }
}
