//! What may be said once is said once: the second time contradicts the first, or is forgotten work.

use cutover_diagnostics::Diagnostic;
use cutover_syntax::construct::construct;
use cutover_syntax::keywords::{ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, TermKind};
use rustc_hash::FxHashMap;

use crate::context::Context;

/// What makes two statements of one block the same one.
#[derive(Clone, Copy)]
enum Same {
    /// That both begin with the keyword.
    Keyword,
    /// That both are about the same: `pace source`, `sample 200 tickets`.
    Words,
}

/// Statements that stand once in their block. Those that the lowering of a block reads through `checks::once` are not among them.
const STATEMENTS: &[(ItemKw, StmtKw, Same)] = &[
    (ItemKw::Migration, StmtKw::Pace, Same::Words),
    (ItemKw::Migration, StmtKw::Table, Same::Words),
    (ItemKw::Backup, StmtKw::Restore, Same::Words),
    (ItemKw::Export, StmtKw::Sample, Same::Words),
    (ItemKw::Rehearse, StmtKw::Sample, Same::Words),
    (ItemKw::Map, StmtKw::Remaining, Same::Keyword),
    (ItemKw::Test, StmtKw::Given, Same::Words),
    (ItemKw::GoLive, StmtKw::Hold, Same::Keyword),
    (ItemKw::GoLive, StmtKw::Drain, Same::Keyword),
];

/// Compares items, then the statements of each.
pub(super) fn check(cx: &mut Context<'_>) {
    items(cx);
    renamed(cx);
    let mut twice = Vec::new();
    for (keyword, statement, same) in STATEMENTS {
        for item in cx.of(*keyword) {
            let mut first: FxHashMap<String, &Line> = FxHashMap::default();
            for line in item.body_lines().iter().filter(|line| line.statement == Some(*statement)) {
                let about = match same {
                    Same::Keyword => String::new(),
                    Same::Words => words(item, line),
                };
                if let Some(known) = first.get(&about) {
                    twice.push((item, *statement, line, *known));
                } else {
                    first.insert(about, line);
                }
            }
        }
    }
    for (item, statement, second, first) in twice {
        cx.push(
            Diagnostic::error("names/stands-once#line", "this block says a thing twice")
                .primary(item.line_span(second), format!("a second `{statement}` about the same"))
                .secondary(item.line_span(first), "the first one")
                .help("keep one of them"),
        );
    }
}

/// What was renamed is no longer there.
fn renamed(cx: &mut Context<'_>) {
    let items = &cx.draft.plan.items;
    let both = items.iter().filter_map(|(id, item)| Some((id, item.was.as_ref()?)));
    let both: Vec<_> = both.filter(|(_, was)| items.contains_key(*was)).collect();
    let mut found = Vec::new();
    for (id, was) in both {
        let (Some(at), Some(there)) = (cx.draft.places.get(id), cx.draft.places.get(was)) else { continue };
        found.push(
            Diagnostic::error("names/was", "an item keeps what was said of an item that is still there")
                .primary(*at, format!("this was `{was}`"))
                .secondary(*there, "and this is still called so")
                .help("rename only one of them, or remove `was`: a signature belongs to one item"),
        );
    }
    for diagnostic in found {
        cx.push(diagnostic);
    }
}

/// What a statement is about: its words, without numbers and texts.
fn words(item: &Item, line: &Line) -> String {
    let words = item.get(line.lead).iter().filter(|term| term.kind == TermKind::Word);
    words.map(|word| item.raw(*word)).collect::<Vec<_>>().join(" ")
}

/// Items that may stand once stand once.
fn items(cx: &mut Context<'_>) {
    for keyword in ItemKw::ALL {
        // Each file has its own edition.
        let alone = construct(*keyword).is_some_and(|row| !row.many);
        if !alone && *keyword != ItemKw::Edition {
            continue;
        }
        let mut first: Vec<&Item> = Vec::new();
        let mut twice = Vec::new();
        for item in cx.of(*keyword) {
            let same = |known: &&&Item| *keyword != ItemKw::Edition || known.source.file == item.source.file;
            match first.iter().find(same) {
                Some(known) => twice.push((item.head_span(), known.head_span())),
                None => first.push(item),
            }
        }
        for (second, first) in twice {
            cx.push(
                Diagnostic::error("names/stands-once", "this block stands twice")
                    .primary(second, format!("a second `{keyword}`"))
                    .secondary(first, "the first one")
                    .help("join the two"),
            );
        }
    }
}
