//! The blanks between the terms of a line.

use cutover_syntax::tree::{Item, Term, TermKind, Terms};
use cutover_syntax::value::{self, ValueKind};

/// Terms as they are written: one blank between words, none inside of parentheses and before a comma.
pub(crate) fn written(item: &Item, terms: Terms) -> String {
    let terms = item.get(terms);
    let mut out = String::new();
    for (at, term) in terms.iter().enumerate() {
        if at > 0 && blank_before(item, terms, at) {
            out.push(' ');
        }
        out.push_str(item.raw(*term));
    }
    out
}

fn blank_before(item: &Item, terms: &[Term], at: usize) -> bool {
    let (Some(before), Some(term)) = (at.checked_sub(1).and_then(|i| terms.get(i)), terms.get(at)) else {
        return false;
    };
    match (before.kind, term.kind) {
        (_, TermKind::Comma | TermKind::Close) | (TermKind::Open, _) => false,
        // `lower(email)` is a call, `of (where ...)` is not.
        (TermKind::Word, TermKind::Open) | (TermKind::Sign, TermKind::Numeric) => !holds(item, terms, at),
        _ => true,
    }
}

/// Whether a term is written without a blank behind the one before it, where that means something: a call, a number below zero.
pub(crate) fn holds(item: &Item, terms: &[Term], at: usize) -> bool {
    let (Some(before), Some(term)) = (at.checked_sub(1).and_then(|i| terms.get(i)), terms.get(at)) else {
        return false;
    };
    let touching = before.range.end == term.range.start;
    match (before.kind, term.kind) {
        (TermKind::Word, TermKind::Open) => touching,
        (TermKind::Sign, TermKind::Numeric) => touching && !in_moment(item, terms, at),
        _ => false,
    }
}

/// Whether the number at `at` is that of `window - 14 days`, where blanks mean nothing.
fn in_moment(item: &Item, terms: &[Term], at: usize) -> bool {
    let Some(from) = at.checked_sub(2).and_then(|from| terms.get(from..)) else { return false };
    matches!(value::read(item, from), Some((value, _)) if matches!(value.kind, ValueKind::Moment { .. }))
}
