//! How many unfinished tickets get another due time by one spec than by another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cutover_diff::DueDates;
use cutover_ir::Id;
use cutover_preview::Due;

use super::desk::promised;
use super::ticket::{Row, Unreadable, each};
use super::{of, sidecar};
use crate::Compilation;

/// Unfinished tickets of the newer inventory whose clocks end at another time, by policy; none when either spec's clocks cannot be
/// computed, or a ticket cannot be read: then a number would be wrong.
pub(crate) fn due_dates(old: &Compilation, new: &Compilation, root: &Path) -> Option<BTreeMap<Id, DueDates>> {
    let (was, is) = (promised(&old.plan, &old.remains.accounts), promised(&new.plan, &new.remains.accounts));
    let (was, is) = (of(old, &was).ok()?, of(new, &is).ok()?);
    let mut input = sidecar(root, new).ok()?;
    let mut counts: BTreeMap<Id, DueDates> = BTreeMap::new();
    let mut unread = false;
    let read = each::<Unreadable>(&mut *input, |_, ticket| {
        let Ok(line) = ticket else {
            unread = true;
            return Ok(false);
        };
        let (before, after) = (was.rows(&line), is.rows(&line));
        let (earlier, later) = (ends(&before), ends(&after));
        let mut moved = BTreeMap::<&str, bool>::new();
        for clock in earlier.keys().chain(later.keys()).collect::<BTreeSet<_>>() {
            let (a, b) = (earlier.get(clock), later.get(clock));
            if a.map(|end| end.0) != b.map(|end| end.0) {
                let unsure = a.is_some_and(|end| end.1) || b.is_some_and(|end| end.1);
                *moved.entry(clock.0).or_default() |= unsure;
            }
        }
        for (policy, unsure) in moved {
            let count = counts.entry(Id::new(["sla", policy])).or_default();
            count.tickets += 1;
            count.at_most |= unsure;
        }
        Ok(true)
    });
    if unread || read.is_err() {
        return None;
    }
    // A policy of which no ticket moves is told as such: it was computed.
    for policy in was.policies.iter().chain(&is.policies) {
        counts.entry(Id::new(["sla", policy.name])).or_default();
    }
    Some(counts)
}

/// A clock of a policy.
type Clock<'r> = (&'r str, &'r str);

/// When each clock ends by the contract and in the new desk, and whether it is unknown that the policy is the ticket's.
fn ends<'r>(rows: &'r [Row<'r, '_>]) -> BTreeMap<Clock<'r>, ((Due, Due), bool)> {
    let end = |row: &Row<'_, '_>| (row.outcome.contract, row.outcome.after_event.due);
    rows.iter()
        .map(|row| ((row.policy.name, row.counted.clock.name.as_str()), (end(row), !row.depends.is_empty())))
        .collect()
}
