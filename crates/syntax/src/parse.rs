//! From a piece of text to the terms of an item and its raw lines.
//!
//! pest's types go no further than this file. Its pairs are dropped as soon as an item is lowered, since they take many times
//! the memory of the text.

use std::sync::Arc;

use cutover_diagnostics::{Diagnostic, FileId};
use cutover_grammar::{ItemParser, Parser, Rule, Token, Tokens};

use crate::hygiene;
use crate::lines;
use crate::messages;
use crate::split::{Piece, split};
use crate::terms::{self, Leaf};
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
    pub(crate) body: Option<Box<RawBody>>,
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
    let (items, found): (Vec<Item>, Vec<Vec<Diagnostic>>) =
        items(file, text, &split(text)).into_iter().unzip();
    let mut diagnostics = Vec::new();
    hygiene::check(file, text, &mut diagnostics);
    let diagnostics = gather(diagnostics, found);
    (SourceFile { file, items }, diagnostics)
}

/// Reads consecutive items of a text, with the findings of each.
pub(crate) fn items(file: FileId, text: &Arc<str>, pieces: &[Piece]) -> Vec<(Item, Vec<Diagnostic>)> {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return Vec::new() };
    // Two threads for long texts: items are independent of each other.
    let half = if last.end - first.start > PARALLEL_FROM {
        pieces.partition_point(|piece| piece.end - first.start <= (last.end - first.start) / 2)
    } else {
        pieces.len()
    };
    let (first, second) = pieces.split_at(half);
    let run = |pieces: &[Piece]| -> Vec<(Item, Vec<Diagnostic>)> {
        let mut scratch = Scratch::default();
        pieces.iter().map(|piece| parse_item(file, text, *piece, &mut scratch)).collect()
    };
    if first.is_empty() || second.is_empty() {
        return run(pieces);
    }
    std::thread::scope(|scope| {
        let tail = scope.spawn(|| run(second));
        let mut all = run(first);
        // A panic of the other thread would be a defect of the parser; its items are then parsed again here.
        all.extend(tail.join().unwrap_or_else(|_| run(second)));
        all
    })
}

/// More lines than this between two blocks that begin no block are no slips but a text that was meant for another place.
const MAX_RUN: usize = 20;

/// Puts the findings of a file together, as many as help anybody.
pub(crate) fn gather(
    mut diagnostics: Vec<Diagnostic>,
    found: impl IntoIterator<Item = Vec<Diagnostic>>,
) -> Vec<Diagnostic> {
    for mut found in found {
        cut_run(&mut found);
        let room = (MAX_FINDINGS + 1).saturating_sub(diagnostics.len());
        found.truncate(room);
        diagnostics.append(&mut found);
    }
    if diagnostics.len() > MAX_FINDINGS {
        diagnostics.truncate(MAX_FINDINGS);
        let last = diagnostics.pop();
        diagnostics.extend(last.map(messages::last_of_many));
    }
    diagnostics
}

/// Of many lines behind one block that begin no block, keeps what is found up to the last that may be a slip.
fn cut_run(found: &mut Vec<Diagnostic>) {
    let lost = |one: &Diagnostic| matches!(one.code, "syntax/unknown-item");
    let Some(last) = found.iter().filter(|one| lost(one)).nth(MAX_RUN - 1) else { return };
    let Some(end) = last.span().map(|span| span.start) else { return };
    let more = found.iter().filter(|one| lost(one)).count() - MAX_RUN;
    if more == 0 {
        return;
    }
    found.retain(|one| one.span().is_none_or(|span| span.start <= end));
    let Some(at) = found.iter().rposition(lost) else { return };
    let last = found.remove(at);
    found.insert(at, messages::last_of_run(last, more));
}

/// Below this many bytes a second thread costs more than it gives.
const PARALLEL_FROM: usize = 64 * 1024;

/// Room that is used again for each item, so that what stays is exactly as large as needed.
#[derive(Default)]
pub(crate) struct Scratch {
    terms: Vec<Term>,
    segments: Vec<Segment>,
}

