//! Where a cursor stands in the grammar: what may be written there.

use cutover_syntax::construct::{
    BodyRule, ClauseRule, Construct, MemberRule, StatementRule, Takes, construct,
};
use cutover_syntax::keywords::{ItemKw, StmtKw};
use cutover_syntax::tree::{Body, Item, Line, Range, SourceFile, Term, TermKind};

/// A place in a file at which something may be written.
#[derive(Debug)]
pub(crate) struct Spot<'t> {
    /// The item; none between the items of a file.
    pub(crate) item: Option<&'t Item>,
    /// The bytes of the file that a completion replaces.
    pub(crate) replaces: (u32, u32),
    /// Whether the cursor stands in quotes: then only texts fit.
    pub(crate) quoted: bool,
    pub(crate) site: Site<'t>,
}

/// What may be written at a place.
#[derive(Debug)]
pub(crate) enum Site<'t> {
    /// An item.
    Top,
    /// A line of a body.
    Start {
        row: &'static Construct,
        statements: &'static [StatementRule],
        members: MemberRule,
        parent: &'t Line,
    },
    /// More of a line that has begun.
    Within(Within<'t>),
    /// Nothing that could be told.
    Nothing,
}

/// A line up to the cursor.
#[derive(Debug)]
pub(crate) struct Within<'t> {
    pub(crate) row: &'static Construct,
    /// The statement, in a body.
    pub(crate) statement: Option<StmtKw>,
    /// What a line without a statement is, in a body.
    pub(crate) members: MemberRule,
    pub(crate) line: &'t Line,
    /// The line whose body holds this one.
    pub(crate) parent: Option<&'t Line>,
    pub(crate) clauses: &'static [ClauseRule],
    pub(crate) part: Part,
    /// The terms of that part before the cursor.
    pub(crate) before: Vec<Term>,
    /// Whether a clause may begin here.
    pub(crate) complete: bool,
}

/// The parts of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Before arrow and clauses.
    Lead,
    /// Behind the arrow.
    Result,
    /// Behind a clause's keyword.
    Clause(ClauseRule),
}

/// The item that holds a byte of a file.
pub(crate) fn item_at(file: &SourceFile, at: u32) -> Option<&Item> {
    let behind = file.items.partition_point(|item| item.source.base <= at);
    file.items.get(behind.checked_sub(1)?)
}

/// The place at a byte of a file.
pub(crate) fn spot(file: &SourceFile, at: u32) -> Spot<'_> {
    let nowhere = Spot { item: None, replaces: (at, at), quoted: false, site: Site::Top };
    // A line that has just begun belongs to the item before it, as long as it is not read as one of its own.
    let Some(item) = item_at(file, at) else { return nowhere };
    let base = item.source.base;
    let cursor = at - base;
    let touched = item.terms.iter().position(|term| match term.kind {
        TermKind::Word | TermKind::Hole | TermKind::Numeric => {
            term.range.start <= cursor && cursor <= term.range.end
        }
        TermKind::Text | TermKind::Error => term.range.start < cursor && cursor <= term.range.end,
        _ => false,
    });
    let touched = touched.filter(|at| {
        // Behind a closed text something new begins.
        item.terms.get(*at).is_none_or(|term| {
            let raw = item.raw(*term);
            let closed = raw.len() > 1 && raw.ends_with('"') && term.range.end == cursor;
            !(matches!(term.kind, TermKind::Text) && closed)
        })
    });
    let current = touched.and_then(|at| item.terms.get(at)).copied();
    let start = current.map_or(cursor, |term| term.range.start);
    let end = current.map_or(cursor, |term| match touched.is_some_and(|at| unclosed(item, at)) {
        true => word_end(item, term.range, cursor),
        false => term.range.end,
    });
    let quoted = current.is_some_and(|term| item.raw(term).starts_with('"'));
    let find = Find { item, start, cursor, touched };
    let site = find.site();
    Spot { item: Some(item), replaces: (base + start, base + end), quoted, site }
}

/// Whether nobody has closed a quote of the line that begins with this text or ends in it: then the rest of the line is no part of the
/// text, though it reads so.
fn unclosed(item: &Item, at: usize) -> bool {
    let Some(first) = item.terms.get(at).filter(|term| item.raw(**term).starts_with('"')) else {
        return false;
    };
    let later = item.terms.get(at..).unwrap_or_default();
    // Of the quotes of a line, the one without a partner is read as the last one.
    let line = later.iter().take_while(|later| {
        !item.slice(Range { start: first.range.start, end: later.range.start }).contains(['\n', '\r'])
    });
    line.copied().any(|term| is_open(item.raw(term)))
}

/// Whether a term is a text whose other quote is missing.
pub(crate) fn is_open(raw: &str) -> bool {
    let Some(inner) = raw.strip_prefix('"') else { return false };
    let Some(inner) = inner.strip_suffix('"') else { return true };
    (inner.len() - inner.trim_end_matches('\\').len()) % 2 == 1
}

