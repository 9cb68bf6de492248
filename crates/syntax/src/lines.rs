//! From raw segments to lines: joins continuations, finds the statement keyword, and cuts a line into lead, result and clauses.

use cutover_diagnostics::Diagnostic;

use crate::construct::{self, BodyRule, ClauseRule, MemberRule, StatementRule, Takes};
use crate::keywords::{ClauseKw, ItemKw, StmtKw};
use crate::parse::{RawBody, Segment};
use crate::predicate::{self, keywords_at};
use crate::shape;
use crate::tree::{Body, Clause, Item, Line, Term, TermKind, Terms};

/// What may stand in a line, as far as reading it needs to know.
#[derive(Clone, Copy)]
struct Rules {
    clauses: &'static [ClauseRule],
    arrow: bool,
    body: BodyRule,
}

/// Turns the segments of an item into its lines, and reports what has the wrong shape.
pub(crate) fn read(item: &mut Item, mut segments: Vec<Segment>, diagnostics: &mut Vec<Diagnostic>) {
    let row = item.keyword.and_then(construct::construct);
    let rules = row.map_or(Rules { clauses: &[], arrow: true, body: BodyRule::None }, |row| Rules {
        clauses: row.clauses,
        arrow: row.keyword == ItemKw::Map,
        body: row.body,
    });
    join(item, &mut segments, |_| (rules.clauses, rules.arrow), |_| false);
    let mut lines = Vec::with_capacity(segments.len());
    let mut segments = segments.into_iter();
    if row.is_some()
        && let Some(head) = segments.next()
    {
        let keyword_words = match item.keyword {
            Some(ItemKw::GoLive | ItemKw::ReadOnly) => 2,
            _ => 1,
        };
        lines.push(read_line(item, head, rules, keyword_words));
    }
    // What follows the body belongs to nothing; shape reports it.
    for segment in segments {
        lines.push(read_line(item, segment, Rules { clauses: &[], arrow: true, body: BodyRule::None }, 0));
    }
    item.lines = lines;
    shape::check(item, row, diagnostics);
}