fn parse_item(file: FileId, text: &Arc<str>, piece: Piece, scratch: &mut Scratch) -> (Item, Vec<Diagnostic>) {
    let base = u32::try_from(piece.start).unwrap_or(u32::MAX);
    let len = u32::try_from(piece.end - piece.start).unwrap_or(u32::MAX);
    let mut item = Item {
        keyword: piece.keyword,
        lines: Vec::new(),
        terms: std::mem::take(&mut scratch.terms),
        comments: Vec::new(),
        source: ItemSource { file, text: Arc::clone(text), base, len },
    };
    let mut diagnostics = Vec::new();
    let slice = text.get(piece.start..piece.end).unwrap_or_default();
    let Bytes { simple, brackets } = bytes(slice);
    if brackets > MAX_DEPTH
        && let Some(at) = too_deep(slice)
    {
        diagnostics.push(messages::too_deep(item.span(at)));
        return (item, diagnostics);
    }
    let segments = match ItemParser::parse(if simple { Rule::simple } else { Rule::item }, slice) {
        Ok(pairs) => {
            let mut lowering = Lowering {
                item: &mut item,
                diagnostics: &mut diagnostics,
                stack: &mut scratch.segments,
                skip_until: 0,
                open_text: None,
            };
            lowering.segments(&mut pairs.tokens(), slice, 0).0
        }
        // The grammar accepts every text, so that only a defect of the parser leads here; nothing may be lost silently even then.
        Err(_) => {
            diagnostics.push(messages::junk(&item, Range { start: 0, end: len }));
            Vec::new()
        }
    };
    let exact = item.terms.as_slice().to_vec();
    scratch.terms = std::mem::replace(&mut item.terms, exact);
    scratch.terms.clear();
    lines::read(&mut item, segments, &mut diagnostics);
    (item, diagnostics)
}

/// What a look at each byte of an item tells.
struct Bytes {
    /// Whether the grammar's `simple` item reads the text as its `item` does.
    simple: bool,
    /// The number of opening brackets, wherever they stand.
    brackets: usize,
}

/// Looks at each byte, without a branch, so that whole registers of them are looked at together.
fn bytes(text: &str) -> Bytes {
    let (mut odd, mut brackets) = (0_u8, 0_usize);
    for chunk in text.as_bytes().chunks(usize::from(u8::MAX)) {
        let mut few = 0_u8;
        for &b in chunk {
            let special =
                (b == b'#') | (b == b'`') | (b == b'\'') | (b == b'\\') | (b == b'\r') | !b.is_ascii();
            odd |= u8::from(special);
            few += u8::from((b == b'{') | (b == b'('));
        }
        brackets += usize::from(few);
    }
    Bytes { simple: odd == 0, brackets }
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
    /// The segments of all bodies that are open, the innermost last.
    stack: &'a mut Vec<Segment>,
    /// Leaves that begin before this are part of something that was read as a whole.
    pub(crate) skip_until: u32,
    /// The end of the last text that was not closed.
    pub(crate) open_text: Option<u32>,
}

/// An item or a body while it is read.
struct Reading {
    /// Where its segments begin on the stack.
    base: usize,
    /// Index of the first term of the segment that is open.
    start: u32,
}

