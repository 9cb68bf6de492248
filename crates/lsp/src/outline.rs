//! The outline of a file, and what of it can be folded.

use cutover_syntax::keywords::ItemKw;
use cutover_syntax::tree::{Body, Item, Line, SourceFile, TermKind};
use lsp_types::{DocumentSymbol, FoldingRange, FoldingRangeKind, SymbolKind};

use crate::text::Text;
use crate::words;

/// Items, and in them the lines that have a name.
pub(crate) fn outline(file: &SourceFile, text: &Text) -> Vec<DocumentSymbol> {
    file.items.iter().filter_map(|item| symbol(item, text)).collect()
}

fn symbol(item: &Item, text: &Text) -> Option<DocumentSymbol> {
    let (name, detail) = words::item(item)?;
    let head = item.head()?;
    let start = item.head_span().start;
    let base = item.source.base;
    let last = head.body.as_ref().and_then(|body| body.close).map(|close| close.end);
    let last = last.or_else(|| item.terms.last().map(|term| term.range.end));
    let end = base + last.unwrap_or(0);
    let children = match item.keyword {
        Some(ItemKw::Team | ItemKw::Test | ItemKw::Rollback | ItemKw::Sla) => lines(item, text),
        _ => Vec::new(),
    };
    #[expect(deprecated, reason = "the type has the field")]
    Some(DocumentSymbol {
        name,
        detail: (!detail.is_empty()).then_some(detail),
        kind: kind(item.keyword?),
        tags: None,
        deprecated: None,
        range: text.range(start, end.max(start)),
        selection_range: text.range(start, item.head_span().end),
        children: (!children.is_empty()).then_some(children),
    })
}

fn lines(item: &Item, text: &Text) -> Vec<DocumentSymbol> {
    let line = |line: &Line| {
        let terms = item.get(line.terms);
        let words = terms.iter().take_while(|term| term.kind == TermKind::Word).take(2);
        let name = words.map(|term| item.raw(*term)).collect::<Vec<&str>>().join(" ");
        let name = if item.keyword == Some(ItemKw::Team) {
            name.split(' ').next().unwrap_or_default().to_owned()
        } else {
            name
        };
        let detail = terms
            .iter()
            .find(|term| term.kind == TermKind::Text)
            .map(|term| item.raw(*term).trim_matches('"').to_owned());
        let span = item.line_span(line);
        let end = line
            .body
            .as_ref()
            .and_then(|body| body.close)
            .map_or(span.end, |close| item.source.base + close.end);
        let kind = if item.keyword == Some(ItemKw::Team) { SymbolKind::VARIABLE } else { SymbolKind::FIELD };
        #[expect(deprecated, reason = "the type has the field")]
        let symbol = DocumentSymbol {
            name,
            detail,
            kind,
            tags: None,
            deprecated: None,
            range: text.range(span.start, end.max(span.end)),
            selection_range: text.range(span.start, span.end),
            children: None,
        };
        (!symbol.name.is_empty()).then_some(symbol)
    };
    item.body_lines().iter().filter_map(line).collect()
}

fn kind(keyword: ItemKw) -> SymbolKind {
    match keyword {
        ItemKw::Edition | ItemKw::Use => SymbolKind::MODULE,
        ItemKw::Migration => SymbolKind::NAMESPACE,
        ItemKw::Team => SymbolKind::CLASS,
        ItemKw::Map | ItemKw::Translate => SymbolKind::FUNCTION,
        ItemKw::Test => SymbolKind::METHOD,
        ItemKw::Calendar | ItemKw::Sla | ItemKw::Escalation => SymbolKind::INTERFACE,
        ItemKw::Wave | ItemKw::GoLive | ItemKw::Rollback | ItemKw::Hypercare => SymbolKind::EVENT,
        _ => SymbolKind::OBJECT,
    }
}

/// Bodies over several lines, and comments over several lines.
pub(crate) fn folds(file: &SourceFile, text: &Text) -> Vec<FoldingRange> {
    let mut found = Vec::new();
    for item in &file.items {
        for line in &item.lines {
            bodies(item, line, text, &mut found);
        }
        comments(item, text, &mut found);
    }
    found.sort_by_key(|fold| (fold.start_line, fold.end_line));
    found
}

fn bodies(item: &Item, line: &Line, text: &Text, found: &mut Vec<FoldingRange>) {
    let Some(body) = line.body.as_deref() else { return };
    let Body { lines, open, close } = body;
    let base = item.source.base;
    let end = close.map(|close| close.start).or_else(|| item.terms.last().map(|term| term.range.end));
    if let Some(end) = end {
        push(text, base + open.start, base + end, None, found);
    }
    for line in lines {
        bodies(item, line, text, found);
    }
}

/// Comments on lines that follow each other.
fn comments(item: &Item, text: &Text, found: &mut Vec<FoldingRange>) {
    let base = item.source.base;
    let mut open: Option<(u32, u32)> = None;
    for comment in &item.comments {
        let (start, end) = (base + comment.start, base + comment.end);
        let place = text.position(start);
        let alone = text.text().get(text.offset(lsp_types::Position::new(place.line, 0))..start as usize);
        let alone = alone.is_some_and(|before| before.trim().is_empty());
        open = match open {
            Some((first, last)) if alone && text.position(last).line + 1 == place.line => Some((first, end)),
            other => {
                if let Some((first, last)) = other {
                    push(text, first, last, Some(FoldingRangeKind::Comment), found);
                }
                alone.then_some((start, end))
            }
        };
    }
    if let Some((first, last)) = open {
        push(text, first, last, Some(FoldingRangeKind::Comment), found);
    }
}

fn push(text: &Text, start: u32, end: u32, kind: Option<FoldingRangeKind>, found: &mut Vec<FoldingRange>) {
    let (start_line, end_line) = (text.position(start).line, text.position(end).line);
    if start_line < end_line {
        found.push(FoldingRange { start_line, end_line, kind, ..FoldingRange::default() });
    }
}
