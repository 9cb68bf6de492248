//! From a piece of text to the terms of an item and its raw lines.
//!
//! pest's types go no further than this file. Its pairs are dropped as soon as an item is lowered, since they take many times
//! the memory of the text.

use std::sync::Arc;

use cutover_diagnostics::{Diagnostic, FileId};
use cutover_grammar::{ItemParser, Pair, Pairs, Parser, Rule};

use crate::hygiene;
use crate::lines;
use crate::messages;
use crate::split::{Piece, split};
use crate::tree::{Item, ItemSource, Range, SourceFile, Term, TermKind};
use crate::value;

/// Brackets nested deeper than this are refused before parsing, so that every build of the program agrees on what is too deep.
pub const MAX_DEPTH: usize = 128;

/// Files larger than this are refused by whoever reads them. 4 MiB.
pub const MAX_FILE: usize = 4 * 1024 * 1024;

/// More findings than this about one file help nobody; reading goes on, reporting ends.
pub const MAX_FINDINGS: usize = 1_000;

/// Adds a finding, unless the one that is too many is there already.
pub(crate) fn report(diagnostics: &mut Vec<Diagnostic>, finding: Diagnostic) {
    if diagnostics.len() <= MAX_FINDINGS {
        diagnostics.push(finding);
    }
}

/// A stretch of terms between two separators.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) body: Option<RawBody>,
    /// Whether a newline ended it, so that the next segment may continue it.
    pub(crate) open_end: bool,
}

/// The segments between two braces.
#[derive(Debug)]
pub(crate) struct RawBody {
    pub(crate) segments: Vec<Segment>,
    pub(crate) open: Range,
    pub(crate) close: Option<Range>,
}

/// Parses a file. Never fails: mistakes are in the diagnostics, and what could be understood is in the tree.
#[must_use]
pub fn parse(file: FileId, text: &Arc<str>) -> (SourceFile, Vec<Diagnostic>) {
    let pieces = split(text);
    let mut items = Vec::with_capacity(pieces.len());
    let mut diagnostics = Vec::new();
    // Two threads for large files: items are independent of each other.
    let half = if text.len() > PARALLEL_FROM { pieces.len() / 2 } else { pieces.len() };
    let (first, second) = pieces.split_at(half);
    let run = |pieces: &[Piece]| -> Vec<(Item, Vec<Diagnostic>)> {
        pieces.iter().map(|piece| parse_item(file, text, *piece)).collect()
    };
    let (head, tail) = if second.is_empty() {
        (run(first), Vec::new())
    } else {
        std::thread::scope(|scope| {
            let tail = scope.spawn(|| run(second));
            let head = run(first);
            // A panic of the other thread would be a defect of the parser; its items are then parsed again here.
            (head, tail.join().unwrap_or_else(|_| run(second)))
        })
    };
    hygiene::check(file, text, &mut diagnostics);
    for (item, mut found) in head.into_iter().chain(tail) {
        items.push(item);
        let room = (MAX_FINDINGS + 1).saturating_sub(diagnostics.len());
        found.truncate(room);
        diagnostics.append(&mut found);
    }
    if diagnostics.len() > MAX_FINDINGS {
        diagnostics.truncate(MAX_FINDINGS);
        let last = diagnostics.pop();
        diagnostics.extend(last.map(messages::last_of_many));
    }
    (SourceFile { file, items }, diagnostics)
}

/// Below this many bytes a second thread costs more than it gives.
const PARALLEL_FROM: usize = 64 * 1024;

fn parse_item(file: FileId, text: &Arc<str>, piece: Piece) -> (Item, Vec<Diagnostic>) {
    let base = u32::try_from(piece.start).unwrap_or(u32::MAX);
    let len = u32::try_from(piece.end - piece.start).unwrap_or(u32::MAX);
    let mut item = Item {
        keyword: piece.keyword,
        lines: Vec::new(),
        terms: Vec::new(),
        comments: Vec::new(),
        source: ItemSource { file, text: Arc::clone(text), base, len },
    };
    let mut diagnostics = Vec::new();
    let slice = text.get(piece.start..piece.end).unwrap_or_default();
    if let Some(at) = too_deep(slice) {
        diagnostics.push(messages::too_deep(item.span(at)));
        return (item, diagnostics);
    }
    let segments = match ItemParser::parse(Rule::item, slice) {
        Ok(pairs) => {
            let mut lowering =
                Lowering { item: &mut item, diagnostics: &mut diagnostics, skip_until: 0, open_text: None };
            let inner = pairs.into_iter().next().map(Pair::into_inner);
            inner.map(|pairs| lowering.segments(pairs).0).unwrap_or_default()
        }
        // The grammar accepts every text, so that only a defect of the parser leads here; nothing may be lost silently even then.
        Err(_) => {
            diagnostics.push(messages::junk(&item, Range { start: 0, end: len }));
            Vec::new()
        }
    };
    lines::read(&mut item, segments, &mut diagnostics);
    (item, diagnostics)
}