impl Lowering<'_> {
    /// The segments of an item or of a body whose inside begins at `from`, where it ends, and the closing brace.
    fn segments(
        &mut self,
        tokens: &mut Tokens<'_, Rule>,
        text: &str,
        from: u32,
    ) -> (Vec<Segment>, u32, Option<Range>) {
        let mut reading = Reading { base: self.stack.len(), start: self.count() };
        // What lies before this is read.
        let mut at = from;
        let mut missing = false;
        let mut end = from;
        let mut closing = None;
        while let Some(token) = tokens.next() {
            match token {
                Token::Start { rule: Rule::item | Rule::simple | Rule::gap, .. }
                | Token::End { rule: Rule::EOI | Rule::gap, .. } => {}
                Token::Start { rule: Rule::EOI, pos } => {
                    self.plain(text, at, offset(pos.pos()), &mut reading);
                }
                Token::Start { rule: Rule::missing_brace, .. } => missing = true,
                Token::Start { rule: Rule::body | Rule::simple_body, pos } => {
                    let open = offset(pos.pos());
                    self.plain(text, at, open, &mut reading);
                    let end = self.count();
                    let (body, behind) = self.body(tokens, text, open);
                    let body = Some(Box::new(body));
                    self.stack.push(Segment { start: reading.start, end, body, open_end: false });
                    reading.start = self.count();
                    at = behind;
                }
                Token::Start { pos, .. } => {
                    let start = offset(pos.pos());
                    self.plain(text, at, start, &mut reading);
                    at = start;
                }
                Token::End {
                    rule: rule @ (Rule::body | Rule::simple_body | Rule::item | Rule::simple),
                    pos,
                } => {
                    end = offset(pos.pos());
                    if matches!(rule, Rule::body | Rule::simple_body) && !missing {
                        closing = Some(Range { start: end.saturating_sub(1), end });
                    }
                    break;
                }
                Token::End { rule: Rule::missing_brace, pos } => {
                    self.plain(text, at, offset(pos.pos()), &mut reading);
                }
                Token::End { rule, pos } => {
                    let end = offset(pos.pos());
                    self.leaf(rule, Range { start: at, end }, reading.start);
                    at = end;
                }
            }
        }
        if let Some(close) = closing {
            self.plain(text, at, close.start, &mut reading);
        }
        self.finish(&mut reading, true);
        (self.stack.split_off(reading.base), end, closing)
    }

    /// The body that opens at `open`, and where it ends.
    fn body(&mut self, tokens: &mut Tokens<'_, Rule>, text: &str, open: u32) -> (RawBody, u32) {
        let open = Range { start: open, end: open + 1 };
        let (segments, end, close) = self.segments(tokens, text, open.end);
        if close.is_none() {
            report(self.diagnostics, messages::missing_brace(self.item, open));
        }
        (RawBody { segments, open, close }, end)
    }

    /// Reads what lies between two leaves of the grammar.
    fn plain(&mut self, text: &str, from: u32, to: u32, reading: &mut Reading) {
        let text = text.get(..to as usize).unwrap_or_default();
        let mut next = from as usize;
        while let Some((leaf, start, end)) = terms::next(text, next) {
            next = end;
            let at = Range { start: offset(start), end: offset(end) };
            if at.start < self.skip_until && leaf != Leaf::Newline {
                continue;
            }
            match leaf {
                Leaf::Newline => self.finish(reading, true),
                Leaf::Semicolon => self.finish(reading, false),
                // Few words need a second look.
                Leaf::Term(TermKind::Word)
                    if matches!(text.as_bytes().get(start), Some(b'T' | b'F' | b'X')) =>
                {
                    self.word(at, reading.start);
                }
                Leaf::Term(TermKind::Numeric) => self.numeric(at),
                Leaf::Term(kind) => self.term(kind, at),
                // Like a blank, these leave no term.
                Leaf::OddBlank => report(self.diagnostics, messages::odd_blank(self.item, at)),
                Leaf::OtherArrow => {
                    report(self.diagnostics, messages::other_arrow(self.item, at));
                    self.term(TermKind::Arrow, at);
                }
                Leaf::Junk => self.junk(at, reading.start),
            }
        }
    }

    /// Reads a leaf of the grammar; `segment` is the index of the first term of its line. One that is not part of the language is
    /// reported, and leaves a term that stands for what was meant.
    fn leaf(&mut self, rule: Rule, at: Range, segment: u32) {
        if at.start < self.skip_until {
            return;
        }
        let (diagnostic, kind) = match rule {
            Rule::string | Rule::simple_string => return self.text(at),
            Rule::comment => return self.item.comments.push(at),
            Rule::unterminated => return self.unterminated(at),
            Rule::unterminated_name => (messages::unterminated_name(self.item, at), TermKind::Error),
            Rule::smart_string => (messages::smart_quotes(self.item, at), TermKind::Text),
            Rule::single_string => (messages::single_quotes(self.item, at), TermKind::Text),
            Rule::stray_brace => return report(self.diagnostics, messages::stray_brace(self.item, at)),
            _ => return self.junk(at, segment),
        };
        report(self.diagnostics, diagnostic);
        self.term(kind, at);
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

    /// Ends the segment that is open.
    fn finish(&mut self, reading: &mut Reading, open_end: bool) {
        let end = self.count();
        if reading.start < end {
            self.stack.push(Segment { start: reading.start, end, body: None, open_end });
        } else if !open_end && let Some(last) = self.stack.get_mut(reading.base..).and_then(<[_]>::last_mut) {
            // A `;` at the end of a continued line ends it.
            last.open_end = false;
        }
        reading.start = end;
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
