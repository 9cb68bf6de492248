//! The tree of a spec: files hold items, items hold lines, lines hold terms and clauses.
//!
//! The tree cannot fail to exist: what the language does not know stands in it as [`TermKind::Error`] or as an item without
//! keyword. Positions are relative to their item, so that an item which did not change can be used again after an edit above it.

use std::sync::Arc;

use cutover_diagnostics::{FileId, Span};

use crate::keywords::{ClauseKw, ItemKw, StmtKw};

/// A parsed file.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The file.
    pub file: FileId,
    /// Items in order.
    pub items: Vec<Item>,
}

/// One item: from its keyword to the next item's.
#[derive(Clone, Debug)]
pub struct Item {
    /// The keyword; `None` for text that belongs to no item.
    pub keyword: Option<ItemKw>,
    /// The first line, with the body, then lines that belong to nothing.
    pub lines: Vec<Line>,
    /// All terms of the item in order.
    pub terms: Vec<Term>,
    /// Comments in order.
    pub comments: Vec<Range>,
    /// Where the item's text lies.
    pub source: ItemSource,
}

/// Where an item's text lies in its file.
#[derive(Clone, Debug)]
pub struct ItemSource {
    /// The file.
    pub file: FileId,
    /// The whole text of the file.
    pub text: Arc<str>,
    /// Byte offset of the item in the file.
    pub base: u32,
    /// Length of the item in bytes.
    pub len: u32,
}

/// A range of bytes of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// First byte.
    pub start: u32,
    /// First byte behind.
    pub end: u32,
}

impl Range {
    /// From the start of `self` to the end of `other`.
    #[must_use]
    pub fn to(self, other: Range) -> Range {
        Range { start: self.start, end: other.end.max(self.end) }
    }
}

/// A word, a literal or a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// What it is.
    pub kind: TermKind,
    /// Where.
    pub range: Range,
}

/// The kinds of terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermKind {
    /// A name or a keyword, perhaps with dots: `status`, `custom.region`.
    Word,
    /// A quoted text.
    Text,
    /// Anything that begins with a digit: a number, a percentage, a date, a time. [`crate::value`] reads it.
    Numeric,
    /// `->`
    Arrow,
    /// `,`
    Comma,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `???`
    Hole,
    /// `+` or `-` between a moment and a duration.
    Sign,
    /// Not part of the language; reported by the parser.
    Error,
}

/// Consecutive terms of an item: indexes into [`Item::terms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Index of the first term.
    pub start: u32,
    /// Index behind the last term.
    pub end: u32,
}

impl Terms {
    /// No terms.
    pub const NONE: Terms = Terms { start: 0, end: 0 };

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

/// A line with its continuations and body.
#[derive(Clone, Debug)]
pub struct Line {
    /// All terms of the line, without those of the body.
    pub terms: Terms,
    /// The statement keyword that begins the line, when its block has such statements.
    pub statement: Option<StmtKw>,
    /// What stands before the arrow and the clauses, without keyword.
    pub lead: Terms,
    /// What stands between the arrow and the clauses, in maps, translations and signatures.
    pub result: Option<Terms>,
    /// Clauses in the order in which they are written.
    pub clauses: Vec<Clause>,
    /// The body in braces.
    pub body: Option<Box<Body>>,
}

/// A clause of a line.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// The keyword.
    pub keyword: ClauseKw,
    /// Where the keyword stands.
    pub range: Range,
    /// What follows it.
    pub terms: Terms,
}

/// What stands between braces.
#[derive(Clone, Debug)]
pub struct Body {
    /// The lines.
    pub lines: Vec<Line>,
    /// The opening brace.
    pub open: Range,
    /// The closing brace; `None` when it is missing.
    pub close: Option<Range>,
}

impl Item {
    /// The text of a range.
    #[must_use]
    pub fn slice(&self, range: Range) -> &str {
        let base = self.source.base as usize;
        self.source.text.get(base + range.start as usize..base + range.end as usize).unwrap_or_default()
    }

    /// The text of a term as written.
    #[must_use]
    pub fn raw(&self, term: Term) -> &str {
        self.slice(term.range)
    }

    /// The terms of a span of indexes.
    #[must_use]
    pub fn get(&self, terms: Terms) -> &[Term] {
        self.terms.get(terms.start as usize..terms.end as usize).unwrap_or_default()
    }

    /// The range from the first to the last of these terms.
    #[must_use]
    pub fn range(&self, terms: Terms) -> Option<Range> {
        let terms = self.get(terms);
        Some(terms.first()?.range.to(terms.last()?.range))
    }

    /// The place of a range in its file.
    #[must_use]
    pub fn span(&self, range: Range) -> Span {
        Span {
            file: self.source.file,
            start: self.source.base + range.start,
            end: self.source.base + range.end,
        }
    }

    /// The place of these terms; when there are none, of the item's keyword.
    #[must_use]
    pub fn span_of(&self, terms: Terms) -> Span {
        self.range(terms).map_or_else(|| self.head_span(), |range| self.span(range))
    }

    /// The place of a whole line, without its body.
    #[must_use]
    pub fn line_span(&self, line: &Line) -> Span {
        self.span_of(line.terms)
    }

    /// The place of the item's keyword.
    #[must_use]
    pub fn head_span(&self) -> Span {
        let keyword = self.terms.first().map_or(Range { start: 0, end: 0 }, |t| t.range);
        let second = self.terms.get(1).map_or(keyword, |t| t.range);
        self.span(match self.keyword {
            Some(ItemKw::GoLive | ItemKw::ReadOnly) => keyword.to(second),
            _ => keyword,
        })
    }

    /// The first line.
    #[must_use]
    pub fn head(&self) -> Option<&Line> {
        self.lines.first()
    }

    /// The lines of the body.
    #[must_use]
    pub fn body_lines(&self) -> &[Line] {
        self.head().and_then(|head| head.body.as_ref()).map_or(&[], |body| &body.lines)
    }
}

impl Line {
    /// The first clause with this keyword.
    #[must_use]
    pub fn clause(&self, keyword: ClauseKw) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.keyword == keyword)
    }

    /// Whether a clause with this keyword stands in the line.
    #[must_use]
    pub fn has(&self, keyword: ClauseKw) -> bool {
        self.clause(keyword).is_some()
    }

    /// The lines of the body.
    #[must_use]
    pub fn body_lines(&self) -> &[Line] {
        self.body.as_ref().map_or(&[], |body| &body.lines)
    }
}