/// Joins each segment that begins with an arrow or a clause keyword to the one before it, when a newline parted them. Behind a
/// comma the rest of a list follows, if `listed` says so; that is a finding, but the list is read whole.
fn join(
    item: &Item,
    segments: &mut Vec<Segment>,
    clauses: impl Fn(&Segment) -> (&'static [ClauseRule], bool),
    listed: impl Fn(&Segment) -> bool,
) {
    segments.dedup_by(|segment, last| {
        let joins = last.open_end
            && last.body.is_none()
            && last.end == segment.start
            && ((may_continue(item, segment) && continues(item, segment, clauses(last)))
                || (ends_with_comma(item, last) && listed(segment)));
        if joins {
            last.end = segment.end;
            last.body = segment.body.take();
            last.open_end = segment.open_end;
        }
        joins
    });
}

/// Whether a segment may go on with some line, whatever the block: most begin with a word that is no keyword.
fn may_continue(item: &Item, segment: &Segment) -> bool {
    match item.get(Terms { start: segment.start, end: segment.end }).first() {
        Some(first) => first.kind == TermKind::Arrow || begins_clause(item, *first),
        None => true,
    }
}

/// Whether a term may be the first word of a clause keyword.
fn begins_clause(item: &Item, term: Term) -> bool {
    term.kind == TermKind::Word && ClauseKw::may_begin_with(item.raw(term))
}

fn ends_with_comma(item: &Item, segment: &Segment) -> bool {
    let terms = item.get(Terms { start: segment.start, end: segment.end });
    terms.last().is_some_and(|term| term.kind == TermKind::Comma)
}

fn continues(item: &Item, segment: &Segment, (clauses, arrow): (&'static [ClauseRule], bool)) -> bool {
    let terms = item.get(Terms { start: segment.start, end: segment.end });
    match terms.first() {
        // A body on a line of its own belongs to the line above.
        None => segment.body.is_some(),
        Some(first) if first.kind == TermKind::Arrow => true,
        // `owner -> assignee` is a row of its own.
        Some(_) => !(arrow && names_a_field(terms)) && clause_at(item, terms, clauses).is_some(),
    }
}

/// Whether a line begins with a single word and an arrow: then the word is a name, whatever it is spelled like.
fn names_a_field(terms: &[Term]) -> bool {
    matches!(terms, [word, arrow, ..] if word.kind == TermKind::Word && arrow.kind == TermKind::Arrow)
}

/// The clause that the terms begin with, and the number of its words. The longest keyword wins.
fn clause_at(
    item: &Item,
    terms: &[Term],
    clauses: &'static [ClauseRule],
) -> Option<(&'static ClauseRule, usize)> {
    let mut best: Option<(&ClauseRule, usize)> = None;
    for (keyword, words) in keywords_at(item, terms) {
        if best.is_none_or(|(_, length)| words > length)
            && let Some(rule) = clauses.iter().find(|rule| rule.keyword == keyword)
        {
            best = Some((rule, words));
        }
    }
    best
}

/// What a line goes on with.
enum Next {
    /// A clause, and the number of words of its keyword.
    Clause(&'static ClauseRule, usize),
    /// A composite keyword of another block, with its number of words.
    Foreign(usize),
    /// No clause.
    Value,
}

/// Like [`clause_at`], but a composite keyword of another block comes first: `signed by` where it does not belong is not a `by`.
fn next_at(item: &Item, terms: &[Term], clauses: &'static [ClauseRule]) -> Next {
    let mut best: Option<(&ClauseRule, usize)> = None;
    for (keyword, words) in keywords_at(item, terms) {
        match clauses.iter().find(|rule| rule.keyword == keyword) {
            Some(rule) if best.is_none_or(|(_, length)| words > length) => best = Some((rule, words)),
            None if words > 1 => return Next::Foreign(words),
            _ => {}
        }
    }
    best.map_or(Next::Value, |(rule, words)| Next::Clause(rule, words))
}

fn read_line(item: &Item, segment: Segment, rules: Rules, skip: usize) -> Line {
    let terms = Terms { start: segment.start, end: segment.end };
    let mut line =
        Line { terms, statement: None, lead: Terms::NONE, result: None, clauses: Vec::new(), body: None };
    cut(item, &mut line, rules, skip);
    line.body = segment.body.map(|raw| Box::new(read_body(item, *raw, rules.body)));
    line
}

/// Cuts the line into lead, result and clauses.
fn cut(item: &Item, line: &mut Line, rules: Rules, skip: usize) {
    let all = item.get(line.terms);
    let index = |i: usize| line.terms.start + u32::try_from(i).unwrap_or(u32::MAX);
    // `subject -> subject`, as most lines of most specs.
    if let ([_, _, _], true, 0) = (all, rules.arrow, skip)
        && names_a_field(all)
    {
        line.lead = Terms { start: index(0), end: index(1) };
        line.result = Some(Terms { start: index(2), end: index(3) });
        return;
    }
    let mut at = skip.min(all.len());
    // Where the current part begins, and whether it is behind the arrow.
    let mut part_start = at;
    let mut arrow: Option<usize> = None;
    let mut lead_end: Option<usize> = None;
    // The first term of a part is never a clause keyword, except at the very start of clauses.
    let mut may_be_clause = !(skip == 0 && rules.arrow && names_a_field(all));
    let mut depth = 0_usize;
    while let Some(term) = all.get(at) {
        match term.kind {
            TermKind::Open => depth += 1,
            TermKind::Close => depth = depth.saturating_sub(1),
            TermKind::Arrow if rules.arrow && arrow.is_none() && lead_end.is_none() => {
                arrow = Some(at);
                part_start = at + 1;
                may_be_clause = false;
                at += 1;
                continue;
            }
            _ => {}
        }
        let rest = all.get(at..).unwrap_or_default();
        may_be_clause = may_be_clause && depth == 0 && begins_clause(item, *term);
        let next = if may_be_clause { next_at(item, rest, rules.clauses) } else { Next::Value };
        if let Next::Foreign(words) = next {
            // Shape reports it.
            at += words;
            if lead_end.is_some()
                && let Some(clause) = line.clauses.last_mut()
            {
                clause.terms.end = index(at);
            }
            continue;
        }
        if let Next::Clause(rule, words) = next {
            if lead_end.is_none() {
                lead_end = Some(at);
            }
            let start = at + words;
            let last = all.get(start - 1).map_or(term.range, |t| t.range);
            let mut end = start;
            if rule.takes == Takes::Predicate {
                let (_, used) = predicate::read(item, all.get(start..).unwrap_or_default());
                end += used;
            } else if rule.takes != Takes::Nothing && start < all.len() {
                // The value's first term is a value, whatever it looks like, unless it is missing altogether.
                let behind = all.get(start..).unwrap_or_default();
                end += usize::from(clause_at(item, behind, rules.clauses).is_none());
            }
            line.clauses.push(Clause {
                keyword: rule.keyword,
                range: term.range.to(last),
                terms: Terms { start: index(start), end: index(end) },
            });
            at = end.max(start);
            let value = all.get(start..at).unwrap_or_default();
            depth = value.iter().filter(|t| t.kind == TermKind::Open).count();
            depth = depth.saturating_sub(value.iter().filter(|t| t.kind == TermKind::Close).count());
            continue;
        }
        // A term that is no clause belongs to the part that is open.
        if lead_end.is_some()
            && let Some(clause) = line.clauses.last_mut()
        {
            clause.terms.end = index(at + 1);
        }
        may_be_clause = term.kind != TermKind::Comma;
        at += 1;
    }
    let end = lead_end.unwrap_or(all.len());
    match arrow {
        Some(arrow) => {
            line.lead = Terms { start: index(skip.min(arrow)), end: index(arrow) };
            line.result = Some(Terms { start: index(part_start), end: index(end) });
        }
        None => line.lead = Terms { start: index(part_start), end: index(end) },
    }
}

fn read_body(item: &Item, raw: RawBody, rule: BodyRule) -> Body {
    let (statements, members): (&'static [StatementRule], MemberRule) = match rule {
        BodyRule::None => (&[], MemberRule::None),
        BodyRule::Lines { statements, members, .. } => (statements, members),
    };
    let find = |segment: &Segment| -> Option<&'static StatementRule> {
        let terms = item.get(Terms { start: segment.start, end: segment.end });
        let first = terms.first().filter(|first| first.kind == TermKind::Word)?;
        // `drop -> discarded` in a map is a row; shape reports the name.
        if members.has_arrow() && names_a_field(terms) {
            return None;
        }
        let word = item.raw(*first);
        if !StmtKw::may_begin_with(word) {
            return None;
        }
        // `source -> channel` in a map is a field, not a statement.
        statements.iter().find(|s| s.keyword.text() == word)
    };
    let mut segments = raw.segments;
    join(
        item,
        &mut segments,
        |segment| match find(segment) {
            Some(statement) => (statement.clauses, members.has_arrow()),
            None => (members.clauses(), members.has_arrow()),
        },
        |segment| matches!(members, MemberRule::None | MemberRule::Nouns(_)) && find(segment).is_none(),
    );
    let lines = segments
        .into_iter()
        .map(|segment| match find(&segment) {
            Some(statement) => {
                let rules = Rules { clauses: statement.clauses, arrow: false, body: statement.body };
                let mut line = read_line(item, segment, rules, 1);
                line.statement = Some(statement.keyword);
                line
            }
            None => {
                let rules =
                    Rules { clauses: members.clauses(), arrow: members.has_arrow(), body: BodyRule::None };
                read_line(item, segment, rules, 0)
            }
        })
        .collect();
    Body { lines, open: raw.open, close: raw.close }
}
