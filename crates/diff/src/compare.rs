//! Comparing two plans: a table of contents.

mod after;
mod context;
mod data;
mod examples;
mod item;
mod maps;
mod night;
mod people;
mod proof;
mod registers;
mod scope;
mod sla;
mod stages;
mod whole;

use crate::{Counts, Diff, Side};
use context::Context;

/// Compares two plans by meaning. A plan compared with itself gives nothing.
///
/// Items are paired by id, or by the id that an item says it had. Takes time in proportion to the size of both plans, but for sorting.
#[must_use]
pub fn compare(old: Side<'_>, new: Side<'_>, counts: &Counts) -> Diff {
    let mut cx = Context::new(old, new, counts);
    whole::compare(&mut cx);
    people::compare(&mut cx);
    let pairs = item::pairs(&mut cx);
    scope::compare(&mut cx, &pairs);
    for pair in &pairs {
        item::compare(&mut cx, pair);
    }
    registers::compare(&mut cx);
    stages::compare(&mut cx, &pairs);
    let mut changes = cx.changes;
    changes.sort_by(|a, b| {
        (a.rank(), &a.id, &a.part, &a.before, &a.after).cmp(&(b.rank(), &b.id, &b.part, &b.before, &b.after))
    });
    changes.dedup();
    Diff { changes }
}
