//! Open decisions that nothing else has told. Lowering meets most of them where it reads a value; that no `???` is ever taken for a
//! decision must not depend on its reading every word of every line.

use std::collections::{BTreeMap, BTreeSet};

use cutover_syntax::tree::{Item, TermKind};

use crate::context::Context;

/// Reports every `???` at which no error stands yet, and counts all of them.
pub fn lower(cx: &mut Context<'_>) {
    // Where errors begin, and where each finding about an open decision ends: one may be about several words.
    let mut begins = BTreeSet::new();
    let mut ends = BTreeMap::new();
    for found in cx.draft.diagnostics.iter().filter(|found| found.is_error()) {
        let Some(span) = found.span() else { continue };
        begins.insert((span.file, span.start));
        if found.code.starts_with("holes/") {
            let end = ends.entry((span.file, span.start)).or_insert(span.end);
            *end = span.end.max(*end);
        }
    }
    let mut all = 0u32;
    let mut open = Vec::new();
    for item in &cx.items {
        for (at, term) in item.terms.iter().enumerate().filter(|(_, term)| term.kind == TermKind::Hole) {
            all = all.saturating_add(1);
            let span = item.span(term.range);
            let place = (span.file, span.start);
            let within = ends.range(..=place).next_back();
            let told = begins.contains(&place)
                || within.is_some_and(|((file, _), end)| *file == span.file && span.end <= *end);
            if !told && cx.in_focus(item) {
                open.push((span, what(item, at)));
            }
        }
    }
    for (span, what) in open {
        cx.draft.hole(span, &what);
    }
    if cx.focus.is_none() {
        cx.draft.holes = all;
    }
}

/// What is open, by the word after which it stands.
fn what(item: &Item, at: usize) -> String {
    let before = item.terms.get(..at).unwrap_or_default();
    let word = before.iter().rev().find(|term| term.kind == TermKind::Word);
    match word.map(|word| item.slice(word.range)) {
        Some("because") => "the reason".to_owned(),
        Some(word) => format!("what stands after `{word}`"),
        None => "this".to_owned(),
    }
}