/// Where the word ends that a byte of a text stands in.
fn word_end(item: &Item, text: Range, cursor: u32) -> u32 {
    let rest = item.slice(Range { start: cursor, end: text.end });
    let word =
        rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | ';' | '}' | ',')).unwrap_or(rest.len());
    cursor + u32::try_from(word).unwrap_or(0)
}

struct Find<'t> {
    item: &'t Item,
    /// Where the word begins that the cursor is in.
    start: u32,
    cursor: u32,
    touched: Option<usize>,
}

impl<'t> Find<'t> {
    fn site(&self) -> Site<'t> {
        let (Some(row), Some(head)) = (self.item.keyword.and_then(construct), self.item.head()) else {
            return Site::Top;
        };
        let words = match row.keyword {
            ItemKw::GoLive | ItemKw::ReadOnly => 2,
            _ => 1,
        };
        if let Some(body) = head.body.as_deref().filter(|body| self.inside(body)) {
            return self.body(row, head, body, row.body);
        }
        if self.continues(head) {
            return self.within(row, None, MemberRule::None, head, None, row.clauses, words);
        }
        Site::Top
    }

    fn inside(&self, body: &Body) -> bool {
        body.open.end <= self.start && body.close.is_none_or(|close| self.cursor <= close.start)
    }

    fn body(&self, row: &'static Construct, parent: &'t Line, body: &'t Body, rule: BodyRule) -> Site<'t> {
        let BodyRule::Lines { statements, members, .. } = rule else { return Site::Nothing };
        let begins = |line: &&Line| {
            self.item.get(line.terms).first().is_some_and(|term| term.range.start < self.start)
        };
        let Some(line) = body.lines.iter().rev().find(begins) else {
            return Site::Start { row, statements, members, parent };
        };
        let statement = line.statement.and_then(|found| statements.iter().find(|rule| rule.keyword == found));
        if let Some(inner) = line.body.as_deref().filter(|inner| self.inside(inner)) {
            let rule = statement.map_or(BodyRule::None, |statement| statement.body);
            return self.body(row, line, inner, rule);
        }
        if !self.continues(line) {
            return Site::Start { row, statements, members, parent };
        }
        match statement {
            Some(rule) => self.within(row, Some(rule.keyword), members, line, Some(parent), rule.clauses, 1),
            None => self.within(row, None, members, line, Some(parent), members.clauses(), 0),
        }
    }

    /// Whether the cursor is in a line that has begun: nothing that ends a line stands between them.
    fn continues(&self, line: &Line) -> bool {
        if self.touched.is_some_and(|at| (line.terms.start as usize..line.terms.end as usize).contains(&at)) {
            return true;
        }
        let terms = self.item.get(line.terms);
        let Some(last) = terms.iter().rev().find(|term| term.range.end <= self.start) else { return false };
        let between = self.item.slice(Range { start: last.range.end, end: self.start });
        !between.contains(['\n', '\r', ';', '{', '}', '#'])
            && line.body.as_ref().is_none_or(|body| self.start <= body.open.start)
    }

    #[expect(clippy::too_many_arguments, reason = "all that a line is known by")]
    fn within(
        &self,
        row: &'static Construct,
        statement: Option<StmtKw>,
        members: MemberRule,
        line: &'t Line,
        parent: Option<&'t Line>,
        clauses: &'static [ClauseRule],
        words: usize,
    ) -> Site<'t> {
        let all: Vec<Term> =
            self.item.get(line.terms).iter().copied().filter(|term| term.range.end <= self.start).collect();
        let behind =
            |at: u32| all.iter().copied().filter(|term| term.range.start >= at).collect::<Vec<Term>>();
        let clause = line.clauses.iter().rfind(|clause| clause.range.end <= self.start);
        let rule = clause.and_then(|clause| clauses.iter().find(|rule| rule.keyword == clause.keyword));
        let arrow = all
            .iter()
            .find(|term| term.kind == TermKind::Arrow)
            .filter(|_| members.has_arrow() || row.keyword == ItemKw::Map);
        let (part, before) = match (clause, rule, arrow) {
            (Some(clause), Some(rule), _) => (Part::Clause(*rule), behind(clause.range.end)),
            (_, _, Some(arrow)) => (Part::Result, behind(arrow.range.end)),
            _ => (Part::Lead, all.get(words..).unwrap_or_default().to_vec()),
        };
        let nothing = matches!(part, Part::Clause(rule) if rule.takes == Takes::Nothing);
        let open = before
            .last()
            .is_none_or(|term| matches!(term.kind, TermKind::Comma | TermKind::Open | TermKind::Sign));
        let complete = nothing || !open || part == Part::Lead && statement.is_none() && parent.is_none();
        Site::Within(Within { row, statement, members, line, parent, clauses, part, before, complete })
    }
}
