//! The order of clauses in a line, and which of them hold together.

use cutover_syntax::keywords::{ClauseKw as C, StmtKw as S};
use cutover_syntax::tree::Clause;

/// Pairs of clauses that are one phrase when they stand side by side: `from 2026-10-01 to 2026-10-31`. The second goes where the
/// first goes, and one blank parts them.
const RIDERS: &[(C, C)] = &[
    (C::Access, C::Within),
    (C::Available, C::To),
    (C::ChunkedBy, C::Of),
    (C::Else, C::Inherit),
    (C::Else, C::Recalculate),
    (C::Else, C::Suspend),
    (C::Every, C::For),
    (C::From, C::To),
    (C::Inherit, C::From),
    (C::Recalculate, C::From),
    (C::Suspend, C::Until),
    (C::Then, C::Inherit),
    (C::Then, C::Recalculate),
    (C::Then, C::Suspend),
    (C::To, C::In),
    (C::To, C::Within),
    (C::Until, C::Then),
    (C::WhenMissing, C::By),
];

/// Statements whose first clause reads on from what stands before it: `downtime at most 8 hours`.
const READ_ON: &[(S, C)] = &[
    (S::Break, C::To),
    (S::Defects, C::To),
    (S::Downtime, C::AtMost),
    (S::Include, C::EachOf),
    (S::Open, C::To),
    (S::Pace, C::AtMost),
    (S::Remaining, C::By),
    (S::Special, C::To),
    (S::Stable, C::After),
    (S::Undo, C::Before),
    (S::Window, C::To),
];

/// Whether `second` belongs to `first`, right before it.
pub(crate) fn rides(first: C, second: C) -> bool {
    RIDERS.contains(&(first, second))
}

/// Whether a clause reads on from the lead of its statement.
pub(crate) fn reads_on(statement: Option<S>, clause: C) -> bool {
    statement.is_some_and(|statement| READ_ON.contains(&(statement, clause)))
}

/// The clauses of a line in the order of the language, as indexes: phrases by the keyword they begin with, equal ones as written.
pub(crate) fn canonical(clauses: &[Clause]) -> Vec<usize> {
    let mut phrases: Vec<(C, std::ops::Range<usize>)> = Vec::with_capacity(clauses.len());
    let mut last: Option<C> = None;
    for (at, clause) in clauses.iter().enumerate() {
        match (last, phrases.last_mut()) {
            (Some(before), Some((_, phrase))) if rides(before, clause.keyword) => phrase.end = at + 1,
            _ => phrases.push((clause.keyword, at..at + 1)),
        }
        last = Some(clause.keyword);
    }
    phrases.sort_by_key(|(keyword, _)| *keyword);
    phrases.into_iter().flat_map(|(_, phrase)| phrase).collect()
}
