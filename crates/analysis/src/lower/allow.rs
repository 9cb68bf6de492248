//! `allow`: findings that do not speak, until when and why.

use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::Id;
use cutover_ir::time::Date;
use cutover_plan::model::Suppression;
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::tree::{Clause, Item, TermKind};

use crate::context::{Context, name_of};
use crate::lower::checks;
use crate::read::{common, list, moment};

/// A finding that the spec silences. It is applied when all findings are known: [`crate::rules::allowed::apply`].
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The finding's code: `scope/over-import`.
    pub code: String,
    /// Where the code stands.
    pub span: Span,
    /// The whole of it, with the end of its line when nothing else stands there.
    pub whole: Span,
    /// The item in which it is silenced; none is everywhere.
    pub on: Option<Span>,
    /// The last day on which it is silenced.
    pub until: Option<Date>,
}

/// Lowers `allow`.
pub fn lower(cx: &mut Context<'_>) {
    for item in cx.of(ItemKw::Allow).collect::<Vec<_>>() {
        allow(cx, item);
    }
}

fn allow(cx: &mut Context<'_>, item: &Item) {
    let Some(head) = item.head() else { return };
    let Some((term, rest)) = item.get(head.lead).split_first() else { return };
    let (term, span) = (*term, item.span(term.range));
    checks::nothing_more(cx, item, rest);
    if term.kind == TermKind::Hole {
        cx.draft.hole(span, "which finding is silenced");
        return;
    }
    let code = common::text(item, term).into_owned();
    if term.kind != TermKind::Text || !is_code(&code) {
        cx.push(
            Diagnostic::error("allow/code", "this is not the code of a finding")
                .primary(span, "a code in quotes is expected: its family, `/` and its name")
                .help("each finding shows its code: `allow \"scope/over-import\" because \"...\"`"),
        );
        return;
    }
    let until = head.clause(ClauseKw::Until).and_then(|clause| moment::date(cx, item, clause.terms));
    let on = match head.clause(ClauseKw::On) {
        None => None,
        Some(clause) => match target(cx, item, clause) {
            Some(found) => Some(found),
            None => return,
        },
    };
    let mut id = Id::new(["allow", &code]);
    if let Some((at, _)) = &on {
        id = id.child(at.as_str());
    }
    let because = common::text_clause(item, head, ClauseKw::Because).unwrap_or_default();
    if let Some(first) = cx.draft.places.get(&id).copied() {
        cx.push(
            Diagnostic::error("names/duplicate#allow", "one finding is silenced twice")
                .primary(span, "the second time")
                .secondary(first, "the first time")
                .help("keep one of them"),
        );
        return;
    }
    cx.draft.place(id.clone(), span);
    let at = on.as_ref().map(|(at, _)| at.clone());
    cx.draft.plan.suppressions.insert(id, Suppression { code: code.clone(), at, until, because });
    let whole = whole(item, item.line_span(head));
    cx.draft.allowed.push(Allowed { code, span, whole, on: on.map(|(_, span)| span), until });
}

/// A line of an item with its end, when nothing else stands behind it.
fn whole(item: &Item, line: Span) -> Span {
    let behind = item.source.text.get(line.end as usize..).unwrap_or_default();
    let rest = behind.trim_start_matches([' ', '\t']);
    let ending = ["\r\n", "\n", "\r"].into_iter().find(|ending| rest.starts_with(ending));
    let skipped = ending.map_or(0, |ending| behind.len() - rest.len() + ending.len());
    Span { end: line.end.saturating_add(u32::try_from(skipped).unwrap_or(0)), ..line }
}

/// `family/name`, both in small letters with hyphens.
fn is_code(text: &str) -> bool {
    let word = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.split_once('/').is_some_and(|(family, name)| word(family) && word(name))
}

/// The item behind `on`, by its keyword and name: `on map ticket`, `on scope`.
fn target(cx: &mut Context<'_>, item: &Item, clause: &Clause) -> Option<(Id, Span)> {
    let terms = item.get(clause.terms).to_vec();
    let words = list::joined(item, &terms);
    let found = ItemKw::ALL.iter().find_map(|keyword| {
        let name = words.strip_prefix(keyword.text())?;
        if !name.is_empty() && !name.starts_with(' ') {
            return None;
        }
        let name = name.trim_start();
        let mut items = cx.of(*keyword);
        items
            .find(|item| name.is_empty() || name_of(item).is_some_and(|(own, _)| own == name))
            .map(|item| (*keyword, name.to_owned(), item))
    });
    let Some((keyword, name, on)) = found else {
        let span = list::span_of(item, &terms).unwrap_or_else(|| item.span(clause.range));
        cx.push(
            Diagnostic::error("allow/where", "no item of the spec is called this")
                .primary(span, "the keyword of an item and its name are expected")
                .help("write `on criterion lost`, `on map ticket` or `on scope`"),
        );
        return None;
    };
    let base = Id::new([keyword.text().replace(' ', "_").as_str()]);
    let id = if name.is_empty() { base } else { base.child(&name) };
    let (file, start) = (on.source.file, on.source.base);
    Some((id, Span { file, start, end: start + on.source.len }))
}