/// Where brackets nest deeper than [`MAX_DEPTH`]. Strings and comments do not count.
fn too_deep(text: &str) -> Option<Range> {
    let mut depth = 0_usize;
    let mut parens = 0_usize;
    let mut in_string = false;
    let mut in_comment = false;
    let mut escaped = false;
    for (i, b) in text.bytes().enumerate() {
        match b {
            b'\n' | b'\r' => {
                (in_string, in_comment, escaped) = (false, false, false);
                parens = 0;
            }
            _ if in_comment => {}
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'#' => in_comment = true,
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'(' => parens += 1,
            b')' => parens = parens.saturating_sub(1),
            _ => {}
        }
        if depth + parens > MAX_DEPTH {
            let at = u32::try_from(i).unwrap_or(u32::MAX);
            return Some(Range { start: at, end: at + 1 });
        }
    }
    None
}

pub(crate) struct Lowering<'a> {
    pub(crate) item: &'a mut Item,
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
    /// Leaves that begin before this are part of something that was read as a whole.
    pub(crate) skip_until: u32,
    /// The end of the last text that was not closed.
    pub(crate) open_text: Option<u32>,
}

fn range(pair: &Pair<'_, Rule>) -> Range {
    let span = pair.as_span();
    Range {
        start: u32::try_from(span.start()).unwrap_or(u32::MAX),
        end: u32::try_from(span.end()).unwrap_or(u32::MAX),
    }
}

impl Lowering<'_> {
    /// The segments of an item or a body, and the closing brace.
    fn segments(&mut self, pairs: Pairs<'_, Rule>) -> (Vec<Segment>, Option<Range>) {
        let mut segments = Vec::new();
        let mut start = self.count();
        let mut close = None;
        for pair in pairs {
            let at = range(&pair);
            if at.start < self.skip_until
                && !matches!(pair.as_rule(), Rule::newline | Rule::body | Rule::r_brace)
            {
                continue;
            }
            match pair.as_rule() {
                Rule::word => self.word(at, start),
                Rule::string => self.text(at),
                Rule::numeric => self.numeric(at),
                Rule::comma => self.term(TermKind::Comma, at),
                Rule::arrow => self.term(TermKind::Arrow, at),
                Rule::open => self.term(TermKind::Open, at),
                Rule::close => self.term(TermKind::Close, at),
                Rule::hole => self.term(TermKind::Hole, at),
                Rule::sign => self.term(TermKind::Sign, at),
                Rule::comment => self.item.comments.push(at),
                Rule::newline | Rule::semicolon => {
                    self.finish(&mut segments, &mut start, pair.as_rule() == Rule::newline);
                }
                Rule::body => {
                    let end = self.count();
                    let body = self.body(pair);
                    segments.push(Segment { start, end, body: Some(body), open_end: false });
                    start = self.count();
                }
                Rule::r_brace => close = Some(at),
                Rule::EOI | Rule::l_brace | Rule::missing_brace => {}
                rule => self.error(rule, at, start),
            }
        }
        self.finish(&mut segments, &mut start, true);
        (segments, close)
    }

    fn body(&mut self, pair: Pair<'_, Rule>) -> RawBody {
        let open = range(&pair);
        let open = Range { start: open.start, end: open.start + 1 };
        let (segments, close) = self.segments(pair.into_inner());
        if close.is_none() {
            report(self.diagnostics, messages::missing_brace(self.item, open));
        }
        RawBody { segments, open, close }
    }

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.item.terms.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn term(&mut self, kind: TermKind, range: Range) {
        self.item.terms.push(Term { kind, range });
    }

    fn numeric(&mut self, at: Range) {
        if self.comma_in_number(at) {
            return;
        }
        if value::numeric(self.item.slice(at)) == value::ValueKind::Bad {
            report(self.diagnostics, messages::bad_number(self.item, at));
            self.term(TermKind::Error, at);
        } else {
            self.term(TermKind::Numeric, at);
        }
    }

    fn finish(&mut self, segments: &mut Vec<Segment>, start: &mut u32, open_end: bool) {
        let end = self.count();
        if *start < end {
            segments.push(Segment { start: *start, end, body: None, open_end });
        } else if !open_end && let Some(last) = segments.last_mut() {
            // A `;` at the end of a continued line ends it.
            last.open_end = false;
        }
        *start = end;
    }

    /// Reports a leaf that is not part of the language, and leaves a term that stands for what was meant.
    fn error(&mut self, rule: Rule, at: Range, segment: u32) {
        let (diagnostic, kind) = match rule {
            Rule::unterminated => return self.unterminated(at),
            Rule::junk => return self.junk(at, segment),
            Rule::unterminated_name => (messages::unterminated_name(self.item, at), TermKind::Error),
            Rule::smart_string => (messages::smart_quotes(self.item, at), TermKind::Text),
            Rule::single_string => (messages::single_quotes(self.item, at), TermKind::Text),
            Rule::other_arrow => (messages::other_arrow(self.item, at), TermKind::Arrow),
            // Like a blank, these leave no term.
            Rule::odd_blank => return report(self.diagnostics, messages::odd_blank(self.item, at)),
            Rule::stray_brace => return report(self.diagnostics, messages::stray_brace(self.item, at)),
            _ => (messages::junk(self.item, at), TermKind::Error),
        };
        report(self.diagnostics, diagnostic);
        self.term(kind, at);
    }
}
